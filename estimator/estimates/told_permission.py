"""Whether authorization or a referral is needed, from which visit, and who bears a missing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from estimator.engine.authorization import ASSUMED
from estimator.engine.codes import is_service_code
from estimator.engine.plan import Authorization, Benefit, Consequence, IfMissing, Plan
from estimator.engine.request import Told
from estimator.engine.values import Unknown
from estimator.estimates.told_hearing import Hearing, each_in_use

CLINIC, PATIENT = "clinic", "patient"
_BEARING = {CLINIC: IfMissing.PROVIDER_ABSORBS, PATIENT: IfMissing.PATIENT_PAYS}
_REFERRAL = "referral"

Rule = Authorization | Unknown | None
Stated = Callable[[Benefit], Benefit]


def authorization_needed(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether authorization is needed: for one code, or for the benefit."""
    code = told.subject if is_service_code(told.subject) else ""

    def stated(benefit: Benefit) -> Benefit:
        if not code:
            return replace(benefit, authorization=_stated(benefit.authorization, "", told, hearing))
        read = benefit.authorization_by_code.get(code, benefit.authorization)
        rule = _stated(read, code, told, hearing)
        if rule is read or isinstance(rule, Unknown):
            return benefit
        return replace(benefit, authorization_by_code={**benefit.authorization_by_code, code: rule})

    return _in_benefits(plan, told, hearing, stated)


def referral_needed(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a referral is needed."""
    return _in_benefits(
        plan, told, hearing, lambda benefit: replace(benefit, referral=_stated(benefit.referral, "", told, hearing))
    )


def consequence(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State who bears a visit whose authorization (or referral) is missing."""
    kind = _BEARING[str(told.answer)]

    def borne(rule: Rule) -> Rule:
        if not isinstance(rule, Authorization):
            return rule
        inside, outside = (
            Consequence(kind) if hearing.takes(each.kind, kind, each.kind is IfMissing.UNKNOWN) else each
            for each in (rule.if_missing, rule.if_missing_out_of_network)
        )
        is_in = any(plan.networks[name].contracted for name in hearing.course.networks if name in plan.networks)
        if is_in:
            return replace(rule, if_missing=inside)
        return replace(rule, if_missing_out_of_network=outside)

    def stated(benefit: Benefit) -> Benefit:
        if told.subject == _REFERRAL:
            return replace(benefit, referral=borne(benefit.referral))
        return replace(benefit, authorization=borne(benefit.authorization))

    return each_in_use(plan, hearing.course.codes, stated)


def _in_benefits(plan: Plan, told: Told, hearing: Hearing, stated: Stated) -> Plan:
    if told.subject in {benefit.name for benefit in plan.benefits}:
        benefits = (stated(benefit) if benefit.name == told.subject else benefit for benefit in plan.benefits)
        return replace(plan, benefits=tuple(benefits))
    return each_in_use(plan, hearing.course.codes, stated)


def _stated(rule: Rule, code: str, told: Told, hearing: Hearing) -> Rule:
    """Return the rule as it was told; the consequences of a rule that was read stay as they were read."""
    from_visit = _from_visit(rule, code)
    said = None if told.answer is False else told.from_visit or from_visit or 1
    if not hearing.takes(from_visit, said, isinstance(rule, Unknown)) and not isinstance(rule, Unknown):
        return rule
    if said is None:
        return None
    known = rule if isinstance(rule, Authorization) else ASSUMED
    known = replace(known, exempt=frozenset(), only_for=frozenset()) if code else known
    return replace(known, from_visit=said, citation=hearing.cited)


def _from_visit(rule: Rule, code: str) -> int | None:
    if not isinstance(rule, Authorization) or (code and not rule.covers(code)):
        return None
    return rule.from_visit
