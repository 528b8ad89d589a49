"""How many visits a plan covers, for whom the limit holds, and what lies past it."""

from __future__ import annotations

from dataclasses import replace

from estimator.engine.plan import ANYTIME, Benefit, Limit, Measure, Past, Plan
from estimator.engine.request import NONE, Told
from estimator.engine.values import Unknown
from estimator.estimates.measures import as_counted
from estimator.estimates.told_hearing import Hearing, each_in_use

VISITS = "therapy-visits"
"""What a limit is called that the plan's documents do not know of."""


def limit(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the amount of a limit, or that there is none; one that no document has stands beside what was read."""
    stated = plan.limits.get(told.subject)
    if stated is None:
        return _with_new(plan, told, hearing) if hearing.otherwise and told.answer != NONE else plan
    is_open = isinstance(stated.amount, Unknown) or not stated.confirmed
    if told.answer == NONE:
        is_held = any(told.subject in benefit.limits for benefit in plan.benefits)
        return _lifted(plan, told.subject) if hearing.takes(is_held, False, is_open) else plan
    amount = as_counted(int_of(told), stated.measure)
    if not hearing.takes((stated.amount, stated.confirmed), (amount, True), is_open) or amount is None:
        return plan
    return _with(plan, replace(stated, amount=amount, confirmed=True, citation=hearing.cited))


def int_of(told: Told) -> int:
    """Return the count of an answer, still `Money` where it was written with cents."""
    assert isinstance(told.answer, int)
    return told.answer


def exemption(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a limit holds for this person; open only where nobody could tell from what was said."""
    stated = plan.limits.get(told.subject)
    if stated is None or stated.exempt is None:
        return plan
    is_open = told.subject in hearing.course.subjects(told.asks)
    exempt = None if told.answer else ANYTIME
    if not hearing.takes(stated.exempt, exempt, is_open) or not (is_open or told.answer):
        return plan
    return _with(plan, replace(stated, exempt=exempt))


def past_limit(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the clinic may bill what lies past a limit."""
    past = Past.PATIENT_PAYS if told.answer else Past.PROVIDER_ABSORBS
    stated = plan.limits.get(told.subject)
    if stated is None or not hearing.takes(stated.past, past, isinstance(stated.past, Unknown)):
        return plan
    return _with(plan, replace(stated, past=past))


def deductible_visits(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a visit that the deductible takes whole uses up the limit."""
    stated = plan.limits.get(told.subject)
    if stated is None:
        return plan
    counts = stated.counts_deductible_visits
    if not hearing.takes(counts, told.answer, counts is None or isinstance(counts, Unknown)):
        return plan
    return _with(plan, replace(stated, counts_deductible_visits=told.answer is True))


def _with(plan: Plan, stated: Limit) -> Plan:
    return replace(plan, limits={**plan.limits, stated.name: stated})


def _with_new(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    name = told.subject or VISITS
    if name in plan.limits:
        return plan
    added = Limit(name, Measure.VISITS, int_of(told), citation=hearing.cited)
    holding = each_in_use(plan, hearing.course.codes, lambda benefit: replace(benefit, limits=(*benefit.limits, name)))
    return _with(holding, added)


def _lifted(plan: Plan, name: str) -> Plan:
    def free(benefit: Benefit) -> Benefit:
        return replace(benefit, limits=tuple(each for each in benefit.limits if each != name))

    return replace(plan, benefits=tuple(map(free, plan.benefits)))
