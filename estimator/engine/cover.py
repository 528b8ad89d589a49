"""A covered line against what was used before: limits, authorization and referral, then its share."""

from __future__ import annotations

from typing import NamedTuple

from estimator.engine.authorization import Consequence, IfMissing
from estimator.engine.charges import BalanceBilled, PaymentReduced, PenaltyCharged
from estimator.engine.estimate import Status, Step
from estimator.engine.ledger import MAXIMUM
from estimator.engine.limit import DollarsOf, Limit, Measure, Past
from estimator.engine.limits import Answer, Asking, Room, Tally
from estimator.engine.money import ZERO, Money, Rate
from estimator.engine.permission import DENIES, FREE, Stands, authorization
from estimator.engine.plan import Benefit
from estimator.engine.room import Outcome, beyond, judge, passed, past_of, unpaid_price
from estimator.engine.running import ReadyLine, Running
from estimator.engine.settle import settle
from estimator.engine.unknown import Unknown


class Inside(NamedTuple):
    """What the limits leave of a line: the tallies it fills, the cents inside all of them, a soft limit it passes."""

    answers: list[tuple[Tally, Answer]]
    cents: int
    soft: Limit | None


def cover(running: Running, line: ReadyLine, benefit: Benefit) -> Outcome:
    """Return what becomes of a line that its benefit covers."""
    allowed = int(running.price(line.allowed))
    asking = Asking(
        running.day, running.number, line.place, line.discipline, line.case.provider,
        line.units, line.minutes, allowed, int(running.price(line.charge)),
    )  # fmt: skip
    steps: list[Step] = []
    inside = _inside(running, line, asking, steps)
    if isinstance(inside, Outcome):
        return inside
    stands = FREE
    if line.permissions or inside.soft is not None:
        tallies = [tally for tally, _ in inside.answers]
        stands = authorization(running, line, benefit, tallies, asking, inside.soft)
        steps += stands.steps
        if stands.consequence is not None and stands.consequence.kind in DENIES:
            return _denied(running, line, stands, stands.consequence.kind, allowed, steps)
    return _settled(running, line, benefit, stands, asking, inside, steps)


def _inside(running: Running, line: ReadyLine, asking: Asking, steps: list[Step]) -> Inside | Outcome:
    """Ask every limit of the line; return the outcome of one that stops it, else what lies inside."""
    allowed = cents = asking.allowed
    soft: Limit | None = None
    answers = []
    for limit in line.limits:
        tally = running.tallies[limit.name]
        answer = tally.ask(asking)
        if answer.room is not Room.INSIDE or answer.inside != allowed or isinstance(limit.amount, Unknown):
            verdict, answer = judge(running, limit, answer, line, allowed, steps)
            if verdict is Past.NEEDS_AUTHORIZATION:
                # A hard limit under an extension decides what a refusal means, before a soft one does.
                soft = limit if soft is None or soft.past is Past.NEEDS_AUTHORIZATION else soft
            elif verdict is not None:
                return beyond(running, limit, verdict, line, allowed)
            else:
                cents = min(cents, answer.inside)
        answers.append((tally, answer))
    return Inside(answers, cents, soft)


def _denied(
    running: Running, line: ReadyLine, stands: Stands, kind: IfMissing, allowed: int, steps: list[Step]
) -> Outcome:
    """Return the outcome of a line that a missing authorization denies; its step is the last."""
    cited = steps[-1].citation
    if kind is IfMissing.UNKNOWN:
        in_favour = running.log.doubt("authorization-consequence", stands.kind, cited)
        kind = IfMissing.PROVIDER_ABSORBS if in_favour else IfMissing.PATIENT_PAYS
    if kind is IfMissing.PROVIDER_ABSORBS:
        running.log.assume("clinic-absorbs-missing-authorization", stands.kind, cited)
        return Outcome(Status.PROVIDER_ABSORBS, steps, 0, allowed)
    running.log.assume("patient-pays-missing-authorization", stands.kind, cited)
    steps[-1] = steps[-1]._replace(owes=Money(unpaid_price(running, line, allowed)))
    return Outcome(Status.PATIENT_BILLED, steps, 0, 0)


