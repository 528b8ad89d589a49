"""Schedules that a clinic sent: kept, answered a few rows at a time, listed by what needs action, and deleted.

Beside its cells and its outcome a row has what lists show of it, so that a list of thousands opens no row of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, delete, func, insert, select, tuple_, update

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.needs import KINDS
from estimator.billing.schedule import Books, Outcome, answer_row, duplicates
from estimator.billing.schedule_cells import read_day, time_of
from estimator.billing.schedule_file import NAMES, Cells, ScheduleRow, can_identify, plain_header
from estimator.billing.worker import ENDED, FAILURES, MOST_TRIES, count_tries, patiently, reason_of, set_aside
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import next_id, schedule_columns, schedule_rows, schedules
from estimator.errors import Problem, Refused, Stopped, UnknownSchedule

# ----------------------------------------------------------------------------
# A schedule is kept, answered a few rows at a time, stopped, gone on with, and deleted.
#
# A worker that is stopped between two transactions loses nothing: rows without an outcome are answered by the next one
# that goes on, and an outcome that is there is never written again.
# ----------------------------------------------------------------------------

# After its last visit.
KEPT_DAYS = 7
_LONGEST_AHEAD = timedelta(days=92)
_AT_ONCE = 100
# Kept with the cells of a row that says the same as an earlier one: that one's line.
_SAME_AS = "same_as"


def send_schedule(engine: Engine, rows: Sequence[ScheduleRow], by: Person) -> int:
    """Keep the rows of a schedule, to be answered; return its id. What is older than its time is deleted."""
    now = now_utc()
    twice = duplicates(rows)
    kept = [
        KeptRow(row.line, {**row.cells, _SAME_AS: twice[row.line]} if row.line in twice else row.cells, None)
        for row in rows
    ]
    with writing(engine) as connection:
        delete_schedules(connection, expired_ids(connection, now))
        number = insert_schedule(connection, by.name, now, _expires(rows, now), kept)
        note_done(connection, by=by.id, did="schedule-sent", subject=str(number), now=now)
        connection.commit()
    return number


def _expires(rows: Sequence[ScheduleRow], now: datetime) -> datetime:
    """Return when the time of a schedule is over: some days after its last visit, so that each of them is worked on.

    A slip in a year keeps it for no more than a quarter.
    """
    days = [day for row in rows if (day := day_of_row(row.cells))]
    after = max(timedelta(), min(max(days, default=now.date()) - now.date(), _LONGEST_AHEAD))
    return now + after + timedelta(days=KEPT_DAYS)


def answer_some(engine: Engine, books: Books, schedule_id: int, fill: Callable[[Cells], Cells] = dict) -> bool:
    """Answer the next rows of a schedule that runs; tell whether there is more to do.

    `fill` fills the cells of a row from its case.
    """
    waiting = patiently(lambda: _begun(engine, schedule_id))
    if waiting is None:
        return False
    answered = {row.line: _answered(row, books, fill) for row in waiting}
    return patiently(lambda: _kept(engine, schedule_id, answered))


def _begun(engine: Engine, schedule_id: int) -> Sequence[KeptRow] | None:
    """Return the rows to answer next, noted as begun; None where the schedule does not run."""
    with writing(engine) as connection:
        schedule = find_schedule(connection, schedule_id)
        if schedule is None or schedule.state != RUNNING:
            return None
        waiting = _next_rows(connection, schedule_id)
        count_tries(connection, schedule_id, [row.line for row in waiting])
        connection.commit()
    return waiting


def _kept(engine: Engine, schedule_id: int, answered: Mapping[int, Answered]) -> bool:
    """Keep what rows came to; tell whether there is more to do."""
    with writing(engine) as connection:
        if answered:
            keep_outcomes(connection, schedule_id, answered, now_utc())
        found = find_schedule(connection, schedule_id)
        if found and found.is_done:
            set_state(connection, schedule_id, DONE)
        connection.commit()
    return found is not None and not found.is_done


def _next_rows(connection: Connection, schedule_id: int) -> Sequence[KeptRow]:
    """Return the rows to answer next; where a worker ended among them, one by itself, so that it is found out which."""
    waiting = waiting_rows(connection, schedule_id, _AT_ONCE)
    return waiting[:1] if waiting and waiting[0].tries else waiting


class Answered(NamedTuple):
    """The cells of a row, filled from its case, and what they came to."""

    cells: Cells
    outcome: Outcome


def _answered(row: KeptRow, books: Books, fill: Callable[[Cells], Cells]) -> Answered:
    """Return what a row came to; one that fails in a way nobody foresaw is set aside with its reason."""
    if row.tries > MOST_TRIES:
        return Answered(row.cells, set_aside(ENDED))
    try:
        filled = fill(row.cells)
        return Answered(filled, answer_row(filled, books, row.cells.get(_SAME_AS)))
    except (Stopped, *FAILURES) as failure:
        return Answered(row.cells, set_aside(reason_of(failure)))


def chosen_columns(engine: Engine) -> Mapping[str, str]:
    """Return our column for each column of the clinic's own files that somebody chose, by its name there."""
    with reading(engine) as connection:
        rows = connection.execute(select(schedule_columns.c.header, schedule_columns.c.mapping))
        return {row.header: row.mapping["column"] for row in rows if row.mapping.get("column")}


