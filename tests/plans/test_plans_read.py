"""What is written in a plan file is what the engine is given."""

from datetime import date

import pytest

from estimator.engine.plan import (
    Allowed,
    Authorization,
    Basis,
    Benefit,
    Ceiling,
    Consequence,
    CostShare,
    DeductibleOrder,
    Every,
    Extension,
    FamilyRule,
    IfMissing,
    Measure,
    Past,
    Per,
    Tier,
)
from estimator.engine.values import UNKNOWN, BenefitYear, Between, Money, Rate, Span
from tests.plans.sample import SAMPLE, after, plan, read

COPAY = "{copay: 40.00, per: visit, deductible: waived, cite: eoc p. 12}"
SECOND = """  chiropractic:
    services: [chiropractic]
    cost_share: {in-network: {copay: 60.00, deductible: applies, cite: eoc p. 14}}

policies:"""


def share(new: str, tier: str = "in-network", extra: tuple[str, str] = ("policies:", "policies:")) -> CostShare | Tier:
    """Return the first benefit's share where its copay is written otherwise."""
    return plan((COPAY, new), extra).benefits[0].cost_share[tier]


def charged(new: str, extra: tuple[str, str] = ("policies:", "policies:")) -> CostShare:
    """Return the same where it is a share."""
    found = share(new, extra=extra)
    assert isinstance(found, CostShare)
    return found


def authorization(new: str) -> Authorization:
    """Return the authorization where its consequence is written otherwise."""
    found = plan(("if_missing: provider-absorbs", new)).benefits[0].authorization
    assert isinstance(found, Authorization)
    return found


def test_the_plan_of_the_document_reads_whole() -> None:
    """The grammar's own example is no fiction."""
    found = plan()

    assert ("evergreen-ppo-silver", "marketplace", "example") == (found.id, found.market, found.kind)
    assert Span(date(2026, 1, 1), date(2026, 12, 31)) == found.in_force
    assert BenefitYear() == found.benefit_year
    assert ["in-network", "out-of-network"] == list(found.networks)
    assert ["evergreen-dry-needling"] == [policy.name for policy in found.policies]


def test_a_citation_knows_its_source_its_place_and_its_line() -> None:
    """Anyone who doubts a figure can open the page and the file."""
    citation = plan().limits["therapy-visits"].citation

    assert citation is not None
    assert ("Evidence of Coverage 2026", "p. 41", "plan.yaml", 25) == (
        citation.source.title,
        citation.place,
        citation.file,
        citation.line,
    )


def test_examples_are_kept_as_they_were_written_with_their_lines() -> None:
    """The engine is held against them elsewhere."""
    example, *others = read(SAMPLE).examples

    assert ("The thirteenth visit needs authorization", "plan.yaml", 39) == (example.name, example.file, example.line)
    assert {"count": "13", "services": ["97110", "97140"], "allowed": "100.00"} == example.given["visits"]
    assert "520.00" == example.expect["patient_owes"]
    assert [42, 45] == [other.line for other in others]


def test_classes_become_codes() -> None:
    """The engine knows codes only."""
    services = plan().benefits[0].services

    assert {"97161", "97110", "97010"} <= services
    assert "20560" not in services


def test_a_plan_may_have_classes_of_its_own() -> None:
    """They may hold codes and other classes."""
    own = "services: {needling-too: [pt-timed, 20560]}\n\nlimits:"

    found = plan(("limits:\n", own + "\n"), ("[pt-evaluation, pt-timed, pt-untimed]", "[needling-too]"))

    assert {"97110", "20560"} <= found.benefits[0].services


def test_a_tier_may_be_one_word() -> None:
    """Not covered and unknown need no block; a tier that a benefit leaves out follows them."""
    text = "  out-of-network:\n    deductible: none\n    out_of_pocket_max: none\n"
    rest = SAMPLE[SAMPLE.index("    allowed: {basis: medicare") : SAMPLE.index("\nlimits:")]
    tiers = {}
    for word in ("not-covered", "unknown"):
        changed = SAMPLE.replace(text, f"  out-of-network: {word}\n").replace(rest, "")
        changed = changed.replace(
            "      out-of-network: {coinsurance: 40%, deductible: applies, cite: eoc p. 12}\n", ""
        )
        tiers[word] = read(changed).plan

    assert (False, UNKNOWN) == tuple(found.networks["out-of-network"].covered for found in tiers.values())
    assert (Tier.NOT_COVERED, Tier.UNKNOWN) == tuple(
        found.benefits[0].cost_share["out-of-network"] for found in tiers.values()
    )


def test_the_clinic_is_bound_by_contract_except_out_of_network() -> None:
    """Whether it may bill the rest follows from that where it is not written."""
    silent = plan(("    balance_bill: yes\n", ""))

    assert [(True, False), (False, UNKNOWN)] == [
        (network.contracted, network.balance_bill) for network in silent.networks.values()
    ]


