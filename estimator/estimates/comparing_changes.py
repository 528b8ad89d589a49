"""What a comparison changes in a request: the network, the plan, the needling, the first day, or insurance at all.

Every change gives a request again, which can be estimated by itself and comes to the same amount. What belongs to the
plan or network that was asked about (balances, amounts, an authorization) is left out where it cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from estimator.engine.plan import Ceiling, Plan
from estimator.engine.request import IN_NETWORK, NEEDLING_CODES, OUT_OF_NETWORK
from estimator.engine.values import BenefitYear, Unknown
from estimator.errors import Problem, RequestRefused
from estimator.estimates.asked import Asked, PlanNamed
from estimator.language import N_, _

SELF_PAY_PLAN = "self-pay"
_NEXT = timedelta(days=366)
_NOTHING_LEFT = N_("Every visit of this course is for needling alone, so that without it nothing is left to compare.")
_ONLY_WITH_THE_PLAN = ("used", "authorization", "contract", "told")
_ONLY_WITH_INSURANCE = (*_ONLY_WITH_THE_PLAN, "referral", "secondary")
_SUMS = {
    "deductible": ("deductible_paid", "family_deductible_paid"),
    "out_of_pocket_max": ("out_of_pocket_paid", "family_out_of_pocket_paid"),
}

Written = Mapping[str, Any]


class Kind(StrEnum):
    """What is changed; the request itself is AS_ASKED."""

    AS_ASKED = "as-asked"
    IN_NETWORK = "in-network"
    OUT_OF_NETWORK = "out-of-network"
    SELF_PAY = "self-pay"
    WITHOUT_NEEDLING = "without-needling"
    NEXT_YEAR = "next-year"
    PLAN = "plan"


@dataclass(frozen=True)
class Change:
    """One change; `plan` is the other plan where the kind is PLAN."""

    kind: Kind
    plan: PlanNamed = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What the change leaves out or takes for granted; `subject` is a number, a day or names joined by commas."""

    says: str
    subject: str = ""


@dataclass(frozen=True)
class Changed:
    """A request after a change; `places` are the visits of the asked request, from 0, that are still in it."""

    request: Written
    places: tuple[int, ...]
    notes: tuple[Note, ...] = ()


def change_named(word: str) -> Change:
    """Return the change that a word means: one of the kinds, else another plan's id.

    >>> change_named("out-of-network").kind.value, change_named("original-medicare-2026").plan
    ('out-of-network', 'original-medicare-2026')
    """
    kinds = {kind.value: kind for kind in Kind if kind not in (Kind.AS_ASKED, Kind.PLAN)}
    return Change(kinds[word]) if word in kinds else Change(Kind.PLAN, word)


def as_asked(written: Written, asked: Asked) -> Changed:
    """Return the request itself."""
    return Changed(written, tuple(range(len(asked.request.visits))))


def in_other_network(written: Written, asked: Asked, name: str, plan: Plan | None) -> Changed:
    """Move the whole course to another network of the plan; balances follow where the two fill one ceiling."""
    old = asked.request.provider.network
    if name == old and not any(visit.network for visit in asked.request.visits):
        return as_asked(written, asked)
    used = dict(written.get("used") or {})
    elsewhere = dict(used.pop("networks", None) or {})
    sums = {key: used.pop(key) for keys in _SUMS.values() for key in keys if key in used}
    told = elsewhere.pop(name, None) if name != old else sums
    notes = [] if told or name == old else [Note("network-balances-not-told", name)]
    if name != old:
        elsewhere[old] = sums
    request = {
        **_without_amounts(written),
        "provider": {**(written.get("provider") or {}), "network": name},
        "used": {**used, **(told or _shared(sums, plan, old, name)), "networks": elsewhere},
    }
    return Changed(request, as_asked(written, asked).places, (*_amounts_note(written), *notes))


def without_insurance(written: Written, asked: Asked) -> Changed:
    """Pay the clinic's own price; nothing of the plan remains."""
    whole = as_asked(written, asked)
    if written["plan"] == SELF_PAY_PLAN:
        return whole
    request = {key: each for key, each in _without_amounts(written).items() if key not in _ONLY_WITH_INSURANCE}
    provider = {key: each for key, each in (written.get("provider") or {}).items() if key != "network"}
    return Changed({**request, "plan": SELF_PAY_PLAN, "provider": provider}, whole.places, _amounts_note(written))


