"""Each mistake in a plan file is told where it stands and with what to write instead."""

import pytest

from tests.plans.sample import SAMPLE, after, mistakes

IN_NETWORK = "plan.yaml:33: benefits.physical-therapy.cost_share.in-network"
LIMIT = "plan.yaml:25: limits.therapy-visits"
AUTHORIZATION = "plan.yaml:31: benefits.physical-therapy.authorization"
COPAY = "{copay: 40.00, per: visit, deductible: waived, cite: eoc p. 12}"

ONE_MISTAKE = [
    # Keys.
    (
        "balance_bill: yes",
        "balance_bil: yes",
        "plan.yaml:21: networks.out-of-network.balance_bil: "
        "Nothing is called 'balance_bil' here. Did you mean 'balance_bill'?",
    ),
    (
        "balance_bill: yes",
        "zzz: yes",
        "plan.yaml:21: networks.out-of-network.zzz: Nothing is called 'zzz' here. "
        "Known keys: contracted, deductible, out_of_pocket_max, allowed, balance_bill, limiting_charge, assistants, "
        "free_by_indian_health, high_deductible, cite.",
    ),
    # Money and percentages.
    ("copay: 40.00", "copay: 40.005", f"{IN_NETWORK}.copay: Enter an amount, like 40.00."),
    ("copay: 40.00", "copay: -1.00", f"{IN_NETWORK}.copay: Enter an amount, like 40.00."),
    ("copay: 40.00", "copay: .nan", f"{IN_NETWORK}.copay: Enter an amount, like 40.00."),
    ("copay: 40.00", "copay: 1e3", f"{IN_NETWORK}.copay: Enter an amount, like 40.00."),
    (
        "copay: 40.00",
        "copay: {from: 40.00, to: 10.00}",
        f"{IN_NETWORK}.copay: Enter the smaller amount under `from`.",
    ),
    (
        "copay: 40.00",
        "copay: {low: 1.00, high: 2.00}",
        f"{IN_NETWORK}.copay: Enter a range as {{from: 10.00, to: 40.00}}.",
    ),
    (
        "percent: 140%",
        "percent: 1.4",
        "plan.yaml:20: networks.out-of-network.allowed.percent: Enter a percentage, like 20%.",
    ),
    (
        "coinsurance: 40%",
        "coinsurance: 40",
        "plan.yaml:34: benefits.physical-therapy.cost_share.out-of-network.coinsurance: Enter a percentage, like 20%.",
    ),
    # Counts, days, words.
    ("visits: 30", "visits: 30.5", f"{LIMIT}.visits: Enter a whole number, like 13."),
    (
        "from_visit: 13, ex",
        "from_visit: 0, ex",
        f"{AUTHORIZATION}.from_visit: Enter a whole number of 1 or more.",
    ),
    (
        "first_day: 2026-01-01",
        "first_day: 2026-02-30",
        "plan.yaml:7: in_force.first_day: Enter a day such as 2026-01-01, not '2026-02-30'.",
    ),
    (
        "last_day: 2026-12-31",
        "last_day: 2025-12-31",
        "plan.yaml:7: in_force.last_day: Enter a day from 2026-01-01 on: the last day is included.",
    ),
    (
        "benefit_year: calendar ",
        "benefit_year: calender ",
        "plan.yaml:8: benefit_year: Enter calendar, unknown or a block, not 'calender'. Did you mean 'calendar'?",
    ),
    (
        "benefit_year: calendar ",
        "benefit_year: {starts: 02-29} ",
        "plan.yaml:8: benefit_year.starts: Enter a month and a day such as 07-01, not '02-29'.",
    ),
    (
        "deductible: waived",
        "deductible: wavied",
        f"{IN_NETWORK}.deductible: "
        "Enter waived, applies, after-copay, with-copay or unknown, not 'wavied'. Did you mean 'waived'?",
    ),
    (
        "balance_bill: yes",
        "balance_bill: maybe",
        "plan.yaml:21: networks.out-of-network.balance_bill: Enter yes, no or unknown, not 'maybe'.",
    ),
    # Sources and names.
    (
        "visits: 30, per: benefit-year, counts: one-per-date, past: patient-pays, cite: eoc p. 41",
        "visits: 30, per: benefit-year, counts: one-per-date, past: patient-pays",
        f"{LIMIT}.cite: Say where this stands, such as `cite: eoc p. 41`.",
    ),
    (
        "cite: eoc p. 41",
        "cite: eof p. 41",
        f"{LIMIT}.cite: There is no source 'eof'. Did you mean 'eoc'?",
    ),
    (
        "cite: eoc p. 41",
        "cite: handbook p. 41",
        f"{LIMIT}.cite: There is no source 'handbook'. Enter it as a key of `sources`.",
    ),
    (
        "read_on: 2026-11-20, ",
        "",
        "plan.yaml:11: sources.eoc.read_on: This key is missing: enter `read_on: 2026-01-01`.",
    ),
    (
        "[pt-evaluation, pt-timed, pt-untimed]",
        "[pt-evaluation, pt-time, pt-untimed]",
        "plan.yaml:29: benefits.physical-therapy.services.1: "
        "There is no class or code 'pt-time'. Did you mean 'pt-timed'?",
    ),
    (
        "limits: [therapy-visits]",
        "limits: [therapy-visit]",
        "plan.yaml:30: benefits.physical-therapy.limits.0: "
        "There is no 'therapy-visit' among the limits. Did you mean 'therapy-visits'?",
    ),
    (
        "      in-network:     {copay",
        "      in-netwrok:     {copay",
        "plan.yaml:33: benefits.physical-therapy.cost_share.in-netwrok: "
        "There is no 'in-netwrok' among the networks. Did you mean 'in-network'?",
    ),
    (
        "policies: [evergreen-dry-needling]",
        "policies: [evergreen-needling]",
        "plan.yaml:36: policies.0: There is no 'evergreen-needling' among the policies. "
        "Did you mean 'evergreen-dry-needling'?",
    ),
    (
        "policies: [evergreen-dry-needling]",
        "policies: [evergreen-dry-needling, evergreen-dry-needling]",
        "plan.yaml:36: policies.1: 'evergreen-dry-needling' stands in the list already.",
    ),
    # Shapes.
    (
        "services: [pt-evaluation, pt-timed, pt-untimed]",
        "services: pt-timed",
        "plan.yaml:29: benefits.physical-therapy.services: Enter a list such as [pt-timed].",
    ),
    (
        "in_force: {first_day: 2026-01-01, last_day: 2026-12-31}",
        "in_force: 2026",
        "plan.yaml:7: in_force: Enter a block here, with keys such as `first_day` or `last_day`.",
    ),
    ("copay: 40.00", "copay: [40.00]", f"{IN_NETWORK}.copay: Enter one value such as 40.00, not a list or a block."),
    # Limits and shares.
    (
        "visits: 30, ",
        "",
        f"{LIMIT}: Enter how much, as one of visits, days, sessions, hours, modalities, units, dollars or months, "
        "such as `visits: 30`.",
    ),
    ("visits: 30, ", "visits: 30, days: 20, ", f"{LIMIT}.days: Keep one measure: `visits` stands here already."),
    ("per: benefit-year, ", "", f"{LIMIT}.per: This key is missing: enter `per: benefit-year`."),
    (
        "past: patient-pays",
        "past: patient-pays, dollars_of: paid",
        f"{LIMIT}.dollars_of: Only a limit of dollars has this: remove it beside `visits`.",
    ),
    (
        COPAY,
        "{per: visit, deductible: waived, cite: eoc p. 12}",
        f"{IN_NETWORK}: Enter a `copay`, a `coinsurance` or both: `copay: 0.00` where nothing is owed.",
    ),
    (
        "per: visit, deductible: waived, ",
        "per: visit, ",
        f"{IN_NETWORK}.deductible: Enter `deductible: waived, applies, after-copay, with-copay or unknown`: "
        "how does this stand to the deductible of the tier?",
    ),
    (
        COPAY,
        "{same_as: physical-therapy, cite: eoc p. 12}",
        f"{IN_NETWORK}.same_as: This comes back to itself through 'physical-therapy': enter one in full.",
    ),
    (
        COPAY,
        "{by_visit: [{through_visit: 3, copay: 0.00}, {through_visit: 9, copay: 40.00}], deductible: waived, "
        "cite: eoc p. 12}",
        f"{IN_NETWORK}.by_visit.1.through_visit: "
        "The last step has no end: remove `through_visit`, or add a step after it.",
    ),
    (
        "if_missing: provider-absorbs",
        "if_missing: {pays: 50}",
        f"{AUTHORIZATION}.if_missing.pays: Enter a percentage, like 20%.",
    ),
    (
        "if_missing: provider-absorbs",
        "if_missing: other-cost-share",
        "plan.yaml:28: benefits.physical-therapy.without_authorization: "
        "Enter the cost share that applies: `without_authorization: {coinsurance: 50%, …}`.",
    ),
    (
        "from_visit: 13, exempt",
        "from_visit: 13, waiver_days: 56, exempt",
        f"{AUTHORIZATION}.waiver_days: Enter `waiver_visits` too: how many visits the waiver gives.",
    ),
    (
        "if_missing: provider-absorbs",
        "if_missing: {pays: 50%, penalty: 250.00}",
        f"{AUTHORIZATION}.if_missing: Enter either {{pays: 50%}} or {{penalty: 250.00}}.",
    ),
    (
        "if_missing: provider-absorbs",
        "if_missing: {pays: 50%, counts_toward_maximum: yes}",
        f"{AUTHORIZATION}.if_missing.counts_toward_maximum: Only a penalty has this: remove it.",
    ),
    (
        "if_missing: provider-absorbs",
        "if_missing: {pays: 150%}",
        f"{AUTHORIZATION}.if_missing.pays: Enter a percentage up to 100%.",
    ),
    (
        "if_missing: provider-absorbs",
        "when: {}",
        f"{AUTHORIZATION}.when: Enter at least one condition, or remove the key.",
    ),
    (
        "if_missing: provider-absorbs",
        "when: {diagnoses: [back pain]}",
        f"{AUTHORIZATION}.when.diagnoses.0: Enter a diagnosis code such as M54.50 or M54*, not 'back pain'.",
    ),
    (
        "if_missing: provider-absorbs",
        "when: {providers: [physio]}",
        f"{AUTHORIZATION}.when.providers.0: Enter physical-therapist, physical-therapist-assistant, physician, "
        "nurse-practitioner, physician-assistant, clinical-nurse-specialist, chiropractor, acupuncturist or "
        "occupational-therapist, not 'physio'. Did you mean 'physician'?",
    ),
    (
        "per: benefit-year, counts",
        "per: {rolling_days: 90, rolling_months: 3}, counts",
        f"{LIMIT}.per: Enter either {{rolling_days: 90}} or {{rolling_months: 12}}.",
    ),
    (
        "past: patient-pays",
        "past: patient-pays, extension: {visits: unknown, needs: improvement, cite: eoc p. 43}",
        f"{LIMIT}.extension.visits: Enter how much more the plan gives: unknown is not read here.",
    ),
    (
        "past: patient-pays",
        "past: patient-pays, extension: {visits: 8, needs: diagnosis, cite: eoc p. 43}",
        f"{LIMIT}.extension.when: `needs: diagnosis` needs `when: {{diagnoses: [M54.50]}}`.",
    ),
    (
        "visits: 30, ",
        "hours: 1.3, ",
        f"{LIMIT}.hours: Enter hours such as 20 or 1.5, not '1.3'.",
    ),
    (
        COPAY,
        "{by_visit: [{through_visit: 3, copay: 0.00}, {copay: 9.00}], copay: 1.00, deductible: waived, "
        "cite: eoc p. 12}",
        f"{IN_NETWORK}.copay: `by_visit` says what each visit costs: enter this in its steps.",
    ),
    (
        COPAY,
        "{by_visit: [{through_visit: 3, per: day}, {copay: 40.00}], deductible: waived, cite: eoc p. 12}",
        f"{IN_NETWORK}.by_visit.0: Enter what the step costs: `copay: 0.00` where nothing is owed.",
    ),
    (
        COPAY,
        "{by_visit: [{through_visit: 3, copay: 0.00}, {copay: 40.00, deductible: waived}], cite: eoc p. 12}",
        f"{IN_NETWORK}.by_visit.0.deductible: Enter `deductible: waived, applies, after-copay, with-copay or unknown`: "
        "how does this stand to the deductible of the tier?",
    ),
    (
        COPAY,
        "{copay: 40.00, deductible: waived, counter: therapy-visits, cite: eoc p. 12}",
        f"{IN_NETWORK}.counter: Only `by_visit` follows a counter: remove this.",
    ),
    (
        "limits: [therapy-visits]",
        "without_authorization: {same_as: physical-therapy, cite: eoc p. 42}",
        "plan.yaml:30: benefits.physical-therapy.without_authorization.same_as: "
        "Enter the share itself: it holds for every tier.",
    ),
    (
        "limits: [therapy-visits]",
        "without_authorization: {coinsurance: 50%, cite: eoc p. 42}",
        "plan.yaml:30: benefits.physical-therapy.without_authorization.deductible: "
        "Enter `deductible: waived, applies, after-copay, with-copay or unknown`: "
        "how does this stand to the deductible of the tier?",
    ),
    (
        "family_rule: embedded, cite: eoc p. 9}\n    out_of_pocket_max",
        "carry_over_months: 13, cite: eoc p. 9}\n    out_of_pocket_max",
        "plan.yaml:15: networks.in-network.deductible.carry_over_months: Enter a number of months from 0 to 12.",
    ),
    (
        "percent: 140%, cite: eoc p. 61",
        "percent: 140%",
        "plan.yaml:20: networks.out-of-network.allowed.cite: Say where this stands, such as `cite: eoc p. 41`.",
    ),
    (
        'url: "https://example.org/eoc.pdf"',
        "url: example.org",
        "plan.yaml:11: sources.eoc.url: Enter an address such as https://example.org/booklet.pdf, or none, "
        "not 'example.org'.",
    ),
    (
        "title: Evergreen PPO Silver 2500",
        'title: ""',
        "plan.yaml:2: title: Enter between 1 and 2000 characters.",
    ),
    (
        "family_rule: embedded, cite: eoc p. 9}\n    out_of_pocket_max",
        "combined_with: out-of-network, cite: eoc p. 9}\n    out_of_pocket_max",
        "plan.yaml:15: networks.in-network.deductible.combined_with: "
        "The tier 'out-of-network' has no `deductible` as a block: enter one there, or remove this.",
    ),
]


