"""The worker seen from outside: whether it lives, what it could not answer, and who starts it again when it ends.

A worker says every few seconds in the database that it lives. A row that makes it fail is set aside with its reason, so
that no row keeps the others waiting.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import schedule_rows, schedules, workers
from estimator.errors import DatabaseUnavailable
from estimator.logs import kinds_of, places_of

T = TypeVar("T")
_log = structlog.get_logger("estimator.jobs")

# ----------------------------------------------------------------------------
# The heartbeat: one row for each worker, with when it was last alive.
# ----------------------------------------------------------------------------

EVERY = timedelta(seconds=10)
LATE = timedelta(seconds=45)
_FORGOTTEN = timedelta(days=1)


def note_alive(engine: Engine, name: str, now: datetime) -> None:
    """Note that a worker lives, and forget those that have not for a day."""
    with writing(engine) as connection:
        known = connection.execute(update(workers).where(workers.c.name == name).values(seen_at=now)).rowcount
        if not known:
            connection.execute(insert(workers), {"name": name, "started_at": now, "seen_at": now})
        connection.execute(delete(workers).where(workers.c.seen_at < now - _FORGOTTEN))
        connection.commit()


def last_alive(engine: Engine) -> datetime | None:
    """Return when a worker was last alive; None where there was none for a day."""
    with reading(engine) as connection:
        found: datetime | None = connection.execute(select(func.max(workers.c.seen_at))).scalar()
    return found


def is_alive(engine: Engine, now: datetime) -> bool:
    """Tell whether a worker is doing what waits."""
    return is_recent(last_alive(engine), now)


def is_recent(seen: datetime | None, now: datetime) -> bool:
    """Tell whether a worker that was last alive then lives now."""
    return seen is not None and now - seen < LATE


@contextmanager
def beating(engine: Engine) -> Iterator[None]:
    """Note every few seconds that this process works, for as long as this lasts."""
    name, is_over = f"{socket.gethostname()}:{os.getpid()}", Event()

    def beat() -> None:
        while True:
            # A database that is busy or full gets the next beat.
            with suppress(DatabaseUnavailable):
                note_alive(engine, name, now_utc())
            if is_over.wait(EVERY.total_seconds()):
                return

    heart = Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        is_over.set()
        heart.join()


# ----------------------------------------------------------------------------
# Rows that are set aside, each with its reason: the kind of failure and where in our code, never what the row says.
# ----------------------------------------------------------------------------

# After so many starts of a row by itself that did not come to an end, the worker ended because of it.
MOST_TRIES = 3
ENDED = "the worker ended while it answered this row"
# What our own mistakes raise, and what a row can provoke in a library.
FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row of a schedule that could not be answered, and why."""

    schedule_id: int
    line: int
    reason: str


def reason_of(failure: BaseException) -> str:
    """Say why a row is set aside."""
    places = places_of(failure)
    return f"{kinds_of(failure)} at {places[-1]}" if places else kinds_of(failure)


def set_aside(reason: str) -> dict[str, Any]:
    """Return the outcome of a row that could not be answered."""
    words = f"We couldn’t answer this row, and set it aside so that the others go on: {reason}. Report it to us."
    return {"needs": [{"kind": "refused"}], "problems": [{"column": "", "words": words}], "set_aside": reason}


def rows_set_aside(engine: Engine, most: int) -> Sequence[SetAside]:
    """Return the last rows that were set aside in schedules that are kept, the newest schedule first."""
    columns = schedule_rows.c
    asked = select(columns.schedule_id, columns.line, columns.set_aside).join(schedules)
    asked = asked.where(columns.set_aside.is_not(None), schedules.c.expires_at > now_utc())
    with reading(engine) as connection:
        rows = connection.execute(asked.order_by(columns.schedule_id.desc(), columns.line).limit(most))
        return [SetAside(*row) for row in rows]


def count_tries(connection: Connection, schedule_id: int, lines: Sequence[int]) -> None:
    """Count that these rows are about to be answered, within the transaction at hand."""
    columns = schedule_rows.c
    meant = (columns.schedule_id == schedule_id) & columns.line.in_(lines)
    connection.execute(update(schedule_rows).where(meant).values(tries=columns.tries + 1))


# In seconds: together a quarter of an hour.
_PAUSES = (1, 5, 30, 60, 120, 300, 400)


def patiently(act: Callable[[], T]) -> T:
    """Do something with the database; one that is busy or full for a while is waited for."""
    for pause in _PAUSES:
        try:
            return act()
        except DatabaseUnavailable as unavailable:
            _log.warning("worker waits for the database", cause=str(unavailable.cause), seconds=pause)
            sleep(pause)
    return act()


# ----------------------------------------------------------------------------
# The worker beside the pages: started with them, ended with them, and started again whenever it ends before.
# ----------------------------------------------------------------------------

WITH_PARENT = "--with-parent"
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1, 60
# One that lived for this long was well: the next pause is short again.
_WELL = 60
_LOOK_EVERY = 0.5


def _start_worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "estimator", "work", WITH_PARENT]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


@contextmanager
def worker_beside(start: Callable[[], subprocess.Popen[bytes]] = _start_worker) -> Iterator[None]:
    """Have a worker for as long as this lasts; one that ends is started again. It ends with this process too."""
    is_over = Event()
    keeper = Thread(target=_keep_one, args=(start, is_over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _keep_one(start: Callable[[], subprocess.Popen[bytes]], is_over: Event) -> None:
    pause = _SHORTEST_PAUSE
    while not is_over.is_set():
        started = monotonic()
        with start() as worker:
            while worker.poll() is None and not is_over.wait(_LOOK_EVERY):
                pass
            # Closing its standard input ends it, once the rows at hand are kept; leaving waits for that.
            assert worker.stdin is not None
            worker.stdin.close()
        if is_over.is_set():
            return
        pause = _SHORTEST_PAUSE if monotonic() - started >= _WELL else pause
        _log.warning("worker ended, is started again", status=worker.returncode, seconds=pause)
        is_over.wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
