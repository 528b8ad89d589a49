"""The pages that set a visit beside its EOB, and tell how near the estimates of each plan came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.billing.given_estimates import GivenEstimate
from estimator.billing.reconcile import Cause, Change, Reconciled, accuracy_by_month, keep_reconciliation, reconcile
from estimator.errors import EstimatorError
from estimator.estimates.saved import rerun_of
from estimator.web.downloads import csv_file
from estimator.web.patient.refusals import UNPROCESSABLE
from estimator.web.staff import estimates_eob as eob
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.estimates_views import kept_estimate
from estimator.wording.errors import problems_of

reconciling = Blueprint("reconciling", __name__, url_prefix="/estimates")

Page = str | tuple[str, int] | AnyResponse
CAUSES = {
    Cause.CODING: "Coding",
    Cause.RULE: "Rule",
    Cause.PRICE: "Price",
    Cause.ACCUMULATOR: "Accumulator",
    Cause.UNEXPLAINED: "Unexplained",
}
_HEADER = ("plan", "month", "visits", "mean absolute difference", "within $5.00 (%)", "within the range (%)")
_FORM = "staff/estimates/reconcile.html"
_SEE_OTHER = 303


@reconciling.get("/<int:number>/reconcile/<int:visit>")
@allowed("billing")
def ask(number: int, visit: int) -> str:
    """Ask for what the EOB says of a visit."""
    kept = kept_estimate(number)
    rows = _rows(kept, visit)
    return render_template(_FORM, **_page(kept, visit, rows, eob.fresh(rows)))


@reconciling.post("/<int:number>/reconcile/<int:visit>")
@allowed("billing")
def answer(number: int, visit: int) -> Page:
    """Show the difference by its causes; once that is to be kept, keep it."""
    kept = kept_estimate(number)
    rows = _rows(kept, visit)
    typed = eob.typed_in(request.form, rows)
    try:
        lines = eob.eob_typed(typed, rows)
        found = reconcile(rerun_of(staff_shelf(), kept), kept.answer, visit, lines)
    except EstimatorError as refused:
        return render_template(_FORM, **_page(kept, visit, rows, typed, refused=refused)), UNPROCESSABLE
    if "keep" not in request.form:
        return render_template(_FORM, **_page(kept, visit, rows, typed, found))
    keep_reconciliation(staff_shelf().engine, kept, found, person(), clock.now_utc())
    return redirect(f"/staff/estimates/{number}", _SEE_OTHER)


@reconciling.get("/accuracy")
@allowed("billing")
def accuracy() -> str:
    """Tell how near the estimates came, by plan and month."""
    return render_template("staff/estimates/accuracy.html", months=accuracy_by_month(staff_shelf().engine))


@reconciling.get("/accuracy.csv")
@allowed("billing")
def accuracy_file() -> Response:
    """Send the same as a CSV file."""
    months = accuracy_by_month(staff_shelf().engine)
    rows = [
        (one.plan_id, f"{one.month:%Y-%m}", one.visits, one.mean_difference, one.near_percent, one.in_range_percent)
        for one in months
    ]
    return csv_file("accuracy.csv", [_HEADER, *rows])


def change_says(change: Change) -> str:
    """Say what was changed to make the estimate again."""
    code, was, now = change.code, change.was, change.now
    match change.kind:
        case "missing":
            return f"{code} is not on the EOB: the estimate without it."
        case "added":
            return f"{code} was not in the estimate: with it."
        case "denied":
            return f"{code} was denied with CARC {now}: without it."
        case "paid":
            return f"{code} was paid, and was not estimated as paid."
        case "units":
            return f"{code} was paid with {now} units, and estimated with {was}."
        case "allowed":
            return f"{code} at ${now} in the place of ${was}."
        case "deductible":
            return f"With ${now} of the deductible paid before, in the place of ${was}."
        case _:
            return f"With ${now} paid towards the out-of-pocket maximum before, in the place of ${was}."


def _rows(kept: GivenEstimate, visit: int) -> list[eob.Row]:
    visits = kept.answer["visits"]
    if not 1 <= visit <= len(visits):
        raise NotFound
    return eob.rows_of(visits[visit - 1])


def _page(
    kept: GivenEstimate,
    visit: int,
    rows: Sequence[eob.Row],
    typed: Mapping[str, str],
    found: Reconciled | None = None,
    refused: EstimatorError | None = None,
) -> dict[str, Any]:
    told = [(eob.field_of(one.path, typed, rows), one.message) for one in (problems_of(refused) if refused else ())]
    return {
        "kept": kept,
        "visit": kept.answer["visits"][visit - 1],
        "rows": rows,
        "amounts": eob.AMOUNTS,
        "typed": typed,
        "errors": dict.fromkeys(typed, "") | {field: words for field, words in told if field},
        "summary": [(field, _says(field, words)) for field, words in told],
        "found": found,
        "causes": CAUSES,
        "changes": [(CAUSES[change.cause], change_says(change)) for change in found.changes] if found else [],
    }


def _says(field: str | None, words: str) -> str:
    row, _dot, name = (field or "").partition(".")
    return f"Line {row}, {name.replace('_', ' ')}: {words}" if field else words
