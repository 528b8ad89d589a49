"""A few hundred plans that nobody sells, with the ids and the titles of real ones, beside those that ship."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine

from estimator.db.connection import engine_at
from estimator.plans.folder import library
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.database import shelf_in_memory
from estimator.publishing.publish import Occasion, publish
from estimator.settings import plans_folder

STATES = ("NC", "TX")
ISSUERS = ("Alder Health", "Birch Mutual")
PLANS_OF_EACH = 15
VARIANTS = {
    "00": "standard, sold off the exchange",
    "01": "standard, sold on the exchange",
    "02": "no cost sharing, only for members of tribes with a low income",
    "03": "limited cost sharing, only for members of tribes",
    "06": "reduced cost sharing by income, 94% silver",
}
MEDICARE_ADVANTAGE = 25
_YEAR = {"first_day": "2026-01-01", "last_day": "2026-12-31"}


@cache
def folder_plans() -> Shelf:
    """Return the plans of the folder that ships, in memory."""
    return shelf_in_memory(library(plans_folder()))[0]


def publish_all(engine: Engine) -> None:
    """Publish these plans in a database that holds the plans of the folder."""
    occasion = Occasion("test", is_checked=True)
    publish(engine, [*_marketplace(), *_medicare_advantage(), *_two_years()], library(plans_folder()), occasion)


def shelf_like(file: Path, folder: Path) -> Shelf:
    """Copy a file of SQLite into a folder, and return the plans in the copy."""
    shutil.copy(file, folder / "estimator.db")
    return Shelf(engine_at(URL.create("sqlite", database=str(folder / "estimator.db"))))


def definition(plan: str, title: str, **changes: Any) -> dict[str, Any]:
    """Return a whole plan with one benefit."""
    share = {"copay": "40.00", "deductible": "waived", "cite": "eoc p. 12"}
    return {
        "plan": plan,
        "title": title,
        "payer": "Alder Health",
        "kind": "published",
        "market": "marketplace",
        "states": ["NC"],
        "in_force": _YEAR,
        "benefit_year": "calendar",
        "sources": {"eoc": {"title": "Booklet", "url": "none", "read_on": "2026-11-02", "confidence": "high"}},
        "networks": {"in-network": {"deductible": "none", "out_of_pocket_max": "none"}},
        "benefits": {"physical-therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": share}}},
        "policies": ["marketplace-dry-needling"],
        **changes,
    }


def plan_id(state: str, issuer: int, number: int, variant: str) -> str:
    """Return the id of one of the Marketplace plans."""
    return f"{10 + issuer}000{state.lower()}{number:07}-{variant}"


def _marketplace() -> Iterator[Draft]:
    for state in STATES:
        for issuer, payer in enumerate(ISSUERS):
            for number in range(PLANS_OF_EACH):
                metal = "Silver" if number % 2 else "Gold"
                name = f"{payer.split()[0]} {metal} {number:02}"
                for variant, words in VARIANTS.items():
                    title = f"{name} ({metal} HMO; {words})"
                    made = definition(plan_id(state, issuer, number, variant), title, payer=payer, states=[state])
                    if variant == "03":
                        inside = {**made["networks"]["in-network"], "free_by_indian_health": {"cite": "eoc p. 3"}}
                        made["networks"] = {"in-network": inside}
                    yield Draft(made, metal_level=metal)


def _medicare_advantage() -> Iterator[Draft]:
    for number in range(MEDICARE_ADVANTAGE):
        name = f"Cedar Advantage {number:02} (HMO), Texas"
        kind = {"market": "medicare-advantage", "payer": "Cedar", "states": ["TX"]}
        made = definition(f"h0154-{number:03}-0-tx", name, **kind, policies=["medicare-advantage-dry-needling"])
        yield Draft(made, also_called=f"H0154-{number:03} H0154-{number:03}-0")
    # Two plans of one name.
    for number in (1, 2):
        kind = {"market": "medicare-advantage", "payer": "Fir", "states": ["UT"]}
        yield Draft(definition(f"h0998-{number:03}-0-ut", "Fir Twin (HMO), Utah", **kind, policies=[]))


def _two_years() -> Iterator[Draft]:
    """Two revisions of one plan, and a plan of a year that is over."""
    last_year = {"first_day": "2025-01-01", "last_day": "2025-12-31"}
    whole = {"market": "employer", "states": ["NC", "WA"]}
    yield Draft(definition("dogwood", "Dogwood 2025", **whole, in_force=last_year))
    yield Draft(definition("dogwood", "Dogwood 2026", **whole))
    yield Draft(
        definition(
            "h0999-001-0-nv",
            "Elm Advantage, Nevada",
            **{**whole, "market": "medicare-advantage", "states": ["NV"]},
            in_force=last_year,
        )
    )
