"""A plan's rules in sentences by heading, and how two texts of a plan differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.coverage import StateRule
from estimator.engine.plan import (
    Allowed,
    Authorization,
    Basis,
    Benefit,
    Ceiling,
    CodeRule,
    CostShare,
    DeductibleOrder,
    IfMissing,
    Limit,
    Measure,
    Network,
    Past,
    Per,
    Plan,
    Policy,
    Position,
    Supplement,
    Tier,
)
from estimator.engine.usual import UsualRules
from estimator.engine.values import ALWAYS, Amount, Between, Citation, Unknown
from estimator.language import N_, _, ngettext
from estimator.plans.common_rules import CommonRule
from estimator.plans.layers import Layer, sources_cited
from estimator.plans.read import PlanFile
from estimator.plans.shared import ServiceName
from estimator.plans.text import Block, Listing, Tree, Words, documents
from estimator.wording.words import (
    amount_of,
    counted,
    either,
    heading,
    listed,
    note_says,
    page_usd,
    payer_called,
    period_of,
    plain,
    sentence,
)

_PAST = {
    Past.PATIENT_PAYS: N_("Beyond that you pay the whole price."),
    Past.PROVIDER_ABSORBS: N_("Beyond that the clinic can't charge you."),
    Past.NEEDS_AUTHORIZATION: N_("Beyond that the plan must approve more."),
    Past.CONTINUES: N_("Beyond that care goes on; the clinic marks its claims."),
}
_POSITIONS = {
    Position.COVERED: N_("is covered"),
    Position.COVERED_IN_THERAPY: N_("is covered only within a visit of other therapy"),
    Position.BUNDLED: N_("isn't paid separately"),
    Position.INVESTIGATIONAL: N_("is called investigational and not paid"),
    Position.NOT_MEDICALLY_NECESSARY: N_("is called not medically necessary and not paid"),
    Position.EXCLUDED: N_("is excluded"),
    Position.UNKNOWN: N_("may or may not be paid: we found no rule, so ask your plan"),
}
_MISSING = {
    IfMissing.PROVIDER_ABSORBS: N_("without it the clinic can't charge you"),
    IfMissing.PATIENT_PAYS: N_("without it you pay the whole price"),
    IfMissing.REDUCED: N_("without it the plan pays less"),
    IfMissing.PENALTY: N_("without it there is a penalty"),
    IfMissing.OTHER_COST_SHARE: N_("without it you pay another share"),
    IfMissing.UNKNOWN: N_("we don't know what happens without it"),
}
_DISCIPLINES = {
    "physical-therapy": N_("physical therapy"),
    "chiropractic": N_("chiropractic"),
    "acupuncture": N_("acupuncture"),
    "needling": N_("dry needling"),
    "medical": N_("medical"),
}
_PAST_NOT_KNOWN = N_("We don't know what comes after.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a plan may ask for before care, in the three ways of saying so."""

    not_known: str
    needed: str
    needed_of: str


_APPROVAL = _Asked(
    N_("we don't know whether you need approval; ask your plan."),
    N_("you need approval"),
    N_("you need approval by {administrator}"),
)
_REFERRAL = _Asked(
    N_("we don't know whether you need a referral; ask your plan."),
    N_("you need a referral"),
    N_("you need a referral by {administrator}"),
)


def rules_of(plan: Plan, names: Mapping[str, ServiceName]) -> list[tuple[str, list[Rule]]]:
    """Return the rules of a plan under headings; `names` are our words for codes."""
    parts: list[tuple[str, list[Rule]]] = [
        (_("Deductible, maximum and prices"), list(network_rules(plan))),
        (_("What you pay"), [rule for benefit in plan.benefits for rule in _benefit_rules(benefit)]),
        (_("What it pays after Medicare"), list(_supplement_rules(plan.supplement))),
        (_("Limits"), [_limit_rule(limit) for limit in plan.limits.values()]),
        (_("Dry needling and other policies"), [_policy_rule(policy, names) for policy in plan.policies]),
        (_("Notes"), [(note_says(note), citation) for note, citation in plan.notes]),
    ]
    return [(heading, rules) for heading, rules in parts if rules]


