"""Makes pairs of Marketplace files, with the columns that we read and rows that a test chooses."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from estimator.plans.marketplace.files import BENEFITS, FAMILIES, TIERS, WHOM, ceiling_column


def columns(names: str) -> list[str]:
    """Return the names of a header."""
    return names.split(",")


PT_ROW = "Rehabilitative Occupational and Rehabilitative Physical Therapy"
PLAN = "12345WA0010001-01"
BENEFIT_COLUMNS = columns(
    "BusinessYear,StateCode,IssuerId,SourceName,ImportDate,StandardComponentId,PlanId,BenefitName,CopayInnTier1,"
    "CopayInnTier2,CopayOutofNet,CoinsInnTier1,CoinsInnTier2,CoinsOutofNet,IsEHB,IsCovered,QuantLimitOnSvc,LimitQty,"
    "LimitUnit,Exclusions,Explanation,EHBVarReason,IsExclFromInnMOOP,IsExclFromOonMOOP"
)
CEILINGS = [
    ceiling_column(family, kind, tier, whom)
    for family in FAMILIES
    for kind in ("Ded", "MOOP")
    for tier in TIERS
    for whom in WHOM
]
PLAN_COLUMNS = [
    *columns(
        "BusinessYear,StateCode,IssuerId,IssuerMarketPlaceMarketingName,MarketCoverage,DentalOnlyPlan,PlanMarketingName,"
        "PlanType,MetalLevel,PlanId,PlanVariantMarketingName,CSRVariationType,MedicalDrugDeductiblesIntegrated,"
        "MedicalDrugMaximumOutofPocketIntegrated,MultipleInNetworkTiers,IsHSAEligible"
    ),
    *CEILINGS,
]


def money(tier: str, person: str, member: str, group: str, kind: str = "Ded", family: str = "TEHB") -> dict[str, str]:
    """Write the three cells of one ceiling."""
    cells = zip(WHOM, (person, member, group), strict=True)
    return {ceiling_column(family, kind, tier, whom): words for whom, words in cells}


def plan(**cells: str) -> dict[str, str]:
    """Write an attributes row: a silver PPO with a deductible of 1,000 and a maximum of 5,000."""
    empty = dict.fromkeys(CEILINGS, "")
    nothing = ("Not Applicable", "per person not applicable", "per group not applicable")
    for kind in ("Ded", "MOOP"):
        for tier in ("OutOfNet", "CombInnOon"):
            empty |= money(tier, *nothing, kind=kind)
    row = {
        **dict.fromkeys(PLAN_COLUMNS, ""),
        **empty,
        "BusinessYear": "2026",
        "StateCode": "WA",
        "IssuerId": "12345",
        "IssuerMarketPlaceMarketingName": "Evergreen Health",
        "MarketCoverage": "Individual",
        "DentalOnlyPlan": "No",
        "PlanMarketingName": "Evergreen Silver",
        "PlanVariantMarketingName": "Evergreen Silver",
        "PlanType": "PPO",
        "MetalLevel": "Silver",
        "PlanId": PLAN,
        "CSRVariationType": "Standard Silver On Exchange Plan",
        "MedicalDrugDeductiblesIntegrated": "Yes",
        "MedicalDrugMaximumOutofPocketIntegrated": "Yes",
        "MultipleInNetworkTiers": "No",
        "IsHSAEligible": "No",
        **money("InnTier1", "$1,000 ", "$1000 per person", "$2000 per group"),
        **money("InnTier1", "$5,000 ", "$5000 per person", "$10000 per group", kind="MOOP"),
    }
    return row | cells


def benefit(name: str = PT_ROW, **cells: str) -> dict[str, str]:
    """Write a benefit row: a copay of $40 in network, nothing out of network."""
    row = dict.fromkeys(BENEFIT_COLUMNS, "")
    row |= {"BusinessYear": "2026", "StateCode": "WA", "IssuerId": "12345", "PlanId": PLAN, "BenefitName": name}
    row |= {"IsCovered": "Covered", "IsExclFromInnMOOP": "No", "IsExclFromOonMOOP": "No"}
    row |= {"CopayInnTier1": "$40.00", "CoinsInnTier1": "Not Applicable"}
    row |= {"CopayOutofNet": "Not Applicable", "CoinsOutofNet": "100.00%"}
    return row | cells


def every_benefit(plan_id: str = PLAN, **of_therapy: str) -> list[dict[str, str]]:
    """Write every row of a plan that we read, and one that we do not."""
    rows = [benefit(name, PlanId=plan_id) for name in (*BENEFITS, "Infertility Treatment")]
    return [row | of_therapy if row["BenefitName"] == PT_ROW else row for row in rows]


def text_of(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Write a table as csv."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def zipped(path: Path, name: str, text: str | bytes) -> Path:
    """Write a zip with one member that carries a fixed day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 5, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return path


def pair(
    folder: Path, plans: Iterable[Mapping[str, str]] = (), benefits: Iterable[Mapping[str, str]] = ()
) -> tuple[Path, Path]:
    """Write both files; left out, they hold one plan with every benefit."""
    rows = list(benefits) or every_benefit()
    first = zipped(folder / "benefits.zip", "benefits-and-cost-sharing-puf.csv", text_of(BENEFIT_COLUMNS, rows))
    second = zipped(
        folder / "attributes.zip", "Plan_Attributes_PUF.csv", text_of(PLAN_COLUMNS, list(plans) or [plan()])
    )
    return first, second
