"""One row of a schedule becomes an outcome: what is owed, what the clinic stands to lose, and what needs action.

An outcome holds kinds and numbers, never sentences; the page has the words. It holds nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from estimator.billing.schedule_columns import Cells, column_of, request_of
from estimator.engine.answer import Estimate, LineEstimate, Status
from estimator.engine.findings import NotInScope
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.errors import (
    EstimatorError,
    NoPrice,
    PlanFileRefused,
    PlanNotInForce,
    RequestRefused,
    UnknownPlan,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.run import Plans, estimate_asked
from estimator.prices.books import Prices

Outcome = Mapping[str, Any]

# What a row can need, the most pressing first.
KINDS = (
    "refused",
    "not-allowed-by-state",
    "authorization-missing",
    "referral-missing",
    "clinic-absorbs",
    "patient-billed",
    "authorization-ends",
    "limit-reached",
    "unknown-cover",
    "other-condition",
)
_NEEDS = {"authorization": "authorization-missing", "referral": "referral-missing"}
_LOOKED_UP = 1024
_POINTS = ("authorization-ends", "limit-reached")
_STATUSES = {
    Status.PROVIDER_ABSORBS: "clinic-absorbs",
    Status.PATIENT_BILLED: "patient-billed",
    Status.UNKNOWN: "unknown-cover",
}


class Looked:
    """Plans as they are found once for many rows: the same plan on the same day is looked up no second time."""

    def __init__(self, plans: Plans) -> None:
        self.plan_from = plans.plan_from
        self.states = plans.states
        self.find = lru_cache(_LOOKED_UP)(plans.find)


@dataclass(frozen=True, slots=True)
class Books:
    """What every row rests on."""

    today: date
    plans: Looked
    clinic: ClinicPrices
    prices: Prices | None


def answer_row(cells: Cells, books: Books) -> Outcome:
    """Return the outcome of a row: amounts in cents and `needs`, or `refused` with a problem for each column."""
    try:
        plan = _plan(cells, books)
        asked = read_request(request_of(cells, plan), books.today)
        estimate, plan = estimate_asked(asked, books.plans, books.clinic, books.prices)
    except (RequestRefused, UnknownPlan, UnknownZip, PlanNotInForce, PlanFileRefused, NoPrice) as refused:
        return {"needs": [{"kind": "refused"}], "problems": _problems(refused)}
    typical = estimate.typical
    return {
        "plan": plan.title,
        "fingerprint": plan.fingerprint,
        "first_day": typical.visits[0].day.isoformat(),
        "visits": len(typical.visits),
        "first_visit": int(typical.visits[0].owes),
        "low": int(estimate.low.owes),
        "typical": int(typical.owes),
        "high": int(estimate.high.owes),
        "clinic_absorbs": int(typical.provider_absorbs),
        "needs": sorted(_needs(estimate), key=lambda need: KINDS.index(need["kind"])),
    }


def _plan(cells: Cells, books: Books) -> Plan | None:
    """Return the plan that a row names, where its name and its day can be read at all."""
    try:
        day = date.fromisoformat(cells["first_day"])
    except ValueError:
        return None  # The contract says what to write.
    return books.plans.find(cells["plan"], day) if cells["plan"] else None


def _needs(estimate: Estimate) -> Iterator[dict[str, Any]]:
    for condition in estimate.conditions:
        yield {
            "kind": _NEEDS.get(condition.needs, "other-condition"),
            "needs": condition.needs,
            "visit": condition.from_visit,
            "patient": int(condition.difference),
            "clinic": int(condition.clinic_difference),
        }
    for point in estimate.crossing_points:
        if point.kind in _POINTS:
            yield {"kind": point.kind, "visit": point.visit, "day": point.day.isoformat(), "subject": point.subject}
    yield from _unpaid(estimate)


def _unpaid(estimate: Estimate) -> Iterator[dict[str, Any]]:
    """Yield, once a code and kind, the lines that no plan pays, from the first visit on which that is so."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for visit in estimate.typical.visits:
        for line in visit.lines:
            kind = _kind_of(line)
            if kind:
                first = {"kind": kind, "code": line.code, "visit": visit.number, "amount": 0}
                found = seen.setdefault((kind, line.code), first)
                found["amount"] += int(line.provider_absorbs if kind == "clinic-absorbs" else line.owes)
    yield from seen.values()


def _kind_of(line: LineEstimate) -> str:
    if any(isinstance(step.finding, NotInScope) for step in line.steps):
        return "not-allowed-by-state"
    return _STATUSES.get(line.status, "")


def _problems(refused: EstimatorError) -> list[dict[str, str]]:
    match refused:
        case RequestRefused(problems=problems):
            return [{"column": column_of(each.path), "words": each.message} for each in problems]
        case UnknownPlan():
            return [{"column": "plan", "words": "Write the id of a plan that is here; the page of plans finds it."}]
        case UnknownZip():
            return [{"column": "zip", "words": "Check the ZIP code: Medicare’s list does not have it."}]
        case PlanNotInForce(first_day=first, last_day=last):
            until = f" to {last}" if last else " on"
            words = f"Write a day on which the plan holds, from {first}{until}, or another plan."
            return [{"column": "first_day", "words": words}]
        case PlanFileRefused():
            return [{"column": "plan", "words": "Correct the plan first: it cannot be read."}]
        case _:
            raise refused