def _supplement_rules(rule: Supplement | None) -> Iterator[Rule]:
    """Say what a plan pays of the parts that Original Medicare leaves."""
    if rule is None:
        return
    yield _("It pays {rate} of the Part B deductible.").format(rate=rule.deductible), rule.citation
    yield _("It pays {rate} of the Part B coinsurance.").format(rate=rule.coinsurance), rule.citation
    if rule.copay is not None:
        may = _("Up to {copay} of that stays with you at an office visit.").format(copay=page_usd(rule.copay))
        yield may, rule.citation
        if isinstance(rule.copay_applies, Unknown):
            yield _("We don't know whether therapy visits count as office visits. Ask your plan."), rule.citation
    if rule.limit is not None:
        words = _("Once you have paid {limit} in a year, it pays all of the coinsurance.")
        yield words.format(limit=page_usd(rule.limit)), rule.citation
    if isinstance(rule.excess, Unknown):
        yield _("We don't know whether it pays charges above Medicare’s amount. Ask your plan."), rule.citation
    else:
        yield _("It pays {rate} of charges above Medicare’s amount.").format(rate=rule.excess), rule.citation
    if not rule.may_bill:
        yield _("The clinic may not bill you for these parts, whatever Medicaid pays."), rule.citation


def _benefit_rules(benefit: Benefit) -> Iterator[Rule]:
    name = heading(benefit.name)
    for network, share in benefit.cost_share.items():
        citation = getattr(share, "citation", None) or benefit.citation
        yield f"{name}, {plain(network)}: {share_words(share)}.", citation
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
        not_known = _("we don't know how much; ask your plan.")
        return f"{name}: {not_known}", limit.citation
    past = _(_PAST_NOT_KNOWN if isinstance(limit.past, Unknown) else _PAST[limit.past])
    return f"{name}: {_amount(limit.measure, limit.amount)} {period_of(limit)}. {past}", limit.citation


def _amount(measure: Measure, amount: int) -> str:
    return counted(amount, "minute") if measure is Measure.HOURS else amount_of(measure, amount)


def _policy_rule(policy: Policy, names: Mapping[str, ServiceName]) -> Rule:
    by_whom = ""
    if policy.when.providers:
        providers = either([_one(plain(provider)) for provider in sorted(policy.when.providers)])
        by_whom = _(" by {providers}").format(providers=providers)
    sole = _(", and a visit of nothing else isn't paid at all") if policy.sole_service_denied else ""
    return f"{_services(policy, names)}{by_whom} {_(_POSITIONS[policy.position])}{sole}.", policy.citation


def _one(name: str) -> str:
    words = _("an {name}") if name[0] in "aeiou" else _("a {name}")
    return words.format(name=name)


def _services(policy: Policy, names: Mapping[str, ServiceName]) -> str:
    kinds = dict.fromkeys(names[code].discipline if code in names else code for code in sorted(policy.services))
    words = listed([_(_DISCIPLINES[kind]) if kind in _DISCIPLINES else kind for kind in kinds])
    return f"{sentence(words)} ({', '.join(sorted(policy.services))})"


# ----------------------------------------------------------------------------
# Sentences on a plan's networks and cost shares, for the page of the plan.
# ----------------------------------------------------------------------------

Rule = tuple[str, Citation | None]

# Parts of names that are abbreviations elsewhere.
_NOT_KNOWN = N_("unclear; ask your plan")
_NOT_COVERED = N_("not covered")
_PER = {
    Per.VISIT: N_("a visit"),
    Per.DAY: N_("a day"),
    Per.PROVIDER_DAY: N_("a day with each provider"),
    Per.LINE: N_("a service"),
    Per.UNIT: N_("a unit of service"),
}
_DEDUCTIBLE = {
    DeductibleOrder.WAIVED: N_("the deductible doesn't apply"),
    DeductibleOrder.APPLIES: N_("after the deductible"),
    DeductibleOrder.AFTER_COPAY: N_("and the rest goes to the deductible first"),
    DeductibleOrder.WITH_COPAY: N_("and copay and rest both count toward the deductible"),
}
_BASIS = {
    Basis.CONTRACT: N_("what the clinic and the plan agreed on, which we estimate from your area"),
    Basis.CHARGES: N_("what the clinic charges"),
    Basis.PER_VISIT: N_("one price for a whole visit"),
    Basis.CASE_RATE: N_("one price for the whole course"),
    Basis.FEE_SCHEDULE: N_("the plan’s own price list"),
}
# Of a ceiling: none, one that is not known, one for a person, one for a family too.
_DEDUCTIBLES = (
    N_("no deductible"),
    N_("we don't know the deductible; ask your plan"),
    N_("the deductible is {person} for a person"),
    N_("the deductible is {person} for a person; {family} for a family"),
)
_MAXIMUMS = (
    N_("no out-of-pocket maximum"),
    N_("we don't know the out-of-pocket maximum; ask your plan"),
    N_("the out-of-pocket maximum is {person} for a person"),
    N_("the out-of-pocket maximum is {person} for a person; {family} for a family"),
)
# A plan that says nothing on drugs gets no sentence: that is not the same as a plan whose drugs don't count.
_FREE = N_("covered care that an Indian health care provider gives or refers you for is free")
_HIGH_DEDUCTIBLE = N_("a high-deductible plan that goes with a health savings account (HSA)")
_DRUGS_COUNT = N_("What you pay for prescriptions counts toward it too.")