def under_other_plan(written: Written, asked: Asked, named: PlanNamed, other: Plan) -> Changed:
    """Take another plan, in which nothing was paid and nothing authorized yet."""
    whole = as_asked(written, asked)
    if named == written["plan"]:
        return whole
    network = asked.request.provider.network
    has_network = network in other.networks or network in (IN_NETWORK, OUT_OF_NETWORK)
    request = {key: each for key, each in _without_amounts(written).items() if key not in _ONLY_WITH_THE_PLAN}
    request["plan"] = named
    request["provider"] = {**(written.get("provider") or {}), "network": network if has_network else IN_NETWORK}
    notes = [Note("balances-left-out")] if written.get("used") else []
    notes += [Note("authorization-left-out")] if written.get("authorization") else []
    notes += [Note("told-left-out")] if written.get("told") else []
    notes += [] if has_network else [Note("network-changed", network)]
    return Changed(request, whole.places, (*_amounts_note(written), *notes))


def without_needling(written: Written, asked: Asked) -> Changed:
    """Take the needling lines out; a visit that held nothing else does not take place. Raise where none does."""
    visits = asked.request.visits
    places = tuple(place for place, visit in enumerate(visits) if _others(service.code for service in visit.services))
    if not places:
        raise RequestRefused((Problem("visits", _(_NOTHING_LEFT)),))
    lost = len(visits) - len(places)
    notes = (Note("visits-dropped", str(lost)),) if lost else ()
    rest = {key: each for key, each in written.items() if key not in ("visits", "course")}
    course = written.get("course")
    if course and not lost:
        lists = {key: _without(course[key]) for key in ("first_visit", "each_visit") if course.get(key)}
        return Changed({**rest, "course": {**course, **lists}}, places, notes)
    kept = [_written_visit(written, asked, place) for place in places]
    return Changed({**rest, "visits": kept}, places, notes)


def after_the_reset(written: Written, asked: Asked, plan: Plan | None) -> Changed:
    """Move the course to the first day of the next benefit year; the engine then lets earlier balances lapse."""
    first_day = asked.request.visits[0].day
    year = plan.benefit_year if plan and not isinstance(plan.benefit_year, Unknown) else BenefitYear()
    start = year.first_day(year.first_day(first_day) + _NEXT)
    # What is used describes the year of this day, which must therefore lie before the reset.
    request = {**written, "as_of": min(asked.request.as_of, start - timedelta(days=1)).isoformat()}
    if written.get("course"):
        request["course"] = {**written["course"], "first_day": start.isoformat()}
    else:
        days = (visit.day + (start - first_day) for visit in asked.request.visits)
        request["visits"] = [
            {**visit, "day": day.isoformat()} for visit, day in zip(written["visits"], days, strict=True)
        ]
    return Changed(request, as_asked(written, asked).places, (Note("year-starts-again", start.isoformat()),))


def _shared(sums: Mapping[str, Any], plan: Plan | None, old: str, new: str) -> dict[str, Any]:
    """Return the balances that count in both networks, because the two fill one ceiling together."""
    before, after = (plan.networks.get(old), plan.networks.get(new)) if plan else (None, None)
    kept = {}
    for ceiling, keys in _SUMS.items():
        one, two = getattr(before, ceiling, None), getattr(after, ceiling, None)
        if isinstance(one, Ceiling) and isinstance(two, Ceiling) and one.name == two.name:
            kept.update({key: sums[key] for key in keys if key in sums})
    return kept


def _without_amounts(written: Written) -> dict[str, Any]:
    """Return the request without allowed amounts and networks of single visits: they belong to what was asked."""
    request = dict(written)
    if written.get("visits"):
        request["visits"] = [
            {"day": visit["day"], "services": [_unpriced(service) for service in visit["services"]]}
            for visit in written["visits"]
        ]
    course = written.get("course")
    if course:
        lists = ("first_visit", "each_visit")
        unpriced = {key: [_unpriced(service) for service in course[key]] for key in lists if course.get(key)}
        request["course"] = {**course, **unpriced}
    return request


def _unpriced(service: Written) -> Written:
    return {key: each for key, each in service.items() if key != "allowed"}


def _amounts_note(written: Written) -> tuple[Note, ...]:
    course = written.get("course") or {}
    lists = [course.get("first_visit"), course.get("each_visit")]
    lists += [visit["services"] for visit in written.get("visits") or ()]
    has_amounts = any(service.get("allowed") is not None for services in lists for service in services or ())
    return (Note("amounts-left-out"),) if has_amounts or written.get("contract") else ()


def _written_visit(written: Written, asked: Asked, place: int) -> Written:
    if written.get("visits"):
        visit = written["visits"][place]
        return {**visit, "services": _without(visit["services"])}
    course = written["course"]
    services = course.get("first_visit") if place == 0 else None
    day = asked.request.visits[place].day.isoformat()
    return {"day": day, "services": _without(services or course["each_visit"])}


def _without(services: Iterable[Written]) -> list[Written]:
    return [service for service in services if service["code"] not in NEEDLING_CODES]


def _others(codes: Iterable[str]) -> bool:
    return any(code not in NEEDLING_CODES for code in codes)
