"""What the patient pays of a covered line within its limits, and what that credits.

`share_of` computes the parts; `settle` charges them and credits the deductible and the out-of-pocket maximum.

Pure arithmetic on cents. What the plan leaves unknown is read for or against the patient by the log.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from estimator.engine.accumulators import COUNTED, DEDUCTIBLE, MAXIMUM, NO_END, Asking
from estimator.engine.answer import AssumptionKind, Log, QuestionKind, Settled, Step
from estimator.engine.findings import (
    CoinsuranceCharged,
    CopayCharged,
    CopayIncluded,
    DeductibleTaken,
    MaximumReached,
    ParityApplied,
    PlanPaymentCapped,
    PlanPaysAll,
    ShareCapped,
    UnknownShare,
)
from estimator.engine.plan import Benefit, Ceiling, CostShare, DeductibleOrder, Per
from estimator.engine.values import WHOLE, ZERO, Amount, Between, Money, Rate, Unknown
from estimator.engine.visits import ReadyLine, Running

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
    order = order_of(rule, log)
    copay = copay_of(rule.copay, log, rule)
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
        return Share(
            deductible=deductible, copay=copay_part, coinsurance=0, rate=None, base=ZERO, order=order, full_copay=copay
        )
    rate = rate_of(rule.coinsurance, rule, log)
    base = Money(allowed - deductible if rule.coinsurance_of_allowed else rest)
    return Share(
        deductible=deductible,
        copay=copay_part,
        coinsurance=min(int(base.share(rate)), rest),
        rate=rate,
        base=base,
        order=order,
        full_copay=copay,
    )


def rate_of(rate: Rate | Unknown, rule: CostShare, log: Log) -> Rate:
    """Return the coinsurance of a rule, read for or against the patient where nobody has read it."""
    if rule.copay is not None and not rule.coinsurance_of_allowed:
        log.assume(AssumptionKind.COPAY_BEFORE_COINSURANCE, citation=rule.citation)
    if isinstance(rate, Unknown):
        return _NONE if log.doubt(QuestionKind.COST_SHARE, "coinsurance", rule.citation) else WHOLE
    return rate


def order_of(rule: CostShare, log: Log) -> DeductibleOrder:
    """Return where the deductible of a rule stands, read the same way."""
    order = rule.deductible
    if isinstance(order, Unknown):
        is_favorable = log.doubt(QuestionKind.COST_SHARE, "deductible", rule.citation)
        return DeductibleOrder.WAIVED if is_favorable else DeductibleOrder.APPLIES
    return order


def copay_of(amount: Amount | None, log: Log, rule: CostShare) -> int:
    """Return the copay of a rule in cents, read the same way: NO_END is one that nobody has read."""
    if amount is None:
        return 0
    if isinstance(amount, Money):
        return int(amount)
    is_favorable = log.doubt(QuestionKind.COST_SHARE, "copay", rule.citation)
    if isinstance(amount, Between):
        return int(amount.low if is_favorable else amount.high)
    return 0 if is_favorable else int(NO_END)


def _lesser(copay_left: int, rest: int, rule: CostShare) -> int:
    # A copay that nobody has read is at most the price, whatever else the rule says.
    return min(copay_left, rest) if rule.never_above_allowed or copay_left >= NO_END // 2 else copay_left


# Charging the parts, in this order: deductible, copay, coinsurance, cap per visit, out-of-pocket maximum
# (45 CFR 156.130), the most the plan pays. Each part credits what it fills.

_ALL = PlanPaysAll()
_UNREAD = UnknownShare()
_PARITY = ParityApplied()
_UNKNOWN_FROM = NO_END // 2


class Parts(NamedTuple):
    """What a patient owes of a line, in the order in which it is forgiven from the right."""

    deductible: int
    copay: int
    coinsurance: int

    def less(self, relief: int) -> Parts:
        """Return the parts after a relief: the coinsurance goes first, then the copay, then the deductible."""
        if not relief:
            return self
        coinsurance = min(self.coinsurance, relief)
        copay = min(self.copay, relief - coinsurance)
        deductible = min(self.deductible, relief - coinsurance - copay)
        return Parts(self.deductible - deductible, self.copay - copay, self.coinsurance - coinsurance)


def settle(
    running: Running, line: ReadyLine, benefit: Benefit, stated: CostShare, asking: Asking, steps: list[Step]
) -> tuple[int, int]:
    """Add the steps of a covered line for the amount that lies inside its limits, and credit the ceilings.

    Returns what the patient owes of it, and how much of that the deductible took.
    """
    allowed, said = asking.allowed, len(steps)
    share, rule, bounds = _share(running, line, benefit, stated, asking, steps)
    _tell(running, benefit, rule, share, steps)
    parts = Parts(share.deductible, share.copay, share.coinsurance)
    owes = share.total
    if owes:
        if rule.max_per_visit is not None:
            parts = _cap_visit(running, benefit, rule, rule.max_per_visit, parts, steps)
        parts = _stop_at_maximum(running, rule, parts, steps)
        _credit_deductible(running, benefit, rule, share.order, parts)
        owes = parts.deductible + parts.copay + parts.coinsurance
        running.shares[benefit.name] = running.shares.get(benefit.name, 0) + owes
    if rule.plan_pays_at_most is not None:
        owes += _cap_plan(running, benefit, rule, rule.plan_pays_at_most, max(0, allowed - owes), steps)
    running.log.settled.append(
        Settled(
            visit=running.number,
            place=line.place,
            network=running.network,
            benefit=benefit,
            rule=bounds.rule,
            key=bounds.key,
            lower=bounds.lower,
            allowed=allowed,
            units=line.units,
            owes=owes,
        )
    )
    if len(steps) == said:
        is_in_one = rule.copay is not None and running.copays.get(_copay_key(running, line, benefit, rule), 0) > 0
        steps.append(Step(CopayIncluded(rule.per) if is_in_one else _ALL, ZERO, rule.citation))
    return owes, parts.deductible


class _Bounds(NamedTuple):
    """The stated rule of a line and the copay that it shares in, and those of the one that it may not exceed."""

    rule: CostShare
    key: Hashable
    lower: tuple[CostShare, Hashable] | None


def _share(
    running: Running, line: ReadyLine, benefit: Benefit, stated: CostShare, asking: Asking, steps: list[Step]
) -> tuple[Share, CostShare, _Bounds]:
    """Return the share, the rule that it follows – the stated one or the one that it may not exceed –, and both."""
    rule = _step_of(running, benefit, stated, asking)
    key = _copay_key(running, line, benefit, rule)
    share = _share_by(running, line, benefit, rule, asking.allowed, key)
    lower = stated.not_above or rule.not_above
    if lower is None:
        if share.copay:
            _note_copay(running, key, share.copay)
        return share, rule, _Bounds(rule, key, None)
    other = _step_of(running, benefit, lower, asking)
    other_key = ("not-above", _copay_key(running, line, benefit, other))
    ceiling = _share_by(running, line, benefit, other, asking.allowed, other_key)
    is_lower = ceiling.total < share.total
    chosen = ceiling if is_lower else share
    _note_copay(running, key, chosen.copay + (chosen.coinsurance if is_lower else 0))
    _note_copay(running, other_key, chosen.copay + chosen.coinsurance)
    bounds = _Bounds(rule, key, (other, other_key))
    if not is_lower:
        return share, rule, bounds
    steps.append(Step(_PARITY, ZERO, stated.citation))
    return ceiling, other, bounds


def _share_by(
    running: Running, line: ReadyLine, benefit: Benefit, rule: CostShare, allowed: int, key: Hashable
) -> Share:
    ceiling = benefit.deductible or running.network.deductible
    left = 0 if rule.deductible is DeductibleOrder.WAIVED else running.ledger.left(ceiling, DEDUCTIBLE)
    return share_of(rule, allowed, left, running.copays.get(key, 0), line.units, running.log)


def _step_of(running: Running, benefit: Benefit, rule: CostShare, asking: Asking) -> CostShare:
    """Return the step of a share that changes with the number of the visit."""
    if not rule.by_visit:
        return rule
    number = _benefit_visit(running, benefit, rule.counter, asking)
    return next(step for last, step in rule.by_visit if last is None or number <= last)


def _benefit_visit(running: Running, benefit: Benefit, counter: str, asking: Asking) -> int:
    """Return the number of this visit as the named limit, or this benefit in its year, counts it."""
    if counter:
        return running.tallies[counter].number_of(asking)
    year = running.given.year.first_day(running.day)
    visits = running.counts.setdefault((benefit.name, year), set())
    visits.add(running.number)
    before = (running.tallies[name] for name in benefit.limits)
    counted = next((tally for tally in before if tally.limit.measure in COUNTED), None)
    return len(visits) + (0 if counted is None else counted.used_before(year))


def _copay_key(running: Running, line: ReadyLine, benefit: Benefit, rule: CostShare) -> Hashable:
    name = rule.copay_group or benefit.name
    if rule.per is Per.VISIT:
        return name, running.number
    if rule.per is Per.DAY or rule.per is Per.PROVIDER_DAY:
        return name, running.day
    return name, running.number, line.place


def _note_copay(running: Running, key: Hashable, cents: int) -> None:
    running.copays[key] = running.copays.get(key, 0) + cents


def _tell(running: Running, benefit: Benefit, rule: CostShare, share: Share, steps: list[Step]) -> None:
    """Say each part in a step of its own."""
    if share.deductible:
        ceiling = benefit.deductible or running.network.deductible
        left = Money(running.ledger.left(ceiling, DEDUCTIBLE))
        cited = ceiling.citation if isinstance(ceiling, Ceiling) else rule.citation
        found = DeductibleTaken(left) if left < _UNKNOWN_FROM else _UNREAD
        steps.append(Step(found, Money(share.deductible), cited))
    if share.copay:
        is_read = share.full_copay < _UNKNOWN_FROM
        copay = CopayCharged(Money(share.full_copay), rule.per) if is_read else _UNREAD
        steps.append(Step(copay, Money(share.copay), rule.citation))
    if share.coinsurance and share.rate is not None:
        running.log.assume(AssumptionKind.COINSURANCE_PER_LINE)
        is_known = not isinstance(rule.coinsurance, Unknown)
        coinsurance = CoinsuranceCharged(share.rate, share.base) if is_known else _UNREAD
        steps.append(Step(coinsurance, Money(share.coinsurance), rule.citation))


def _cap_visit(
    running: Running, benefit: Benefit, rule: CostShare, cap: Money, parts: Parts, steps: list[Step]
) -> Parts:
    room = max(0, cap - running.shares.get(benefit.name, 0))
    relief = sum(parts) - room
    if relief <= 0:
        return parts
    steps.append(Step(ShareCapped(cap), Money(-relief), rule.citation))
    return parts.less(relief)


def _stop_at_maximum(running: Running, rule: CostShare, parts: Parts, steps: list[Step]) -> Parts:
    """Stop what counts toward the out-of-pocket maximum there, and enter the rest in the ledger."""
    maximum, ledger = running.network.out_of_pocket_max, running.ledger
    if not rule.credits_out_of_pocket or maximum is None:
        return parts
    deductible, copay, coinsurance = parts
    counts_deductible = isinstance(maximum, Unknown) or maximum.includes_deductible
    counted = copay + coinsurance + (deductible if counts_deductible else 0)
    stopped = counted - ledger.left(maximum, MAXIMUM)
    if stopped <= 0:
        ledger.credit(maximum, counted, running.day)
        return parts
    if isinstance(maximum, Ceiling):
        of = Money(ledger.binding(maximum, MAXIMUM))
        steps.append(Step(MaximumReached(of), Money(-stopped), maximum.citation))
    ledger.credit(maximum, counted - stopped, running.day)
    return parts.less(stopped)


def _credit_deductible(
    running: Running, benefit: Benefit, rule: CostShare, order: DeductibleOrder, parts: Parts
) -> None:
    """Credit the deductible with what was paid toward it; never more than is left, which its dollars are."""
    credited = parts.deductible
    if rule.credits_deductible:
        credited = sum(parts)
    elif order is DeductibleOrder.WITH_COPAY:
        credited += parts.copay
    if not credited:
        return
    ceiling = benefit.deductible or running.network.deductible
    running.ledger.credit(ceiling, min(credited, running.ledger.left(ceiling, DEDUCTIBLE)), running.day)


def _cap_plan(running: Running, benefit: Benefit, rule: CostShare, cap: Money, pays: int, steps: list[Step]) -> int:
    """Return what the patient owes beyond the plan's highest payment a visit."""
    paid = running.plan_paid.get(benefit.name, 0)
    beyond = max(0, pays - max(0, cap - paid))
    if beyond:
        steps.append(Step(PlanPaymentCapped(cap), Money(beyond), rule.citation))
    running.plan_paid[benefit.name] = paid + pays - beyond
    return beyond
