"""The authorization check at `/staff/authorization`: a form that keeps what was typed, the check, and its papers."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from estimator import clock
from estimator.errors import EstimatorError
from estimator.papers.case import PaperRefused
from estimator.web.patient.papers import TITLES
from estimator.web.patient.refusals import UNPROCESSABLE
from estimator.web.staff import authorization_page as page
from estimator.web.staff.access import allowed
from estimator.web.staff.authorization_questions import Answers, answers_of
from estimator.web.staff.meant import Named

authorization = Blueprint("authorization", __name__)

# Steps on the way: to change an answer, to look a plan up, to choose one of those that were found.
_STEPS = frozenset({"change", "look-up", "chosen"})
_FORM, _CHECK = "staff/authorization/form.html", "staff/authorization/check.html"


@authorization.get("/authorization")
@allowed("billing")
def form() -> str:
    """Show the fresh form."""
    answers = answers_of({}, clock.today())
    return render_template(_FORM, **page.form_page(answers, Named(None)))


@authorization.post("/authorization")
@allowed("billing")
def check() -> str | tuple[str, int]:
    """Check the course, or show the form again: as a step on the way, or with what is wrong."""
    today = clock.today()
    answers = answers_of(request.form, today)
    named = page.plan_meant(answers)
    if _STEPS.intersection(request.form) and (named.plan or named.found):
        return render_template(_FORM, **page.form_page(answers, named))
    if named.plan is None:
        found = page.problems_before_the_plan(answers, named, today)
        of_the_plan = [problem for problem in found if problem[0] == "plan"]
        return _again(answers, named, of_the_plan if "look-up" in request.form else found)
    try:
        shown = page.check_page(answers, named.plan, today)
    except EstimatorError as refused:
        return _again(answers, named, page.form_problems(refused, answers))
    return render_template(_CHECK, **shown)


@authorization.post("/authorization/paper/<kind>")
@allowed("billing")
def paper(kind: str) -> Response | str | tuple[str, int]:
    """Send the paper that puts liability right, as a PDF."""
    if kind not in TITLES:
        raise NotFound
    today = clock.today()
    answers = answers_of(request.form, today)
    named = page.plan_meant(answers)
    if named.plan is None:
        return _again(answers, named, page.problems_before_the_plan(answers, named, today))
    try:
        written = page.paper_page(kind, answers, named.plan, today)
    except PaperRefused as refused:
        return _again(answers, named, [(None, problem.message) for problem in refused.problems])
    except EstimatorError as refused:
        return _again(answers, named, page.form_problems(refused, answers))
    sent = {"Content-Disposition": f'attachment; filename="therapy-{kind}.pdf"'}
    return Response(written, mimetype="application/pdf", headers=sent)


def _again(answers: Answers, named: Named, problems: list[page.FormProblem]) -> tuple[str, int]:
    return render_template(_FORM, **page.form_page(answers, named, problems)), UNPROCESSABLE
