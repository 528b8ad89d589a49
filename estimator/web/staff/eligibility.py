"""A payer's answer at `/staff/eligibility`: paste or upload it, see what it says, and take it to an estimate.

They travel in the form that is sent, and are kept nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import FileStorage

from estimator import clock
from estimator.billing.calls import MOST_LABEL
from estimator.billing.case_answers import carried_to_case
from estimator.billing.cases import case_labeled
from estimator.eligibility.choosing import authorization_for, bucket_for, is_of_the_year, needling_refused, share_for
from estimator.eligibility.read import MOST_BYTES
from estimator.eligibility.statements import Eligibility, Kind, Level, Network
from estimator.engine.plan import Measure, Plan
from estimator.engine.request import PAID_BEFORE
from estimator.errors import EstimatorError, Problem, SeveralAnswers, Stopped
from estimator.estimates.eligibility import answer_in, calls_from, is_met, is_of_all, order_of, reading_of, total_of
from estimator.estimates.eligibility_fill import OWN_LIMIT, Fill
from estimator.web.common import number_in
from estimator.web.patient.answer import UNPROCESSABLE
from estimator.web.patient.choices import MY_PLAN
from estimator.web.patient.form import FIELD, with_call
from estimator.web.staff.authorization import USED
from estimator.web.staff.common import NOT_FOUND, SEVERAL, Named, allowed, label_of_number, plan_meant, staff_shelf
from estimator.wording.eligibility import (
    MOST_CONTRADICTIONS,
    NOT_A_PROMISE,
    benefit_lines,
    bucket_rows,
    figure_of,
    heading,
    opened,
    rows,
    told_rows,
)
from estimator.wording.errors import problems_of

_AUTHORIZATIONS = {True: "first", False: "no"}


def fields_from(answer: Eligibility, fill: Fill, plan: Plan | None, today: date) -> dict[str, str]:
    """Return the fields with something in them; those of a plan that is not listed where none is chosen."""
    fields = {
        **{name: fill.used.get(name, "") for name in PAID_BEFORE},
        "visits_used": _visits_used(fill, plan),
        "plan": plan.id if plan else MY_PLAN,
        "reader": "biller",
        **(_told(answer, plan, today) if plan else _described(answer)),
    }
    return {name: value for name, value in fields.items() if value}


def _visits_used(fill: Fill, plan: Plan | None) -> str:
    """Return what is used of a limit on visits; the form has no field for dollars, nor for a limit of another time."""
    if plan is None:
        field = f"used.limits.{OWN_LIMIT}"
        return next((each.value for each in fill.filled if each.field == field and each.is_yearly), "")
    limits: Mapping[str, str] = fill.used.get("limits", {})
    return next((used for name, used in limits.items() if plan.limits[name].measure is not Measure.DOLLARS), "")


_CARRIED = {
    "deductible_paid": "Deductible paid this year",
    "out_of_pocket_paid": "Paid toward the out-of-pocket maximum",
    "family_deductible_paid": "Family: deductible paid",
    "family_out_of_pocket_paid": "Family: paid toward the maximum",
    "visits_used": "Therapy visits used",
    "plan": "Plan",
    "network": "Network",
    "my_deductible": "Deductible",
    "my_maximum": "Out-of-pocket maximum",
    "my_copay": "Copay a visit",
    "my_coinsurance": "Coinsurance",
    "my_order": "Deductible and the share of a visit",
    "my_limit": "Limit on visits",
    "my_visits": "Visits a year",
    "my_authorization": "Authorization",
    "my_needling": "Dry needling covered",
}
_PLAIN = {
    MY_PLAN: "the plan that the answer describes",
    "first": "needed from the first visit",
    "number": "a number of visits",
}


def carried(fields: Mapping[str, str], told: int = 0) -> list[tuple[str, str]]:
    """Return exactly what goes along with a button, in words: each field with its value, and how many answers."""
    known = [(_CARRIED[name], _PLAIN.get(value, value)) for name, value in fields.items() if name in _CARRIED]
    used = [(f"Used of {name.removeprefix(USED)}", value) for name, value in fields.items() if name.startswith(USED)]
    answers = [("What the payer says of the plan’s rules", f"{told} answers, listed above")] if told else []
    return [*known, *used, *answers]


def check_fields(fill: Fill, plan: Plan) -> dict[str, str]:
    """Return the fields of the authorization check that an answer fills."""
    limits: Mapping[str, str] = fill.used.get("limits", {})
    used = {f"{USED}{name}": value for name, value in limits.items() if name in plan.limits}
    fields = {"plan": plan.id, "deductible_paid": fill.used.get("deductible_paid", ""), **used}
    return {name: value for name, value in fields.items() if value}


def _told(answer: Eligibility, plan: Plan, today: date) -> dict[str, str]:
    """Return what the answer says of the plan's rules, as the form of an estimate carries it along."""
    told = {"plan": plan.id, FIELD: ""}
    for call in calls_from(answer, plan, today):
        told = with_call(told, call)
    return told


