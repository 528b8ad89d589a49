"""One run: the visits of a course in order, at one price level and one reading of what is unknown."""

from __future__ import annotations

from estimator.domain.citation import Citation
from estimator.domain.days import BenefitYear
from estimator.domain.decisions import NotInScope
from estimator.domain.estimate import Balance, LineEstimate, Run, Status, Step, VisitEstimate
from estimator.domain.ledger import Ledger, opening
from estimator.domain.limit import Every, Limit, Past
from estimator.domain.log import Log
from estimator.domain.money import ZERO
from estimator.domain.network import Ceiling, Network
from estimator.domain.plan import Liable, Plan
from estimator.domain.price_findings import PriceGiven
from estimator.domain.ready import Desk
from estimator.domain.rules.cover import cover
from estimator.domain.rules.decide import Kind
from estimator.domain.rules.limits import Tally
from estimator.domain.rules.room import Outcome
from estimator.domain.running import LEVELS, Given, ReadyLine, ReadyVisit, Running, Supposing
from estimator.domain.unknown import Unknown

_PRICED_ELSEWHERE = PriceGiven()


def run(desk: Desk, level: int, supposing: Supposing) -> tuple[Run, Log]:
    """Return the course at a level, and what came up on the way."""
    given = desk.given
    cheap = level == 0
    running = _begin(given, supposing, level, cheap)
    visits = []
    rate_carried = False
    ceilings = _ceilings(given.plan)
    for number, visit in enumerate(given.request.visits, 1):
        ready = desk.ready(number, visit, cheap, rate_carried)
        rate_carried = rate_carried or ready.carries_rate
        if running.ledger.turn_to(visit.day, ceilings) and (ceilings or given.plan.limits):
            running.log.turn("benefit-year-restarts", "", number)
        running.start(number, visit.day, ready.network)
        visits.append(_visit(running, ready))
    return Run(LEVELS[level], tuple(visits)), running.log


def _begin(given: Given, supposing: Supposing, level: int, cheap: bool) -> Running:
    request, plan, year = given.request, given.plan, given.year
    first_day = request.visits[0].day
    opening_day = min(request.as_of, first_day)
    expired = year.first_day(opening_day) < year.first_day(first_day)
    log = Log()
    family = bool(request.person.family)
    ledger = Ledger(family, cheap, log, year, year.first_day(first_day))
    for name, network in plan.networks.items():
        own = name == request.provider.network
        used = request.used if own else request.used_elsewhere.get(name)
        for ceiling, asks in (
            (network.deductible, "deductible"),
            (network.out_of_pocket_max, "out-of-pocket-max"),
        ):
            if used is not None and isinstance(ceiling, Ceiling):
                ledger.open(ceiling, *opening(used, asks, expired and not ceiling.per_condition))
    tallies = {name: _tally(given, limit, year) for name, limit in plan.limits.items()}
    if expired and (request.used.deductible_paid or request.used.out_of_pocket_paid or request.used.limits):
        log.assume("used-amounts-expired")
    return Running(given, supposing, level, cheap, log, ledger, tallies)


def _tally(given: Given, limit: Limit, year: BenefitYear) -> Tally:
    request = given.request
    first_day = request.visits[0].day
    days = request.used.limit_days.get(limit.name, ())
    used = request.used.limits.get(limit.name, 0)
    tally = Tally(limit, year, entries=[(day, 1) for day in sorted(days)])
    if limit.every not in (Every.DAY, Every.VISIT) and not days:
        tally.opening = used
        tally.opening_day = min(request.as_of, first_day)
    return tally


def _ceilings(plan: Plan) -> tuple[Ceiling, ...]:
    found = [network.deductible for network in plan.networks.values()]
    found += [network.out_of_pocket_max for network in plan.networks.values()]
    found += [benefit.deductible for benefit in plan.benefits]
    by_name = {ceiling.name: ceiling for ceiling in found if isinstance(ceiling, Ceiling)}
    return tuple(by_name.values())


def _visit(running: Running, ready: ReadyVisit) -> VisitEstimate:
    before = _standing(running, ready.network)
    lines = tuple(_line(running, line) for line in ready.lines)
    _give_back(running, ready, lines)
    _note_turns(running, ready.network, before)
    return VisitEstimate(running.number, running.day, ready.network.name, lines, _balances(running, ready.network))


def _line(running: Running, line: ReadyLine) -> LineEstimate:
    outcome = _outcome(running, line)
    asked = line.decision.kind in (Kind.DENIED, Kind.UNKNOWN)
    source = (line.charge or line.allowed) if asked else (line.allowed or line.charge)
    service = line.service
    return LineEstimate(
        service.code, line.units, service.minutes, line.modifiers, outcome.status,
        running.price(line.allowed), running.price(line.charge),
        source.finding if source else _PRICED_ELSEWHERE, source.citation if source else None,
        tuple(outcome.steps), outcome.plan_pays, outcome.absorbed,
    )  # fmt: skip


