"""What the watch looks at in the database, and what it found when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from estimator.db.tables import active_plans, next_id, plan_revisions, watch_runs

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """A plan whose last active revision has come to its end."""

    plan_id: str
    title: str
    market: str
    origin: str
    last_day: date


@dataclass(frozen=True, slots=True)
class WatchRun:
    """What was found at one moment."""

    ran_at: datetime
    reports: Sequence[Report]


def written_by_hand(connection: Connection) -> tuple[int, ...]:
    """Return the active revisions that are kept as the text of a plan file, by plan."""
    asked = select(plan_revisions.c.id).join(active_plans, active_plans.c.revision_id == plan_revisions.c.id)
    return tuple(connection.scalars(asked.where(plan_revisions.c.form == "yaml").order_by(plan_revisions.c.plan_id)))


def ended_before(connection: Connection, day: date) -> tuple[Ended, ...]:
    """Return the plans that hold on no day from this one on."""
    columns = active_plans.c
    later = active_plans.alias()
    goes_on = select(later.c.plan_id).where(
        later.c.plan_id == columns.plan_id, later.c.last_day.is_(None) | (later.c.last_day >= day)
    )
    asked = select(columns.plan_id, columns.title, columns.market, columns.origin, columns.last_day)
    rows = connection.execute(asked.where(~goes_on.exists()).order_by(columns.plan_id, columns.last_day))
    return tuple(Ended(*row) for row in rows)


def keep_run(connection: Connection, run: WatchRun, kept: int) -> None:
    """Add what was found; of older runs only so many stay that there are `kept` in all."""
    number = next_id(connection, watch_runs)
    connection.execute(insert(watch_runs), {"id": number, "ran_at": run.ran_at, "reports": list(run.reports)})
    connection.execute(delete(watch_runs).where(watch_runs.c.id <= number - kept))


def last_run(connection: Connection) -> WatchRun | None:
    """Return what was found last; None where nobody has looked yet."""
    asked = select(watch_runs.c.ran_at, watch_runs.c.reports).order_by(watch_runs.c.id.desc()).limit(1)
    row = connection.execute(asked).first()
    return None if row is None else WatchRun(row.ran_at, row.reports)
