"""What a network's deductible and maximum are, whether it is covered, and whether the clinic may bill beyond it."""

from __future__ import annotations

from dataclasses import replace

from estimator.engine.coverage import network_of
from estimator.engine.plan import Benefit, Ceiling, FamilyRule, Network, Plan
from estimator.engine.request import NONE, Told
from estimator.engine.values import UNKNOWN, Amount, Between, Money, Unknown
from estimator.estimates.told_hearing import Hearing

OWN, TOGETHER = "each-their-own", "together"
_FAMILY_RULES = {OWN: FamilyRule.EMBEDDED, TOGETHER: FamilyRule.AGGREGATE}

Ceilings = Ceiling | Unknown | None


def deductible(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the deductible of the course's networks, and of benefits whose own nobody has read."""

    def own(benefit: Benefit) -> Benefit:
        stated = benefit.deductible
        if stated is None or isinstance(stated.person, Money):
            return benefit
        ceiling = _stated(stated, told, hearing)
        return replace(benefit, deductible=ceiling) if isinstance(ceiling, Ceiling) else benefit

    plan = replace(plan, benefits=tuple(map(own, plan.benefits)))
    for network in _networks(plan, hearing):
        plan = _with(plan, replace(network, deductible=_stated(network.deductible, told, hearing)))
    return plan


def maximum(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State the out-of-pocket maximum of the course's networks."""
    for network in _networks(plan, hearing):
        plan = _with(plan, replace(network, out_of_pocket_max=_stated(network.out_of_pocket_max, told, hearing)))
    return plan


def family_rule(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a family's members each have an amount of their own."""
    rule = _FAMILY_RULES[str(told.answer)]

    def ruled(ceiling: Ceilings) -> Ceilings:
        if not isinstance(ceiling, Ceiling) or ceiling.family is None:
            return ceiling
        is_open = isinstance(ceiling.family_rule, Unknown)
        return replace(ceiling, family_rule=rule) if hearing.takes(ceiling.family_rule, rule, is_open) else ceiling

    for network in _networks(plan, hearing):
        both = ruled(network.deductible), ruled(network.out_of_pocket_max)
        plan = _with(plan, replace(network, deductible=both[0], out_of_pocket_max=both[1]))
    return plan


def network_cover(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the plan pays in a network at all; at which share is another question."""
    network = _named(plan, told.subject)
    is_open = isinstance(network.covered, Unknown)
    if not hearing.takes(network.covered, told.answer, is_open):
        return plan
    return _with(plan, replace(network, covered=told.answer is True, citation=hearing.cited))


def balance_bill(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether the clinic may bill more than the plan recognizes."""
    network = _named(plan, told.subject)
    if not hearing.takes(network.balance_bill, told.answer, isinstance(network.balance_bill, Unknown)):
        return plan
    return _with(plan, replace(network, balance_bill=told.answer is True))


def reduction(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State whether a second therapy service of a day is paid less."""
    for network in _networks(plan, hearing):
        reduces = network.allowed.reduces_multiple_procedures
        if hearing.takes(reduces, told.answer, isinstance(reduces, Unknown)):
            allowed = replace(network.allowed, reduces_multiple_procedures=told.answer is True)
            plan = _with(plan, replace(network, allowed=allowed))
    return plan


def _stated(ceiling: Ceilings, told: Told, hearing: Hearing) -> Ceilings:
    """Return the amount of a person, and of a family where it was told, in a ceiling that may not be read at all."""
    if told.answer == NONE:
        return None if hearing.takes(ceiling, None, isinstance(ceiling, Unknown)) else ceiling
    assert isinstance(told.answer, Money)
    family = told.family
    if not isinstance(ceiling, Ceiling):
        unread = UNKNOWN if hearing.course.asked.request.person.family and family is None else family
        new = Ceiling(f"told-{told.asks}", told.answer, unread, citation=hearing.cited)
        return new if hearing.takes(ceiling, new, isinstance(ceiling, Unknown)) else ceiling
    person = told.answer if _is_taken(ceiling.person, told.answer, hearing) else ceiling.person
    of_family = family if family is not None and _is_taken(ceiling.family, family, hearing) else ceiling.family
    if (person, of_family) == (ceiling.person, ceiling.family):
        return ceiling
    return replace(ceiling, person=person, family=of_family, citation=hearing.cited)


def _is_taken(stated: Amount | None, said: Money, hearing: Hearing) -> bool:
    is_open = isinstance(stated, Unknown) or (isinstance(stated, Between) and stated.low <= said <= stated.high)
    return hearing.takes(stated, said, is_open)


def _networks(plan: Plan, hearing: Hearing) -> list[Network]:
    return [_named(plan, name) for name in hearing.course.networks]


def _named(plan: Plan, name: str) -> Network:
    return replace(network_of(plan, name), name=name)


def _with(plan: Plan, network: Network) -> Plan:
    if network == network_of(plan, network.name):
        return plan
    return replace(plan, networks={**plan.networks, network.name: network})
