"""The estimate that rests on what the plan told, and the readings that its documents speak against.

A telephone answer isn't a guarantee. Its price, if the plan does not stand by it, is a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from estimator.engine.answer import (
    Adds,
    Assumption,
    AssumptionKind,
    Condition,
    ConditionKind,
    Estimate,
    OpenPoint,
    Question,
    QuestionKind,
    Run,
    VisitEstimate,
)
from estimator.engine.plan import Plan, Supplement
from estimator.engine.request import COULD_NOT_SAY, SUPPLEMENT, Call, Effect, Heard, Told, written
from estimator.engine.usual import TEMPLATE
from estimator.engine.values import WHOLE, Money, Rate, Unknown
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import OF_SECOND, Asked
from estimator.estimates.open_ends import Course
from estimator.estimates.told_rules import (
    Hearing,
    Stating,
    as_counted,
    authorization_needed,
    balance_bill,
    code_valid,
    consequence,
    cost_share,
    deductible,
    deductible_visits,
    exemption,
    fair_copay,
    family_rule,
    int_of,
    liability,
    limit,
    maximum,
    network_cover,
    past_limit,
    payable,
    reduction,
    referral_needed,
    sharing,
)
from estimator.language import _

Estimating = Callable[[Plan], Estimate]
TOLD_OTHERWISE, DOCUMENT, ANSWER = "told-otherwise", "document", "answer"
"""What an answer against a document is about, and the two outcomes of that fork."""


def estimate_told(
    plan: Plan, asked: Asked, estimating: Estimating, *, is_second: bool = False
) -> tuple[Estimate, Plan]:
    """Return the estimate with what was told, and the plan whose gaps are filled by it. Raises RequestRefused.

    With `is_second` the plan is the second one, and `asked.told` what that one said.
    """
    if problems := tuple(problems_of(plan, asked.told, OF_SECOND if is_second else "told")):
        raise RequestRefused(problems)
    untold = estimating(plan)
    course = Course(untold, plan, asked, tuple(each for each in untold.questions if not each.of_second))
    told = with_told(plan, asked.told, course)
    filled = estimating(told.plan) if told.plan != plan else untold
    answer = replace(
        filled,
        conditions=(*filled.conditions, *_if_not_kept(untold, filled, told)),
        questions=(*filled.questions, *_in_writing(told, course)),
        assumptions=(*filled.assumptions, *_resting_on(told, course)),
        inputs={**filled.inputs, "told_by_second" if is_second else "told": "; ".join(map(_named, told.heard))},
        told=(*filled.told, *(heard._replace(of_second=is_second) for heard in told.heard)),
    )
    for reading in told.otherwise:
        estimate = _beside(reading, estimating)
        if estimate is not None and _differing(filled.typical, estimate.typical):
            answer = _with_both(answer, reading, estimate, course)
    return answer, told.plan


def for_the_first_plan(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Return the calls without what a supplement said of itself."""
    kept = (replace(call, answers=tuple(each for each in call.answers if each.asks != SUPPLEMENT)) for call in calls)
    return tuple(call for call in kept if call.answers)


def told_of_supplement(plan: Plan, asked: Asked) -> tuple[Plan, tuple[Heard, ...]]:
    """Return a supplement with what it said of itself where nobody has read it, and what each answer did.

    Where a document says otherwise, the document holds. Raises RequestRefused where the plan is no supplement, and
    where a supplement is said to have a rule that none has.
    """
    calls, own = asked.told, asked.secondary.told if asked.secondary is not None else ()
    if plan.supplement is not None:
        for number, call in enumerate(own):
            for place, told in enumerate(call.answers):
                if told.asks != SUPPLEMENT:
                    words = _("Choose “supplement” here: the second plan only pays parts of what the first one leaves.")
                    raise RequestRefused((Problem(f"{OF_SECOND}.{number}.answers.{place}.asks", words),))
        calls = (*calls, *own)
    heard: list[Heard] = []
    for number, call in enumerate(_newest_first(calls)):
        for place, told in enumerate(call.answers):
            if told.asks != SUPPLEMENT:
                continue
            rule = plan.supplement
            if rule is None:
                words = _("Leave this out: the second plan pays by rules of its own, or there is none.")
                raise RequestRefused((Problem(f"told.{number}.answers.{place}.asks", words),))
            if told.answer == COULD_NOT_SAY:
                heard.append(Heard(call, told, Effect.COULD_NOT_SAY, of_second=True))
                continue
            stated, said = _of_supplement(rule, told)
            effect = Effect.AGREES if stated == said else Effect.CONTRADICTS
            if isinstance(stated, Unknown):
                effect, name = Effect.COUNTED, "copay_applies" if told.subject == "copay" else "excess"
                plan = replace(plan, supplement=replace(rule, **{name: said}))  # type: ignore[arg-type]
            heard.append(Heard(call, told, effect, of_second=True))
    return plan, tuple(heard)


