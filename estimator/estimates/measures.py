"""Counts of a request in the measure of the limit that they speak of: cents for dollars, minutes for hours."""

from __future__ import annotations

from estimator.engine.plan import Measure
from estimator.engine.values import Money

_IN_AN_HOUR = 60


def as_counted(amount: int, measure: Measure) -> int | None:
    """Return a count, or an amount that was written with cents, as the limit counts; None where it takes no cents.

    >>> as_counted(Money(150), Measure.HOURS), as_counted(900, Measure.DOLLARS), as_counted(Money(400), Measure.VISITS)
    (90, 90000, None)
    """
    cents = int(amount) if isinstance(amount, Money) else amount * 100
    if measure is Measure.DOLLARS:
        return cents
    if measure is Measure.HOURS:
        return cents * _IN_AN_HOUR // 100
    return None if isinstance(amount, Money) else amount