@pytest.mark.parametrize(("old", "new", "problem"), ONE_MISTAKE)
def test_a_mistake_is_told_with_its_line_its_path_and_what_to_write(old: str, new: str, problem: str) -> None:
    """One change of the sample makes exactly one problem."""
    assert [problem] == after((old, new))


def test_a_misspelled_key_that_is_needed_is_told_as_both() -> None:
    """What is missing stands on the line of its block, the misspelling on its own."""
    assert [
        "plan.yaml:1: title: This key is missing: enter `title: Evergreen PPO`.",
        "plan.yaml:2: titel: Nothing is called 'titel' here. Did you mean 'title'?",
    ] == after(("title: Ever", "titel: Ever"))


def test_a_basis_is_told_both_what_it_lacks_and_what_it_cannot_have() -> None:
    """A per-visit rate has an amount and no percentage."""
    path = "plan.yaml:20: networks.out-of-network.allowed"

    problems = after(("basis: medicare, percent: 140%", "basis: per-visit, percent: 140%"))

    assert {
        f"{path}.amount: `basis: per-visit` needs `amount: 95.00`.",
        f"{path}.percent: `basis: per-visit` has no `percent`: remove it.",
    } == set(problems)


def test_an_example_may_expect_only_what_an_estimate_holds() -> None:
    """The nearest word is suggested within `expect` too."""
    assert [
        "plan.yaml:41: examples.0.expect.patient_ows: "
        "Nothing is called 'patient_ows' here. Did you mean 'patient_owes'?"
    ] == after(("{patient_owes: 520.00, ", "{patient_ows: 520.00, "))


