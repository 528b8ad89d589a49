"""One run of a course: its visits in date order, at one price level and one reading of what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple

from estimator.engine.accumulators import COUNTED, DEDUCTIBLE, MAXIMUM, NO_END, Entry, Ledger, Tally, opening
from estimator.engine.answer import (
    FAVORABLE,
    UNFAVORABLE,
    Alike,
    AssumptionKind,
    Balance,
    Choice,
    CrossingKind,
    Fork,
    LineEstimate,
    Log,
    QuestionKind,
    Readings,
    Run,
    Status,
    Step,
    VisitEstimate,
    Visits,
    readings_of_second,
)
from estimator.engine.coverage import Kind
from estimator.engine.covered_line import Outcome, cover
from estimator.engine.findings import (
    AuthorizationNeeded,
    AuthorizationUnread,
    BalanceBilled,
    BundledInRate,
    CoinsuranceCharged,
    CopayCharged,
    CopayIncluded,
    DeductibleTaken,
    LimitingCharge,
    MaximumReached,
    NotInScope,
    PlanPaysAll,
    PriceGiven,
    PriceRate,
    SecondaryPaid,
    ShareCapped,
    UnknownShare,
)
from estimator.engine.plan import (
    CROSSING,
    Basis,
    Ceiling,
    Every,
    Liable,
    Limit,
    Measure,
    Network,
    Past,
    Plan,
    Supplement,
)
from estimator.engine.pricing import Price
from estimator.engine.repeat import Repeated, mark, repeat
from estimator.engine.request import (
    MAINTENANCE,
    NON_DUPLICATION,
    NOT_BILLED,
    PAID_BEFORE,
    SUPPLEMENT,
    Grant,
    Request,
    Secondary,
    Used,
    Visit,
)
from estimator.engine.usual import Leaf
from estimator.engine.values import UNKNOWN, WHOLE, ZERO, BenefitYear, Money, Rate, Unknown
from estimator.engine.visits import (
    LEVELS,
    Given,
    Made,
    OwnPrices,
    PreparedVisits,
    ReadyLine,
    ReadyVisit,
    Running,
    Supposing,
    benefit_year_of,
    own_prices,
)

_PRICED_ELSEWHERE = PriceGiven()
_STAYS = {Every.BENEFIT_YEAR, Every.CONDITION, Every.EPISODE, Every.LIFETIME}
"""Limits of which what is left changes only by what is used, or as the benefit year turns."""
_IS_MET = {
    DEDUCTIBLE: CrossingKind.DEDUCTIBLE_MET,
    MAXIMUM: CrossingKind.OUT_OF_POCKET_MAX_REACHED,
}


def run(prepared: PreparedVisits, level: int, supposing: Supposing) -> tuple[Run, Log]:
    """Return the course at a level, and what came up on the way."""
    running = begin(prepared.given, supposing, level)
    ceilings = ceilings_of(prepared.given.plan)
    visits: list[VisitEstimate | Alike] = []
    rate_carried = False
    in_run: dict[object, Made] = {}
    for number, visit in enumerate(prepared.given.request.visits, 1):
        if number <= running.number:
            continue
        given = prepared.given.on(visit.day)
        if given is not running.given:
            ceilings = _go_on_under(running, given)
        ready = prepared.ready(number, running.log, rate_carried, in_run)
        rate_carried = rate_carried or ready.carries_rate
        if running.ledger.turn_to(visit.day, ceilings, running.day):
            running.lefts = None
            if ceilings or running.tallies:
                running.log.turn(CrossingKind.BENEFIT_YEAR_RESTARTS, "", number)
        running.start(number, visit.day, ready.network)
        # A case rate lies on its first visit alone: the next one is another.
        visits += _visits(running, ready, () if ready.carries_rate else prepared.alike_after(number))
    return Run(LEVELS[level], Visits(visits)), running.log


class Before(NamedTuple):
    """A run that was made, with the services whose charges it had at their high price."""

    run: Run
    log: Log
    dear: frozenset[str]

    def made_ready(self, prepared: PreparedVisits, readings: Readings) -> list[Made] | None:
        """Return the visits as these readings have them; None where more differs than lines that no benefit covers."""
        return prepared.both(self.log.readings, readings) if self.log.weighs_alike(readings) else None


def run_beside(before: Before, prepared: PreparedVisits, level: int, supposing: Supposing) -> tuple[Run, Log] | None:
    """Return the course where it differs from a run at this level only in lines that no benefit covers; else None.

    Such a line costs what it costs whatever came earlier, and nothing later depends on it: it alone is made anew.
    """
    ready = before.made_ready(prepared, supposing.readings)
    if ready is None:
        return None
    log = Log(supposing.readings)
    running = Running(prepared.given, supposing, level, log, Ledger.untouched(log), {})
    visits: list[VisitEstimate | Alike] = []
    number, uncounted = 0, dict[int, LineEstimate]()
    for part in before.run.visits.parts:
        if isinstance(part, Alike):
            visits.append(Alike(part.many, partial(_with_each, part, uncounted)))
            number += part.many
            continue
        lines = enumerate(ready[number].visit.lines)
        uncounted = {place: _line(running, line) for place, line in lines if not line.is_counted}
        visits.append(_with(part, uncounted))
        number += 1
    counted = {line.service.code for now in ready for line in now.visit.lines if line.is_counted}
    still_charged = before.log.charged & counted
    if still_charged & (supposing.dear ^ before.dear):
        return None
    charged = running.log.charged | still_charged
    return Run(LEVELS[level], Visits(visits)), before.log.read_as(supposing.readings, charged)


def _with(visit: VisitEstimate, uncounted: Mapping[int, LineEstimate]) -> VisitEstimate:
    """Return a visit with the lines that no benefit covers as they are now, by place."""
    lines = tuple([uncounted.get(place, line) for place, line in enumerate(visit.lines)])
    return VisitEstimate(visit.number, visit.day, visit.network, lines, visit.balances)


def _with_each(alike: Alike, uncounted: Mapping[int, LineEstimate]) -> list[VisitEstimate]:
    return [_with(visit, uncounted) for visit in alike.visits]


_WHATEVER_IT_COSTS = (CopayCharged, CopayIncluded, PlanPaysAll, AuthorizationNeeded, AuthorizationUnread)


def owes_by_copays(before: Before, beside: Run, prepared: PreparedVisits, readings: Readings) -> Money | None:
    """Return what a run with these readings, this one's assumed figures and the prices of another would owe; else None.

    So it can be told without making it where covered lines cost whole copays at both prices, and the two differ
    besides in lines that no benefit covers, of which `beside` has those readings.
    """
    ready = before.made_ready(prepared, readings)
    if ready is None:
        return None
    owes = 0
    for visit, priced, now in zip(before.run.visits, beside.visits, ready, strict=True):
        for was, other, line in zip(visit.lines, priced.lines, now.visit.lines, strict=True):
            if not line.is_counted:
                owes += other.owes
            elif now.visit.network.contracted and _costs_whole_copays(line, was, other.allowed):
                owes += was.owes
            else:
                return None
    return Money(owes)


def _costs_whole_copays(line: ReadyLine, outcome: LineEstimate, allowed: Money) -> bool:
    """Tell whether a covered line costs the same at this price: copays that it holds whole, and nothing else."""
    share = line.decision.share
    return (
        share is not None
        and share.is_plain
        and share.coinsurance is None
        and outcome.allowed > 0
        and all(limit.measure is not Measure.DOLLARS for limit in line.limits)
        and all(
            isinstance(step.finding, _WHATEVER_IT_COSTS)
            and (not isinstance(step.finding, CopayCharged) or _is_whole(step.finding, step, outcome.allowed, allowed))
            for step in outcome.steps
        )
    )


def _is_whole(copay: CopayCharged, step: Step, *prices: Money) -> bool:
    """Tell whether a copay is charged whole, and leaves something of each price: a deductible may be taken of that."""
    return step.owes == copay.copay < min(prices)


def _go_on_under(running: Running, given: Given) -> tuple[Ceiling, ...]:
    """Pass to the next revision of the plan: counts follow the names of limits, and its own benefit year resets them.

    A limit that no new year resets (per condition, episode or life, or of a window of its own) and that the revision
    does not name, or measures otherwise, is asked about; so is what another insurer counts of it, where nothing is
    counted of what was used before. With another insurer everything begins anew: what was paid, approved and counted
    belongs to the one before.
    """
    before = running.tallies
    earlier = {**running.set_aside, **before}
    is_other = _is_of_another_insurer(running.given.plan, given.plan)
    running.given = given
    running.ledger.go_on_under(given.year)
    if is_other:
        running.forget()
    limits = given.plan.limits
    known = {} if is_other else earlier
    running.set_aside = known
    running.tallies = {name: _continued(known.get(name), limit, given.year) for name, limit in limits.items()}
    _watch_for_ends(running)
    for name, tally in before.items():
        kept = running.tallies.get(name)
        is_lost = is_other or kept is None or kept.limit.measure is not tally.limit.measure
        if is_lost and tally.limit.every in CROSSING:
            running.log.ask(QuestionKind.LIMIT, name, tally.limit.citation)
    return ceilings_of(given.plan)


def _is_of_another_insurer(before: Plan, after: Plan) -> bool:
    """Tell whether another insurer's plan follows; `is_other_insurer` speaks of the first plan of the course."""
    if before.is_other_insurer and after.is_other_insurer:
        return before.payer.casefold() != after.payer.casefold()
    return before.is_other_insurer or after.is_other_insurer


