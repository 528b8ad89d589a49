"""What stands in several blocks of a plan must fit together."""

from dataclasses import replace
from typing import Any

from estimator.plans.shared import SharedPolicy
from estimator.plans.text import Block
from tests.plans.sample import NEEDLING, SAMPLE, SHARED, after, given, mistakes, mistakes_in_request

CITE = {"cite": "eoc p. 12"}
COPAY = {"copay": "40.00", "deductible": "waived", **CITE}


def benefits(**shares: dict[str, Any]) -> dict[str, Any]:
    """Return a definition with one benefit for each share, in network only."""
    written = {
        name.replace("_", "-"): {"services": ["97110"], "cost_share": {"in-network": share}}
        for name, share in shares.items()
    }
    return given(benefits=written, policies=None, limits=None)


def test_shares_that_follow_each_other_in_a_circle_are_refused_at_every_turn() -> None:
    """Both kinds of following count, and a share that only leads into the circle is not blamed."""
    problems = mistakes_in_request(
        benefits(
            one={"same_as": "two", **CITE},
            two={**COPAY, "not_above": "one"},
            outside={"same_as": "one", **CITE},
        )
    )

    assert [
        "benefits.one.cost_share.in-network.same_as: This comes back to itself through 'two': enter one in full.",
        "benefits.two.cost_share.in-network.not_above: This comes back to itself through 'one': enter one in full.",
    ] == problems


def test_a_chain_of_shares_that_ends_is_read() -> None:
    """Length is no circle."""
    chain = benefits(one={"same_as": "two", **CITE}, two={"same_as": "three", **CITE}, three=COPAY)

    assert [] == mistakes_in_request(chain)


def test_a_share_cannot_stay_below_one_that_nobody_wrote() -> None:
    """A ceiling must be a share in the same tier."""
    definition = benefits(one={**COPAY, "not_above": "two"}, two=COPAY)
    definition["benefits"]["two"]["cost_share"] = {"out-of-network": COPAY}

    assert [
        "benefits.one.cost_share.in-network.not_above: "
        "The benefit 'two' has no share in the tier 'in-network': enter one there."
    ] == mistakes_in_request(definition)


def test_a_share_of_another_benefit_is_taken_whole() -> None:
    """A copay beside it would say two things."""
    assert [
        "benefits.one.cost_share.in-network.copay: `same_as` takes the whole share of the other benefit: remove this."
    ] == mistakes_in_request(benefits(one={"same_as": "two", "copay": "1.00", **CITE}, two=COPAY))


def test_the_order_to_the_deductible_may_be_left_out_only_where_there_is_none() -> None:
    """Out of network the sample has no deductible."""
    assert [] == after(("coinsurance: 40%, deductible: applies", "coinsurance: 40%"))
    assert [
        "plan.yaml:34: benefits.physical-therapy.cost_share.out-of-network.deductible: "
        "Enter `deductible: waived, applies, after-copay, with-copay or unknown`: "
        "how does this stand to the deductible of the tier?"
    ] == after(
        ("coinsurance: 40%, deductible: applies", "coinsurance: 40%"), ("deductible: none", "deductible: unknown")
    )


def test_a_benefit_with_a_deductible_of_its_own_says_how_its_share_stands_to_it() -> None:
    """Even where the tier has none."""
    own = "cost_share:\n      in"
    problems = after(
        (own, "deductible: {person: 100.00, cite: eoc p. 12}\n    " + own),
        ("coinsurance: 40%, deductible: applies", "coinsurance: 40%"),
    )

    assert 1 == len(problems)
    assert "out-of-network.deductible" in problems[0]


def test_a_class_of_the_plan_has_a_name_of_its_own_and_codes() -> None:
    """A class of every plan cannot be changed by one."""
    problems = mistakes_in_request(given(services={"pt-timed": ["97110"], "mine": ["yours"], "yours": ["mine"]}))

    assert [
        "services.pt-timed: Every plan has a class of this name: choose another.",
        "services.mine: This class comes to no codes.",
        "services.yours: This class comes to no codes.",
    ] == problems


def test_a_policy_needs_the_benefit_that_it_puts_lines_under() -> None:
    """The line is that of the name in the plan."""
    policy = replace(NEEDLING, under="acupuncture")
    shared = replace(SHARED, policies={NEEDLING.name: SharedPolicy(policy, Block(), {})})

    assert [
        "plan.yaml:36: policies.0: This policy puts covered lines under 'acupuncture': add a benefit of that name."
    ] == mistakes(SAMPLE, shared)


def test_a_ceiling_is_not_combined_with_itself() -> None:
    """Nor does a benefit's own deductible combine with anything."""
    problems = after(
        ("family_rule: embedded, cite", "family_rule: embedded, combined_with: in-network, cite"),
        (
            "cost_share:\n      in",
            "deductible: {person: 1.00, combined_with: in-network, cite: eoc p. 12}\n    cost_share:\n      in",
        ),
    )

    assert [
        "plan.yaml:15: networks.in-network.deductible.combined_with: Enter the name of another tier.",
        "plan.yaml:32: benefits.physical-therapy.deductible.combined_with: "
        "A benefit's own deductible fills alone: remove this.",
    ] == problems
