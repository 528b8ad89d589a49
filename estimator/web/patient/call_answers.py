"""Answers that a person got on the telephone, typed back in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.request import COULD_NOT_SAY
from estimator.errors import Problem, RequestRefused, Stopped
from estimator.language import _
from estimator.web.common import bound_estimates, url
from estimator.web.patient import answer as words
from estimator.web.patient.answer import FROM_VISIT, UNPROCESSABLE, Page, answer_page, page_words, refused_page
from estimator.web.patient.form import Answers, answers_of, require_few, today_there, with_call
from estimator.web.patient.reply import answer_to, reply_to
from estimator.wording.answer import Answer
from estimator.wording.words import in_the_network, plain

call_answers = Blueprint("call_answers", __name__)
bound_estimates(call_answers)

Problems = Sequence[tuple[str | None, str]]


@call_answers.post("/call-answers")
def type_in() -> Page:
    """Ask for the answers of a call; once they are typed, answer with them."""
    today = today_there(request.form)
    answers = answers_of(request.form, today)
    require_few(answers)
    try:
        answer = answer_to(answers, today)
    except Stopped as refused:
        return refused_page(refused, answers, today)
    asks = asks_of(answer)
    return _counted(answers, answer, asks, today) if DAY in request.form else _page(answers, answer, asks)


@call_answers.get("/call-answers")
def nothing_asked() -> Response:
    """Redirect a bookmarked address of this page to the form."""
    return redirect(url("/"))


def _counted(answers: Answers, answer: Answer, asks: Sequence[Ask], today: date) -> Page:
    typed = typed_call(request.form, asks)
    if not typed.asks:
        return _page(answers, answer, asks, [(None, page_words()["nothing"])])
    told = with_call(answers, typed.call)
    try:
        new = reply_to(told, today)
    except RequestRefused as refused:
        if not all(map(is_of_the_call, refused.problems)):
            return refused_page(refused, told, today)
        return _page(answers, answer, asks, problems_on_page(refused, typed))
    return render_template("answer.html", **answer_page(told, new))


def _page(answers: Answers, answer: Answer, asks: Sequence[Ask], problems: Problems = ()) -> Page:
    names = [ask.name for ask in asks] + [ask.from_name for ask in asks if ask.from_name]
    legends = {ask.name: ask.legend for ask in asks}
    page = render_template(
        "call-answers.html",
        answers=answers,
        asks=asks,
        told=answer.told,
        words=page_words(),
        from_words=_(FROM_VISIT),
        typed={name: request.form.get(name, "") for name in (*names, DAY, "call.reference")},
        errors=dict.fromkeys([*names, DAY, "call.reference"], "") | {name: says for name, says in problems if name},
        summary=[(name, f"{legends[name]} {says}" if name in legends else says) for name, says in problems],
    )
    return (page, UNPROCESSABLE) if problems else page


# ----------------------------------------------------------------------------
# The questions that a call about this plan and course may have answered, in the order of the call script.
# ----------------------------------------------------------------------------

_KINDS: Mapping[str, str] = {
    "payable": "payable",
    "copay": "money",
    "coinsurance": "percent",
    "deductible": "money",
    "out-of-pocket-max": "money",
    "limit": "count",
    "authorization-consequence": "bearer",
    "family-rule": "family",
}
_YES_NO = "yes-no"
_THREE = ("code-valid", "authorization-needed", "payable", "liability")
_SHARES = {"copay": "copay", "coinsurance": "coinsurance", "deductible": "order"}
_OF_THERAPY = "physical-therapy"


class Ask(NamedTuple):
    """One question of the page: the field that takes its answer, and what it is in a request."""

    name: str
    asks: str
    subject: str
    kind: str
    legend: str
    options: tuple[tuple[str, str], ...]

    @property
    def from_name(self) -> str:
        """Return the field for the visit from which an approval is needed; none for other questions."""
        return f"{self.name}.from" if self.asks == "authorization-needed" else ""


def asks_of(answer: Answer) -> list[Ask]:
    """Return the questions, each once."""
    asked = {ask.name: ask for ask in _asks(answer)}
    return list(asked.values())


def ask_about(asks: str, subject: str, service: str = "") -> Ask:
    """Return the question; `service` is a code with its name where it is about one."""
    worded = _SHARES[subject] if asks == "cost-share" else asks
    kind = _KINDS.get(worded, _YES_NO)
    legend = _(words.LEGENDS[worded]).format(
        service=service, subject=service or plain(subject or _OF_THERAPY), network=in_the_network(subject)
    )
    options = tuple((value, _(label)) for value, label in words.OPTIONS.get(kind, ()))
    return Ask(
        f"call.{asks}.{subject}",
        asks,
        subject,
        kind,
        legend,
        (*options, (COULD_NOT_SAY, _(words.COULD_NOT_SAY))) if options else (),
    )


def service_named(code: str, name: str) -> str:
    """Return a code as a question names it.

    >>> service_named("97110", "Therapeutic exercise")
    '97110 (therapeutic exercise)'
    """
    return f"{code} ({name[:1].lower()}{name[1:]})"


def _asks(answer: Answer) -> Iterator[Ask]:
    lines = {line.code: line.name for line in answer.lines}
    for code in sorted(NEEDLING_CODES & lines.keys()):
        for asks in _THREE:
            yield ask_about(asks, code, service=service_named(code, lines[code]))
    for question in (each for each in answer.questions if not each.of_second):
        yield from _of_question(question.asks, question.subject)
    yield ask_about("cost-share", "copay")
    for name, limit in answer.visits[0].accumulators.limits.items():
        if limit.measure == "visits":
            yield ask_about("limit", name)


def asks_of_question(asks: str, subject: str, service: str = "") -> Iterator[Ask]:
    """Yield the fields of one question; `service` is a code with its name, of which a call is asked more."""
    if service and asks in _THREE:
        liability = ("liability",) if asks == "payable" else ()
        yield from (ask_about(each, subject, service) for each in (asks, *liability))
    else:
        yield from _of_question(asks, subject)


def _of_question(asks: str, subject: str) -> Iterator[Ask]:
    if asks == "cost-share":
        parts = [subject] if subject in _SHARES else _SHARES
        yield from (ask_about(asks, part) for part in parts)
    elif asks in words.LEGENDS and asks not in ("liability", "payable", "code-valid"):
        yield ask_about(asks, subject)


# ----------------------------------------------------------------------------
# What was typed on the page becomes a call of the contract, and its problems find their fields again.
# ----------------------------------------------------------------------------

DAY, REFERENCE = "call.day", "call.reference"


class Typed(NamedTuple):
    """A call as it was typed, with the question of each of its answers."""

    call: Mapping[str, Any]
    asks: Sequence[Ask]

    def field_of(self, path: str) -> str | None:
        """Return the field that a problem of this call belongs to, None for a problem of something else."""
        parts = path.split(".")
        if parts[0] != "told" or len(parts) < 3:
            return None
        if parts[2] != "answers" or len(parts) < 4 or not parts[3].isdecimal():
            return REFERENCE if parts[2] == "reference" else DAY
        ask = self.asks[int(parts[3])]
        return ask.from_name if parts[-1] == "from_visit" else ask.name


def typed_call(form: Mapping[str, str], asks: Sequence[Ask]) -> Typed:
    """Return the answers that were typed; a question without one was not asked."""
    said = [ask for ask in asks if form.get(ask.name, "").strip()]
    call = {
        "on": form.get(DAY, "").strip(),
        "reference": form.get(REFERENCE, "").strip() or None,
        "answers": [_answer(ask, form) for ask in said],
    }
    return Typed({key: value for key, value in call.items() if value is not None}, said)


def problems_on_page(refused: RequestRefused, typed: Typed) -> list[tuple[str | None, str]]:
    """Return the problems, each with its field; the first of a field."""
    found: dict[str | None, str] = {}
    if not typed.call["on"]:
        found[DAY] = _("Enter the date of your call (mm/dd/yyyy).")
    for problem in refused.problems:
        found.setdefault(typed.field_of(problem.path), problem.message)
    return list(found.items())


def is_of_the_call(problem: Problem) -> bool:
    """Tell whether a problem is about what was told."""
    return problem.path.startswith("told")


def _answer(ask: Ask, form: Mapping[str, str]) -> dict[str, Any]:
    answer = form[ask.name].strip()
    if ask.kind == "percent" and answer[-1:].isdecimal():
        answer += "%"
    from_visit = form.get(ask.from_name, "").strip() if ask.from_name and answer == "yes" else ""
    written = {"asks": ask.asks, "subject": ask.subject, "answer": answer, "from_visit": from_visit}
    return {key: value for key, value in written.items() if value}
