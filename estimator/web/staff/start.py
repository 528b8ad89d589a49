"""The first page after the sign-in: what is under way, and what there is to do, by role."""

from __future__ import annotations

from flask import Blueprint, render_template

from estimator.usecases.editing import drafts_of
from estimator.usecases.roles import MEANINGS, Role, may
from estimator.usecases.schedule.runs import schedules_of
from estimator.web.staff.access import allowed, person, staff_shelf

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
        drafts=drafts_of(engine)[:_MOST_SHOWN],
    )
