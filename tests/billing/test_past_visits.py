"""Visits whose day has passed: asked about, or counted where the clinic says so, once and in the sender's name."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, select

from estimator.billing.authorization_answer import Habits
from estimator.billing.cases import CLOSED, VISIT, NewEntry, add_entries, case_of_id, merge_cases, open_case
from estimator.billing.cases import set_case_state as set_state
from estimator.billing.jobs import answer_schedule
from estimator.billing.moved_visits import Moved
from estimator.billing.past_visits import count_past, past_rows
from estimator.billing.schedule import books_now
from estimator.billing.schedule_file import NAMES, ScheduleRow
from estimator.billing.sent_schedules import schedule_of, schedules_of, send_schedule
from estimator.billing.watch import JOBS, purge, watch
from estimator.billing.worklist import desk_rows
from estimator.clock import now_utc
from estimator.db.connection import reading
from estimator.db.tables import schedule_rows
from estimator.plans.shelf import Shelf
from tests.billing.test_cases import ANA, cells
from tests.billing.test_cases import desk as desk

OPENED = date(2026, 10, 1)


def send(engine: Engine, *rows: tuple[str, str], **said: str) -> int:
    """Send a schedule of labels with their days, and answer it."""
    empty = dict.fromkeys(NAMES, "")
    written = [
        ScheduleRow(line, {**empty, "label": label, "first_day": day, **said})
        for line, (label, day) in enumerate(rows, 2)
    ]
    number = send_schedule(engine, written, ANA)
    answer_schedule(engine, number)
    return number


def count(engine: Engine) -> int:
    return count_past(engine, books_now(Shelf(engine), None), Habits())


def visits(engine: Engine, case: int) -> list[tuple[date, str]]:
    return [(entry.day, entry.by) for entry in case_of_id(engine, case)[1] if entry.kind == VISIT]


def past(engine: Engine) -> list[tuple[str, date | None]]:
    return [(row.work.label, row.work.day) for row in past_rows(engine)]


def test_a_day_that_has_passed_counts_once_and_moves_the_rows_to_come(desk: Engine) -> None:
    """In the name of who sent the schedule; a second night finds nothing."""
    grant = {"authorization": "yes", "authorization_visits": "12", "authorization_used": "11"}
    with time_machine.travel("2026-10-12T15:00:00Z"):
        case = open_case(desk, "A-1", cells(visits_used="0", kx_dollars_used="0", **grant), ANA, OPENED)
        number = send(desk, ("A-1", "2026-10-12"), ("A-1", "2026-10-14"), ("walk-in", "2026-10-12"), plan="limited")
        assert ([], 0) == (past(desk), count(desk))
    with time_machine.travel("2026-10-13T08:15:00Z"):
        assert [("A-1", date(2026, 10, 12))] == past(desk)
        assert (1, 0) == (count(desk), count(desk))
        outcome = schedule_of(desk, number)[1][1].outcome or {}

    assert [(date(2026, 10, 12), "ana")] == visits(desk, case)
    assert ["authorization-spent"] == [need["kind"] for need in outcome["needs"]]


def test_what_was_called_off_taken_back_or_came_before_the_case_is_not_counted(desk: Engine) -> None:
    """Nor a visit of a closed case, nor one that somebody entered by hand."""
    with time_machine.travel("2026-10-12T15:00:00Z"):
        ids = {label: open_case(desk, label, cells(), ANA, OPENED) for label in ("off", "void", "hand", "closed")}
        ids["late"] = open_case(desk, "late", cells(), ANA, date(2026, 10, 12))
        send(desk, ("off", "2026-10-12"), status="No Show")
        send(desk, *((label, "2026-10-12") for label in ("void", "hand", "closed")), ("late", "2026-10-11"))
        for label in ("void", "hand"):
            given = NewEntry(VISIT, date(2026, 10, 12), {"services": "97110:30", "source": "hand"})
            number = add_entries(desk, ids[label], [given], ANA)
            if label == "void":
                add_entries(desk, ids[label], [NewEntry(VISIT, given.day, {"void": True}, number)], ANA)
        set_state(desk, ids["closed"], CLOSED, ANA)
    with time_machine.travel("2026-10-14T08:15:00Z"):
        assert ([], 0) == (past(desk), count(desk))


def test_a_visit_that_a_newer_schedule_of_the_day_leaves_out_waits_for_a_person(desk: Engine) -> None:
    """It may have been moved; a schedule of another place says nothing of it."""
    with time_machine.travel("2026-10-12T15:00:00Z"):
        moved, stays, there = (open_case(desk, label, cells(), ANA, OPENED) for label in ("moved", "stays", "there"))
        send(desk, ("moved", "2026-10-13"), ("stays", "2026-10-13"))
        send(desk, ("there", "2026-10-13"), location="Lakeside")
        send(desk, ("stays", "2026-10-13"), ("moved", "2026-10-15"))
    with time_machine.travel("2026-10-14T08:15:00Z"):
        assert 2 == count(desk)
        assert [("moved", date(2026, 10, 13))] == past(desk)

    assert [0, 1, 1] == [len(visits(desk, case)) for case in (moved, stays, there)]


def test_a_visit_that_a_newer_schedule_has_on_another_day_was_moved(desk: Engine) -> None:
    """It is set apart and never counted; where it isn't plain, somebody is asked by name."""
    week, day = [f"2026-10-{number}" for number in (12, 13, 14, 15, 16)], date(2026, 10, 12)
    labels = ("moved", "both", "dropped", "later", "stays", "done")
    with time_machine.travel("2026-10-12T06:00:00Z"):
        ids = {label: open_case(desk, label, cells(), ANA, OPENED) for label in labels}
        first = [(label, week[0]) for label in labels]
        send(desk, *first, ("both", week[2]), ("other", week[1]), ("other", week[4]), location="Lakeside")
        newer = [("stays", week[0]), ("moved", week[1]), ("both", week[1]), ("both", week[3])]
        send(desk, *newer, ("later", "2026-10-20"), ("other", week[2]), ("done", week[1]), location="Lakeside")
        content = NewEntry(VISIT, day, {"services": "97110:30", "source": "schedule"})
        add_entries(desk, ids["done"], [content], ANA)
        today = {row.work.label: (row.group, row.moved) for row in desk_rows(desk, day, day)}
    with time_machine.travel("2026-10-13T08:15:00Z"):
        asked = {row.work.label: row.moved and row.moved.days for row in past_rows(desk)}
        assert 1 == count(desk)

    tuesday, next_week = date(2026, 10, 13), date(2026, 10, 20)
    assert {"moved": ("moved", Moved((tuesday,), True)), "done": ("done", None)} == {
        label: today[label] for label in ("moved", "done")
    }
    assert ("moved", Moved((tuesday,), True)) == today["both"]
    assert {"dropped": (), "later": (next_week,), "stays": None} == asked
    assert {"stays": 1, "done": 1} == {label: len(found) for label in labels if (found := visits(desk, ids[label]))}


