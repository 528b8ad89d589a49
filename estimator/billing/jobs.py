"""Work that goes on after its page has been answered: where jobs wait, and the worker that does them.

A job that is lost with the process that had taken it is no harm: what there is to do stands in our own tables, and
a worker that starts looks there first.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from threading import Thread
from typing import Any

import structlog
from huey import crontab
from huey.api import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import URL, Engine

from estimator.billing.case_visits import from_cases
from estimator.billing.clinic import clinic_now
from estimator.billing.schedule import books_now
from estimator.billing.sent_schedules import answer_some, stop_schedule, unfinished
from estimator.billing.watch import watch
from estimator.billing.worker import beating
from estimator.db.connection import engine_at, file_of, is_in_memory, require_ready
from estimator.errors import EstimatorError, Problem, SettingsRefused
from estimator.files import make_private
from estimator.logs import set_up_logs
from estimator.plans.folder import library
from estimator.plans.shelf import Shelf
from estimator.prices.store import active_prices
from estimator.settings import DATABASE_URL, plans_folder

_log = structlog.get_logger("estimator.jobs")
_NAME = "estimator"
_FILE = "jobs.db"
# While it is night in all of the United States; by the clock in UTC.
_EVERY_NIGHT = crontab(minute="15", hour="8")


@dataclass(frozen=True, slots=True)
class Jobs:
    """One function for each job, which has it done beside the page and comes back at once.

    They wait in the queue for a worker, which is a process of its own. It cannot see a database in memory: then there
    is no queue, and a thread does the job.
    """

    queue: Huey | None
    answer_schedule: Callable[[int], Any]
    watch: Callable[[], Any]


@cache
def jobs_of(engine: Engine) -> Jobs:
    """Return the jobs beside a database, the same ones every time."""
    if is_in_memory(engine):
        return Jobs(None, in_thread(partial(answer_schedule, engine)), in_thread(partial(watch, engine)))
    queue = _queue(engine.url)
    answering = queue.task(name="answer_schedule")(partial(answer_schedule, engine))
    watching = queue.periodic_task(_EVERY_NIGHT, name="watch")(partial(watch, engine))
    return Jobs(queue, answering, watching)


def in_thread(job: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that starts the job in a thread, which ends with the program."""

    def start(*told: Any) -> None:
        Thread(target=job, args=told, daemon=True).start()

    return start


def answer_schedule(engine: Engine, schedule_id: int) -> None:
    """Answer the rows of a schedule, some at a time, until none is left or somebody stops it."""
    shelf = Shelf(engine, library(plans_folder()))
    try:
        books = books_now(shelf, active_prices(engine))
        while answer_some(engine, books, schedule_id, from_cases(books, clinic_now().habits)):
            pass
    except EstimatorError as stopped:
        # The rows wait as they are: once the clinic's files are put right, somebody goes on with them.
        stop_schedule(engine, schedule_id)
        _log.warning("schedule stopped", schedule=schedule_id, because=type(stopped).__name__)


def go_on_with_all(engine: Engine) -> None:
    """Put every schedule that is not finished into the queue: what a worker does first."""
    jobs = jobs_of(engine)
    for schedule_id in unfinished(engine):
        jobs.answer_schedule(schedule_id)


def _queue(url: URL) -> Huey:
    file = file_of(url)
    if file is not None:
        make_private(file.with_name(_FILE))
        return SqliteHuey(_NAME, filename=str(file.with_name(_FILE)), results=False)
    return PostgresHuey(
        _NAME, dsn=url.set(drivername="postgresql").render_as_string(hide_password=False), results=False
    )


# ----------------------------------------------------------------------------
# Who does the jobs: a process of its own, so that a long schedule slows no page down.
#
# `estimator serve` keeps one beside the pages (`worker.py`); where pages run under another server or on several
# machines, `estimator work` is a service of its own.
# ----------------------------------------------------------------------------


def work(url: URL, *, with_parent: bool = False) -> None:
    """Do jobs until the process is told to stop, or, `with_parent`, until standard input ends.

    Raises DatabaseUnavailable, or DatabaseNotReady where its tables are of another version, or SettingsRefused where it
    ends with this process.
    """
    set_up_logs()
    engine = engine_at(url)
    require_ready(engine)
    queue = jobs_of(engine).queue
    if queue is None:
        raise SettingsRefused((Problem(DATABASE_URL.name, "Name a database that is not in memory, or leave it out."),))
    if with_parent:
        Thread(target=_stop_when_input_ends, daemon=True).start()
    go_on_with_all(engine)
    with beating(engine):
        queue.create_consumer(workers=1, max_delay=1.0, graceful_signal="TERM").run()


def _stop_when_input_ends() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
