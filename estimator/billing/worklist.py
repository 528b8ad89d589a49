"""The work list of the front desk: the visits of some days, from every schedule that is kept, with their cases.

A visit that stands in two schedules shows once, as the newest has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from estimator.billing.cases import OPEN, VISIT, Case
from estimator.billing.needs import KINDS
from estimator.billing.schedule import Outcome
from estimator.billing.schedule_cells import read_day, time_of
from estimator.billing.schedule_file import Cells
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
}
READY, WAITING, DONE = "ready", "waiting", "done"


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One visit of a day: its row in a schedule, what it came to, and its case, if one has its label."""

    schedule_id: int
    line: int
    cells: Cells
    outcome: Outcome
    day: date
    case: Case | None
    is_done: bool

    @property
    def time(self) -> str:
        """Return when it starts, as the schedule says it."""
        return time_of(self.cells)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return all that it needs, the most pressing first."""
        return tuple(sorted((need["kind"] for need in self.outcome.get("needs", ())), key=KINDS.index))

    @property
    def group(self) -> str:
        """Return the tile it is counted in."""
        if self.is_done:
            return DONE
        if not self.outcome:
            return WAITING
        return next((name for name, kinds in GROUPS.items() if set(kinds) & set(self.kinds)), READY)

    @property
    def at_risk(self) -> int:
        """Return the cents at risk, zero where nothing is known."""
        return int(self.outcome.get("money_at_risk", 0))


class SoughtRows(NamedTuple):
    """Which visits are meant; what is empty restricts nothing."""

    group: str = ""
    payer: str = ""
    therapist: str = ""
    location: str = ""
    text: str = ""


def desk_rows(engine: Engine, first: date, last: date) -> tuple[DeskRow, ...]:
    """Return the visits from one day to another, both included, by day, time and label."""
    with reading(engine) as connection:
        rows = _rows_between(connection, first, last)
        labels = {cells.get("label", "") for _, _, cells, _, _ in rows} - {""}
        by_label = _open_cases(connection, labels)
        done = _done(connection, [case.id for case in by_label.values()], first, last)
    found = (
        DeskRow(
            schedule_id=number,
            line=line,
            cells=cells,
            outcome=outcome or {},
            day=day,
            case=(case := by_label.get(cells.get("label", ""))),
            is_done=case is not None and (case.id, day) in done,
        )
        for number, line, cells, outcome, day in rows
    )
    return tuple(sorted(found, key=_by_time))


def narrowed_rows(rows: Iterable[DeskRow], sought: SoughtRows) -> tuple[DeskRow, ...]:
    """Return only the visits that are meant."""
    wanted = sought.text.casefold()
    return tuple(
        row
        for row in rows
        if sought.group in ("", row.group)
        and sought.payer in ("", payer_of(row))
        and sought.therapist in ("", row.cells.get("therapist", ""))
        and sought.location in ("", row.cells.get("location", ""))
        and wanted in row.cells.get("label", "").casefold()
    )


def payer_of(row: DeskRow) -> str:
    """Return what a row calls its plan: the title where it was answered."""
    return str(row.outcome.get("plan") or row.cells.get("plan", ""))


def groups_of(rows: Sequence[DeskRow]) -> Mapping[str, int]:
    """Return how many visits are in each group."""
    return Counter(row.group for row in rows)


def row_of(engine: Engine, schedule_id: int, line: int) -> tuple[Cells, Outcome] | None:
    """Return the cells of one row of a schedule that is kept, and its outcome; None where there is none."""
    columns = schedule_rows.c
    asked = select(columns.cells, columns.outcome).where(columns.schedule_id == schedule_id, columns.line == line)
    with reading(engine) as connection:
        found = connection.execute(asked).first()
    return (found.cells, found.outcome or {}) if found else None


def _by_time(row: DeskRow) -> tuple[date, tuple[int, str], str]:
    time = row.time.upper().replace(".", "")
    hour, _, rest = time.partition(":")
    number = int(hour) if hour.isdecimal() else 24
    is_afternoon = "PM" in rest and number < _NOON
    return row.day, (number + (_NOON if is_afternoon else 0), rest), row.cells.get("label", "")


_NOON = 12

_Row = tuple[int, int, Cells, Outcome | None, date]


def _rows_between(connection: Connection, first: date, last: date) -> list[_Row]:
    columns = schedule_rows.c
    asked = select(columns.schedule_id, columns.line, columns.cells, columns.outcome)
    asked = asked.join(schedules, schedules.c.id == columns.schedule_id).where(schedules.c.expires_at > now_utc())
    newest: dict[tuple[str, ...], _Row] = {}
    for row in connection.execute(asked.order_by(columns.schedule_id, columns.line)):
        try:
            day = date.fromisoformat(read_day(row.cells.get("first_day", "")))
        except ValueError:
            continue
        if first <= day <= last:
            label = row.cells.get("label", "") or f"{row.schedule_id}.{row.line}"
            newest[label, day.isoformat(), time_of(row.cells)] = (*row, day)
    return list(newest.values())


def _open_cases(connection: Connection, labels: Iterable[str]) -> dict[str, Case]:
    wanted = sorted(labels)
    found: dict[str, Case] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        asked = select(*cases.c).where(cases.c.label.in_(wanted[start : start + _AT_ONCE]), cases.c.state == OPEN)
        found |= {row.label: Case(**row._mapping) for row in connection.execute(asked)}
    return found


_AT_ONCE = 500


def _done(connection: Connection, case_ids: Sequence[int], first: date, last: date) -> set[tuple[int, date]]:
    """Return the cases and days on which a visit was given and not taken back."""
    columns = case_entries.c
    asked = select(columns.case_id, columns.number, columns.day, columns.corrects, columns.content)
    asked = asked.where(columns.kind == VISIT, columns.case_id.in_(case_ids), columns.day.between(first, last))
    rows = connection.execute(asked).all()
    corrected = {(row.case_id, row.corrects) for row in rows if row.corrects is not None}
    standing = (row for row in rows if (row.case_id, row.number) not in corrected and not row.content.get("void"))
    return {(row.case_id, row.day) for row in standing}
