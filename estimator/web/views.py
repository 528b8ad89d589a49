"""One function a page: words in, words out."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator import clock
from estimator.errors import EstimatorError, UnknownPlan
from estimator.web import pages
from estimator.web.questions import answers_of
from estimator.web.reply import form_problems, reply_to

views = Blueprint("pages", __name__)

_UNPROCESSABLE = 422


@views.route("/", methods=["GET", "POST"])
def form() -> str:
    """Show the form: fresh, or, when an answer is to be changed, as it was sent."""
    today = clock.today()
    return render_template("form.html", **pages.form_page(answers_of(request.form, today), today))


@views.post("/estimate")
def estimate() -> str | tuple[str, int]:
    """Answer the form, or show it again with what is wrong beside each field."""
    today = clock.today()
    answers = answers_of(request.form, today)
    try:
        reply = reply_to(answers, today)
    except EstimatorError as refused:
        problems = form_problems(refused, answers)
        return render_template("form.html", **pages.form_page(answers, today, problems)), _UNPROCESSABLE
    return render_template("answer.html", **pages.answer_page(answers, reply))


@views.get("/estimate")
def nothing_asked() -> Response:
    """Lead whoever kept the address of an answer back to the form."""
    return redirect("/")


@views.get("/about-dry-needling")
def about_dry_needling() -> str:
    """Say what needling is, who may do it, and what it can and cannot do."""
    return render_template("about-dry-needling.html", **pages.needling_page())


@views.get("/how-it-works")
def how_it_works() -> str:
    """Say what the estimate is and what it is not."""
    return render_template("how-it-works.html", **pages.method_page())


@views.get("/plans")
def plans() -> str:
    """List the plans that we carry."""
    return render_template("plans.html", **pages.plans_page())


@views.get("/plans/<plan_id>")
def plan(plan_id: str) -> str:
    """Say the rules of one plan."""
    try:
        shown = pages.plan_page(plan_id)
    except UnknownPlan as unknown:
        raise NotFound from unknown
    return render_template("plan.html", **shown)


@views.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """Tell whoever watches that the pages are being served."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
