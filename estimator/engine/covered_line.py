"""What becomes of a covered line: its limits, then authorization and referral, then the patient's share.

`cover` is the whole path. It also charges what lies past a limit, reductions and penalties for a missing
authorization, and balance bills; `cost_share.settle` charges the rest.
"""

from __future__ import annotations

from typing import NamedTuple

from estimator.engine.accumulators import COUNTED, MAXIMUM, Answer, Asking, Reached, Tally
from estimator.engine.answer import (
    AssumptionKind,
    Choice,
    ConditionKind,
    CrossingKind,
    Fork,
    QuestionKind,
    Status,
    Step,
)
from estimator.engine.authorization import (
    ASSUMED,
    AUTHORIZATION,
    IS_NEEDED,
    NEEDED_AND_MISSING,
    NOT_NEEDED,
    REFERRAL,
    AuthorizationState,
    Episode,
    OnFile,
    Requirement,
    Spent,
    Use,
    state_of,
)
from estimator.engine.cost_share import settle
from estimator.engine.findings import (
    AssistantPaid,
    AuthorizationMissing,
    AuthorizationNeeded,
    AuthorizationUnread,
    BalanceBilled,
    FreeByIndianHealth,
    LimitExtended,
    LimitingCharge,
    LimitPassed,
    ModifierNeeded,
    PaymentReduced,
    PenaltyCharged,
    PriceCash,
    PriceList,
    RequestNeeded,
)
from estimator.engine.plan import (
    Authorization,
    Benefit,
    Consequence,
    DollarsOf,
    Extension,
    IfMissing,
    Limit,
    Measure,
    Past,
)
from estimator.engine.request import Grant
from estimator.engine.values import ZERO, Money, Rate, Unknown
from estimator.engine.visits import ReadyLine, Running

_FREE = FreeByIndianHealth()


class Inside(NamedTuple):
    """What the limits leave of a line: the tallies it fills, the cents inside all of them, a soft limit it passes."""

    answers: list[tuple[Tally, Answer]]
    cents: int
    soft: Limit | None


def cover(running: Running, line: ReadyLine, benefit: Benefit) -> Outcome:
    """Return what becomes of a line that its benefit covers."""
    allowed = int(running.price(line.allowed))
    asking = Asking(
        day=running.day,
        visit=running.number,
        line=line.place,
        discipline=line.discipline,
        provider=line.case.provider,
        units=line.units,
        minutes=line.minutes,
        allowed=allowed,
        billed=int(running.price(line.charge)),
    )
    steps: list[Step] = []
    inside = _inside(running, line, asking, steps)
    if isinstance(inside, Outcome):
        return inside
    verdict = NO_REQUIREMENT
    if line.requirements or inside.soft is not None:
        tallies = [tally for tally, _ in inside.answers]
        verdict = verdict_of(running, line, benefit, tallies, asking, inside.soft)
        steps += verdict.steps
        if verdict.consequence is not None and verdict.consequence.kind in DENIES:
            return _denied(running, line, verdict, verdict.consequence.kind, allowed, steps)
    return _settled(
        running=running, line=line, benefit=benefit, verdict=verdict, asking=asking, inside=inside, steps=steps
    )


def _inside(running: Running, line: ReadyLine, asking: Asking, steps: list[Step]) -> Inside | Outcome:
    """Ask every limit of the line; return the outcome of one that stops it, else what lies inside."""
    allowed = cents = asking.allowed
    soft: Limit | None = None
    answers = []
    for limit in line.limits:
        tally = running.tallies[limit.name]
        answer = tally.ask(asking)
        if answer.reached is not Reached.INSIDE or answer.inside != allowed or isinstance(limit.amount, Unknown):
            stopped_by, answer = judge(running, limit, answer, line, allowed, steps)
            if stopped_by is Past.NEEDS_AUTHORIZATION:
                # A hard limit under an extension decides what a refusal means, before a soft one does.
                soft = limit if soft is None or soft.past is Past.NEEDS_AUTHORIZATION else soft
            elif stopped_by is not None:
                return beyond(running, limit, stopped_by, line, allowed)
            else:
                cents = min(cents, answer.inside)
        answers.append((tally, answer))
    return Inside(answers, cents, soft)