def network_rules(plan: Plan) -> Iterator[Rule]:
    """Say what each network's deductible, maximum and prices are."""
    for network in plan.networks.values():
        where = heading(network.name)
        if network.covered is not True:
            words = _NOT_COVERED if network.covered is False else _NOT_KNOWN
            yield f"{where}: {_(words)}.", network.citation
            continue
        yield _ceiling_rule(where, _DEDUCTIBLES, network.deductible)
        yield _ceiling_rule(where, _MAXIMUMS, network.out_of_pocket_max)
        price = _("the price is {price}").format(price=_price(network))
        yield f"{where}: {price}.", network.allowed.citation
        if bill := _balance_bill(network):
            yield f"{where}: {bill}.", network.citation
        if network.free_by_indian_health is not None:
            yield f"{where}: {_(_FREE)}.", network.free_by_indian_health
        if network.high_deductible is not None:
            yield f"{where}: {_(_HIGH_DEDUCTIBLE)}.", network.high_deductible


def share_words(share: CostShare | Tier) -> str:
    """Say what a patient pays of a covered service."""
    if isinstance(share, Tier):
        return _(_NOT_COVERED if share is Tier.NOT_COVERED else _NOT_KNOWN)
    parts = [_copay(share), _coinsurance(share)]
    said = listed([part for part in parts if part])
    if isinstance(share.deductible, Unknown):
        words = _("you pay {share}; we don't know whether the deductible applies, so ask your plan")
        return words.format(share=said or _("nothing"))
    if not said and share.deductible is DeductibleOrder.WAIVED:
        return _("you pay nothing")
    pays = _("you pay {share}").format(share=said or _("nothing more"))
    return f"{pays}, {_(_DEDUCTIBLE[share.deductible])}{_caps(share)}"


def amount_words(amount: Amount | None) -> str:
    """Say an amount that may be open.

    >>> from estimator.engine.values import Money
    >>> amount_words(Between(Money(1000), Money(4000)))
    'between $10.00 and $40.00'
    """
    match amount:
        case None:
            return _("nothing")
        case Unknown():
            return _(_NOT_KNOWN)
        case Between(low, high):
            return _("between {low} and {high}").format(low=page_usd(low), high=page_usd(high))
        case _:
            return page_usd(amount)


def _ceiling_rule(where: str, says: Sequence[str], ceiling: Ceiling | Unknown | None) -> Rule:
    none, not_known, for_one, for_all = says
    if ceiling is None:
        return f"{where}: {_(none)}.", None
    if isinstance(ceiling, Unknown):
        return f"{where}: {_(not_known)}.", None
    words = _(for_one if ceiling.family is None else for_all)
    amounts = words.format(person=amount_words(ceiling.person), family=amount_words(ceiling.family))
    also = f" {_(_DRUGS_COUNT)}" if ceiling.includes_drugs else ""
    return f"{where}: {amounts}.{also}", ceiling.citation


def _price(network: Network) -> str:
    if network.allowed.basis is Basis.CONTRACT and not network.contracted:
        return _("not in the plan's documents; we estimate it from your area")
    return _basis(network.allowed)


def _basis(allowed: Allowed) -> str:
    if allowed.basis is Basis.MEDICARE:
        return _("{percent} of Medicare’s price").format(percent=allowed.percent or "100%")
    words = _(_BASIS[allowed.basis])
    if allowed.percent is not None:
        return _("{percent} of {price}").format(percent=allowed.percent, price=words)
    return f"{words}, {page_usd(allowed.amount)}" if allowed.amount is not None else words


