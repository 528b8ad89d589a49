"""One run: the visits of a course in order, at one price level and one reading of what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from estimator.engine.citation import Citation
from estimator.engine.cover import cover
from estimator.engine.decide import Kind
from estimator.engine.decisions import NotInScope
from estimator.engine.estimate import Balance, LineEstimate, Run, Status, Step, VisitEstimate
from estimator.engine.ledger import DEDUCTIBLE, MAXIMUM, NO_END
from estimator.engine.limit import Past
from estimator.engine.log import Log
from estimator.engine.money import ZERO, Money
from estimator.engine.network import Ceiling, Network
from estimator.engine.opening import begin, ceilings_of
from estimator.engine.plan import Liable
from estimator.engine.price import Price
from estimator.engine.price_findings import PriceGiven
from estimator.engine.ready import Desk
from estimator.engine.room import Outcome
from estimator.engine.running import LEVELS, ReadyLine, ReadyVisit, Running, Supposing
from estimator.engine.unknown import Unknown

_PRICED_ELSEWHERE = PriceGiven()
_LIMIT = "limit"
_TURNS = {DEDUCTIBLE: "deductible-met", MAXIMUM: "out-of-pocket-max-reached", _LIMIT: "limit-reached"}


def run(desk: Desk, level: int, supposing: Supposing) -> tuple[Run, Log]:
    """Return the course at a level, and what came up on the way."""
    running = begin(desk.given, supposing, level)
    ceilings = ceilings_of(desk.given.plan)
    visits = []
    rate_carried = False
    reading = running.log.cheap, running.log.holds
    for number, visit in enumerate(desk.given.request.visits, 1):
        ready = desk.ready(number, reading, rate_carried)
        rate_carried = rate_carried or ready.carries_rate
        if running.ledger.turn_to(visit.day, ceilings) and (ceilings or running.tallies):
            running.log.turn("benefit-year-restarts", "", number)
        running.start(number, visit.day, ready.network)
        visits.append(_visit(running, ready))
    return Run(LEVELS[level], tuple(visits)), running.log


def _visit(running: Running, ready: ReadyVisit) -> VisitEstimate:
    watched = _watched(running, ready.network)
    before = [left() for _, _, left in watched]
    lines = tuple([_line(running, line) for line in ready.lines])
    _give_back(running)
    for (kind, subject, left), was_left in zip(watched, before, strict=True):
        if was_left > 0 >= left():
            running.log.turn(_TURNS[kind], subject, running.number)
    return VisitEstimate(running.number, running.day, ready.network.name, lines, _balances(running, ready.network))


def _line(running: Running, line: ReadyLine) -> LineEstimate:
    status, steps, plan_pays, absorbed = _outcome(running, line)
    allowed, charge, service = line.allowed, line.charge, line.service
    source = _source(line, status, absorbed)
    return LineEstimate(
        service.code, line.units, service.minutes, line.modifiers, status,
        running.price(allowed), running.price(charge),
        _PRICED_ELSEWHERE if source is None else source.finding, None if source is None else source.citation,
        tuple(steps), Money(plan_pays), Money(absorbed),
        "" if line.decision.benefit is None else line.decision.benefit.name, line.decision.citation,
    )  # fmt: skip


def _source(line: ReadyLine, status: Status, absorbed: int) -> Price | None:
    """Return the price that somebody bears: a charge counts only where the patient is asked or the clinic loses it."""
    if line.decision.kind is Kind.COVERED:
        return line.allowed or line.charge
    if status is Status.PATIENT_BILLED or status is Status.UNKNOWN:
        return line.charge or line.allowed
    return line.allowed or (line.charge if absorbed else None)


def _outcome(running: Running, line: ReadyLine) -> Outcome:
    decision = line.decision
    if decision.kind is Kind.COVERED and decision.benefit is not None:
        return cover(running, line, decision.benefit)
    finding, cited = decision.finding, decision.citation
    assert finding is not None
    if decision.kind is Kind.BUNDLED:
        return Outcome(Status.BUNDLED, [Step(finding, ZERO, cited)], 0, 0)
    asked = running.price(line.charge)
    if decision.kind is Kind.UNKNOWN:
        running.log.assume("dearer-reading", line.service.code)
        if not running.log.waver():
            return Outcome(Status.UNKNOWN, [Step(finding, asked, cited)], 0, 0)
        unread = Step(finding, ZERO, cited)
        if decision.benefit is None:
            return Outcome(Status.UNKNOWN, [unread], 0, 0)
        covered = cover(running, line, decision.benefit)
        return covered._replace(status=Status.UNKNOWN, steps=[unread, *covered.steps])
    status, is_asked = _denied(running, line, decision.liable, cited)
    if is_asked:
        return Outcome(status, [Step(finding, asked, cited)], 0, 0)
    lost = ZERO if isinstance(finding, NotInScope) else running.price(line.allowed or line.charge)
    return Outcome(status, [Step(finding, ZERO, cited)], 0, lost)


def _denied(running: Running, line: ReadyLine, liable: Liable, citation: Citation | None) -> tuple[Status, bool]:
    """Return the status of a line that is not covered, and whether the patient is asked for its charge."""
    log = running.log
    if liable is Liable.PATIENT:
        return Status.PATIENT_BILLED, True
    if liable is Liable.PROVIDER:
        return Status.PROVIDER_ABSORBS, False
    if liable is Liable.UNKNOWN:
        return Status.UNKNOWN, not log.doubt("liability", line.service.code, citation)
    if not running.given.request.signed_consent:
        log.need("consent", running.number, "", citation)
        log.assume("consent-not-signed", line.service.code, citation)
        if not running.supposing.consent:
            return Status.PROVIDER_ABSORBS, False
    return Status.PATIENT_BILLED, True


def _give_back(running: Running) -> None:
    """Uncount a visit that the deductible took whole, where the plan counts only visits that it paid for."""
    for tally in running.tallies.values():
        limit = tally.limit
        if limit.past is Past.CONTINUES or not tally.took_only_deductible(running.number):
            continue
        counts = limit.counts_deductible_visits
        if isinstance(counts, Unknown):
            counts = not running.log.doubt("deductible-visits-count", limit.name, limit.citation)
        if counts is None:
            running.log.assume("deductible-visits-count", limit.name, limit.citation)
        elif not counts:
            tally.give_back()


def _watched(running: Running, network: Network) -> list[tuple[str, str, Callable[[], int]]]:
    """Return the kind, the name and what is left of each ceiling and each hard or soft limit."""
    number, day, ledger = running.number, running.day, running.ledger
    watched: list[tuple[str, str, Callable[[], int]]] = []
    for ceiling, kind in ((network.deductible, DEDUCTIBLE), (network.out_of_pocket_max, MAXIMUM)):
        if isinstance(ceiling, Ceiling):
            watched.append((kind, network.name, partial(ledger.left, ceiling, kind)))
    for name, tally in running.tallies.items():
        if tally.limit.past is not Past.CONTINUES and not isinstance(tally.limit.amount, Unknown):
            watched.append((_LIMIT, name, partial(tally.left, day, number)))
    return watched


def _balances(running: Running, network: Network) -> tuple[Balance, ...]:
    ledger = running.ledger
    balances = []
    for ceiling, kind in ((network.deductible, DEDUCTIBLE), (network.out_of_pocket_max, MAXIMUM)):
        if isinstance(ceiling, Ceiling):
            paid = ledger.paid_toward(ceiling)
            person, family = ledger.amounts(ceiling, kind)
            used, of = (paid.person, person) if person is not None else (paid.family, family)
            balances.append(Balance(kind, used, of if of is not None and of < NO_END else None))
    for name, tally in running.tallies.items():
        amount = tally.limit.amount
        used = tally.used(running.day, running.number)
        balances.append(Balance(name, used, None if isinstance(amount, Unknown) else amount, tally.limit.measure))
    return tuple(balances)