def _described(answer: Eligibility) -> dict[str, str]:
    """Return what is asked of a plan that is not listed, as far as the answer says it."""
    share = share_for(answer, Network.IN)
    needed = authorization_for(answer).needed
    return {
        "my_deductible": _total(answer, Kind.DEDUCTIBLE),
        "my_maximum": _total(answer, Kind.OUT_OF_POCKET_MAX),
        "my_copay": str(share.copay.amount) if share.copay else "",
        "my_coinsurance": str(share.coinsurance.rate) if share.coinsurance else "",
        "my_order": order_of(share),
        **_limit(answer),
        "my_authorization": "" if needed is None else _AUTHORIZATIONS[needed],
        "my_needling": "no" if needling_refused(answer) else "",
    }


def _total(answer: Eligibility, kind: Kind) -> str:
    bucket, family = (bucket_for(answer, kind, level, Network.IN).bucket for level in (Level.PERSON, Level.FAMILY))
    bucket = family if is_of_all(bucket, family) else bucket
    if bucket is not None and bucket.total is not None:
        return figure_of(bucket, bucket.total)
    is_none = kind is Kind.DEDUCTIBLE and family is not None and family.total == 0
    return "0.00" if is_none or is_met(answer, Network.IN, kind) else ""


def _limit(answer: Eligibility) -> dict[str, Any]:
    bucket = bucket_for(answer, Kind.LIMIT, Level.PERSON, Network.IN).bucket
    if bucket is None or not is_of_the_year(bucket):
        # The form asks for visits a year.
        return {}
    if bucket.is_unlimited:
        return {"my_limit": "none"}
    total = total_of(bucket)
    return {"my_limit": "number", "my_visits": str(total)} if total is not None else {}


# ----------------------------------------------------------------------------
# What the page of a payer's answer shows: the form with what is wrong, or what was read.
#
# What was pasted or uploaded is never shown again as a whole, since it tells who somebody is.
# ----------------------------------------------------------------------------

Context = dict[str, Any]
FormProblem = tuple[str | None, str]

LABELS = {"plan": "Plan: its id, or words of its name", "answer": "Paste the answer", "file": "Or choose its file"}


def content_of(typed: Mapping[str, str], file: FileStorage | None) -> bytes:
    """Return what was uploaded, else what was pasted."""
    uploaded = file.read() if file is not None and file.filename else b""
    return uploaded or typed.get("answer", "").encode("utf-8", errors="replace")


def plan_problems(typed: str, named: Named) -> list[FormProblem]:
    """Return what is wrong with the plan that was written; nothing where none was."""
    if not typed or named.plan:
        return []
    return [("plan", SEVERAL if named.found else f"{NOT_FOUND} Or leave this empty.")]


def form_problems(refused: EstimatorError) -> list[FormProblem]:
    """Return every problem of an answer, beside the field that it was pasted into."""
    return [("answer", _said(problem)) for problem in problems_of(refused)]