def _balance_bill(network: Network) -> str:
    if network.balance_bill is True:
        return _("the clinic may bill you for the rest of its charge")
    if isinstance(network.balance_bill, Unknown):
        return _("we don't know whether the clinic may bill you for the rest of its charge; ask your plan")
    return ""


def _copay(share: CostShare) -> str:
    if share.copay is None:
        return ""
    if isinstance(share.copay, Unknown):
        return _("a copay we don't know; ask your plan")
    return f"{amount_words(share.copay)} {_(_PER[share.per])}"


def _coinsurance(share: CostShare) -> str:
    if share.coinsurance is None:
        return ""
    if isinstance(share.coinsurance, Unknown):
        return _("a percentage we don't know; ask your plan")
    is_of_the_rest = share.copay is not None and not share.coinsurance_of_allowed
    words = _("{percentage} of the rest") if is_of_the_rest else _("{percentage} of the price")
    return words.format(percentage=share.coinsurance)


def _caps(share: CostShare) -> str:
    said = ""
    if share.max_per_visit is not None:
        said += _(", at most {amount} a visit").format(amount=page_usd(share.max_per_visit))
    if share.plan_pays_at_most is not None:
        said += _("; the plan pays at most {amount} a visit").format(amount=page_usd(share.plan_pays_at_most))
    return said


# ----------------------------------------------------------------------------
# How two texts of a plan differ: in the sentences of the plan's page, value by value, and line by line.
#
# The sentences say what a reader would notice; the values leave nothing out.
# ----------------------------------------------------------------------------

_ALIKE = 0.6
_HEAD = (("title", "Title"), ("payer", "Payer"), ("kind", "Kind"), ("market", "Market"), ("states", "States"))
_AROUND = 2
_ABOUT = "The plan"


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence or a value before and after; empty where it was not there, or is not there any more."""

    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything in which two texts differ."""

    rules: tuple[Change, ...]
    values: tuple[Change, ...]
    lines: tuple[str, ...]


def changes_of(
    before: PlanFile | None, after: PlanFile, old_text: str, new_text: str, names: Mapping[str, ServiceName]
) -> Changes:
    """Return how a plan would change; of a plan that is new, everything is added."""
    lines = lines_between(old_text, new_text, "before", "after")
    return Changes(tuple(_rules(before, after, names)), tuple(_values(before, after)), lines)


_MOST_LINES = 3_000  # The longest file of ours has 1,500.


def lines_between(old: str, new: str, old_name: str, new_name: str) -> tuple[str, ...]:
    """Return the lines in which two texts differ, with some around them.

    What follows the first few thousand lines is not compared: lines that repeat themselves would take minutes.
    """
    before, after = old.splitlines(), new.splitlines()
    found = unified_diff(before[:_MOST_LINES], after[:_MOST_LINES], old_name, new_name, lineterm="", n=_AROUND)
    if before[_MOST_LINES:] == after[_MOST_LINES:]:
        return tuple(found)
    return (*found, f"@@ The texts go on after line {_MOST_LINES:,}, and differ there, too. @@")


def rule_changes(old: Said, new: Said, old_text: str, new_text: str) -> Changes:
    """Return how a rule that many plans rest on would change, by the sentences of its page and by its text."""
    titles = dict.fromkeys((*old, *new))
    rules = tuple(change for title in titles for change in _paired(title, old.get(title, []), new.get(title, [])))
    values = tuple(_different(_values_of(old_text), _values_of(new_text)))
    return Changes(rules, values, lines_between(old_text, new_text, "before", "after"))


def _values_of(text: str) -> Mapping[str, str]:
    written, _ = documents(text.encode())
    several = len(written) > 1
    return dict(value for place, one in enumerate(written, 1) for value in _flat(one, str(place) if several else ""))


def _rules(before: PlanFile | None, after: PlanFile, names: Mapping[str, ServiceName]) -> Iterator[Change]:
    old = _sentences(before, names) if before else {}
    new = _sentences(after, names)
    for title in dict.fromkeys((*old, *new)):
        yield from _paired(title, old.get(title, []), new.get(title, []))


def _sentences(file: PlanFile, names: Mapping[str, ServiceName]) -> dict[str, list[str]]:
    about = [f"{label}: {_shown(file.written[key])}." for key, label in _HEAD if key in file.written]
    span = file.plan.in_force
    about.append(f"In force: {span.first_day or 'always'} to {span.last_day or 'no end'}.")
    return {_ABOUT: about} | {heading: [words for words, _ in rules] for heading, rules in rules_of(file.plan, names)}


