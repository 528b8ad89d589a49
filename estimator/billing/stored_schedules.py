"""Schedules that a clinic sent: their rows, and the outcome of each, which is written once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from estimator.db.tables import next_id, schedule_rows, schedules

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
    cells: Mapping[str, str]
    outcome: Mapping[str, Any] | None


def insert_schedule(
    connection: Connection, sent_by: str, now: datetime, expires_at: datetime, rows: Sequence[KeptRow]
) -> int:
    """Add a schedule with its rows; return its id."""
    number = next_id(connection, schedules)
    one = {"id": number, "sent_by": sent_by, "sent_at": now, "expires_at": expires_at, "state": RUNNING}
    connection.execute(insert(schedules), one)
    written = [{"schedule_id": number, "line": row.line, "cells": dict(row.cells)} for row in rows]
    connection.execute(insert(schedule_rows), written)
    return number


def find_schedule(connection: Connection, schedule_id: int) -> Schedule | None:
    """Return a schedule; None where there is none."""
    found = connection.execute(_schedules().where(schedules.c.id == schedule_id)).one_or_none()
    return _schedule(found) if found else None


def find_schedules(connection: Connection) -> tuple[Schedule, ...]:
    """Return every schedule, the newest first."""
    return tuple(map(_schedule, connection.execute(_schedules().order_by(schedules.c.id.desc()))))


def rows_of(connection: Connection, schedule_id: int) -> tuple[KeptRow, ...]:
    """Return every row of a schedule by its line."""
    columns = schedule_rows.c
    asked = select(columns.line, columns.cells, columns.outcome).where(columns.schedule_id == schedule_id)
    return tuple(KeptRow(*row) for row in connection.execute(asked.order_by(columns.line)))


def waiting_rows(connection: Connection, schedule_id: int, most: int) -> tuple[KeptRow, ...]:
    """Return the first rows that have no outcome yet."""
    columns = schedule_rows.c
    asked = select(columns.line, columns.cells, columns.outcome)
    asked = asked.where(columns.schedule_id == schedule_id, columns.answered_at.is_(None)).order_by(columns.line)
    return tuple(KeptRow(*row) for row in connection.execute(asked.limit(most)))


def keep_outcomes(
    connection: Connection, schedule_id: int, outcomes: Mapping[int, Mapping[str, Any]], now: datetime
) -> None:
    """Write the outcomes of rows by their lines; a row that has one keeps it."""
    columns = schedule_rows.c
    is_waiting = and_(
        columns.schedule_id == schedule_id, columns.line == bindparam("of_line"), columns.answered_at.is_(None)
    )
    change = update(schedule_rows).where(is_waiting).values(outcome=bindparam("found"), answered_at=now)
    connection.execute(change, [{"of_line": line, "found": dict(one)} for line, one in outcomes.items()])


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


def expired_ids(connection: Connection, now: datetime) -> tuple[int, ...]:
    """Return the schedules whose time is over."""
    return tuple(connection.scalars(select(schedules.c.id).where(schedules.c.expires_at <= now)))


def _schedules() -> Any:
    rows = func.count(schedule_rows.c.line)
    answered = func.count(schedule_rows.c.answered_at)
    asked = select(
        schedules.c.id, schedules.c.sent_by, schedules.c.sent_at, schedules.c.expires_at, schedules.c.state,
        rows.label("rows"), answered.label("answered"),
    )  # fmt: skip
    return asked.outerjoin(schedule_rows, schedule_rows.c.schedule_id == schedules.c.id).group_by(schedules.c.id)


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(**row._mapping)
