"""Marketplace files that the test writes become plan definitions, each of them accounted for."""

from pathlib import Path
from typing import Any

import pytest

from estimator.plans.folder import library
from estimator.plans.marketplace.plans import Marketplace, read_marketplace
from estimator.plans.read import read_definition
from estimator.settings import plans_folder
from tests.plans.marketplace_files import (
    BENEFIT_COLUMNS,
    PLAN,
    PLAN_COLUMNS,
    benefit,
    every_benefit,
    money,
    pair,
    plan,
    text_of,
    zipped,
)


def read(folder: Path, *plans: dict[str, str], benefits: list[dict[str, str]] | None = None) -> Marketplace:
    """Read a pair of files that holds these rows."""
    return read_marketplace(*pair(folder, plans, benefits or ()))


def one(folder: Path, row: dict[str, str] | None = None, **of_therapy: str) -> dict[str, Any]:
    """Return the definition of the one plan, which the product reads as a plan without a mistake."""
    (listed,) = read(folder, *([row] if row else []), benefits=every_benefit(**of_therapy)).definitions()
    read_definition(listed.definition, "file", library(plans_folder()).shared)
    return listed.definition


def test_a_variant_becomes_a_whole_definition(tmp_path: Path) -> None:
    """Head, tiers, shares, limit and policy are those of its rows."""
    found = one(tmp_path, QuantLimitOnSvc="Yes", LimitQty="30.0", LimitUnit="Visit(s) per Year")

    assert "12345wa0010001-01" == found["plan"]
    assert "Evergreen Silver (Silver PPO; standard, sold on the exchange)" == found["title"]
    assert ("Evergreen Health", ["WA"], "calendar") == (found["payer"], found["states"], found["benefit_year"])
    assert {"first_day": "2026-01-01", "last_day": "2026-12-31"} == found["in_force"]
    inside = found["networks"]["in-network"]
    assert ("1000.00", "2000.00", "yes") == tuple(
        inside["deductible"][key] for key in ("person", "family", "includes_drugs")
    )
    assert "5000.00" == inside["out_of_pocket_max"]["person"]
    assert "not-covered" == found["networks"]["out-of-network"]
    assert "30" == found["limits"]["therapy-visits"]["visits"]
    assert "40.00" == found["benefits"]["physical-therapy"]["cost_share"]["in-network"]["copay"]
    assert ["marketplace-dry-needling"] == found["policies"]
    assert "2026-05-01" == found["sources"]["benefits"]["read_on"]


def test_every_variant_is_named_for_what_it_is(tmp_path: Path) -> None:
    """The variants for members of tribes are not mistaken for others."""
    plans = [plan(PlanId=f"{PLAN[:-2]}0{number}") for number in range(7)]
    rows = [row for each in plans for row in every_benefit(each["PlanId"])]
    titles = [listed.definition["title"] for listed in read(tmp_path, *plans, benefits=rows).definitions()]

    assert 7 == len(set(titles))
    assert "tribes" in titles[2]
    assert "tribes" in titles[3]
    assert all("tribes" not in title for title in titles[:2] + titles[4:])


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"IsHSAEligible": "Yes"}, True),
        ({"IsHSAEligible": "No", "PlanVariantMarketingName": "Silver HSA"}, False),
        ({"IsHSAEligible": "Yes", "MetalLevel": "Expanded Bronze"}, False),
        ({"IsHSAEligible": "Yes", "MetalLevel": "Bronze", "MarketCoverage": "SHOP (Small Group)"}, True),
    ],
)
def test_a_plan_goes_with_a_savings_account_by_its_column_and_not_its_title(
    tmp_path: Path, cells: dict[str, str], says: bool
) -> None:
    """The law lets a bronze plan of the individual market have an account whatever its amounts."""
    [listed] = read(tmp_path, plan(**cells), benefits=every_benefit(PLAN)).definitions()
    tier = listed.definition["networks"]["in-network"]

    assert ({"cite": "attributes IsHSAEligible"} if says else None) == tier.get("high_deductible")


