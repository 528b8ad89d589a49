"""Where jobs wait: with SQLite in a file beside the database of plans, with PostgreSQL in tables beside ours.

A job that is lost with the process that had taken it is no harm: what there is to do stands in our own tables, and
whoever starts to work looks there first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import structlog
from huey import crontab
from huey.api import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import URL, Engine

from estimator.billing.schedule_runs import answer_some, stop_schedule, unfinished
from estimator.billing.watch_running import watch
from estimator.db.connection import engine_at, file_of
from estimator.errors import EstimatorError
from estimator.plans.folder import library
from estimator.plans.shelf import Shelf
from estimator.resources import plans_folder

_log = structlog.get_logger("estimator.jobs")
_NAME = "estimator"
_FILE = "jobs.db"
# While it is night in all of the United States; by the clock in UTC.
_EVERY_NIGHT = crontab(minute="15", hour="8")


@dataclass(frozen=True, slots=True)
class Jobs:
    """A queue, and one function for each job, which puts the job into it and comes back at once."""

    queue: Huey
    answer_schedule: Callable[[int], Any]
    watch: Callable[[], Any]


@cache
def jobs_at(url: URL) -> Jobs:
    """Return the jobs beside the database at this address, the same ones every time."""
    queue = _queue(url)
    engine = engine_at(url)
    answering = queue.task(name="answer_schedule")(partial(answer_schedule, engine))
    watching = queue.periodic_task(_EVERY_NIGHT, name="watch")(partial(watch, engine))
    return Jobs(queue, answering, watching)


def answer_schedule(engine: Engine, schedule_id: int) -> None:
    """Answer the rows of a schedule, some at a time, until none is left or somebody stops it."""
    shelf = Shelf(engine, library(plans_folder()))
    try:
        while answer_some(engine, shelf, schedule_id):
            pass
    except EstimatorError as stopped:
        # The rows wait as they are: once the clinic's files are put right, somebody goes on with them.
        stop_schedule(engine, schedule_id)
        _log.warning("schedule stopped", schedule=schedule_id, because=type(stopped).__name__)


def go_on_with_all(url: URL) -> None:
    """Put every schedule that is not finished into the queue: what a worker does first."""
    jobs = jobs_at(url)
    for schedule_id in unfinished(engine_at(url)):
        jobs.answer_schedule(schedule_id)


def _queue(url: URL) -> Huey:
    file = file_of(url)
    if file is not None:
        return SqliteHuey(_NAME, filename=str(file.with_name(_FILE)), results=False)
    return PostgresHuey(
        _NAME, dsn=url.set(drivername="postgresql").render_as_string(hide_password=False), results=False
    )
