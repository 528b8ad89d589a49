"""Compare a course of care with the same course under one change: over all visits, side by side.

Every side is an estimate of its own request. A side that cannot be estimated carries what stopped it, and never stops
the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Any

from estimator.contract.asked import Asked
from estimator.contract.reading import read_request
from estimator.domain.estimate import Assumption, Estimate
from estimator.domain.money import ZERO, Money, Rate
from estimator.domain.plan import Plan
from estimator.errors import EstimatorError, NoPrice, PlanNotInForce, Refused, UnknownPlan, UnknownZip
from estimator.planfiles.library import library
from estimator.pricefiles.cms.prices import Prices
from estimator.resources import plans_folder
from estimator.usecases.clinic import ClinicPrices, clinic_prices
from estimator.usecases.comparing_changes import (
    Change,
    Changed,
    Kind,
    Note,
    after_the_reset,
    as_asked,
    in_other_network,
    under_other_plan,
    without_insurance,
    without_needling,
)
from estimator.usecases.estimating import Plans, estimate_asked, estimate_with

SAME_AMOUNT = Money(500)
"""Totals that differ by no more than this, or by no more than the share below, are about the same."""
SAME_SHARE = Rate.parse("2%")
_STOPS = (Refused, UnknownPlan, PlanNotInForce, UnknownZip, NoPrice)
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
    def owed(self) -> tuple[Money, ...]:
        """Return what is owed for each of its visits in the typical run."""
        return tuple(visit.owes for visit in self.estimate.typical.visits) if self.estimate else ()

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


@dataclass(frozen=True, slots=True)
class Desk:
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
) -> Comparison:
    """Return the request and what it comes to after each change. Raises RequestRefused where it cannot be read."""
    own = clinic if clinic is not None else clinic_prices()
    desk = Desk(today, plans or library(plans_folder()), own, prices)
    asked = read_request(written, today)
    base = _estimated(Change(Kind.AS_ASKED), as_asked(written, asked), desk)
    others = tuple(_other(change, written, asked, base.plan, desk) for change in changes)
    sides = tuple(_with_what_it_does_not_fill(side, base) for side in others)
    return Comparison(base, sides, _rows(asked, (base, *sides)))


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


def _other(change: Change, written: Mapping[str, Any], asked: Asked, plan: Plan | None, desk: Desk) -> Side:
    try:
        changed = _changed(change, written, asked, plan, desk)
    except _STOPS as refused:
        return Side(change, written, (), refused=refused)
    side = _estimated(change, changed, desk)
    lacks_rules = change.kind is Kind.NEXT_YEAR and isinstance(side.refused, PlanNotInForce)
    return _by_known_rules(side, plan, desk) if lacks_rules and plan else side


def _changed(change: Change, written: Mapping[str, Any], asked: Asked, plan: Plan | None, desk: Desk) -> Changed:
    match change.kind:
        case Kind.AS_ASKED:
            return as_asked(written, asked)
        case Kind.IN_NETWORK | Kind.OUT_OF_NETWORK:
            return in_other_network(written, asked, change.kind.value, plan)
        case Kind.SELF_PAY:
            return without_insurance(written, asked)
        case Kind.WITHOUT_NEEDLING:
            return without_needling(written, asked)
        case Kind.NEXT_YEAR:
            return after_the_reset(written, asked, plan)
        case Kind.PLAN:
            return under_other_plan(written, asked, change.plan, _plan(change, asked, desk))


def _plan(change: Change, asked: Asked, desk: Desk) -> Plan:
    request = asked.request
    if isinstance(change.plan, str):
        return desk.plans.find(change.plan, request.visits[0].day)
    return desk.plans.plan_from(change.plan, request.as_of)


def _estimated(change: Change, changed: Changed, desk: Desk) -> Side:
    side = Side(change, changed.request, changed.places, changed.notes)
    try:
        asked = read_request(changed.request, desk.today)
        estimate, plan = estimate_asked(asked, desk.plans, desk.clinic, desk.prices)
    except _STOPS as refused:
        return replace(side, refused=refused)
    return replace(side, estimate=estimate, plan=plan)


def _by_known_rules(side: Side, plan: Plan, desk: Desk) -> Side:
    """Estimate next year's course by this year's rules, and say so: next year's are not known."""
    asked = read_request(side.request, desk.today)
    priced = replace(
        asked,
        contract=(*asked.contract, *desk.clinic.contract),
        self_pay_prices=(*asked.self_pay_prices, *desk.clinic.self_pay),
    )
    try:
        estimate = estimate_with(plan, priced, desk.plans, desk.prices)
    except _STOPS as refused:
        return replace(side, refused=refused)
    notes = (*side.notes, Note("rules-not-known", str(plan.in_force.last_day or "")))
    return replace(side, notes=notes, estimate=estimate, plan=plan, refused=None)


def _with_what_it_does_not_fill(side: Side, base: Side) -> Side:
    if side.change.kind is not Kind.SELF_PAY or base.estimate is None or base.request["plan"] == side.request["plan"]:
        return side
    balances = (balance.name for visit in base.estimate.typical.visits for balance in visit.balances)
    names = ",".join(name for name in dict.fromkeys(balances) if name in _FILLED)
    return replace(side, notes=(*side.notes, Note("does-not-fill", names))) if names else side


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
