"""A payer's answer at `/staff/eligibility`: paste or upload it, see what it says, and take it to an estimate."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from estimator import clock
from estimator.eligibility.read import MOST_BYTES, read_eligibility
from estimator.errors import EstimatorError
from estimator.web.patient.refusals import UNPROCESSABLE
from estimator.web.staff import eligibility_page as page
from estimator.web.staff.access import allowed
from estimator.web.staff.meant import Named, plan_meant

eligibility = Blueprint("eligibility", __name__)

_FORM, _ANSWER = "staff/eligibility/form.html", "staff/eligibility/answer.html"
# What a form holds beside the answer.
_AROUND = 100_000


@eligibility.get("/eligibility")
@allowed("billing")
def form() -> str:
    """Show the form."""
    return render_template(_FORM, **page.form_page("", Named(None)))


@eligibility.post("/eligibility")
@allowed("billing", most_bytes=MOST_BYTES + _AROUND)
def read() -> str | tuple[str, int]:
    """Show what an answer says, or the form again with everything that is wrong."""
    today = clock.today()
    typed = request.form.get("chosen") or request.form.get("plan", "").strip()
    named = plan_meant(typed, today.isoformat())
    if {"look-up", "chosen"}.intersection(request.form) and (named.plan or named.found):
        return render_template(_FORM, **page.form_page(named.plan.id if named.plan else typed, named))
    problems = page.plan_problems(typed, named)
    try:
        answer = read_eligibility(page.content_of(request.form, request.files.get("file")))
    except EstimatorError as refused:
        problems += [] if "look-up" in request.form else page.form_problems(refused)
    if problems:
        return render_template(_FORM, **page.form_page(typed, named, problems)), UNPROCESSABLE
    return render_template(_ANSWER, **page.answer_page(answer, named.plan, today))
