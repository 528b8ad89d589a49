"""The sides of a comparison, and what can be said of two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from estimator.engine.answer import Assumption, Estimate, Status, VisitEstimate
from estimator.engine.plan import Plan
from estimator.engine.request import NEEDLING_CODES
from estimator.engine.values import Money, Rate
from estimator.errors import EstimatorError
from estimator.estimates.comparing_changes import Change, Kind, Note

SAME_AMOUNT = Money(500)
"""Totals that differ by no more than this, or by no more than the share below, are about the same."""
SAME_SHARE = Rate.parse("2%")
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
    def visits(self) -> tuple[VisitEstimate, ...]:
        """Return its visits in the typical run, none where it cannot be estimated."""
        return self.estimate.typical.visits if self.estimate else ()

    @property
    def owed(self) -> tuple[Money, ...]:
        """Return what is owed for each of its visits in the typical run."""
        return tuple(visit.owes for visit in self.visits)

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


def does_not_fill(side: Side, asked: Side) -> tuple[Note, ...]:
    """Say which sums of the plan that was asked about stay as they are where the patient pays without it."""
    if side.change.kind is not Kind.SELF_PAY or side.request["plan"] == asked.request["plan"]:
        return ()
    balances = (balance.name for visit in asked.visits for balance in visit.balances)
    names = ",".join(name for name in dict.fromkeys(balances) if name in _FILLED)
    return (Note("does-not-fill", names),) if names else ()


def no_longer_bundled(side: Side, asked: Side) -> tuple[Note, ...]:
    """Say which services needling swallowed, so that without it they are charged by themselves."""
    if side.change.kind is not Kind.WITHOUT_NEEDLING or side.estimate is None:
        return ()
    codes = sorted(_bundled(asked) - _bundled(side) - NEEDLING_CODES)
    return (Note("no-longer-bundled", ",".join(codes)),) if codes else ()


def _bundled(side: Side) -> set[str]:
    return {line.code for visit in side.visits for line in visit.lines if line.status is Status.BUNDLED}
