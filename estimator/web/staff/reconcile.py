"""The pages that set a visit beside its EOB, and tell how close the estimates of each plan were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.billing.accuracy import FEWEST, GOAL, board
from estimator.billing.eob_files import eob_in_file
from estimator.billing.given_estimates import GivenEstimate
from estimator.billing.reconcile import (
    Cause,
    Change,
    EobLine,
    Reconciled,
    accuracy_by_month,
    keep_reconciliation,
    read_eob,
    reconcile,
)
from estimator.billing.remittance import MOST_BYTES
from estimator.errors import EstimatorError, Stopped
from estimator.estimates.saved import rerun_of
from estimator.web.common import csv_file
from estimator.web.patient.answer import UNPROCESSABLE
from estimator.web.staff.common import allowed, days_asked, person, staff_shelf
from estimator.web.staff.estimates import kept_estimate
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
_RANGES_HEADER = ("payer", "code", "lines", "within the range", "above it", "below it", "median less typical ($)")
_YEAR = timedelta(days=365)
_FORM = "staff/estimates/reconcile.html"
_SEE_OTHER = 303
_AROUND = 100_000


@reconciling.get("/<int:number>/reconcile/<int:visit>")
@allowed("billing", notes="estimate-read")
def ask(number: int, visit: int) -> str:
    """Ask for what the EOB says of a visit."""
    kept = kept_estimate(number)
    rows = _rows(kept, visit)
    return render_template(_FORM, **_page(kept, visit, rows, fresh(rows)))


@reconciling.post("/<int:number>/reconcile/<int:visit>")
@allowed("billing", most_bytes=MOST_BYTES + _AROUND)
def answer(number: int, visit: int) -> Page:
    """Fill the form from the payer's file, or show the difference by its causes; once it is to be kept, keep it."""
    kept = kept_estimate(number)
    rows = _rows(kept, visit)
    typed = typed_in(request.form, rows)
    try:
        if "read" in request.form:
            file, day = request.files.get("file"), date.fromisoformat(kept.answer["visits"][visit - 1]["day"])
            read = eob_in_file(file.read() if file else b"", day, kept.case_label)
            return render_template(_FORM, **{**_page(kept, visit, rows, filled(rows, read.lines)), "notes": read.notes})
        lines = eob_typed(typed, rows)
        found = reconcile(rerun_of(staff_shelf(), kept), kept.answer, visit, lines)
    except Stopped as refused:
        return render_template(_FORM, **_page(kept, visit, rows, typed, refused=refused)), UNPROCESSABLE
    if "keep" not in request.form:
        return render_template(_FORM, **_page(kept, visit, rows, typed, found))
    keep_reconciliation(staff_shelf().engine, kept, found, person(), clock.now_utc())
    return redirect(f"/staff/estimates/{number}", _SEE_OTHER)


@reconciling.get("/accuracy")
@allowed("billing")
def accuracy() -> str:
    """Tell how often ranges held what payers allowed, and how close amounts for patients were, by plan and month."""
    engine, (first, last) = staff_shelf().engine, days_asked(_YEAR)
    shown = {"held": board(engine, first, last), "months": accuracy_by_month(engine), "first": first, "last": last}
    return render_template("staff/estimates/accuracy.html", goal=GOAL, fewest=FEWEST, **shown)


@reconciling.get("/ranges.csv")
@allowed("billing", notes="accuracy-downloaded")
def ranges_file() -> Response:
    """Send how often ranges held what payers allowed, by payer and code, as a CSV file."""
    held = board(staff_shelf().engine, *days_asked(_YEAR)).by_code
    rows = [(*one.of, one.lines, one.inside, one.above, one.below, one.off) for one in held]
    return csv_file("ranges.csv", [_RANGES_HEADER, *rows])


@reconciling.get("/accuracy.csv")
@allowed("billing", notes="accuracy-downloaded")
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
            return f"{code} is not on the EOB: estimated without it."
        case "added":
            return f"{code} was not in the estimate: estimated with it."
        case "denied":
            return f"{code} was denied with CARC {now}: estimated without it."
        case "paid":
            return f"{code} was paid; the estimate said it wouldn’t be."
        case "units":
            return f"{code} was paid for {now} units; the estimate had {was}."
        case "allowed":
            return f"{code} at ${now} instead of ${was}."
        case "deductible":
            return f"With ${now} of the deductible already paid, instead of ${was}."
        case _:
            return f"With ${now} already paid toward the out-of-pocket maximum, instead of ${was}."


