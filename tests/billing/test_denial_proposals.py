"""A denial that contradicts a rule proposes its correction with an example; what else is otherwise is shown."""

from datetime import date

import pytest
from sqlalchemy import Engine

from estimator.billing.case_payments import add_payments, payments_in
from estimator.billing.cases import GRANT, NewEntry, add_entries, open_case
from estimator.billing.denial_proposals import (
    PAID_THOUGH_NOT_COVERED,
    accept_denial,
    contradictions,
    denial_proposals,
)
from estimator.engine.values import Money
from estimator.errors import EditRefused
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.drafts import check_text
from tests.billing.test_accuracy import Line, give
from tests.billing.test_cases import ANA, cells
from tests.billing.test_cases import desk as desk
from tests.billing.test_remittance import read
from tests.db.sample import definition, published

TODAY = date(2026, 11, 23)
BEGAN = date(2026, 9, 1)


def post(engine: Engine, label: str, code: str, reason: str = "", day: str = "20260914") -> None:
    """Post a line of $85 to a case: paid with $40, or denied for a reason such as CO-197."""
    group, _, carc = (reason or "CO-45").partition("-")
    paid = 0 if reason else 40
    line = f"SVC*HC:{code}*85*{paid}**1", f"DTM*472*{day}", f"CAS*{group}*{carc}*{85 - paid}"
    owes = 85 if group == "PR" else 0
    found = read(f"{paid}", f"CLP*{label}*{4 if reason else 1}*85*{paid}*{owes}*12*P{code}", *line)
    add_payments(engine, [(each, label) for each in payments_in(found)], ANA)


@pytest.fixture
def case(desk: Engine) -> int:
    """A case under a plan that asks for no authorization by our text."""
    return open_case(desk, "A-1", cells(), ANA, BEGAN)


def test_a_missing_authorization_that_no_rule_asks_for_is_proposed(desk: Engine, case: int) -> None:
    """With the newest denial as its example, and what was paid without one; accepted, it is in a draft."""
    shelf = Shelf(desk)
    post(desk, "A-1", "97110", "CO-197")
    post(desk, "A-1", "97140", "CO-15", day="20260921")
    post(desk, "A-1", "97112", day="20260921")
    [found] = denial_proposals(shelf, TODAY)
    draft = accept_denial(shelf, "limited", TODAY, "ana")
    plan = check_text(draft.text, "", shelf.folder).plan

    assert ("limited", 2, 1) == (found.plan_id, len(found.denials), found.paid)
    assert (case, date(2026, 9, 21), "97140", "CO-15", Money(8500)) == found.denials[0]
    assert "remittance-2026-09-21 97140 denied CO-15" in draft.text
    assert plan
    assert plan.plan.benefit("physical-therapy").authorization.from_visit == 1
    assert [] == denial_proposals(shelf, date(2028, 1, 1))


def test_other_denials_propose_nothing(desk: Engine, case: int) -> None:
    """For another reason, of a case with an authorization, or under a plan that asks for one."""
    shelf = Shelf(desk)
    post(desk, "A-1", "97110", "CO-50")
    number = open_case(desk, "B-2", cells(), ANA, BEGAN)
    add_entries(desk, number, [NewEntry(GRANT, BEGAN, {"status": "approved", "visits": 1})], ANA)
    post(desk, "B-2", "97110", "CO-197")
    share = {"copay": "40.00", "deductible": "waived", "cite": "eoc p. 12"}
    asks = {"from_visit": 1, "if_missing": "provider-absorbs", "cite": "eoc p. 3"}
    benefit = {"services": ["pt-timed"], "cost_share": {"in-network": share}, "authorization": asks}
    published(desk, [Draft(definition("asking", benefits={"physical-therapy": benefit}))])
    open_case(desk, "C-3", cells(plan="asking"), ANA, BEGAN)
    post(desk, "C-3", "97110", "CO-197")

    assert [] == denial_proposals(shelf, TODAY)
    with pytest.raises(EditRefused):
        accept_denial(shelf, "limited", TODAY, "ana")


def test_what_is_settled_otherwise_than_estimated_is_told_with_an_example(desk: Engine, case: int) -> None:
    """Denied as not covered where the estimate said covered, and the other way around; coding and money are not."""
    lines: list[Line] = [(code, 1, ("40.00", "40.00", "40.00"), "price-regional") for code in ("20561", "97140")]
    give(desk, "A-1", lines)
    open_case(desk, "B-2", cells(), ANA, BEGAN)
    give(desk, "B-2", lines, status="not-covered-patient-may-be-billed")
    for label, code, reason in (("A-1", "20561", "CO-50"), ("A-1", "97140", "CO-97"), ("B-2", "97140", "")):
        post(desk, label, code, reason)
    post(desk, "B-2", "20561", "PR-96")
    found = contradictions(desk, TODAY)

    assert [
        ("20561", "denied CO-50; the estimate said it is covered", 1, case),
        ("97140", PAID_THOUGH_NOT_COVERED, 1, case + 1),
    ] == [(one.code, one.says, one.times, one.examples[0].case_id) for one in found]
