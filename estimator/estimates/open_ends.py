"""What is open about an estimate, and the plausible ends of what a plan does not state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from estimator.engine.answer import AssumptionKind, Estimate, Question, QuestionKind
from estimator.engine.plan import (
    ANYTIME,
    Authorization,
    Benefit,
    Ceiling,
    Consequence,
    CostShare,
    DeductibleOrder,
    FamilyRule,
    IfMissing,
    Liable,
    Limit,
    Network,
    Past,
    Plan,
    Policy,
    Position,
    Tier,
)
from estimator.engine.request import IN_NETWORK
from estimator.engine.values import ZERO, Amount, BenefitYear, Between, Money, Rate, Unknown
from estimator.estimates.contract_values import Asked


@dataclass(frozen=True)
class Option:
    """One end of an input: its name, and the plan and request that say so."""

    end: str
    plan: Plan
    asked: Asked


class InputKind(StrEnum):
    """What a person may not have told, where no question of an estimate asks it already."""

    NETWORK = "network"
    DEDUCTIBLE_PAID = "deductible-paid"
    LIMIT_USED = "limit-used"
    PRICE_LEVEL = "price-level"
    EXPERIENCE_FACTOR = "experience-factor"
    BENEFIT_YEAR = "benefit-year"
    CONSENT = "consent"


@dataclass(frozen=True)
class Input:
    """Something unknown or taken for granted, with its ends; `path` is the key of a request that would answer it."""

    kind: QuestionKind | InputKind
    subject: str
    path: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Course:
    """What the ends are made from: an estimate with its plan and request (the clinic's prices already in it).

    `questions` are those of this plan alone: what a second plan leaves open is not tried.
    """

    estimate: Estimate
    plan: Plan
    asked: Asked
    questions: tuple[Question, ...]

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the networks of its visits, each once."""
        request = self.asked.request
        return tuple(dict.fromkeys(visit.network or request.provider.network for visit in request.visits))

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of its services."""
        return frozenset(service.code for visit in self.asked.request.visits for service in visit.services)

    def subjects(self, asks: QuestionKind) -> tuple[str, ...]:
        """Return what the estimate's questions of this kind are about."""
        return tuple(question.subject for question in self.questions if question.asks is asks)

    def assumes(self, name: AssumptionKind) -> bool:
        """Tell whether the estimate takes this for granted."""
        return any(assumption.assumes is name for assumption in self.estimate.assumptions)


# ----------------------------------------------------------------------------
# The plausible ends of what a plan does not say, each as the plan that would say it.
#
# The ends of each kind are documented in docs/comparing.md. A kind whose ends leave the plan as it is is worth
# nothing.
# ----------------------------------------------------------------------------

MID_YEAR = BenefitYear(7, 1)
_BENEFIT_YEARS = {"calendar": BenefitYear(), "mid-year": MID_YEAR}
_NEVER_REACHED = 10**9
_SUPPOSED = "supposed"

Stated = Mapping[str, Mapping[str, object]]
"""What each end says of a limit, by the name of its field."""


Ends = dict[str, Plan]
Making = Callable[[Plan], Ends]
"""Makes the ends of one revision of a plan: no ends where it has nothing of the kind."""


def plan_inputs(course: Course) -> Iterator[Input]:
    """Yield what the plan leaves open for this course."""
    codes, networks = course.codes, course.networks
    for kind in (QuestionKind.NEEDLING_POLICY, QuestionKind.BENEFIT_LISTS_SERVICE):
        if subjects := course.subjects(kind):
            yield _input(course, kind, subjects[0], partial(_cover, subjects=subjects, codes=codes))
    for name in course.subjects(QuestionKind.NETWORK_COVER):
        yield _input(course, QuestionKind.NETWORK_COVER, name, partial(_network, name=name))
    for subject in course.subjects(QuestionKind.COST_SHARE):
        shares = partial(_share_ends, networks=networks, subject=subject)
        yield _input(course, QuestionKind.COST_SHARE, subject, shares)
    for kind in (QuestionKind.DEDUCTIBLE, QuestionKind.OUT_OF_POCKET_MAX, QuestionKind.FAMILY_RULE):
        for subject in course.subjects(kind)[:1]:
            yield _input(course, kind, subject, partial(_ceiling_ends, name=kind))
    yield from _limits(course)
    for missing in course.subjects(QuestionKind.AUTHORIZATION_CONSEQUENCE):
        yield _input(course, QuestionKind.AUTHORIZATION_CONSEQUENCE, missing, _consequences)
    for code in course.subjects(QuestionKind.LIABILITY):
        yield _input(course, QuestionKind.LIABILITY, code, partial(_liability, code=code))
    for name in course.subjects(QuestionKind.BALANCE_BILL):
        yield _input(course, QuestionKind.BALANCE_BILL, name, partial(_balance_bill, name=name))
    if course.subjects(QuestionKind.MULTIPLE_PROCEDURE_REDUCTION):
        yield _input(course, QuestionKind.MULTIPLE_PROCEDURE_REDUCTION, "", partial(_reduction, networks=networks))
    if isinstance(course.plan.benefit_year, Unknown):
        yield _input(course, InputKind.BENEFIT_YEAR, "", _years)


def _input(course: Course, kind: QuestionKind | InputKind, subject: str, making: Making) -> Input:
    """Make the ends of every revision of the plan; one that has none of its own stays as it is."""
    plan = course.plan
    own, later = making(plan), [making(each) for each in plan.later]
    options = [
        Option(
            end,
            replace(
                own.get(end, plan),
                later=tuple(ends.get(end, each) for ends, each in zip(later, plan.later, strict=True)),
            ),
            course.asked,
        )
        for end in dict.fromkeys(end for ends in (own, *later) for end in ends)
    ]
    return Input(kind, subject, "", tuple(options))


def _years(plan: Plan) -> Ends:
    if not isinstance(plan.benefit_year, Unknown):
        return {}
    return {end: replace(plan, benefit_year=each) for end, each in _BENEFIT_YEARS.items()}


def _cover(plan: Plan, subjects: tuple[str, ...], codes: frozenset[str]) -> Ends:
    """Cover the services as the therapy beside them, swallow them in it, or leave them to the patient."""
    named = [policy.services for policy in plan.policies if policy.name in subjects]
    services = frozenset(subjects).intersection(codes).union(*named)
    under = benefit_beside(plan, services, codes)
    policies = {
        "covered": Policy(_SUPPOSED, services, Position.COVERED, under=under),
        "bundled": Policy(_SUPPOSED, services, Position.BUNDLED),
        "not-covered": Policy(_SUPPOSED, services, Position.EXCLUDED, liable=Liable.PATIENT),
    }
    return {end: replace(plan, policies=(policy, *plan.policies)) for end, policy in policies.items()}


def benefit_beside(plan: Plan, services: frozenset[str], codes: frozenset[str]) -> str:
    """Return the benefit that services would fall in if they were covered: that of the other codes beside them."""
    beside = [benefit.name for benefit in plan.benefits if benefit.services & (codes - services)]
    return (beside or [benefit.name for benefit in plan.benefits] or [""])[0]


def _network(plan: Plan, name: str) -> Ends:
    """Pay in this network as in network, or not at all."""
    like = plan.networks.get(IN_NETWORK)
    stated = plan.networks.get(name) or Network(name, contracted=False)
    plans = {"not-covered": _with_network(plan, replace(stated, covered=False))}
    if like is not None and like.covered is True:
        alike = replace(like, name=name, contracted=stated.contracted, balance_bill=False)
        shares = tuple(
            replace(benefit, cost_share={**benefit.cost_share, name: benefit.cost_share.get(IN_NETWORK, Tier.UNKNOWN)})
            for benefit in plan.benefits
        )
        plans["like-in-network"] = _with_network(replace(plan, benefits=shares), alike)
    return plans


def _limits(course: Course) -> Iterator[Input]:
    """Read what is open about limits; one of which nobody has read the amount ends at no limit, or is used up."""
    unread: Stated = {"not-reached": {"amount": _NEVER_REACHED}, "used-up": {"amount": 0}}
    as_read: Stated = {"not-reached": {"amount": _NEVER_REACHED}, "as-read": {"confirmed": True}}
    for name in course.subjects(QuestionKind.LIMIT):
        revisions = (course.plan, *course.plan.later)
        is_unread = any(isinstance(each.limits[name].amount, Unknown) for each in revisions if name in each.limits)
        ends = unread if is_unread else as_read
        yield _of_limit(course, QuestionKind.LIMIT, name, ends, only_unread=is_unread)
    exempting: Stated = {"exempt": {"exempt": ANYTIME}, "holds": {"exempt": None}}
    for name in course.subjects(QuestionKind.LIMIT_EXEMPTION):
        yield _of_limit(course, QuestionKind.LIMIT_EXEMPTION, name, exempting)
    sharing: Stated = {"no": {"counts_other_therapy": False}, "yes": {"counts_other_therapy": True}}
    for name in course.subjects(QuestionKind.LIMIT_SHARED):
        yield _of_limit(course, QuestionKind.LIMIT_SHARED, name, sharing)
    past: Stated = {"clinic-absorbs": {"past": Past.PROVIDER_ABSORBS}, "patient-pays": {"past": Past.PATIENT_PAYS}}
    for name in course.subjects(QuestionKind.PAST_LIMIT):
        yield _of_limit(course, QuestionKind.PAST_LIMIT, name, past)
    assumed = (
        each.subject for each in course.estimate.assumptions if each.assumes is AssumptionKind.DEDUCTIBLE_VISITS_COUNT
    )
    counting: Stated = {end: {"counts_deductible_visits": end == "yes"} for end in ("no", "yes")}
    for name in dict.fromkeys((*course.subjects(QuestionKind.DEDUCTIBLE_VISITS_COUNT), *assumed)):
        yield _of_limit(course, QuestionKind.DEDUCTIBLE_VISITS_COUNT, name, counting)


def _of_limit(course: Course, kind: QuestionKind, name: str, ends: Stated, *, only_unread: bool = False) -> Input:
    def making(plan: Plan) -> Ends:
        limit = plan.limits.get(name)
        if limit is None or (only_unread and not isinstance(limit.amount, Unknown)):
            return {}
        return {end: replace(plan, limits={**plan.limits, name: _stated(limit, says)}) for end, says in ends.items()}

    return _input(course, kind, name, making)


def _stated(limit: Limit, stated: Mapping[str, object]) -> Limit:
    return replace(limit, **stated)  # type: ignore[arg-type]


def _consequences(plan: Plan) -> Ends:
    """Lay a missing authorization on the clinic or on the patient, where the plan does not say."""
    ends = {"clinic-absorbs": IfMissing.PROVIDER_ABSORBS, "patient-pays": IfMissing.PATIENT_PAYS}
    return {
        end: replace(plan, benefits=tuple(_bearing(benefit, kind) for benefit in plan.benefits))
        for end, kind in ends.items()
    }


def _bearing(benefit: Benefit, kind: IfMissing) -> Benefit:
    return replace(
        benefit,
        authorization=_borne(benefit.authorization, kind),
        referral=_borne(benefit.referral, kind),
    )


def _borne(rule: Authorization | Unknown | None, kind: IfMissing) -> Authorization | Unknown | None:
    if not isinstance(rule, Authorization):
        return rule
    inside, outside = (
        Consequence(kind) if each.kind is IfMissing.UNKNOWN else each
        for each in (rule.if_missing, rule.if_missing_out_of_network)
    )
    return replace(rule, if_missing=inside, if_missing_out_of_network=outside)


def _liability(plan: Plan, code: str) -> Ends:
    """Let the clinic or the patient bear a line that the policy denies."""
    return {
        end: replace(plan, policies=tuple(_liable(policy, code, liable) for policy in plan.policies))
        for end, liable in (("clinic-absorbs", Liable.PROVIDER), ("patient-pays", Liable.PATIENT))
    }


def _liable(policy: Policy, code: str, liable: Liable) -> Policy:
    is_open = policy.liable is Liable.UNKNOWN and code in policy.services
    return replace(policy, liable=liable) if is_open else policy


def _balance_bill(plan: Plan, name: str) -> Ends:
    stated = plan.networks.get(name)
    if stated is None:
        return {}
    return {end: _with_network(plan, replace(stated, balance_bill=may)) for end, may in (("no", False), ("yes", True))}


def _reduction(plan: Plan, networks: tuple[str, ...]) -> Ends:
    """Apply the therapy MPPR or not, in the networks that do not say."""
    plans = {}
    for end, reduces in (("yes", True), ("no", False)):
        stated = plan
        for name in networks:
            network = plan.networks.get(name)
            if network is not None and isinstance(network.allowed.reduces_multiple_procedures, Unknown):
                allowed = replace(network.allowed, reduces_multiple_procedures=reduces)
                stated = _with_network(stated, replace(network, allowed=allowed))
        plans[end] = stated
    return plans


def _with_network(plan: Plan, network: Network) -> Plan:
    return replace(plan, networks={**plan.networks, network.name: network})


# ----------------------------------------------------------------------------
# The plausible ends of copays, percentages, deductibles and maximums that a plan does not state.
# ----------------------------------------------------------------------------

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


def _share_ends(plan: Plan, networks: tuple[str, ...], subject: str) -> Ends:
    """State the copay, the percentage, the place of the deductible, or a benefit's share that is wholly unknown."""
    return {end: _with_shares(plan, networks, subject, at) for end, at in (("low", _LOW), ("high", _HIGH))}


def _ceiling_ends(plan: Plan, name: str) -> Ends:
    """State a deductible or a maximum, or how the family's relates to a person's."""
    if name == "family-rule":
        rules = {"embedded": FamilyRule.EMBEDDED, "aggregate": FamilyRule.AGGREGATE}
        return {end: _with_ceilings(plan, _CEILINGS, _ruling(rule)) for end, rule in rules.items()}
    return {end: _with_ceilings(plan, (name,), _reading(name, at)) for end, at in (("low", _LOW), ("high", _HIGH))}


def _with_shares(plan: Plan, networks: tuple[str, ...], subject: str, at: int) -> Plan:
    benefits = tuple(
        _stated_in(benefit, networks, subject, at) if subject in (benefit.name, *_PARTS) else benefit
        for benefit in plan.benefits
    )
    return replace(plan, benefits=benefits)


def _stated_in(benefit: Benefit, networks: tuple[str, ...], subject: str, at: int) -> Benefit:
    shares = {name: _stated_amount(benefit.cost_share.get(name, Tier.UNKNOWN), subject, at) for name in networks}
    return replace(benefit, cost_share={**benefit.cost_share, **shares})


def _stated_amount(share: Share, subject: str, at: int) -> Share:
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