def test_a_schedule_of_later_days_alone_asks_whether_a_past_visit_was_moved(desk: Engine) -> None:
    """It says nothing of the day itself; a label that has a day as before is no question."""
    with time_machine.travel("2026-10-12T06:00:00Z"):
        for label in ("A-1", "B-2"):
            open_case(desk, label, cells(), ANA, OPENED)
        send(desk, ("A-1", "2026-10-12"), ("B-2", "2026-10-12"), ("A-1", "2026-10-16"), ("B-2", "2026-10-16"))
    with time_machine.travel("2026-10-13T08:15:00Z"):
        send(desk, ("A-1", "2026-10-14"), ("A-1", "2026-10-16"), ("B-2", "2026-10-16"))
        asked = [(row.work.label, row.moved) for row in past_rows(desk)]

    assert [("A-1", Moved((date(2026, 10, 14),), False)), ("B-2", None)] == asked


def test_a_visit_that_was_moved_within_its_day_is_on_the_list_once(desk: Engine) -> None:
    """As the newest schedule has it; one elsewhere, or with another therapist, is another visit."""
    with time_machine.travel("2026-10-12T15:00:00Z"):
        send(desk, ("A-1", "2026-10-12"), ("B-2", "2026-10-12"), time="8:00 AM", therapist="TP")
        send(desk, ("A-1", "2026-10-12"), time="11:00 AM", therapist="TP")
        send(desk, ("A-1", "2026-10-12"), time="2:00 PM", therapist="MK")
        rows = desk_rows(desk, date(2026, 10, 12), date(2026, 10, 12))

    assert [("B-2", "8:00 AM"), ("A-1", "11:00 AM"), ("A-1", "2:00 PM")] == [
        (row.work.label, row.work.time) for row in rows
    ]