def choose_column(engine: Engine, header: str, column: str, by: Person) -> None:
    """Read a column of that name as ours from now on; with no column of ours, forget it.

    Raises Refused for a name that can hold who the patient is, and for a column that there is not.
    """
    name = plain_header(header)
    if not name or can_identify(header):
        raise Refused((Problem("header", "Enter the name of a column that can't tell who the patient is."),))
    if column and column not in NAMES:
        raise Refused((Problem("column", f"Choose one of {', '.join(NAMES)}."),))
    now = now_utc()
    with writing(engine) as connection:
        connection.execute(delete(schedule_columns).where(schedule_columns.c.header == name))
        if column:
            row = {"header": name, "mapping": {"column": column}, "account_id": by.id, "saved_at": now}
            connection.execute(insert(schedule_columns), row)
        note_done(connection, by=by.id, did="schedule-column", subject=column or "forgotten", now=now)
        connection.commit()


def change_row(
    engine: Engine, schedule_id: int, line: int, cells: Cells, books: Books, fill: Callable[[Cells], Cells]
) -> Outcome:
    """Keep a row as somebody put it right, and return its new answer; the file need not be sent again."""
    filled, same_as = fill(cells), _same_as(engine, schedule_id, line, cells)
    outcome = answer_row(filled, books, same_as)
    kept = {name: cell for name, cell in cells.items() if name != _SAME_AS}
    written = {"cells": kept if same_as is None else {**kept, _SAME_AS: same_as}, "outcome": dict(outcome)}
    columns = schedule_rows.c
    here = and_(columns.schedule_id == schedule_id, columns.line == line)
    with writing(engine) as connection:
        done = {"answered_at": now_utc(), "set_aside": None}
        connection.execute(update(schedule_rows).where(here).values(**written, **done, **_listed(filled, outcome)))
        connection.commit()
    return outcome


def _same_as(engine: Engine, schedule_id: int, line: int, cells: Cells) -> int | None:
    """Return the line of an earlier row that says the same as this one now does."""
    columns = schedule_rows.c
    earlier = and_(columns.schedule_id == schedule_id, columns.line < line)
    named = func.lower(columns.label) == cells.get("label", "").casefold()
    with reading(engine) as connection:
        rows = connection.execute(select(columns.line, columns.cells).where(earlier, named).order_by(columns.line))
        before = [ScheduleRow(row.line, row.cells) for row in rows]
    return duplicates([*before, ScheduleRow(line, cells)]).get(line)


def stop_schedule(engine: Engine, schedule_id: int) -> None:
    """Answer no more rows of a schedule until somebody goes on with it."""
    _set(engine, schedule_id, STOPPED)


