"""Run the jobs of the watch, one after the other; one that fails says why and stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from estimator.billing import stored_watching as store
from estimator.billing.stored_watching import WatchRun
from estimator.billing.watch_jobs import (
    Found,
    Watched,
    changed_estimates,
    ended_plans,
    failing_examples,
    open_proposals,
    stale_sources,
)
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.errors import EstimatorError
from estimator.plans.shelf import Shelf

Job = Callable[[Watched], Iterable[Found]]

JOBS: Mapping[str, Job] = {
    "stale-sources": stale_sources,
    "ended-plans": ended_plans,
    "open-proposals": open_proposals,
    "failing-examples": failing_examples,
    "changed-estimates": changed_estimates,
}
# What a job may meet in what it looks at: a plan that cannot be read, a database that does not answer, a lost file.
_FAILURES = (EstimatorError, SQLAlchemyError, OSError, ValueError, KeyError)
_KEPT = 30


def watch(engine: Engine, jobs: Mapping[str, Job] = JOBS) -> WatchRun:
    """Run every job, keep what they found, and return it."""
    watched = Watched(engine, Shelf(engine), today())
    run = WatchRun(now_utc(), [_report(name, job, watched) for name, job in jobs.items()])
    with writing(engine) as connection:
        store.keep_run(connection, run, _KEPT)
        connection.commit()
    return run


def last_watch(engine: Engine) -> WatchRun | None:
    """Return what was found last; None where nobody has looked yet."""
    with reading(engine) as connection:
        return store.last_run(connection)


def failed(run: WatchRun) -> Sequence[str]:
    """Return the names of the jobs that did not come to their end."""
    return [report["job"] for report in run.reports if report["failed"]]


def _report(name: str, job: Job, watched: Watched) -> dict[str, Any]:
    found: list[list[str]] = []
    reason = ""
    try:
        found.extend(list(each) for each in job(watched))
    except _FAILURES as failure:
        reason = f"{type(failure).__name__}: {failure}"
    return {"job": name, "found": found, "failed": reason}
