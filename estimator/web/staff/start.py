"""The first page after the sign-in, and the page of the watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from estimator import clock
from estimator.accounts.roles import MEANINGS, Role, may
from estimator.billing.jobs import jobs_of
from estimator.billing.sent_schedules import schedules_of
from estimator.billing.watch import last_watch
from estimator.billing.worker import is_recent, last_alive, rows_set_aside
from estimator.billing.worklist import GROUPS, desk_rows
from estimator.publishing.drafts import drafts_of
from estimator.web.common import keeps
from estimator.web.staff.common import allowed, person, staff_shelf

start = Blueprint("start", __name__)

_MOST_SHOWN = 5


@start.get("/")
@allowed("viewer")
def first() -> str:
    """Show the newest work under way that the signed-in person may open, and what else they may do here."""
    engine, role = staff_shelf().engine, person().role
    return render_template(
        "staff/start.html",
        meaning=MEANINGS[Role(role)],
        schedules=schedules_of(engine)[:_MOST_SHOWN] if may(role, Role.BILLING) else (),
        drafts=drafts_of(engine)[:_MOST_SHOWN] if may(role, Role.RULES) else (),
        watched=_watched(engine),
        worker=_worker(engine),
        set_aside=rows_set_aside(engine, _MOST_SHOWN) if may(role, Role.BILLING) else (),
        today=_today(engine) if may(role, Role.BILLING) else None,
    )


def _today(engine: Engine) -> tuple[int, int]:
    """Return how many visits are on the work list of today, and how many of them need action."""
    rows = desk_rows(engine, clock.today(), clock.today())
    return len(rows), sum(row.group in GROUPS for row in rows)


def _worker(engine: Engine) -> dict[str, Any] | None:
    """Return when a worker was last alive, and whether that is well; None where a thread does what it would do."""
    if not keeps():
        return None
    seen = last_alive(engine)
    return {"seen_at": seen, "is_alive": is_recent(seen, clock.now_utc())}


def _watched(engine: Engine) -> list[tuple[str, int]]:
    """Return what the watch found last that needs a person, with how many of each."""
    run = last_watch(engine)
    found = [(HEADINGS[report["job"]][0], len(report["found"])) for report in run.reports] if run else []
    return [(heading, count) for heading, count in found if count]


# ----------------------------------------------------------------------------
# The page of the watch: what needs a person, by job, and a button to look again.
# ----------------------------------------------------------------------------

watch = Blueprint("watch", __name__, url_prefix="/watch")

HEADINGS: Mapping[str, tuple[str, str]] = {
    "stale-sources": ("Sources to read again", "Every source was read within a year."),
    "ended-plans": ("Plans that have ended", "Every active plan still holds."),
    "ending-plans": ("Plans that end soon", "Every plan that ends within 60 days has a successor."),
    "prices-to-renew": ("Prices to renew", "No price ends within 60 days."),
    "open-proposals": ("Proposals to answer", "Nobody has to answer a proposal."),
    "failing-examples": ("Examples that fail", "Every example comes out as it says."),
    "changed-estimates": ("Saved estimates that would change", "Every saved estimate comes out as it did."),
    "past-visits": ("Visits whose day has passed", "Every visit that has passed is marked."),
    "case-alerts": ("Alerts on cases", "No case has a new alert."),
}


@watch.get("/")
@allowed("viewer")
def last() -> str:
    """Show what was found last."""
    run = last_watch(staff_shelf().engine)
    return render_template("staff/watch.html", run=run, reports=[_shown(each) for each in run.reports] if run else [])


@watch.post("/")
@allowed("rules")
def look() -> Response:
    """Look again: the worker does it, and the page shows it when it is done."""
    jobs_of(staff_shelf().engine).watch()
    return redirect("/staff/watch/", 303)


def _shown(report: Mapping[str, Any]) -> dict[str, Any]:
    heading, nothing = HEADINGS.get(report["job"], (report["job"], "Nothing."))
    return {"heading": heading, "nothing": nothing, "found": report["found"], "failed": report["failed"]}
