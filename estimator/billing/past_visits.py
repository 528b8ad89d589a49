"""Visits whose day has passed and that nobody marked: asked about, or counted where the clinic says so.

A row advances its case once. What somebody called off, or took back in the case, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Engine, Select, exists, select

from estimator.accounts.sign_in import Person
from estimator.accounts.store import find_account
from estimator.billing.authorization_answer import Habits
from estimator.billing.case_visits import SCHEDULE, answer_rows_again, from_cases, visit_done
from estimator.billing.cases import MERGED, OPEN, VISIT
from estimator.billing.moved_visits import moved_visits
from estimator.billing.register import locations_of
from estimator.billing.schedule import Books
from estimator.billing.schedule_cells import CANCELED
from estimator.billing.sent_schedules import asked_works, kept_ids, read_work
from estimator.billing.worklist import MOVED, DeskRow, by_time, desk_row, newest_of, open_cases_labeled, row_of
from estimator.clock import today
from estimator.db.connection import reading
from estimator.db.tables import case_entries, cases, schedule_rows, schedules
from estimator.errors import RequestRefused

_NOT_GIVEN = (CANCELED, MOVED)


def past_rows(engine: Engine) -> tuple[DeskRow, ...]:
    """Return the rows of kept schedules whose day has passed where they are, and that moved no case, by day.

    Only those of an open case that was there by then: without one there is nothing to advance, and what a case was
    opened with counts what came before.
    """
    with reading(engine) as connection:
        works = newest_of(map(read_work, connection.execute(_asked(today()))))
        if not works:
            return ()
        ids = open_cases_labeled(connection, {work.label for work in works})
        asked = select(case_entries.c.case_id, case_entries.c.day).where(case_entries.c.kind == VISIT)
        visited = {tuple(row) for row in connection.execute(asked.where(case_entries.c.case_id.in_(ids.values())))}
        moved = moved_visits(connection, works)
    zones = {one.name.casefold(): one.zone for one in locations_of(engine)}
    rows = (
        desk_row(work, ids[work.label], moved.get((work.schedule_id, work.line)))
        for work in works
        if work.day and work.day < today(zones.get(work.location.casefold())) and work.label in ids
    )
    return tuple(
        sorted(
            (row for row in rows if row.group not in _NOT_GIVEN and (row.case_id, row.work.day) not in visited),
            key=by_time,
        )
    )


def _asked(day: date) -> Select[Any]:
    """Return the question for answered rows before a day whose case by their label was there and knows no visit."""
    row, visit, first = schedule_rows.c, case_entries.alias().c, case_entries.alias().c
    is_there = exists().where(visit.case_id == cases.c.id, visit.kind == VISIT, visit.day == row.day)
    was_open = exists().where(first.case_id == cases.c.id, first.number == 1, first.day <= row.day)
    asked = asked_works().join(cases, cases.c.label == row.label).where(cases.c.state.in_((OPEN, MERGED)))
    asked = asked.where(row.schedule_id.in_(kept_ids()), row.day < day, row.answered_at.is_not(None))
    return asked.where(was_open, ~is_there).order_by(row.schedule_id, row.line)


def count_past(engine: Engine, books: Books, habits: Habits) -> int:
    """Add the visits of past days to their cases in the name of who sent the schedule; return how many.

    One that may have been moved waits for a person. Nothing is lost or counted twice where this is stopped and begun
    again.
    """
    senders = _senders(engine)
    return count_visits(engine, standing_rows(engine), books, habits, lambda row: senders.get(row.work.schedule_id))


def standing_rows(engine: Engine) -> tuple[DeskRow, ...]:
    """Return the past visits of which no newer schedule makes one doubt."""
    return tuple(row for row in past_rows(engine) if not row.moved)


def count_visits(
    engine: Engine, rows: Iterable[DeskRow], books: Books, habits: Habits, by: Callable[[DeskRow], Person | None]
) -> int:
    """Add the visits of these rows to their cases, and answer the other rows of those again; return how many.

    A row that names no codes, or that nobody stands for, is left to be marked by hand.
    """
    fill, moved = from_cases(books, habits), []
    for row in rows:
        cells, person = row_of(engine, row.work.schedule_id, row.work.line), by(row)
        if cells is None or person is None or row.case_id is None:
            continue
        try:
            if visit_done(engine, row.case_id, fill(cells), books, person, SCHEDULE):
                moved.append(row.case_id)
        except RequestRefused:
            continue
    for case_id in dict.fromkeys(moved):
        answer_rows_again(case_id, (), books, habits)
    return len(moved)


def _senders(engine: Engine) -> dict[int, Person]:
    """Return who sent each kept schedule, of those who have an account."""
    with reading(engine) as connection:
        sent = connection.execute(select(schedules.c.id, schedules.c.sent_by)).all()
        accounts = {name: find_account(connection, name=name) for name in {row.sent_by for row in sent}}
    people = {name: Person(one.id, one.name, one.role) for name, one in accounts.items() if one}
    return {row.id: people[row.sent_by] for row in sent if row.sent_by in people}
