"""What insurers filed for the fracture example of the Summary of Benefits, against our reading of their own rows.

The amounts of care are those of the government's guide of 2019-11 ($2,800 in all). It is read at second hand: how many
visits stand behind a category is our own reading of its story, and each category is one stand-in code of ours.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from estimator.engine.estimate import estimate
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Request, Service, Visit
from estimator.engine.values import Money
from estimator.engine.visits import Tables as EngineTables
from estimator.plans.common_rules import usual_rules
from estimator.plans.marketplace.benefits import IN, networks
from estimator.plans.marketplace.files import read_tables
from estimator.plans.marketplace.text import NOT_COVERED, Unreadable, share
from estimator.plans.shelf import folder_shelf
from estimator.prices.books import diagnoses, pair_edits, service_codes
from estimator.settings import plans_folder

BENEFITS, ATTRIBUTES = "benefits-and-cost-sharing-puf_PY2026.zip", "plan-attributes-puf_PY2026.zip"
WITHIN = 100
FILED = tuple(f"SBCHavingSimplefracture{part}" for part in ("Deductible", "Copayment", "Coinsurance", "Limit"))
AMBULANCE, EMERGENCY = "Emergency Transportation/Ambulance", "Emergency Room Services"
XRAY, EQUIPMENT, SPECIALIST = "X-rays and Diagnostic Imaging", "Durable Medical Equipment", "Specialist Visit"
THERAPY, DRUGS = "Rehabilitative Occupational and Rehabilitative Physical Therapy", "Generic Drugs"
STANDS_FOR = {
    AMBULANCE: "97810", EMERGENCY: "98940", XRAY: "97012", EQUIPMENT: "97760", DRUGS: "97010", SPECIALIST: "99213",
    THERAPY: "97110",
}  # fmt: skip
# In dollars, in the order of the story; the facility's 43 goes with the emergency room, therapy's 364 is four visits.
CARE = (
    (AMBULANCE, "944.00"), (EMERGENCY, "785.00"), (XRAY, "37.67"), (EQUIPMENT, "248.00"), (DRUGS, "5.00"),
    (SPECIALIST, "170.50"), (XRAY, "37.67"), (SPECIALIST, "170.50"), (XRAY, "37.66"),
    (THERAPY, "91.00"), (THERAPY, "91.00"), (THERAPY, "91.00"), (THERAPY, "91.00"),
)  # fmt: skip
FIRST_DAY = date(2026, 6, 1)


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the one table of a zip."""
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as opened:
        yield from csv.DictReader(io.TextIOWrapper(opened, encoding="utf-8-sig"))


def filed(folder: Path) -> dict[str, int]:
    """Return what each variant filed that the patient pays, in dollars; those that filed nothing are left out."""
    found = {}
    for row in rows_of(folder / ATTRIBUTES):
        parts = [row[name].strip().lstrip("$").replace(",", "") for name in FILED]
        if all(parts):
            found[row["PlanId"]] = round(sum(map(float, parts)))
    return found