def test_tiers_that_fill_one_ceiling_share_its_name() -> None:
    """A dollar in either tier counts in both."""
    both = "deductible: {person: 5000.00, combined_with: in-network, cite: eoc p. 9}"
    credited = "deductible: {person: 5000.00, also_credits: [in-network], cite: eoc p. 9}"

    names = []
    for written in (both, credited):
        ceiling = plan(("deductible: none", written)).networks["out-of-network"].deductible
        assert isinstance(ceiling, Ceiling)
        names.append((ceiling.name, ceiling.also_credits))

    assert [("in-network deductible", ()), ("out-of-network deductible", ("in-network deductible",))] == names


def test_a_ceiling_says_all_that_the_booklet_says() -> None:
    """Every key of a ceiling arrives."""
    written = (
        "{person: unknown, family: {from: 1.00, to: 2.00}, family_member: 3.00, family_rule: aggregate, "
        "carry_over_months: 3, includes_deductible: no, includes_drugs: yes, per: condition, cite: eoc p. 9}"
    )
    old = "{person: 8000.00, family: 16000.00, cite: eoc p. 9}"

    ceiling = plan((old, written)).networks["in-network"].out_of_pocket_max

    assert isinstance(ceiling, Ceiling)
    assert (UNKNOWN, Between(Money(100), Money(200)), Money(300), FamilyRule.AGGREGATE, 3, True, False, True) == (
        ceiling.person,
        ceiling.family,
        ceiling.family_member,
        ceiling.family_rule,
        ceiling.carry_over_months,
        ceiling.per_condition,
        ceiling.includes_deductible,
        ceiling.includes_drugs,
    )


@pytest.mark.parametrize(
    ("written", "basis", "percent", "amount"),
    [
        ("basis: medicare", Basis.MEDICARE, Rate.parse("100%"), None),
        ("basis: charges, percent: 80%", Basis.CHARGES, Rate.parse("80%"), None),
        ("basis: per-visit, amount: 95.00", Basis.PER_VISIT, None, Money(9500)),
        ("basis: case-rate, amount: 900.00", Basis.CASE_RATE, None, Money(90000)),
    ],
)
def test_each_basis_of_the_allowed_amount_has_its_figure(
    written: str, basis: Basis, percent: Rate | None, amount: Money | None
) -> None:
    """Medicare's percentage alone may be left out."""
    allowed: Allowed = plan(("basis: medicare, percent: 140%", written)).networks["out-of-network"].allowed

    assert (basis, percent, amount) == (allowed.basis, allowed.percent, allowed.amount)


def test_a_fee_schedule_is_read_code_by_code() -> None:
    """Fees are per unit."""
    written = "basis: fee-schedule, fees: {97110: 31.50, G0283: 12}"

    allowed = plan(("basis: medicare, percent: 140%", written)).networks["out-of-network"].allowed

    assert {"97110": Money(3150), "G0283": Money(1200)} == allowed.fees


@pytest.mark.parametrize(
    ("written", "measure", "amount", "every", "window"),
    [
        ("days: 20, per: calendar-year", Measure.DAYS, 20, Every.CALENDAR_YEAR, 0),
        ("hours: 1.5, per: month", Measure.HOURS, 90, Every.MONTH, 0),
        ("dollars: 2480.00, per: benefit-year", Measure.DOLLARS, 248_000, Every.BENEFIT_YEAR, 0),
        ("visits: unknown, per: lifetime", Measure.VISITS, UNKNOWN, Every.LIFETIME, 0),
        ("visits: 12, per: {rolling_days: 90}", Measure.VISITS, 12, Every.ROLLING_DAYS, 90),
        ("months: 6, per: {rolling_months: 12}", Measure.MONTHS, 6, Every.ROLLING_MONTHS, 12),
    ],
)
def test_a_limit_counts_in_its_own_measure(
    written: str, measure: Measure, amount: object, every: Every, window: int
) -> None:
    """Hours are kept as minutes and dollars as cents."""
    found = plan(("visits: 30, per: benefit-year, counts: one-per-date, past: patient-pays", written)).limits[
        "therapy-visits"
    ]

    assert (measure, amount, every, window) == (found.measure, found.amount, found.every, found.window)


def test_a_limit_may_be_extended_in_its_own_measure() -> None:
    """Eight visits more on improvement."""
    written = "visits: 30, per: benefit-year, past: unknown, deductible_visits_count: no, not_counted: [pt-evaluation]"
    extension = ", extension: {visits: 8, needs: improvement, modifier: KX, cite: eoc p. 43}"
    old = "visits: 30, per: benefit-year, counts: one-per-date, past: patient-pays"

    found = plan((old, written + extension)).limits["therapy-visits"]

    assert isinstance(found.extension, Extension)
    assert (8, "improvement", "KX") == (found.extension.amount, found.extension.needs, found.extension.modifier)
    assert (UNKNOWN, False, 4) == (found.past, found.counts_deductible_visits, len(found.not_counted))
    assert Past.PATIENT_PAYS is plan().limits["therapy-visits"].past


