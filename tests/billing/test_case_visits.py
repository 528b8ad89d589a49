"""A visit of a case: its row needs no retyping, and today is judged as visit N of the course."""

from datetime import date

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.billing.alerts import look_at
from estimator.billing.authorization_answer import Habits
from estimator.billing.case_visits import answer_rows_again, next_visit, visit_done, with_cases
from estimator.billing.cases import GRANT, STATED, NewEntry, add_entries, case_now, case_of_id, merge_cases, open_case
from estimator.billing.jobs import answer_schedule
from estimator.billing.needs import Thresholds
from estimator.billing.schedule import Books, Looked, answer_row
from estimator.billing.schedule_file import NAMES, ScheduleRow
from estimator.billing.sent_schedules import schedule_of, send_schedule
from estimator.engine.prices import ClinicPrices
from estimator.plans.shelf import Shelf
from estimator.wording.worklist import need_says
from tests.billing.test_cases import ANA, cells
from tests.billing.test_cases import desk as desk

DAY, OPENED = date(2026, 10, 12), date(2026, 10, 1)


@pytest.fixture
def books(desk: Engine) -> Books:
    """What rows rest on, on the day of a visit."""
    return Books(DAY, Looked(Shelf(desk)), ClinicPrices(), None)


def row(**said: str) -> ScheduleRow:
    return ScheduleRow(2, dict.fromkeys(NAMES, "") | {"label": "A-1", "first_day": DAY.isoformat()} | said)


def test_a_row_with_only_a_label_and_a_day_is_answered_from_its_case(desk: Engine, books: Books) -> None:
    """The thirteenth visit of a grant of twelve isn't authorized."""
    grant = {"authorization": "yes", "authorization_visits": "12", "authorization_used": "11"}
    case = open_case(desk, "A-1", cells(visits_used="11", kx_dollars_used="0", **grant), ANA, date(2026, 10, 1))
    matched = next(iter(with_cases([row()], books, Habits())))
    twelfth = answer_row(matched.row.cells, books)
    visit_done(desk, case, {**matched.row.cells, "first_day": "2026-10-11"}, books, ANA)
    matched = next(iter(with_cases([row()], books, Habits())))
    thirteenth = answer_row(matched.row.cells, books)

    assert ["authorization-last-visit"] == [need["kind"] for need in twelfth["needs"]]
    assert ["authorization-spent"] == [need["kind"] for need in thirteenth["needs"]]
    assert "12" == matched.row.cells["authorization_used"]


def test_what_a_row_says_goes_before_its_case(desk: Engine, books: Books) -> None:
    """And an authorization in the row is not mixed with that of the case."""
    said = {"authorization": "yes", "authorization_visits": "12", "authorization_last_day": "2026-10-05"}
    open_case(desk, "A-1", cells(**said), ANA, date(2026, 10, 1))
    [matched] = with_cases([row(services="20561", authorization_visits="6")], books, Habits())

    assert ("20561", "limited", "6", "") == tuple(
        matched.row.cells[name] for name in ("services", "plan", "authorization_visits", "authorization_last_day")
    )


def test_a_row_rests_on_the_authorizations_that_name_its_codes(desk: Engine, books: Books) -> None:
    """Those of what this visit does, not of what is usual; both where it does both, neither for a code of none."""
    opening = cells(services="97110:30", visits="6", visits_used="0", kx_dollars_used="0")
    case = open_case(desk, "A-1", opening, ANA, OPENED)
    for codes, visits, used in ((["97110"], 12, 2), (["97140"], 6, 5)):
        said = {"status": "approved", "visits": visits, "used_before": used, "codes": codes}
        add_entries(desk, case, [NewEntry(GRANT, OPENED, said)], ANA)
    found = {
        services: next(iter(with_cases([row(services=services)], books, Habits()))).row.cells
        for services in ("", "97140-GP x1", "97110:30 97140:15", "97110:30 97112:15")
    }

    assert {
        "": ("97110", "2"),
        "97140-GP x1": ("97140", "5"),
        "97110:30 97140:15": ("97110 97140", "5"),
        "97110:30 97112:15": ("97110", "2"),
    } == {services: (said["authorization_codes"], said["authorization_used"]) for services, said in found.items()}
    needs = [need["kind"] for need in answer_row(found["97110:30 97112:15"], books)["needs"]]
    assert ["authorization-missing"] == needs


def test_a_row_says_that_the_renewal_of_its_case_is_due(desk: Engine, books: Books) -> None:
    """Though this visit is covered and others after it: more are planned than the authorization holds."""
    on_file = {"authorization": "yes", "authorization_visits": "8", "authorization_used": "4"}
    open_case(desk, "A-1", cells(visits_used="4", kx_dollars_used="0", **on_file), ANA, OPENED)
    found, own = (next(iter(with_cases([row(**said)], books, Habits()))).row.cells for said in ({}, on_file))
    [need] = answer_row(found, books)["needs"]

    assert ("authorization-ends", "planned") == (need["kind"], need["why"])
    assert "More visits are planned than it covers. Request approval for the others by" in need_says(need)
    assert [] == answer_row(own, books)["needs"]


