"""Parts of the answer page: visits, sources, what the person told us, and what state law says of dry needling.

State law stands on one page a state, and the same on the answer: who may do it, with what training, and what a patient
signs. What nobody has read is said in one line, with whom to ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, groupby
from typing import NamedTuple

from estimator.engine.answer import Status
from estimator.engine.coverage import NEEDLERS, Access, May, Permission, Scope, StateRule
from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE
from estimator.engine.values import ZERO, Citation, Money, total
from estimator.estimates.contract_values import day_of, money
from estimator.insurers.registry import registry
from estimator.language import N_, _, ngettext
from estimator.prices.books import books
from estimator.prices.sheet import cited_ratios, clinic_cash, hospital_cash
from estimator.web import common
from estimator.web.common import prices
from estimator.web.patient.choices import EXPERIENCES, MY_PLAN, NETWORKS, PROVIDERS, SETTINGS, Option
from estimator.web.patient.fields import FIELDS, Field, Kind
from estimator.web.patient.form import Answers, needles_always
from estimator.web.patient.my_plan import facts
from estimator.wording.answer import (
    Answer,
    AnswerAccumulators,
    AnswerBalance,
    AnswerCitation,
    AnswerLimit,
    AnswerLine,
    AnswerReason,
    AnswerStep,
    AnswerVisit,
    citation_of,
)
from estimator.wording.words import counted, heading, listed, page_day, page_usd, place, plain, short_day

# Where the plan pays, or would with an approval, its price is the price.
_BY_THE_PLAN = (Status.PAYABLE, Status.NEEDS_AUTHORIZATION, Status.BUNDLED)
_MEASURES = {
    "visits": N_("visits"),
    "days": N_("days"),
    "sessions": N_("sessions"),
    "minutes": N_("minutes"),
    "modalities": N_("services"),
    "units": N_("units"),
    "months": N_("months"),
}
_DEDUCTIBLE, _FAMILY_DEDUCTIBLE = N_("Deductible"), N_("Family deductible")
_MAXIMUM = N_("Out-of-pocket maximum")

Balances = Sequence[tuple[str, str]]


class Reason(NamedTuple):
    """A sentence on one or several services of a visit; `amount` is what it makes the patient owe, if anything."""

    names: str
    says: str
    amount: Money
    citation: AnswerCitation | None


class ServiceTotal(NamedTuple):
    """One service over the course: how often, its answers, what is settled for it, and the most it could come to."""

    name: str
    code: str
    times: int
    statuses: tuple[tuple[Status, str], ...]
    owes: Money
    most: Money


@dataclass(frozen=True, slots=True)
class VisitGroup:
    """Visits that are alike; `visit` is the first of them, `balances` what is left after the last."""

    name: str
    days: str
    count: int
    visit: AnswerVisit
    notes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    prices: tuple[Reason, ...]
    balances: Balances


def grouped(answer: Answer, *, is_familys: bool = False) -> list[VisitGroup]:
    """Return the visits in order, those that are alike and follow each other as one."""
    notes: dict[int, list[str]] = {}
    for point in answer.crossing_points:
        notes.setdefault(point.visit, []).append(point.says)
    alike = groupby(answer.settled_visits, key=lambda visit: _what_differs(visit, notes))
    return [_group(list(visits), notes, is_familys=is_familys) for _, visits in alike]


def _what_differs(visit: AnswerVisit, notes: Mapping[int, Sequence[str]]) -> tuple[object, ...]:
    own = visit.number if visit.number in notes else 0
    return own, visit.network, visit.range, [_shown(line) for line in visit.lines]


def _shown(line: AnswerLine) -> tuple[object, ...]:
    # The numbers behind a sentence, such as the count of a visit, differ where nothing that is read does.
    steps = [(step.says, step.amount, step.citation) for step in line.steps]
    facts = (line.code, line.units, line.minutes, line.modifiers, line.status, line.patient_owes)
    return *facts, price_of(line), line.price.says, steps


def _group(visits: Sequence[AnswerVisit], notes: Mapping[int, Sequence[str]], *, is_familys: bool) -> VisitGroup:
    first, last = visits[0], visits[-1]
    is_one = first is last
    return VisitGroup(
        name=_name(first.number, last.number),
        days=page_day(first.day) if is_one else _days(first.day, last.day),
        count=len(visits),
        visit=first,
        notes=tuple(notes.get(first.number, ())),
        reasons=(
            *_reasons(first.lines, ((line, step) for line in first.lines for step in line.own_steps)),
            *(Reason(_("The visit"), each.says, each.amount, each.citation) for each in first.copays),
        ),
        prices=tuple(_reasons(first.lines, ((line, line.price) for line in first.lines))),
        balances=tuple(_balances(last.accumulators, is_familys=is_familys)),
    )


def _name(first: int, last: int) -> str:
    words = _("Visit {first}") if first == last else _("Visits {first} to {last}")
    return words.format(first=first, last=last)


def _days(first: date, last: date) -> str:
    return _("{first} to {last}").format(first=short_day(first), last=short_day(last))


def by_service(answer: Answer) -> list[ServiceTotal]:
    """Return what each service comes to over the whole course, in the order of its first visit."""
    lines: dict[str, list[AnswerLine]] = {}
    for line in (line for visit in answer.settled_visits for line in visit.lines):
        lines.setdefault(line.code, []).append(line)
    return [_total(alike) for alike in lines.values()]


def _total(lines: Sequence[AnswerLine]) -> ServiceTotal:
    statuses = {line.status: line.status_says for line in lines}
    owes, most = total(line.patient_owes for line in lines), total(line.range.high for line in lines)
    return ServiceTotal(lines[0].name, lines[0].code, len(lines), tuple(statuses.items()), owes, most)


def price_of(line: AnswerLine) -> Money:
    """Return what a line costs: what the plan recognizes, or what the clinic asks where the plan pays nothing."""
    is_recognized = line.status in _BY_THE_PLAN or line.is_by_contract
    is_asked = not is_recognized or line.allowed == 0
    return line.charge if is_asked and line.charge > 0 else line.allowed


def _reasons(
    lines: Sequence[AnswerLine], sentences: Iterable[tuple[AnswerLine, AnswerStep | AnswerReason]]
) -> Iterator[Reason]:
    """Say what holds for several services once; what costs something stands by itself, so that the reasons add up."""
    told: dict[tuple[str, int], list[tuple[AnswerLine, AnswerStep | AnswerReason]]] = {}
    for number, (line, sentence) in enumerate(sentences):
        told.setdefault((sentence.says, number if _amount(sentence) else -1), []).append((line, sentence))
    for (says, _place), alike in told.items():
        is_all = len(alike) == len(lines) > 1
        names = _("All services") if is_all else "; ".join(line.name for line, _ in alike)
        sentence = alike[0][1]
        yield Reason(names, says, _amount(sentence), sentence.citation)


def _amount(sentence: AnswerStep | AnswerReason) -> Money:
    return sentence.amount if isinstance(sentence, AnswerStep) else ZERO


def _balances(accumulators: AnswerAccumulators, *, is_familys: bool) -> Iterator[tuple[str, str]]:
    deductible = _FAMILY_DEDUCTIBLE if is_familys else _DEDUCTIBLE
    for words, ceiling in ((deductible, accumulators.deductible), (_MAXIMUM, accumulators.out_of_pocket_max)):
        if ceiling is not None:
            yield _(words), _left_of_money(ceiling)
    for name, limit in accumulators.limits.items():
        if limit.used:
            yield heading(name), _left_of_limit(limit)


def _left_of_money(sums: AnswerBalance) -> str:
    if sums.of is None or sums.left is None:
        return _("{amount} so far").format(amount=page_usd(sums.used))
    return _("{left} of {whole} left").format(left=page_usd(sums.left), whole=page_usd(sums.of))


def _left_of_limit(limit: AnswerLimit) -> str:
    if limit.sums is not None:
        return _left_of_money(limit.sums)
    measure = _(_MEASURES[limit.measure])
    if limit.of is None:
        return _("{used} {measure} used; limit unknown").format(used=limit.used, measure=measure)
    if limit.used > limit.of:
        return _("{used} so far, past the limit of {whole} {measure}").format(
            used=limit.used, whole=limit.of, measure=measure
        )
    return _("{used} of {whole} {measure} used").format(used=limit.used, whole=limit.of, measure=measure)


# ----------------------------------------------------------------------------
# What a person told us, in words, for the answer page: only what was said, and the usual answers that we put in.
# ----------------------------------------------------------------------------

Fact = tuple[str, str]

_IDLE = N_("{answer} (doesn’t change this estimate)")
_SAID = {"yes": N_("yes"), "no": N_("no")}
_MINUTES = (
    ("exercise", N_("{minutes} minutes of exercise")),
    ("manual", N_("{minutes} minutes of manual therapy")),
)
_NEEDLED = {
    "20561": N_("dry needling of 3 or more muscles"),
    "20560": N_("dry needling of 1 or 2 muscles"),
}


def told(answers: Answers, plan_title: str, idle: Collection[str] = ()) -> list[Fact]:
    """Return each thing that the estimate rests on, by name; what is `idle` says that it changes nothing."""
    return [
        (_("Plan"), plan_title),
        *(facts(answers) if answers["plan"] == MY_PLAN else ()),
        *([(_("Clinic"), answers["location"])] if answers["location"] else []),
        (_("ZIP code of the clinic"), answers["zip"]),
        (_("Visits"), _course(answers)),
        (_("At each visit"), _care(answers)),
        (_("Treated by"), _provider(answers)),
        *_said(answers, idle),
    ]


def said_words(answers: Answers) -> dict[str, str]:
    """Return what each part of the form says while it stays shut: what was answered, else what is taken."""
    said: dict[str, list[str]] = {}
    for field in FIELDS:
        if field.told and (words := _in_words(field, answers[field.name])):
            said.setdefault(field.group, []).append(f"{_(field.told)}: {words}")
    unsaid = {group: _(words) for group, words in _UNSAID.items()}
    told = {group: "; ".join(said.get(group, [words])) for group, words in unsaid.items()}
    return {**told, "course": _pace(answers), "care": _care(answers), "provider": _provider(answers)}


_UNSAID = {
    "second": N_("none"),
    "used": N_("nothing entered"),
    "papers": N_("not answered"),
    "health": N_("not answered"),
    "prices": N_("none"),
}


def _course(answers: Answers) -> str:
    return f"{counted(int(answers['visits']), 'visit')}, {_pace(answers)}"


def _pace(answers: Answers) -> str:
    says = _("{number} a week from {day}")
    day = answers["first_day"]
    return says.format(number=answers["per_week"], day=page_day(day) if day_of(day) else day)


def _care(answers: Answers) -> str:
    minutes = [_(words).format(minutes=answers[field]) for field, words in _MINUTES if answers[field] not in ("", "0")]
    needled = _NEEDLED.get(answers["needling"])
    needling = _(needled) if needled else ""
    some = answers["needling_visits"]
    if needled and some and not needles_always(answers):
        needling = _("{needling} at {number} of the visits").format(needling=needling, number=some)
    first = _("an evaluation first") if answers["evaluation"] == "yes" else ""
    return ", ".join(part for part in (*minutes, needling, first) if part)


def _provider(answers: Answers) -> str:
    parts = [
        _label(PROVIDERS, answers["provider"]).lower(),
        _label(NETWORKS, answers["network"]).lower(),
        _label(SETTINGS, answers["setting"]).lower(),
    ]
    if answers["experience"] != "standard":
        parts.append(_label(EXPERIENCES, answers["experience"]).lower())
    return ", ".join(parts)


# Answers of every course that some plans don't ask for; each is named only where it was changed and changes nothing.
ALSO_IDLE: Mapping[str, str] = {
    "needling_visits": N_("How many visits have needling"),
    "exercise": N_("Minutes of exercise"),
    "manual": N_("Minutes of hands-on therapy"),
    "evaluation": N_("The evaluation"),
    "setting": N_("Place of care"),
    "experience": N_("The therapist’s experience"),
    "experience_factor": N_("The price for this therapist"),
}


def idle_words(idle: Collection[str]) -> str:
    """Name what was answered and changes nothing for this plan, in one sentence; empty where there is nothing."""
    names = [_(field.told or ALSO_IDLE[field.name]) for field in FIELDS if field.name in idle]
    if not names:
        return ""
    named = "; ".join(f"{name[:1].lower()}{name[1:]}" for name in names)
    return _("Doesn't change this cost: {names}.").format(names=named)


def _said(answers: Answers, idle: Collection[str]) -> Iterator[Fact]:
    for field in FIELDS:
        if field.told and (words := _in_words(field, answers[field.name])):
            yield _(field.told), _(_IDLE).format(answer=words) if field.name in idle else words


def _in_words(field: Field, answer: str) -> str:
    match field.kind:
        case Kind.TEXT if answer in registry().insurers:
            return registry().insurers[answer].name
        case Kind.MONEY if answer:
            amount = money(answer)
            return answer if amount is None else page_usd(amount)
        case Kind.DAY if answer:
            return short_day(answer) if day_of(answer) else answer
        case Kind.SELECT if answer:
            return _label(field.choices, answer)
        case Kind.YES_NO_UNKNOWN:
            return _(_SAID[answer]) if answer in _SAID else ""
        case _:
            return answer


def _label(options: Sequence[Option], value: str) -> str:
    known = dict(options)
    return _(known[value]) if value in known else plain(value)


# ----------------------------------------------------------------------------
# The documents that an answer rests on, each once, with the number by which steps refer to it.
# ----------------------------------------------------------------------------


def sources_of(citations: Iterable[AnswerCitation]) -> list[AnswerCitation]:
    """Return every document that is cited, in the order of its first mention."""
    found: dict[str, AnswerCitation] = {}
    for citation in citations:
        found.setdefault(citation.title, citation)
    return list(found.values())


def numbers_of(sources: Sequence[AnswerCitation]) -> dict[str, int]:
    """Return the number of each document by its title, counted from 1."""
    return {source.title: number for number, source in enumerate(sources, start=1)}


def price_sources() -> list[AnswerCitation]:
    """Return the documents that prices rest on, whatever was asked."""
    ranges = chain(clinic_cash().values(), hospital_cash(None).values())
    settings = (OFFICE, HOSPITAL_OUTPATIENT)
    known = prices()
    of_sources = chain(
        (Citation(book.source) for book in (known.books if known else books())),
        (ratio.citation for setting in settings for ratio in cited_ratios(setting)),
        (cash.citation for cash in ranges),
    )
    found = {citation.source.title: Citation(citation.source) for citation in of_sources}
    return [each for each in map(citation_of, found.values()) if each]


PHYSICAL_THERAPIST = "physical-therapist"
_QUESTIONS = {
    PHYSICAL_THERAPIST: N_("Can a physical therapist do dry needling in {state}?"),
    "physical-therapist-assistant": N_("Can a physical therapist assistant do dry needling in {state}?"),
    "chiropractor": N_("Can a chiropractor do dry needling in {state}?"),
    "acupuncturist": N_("Can an acupuncturist do dry needling in {state}?"),
    "physician": N_("Can a doctor do dry needling in {state}?"),
    "occupational-therapist": N_("Can an occupational therapist do dry needling in {state}?"),
    "athletic-trainer": N_("Can an athletic trainer do dry needling in {state}?"),
}
_PROFESSIONS = {
    "physical-therapist-assistant": N_("Physical therapist assistants"),
    "chiropractor": N_("Chiropractors"),
    "acupuncturist": N_("Acupuncturists"),
    "physician": N_("Doctors"),
    "occupational-therapist": N_("Occupational therapists"),
    "athletic-trainer": N_("Athletic trainers"),
}
_MAY = {May.YES: N_("Yes"), May.NO: N_("No"), May.NOT_YET: N_("Not yet"), May.UNKNOWN: N_("Unclear")}
_OF_SCOPE = {
    Scope.PERMITTED: May.YES,
    Scope.PROHIBITED: May.NO,
    Scope.AWAITING_RULES: May.NOT_YET,
    Scope.SILENT: May.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A label and what stands next to it; `topic` is the label within a sentence."""

    label: str
    words: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class StatePage:
    """One state's answer in words; `short` maps professions to yes, no, not yet or unclear."""

    rule: StateRule
    citation: AnswerCitation | None
    name: str
    question: str
    says: str
    short: dict[str, str]
    others: tuple[Line, ...]
    facts: tuple[Line, ...]
    unclear: str


