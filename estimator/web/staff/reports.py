"""Reports at `/staff/reports/`: what payers answered, why they denied and what it cost, each as CSV too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from estimator.billing.reports import Reports, reports_of
from estimator.engine.values import Money
from estimator.web.common import csv_file
from estimator.web.staff.common import allowed, days_asked, staff_shelf

reports = Blueprint("reports", __name__, url_prefix="/reports")

_USUAL = timedelta(days=365)
_Table = Sequence[Sequence[object]]


def _grants(found: Reports) -> _Table:
    header = ("payer", "visits requested", "visits approved", "approved", "partly", "denied", "waiting")
    rows = [
        (one.payer, one.requested_visits, one.approved_visits, one.approved, one.partly, one.denied, one.waiting)
        for one in found.grants
    ]
    return [header, *rows]


def _answers(found: Reports) -> _Table:
    rows = [(one.payer, len(one.days), one.usual_days, one.most_days) for one in found.grants if one.days]
    return [("payer", "answers", "usual days from request to answer", "longest"), *rows]


def _denials(found: Reports) -> _Table:
    rows = [(one.payer, one.what, one.reason, one.number, Money(one.cents)) for one in found.denials]
    return [("payer", "what", "reason", "times", "taken off ($)"), *rows]


def _lost(found: Reports) -> _Table:
    rows = [(one.payer, one.claims, one.lost) for one in found.lost]
    return [("payer", "visits", "lost ($)"), *rows]


# The title of each report, what it counts, and its rows, by the name of its file.
TABLES: Mapping[str, tuple[str, str, Callable[[Reports], _Table]]] = {
    "authorizations": (
        "Visits requested and approved",
        "Each authorization as it stands now, on the day of its answer. Visits asked for count where that was entered.",
        _grants,
    ),
    "answers": (
        "Days from request to answer",
        "Calendar days, of answers that say when they were asked.",
        _answers,
    ),
    "denials": (
        "Denials by reason",
        "Authorizations that were denied, and lines of claims by their adjustment (group and CARC).",
        _denials,
    ),
    "lost": (
        "Money lost to missing authorizations",
        "What payers took off for CARC 15, 197 or 198 with group CO: charges that nobody else may be billed for.",
        _lost,
    ),
}


@reports.get("/")
@allowed("billing")
def every() -> str:
    """Show every report over the days that were asked for, else over a year."""
    first, last = days_asked(_USUAL)
    found = reports_of(staff_shelf().engine, first, last)
    tables = [(name, title, says, rows(found)) for name, (title, says, rows) in TABLES.items()]
    return render_template("staff/reports.html", first=first, last=last, tables=tables)


@reports.get("/<name>.csv")
@allowed("billing", notes="report-downloaded")
def as_file(name: str) -> Response:
    """Send a report as CSV."""
    if name not in TABLES:
        raise NotFound
    first, last = days_asked(_USUAL)
    return csv_file(f"{name}.csv", TABLES[name][2](reports_of(staff_shelf().engine, first, last)))
