"""Reports over the entries of cases: what was asked, what was answered, and what it cost."""

from datetime import date

from sqlalchemy import Engine

from estimator.billing.cases import CARE, GRANT, PAID, NewEntry, add_entries, merge_cases, open_case
from estimator.billing.reports import Denials, Lost, reports_of
from estimator.engine.values import Money
from estimator.plans.shelf import Draft
from tests.billing.test_cases import ANA, LIMITED, cells
from tests.billing.test_cases import desk as desk
from tests.db.sample import definition, published

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


def grant(day: date, status: str, corrects: int | None = None, **said: object) -> NewEntry:
    return NewEntry(GRANT, day, {"status": status, **said}, corrects)


def test_an_answer_keeps_what_was_requested_and_when(desk: Engine) -> None:
    """Its days run from the request; one that waits counts as such, one of another year not at all."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 9, 1))
    asked = add_entries(desk, number, [grant(date(2026, 10, 1), "requested", visits=12)], ANA)
    add_entries(desk, number, [grant(date(2026, 10, 9), "partly", asked, visits=8)], ANA)
    add_entries(desk, number, [grant(date(2026, 11, 2), "requested", visits=6)], ANA)
    add_entries(desk, number, [grant(date(2027, 1, 2), "approved", visits=6)], ANA)
    [found] = reports_of(desk, FIRST, LAST).grants

    assert (18, 8, 1, 1, 0) == (
        found.requested_visits,
        found.approved_visits,
        found.partly,
        found.waiting,
        found.denied,
    )
    assert ([8], 8) == (found.days, found.usual_days)


def test_denials_are_counted_by_reason_and_what_a_missing_authorization_cost(desk: Engine) -> None:
    """What the contract or the patient bears is no denial."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 9, 1))
    adjustments = [["CO", "197", 90_00], ["CO", "45", 20_00], ["PR", "1", 30_00], ["OA", "197", 5_00]]
    entries = [
        grant(date(2026, 10, 1), "denied", reason="not medically necessary"),
        NewEntry(PAID, date(2026, 10, 5), {"paid": 0, "adjustments": adjustments}),
        NewEntry(PAID, date(2026, 10, 6), {"paid": 0, "adjustments": [["CO", "197", 60_00]]}),
    ]
    add_entries(desk, number, entries, ANA)
    found = reports_of(desk, FIRST, LAST)

    [payer] = [one.payer for one in found.grants]
    assert {
        Denials(payer, "authorization", "not medically necessary", 1, 0),
        Denials(payer, "claim line", "CO-197", 2, 150_00),
        Denials(payer, "claim line", "OA-197", 1, 5_00),
    } == set(found.denials)
    assert (Lost(payer, 2, Money(150_00)),) == found.lost


def test_each_entry_counts_for_the_payer_of_its_day_and_once_after_a_merge(desk: Engine) -> None:
    """In January the case has another plan."""
    other = {**definition("other", **LIMITED), "payer": "Other Mutual"}
    published(desk, [Draft(other)])
    first = open_case(desk, "A-1", cells(), ANA, date(2026, 9, 1))
    into = open_case(desk, "A-2", cells(), ANA, date(2026, 9, 1))
    add_entries(desk, first, [grant(date(2026, 10, 1), "approved", visits=5)], ANA)
    merge_cases(desk, first, into, ANA)
    add_entries(desk, into, [NewEntry(CARE, date(2026, 11, 1), {"plan": "other"})], ANA)
    add_entries(desk, into, [grant(date(2026, 11, 2), "approved", visits=7)], ANA)

    assert {5, 7} == {one.approved_visits for one in reports_of(desk, FIRST, LAST).grants}
    assert "Other Mutual" in [one.payer for one in reports_of(desk, FIRST, LAST).grants if one.approved_visits == 7]


def test_a_request_that_was_entered_wrongly_counts_as_it_was_corrected(desk: Engine) -> None:
    """Ten visits were asked for on the third, not twelve on the first."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 9, 1))
    wrong = add_entries(desk, number, [grant(date(2026, 10, 1), "requested", visits=12)], ANA)
    right = add_entries(desk, number, [grant(date(2026, 10, 3), "requested", wrong, visits=10)], ANA)
    [waits] = reports_of(desk, FIRST, LAST).grants
    add_entries(desk, number, [grant(date(2026, 10, 9), "approved", right, visits=10)], ANA)
    [found] = reports_of(desk, FIRST, LAST).grants

    assert 10 == waits.requested_visits
    assert (10, [6]) == (found.requested_visits, found.days)


def test_what_is_older_than_a_case_counts_for_the_plan_that_it_began_with(desk: Engine) -> None:
    """Cases that were imported today take last month's remittance."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 12, 1))
    add_entries(desk, number, [grant(date(2026, 12, 2), "approved", visits=5)], ANA)
    add_entries(
        desk, number, [NewEntry(PAID, date(2026, 10, 5), {"paid": 0, "adjustments": [["CO", "197", 100]]})], ANA
    )
    found = reports_of(desk, FIRST, LAST)

    assert [one.payer for one in found.grants] == [one.payer for one in found.lost]