def state_page(letters: str | None, provider: str = PHYSICAL_THERAPIST) -> StatePage | None:
    """Return what a state says of needling by this kind of provider, or None where it is not in the list."""
    rule = common.shelf().states.get((letters or "").upper())
    return _page(rule, provider if provider in _QUESTIONS else PHYSICAL_THERAPIST) if rule else None


def state_pages() -> tuple[StatePage, ...]:
    """Return every state in order of name."""
    by_name = sorted(common.shelf().states.values(), key=lambda rule: rule.name)
    return tuple(_page(rule, PHYSICAL_THERAPIST) for rule in by_name)


def counts() -> str:
    """Say how many states answer in which way."""
    of = Counter(rule.status for rule in common.shelf().states.values())
    says = _(
        "Most states allow it: {permitted} of 51, with Washington, D.C. In {prohibited} a physical therapist may not "
        "do it. In {awaiting} a new law isn’t in force yet. In {silent} the law doesn’t say."
    )
    return says.format(
        permitted=of[Scope.PERMITTED],
        prohibited=of[Scope.PROHIBITED],
        awaiting=of[Scope.AWAITING_RULES],
        silent=of[Scope.SILENT],
    )


def _page(rule: StateRule, provider: str) -> StatePage:
    says = _(rule.says) if provider == PHYSICAL_THERAPIST else _answer(rule.permission(provider))
    if provider == "physical-therapist-assistant" and rule.is_closed:
        says = _answer(Permission(May.NO))
    facts = tuple(_facts(rule))
    return StatePage(
        rule=rule,
        citation=citation_of(rule.citation),
        name=place(rule.name),
        question=_(_QUESTIONS[provider]).format(state=place(rule.name)),
        says=says,
        short={PHYSICAL_THERAPIST: _(_MAY[_OF_SCOPE[rule.status]])}
        | {each: _(_MAY[rule.permission(each).may]) for each in NEEDLERS},
        others=tuple(
            Line(_(_PROFESSIONS[each]), _answer(rule.permission(each)))
            for each in NEEDLERS
            if rule.permission(each).may is not May.UNKNOWN
        ),
        facts=tuple(line for line in facts if line.words),
        unclear=_unclear(rule, facts),
    )


