"""Where an answer leads: documents to take along, what could change it, and comparisons.

Each page is made anew of the answers that its form carries along: nothing is kept between two pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator.engine.plan import Plan
from estimator.errors import Stopped
from estimator.estimates.sensitivity import ASKED_FIRST, what_matters
from estimator.language import N_, _
from estimator.papers.calendar import calendar_of
from estimator.papers.kinds import DocumentRefused
from estimator.web import common
from estimator.web.common import url
from estimator.web.patient.answer import TITLES, UNPROCESSABLE, Page, document_of, refused_page
from estimator.web.patient.choices import MY_PLAN, SELF_PAY_MARKET
from estimator.web.patient.compared import compare_page
from estimator.web.patient.enrollment import enrollment_page
from estimator.web.patient.fields import field_named
from estimator.web.patient.form import (
    Answers,
    answers_of,
    field_of,
    needles,
    prices_there,
    request_of,
    require_few,
    today_there,
)
from estimator.web.patient.reply import answer_to, reader_of, request_asked
from estimator.wording.sensitivity import matters_of
from estimator.wording.words import cents_of

onward = Blueprint("onward", __name__)
common.bound_estimates(onward)
# As how many estimates a page counts that makes several: by what it takes, not by their number.
_SEVERAL, _MANY = 5, 20


@onward.post("/paper/<kind>")
def paper(kind: str) -> Page | Response:
    """Send a paper as a PDF, or say why it does not fit."""
    if kind not in TITLES:
        raise NotFound
    today = today_there(request.form)
    answers = answers_of(request.form, today)
    require_few(answers)
    try:
        written = document_of(kind, answers, today)
    except DocumentRefused as refused:
        says = [problem.message for problem in refused.problems]
        page = render_template("paper-refused.html", answers=answers, title=_(TITLES[kind]), says=says)
        return page, UNPROCESSABLE
    except Stopped as refused:
        return refused_page(refused, answers, today)
    sent = {"Content-Disposition": f'attachment; filename="therapy-{kind}.pdf"', "Cache-Control": "no-store"}
    return Response(written, mimetype="application/pdf", headers=sent)


@onward.post("/calendar")
def calendar() -> Page | Response:
    """Send the visits as a calendar file."""
    today = today_there(request.form)
    answers = answers_of(request.form, today)
    require_few(answers)
    try:
        answer = answer_to(answers, today)
    except Stopped as refused:
        return refused_page(refused, answers, today)
    sent = {"Content-Disposition": 'attachment; filename="therapy-visits.ics"', "Cache-Control": "no-store"}
    return Response(calendar_of(answer), mimetype="text/calendar", headers=sent)


@onward.post("/what-matters")
def what_matters_view() -> Page:
    """Say which three answers are worth most."""
    return _page("what-matters.html", matters_page, _SEVERAL)


@onward.post("/compare")
def compare_view() -> Page:
    """Set the course beside itself under other choices."""
    return _page("compare.html", lambda answers, today: compare_page(answers, request.form, today), _SEVERAL)


@onward.post("/open-enrollment")
def enrollment_view() -> Page:
    """Rank the plans that a person could choose, this year or next, by what the course would cost."""
    return _page("open-enrollment.html", lambda answers, today: enrollment_page(answers, request.form, today), _MANY)


@onward.get("/what-matters")
@onward.get("/compare")
@onward.get("/open-enrollment")
@onward.get("/calendar")
def nothing_asked() -> AnyResponse:
    """Redirect a bookmarked address of such a page to the form."""
    return redirect(url("/"))


def _page(template: str, shown: Callable[[Answers, date], dict[str, Any]], estimates: int) -> Page:
    today = today_there(request.form)
    answers = answers_of(request.form, today)
    require_few(answers, estimates)
    try:
        context = shown(answers, today)
    except Stopped as refused:
        return refused_page(refused, answers, today)
    return render_template(template, **context)


# ----------------------------------------------------------------------------
# What matters most: the three answers worth most, each with the field of the form that takes it.
# ----------------------------------------------------------------------------

Matter = Mapping[str, Any]

# What an answer would tell, within "Knowing … could change this by $40.00".
_KNOWN = {
    "needling-policy": N_("Does the plan pay for dry needling?"),
    "benefit-lists-service": N_("Does the plan pay for dry needling?"),
    "network-cover": N_("What does the plan pay in this network?"),
    "cost-share": N_("What is the copay or percentage?"),
    "deductible": N_("What is the deductible?"),
    "out-of-pocket-max": N_("What is the yearly maximum?"),
    "family-rule": N_("How does the deductible work for a family?"),
    "family-cover": N_("Does the plan cover a family?"),
    "limit": N_("Is there a limit on visits?"),
    "limit-used": N_("How many covered visits are used?"),
    "deductible-paid": N_("How much of the deductible is paid?"),
    "deductible-visits-count": N_("Do visits under the deductible count?"),
    "price-level": N_("What are the clinic’s prices?"),
    "experience-factor": N_("Does this provider’s experience cost more?"),
    "benefit-year": N_("When does the plan’s year start?"),
    "authorization": N_("Are the visits approved?"),
    "referral": N_("Is there a referral?"),
    "improvement": N_("Does the record show progress?"),
    "justification": N_("Are more visits explained in writing?"),
    "consent": N_("Is a consent signed?"),
    "told": N_("Does the plan stand by what it told you?"),
    "age": N_("What is the age?"),
    "symptom-weeks": N_("How long has it hurt?"),
    "indian-health": N_("Does an Indian health care provider treat or refer you?"),
    "diagnosis": N_("What is the diagnosis?"),
    "zip-straddles": N_("Where exactly is the clinic?"),
}
_OTHERWISE = N_("What is the answer?")
# Of a plan that the person described, these are asked on its own page.
_OF_MY_PLAN = {
    "needling-policy": "my_needling",
    "benefit-lists-service": "my_needling",
    "cost-share": "my_copay",
    "deductible": "my_deductible",
    "out-of-pocket-max": "my_maximum",
    "limit": "my_limit",
    "authorization": "my_authorization",
    "referral": "my_referral",
}


# What a card says, and a typical plan only assumes: who tells it describes their own plan.
_ON_THE_CARD = ("cost-share", "deductible", "out-of-pocket-max")


def matters_page(answers: Answers, today: date) -> dict[str, Any]:
    """Return what the page on what matters most shows."""
    written, clinic = request_asked(answers, today), prices_there(answers)
    found = what_matters(written, today, common.shelf(), clinic, common.prices())
    told = matters_of(found, common.names(), reader_of(answers))
    first = [matter for matter in told["matters"] if cents_of(matter["worth"])][:ASKED_FIRST]
    return {
        "answers": answers,
        "told": told,
        "first": [_first(matter, answers, found.plan) for matter in first],
        "others": told["matters"][len(first) :],
        "has_plan": found.plan.market != SELF_PAY_MARKET,
    }


def _first(matter: Matter, answers: Answers, plan: Plan) -> Matter:
    """Return a matter with what its answer would tell, the page and field that ask for it, and the field's label."""
    page = _page_of(matter, answers, plan)
    label = _(field_named(page[1]).label) if page else ""
    return {**matter, "known": _known(matter), "page": page, "label": label}


def _known(matter: Matter) -> str:
    return _(_KNOWN.get(matter["kind"], _OTHERWISE))


def _page_of(matter: Matter, answers: Answers, plan: Plan) -> tuple[str, str] | None:
    """Return the page that asks for this and the field there; None where only the insurer or the clinic can tell."""
    is_on_card = plan.kind == "template" and matter["kind"] in _ON_THE_CARD
    if (answers["plan"] == MY_PLAN and matter["kind"] in _OF_MY_PLAN) or is_on_card:
        return "/my-plan", _OF_MY_PLAN[matter["kind"]]
    if matter["kind"] == "price-level":
        return ("/", "needling_price") if needles(answers) else None
    field = field_of(matter["path"], request_of(answers)) if matter["path"] else None
    return ("/", field) if field else None
