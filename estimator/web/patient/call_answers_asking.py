"""The questions that a call about this plan and course may have answered, in the order of the call script."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from estimator.engine.request import COULD_NOT_SAY, NEEDLING_CODES
from estimator.language import _
from estimator.web.patient import call_answers_words as words
from estimator.wording.words import in_the_network, plain

Answer = Mapping[str, Any]

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
        f"call.{asks}.{subject}", asks, subject, kind, legend,
        (*options, (COULD_NOT_SAY, _(words.COULD_NOT_SAY))) if options else (),
    )  # fmt: skip


def service_named(code: str, name: str) -> str:
    """Return a code as a question names it.

    >>> service_named("97110", "Therapeutic exercise")
    '97110 (therapeutic exercise)'
    """
    return f"{code} ({name[:1].lower()}{name[1:]})"


def _asks(answer: Answer) -> Iterator[Ask]:
    lines = {line["code"]: line["name"] for visit in answer["visits"] for line in visit["lines"]}
    for code in sorted(NEEDLING_CODES & lines.keys()):
        for asks in _THREE:
            yield ask_about(asks, code, service=service_named(code, lines[code]))
    for question in answer["questions"]:
        yield from _of_question(question["asks"], question["subject"])
    yield ask_about("cost-share", "copay")
    for name, limit in answer["visits"][0]["accumulators"]["limits"].items():
        if limit["measure"] == "visits":
            yield ask_about("limit", name)


def _of_question(asks: str, subject: str) -> Iterator[Ask]:
    if asks == "cost-share":
        parts = [subject] if subject in _SHARES else _SHARES
        yield from (ask_about(asks, part) for part in parts)
    elif asks in words.LEGENDS and asks not in ("liability", "payable", "code-valid"):
        yield ask_about(asks, subject)
