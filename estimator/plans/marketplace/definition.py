"""A whole plan definition of one variant, in the language of docs/plan-language.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.plans.marketplace.benefits import THERAPY_VISITS, benefits
from estimator.plans.marketplace.ceilings import OUT, networks, tiers_of
from estimator.plans.marketplace.grammar import APPLIES, NOT_COVERED, Definition
from estimator.plans.marketplace.payers import policy_of
from estimator.plans.marketplace.proposals import Proposal, propose
from estimator.plans.marketplace.rows import PT, Row

ADDRESS = "https://www.cms.gov/marketplace/resources/data/public-use-files"
# What the last two digits of a plan id stand for.
VARIANTS = {
    "00": "standard, sold off the exchange",
    "01": "standard, sold on the exchange",
    "02": "no cost sharing, only for members of tribes with a low income",
    "03": "limited cost sharing, only for members of tribes",
    "04": "reduced cost sharing by income, 73% silver",
    "05": "reduced cost sharing by income, 87% silver",
    "06": "reduced cost sharing by income, 94% silver",
}
_PERIODS = "benefit period"


@dataclass(frozen=True, slots=True)
class Origin:
    """The pair of files that definitions come from, and the day on which they were read."""

    year: int
    read_on: date
    benefits: str
    attributes: str

    def sources(self) -> Definition:
        """Return both as sources of a definition."""
        return {
            "benefits": self._source("Benefits and Cost Sharing", self.benefits),
            "attributes": self._source("Plan Attributes", self.attributes),
        }

    def _source(self, name: str, file: str) -> Definition:
        title = f"CMS {name} public use file, plan year {self.year} ({file})"
        return {"title": title, "url": ADDRESS, "read_on": self.read_on.isoformat(), "confidence": "high"}


class Definitions:
    """Makes the definitions of one pair of files; equal blocks are made and kept once."""

    def __init__(self, origin: Origin) -> None:
        self.year = origin.year
        self.sources = origin.sources()
        self._care: dict[tuple[Any, ...], _Care] = {}
        self._networks: dict[str, Definition] = {}

    def of(self, plan_id: str, plan: Row, rows: dict[str, Row]) -> tuple[Definition, list[Proposal]]:
        """Return the definition of a variant, and every sentence of its text; raise Unreadable."""
        care = self._care_of(rows, tiers_of(plan))
        issuer = plan["IssuerMarketPlaceMarketingName"] or f"Issuer {plan['IssuerId']}"
        whole = {
            **_head(plan_id, plan, issuer, self.year),
            "sources": self.sources,
            "networks": self._networks_of(plan, care.blocks),
            "limits": care.limits,
            "benefits": care.blocks,
            "policies": [policy_of(issuer, plan["StateCode"])],
            "notes": [*_period_note(rows, care.limits, plan), *care.notes],
        }
        return {key: value for key, value in whole.items() if value}, care.found

    def _care_of(self, rows: dict[str, Row], tiers: tuple[str, ...]) -> _Care:
        key = (tiers, *rows.items())
        care = self._care.get(key)
        if care is None:
            blocks, limits = benefits(rows, tiers)
            notes, found = propose(rows, blocks, limits)
            care = self._care[key] = _Care(blocks, limits, notes, found)
        return care

    def _networks_of(self, plan: Row, blocks: dict[str, Definition]) -> Definition:
        tiers = _closed(networks(plan), blocks)
        return {tier: self._networks.setdefault(repr(block), block) for tier, block in tiers.items()}


@dataclass(frozen=True, slots=True)
class _Care:
    """What the benefit rows of a variant make, and every sentence of their text."""

    blocks: dict[str, Definition]
    limits: dict[str, Definition]
    notes: list[Definition]
    found: list[Proposal]


def _head(plan_id: str, plan: Row, issuer: str, year: int) -> Definition:
    is_individual = plan["MarketCoverage"].lower() == "individual"
    return {
        "plan": plan_id.lower(),
        "title": _title(plan_id, plan),
        "payer": issuer,
        "kind": "published",
        "market": "marketplace",
        "states": [plan["StateCode"]],
        "in_force": {"first_day": f"{year}-01-01", "last_day": f"{year}-12-31"},
        # The law ties individual plans to the calendar year; an employer's plan year may start in any month.
        "benefit_year": "calendar" if is_individual else "unknown",
    }


def _title(plan_id: str, plan: Row) -> str:
    name = plan["PlanVariantMarketingName"] or plan["PlanMarketingName"]
    variant = VARIANTS.get(plan_id[-2:], plan["CSRVariationType"] or "variant not named")
    market = "" if plan["MarketCoverage"].lower() == "individual" else ", small employers"
    return f"{' '.join(name.split())} ({plan['MetalLevel']} {plan['PlanType']}{market}; {variant})"


def _closed(tiers: dict[str, Definition], blocks: dict[str, Definition]) -> Definition:
    """Say of a tier that nothing is covered there, or that a deductible which shares speak of is not stated."""
    shares = [block["cost_share"][OUT] for block in blocks.values()]
    closed: Definition = dict(tiers)
    if all(share == NOT_COVERED for share in shares):
        closed[OUT] = NOT_COVERED
        for block in tiers.values():
            for ceiling in block.values():
                if isinstance(ceiling, dict):
                    ceiling.pop("also_credits", None)
    elif closed[OUT]["deductible"] == "none" and _speak_of_a_deductible(shares):
        closed[OUT] = {**closed[OUT], "deductible": "unknown"}
    return closed


def _speak_of_a_deductible(shares: list[Definition | str]) -> bool:
    return any(isinstance(share, dict) and share.get("deductible") == APPLIES for share in shares)


def _period_note(rows: dict[str, Row], limits: dict[str, Definition], plan: Row) -> list[Definition]:
    """Note that the period of a limit is our reading, where the file leaves it open."""
    unit = rows[PT]["LimitUnit"]
    is_open = _PERIODS in unit.lower() or plan["MarketCoverage"].lower() != "individual"
    if THERAPY_VISITS not in limits or not unit or not is_open:
        return []
    text = f"Unconfirmed. The insurer's file says: “{unit}”. We read the period as the plan's benefit year."
    return [{"text": text, "cite": "benefits LimitUnit"}]
