"""What the patient pays for a covered line, and what stops or adds to it."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.engine.finding import Finding
from estimator.engine.money import Money, Rate


@dataclass(frozen=True, slots=True)
class DeductibleTaken(Finding):
    """Part of the line that goes to the deductible, and what remained of it before."""

    left_before: Money


@dataclass(frozen=True, slots=True)
class CopayCharged(Finding):
    """The copay, or as much of it as is left of the visit's copay and of the price."""

    copay: Money
    per: str


@dataclass(frozen=True, slots=True)
class CoinsuranceCharged(Finding):
    """A percentage of an amount."""

    rate: Rate
    of: Money


@dataclass(frozen=True, slots=True)
class UnknownShare(Finding):
    """The plan's share for this line has not been read."""


@dataclass(frozen=True, slots=True)
class PlanPaysAll(Finding):
    """Nothing is left for the patient: no share is due, or this visit's copay is already paid."""


@dataclass(frozen=True, slots=True)
class MaximumReached(Finding):
    """The out-of-pocket maximum stops the charge."""

    maximum: Money


@dataclass(frozen=True, slots=True)
class ShareCapped(Finding):
    """A ceiling of the patient's share per visit stops the charge."""

    cap: Money


@dataclass(frozen=True, slots=True)
class ParityApplied(Finding):
    """Another benefit's lower share takes the place of this one."""


@dataclass(frozen=True, slots=True)
class PlanPaymentCapped(Finding):
    """The plan pays at most so much a visit; the patient bears the rest."""

    cap: Money


@dataclass(frozen=True, slots=True)
class PaymentReduced(Finding):
    """Without authorization the plan pays only a percentage of its payment."""

    percent: Rate


@dataclass(frozen=True, slots=True)
class PenaltyCharged(Finding):
    """A flat penalty for the missing authorization."""

    penalty: Money


@dataclass(frozen=True, slots=True)
class BalanceBilled(Finding):
    """The clinic bills the rest of its charge."""

    billed: Money
    allowed: Money


@dataclass(frozen=True, slots=True)
class SecondaryPaid(Finding):
    """A second plan bears part; `method` is standard, non-duplication or maintenance-of-benefits."""

    plan: str
    method: str
