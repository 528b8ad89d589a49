"""Medicare's official benefit file: what each cell becomes, segments by county, and damaged files."""

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from estimator.errors import PlanFileRefused
from estimator.plans.folder import library
from estimator.plans.pbp import BenefitFile, read_benefit_file
from estimator.plans.read import read_definition
from estimator.settings import plans_folder
from tests.plans.pbp_files import FLORIDA, HMO, KEY, OUTSIDE, PPO, Tables, benefit_zip, tables, written

SHARED = library(plans_folder()).shared


def read(folder: Path, made: Tables, **texts: str | bytes) -> BenefitFile:
    """Write and read a zip."""
    return read_benefit_file(benefit_zip(folder, made, **texts))


def one(
    folder: Path, plan: dict[str, str] = PPO, outside: tuple[dict[str, str], ...] = (), **cells: str
) -> dict[str, Any]:
    """Return the definition of one plan, which the product reads without a mistake."""
    row = {**plan, **cells}
    (listed,) = read(folder, tables(row, outside=[{**row, **each} for each in outside])).definitions()
    read_definition(listed.definition, "file", SHARED)
    return listed.definition


def therapy(definition: dict[str, Any], network: str = "in-network") -> Any:
    """Return the share of physical therapy without its citation."""
    share = definition["benefits"]["physical-therapy"]["cost_share"][network]
    return share if isinstance(share, str) else {key: value for key, value in share.items() if key != "cite"}


def test_a_ppo_is_read_as_its_summary_of_benefits_prints_it(tmp_path: Path) -> None:
    """The layout of the one real row we know: $65 inside; outside $100 after a deductible of $1,000; two maximums."""
    plan = one(tmp_path, outside=(OUTSIDE,))
    networks = plan["networks"]

    assert ("h2406-013-0-fl", "Evergreen’s Choice FL-1 (PPO), Florida") == (plan["plan"], plan["title"])
    assert {"first_day": "2027-01-01", "last_day": "2027-12-31"} == plan["in_force"]
    assert {"copay": "65.00", "deductible": "waived"} == therapy(plan)
    assert {"copay": "100.00", "deductible": "applies"} == therapy(plan, "out-of-network")
    assert ("none", "1000.00") == (
        networks["in-network"]["deductible"],
        networks["out-of-network"]["deductible"]["person"],
    )
    assert "7150.00" == networks["in-network"]["out_of_pocket_max"]["person"]
    assert ["out-of-network"] == networks["in-network"]["out_of_pocket_max"]["also_credits"]
    assert "10750.00" == networks["out-of-network"]["out_of_pocket_max"]["person"]
    assert ["uhc-medicare-advantage-dry-needling"] == plan["policies"]


def test_a_zip_carries_its_year_and_day(tmp_path: Path) -> None:
    """From the table of areas and the files within."""
    file = read(tmp_path, tables(PPO))

    assert (2027, date(2026, 10, 1)) == (file.year, file.read_on)


NO_COPAY = {"pbp_b7i_copay_yn": "2"}
RATE = {"pbp_b7i_coins_yn": "1", "pbp_b7i_coins_pct_mc_min": "20", "pbp_b7i_coins_pct_mc_max": "20"}


@pytest.mark.parametrize(
    ("cells", "share"),
    [
        ({}, {"copay": "65.00", "deductible": "waived"}),
        ({"pbp_b7i_copay_mc_amt_min": "0"}, {"copay": {"from": "0.00", "to": "65.00"}, "deductible": "waived"}),
        (NO_COPAY, {"copay": "0.00", "deductible": "waived"}),
        ({"pbp_b7i_copay_yn": ""}, "unknown"),
        (NO_COPAY | RATE, {"coinsurance": "20%", "deductible": "waived"}),
        (
            NO_COPAY | RATE | {"pbp_b7i_coins_yn": "3", "pbp_b7i_coins_pct_mc_min": "0"},
            {"coinsurance": "unknown", "deductible": "waived"},
        ),
        (RATE, "unknown"),
    ],
)
def test_the_share_of_therapy_is_what_the_file_says_and_no_end_of_a_range(
    tmp_path: Path, cells: dict[str, str], share: Any
) -> None:
    """Both answered no is nothing to pay; a blank answer is unknown."""
    assert share == therapy(one(tmp_path, **cells))


def test_a_range_leaves_a_note_with_the_quote(tmp_path: Path) -> None:
    """The specialist's range and the therapist's."""
    notes = [note["text"] for note in one(tmp_path, pbp_b7i_copay_mc_amt_min="20.00")["notes"]]

    assert 2 == len(notes)
    assert "Medicare's file says: “copay $20.00 to $65.00”. Which of these holds for a visit is not stated." in notes[0]


