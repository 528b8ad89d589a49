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