def test_the_case_that_another_was_merged_into_goes_on(desk: Engine) -> None:
    """A visit of either label counts there, and one that both have counts once."""
    with time_machine.travel("2026-10-12T15:00:00Z"):
        gone, kept = open_case(desk, "gone", cells(), ANA, OPENED), open_case(desk, "kept", cells(), ANA, OPENED)
        send(desk, ("gone", "2026-10-12"), ("gone", "2026-10-13"), ("kept", "2026-10-13"))
        merge_cases(desk, gone, kept, ANA)
    with time_machine.travel("2026-10-14T08:15:00Z"):
        assert 2 == count(desk)
        assert [] == past(desk)

    assert [date(2026, 10, 12), date(2026, 10, 13)] == [day for day, _ in visits(desk, kept)]


def test_the_watch_counts_only_where_the_clinic_says_so(desk: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it tells how many wait to be marked."""
    with time_machine.travel("2026-10-12T15:00:00Z"):
        case = open_case(desk, "A-1", cells(), ANA, OPENED)
        send(desk, ("A-1", "2026-10-12"))
    job, said = {"past-visits": JOBS["past-visits"]}, []
    with time_machine.travel("2026-10-13T08:15:00Z"):
        for setting in ("no", "yes"):
            monkeypatch.setenv("ESTIMATOR_COUNT_PAST_VISITS", setting)
            [report] = watch(desk, job).reports
            said.append((report["found"], len(visits(desk, case))))

    assert [
        ([["work list", "Past visits marked neither done nor missed: 1."]], 0),
        ([["cases", "Past visits counted in their cases: 1."]], 1),
    ] == said


def test_a_schedule_is_kept_until_its_last_visit_is_a_week_ago(desk: Engine) -> None:
    """So that next week's visits don't vanish before they are; a slip in the year keeps it for a quarter."""
    with time_machine.travel("2026-10-12T15:00:00Z", tick=False):
        send(desk, ("A-1", "2026-10-12"), ("A-1", "2026-10-30"), ("A-1", "someday"))
        send(desk, ("A-1", "2096-10-12"))
        send(desk, ("A-1", "2026-09-01"))
        kept = [one.expires_at.date() - date(2026, 10, 12) for one in schedules_of(desk)]

    assert [timedelta(days=7), timedelta(days=99), timedelta(days=25)] == kept


def test_a_schedule_whose_time_is_over_is_purged(desk: Engine) -> None:
    """Also where nobody sends another one."""
    with time_machine.travel("2026-10-12T15:00:00Z"):
        send(desk, ("A-1", "2026-10-12"))
        send(desk, ("A-1", "2026-10-19"))
    with time_machine.travel("2026-10-20T15:00:00Z"):
        purge(desk, now_utc())
    with reading(desk) as connection:
        assert {2} == set(connection.scalars(select(schedule_rows.c.schedule_id)))