def _of_supplement(rule: Supplement, told: Told) -> tuple[object, object]:
    if told.subject == "copay":
        return rule.copay_applies if rule.copay is not None else False, told.answer
    return rule.excess, WHOLE if told.answer else Rate(0)


def _owes(run: Run) -> Money:
    return run.owes


def _beside(reading: Otherwise, estimating: Estimating) -> Estimate | None:
    """Return the estimate of a reading; None where it needs a price that nobody gave."""
    try:
        return estimating(reading.plan)
    except RequestRefused:
        return None


def _if_not_kept(untold: Estimate, filled: Estimate, told: ToldPlan) -> list[Condition]:
    counted = [each for each in told.heard if each.effect is Effect.COUNTED]
    if not counted or untold is filled:
        return []
    found = _condition(ConditionKind.TOLD, filled.typical, untold.typical)
    return [found] if found.visits else []


def _with_both(document: Estimate, reading: Otherwise, other: Estimate, course: Course) -> Estimate:
    """Return the estimate with what was told otherwise as an open point: usually the document holds, as it is written.

    What is settled is the cheaper of both; each other point adds to that one. What only the answer would leave open
    belongs to its own point.
    """
    settled = tuple(min(pair, key=_owes) for pair in zip(document.settled, other.settled, strict=True))
    least, ours, theirs = settled[1].owes, document.settled[1].owes, other.settled[1].owes
    cited = Hearing(reading.call, course).cited
    asks = reading.answers[0].asks
    own = {each.fork for each in document.open_points}
    nested = [each for each in other.open_points if each.fork not in own]
    dearest = theirs + min(sum(each.adds.most for each in nested), other.open_total.most)
    point = OpenPoint(
        about=TOLD_OTHERWISE,
        subject=asks,
        adds=Adds(Money(ours - least), Money(max(ours, dearest) - least)),
        usual=DOCUMENT,
        dearest=DOCUMENT if ours >= dearest else ANSWER,
        outcomes=(DOCUMENT, ANSWER),
        question=Question(QuestionKind.IN_WRITING, asks, cited),
        citation=cited,
        holds=tuple(each.fork for each in nested),
    )
    dearer, cheaper = (document, other) if theirs < ours else (other, document)
    both = (*dearer.open_points, *cheaper.open_points, point)
    points = {each.fork: each for each in both if each not in nested}
    most = max(ours + document.open_total.most, theirs + other.open_total.most)
    return replace(
        document,
        low=settled[0],
        high=max(document.high, other.high, key=_owes),
        settled=(settled[0], settled[1], settled[2]),
        open_points=tuple(sorted(points.values(), key=lambda each: -each.adds.most)),
        open_total=Adds(Money(document.typical.owes - least), Money(most - least)),
    )


def _condition(needs: ConditionKind, typical: Run, other: Run) -> Condition:
    """Price another typical run, with the visits in which it differs."""
    visits = _differing(typical, other)
    return Condition(
        needs,
        min(visits, default=1),
        len(visits),
        Money(other.owes - typical.owes),
        Money(other.provider_absorbs - typical.provider_absorbs),
    )