def _denied(
    running: Running, line: ReadyLine, verdict: Verdict, kind: IfMissing, allowed: int, steps: list[Step]
) -> Outcome:
    """Return the outcome of a line that a missing authorization denies; its step is the last."""
    cited = steps[-1].citation
    if kind is IfMissing.UNKNOWN:
        is_favorable = running.log.doubt(QuestionKind.AUTHORIZATION_CONSEQUENCE, verdict.kind, cited)
        kind = IfMissing.PROVIDER_ABSORBS if is_favorable else IfMissing.PATIENT_PAYS
    if kind is IfMissing.PROVIDER_ABSORBS:
        running.log.assume(AssumptionKind.CLINIC_ABSORBS_MISSING_AUTHORIZATION, verdict.kind, cited)
        return Outcome(Status.PROVIDER_ABSORBS, steps, 0, allowed)
    running.log.assume(AssumptionKind.PATIENT_PAYS_MISSING_AUTHORIZATION, verdict.kind, cited)
    steps[-1] = steps[-1]._replace(owes=Money(unpaid_price(running, line, allowed)))
    return Outcome(Status.PATIENT_BILLED, steps, 0, 0)


def _settled(
    running: Running,
    line: ReadyLine,
    benefit: Benefit,
    verdict: Verdict,
    asking: Asking,
    inside: Inside,
    steps: list[Step],
) -> Outcome:
    rule = line.decision.share
    assert rule is not None
    consequence = verdict.consequence
    if consequence is not None and consequence.kind is IfMissing.OTHER_COST_SHARE:
        rule = benefit.without_authorization or rule
    answers, cents, _ = inside
    inner = asking if cents == asking.allowed else asking._replace(allowed=cents)
    if _is_free(running, steps):
        owes = deductible = 0
    else:
        owes, deductible = settle(running, line, benefit, rule, inner, steps)
    pays = cents - owes if cents > owes else 0
    absorbed = _excess(running, asking.allowed, inside, steps) if cents != asking.allowed else 0
    for tally, _ in answers:
        limit = tally.limit
        if limit.measure is Measure.DOLLARS and limit.dollars_of is DollarsOf.PAID:
            pays, lost = _paid_limit(running, tally, pays, steps)
            absorbed += lost
    if consequence is not None:
        pays = _lessened(running, consequence, verdict.steps[-1], pays, steps)
    if line.by_assistant:
        pays, lost = _by_assistant(running, pays, steps)
        absorbed += lost
    only_deductible = (deductible == cents and not pays) if cents else None
    for tally, answer in answers:
        tally.fill(asking, answer, cents, pays, only_deductible)
    if not running.network.contracted:
        _bill_balance(running, line, asking.allowed, steps)
    return Outcome(verdict.status, steps, pays, absorbed)


def _is_free(running: Running, steps: list[Step]) -> bool:
    """Tell whether the patient has no share because of who gives the care or referred the patient, and say so."""
    cited = running.network.free_by_indian_health
    if cited is None:
        return False
    said = running.given.request.person.indian_health
    is_free = running.log.undecided(QuestionKind.INDIAN_HEALTH, cited) if said is None else said
    if is_free:
        steps.append(Step(_FREE, ZERO, cited))
    return is_free


def _excess(running: Running, allowed: int, inside: Inside, steps: list[Step]) -> int:
    """Charge what lies beyond a dollar or unit limit to the patient or the clinic; return the clinic's part."""
    excess = allowed - inside.cents
    limit = next(tally.limit for tally, answer in inside.answers if answer.inside == inside.cents)
    past = past_of(running, limit)
    owes = 0 if past is Past.PROVIDER_ABSORBS else excess
    running.log.turn(CrossingKind.LIMIT_PASSED, limit.name, running.number)
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
    running.log.turn(CrossingKind.LIMIT_PASSED, limit.name, running.number)
    steps.append(Step(passed(limit), Money(owes), limit.citation))
    return room, beyond_room - owes


def _by_assistant(running: Running, pays: int, steps: list[Step]) -> tuple[int, int]:
    """Return what the plan pays of its payment where an assistant treats, and what the clinic loses by it.

    The patient's part is not lowered: section 1834(v) of the Social Security Act speaks of the payment.
    """
    rule = running.network.for_assistants
    if rule is None or pays <= 0:
        return pays, 0
    steps.append(Step(AssistantPaid(rule.rate, Money(pays)), ZERO, rule.citation))
    paid = Money(pays).share(rule.rate)
    return paid, pays - paid


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
    network = running.network
    if network.limiting_charge is not None:
        _bill_to_the_limit(running, line, Money(allowed).share(network.limiting_charge), allowed, steps)
        return
    rest = unpaid_price(running, line, allowed) - allowed
    if rest > 0:
        billed = running.charge(line)
        steps.append(Step(BalanceBilled(Money(billed), Money(allowed)), Money(rest), running.network.citation))


