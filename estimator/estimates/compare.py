"""Compare a course of care with the same course under one change: over all visits, side by side.

Every side is an estimate of its own request. A side that cannot be estimated carries what stopped it, and never stops
the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any

from estimator.engine.answer import Assumption, Estimate, Status, VisitEstimate
from estimator.engine.coding import NEEDLING_CODES, ONE_OR_TWO_MUSCLES, THERAPISTS, THREE_OR_MORE_MUSCLES
from estimator.engine.plan import Ceiling, Plan
from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, ClinicPrices
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK, Provider
from estimator.engine.values import ZERO, BenefitYear, Money, Rate, Unknown
from estimator.errors import (
    EstimatorError,
    NoPrice,
    PlanNotInForce,
    Problem,
    Refused,
    RequestRefused,
    UnknownPlan,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked, PlanNamed
from estimator.estimates.run import (
    Plans,
    TooLong,
    estimate_asked,
    find_plan,
    more_fit,
    plan_defined,
    prices_of_clinic,
    state_asked,
)
from estimator.language import N_, _
from estimator.plans.shelf import folder_shelf
from estimator.prices.books import Prices
from estimator.settings import plans_folder

_STOPS = (Refused, UnknownPlan, PlanNotInForce, UnknownZip, NoPrice)


@dataclass(frozen=True, slots=True)
class Given:
    """What every side rests on."""

    today: date
    plans: Plans
    clinic: ClinicPrices
    prices: Prices | None


def compare(
    written: Mapping[str, Any],
    changes: Sequence[Change],
    today: date,
    plans: Plans | None = None,
    clinic: ClinicPrices | None = None,
    prices: Prices | None = None,
    is_next_year: bool = False,
) -> Comparison:
    """Return the request and what it comes to after each change. Raises RequestRefused where it cannot be read.

    `is_next_year` moves the course to the next benefit year first, as in open enrollment: every side is then under the
    rules of that year, and says so where they are not known yet. Sides that don't fit on a page are left out.
    """
    shelf = plans or folder_shelf(plans_folder())
    own = clinic if clinic is not None else prices_of_clinic(shelf, prices)
    given = Given(today, shelf, own, prices)
    asked = read_request(written, today)
    whole = as_asked(written, asked)
    if is_next_year:
        whole = after_the_reset(written, asked, _named(asked.plan, asked, given.plans))
        written, asked = whole.request, read_request(whole.request, today)
    base = _estimated(Change(Kind.AS_ASKED), whole, given)
    others = tuple(_other(change, written, asked, base, given) for change in changes if more_fit())
    sides = tuple(
        replace(side, notes=(*side.notes, *does_not_fill(side, base), *no_longer_bundled(side, base)))
        for side in others
        if more_fit() or not isinstance(side.refused, TooLong)
    )
    return Comparison(base, sides, _rows(asked, (base, *sides)))


def _other(change: Change, written: Mapping[str, Any], asked: Asked, base: Side, given: Given) -> Side:
    try:
        changed = _changed(change, written, asked, base, given)
    except _STOPS as refused:
        return Side(change, written, (), refused=refused)
    return _estimated(change, changed, given)


def _changed(change: Change, written: Mapping[str, Any], asked: Asked, base: Side, given: Given) -> Changed:
    plan = base.plan
    match change.kind:
        case Kind.AS_ASKED:
            return as_asked(written, asked)
        case Kind.IN_NETWORK | Kind.OUT_OF_NETWORK:
            return in_other_network(written, asked, change.kind.value, plan)
        case Kind.SELF_PAY:
            return _beside_a_plan(without_insurance(written, asked), asked, base, given)
        case Kind.WITHOUT_NEEDLING:
            return without_needling(written, asked)
        case Kind.NEXT_YEAR:
            return after_the_reset(written, asked, plan)
        case Kind.IN_AN_OFFICE | Kind.IN_A_HOSPITAL:
            return in_other_setting(written, asked, _SETTINGS[change.kind])
        case Kind.NEEDLING_AT_4 | Kind.NEEDLING_AT_ALL:
            return with_needling_at(written, asked, _FEW_NEEDLINGS if change.kind is Kind.NEEDLING_AT_4 else None)
        case Kind.FEW_MUSCLES | Kind.MANY_MUSCLES:
            return with_muscles(written, asked, _MUSCLES[change.kind])
        case Kind.STOP_AFTER_6:
            return stopped_after(written, asked, _FEWER_VISITS)
        case Kind.PLAN:
            return under_other_plan(written, asked, change.plan, _named(change.plan, asked, given.plans), plan)


def _beside_a_plan(changed: Changed, asked: Asked, base: Side, given: Given) -> Changed:
    """Return the course without the plan; raise RequestRefused where the law does not let the patient choose it."""
    if base.plan is None or base.estimate is None:
        return changed
    state = state_asked(asked, given.prices)
    statuses = {line.status for visit in base.estimate.typical.visits for line in visit.lines}
    if why := why_not_self_pay(base.plan, asked.request.provider, state, statuses):
        raise RequestRefused((Problem("plan", why),))
    is_covered = not _COVERED.isdisjoint(statuses) and _is_bound(base.plan, asked.request.provider)
    by_agreement = base.plan.market == "medicaid" and is_covered
    notes = (Note("by-agreement-only", state or ""),) if by_agreement else ()
    return replace(changed, notes=(*changed.notes, *notes))


def in_next_year(written: Written, asked: Asked, plans: Plans) -> Written:
    """Return the request with its course in the plan's next benefit year, as in open enrollment."""
    return after_the_reset(written, asked, _named(asked.plan, asked, plans)).request