def _continued(before: Tally | None, limit: Limit, year: BenefitYear) -> Tally:
    if before is None or before.limit.measure is not limit.measure:
        return Tally(limit, year)
    return Tally(limit, year, before.opening, before.opening_day, list(before.entries))


def _visits(running: Running, ready: ReadyVisit, days: Sequence[date]) -> list[VisitEstimate | Alike]:
    """Return what becomes of a visit, and of those that come out as it does; `days` are of those made ready alike."""
    network, here = ready.network, mark(running) if days else None
    before = running.lefts or _lefts(running, network)
    lines = tuple([_line(running, line) for line in ready.lines])
    _give_back(running)
    left = _note_turns(running, network, before)
    first = VisitEstimate(running.number, running.day, network.name, lines, _balances(running, network))
    repeated = repeat(running, ready, lines, here, days) if here is not None else None
    if repeated is None or not repeated.days:
        return [first]
    many = len(repeated.days)
    running.number, running.day = first.number + many, repeated.days[-1]
    _note_turns(running, network, left)
    return [first, Alike(many, partial(_alike, first, repeated, _balances(running, network)))]


def _alike(first: VisitEstimate, repeated: Repeated, last: tuple[Balance, ...]) -> list[VisitEstimate]:
    """Return the visits that came out as the first one; `last` are the balances after the last of them."""
    many = len(repeated.days)
    each = [(end.used - balance.used) // many for balance, end in zip(first.balances, last, strict=True)]
    return [
        VisitEstimate(
            first.number + later, day, first.network, repeated.lines_of(later), _grown(first.balances, each, later)
        )
        for later, day in enumerate(repeated.days, 1)
    ]


def _note_turns(running: Running, network: Network, before: list[int]) -> list[int]:
    """Note each ceiling and limit of which something was left and nothing is; return what is left of each."""
    after = _lefts(running, network)
    running.lefts = None if running.moves else after
    if before != after:
        for place, (was_left, left) in enumerate(zip(before, after, strict=True)):
            if was_left > 0 >= left:
                running.log.turn(*_watched(running, network)[place], running.number)
    return after


def _grown(balances: tuple[Balance, ...], each: list[int], visits: int) -> tuple[Balance, ...]:
    """Return the balances after so many more visits, each of which uses up the same."""
    return tuple(
        [
            Balance(balance.name, balance.used + visits * more, balance.of, balance.measure) if more else balance
            for balance, more in zip(balances, each, strict=True)
        ]
    )


def _line(running: Running, line: ReadyLine) -> LineEstimate:
    """Return what becomes of a line; one that nothing counts is the same on every visit."""
    if line.is_counted:
        return _as_came(running, line)
    known = running.apart.get(id(line))
    if known is None:
        known = running.apart[id(line)] = _as_came(running, line)
    return known


def _as_came(running: Running, line: ReadyLine) -> LineEstimate:
    status, steps, plan_pays, absorbed = _outcome(running, line)
    allowed, charge, service = line.allowed, line.charge, line.service
    source = _source(line, status, absorbed)
    return LineEstimate(
        code=service.code,
        units=line.units,
        minutes=service.minutes,
        modifiers=line.modifiers,
        status=status,
        allowed=running.price(allowed),
        charge=running.price(charge),
        price=_PRICED_ELSEWHERE if source is None else source.finding,
        price_citation=None if source is None else source.citation,
        steps=tuple(steps),
        plan_pays=Money(plan_pays),
        provider_absorbs=Money(absorbed),
        benefit="" if line.decision.benefit is None else line.decision.benefit.name,
        rule=line.decision.citation,
    )


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
    if decision.kind is Kind.UNKNOWN:
        return _unread(running, line, Step(finding, ZERO, cited))
    if decision.liable is Liable.PATIENT:
        return Outcome(Status.PATIENT_BILLED, [Step(finding, running.charge(line), cited)], 0, 0)
    lost = ZERO if isinstance(finding, NotInScope) else running.price(line.allowed or line.charge)
    return Outcome(Status.PROVIDER_ABSORBS, [Step(finding, ZERO, cited)], 0, lost)


def _unread(running: Running, line: ReadyLine, step: Step) -> Outcome:
    """Return the outcome of a line whose rule nobody has read, as this run reads it."""
    leaf, benefit = line.decision.leaf, line.decision.benefit
    if leaf is Leaf.COVERED and benefit is not None:
        covered = cover(running, line, benefit)
        return covered._replace(status=Status.UNKNOWN, steps=[step, *covered.steps])
    if leaf is Leaf.PATIENT:
        return Outcome(Status.UNKNOWN, [step._replace(owes=running.charge(line))], 0, 0)
    lost = running.price(line.allowed or line.charge) if leaf is Leaf.CLINIC else ZERO
    return Outcome(Status.UNKNOWN, [step], 0, lost)


def _give_back(running: Running) -> None:
    """Uncount a visit that the deductible took whole, where the plan counts only visits that it paid for."""
    for tally in running.tallies.values():
        limit = tally.limit
        if limit.past is Past.CONTINUES or not tally.took_only_deductible(running.number):
            continue
        counts = limit.counts_deductible_visits
        if isinstance(counts, Unknown):
            counts = not running.log.doubt(QuestionKind.DEDUCTIBLE_VISITS_COUNT, limit.name, limit.citation)
        if counts is None:
            running.log.assume(AssumptionKind.DEDUCTIBLE_VISITS_COUNT, limit.name, limit.citation)
        elif not counts:
            tally.give_back()


def _watched(running: Running, network: Network) -> list[tuple[CrossingKind, str]]:
    """Return the kind and the name of each ceiling and each hard or soft limit, whose end is a turning point."""
    ceilings = ((network.deductible, DEDUCTIBLE), (network.out_of_pocket_max, MAXIMUM))
    watched = [(_IS_MET[kind], network.name) for ceiling, kind in ceilings if isinstance(ceiling, Ceiling)]
    return [*watched, *((CrossingKind.LIMIT_REACHED, tally.limit.name) for tally in running.ending)]


def _lefts(running: Running, network: Network) -> list[int]:
    """Return what is left of each, in the same order."""
    number, day, ledger = running.number, running.day, running.ledger
    left = []
    if isinstance(network.deductible, Ceiling):
        left.append(ledger.rest(network.deductible, DEDUCTIBLE))
    if isinstance(network.out_of_pocket_max, Ceiling):
        left.append(ledger.rest(network.out_of_pocket_max, MAXIMUM))
    left += [tally.left(day, number) for tally in running.ending]
    return left


def _watch_for_ends(running: Running) -> None:
    """Note the tallies whose end is a turning point, and whether what is left of one may change from day to day."""
    limits = [(tally, tally.limit) for tally in running.tallies.values()]
    running.ending = tuple(
        tally for tally, each in limits if each.past is not Past.CONTINUES and not isinstance(each.amount, Unknown)
    )
    kinds = [tally.limit for tally in running.ending]
    running.moves = any(each.every not in _STAYS or each.measure is Measure.MONTHS for each in kinds)
    running.lefts = None
    running.shown.clear()


def _balances(running: Running, network: Network) -> tuple[Balance, ...]:
    shown = running.shown.get(id(network))
    if shown is None:
        shown = running.shown[id(network)] = tuple(_shown(running, network))
    paid = running.ledger.paid
    found = []
    for name, kind, is_own, of in shown:
        toward = paid.get(name)
        found.append(Balance(kind, 0 if toward is None else toward.person if is_own else toward.family, of))
    for name, tally in running.tallies.items():
        amount, used = tally.limit.amount, tally.used(running.day, running.number)
        found.append(Balance(name, used, None if amount is UNKNOWN else amount, tally.limit.measure))
    return tuple(found)


def _shown(running: Running, network: Network) -> Iterator[tuple[str, QuestionKind, bool, int | None]]:
    """Yield each ceiling's name, its kind, whether the person's own amount counts, and the amount that it ends at."""
    for ceiling, kind in ((network.deductible, DEDUCTIBLE), (network.out_of_pocket_max, MAXIMUM)):
        if isinstance(ceiling, Ceiling):
            person, family = running.ledger.amounts(ceiling, kind)
            of = family if person is None else person
            yield ceiling.name, kind, person is not None, of if of is not None and of < NO_END else None


# Opening balances: what the person has used so far, unless that benefit year is over.


def begin(given: Given, supposing: Supposing, level: int) -> Running:
    """Return a run before its first visit, at a price level (0 low, 1 typical, 2 high)."""
    request, plan, year = given.request, given.plan, given.year
    if supposing.used is not None:
        request = replace(request, used=supposing.used)
    first_day = request.visits[0].day
    expired = is_over(request, year)
    log = Log(supposing.readings)
    ledger = Ledger(request.is_family, log, year, year.first_day(first_day))
    _open(ledger, plan, request, expired)
    if expired and _brings_balances(request.used):
        log.assume(AssumptionKind.USED_AMOUNTS_EXPIRED)
    tallies = {name: _tally(request, plan, limit, year, log) for name, limit in plan.limits.items()}
    running = Running(given, supposing, level, log, ledger, tallies)
    _watch_for_ends(running)
    return running


def is_over(request: Request, year: BenefitYear) -> bool:
    """Tell whether the benefit year that holds `as_of` is over at the first visit, and what was used in it with it."""
    first_day = request.visits[0].day
    return year.first_day(min(request.as_of, first_day)) < year.first_day(first_day)


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
                balances = opening(used, asks, expired and not ceiling.per_condition)
                ledger.open(ceiling, *balances, min(request.as_of, request.visits[0].day))


def _brings_balances(used: Used) -> bool:
    return any(getattr(used, name) for name in PAID_BEFORE) or bool(used.limits)


def _tally(request: Request, plan: Plan, limit: Limit, year: BenefitYear, log: Log) -> Tally:
    """Return a limit with what was used up before: counted days where they are known, else a number or a sum."""
    first_day = request.visits[0].day
    tally = Tally(limit, year, _of_other_therapy(request, plan, limit, log), min(request.as_of, first_day))
    days = request.used.limit_days.get(limit.name, ())
    if days and (limit.measure in COUNTED or limit.measure is Measure.MONTHS):
        tally.entries = [Entry(day, 1, 0) for day in sorted(days) if day <= first_day]
    elif limit.every not in (Every.DAY, Every.VISIT):
        tally.opening += request.used.limits.get(limit.name, 0)
    return tally


def _of_other_therapy(request: Request, plan: Plan, limit: Limit, log: Log) -> int:
    """Return the visits of other therapies that a limit of this course counts; whether it does may be open."""
    visits, counts = request.used.other_therapy, limit.counts_other_therapy
    if not visits or limit.measure not in COUNTED or limit.every in (Every.DAY, Every.VISIT):
        return 0
    codes = {service.code for visit in request.visits for service in visit.services}
    if not any(limit.name in benefit.limits and benefit.services & codes for benefit in plan.benefits):
        return 0
    if isinstance(counts, Unknown):
        counts = not log.doubt(QuestionKind.LIMIT_SHARED, limit.name, limit.citation)
    return visits if counts else 0


# A second plan pays toward what the patient still owes after the first, visit by visit.
# Standard: the second plan pays what it would have paid alone, up to what is left. Non-duplication (carve-out): only
# what it would have paid beyond the first plan's payment. Maintenance of benefits: it reckons its own share on the
# allowed amount less the first plan's payment.


def after_secondary(primary: Run, prepared: PreparedVisits, second: Secondary, log: Log) -> Run:
    """Return the primary run with a step on each line that the second plan pays toward.

    The second plan also pays toward what the first one does not cover, if it would have paid for it alone. A
    supplement pays parts of what the first plan leaves, and nothing else.
    """
    if second.plan.supplement is not None:
        return _supplemented(primary, second, prepared.given.request, log)
    own, other = _second_run(primary, prepared, second, log.readings)
    log.adopt_of_second(other)
    visits, pool = [], 0
    for first, beside in zip(primary.visits, own.visits, strict=True):
        basis = _rate_of(beside)
        if basis:
            pool = (pool if basis == Basis.CASE_RATE else 0) + _would_pay(first.lines, beside.lines, second)
            lines, pool = _at_rate(first.lines, second, pool)
        else:
            pairs = zip(first.lines, beside.lines, strict=True)
            lines = tuple(_taken_over(line, _would_pay([line], [theirs], second), second) for line, theirs in pairs)
        visits.append(first._replace(lines=lines))
    return replace(primary, visits=Visits(visits))


def _supplemented(primary: Run, second: Secondary, request: Request, log: Log) -> Run:
    """Return the primary run with what a supplement pays of its deductible, its coinsurance and its excess charges."""
    visits = []
    paid, _ = opening(second.used, MAXIMUM, is_over(request, benefit_year_of(second.plan)))
    stayed = {request.visits[0].day.year: int(paid)}
    for first in primary.visits:
        rule = second.plan.on(first.day).supplement
        if rule is None:
            visits.append(first)
            continue
        room = None if rule.limit is None else max(0, rule.limit - stayed.get(first.day.year, 0))
        lines, stays = _with_supplement(first.lines, second, rule, room, log)
        stayed[first.day.year] = stayed.get(first.day.year, 0) + stays
        visits.append(first._replace(lines=lines))
    return replace(primary, visits=Visits(visits))


def _with_supplement(
    lines: tuple[LineEstimate, ...], second: Secondary, rule: Supplement, room: int | None, log: Log
) -> tuple[tuple[LineEstimate, ...], int]:
    """Return the lines of a visit with what the supplement pays of each, and what of their shares stays.

    `room` is what is left of the supplement's own yearly limit.
    """
    found, stays = [], 0
    copay = _copay_of(rule, log)
    for line in lines:
        parts = _parts_of(line)
        from_copay = min(copay, int(Money(parts.coinsurance).share(rule.coinsurance)))
        copay -= from_copay
        own = parts.coinsurance - Money(parts.coinsurance).share(rule.coinsurance) + from_copay
        paid = Money(parts.deductible).share(rule.deductible)
        left = parts.deductible - paid
        if room is not None:
            own = min(own, max(0, room - stays - left))
        paid += parts.coinsurance - own
        stays += left + own
        paid += Money(parts.excess).share(_excess_of(rule, log)) if parts.excess else 0
        paid = min(paid, line.owes)
        method = SUPPLEMENT if rule.may_bill else NOT_BILLED
        step = Step(SecondaryPaid(second.plan.title, method), Money(-paid), rule.citation)
        pays = Money(line.plan_pays + paid)
        found.append(line._replace(steps=(*line.steps, step), plan_pays=pays) if paid > 0 else line)
    return tuple(found), stays


def _copay_of(rule: Supplement, log: Log) -> int:
    if rule.copay is None or rule.copay_applies is False:
        return 0
    if isinstance(rule.copay_applies, Unknown) and log.doubt(QuestionKind.SUPPLEMENT, "copay", rule.citation):
        return 0
    return int(rule.copay)


def _excess_of(rule: Supplement, log: Log) -> Rate:
    if not isinstance(rule.excess, Unknown):
        return rule.excess
    # It matters only where the clinic bills beyond Medicare's amount, which is a fork of its own: the dearer is first.
    asks = QuestionKind.SUPPLEMENT
    choice = Choice((UNFAVORABLE, FAVORABLE), None, asks, "excess", rule.citation)
    return WHOLE if log.choose(Fork(asks, "excess"), choice) == FAVORABLE else Rate(0)


class _Left(NamedTuple):
    """What the first plan leaves of a line that it covers, by part (cents)."""

    deductible: int
    coinsurance: int
    excess: int


def _parts_of(line: LineEstimate) -> _Left:
    deductible = coinsurance = excess = 0
    for step in line.steps:
        match step.finding:
            case DeductibleTaken():
                deductible += step.owes
            case CoinsuranceCharged() | CopayCharged() | UnknownShare() | MaximumReached() | ShareCapped():
                coinsurance += step.owes
            case LimitingCharge() | BalanceBilled():
                excess += step.owes
            case _:
                pass
    return _Left(deductible, max(0, coinsurance), excess)


def _second_run(primary: Run, prepared: PreparedVisits, second: Secondary, readings: Readings) -> tuple[Run, Log]:
    """Run the second plan alone on its own amounts, else on those that the first one allowed, or on what it left.

    Balances, grants and the benefit year are its own; nothing is known of its authorizations.
    """
    request, plan = prepared.given.request, second.plan
    provider = replace(request.provider, network=second.network)
    level = LEVELS.index(primary.level)
    own = Given(
        replace(request, provider=provider, secondary=None),
        plan,
        prepared.given.sheet,
        prepared.given.tables,
        benefit_year_of(plan),
    )
    visits = tuple(
        _at_own_prices(asked, first, second, _own_prices(prepared, own, first, second.network), level)
        for asked, first in zip(request.visits, primary.visits, strict=True)
    )
    alone = replace(
        request,
        visits=visits,
        provider=provider,
        used=second.used,
        used_elsewhere={},
        authorization=Grant(),
        referral=Grant(),
        secondary=None,
    )
    beside = prepared.beside.get(visits)
    if beside is None:
        beside = prepared.beside[visits] = PreparedVisits(replace(own, request=alone))
    result, log = run(beside, level, Supposing(readings_of_second(readings)))
    if isinstance(plan.benefit_year, Unknown):
        log.assume(AssumptionKind.BENEFIT_YEAR_CALENDAR)
    return result, log


def _own_prices(prepared: PreparedVisits, own: Given, first: VisitEstimate, network: str) -> OwnPrices:
    """Return what the second plan allows for a visit as it is coded, once for all runs at these prices."""
    key = first.number, tuple([max(1, line.units) for line in first.lines])
    known = prepared.own_prices.get(key)
    if known is None:
        asked = prepared.given.request.visits[first.number - 1]
        known = prepared.own_prices[key] = own_prices(own, network, asked, key[1])
    return known


def _at_own_prices(asked: Visit, first: VisitEstimate, second: Secondary, own: OwnPrices, level: int) -> Visit:
    """Return a visit at what the second plan allows, less the first one's payment where it reckons so."""
    left = second.method == MAINTENANCE
    services, paid = [], 0
    for service, line, price in zip(asked.services, first.lines, own.lines, strict=True):
        units, asks = max(1, line.units), line.charge or line.allowed
        if own.rate is not None:
            paid += line.plan_pays if left else 0
            services.append(replace(service, allowed=None, billed=service.billed or asks, units=units))
            continue
        allowed = line.allowed or line.charge if price is None else price.amount[level]
        rest = Money(max(0, allowed - (line.plan_pays if left else 0)))
        services.append(replace(service, allowed=rest, units=units))
    rate = None if own.rate is None else Money(max(0, own.rate.amount[level] - paid))
    return Visit(asked.day, tuple(services), None, rate)


def _rate_of(beside: VisitEstimate) -> str:
    """Return the basis of the rate at which the second plan pays this visit; empty where it pays by line."""
    found = [
        step.finding.basis for line in beside.lines for step in line.steps if isinstance(step.finding, BundledInRate)
    ]
    found += [line.price.basis for line in beside.lines if isinstance(line.price, PriceRate)]
    return next((basis for basis in found if basis in (Basis.PER_VISIT, Basis.CASE_RATE)), "")


def _would_pay(first: Sequence[LineEstimate], beside: Sequence[LineEstimate], second: Secondary) -> int:
    """Return what the second plan pays for these lines at most."""
    alone = sum(line.plan_pays for line in beside)
    return max(0, alone - sum(line.plan_pays for line in first)) if second.method == NON_DUPLICATION else alone


def _at_rate(lines: tuple[LineEstimate, ...], second: Secondary, pool: int) -> tuple[tuple[LineEstimate, ...], int]:
    """Return the lines of a visit with what one amount for all of them takes over, and what is left of it."""
    found = []
    for line in lines:
        found.append(_taken_over(line, pool, second))
        pool -= line.owes - found[-1].owes
    return tuple(found), pool


def _taken_over(line: LineEstimate, would_pay: int, second: Secondary) -> LineEstimate:
    pays = min(would_pay, line.owes)
    if pays <= 0:
        return line
    step = Step(SecondaryPaid(second.plan.title, second.method), Money(-pays), None)
    return line._replace(steps=(*line.steps, step), plan_pays=Money(line.plan_pays + pays))
