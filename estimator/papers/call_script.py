"""The page for the call to the insurer, made of the unknowns of this plan and course.

That a code is valid, that it needs approval and that it is paid are three facts, and are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from estimator.engine.answer import Status
from estimator.engine.codes import is_service_code
from estimator.engine.request import COULD_NOT_SAY, IN_NETWORK, NEEDLING_CODES, OUT_OF_NETWORK
from estimator.language import ENGLISH, _, speaking, spoken
from estimator.papers import call_script_words as words
from estimator.papers.blocks import (
    Answered,
    Block,
    Entry,
    Paper,
    aloud,
    bullets,
    fields,
    heading,
    question,
    text,
    together,
)
from estimator.papers.case import Case, refused
from estimator.wording.figures import counted, long_day, sentence
from estimator.wording.telling import plain

_THREE = frozenset({"needling-policy", "benefit-lists-service"})
_PAID = "payable"
# The three facts of a service, in the order in which they are asked.
_FACTS = ("code-valid", "authorization-needed", _PAID)
_FOR_THE_CLINIC = frozenset({"balance-bill", "diagnosis", "policy-ask-clinic"})
_FOR_YOURSELF = frozenset({"age", "symptom-weeks", "family-cover", "zip-straddles"})
_OPEN, _CLOSE = "“", "”"

Part = Mapping[str, Any]


def call_script_paper(case: Case) -> Paper:
    """Return the page; raise PaperRefused where there is nobody to call or nothing to ask."""
    if case.is_self_pay:
        raise refused(_(words.NOBODY_TO_CALL))
    asked = [*_three(case), *_others(case), *_counted_on(case)]
    aside = [*_aside(case, _FOR_THE_CLINIC, _(words.CLINIC_ASKS)), *_aside(case, _FOR_YOURSELF, _(words.YOURSELF))]
    answered = list(_answered(case))
    if not asked and not aside and not answered:
        raise refused(_(words.NOTHING_TO_ASK))
    return Paper(
        title=_(words.TITLE).format(payer=case.payer),
        subtitle=_(words.SUBTITLE).format(plan=_(case.plan.title), day=long_day(case.as_of)),
        footer=_(words.FOOTER),
        page_words=_(words.PAGE),
        blocks=[*_opening(case), *answered, *asked, *aside],
    )


def _opening(case: Case) -> Iterator[Block]:
    request, clinic = case.asked.request, case.clinic
    codes = "; ".join(f"{code} ({name})" for code, name in case.codes.items())
    yield together([heading(_(words.READY)), bullets(_ready())])
    yield together([heading(_(words.SAY)), *_said_first(case)])
    yield fields(
        [
            Entry(_(words.CLINIC), clinic.name),
            Entry(_(words.NPI), clinic.npi),
            Entry(_(words.TIN), clinic.tin),
            Entry(_(words.DIAGNOSES), ", ".join(request.diagnoses or ())),
            Entry(_(words.CODES), codes, 2),
        ]
    )
    record = [Entry(label) for label in (_(words.NAME), _(words.REFERENCE), _(words.DAY), _(words.NUMBER))]
    yield together([heading(_(words.RECORD)), fields(record)])


def _ready() -> Iterator[str]:
    if spoken() != ENGLISH:
        yield _(words.INTERPRETER)
    yield from map(_, words.READY_SAYS)


def _said_first(case: Case) -> Iterator[Block]:
    yield text(_first(case))
    if spoken() != ENGLISH:
        with speaking(ENGLISH):
            english = _first(case)
        yield aloud(english, _(words.ALOUD))


def _first(case: Case) -> str:
    visits, provider = case.answer["visits"], case.asked.request.provider
    first, last = (long_day(date.fromisoformat(visits[at]["day"])) for at in (0, -1))
    return _(words.SAY_FIRST).format(
        visits=counted(len(visits), "visit"),
        first=first,
        last=last,
        provider=plain(provider.type),
        network=_network(provider.network),
    )


def _network(name: str) -> str:
    if name == IN_NETWORK:
        return _(words.IN_NETWORK)
    return _(words.OUT_OF_NETWORK) if name == OUT_OF_NETWORK else _(words.OTHER_NETWORK).format(network=plain(name))


def _answered(case: Case) -> Iterator[Block]:
    """List what the plan has answered before, each with its day."""
    told = [each["says"] for each in case.answer["told"]]
    if told:
        yield together([heading(_(words.ANSWERED)), bullets(told)])


def _three(case: Case) -> Iterator[Block]:
    """Ask three questions of each service that nobody has read about, but for those that were answered."""
    provider = case.asked.request.provider.type
    for code in dict.fromkeys(_unread(case)):
        with speaking(ENGLISH):
            english = [f"{says} {why}".rstrip() for says, why in _three_of(code, provider)]
        three = zip(_FACTS, _three_of(code, provider), english, strict=True)
        first, *rest = [
            _asked(says, words.YES_NO, said, why)
            for fact, (says, why), said in three
            if (fact, code) not in _told(case)
        ]
        named = f"{code} ({_in_a_sentence(case.codes.get(code, ''))})" if code in case.codes else code
        yield together([heading(_(words.THREE).format(service=named)), text(_(words.THREE_WHY)), first])
        yield from rest


def _three_of(code: str, provider: str) -> list[tuple[str, str]]:
    """Return the three questions, each with what to ask after a no."""
    return [
        (_(words.VALID).format(code=code, provider=plain(provider)), ""),
        (_(words.APPROVAL).format(code=code), ""),
        (_(words.PAID).format(code=code), _(words.PAID_WHY)),
    ]


def _told(case: Case) -> set[tuple[str, str]]:
    """Return the facts of services that were answered; who could not say has answered nothing."""
    said = (each for each in case.answer["told"] if each["effect"] != COULD_NOT_SAY)
    return {(_PAID if each["asks"] in _THREE else each["asks"], each["subject"]) for each in said}


def _unread(case: Case) -> Iterator[str]:
    """Yield the services of which at least one of the three facts is open."""
    told = _told(case)
    for code in dict.fromkeys(_doubtful(case)):
        if any((fact, code) not in told for fact in _FACTS):
            yield code


def _doubtful(case: Case) -> Iterator[str]:
    yield from (subject for fact, subject in sorted(_told(case)) if fact in _FACTS and is_service_code(subject))
    for each in case.answer["questions"]:
        if each["asks"] in _THREE:
            known = [each["subject"]] if is_service_code(each["subject"]) else sorted(NEEDLING_CODES & set(case.codes))
            yield from known
    yield from (one.line["code"] for one in case.lines if one.line["status"] == Status.UNKNOWN)


def _others(case: Case) -> Iterator[Block]:
    """Ask the rest of what only the insurer knows, each question once."""
    asides = _THREE | _FOR_THE_CLINIC | _FOR_YOURSELF
    pairs = zip(case.answer["questions"], case.in_english["questions"], strict=True)
    told = {_quoted(each["says"]): _quoted(english["says"]) for each, english in pairs if each["asks"] not in asides}
    yield from _under(_(words.OTHERS), [_asked(says, (), english) for says, english in told.items()])


def _counted_on(case: Case) -> Iterator[Block]:
    """Ask whether what the estimate takes as met is met, with what it would change."""
    asked = {
        words.CONDITIONS[each["needs"]]: each["says"]
        for each in case.answer["conditions"]
        if each["needs"] in words.CONDITIONS
    }
    blocks = [_asked(_(english), words.YES_NO, english, why) for english, why in asked.items()]
    yield from _under(_(words.MET), blocks)


def _asked(says: str, answers: Iterable[str], english: str, why: str = "") -> Block:
    """Write a question; beside it its English, where another language is spoken."""
    beside = ("", "") if spoken() == ENGLISH else (english, _(words.ALOUD))
    return question(Answered(says, why, [_(each) for each in answers], _(words.ANSWER), *beside))


def _under(title: str, blocks: list[Block]) -> Iterator[Block]:
    if blocks:
        yield together([heading(title), blocks[0]])
        yield from blocks[1:]


def _aside(case: Case, asks: frozenset[str], title: str) -> Iterator[Block]:
    told = [each["says"] for each in case.answer["questions"] if each["asks"] in asks]
    if told:
        yield together([heading(title), bullets(dict.fromkeys(told))])


def _quoted(says: str) -> str:
    """Return what to say on the telephone, without the words that lead to it."""
    quoted = says.partition(_OPEN)[2]
    return sentence(quoted.partition(_CLOSE)[0]) if quoted else says


def _in_a_sentence(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"
