"""A covered line against what was used before: limits, authorization and referral, then its share."""

from __future__ import annotations

from estimator.domain.authorization import Consequence, IfMissing
from estimator.domain.charges import PaymentReduced, PenaltyCharged
from estimator.domain.decisions import LimitPassed
from estimator.domain.estimate import Status, Step
from estimator.domain.limit import DollarsOf, Limit, Measure, Past
from estimator.domain.money import ZERO, Money, Rate
from estimator.domain.plan import Benefit
from estimator.domain.rules.limits import Answer, Asking, Tally
from estimator.domain.rules.permission import Stands, authorization
from estimator.domain.rules.room import Outcome, beyond, judge, past_of, tallies_of
from estimator.domain.rules.settle import balance_bill, settle
from estimator.domain.running import ReadyLine, Running
from estimator.domain.unknown import Unknown

_PHYSICAL_THERAPY = "physical-therapy"
_KINDS_OF_THERAPY = frozenset({"therapy", "evaluation", "needling"})
_BY_MODIFIER = {"GP": _PHYSICAL_THERAPY, "GO": "occupational-therapy", "GN": "speech-therapy"}


def cover(running: Running, line: ReadyLine, benefit: Benefit) -> Outcome:
    """Return what becomes of a line that its benefit covers."""
    allowed = running.price(line.allowed)
    asking = _asking(running, line, benefit, allowed)
    tallies = tallies_of(running, line, benefit)
    answers = [(tally, tally.ask(asking)) for tally in tallies]
    steps: list[Step] = []
    soft: Limit | None = None
    inside = allowed
    for tally, answer in answers:
        verdict, answer = judge(running, tally.limit, answer, line, steps)
        if verdict is Past.NEEDS_AUTHORIZATION:
            soft = tally.limit
        elif verdict is not None:
            return beyond(running, tally.limit, verdict, line, allowed)
        else:
            inside = min(inside, answer.inside)
    stands = authorization(running, line, benefit, tallies, asking, soft)
    steps += stands.steps
    refused = _refused(running, stands, line, allowed, steps)
    if refused is not None:
        return refused
    outcome = _settled(running, line, benefit, stands, allowed, inside, answers, steps)
    for tally, answer in answers:
        tally.fill(asking, answer, outcome.plan_pays)
    return outcome


def _asking(running: Running, line: ReadyLine, benefit: Benefit, allowed: Money) -> Asking:
    minutes = line.service.minutes or 15 * line.units
    billed = running.price(line.charge)
    return Asking(
        running.day, running.number, line.place, _discipline(running, line, benefit), line.case.provider,
        line.units, minutes, allowed, billed,
    )  # fmt: skip


def _discipline(running: Running, line: ReadyLine, benefit: Benefit) -> str:
    """Return the discipline of a line: by its modifier, else by its code, else by its benefit."""
    for modifier, discipline in _BY_MODIFIER.items():
        if modifier in line.service.modifiers:
            return discipline
    known = running.given.tables.codes.get(line.service.code)
    if known is None:
        return benefit.name
    return _PHYSICAL_THERAPY if known.kind in _KINDS_OF_THERAPY else known.kind


def _refused(running: Running, stands: Stands, line: ReadyLine, allowed: Money, steps: list[Step]) -> Outcome | None:
    """Return the outcome of a line that a missing authorization denies, None where the plan still pays."""
    if stands.consequence is None:
        return None
    kind = stands.consequence.kind
    if kind is IfMissing.UNKNOWN:
        running.log.doubt("authorization-consequence", stands.kind, steps[-1].citation)
        kind = IfMissing.PROVIDER_ABSORBS if running.cheap else IfMissing.PATIENT_PAYS
    if kind is IfMissing.PROVIDER_ABSORBS:
        running.log.assume("clinic-absorbs-missing-authorization", stands.kind, steps[-1].citation)
        return Outcome(Status.PROVIDER_ABSORBS, steps, ZERO, allowed)
    if kind is IfMissing.PATIENT_PAYS:
        running.log.assume("patient-pays-missing-authorization", stands.kind, steps[-1].citation)
        owes = allowed if running.network.contracted else max(allowed, running.price(line.charge))
        last = steps.pop()
        return Outcome(Status.PATIENT_BILLED, [*steps, last._replace(owes=owes)], ZERO, ZERO)
    return None


def _settled(
    running: Running, line: ReadyLine, benefit: Benefit, stands: Stands, allowed: Money, inside: Money,
    answers: list[tuple[Tally, Answer]], steps: list[Step],
) -> Outcome:  # fmt: skip
    rule = line.decision.share
    assert rule is not None
    consequence = stands.consequence
    if consequence is not None and consequence.kind is IfMissing.OTHER_COST_SHARE:
        rule = benefit.without_authorization or rule
    own = settle(running, line, benefit, rule, inside)
    steps += own
    pays = Money(max(0, inside - sum(step.owes for step in own)))
    for tally, _ in answers:
        limit = tally.limit
        if limit.measure is Measure.DOLLARS and limit.dollars_of is DollarsOf.PAID and limit.past is not Past.CONTINUES:
            pays = _paid_limit(running, tally, pays, steps)
    absorbed = _excess(running, allowed, inside, answers, steps)
    pays = _lessened(running, consequence, pays, steps)
    rest = balance_bill(running, line, allowed)
    if rest is not None:
        steps.append(rest)
    return Outcome(stands.status, steps, pays, absorbed)


def _paid_limit(running: Running, tally: Tally, pays: Money, steps: list[Step]) -> Money:
    limit = tally.limit
    if isinstance(limit.amount, Unknown):
        return pays
    room = max(0, limit.amount - tally.used(running.day, running.number))
    if pays > room:
        running.log.turn("limit-passed", limit.name, running.number)
        finding = LimitPassed(limit.name, limit.measure, limit.amount)
        steps.append(Step(finding, Money(pays - room), limit.citation))
    return Money(min(pays, room))


def _excess(
    running: Running, allowed: Money, inside: Money, answers: list[tuple[Tally, Answer]], steps: list[Step]
) -> Money:
    """Lay the part of the line beyond a limit of dollars or units on whoever bears it; return what the clinic does."""
    excess = allowed - inside
    if not excess:
        return ZERO
    limit = next(tally.limit for tally, answer in answers if answer.inside == inside)
    running.log.turn("limit-passed", limit.name, running.number)
    past = past_of(running, limit)
    of = 0 if isinstance(limit.amount, Unknown) else limit.amount
    owes = ZERO if past is Past.PROVIDER_ABSORBS else excess
    steps.append(Step(LimitPassed(limit.name, limit.measure, of), owes, limit.citation))
    return excess - owes


def _lessened(running: Running, consequence: Consequence | None, pays: Money, steps: list[Step]) -> Money:
    """Take a reduction or a penalty for a missing authorization from the plan's payment."""
    if consequence is None:
        return pays
    if consequence.kind is IfMissing.REDUCED:
        percent = consequence.percent or Rate(0)
        kept = pays.share(percent)
        steps.append(Step(PaymentReduced(percent), pays - kept, steps[0].citation))
    elif consequence.kind is IfMissing.PENALTY and not running.penalized:
        running.penalized = True
        penalty = consequence.penalty or ZERO
        kept = pays - min(penalty, pays)
        steps.append(Step(PenaltyCharged(penalty), pays - kept, steps[0].citation))
    else:
        return pays
    if consequence.credits:
        running.ledger.credit(running.network.out_of_pocket_max, pays - kept, running.day)
    return kept
