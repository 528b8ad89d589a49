"""What was published when: one row for each time, with its counts and the problems that were met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from estimator.db.tables import imports, next_id


@dataclass(frozen=True, slots=True)
class Import:
    """One time that something was published; `fingerprint` is that of the files it came from, where there were any."""

    origin: str
    fingerprint: str
    ran_at: datetime
    published_by: str
    counts: Mapping[str, int]
    problems: Sequence[str] = ()


def keep_import(connection: Connection, report: Import) -> None:
    """Add a row."""
    connection.execute(
        insert(imports),
        {
            "id": next_id(connection, imports),
            "origin": report.origin,
            "fingerprint": report.fingerprint,
            "ran_at": report.ran_at,
            "published_by": report.published_by,
            "counts": dict(report.counts),
            "problems": list(report.problems),
        },
    )


def last_import(connection: Connection, origin: str) -> Import | None:
    """Return the last time that something was published under this origin."""
    asked = select(imports).where(imports.c.origin == origin).order_by(imports.c.id.desc()).limit(1)
    row = connection.execute(asked).mappings().first()
    return None if row is None else Import(**{key: value for key, value in row.items() if key != "id"})
