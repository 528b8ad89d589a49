"""Authorization checks for tests: a course of therapy and needling, with some keys changed."""

from datetime import date
from typing import Any

from estimator.billing.authorization import check_authorization
from estimator.billing.authorization_answer import Check, Habits, LineCheck, Spell
from estimator.engine.coding import DenialPolicy
from estimator.estimates.contract import read_request

TODAY = date(2026, 11, 25)
HABITS = Habits(DenialPolicy("GX", "GY", "GZ"), turnaround_days=5, safety_days=1)


def asked(**changed: Any) -> dict[str, Any]:
    """Return a request: one visit a week from Monday, November 30."""
    each = [
        {"code": "97110", "minutes": 30, "allowed": "100.00"},
        {"code": "20561", "allowed": "40.00", "billed": "60.00"},
    ]
    course = {"first_day": "2026-11-30", "visits": 4, "each_visit": each, **changed.pop("course", {})}
    return {"zip": "98101", "course": course, **changed}


def check(plan: str, **changed: Any) -> Check:
    """Check the course under a plan."""
    return check_authorization(read_request({"plan": plan, **asked(**changed)}, TODAY), HABITS)


def line(found: Check, code: str) -> LineCheck:
    """Return the line of a code."""
    return next(each for each in found.lines if code == each.code)


def first(found: Check, code: str) -> Spell:
    """Return the first spell of a line."""
    return line(found, code).spells[0]
