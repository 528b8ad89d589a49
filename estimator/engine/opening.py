"""What a course starts from: the balances that a person brings, unless their benefit year is over."""

from __future__ import annotations

from estimator.engine.days import BenefitYear
from estimator.engine.ledger import DEDUCTIBLE, MAXIMUM, Ledger, opening
from estimator.engine.limit import Every, Limit, Measure
from estimator.engine.limits import COUNTED, Entry, Tally
from estimator.engine.log import Log
from estimator.engine.network import Ceiling
from estimator.engine.plan import Plan
from estimator.engine.request import Request, Used
from estimator.engine.running import Given, Running, Supposing

_CHEAP = 0


def begin(given: Given, supposing: Supposing, level: int) -> Running:
    """Return a run before its first visit; level 0 reads what is unknown in the patient's favour."""
    request, plan, year = given.request, given.plan, given.year
    first_day = request.visits[0].day
    expired = year.first_day(min(request.as_of, first_day)) < year.first_day(first_day)
    log = Log(level == _CHEAP, supposing.holds)
    ledger = Ledger(bool(request.person.family), log, year, year.first_day(first_day))
    _open(ledger, plan, request, expired)
    if expired and _brings_balances(request.used):
        log.assume("used-amounts-expired")
    tallies = {name: _tally(request, limit, year) for name, limit in plan.limits.items()}
    return Running(given, supposing, level, log, ledger, tallies)


def ceilings_of(plan: Plan) -> tuple[Ceiling, ...]:
    """Return the deductibles and maximums of a plan, each once."""
    found = [network.deductible for network in plan.networks.values()]
    found += [network.out_of_pocket_max for network in plan.networks.values()]
    found += [benefit.deductible for benefit in plan.benefits]
    by_name = {ceiling.name: ceiling for ceiling in found if isinstance(ceiling, Ceiling)}
    return tuple(by_name.values())


def _open(ledger: Ledger, plan: Plan, request: Request, expired: bool) -> None:
    """Enter the balances of every network; where networks share a ceiling the provider's own decides."""
    own = request.provider.network
    for name, network in sorted(plan.networks.items(), key=lambda pair: pair[0] != own):
        used = request.used if name == own else request.used_elsewhere.get(name)
        if used is None:
            continue
        for ceiling, asks in ((network.deductible, DEDUCTIBLE), (network.out_of_pocket_max, MAXIMUM)):
            if isinstance(ceiling, Ceiling):
                ledger.open(ceiling, *opening(used, asks, expired and not ceiling.per_condition))


def _brings_balances(used: Used) -> bool:
    sums = (used.deductible_paid, used.out_of_pocket_paid, used.family_deductible_paid, used.family_out_of_pocket_paid)
    return any(sums) or bool(used.limits)


def _tally(request: Request, limit: Limit, year: BenefitYear) -> Tally:
    """Return a limit with what was used up before: counted days where they are known, else a number or a sum."""
    first_day = request.visits[0].day
    tally = Tally(limit, year)
    days = request.used.limit_days.get(limit.name, ())
    if days and (limit.measure in COUNTED or limit.measure is Measure.MONTHS):
        tally.entries = [Entry(day, 1, 0) for day in sorted(days) if day <= first_day]
    elif limit.every not in (Every.DAY, Every.VISIT):
        tally.opening = request.used.limits.get(limit.name, 0)
        tally.opening_day = min(request.as_of, first_day)
    return tally
