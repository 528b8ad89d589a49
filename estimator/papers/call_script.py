"""The page for the call to the insurer, made of the unknowns of this plan and course.

That a code is valid, that it needs approval and that it is paid are three facts, and are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from estimator.engine.answer import Status
from estimator.engine.coding import NEEDLING_CODES, is_service_code
from estimator.engine.request import COULD_NOT_SAY, IN_NETWORK, OUT_OF_NETWORK
from estimator.language import ENGLISH, N_, _, speaking, spoken
from estimator.papers.case import CONDITIONS, Case
from estimator.papers.layout import (
    Answered,
    Block,
    Document,
    Entry,
    aloud,
    bullets,
    fields,
    heading,
    question,
    text,
    together,
)
from estimator.wording.words import counted, long_day, plain, sentence

_THREE = frozenset({"needling-policy", "benefit-lists-service"})
_PAID = "payable"
# The three facts of a service, in the order in which they are asked.
_FACTS = ("code-valid", "authorization-needed", _PAID)
_FOR_THE_CLINIC = frozenset({"balance-bill", "diagnosis", "policy-ask-clinic"})
_FOR_YOURSELF = frozenset({"age", "symptom-weeks", "family-cover", "indian-health", "zip-straddles"})
_OPEN, _CLOSE = "“", "”"


def call_script_document(case: Case) -> Document:
    """Return the page of a case with somebody to call and something to ask."""
    asked = [*_three(case), *_others(case), *_counted_on(case)]
    aside = [
        *_of_second(case),
        *_aside(case, _FOR_THE_CLINIC, _(CLINIC_ASKS)),
        *_aside(case, _FOR_YOURSELF, _(YOURSELF)),
    ]
    return Document(
        title=_(TITLE).format(payer=case.payer),
        subtitle=_(SUBTITLE).format(plan=_(case.plan.title), day=long_day(case.as_of)),
        footer=_(FOOTER),
        page_words=_(PAGE),
        blocks=[*_opening(case), *_answered(case), *asked, *aside],
        is_dense=spoken() != ENGLISH,
    )


def _opening(case: Case) -> Iterator[Block]:
    request, clinic = case.asked.request, case.clinic
    codes = "; ".join(f"{code} ({name})" for code, name in case.codes.items())
    yield text(" ".join(_ready()))
    yield together([heading(_(SAY)), *_said_first(case)])
    yield fields(
        [
            Entry(_(CLINIC), clinic.name),
            Entry(_(NPI), clinic.npi),
            Entry(_(TIN), clinic.tin),
            Entry(_(DIAGNOSES), ", ".join(request.diagnoses or ())),
            Entry(_(CODES), codes, 4),
        ],
        across=4,
    )
    record = [Entry(label) for label in (_(NAME), _(REFERENCE), _(DAY), _(NUMBER))]
    yield together([heading(_(RECORD)), fields(record, across=4)])


def _ready() -> Iterator[str]:
    if spoken() != ENGLISH:
        yield _(INTERPRETER)
    yield from map(_, READY_SAYS)


def _said_first(case: Case) -> Iterator[Block]:
    yield text(_first(case))
    if spoken() != ENGLISH:
        with speaking(ENGLISH):
            english = _first(case)
        yield aloud(english, _(ALOUD))


def _first(case: Case) -> str:
    visits, provider = case.answer.visits, case.asked.request.provider
    first, last = (long_day(visits[at].day) for at in (0, -1))
    return _(SAY_FIRST).format(
        visits=counted(len(visits), "visit"),
        first=first,
        last=last,
        provider=plain(provider.type),
        network=_network(provider.network),
    )


def _network(name: str) -> str:
    if name == IN_NETWORK:
        return _(SAY_IN_NETWORK)
    return _(SAY_OUT_OF_NETWORK) if name == OUT_OF_NETWORK else _(OTHER_NETWORK).format(network=plain(name))


def _answered(case: Case) -> Iterator[Block]:
    """List what the plan has answered before, each with its day."""
    told = [each.says for each in case.answer.told]
    if told:
        yield together([heading(_(ANSWERED)), bullets(told)])


def _three(case: Case) -> Iterator[Block]:
    """Ask three questions of each service that nobody has read about, but for those that were answered."""
    provider = case.asked.request.provider.type
    for code in dict.fromkeys(_unread(case)):
        with speaking(ENGLISH):
            english = [f"{says} {why}".rstrip() for says, why in _three_of(code, provider)]
        three = zip(_FACTS, _three_of(code, provider), english, strict=True)
        first, *rest = [
            _asked(says, YES_NO, said, why) for fact, (says, why), said in three if (fact, code) not in _told(case)
        ]
        named = f"{code} ({_in_a_sentence(case.codes.get(code, ''))})" if code in case.codes else code
        yield together([heading(_(THREE).format(service=named)), text(_(THREE_WHY)), first])
        yield from rest


def _three_of(code: str, provider: str) -> list[tuple[str, str]]:
    """Return the three questions, each with what to ask after a no."""
    return [
        (_(VALID).format(code=code, provider=plain(provider)), ""),
        (_(APPROVAL).format(code=code), ""),
        (_(PAID).format(code=code), _(PAID_WHY)),
    ]


def _told(case: Case) -> set[tuple[str, str]]:
    """Return the facts of services that were answered; who could not say has answered nothing."""
    said = (each for each in case.answer.told if each.effect != COULD_NOT_SAY)
    return {(_PAID if each.asks in _THREE else each.asks, each.subject) for each in said}


def _unread(case: Case) -> Iterator[str]:
    """Yield the services of which at least one of the three facts is open."""
    told = _told(case)
    for code in dict.fromkeys(_doubtful(case)):
        if any((fact, code) not in told for fact in _FACTS):
            yield code


def _doubtful(case: Case) -> Iterator[str]:
    yield from (subject for fact, subject in sorted(_told(case)) if fact in _FACTS and is_service_code(subject))
    for each in case.answer.questions:
        if each.asks in _THREE and not each.of_second:
            known = [each.subject] if is_service_code(each.subject) else sorted(NEEDLING_CODES & set(case.codes))
            yield from known
    yield from (one.line.code for one in case.lines if one.line.status == Status.UNKNOWN)


def _others(case: Case) -> Iterator[Block]:
    """Ask the rest of what only the insurer knows, each question once."""
    asides = _THREE | _FOR_THE_CLINIC | _FOR_YOURSELF
    pairs = zip(case.answer.questions, case.in_english.questions, strict=True)
    own = ((each, english) for each, english in pairs if each.asks not in asides and not each.of_second)
    told = {_quoted(each.says): _quoted(english.says) for each, english in own}
    yield from _under(_(OTHERS), [_asked(says, (), english) for says, english in told.items()])


def _counted_on(case: Case) -> Iterator[Block]:
    """Ask whether what the estimate takes as met is met, with what it would change."""
    asked = {CONDITIONS[each.needs]: each.says for each in case.answer.conditions if each.needs in CONDITIONS}
    blocks = [_asked(_(english), YES_NO, english, why) for english, why in asked.items()]
    yield from _under(_(MET), blocks)


def _asked(says: str, answers: Iterable[str], english: str, why: str = "") -> Block:
    """Write a question; beside it its English, where another language is spoken."""
    beside = ("", "") if spoken() == ENGLISH else (english, _(ALOUD))
    return question(Answered(says, why, [_(each) for each in answers], _(ANSWER), *beside))


def _under(title: str, blocks: list[Block]) -> Iterator[Block]:
    if blocks:
        yield together([heading(title), blocks[0]])
        yield from blocks[1:]


def _of_second(case: Case) -> Iterator[Block]:
    """List what the second plan has to be asked, in a call of its own."""
    asks = [sentence(_quoted(each.says)) for each in case.answer.questions if each.of_second]
    if asks:
        yield together([heading(_(SECOND)), bullets(dict.fromkeys(asks))])


def _aside(case: Case, asks: frozenset[str], title: str) -> Iterator[Block]:
    told = [each.says for each in case.answer.questions if each.asks in asks]
    if told:
        yield together([heading(title), bullets(dict.fromkeys(told))])


def _quoted(says: str) -> str:
    """Return what to say on the telephone, without the words that lead to it."""
    quoted = says.partition(_OPEN)[2]
    return sentence(quoted.partition(_CLOSE)[0]) if quoted else says


def _in_a_sentence(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"


# ----------------------------------------------------------------------------
# The sentences of the page for the call to the insurer.
# ----------------------------------------------------------------------------

TITLE = N_("Questions for {payer}")
SUBTITLE = N_("For your call about {plan} · {day}")
FOOTER = N_("A phone answer isn't a guarantee of payment. Ask for it in writing if you can.")
PAGE = N_("Page {page} of {pages}")

READY_SAYS = (
    N_(
        "Have your insurance card ready: the number to call is on its back. Don't write your member number on this "
        "paper."
    ),
)
# Beside the sentences of another language.
INTERPRETER = N_(
    "Ask for an interpreter at the start of the call: most insurers must give you one at no cost. Where you are "
    "understood in English alone, read out the sentences in English."
)
ALOUD = N_("To read out in English:")
SAY = N_("What to say first")
SAY_FIRST = N_(
    "“I am about to have {visits} of outpatient physical therapy, from {first} to {last}, with a "
    "{provider}, {network}. I would like to know what my plan pays. May I have your name and a reference "
    "number for this call?”"
)
SAY_IN_NETWORK = N_("in your network")
SAY_OUT_OF_NETWORK = N_("outside your network")
OTHER_NETWORK = N_("in your tier “{network}”")
CLINIC, NPI, TIN, DIAGNOSES, CODES = (
    N_("Clinic"),
    N_("Its NPI"),
    N_("Its TIN"),
    N_("Diagnosis codes"),
    N_("Service codes"),
)

RECORD = N_("The call")
NAME, REFERENCE, DAY, NUMBER = (
    N_("Representative's name"),
    N_("Reference number"),
    N_("Day and time"),
    N_("Number called"),
)

THREE = N_("Three questions about {service}")
THREE_WHY = N_("Ask all three: a “yes” to one doesn't mean “yes” to the rest.")
VALID = N_("1. Can a {provider} bill {code} under my plan?")
APPROVAL = N_("2. Does {code} need approval in advance (prior authorization), and from which visit on?")
PAID = N_("3. Do you pay for {code} with my diagnosis, beside the other therapy of the same visit?")
PAID_WHY = N_("If not: what is the reason, and may the clinic bill me?")
YES_NO = (N_("Yes"), N_("No"), N_("Couldn't say"))
ANSWER = N_("Answer:")

OTHERS = N_("What else isn't known")
MET = N_("What the estimate counts on")


CLINIC_ASKS = N_("What to ask the clinic")
YOURSELF = N_("What to look up yourself")
SECOND = N_("What to ask your second plan, in a call of its own")

ANSWERED = N_("What has been answered")
