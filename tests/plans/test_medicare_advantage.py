"""The table of Medicare Advantage plans: every form of a cell, ranges kept, nothing dropped."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from estimator.errors import PlanFileRefused
from estimator.plans.folder import library
from estimator.plans.medicare_advantage import (
    COLUMNS,
    MedicareAdvantage,
    by_tier,
    cost,
    deductible,
    maximum,
    read_medicare_advantage,
)
from estimator.plans.read import read_definition
from estimator.settings import plans_folder

DAY = date(2026, 11, 23)


def row(**cells: str) -> dict[str, str]:
    """Write a row: an HMO with a copay of $30."""
    return dict.fromkeys(COLUMNS, "") | {
        "state": "New_York",
        "plan": "H0104_012_0",
        "name": "Evergreen Choice (HMO)",
        "org": "Evergreen",
        "pt_in_network": "$30 copay",
        "health_deductible": "$0.00",
        "moop": "5,000",
        "specialist_visit": "In-network: $40 copay",
        **cells,
    }


def read(folder: Path, *rows: dict[str, str]) -> MedicareAdvantage:
    """Write a table of these rows and read it."""
    path = folder / "plans.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return read_medicare_advantage(path, 2026, DAY)


def one(folder: Path, **cells: str) -> dict[str, Any]:
    """Return the definition of one row, which the product reads as a plan without a mistake."""
    (listed,) = read(folder, row(**cells)).definitions()
    read_definition(listed.definition, "file", library(plans_folder()).shared)
    return listed.definition


@pytest.mark.parametrize(
    ("text", "share", "is_open"),
    [
        ("$30 copay", {"copay": "30.00"}, False),
        ("$0 copay", {"copay": "0.00"}, False),
        ("$10-$40 copay", {"copay": {"from": "10.00", "to": "40.00"}}, True),
        ("$0 or $25 copay", {"copay": {"from": "0.00", "to": "25.00"}}, True),
        ("$0 or $25-$50 copay", {"copay": {"from": "0.00", "to": "50.00"}}, True),
        ("$0 or $0-$50 copay", {"copay": {"from": "0.00", "to": "50.00"}}, True),
        ("20% coinsurance", {"coinsurance": "20%"}, False),
        ("0%-20% coinsurance", {"coinsurance": "unknown"}, True),
        ("0% or 20% coinsurance", {"coinsurance": "unknown"}, True),
        ("0% or 0%-20% coinsurance", {"coinsurance": "unknown"}, True),
        ("$0 copay, 0% coinsurance", {"copay": "0.00"}, False),
        ("$40 copay, 20% coinsurance", "unknown", True),
        ("ask your plan", "unknown", True),
        ("", None, False),
    ],
)
def test_every_form_of_a_cost_share_is_read(text: str, share: object, is_open: bool) -> None:
    """A range stays a range, and what is left open is told as such."""
    found = cost(text)

    assert (share, is_open) == (found.share, found.is_open)


@pytest.mark.parametrize(
    ("text", "amount", "inside", "outside"),
    [
        ("$0.00", None, True, True),
        ("$283.00", "283.00", True, True),
        ("$1,000Annual deductible", "1000.00", True, True),
        ("$500In-network", "500.00", True, False),
        ("$715Out-of-network", "715.00", False, True),
        ("$160In and out-of-network", "160.00", True, True),
        ("$0 or $283per year for in-network services", {"from": "0.00", "to": "283.00"}, True, False),
        ("$2,019per year from in-network and out-of-network providers", "2019.00", True, True),
        ("something else", "unknown", True, True),
    ],
)
def test_every_form_of_a_deductible_is_read(text: str, amount: object, inside: bool, outside: bool) -> None:
    """Its amount, and for which side of the network it holds."""
    found = deductible(text)

    assert (amount, inside, outside) == (found.amount, found.inside, found.outside)


def test_a_maximum_of_nothing_is_not_believed() -> None:
    """A plan that never asks for a dollar has no such line."""
    assert ("9250.00", "unknown", "unknown") == (maximum("9,250"), maximum("0"), maximum("see plan"))


def test_a_cell_for_both_tiers_is_split() -> None:
    """The words run into each other in the table."""
    assert ("$0 or $5 copay", "20%-30% coinsurance") == by_tier(
        "In-network: $0 or $5 copayOut-of-network: 20%-30% coinsurance"
    )
    assert ("$0 copay", "") == by_tier("$0 copay")


def test_a_row_becomes_a_whole_definition(tmp_path: Path) -> None:
    """Approval, referral and limits are rules; who is not told is unknown."""
    found = one(tmp_path, advance_plan_approval="Y", referral_required="Y", limits_apply="Y")

    assert ("h0104-012-0-ny", "Evergreen Choice (HMO), New York", "Evergreen") == tuple(
        found[key] for key in ("plan", "title", "payer")
    )
    therapy = found["benefits"]["physical-therapy"]
    assert ("1", "provider-absorbs") == tuple(therapy["authorization"][key] for key in ("from_visit", "if_missing"))
    assert ("1", "unknown") == tuple(therapy["referral"][key] for key in ("from_visit", "if_missing"))
    assert "unknown" == found["limits"]["therapy-visits"]["visits"]
    assert ("30.00", "waived") == tuple(therapy["cost_share"]["in-network"][key] for key in ("copay", "deductible"))
    assert "not-covered" == found["networks"]["out-of-network"]
    assert ["medicare-advantage-dry-needling"] == found["policies"]


def test_a_range_is_kept_with_its_quote(tmp_path: Path) -> None:
    """The estimate shows the range, and the note what the plan's page says."""
    found = one(tmp_path, pt_in_network="$10-$40 copay")

    assert {"from": "10.00", "to": "40.00"} == found["benefits"]["physical-therapy"]["cost_share"]["in-network"][
        "copay"
    ]
    assert "“$10-$40 copay”" in found["notes"][0]["text"].replace("'", "”")


