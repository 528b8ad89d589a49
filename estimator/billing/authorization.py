"""Check a course before it starts: per line whether it is valid, authorized and payable, and who bears it if not.

The engine is asked twice, with nothing on file and as it stands; everything here is read off its two answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from estimator.billing.authorization_answer import (
    Answer,
    Ask,
    Bucket,
    Check,
    Fact,
    Habits,
    Liability,
    LineCheck,
    RuleRead,
    Spell,
    Timeline,
)
from estimator.billing.authorization_dates import timeline_of
from estimator.engine.answer import (
    ConditionKind,
    CrossingKind,
    CrossingPoint,
    Estimate,
    LineEstimate,
    Status,
    Step,
    VisitEstimate,
)
from estimator.engine.authorization import ASSUMED, AUTHORIZATION, REFERRAL, applies
from estimator.engine.coding import (
    ORIGINAL_MEDICARE,
    Modifier,
    PairEdits,
    ServiceCode,
    assistant,
    denial,
    discipline,
    past_markers,
    separation,
)
from estimator.engine.coverage import (
    Paper,
    Who,
    case_of,
    network_of,
    papers_for,
    who_bears,
    who_bears_a_missing_authorization,
)
from estimator.engine.findings import (
    AssistantPaid,
    AuthorizationNeeded,
    AuthorizationUnread,
    LimitPassed,
    NotCovered,
    RequestNeeded,
    SecondaryPaid,
)
from estimator.engine.plan import Authorization, Benefit, Circumstances, Plan
from estimator.engine.prices import ClinicPrices, PriceBook, Unpaid, why_unpaid
from estimator.engine.request import Grant, Request
from estimator.engine.values import ZERO, Citation, Money, Unknown
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import Plans, estimate_asked, in_measure, state_asked
from estimator.prices.books import Prices, books, service_codes

_CENTS = "cents"
_PAST = (CrossingKind.MODIFIER_FROM, CrossingKind.LIMIT_PASSED, CrossingKind.EXTENSION_STARTS)


def check_authorization(
    asked: Asked,
    habits: Habits,
    plans: Plans | None = None,
    clinic: ClinicPrices | None = None,
    prices: Prices | None = None,
) -> Check:
    """Return the check of a request; raises what `estimate_asked` raises."""
    nothing = replace(asked, request=replace(asked.request, authorization=Grant(), referral=Grant()))
    real, plan = estimate_asked(asked, plans, clinic, prices)
    bare, _ = estimate_asked(nothing, plans, clinic, prices)
    request = replace(asked.request, state=state_asked(asked, prices))
    known = prices.books if prices else books()
    lines = check_lines(
        Looked(
            request=request,
            plan=plan,
            bare=bare,
            real=real,
            codes=service_codes(plan.codes),
            edits=Prices.edits_of(prices),
            books=known,
            habits=habits,
        )
    )
    timeline = timeline_of(request, plan, bare, real, lines, habits)
    buckets = tuple(_buckets(request, plan, real))
    return Check(
        plan=plan,
        as_of=request.as_of,
        lines=lines,
        timeline=timeline,
        rules=tuple(_rules(request, plan, real)),
        buckets=buckets,
        asks=tuple(dict.fromkeys(_asks(lines, timeline, buckets))),
        conditions=real.conditions,
        estimate=real,
        habits=habits,
    )


def _rules(request: Request, plan: Plan, real: Estimate) -> Iterator[RuleRead]:
    """Yield what was read on authorization and referral for the benefits that the lines fall in."""
    contracted = network_of(plan, request.provider.network).contracted
    for benefit in _benefits(plan, real):
        for kind, rule in ((AUTHORIZATION, benefit.authorization), (REFERRAL, benefit.referral)):
            if isinstance(rule, Authorization):
                yield RuleRead(kind, benefit.name, rule, contracted)


def _benefits(plan: Plan, real: Estimate) -> tuple[Benefit, ...]:
    """Return the benefits that the lines of the course fall in, each by the revision of its visit's day."""
    named = {
        line.benefit: plan.on(visit.day).benefit(line.benefit)
        for visit in real.typical.visits
        for line in visit.lines
        if line.benefit
    }
    return tuple(named.values())