def go_on_with(engine: Engine, schedule_id: int) -> None:
    """Let a stopped schedule run again."""
    _set(engine, schedule_id, RUNNING)


def delete_schedule(engine: Engine, schedule_id: int, by: Person) -> None:
    """Delete a schedule with everything that its rows say; raise UnknownSchedule where there is none."""
    with writing(engine) as connection:
        if find_schedule(connection, schedule_id) is None:
            raise UnknownSchedule(schedule_id)
        delete_schedules(connection, [schedule_id])
        note_done(connection, by=by.id, did="schedule-deleted", subject=str(schedule_id), now=now_utc())
        connection.commit()


def schedule_of(engine: Engine, schedule_id: int) -> tuple[Schedule, tuple[KeptRow, ...]]:
    """Return a schedule and its rows; raise UnknownSchedule where there is none, or its time is over."""
    with reading(engine) as connection:
        return _must_find(connection, schedule_id), rows_of(connection, schedule_id)


def schedules_of(engine: Engine) -> tuple[Schedule, ...]:
    """Return the schedules whose time is not over, the newest first."""
    now = now_utc()
    with reading(engine) as connection:
        return tuple(one for one in find_schedules(connection) if one.expires_at > now)


def unfinished(engine: Engine) -> tuple[int, ...]:
    """Return the schedules that a worker goes on with when it starts."""
    with reading(engine) as connection:
        return running_ids(connection)


def _set(engine: Engine, schedule_id: int, state: str) -> None:
    with writing(engine) as connection:
        found = find_schedule(connection, schedule_id)
        if found is None:
            raise UnknownSchedule(schedule_id)
        if not found.is_done:
            set_state(connection, schedule_id, state)
        connection.commit()


# ----------------------------------------------------------------------------
# The rows of a schedule as a list of work: what needs action first, then by day; and what of it is wanted.
# ----------------------------------------------------------------------------

NOTHING, WAITING = "nothing", "waiting"
# Everything that a list can be narrowed to, the most pressing first.
STATES = (*KINDS, NOTHING, WAITING)


class Work(NamedTuple):
    """What lists show of a row; `day` is None where it can't be read, and `kinds` are what it needs."""

    schedule_id: int
    line: int
    label: str
    day: date | None
    time: str
    payer: str
    therapist: str
    location: str
    kinds: tuple[str, ...]
    at_risk: int
    is_answered: bool

    @property
    def state(self) -> str:
        """Return the most pressing thing that the row needs, NOTHING or WAITING."""
        return self.kinds[0] if self.kinds else NOTHING if self.is_answered else WAITING


# The columns that `_listed` makes: all of a list but the schedule, the line and whether it was answered.
_LISTED = Work._fields[2:-1]


def _listed(cells: Cells, outcome: Outcome | None) -> dict[str, Any]:
    """Return what lists show of a row, by the column in which it is kept."""
    said = outcome or {}
    kinds = dict.fromkeys(sorted((need["kind"] for need in said.get("needs", ())), key=KINDS.index))
    return {
        "label": cells.get("label", ""),
        "day": day_of_row(cells),
        "time": time_of(cells),
        "payer": said.get("plan") or cells.get("plan", ""),
        "therapist": cells.get("therapist", ""),
        "location": cells.get("location", ""),
        "kinds": " ".join(kinds),
        "at_risk": said.get("money_at_risk", 0),
    }


def day_of_row(cells: Cells) -> date | None:
    """Return the day of a row, None where it can't be read."""
    try:
        return date.fromisoformat(read_day(cells.get("first_day", "")))
    except ValueError:
        return None


def work_of(row: KeptRow, schedule_id: int = 0) -> Work:
    """Return what lists show of a row that is open."""
    listed = _listed(row.cells, row.outcome)
    kinds = tuple(listed.pop("kinds").split())
    return Work(schedule_id, row.line, **listed, kinds=kinds, is_answered=row.outcome is not None)