def test_a_form_that_nobody_knows_is_unknown_and_quoted(tmp_path: Path) -> None:
    """The plan is not dropped for it."""
    files = read(tmp_path, row(pt_in_network="half a copay"))
    (listed,) = files.definitions()

    assert "unknown" == listed.definition["benefits"]["physical-therapy"]["cost_share"]["in-network"]
    assert "half a copay" in listed.definition["notes"][0]["text"]
    assert {"pt_in_network": 1} == dict(files.report.left_open)


def test_a_plan_with_cover_out_of_network_has_both_tiers(tmp_path: Path) -> None:
    """A PPO's maximum holds for both; whether the deductible applies to therapy is not stated."""
    found = one(
        tmp_path, name="Evergreen (PPO)", pt_out_of_network="50% coinsurance", health_deductible="$300Annual deductible"
    )

    outside = found["networks"]["out-of-network"]
    assert ("in-network", "in-network") == (
        outside["deductible"]["combined_with"],
        outside["out_of_pocket_max"]["combined_with"],
    )
    share = found["benefits"]["physical-therapy"]["cost_share"]["out-of-network"]
    assert ("50%", "unknown") == (share["coinsurance"], share["deductible"])


def test_the_organization_is_known_by_its_contract(tmp_path: Path) -> None:
    """Most rows leave it blank, and one contract belongs to one organization."""
    rows = [
        row(),
        row(plan="H0104_013_0", org=""),
        row(plan="H9999_001_0", org="", name="Somebody Else (HMO)"),
        row(plan="H8888_001_0", org="", name="AARP Medicare Advantage from UHC (HMO)"),
    ]
    found = [listed.definition for listed in read(tmp_path, *rows).definitions()]

    assert ["Evergreen", "Evergreen", "Not named (contract H9999)", "UnitedHealthcare"] == [
        each["payer"] for each in found
    ]
    assert ["uhc-medicare-advantage-dry-needling"] == found[3]["policies"]


def test_a_plan_of_two_states_is_two_plans(tmp_path: Path) -> None:
    """Their names differ, and the same plan twice in one state is refused."""
    files = read(tmp_path, row(), row(state="Ohio"), row())
    found = [listed.definition["plan"] for listed in files.definitions()]

    assert ["h0104-012-0-ny", "h0104-012-0-oh"] == found
    assert [4] == [problem.line for problem in files.report.refused]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"state": "Atlantis"}, "no state"),
        ({"plan": "12345"}, "no plan"),
        ({"limits_apply": "perhaps"}, "Enter Y or nothing under limits_apply"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    """The others are read."""
    files = read(tmp_path, row(**cells), row())

    assert 1 == len(list(files.definitions()))
    assert said in files.report.refused[0].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns are missing"),
        ("state,plan\nOhio,H0104_012_0\n", "columns are missing: name"),
        (",".join(COLUMNS) + "\n", "no rows"),
        (",".join(COLUMNS) + "\nOhio\n", "more or fewer cells"),
        (",".join(COLUMNS) + "\n" + "x" * 1_000_000, "cannot be read"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With its file and row."""
    path = tmp_path / "plans.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanFileRefused) as refusal:
        read_medicare_advantage(path, 2026, DAY)

    assert said in refusal.value.problems[0].message
