"""What the patient pays of a covered line. Money moves only here: every part credits what it fills.

Order: deductible, copay, coinsurance, ceiling of the visit, out-of-pocket maximum, what the plan pays
at most, penalties, balance bill.
"""

from __future__ import annotations

from collections.abc import Hashable

from estimator.domain.charges import (
    BalanceBilled,
    CoinsuranceCharged,
    CopayCharged,
    DeductibleTaken,
    MaximumReached,
    ParityApplied,
    PlanPaymentCapped,
    PlanPaysAll,
    ShareCapped,
    UnknownShare,
)
from estimator.domain.costshare import CostShare, DeductibleOrder, Per
from estimator.domain.estimate import Step
from estimator.domain.ledger import NO_END
from estimator.domain.money import Money
from estimator.domain.network import Ceiling
from estimator.domain.plan import Benefit
from estimator.domain.rules.share import Left, Share, share_of
from estimator.domain.running import ReadyLine, Running
from estimator.domain.unknown import Unknown

_ALL = PlanPaysAll()
_UNREAD = UnknownShare()
_PARITY = ParityApplied()


def settle(running: Running, line: ReadyLine, benefit: Benefit, rule: CostShare, allowed: Money) -> list[Step]:
    """Return the steps of a covered line for its allowed amount, and credit the ceilings."""
    rule = _step_of(running, benefit, rule)
    share, rule, steps = _lower(running, line, benefit, rule, allowed)
    if share.copay:
        key = _copay_key(running, line, benefit, rule)
        running.copays[key] = running.copays.get(key, 0) + share.copay
    steps += _parts(share, rule, running, benefit)
    relief = _visit_relief(running, benefit, rule, share.total, steps)
    _credit(running, benefit, rule, share, relief, steps)
    running.shares[benefit.name] = running.shares.get(benefit.name, 0) + sum(step.owes for step in steps)
    if rule.plan_pays_at_most is not None:
        _cap_plan(running, benefit, rule, allowed, steps)
    if not steps:
        steps.append(Step(_ALL, Money(0), rule.citation))
    return steps


def balance_bill(running: Running, line: ReadyLine, allowed: Money) -> Step | None:
    """Return what a clinic outside the contract bills beyond the allowed amount."""
    network = running.network
    if network.contracted or network.balance_bill is False:
        return None
    if isinstance(network.balance_bill, Unknown):
        running.log.doubt("balance-bill", network.name, network.citation)
        if running.cheap:
            return None
    billed = running.price(line.charge)
    if billed <= allowed:
        return None
    return Step(BalanceBilled(billed, allowed), billed - allowed, network.citation)


def _step_of(running: Running, benefit: Benefit, rule: CostShare) -> CostShare:
    """Return the step of a share that changes with the number of the visit."""
    if not rule.by_visit:
        return rule
    number = benefit_visit(running, benefit, rule.counter)
    return next(step for last, step in rule.by_visit if last is None or number <= last)


def benefit_visit(running: Running, benefit: Benefit, counter: str) -> int:
    """Return the number of this visit as the named limit, or this benefit in its year, counts it."""
    if counter:
        tally = running.tallies[counter]
        return tally.used(running.day, running.number) + (0 if running.day in tally.answered else 1)
    year = running.given.year.first_day(running.day)
    visits = running.counts.setdefault((benefit.name, year), set())
    visits.add(running.number)
    first = next((running.tallies[name] for name in benefit.limits), None)
    opening = first.opening if first is not None and first.opening_day >= year else 0
    return len(visits) + opening


def _lower(
    running: Running, line: ReadyLine, benefit: Benefit, rule: CostShare, allowed: Money
) -> tuple[Share, CostShare, list[Step]]:
    """Return the share by the rule or, where another benefit's may not be exceeded, the lower of the two."""
    share = _share(running, line, benefit, rule, allowed)
    if rule.not_above is None:
        return share, rule, []
    other = _share(running, line, benefit, rule.not_above, allowed)
    if other.total >= share.total:
        return share, rule, []
    return other, rule.not_above, [Step(_PARITY, Money(0), rule.citation)]


