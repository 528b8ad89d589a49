"""The first page after the sign-in: what there is to do, by role."""

from __future__ import annotations

from flask import Blueprint, render_template

from estimator.usecases.roles import MEANINGS, Role
from estimator.web.staff.access import allowed, person

start = Blueprint("start", __name__)


@start.get("/")
@allowed("viewer")
def first() -> str:
    """Show what the signed-in person may do here."""
    return render_template("staff/start.html", meaning=MEANINGS[Role(person().role)])