def test_the_variant_with_limited_cost_sharing_is_free_through_indian_health_care(tmp_path: Path) -> None:
    """What its rows state is what others' care costs; the law that says so is a source of its own."""
    plans = [plan(PlanId=f"{PLAN[:-1]}{number}") for number in (1, 3)]
    rows = [row for each in plans for row in every_benefit(each["PlanId"])]
    standard, limited = (listed.definition for listed in read(tmp_path, *plans, benefits=rows).definitions())

    assert {"cite": "indian-health"} == limited["networks"]["in-network"].pop("free_by_indian_health")
    assert "42 USC 18071(d)(2)" in limited["sources"].pop("indian-health")["title"]
    assert [standard[key] for key in ("networks", "sources", "benefits")] == [
        limited[key] for key in ("networks", "sources", "benefits")
    ]


def test_tiers_out_of_network_and_combined_amounts_are_kept(tmp_path: Path) -> None:
    """A second tier has its own cells; an amount for in and out together is one ceiling for both."""
    joint = ("$1,000 ", "$1000 per person", "$2000 per group")
    row = plan(MultipleInNetworkTiers="Yes") | money("InnTier2", "$3,000 ", "$3000 per person", "$6000 per group")
    row |= money("CombInnOon", *joint) | money(
        "OutOfNet", "$9,000 ", "$9000 per person", "$18000 per group", kind="MOOP"
    )
    found = one(
        tmp_path, row, CopayInnTier2="$60.00", CopayOutofNet="", CoinsOutofNet="50.00% Coinsurance after deductible"
    )

    tiers, shares = found["networks"], found["benefits"]["physical-therapy"]["cost_share"]
    assert ["in-network", "tier-2", "out-of-network"] == list(tiers)
    assert ("3000.00", "in-network") == (
        tiers["tier-2"]["deductible"]["person"],
        tiers["out-of-network"]["deductible"]["combined_with"],
    )
    assert "9000.00" == tiers["out-of-network"]["out_of_pocket_max"]["person"]
    assert ("60.00", "50%") == (shares["tier-2"]["copay"], shares["out-of-network"]["coinsurance"])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("$1,000 ", "$1000 per person", "$2000 per group"), {"person": "1000.00", "family": "2000.00"}),
        (
            ("$1,000 ", "per person not applicable", "$2000 per group"),
            {"person": "1000.00", "family": "2000.00", "family_rule": "aggregate"},
        ),
        (
            ("$1,000 ", "$1000 per person", "per group not applicable"),
            {"person": "1000.00", "family_rule": "per-person"},
        ),
        (
            ("$1,000 ", "$1500 per person", "$3000 per group"),
            {"person": "1000.00", "family": "3000.00", "family_member": "1500.00"},
        ),
    ],
)
def test_families_are_embedded_aggregate_or_per_person(
    tmp_path: Path, cells: tuple[str, str, str], expected: dict[str, str]
) -> None:
    """Which amounts are given decides how a family's deductible works."""
    found = one(tmp_path, plan() | money("InnTier1", *cells))["networks"]["in-network"]["deductible"]

    assert expected == {key: found[key] for key in found if key not in ("cite", "includes_drugs")}


def test_a_medical_deductible_apart_from_drugs_is_the_one_that_counts(tmp_path: Path) -> None:
    """Where drugs have a deductible of their own, the medical columns hold the value."""
    row = plan(MedicalDrugDeductiblesIntegrated="No") | money(
        "InnTier1", "$9,999 ", "$9999 per person", "$9999 per group"
    )
    row |= money("InnTier1", "$700 ", "$700 per person", "$1400 per group", family="MEHB")
    found = one(tmp_path, row)["networks"]["in-network"]["deductible"]

    assert ("700.00", False) == (found["person"], "includes_drugs" in found)