def _bill_to_the_limit(running: Running, line: ReadyLine, most: Money, allowed: int, steps: list[Step]) -> None:
    """Add what a clinic may bill up to a limiting charge; a charge that nobody gave is taken to reach it."""
    if not _may_bill(running):
        return
    is_told = line.service.billed is not None or isinstance(line.charge and line.charge.finding, (PriceList, PriceCash))
    rest = (min(running.charge(line), most) if is_told else most) - allowed
    if rest > 0:
        steps.append(Step(LimitingCharge(most, Money(allowed)), Money(rest), running.network.citation))


# One limit of the benefit: whether it stops the line, and who pays past it.


class Outcome(NamedTuple):
    """A line's status, steps, and who bears the rest (cents)."""

    status: Status
    steps: list[Step]
    plan_pays: int
    absorbed: int


def judge(
    running: Running, limit: Limit, answer: Answer, line: ReadyLine, allowed: int, steps: list[Step]
) -> tuple[Past | None, Answer]:
    """Return what stops the line at this limit, None where nothing does, and the answer to go on with."""
    log = running.log
    if limit.past is Past.CONTINUES:
        if answer.reached is Reached.PAST or answer.inside < allowed:
            log.turn(CrossingKind.MODIFIER_FROM, limit.name, running.number)
            steps.append(Step(ModifierNeeded(limit.name, limit.modifier), ZERO, limit.citation))
        return None, answer._replace(inside=allowed)
    if isinstance(limit.amount, Unknown):
        return _unread(running, limit), answer
    is_stopped = answer.reached is not Reached.INSIDE or answer.inside < allowed
    if not limit.confirmed and is_stopped and log.doubt(QuestionKind.LIMIT, limit.name, limit.citation):
        return None, answer._replace(inside=allowed)
    if answer.reached is Reached.EXTENDED and limit.extension is not None:
        if _is_extended(running, limit, limit.extension, line):
            found = LimitExtended(limit.name, limit.extension.needs, limit.extension.modifier)
            steps.append(Step(found, ZERO, limit.extension.citation or limit.citation))
            log.turn(CrossingKind.EXTENSION_STARTS, limit.name, running.number)
            return (Past.NEEDS_AUTHORIZATION if limit.extension.needs == "authorization" else None), answer
        return past_of(running, limit), answer
    if answer.reached is Reached.PAST:
        return past_of(running, limit), answer
    is_soft = answer.inside < allowed and limit.past is Past.NEEDS_AUTHORIZATION
    return (Past.NEEDS_AUTHORIZATION if is_soft else None), answer


def _unread(running: Running, limit: Limit) -> Past | None:
    """Return what lies past a limit whose amount nobody has read, in a run that takes it as reached."""
    return None if running.log.doubt(QuestionKind.LIMIT, limit.name, limit.citation) else past_of(running, limit)


def _is_extended(running: Running, limit: Limit, extension: Extension, line: ReadyLine) -> bool:
    person = running.given.request.person
    if extension.needs == "authorization":
        return running.given.request.authorization.on_file is not False
    if extension.needs == "diagnosis":
        holds = extension.when.holds(line.case)
        return running.log.doubt(QuestionKind.DIAGNOSIS, limit.name, extension.citation) if holds is None else holds
    needs = ConditionKind(extension.needs)
    is_improvement = needs is ConditionKind.IMPROVEMENT
    said = person.improving if is_improvement else person.justified
    if said is not None:
        return said
    running.log.need(needs, running.number, "", extension.citation or limit.citation)
    given = AssumptionKind.IMPROVEMENT_SHOWN if is_improvement else AssumptionKind.JUSTIFICATION_GIVEN
    running.log.assume(given, limit.name, extension.citation)
    return needs not in running.supposing.refused


def past_of(running: Running, limit: Limit) -> Past:
    """Return what lies past the limit, read for or against the patient where the plan says `past: unknown`."""
    if isinstance(limit.past, Unknown):
        is_favorable = running.log.doubt(QuestionKind.PAST_LIMIT, limit.name, limit.citation)
        return Past.PROVIDER_ABSORBS if is_favorable else Past.PATIENT_PAYS
    return limit.past


def beyond(running: Running, limit: Limit, past: Past, line: ReadyLine, allowed: int) -> Outcome:
    """Return the outcome of a line past a hard limit."""
    running.log.turn(CrossingKind.LIMIT_PASSED, limit.name, running.number)
    finding = passed(limit)
    if past is Past.PROVIDER_ABSORBS:
        return Outcome(Status.PROVIDER_ABSORBS, [Step(finding, ZERO, limit.citation)], 0, allowed)
    running.log.assume(AssumptionKind.PAST_LIMIT_NOT_COUNTED, limit.name, limit.citation)
    owes = Money(unpaid_price(running, line, allowed))
    return Outcome(Status.PATIENT_BILLED, [Step(finding, owes, limit.citation)], 0, 0)


