"""What a new list of the clinic does to what people owe: sample courses at its prices as they are and as they would be.

The courses are those on which plans are tried, without the amounts that they name: here prices alone differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from estimator.clock import today
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices, ExperienceFactor, PriceEntry
from estimator.errors import NoPrice, PlanNotInForce, RequestRefused, UnknownZip
from estimator.estimates.contract import read_request
from estimator.estimates.examples import request_of
from estimator.estimates.run import estimate_asked
from estimator.plans.folder import read_samples
from estimator.plans.shelf import Shelf
from estimator.prices.books import Prices
from estimator.prices.clinic_lists import Entry, Kind
from estimator.publishing.impact import SAMPLE, Course, Impact, Owed
from estimator.publishing.price_drift import Drift
from estimator.publishing.price_gaps import SELF_PAY, plan_of_party
from estimator.publishing.price_lists import NewList

MOST_PLANS = 3
_AMOUNTS = frozenset({"allowed", "billed"})


@dataclass(frozen=True, slots=True)
class PlanImpact:
    """What a list changes for people of one plan whose course begins on a day, with a provider of this experience."""

    plan: Plan
    first_day: date
    experience: str
    impact: Impact


@dataclass(frozen=True, slots=True)
class _Bench:
    shelf: Shelf
    prices: Prices
    before: ClinicPrices
    after: ClinicPrices
    zip: str


def impact_of_list(shelf: Shelf, prices: Prices, new: NewList, drift: Drift, zip_code: str) -> tuple[PlanImpact, ...]:
    """Return the impact on a plan of each of the parties with the most changed rows, from when they count."""
    bench = _Bench(shelf, prices, prices.clinic, _with_list(prices.clinic, new), zip_code)
    changed = [*drift.added, *drift.gone, *(moved.after for moved in drift.moved)]
    parties = Counter(entry.party if isinstance(entry, PriceEntry) else "" for entry in changed)
    found = (_on_party(bench, party, changed) for party, _ in parties.most_common(MOST_PLANS))
    return tuple(one for one in found if one)


def _with_list(clinic: ClinicPrices, new: NewList) -> ClinicPrices:
    prices = tuple(entry for entry in new.entries if isinstance(entry, PriceEntry))
    match new.kind:
        case Kind.CONTRACT:
            return replace(clinic, contract=prices)
        case Kind.SELF_PAY:
            return replace(clinic, self_pay=prices)
        case Kind.FACTORS:
            factors = tuple(entry for entry in new.entries if isinstance(entry, ExperienceFactor))
            return replace(clinic, factors=factors)


def _on_party(bench: _Bench, party: str, changed: list[Entry]) -> PlanImpact | None:
    own = [entry for entry in changed if entry.subject[0] == party]
    day = max(today(), min(entry.span.first_day or date.min for entry in own))
    plan_id = plan_of_party(bench.shelf, party or SELF_PAY, day)
    if plan_id is None:
        return None
    plan = bench.shelf.find(plan_id, day)
    experience = next((entry.experience for entry in own if isinstance(entry, ExperienceFactor)), "standard")
    courses = tuple(_courses(bench, plan, day, experience))
    return PlanImpact(plan, day, experience, Impact(courses)) if courses else None


def _courses(bench: _Bench, plan: Plan, day: date, experience: str) -> Iterator[Course]:
    for sample in read_samples(bench.shelf.folder.folder):
        request = _begun(request_of(_without_amounts(sample.given), plan), day)
        request |= {"plan": plan.id, "provider": {**request.get("provider", {}), "experience": experience}}
        request |= {"zip": bench.zip} if bench.zip else {}
        before, after = (_owed(bench, request, day, clinic) for clinic in (bench.before, bench.after))
        if before or after:
            yield Course(sample.name, SAMPLE, before, after)


def _owed(bench: _Bench, request: Mapping[str, Any], day: date, clinic: ClinicPrices) -> Owed | None:
    try:
        found, _ = estimate_asked(read_request(request, day), bench.shelf, clinic, bench.prices)
    except (RequestRefused, NoPrice, PlanNotInForce, UnknownZip):
        return None  # Such as a code that only one of both lists names.
    return Owed(found.low.owes, found.typical.owes, found.high.owes)


def _begun(request: dict[str, Any], day: date) -> dict[str, Any]:
    """Return a course moved to begin on a day."""
    later = day - date.fromisoformat(request["visits"][0]["day"])
    visits = [{**visit, "day": _later(visit["day"], later)} for visit in request["visits"]]
    return {**request, "visits": visits, "as_of": day.isoformat()}


def _later(day: str, later: timedelta) -> str:
    return (date.fromisoformat(day) + later).isoformat()


def _without_amounts(written: Any) -> Any:
    if isinstance(written, Mapping):
        return {key: _without_amounts(value) for key, value in written.items() if key not in _AMOUNTS}
    return [_without_amounts(each) for each in written] if isinstance(written, list) else written
