"""Given estimates at `/staff/estimates`: all that are kept, a new one, one with its receipt, and its end."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator import clock
from estimator.billing.given_estimates import GivenEstimate, NewGiven, delete_given, give_estimate, given_estimate
from estimator.errors import EstimatorError
from estimator.web.patient.papers import treating
from estimator.web.patient.refusals import UNPROCESSABLE
from estimator.web.staff import estimates_page as page
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.estimates_reading import estimated, text_sent

estimates = Blueprint("estimates", __name__, url_prefix="/estimates")

Page = str | tuple[str, int] | Response
_SEE_OTHER = 303
_FORM = "staff/estimates/new.html"
# A request is at most 1 MB; the form holds little else.
_MOST_SENT = 2_500_000


@estimates.get("/")
@allowed("billing")
def every() -> str:
    """Show the estimates that are kept, or those under a label."""
    case = request.args.get("case", "").strip()
    return render_template("staff/estimates/list.html", **page.list_page(case, clock.now_utc()))


@estimates.get("/new")
@allowed("billing")
def new() -> str:
    """Ask for the request of the estimate."""
    return render_template(_FORM, **page.form_page({}))


@estimates.post("/new")
@allowed("billing", most_bytes=_MOST_SENT)
def give() -> Page:
    """Show what a request comes to; once that is to be kept, keep it."""
    typed, file = dict(request.form), request.files.get("file")
    try:
        typed["request"] = text_sent(request.form.get("request", ""), file.read() if file else b"")
        found = estimated(typed["request"], clock.today())
        if "keep" not in request.form:
            return render_template(_FORM, **page.form_page(typed, found))
        label = request.form.get("case_label", "").strip()
        kept = NewGiven(label, found.request, found.answer, treating().estimates_kept_days)
        number = give_estimate(staff_shelf().engine, kept, person(), clock.now_utc())
    except EstimatorError as refused:
        return render_template(_FORM, **page.form_page(typed, None, refused)), UNPROCESSABLE
    return redirect(f"/staff/estimates/{number}", _SEE_OTHER)


@estimates.get("/<int:number>")
@allowed("billing")
def one(number: int) -> str:
    """Show an estimate as it was given, to be read and printed."""
    return render_template("staff/estimates/one.html", **page.one_page(kept_estimate(number), clock.today()))


@estimates.post("/<int:number>/delete")
@allowed("billing")
def delete(number: int) -> Response:
    """Delete an estimate for good."""
    if not delete_given(staff_shelf().engine, number, person(), clock.now_utc()):
        raise NotFound
    return redirect("/staff/estimates/", _SEE_OTHER)


def kept_estimate(number: int) -> GivenEstimate:
    """Return an estimate that is kept; raise NotFound where there is none, or its time is over."""
    found = given_estimate(staff_shelf().engine, number, clock.now_utc())
    if found is None:
        raise NotFound
    return found
