"""One function a page: words in, words out."""

from datetime import date

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator import clock
from estimator.errors import Stopped, UnknownPlan
from estimator.web.common import bound_estimates, is_plain_address, remembered_page, url
from estimator.web.patient.answer import (
    Page,
    answer_page,
    asked_again,
    form_page,
    method_page,
    my_plan_page,
    needling_page,
    plan_page,
    plans_page,
    refused_page,
)
from estimator.web.patient.answer_parts import state_page
from estimator.web.patient.choices import BIG_MARKETS, DESCRIBE, FIND_PREFIX, MY_PLAN
from estimator.web.patient.fields import MY_PLAN_STARTS
from estimator.web.patient.form import Answers, answers_of, require_few, today_there
from estimator.web.patient.front import with_changes
from estimator.web.patient.my_plan import problems_of
from estimator.web.patient.near import near_page
from estimator.web.patient.plans import choose_page
from estimator.web.patient.reply import FormProblem, reply_to

views = Blueprint("pages", __name__)
bound_estimates(views)

_FINDS = {f"{FIND_PREFIX}{market}": market for market in BIG_MARKETS}


@views.route("/", methods=["GET", "POST"])
def form() -> str:
    """Show the form: fresh, or, when an answer is to be changed, as it was sent; open where one is to be found."""
    if request.method != "POST" and not request.form and is_plain_address():
        today = clock.today()
        return remembered_page("form", today, lambda: _form(answers_of({}, today), today))
    return _form(answers_of(request.form, clock.today()), clock.today(), request.form.get("find", ""))


@views.post("/estimate")
def estimate() -> Page:
    """Answer the form, or lead to the page on which the plan is found or described."""
    today = today_there(request.form)
    answers = answers_of(request.form, today)
    if answers["plan"] in _FINDS:
        return _found(answers, today, _FINDS[answers["plan"]])
    if answers["plan"] == DESCRIBE:
        return render_template("my-plan.html", **my_plan_page(answers, is_first=_is_untouched(answers)))
    try:
        changed = with_changes(answers, request.form, today)
    except Stopped as refused:
        return refused_page(refused, answers, today)
    return _answer(changed, today)


@views.get("/estimate")
def nothing_asked() -> Response:
    """Redirect GET /estimate to the form."""
    return redirect(url("/"))


@views.route("/choose-plan", methods=["GET", "POST"])
def choose_plan() -> str:
    """List the plans that fit a search; answers travel along only in what is sent, never in an address."""
    today = clock.today()
    if request.method == "POST":
        return _found(answers_of(request.form, today), today)
    return render_template("choose-plan.html", **choose_page(request.args, None, today))


@views.route("/my-plan", methods=["GET", "POST"])
def my_plan() -> Page:
    """Ask for what stands on the card; once that is told, answer, or ask for what is still missing."""
    today = today_there(request.form)
    answers = answers_of(request.form, today)
    if "described" not in request.form:
        return render_template("my-plan.html", **my_plan_page(answers, is_first=_is_untouched(answers)))
    told: list[FormProblem] = [(problem.path, problem.message) for problem in problems_of(answers, today)]
    if told:
        return asked_again(answers, told)
    described = {**answers, "plan": MY_PLAN}
    return _answer(described, today) if answers["zip"] and answers["visits"] else _form(described, today)


@views.get("/about-dry-needling")
def about_dry_needling() -> str:
    """Say what needling is, who may do it, and what it can and cannot do."""
    return render_template("about-dry-needling.html", **needling_page())


@views.get("/about-dry-needling/<state>")
def state_law(state: str) -> str:
    """Say who may do dry needling in one state, and under what rules."""
    page = state_page(state)
    if page is None:
        raise NotFound
    return render_template("state-law.html", scope=page)


@views.get("/how-it-works")
def how_it_works() -> str:
    """Say what the estimate is and what it is not."""
    return render_template("how-it-works.html", **method_page())


@views.route("/prices-near-you", methods=["GET", "POST"])
def prices_near_you() -> str:
    """Show real prices near a ZIP code, which travels only in what is sent, never in an address."""
    sent = request.form
    return render_template(
        "prices-near-you.html", **near_page(sent.get("zip", "").strip()[:10], sent.get("service", ""))
    )


@views.get("/plans")
def list_plans() -> str:
    """List the plans that are few enough for a list, and lead to the search of the others."""
    return render_template("plans.html", **plans_page())


@views.get("/plans/<plan_id>")
def plan(plan_id: str) -> str:
    """Say the rules of one plan."""
    try:
        shown = plan_page(plan_id)
    except UnknownPlan as unknown:
        raise NotFound from unknown
    return render_template("plan.html", **shown)


def _form(answers: Answers, today: date, find: str = "") -> str:
    return render_template("form.html", **form_page(answers, find=find))


def _found(answers: Answers, today: date, kind: str = "") -> str:
    return render_template("choose-plan.html", **choose_page(request.form, answers, today, kind))


def _answer(answers: Answers, today: date) -> Page:
    """Answer, or show the form again with what is wrong beside each field."""
    require_few(answers)
    try:
        reply = reply_to(answers, today)
    except Stopped as refused:
        return refused_page(refused, answers, today)
    return render_template("answer.html", **answer_page(answers, reply))


def _is_untouched(answers: Answers) -> bool:
    return all(answers[name] == start for name, start in MY_PLAN_STARTS.items())
