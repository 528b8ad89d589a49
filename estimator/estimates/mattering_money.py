"""The plausible ends of copays, percentages, deductibles and maximums that a plan does not state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from estimator.engine.plan import Benefit, Ceiling, CostShare, DeductibleOrder, FamilyRule, Network, Plan, Tier
from estimator.engine.values import ZERO, Amount, Between, Money, Rate, Unknown
from estimator.estimates.mattering_course import Course

COPAYS = Money(2000), Money(7500)
COINSURANCES = Rate.parse("10%"), Rate.parse("50%")
DEDUCTIBLES = ZERO, Money(300_000)
MAXIMUMS = Money(400_000), Money(1_060_000)
_OF_A_FAMILY = 2
_PARTS = ("copay", "coinsurance", "deductible")
_CEILINGS = ("deductible", "out-of-pocket-max")
_LOW, _HIGH = 0, 1

Share = CostShare | Tier
Ceilings = Ceiling | Unknown | None
Stating = Callable[[Ceilings], Ceilings]


def share_ends(course: Course, subject: str) -> dict[str, Plan]:
    """State the copay, the percentage, the place of the deductible, or a benefit's share that is wholly unknown."""
    return {end: _with_shares(course, subject, at) for end, at in (("low", _LOW), ("high", _HIGH))}


def ceiling_ends(plan: Plan, name: str) -> dict[str, Plan]:
    """State a deductible or a maximum, or how the family's relates to a person's."""
    if name == "family-rule":
        rules = {"embedded": FamilyRule.EMBEDDED, "aggregate": FamilyRule.AGGREGATE}
        return {end: _with_ceilings(plan, _CEILINGS, _ruling(rule)) for end, rule in rules.items()}
    return {end: _with_ceilings(plan, (name,), _reading(name, at)) for end, at in (("low", _LOW), ("high", _HIGH))}


def _with_shares(course: Course, subject: str, at: int) -> Plan:
    benefits = tuple(
        _stated_in(benefit, course.networks, subject, at) if subject in (benefit.name, *_PARTS) else benefit
        for benefit in course.plan.benefits
    )
    return replace(course.plan, benefits=benefits)


def _stated_in(benefit: Benefit, networks: tuple[str, ...], subject: str, at: int) -> Benefit:
    shares = {name: _stated(benefit.cost_share.get(name, Tier.UNKNOWN), subject, at) for name in networks}
    return replace(benefit, cost_share={**benefit.cost_share, **shares})


def _stated(share: Share, subject: str, at: int) -> Share:
    if share is Tier.UNKNOWN and subject not in _PARTS:
        whole = CostShare(copay=COPAYS[_LOW])
        return whole if at == _LOW else CostShare(coinsurance=COINSURANCES[_HIGH], deductible=DeductibleOrder.APPLIES)
    if not isinstance(share, CostShare):
        return share
    steps = tuple((last, _stated_step(step, subject, at)) for last, step in share.by_visit)
    return replace(_stated_step(share, subject, at), by_visit=steps)


def _stated_step(share: CostShare, subject: str, at: int) -> CostShare:
    if subject == "copay" and share.copay is not None:
        return replace(share, copay=_amount(share.copay, COPAYS[at], at))
    if subject == "coinsurance" and isinstance(share.coinsurance, Unknown):
        return replace(share, coinsurance=COINSURANCES[at])
    if subject == "deductible" and isinstance(share.deductible, Unknown):
        return replace(share, deductible=(DeductibleOrder.WAIVED, DeductibleOrder.APPLIES)[at])
    return share


def _amount(amount: Amount, usual: Money, at: int) -> Money:
    if isinstance(amount, Between):
        return (amount.low, amount.high)[at]
    return usual if isinstance(amount, Unknown) else amount


def _reading(name: str, at: int) -> Stating:
    usual = (DEDUCTIBLES if name == "deductible" else MAXIMUMS)[at]
    of_a_family = Money(usual * _OF_A_FAMILY)

    def reading(ceiling: Ceilings) -> Ceilings:
        if isinstance(ceiling, Unknown):
            return Ceiling(f"supposed-{name}", usual, of_a_family)
        if ceiling is None:
            return None
        member, family = ceiling.family_member, ceiling.family
        return replace(
            ceiling,
            person=_amount(ceiling.person, usual, at),
            family=None if family is None else _amount(family, of_a_family, at),
            family_member=None if member is None else _amount(member, usual, at),
        )

    return reading


def _ruling(rule: FamilyRule) -> Stating:
    def ruling(ceiling: Ceilings) -> Ceilings:
        is_open = isinstance(ceiling, Ceiling) and isinstance(ceiling.family_rule, Unknown)
        return replace(ceiling, family_rule=rule) if is_open and isinstance(ceiling, Ceiling) else ceiling

    return ruling


def _with_ceilings(plan: Plan, names: tuple[str, ...], stating: Stating) -> Plan:
    networks = {name: _network_with(network, names, stating) for name, network in plan.networks.items()}
    benefits = plan.benefits
    if "deductible" in names:
        benefits = tuple(_benefit_with(benefit, stating) for benefit in benefits)
    return replace(plan, networks=networks, benefits=benefits)


def _network_with(network: Network, names: tuple[str, ...], stating: Stating) -> Network:
    deductible, maximum = network.deductible, network.out_of_pocket_max
    if "deductible" in names:
        deductible = stating(deductible)
    if "out-of-pocket-max" in names:
        maximum = stating(maximum)
    return replace(network, deductible=deductible, out_of_pocket_max=maximum)


def _benefit_with(benefit: Benefit, stating: Stating) -> Benefit:
    own = stating(benefit.deductible)
    return replace(benefit, deductible=own) if isinstance(own, Ceiling) else benefit
