"""What insurers filed for the fracture example of the Summary of Benefits, against our reading of their own rows.

The amounts of care are those of the government's guide of 2019-11 ($2,800 in all), and so is the rounding: each item
(deductible, copayments, coinsurance, what isn't covered) to whole hundreds from $100 on, below that to whole tens, and
the total is their sum. The story has two visits of a specialist and an X-ray at each and in the emergency room; that
there are four of therapy is our own reading. Each category is one stand-in code of ours.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from estimator.engine.answer import Run
from estimator.engine.estimate import estimate
from estimator.engine.findings import CoinsuranceCharged, CopayCharged, DeductibleTaken
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
            found.setdefault(row["PlanId"], {})[row["BenefitName"]] = _cell(
                row["IsCovered"].lower() in ("covered", "yes"), row["CopayInnTier1"], row["CoinsInnTier1"]
            )
    return found


@lru_cache(maxsize=20_000)
def _cell(is_covered: bool, copay: str, coinsurance: str) -> Any:
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
    """A variant, what it filed and what we read, in dollars; None where its rows make no plan of ours.

    `rounded` is ours by item as the guide rounds, `exact` unrounded.
    """

    plan_id: str
    filed: int
    rounded: int | None
    exact: int | None


def read(folder: Path) -> Iterator[Read]:
    """Yield what each variant filed and what we read."""
    results, shares_of = filed(folder), stated(folder)
    tables = read_tables(folder / BENEFITS, folder / ATTRIBUTES, lambda done, total: None)
    known = EngineTables(service_codes(), pair_edits(), diagnoses(), None, usual_rules(plans_folder()))
    visits = tuple(
        Visit(FIRST_DAY + timedelta(days=at), (Service(STANDS_FOR[name], None, None, frozenset(), amount, amount),))
        for at, (name, amount) in enumerate((name, Money.parse(usd)) for name, usd in CARE)
    )
    request, shelf = Request(FIRST_DAY, visits), folder_shelf(plans_folder())
    found: dict[str, tuple[int, int]] = {}
    for plan_id, result in results.items():
        variant, shares = tables.plans.get(plan_id), shares_of.get(plan_id, {})
        if variant is None or set(shares) != set(STANDS_FOR) or None in shares.values():
            yield Read(plan_id, result, None, None)
            continue
        tier = _bare(networks(variant)[IN])
        key = repr((tier, sorted(shares.items())))
        if key not in found:
            plan = shelf.plan_from(definition(tier, shares), FIRST_DAY)
            ran = estimate(request, plan, PriceSheet(), known, {}).typical
            found[key] = sum(map(_as_filed, items(ran))), round(int(ran.owes) / 100)
        yield Read(plan_id, result, *found[key])


def items(ran: Run) -> list[int]:
    """Return deductible, copayments, coinsurance and the rest of a run in cents; reliefs come off from the right."""
    sums = [0, 0, 0, 0]
    relief = 0
    for step in (step for visit in ran.visits for line in visit.lines for step in line.steps):
        place = _ITEMS.get(type(step.finding), 3)
        if step.owes < 0:
            relief -= step.owes
        else:
            sums[place] += step.owes
    for place in (2, 1, 0):
        taken = min(sums[place], relief)
        sums[place], relief = sums[place] - taken, relief - taken
    return sums


_ITEMS = {DeductibleTaken: 0, CopayCharged: 1, CoinsuranceCharged: 2}


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
    compared = [each for each in all_read if each.rounded is not None]
    exact = sum(abs(each.filed - (each.exact or 0)) <= WITHIN for each in compared)
    kinds = Counter("below" if (each.rounded or 0) < each.filed else "above" for each in compared if not _is_near(each))
    limited = [each for each in compared if each.plan_id.endswith(f"-{LIMITED}")]
    free = [each for each in limited if not each.filed and not _is_near(each)]
    zero = [each for each in compared if each.plan_id.endswith(f"-{ZERO}")]
    others = [each for each in compared if not each.plan_id.endswith((f"-{LIMITED}", f"-{ZERO}"))]
    return [
        f"- Variants that filed a result: {len(all_read):,}; whose rows make the example: {len(compared):,}.",
        f"- Within ${WITHIN} of what was filed, each item of ours rounded as the guide has it: {_share(compared)}; not "
        f"rounded: {exact:,} ({exact / max(1, len(compared)):.1%}).",
        f"- Further away: {kinds['below']:,} below what was filed, {kinds['above']:,} above.",
        f"- Members of tribes without cost sharing (variant {ZERO}, 45 CFR 156.420): {_share(zero)}; we read $0 for "
        "every one.",
        f"- Members of tribes with limited cost sharing (variant {LIMITED}): {_share(limited)}; {len(free):,} of the "
        "others filed $0, what is paid at an Indian health care provider or by its referral. Their rows, and so this "
        "reading, say what is paid elsewhere; an estimate settles $0 and has what is paid elsewhere as an open point.",
        f"- All other variants: {_share(others)}. In 30 of the rest read one by one, the insurer handled the example "
        "in its own way and no row for therapy was misread: crutches or X-rays counted with the visit, a physician's "
        "bill beside an emergency room's copay, a copay after the deductible left out, perhaps the older guide's care "
        "of $1,925.",
    ]


ZERO = "02"
"""The variant for members of tribes who pay nothing for covered care anywhere."""


def _share(compared: Collection[Read]) -> str:
    near = sum(map(_is_near, compared))
    return f"{near:,} of {len(compared):,} ({near / max(1, len(compared)):.1%})"


def _is_near(each: Read) -> bool:
    return each.rounded is not None and abs(each.filed - each.rounded) <= WITHIN


def _as_filed(cents: int) -> int:
    """Round to whole hundreds of dollars from $100 on and to whole tens below, half up."""
    dollars = cents / 100
    step = 100 if dollars >= 100 else 10
    return int((dollars + step / 2) // step * step)
