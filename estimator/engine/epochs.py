"""The days on which a rule or a price of a request changes: between two of them equal visits are decided alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from estimator.engine.authorization import Authorization
from estimator.engine.days import Span
from estimator.engine.running import Given


def edges(given: Given) -> Iterator[date]:
    """Yield the first days on which a rule or a price is another than the day before."""
    for span in _spans(given):
        if span.first_day is not None:
            yield span.first_day
        if span.last_day is not None:
            yield span.last_day + timedelta(days=1)
    for region in given.sheet.regions:
        yield region.book.first_day
        yield region.book.last_day + timedelta(days=1)


def _spans(given: Given) -> Iterator[Span]:
    plan = given.plan
    for policy in plan.policies:
        yield policy.in_force
        yield policy.when.span
    for benefit in plan.benefits:
        yield benefit.when.span
        for rule in (benefit.authorization, benefit.referral):
            if isinstance(rule, Authorization):
                yield rule.when.span
    for limit in plan.limits.values():
        if limit.exempt is not None:
            yield limit.exempt.span
        if limit.extension is not None:
            yield limit.extension.when.span
    for entry in (*given.sheet.contract, *given.sheet.self_pay):
        yield entry.span
    for factor in given.sheet.factors:
        yield factor.span
