"""The page of the watch: what needs a person, by job, and a button to look again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from estimator.billing.jobs import jobs_at
from estimator.billing.watch import last_watch
from estimator.web.staff.access import allowed, staff_shelf

watch = Blueprint("watch", __name__, url_prefix="/watch")

HEADINGS: Mapping[str, tuple[str, str]] = {
    "stale-sources": ("Sources to read again", "Every source was read within a year."),
    "ended-plans": ("Plans that have ended", "Every active plan still holds."),
    "open-proposals": ("Proposals to answer", "Nobody has to answer a proposal."),
    "failing-examples": ("Examples that fail", "Every example comes out as it says."),
    "changed-estimates": ("Saved estimates that would change", "Every saved estimate comes out as it did."),
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
    jobs_at(staff_shelf().engine.url).watch()
    return redirect("/staff/watch/", 303)


def _shown(report: Mapping[str, Any]) -> dict[str, Any]:
    heading, nothing = HEADINGS.get(report["job"], (report["job"], "Nothing."))
    return {"heading": heading, "nothing": nothing, "found": report["found"], "failed": report["failed"]}
