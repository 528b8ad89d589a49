"""How well the service is, as the database and its disk tell: what must be so for it to be ready, and figures to watch.

Nothing here says anything about a patient: figures are counts, ages and the names of imports.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, select, text

from estimator.billing.jobs import jobs_of
from estimator.billing.worker import is_alive, last_alive
from estimator.db.connection import file_of, is_in_memory, reading, version, writing
from estimator.db.migrations import HEAD
from estimator.db.tables import active_plans, given_estimates, imports, saved_estimates, schedule_rows
from estimator.errors import DatabaseUnavailable

LEAST_FREE_BYTES = 200_000_000


class Check(StrEnum):
    """What must be so for the service to be ready."""

    READABLE = "database readable"
    WRITABLE = "database writable"
    MIGRATED = "database migrated"
    DISK = "disk space"
    WORKER = "worker"


def checks(engine: Engine, now: datetime) -> dict[Check, bool]:
    """Return what is so. The disk of a server is its own matter; in memory there is neither disk nor worker."""
    found = {Check.READABLE: _holds(lambda: _is_readable(engine)), Check.WRITABLE: _holds(lambda: _is_writable(engine))}
    found[Check.MIGRATED] = found[Check.READABLE] and _holds(lambda: _is_migrated(engine))
    if (file := file_of(engine.url)) is not None:
        found[Check.DISK] = _free_bytes(file) >= LEAST_FREE_BYTES
    if not is_in_memory(engine):
        found[Check.WORKER] = found[Check.MIGRATED] and _holds(lambda: is_alive(engine, now))
    return found


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseUnavailable:
        return False


def _is_readable(engine: Engine) -> bool:
    with reading(engine) as connection:
        return connection.execute(select(1)).scalar() == 1


def _is_writable(engine: Engine) -> bool:
    # The one writer could write; a statement that changes no row asks for all the rights it takes.
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM workers WHERE name = ''"))
        connection.rollback()
    return True


def _is_migrated(engine: Engine) -> bool:
    with reading(engine) as connection:
        return version(connection) == HEAD


def _free_bytes(file: Path) -> int:
    try:
        return shutil.disk_usage(file.parent).free
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure to watch: its name, what it counts, and its value for each of the named things, or for the whole."""

    name: str
    says: str
    values: dict[str, int]


_WHOLE = ""
_COUNTED = (
    ("plans_active", "Plans that can be asked for.", active_plans),
    ("estimates_saved", "Estimates that people saved under a link.", saved_estimates),
    ("estimates_given", "Estimates kept by the billing desk.", given_estimates),
)


def figures(engine: Engine, now: datetime) -> Iterator[Figure]:
    """Yield the figures to watch."""
    seen = last_alive(engine)
    if seen is not None:
        yield Figure("worker_age_seconds", "Since the worker was last alive.", _one(int((now - seen).total_seconds())))
    queue = jobs_of(engine).queue
    if queue is not None:
        yield Figure("jobs_waiting", "Jobs in the queue.", _one(int(queue.pending_count())))
    with reading(engine) as connection:
        for name, says, table in _COUNTED:
            yield Figure(name, says, _one(_count(connection, table)))
        waiting = _rows(connection, schedule_rows.c.answered_at.is_(None))
        yield Figure("schedule_rows_waiting", "Rows of schedules without an answer.", _one(waiting))
        aside = _rows(connection, schedule_rows.c.set_aside.is_not(None))
        yield Figure("schedule_rows_set_aside", "Rows of schedules that could not be answered.", _one(aside))
        yield from _of_imports(connection, now)


def _of_imports(connection: Connection, now: datetime) -> Iterator[Figure]:
    last = select(func.max(imports.c.id)).group_by(imports.c.origin)
    asked = select(imports.c.origin, imports.c.ran_at, imports.c.problems).where(imports.c.id.in_(last))
    rows = connection.execute(asked.order_by(imports.c.origin)).all()
    ages = {origin: int((now - ran_at).total_seconds()) for origin, ran_at, _ in rows}
    yield Figure("import_age_seconds", "Since each source was last imported.", ages)
    yield Figure(
        "import_problems", "Problems of the last import of each source.", {row[0]: len(row[2]) for row in rows}
    )


def _one(value: int) -> dict[str, int]:
    return {_WHOLE: value}


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _rows(connection: Connection, condition: object) -> int:
    asked = select(func.count()).select_from(schedule_rows).where(condition)  # type: ignore[arg-type] # see its callers
    return int(connection.execute(asked).scalar_one())
