"""Whether a service is paid, whether its code is valid, and who bears it if it is not paid."""

from __future__ import annotations

from dataclasses import replace

from estimator.engine.codes import is_service_code
from estimator.engine.plan import Liable, Plan, Policy, Position
from estimator.engine.request import NEEDLING_CODES, Told
from estimator.estimates.mattering_plan import benefit_beside
from estimator.estimates.told_hearing import Hearing

NOT_PAID = "not-paid"
_NAME = "told-by-plan"
_COVERED = {Position.COVERED, Position.COVERED_IN_THERAPY}
_REASONS = (Position.INVESTIGATIONAL, Position.NOT_MEDICALLY_NECESSARY)


def payable(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the plan's position on a service; not paid for no reason given leaves open who bears it."""
    if told.answer == NOT_PAID:
        return _with_position(plan, told.subject, Position.EXCLUDED, Liable.UNKNOWN, hearing)
    return _with_position(plan, told.subject, Position(str(told.answer)), None, hearing)


def code_valid(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """Take a code that this provider may not bill as not paid; that a code is valid says nothing of payment."""
    if told.answer is True:
        return plan
    return _with_position(plan, told.subject, Position.EXCLUDED, Liable.UNKNOWN, hearing)


def liability(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the clinic may bill a line that the plan does not pay."""
    liable = Liable.PATIENT if told.answer else Liable.PROVIDER
    services = _services(plan, told.subject, hearing)

    def borne(policy: Policy) -> Policy:
        is_silent = policy.liable is None and not (told.answer and policy.position in _REASONS)
        is_open = policy.liable is Liable.UNKNOWN or is_silent
        if policy.position in _COVERED or not services & policy.services:
            return policy
        return replace(policy, liable=liable) if hearing.takes(policy.liable, liable, is_open) else policy

    return replace(plan, policies=tuple(map(borne, plan.policies)))


def _with_position(plan: Plan, subject: str, position: Position, liable: Liable | None, hearing: Hearing) -> Plan:
    for code in sorted(_services(plan, subject, hearing)):
        plan = _of_code(plan, code, position, liable, hearing)
    return plan


def _of_code(plan: Plan, code: str, position: Position, liable: Liable | None, hearing: Hearing) -> Plan:
    days = {visit.day for visit in hearing.course.asked.request.visits}
    speaking = [p for p in plan.policies if code in p.services and any(day in p.in_force for day in days)]
    stated = {policy.position for policy in speaking} - {Position.UNKNOWN}
    is_unread = any(policy.position is Position.UNKNOWN for policy in speaking)
    if not speaking and any(code in benefit.services for benefit in plan.benefits):
        stated = {Position.COVERED}
    under = next((policy.under for policy in speaking if policy.under), "")
    under = under or benefit_beside(plan, frozenset({code}), hearing.course.codes)
    told = Policy(_NAME, frozenset({code}), position, liable=liable, under=under, citation=hearing.cited)
    if is_unread or not stated:
        read = (_without(policy, code) if policy.position is Position.UNKNOWN else policy for policy in plan.policies)
        return replace(plan, policies=(*(policy for policy in read if policy.services), told))
    says_so = position in stated or (position in _COVERED and stated & _COVERED)
    if says_so or not hearing.otherwise:
        return plan
    return replace(plan, policies=(told, *plan.policies))


def _without(policy: Policy, code: str) -> Policy:
    return replace(policy, services=policy.services - {code})


def _services(plan: Plan, subject: str, hearing: Hearing) -> frozenset[str]:
    """Return the codes of the course that a subject names: a code, a policy's, or those of needling."""
    if is_service_code(subject):
        return frozenset({subject})
    named = [policy.services for policy in plan.policies if policy.name == subject]
    return hearing.course.codes & (frozenset().union(*named) if named else NEEDLING_CODES)