def _answer(permission: Permission) -> str:
    """Return yes or no as a sentence, with the terms."""
    if permission.may is May.UNKNOWN:
        return _("Unclear. Ask the state board.")
    word = _(_MAY[permission.may])
    return f"{word}. {_(permission.terms)}" if permission.terms else f"{word}."


def _facts(rule: StateRule) -> Iterator[Line]:
    """Yield the rules that a patient meets; a line without words is one that nobody has read."""
    if not rule.is_closed:
        yield Line(_("Training"), _known(rule.training), _("training"))
        yield Line(_("Years of practice"), _years(rule.experience_years), _("years of practice"))
        yield Line(_("On file with the state"), _known(rule.registration), _("filing with the state"))
        yield Line(_("Do you sign a consent form first?"), _consent(rule.written_consent), _("a signed consent form"))
        yield Line(_("Do you need a referral for dry needling?"), _known(rule.referral), _("a referral for needling"))
    yield Line(_("Can you start therapy without a referral?"), _access(rule), _("a referral for therapy"))


def _known(words: str) -> str:
    return _(words) if words else ""


def _years(years: int | None) -> str:
    if years is None:
        return ""
    return ngettext("At least one year.", "At least {years} years.", years).format(years=years)


def _consent(consent: bool | None) -> str:
    return {True: _("Yes."), False: _("The state doesn’t require a signed form."), None: ""}[consent]


def _access(rule: StateRule) -> str:
    match rule.direct_access:
        case Access.FREE:
            return _("Yes. But your health plan may still want one.")
        case Access.LIMITED if rule.direct_access_limit:
            return _(rule.direct_access_limit)
        case Access.LIMITED:
            return _("Yes, within limits. Ask the clinic.")
        case _:
            return ""


def _unclear(rule: StateRule, facts: tuple[Line, ...]) -> str:
    """Say in one line what nobody has read, and whom to ask."""
    topics = [line.topic for line in facts if not line.words]
    unread = [_(_PROFESSIONS[each]) for each in NEEDLERS if rule.permission(each).may is May.UNKNOWN]
    topics += [words[:1].lower() + words[1:] for words in unread]
    if not topics:
        return ""
    return _("We don’t know the rule on {topics}. Ask the state board.").format(topics=listed(topics))