def _named(named: PlanNamed, asked: Asked, plans: Plans) -> Plan:
    """Return the plan that pays first: a supplement has no networks and no year of its own."""
    day, as_of = asked.request.visits[0].day, asked.request.as_of
    found = find_plan(named, day, as_of, plans) if isinstance(named, str) else plan_defined(named, as_of, plans)
    return found if found.supplement is None else find_plan(found.supplement.after, day, as_of, plans)


def _estimated(change: Change, changed: Changed, given: Given) -> Side:
    side = Side(change, changed.request, changed.places, changed.notes)
    try:
        asked = read_request(changed.request, given.today)
        estimate, plan = estimate_asked(asked, given.plans, given.clinic, given.prices)
    except _STOPS as refused:
        return replace(side, refused=refused)
    ends = str(plan.in_force.last_day or "")
    notes = (*side.notes, Note("rules-not-known", ends)) if estimate.is_provisional else side.notes
    return replace(side, notes=notes, estimate=as_settled(estimate), plan=plan)


def as_settled(estimate: Estimate) -> Estimate:
    """Return an estimate whose three runs are the settled ones: like is compared with like, and what is open apart."""
    low, typical, high = estimate.settled
    return replace(estimate, low=low, typical=typical, high=high)


def _rows(asked: Asked, sides: Iterable[Side]) -> tuple[Row, ...]:
    columns = [_column(side, len(asked.request.visits)) for side in sides]
    return tuple(
        Row(place + 1, visit.day, tuple(each[place][0] for each in columns), tuple(each[place][1] for each in columns))
        for place, visit in enumerate(asked.request.visits)
    )


def _column(side: Side, length: int) -> list[tuple[Money | None, Money | None]]:
    if side.estimate is None:
        return [(None, None)] * length
    owed = dict(zip(side.places, side.owed, strict=True))
    to_date = accumulate(owed.get(place, ZERO) for place in range(length))
    return [(owed.get(place), Money(sum_)) for place, sum_ in enumerate(to_date)]


