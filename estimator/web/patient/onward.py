"""Where an answer leads: papers to take along, what matters most, and comparisons.

Each page is made anew of the answers that its form carries along: nothing is kept between two pages.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.errors import EstimatorError
from estimator.language import _
from estimator.papers.case import PaperRefused
from estimator.web.patient.comparing import compare_page
from estimator.web.patient.mattering import matters_page
from estimator.web.patient.papers import TITLES, paper_of
from estimator.web.patient.questions import Answers, answers_of
from estimator.web.patient.refusals import UNPROCESSABLE, Page, refused_page
from estimator.web.tongues import url

onward = Blueprint("onward", __name__)


@onward.post("/paper/<kind>")
def paper(kind: str) -> Page | Response:
    """Send a paper as a PDF, or say why it does not fit."""
    if kind not in TITLES:
        raise NotFound
    today = clock.today()
    answers = answers_of(request.form, today)
    try:
        written = paper_of(kind, answers, today)
    except PaperRefused as refused:
        says = [problem.message for problem in refused.problems]
        page = render_template("paper-refused.html", answers=answers, title=_(TITLES[kind]), says=says)
        return page, UNPROCESSABLE
    except EstimatorError as refused:
        return refused_page(refused, answers, today)
    sent = {"Content-Disposition": f'attachment; filename="therapy-{kind}.pdf"', "Cache-Control": "no-store"}
    return Response(written, mimetype="application/pdf", headers=sent)


@onward.post("/what-matters")
def what_matters() -> Page:
    """Say which three answers are worth most."""
    return _page("what-matters.html", matters_page)


@onward.post("/compare")
def compare() -> Page:
    """Set the course beside itself under other choices."""
    return _page("compare.html", lambda answers, today: compare_page(answers, request.form, today))


@onward.get("/what-matters")
@onward.get("/compare")
def nothing_asked() -> AnyResponse:
    """Lead whoever kept the address of such a page back to the form."""
    return redirect(url("/"))


def _page(template: str, shown: Callable[[Answers, date], dict[str, Any]]) -> Page:
    today = clock.today()
    answers = answers_of(request.form, today)
    try:
        context = shown(answers, today)
    except EstimatorError as refused:
        return refused_page(refused, answers, today)
    return render_template(template, **context)