@pytest.mark.parametrize(
    ("cells", "deductible", "order"),
    [
        ({"pbp_d_ann_deduct_yn": "2"}, "none", "waived"),
        ({"pbp_d_ann_deduct_yn": ""}, "unknown", "unknown"),
        ({"pbp_d_ann_deduct_amt_type": "2", "pbp_d_ann_deduct_amt": ""}, "unknown", "unknown"),
        ({"pbp_d_ann_deduct_bens": "010", "pbp_d_ann_deduct_inn_mc_yn": "1"}, "1000.00", "applies"),
        ({"pbp_d_ann_deduct_bens": "010", "pbp_d_ann_deduct_inn_mc_cats": "1a;7i;"}, "1000.00", "applies"),
        ({"pbp_d_ann_deduct_bens": "010", "pbp_d_ann_deduct_inn_mc_cats": "1a;"}, "1000.00", "waived"),
        ({"pbp_d_ann_deduct_bens": "100"}, "none", "waived"),
    ],
)
def test_a_ppos_deductible_holds_where_its_scope_says(
    tmp_path: Path, cells: dict[str, str], deductible: str, order: str
) -> None:
    """A type that Medicare sets has no amount in the file."""
    plan = one(tmp_path, **cells)
    found = plan["networks"]["in-network"]["deductible"]

    assert deductible == (found if isinstance(found, str) else found["person"])
    assert order == therapy(plan)["deductible"]


@pytest.mark.parametrize(
    ("cells", "deductible"),
    [
        ({}, "none"),
        ({"pbp_d_inn_deduct_yn": "1", "pbp_d_inn_deduct_partb_yn": "1"}, "unknown"),
        ({"pbp_d_inn_deduct_yn": "1", "pbp_d_inn_deduct_partb_yn": "2", "pbp_d_inn_deduct_amt": "257"}, "257.00"),
    ],
)
def test_an_hmo_has_a_deductible_of_its_own_columns_and_nothing_outside(
    tmp_path: Path, cells: dict[str, str], deductible: str
) -> None:
    """The one that Medicare sets for Part B is not stated in the file."""
    plan = one(tmp_path, HMO, **cells)
    found = plan["networks"]["in-network"]["deductible"]

    assert deductible == (found if isinstance(found, str) else found["person"])
    assert "not-covered" == plan["networks"]["out-of-network"] == therapy(plan, "out-of-network")


def test_authorization_and_referral_are_as_answered(tmp_path: Path) -> None:
    """1 is needed, 2 is not, and blank is not known."""
    asked = one(tmp_path, HMO, pbp_b7i_auth_yn="")["benefits"]["physical-therapy"]
    granted = one(tmp_path)["benefits"]["physical-therapy"]

    assert "unknown" == asked["authorization"]
    assert "1" == asked["referral"]["from_visit"]
    assert ("provider-absorbs", False) == (granted["authorization"]["if_missing"], "referral" in granted)


def test_a_deductible_of_therapy_alone_takes_the_place_of_the_plans(tmp_path: Path) -> None:
    """It comes before the share."""
    plan = one(tmp_path, pbp_b7i_ded_yn="1", pbp_b7i_ded_amt="100.00")

    assert "100.00" == plan["benefits"]["physical-therapy"]["deductible"]["person"]
    assert "applies" == therapy(plan)["deductible"]


def test_counties_tell_the_segments_of_a_plan_apart(tmp_path: Path) -> None:
    """Unpadded segments; found by county, padded or not; a plan of two states is one of each."""
    first, second = {**PPO, "segment_id": "1"}, {**PPO, "segment_id": "2"}
    areas = [
        {**first, **FLORIDA},
        {**second, **FLORIDA, "county": "Clay"},
        {**second, **FLORIDA, "county": "Camden", "stcd": "GA"},
    ]
    plans = list(read(tmp_path, tables(first, second, areas=areas)).definitions())

    assert ["h2406-013-1-fl", "h2406-013-2-fl", "h2406-013-2-ga"] == [one.definition["plan"] for one in plans]
    assert ["Duval", "Clay", "Camden"] == [one.also_called.split()[-1] for one in plans]
    assert "segment 2, Georgia" in plans[2].definition["title"]
    assert "H2406-013-002" in plans[2].also_called


