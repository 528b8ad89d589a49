"""Codes that a plan pays and no price of the clinic names, with what an estimate counts for each in its place.

Each code is estimated alone, so that a gap is what the engine says it is, and never a second opinion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.engine.answer import Estimate, Status
from estimator.engine.findings import Finding, PriceCash, PriceRegional
from estimator.engine.plan import Plan
from estimator.engine.values import Money
from estimator.errors import NoPrice, PlanNotInForce, RequestRefused, UnknownPlan
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.search import Wanted
from estimator.plans.shelf import Shelf
from estimator.prices.books import Prices, service_codes

SELF_PAY = "self-pay"
_OF_A_CLINIC = frozenset({"needling", "therapy", "evaluation"})
_NOT_PAID = frozenset({Status.BUNDLED, Status.PATIENT_BILLED, Status.PROVIDER_ABSORBS})


@dataclass(frozen=True, slots=True)
class Counted:
    """What an estimate counts for one unit where the clinic names no price, and where that comes from."""

    low: Money
    typical: Money
    high: Money
    source: Finding


@dataclass(frozen=True, slots=True)
class Gap:
    """A code without a price of the clinic; `counted` is None where nothing names one, and an estimate must ask."""

    code: str
    words: str
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class PlanGaps:
    """The gaps of a plan on a day; `priced` are the codes that it pays at a price of the clinic or of its own."""

    plan: Plan
    priced: tuple[str, ...]
    gaps: tuple[Gap, ...]


def gaps_of(shelf: Shelf, prices: Prices, plan_id: str, day: date, zip_code: str) -> PlanGaps:
    """Return the gaps of a plan, or of the self-pay list under `self-pay`.

    Raises UnknownPlan, PlanNotInForce, UnknownZip and ClinicPricesRefused.
    """
    plan = shelf.find(plan_id, day)
    priced, gaps = [], []
    for code, service in service_codes().items():
        if service.kind not in _OF_A_CLINIC or not any(code in benefit.services for benefit in plan.benefits):
            continue
        estimate = _estimate(shelf, prices, plan_id, day, zip_code, code)
        if estimate is None:
            gaps.append(Gap(code, service.words, None))
            continue
        line = estimate.typical.visits[0].lines[0]
        if plan_id != SELF_PAY and line.status in _NOT_PAID:
            continue
        if isinstance(line.price, PriceRegional | PriceCash):
            gaps.append(Gap(code, service.words, _counted(estimate, plan_id)))
        else:
            priced.append(code)
    return PlanGaps(plan, tuple(priced), tuple(gaps))


def plans_with_contracts(shelf: Shelf, prices: Prices, day: date) -> tuple[tuple[str, str | None], ...]:
    """Return each plan or payer that a contract row of the day names, with the id of a plan of it to look at.

    None where no active plan has that id or payer: such rows price nothing.
    """
    parties = sorted({entry.party for entry in prices.clinic.contract if day in entry.span})
    return tuple((party, plan_of_party(shelf, party, day)) for party in parties)


def plan_of_party(shelf: Shelf, party: str, day: date) -> str | None:
    """Return the plan that a contract row names on a day, or one of the payer it names; None where there is none."""
    return next(_plans_of(shelf, party, day), None)


def _plans_of(shelf: Shelf, party: str, day: date) -> Iterator[str]:
    try:
        yield shelf.find(party, day).id
    except (UnknownPlan, PlanNotInForce):
        yield from (row.plan_id for row in shelf.search(Wanted(payer=party, day=day), 1))


def _estimate(shelf: Shelf, prices: Prices, plan_id: str, day: date, zip_code: str, code: str) -> Estimate | None:
    visits: Sequence[Any] = [{"day": day.isoformat(), "services": [{"code": code}]}]
    request = {"plan": plan_id, "visits": visits} | ({"zip": zip_code} if zip_code else {})
    try:
        return estimate_asked(read_request(request, day), shelf, prices=prices)[0]
    except (RequestRefused, NoPrice):
        return None


def _counted(estimate: Estimate, plan_id: str) -> Counted:
    lines = [run.visits[0].lines[0] for run in (estimate.low, estimate.typical, estimate.high)]
    low, typical, high = (line.charge if plan_id == SELF_PAY else line.allowed for line in lines)
    return Counted(low, typical, high, lines[1].price)
