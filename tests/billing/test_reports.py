"""Reports over the entries of cases: what was asked, what was answered, and what it cost."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import Engine

from estimator.billing.case_search import SoughtCases, cases_of
from estimator.billing.cases import (
    CARE,
    GRANT,
    OPEN,
    PAID,
    CaseEntry,
    NewEntry,
    add_entries,
    case_of_id,
    merge_cases,
    open_case,
)
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


def test_what_was_counted_stands_until_there_is_more(desk: Engine) -> None:
    """An answer, a merge and other days each count at once, though nothing is counted twice for the same entries."""
    kept, gone = (open_case(desk, label, cells(), ANA, date(2026, 9, 1)) for label in ("A-1", "B-2"))
    approved = []
    for said in (lambda: None, lambda: add_entries(desk, gone, [grant(FIRST, "approved", visits=8)], ANA)):
        said()
        approved.append(sum(one.approved_visits for one in reports_of(desk, FIRST, LAST).grants))
    merge_cases(desk, gone, kept, ANA)
    approved.append(sum(one.approved_visits for one in reports_of(desk, FIRST, LAST).grants))
    approved.append(sum(one.approved_visits for one in reports_of(desk, date(2026, 10, 2), LAST).grants))

    assert [0, 8, 8, 0] == approved


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


def test_an_entry_that_is_corrected_on_an_earlier_day_counts_no_longer(desk: Engine) -> None:
    """The visits were approved in September already, before the days of the report."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 9, 1))
    wrong = add_entries(desk, number, [grant(date(2026, 10, 1), "approved", visits=12)], ANA)
    add_entries(desk, number, [grant(date(2026, 9, 28), "approved", wrong, visits=12)], ANA)

    assert () == reports_of(desk, FIRST, LAST).grants


def test_what_the_database_counts_is_what_entries_come_to_one_by_one(desk: Engine) -> None:
    """For cases of any course: plans that change, corrections on any day, payments, merges."""
    published(desk, [Draft({**definition("other", **LIMITED), "payer": "Other Mutual"})])
    chance = random.Random(20261130)
    for place in range(12):
        number = open_case(desk, f"A-{place}", cells(plan=chance.choice(("limited", "other"))), ANA, date(2026, 9, 15))
        for entry in _happened(chance):
            last = add_entries(desk, number, [entry], ANA)
            if chance.random() < 0.3:
                day = date(2026, 9, 1) + timedelta(days=chance.randrange(130))
                add_entries(desk, number, [entry._replace(day=day, corrects=last)], ANA)
        if place and chance.random() < 0.2:
            merge_cases(desk, number, 1, ANA)
    _count_alike(desk)
    for _ in range(6):
        _correct_some(desk, chance.randrange(1, 13), chance)
        _count_alike(desk)


def _count_alike(engine: Engine) -> None:
    """Compare the reports, which go on from what they counted last, with a count of every entry."""
    found, (grants, denied, lost) = reports_of(engine, FIRST, LAST), _counted(engine)
    assert grants == Counter({one.payer: one.approved_visits for one in found.grants if one.approved_visits})
    assert denied == {(one.payer, one.reason): (one.number, one.cents) for one in found.denials}
    assert lost == {one.payer: (one.claims, one.lost) for one in found.lost}


def _correct_some(engine: Engine, number: int, chance: random.Random) -> None:
    """Correct an authorization or a payment of a case that was counted already."""
    case, entries = case_of_id(engine, number)
    corrected = {each.corrects for each in entries}
    there = [each for each in entries if each.kind in (GRANT, PAID) and each.number not in corrected]
    if case.state == OPEN and there:
        one = chance.choice(there)
        lost = {"paid": 0, "adjustments": [["CO", "197", 500]]}
        content = {"status": "partly", "visits": 3} if one.kind == GRANT else lost
        add_entries(engine, number, [NewEntry(one.kind, one.day, content, one.number)], ANA)


def _happened(chance: random.Random) -> Iterator[NewEntry]:
    for _ in range(chance.randrange(6)):
        day = date(2026, 9, 1) + timedelta(days=chance.randrange(130))
        match chance.randrange(4):
            case 0:
                yield NewEntry(CARE, day, {"plan": chance.choice(("limited", "other"))})
            case 1:
                yield grant(day, chance.choice(("approved", "partly", "requested")), visits=chance.randrange(9))
            case 2:
                yield grant(day, "denied", reason=chance.choice(("late", "")), requested_on="2026-09-01")
            case _:
                taken = [
                    [chance.choice(("CO", "PR")), chance.choice(("197", "45", "16")), chance.randrange(1, 3) * 100]
                ]
                yield NewEntry(PAID, day, {"paid": 0, "adjustments": taken})


Tallies = tuple[Counter[str], dict[tuple[str, str], tuple[int, int]], dict[str, tuple[int, int]]]


def _counted(engine: Engine) -> Tallies:
    """Count approved visits, denials and what was lost, by payer, entry by entry."""
    visits: Counter[str] = Counter()
    denied: dict[tuple[str, str], tuple[int, int]] = {}
    lost: dict[str, tuple[int, int]] = {}
    for case in cases_of(engine, SoughtCases()):
        _, entries = case_of_id(engine, case.id)
        standing = [one for one in entries if one.number not in {each.corrects for each in entries}]
        for entry in standing:
            if not FIRST <= entry.day <= LAST or entry.kind not in (GRANT, PAID):
                continue
            payer, said = _payer(standing, entry.day), entry.content
            if said.get("status") in ("approved", "partly"):
                visits[payer] += said["visits"]
            taken = [(said["reason"] or "not told", 0)] if said.get("status") == "denied" else []
            for group, reason, cents in said.get("adjustments", ()):
                taken += [(f"{group}-{reason}", cents)] if reason != "45" else []
                if (group, reason) == ("CO", "197"):
                    lost[payer] = lost.get(payer, (0, 0))[0] + 1, lost.get(payer, (0, 0))[1] + cents
            for reason, cents in taken:
                number, sum_before = denied.get((payer, reason), (0, 0))
                denied[payer, reason] = number + 1, sum_before + cents
    return +visits, denied, lost


def _payer(standing: list[CaseEntry], day: date) -> str:
    named = sorted((one.day, one.number, one.content["plan"]) for one in standing if one.content.get("plan"))
    plan = next((plan for since, _, plan in reversed(named) if since <= day), named[0][2])
    return "Other Mutual" if plan == "other" else "Evergreen Health"