def _paired(heading: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield what differs under a heading; a sentence that is much like another one took its place."""
    gone = [words for words in old if words not in new]
    come = [words for words in new if words not in old]
    for words in gone:
        alike = get_close_matches(words, come, 1, _ALIKE)
        if alike:
            come.remove(alike[0])
        yield Change(heading, words, alike[0] if alike else "")
    yield from (Change(heading, "", words) for words in come)


def _values(before: PlanFile | None, after: PlanFile) -> Iterator[Change]:
    return _different(dict(_flat(before.written, "")) if before else {}, dict(_flat(after.written, "")))


def _different(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) != new.get(path):
            yield Change(path, old.get(path, ""), new.get(path, ""))


def _flat(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Block):
        for key, value in tree.items():
            yield from _flat(value, f"{path} › {key}" if path else key)
    elif isinstance(tree, Listing) and not all(isinstance(member, Words) for member in tree):
        for place, member in enumerate(tree, start=1):
            yield from _flat(member, f"{path} › {place}")
    else:
        yield path, _shown(tree)


def _shown(tree: Tree) -> str:
    if isinstance(tree, Words):
        return " ".join(tree.split())
    return ", ".join(_shown(member) for member in tree) if isinstance(tree, Listing) else ""


# ----------------------------------------------------------------------------
# A payer's layer in the sentences of its staff page.
# ----------------------------------------------------------------------------

Said = Mapping[str, Sequence[str]]


def layer_says(layer: Layer, names: Mapping[str, ServiceName], insurers: Mapping[str, str]) -> Said:
    """Return a layer in sentences by heading; `insurers` are their names by id."""
    whose = listed([insurers.get(one, one) for one in sorted(layer.insurers)]) or "all that have no rule of their own"
    span = layer.in_force
    parts = {
        "Whose plans": [
            f"Title: {layer.title}.",
            f"Insurers: {whose}.",
            f"Kinds of plans: {listed(sorted(layer.markets)) or 'all'}.",
            f"States: {listed(sorted(layer.states)) or 'all'}.",
            f"In force: {span.first_day or 'always'} to {span.last_day or 'no end'}.",
        ],
        "Dry needling and other policies": [_policy_rule(policy, names)[0] for policy in layer.policies],
        "Authorization and referral": list(_permission_says(layer, names)),
        "Limits": [_limit_rule(limit)[0] for limit in layer.limits.values()],
        "Several therapy services on a day": list(_billing_says(layer.billing)) if layer.billing else [],
        "Sources": [f"{one.title} (read {one.read_on})" for one in sources_cited(layer).values()],
    }
    return {title: said for title, said in parts.items() if said}


def policy_says(policies: Sequence[Policy], names: Mapping[str, ServiceName]) -> str:
    """Return what is said of dry needling; that nothing is, where no policy speaks of it."""
    said = [_policy_rule(one, names)[0] for one in policies if one.services & NEEDLING_CODES]
    return " ".join(said) or "Nothing on dry needling."


def _permission_says(layer: Layer, names: Mapping[str, ServiceName]) -> Iterator[str]:
    kinds = dict.fromkeys(names[code].discipline if code in names else code for code in sorted(layer.services))
    services = listed([kind.replace("-", " ") for kind in kinds])
    for asked, rule in ((_APPROVAL, layer.authorization), (_REFERRAL, layer.referral)):
        what = "an approval" if asked is _APPROVAL else "a referral"
        if rule is None or (isinstance(rule, Authorization) and rule.from_visit is None):
            yield f"{sentence(services)}: {what} is not needed."
        elif isinstance(rule, Authorization):
            yield f"{sentence(services)}: {_needed(asked, rule)}."
    for reading in layer.readings:
        says = "needed" if reading.is_needed else "not needed"
        title = reading.citation.source.title if reading.citation else ""
        yield f"Contested: {says} from {reading.first_day}, says {title}."


def _billing_says(billing: Allowed) -> Iterator[str]:
    if isinstance(billing.reduces_multiple_procedures, Unknown):
        yield "Whether further services of a day are paid at less is not known."
    elif billing.reduces_multiple_procedures:
        yield f"Further services of a day are paid at less: {billing.reduction} of the practice expense is taken off."
    else:
        yield "Further services of a day are paid in full."


# ----------------------------------------------------------------------------
# The law of a state, and what is usual in a market, in the same way.
# ----------------------------------------------------------------------------

_LAW = (
    ("law", "Where it stands"),
    ("training", "Training"),
    ("referral", "Referral for needling"),
    ("registration", "Registration"),
    ("direct_access_limit", "Limit of care without a referral"),
    ("board", "Board"),
    ("board_url", "Its address"),
)


_BEARS = {"clinic": "the clinic bears it", "patient": "the patient pays", "open": "it is open who pays"}


def common_in_short(rule: CommonRule) -> str:
    """Return the one thing of a rule that a list shows."""
    if isinstance(rule.value, StateRule):
        return rule.value.says
    if isinstance(rule.value, CodeRule):
        return " ".join(_code_counts(rule.value))
    position = rule.value.unread
    return f"Where no policy is known, needling counts as {position}." if position else "Says nothing of needling."


def common_says(rule: CommonRule) -> Said:
    """Return a state's law or what is usual in a market in sentences by heading."""
    span = rule.in_force
    days = ["In force on every day."]
    if span != ALWAYS:
        days = [f"In force: {span.first_day or 'always'} to {span.last_day or 'no end'}."]
    if isinstance(rule.value, StateRule):
        said = _law_says(rule.value)
    else:
        said = _code_says(rule.value) if isinstance(rule.value, CodeRule) else _usual_says(rule.value)
    sources = [f"{one.title} (read {one.read_on})" for one in rule.sources.values()]
    return {title: words for title, words in {**said, "Days": days, "Sources": sources}.items() if words}


def _code_says(code: CodeRule) -> Mapping[str, list[str]]:
    """Return a code in sentences; one that ships counts like itself, which is no news."""
    return {"What it is": [f"{sentence(code.words)}."], "How it counts": list(_code_counts(code))}


def _code_counts(code: CodeRule) -> Iterator[str]:
    yield "Billed in units of 15 minutes." if code.timed else "Billed once a visit, whatever its minutes."
    if code.like != code.code:
        yield f"It counts like {code.like}."
    if code.classes:
        yield f"In the classes {', '.join(code.classes)}."


def _law_says(law: StateRule) -> Said:
    words = [f"{label}: {getattr(law, key)}" for key, label in _LAW if getattr(law, key)]
    years = f"Years of practice: {law.experience_years}." if law.experience_years is not None else ""
    consent = {True: "Written consent is needed.", False: "Written consent is not needed."}
    more = [years, consent.get(law.written_consent, "") if law.written_consent is not None else ""]
    return {
        "A physical therapist": [f"{sentence(law.status.replace('-', ' '))}: {law.says}"],
        "What the law asks": [*words, *filter(None, more), f"Care without a referral: {law.direct_access}."],
        "Others": [f"{sentence(plain(who))}: {one.may}. {one.terms}".strip() for who, one in law.others.items()],
    }


def _usual_says(usual: UsualRules) -> Said:
    amounts = [
        f"{sentence(name)}: {one.low} to {one.high if one.high is not None else 'no end'}, usually {one.usual}."
        for name, one in (("copay", usual.copay), ("coinsurance", usual.coinsurance), ("deductible", usual.deductible))
        if one is not None
    ]
    maximums = [
        f"Legal maximum of {one.year}: ${one.person} for a person, ${one.family} for a family."
        for one in usual.maximums
    ]
    maximums += [
        f"With a health savings account in {one.year}: a deductible of at least ${one.deductible} for a person and "
        f"${one.family_deductible} for a family, a maximum of at most ${one.maximum} and ${one.family_maximum}."
        for one in usual.high_deductible
    ]
    ladder = [
        f"{sentence(position.replace('-', ' '))}: unsigned, {_BEARS[rung.unsigned]}; signed, {_BEARS[rung.signed]}"
        + (f", and in {', '.join(sorted(rung.binds_in))} {_BEARS['patient']}." if rung.binds_in else ".")
        for position, rung in usual.ladder.items()
    ]
    signs = ["The paper is usually signed." if usual.signs else "The paper is usually not signed."]
    unread = [f"Where no policy is known, needling counts as {usual.unread}."] if usual.unread else []
    return {"Amounts that nobody gave": [*amounts, *maximums], "Services that are not paid": [*ladder, *signs, *unread]}