def _differing(typical: Run, other: Run) -> list[int]:
    """Return the numbers of the visits in which a run differs from the typical one."""
    pairs = zip(typical.visits, other.visits, strict=True)
    return [one.number for one, two in pairs if _sums(one) != _sums(two)]


def _sums(visit: VisitEstimate) -> tuple[Money, int]:
    return visit.owes, sum(line.provider_absorbs for line in visit.lines)


def _in_writing(told: ToldPlan, course: Course) -> list[Question]:
    asked = {
        (answer.asks, reading.call): Question(QuestionKind.IN_WRITING, answer.asks, Hearing(reading.call, course).cited)
        for reading in told.otherwise
        for answer in reading.answers
    }
    return list(asked.values())


def _resting_on(told: ToldPlan, course: Course) -> list[Assumption]:
    calls = {each.call: None for each in told.heard if each.effect is Effect.COUNTED}
    return [Assumption(AssumptionKind.TOLD_BY_PLAN, call.on.isoformat(), Hearing(call, course).cited) for call in calls]


def _named(heard: Heard) -> str:
    """Write an answer on one line, so that an estimate names all that it rests on; no reference, no name."""
    call, told, effect, _of_second = heard
    more = [f"from visit {told.from_visit}"] if told.from_visit else []
    more += [f"family {told.family}"] if told.family is not None else []
    parts = [call.on.isoformat(), call.source, told.asks, told.subject, written(told.answer), *more]
    return f"{' '.join(filter(None, parts))} ({effect})"


# ----------------------------------------------------------------------------
# All that was told, on one plan: the plan as it then stands, and the readings that documents speak against.
#
# The newest call is heard first, so that an older one that says otherwise stands beside it, as it does beside a
# document.
# ----------------------------------------------------------------------------

_OF_LIMITS = {"limit-exemption", "limit-shared", "past-limit", "deductible-visits-count"}
# In the order in which the answers of a call are heard.
RULES: Mapping[str, Stating] = MappingProxyType(
    {
        "payable": payable,
        "needling-policy": payable,
        "benefit-lists-service": payable,
        "code-valid": code_valid,
        "liability": liability,
        "authorization-needed": authorization_needed,
        "referral-needed": referral_needed,
        "authorization-consequence": consequence,
        "network-cover": network_cover,
        "cost-share": cost_share,
        "fair-copay": fair_copay,
        "deductible": deductible,
        "out-of-pocket-max": maximum,
        "family-rule": family_rule,
        "balance-bill": balance_bill,
        "multiple-procedure-reduction": reduction,
        "limit": limit,
        "limit-exemption": exemption,
        "limit-shared": sharing,
        "past-limit": past_limit,
        "deductible-visits-count": deductible_visits,
    }
)


@dataclass(frozen=True)
class Otherwise:
    """The plan as one call has it where that contradicts what was read, with the answers that do."""

    call: Call
    plan: Plan
    answers: tuple[Told, ...]


@dataclass(frozen=True)
class ToldPlan:
    """A plan with what it told: `plan` has its gaps filled, `otherwise` are readings beside it."""

    plan: Plan
    heard: tuple[Heard, ...]
    otherwise: tuple[Otherwise, ...]


def with_told(plan: Plan, calls: tuple[Call, ...], course: Course) -> ToldPlan:
    """Return the plan with the answers in it, and what each of them did."""
    heard: list[Heard] = []
    against: list[tuple[Call, tuple[Told, ...]]] = []
    said: set[tuple[Stating, str]] = set()
    for call in _newest_first(calls):
        before, hearings = plan, {told: _hearing(plan, told, call, course, said) for told in call.answers}
        for told in _in_order(call):
            plan = _stated(plan, told, hearings[told])
        found = [Heard(call, told, _effect(before, plan, told, hearings[told])) for told in call.answers]
        contradicting = tuple(each.told for each in found if each.effect is Effect.CONTRADICTS)
        heard += found
        said |= {_matter(told) for told in call.answers if told.answer != COULD_NOT_SAY}
        against += [(call, contradicting)] if contradicting else []
    readings = tuple(Otherwise(call, _otherwise(plan, call, answers, course), answers) for call, answers in against)
    later = tuple(with_told(each, tuple(_of_later(each, calls)), course).plan for each in plan.later)
    return ToldPlan(replace(plan, later=later) if later != plan.later else plan, tuple(heard), readings)