def _buckets(request: Request, plan: Plan, real: Estimate) -> Iterator[Bucket]:
    """Yield the limits that the course's visits stand under, or that were told of."""
    told, _ = in_measure(request.used, plan)
    under = _benefits(plan, real)
    names = {name for benefit in under for name in benefit.limits} | {*told.limits, *told.limit_days}
    limits = plan.on(real.typical.visits[-1].day).limits
    for balance in real.typical.visits[-1].balances:
        name = balance.name
        if balance.measure == _CENTS or name not in names:
            continue
        limit = limits[name]
        days = told.limit_days.get(name)
        used = told.limits.get(name, len(days) if days is not None else None)
        of = None if isinstance(limit.amount, Unknown) else limit.amount
        past = _past(real.crossing_points, name)
        yield Bucket(
            name=name,
            measure=balance.measure,
            of=of,
            used=used,
            used_after=balance.used,
            past=past,
            modifier=limit.modifier,
            citation=limit.citation,
        )


def _past(points: Sequence[CrossingPoint], name: str) -> int | None:
    return min((point.visit for point in points if point.subject == name and point.kind in _PAST), default=None)


def _asks(lines: Sequence[LineCheck], timeline: Timeline, buckets: Sequence[Bucket]) -> Iterator[Ask]:
    """Yield a question for every fact of the check that is not known and that the engine does not ask for itself."""
    for line in lines:
        if line.valid.answer is Answer.UNKNOWN:
            yield Ask("code-valid", line.code)
        for spell in line.spells:
            if spell.authorization.answer is Answer.UNKNOWN:
                yield Ask("authorization-needed", line.code)
            if spell.payable.answer is Answer.UNKNOWN:
                yield Ask("payable", line.code)
    for sending in timeline.sendings:
        if not sending.is_known:
            yield Ask("turnaround", sending.administrator)
        if not sending.how_to_ask:
            yield Ask("how-to-ask", sending.administrator)
    for bucket in buckets:
        if bucket.used is None:
            yield Ask("used-so-far", bucket.name)
        if bucket.of is None:
            yield Ask("limit", bucket.name)


# ----------------------------------------------------------------------------
# The lines of a check: for each code of the course, the visits on end at which it stands alike.
#
# Two answers of the engine are laid side by side: one with nothing on file, which shows what is needed at all, and
# the one that was asked for.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked:
    """What the lines are looked at with: the request, its plan, both answers, codes, edits and fee schedules."""

    request: Request
    plan: Plan
    bare: Estimate
    real: Estimate
    codes: Mapping[str, ServiceCode]
    edits: PairEdits
    books: tuple[PriceBook, ...]
    habits: Habits


Name = tuple[str, tuple[str, ...], int]
"""A line over the course: its code, what is written on it, and the how manieth such line of its visit it is."""


def check_lines(looked: Looked) -> tuple[LineCheck, ...]:
    """Return the lines of the course in the order of their first visit."""
    spells: dict[Name, list[Spell]] = {}
    for at in range(len(looked.request.visits)):
        for name, spell in _visit(looked, at):
            spells.setdefault(name, []).append(spell)
    first_day = looked.request.visits[0].day
    return tuple(
        LineCheck(code, written, code_fact(code, first_day, looked.plan.market, looked.books), tuple(_joined(found)))
        for (code, written, _), found in spells.items()
    )


def _joined(spells: list[Spell]) -> Iterator[Spell]:
    """Join the spells of one visit each that are alike but for their days and amounts."""
    for _, same in groupby(spells, _without_day_and_amount):
        group = list(same)
        visits = tuple(number for spell in group for number in spell.visits)
        yield replace(group[0], visits=visits, last_day=group[-1].last_day)


def _without_day_and_amount(spell: Spell) -> Spell:
    return replace(spell, visits=(), first_day=date.min, last_day=date.min, plan_pays=ZERO, with_assistant=None)


def _visit(looked: Looked, at: int) -> Iterator[tuple[Name, Spell]]:
    seen: dict[tuple[str, tuple[str, ...]], int] = {}
    bare = looked.bare.typical.visits[at]
    for place, line in enumerate(bare.lines):
        seen[line.code, line.modifiers] = seen.get((line.code, line.modifiers), 0) + 1
        yield (line.code, line.modifiers, seen[line.code, line.modifiers]), _spell(looked, at, place)


