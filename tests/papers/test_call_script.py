"""The page for the call: three separate questions, and every unknown of this plan and course once."""

from typing import Any

import pytest

from estimator.papers.call_script import DAY, NAME, OTHERS, REFERENCE, YES_NO
from estimator.papers.case import CONDITIONS
from estimator.papers.kinds import DocumentRefused
from tests.papers.papers import CLINIC, case_of, pdf, words_of


def told(**parts: Any) -> str:
    """Return the words of a page."""
    return words_of(pdf("call-script", **parts))


def test_valid_approval_and_paid_are_three_questions() -> None:
    """With boxes for each, and for the name, the number and the day."""
    paper = told()
    asked = ("1. Can a physical therapist bill 20561", "2. Does 20561 need approval", "3. Do you pay for 20561")

    assert all(1 == paper.count(question) for question in asked)
    assert all(label in paper for label in (NAME, REFERENCE, DAY, *YES_NO))
    assert "20560" not in paper.split(OTHERS)[0]
    assert CLINIC.npi in paper


@pytest.mark.parametrize("plan", ["example-unknowns", "uhc-ma-2026-authorization", "template-employer-hmo"])
def test_every_unknown_is_asked(plan: str) -> None:
    """In the words of the answer, without those that lead to it."""
    paper = told(plan=plan)
    asked = [each for each in case_of(plan=plan).answer.questions if each.asks not in ("needling-policy",)]

    for each in asked:
        quoted = each.says.partition("“")[2].partition("”")[0] or each.says
        assert each.asks == "benefit-lists-service" or quoted[1:] in paper


def test_what_the_estimate_counts_on_is_asked_with_its_price() -> None:
    """An authorization that is taken as granted."""
    paper = told(plan="uhc-ma-2026-authorization", course=None, visits=_visits(10))

    assert CONDITIONS["authorization"] in paper
    assert "If your plan doesn't approve this in advance" in paper


def test_without_anybody_or_anything_to_ask_there_is_no_page() -> None:
    """A sentence in its place."""
    for parts, says in (({"plan": "self-pay"}, "nobody to call"), (_known(), "nothing to ask")):
        with pytest.raises(DocumentRefused) as raised:
            told(**parts)

        assert says in raised.value.problems[0].message


def _visits(number: int) -> list[dict[str, Any]]:
    return [
        {"day": f"2026-03-{day:02d}", "services": [{"code": "97110", "minutes": 30}]} for day in range(1, number + 1)
    ]


def _known() -> dict[str, Any]:
    return {"plan": "original-medicare-2026", "course": None, "visits": _visits(1), "person": {"age": 70}}