def _outcome(running: Running, line: ReadyLine) -> Outcome:
    decision = line.decision
    finding = decision.finding
    if decision.benefit is not None and decision.kind is Kind.COVERED:
        return cover(running, line, decision.benefit)
    assert finding is not None
    if decision.kind is Kind.BUNDLED:
        return Outcome(Status.BUNDLED, [Step(finding, ZERO, decision.citation)], ZERO, ZERO)
    asked = running.price(line.charge)
    if decision.kind is Kind.UNKNOWN:
        owes = ZERO if running.cheap else asked
        running.log.assume("dearer-reading", line.service.code)
        return Outcome(Status.UNKNOWN, [Step(finding, owes, decision.citation)], ZERO, ZERO)
    status = _denied(running, line, decision.liable, decision.citation)
    if status is Status.PROVIDER_ABSORBS or (status is Status.UNKNOWN and running.cheap):
        lost = ZERO if isinstance(finding, NotInScope) else running.price(line.allowed or line.charge)
        return Outcome(status, [Step(finding, ZERO, decision.citation)], ZERO, lost)
    return Outcome(status, [Step(finding, asked, decision.citation)], ZERO, ZERO)


def _denied(running: Running, line: ReadyLine, liable: Liable, citation: Citation | None) -> Status:
    """Return who bears a line that is not covered."""
    log = running.log
    if liable is Liable.PATIENT:
        return Status.PATIENT_BILLED
    if liable is Liable.PROVIDER:
        return Status.PROVIDER_ABSORBS
    if liable is Liable.UNKNOWN:
        log.doubt("liability", line.service.code, citation)
        return Status.UNKNOWN
    if running.given.request.signed_consent:
        return Status.PATIENT_BILLED
    log.need("consent", running.number, "", citation)
    log.assume("consent-not-signed", line.service.code, citation)
    return Status.PATIENT_BILLED if running.supposing.consent else Status.PROVIDER_ABSORBS


def _give_back(running: Running, ready: ReadyVisit, lines: tuple[LineEstimate, ...]) -> None:
    """Uncount a visit that the deductible took whole, where the plan counts only visits that it paid for."""
    covered = [line for line in lines if line.status in (Status.PAYABLE, Status.NEEDS_AUTHORIZATION)]
    if not covered or any(line.plan_pays for line in covered) or not any(line.owes for line in covered):
        return
    for tally in running.tallies.values():
        limit = tally.limit
        if limit.past is Past.CONTINUES:
            continue
        if not tally.entries or tally.entries[-1][0] != running.day:
            continue
        counts = limit.counts_deductible_visits
        if isinstance(counts, Unknown):
            running.log.doubt("deductible-visits-count", limit.name, limit.citation)
            counts = not running.cheap
        if counts is None:
            running.log.assume("deductible-visits-count", limit.name, limit.citation)
        if counts is False:
            tally.give_back(running.day)


def _standing(running: Running, network: Network) -> dict[tuple[str, str], int]:
    """Return what is left of each ceiling and limit, to see at the visit's end which one was met."""
    left = {}
    for ceiling, kind in (
        (network.deductible, "deductible"),
        (network.out_of_pocket_max, "out-of-pocket-max"),
    ):
        if isinstance(ceiling, Ceiling):
            left[kind, network.name] = running.ledger.left(ceiling, kind)
    for name, tally in running.tallies.items():
        if not isinstance(tally.limit.amount, Unknown) and tally.limit.past is not Past.CONTINUES:
            left["limit", name] = tally.limit.amount - tally.used(running.day, running.number)
    return left


_TURNS = {
    "deductible": "deductible-met",
    "out-of-pocket-max": "out-of-pocket-max-reached",
    "limit": "limit-reached",
}


def _note_turns(running: Running, network: Network, before: dict[tuple[str, str], int]) -> None:
    after = _standing(running, network)
    for (kind, subject), left in after.items():
        if left <= 0 < before[kind, subject]:
            running.log.turn(_TURNS[kind], subject, running.number)


def _balances(running: Running, network: Network) -> tuple[Balance, ...]:
    ledger = running.ledger
    balances = []
    for ceiling, kind in (
        (network.deductible, "deductible"),
        (network.out_of_pocket_max, "out-of-pocket-max"),
    ):
        if isinstance(ceiling, Ceiling):
            paid = ledger.paid.get(ceiling.name)
            person, family = ledger.amounts(ceiling, kind)
            used = 0 if paid is None else paid.person if person is not None else paid.family
            of = person if person is not None else family
            balances.append(Balance(kind, used, of if of is not None and of < 10**12 else None))
    for name, tally in running.tallies.items():
        amount = tally.limit.amount
        used = tally.used(running.day, running.number)
        balances.append(Balance(name, used, None if isinstance(amount, Unknown) else amount, tally.limit.measure))
    return tuple(balances)
