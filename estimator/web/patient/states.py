"""What state law says of needling, as the pages tell it."""

from collections import Counter
from dataclasses import dataclass

from estimator.engine.states import Scope, StateRule
from estimator.language import N_, _
from estimator.web import shelf

_WORDS = {
    Scope.PERMITTED: N_("A physical therapist with the training that the state asks for may needle here."),
    Scope.PROHIBITED: N_("A physical therapist may not needle here."),
    Scope.SILENT: N_("No law or ruling that we found speaks of needling by physical therapists. Ask the board first."),
    Scope.AWAITING_RULES: N_(
        "A law allows it, but its rules are not made: a physical therapist may not needle here yet."
    ),
}
_SHORT = {
    Scope.PERMITTED: N_("may needle"),
    Scope.PROHIBITED: N_("may not needle"),
    Scope.SILENT: N_("no law or ruling found"),
    Scope.AWAITING_RULES: N_("not yet"),
}
_NOT_KNOWN = N_("not known to us")


@dataclass(frozen=True, slots=True)
class StatePage:
    """One state's answer in words."""

    name: str
    words: str
    short: str
    facts: tuple[tuple[str, str], ...]
    rule: StateRule


def scope_of(state: str | None) -> StatePage | None:
    """Return what a state says, or None where the state is not in the list."""
    rule = shelf.shelf().states.get(state or "")
    return _scope(rule) if rule else None


def scopes() -> tuple[StatePage, ...]:
    """Return every state in order of name."""
    return tuple(_scope(rule) for rule in sorted(shelf.shelf().states.values(), key=lambda rule: rule.name))


def counts() -> str:
    """Say how many states answer in which way."""
    of = Counter(rule.status for rule in shelf.shelf().states.values())
    says = _(
        "{permitted} let physical therapists needle (the District of Columbia counted as one), "
        "{prohibited} do not, {awaiting} waits for its rules, and {silent} say nothing"
    )
    return says.format(
        permitted=of[Scope.PERMITTED],
        prohibited=of[Scope.PROHIBITED],
        awaiting=of[Scope.AWAITING_RULES],
        silent=of[Scope.SILENT],
    )


def _scope(rule: StateRule) -> StatePage:
    consent = {True: _("yes"), False: _("no"), None: _(_NOT_KNOWN)}[rule.written_consent]
    facts = (
        (_("Training that the state asks for"), _known(rule.training)),
        (_("Written consent before needling"), consent),
        (_("Referral for needling"), _known(rule.referral)),
        (_("May an assistant needle?"), _known(rule.assistants)),
        (_("Law or ruling"), _known(rule.cite)),
    )
    return StatePage(rule.name, _(_WORDS[rule.status]), _(_SHORT[rule.status]), facts, rule)


def _known(words: str) -> str:
    return _(_NOT_KNOWN) if words in ("", "unknown") else _(words)