def form_page(plan: str, named: Named, problems: Sequence[FormProblem] = ()) -> Context:
    """Return what the form shows; it goes on for the case that it was opened for."""
    errors: dict[str, str] = defaultdict(str)
    for field, words in problems:
        errors.setdefault(field or "", words)
    return {
        "plan": plan,
        "named": named,
        "errors": errors,
        "summary": problems,
        "labels": LABELS,
        "several": (),
        "case": case_meant(),
    }


def case_meant() -> str:
    """Return the label of the case that an answer is read for; empty where it is for none."""
    return request.form.get("case", "").strip()[:MOST_LABEL] or label_of_number()


def answer_page(answer: Eligibility, plan: Plan | None, today: date) -> Context:
    """Return what was read, and the fields of an estimate that it fills."""
    reading = reading_of(answer, plan, today)
    fill = reading.fill
    fields = fields_from(answer, fill, plan, today)
    checked = check_fields(fill, plan) if plan else {}
    return {
        "answer": answer,
        "plan": plan,
        "facts": heading(answer),
        "rows": rows(answer),
        "buckets": bucket_rows(answer),
        "fill": fill,
        "unused": reading.unused,
        "told": told_rows(reading.facts),
        "lines": benefit_lines(answer),
        "fields": fields,
        "carried": carried(fields, len(reading.facts)),
        "check_fields": checked,
        "check_carried": carried(checked),
        "case": case_meant(),
        "to_case": carried_to_case(fill, plan),
        "opened": opened,
        "most_shown": MOST_CONTRADICTIONS,
        "no_promise": NOT_A_PROMISE,
    }


def _said(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path not in ("", "file") else problem.message


# ----------------------------------------------------------------------------
# A payer's answer at `/staff/eligibility`: paste or upload it, see what it says, and take it to an estimate.
# ----------------------------------------------------------------------------

eligibility = Blueprint("eligibility", __name__)

_FORM, _ANSWER = "staff/eligibility/form.html", "staff/eligibility/answer.html"
_NOTHING_TO_LOOK_UP = "Enter the plan’s id, or words of its name, such as silver ppo."
# What a form holds beside the answer.
_AROUND = 100_000


@eligibility.get("/eligibility")
@allowed("billing")
def form() -> str:
    """Show the form; for a case, with its plan."""
    page = form_page("", Named(None))
    case = case_labeled(staff_shelf().engine, page["case"]) if page["case"] else None
    return render_template(_FORM, **{**page, "plan": case.plan_id if case else ""})


@eligibility.post("/eligibility")
@allowed("billing", most_bytes=MOST_BYTES + _AROUND)
def read() -> str | tuple[str, int]:
    """Show what an answer says, or the form again with everything that is wrong."""
    today = clock.today()
    typed = request.form.get("chosen") or request.form.get("plan", "").strip()
    named = plan_meant(typed, today.isoformat())
    if {"look-up", "chosen"}.intersection(request.form) and (named.plan or named.found):
        return render_template(_FORM, **form_page(named.plan.id if named.plan else typed, named))
    if "look-up" in request.form:
        problems = plan_problems(typed, named) or [("plan", _NOTHING_TO_LOOK_UP)]
        return render_template(_FORM, **form_page(typed, named, problems)), UNPROCESSABLE
    problems = plan_problems(typed, named)
    try:
        which = number_in(request.form, "which", 0) or None
        answer = answer_in(content_of(request.form, request.files.get("file")), today, which=which)
    except SeveralAnswers as several:
        told = f"This file holds {len(several.answers)} answers. Choose one, and give the file again."
        context = {**form_page(typed, named, [*problems, ("which", told)]), "several": several.answers}
        return render_template(_FORM, **context), UNPROCESSABLE
    except Stopped as refused:
        problems += form_problems(refused)
        return render_template(_FORM, **form_page(typed, named, problems)), UNPROCESSABLE
    if problems:
        return render_template(_FORM, **form_page(typed, named, problems)), UNPROCESSABLE
    return render_template(_ANSWER, **answer_page(answer, named.plan, today))
