"""Given estimates at `/staff/estimates`: all that are kept, a new one, one with its receipt, and its end.

The first name of somebody at the payer's is left out of what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator import clock
from estimator.billing.calls import MOST_LABEL, SoughtCalls, calls_of
from estimator.billing.clinic import clinic_now
from estimator.billing.given_estimates import (
    GivenEstimate,
    NewGiven,
    delete_given,
    find_given_estimates,
    give_estimate,
    given_estimate,
    receipt_of,
)
from estimator.billing.reconcile import reconciliations_of
from estimator.engine.values import Money
from estimator.errors import EstimatorError, Problem, RequestRefused, Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import read_json
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import made_again
from estimator.web import common
from estimator.web.common import names
from estimator.web.patient.answer import UNPROCESSABLE
from estimator.web.patient.saving import figures_of
from estimator.web.staff.clinic import Flagged, register
from estimator.web.staff.common import allowed, person, staff_shelf, told_line
from estimator.wording.answer import Answer, answer_of
from estimator.wording.answer_schema import answer_json
from estimator.wording.errors import problems_of
from estimator.wording.words import PATIENT

_NOTHING = "Paste the JSON of a request, or choose a file that holds it."
_NO_TEXT = "Send the request as text in UTF-8."


class Estimated(NamedTuple):
    """A request as it is kept, with its answer, and what speaks against the needling by who would do it."""

    request: Mapping[str, Any]
    answer: Answer
    flags: Flagged


def text_sent(pasted: str, file: bytes) -> str:
    """Return the request as text, of the file where one was sent; raise RequestRefused where it is none."""
    try:
        text = file.decode("utf-8-sig") if file else pasted
    except UnicodeDecodeError as error:
        raise RequestRefused((Problem("", _NO_TEXT),)) from error
    if not text.strip():
        raise RequestRefused((Problem("", _NOTHING),))
    return text


def estimated(text: str, location: str = "", therapist: str = "") -> Estimated:
    """Return the request with its answer, on the day and at the prices of a location; raise Stopped if there is none.

    What the request doesn't say, the location and the therapist fill in.
    """
    known = register()
    request = _without_persons(json.loads(json.dumps(read_json(text), default=str)))
    request = known.filled(request, location, therapist)
    asked = read_request(request, known.today(location))
    estimate, plan = estimate_asked(asked, common.shelf(), known.prices(location), common.prices())
    answer = answer_of(estimate, plan, common.names(), PATIENT)
    return Estimated(request, answer, known.flags_of(asked, location, therapist))


def _without_persons(request: dict[str, Any]) -> dict[str, Any]:
    told = request.get("told")
    calls = [told] if isinstance(told, Mapping) else told
    if not isinstance(calls, list):
        return request
    kept = [
        {key: said for key, said in call.items() if key != "representative"} if isinstance(call, Mapping) else call
        for call in calls
    ]
    return {**request, "told": kept}


# ----------------------------------------------------------------------------
# What the templates of given estimates are given.
# ----------------------------------------------------------------------------

Context = dict[str, Any]

# As many letters of a receipt as nobody confuses.
SHOWN = 12
_FIELDS = ("case_label", "request", "location", "therapist")


def list_page(case_label: str, now: datetime) -> Context:
    """Return what the page with every kept estimate shows."""
    kept = find_given_estimates(staff_shelf().engine, case_label, now)
    return {"kept": kept, "case": case_label, "most_label": MOST_LABEL, "kept_days": clinic_now().estimates_kept_days}


def form_page(
    typed: Mapping[str, str], found: Estimated | None = None, refused: EstimatorError | None = None
) -> Context:
    """Return what the form shows: what was typed, what is wrong with it, and the estimate where there is one."""
    problems = problems_of(refused) if refused else ()
    return {
        "typed": {name: typed.get(name, "") for name in _FIELDS},
        "answer": found.answer if found else None,
        "summary": [(_field_of(problem), _says(problem)) for problem in problems],
        "errors": dict.fromkeys(_FIELDS, "") | {_field_of(problem): _says(problem) for problem in problems},
        "most_label": MOST_LABEL,
        "kept_days": clinic_now().estimates_kept_days,
        "flags": found.flags if found else (),
        "locations": [(name, name) for name in register().names],
        "therapists": [(code, code) for code in register().codes],
    }


def one_page(kept: GivenEstimate, today: date) -> Context:
    """Return what the page of an estimate shows, with whether it still comes out the same."""
    again = made_again(staff_shelf(), kept)
    answer = None
    if again.estimate is not None and again.plan is not None:
        answer = answer_of(again.estimate, again.plan, names(), PATIENT)
    calls = calls_of(staff_shelf().engine, SoughtCalls(case_label=kept.case_label))
    return {
        "kept": kept,
        "answer": kept.answer,
        "receipt": kept.receipt[:SHOWN],
        "is_whole": receipt_of(kept.request, kept.answer) == kept.receipt,
        "is_same": answer is not None and figures_of(answer_json(answer)) == figures_of(kept.answer),
        "calls": [(call.id, call.plan_id, told_line(call, today)) for call in calls if call.corrected_by is None],
        "inputs": _inputs(kept),
        "money": Money,
        "reconciled": {one.visit: one for one in reconciliations_of(staff_shelf().engine, kept.id)},
    }


def _inputs(kept: GivenEstimate) -> Sequence[tuple[str, str]]:
    inputs = kept.answer["inputs"]
    plan, _at, fingerprint = inputs["plan"].partition("@")
    return (
        ("Plan revision", f"{plan}@{fingerprint[:SHOWN]}"),
        ("Price books", inputs["price_books"] or "none needed"),
        ("Price area", inputs["locality"] or "none needed"),
        ("As of", inputs["as_of"]),
        ("Program version", inputs["engine"]),
    )


def _field_of(problem: Problem) -> str:
    return problem.path if problem.path == "case_label" else "request"


def _says(problem: Problem) -> str:
    return problem.message if problem.path == "case_label" else str(problem)


# ----------------------------------------------------------------------------
# Given estimates at `/staff/estimates`: all that are kept, a new one, one with its receipt, and its end.
# ----------------------------------------------------------------------------

estimates = Blueprint("estimates", __name__, url_prefix="/estimates")

Page = str | tuple[str, int] | Response
_SEE_OTHER = 303
_FORM = "staff/estimates/new.html"
# A request is at most 1 MB; the form holds little else.
_MOST_SENT = 2_500_000


@estimates.route("/", methods=["GET", "POST"])
@allowed("billing")
def every() -> str:
    """Show the estimates that are kept, or those under a label, which no address names."""
    case = request.form.get("case", "").strip()
    return render_template("staff/estimates/list.html", **list_page(case, clock.now_utc()))


@estimates.get("/new")
@allowed("billing")
def new() -> str:
    """Ask for the request of the estimate."""
    return render_template(_FORM, **form_page({}))


@estimates.post("/new")
@allowed("billing", most_bytes=_MOST_SENT)
def give() -> Page:
    """Show what a request comes to; once that is to be kept, keep it."""
    typed, file = dict(request.form), request.files.get("file")
    engine, location = staff_shelf().engine, request.form.get("location", "")
    try:
        typed["request"] = text_sent(request.form.get("request", ""), file.read() if file else b"")
        found = estimated(typed["request"], location, request.form.get("therapist", ""))
        if "keep" not in request.form:
            return render_template(_FORM, **form_page(typed, found))
        label = request.form.get("case_label", "").strip()
        days, lists = clinic_now().estimates_kept_days, register().lists(location)
        kept = NewGiven(label, found.request, answer_json(found.answer), days, lists)
        number = give_estimate(engine, kept, person(), clock.now_utc())
    except Stopped as refused:
        return render_template(_FORM, **form_page(typed, None, refused)), UNPROCESSABLE
    return redirect(f"/staff/estimates/{number}", _SEE_OTHER)


@estimates.get("/<int:number>")
@allowed("billing", notes="estimate-read")
def one(number: int) -> str:
    """Show an estimate as it was given, to be read and printed."""
    return render_template("staff/estimates/one.html", **one_page(kept_estimate(number), clock.today()))


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