def test_a_benefit_that_is_not_covered_says_so_in_every_tier(tmp_path: Path) -> None:
    """Not covered is a statement, not a gap."""
    rows = [
        row | {"IsCovered": "Not Covered"} if row["BenefitName"] == "Acupuncture" else row for row in every_benefit()
    ]
    (listed,) = read(tmp_path, benefits=rows).definitions()

    shares = listed.definition["benefits"]["acupuncture"]["cost_share"]
    assert {"in-network": "not-covered", "out-of-network": "not-covered"} == shares


def test_what_does_not_count_toward_the_maximum_is_marked(tmp_path: Path) -> None:
    """The columns of excluded costs hold for each side of the network."""
    found = one(tmp_path, IsExclFromInnMOOP="Yes")["benefits"]["physical-therapy"]["cost_share"]["in-network"]

    assert "no" == found["counts_toward_maximum"]


def test_a_row_that_cannot_be_read_refuses_its_plan_and_no_other(tmp_path: Path) -> None:
    """The report names the plan, the row and what stands there; every variant is accounted for."""
    plans = [
        plan(),
        plan(PlanId="12345WA0010002-01"),
        plan(PlanId="12345WA0010003-01"),
        plan(PlanId="12345WA0090001-01", DentalOnlyPlan="Yes"),
    ]
    rows = every_benefit() + every_benefit("12345WA0010002-01", CopayInnTier1="$4O.00")
    files = read(tmp_path, *plans, benefits=rows + every_benefit("12345WA0099999-01"))
    listed = list(files.definitions())

    report = files.report
    assert ["12345wa0010001-01"] == [each.definition["plan"] for each in listed]
    assert (4, 1, 1) == (report.variants, report.dental, report.read)
    assert ["12345WA0099999-01", "12345WA0010002-01", "12345WA0010003-01"] == [
        p.message.split(":")[0].split(" ")[0] for p in report.refused
    ]
    assert (9, "benefits.zip/benefits-and-cost-sharing-puf.csv") == (report.refused[1].line, report.refused[1].file)
    assert "'$4O.00'" in report.refused[1].message


def test_state_exchange_files_are_read_too(tmp_path: Path) -> None:
    """Spaced headers in capitals, a misspelt one, both family amounts in one cell, and no copay columns."""
    benefits = [
        {
            "BUSINESS YEAR": "2026",
            "STATE CODE": "CT",
            "PLAN ID": "76962CT0010001-01",
            "BENEFIT NAME": row["BenefitName"],
            "IS COVERED": "Yes",
            "QUANTITY LIMIT ON SVC": "Yes",
            "LIMIT QUANTITY": "40",
            "LIMIT UNIT": "Visit(s) per Year",
            "EXCLUSIONS": "",
            "EXPLANATION": "",
            "IS EXCLUDED FROM INN MOOP": "No",
            "IS EXCLUDED FROM OON MOOP": "No",
        }
        for row in every_benefit()
    ]
    attributes = {
        "BUSINESS YEAR": "2026",
        "STATE CODE": "CT",
        "ISSUER NAME": "",
        "ISSUER ID": "76962",
        "MARKET COVERAGE": "Individual",
        "DENTAL ONLY PLAN": "No",
        "PLAN MARKETING NAME": "Choice Bronze",
        "PLAN TYPE": "POS",
        "METAL LEVEL": "Bronze",
        "PLAN ID": "76962CT0010001-01",
        "CSR VARIATION TYPE": "Standard Bronze On Exchange Plan",
        "MEDICAL DRUG DEDUCTIBLES INTEGRATED": "Yes",
        "MEDICAL DRUG MAXIMUM OUT OF POCKET INTEGRATED": "Yes",
        "MULTIPLE NETWORK TIERS": "No",
        "TEHB DED INN TIER 1 INDIVIDUAL": "$6,550 ",
        "TEHB DED INN TIER 1 FAMILY": "$6550 per person | $13100 per group",
        "MEHB DED INN TIER1 COINSURNACE": "",
        "TEHB INN TIER 1 INDIVIDUAL MOOP": "$9,800 ",
        "TEHB INN TIER 1 FAMILY MOOP": "$9800 per person | $19600 per group",
        "TEHB OUT OF NET INDIVIDUAL MOOP": "Not Applicable",
        "TEHB OUT OF NET FAMILY MOOP": "per person not applicable | per group not applicable",
        "TEHB DED OUT COMB INN OON INDIVIDUAL": "Not Applicable",
    }
    first = zipped(tmp_path / "b.zip", "CTBenefits.csv", text_of(benefits[0], benefits))
    second = zipped(tmp_path / "a.zip", "CTPlans.csv", text_of(attributes, [attributes]))
    (listed,) = read_marketplace(first, second).definitions()

    inside = listed.definition["networks"]["in-network"]
    assert ("6550.00", "13100.00") == (inside["deductible"]["person"], inside["deductible"]["family"])
    assert ("9800.00", "19600.00") == (inside["out_of_pocket_max"]["person"], inside["out_of_pocket_max"]["family"])
    assert "40" == listed.definition["limits"]["therapy-visits"]["visits"]
    assert "unknown" == listed.definition["benefits"]["physical-therapy"]["cost_share"]["in-network"]
    assert "Issuer 76962" == listed.definition["payer"]


