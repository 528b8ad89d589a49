"""The page that takes the answers of a call, and the estimate that counts with them."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from estimator import clock
from estimator.errors import EstimatorError, RequestRefused
from estimator.language import _
from estimator.web.patient import pages
from estimator.web.patient.call_answers_asking import Ask, asks_of
from estimator.web.patient.call_answers_carried import with_call
from estimator.web.patient.call_answers_typing import DAY, is_of_the_call, problems_on_page, typed_call
from estimator.web.patient.call_answers_words import FROM_VISIT, page_words
from estimator.web.patient.questions import Answers, answers_of
from estimator.web.patient.refusals import UNPROCESSABLE, Page, refused_page
from estimator.web.patient.reply import Reply, reply_to
from estimator.web.tongues import url

call_answers = Blueprint("call_answers", __name__)

Problems = Sequence[tuple[str | None, str]]


@call_answers.post("/call-answers")
def type_in() -> Page:
    """Ask for the answers of a call; once they are typed, answer with them."""
    today = clock.today()
    answers = answers_of(request.form, today)
    try:
        reply = reply_to(answers, today)
    except EstimatorError as refused:
        return refused_page(refused, answers, today)
    asks = asks_of(reply.answer)
    return _counted(answers, reply, asks, today) if DAY in request.form else _page(answers, reply, asks)


@call_answers.get("/call-answers")
def nothing_asked() -> Response:
    """Lead whoever kept the address of this page back to the form."""
    return redirect(url("/"))


def _counted(answers: Answers, reply: Reply, asks: Sequence[Ask], today: date) -> Page:
    typed = typed_call(request.form, asks)
    if not typed.asks:
        return _page(answers, reply, asks, [(None, page_words()["nothing"])])
    told = with_call(answers, typed.call)
    try:
        new = reply_to(told, today)
    except RequestRefused as refused:
        if not all(map(is_of_the_call, refused.problems)):
            return refused_page(refused, told, today)
        return _page(answers, reply, asks, problems_on_page(refused, typed))
    return render_template("answer.html", **pages.answer_page(told, new))


def _page(answers: Answers, reply: Reply, asks: Sequence[Ask], problems: Problems = ()) -> Page:
    names = [ask.name for ask in asks] + [ask.from_name for ask in asks if ask.from_name]
    legends = {ask.name: ask.legend for ask in asks}
    page = render_template(
        "call-answers.html",
        answers=answers,
        asks=asks,
        told=reply.answer["told"],
        words=page_words(),
        from_words=_(FROM_VISIT),
        typed={name: request.form.get(name, "") for name in (*names, DAY, "call.reference")},
        errors=dict.fromkeys([*names, DAY, "call.reference"], "") | {name: says for name, says in problems if name},
        summary=[(name, f"{legends[name]} {says}" if name in legends else says) for name, says in problems],
    )
    return (page, UNPROCESSABLE) if problems else page
