"""The work list of the front desk: the visits of some days, from every schedule that is kept, with their cases.

A visit that stands in two schedules shows once, as the newest has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, or_, select

from estimator.billing.cases import OPEN, VISIT
from estimator.billing.schedule_file import Cells
from estimator.billing.sent_schedules import Work, asked_works, read_work
from estimator.clock import now_utc
from estimator.db.connection import reading
from estimator.db.tables import case_entries, cases, schedule_rows, schedules

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
    "doubt": ("in-doubt",),
}
READY, WAITING, DONE, CANCELED = "ready", "waiting", "done", "canceled"
_GROUP_OF = {kind: name for name, kinds in GROUPS.items() for kind in kinds}
_RANKS = {name: place for place, name in enumerate(GROUPS)}


class DeskRow(NamedTuple):
    """One visit of a day: what lists show of its row, its open case, if there is one, and the tile it counts in."""

    work: Work
    case_id: int | None
    group: str


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
        works = _works_between(connection, first, last)
        by_label = open_cases_labeled(connection, select(schedule_rows.c.label).where(_within(first, last)))
        done = _done(connection, first, last)
    found = (desk_row(work, by_label.get(work.label), done) for work in works)
    return tuple(sorted(found, key=by_time))


def desk_row(work: Work, case_id: int | None, done: Set[tuple[int, date | None]] = frozenset()) -> DeskRow:
    """Return a row with its case and its tile; `done` are cases with the days on which a visit was given."""
    is_done = case_id is not None and (case_id, work.day) in done
    return DeskRow(work, case_id, DONE if is_done else _group_of(work))


def _group_of(work: Work) -> str:
    if not work.is_answered:
        return WAITING
    if CANCELED in work.kinds:
        return CANCELED
    groups = [_GROUP_OF[kind] for kind in work.kinds if kind in _GROUP_OF]
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
    time = row.work.time.upper().replace(".", "")
    hour, _, rest = time.partition(":")
    number = int(hour) if hour.isdecimal() else 24
    is_afternoon = "PM" in rest and number < _NOON
    return row.work.day or date.min, (number + (_NOON if is_afternoon else 0), rest), row.work.label


_NOON = 12


def _within(first: date, last: date) -> ColumnElement[bool]:
    """Return the condition that a row of a schedule that is kept is on one of these days, or on none."""
    columns = schedule_rows.c
    kept = select(schedules.c.id).where(schedules.c.expires_at > now_utc())
    return and_(columns.schedule_id.in_(kept), or_(columns.day.between(first, last), columns.day.is_(None)))


def _works_between(connection: Connection, first: date, last: date) -> list[Work]:
    """Return the rows of these days; of those with the same label, day and time the one of the newest schedule."""
    columns = schedule_rows.c
    asked = asked_works().where(_within(first, last)).order_by(columns.schedule_id, columns.line)
    return newest_of(map(read_work, connection.execute(asked)))


def newest_of(works: Iterable[Work]) -> list[Work]:
    """Return of the rows with the same label, day and time the last one."""
    newest: dict[tuple[object, ...], Work] = {}
    for work in works:
        newest[work.label or (work.schedule_id, work.line), work.day, work.time] = work
    return list(newest.values())


def open_cases_labeled(connection: Connection, labels: Select[Any] | Collection[str]) -> Mapping[str, int]:
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


def _done(connection: Connection, first: date, last: date) -> set[tuple[int, date | None]]:
    """Return the cases and days on which a visit was given and not taken back."""
    columns = case_entries.c
    asked = select(columns.case_id, columns.number, columns.day, columns.corrects, columns.content)
    rows = connection.execute(asked.where(columns.kind == VISIT, columns.day.between(first, last))).all()
    corrected = {(row.case_id, row.corrects) for row in rows if row.corrects is not None}
    standing = (row for row in rows if (row.case_id, row.number) not in corrected and not row.content.get("void"))
    return {(row.case_id, row.day) for row in standing}