def test_a_file_without_its_head_is_told_every_key_that_is_missing() -> None:
    """The first line stands for what nobody wrote."""
    body = SAMPLE[SAMPLE.index("sources:") :]

    assert [
        "plan.yaml:1: plan: This key is missing: enter `plan: evergreen-ppo`.",
        "plan.yaml:1: title: This key is missing: enter `title: Evergreen PPO`.",
        "plan.yaml:1: payer: This key is missing: enter `payer: Evergreen Health Plan`.",
        "plan.yaml:1: kind: This key is missing: enter `kind: published`.",
        "plan.yaml:1: market: This key is missing: enter `market: employer`.",
        "plan.yaml:1: in_force: This key is missing: enter `in_force: {first_day: 2026-01-01, last_day: 2026-12-31}`.",
        "plan.yaml:1: benefit_year: This key is missing: enter `benefit_year: calendar`.",
    ] == mistakes(body)


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    """Mistakes of form, of names and of what must fit together stand in one list."""
    problems = after(
        ("kind: example  ", "kind: exampel  "),
        ("visits: 30, ", "visits: many, "),
        ("limits: [therapy-visits]", "limits: [visits]"),
        ("per: visit, deductible: waived, ", "per: visit, "),
        ("coinsurance: 40%", "coinsurance: 0.4"),
    )

    assert [4, 25, 30, 33, 34] == [int(problem.split(":")[1]) for problem in problems]


def test_a_policy_checked_as_a_plan_is_one_problem() -> None:
    """It says where policies lie, in place of everything that a plan would have."""
    policy = "# Evergreen\npolicy: evergreen-needling\npayer: Evergreen\nservices: [dry-needling]\nposition: excluded\n"

    message = "Put a policy into _policies/ of the plans folder, and name it under `policies` of a plan."

    for text in (policy, f"{policy}---\n{policy}"):
        assert [f"plan.yaml:2: policy: {message}"] == mistakes(text)