_BY_YEAR = frozenset({"cost-share", "fair-copay", "deductible", "out-of-pocket-max", "limit"})


def _of_later(revision: Plan, calls: tuple[Call, ...]) -> Iterator[Call]:
    """Yield what was told and holds for a plan's next revision, too: of a published plan, no amounts of the year."""
    for call in calls:
        answers = tuple(
            told
            for told in call.answers
            if _problem(revision, told) is None and (revision.kind == TEMPLATE or told.asks not in _BY_YEAR)
        )
        if answers:
            yield replace(call, answers=answers)


def _hearing(plan: Plan, told: Told, call: Call, course: Course, said: set[tuple[Stating, str]]) -> Hearing:
    """Hear an answer: a template's own figures are nobody's, so what a person is told replaces them at once."""
    is_new = plan.kind == TEMPLATE and _matter(told) not in said
    return Hearing(call, course, otherwise=is_new, is_template=is_new)


def _matter(told: Told) -> tuple[Stating, str]:
    """Return what an answer is about, so that an older one is known to speak of the same."""
    return RULES[told.asks], told.subject if told.asks == "cost-share" or told.asks in _OF_LIMITS else ""


def problems_of(plan: Plan, calls: tuple[Call, ...], root: str = "told") -> Iterator[Problem]:
    """Find subjects that the plan does not have, and counts that its limits do not take."""
    for number, call in enumerate(calls):
        for place, told in enumerate(call.answers):
            if message := _problem(plan, told):
                path, words = message
                yield Problem(f"{root}.{number}.answers.{place}.{path}", words)


def _problem(plan: Plan, told: Told) -> tuple[str, str] | None:
    named = _("Choose one of the plan’s limits: {limits}.").format(limits=", ".join(plan.limits) or _("none"))
    if told.asks == SUPPLEMENT:
        return "asks", _("Leave this out: the second plan pays by rules of its own, or there is none.")
    if told.asks in _OF_LIMITS and told.subject not in plan.limits:
        return "subject", named
    if told.asks != "limit" or told.answer == COULD_NOT_SAY:
        return None
    stated = plan.limits.get(told.subject)
    if stated is None and plan.limits:
        return "subject", named
    is_count = isinstance(told.answer, int)
    if stated is not None and is_count and as_counted(int_of(told), stated.measure) is None:
        words = _("Enter a whole number of {measure}, like 30.")
        return "answer", words.format(measure=_(stated.measure))
    return None


def _newest_first(calls: tuple[Call, ...]) -> list[Call]:
    """Return the calls, the newest first; of one day the one that is written later."""
    by_day = sorted(enumerate(calls), key=lambda pair: (pair[1].on, pair[0]), reverse=True)
    return [call for _, call in by_day]


def _in_order(call: Call) -> list[Told]:
    order = list(RULES)
    return sorted(call.answers, key=lambda told: order.index(told.asks))


def _stated(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    return plan if told.answer == COULD_NOT_SAY else RULES[told.asks](plan, told, hearing)


def _effect(before: Plan, after: Plan, told: Told, hearing: Hearing) -> Effect:
    if told.answer == COULD_NOT_SAY:
        return Effect.COULD_NOT_SAY
    if _stated(after, told, replace(hearing, otherwise=True)) != after:
        return Effect.CONTRADICTS
    return Effect.AGREES if _stated(before, told, hearing) == before else Effect.COUNTED


def _otherwise(plan: Plan, call: Call, answers: tuple[Told, ...], course: Course) -> Plan:
    order = list(RULES)
    for told in sorted(answers, key=lambda each: order.index(each.asks)):
        plan = _stated(plan, told, Hearing(call, course, otherwise=True))
    return plan
