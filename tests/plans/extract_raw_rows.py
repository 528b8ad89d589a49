"""Writes raw rows of 200 Marketplace plans, chosen by chance, for an independent reading.

    python -m tests.plans.extract_raw_rows BENEFITS.zip ATTRIBUTES.zip >tests/plans/marketplace_raw_rows.csv

Variants for members of tribes are left out. Cells stand as in the official files; of the benefits only the row for
physical therapy, of the attributes only the columns of deductibles and maximums and what belongs to them.
"""

import csv
import io
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

PLANS = 200
SEED = 20261123
ROW = "Rehabilitative Occupational and Rehabilitative Physical Therapy"
OF_BENEFITS = (
    "PlanId,StateCode,CopayInnTier1,CoinsInnTier1,CopayOutofNet,CoinsOutofNet,IsCovered,QuantLimitOnSvc,LimitQty,"
    "LimitUnit,Exclusions,Explanation,IsExclFromInnMOOP"
)
OF_ATTRIBUTES = (
    "IssuerMarketPlaceMarketingName,MarketCoverage,MetalLevel,PlanMarketingName,MedicalDrugDeductiblesIntegrated,"
    "MultipleInNetworkTiers"
)


def cells(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the one table of a zip."""
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as opened:
        yield from csv.DictReader(io.TextIOWrapper(opened, encoding="utf-8-sig", newline=""))


def main(benefits: Path, attributes: Path) -> None:
    """Write the rows to standard output."""
    plans = {row["PlanId"]: row for row in cells(attributes) if row["DentalOnlyPlan"] == "No"}
    chosen = set(random.Random(SEED).sample(sorted(plan for plan in plans if plan[-2:] not in ("02", "03")), PLANS))
    kinds = ("DedInnTier1{}", "DedCombInnOon{}", "InnTier1{}MOOP")
    whom = ("Individual", "FamilyPerPerson", "FamilyPerGroup")
    money = [family + kind.format(one) for family in ("MEHB", "TEHB") for kind in kinds for one in whom]
    wanted = OF_BENEFITS.split(","), [*OF_ATTRIBUTES.split(","), *money]
    writer = csv.DictWriter(sys.stdout, [*wanted[0], *wanted[1]], lineterminator="\n")
    writer.writeheader()
    for row in cells(benefits):
        if row["PlanId"] in chosen and row["BenefitName"] == ROW:
            plan = plans[row["PlanId"]]
            writer.writerow({name: row[name] for name in wanted[0]} | {name: plan[name] for name in wanted[1]})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