def passed(limit: Limit) -> LimitPassed:
    """Return the finding that a line lies past this limit."""
    return LimitPassed(limit.name, limit.measure, 0 if isinstance(limit.amount, Unknown) else limit.amount)


def unpaid_price(running: Running, line: ReadyLine, allowed: int) -> int:
    """Return what a patient owes of a covered service that the plan does not pay this time.

    Within a contract that is the allowed amount; elsewhere the clinic may ask its charge, unless the
    network's rule on balance billing says no.
    """
    if running.network.contracted or not _may_bill(running):
        return allowed
    return max(allowed, int(running.charge(line)))


def _may_bill(running: Running) -> bool:
    """Tell whether the clinic may bill beyond the allowed amount, as this run reads what nobody knows."""
    network = running.network
    if isinstance(network.balance_bill, Unknown):
        return not running.log.doubt(QuestionKind.BALANCE_BILL, network.name, network.citation)
    return network.balance_bill


# Authorization and referral: the number of the visit as the rule counts, what is on file, and what a missing one costs.

DENIES = frozenset({IfMissing.PROVIDER_ABSORBS, IfMissing.PATIENT_PAYS, IfMissing.UNKNOWN})
"""Consequences after which the plan pays nothing."""


_NEEDED_FROM = {
    AUTHORIZATION: CrossingKind.AUTHORIZATION_FROM,
    REFERRAL: CrossingKind.REFERRAL_FROM,
}
_IS_THERE = {
    AUTHORIZATION: AssumptionKind.AUTHORIZATION_GRANTED,
    REFERRAL: AssumptionKind.REFERRAL_GIVEN,
}


class Verdict(NamedTuple):
    """A line after its authorization rules: its status, why, and what a missing one (`kind`) brings."""

    status: Status
    steps: tuple[Step, ...] = ()
    consequence: Consequence | None = None
    kind: str = ""


NO_REQUIREMENT = Verdict(Status.PAYABLE)


def verdict_of(
    running: Running, line: ReadyLine, benefit: Benefit, tallies: list[Tally], asking: Asking, soft: Limit | None
) -> Verdict:
    """Return what the benefit's referral and authorization rules mean for the line.

    The step of a missing one comes last. Where both are missing, the one that denies the line decides.
    """
    result = NO_REQUIREMENT
    for requirement in line.requirements if soft is None else _with_soft(line.requirements, benefit, soft):
        own_soft = soft if requirement.kind == AUTHORIZATION else None
        verdict = _rule(
            running=running,
            line=line,
            benefit=benefit,
            requirement=requirement,
            tallies=tallies,
            asking=asking,
            soft=own_soft,
        )
        if verdict is None:
            continue
        if verdict.consequence is None:
            status = verdict.status if result.status is Status.PAYABLE else result.status
            result = result._replace(status=status, steps=(*verdict.steps, *result.steps))
        elif result.consequence is None or verdict.consequence.kind in DENIES:
            kept = result.steps[:-1] if result.consequence is not None else result.steps
            result = verdict._replace(status=result.status, steps=(*kept, *verdict.steps))
        if result.consequence is not None and result.consequence.kind in DENIES:
            break
    return result


def _with_soft(requirements: tuple[Requirement, ...], benefit: Benefit, soft: Limit) -> list[Requirement]:
    """Return the rules of a line past a soft limit, which needs an authorization whatever else is said."""
    own = benefit.authorization
    rule = own if isinstance(own, Authorization) else ASSUMED
    cited = rule.citation or soft.citation or benefit.citation
    others = [requirement for requirement in requirements if requirement.kind == REFERRAL]
    return [*others, Requirement(AUTHORIZATION, rule, True, cited)]


