"""What people published by hand, and why: one row for each plan and time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select

from estimator.db.tables import next_id, plan_publications


@dataclass(frozen=True, slots=True)
class Publication:
    """A revision that a person made the active one; `replaced` is what was active before, None where nothing was."""

    plan_id: str
    first_day: date
    revision_id: int
    replaced: int | None
    did: str
    published_at: datetime
    published_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What one person published at one moment: a plan, or many at once."""

    did: str
    published_at: datetime
    published_by: str
    note: str
    plan_id: str
    plans: int


def keep_publications(connection: Connection, some: Iterable[Publication]) -> None:
    """Add rows."""
    first = next_id(connection, plan_publications)
    rows = [{"id": first + place, **asdict(one)} for place, one in enumerate(some)]
    if rows:
        connection.execute(insert(plan_publications), rows)


def publications_of(connection: Connection, plan_id: str) -> Sequence[Publication]:
    """Return what was published of a plan, the newest first."""
    columns = [plan_publications.c[name] for name in Publication.__dataclass_fields__]
    asked = select(*columns).where(plan_publications.c.plan_id == plan_id).order_by(plan_publications.c.id.desc())
    return [Publication(*row) for row in connection.execute(asked)]


def recent_publications(connection: Connection, most: int) -> Sequence[Occurrence]:
    """Return what was published last; plans that were published together count as one."""
    columns = plan_publications.c
    together = (columns.did, columns.published_at, columns.published_by, columns.note)
    asked = select(*together, func.min(columns.plan_id), func.count()).group_by(*together)
    rows = connection.execute(asked.order_by(columns.published_at.desc()).limit(most))
    return [Occurrence(*row) for row in rows]
