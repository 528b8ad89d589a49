"""A plan may be defined within a request, in JSON, with the keys of a plan file."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from estimator.engine.plan import CostShare, Plan, Position
from estimator.engine.values import UNKNOWN, Between, Money
from estimator.plans.read import plan_from_mapping
from tests.plans.sample import AS_OF, NEEDLING, SHARED, given, mistakes_in_request, plan

SHORT: dict[str, Any] = {
    "networks": {"in-network": {"deductible": {"person": 500}}},
    "benefits": {
        "therapy": {
            "services": [97110, "97140"],
            "cost_share": {"in-network": {"copay": 40.0, "deductible": "waived"}},
        }
    },
}


def short(**share: Any) -> dict[str, Any]:
    """Return the short definition with another cost share."""
    benefit = {**SHORT["benefits"]["therapy"], "cost_share": {"in-network": {"deductible": "waived", **share}}}
    return {**SHORT, "benefits": {"therapy": benefit}}


def read(definition: dict[str, Any]) -> Plan:
    """Read a definition."""
    return plan_from_mapping(definition, SHARED, AS_OF)


def copay(definition: dict[str, Any]) -> Any:
    """Return the copay of the short definition."""
    share = read(definition).benefits[0].cost_share["in-network"]
    assert isinstance(share, CostShare)
    return share.copay


def test_a_whole_definition_is_the_same_plan_as_its_file() -> None:
    """JSON and YAML have one meaning; only the lines of the citations differ."""
    from_file, from_request = plan(), read(given())

    assert from_file.fingerprint == from_request.fingerprint
    assert from_file.benefits[0].services == from_request.benefits[0].services


def test_a_short_definition_needs_no_title_no_examples_and_no_sources() -> None:
    """What is left out is what the request did not say."""
    found = read(SHORT)

    assert ("given", "Plan given in the request", "given") == (found.id, found.title, found.kind)
    assert UNKNOWN is found.benefit_year
    assert date(2040, 1, 1) in found.in_force


def test_its_rules_are_cited_as_given_on_the_day_of_the_question() -> None:
    """A reader sees that nobody read them in a booklet."""
    citation = read(SHORT).benefits[0].cost_share["in-network"].citation  # type: ignore[union-attr]

    assert ("The plan as given in the request", AS_OF, "given") == (
        citation and citation.source.title,
        citation and citation.source.read_on,
        citation and citation.source.confidence,
    )


@pytest.mark.parametrize("written", [40, 40.0, "40", "40.00", "$40.00", Decimal("40.000")])
def test_forty_dollars_are_forty_dollars_however_json_writes_them(written: Any) -> None:
    """Numbers become text, and never binary fractions."""
    assert Money(4000) == copay(short(copay=written))


@pytest.mark.parametrize(
    ("written", "amount"),
    [(10.5, Money(1050)), (0.1, Money(10)), ({"from": 10, "to": 40.5}, Between(Money(1000), Money(4050)))],
)
def test_cents_of_a_number_are_exact(written: Any, amount: Any) -> None:
    """Half a dollar is fifty cents."""
    assert amount == copay(short(copay=written))


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (float("nan"), "Enter a number of ordinary size."),
        (float("inf"), "Enter a number of ordinary size."),
        (Decimal("NaN"), "Enter a number of ordinary size."),
        (1e300, "Enter a number of ordinary size."),
        (10**400, "Enter text, a number of ordinary size, true or false."),
        (0.1 + 0.2, "Enter an amount, like 40.00."),
        (40.005, "Enter an amount, like 40.00."),
        (-1, "Enter an amount, like 40.00."),
        (True, "Enter an amount, like 40.00."),
        (None, "Enter a value here, or remove the key: null is not read."),
        (b"40", "Enter text, a number of ordinary size, true or false."),
        ([], "Enter one value such as 40.00, not a list or a block."),
    ],
)
def test_a_value_that_is_no_amount_is_refused_with_its_path(written: Any, sentence: str) -> None:
    """A request has no lines, so the path alone says where."""
    path = "benefits.therapy.cost_share.in-network.copay"

    assert [f"{path}: {sentence}"] == mistakes_in_request(short(copay=written))


def test_true_and_false_are_yes_and_no() -> None:
    """JSON has words of its own for them."""
    share = read(short(copay=40, never_above_allowed=False)).benefits[0].cost_share["in-network"]

    assert isinstance(share, CostShare)
    assert share.never_above_allowed is False


def test_a_bare_number_is_no_percentage_in_a_request_either() -> None:
    """Nobody guesses whether 0.2 is a fifth."""
    path = "benefits.therapy.cost_share.in-network.coinsurance"

    for written in (0.2, 20, "20"):
        assert [f"{path}: Enter a percentage, like 20%."] == mistakes_in_request(short(coinsurance=written))


def test_a_request_may_name_a_policy_or_write_one() -> None:
    """Both decide in the order of the list."""
    own = {"policy": "mine", "services": ["dry-needling"], "position": "covered", "under": "therapy"}

    found = read({**SHORT, "policies": [own, "evergreen-dry-needling"]})

    assert ["mine", NEEDLING.name] == [policy.name for policy in found.policies]
    assert Position.COVERED is found.policies[0].position


def test_a_policy_of_a_request_must_fit_the_plan() -> None:
    """It may put lines only under a benefit that there is."""
    own = {"policy": "mine", "services": ["dry-needling"], "position": "covered", "under": "acupuncture"}

    assert ["policies.0.under: There is no 'acupuncture' among the benefits. Known: therapy."] == mistakes_in_request(
        {**SHORT, "policies": [own]}
    )


@pytest.mark.parametrize("definition", [None, [], "plan", 3, {1: 2}])
def test_a_definition_is_an_object(definition: Any) -> None:
    """Anything else is told what to write."""
    assert mistakes_in_request(definition)[0] in (
        "Enter an object with the keys of a plan file.",
        "Enter text, a number of ordinary size, true or false.",
        "Enter a value here, or remove the key: null is not read.",
        "Enter a word as the key.",
    )


def test_a_definition_that_holds_itself_is_refused() -> None:
    """The depth has an end."""
    endless: dict[str, Any] = {}
    endless["networks"] = endless

    assert any("too deep or too long" in problem for problem in mistakes_in_request(endless))