def test_an_extension_in_another_measure_is_refused() -> None:
    """Days cannot be added to visits."""
    new = "past: patient-pays, extension: {days: 8, needs: improvement, cite: eoc p. 43}"

    assert ["plan.yaml:25: limits.therapy-visits.extension: Enter it in `visits`, as the limit is."] == after(
        ("past: patient-pays", new)
    )


def test_a_share_says_all_that_the_booklet_says() -> None:
    """Every key of a share arrives."""
    found = charged(
        "{copay: {from: 10.00, to: 40.00}, coinsurance: unknown, deductible: with-copay, per: provider-day, "
        "copay_group: rehab, coinsurance_of: allowed, never_above_allowed: no, counts_toward_deductible: yes, "
        "counts_toward_maximum: no, max_per_visit: 90.00, plan_pays_at_most: 60.00, cite: eoc p. 12}"
    )

    assert (Between(Money(1000), Money(4000)), UNKNOWN, DeductibleOrder.WITH_COPAY, Per.PROVIDER_DAY, "rehab") == (
        found.copay,
        found.coinsurance,
        found.deductible,
        found.per,
        found.copay_group,
    )
    assert (True, False, True, False, Money(9000), Money(6000)) == (
        found.coinsurance_of_allowed,
        found.never_above_allowed,
        found.credits_deductible,
        found.credits_out_of_pocket,
        found.max_per_visit,
        found.plan_pays_at_most,
    )


def test_steps_take_the_other_keys_of_the_share_around_them() -> None:
    """What every step has in common is written once."""
    found = charged(
        "{by_visit: [{through_visit: 3, copay: 0.00}, {copay: 40.00, deductible: applies}], deductible: waived, "
        "per: day, counter: therapy-visits, cite: eoc p. 12}"
    )

    assert [
        (3, Money(0), DeductibleOrder.WAIVED, Per.DAY),
        (None, Money(4000), DeductibleOrder.APPLIES, Per.DAY),
    ] == [(last, step.copay, step.deductible, step.per) for last, step in found.by_visit]
    assert "therapy-visits" == found.counter


def test_a_share_may_be_that_of_another_benefit() -> None:
    """Its own citation says so."""
    found = charged("{same_as: chiropractic, cite: eoc p. 15}", ("policies:", SECOND))

    assert (Money(6000), DeductibleOrder.APPLIES) == (found.copay, found.deductible)
    assert found.citation is not None
    assert "p. 15" == found.citation.place


def test_a_share_may_be_held_below_that_of_another_benefit() -> None:
    """Parity laws write their ceiling so."""
    new = "{copay: 70.00, deductible: waived, not_above: chiropractic, cite: eoc p. 12}"

    found = charged(new, ("policies:", SECOND))

    assert found.not_above is not None
    assert Money(6000) == found.not_above.copay


def test_a_tier_that_a_benefit_leaves_out_is_unknown() -> None:
    """Silence is a question and not an answer."""
    (_, chiropractic) = plan(("policies:", SECOND)).benefits

    assert isinstance(chiropractic, Benefit)
    assert Tier.UNKNOWN is chiropractic.cost_share["out-of-network"]


@pytest.mark.parametrize(
    ("written", "consequence"),
    [
        ("if_missing: patient-pays", Consequence(IfMissing.PATIENT_PAYS)),
        ("if_missing: unknown", Consequence(IfMissing.UNKNOWN)),
        ("if_missing: {pays: 50%}", Consequence(IfMissing.REDUCED, percent=Rate.parse("50%"))),
        ("if_missing: {penalty: 250.00}", Consequence(IfMissing.PENALTY, penalty=Money(25000))),
        ("turnaround_days: 3", Consequence(IfMissing.PROVIDER_ABSORBS)),
    ],
)
def test_a_missing_authorization_has_its_consequence(written: str, consequence: Consequence) -> None:
    """Where nothing is written, the clinic bears it in network and the patient elsewhere."""
    found = authorization(written)

    assert consequence == found.if_missing
    assert Consequence(IfMissing.PATIENT_PAYS) == found.if_missing_out_of_network


def test_a_note_is_shown_with_its_source() -> None:
    """Every sentence says where it stands."""
    ((text, citation),) = plan(("policies:", "notes: [{text: Ask first., cite: eoc p. 3}]\n\npolicies:")).notes

    assert ("Ask first.", "p. 3") == (text, citation.place)


def test_layout_and_examples_do_not_change_the_fingerprint() -> None:
    """Equal fingerprints give equal estimates, whatever the file looks like."""
    same = plan(
        ("40.00, per: visit", '"40.00",   per: visit'), ("count: 13", "count: 14"), ("kind: example", "kind:  example")
    )

    assert plan().fingerprint == same.fingerprint


@pytest.mark.parametrize(
    "change", [("40.00, per", "41.00, per"), ("eoc p. 41", "eoc p. 42"), ("2026-11-20", "2026-11-21")]
)
def test_a_rule_or_its_source_changes_the_fingerprint(change: tuple[str, str]) -> None:
    """An estimate names exactly what it rests on."""
    assert plan().fingerprint != plan(change).fingerprint