@pytest.mark.parametrize("status", ["requested", "denied", "expired"])
def test_what_was_asked_for_or_denied_is_not_on_file(desk: Engine, books: Books, status: str) -> None:
    """A later approval is."""
    case = open_case(desk, "A-1", cells(visits_used="0", kx_dollars_used="0"), ANA, OPENED)
    told = []
    for each in (status, "approved"):
        add_entries(desk, case, [NewEntry(GRANT, OPENED, {"status": each, "visits": 40})], ANA)
        told.append(next(iter(with_cases([row()], books, Habits()))).row.cells["authorization"])

    assert ["no", "yes"] == told


def test_a_row_without_a_case_stays_as_it_is(books: Books) -> None:
    """It still works."""
    [matched] = with_cases([row(plan="limited")], books, Habits())

    assert (None, "limited") == (matched.found, matched.row.cells["plan"])


def test_a_visit_done_is_priced_where_nobody_told(desk: Engine, books: Books) -> None:
    """And marked as our price, so that dollars are counted."""
    case = open_case(desk, "A-1", cells(kx_dollars_used="0", visits_used="0"), ANA, date(2026, 10, 1))
    visit_done(desk, case, row(plan="limited", services="97110:30", zip="98101").cells, books, ANA)
    now = case_now(*case_of_id(desk, case), DAY)

    assert now.visits[0].is_priced_by_us
    found = look_at(now, Shelf(desk), Habits(), Thresholds())
    spent = {counter.name: counter.used for counter in found.counters}["kx-threshold"]
    assert spent == sum(now.visits[0].allowed or ())
    assert spent


def test_the_next_visit_of_a_case_says_what_it_costs(desk: Engine, books: Books) -> None:
    """Without a row of a schedule."""
    with time_machine.travel(DAY):
        case = open_case(desk, "A-1", cells(visits_used="20", kx_dollars_used="0"), ANA, date(2026, 10, 1))
        found = look_at(case_now(*case_of_id(desk, case), DAY), Shelf(desk), Habits(), Thresholds())
        outcome = next_visit(found, books)

    assert "limit-passed" in [need["kind"] for need in outcome["needs"]]


def test_a_case_whose_plan_is_gone_asks_for_one(desk: Engine, books: Books) -> None:
    """And it keeps no other row of the schedule waiting."""
    open_case(desk, "A-1", cells(plan="gone", visits_used="3"), ANA, date(2026, 10, 1))
    open_case(desk, "A-2", cells(), ANA, date(2026, 10, 1))
    sent = send_schedule(desk, [row(), ScheduleRow(3, {**row().cells, "label": "A-2"})], ANA)
    with time_machine.travel(DAY):
        answer_schedule(desk, sent)
        found = look_at(case_now(*case_of_id(desk, 1), DAY), Shelf(desk), Habits(), Thresholds())
        outcome = next_visit(found, books)
    _, kept = schedule_of(desk, sent)

    assert ["plan"] == [problem["column"] for problem in outcome["problems"]]
    assert [False, True] == ["typical" in (each.outcome or {}) for each in kept]


def test_the_worker_keeps_to_the_clinics_thresholds(desk: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that it answers says as soon as the clinic wants to hear of a limit."""
    monkeypatch.setenv("ESTIMATOR_ALERT_VISITS", "6")
    said = {"plan": "limited", "services": "97110:30", "zip": "98101", "kx_dollars_used": "0", "authorization": "yes"}
    rows = [ScheduleRow(line, row(**said, visits_used=used, label=used).cells) for line, used in ((2, "14"), (3, "12"))]
    sent = send_schedule(desk, rows, ANA)
    with time_machine.travel(DAY):
        answer_schedule(desk, sent)
    _, [near, far] = schedule_of(desk, sent)

    assert [["limit-near"], []] == [[need["kind"] for need in (each.outcome or {})["needs"]] for each in (near, far)]


def test_a_row_follows_its_case_through_every_merge(desk: Engine, books: Books) -> None:
    """A went into B, and B into C: what is entered in C moves the row of A."""
    first, second, third = (open_case(desk, label, cells(), ANA, date(2026, 10, 1)) for label in ("A-1", "B-1", "C-1"))
    sent = send_schedule(desk, [row()], ANA)
    merge_cases(desk, first, second, ANA)
    merge_cases(desk, second, third, ANA)
    add_entries(desk, third, [NewEntry(STATED, date(2026, 10, 2), {"visits_used": "20", "kx_dollars_used": "0"})], ANA)
    with time_machine.travel(DAY):
        answered = answer_rows_again(third, (), books, Habits())
    _, [kept] = schedule_of(desk, sent)

    assert 1 == answered
    assert "limit-passed" in [need["kind"] for need in (kept.outcome or {})["needs"]]
