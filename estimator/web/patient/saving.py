"""An estimate that a person asks to keep, under a link of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from estimator import clock
from estimator.accounts.limits import Limit, take_back
from estimator.engine.values import Money
from estimator.errors import EstimatorError, Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.saved import (
    DAYS,
    USUAL_DAYS,
    SavedEstimate,
    Secrets,
    made_again,
    remove_estimate,
    save_estimate,
    saved_estimate,
)
from estimator.language import ENGLISH, speaking
from estimator.plans.shelf import Shelf
from estimator.web import common
from estimator.web.common import names, url
from estimator.web.outside import by_network, outside_address, require_within
from estimator.web.patient.answer import (
    Page,
    answer_page,
    for_days,
    refused_page,
    rests_on,
    save_words,
    saved_on,
    today_says,
)
from estimator.web.patient.form import (
    Answers,
    answers_of,
    fresh_answers,
    lists_there,
    require_few,
    today_there,
    without_persons,
)
from estimator.web.patient.reply import Reply, answer_to, reader_of, request_asked
from estimator.wording.answer import Amounts, answer_of
from estimator.wording.answer_schema import answer_json
from estimator.wording.words import PATIENT, page_day

saving = Blueprint("saving", __name__)
common.bound_estimates(saving)

# What a link leads to is for anyone who has it: for no search engine, and no copy on the way.
_ALONE = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


_SAVES = Limit("save", 30, timedelta(hours=1))


@saving.post("/save")
def save() -> Page | Response:
    """Say what is kept and for how long; once that is agreed to, keep the estimate and give out its links."""
    kept, today = _shelf(), today_there(request.form)
    answers = answers_of(request.form, today)
    days = request.form.get("days", "")
    choices = [(str(each), for_days(each)) for each in DAYS]
    if days not in dict(choices):
        chosen = str(USUAL_DAYS)
        return render_template("save.html", answers=answers, words=save_words(), choices_of_days=choices, chosen=chosen)
    saves = by_network(_SAVES)
    require_within(kept.engine, saves)
    try:
        secrets = keep(kept, answers, int(days), today, clock.now_utc())
    except EstimatorError as refused:
        take_back(kept.engine, saves)
        return refused_page(refused, answers, today)
    there = url(f"/saved/{secrets.link}")
    links = {"link": there, "removal": f"{there}/delete/{secrets.removal}"}
    page = render_template("save-done.html", answers=answers, words=save_words(), root=outside_address(""), **links)
    return _alone(page, HTTPStatus.CREATED)


@saving.get("/saved/<link>")
def saved(link: str) -> Response:
    """Show a saved estimate as it was."""
    kept = _shelf()
    found = saved_estimate(kept.engine, link, clock.now_utc())
    if found is None:
        raise NotFound
    require_few({**fresh_answers(clock.today()), **found.form})
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
    kept = common.shelf()
    if not common.keeps():
        raise NotFound
    return kept


def _alone(page: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = make_response(page, status)
    response.headers.update(_ALONE)
    return response


# ----------------------------------------------------------------------------
# A saved estimate made again for its reader, with what today's rules would give in its place.
# ----------------------------------------------------------------------------

Figures = Mapping[str, Any]


def keep(kept: Shelf, answers: Answers, days: int, today: date, now: Any) -> Secrets:
    """Keep an estimate without what may lead to a person; raise Stopped where there is none."""
    form = without_persons(answers)
    with speaking(ENGLISH):
        answer = answer_to({**form, "reader": PATIENT}, today)
    return save_estimate(
        kept, form, request_asked(form, today), answer_json(answer), days, now, price_lists=lists_there(form)
    )


def shown(kept: Shelf, saved: SavedEstimate, today: date) -> tuple[str, dict[str, Any]]:
    """Return the page that shows a saved estimate, and what its template is given.

    Where it comes out otherwise than it did, the figures that were kept are shown, and that they are.
    """
    again = made_again(kept, saved)
    # What was saved before needling had a number of visits meant every one.
    answers = {**fresh_answers(today), "needling_visits": "", **saved.form}
    facts = {"saved": _facts(saved, answers, today), "save_words": save_words()}
    if again.estimate is None or again.plan is None:
        return "saved-figures.html", {**facts, "answers": answers, "answer": saved.answer}
    answer = answer_of(again.estimate, again.plan, names(), reader_of(answers))
    if figures_of(answer_json(answer)) != figures_of(saved.answer):
        return "saved-figures.html", {**facts, "answers": answers, "answer": saved.answer}
    reply = Reply(read_request(saved.request, saved.as_of), answer, None, again.plan)
    return "answer.html", {**answer_page(answers, reply), **facts}


def figures_of(answer: Figures) -> list[Any]:
    """Return every amount that an estimate comes to, whatever words it is told in."""
    sums = [answer[name] for name in ("patient_owes", "plan_pays", "provider_absorbs")]
    lines = [
        (line["code"], line["status"], line["patient_owes"], line["plan_pays"], line["provider_absorbs"])
        for visit in answer["visits"]
        for line in visit["lines"]
    ]
    return [*sums, [(visit["day"], visit["range"]) for visit in answer["visits"]], lines]


def _facts(saved: SavedEstimate, answers: Answers, today: date) -> Mapping[str, str]:
    return {
        "when": saved_on(page_day(saved.created_at.date()), page_day(saved.expires_at.date())),
        "rests_on": rests_on(saved.answer["inputs"]),
        "today": _today(saved, answers, today),
    }


def _today(saved: SavedEstimate, answers: Answers, today: date) -> str:
    # Estimates that were saved before the settled part was told have none.
    name = "settled" if "settled" in saved.answer else "patient_owes"
    then = Amounts(*(Money.parse(saved.answer[name][level]) for level in Amounts._fields))
    try:
        now = answer_to(answers, today)
    except Stopped:
        return today_says(then, None)
    return today_says(then, now.settled if name == "settled" else now.patient_owes)
