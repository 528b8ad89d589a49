"""A plan's limits, benefits and policies in sentences, and all of a plan's rules by heading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from estimator.engine.plan import Authorization, Benefit, IfMissing, Limit, Measure, Past, Plan, Policy, Position
from estimator.engine.values import Unknown
from estimator.language import N_, _, ngettext
from estimator.plans.shared import ServiceName
from estimator.wording.figures import counted, either, listed, sentence
from estimator.wording.notes import note_says
from estimator.wording.plan_words import Rule, heading, named, network_rules, share_words
from estimator.wording.telling import amount_of, payer_called, period_of

_PAST = {
    Past.PATIENT_PAYS: N_("Beyond that you pay the whole price."),
    Past.PROVIDER_ABSORBS: N_("Beyond that the clinic bears the price."),
    Past.NEEDS_AUTHORIZATION: N_("Beyond that the plan must approve more."),
    Past.CONTINUES: N_("Beyond that care goes on; claims need a mark."),
}
_POSITIONS = {
    Position.COVERED: N_("is covered"),
    Position.COVERED_IN_THERAPY: N_("is covered only within a visit of other therapy"),
    Position.BUNDLED: N_("is not paid separately"),
    Position.INVESTIGATIONAL: N_("is called investigational and not paid"),
    Position.NOT_MEDICALLY_NECESSARY: N_("is called not medically necessary and not paid"),
    Position.EXCLUDED: N_("is excluded"),
    Position.UNKNOWN: N_("may or may not be paid: no rule of this payer was found; ask"),
}
_MISSING = {
    IfMissing.PROVIDER_ABSORBS: N_("without it the clinic bears the price"),
    IfMissing.PATIENT_PAYS: N_("without it you pay the whole price"),
    IfMissing.REDUCED: N_("without it the plan pays less"),
    IfMissing.PENALTY: N_("without it there is a penalty"),
    IfMissing.OTHER_COST_SHARE: N_("without it you pay another share"),
    IfMissing.UNKNOWN: N_("what happens without it is not known to us"),
}
_DISCIPLINES = {
    "physical-therapy": N_("physical therapy"),
    "chiropractic": N_("chiropractic"),
    "acupuncture": N_("acupuncture"),
    "needling": N_("dry needling"),
    "medical": N_("medical"),
}
_PAST_NOT_KNOWN = N_("What comes after is not known to us.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a plan may ask for before care, in the three ways of saying so."""

    not_known: str
    needed: str
    needed_of: str


_APPROVAL = _Asked(
    N_("whether an approval is needed is not known to us; ask the plan."),
    N_("an approval is needed"),
    N_("an approval by {administrator} is needed"),
)
_REFERRAL = _Asked(
    N_("whether a referral is needed is not known to us; ask the plan."),
    N_("a referral is needed"),
    N_("a referral by {administrator} is needed"),
)


def rules_of(plan: Plan, names: Mapping[str, ServiceName]) -> list[tuple[str, list[Rule]]]:
    """Return the rules of a plan under headings; `names` are our words for codes."""
    parts: list[tuple[str, list[Rule]]] = [
        (_("Deductible, maximum and prices"), list(network_rules(plan))),
        (_("What you pay"), [rule for benefit in plan.benefits for rule in _benefit_rules(benefit)]),
        (_("Limits"), [_limit_rule(limit) for limit in plan.limits.values()]),
        (_("Dry needling and other policies"), [_policy_rule(policy, names) for policy in plan.policies]),
        (_("Notes"), [(note_says(note), citation) for note, citation in plan.notes]),
    ]
    return [(heading, rules) for heading, rules in parts if rules]


def _benefit_rules(benefit: Benefit) -> Iterator[Rule]:
    name = heading(benefit.name)
    for network, share in benefit.cost_share.items():
        citation = getattr(share, "citation", None) or benefit.citation
        yield f"{name}, {named(network)}: {share_words(share)}.", citation
    for asked, needed in ((_APPROVAL, benefit.authorization), (_REFERRAL, benefit.referral)):
        if isinstance(needed, Unknown):
            yield f"{name}: {_(asked.not_known)}", benefit.citation
        elif needed is not None and needed.from_visit is not None:
            yield f"{name}: {_needed(asked, needed)}.", needed.citation


def _needed(asked: _Asked, needed: Authorization) -> str:
    who = needed.administrator
    words = _(asked.needed_of).format(administrator=payer_called(who)) if who else _(asked.needed)
    start = _("from the first visit")
    if needed.from_visit != 1:
        start = _("from visit {number}").format(number=needed.from_visit)
    waiver = ""
    if needed.waiver_visits:
        granted = ngettext(
            "the first {number} visit are granted on request",
            "the first {number} visits are granted on request",
            needed.waiver_visits,
        )
        waiver = f"; {granted.format(number=needed.waiver_visits)}"
    return f"{words} {start}{waiver}; {_(_MISSING[needed.if_missing.kind])}"


def _limit_rule(limit: Limit) -> Rule:
    name = heading(limit.name)
    if isinstance(limit.amount, Unknown):
        not_known = _("how much is not known to us; ask the plan.")
        return f"{name}: {not_known}", limit.citation
    past = _(_PAST_NOT_KNOWN if isinstance(limit.past, Unknown) else _PAST[limit.past])
    return f"{name}: {_amount(limit.measure, limit.amount)} {period_of(limit)}. {past}", limit.citation


def _amount(measure: Measure, amount: int) -> str:
    return counted(amount, "minute") if measure is Measure.HOURS else amount_of(measure, amount)


def _policy_rule(policy: Policy, names: Mapping[str, ServiceName]) -> Rule:
    by_whom = ""
    if policy.when.providers:
        providers = either([named(provider) for provider in sorted(policy.when.providers)])
        by_whom = _(" by a {providers}").format(providers=providers)
    sole = _(", and a visit of nothing else is not paid at all") if policy.sole_service_denied else ""
    return f"{_services(policy, names)}{by_whom} {_(_POSITIONS[policy.position])}{sole}.", policy.citation


def _services(policy: Policy, names: Mapping[str, ServiceName]) -> str:
    kinds = dict.fromkeys(names[code].discipline if code in names else code for code in sorted(policy.services))
    words = listed([_(_DISCIPLINES[kind]) if kind in _DISCIPLINES else kind for kind in kinds])
    return f"{sentence(words)} ({', '.join(sorted(policy.services))})"