def stated(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the first tier's share of every category of each variant, in the words of a plan file."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows_of(folder / BENEFITS):
        if row["BenefitName"] in STANDS_FOR:
            found.setdefault(row["PlanId"], {})[row["BenefitName"]] = _share(
                row["IsCovered"].lower() in ("covered", "yes"), row["CopayInnTier1"], row["CoinsInnTier1"]
            )
    return found


@lru_cache(maxsize=20_000)
def _share(is_covered: bool, copay: str, coinsurance: str) -> Any:
    if not is_covered:
        return NOT_COVERED
    try:
        return share(copay.strip(), coinsurance.strip())
    except Unreadable:
        return None


def definition(tier: dict[str, Any], shares: dict[str, Any]) -> dict[str, Any]:
    """Return a plan of the categories of the example, each a benefit of its own."""
    benefits = {
        STANDS_FOR[name]: {"services": [STANDS_FOR[name]], "cost_share": {IN: found}} for name, found in shares.items()
    }
    named = {f"benefit-{code}": benefit for code, benefit in benefits.items()}
    return {"market": "marketplace", "networks": {IN: tier}, "benefits": named}


LIMITED = "03"
"""The variant for members of tribes who pay nothing at an Indian health care provider (45 CFR 156.420): its own rows
say what they pay elsewhere, and its filed example may be of either."""


class Read(NamedTuple):
    """A variant, what it filed and what we read, in dollars; None where its rows make no plan of ours."""

    plan_id: str
    filed: int
    ours: int | None


def read(folder: Path) -> Iterator[Read]:
    """Yield what each variant filed and what we read."""
    results, shares_of = filed(folder), stated(folder)
    tables = read_tables(folder / BENEFITS, folder / ATTRIBUTES, lambda done, total: None)
    known = EngineTables(service_codes(), pair_edits(), diagnoses(), None, usual_rules(plans_folder()))
    visits = tuple(
        Visit(FIRST_DAY + timedelta(days=at), (Service(STANDS_FOR[name], None, None, frozenset(), amount, amount),))
        for at, (name, amount) in enumerate((name, Money.parse(usd)) for name, usd in CARE)
    )
    request, shelf, found = Request(FIRST_DAY, visits), folder_shelf(plans_folder()), {}
    for plan_id, result in results.items():
        variant, shares = tables.plans.get(plan_id), shares_of.get(plan_id, {})
        if variant is None or set(shares) != set(STANDS_FOR) or None in shares.values():
            yield Read(plan_id, result, None)
            continue
        tier = _bare(networks(variant)[IN])
        key = repr((tier, sorted(shares.items())))
        if key not in found:
            plan = shelf.plan_from(definition(tier, shares), FIRST_DAY)
            found[key] = round(int(estimate(request, plan, PriceSheet(), known, {}).typical.owes) / 100)
        yield Read(plan_id, result, found[key])


def _bare(tier: dict[str, Any]) -> dict[str, Any]:
    """Return a tier without its sources and without what speaks of other tiers."""
    drop = ("cite", "also_credits", "combined_with", "includes_drugs")
    return {
        key: {name: value for name, value in ceiling.items() if name not in drop}
        if isinstance(ceiling, dict)
        else ceiling
        for key, ceiling in tier.items()
    }


def report(folder: Path) -> list[str]:
    """Return the lines of the accuracy page about the filed results."""
    all_read = list(read(folder))
    compared = [(each.filed, each.ours) for each in all_read if each.ours is not None]
    exact = sum(abs(one - other) <= WITHIN for one, other in compared)
    rounded = _near(compared)
    kinds = Counter("below" if other < one else "above" for one, other in compared if abs(one - other) > WITHIN)
    limited = [each for each in all_read if each.plan_id.endswith(f"-{LIMITED}") and each.ours is not None]
    others = [(each.filed, each.ours) for each in all_read if each not in set(limited) and each.ours is not None]
    free = [each for each in limited if not each.filed and _as_filed(each.ours or 0) > WITHIN]
    return [
        f"- Variants that filed a result: {len(all_read):,}; whose rows make the example: {len(compared):,}.",
        f"- Within ${WITHIN} of what was filed, ours rounded to whole hundreds as the form wants it: {rounded:,} "
        f"({rounded / max(1, len(compared)):.1%}); not rounded: {exact:,} ({exact / max(1, len(compared)):.1%}).",
        f"- Further away: {kinds['below']:,} below what was filed, {kinds['above']:,} above.",
        f"- By kind: of {len(limited):,} variants for members of tribes with limited cost sharing, {len(free):,} "
        "filed $0, what is paid at an Indian health care provider; their rows, and so our reading, say what is paid "
        f"elsewhere. Of the other {len(others):,} variants, {_near(others):,} "
        f"({_near(others) / max(1, len(others)):.1%}) are within ${WITHIN}, rounded.",
    ]


def _near(compared: Iterable[tuple[int, int]]) -> int:
    return sum(abs(one - _as_filed(other)) <= WITHIN for one, other in compared)


def _as_filed(dollars: int) -> int:
    """Round to whole hundreds, half up."""
    return (dollars + 50) // 100 * 100
