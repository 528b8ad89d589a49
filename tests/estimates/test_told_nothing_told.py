"""Telling nothing leaves every estimate as it was, whatever the plan."""

from datetime import date
from typing import Any

import pytest

from estimator.engine.answer import Estimate
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked

TODAY = date(2026, 11, 23)
SERVICES = [{"code": "97110", "minutes": 30}, {"code": "20561"}]
PLANS = (
    "template-employer-ppo",
    "template-marketplace-silver",
    "example-unknowns",
    "original-medicare-2026",
    "tricare-prime-2026",
    "self-pay",
)


def estimated(plan: str, **more: Any) -> Estimate:
    """Estimate eight visits in Seattle."""
    course = {"first_day": "2026-03-02", "visits": 8, "each_visit": SERVICES}
    asked = read_request({"plan": plan, "zip": "98101", "course": course, **more}, TODAY)
    return estimate_asked(asked)[0]


@pytest.mark.parametrize("plan", PLANS)
def test_no_call_is_no_change(plan):
    """An empty list of calls is the same as none."""
    assert estimated(plan) == estimated(plan, told=[])


@pytest.mark.parametrize("plan", PLANS)
def test_a_call_in_which_nobody_could_say_anything_changes_no_amount(plan):
    """Every question of the plan is asked in vain: amounts, questions and conditions stay."""
    before = estimated(plan)
    asked = ("payable", "code-valid", "authorization-needed")
    vain = [{"asks": each, "subject": "20561", "answer": "could-not-say"} for each in asked]
    after = estimated(plan, told={"on": "2026-03-01", "answers": vain})

    assert (before.low, before.typical, before.high) == (after.low, after.typical, after.high)
    assert (before.questions, before.conditions) == (after.questions, after.conditions)
