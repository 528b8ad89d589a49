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

from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.values import ZERO, Money
from estimator.errors import NoPrice, PlanNotInForce, Refused, UnknownPlan, UnknownZip
from estimator.estimates.asked import Asked
from estimator.estimates.comparing_changes import (
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
from estimator.estimates.comparing_sides import Comparison, Row, Side, does_not_fill, no_longer_bundled
from estimator.estimates.estimating import Plans, estimate_asked, estimate_with
from estimator.estimates.reading import read_request
from estimator.plans.folder import library
from estimator.prices.books import Prices
from estimator.prices.clinic_lists import clinic_prices
from estimator.resources import plans_folder

_STOPS = (Refused, UnknownPlan, PlanNotInForce, UnknownZip, NoPrice)


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
    own = clinic if clinic is not None else clinic_prices(prices=prices)
    desk = Desk(today, plans or library(plans_folder()), own, prices)
    asked = read_request(written, today)
    base = _estimated(Change(Kind.AS_ASKED), as_asked(written, asked), desk)
    others = tuple(_other(change, written, asked, base.plan, desk) for change in changes)
    sides = tuple(
        replace(side, notes=(*side.notes, *does_not_fill(side, base), *no_longer_bundled(side, base)))
        for side in others
    )
    return Comparison(base, sides, _rows(asked, (base, *sides)))


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
    priced = asked.priced_by(desk.clinic)
    try:
        estimate = estimate_with(plan, priced, desk.plans, desk.prices)
    except _STOPS as refused:
        return replace(side, refused=refused)
    notes = (*side.notes, Note("rules-not-known", str(plan.in_force.last_day or "")))
    return replace(side, notes=notes, estimate=estimate, plan=plan, refused=None)


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