def _settled(
    running: Running, line: ReadyLine, benefit: Benefit, stands: Stands, asking: Asking, inside: Inside,
    steps: list[Step],
) -> Outcome:  # fmt: skip
    rule = line.decision.share
    assert rule is not None
    consequence = stands.consequence
    if consequence is not None and consequence.kind is IfMissing.OTHER_COST_SHARE:
        rule = benefit.without_authorization or rule
    answers, cents, _ = inside
    inner = asking if cents == asking.allowed else asking._replace(allowed=cents)
    owes, deductible = settle(running, line, benefit, rule, inner, steps)
    pays = cents - owes if cents > owes else 0
    absorbed = _excess(running, asking.allowed, inside, steps) if cents != asking.allowed else 0
    for tally, _ in answers:
        limit = tally.limit
        if limit.measure is Measure.DOLLARS and limit.dollars_of is DollarsOf.PAID:
            pays, lost = _paid_limit(running, tally, pays, steps)
            absorbed += lost
    if consequence is not None:
        pays = _lessened(running, consequence, stands.steps[-1], pays, steps)
    only_deductible = (deductible == cents and not pays) if cents else None
    for tally, answer in answers:
        tally.fill(asking, answer, cents, pays, only_deductible)
    if not running.network.contracted:
        _bill_balance(running, line, asking.allowed, steps)
    return Outcome(stands.status, steps, pays, absorbed)


def _excess(running: Running, allowed: int, inside: Inside, steps: list[Step]) -> int:
    """Lay the part of the line beyond a limit of dollars or units on whoever bears it; return what the clinic does."""
    excess = allowed - inside.cents
    limit = next(tally.limit for tally, answer in inside.answers if answer.inside == inside.cents)
    past = past_of(running, limit)
    owes = 0 if past is Past.PROVIDER_ABSORBS else excess
    running.log.turn("limit-passed", limit.name, running.number)
    steps.append(Step(passed(limit), Money(owes), limit.citation))
    return excess - owes


def _paid_limit(running: Running, tally: Tally, pays: int, steps: list[Step]) -> tuple[int, int]:
    """Stop the plan's payment at a limit of paid dollars; return it, and what the clinic loses beyond it.

    A soft limit lets the payment that crosses it through: what comes after needs the authorization.
    """
    limit = tally.limit
    if isinstance(limit.amount, Unknown) or limit.past in (Past.CONTINUES, Past.NEEDS_AUTHORIZATION):
        return pays, 0
    room = max(0, tally.left(running.day, running.number))
    if pays <= room:
        return pays, 0
    beyond_room = pays - room
    owes = 0 if past_of(running, limit) is Past.PROVIDER_ABSORBS else beyond_room
    running.log.turn("limit-passed", limit.name, running.number)
    steps.append(Step(passed(limit), Money(owes), limit.citation))
    return room, beyond_room - owes


def _lessened(running: Running, consequence: Consequence, missing: Step, pays: int, steps: list[Step]) -> int:
    """Take a reduction or a penalty for a missing authorization from the plan's payment.

    A penalty is taken once a course, from as many payments as it needs: no line costs more than its price.
    """
    if consequence.kind is IfMissing.REDUCED:
        percent = consequence.percent or Rate(0)
        taken = pays - Money(pays).share(min(percent, Rate(1_000_000)))
        steps.append(Step(PaymentReduced(percent), Money(taken), missing.citation))
    elif consequence.kind is IfMissing.PENALTY:
        penalty = consequence.penalty or ZERO
        taken = min(penalty - running.penalty_taken, pays)
        if taken <= 0:
            return pays
        running.penalty_taken += taken
        steps.append(Step(PenaltyCharged(penalty), Money(taken), missing.citation))
    else:
        return pays
    if consequence.credits:
        maximum = running.network.out_of_pocket_max
        running.ledger.credit(maximum, min(taken, running.ledger.left(maximum, MAXIMUM)), running.day)
    return pays - taken


def _bill_balance(running: Running, line: ReadyLine, allowed: int, steps: list[Step]) -> None:
    """Add what a clinic outside the contract bills beyond the allowed amount; it fills no accumulator."""
    rest = unpaid_price(running, line, allowed) - allowed
    if rest > 0:
        billed = running.price(line.charge)
        steps.append(Step(BalanceBilled(Money(billed), Money(allowed)), Money(rest), running.network.citation))
