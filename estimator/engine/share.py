"""The patient's share of one covered line: deductible, copay and coinsurance, before any maximum.

Pure arithmetic on cents. What the plan leaves unknown is read for or against the patient by the log.
"""

from __future__ import annotations

from typing import NamedTuple

from estimator.engine.amounts import Amount, Between
from estimator.engine.costshare import CostShare, DeductibleOrder, Per
from estimator.engine.ledger import NO_END
from estimator.engine.log import Log
from estimator.engine.money import WHOLE, ZERO, Money, Rate
from estimator.engine.unknown import Unknown

_NONE = Rate(0)


class Share(NamedTuple):
    """Parts of one line that the patient owes, in cents; `base` is what the coinsurance is of.

    `full_copay` is the copay before any of it was paid, NO_END where it is not known.
    """

    deductible: int
    copay: int
    coinsurance: int
    rate: Rate | None
    base: Money
    order: DeductibleOrder
    full_copay: int

    @property
    def total(self) -> int:
        """Return what the patient owes of the line."""
        return self.deductible + self.copay + self.coinsurance


def share_of(rule: CostShare, allowed: int, deductible_left: int, copay_paid: int, units: int, log: Log) -> Share:
    """Return the parts of an allowed amount that the rule leaves to the patient."""
    order = _order(rule, log)
    copay = _copay(rule.copay, log, rule)
    if rule.per is Per.UNIT:
        copay *= units
    copay_left = copay - copay_paid if copay > copay_paid else 0
    if order is DeductibleOrder.AFTER_COPAY or order is DeductibleOrder.WITH_COPAY:
        copay_part = _lesser(copay_left, allowed, rule)
        fills = order is DeductibleOrder.WITH_COPAY or rule.credits_deductible
        open_part = max(0, deductible_left - copay_part) if fills else deductible_left
        deductible = min(open_part, max(0, allowed - copay_part))
    else:
        deductible = 0 if order is DeductibleOrder.WAIVED else min(deductible_left, allowed)
        rest = allowed - deductible
        copay_part = _lesser(copay_left, rest, rule) if rest or not deductible else 0
    rest = max(0, allowed - deductible - copay_part)
    if rule.coinsurance is None:
        return Share(deductible, copay_part, 0, None, ZERO, order, copay)
    rate = _rate(rule.coinsurance, rule, log)
    base = Money(allowed - deductible if rule.coinsurance_of_allowed else rest)
    return Share(deductible, copay_part, min(int(base.share(rate)), rest), rate, base, order, copay)


def _rate(rate: Rate | Unknown, rule: CostShare, log: Log) -> Rate:
    if rule.copay is not None and not rule.coinsurance_of_allowed:
        log.assume("copay-before-coinsurance", citation=rule.citation)
    if isinstance(rate, Unknown):
        return _NONE if log.doubt("cost-share", "coinsurance", rule.citation) else WHOLE
    return rate


def _order(rule: CostShare, log: Log) -> DeductibleOrder:
    order = rule.deductible
    if isinstance(order, Unknown):
        in_favour = log.doubt("cost-share", "deductible", rule.citation)
        return DeductibleOrder.WAIVED if in_favour else DeductibleOrder.APPLIES
    return order


def _copay(amount: Amount | None, log: Log, rule: CostShare) -> int:
    if amount is None:
        return 0
    if isinstance(amount, Money):
        return int(amount)
    in_favour = log.doubt("cost-share", "copay", rule.citation)
    if isinstance(amount, Between):
        return int(amount.low if in_favour else amount.high)
    return 0 if in_favour else int(NO_END)


def _lesser(copay_left: int, rest: int, rule: CostShare) -> int:
    # A copay that nobody has read is at most the price, whatever else the rule says.
    return min(copay_left, rest) if rule.never_above_allowed or copay_left >= NO_END // 2 else copay_left