def _share(running: Running, line: ReadyLine, benefit: Benefit, rule: CostShare, allowed: Money) -> Share:
    ceiling = benefit.deductible or running.network.deductible
    waived = rule.deductible is DeductibleOrder.WAIVED
    left = 0 if waived else running.ledger.left(ceiling, "deductible")
    paid = running.copays.get(_copay_key(running, line, benefit, rule), 0)
    return share_of(rule, allowed, Left(left, paid, line.units), running.cheap, running.log)


def _copay_key(running: Running, line: ReadyLine, benefit: Benefit, rule: CostShare) -> Hashable:
    name = rule.copay_group or benefit.name
    if rule.per is Per.VISIT:
        return name, running.number
    if rule.per in (Per.DAY, Per.PROVIDER_DAY):
        return name, running.day
    return name, running.number, line.place


def _parts(share: Share, rule: CostShare, running: Running, benefit: Benefit) -> list[Step]:
    steps = []
    if share.deductible:
        ceiling = benefit.deductible or running.network.deductible
        known = isinstance(ceiling, Ceiling)
        left = Money(running.ledger.left(ceiling, "deductible"))
        cited = ceiling.citation if isinstance(ceiling, Ceiling) else rule.citation
        found = DeductibleTaken(left) if known else _UNREAD
        steps.append(Step(found, share.deductible, cited))
    if share.copay:
        stated = share.full_copay < NO_END
        found_copay = CopayCharged(share.full_copay, rule.per) if stated else _UNREAD
        steps.append(Step(found_copay, share.copay, rule.citation))
    if share.coinsurance and share.rate is not None:
        running.log.assume("coinsurance-per-line")
        steps.append(Step(CoinsuranceCharged(share.rate, share.base), share.coinsurance, rule.citation))
    return steps


def _visit_relief(running: Running, benefit: Benefit, rule: CostShare, owed: int, steps: list[Step]) -> int:
    if rule.max_per_visit is None:
        return 0
    room = max(0, rule.max_per_visit - running.shares.get(benefit.name, 0))
    relief = max(0, owed - room)
    if relief:
        steps.append(Step(ShareCapped(rule.max_per_visit), Money(-relief), rule.citation))
    return relief


def _credit(running: Running, benefit: Benefit, rule: CostShare, share: Share, relief: int, steps: list[Step]) -> None:
    """Stop the parts at the out-of-pocket maximum, and enter what is paid in the ledger."""
    coinsurance, relief = _less(share.coinsurance, relief)
    copay, relief = _less(share.copay, relief)
    deductible, _ = _less(share.deductible, relief)
    maximum = running.network.out_of_pocket_max
    counts_deductible = rule.credits_out_of_pocket and not (
        isinstance(maximum, Ceiling) and not maximum.includes_deductible
    )
    counted = (deductible if counts_deductible else 0) + (copay + coinsurance if rule.credits_out_of_pocket else 0)
    stopped = max(0, counted - running.ledger.left(maximum, "out-of-pocket-max")) if counted else 0
    if stopped and isinstance(maximum, Ceiling):
        of = Money(min(each for each in running.ledger.amounts(maximum, "") if each is not None))
        steps.append(Step(MaximumReached(of), Money(-stopped), maximum.citation))
    running.ledger.credit(maximum, counted - stopped, running.day)
    rest = stopped
    if rule.credits_out_of_pocket:
        coinsurance, rest = _less(coinsurance, rest)
        copay, rest = _less(copay, rest)
    if counts_deductible:
        deductible, rest = _less(deductible, rest)
    credited = deductible + (copay if share.order is DeductibleOrder.WITH_COPAY else 0)
    if rule.credits_deductible:
        credited = deductible + copay + coinsurance
    running.ledger.credit(benefit.deductible or running.network.deductible, credited, running.day)


def _less(part: int, relief: int) -> tuple[int, int]:
    taken = min(part, relief)
    return part - taken, relief - taken


def _cap_plan(running: Running, benefit: Benefit, rule: CostShare, allowed: Money, steps: list[Step]) -> None:
    cap = rule.plan_pays_at_most or Money(0)
    pays = max(0, allowed - sum(step.owes for step in steps))
    room = max(0, cap - running.plan_paid.get(benefit.name, 0))
    if pays > room:
        steps.append(Step(PlanPaymentCapped(cap), Money(pays - room), rule.citation))
    running.plan_paid[benefit.name] = running.plan_paid.get(benefit.name, 0) + min(pays, room)
