"""The first page after the sign-in: what is under way, and what there is to do, by role."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import Engine

from estimator.accounts.accounts import MEANINGS, Role, may
from estimator.billing.schedule import schedules_of
from estimator.billing.watch import last_watch
from estimator.publishing.drafts import drafts_of
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.watch import HEADINGS

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
    )


def _watched(engine: Engine) -> list[tuple[str, int]]:
    """Return what the watch found last that needs a person, with how many of each."""
    run = last_watch(engine)
    found = [(HEADINGS[report["job"]][0], len(report["found"])) for report in run.reports] if run else []
    return [(heading, count) for heading, count in found if count]
