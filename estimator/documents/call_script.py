"""The page for the call to the insurer, made of the unknowns of this plan and course.

That a code is valid, that it needs approval and that it is paid are three facts, and are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from estimator.documents.blocks import Answered, Block, Entry, Paper, bullets, fields, heading, question, text, together
from estimator.documents.case import Case, refused
from estimator.documents.words import call_script as words
from estimator.domain.codes import is_service_code
from estimator.domain.estimate import Status
from estimator.domain.request import IN_NETWORK, NEEDLING_CODES, OUT_OF_NETWORK
from estimator.wording.figures import counted, long_day, sentence
from estimator.wording.telling import plain

_THREE = frozenset({"needling-policy", "benefit-lists-service"})
_FOR_THE_CLINIC = frozenset({"balance-bill", "diagnosis", "policy-ask-clinic"})
_FOR_YOURSELF = frozenset({"age", "symptom-weeks", "family-cover", "zip-straddles"})
_OPEN, _CLOSE = "“", "”"

Part = Mapping[str, Any]


def call_script_paper(case: Case) -> Paper:
    """Return the page; raise PaperRefused where there is nobody to call or nothing to ask."""
    if case.is_self_pay:
        raise refused(words.NOBODY_TO_CALL)
    asked = [*_three(case), *_others(case), *_counted_on(case)]
    aside = [*_aside(case, _FOR_THE_CLINIC, words.CLINIC_ASKS), *_aside(case, _FOR_YOURSELF, words.YOURSELF)]
    if not asked and not aside:
        raise refused(words.NOTHING_TO_ASK)
    return Paper(
        title=words.TITLE.format(payer=case.payer),
        subtitle=words.SUBTITLE.format(plan=case.plan.title, day=long_day(case.as_of)),
        footer=words.FOOTER,
        page_words=words.PAGE,
        blocks=[*_opening(case), *asked, *aside],
    )


def _opening(case: Case) -> Iterator[Block]:
    visits, request, clinic = case.answer["visits"], case.asked.request, case.clinic
    first, last = (long_day(date.fromisoformat(visits[at]["day"])) for at in (0, -1))
    told = words.SAY_FIRST.format(
        visits=counted(len(visits), "visit"),
        first=first,
        last=last,
        provider=plain(request.provider.type),
        network=_network(request.provider.network),
    )
    codes = "; ".join(f"{code} ({name})" for code, name in case.codes.items())
    yield together([heading(words.READY), bullets(words.READY_SAYS)])
    yield together([heading(words.SAY), text(told)])
    yield fields(
        [
            Entry(words.CLINIC, clinic.name),
            Entry(words.NPI, clinic.npi),
            Entry(words.TIN, clinic.tin),
            Entry(words.DIAGNOSES, ", ".join(request.diagnoses or ())),
            Entry(words.CODES, codes, 2),
        ]
    )
    record = [Entry(label) for label in (words.NAME, words.REFERENCE, words.DAY, words.NUMBER)]
    yield together([heading(words.RECORD), fields(record)])


def _network(name: str) -> str:
    if name == IN_NETWORK:
        return words.IN_NETWORK
    return words.OUT_OF_NETWORK if name == OUT_OF_NETWORK else words.OTHER_NETWORK.format(network=plain(name))


def _three(case: Case) -> Iterator[Block]:
    """Ask three questions of each service that nobody has read about."""
    unread = dict.fromkeys(_unread(case))
    provider = plain(case.asked.request.provider.type)
    for code in unread:
        asked = (
            (words.VALID.format(code=code, provider=provider), ""),
            (words.APPROVAL.format(code=code), ""),
            (words.PAID.format(code=code), words.PAID_WHY),
        )
        first, *rest = [question(Answered(says, why, words.YES_NO, words.ANSWER)) for says, why in asked]
        named = f"{code} ({_in_a_sentence(case.codes.get(code, ''))})" if code in case.codes else code
        yield together([heading(words.THREE.format(service=named)), text(words.THREE_WHY), first])
        yield from rest


def _unread(case: Case) -> Iterator[str]:
    for each in case.answer["questions"]:
        if each["asks"] in _THREE:
            known = [each["subject"]] if is_service_code(each["subject"]) else sorted(NEEDLING_CODES & set(case.codes))
            yield from known
    yield from (one.line["code"] for one in case.lines if one.line["status"] == Status.UNKNOWN)


def _others(case: Case) -> Iterator[Block]:
    """Ask the rest of what only the insurer knows, each question once."""
    asides = _THREE | _FOR_THE_CLINIC | _FOR_YOURSELF
    told = dict.fromkeys(_quoted(each["says"]) for each in case.answer["questions"] if each["asks"] not in asides)
    yield from _under(words.OTHERS, [question(Answered(says, "", (), words.ANSWER)) for says in told])


def _counted_on(case: Case) -> Iterator[Block]:
    """Ask whether what the estimate takes as met is met, with what it would change."""
    asked = {
        words.CONDITIONS[each["needs"]]: each["says"]
        for each in case.answer["conditions"]
        if each["needs"] in words.CONDITIONS
    }
    blocks = [question(Answered(says, why, words.YES_NO, words.ANSWER)) for says, why in asked.items()]
    yield from _under(words.MET, blocks)


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
    _, mark, rest = says.partition(_OPEN)
    return sentence(rest.partition(_CLOSE)[0]) if mark else says


def _in_a_sentence(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"