# ----------------------------------------------------------------------------
# Where the law lets a patient who has a plan pay the clinic without it.
#
# Medicare: a therapist can't opt out (Benefit Policy Manual, chapter 15, section 40.4), so the clinic must send a claim
# unless the patient freely refuses it. Medicare Advantage, TRICARE and accepted workers' compensation: the clinic's
# agreement or the law holds the patient harmless. Medicaid: 42 CFR 447.15; by agreement before the visit in Ohio (OAC
# 5160-1-13.1), Washington (WAC 182-502-0160) and New York. Read on 2026-11-29.
# ----------------------------------------------------------------------------

_MAY_NOT = {
    "medicare": N_(
        "Medicare covers part of this care, and a physical therapist must bill Medicare for it. You may pay yourself "
        "only if you ask the clinic, of your own free will, not to send a claim."
    ),
    "medicare-advantage": N_("Your plan covers part of this care. A clinic in its network may ask only your share."),
    "tricare": N_("TRICARE covers part of this care. A clinic in its network may ask only your share."),
    "workers-comp": N_("An accepted claim pays for this care, and the clinic may not charge you for it."),
    "medicaid": N_("Medicaid covers part of this care. A clinic that takes Medicaid may not charge you for that part."),
}
_COVERED = frozenset({Status.PAYABLE, Status.NEEDS_AUTHORIZATION})
_BY_AGREEMENT = frozenset({"OH", "WA", "NY"})
_CANT_OPT_OUT = THERAPISTS | {"chiropractor", "occupational-therapist"}


def why_not_self_pay(plan: Plan, provider: Provider, state: str | None, statuses: Collection[Status]) -> str | None:
    """Return why a patient with this plan can't choose to pay without it; None where the law lets them.

    `statuses` are those of the course's lines: what no plan covers may be paid by anyone.
    """
    may_choose = (
        _COVERED.isdisjoint(statuses)
        or not _is_bound(plan, provider)
        or (plan.market == "medicare" and provider.type not in _CANT_OPT_OUT)
        or (plan.market == "medicaid" and state in _BY_AGREEMENT)
    )
    words = _MAY_NOT.get(plan.market)
    return None if words is None or may_choose else _(words)


def _is_bound(plan: Plan, provider: Provider) -> bool:
    """Tell whether the plan's rules on what may be charged bind the clinic."""
    network = plan.networks.get(provider.network)
    return network is not None and (network.contracted or plan.market == "medicare")


# ----------------------------------------------------------------------------
# The sides of a comparison, and what can be said of two of them.
# ----------------------------------------------------------------------------

SAME_AMOUNT = Money(500)
"""Totals that differ by no more than this, or by no more than the share below, are about the same."""
SAME_SHARE = Rate.parse("2%")
_FILLED = ("deductible", "out-of-pocket-max")


@dataclass(frozen=True)
class Side:
    """One side: its request, and its estimate with the plan it rests on, or what stopped it.

    `places` are the visits of the asked request, from 0, that take place on this side, in order.
    """

    change: Change
    request: Mapping[str, Any]
    places: tuple[int, ...]
    notes: tuple[Note, ...] = ()
    estimate: Estimate | None = None
    plan: Plan | None = None
    refused: EstimatorError | None = None

    @property
    def visits(self) -> Sequence[VisitEstimate]:
        """Return its visits in the typical run, none where it cannot be estimated."""
        return self.estimate.typical.visits if self.estimate else ()

    @property
    def owed(self) -> tuple[Money, ...]:
        """Return what is owed for each of its visits in the typical run."""
        return tuple(visit.owes for visit in self.visits)

    @property
    def to_date(self) -> tuple[Money, ...]:
        """Return what is owed up to and with each of its visits in the typical run."""
        return tuple(accumulate(self.owed))


@dataclass(frozen=True)
class Row:
    """One visit of the asked request: what each side owes for it (None: it does not take place) and to date.

    Both are None on a side that cannot be estimated.
    """

    number: int
    day: date
    owes: tuple[Money | None, ...]
    to_date: tuple[Money | None, ...]


