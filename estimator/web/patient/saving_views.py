"""The pages that keep an estimate, show it again and delete it: only where there is a database."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from estimator import clock
from estimator.errors import EstimatorError
from estimator.estimates.saved import DAYS, USUAL_DAYS, Secrets, remove_estimate, saved_estimate
from estimator.plans.shelf import Shelf
from estimator.web import shelf
from estimator.web.limiting import limiter
from estimator.web.patient.questions import answers_of
from estimator.web.patient.refusals import Page, refused_page
from estimator.web.patient.saving_kept import keep, shown
from estimator.web.patient.saving_words import for_days, full_words, save_words
from estimator.web.tongues import url

saving = Blueprint("saving", __name__)

# What a link leads to is for whoever has it: for no search engine, and no copy on the way.
_ALONE = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def _was_kept(response: Response) -> bool:
    return response.status_code == HTTPStatus.CREATED


@saving.post("/save")
@limiter.limit("30 per hour", deduct_when=_was_kept)
def save() -> Page | Response:
    """Say what is kept and for how long; once that is agreed to, keep the estimate and give out its links."""
    kept, today = _shelf(), clock.today()
    answers = answers_of(request.form, today)
    days = request.form.get("days", "")
    choices = [(str(each), for_days(each)) for each in DAYS]
    if days not in dict(choices):
        chosen = str(USUAL_DAYS)
        return render_template("save.html", answers=answers, words=save_words(), choices_of_days=choices, chosen=chosen)
    try:
        secrets = keep(kept, answers, int(days), today, clock.now_utc())
    except EstimatorError as refused:
        return refused_page(refused, answers, today)
    if secrets is None:
        return render_template("failure.html", **full_words()), HTTPStatus.SERVICE_UNAVAILABLE
    there = url(f"/saved/{secrets.link}")
    links = {"link": there, "removal": f"{there}/delete/{secrets.removal}"}
    page = render_template(
        "save-done.html", answers=answers, words=save_words(), root=request.host_url.rstrip("/"), **links
    )
    return _alone(page, HTTPStatus.CREATED)


@saving.get("/saved/<link>")
def saved(link: str) -> Response:
    """Show a saved estimate as it was."""
    kept = _shelf()
    found = saved_estimate(kept.engine, link, clock.now_utc())
    if found is None:
        raise NotFound
    template, context = shown(kept, found, clock.today())
    return _alone(render_template(template, **context))


@saving.route("/saved/<link>/delete/<removal>", methods=["GET", "POST"])
def delete(link: str, removal: str) -> Response:
    """Ask whether it is to be deleted, and delete it."""
    kept = _shelf()
    if request.method == "GET":
        return _alone(render_template("save-delete.html", words=save_words(), is_gone=False))
    if not remove_estimate(kept.engine, Secrets(link, removal)):
        raise NotFound
    return _alone(render_template("save-delete.html", words=save_words(), is_gone=True))


def _shelf() -> Shelf:
    kept = shelf.shelf()
    if not isinstance(kept, Shelf):
        raise NotFound
    return kept


def _alone(page: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = make_response(page, status)
    response.headers.update(_ALONE)
    return response