def test_plans_that_nobody_chooses_here_are_counted_by_reason(tmp_path: Path) -> None:
    """Programs of other kinds, employers' own plans, and plans of regions whose states are not in the file."""
    others = [
        {**PPO, "pbp_a_plan_identifier": "014", "pbp_a_plan_type": "20"},
        {**PPO, "pbp_a_plan_identifier": "015", "pbp_a_eghp_yn": "1"},
        {**PPO, "pbp_a_plan_identifier": "016", "pbp_a_plan_type": "31"},
    ]
    areas = [{**row, **FLORIDA} for row in (PPO, *others[:2])]
    file = read(tmp_path, tables(PPO, *others, areas=areas))
    plans = list(file.definitions())

    assert 1 == len(plans) == file.report.read
    assert {
        "plans of other kinds": 1, "plans for one employer only": 1, "plans without a state in the file": 1,
    } == file.report.passed_over  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"pbp_b7i_copay_mc_amt_min": "-5"}, "pbp_b7i_copay_mc_amt_min: Enter an amount such as 65.00, not '-5'."),
        (
            {"pbp_b7i_copay_mc_amt_max": "64.00"},
            "pbp_b7i_copay_mc_amt_max: Enter a maximum of at least the minimum 65.00, not 64.00.",
        ),
        ({"pbp_b7i_auth_yn": "Y"}, "pbp_b7i_auth_yn: Enter 1 for yes or 2 for no, not 'Y'."),
    ],
)
def test_a_plan_with_a_cell_that_means_nothing_is_refused_and_the_others_are_read(
    tmp_path: Path, cells: dict[str, str], told: str
) -> None:
    """With its table, row and column."""
    file = read(tmp_path, tables({**PPO, **cells}, HMO))
    plans = list(file.definitions())

    assert ["h0104-012-0-fl"] == [one.definition["plan"] for one in plans]
    assert [f"pbp-benefits-2027.zip/pbp_b7_health_prof.txt:2: {told}"] == [str(one) for one in file.report.refused]


AREA = ("contract_year", "stcd", "county")
SOLD = {**PPO, **FLORIDA}
PLANS = ("pbp_a_org_marketing_name", "pbp_a_plan_name", "pbp_a_eghp_yn")
DAMAGED = {
    "pbp_Section_D.txt:1: These columns are missing: pbp_a_hnumber, pbp_a_plan_identifier": "",
    "pbp_b7_health_prof.txt:1: These columns are missing: pbp_b7i_copay_mc_amt_min": written([], ["pbp_b7i_copay_yn"]),
    "pbp_Section_A.txt:2: This table has a header and no rows": written([], PLANS),
    "PlanArea.txt:2: stcd: Enter the two letters of a state, not '12'.": written([{**SOLD, "stcd": "12"}], AREA),
    "PlanArea.txt:2: contract_year: Enter one plan year such as 2027, not '27'.": written(
        [{**SOLD, "contract_year": "27"}], AREA
    ),
    "PlanArea.txt:3: Enter 11 cells in this row, as in the header; it has 2.": f"{written([SOLD], AREA)}H2406\t013\r\n",
    "PlanArea.txt:2: pbp_a_hnumber: Enter a plan such as H2406, 013 and 0, not 'H2406 013 x'.": written(
        [{**SOLD, "segment_id": "x"}], AREA
    ),
    "PlanArea.txt:1: This row is no text in Windows-1252": written([SOLD], AREA).encode() + b"\x81\r\n",
}


@pytest.mark.parametrize(("told", "text"), DAMAGED.items())
def test_a_damaged_table_is_refused_with_its_row_and_column(tmp_path: Path, told: str, text: str | bytes) -> None:
    """Missing columns are told by name, and never guessed."""
    with pytest.raises(PlanFileRefused) as refusal:
        read(tmp_path, tables(PPO), **{told.partition(".")[0]: text})

    assert str(refusal.value.problems[0]).startswith(f"pbp-benefits-2027.zip/{told}")


def test_a_plan_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """The key is contract, plan and segment."""
    with pytest.raises(PlanFileRefused, match="H2406-013-0 is in row 2 already: remove one"):
        read(tmp_path, tables(PPO, PPO))


@pytest.mark.parametrize("cut", [0, 100, -30])
def test_a_zip_that_breaks_off_or_is_none_is_refused(tmp_path: Path, cut: int) -> None:
    """Download it again."""
    path = benefit_zip(tmp_path, tables(PPO))
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(PlanFileRefused, match="download it again"):
        read_benefit_file(path)


def test_a_zip_without_a_table_says_which_one(tmp_path: Path) -> None:
    """Another year's name, or another file altogether."""
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("landscape.csv", "a,b\n")

    with pytest.raises(PlanFileRefused, match=r"This zip has no pbp_Section_A\.txt"):
        read_benefit_file(path)


def test_a_name_in_windows_1252_is_read_letter_by_letter(tmp_path: Path) -> None:
    """An apostrophe and an accent, as eight of the official tables hold them."""
    assert "Clínica’s (PPO), Florida" == one(tmp_path, pbp_a_plan_name="Clínica’s (PPO)")["title"]
    assert "pbp_a_plan_type" in KEY
