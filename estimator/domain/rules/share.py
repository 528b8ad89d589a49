"""The patient's share of one covered line: deductible, copay and coinsurance, before any maximum.

Pure arithmetic on cents. `cheap` reads an unknown setting in the patient's favour, otherwise against.
"""

from __future__ import annotations

from typing import NamedTuple

from estimator.domain.amounts import Amount, Between
from estimator.domain.costshare import CostShare, DeductibleOrder, Per
from estimator.domain.ledger import NO_END
from estimator.domain.log import Log
from estimator.domain.money import ZERO, Money, Rate
from estimator.domain.unknown import Unknown


class Share(NamedTuple):
    """Parts of one line that the patient owes, in cents; `base` is what the coinsurance is of."""

    deductible: Money
    copay: Money
    coinsurance: Money
    rate: Rate | None
    base: Money
    order: DeductibleOrder
    full_copay: Money

    @property
    def total(self) -> int:
        """Return what the patient owes of the line."""
        return self.deductible + self.copay + self.coinsurance


class Left(NamedTuple):
    """What is left of the deductible, and what of the visit's copay is already paid, in cents."""

    deductible: int
    copay_paid: int
    units: int


def share_of(rule: CostShare, allowed: Money, left: Left, cheap: bool, log: Log) -> Share:
    """Return the parts of an allowed amount that the rule leaves to the patient."""
    order = _order(rule, cheap, log)
    copay = _copay(rule.copay, allowed, cheap, log, rule)
    if rule.per is Per.UNIT:
        copay = Money(copay * left.units)
    copay_left = max(0, copay - left.copay_paid)
    deductible_left = 0 if order is DeductibleOrder.WAIVED else left.deductible
    if order is DeductibleOrder.AFTER_COPAY or order is DeductibleOrder.WITH_COPAY:
        copay_part = _lesser(copay_left, allowed, rule)
        rest = max(0, allowed - copay_part)
        deductible_part = min(deductible_left, rest)
        rest -= deductible_part
    else:
        deductible_part = min(deductible_left, int(allowed))
        rest = allowed - deductible_part
        copay_part = _lesser(copay_left, rest, rule) if rest or not deductible_part else 0
        rest = max(0, rest - copay_part)
    rate, base, coinsurance = _coinsurance(rule, rest, allowed - deductible_part, cheap, log)
    return Share(Money(deductible_part), Money(copay_part), coinsurance, rate, base, order, copay)


def _coinsurance(
    rule: CostShare, rest: int, after_deductible: int, cheap: bool, log: Log
) -> tuple[Rate | None, Money, Money]:
    rate = rule.coinsurance
    if rate is None:
        return None, ZERO, ZERO
    if isinstance(rate, Unknown):
        log.doubt("cost-share", "coinsurance", rule.citation)
        rate = Rate(0) if cheap else Rate(1_000_000)
    base = Money(after_deductible if rule.coinsurance_of_allowed else rest)
    if rule.copay is not None and not rule.coinsurance_of_allowed:
        log.assume("copay-before-coinsurance", citation=rule.citation)
    return rate, base, Money(min(base.share(rate), rest))


def _order(rule: CostShare, cheap: bool, log: Log) -> DeductibleOrder:
    order = rule.deductible
    if isinstance(order, Unknown):
        log.doubt("cost-share", "deductible", rule.citation)
        return DeductibleOrder.WAIVED if cheap else DeductibleOrder.APPLIES
    return order


def _copay(amount: Amount | None, allowed: Money, cheap: bool, log: Log, rule: CostShare) -> Money:
    if amount is None:
        return ZERO
    if isinstance(amount, Money):
        return amount
    if isinstance(amount, Between):
        log.doubt("cost-share", "copay", rule.citation)
        return amount.low if cheap else amount.high
    log.doubt("cost-share", "copay", rule.citation)
    return ZERO if cheap else NO_END


def _lesser(copay_left: int, rest: int, rule: CostShare) -> int:
    return min(copay_left, rest) if rule.never_above_allowed else copay_left
