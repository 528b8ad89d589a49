"""What state law says of dry needling, as pages tell it: who may do it, with what training, and what a patient signs.

One page a state, and the same on the answer. What nobody has read is said in one line, with whom to ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from estimator.engine.coverage import NEEDLERS, Access, May, Permission, Scope, StateRule
from estimator.language import N_, _, ngettext
from estimator.web import common
from estimator.wording.answer import AnswerCitation, citation_of
from estimator.wording.words import listed, place

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
        "do it. In {awaiting} a new law is not in force yet. In {silent} the law does not say."
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
    return {True: _("Yes."), False: _("The state does not require a signed form."), None: ""}[consent]


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
