"""What state law says of needling, as the pages tell it."""

from collections import Counter
from dataclasses import dataclass

from estimator.domain.states import Scope, StateRule
from estimator.web import shelf

_WORDS = {
    Scope.PERMITTED: "A physical therapist with the training that the state asks for may needle here.",
    Scope.PROHIBITED: "A physical therapist may not needle here.",
    Scope.SILENT: "No law or ruling that we found speaks of needling by physical therapists. Ask the board first.",
    Scope.AWAITING_RULES: "A law allows it, but its rules are not made: a physical therapist may not needle here yet.",
}
_SHORT = {
    Scope.PERMITTED: "may needle",
    Scope.PROHIBITED: "may not needle",
    Scope.SILENT: "no law or ruling found",
    Scope.AWAITING_RULES: "not yet",
}
_NOT_KNOWN = "not known to us"


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
    return (
        f"{of[Scope.PERMITTED]} let physical therapists needle (the District of Columbia counted as one), "
        f"{of[Scope.PROHIBITED]} do not, {of[Scope.AWAITING_RULES]} waits for its rules, "
        f"and {of[Scope.SILENT]} say nothing"
    )


def _scope(rule: StateRule) -> StatePage:
    consent = {True: "yes", False: "no", None: _NOT_KNOWN}[rule.written_consent]
    facts = (
        ("Training that the state asks for", _known(rule.training)),
        ("Written consent before needling", consent),
        ("Referral for needling", _known(rule.referral)),
        ("May an assistant needle?", _known(rule.assistants)),
        ("Law or ruling", _known(rule.cite)),
    )
    return StatePage(rule.name, _WORDS[rule.status], _SHORT[rule.status], facts, rule)


def _known(words: str) -> str:
    return _NOT_KNOWN if words in ("", "unknown") else words
