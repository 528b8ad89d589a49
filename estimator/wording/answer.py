"""The JSON answer of `docs/json-contract.md`, made of an estimate.

Nothing is calculated here but sums to date, and the least and the most of the three runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

from estimator.engine.answer import Condition, Estimate, Run, Step, VisitEstimate
from estimator.engine.findings import BalanceBilled
from estimator.engine.plan import Plan
from estimator.engine.values import Money
from estimator.language import _
from estimator.wording.assumptions import assumption_says
from estimator.wording.balances import accumulators
from estimator.wording.conditions import condition_says
from estimator.wording.crossings import crossing_says
from estimator.wording.lines import Levels, citation_of, line_of, spread_of
from estimator.wording.notes import note_says
from estimator.wording.questions import CLINIC_ONLY, question_says
from estimator.wording.steps import name_of, numbers, says
from estimator.wording.summary import summary_of
from estimator.wording.telling import PATIENT, Reader, Telling
from estimator.wording.told import heard_of


def answer_of(estimate: Estimate, plan: Plan, names: Mapping[str, str], reader: Reader = PATIENT) -> dict[str, Any]:
    """Return the answer for one reader; `names` are plain words for the codes."""
    telling = Telling(plan, names, reader)
    typical = estimate.typical
    return {
        "notices": [_notice(step, telling) for step in estimate.notices],
        "patient_owes": _three(estimate.low.owes, typical.owes, estimate.high.owes),
        "plan_pays": str(typical.plan_pays),
        "provider_absorbs": str(typical.provider_absorbs),
        "plan": {
            "id": plan.id,
            "title": _(plan.title),
            "payer": plan.payer,
            "kind": str(plan.kind),
            "market": str(plan.market),
            "in_force": {"first_day": _day(plan.in_force.first_day), "last_day": _day(plan.in_force.last_day)},
            "notes": [{"says": note_says(note), "citation": citation_of(citation)} for note, citation in plan.notes],
        },
        "visits": _visits(estimate, telling),
        "conditions": [_condition(condition, telling) for condition in estimate.conditions],
        "questions": _questions(estimate, telling),
        "assumptions": _assumptions(estimate, telling),
        "crossing_points": _crossing_points(estimate, telling),
        "summary": summary_of(estimate, telling),
        "reader": reader,
        "told": [heard_of(heard, telling) for heard in estimate.told],
        "inputs": dict(estimate.inputs),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class _Visit(NamedTuple):
    """The same visit in the three runs, with what is owed up to it."""

    low: VisitEstimate
    typical: VisitEstimate
    high: VisitEstimate
    to_date: tuple[Money, Money, Money]


def _visits(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    runs = (estimate.low, estimate.typical, estimate.high)
    visits = zip(*(run.visits for run in runs), strict=True)
    sums = zip(*(_to_date(run) for run in runs), strict=True)
    return [
        _visit(_Visit(low, typical, high, to_date), telling)
        for (low, typical, high), to_date in zip(visits, sums, strict=True)
    ]


def _to_date(run: Run) -> list[Money]:
    return list(accumulate(visit.owes for visit in run.visits))


def _visit(visit: _Visit, telling: Telling) -> dict[str, Any]:
    typical = visit.typical
    lines = zip(visit.low.lines, typical.lines, visit.high.lines, strict=True)
    return {
        "number": typical.number,
        "day": typical.day.isoformat(),
        "network": typical.network,
        "patient_owes": str(typical.owes),
        "range": spread_of(visit.low.owes, typical.owes, visit.high.owes),
        "cumulative": _three(min(visit.to_date), visit.to_date[1], max(visit.to_date)),
        "lines": [line_of(Levels(*levels), telling) for levels in lines],
        "accumulators": accumulators(typical.balances),
    }


def _three(low: Money, typical: Money, high: Money) -> dict[str, str]:
    return {"low": str(low), "typical": str(typical), "high": str(high)}


def _notice(step: Step, telling: Telling) -> dict[str, Any]:
    return {
        "finding": name_of(step.finding),
        "says": says(step.finding, step.owes, telling),
        "citation": citation_of(step.citation),
        "numbers": numbers(step.finding),
    }


def _condition(condition: Condition, telling: Telling) -> dict[str, Any]:
    return {
        "needs": condition.needs,
        "from_visit": condition.from_visit,
        "visits": condition.visits,
        "administrator": condition.administrator,
        "if_not": str(condition.difference),
        "clinic_if_not": str(condition.clinic_difference),
        "is_known": condition.is_known,
        "says": condition_says(condition, telling),
        "citation": citation_of(condition.citation),
    }


def _questions(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    return [
        {
            "asks": question.asks,
            "subject": question.subject,
            "says": question_says(question, telling),
            "citation": citation_of(question.citation),
        }
        for question in estimate.questions
        if telling.reader != PATIENT or question.asks not in CLINIC_ONLY
    ]


def _assumptions(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    return [
        {
            "assumes": assumption.assumes,
            "subject": assumption.subject,
            "says": assumption_says(assumption, telling),
            "citation": citation_of(assumption.citation),
        }
        for assumption in estimate.assumptions
    ]


def _crossing_points(estimate: Estimate, telling: Telling) -> list[dict[str, Any]]:
    last_billed = _last_balance_bill(estimate.typical)
    return [
        {
            "kind": crossing.kind,
            "visit": crossing.visit,
            "day": crossing.day.isoformat(),
            "subject": crossing.subject,
            "says": crossing_says(crossing, telling, billed_on=crossing.visit <= last_billed),
        }
        for crossing in estimate.crossing_points
    ]


def _last_balance_bill(run: Run) -> int:
    """Return the last visit with a balance bill, 0 where there is none."""
    return max(
        (
            visit.number
            for visit in run.visits
            if any(isinstance(step.finding, BalanceBilled) for line in visit.lines for step in line.steps)
        ),
        default=0,
    )
