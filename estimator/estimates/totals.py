"""Estimates of which nobody reads the explanation: their totals and visits, and what a desk acts on, from fewer runs.

The engine finds the totals of every course by `ends_of`. What it would be to know each open point, assumed
figure or balance takes as many runs again, and is left out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from estimator.engine.answer import Adds, Estimate, Level
from estimator.engine.estimate import MOST_WORK, Course, Ends, conditions_of, crossing_points_of, ends_of, estimate
from estimator.engine.plan import Plan
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Request
from estimator.engine.values import Money
from estimator.engine.visits import Tables
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import Calculation


def totals_alone(
    request: Request,
    plan: Plan,
    sheet: PriceSheet,
    tables: Tables,
    inputs: Mapping[str, object],
    most_work: int | None = None,
) -> Estimate:
    """Return an estimate of the engine's totals, line by line, without what could change them."""
    course = _course(request, plan, sheet, tables, most_work)
    return _totals(course, ends_of(course), inputs)


def totals_and_conditions(
    request: Request,
    plan: Plan,
    sheet: PriceSheet,
    tables: Tables,
    inputs: Mapping[str, object],
    most_work: int | None = None,
) -> Estimate:
    """Return the same with the conditions that the typical course rests on, and its turning points."""
    course = _course(request, plan, sheet, tables, most_work)
    ends = ends_of(course)
    typical, log = ends.typical
    conditions, _unread = conditions_of(course, ends.read.usual, typical, log)
    points = crossing_points_of(request, log)
    return replace(_totals(course, ends, inputs), conditions=tuple(conditions), crossing_points=points)


def unexplained(asked: Asked, engine: Calculation = totals_alone) -> Calculation:
    """Return what to answer a request by whose explanation nobody reads: what was told on calls is weighed by it."""
    is_told = asked.told or (asked.secondary is not None and asked.secondary.told)
    return estimate if is_told else engine


def _course(request: Request, plan: Plan, sheet: PriceSheet, tables: Tables, most_work: int | None) -> Course:
    return Course(request, plan, sheet, tables, MOST_WORK if most_work is None else min(most_work, MOST_WORK))


def _totals(course: Course, ends: Ends, inputs: Mapping[str, object]) -> Estimate:
    low, middle, high = ends.settled
    typical = ends.typical[0]
    return Estimate(
        replace(low, level=Level.LOW),
        replace(typical, level=Level.TYPICAL),
        replace(ends.high, level=Level.HIGH),
        settled=(replace(low, level=Level.LOW), replace(middle, level=Level.TYPICAL), replace(high, level=Level.HIGH)),
        open_points=(),
        open_total=Adds(Money(typical.owes - ends.middle.owes), Money(ends.most.owes - ends.middle.owes)),
        notices=(),
        conditions=(),
        questions=(),
        assumptions=(),
        crossing_points=(),
        inputs=inputs,
        work=course.work,
    )
