"""Tables of official files that are neither plan nor fee schedule: coding edits, plan crosswalks, what payers pay.

Rows are only added. The newest row of a kind and name is the one in use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, insert, select

from estimator.db.tables import next_id, official_tables

CODING_EDITS, PLAN_CROSSWALK, MARKET_RATES = "coding-edits", "plan-crosswalk", "market-rates"
HOSPITAL_CHARGES, LEARNED_AMOUNTS = "hospital-charges", "learned-amounts"
# What amounts are learned from: the lines of each remittance, and up to which day which of them are forgotten.
PAID_LINES, FORGOTTEN_AMOUNTS = "paid-lines", "forgotten-amounts"


@dataclass(frozen=True, slots=True)
class OfficialTable:
    """One table as it is kept; `content` is JSON, `files` the names of the files it was read from."""

    id: int
    kind: str
    name: str
    first_day: date
    fingerprint: str
    files: str
    content: str
    published_at: datetime
    published_by: str

    @property
    def says(self) -> Any:
        """Return what was read."""
        return json.loads(self.content)


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table that was read of official files; the same content again adds nothing."""

    kind: str
    name: str
    first_day: date
    files: str
    says: Mapping[str, Any]

    @property
    def content(self) -> str:
        """Return the JSON that is kept."""
        return json.dumps(self.says, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def keep_table(connection: Connection, new: NewTable, now: datetime, by: str) -> tuple[int, bool]:
    """Add a table where its content is new; return the id of the row in use, and whether it was added."""
    mark = sha256(new.content.encode()).hexdigest()
    before = newest_table(connection, new.kind, new.name)
    if before and before.fingerprint == mark:
        return before.id, False
    number = next_id(connection, official_tables)
    row = {"kind": new.kind, "name": new.name, "first_day": new.first_day, "files": new.files, "content": new.content}
    more = {"id": number, "fingerprint": mark, "published_at": now, "published_by": by}
    connection.execute(insert(official_tables), {**row, **more})
    return number, True


def newest_table(connection: Connection, kind: str, name: str) -> OfficialTable | None:
    """Return the table of a kind and name that is in use, None where none was ever published."""
    number = newest_id(connection, kind, name)
    return None if number is None else table_of(connection, number)


def newest_id(connection: Connection, kind: str, name: str) -> int | None:
    """Return the id of the table of a kind and name that is in use, without reading it."""
    here = (official_tables.c.kind == kind) & (official_tables.c.name == name)
    return connection.execute(select(func.max(official_tables.c.id)).where(here)).scalar()


def tables_of(connection: Connection, kind: str) -> tuple[OfficialTable, ...]:
    """Return every table of a kind that was ever published, the newest first."""
    asked = select(official_tables).where(official_tables.c.kind == kind).order_by(official_tables.c.id.desc())
    return tuple(OfficialTable(**row._mapping) for row in connection.execute(asked))


def table_of(connection: Connection, number: int) -> OfficialTable:
    """Return a table by its id."""
    row = connection.execute(select(official_tables).where(official_tables.c.id == number)).one()
    return OfficialTable(**row._mapping)


def tables_in_use(
    connection: Connection, kind: str, until: datetime | None = None
) -> tuple[tuple[str, date, int], ...]:
    """Return name, first day and id of each table of a kind in use, in order of their first days.

    With `until`, those that were in use at that moment.
    """
    columns = official_tables.c
    published = select(func.max(columns.id)).where(columns.kind == kind)
    if until is not None:
        published = published.where(columns.published_at <= until)
    newest = published.group_by(columns.name)
    asked = select(columns.name, columns.first_day, columns.id).where(columns.id.in_(newest))
    return tuple((row.name, row.first_day, row.id) for row in connection.execute(asked.order_by(columns.first_day)))