def asked_works() -> Select[Any]:
    """Return the question for what lists show of rows; `read_work` reads a row of its answer."""
    columns = schedule_rows.c
    is_answered = columns.answered_at.is_not(None).label("is_answered")
    return select(columns.schedule_id, columns.line, *(columns[name] for name in _LISTED), is_answered)


def read_work(row: Iterable[Any]) -> Work:
    """Read a row of the answer to `asked_works`."""
    *listed, kinds, at_risk, is_answered = row
    return Work._make((*listed, _kinds_in(kinds), at_risk, is_answered))


@lru_cache(1024)
def _kinds_in(written: str) -> tuple[str, ...]:
    return tuple(written.split())


def works_of(engine: Engine, schedule_id: int) -> tuple[Schedule, tuple[Work, ...]]:
    """Return a schedule and its rows as lists show them, what needs action first; raise UnknownSchedule."""
    with reading(engine) as connection:
        found = _must_find(connection, schedule_id)
        rows = connection.execute(asked_works().where(schedule_rows.c.schedule_id == schedule_id))
        return found, worklist(map(read_work, rows))


def worklist(rows: Iterable[Work]) -> tuple[Work, ...]:
    """Return the rows by what needs action and then by day."""
    return tuple(sorted(rows, key=lambda work: (STATES.index(work.state), work.day or date.min, work.line)))


def narrowed(works: Sequence[Work], wanted: str) -> Sequence[Work]:
    """Return only those that need what is wanted, if anything is."""
    return [work for work in works if wanted in (*work.kinds, work.state)] if wanted else works


def counts(works: Sequence[Work]) -> Mapping[str, int]:
    """Return how many rows need each thing, the most pressing first; a row that needs two counts for both."""
    counted = Counter(kind for work in works for kind in work.kinds or (work.state,))
    return {state: counted[state] for state in STATES if counted[state]}


# ----------------------------------------------------------------------------
# Schedules that a clinic sent: their rows, and the outcome of each, which is written once.
# ----------------------------------------------------------------------------

RUNNING, STOPPED, DONE = "running", "stopped", "done"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule: by whose account it was sent and when, how far it is, and when it is deleted by itself."""

    id: int
    sent_by: str
    sent_at: datetime
    expires_at: datetime
    state: str
    rows: int
    answered: int

    @property
    def is_done(self) -> bool:
        """Tell whether every row has its outcome."""
        return self.answered == self.rows


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of a schedule; `outcome` is None until it is answered."""

    line: int
    cells: Mapping[str, Any]
    outcome: Mapping[str, Any] | None
    tries: int = 0


def insert_schedule(
    connection: Connection, sent_by: str, now: datetime, expires_at: datetime, rows: Sequence[KeptRow]
) -> int:
    """Add a schedule with its rows; return its id."""
    number = next_id(connection, schedules)
    one = {"id": number, "sent_by": sent_by, "sent_at": now, "expires_at": expires_at, "state": RUNNING}
    connection.execute(insert(schedules), one)
    written = [
        {"schedule_id": number, "line": row.line, "cells": dict(row.cells), **_listed(row.cells, None)} for row in rows
    ]
    connection.execute(insert(schedule_rows), written)
    return number


def find_schedule(connection: Connection, schedule_id: int) -> Schedule | None:
    """Return a schedule; None where there is none."""
    found = connection.execute(_schedules().where(schedules.c.id == schedule_id)).one_or_none()
    return _schedule(found) if found else None


def _must_find(connection: Connection, schedule_id: int) -> Schedule:
    found = find_schedule(connection, schedule_id)
    if found is None or found.expires_at <= now_utc():
        raise UnknownSchedule(schedule_id)
    return found


def find_schedules(connection: Connection) -> tuple[Schedule, ...]:
    """Return every schedule, the newest first."""
    return tuple(map(_schedule, connection.execute(_schedules().order_by(schedules.c.id.desc()))))


