"""All that was told, on one plan: the plan as it then stands, and the readings that documents speak against.

The newest call is heard first, so that an older one that says otherwise stands beside it, as it does beside a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from estimator.engine.plan import Plan
from estimator.engine.request import COULD_NOT_SAY, Call, Effect, Heard, Told
from estimator.errors import Problem
from estimator.estimates import told_cover as cover
from estimator.estimates import told_limits as limits
from estimator.estimates import told_networks as networks
from estimator.estimates import told_permission as permission
from estimator.estimates import told_shares as shares
from estimator.estimates.mattering_course import Course
from estimator.estimates.measures import as_counted
from estimator.estimates.told_hearing import Hearing, Stating
from estimator.language import _

_OF_LIMITS = {"limit-exemption", "past-limit", "deductible-visits-count"}
# In the order in which the answers of a call are heard.
RULES: Mapping[str, Stating] = MappingProxyType(
    {
        "payable": cover.payable,
        "needling-policy": cover.payable,
        "benefit-lists-service": cover.payable,
        "code-valid": cover.code_valid,
        "liability": cover.liability,
        "authorization-needed": permission.authorization_needed,
        "referral-needed": permission.referral_needed,
        "authorization-consequence": permission.consequence,
        "network-cover": networks.network_cover,
        "cost-share": shares.cost_share,
        "fair-copay": shares.fair_copay,
        "deductible": networks.deductible,
        "out-of-pocket-max": networks.maximum,
        "family-rule": networks.family_rule,
        "balance-bill": networks.balance_bill,
        "multiple-procedure-reduction": networks.reduction,
        "limit": limits.limit,
        "limit-exemption": limits.exemption,
        "past-limit": limits.past_limit,
        "deductible-visits-count": limits.deductible_visits,
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
    for call in _newest_first(calls):
        before = plan
        for told in _in_order(call):
            plan = _stated(plan, told, Hearing(call, course))
        found = [Heard(call, told, _effect(before, plan, told, Hearing(call, course))) for told in call.answers]
        contradicting = tuple(each.told for each in found if each.effect is Effect.CONTRADICTS)
        heard += found
        against += [(call, contradicting)] if contradicting else []
    readings = tuple(Otherwise(call, _otherwise(plan, call, answers, course), answers) for call, answers in against)
    return ToldPlan(plan, tuple(heard), readings)


def problems_of(plan: Plan, calls: tuple[Call, ...]) -> Iterator[Problem]:
    """Find subjects that the plan does not have, and counts that its limits do not take."""
    for number, call in enumerate(calls):
        for place, told in enumerate(call.answers):
            if message := _problem(plan, told):
                path, words = message
                yield Problem(f"told.{number}.answers.{place}.{path}", words)


def _problem(plan: Plan, told: Told) -> tuple[str, str] | None:
    named = _("Write one of the plan's limits: {limits}.").format(limits=", ".join(plan.limits) or _("none"))
    if told.asks in _OF_LIMITS and told.subject not in plan.limits:
        return "subject", named
    if told.asks != "limit" or told.answer == COULD_NOT_SAY:
        return None
    stated = plan.limits.get(told.subject)
    if stated is None and plan.limits:
        return "subject", named
    is_count = isinstance(told.answer, int)
    if stated is not None and is_count and as_counted(limits.int_of(told), stated.measure) is None:
        words = _("Write a whole number of {measure}, such as 30.")
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
