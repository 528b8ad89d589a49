"""The estimate that rests on what was told: typical by what fills a gap, as wide as what documents speak against.

A telephone answer is no promise. Its price, if the plan does not stand by it, is a condition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from estimator.engine.answer import Assumption, Condition, Estimate, Question, Run, VisitEstimate
from estimator.engine.plan import Plan
from estimator.engine.request import Effect, Heard, written
from estimator.engine.values import Money
from estimator.errors import RequestRefused
from estimator.estimates.asked import Asked
from estimator.estimates.mattering_course import Course
from estimator.estimates.told_hearing import Hearing
from estimator.estimates.told_plans import Otherwise, ToldPlan, problems_of, with_told

KEPT, OTHERWISE = "told", "told-otherwise"
"""Conditions: that the plan stands by what filled a gap, and that it does not do what contradicts its documents."""

Estimating = Callable[[Plan], Estimate]


def estimate_told(plan: Plan, asked: Asked, estimating: Estimating) -> tuple[Estimate, Plan]:
    """Return the estimate with what was told, and the plan whose gaps are filled by it. Raises RequestRefused."""
    if problems := tuple(problems_of(plan, asked.told)):
        raise RequestRefused(problems)
    untold = estimating(plan)
    course = Course(untold, plan, asked, untold.questions)
    told = with_told(plan, asked.told, course)
    filled = estimating(told.plan) if told.plan != plan else untold
    beside = [(each, estimate) for each in told.otherwise if (estimate := _beside(each, estimating)) is not None]
    runs = [filled, *(estimate for _, estimate in beside)]
    low = min((each.low for each in runs), key=_owes)
    high = max((each.high for each in runs), key=_owes)
    conditions = [*_if_not_kept(untold, filled, told)]
    conditions += [found for each in beside if (found := _if_otherwise(*each, filled, course)).visits]
    return replace(
        filled, low=low, high=high,
        conditions=(*filled.conditions, *conditions),
        questions=(*filled.questions, *_in_writing(told, course)),
        assumptions=(*filled.assumptions, *_resting_on(told, course)),
        inputs={**filled.inputs, "told": "; ".join(map(_named, told.heard))},
        told=told.heard,
    ), told.plan  # fmt: skip


def _owes(run: Run) -> Money:
    return run.owes


def _beside(reading: Otherwise, estimating: Estimating) -> Estimate | None:
    """Return the estimate of a reading; None where it needs a price that nobody gave."""
    try:
        return estimating(reading.plan)
    except RequestRefused:
        return None


def _if_not_kept(untold: Estimate, filled: Estimate, told: ToldPlan) -> list[Condition]:
    counted = [each for each in told.heard if each.effect is Effect.COUNTED]
    if not counted or untold is filled:
        return []
    found = _condition(KEPT, filled.typical, untold.typical)
    return [found] if found.visits else []


def _if_otherwise(reading: Otherwise, estimate: Estimate, filled: Estimate, course: Course) -> Condition:
    cited = Hearing(reading.call, course).cited
    return replace(_condition(OTHERWISE, filled.typical, estimate.typical), citation=cited)


def _condition(needs: str, typical: Run, other: Run) -> Condition:
    """Price another typical run, with the visits in which it differs."""
    pairs = zip(typical.visits, other.visits, strict=True)
    visits = [one.number for one, two in pairs if _sums(one) != _sums(two)]
    return Condition(
        needs, min(visits, default=1), len(visits),
        Money(other.owes - typical.owes), Money(other.provider_absorbs - typical.provider_absorbs),
    )  # fmt: skip


def _sums(visit: VisitEstimate) -> tuple[Money, int]:
    return visit.owes, sum(line.provider_absorbs for line in visit.lines)


def _in_writing(told: ToldPlan, course: Course) -> list[Question]:
    asked = {
        (answer.asks, reading.call): Question("in-writing", answer.asks, Hearing(reading.call, course).cited)
        for reading in told.otherwise
        for answer in reading.answers
    }
    return list(asked.values())


def _resting_on(told: ToldPlan, course: Course) -> list[Assumption]:
    calls = {each.call: None for each in told.heard if each.effect is Effect.COUNTED}
    return [Assumption("told-by-plan", call.on.isoformat(), Hearing(call, course).cited) for call in calls]


def _named(heard: Heard) -> str:
    """Write an answer on one line, so that an estimate names all that it rests on; no reference, no name."""
    call, told, effect = heard
    more = [f"from visit {told.from_visit}"] if told.from_visit else []
    more += [f"family {told.family}"] if told.family is not None else []
    parts = [call.on.isoformat(), call.source, told.asks, told.subject, written(told.answer), *more]
    return f"{' '.join(filter(None, parts))} ({effect})"
