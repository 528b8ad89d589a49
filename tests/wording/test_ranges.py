"""A visit's own figure lies within its printed range, whichever of the three runs owes most there."""

from itertools import product
from typing import Any

import pytest

from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.wording.answer import answer_of
from tests.plans.sample import AS_OF

SHARES = (
    {"coinsurance": "20%", "deductible": "applies"},
    {"copay": "40.00", "deductible": "applies"},
    {"copay": "15.00", "coinsurance": "10%", "deductible": "after-copay"},
)
PAID = ("0.00", "310.00", "745.00")
CASES = list(product(SHARES, PAID))


def asked(share: dict[str, str], paid: str) -> tuple[Estimate, dict[str, Any]]:
    """Estimate ten visits at regional prices under a plan with a deductible and a low maximum."""
    plan = {
        "networks": {"in-network": {"deductible": {"person": "1000.00"}, "out_of_pocket_max": {"person": "1200.00"}}},
        "benefits": {
            "therapy": {"services": ["pt-evaluation", "pt-timed"], "cost_share": {"in-network": share}},
        },
    }
    services = [{"code": "97110", "minutes": 30}, {"code": "97140", "minutes": 15}]
    course = {"first_day": "2026-03-02", "visits": 10, "each_visit": services}
    used = {"deductible_paid": paid, "out_of_pocket_paid": paid}
    request = {"plan": plan, "zip": "98101", "course": course, "used": used}
    estimate, chosen = estimate_asked(read_request(request, AS_OF))
    return estimate, answer_of(estimate, chosen, {})


def within(low: Money, typical: Money, high: Money) -> bool:
    """Tell whether three amounts stand in order."""
    return low <= typical <= high


@pytest.mark.parametrize(("share", "paid"), CASES)
def test_the_typical_figure_lies_within_every_range(share: dict[str, str], paid: str) -> None:
    """Of a visit, of the sum up to it, and of the price of a line."""
    _, answer = asked(share, paid)

    for visit in answer.visits:
        assert within(visit.range.low, visit.patient_owes, visit.range.high)
        assert within(*visit.cumulative)
        for line in visit.lines:
            assert within(line.allowed_range.low, line.allowed, line.allowed_range.high)
    assert answer.visits[-1].cumulative == answer.patient_owes


def test_the_low_run_does_owe_more_at_some_visit() -> None:
    """At low prices the deductible lasts longer: without such a visit the test above would test nothing."""
    crossed = 0
    for share, paid in CASES:
        estimate, _ = asked(share, paid)
        crossed += sum(
            low.owes > high.owes for low, high in zip(estimate.low.visits, estimate.high.visits, strict=True)
        )

    assert 0 < crossed
