"""What a payer's explanation of benefits (EOB) says of the lines of one visit, and why an estimate came out otherwise.

Every cent of a difference has one cause, looked for in the order in which the causes stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.answer import LineEstimate, Status
from estimator.engine.values import ZERO, Money


class Cause(StrEnum):
    """Why a payer's figure differs from the estimate."""

    CODING = "coding"
    RULE = "rule"
    PRICE = "price"
    ACCUMULATOR = "accumulator"
    UNEXPLAINED = "unexplained"


# Claim adjustment reason codes that deny a line for how it was coded or billed, whatever the plan covers.
CODING_DENIALS = frozenset(
    ("4", "11", "16", "18", "97", "107", "146", "181", "182", "199", "222", "231", "234", "236", "B15")
)
# Codes that say how a line was paid, not that it was denied.
NO_DENIALS = frozenset(("1", "2", "3", "45", "253"))
_PAID = frozenset((Status.PAYABLE, Status.NEEDS_AUTHORIZATION))


@dataclass(frozen=True, slots=True)
class EobLine:
    """One line of the EOB; `line` is its number in the estimate, None where it was added, `denied` a reason code."""

    code: str
    units: int
    patient_owes: Money
    line: int | None = None
    allowed: Money = ZERO
    deductible: Money = ZERO
    copay: Money = ZERO
    coinsurance: Money = ZERO
    plan_paid: Money | None = None
    denied: str = ""

    @property
    def is_denied_for_coding(self) -> bool:
        """Tell whether the line was denied for how it was coded."""
        return self.denied in CODING_DENIALS

    def stands_otherwise(self, estimated: LineEstimate) -> bool:
        """Tell whether the payer decided otherwise than the estimate: paid what it did not, or denied what it did.

        A denial agrees with an estimate that has the patient pay, and with one in which nobody does.
        """
        if not self.denied:
            return estimated.status not in _PAID
        return estimated.status in _PAID or (estimated.owes > 0) != (self.patient_owes > 0)


class Change(NamedTuple):
    """What was changed to make the estimate again: an amount, a count or a code as it was and as the EOB has it."""

    cause: Cause
    kind: str
    code: str = ""
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class LineDifference:
    """One line: what was estimated, what the EOB says, and the part of each cause in the difference."""

    code: str
    units: int
    estimated: Money
    paid: Money
    parts: Mapping[Cause, Money]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A visit set beside its EOB; `low` and `high` are the range that the patient was given for it."""

    visit: int
    lines: tuple[LineDifference, ...]
    changes: tuple[Change, ...]
    low: Money
    high: Money

    @property
    def estimated(self) -> Money:
        """Return what the patient was to owe for the visit."""
        return Money(sum(line.estimated for line in self.lines))

    @property
    def paid(self) -> Money:
        """Return what the patient owes by the EOB."""
        return Money(sum(line.paid for line in self.lines))

    def part(self, cause: Cause) -> Money:
        """Return how much of the difference has this cause."""
        return Money(sum(line.parts[cause] for line in self.lines))