def _spell(looked: Looked, at: int, place: int) -> Spell:
    runs = (looked.bare.typical, looked.bare.low, looked.bare.high)
    readings = [run.visits[at].lines[place] for run in runs]
    bare, visit = readings[0], looked.real.typical.visits[at]
    line, asked = visit.lines[place], looked.request.visits[at]
    case = case_of(looked.request, asked.services[place], asked.day, looked.codes)
    payable = payable_fact(readings)
    plan = looked.plan.on(visit.day)
    needs = authorization_fact(bare, plan, visit.network, case)
    carried = tuple(_modifiers(looked, visit, bare))
    first_payer = Money(
        line.plan_pays + sum(step.owes for step in line.steps if isinstance(step.finding, SecondaryPaid))
    )
    in_full = next((step.finding.payment for step in line.steps if isinstance(step.finding, AssistantPaid)), None)
    return Spell(
        visits=(visit.number,),
        first_day=visit.day,
        last_day=visit.day,
        units=line.units,
        status=line.status,
        authorization=needs,
        payable=payable,
        modifiers=carried,
        liabilities=tuple(liabilities_of(plan, looked.bare, visit, bare, needs, payable)),
        plan_pays=first_payer if in_full is None else in_full,
        with_assistant=None if in_full is None else first_payer,
    )


def _modifiers(looked: Looked, visit: VisitEstimate, line: LineEstimate) -> Iterator[Modifier]:
    known, market = looked.codes.get(line.code), looked.plan.market
    provider = looked.request.provider.type
    day = [each for each in looked.real.typical.visits if each.day == visit.day]
    others = {other.code for each in day for other in each.lines}
    yield from discipline(known, line.modifiers, provider, market)
    yield from assistant(known, provider, market)
    yield from {each.codes: each for each in reversed(list(past_markers(line.steps)))}.values()
    yield from separation(line.code, line.modifiers, others, line.steps, looked.edits)
    yield from denial(line.steps, market, looked.habits.denial, looked.request.signed_consent)


# ----------------------------------------------------------------------------
# The three facts of a line: is the code valid, is an authorization needed, does the plan pay.
#
# They are read off the engine's findings. What neither a finding nor a rule answers is not known.
# ----------------------------------------------------------------------------

_ANSWERS = {
    Status.PAYABLE: Answer.YES,
    Status.NEEDS_AUTHORIZATION: Answer.YES,
    Status.BUNDLED: Answer.NO,
    Status.PATIENT_BILLED: Answer.NO,
    Status.PROVIDER_ABSORBS: Answer.NO,
    Status.UNKNOWN: Answer.UNKNOWN,
}
_ADVANTAGE = "medicare-advantage"


def code_fact(code: str, day: date, market: str, books: Sequence[PriceBook]) -> Fact:
    """Return whether the code is a valid one on this day, by Medicare's fee schedule of that year."""
    book = next((each for each in books if each.first_day <= day <= each.last_day), None)
    fee = None if book is None else book.fees.get(code)
    if book is None or fee is None:
        return Fact(Answer.UNKNOWN, "code-not-carried", code)
    cited = Citation(book.source, f"codes of status {fee.status}")
    if why_unpaid(fee, "office") is Unpaid.NOT_VALID and market in (ORIGINAL_MEDICARE, _ADVANTAGE):
        answer = Answer.NO if market == ORIGINAL_MEDICARE else Answer.UNKNOWN
        return Fact(answer, "code-not-valid-for-medicare", code, citation=cited)
    return Fact(Answer.YES, "code-listed", code, citation=cited)


def payable_fact(readings: Sequence[LineEstimate]) -> Fact:
    """Return whether the plan pays, from the same line in every run, the typical one first.

    Where the runs disagree, what is not known decides: then this is not known either.
    """
    typical = readings[0]
    answers = {_ANSWERS[line.status] for line in readings}
    if answers == {Answer.YES}:
        return Fact(Answer.YES, _how_covered(typical), typical.benefit, citation=typical.rule)
    stopped = next((line for line in readings if _ANSWERS[line.status] is not Answer.YES), typical)
    step = _stopping(stopped)
    if len(answers) > 1:
        return Fact(Answer.UNKNOWN, "readings-differ", typical.benefit, citation=step.citation, step=step)
    return Fact(_ANSWERS[typical.status], "finding", typical.benefit, citation=step.citation, step=step)


def authorization_fact(line: LineEstimate, plan: Plan, network: str, case: Circumstances) -> Fact:
    """Return whether a line of a course with nothing on file needs an authorization, and from which visit on."""
    if plan.market == "self-pay":
        return Fact(Answer.NO, "no-plan")
    for fact in _found(line, plan):
        return fact
    if not line.benefit:
        return Fact(Answer.UNKNOWN, "no-benefit", line.code)
    rule = plan.benefit(line.benefit).authorization
    if not isinstance(rule, Authorization) or any(isinstance(step.finding, LimitPassed) for step in line.steps):
        why = "no-rule-written" if rule is None else "past-limit" if rule is not Unknown.UNKNOWN else "rule-not-read"
        return Fact(Answer.UNKNOWN, why, line.benefit)
    return _ruled(rule, line, network, case)