def _rows(kept: GivenEstimate, visit: int) -> list[Row]:
    visits = kept.answer["visits"]
    if not 1 <= visit <= len(visits):
        raise NotFound
    return rows_of(visits[visit - 1])


def _page(
    kept: GivenEstimate,
    visit: int,
    rows: Sequence[Row],
    typed: Mapping[str, str],
    found: Reconciled | None = None,
    refused: EstimatorError | None = None,
) -> dict[str, Any]:
    told = [(field_of(one.path, typed, rows), one.message) for one in (problems_of(refused) if refused else ())]
    return {
        "kept": kept,
        "visit": kept.answer["visits"][visit - 1],
        "rows": rows,
        "amounts": AMOUNTS,
        "typed": typed,
        "errors": dict.fromkeys(typed, "") | {field: words for field, words in told if field},
        "summary": [(field, _says(field, words)) for field, words in told],
        "found": found,
        "causes": CAUSES,
        "notes": (),
        "changes": [(CAUSES[change.cause], change_says(change)) for change in found.changes] if found else [],
    }


def _says(field: str | None, words: str) -> str:
    row, _dot, name = (field or "").partition(".")
    return f"Line {row}, {name.replace('_', ' ')}: {words}" if field else words


# ----------------------------------------------------------------------------
# The form for the EOB of a visit: a row for each line of the estimate and a few for lines that were added.
#
# A row of the estimate in which no amount is written is a line that the EOB does not have.
# ----------------------------------------------------------------------------

AMOUNTS = (
    ("allowed", "Allowed"),
    ("deductible", "Deductible"),
    ("copay", "Copay"),
    ("coinsurance", "Coinsurance"),
    ("plan_paid", "Plan paid"),
    ("patient_owes", "Patient owes"),
)
_MORE_ROWS = 3
_FIELDS = ("code", "units", *(name for name, _ in AMOUNTS), "denied")


class Row(NamedTuple):
    """A row of the form; `line` is that of the estimate, None where the row is for a line that was added."""

    number: int
    line: Mapping[str, Any] | None

    def field(self, name: str) -> str:
        """Return the name of a field of this row."""
        return f"{self.number}.{name}"


def rows_of(visit: Mapping[str, Any]) -> list[Row]:
    """Return the rows for a visit of the answer."""
    rows = [Row(number, line) for number, line in enumerate(visit["lines"], 1)]
    return [*rows, *(Row(len(rows) + more, None) for more in range(1, _MORE_ROWS + 1))]


def fresh(rows: Sequence[Row]) -> dict[str, str]:
    """Return what stands in the form at first: the units as they were estimated."""
    typed = {row.field(name): "" for row in rows for name in _FIELDS}
    return typed | {row.field("units"): str(row.line["units"]) for row in rows if row.line}


def typed_in(form: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str]:
    """Return what was typed."""
    return {name: form.get(name, "").strip() for name in fresh(rows)}


def filled(rows: Sequence[Row], lines: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the form with the lines of a payer's file: each beside the line of its code, the others below.

    Lines beyond the rows that there are stay out.
    """
    typed, left = fresh(rows), list(lines)
    for row in rows:
        at = next((at for at, line in enumerate(left) if row.line is None or line["code"] == row.line["code"]), None)
        if at is not None:
            typed |= {row.field(name): left[at].get(name, "") for name in _FIELDS if row.line is None or name != "code"}
            del left[at]
    return typed


def written_rows(typed: Mapping[str, str], rows: Sequence[Row]) -> list[Row]:
    """Return the rows in which something about the EOB is written."""
    return [row for row in rows if any(typed[row.field(name)] for name in _telling(row))]


def eob_typed(typed: Mapping[str, str], rows: Sequence[Row]) -> tuple[EobLine, ...]:
    """Return the lines of the EOB; raise RequestRefused with every problem."""
    return read_eob([_written(row, typed) for row in written_rows(typed, rows)])


def field_of(path: str, typed: Mapping[str, str], rows: Sequence[Row]) -> str | None:
    """Return the field that a problem belongs to, None where no one field is at fault."""
    match path.split("."):
        case ["lines", place, name] if place.isdecimal() and name in _FIELDS:
            return written_rows(typed, rows)[int(place)].field(name)
    return None


def _telling(row: Row) -> Sequence[str]:
    return _FIELDS if row.line is None else _FIELDS[2:]


def _written(row: Row, typed: Mapping[str, str]) -> dict[str, Any]:
    said = {name: typed[row.field(name)] for name in _FIELDS}
    if row.line is not None:
        said |= {"code": row.line["code"], "line": str(row.number)}
    return {name: words for name, words in said.items() if words}
