"""The work list of the front desk: the visits of some days, from every schedule that is kept, with their cases.

A visit that stands in two schedules shows once, as the newest has it, also at another time of its day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Row, and_, exists, or_, select, true

from estimator.billing.cases import MERGED, OPEN, VISIT, stands
from estimator.billing.moved_visits import Moved, moved_visits
from estimator.billing.schedule_cells import CANCELED
from estimator.billing.schedule_file import Cells
from estimator.billing.sent_schedules import Work, asked_works, kept_ids, read_work
from estimator.db.connection import reading
from estimator.db.tables import case_entries, cases, schedule_rows

READY, WAITING, DONE, MOVED, DOUBT = "ready", "waiting", "done", "moved", "doubt"
# What the tiles count, each with the kinds of needs that belong to it, the most pressing first.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "correct": ("refused",),
    "authorization": (
        *("authorization-spent", "authorization-expired", "authorization-missing"),
        *("authorization-last-visit", "authorization-ends", "referral-missing"),
    ),
    "limit": ("limit-passed", "limit-reached", "limit-near"),
    "kx": ("kx", "medical-review"),
    "notice": ("not-allowed-by-state", "clinic-absorbs", "patient-billed"),
    "call": ("unknown-cover", "ask", "other-condition", "duplicate"),
    DOUBT: ("in-doubt",),
}
_GROUP_OF = {kind: name for name, kinds in GROUPS.items() for kind in kinds}
_RANKS = {name: place for place, name in enumerate(GROUPS)}


class DeskRow(NamedTuple):
    """One visit of a day: what lists show of its row, its open case, if there is one, and the tile it counts in.

    `moved` is what a newer schedule makes of it, None where it stands.
    """

    work: Work
    case_id: int | None
    group: str
    moved: Moved | None = None


class SoughtRows(NamedTuple):
    """Which visits are meant; what is empty restricts nothing."""

    group: str = ""
    payer: str = ""
    therapist: str = ""
    location: str = ""
    text: str = ""


def desk_rows(engine: Engine, first: date, last: date) -> tuple[DeskRow, ...]:
    """Return the visits from one day to another, both included, by day, time and label.

    A row whose day can't be read is among them, whatever the days, until somebody corrects it.
    """
    with reading(engine) as connection:
        found = _rows_between(connection, first, last)
        merged = {row.label for row in found if row.state == MERGED}
        ids = open_cases_labeled(connection, merged) if merged else {}
        done = _visited(connection, ids.values()) if ids else frozenset()
        moved = moved_visits(connection, [read_work(tuple(row)[:-3]) for row in found if not row[-1]])
    rows = []
    for row in found:
        *said, case_id, state, is_done = tuple(row)
        if state == MERGED:
            case_id = ids.get(row.label)
            is_done = (case_id, row.day) in done
        is_open = state in (OPEN, MERGED)
        work = read_work(said)
        known = moved.get((work.schedule_id, work.line))
        rows.append(desk_row(work, case_id if is_open else None, known, is_done=is_open and is_done))
    rows.sort(key=by_time)
    return tuple(rows)


def desk_row(work: Work, case_id: int | None, moved: Moved | None = None, *, is_done: bool = False) -> DeskRow:
    """Return a row with its case and its tile."""
    if is_done:
        return DeskRow(work, case_id, DONE)
    group = _group_of(work.kinds) if work.is_answered else WAITING
    if moved:
        group = MOVED if moved.is_sure else DOUBT if group == READY else group
    return DeskRow(work, case_id, group, moved)


@lru_cache(1024)
def _group_of(kinds: tuple[str, ...]) -> str:
    if CANCELED in kinds:
        return CANCELED
    groups = [_GROUP_OF[kind] for kind in kinds if kind in _GROUP_OF]
    return min(groups, key=_RANKS.__getitem__, default=READY)


def narrowed_rows(rows: Iterable[DeskRow], sought: SoughtRows) -> tuple[DeskRow, ...]:
    """Return only the visits that are meant."""
    wanted = sought.text.casefold()
    return tuple(
        row
        for row in rows
        if sought.group in ("", row.group)
        and sought.payer in ("", row.work.payer)
        and sought.therapist in ("", row.work.therapist)
        and sought.location in ("", row.work.location)
        and wanted in row.work.label.casefold()
    )


def groups_of(rows: Sequence[DeskRow]) -> Mapping[str, int]:
    """Return how many visits are in each group."""
    return Counter(row.group for row in rows)


def row_of(engine: Engine, schedule_id: int, line: int) -> Cells | None:
    """Return the cells of one row of a schedule that is kept; None where there is none."""
    columns = schedule_rows.c
    asked = select(columns.cells).where(columns.schedule_id == schedule_id, columns.line == line)
    with reading(engine) as connection:
        cells: Cells | None = connection.execute(asked).scalar()
    return cells


def by_time(row: DeskRow) -> tuple[date, tuple[int, str], str]:
    """Return the place of a row in a list: by day, time and label."""
    return row.work.day or date.min, _time_of_day(row.work.time), row.work.label


@lru_cache(4096)
def _time_of_day(written: str) -> tuple[int, str]:
    time = written.upper().replace(".", "")
    hour, _, rest = time.partition(":")
    number = int(hour) if hour.isdecimal() else 24
    is_afternoon = "PM" in rest and number < _NOON
    return number + (_NOON if is_afternoon else 0), rest


_NOON = 12


def _within(first: date, last: date) -> ColumnElement[bool]:
    """Return the condition that a row of a schedule that is kept is on one of these days, or on none."""
    columns = schedule_rows.c
    return and_(columns.schedule_id.in_(kept_ids()), or_(columns.day.between(first, last), columns.day.is_(None)))


def _rows_between(connection: Connection, first: date, last: date) -> Collection[Row[Any]]:
    """Return what lists show of the rows of these days, with the case of each label, its state, and whether it is done.

    Of those that mean one visit it is the one of the newest schedule.
    """
    row, visit = schedule_rows.c, case_entries.alias()
    is_done = exists().where(visit.c.case_id == cases.c.id, visit.c.day == row.day, _was_given(visit))
    asked = asked_works().add_columns(cases.c.id, cases.c.state, is_done)
    asked = asked.outerjoin_from(schedule_rows, cases, cases.c.label == row.label).where(_within(first, last))
    return newest_of(connection.execute(asked.order_by(row.schedule_id, row.line)).all())


W = TypeVar("W", Work, Row[Any])


def newest_of(rows: Iterable[W]) -> list[W]:
    """Return the rows, given by schedule, as the newest has them; what it moved to another time is there once.

    What it says of a label's day at a place and with a therapist stands for what older ones said of it.
    """
    found: dict[tuple[object, ...], W] = {}
    newest: dict[tuple[object, ...], int] = {}
    for row in rows:
        found[row.label or row[:2], row.day, row.time] = row
        newest[row.label, row.day, row.location, row.therapist] = row.schedule_id
    return [
        row
        for row in found.values()
        if not row.label or newest[row.label, row.day, row.location, row.therapist] == row.schedule_id
    ]


def open_cases_labeled(connection: Connection, labels: Collection[str]) -> Mapping[str, int]:
    """Return the id of the open case of each of these labels; where it was merged into another, that one's."""
    columns = cases.c
    asked = select(columns.id, columns.label, columns.state, columns.merged_into)
    rows = connection.execute(asked.where(columns.label.in_(labels))).all()
    found = {label: number for number, label, state, _ in rows if state == OPEN}
    merged = {label: into for _, label, _, into in rows if into is not None}
    while merged:
        rows = connection.execute(asked.where(columns.id.in_(set(merged.values())))).all()
        by_id = {number: (state, into) for number, _, state, into in rows}
        found |= {label: number for label, number in merged.items() if by_id[number][0] == OPEN}
        merged = {label: into for label, number in merged.items() if (into := by_id[number][1]) is not None}
    return found


def _visited(connection: Connection, ids: Collection[int]) -> Set[tuple[int | None, date | None]]:
    """Return these cases with the days on which a visit was given and not taken back."""
    entry = case_entries.c
    asked = select(entry.case_id, entry.day).where(entry.case_id.in_(ids), _was_given(case_entries))
    return {(case_id, day) for case_id, day in connection.execute(asked)}


def _was_given(entries: FromClause) -> ColumnElement[bool]:
    """Tell of an entry that it is a visit that was given and not taken back."""
    entry = entries.c
    return and_(entry.kind == VISIT, stands(entries), entry.content["void"].as_boolean().is_not(true()))
