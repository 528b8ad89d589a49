"""A plan's limits, benefits and policies in sentences, and all of a plan's rules by heading."""

from collections.abc import Iterator, Mapping

from estimator.domain.authorization import Authorization, IfMissing
from estimator.domain.limit import Limit, Measure, Past
from estimator.domain.money import Money
from estimator.domain.plan import Benefit, Plan, Policy, Position
from estimator.domain.unknown import Unknown
from estimator.planfiles.services import ServiceName
from estimator.web.figures import counted, usd
from estimator.web.plan_words import Rule, heading, named, network_rules, share_words
from estimator.wording.telling import period_of

_PAST = {
    Past.PATIENT_PAYS: "Beyond that you pay the whole price.",
    Past.PROVIDER_ABSORBS: "Beyond that the clinic bears the price.",
    Past.NEEDS_AUTHORIZATION: "Beyond that the plan must approve more.",
    Past.CONTINUES: "Beyond that care goes on; claims need a mark.",
}
_POSITIONS = {
    Position.COVERED: "is covered",
    Position.COVERED_IN_THERAPY: "is covered only within a visit of other therapy",
    Position.BUNDLED: "is not paid separately",
    Position.INVESTIGATIONAL: "is called investigational and not paid",
    Position.NOT_MEDICALLY_NECESSARY: "is called not medically necessary and not paid",
    Position.EXCLUDED: "is excluded",
    Position.UNKNOWN: "may or may not be paid: no rule of this payer was found; ask",
}
_MISSING = {
    IfMissing.PROVIDER_ABSORBS: "without it the clinic bears the price",
    IfMissing.PATIENT_PAYS: "without it you pay the whole price",
    IfMissing.REDUCED: "without it the plan pays less",
    IfMissing.PENALTY: "without it there is a penalty",
    IfMissing.OTHER_COST_SHARE: "without it you pay another share",
    IfMissing.UNKNOWN: "what happens without it is not known to us",
}


def rules_of(plan: Plan, names: Mapping[str, ServiceName]) -> list[tuple[str, list[Rule]]]:
    """Return the rules of a plan under headings; `names` are our words for codes."""
    parts: list[tuple[str, list[Rule]]] = [
        ("Deductible, maximum and prices", list(network_rules(plan))),
        ("What you pay", [rule for benefit in plan.benefits for rule in _benefit_rules(benefit)]),
        ("Limits", [_limit_rule(limit) for limit in plan.limits.values()]),
        ("Dry needling and other policies", [_policy_rule(policy, names) for policy in plan.policies]),
        ("Notes", list(plan.notes)),
    ]
    return [(heading, rules) for heading, rules in parts if rules]


def _benefit_rules(benefit: Benefit) -> Iterator[Rule]:
    name = heading(benefit.name)
    for network, share in benefit.cost_share.items():
        citation = getattr(share, "citation", None) or benefit.citation
        yield f"{name}, {named(network)}: {share_words(share)}.", citation
    for kind, needed in (("An approval", benefit.authorization), ("A referral", benefit.referral)):
        if isinstance(needed, Unknown):
            yield f"{name}: whether {kind.lower()} is needed is not known to us; ask the plan.", benefit.citation
        elif needed is not None and needed.from_visit is not None:
            yield _needed_rule(name, kind, needed)


def _needed_rule(name: str, kind: str, needed: Authorization) -> Rule:
    start = "from the first visit" if needed.from_visit == 1 else f"from visit {needed.from_visit}"
    waiver = (
        f"; the first {counted(needed.waiver_visits, 'visit')} are granted on request" if needed.waiver_visits else ""
    )
    asked = f" by {needed.administrator}" if needed.administrator else ""
    missing = _MISSING[needed.if_missing.kind]
    return f"{name}: {kind.lower()}{asked} is needed {start}{waiver}; {missing}.", needed.citation


def _limit_rule(limit: Limit) -> Rule:
    name = heading(limit.name)
    if isinstance(limit.amount, Unknown):
        return f"{name}: how much is not known to us; ask the plan.", limit.citation
    past = "What comes after is not known to us." if isinstance(limit.past, Unknown) else _PAST[limit.past]
    return f"{name}: {_amount(limit.measure, limit.amount)} {period_of(limit)}. {past}", limit.citation


def _amount(measure: Measure, amount: int) -> str:
    if measure is Measure.DOLLARS:
        return usd(Money(amount))
    if measure is Measure.HOURS:
        return counted(amount, "minute")
    return counted(amount, {Measure.MODALITIES: "service"}.get(measure, measure.removesuffix("s")))


def _policy_rule(policy: Policy, names: Mapping[str, ServiceName]) -> Rule:
    by_whom = ""
    if policy.when.providers:
        by_whom = " by a " + " or ".join(named(provider) for provider in sorted(policy.when.providers))
    sole = ", and a visit of nothing else is not paid at all" if policy.sole_service_denied else ""
    return f"{_services(policy, names)}{by_whom} {_POSITIONS[policy.position]}{sole}.", policy.citation


def _services(policy: Policy, names: Mapping[str, ServiceName]) -> str:
    disciplines = dict.fromkeys(
        named(names[code].discipline) if code in names else code for code in sorted(policy.services)
    )
    words = " and ".join(disciplines).replace("needling", "dry needling")
    return f"{words[:1].upper()}{words[1:]} ({', '.join(sorted(policy.services))})"