def rows_of(connection: Connection, schedule_id: int) -> tuple[KeptRow, ...]:
    """Return every row of a schedule by its line."""
    columns = schedule_rows.c
    asked = select(columns.line, columns.cells, columns.outcome).where(columns.schedule_id == schedule_id)
    return tuple(KeptRow(*row) for row in connection.execute(asked.order_by(columns.line)))


def opened_rows(engine: Engine, works: Iterable[Work]) -> Mapping[tuple[int, int], KeptRow]:
    """Return the whole rows of some of a list, by schedule and line."""
    columns = schedule_rows.c
    meant = [(work.schedule_id, work.line) for work in works]
    asked = select(columns.schedule_id, columns.line, columns.cells, columns.outcome)
    asked = asked.where(tuple_(columns.schedule_id, columns.line).in_(meant))
    with reading(engine) as connection:
        rows = connection.execute(asked).all()
    return {(row.schedule_id, row.line): KeptRow(row.line, row.cells, row.outcome) for row in rows}


def waiting_rows(connection: Connection, schedule_id: int, most: int) -> tuple[KeptRow, ...]:
    """Return the first rows that have no outcome yet."""
    columns = schedule_rows.c
    asked = select(columns.line, columns.cells, columns.outcome, columns.tries)
    asked = asked.where(columns.schedule_id == schedule_id, columns.answered_at.is_(None)).order_by(columns.line)
    return tuple(KeptRow(*row) for row in connection.execute(asked.limit(most)))


def keep_outcomes(connection: Connection, schedule_id: int, answered: Mapping[int, Answered], now: datetime) -> None:
    """Write what rows came to by their lines; a row that has an outcome keeps it."""
    columns = schedule_rows.c
    is_waiting = and_(
        columns.schedule_id == schedule_id, columns.line == bindparam("of_line"), columns.answered_at.is_(None)
    )
    found = {"outcome": bindparam("found"), "set_aside": bindparam("why"), "answered_at": now}
    listed: dict[str, Any] = {name: bindparam(f"listed_{name}") for name in _LISTED}
    change = update(schedule_rows).where(is_waiting).values(**found, **listed)
    written = [
        {"of_line": line, "found": dict(one.outcome), "why": one.outcome.get("set_aside")}
        | {f"listed_{name}": value for name, value in _listed(one.cells, one.outcome).items()}
        for line, one in answered.items()
    ]
    connection.execute(change, written)


def set_state(connection: Connection, schedule_id: int, state: str) -> None:
    """Let a schedule run, stop, or be done."""
    connection.execute(update(schedules).where(schedules.c.id == schedule_id).values(state=state))


def running_ids(connection: Connection) -> tuple[int, ...]:
    """Return the schedules that are not to stop before every row is answered."""
    return tuple(connection.scalars(select(schedules.c.id).where(schedules.c.state == RUNNING)))


def delete_schedules(connection: Connection, ids: Sequence[int]) -> None:
    """Delete schedules with all of their rows."""
    connection.execute(delete(schedule_rows).where(schedule_rows.c.schedule_id.in_(ids)))
    connection.execute(delete(schedules).where(schedules.c.id.in_(ids)))


def kept_ids() -> Select[Any]:
    """Return the question for the schedules whose time is not over."""
    return select(schedules.c.id).where(schedules.c.expires_at > now_utc())


def expired_ids(connection: Connection, now: datetime) -> tuple[int, ...]:
    """Return the schedules whose time is over."""
    return tuple(connection.scalars(select(schedules.c.id).where(schedules.c.expires_at <= now)))


def _schedules() -> Any:
    rows = func.count(schedule_rows.c.line)
    answered = func.count(schedule_rows.c.answered_at)
    asked = select(
        schedules.c.id,
        schedules.c.sent_by,
        schedules.c.sent_at,
        schedules.c.expires_at,
        schedules.c.state,
        rows.label("rows"),
        answered.label("answered"),
    )
    return asked.outerjoin(schedule_rows, schedule_rows.c.schedule_id == schedules.c.id).group_by(schedules.c.id)


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(**row._mapping)