def test_the_order_of_columns_and_the_names_of_files_do_not_matter(tmp_path: Path) -> None:
    """Columns are found by their headers, tables by what they are."""
    expected = [listed.definition for listed in read(tmp_path).definitions()]
    first = zipped(tmp_path / "x.zip", "Benefits_Cost_Sharing_PUF.csv", text_of(BENEFIT_COLUMNS[::-1], every_benefit()))
    second = zipped(tmp_path / "y.zip", "folder/plan-attributes-puf.csv", text_of(PLAN_COLUMNS[::-1], [plan()]))
    found = [listed.definition for listed in read_marketplace(first, second).definitions()]

    assert [{**each, "sources": None} for each in expected] == [{**each, "sources": None} for each in found]


def test_a_policy_comes_only_from_an_issuer_that_leaves_no_doubt(tmp_path: Path) -> None:
    """A name that only looks alike gets the entry that is unknown."""
    certain = one(tmp_path, plan(IssuerMarketPlaceMarketingName="Blue Cross and Blue Shield of NC", StateCode="NC"))
    alike = one(tmp_path, plan(IssuerMarketPlaceMarketingName="Blue Cross and Blue Shield of NC", StateCode="WA"))

    assert ["bcbs-north-carolina-dry-needling"] == certain["policies"]
    assert ["marketplace-dry-needling"] == alike["policies"]


def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    """Anyone who waits sees how far the reading has come."""
    steps: list[tuple[int, int]] = []
    read_marketplace(*pair(tmp_path), lambda done, total: steps.append((done, total)))

    assert steps
    assert steps[-1][0] == steps[-1][1] > 0


def test_a_small_employer_plan_leaves_its_year_open(tmp_path: Path) -> None:
    """An employer's plan year may start in any month, and the unit of a limit does not say."""
    found = one(tmp_path, plan(MarketCoverage="SHOP (Small Group)"), LimitQty="20.0", LimitUnit="Visit(s) per Year")

    assert "unknown" == found["benefit_year"]
    assert "small employers" in found["title"]
    assert any("benefit year" in note["text"] for note in found["notes"])


def test_a_benefit_row_of_another_name_changes_nothing(tmp_path: Path) -> None:
    """Only the rows of six benefits are looked at."""
    rows = [*every_benefit(), benefit("Massage Therapy", CopayInnTier1="not even read")]
    files = read(tmp_path, benefits=rows)

    assert 1 == len(list(files.definitions()))
