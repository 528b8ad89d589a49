"""What is allowed in a plan file and is still a mistake."""

from dataclasses import replace
from datetime import date

import pytest

from estimator.engine.plan import When
from estimator.engine.values import Span
from estimator.plans.lint import lint, warnings_of
from estimator.plans.shared import SharedPolicy
from estimator.plans.text import Block
from tests.plans.sample import NEEDLING, SHARED, changed, read

FEW = "plan.yaml:38: examples: Enter at least 3 examples, on both sides of each limit; there are 2."


def told(*changes: tuple[str, str]) -> list[str]:
    """Return the lint of the sample with some of its text replaced, without that of its examples."""
    return [str(problem) for problem in lint(read(changed(*changes))) if problem.path != "examples"]


def second(services: str, when: str = "") -> tuple[str, str]:
    """Return a change that adds a second benefit."""
    share = "cost_share: {in-network: {copay: 60.00, deductible: applies, cite: eoc p. 14}}"
    return "policies:", f"  second:\n    services: {services}\n    {when}{share}\n\npolicies:"


def test_three_examples_are_the_least() -> None:
    """The sample itself has them."""
    two = changed()[: changed().index("  - name: The thirty-first")]

    assert [] == lint(read(changed()))
    assert [FEW] == [str(problem) for problem in lint(read(two))]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            second("[97110, acupuncture]"),
            "97110 stands in 'physical-therapy' already, which comes first: keep each code in one of them.",
        ),
        (
            second("[pt-timed, 97799]"),
            "97032, 97033, 97035, 97036 and 14 more stand in 'physical-therapy' already, which comes first: "
            "keep each code in one of them.",
        ),
        (second("[97110]"), "No line can reach this benefit: 'physical-therapy' takes them all first."),
        (
            second("[97110]", "when: {diagnoses: [M54.50]}\n    "),
            "No line can reach this benefit: 'physical-therapy' takes them all first.",
        ),
        (second("[]"), "No line can reach this benefit: it lists no services."),
    ],
)
def test_a_benefit_whose_codes_another_takes_first_is_told(change: tuple[str, str], problem: str) -> None:
    """In part they overlap, and wholly nothing reaches the second."""
    assert [f"plan.yaml:37: benefits.second.services: {problem}"] == told(change)


def test_a_conditional_benefit_may_stand_before_the_general_one() -> None:
    """That is what conditions are for."""
    general = "  physical-therapy:\n    services: [pt-evaluation, pt-timed, pt-untimed]\n"
    share = "cost_share: {in-network: {copay: 60.00, deductible: applies, cite: eoc p. 14}}"
    special = f"  at-home:\n    services: [pt-timed]\n    when: {{settings: [home]}}\n    {share}\n"

    assert [] == told((general, special + general))


def test_an_authorization_that_no_visit_comes_to_is_told() -> None:
    """At the last visit of a hard limit it still counts."""
    found = [told(("from_visit: 13, exempt", f"from_visit: {visit}, exempt")) for visit in (30, 31)]

    assert [
        [],
        [
            "plan.yaml:31: benefits.physical-therapy.authorization.from_visit: "
            "'therapy-visits' ends at visit 30: nobody comes to visit 31."
        ],
    ] == found


@pytest.mark.parametrize(
    "limit",
    [
        "past: needs-authorization",
        "past: patient-pays, extension: {visits: 8, needs: improvement, cite: eoc p. 43}",
        "past: patient-pays, exempt_when: {diagnoses: [M54*]}",
    ],
)
def test_an_authorization_past_a_limit_that_is_not_the_end_is_fine(limit: str) -> None:
    """Soft, extended and exempted limits let visits through."""
    assert [] == told(("past: patient-pays", limit), ("from_visit: 13, exempt", "from_visit: 31, exempt"))


def test_a_limit_that_no_benefit_names_is_told() -> None:
    """It would cap nothing."""
    assert [
        "plan.yaml:25: limits.therapy-visits: "
        "No benefit stands under this limit: name it in `limits` of one, or remove it."
    ] == told(("    limits: [therapy-visits]\n", ""))


def test_a_policy_behind_one_that_decides_everything_is_told() -> None:
    """A condition or other days on the first leave room for the second."""
    later = replace(NEEDLING, name="later")
    firsts = {
        "all": NEEDLING,
        "some": replace(NEEDLING, when=When(providers=frozenset({"physician"}))),
        "until": replace(NEEDLING, in_force=Span(None, date(2026, 6, 30))),
        "other": replace(NEEDLING, services=frozenset({"20560"})),
    }
    found = {}
    for name, first in firsts.items():
        policies = {one.name: SharedPolicy(one, Block(), {}) for one in (first, later)}
        text = changed(("[evergreen-dry-needling]", "[evergreen-dry-needling, later]"))
        problems = lint(read(text, replace(SHARED, policies=policies)))
        found[name] = [str(problem) for problem in problems if problem.path != "examples"]

    message = "'evergreen-dry-needling' decides all of this first: move this one before it, or remove it."
    assert {"all": [f"plan.yaml:36: policies.1: {message}"], "some": [], "until": [], "other": []} == found


def test_an_uncited_source_and_a_code_in_no_benefit_are_warnings() -> None:
    """They are to be looked at, and stop nothing."""
    source = '  faq: {title: "Questions", url: none, read_on: 2026-11-20, confidence: low}\n\nnetworks:'
    with_both = changed(("\nnetworks:", source), ("policies: [evergreen-dry-needling]\n", ""))

    assert [
        "plan.yaml:12: sources.faq: Nothing cites this source: cite it, or remove it.",
        "plan.yaml:28: benefits: 20560, 20561 stand in no benefit: an estimate will call them unknown.",
    ] == [str(problem) for problem in warnings_of(read(with_both), SHARED)]
    assert [] == warnings_of(read(changed()), SHARED)