@dataclass(frozen=True)
class Comparison:
    """The request itself and its other sides, visit by visit."""

    asked: Side
    others: tuple[Side, ...]
    rows: tuple[Row, ...]

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return every side, the request itself first."""
        return (self.asked, *self.others)


def is_about_the_same(one: Money, other: Money) -> bool:
    """Tell whether two totals differ by no more than the margin: $5 or 2% of the larger, whichever is more.

    >>> is_about_the_same(Money(10000), Money(10500)), is_about_the_same(Money(10000), Money(10501))
    (True, False)
    """
    return abs(one - other) <= max(SAME_AMOUNT, max(one, other).share(SAME_SHARE))


def ranges_overlap(one: Estimate, other: Estimate) -> bool:
    """Tell whether an amount lies within both ranges."""
    return one.low.owes <= other.high.owes and other.low.owes <= one.high.owes


def is_never_dearer(one: Estimate, other: Estimate) -> bool:
    """Tell whether the one costs no more than the other at the low, the typical and the high level alike."""
    levels = ((one.low, other.low), (one.typical, other.typical), (one.high, other.high))
    return all(mine.owes <= yours.owes for mine, yours in levels)


def break_even(plan: Side, self_pay: Side) -> int | None:
    """Return the first visit from which on the plan stays cheaper to date than paying oneself; None: there is none."""
    first = None
    for number, (mine, yours) in enumerate(zip(plan.to_date, self_pay.to_date, strict=False), 1):
        if mine >= yours:
            first = None
        elif first is None:
            first = number
    return first


def assumed_only_by(one: Side, other: Side) -> tuple[Assumption, ...]:
    """Return what the one takes for granted and the other does not."""
    if one.estimate is None or other.estimate is None:
        return ()
    known = {(assumption.assumes, assumption.subject) for assumption in other.estimate.assumptions}
    return tuple(each for each in one.estimate.assumptions if (each.assumes, each.subject) not in known)


def does_not_fill(side: Side, asked: Side) -> tuple[Note, ...]:
    """Say which sums of the plan that was asked about stay as they are where the patient pays without it."""
    if side.change.kind is not Kind.SELF_PAY or side.request["plan"] == asked.request["plan"]:
        return ()
    balances = (balance.name for visit in asked.visits for balance in visit.balances)
    names = ",".join(name for name in dict.fromkeys(balances) if name in _FILLED)
    return (Note("does-not-fill", names),) if names else ()


def no_longer_bundled(side: Side, asked: Side) -> tuple[Note, ...]:
    """Say which services needling swallowed, so that without it they are charged by themselves."""
    if side.change.kind is not Kind.WITHOUT_NEEDLING or side.estimate is None:
        return ()
    codes = sorted(_bundled(asked) - _bundled(side) - NEEDLING_CODES)
    return (Note("no-longer-bundled", ",".join(codes)),) if codes else ()


def _bundled(side: Side) -> set[str]:
    return {line.code for visit in side.visits for line in visit.lines if line.status is Status.BUNDLED}


# ----------------------------------------------------------------------------
# What a comparison changes in a request: the network, the plan, the needling, the first day, or insurance at all.
#
# Every change gives a request again, which can be estimated by itself and comes to the same amount. What belongs to
# the plan or network that was asked about (balances, amounts, an authorization) is left out where it cannot hold.
# ----------------------------------------------------------------------------

SELF_PAY_PLAN = "self-pay"
_NEXT = timedelta(days=366)
_NOTHING_LEFT = N_("Every visit of this course is for needling alone, so that without it nothing is left to compare.")
_ONLY_A_COURSE = N_("Enter a course of so many visits a week: visits that are listed one by one stay as they are.")
_FEW_NEEDLINGS, _FEWER_VISITS = 4, 6
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
    IN_AN_OFFICE = "in-an-office"
    IN_A_HOSPITAL = "in-a-hospital"
    NEEDLING_AT_4 = "needling-at-4"
    NEEDLING_AT_ALL = "needling-at-all"
    FEW_MUSCLES = "few-muscles"
    MANY_MUSCLES = "many-muscles"
    STOP_AFTER_6 = "stop-after-6"
    PLAN = "plan"


_SETTINGS = {Kind.IN_AN_OFFICE: OFFICE, Kind.IN_A_HOSPITAL: HOSPITAL_OUTPATIENT}
_MUSCLES = {Kind.FEW_MUSCLES: ONE_OR_TWO_MUSCLES, Kind.MANY_MUSCLES: THREE_OR_MORE_MUSCLES}


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


def under_other_plan(written: Written, asked: Asked, named: PlanNamed, other: Plan, first: Plan | None) -> Changed:
    """Take another plan, in which nothing was paid and nothing authorized yet.

    `other` is the plan that pays first then, `first` the one that does as asked. Where they are one plan, since only
    what pays after it is another, everything told of it holds on.
    """
    whole = as_asked(written, asked)
    if named == written["plan"]:
        return whole
    if first is not None and other.id == first.id:
        rest = {key: each for key, each in written.items() if key != "secondary"}
        dropped = (Note("second-plan-left-out"),) if "secondary" in written else ()
        return Changed({**rest, "plan": named}, whole.places, dropped)
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


def in_other_setting(written: Written, asked: Asked, setting: str) -> Changed:
    """Move the whole course to a clinic, or to the outpatient department of a hospital."""
    whole = as_asked(written, asked)
    if setting == asked.request.provider.setting:
        return whole
    provider = {**(written.get("provider") or {}), "setting": setting}
    return Changed({**_without_amounts(written), "provider": provider}, whole.places, _amounts_note(written))


def with_needling_at(written: Written, asked: Asked, visits: int | None) -> Changed:
    """Do needling at so many visits of a course, at every one where that is None."""
    whole = as_asked(written, asked)
    course = written.get("course")
    if not course:
        raise RequestRefused((Problem("course", _(_ONLY_A_COURSE)),))
    rest = {key: each for key, each in course.items() if key != "needling_visits"}
    number = {"needling_visits": min(visits, len(asked.request.visits))} if visits is not None else {}
    return Changed({**written, "course": {**rest, **number}}, whole.places)


def with_muscles(written: Written, asked: Asked, code: str) -> Changed:
    """Bill needling by another number of muscles; what was asked for the other number does not hold for this one."""
    whole = as_asked(written, asked)
    request = dict(written)
    if written.get("visits"):
        request["visits"] = [
            {**visit, "services": [_recoded(each, code) for each in visit["services"]]} for visit in written["visits"]
        ]
    course = written.get("course")
    if course:
        lists = (key for key in ("first_visit", "each_visit") if course.get(key))
        request["course"] = {**course, **{key: [_recoded(each, code) for each in course[key]] for key in lists}}
    return Changed(request, whole.places)


def stopped_after(written: Written, asked: Asked, visits: int) -> Changed:
    """End the course after so many visits."""
    if visits >= len(asked.request.visits):
        return as_asked(written, asked)
    places = tuple(range(visits))
    course = written.get("course")
    if not course:
        return Changed({**written, "visits": list(written["visits"])[:visits]}, places)
    fewer = {"visits": visits}
    if (some := course.get("needling_visits")) is not None:
        # Needling begins at the second visit, unless it is at every one.
        is_all = int(some) >= len(asked.request.visits)
        fewer["needling_visits"] = visits if is_all else min(int(some), visits - 1)
    return Changed({**written, "course": {**course, **fewer}}, places)


def _recoded(service: Written, code: str) -> Written:
    if service["code"] not in NEEDLING_CODES or service["code"] == code:
        return service
    return {**{key: each for key, each in service.items() if key not in ("allowed", "billed")}, "code": code}


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
