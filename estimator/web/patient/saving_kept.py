"""A saved estimate made again for its reader, with what today's rules would give in its place."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.errors import EstimatorError
from estimator.estimates.contract import read_request
from estimator.estimates.saved import SavedEstimate, Secrets, made_again, save_estimate
from estimator.language import ENGLISH, speaking
from estimator.plans.shelf import Shelf
from estimator.web import shelf
from estimator.web.patient import pages
from estimator.web.patient.call_answers_carried import without_persons
from estimator.web.patient.questions import Answers, fresh_answers
from estimator.web.patient.reply import Reply, reader_of, reply_to, request_asked
from estimator.web.patient.saving_words import rests_on, save_words, saved_on, today_says
from estimator.wording.answer import answer_of
from estimator.wording.words import PATIENT, page_day, page_usd

Figures = Mapping[str, Any]


def keep(kept: Shelf, answers: Answers, days: int, today: date, now: Any) -> Secrets | None:
    """Keep an estimate without what may lead to a person; None if full, an EstimatorError where there is none."""
    form = without_persons(answers)
    with speaking(ENGLISH):
        answer = reply_to({**form, "reader": PATIENT}, today).answer
    return save_estimate(kept, form, request_asked(form, today), answer, days, now)


def shown(kept: Shelf, saved: SavedEstimate, today: date) -> tuple[str, dict[str, Any]]:
    """Return the page that shows a saved estimate, and what its template is given.

    Where it comes out otherwise than it did, the figures that were kept are shown, and that they are.
    """
    again = made_again(kept, saved)
    answers = {**fresh_answers(today), **saved.form}
    facts = {"saved": _facts(saved, answers, today), "save_words": save_words()}
    if again.estimate is None or again.plan is None:
        return "saved-figures.html", {**facts, "answers": answers, "answer": saved.answer}
    answer = answer_of(again.estimate, again.plan, shelf.names(), reader_of(answers))
    if figures_of(answer) != figures_of(saved.answer):
        return "saved-figures.html", {**facts, "answers": answers, "answer": saved.answer}
    reply = Reply(read_request(saved.request, saved.as_of), answer, None, again.plan)
    return "answer.html", {**pages.answer_page(answers, reply), **facts}


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
    then = saved.answer["patient_owes"]
    try:
        now = reply_to(answers, today).answer["patient_owes"]
    except EstimatorError:
        return today_says(then, None, {})
    return today_says(then, now, {name: page_usd(amount) for name, amount in now.items()})