def _found(line: LineEstimate, plan: Plan) -> Iterator[Fact]:
    rule = plan.benefit(line.benefit).authorization if line.benefit else None
    waived = rule.waiver_visits if isinstance(rule, Authorization) else 0
    for step in line.steps:
        match step.finding:
            case AuthorizationNeeded(kind, _, from_visit) if kind == AUTHORIZATION:
                why, number = ("needed-after-waiver", waived) if waived else ("needed", from_visit)
                yield Fact(Answer.YES, why, line.benefit, number, step.citation)
            case RequestNeeded(_, of):
                yield Fact(Answer.YES, "request-only", line.benefit, of, step.citation)
            case AuthorizationUnread(kind, _) if kind == AUTHORIZATION:
                yield Fact(Answer.UNKNOWN, "rule-not-read", line.benefit, citation=step.citation)


def _ruled(rule: Authorization, line: LineEstimate, network: str, case: Circumstances) -> Fact:
    """Return the answer of a rule that the engine did not find to want anything of this line."""
    if rule.from_visit is None:
        return Fact(Answer.NO, "never", line.benefit, citation=rule.citation)
    if not rule.covers(line.code):
        why = "exempt" if line.code in rule.exempt else "not-among-its-codes"
        return Fact(Answer.NO, why, line.benefit, citation=rule.citation)
    if applies(rule, line.code, network, case) is False:
        return Fact(Answer.NO, "rule-does-not-reach", line.benefit, citation=rule.citation)
    return Fact(Answer.NO, "not-until", line.benefit, rule.from_visit, rule.citation)


def _how_covered(line: LineEstimate) -> str:
    """Return whether the payment also rests on a referral, as far as anybody has read."""
    for step in line.steps:
        match step.finding:
            case AuthorizationNeeded(kind) if kind == REFERRAL:
                return "covered-with-referral"
            case AuthorizationUnread(kind) if kind == REFERRAL:
                return "covered-referral-not-read"
    return "covered"


def _stopping(line: LineEstimate) -> Step:
    """Return the step that keeps a line from being paid: the one of its rule, else the last without which it would."""
    limits = [step for step in line.steps if isinstance(step.finding, LimitPassed)]
    return (limits or list(line.steps))[-1 if limits else 0]


# ----------------------------------------------------------------------------
# Who bears a line: if its authorization or referral is missing, and if the plan does not pay it; and what helps.
#
# Where nobody read what a missing one brings, nobody is named.
# ----------------------------------------------------------------------------

_PAPERS = {AUTHORIZATION: Paper.AUTHORIZATION, REFERRAL: Paper.REFERRAL}


def liabilities_of(
    plan: Plan, bare: Estimate, visit: VisitEstimate, line: LineEstimate, needs: Fact, payable: Fact
) -> Iterator[Liability]:
    """Yield who bears the line in each case that can come; `bare` is the answer with nothing on file."""
    if line.benefit and payable.answer is not Answer.NO:
        benefit = plan.benefit(line.benefit)
        contracted = network_of(plan, visit.network).contracted
        if needs.answer is not Answer.NO:
            yield _missing(AUTHORIZATION, benefit, needs, contracted)
        if payable.why in ("covered-with-referral", "covered-referral-not-read"):
            yield _missing(REFERRAL, benefit, payable, contracted)
    if payable.answer is not Answer.YES:
        stopped = payable.step.finding if payable.step is not None else None
        may_be_signed = isinstance(stopped, NotCovered) and any(
            each.about in ("consent", "liability") for each in bare.open_points
        )
        who = who_bears(line.status)
        yield Liability("not-paid", who, papers_for(plan.market, who, may_be_signed), "", payable.citation)


def _missing(kind: ConditionKind, benefit: Benefit, fact: Fact, contracted: bool) -> Liability:
    rule: Authorization | Unknown | None = benefit.authorization if kind == AUTHORIZATION else benefit.referral
    cause = f"{kind}-missing"
    if not isinstance(rule, Authorization):
        if fact.answer is Answer.UNKNOWN or isinstance(rule, Unknown):
            return Liability(cause, Who.UNKNOWN, (Paper.ASK,), "", fact.citation)
        rule = ASSUMED
    consequence = rule.if_missing if contracted else rule.if_missing_out_of_network
    who = who_bears_a_missing_authorization(consequence.kind)
    detail = str(consequence.percent or consequence.penalty or consequence.kind)
    return Liability(cause, who, (_PAPERS[kind],), detail, rule.citation or fact.citation)
