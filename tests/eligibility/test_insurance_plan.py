"""A FHIR InsurancePlan describes a plan that can be estimated; a plan of ours goes out as one that R4B validates."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from fhir.resources.R4B.insuranceplan import InsurancePlan

from estimator.cli import main
from estimator.eligibility.insurance_plan import insurance_plan_of
from estimator.plans.folder import library
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.eligibility.answers import as_bytes
from tests.estimates.test_filling_from_eligibility import TODAY

EVERGREEN = folder_shelf(plans_folder()).find("evergreen-ppo-silver", TODAY)


def definition(resource: Any) -> dict[str, Any]:
    """Return the definition that a resource describes."""
    options = ["eligibility", "-", "--request", "--day", "2026-03-02"]
    result = CliRunner().invoke(main, options, input=as_bytes(resource), catch_exceptions=False)
    plan: dict[str, Any] = json.loads(result.stdout)["plan"]
    return plan


def cost(kind: str, network: str, value: dict[str, Any], *qualifiers: str) -> dict[str, Any]:
    """Return what a visit costs in a network."""
    return {
        "type": {"coding": [{"code": kind}]},
        "applicability": {"coding": [{"code": network}]},
        "qualifiers": [{"text": words} for words in qualifiers],
        "value": value,
    }


PLAN = {
    "resourceType": "InsurancePlan",
    "status": "active",
    "name": "Sample PPO",
    "ownedBy": {"display": "Evergreen Mutual"},
    "period": {"start": "2026-01-01", "end": "2026-12-31"},
    "coverage": [
        {
            "type": {"text": "medical"},
            "benefit": [
                {
                    "type": {"coding": [{"code": "PT"}]},
                    "requirement": "Prior authorization after visit 12",
                    "limit": [
                        {"value": {"value": 30, "unit": "visit"}, "code": {"text": "combined PT/OT per calendar year"}}
                    ],
                }
            ],
        }
    ],
    "plan": [
        {
            "generalCost": [
                {"type": {"text": "Individual deductible"}, "cost": {"value": 1500, "currency": "USD"}},
                {"type": {"text": "Family deductible"}, "cost": {"value": 3000, "currency": "USD"}},
                {"type": {"text": "Individual drug deductible"}, "cost": {"value": 200, "currency": "USD"}},
            ],
            "specificCost": [
                {
                    "category": {"text": "physical therapy"},
                    "benefit": [
                        {
                            "type": {"text": "PT visit"},
                            "cost": [
                                cost(
                                    "copay",
                                    "in-network",
                                    {"value": 40, "unit": "USD"},
                                    "per visit",
                                    "deductible waived",
                                ),
                                cost("coinsurance", "out-of-network", {"value": 40, "unit": "%"}, "after deductible"),
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}


def test_a_plan_is_described_by_its_resource() -> None:
    """Ceilings, shares of both networks and the limit; a deductible for drugs is another one."""
    read = definition(PLAN)
    therapy = read["benefits"]["physical-therapy"]

    assert ("Evergreen Mutual", "30") == (read["payer"], read["limits"]["therapy-visits"]["visits"])
    assert {"person": "1500.00", "family": "3000.00"}.items() <= read["networks"]["in-network"]["deductible"].items()
    assert {"copay": "40.00", "deductible": "waived"}.items() <= therapy["cost_share"]["in-network"].items()
    assert {"coinsurance": "40%", "deductible": "applies"}.items() <= therapy["cost_share"]["out-of-network"].items()
    assert "unknown" == therapy["authorization"]


def test_a_plan_of_another_year_fills_nothing() -> None:
    """Its period is over on the day asked about."""
    old = definition({**PLAN, "period": {"start": "2025-01-01", "end": "2025-12-31"}})

    assert "unknown" == old["networks"]["in-network"]["deductible"]


def test_a_plan_of_ours_goes_out_and_comes_in_again() -> None:
    """The same deductible, maximum, copay, share and limit."""
    read = definition(insurance_plan_of(EVERGREEN))
    share = read["benefits"]["physical-therapy"]["cost_share"]

    assert ("2500.00", "5000.00", "8000.00") == (
        read["networks"]["in-network"]["deductible"]["person"],
        read["networks"]["in-network"]["deductible"]["family"],
        read["networks"]["in-network"]["out_of_pocket_max"]["person"],
    )
    assert ("40.00", "waived", "40%", "30") == (
        share["in-network"]["copay"],
        share["in-network"]["deductible"],
        share["out-of-network"]["coinsurance"],
        read["limits"]["therapy-visits"]["visits"],
    )


def test_every_plan_of_the_folder_goes_out_valid() -> None:
    """By the standard, R4B, for plans with gaps and tiers of their own as well."""
    known = library(plans_folder())
    plans = [known.read_file(path).plan for path in known.files()]

    assert 30 < len(plans)
    assert [plan.title for plan in plans] == [
        InsurancePlan.model_validate(insurance_plan_of(plan)).name for plan in plans
    ]


def test_the_command_prints_a_plan() -> None:
    """By its id."""
    result = CliRunner().invoke(main, ["eligibility", "plan", "evergreen-ppo-silver"], catch_exceptions=False)

    assert "InsurancePlan" == json.loads(result.stdout)["resourceType"]


@pytest.mark.parametrize(
    "odd", [{"plan": [1]}, {"coverage": 3}, {"plan": [{"generalCost": [{"cost": {"value": "x"}}]}]}]
)
def test_odd_parts_are_noted_or_read_past(odd: dict[str, Any]) -> None:
    """What is of use beside them stands."""
    assert "answered-plan" == definition({**PLAN, **odd})["plan"]


def described(kind: str, value: dict[str, Any], *qualifiers: str, network: str = "in-network") -> dict[str, Any]:
    """Return a resource with one share of physical therapy."""
    share = cost(kind, network, value, *qualifiers)
    costs = [{"category": {"text": "physical therapy"}, "benefit": [{"type": {"text": "PT visit"}, "cost": [share]}]}]
    return {**PLAN, "plan": [{"specificCost": costs}]}


def of_offices(**copays: int) -> dict[str, Any]:
    """Return a resource with copays of visits to an office by the name of each."""
    visits = [
        {"type": {"text": name.replace("_", " ")}, "cost": [cost("copay", "in-network", {"value": copay})]}
        for name, copay in copays.items()
    ]
    return {**PLAN, "plan": [{"specificCost": [{"category": {"text": "Office Visit"}, "benefit": visits}]}]}


TWENTY, DOLLARS = {"value": 20, "unit": "%"}, {"value": 40, "unit": "USD"}
VARIANTS = [described("copay", {"value": value, "unit": "USD"})["plan"][0] for value in (60, 20)]


@pytest.mark.parametrize(
    ("resource", "inside", "outside"),
    [
        (described("Co-pay", DOLLARS, network="Out of Network"), None, "40.00"),
        (described("Copay", TWENTY), "20%", None),
        (described("Co-insurance", {"value": 0.2}), "20%", None),
        (described("Coinsurance", DOLLARS), None, None),
        (described("Copay", DOLLARS, "Per admission"), None, None),
        (described("Fee", DOLLARS), None, None),
        (described("Copay", DOLLARS, network="Tier 2"), None, None),
        (of_offices(Primary_care_visit=20), None, None),
        (of_offices(Primary_care_visit=20, Specialist_visit=50), "50.00", None),
        ({**PLAN, "plan": VARIANTS}, None, None),
        ({**PLAN, "plan": VARIANTS[:1] * 2}, "60.00", None),
        ({**described("Copay", DOLLARS), "status": "retired"}, None, None),
    ],
)
def test_a_share_is_read_as_vendors_write_it(resource: Any, inside: str | None, outside: str | None) -> None:
    """Words for codes, a copay in percent, variants that differ: what can't be known stays unknown."""
    shares = definition(resource)["benefits"]["physical-therapy"]["cost_share"].values()

    assert [inside, outside] == [
        None if isinstance(share, str) else share.get("copay") or share.get("coinsurance") for share in shares
    ]


def test_limits_and_ceilings_are_read_as_vendors_write_them() -> None:
    """A unit with its time; cleanings are no therapy; a comment on drugs names none; Euros are no dollars."""
    unit = {"limit": [{"value": {"value": 24, "unit": "visits per calendar year"}}]}
    teeth = {"type": {"text": "Cleaning"}, "limit": [{"value": {"value": 2, "unit": "visit"}}]}
    amount = {"type": {"text": "Individual deductible"}, "groupSize": 50, "comment": "Does not apply to drugs"}
    costs = [{**amount, "cost": {"value": value, "currency": money}} for value, money in ((1500, "USD"), (9, "EUR"))]
    covers = [{"benefit": [{"type": {"coding": [{"code": "PT"}]}, **unit}, teeth]}]
    read = definition({**PLAN, "coverage": covers, "plan": [{"generalCost": costs}]})
    limit = read["limits"]["therapy-visits"]

    assert ("24", "calendar-year") == (limit["visits"], limit["per"])
    assert "1500.00" == read["networks"]["in-network"]["deductible"]["person"]
