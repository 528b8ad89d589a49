"""What a person's answer makes of a proposal: a rule that was read out of free text is made firm, or taken away.

The quote stays with the plan as a note either way, with who answered and when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.plans.marketplace.benefits import THERAPY_VISITS
from estimator.plans.marketplace.grammar import Definition
from estimator.plans.marketplace.proposals import BY_TELEHEALTH, IN_HOSPITAL, READ_AS, UNCONFIRMED_VISITS
from estimator.plans.marketplace.rows import PT

OPEN = "Unconfirmed. The insurer's file says: “"
_NOTE = re.compile(rf"{re.escape(OPEN)}(?P<quote>.*)”(?P<read_as>[^”]*)", re.DOTALL)
_CONTRADICTION = "Its text says"
_LIMITS = ("shared", "own", "each", "rehabilitation", "contradiction")
_LIMIT_KEYS = {"exempt": "exempt_when", "counting": "counts"}
_PLACES = {"telehealth": BY_TELEHEALTH, "setting": IN_HOSPITAL}
_NO_RULE = "none"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of an insurer's that no person has confirmed, how we read it, and the rule that rests on it."""

    text: str
    quote: str
    read_as: str
    kind: str
    place: str
    rules: tuple[str, ...]


def quotes_in(definition: Mapping[str, Any]) -> Iterator[Quoted]:
    """Yield every proposal of a plan, in the order of its notes."""
    for note in definition.get("notes", ()):
        found = _NOTE.fullmatch(note["text"])
        if found:
            read_as = found["read_as"].strip()
            kind = _kind(read_as)
            place = note["cite"].removeprefix("benefits ")
            rules = tuple(_rules(definition, kind, place))
            yield Quoted(note["text"], found["quote"], read_as, kind, place, rules)


def settled(definition: Mapping[str, Any], text: str, *, confirmed: bool, by: str, day: date) -> Definition:
    """Return a definition in which the proposal with this text is firm, or gone."""
    quoted = next(one for one in quotes_in(definition) if one.text == text)
    whole: Definition = {**definition}
    whole["limits"] = {name: {**limit} for name, limit in definition.get("limits", {}).items()}
    whole["benefits"] = {name: {**benefit} for name, benefit in definition["benefits"].items()}
    if confirmed:
        _confirm(whole, quoted, f"; confirmed by {by} on {day}")
        said = f"Confirmed by {by} on {day}. {text.removeprefix('Unconfirmed. ')}"
    else:
        _reject(whole, quoted)
        said = f"Rejected by {by} on {day}: no rule rests on it. The insurer's file says: “{quoted.quote}”"
    whole["notes"] = [{**note, "text": said} if note["text"] == text else note for note in definition["notes"]]
    if not whole["limits"]:
        del whole["limits"]
    return whole


def _kind(read_as: str) -> str:
    if read_as.startswith(_CONTRADICTION):
        return "contradiction"
    return next((kind for kind, words in READ_AS.items() if read_as.startswith(words.partition("{")[0])), _NO_RULE)


def _rules(definition: Mapping[str, Any], kind: str, place: str) -> Iterator[str]:
    """Say which rules of the plan rest on a proposal, in the words of a plan file."""
    limits, therapy = definition.get("limits", {}), definition["benefits"].get(PT, {})
    for name in _open_limits(limits, kind, place):
        measure = next(iter(limits[name]))
        yield f"{limits[name][measure]} {measure} per {limits[name]['per']} ({name}, not confirmed)"
    if kind == "shared" and set(limits) & set(definition["benefits"].get("chiropractic", {}).get("limits", ())):
        yield "chiropractic care uses up the same limit"
    exempt = next((limit["exempt_when"] for limit in limits.values() if "exempt_when" in limit), None)
    if kind == "exempt" and exempt:
        yield f"no limit of visits with {', '.join(exempt['diagnoses'])}"
    if kind == "counting" and any("counts" in limit for limit in limits.values()):
        yield "each kind of therapy on a date counts as a visit"
    if kind == "authorization" and "authorization" in therapy:
        rule = therapy["authorization"]
        yield "authorization: " + (rule if isinstance(rule, str) else f"needed from visit {rule['from_visit']}")
    if kind in _PLACES and _PLACES[kind] in definition["benefits"]:
        yield f"a benefit of its own: {_PLACES[kind].replace('-', ' ')}"
    if kind == "not-above" and _shares_with(therapy, "not_above"):
        yield "no more than a primary care visit"


def _open_limits(limits: Mapping[str, Definition], kind: str, place: str) -> list[str]:
    if kind not in _LIMITS:
        return []
    where = place.removesuffix(", LimitQty")
    return [name for name, limit in limits.items() if limit.get("confirmed") == "no" and where in limit["cite"]]


def _confirm(whole: Definition, quoted: Quoted, said: str) -> None:
    limits, benefits = whole["limits"], whole["benefits"]
    for name in _open_limits(limits, quoted.kind, quoted.place):
        limits[name] = {key: value for key, value in limits[name].items() if key != "confirmed"}
        limits[name]["cite"] += said
    therapy = benefits.get(PT, {})
    if quoted.kind == "authorization" and isinstance(therapy.get("authorization"), dict):
        therapy["authorization"] = {**therapy["authorization"], "cite": therapy["authorization"]["cite"] + said}
    if quoted.kind in _PLACES and _PLACES[quoted.kind] in benefits:
        benefits[_PLACES[quoted.kind]]["cite"] += said


def _reject(whole: Definition, quoted: Quoted) -> None:
    limits, benefits, kind = whole["limits"], whole["benefits"], quoted.kind
    gone = _open_limits(limits, kind, quoted.place)
    for name in gone:
        del limits[name]
    if kind == "shared" and "chiropractic" in benefits:
        _leave(benefits["chiropractic"], (THERAPY_VISITS, UNCONFIRMED_VISITS))
    for benefit in benefits.values():
        _leave(benefit, gone)
        if kind == "authorization":
            benefit.pop("authorization", None)
    for stated in limits.values():
        stated.pop(_LIMIT_KEYS.get(kind, ""), None)
    benefits.pop(_PLACES.get(kind, ""), None)
    if kind == "not-above" and PT in benefits:
        shares = benefits[PT]["cost_share"]
        benefits[PT]["cost_share"] = {tier: _without(share, "not_above") for tier, share in shares.items()}


def _leave(benefit: Definition, names: tuple[str, ...] | list[str]) -> None:
    kept = [name for name in benefit.get("limits", ()) if name not in names]
    if "limits" in benefit:
        benefit["limits"] = kept
    if not kept:
        benefit.pop("limits", None)


def _shares_with(benefit: Mapping[str, Any], key: str) -> bool:
    return any(isinstance(share, dict) and key in share for share in benefit.get("cost_share", {}).values())


def _without(share: Any, key: str) -> Any:
    return {name: value for name, value in share.items() if name != key} if isinstance(share, dict) else share