def _rule(
    running: Running,
    line: ReadyLine,
    benefit: Benefit,
    requirement: Requirement,
    tallies: list[Tally],
    asking: Asking,
    soft: Limit | None,
) -> Verdict | None:
    kind, rule, is_read, cited = requirement
    request = running.given.request
    grant = request.authorization if kind == AUTHORIZATION else request.referral
    episode = running.episodes.get((benefit.name, kind))
    if episode is None:
        episode = running.episodes[benefit.name, kind] = Episode()
    number = _number(running, rule, tallies, asking, episode)
    asked = rule if soft is None else ASSUMED
    if grant.on_file and grant.visits is not None and (rule.from_visit or 1) > 1:
        running.log.assume(AssumptionKind.GRANT_SPENT_BY_NEEDING_VISITS, benefit.name, cited)
    if asked.from_visit is None or number < asked.from_visit:
        return None
    spent = running.spent.setdefault(kind, Spent())
    file = OnFile(grant, spent, kind in running.supposing.refused)
    use = Use(running.number, running.day, line.service.code, line.units)
    state = state_of(asked, number, episode, file, use)
    is_sought = not is_read and soft is None and kind not in running.supposing.refused
    if state is AuthorizationState.MISSING and is_sought and _is_not_needed(running, benefit, requirement):
        state = AuthorizationState.NEEDED  # Not having what may not be needed at all denies nothing yet.
    if state is AuthorizationState.REQUEST_ONLY:
        return Verdict(Status.PAYABLE, (Step(RequestNeeded(number, rule.waiver_visits), ZERO, cited),))
    if state is AuthorizationState.NEEDED:
        _note_need(running, benefit, requirement, grant, line.service.code)
        needed = AuthorizationNeeded(kind, number, asked.from_visit or 1)
        step = Step(needed if is_read else AuthorizationUnread(kind, number), ZERO, cited)
        is_sure = kind is AUTHORIZATION and is_read and rule is not ASSUMED
        return Verdict(Status.NEEDS_AUTHORIZATION if is_sure or soft is not None else Status.PAYABLE, (step,))
    return _if_missing(running, benefit, requirement, soft) if state is AuthorizationState.MISSING else None


def _is_not_needed(running: Running, benefit: Benefit, requirement: Requirement) -> bool:
    """Read whether what isn't on file is needed at all, where nobody has read that and the patient may bear its lack.

    Where the clinic bears it, it will ask before it treats: a course for which nobody pays is no answer.
    """
    kind, rule, _, cited = requirement
    if _consequence(running, rule, None).kind is IfMissing.PROVIDER_ABSORBS:
        return True
    choice = Choice((NOT_NEEDED, NEEDED_AND_MISSING), None, IS_NEEDED[kind], benefit.name, cited)
    return running.log.choose(Fork(kind, benefit.name), choice) == NOT_NEEDED


def _if_missing(running: Running, benefit: Benefit, requirement: Requirement, soft: Limit | None) -> Verdict:
    kind, rule, is_read, cited = requirement
    consequence = _consequence(running, rule, soft)
    if is_read:
        running.log.turn(_NEEDED_FROM[kind], benefit.name, running.number)
    step = Step(AuthorizationMissing(kind, consequence.kind), ZERO, cited)
    return Verdict(Status.PAYABLE, (step,), consequence, kind)


def _consequence(running: Running, rule: Authorization, soft: Limit | None) -> Consequence:
    """Return what a missing authorization brings; an extension that is not given leaves the limit as it is."""
    past = past_of(running, soft) if soft is not None else Past.NEEDS_AUTHORIZATION
    if past is Past.PATIENT_PAYS:
        return Consequence(IfMissing.PATIENT_PAYS)
    if past is Past.PROVIDER_ABSORBS:
        return Consequence(IfMissing.PROVIDER_ABSORBS)
    return rule.if_missing if running.network.contracted else rule.if_missing_out_of_network


def _note_need(running: Running, benefit: Benefit, requirement: Requirement, grant: Grant, code: str) -> None:
    kind, rule, is_read, cited = requirement
    log, covered = running.log, running.spent[kind].visits
    if kind == AUTHORIZATION and covered and (not grant.codes or code in grant.codes):
        log.turn_at(CrossingKind.AUTHORIZATION_ENDS, benefit.name, max(covered))
    elif is_read:
        log.turn(_NEEDED_FROM[kind], benefit.name, running.number)
    log.need(kind, running.number, rule.administrator, cited)
    log.assume(_IS_THERE[kind], benefit.name, cited)


def _number(running: Running, rule: Authorization, tallies: list[Tally], asking: Asking, episode: Episode) -> int:
    """Return the number of this visit as the rule counts it."""
    course = episode.number_of(running.number, running.day, rule.restart_gap_days)
    tally = counting_tally(running, rule, tallies)
    return course if tally is None else tally.number_of(asking)


def counting_tally(running: Running, rule: Authorization, tallies: list[Tally]) -> Tally | None:
    """Return the limit by which a rule counts visits, of those of a line; None where it counts those of the course."""
    if rule.counter:
        return None if rule.counter == "course" else running.tallies[rule.counter]
    if rule.restart_gap_days or rule.waiver_visits:
        return None
    return next((tally for tally in tallies if tally.limit.measure in COUNTED), None)
