"""The shipped catalogue against raw rows of 200 plans, read a second time by other code.

The rows are cells of the official files (see `extract_raw_rows`). The reading here goes from the cells straight to what
the engine's plan must hold, and shares no code with the importer.
"""

import csv
import io
import re
from functools import cache
from pathlib import Path

import pytest

from estimator.engine.plan import Ceiling, CostShare, DeductibleOrder, FamilyRule, Plan, Tier
from estimator.engine.values import UNKNOWN, Money, Rate
from estimator.plans.catalogue_file import read_catalogue
from estimator.plans.folder import library
from estimator.plans.read import read_definition
from estimator.settings import plans_folder

RAW = Path(__file__).with_name("marketplace_raw_rows.csv")
ROWS = list(csv.DictReader(io.StringIO(RAW.read_text("utf-8"))))
CATALOGUE = plans_folder() / "_catalogue" / "marketplace-2026.jsonl.xz"


@cache
def plans() -> dict[str, Plan]:
    """Return the plans of the rows, as the product reads them from the shipped catalogue."""
    wanted = {row["PlanId"].lower() for row in ROWS}
    shared = library(plans_folder()).shared
    _, listed = read_catalogue(CATALOGUE)
    found = (each.definition for each in listed if each.definition["plan"] in wanted)
    return {definition["plan"]: read_definition(definition, "catalogue", shared).plan for definition in found}


def dollars(cell: str) -> Money | None:
    """Read `$12,000 per group` as cents."""
    digits = re.sub(r"[^0-9.]", "", cell)
    return Money(round(100 * float(digits))) if digits else None


def owed(copay: str, coinsurance: str) -> tuple[Money, Rate, str]:
    """Return copay, percentage and order beside the deductible; nothing where a column says nothing."""
    fixed = dollars(copay) if "$" in copay else Money(0)
    part = round(float(coinsurance.split("%")[0]) * 10_000) if "%" in coinsurance else 0
    said_by = [cell for cell in (copay, coinsurance) if cell != "Not Applicable"]
    first = "after deductible" in (copay if fixed else coinsurance if part else " ".join(said_by))
    if fixed and not first and "after deductible" in coinsurance:
        return fixed, Rate(part), "after-copay"
    return fixed or Money(0), Rate(part), "applies" if first else "waived"


def of_plan(share: CostShare | Tier) -> tuple[Money, Rate, str]:
    """Return the same of the engine's share."""
    assert isinstance(share, CostShare)
    assert isinstance(share.deductible, DeductibleOrder)
    assert not isinstance(share.coinsurance, type(UNKNOWN))
    return share.copay or Money(0), share.coinsurance or Rate(0), str(share.deductible)  # type: ignore[return-value]


def test_there_are_two_hundred_plans_and_none_for_members_of_tribes() -> None:
    """Every raw row has its plan in the catalogue."""
    assert 200 == len(ROWS) == len(plans())
    assert not [row for row in ROWS if row["PlanId"].endswith(("-02", "-03"))]


@pytest.mark.parametrize("row", ROWS, ids=[row["PlanId"] for row in ROWS])
def test_the_catalogue_says_what_the_raw_row_says(row: dict[str, str]) -> None:
    """Share, cover out of network, limit, deductible and maximum."""
    plan = plans()[row["PlanId"].lower()]
    therapy = plan.benefit("physical-therapy")
    inside = plan.networks["in-network"]

    assert owed(row["CopayInnTier1"], row["CoinsInnTier1"]) == of_plan(therapy.cost_share["in-network"])
    assert (row["CoinsOutofNet"] == "100.00%") == (therapy.cost_share["out-of-network"] is Tier.NOT_COVERED)
    family = "MEHB" if row["MedicalDrugDeductiblesIntegrated"] == "No" else "TEHB"
    check_ceiling(row, f"{family}Ded{{}}", inside.deductible)
    check_ceiling(row, "TEHB{}", inside.out_of_pocket_max, "MOOP")
    check_limit(row, plan)
    assert (row["IssuerMarketPlaceMarketingName"], "published") == (plan.payer, plan.kind)


def check_ceiling(row: dict[str, str], start: str, found: object, end: str = "") -> None:
    """Compare a ceiling with its three cells."""
    whom = ("Individual", "FamilyPerPerson", "FamilyPerGroup")
    person, member, group = (dollars(row[start.format("InnTier1") + one + end]) for one in whom)
    together = dollars(row[f"{start.format('CombInnOon')}Individual"]) if not end else None
    if not end and not person and not group:
        assert found is None
        return
    assert isinstance(found, Ceiling)
    if together is None or person is None or together >= person:
        assert person == found.person
    assert group == found.family
    assert (FamilyRule.AGGREGATE if member is None else FamilyRule.EMBEDDED) == found.family_rule
    assert (None if member in (None, person) else member) == found.family_member


def check_limit(row: dict[str, str], plan: Plan) -> None:
    """The number of the column is one of the plan's limits on therapy; without one, what there is is in doubt.

    Where the text gives physical therapy fewer visits of its own, the column's are those of both therapies.
    """
    limits = [plan.limits[name] for name in plan.benefit("physical-therapy").limits]
    if row["LimitQty"]:
        amounts = [limit.amount for limit in limits]
        own = [each for each in re.findall(r"\d+", row["Explanation"]) if amounts == [int(each)]]
        assert int(float(row["LimitQty"])) in amounts or (own and limits[0].counts_other_therapy is False)
        assert {"days" if row["LimitUnit"].startswith("Days") else "visits"} == {str(one.measure) for one in limits}
    else:
        assert not [limit for limit in limits if limit.confirmed]
