"""A whole plan definition of each variant, with a report that accounts for every one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from estimator.errors import Problem
from estimator.plans.catalogue_file import Listed
from estimator.plans.marketplace.benefits import OUT, THERAPY_VISITS, Proposal, benefits, networks, propose, tiers_of
from estimator.plans.marketplace.files import PT, Progress, Row, Tables, no_progress, read_tables, refused
from estimator.plans.marketplace.text import APPLIES, NOT_COVERED, Definition, Unreadable

_NOT_UNDERSTOOD = "none"


@dataclass
class Report:
    """What was read. Every variant is read, refused or dental; sentences are counted once a variant."""

    rows: int = 0
    variants: int = 0
    dental: int = 0
    read: int = 0
    refused: list[Problem] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    understood: Counter[str] = field(default_factory=Counter)
    not_understood: Counter[str] = field(default_factory=Counter)


@dataclass
class Marketplace:
    """A pair of files that was read; `definitions` fills the report while it yields."""

    tables: Tables
    origin: Origin
    report: Report

    def definitions(self) -> Iterator[Listed]:
        """Yield the definition of every variant in the order of the attributes; refused ones go into the report."""
        making = Definitions(self.origin)
        report = self.report = Report(
            rows=self.tables.rows,
            variants=len(self.tables.plans) + self.tables.dental,
            dental=self.tables.dental,
        )
        for stranger, number in self.tables.strangers.items():
            message = f"{stranger} stands in no row of {self.origin.attributes}."
            report.refused.append(Problem("PlanId", message, self.tables.files[0], number))
        for plan_id, plan in self.tables.plans.items():
            rows = self.tables.benefits.get(plan_id, {})
            try:
                if PT not in rows:
                    raise Unreadable(plan_id, "a plan with a row for physical therapy", "BenefitName")
                made, found = making.of(plan_id, plan, rows)
            except Unreadable as error:
                report.refused.append(_refusal(error, plan_id, plan, rows, self.tables.files))
                continue
            report.read += 1
            _count(report, made["payer"], found)
            yield Listed(made, plan["MetalLevel"] or None, _also_called(plan, made["title"]))


def read_marketplace(
    benefits: Path, attributes: Path, progress: Progress = no_progress, read_on: date | None = None
) -> Marketplace:
    """Read both files; raise PlanFileRefused where one is damaged, or they do not go together.

    `read_on` is the day that the definitions name; left out, the newest that the zips carry, so that the same files
    give the same definitions on every day.
    """
    tables = read_tables(benefits, attributes, progress)
    if not tables.plans:
        raise refused(tables.files[1], "This table holds no medical plan.")
    day = read_on or max((day for day in tables.days if day), default=None)
    if day is None:
        raise refused(tables.files[1], "A plain csv carries no day: say on which day it was read.")
    return Marketplace(tables, Origin(tables.year, day, *map(_described, tables.files, tables.days)), Report())


def _described(file: str, day: date | None) -> str:
    return Path(file).name + (f", {day}" if day else "")


def _also_called(plan: Row, title: str) -> str:
    name = " ".join(plan["PlanMarketingName"].split())
    return "" if name in title else name


def _refusal(error: Unreadable, plan_id: str, plan: Row, rows: dict[str, Row], files: tuple[str, str]) -> Problem:
    is_of_benefits = not error.column.startswith(("MEHB", "TEHB"))
    row = rows.get(PT, plan) if is_of_benefits and rows else plan
    message = f"{plan_id}: '{error.text[:60]}' is not {error.wanted}."
    return Problem(error.column, message, files[0] if is_of_benefits and rows else files[1], row.number)


def _count(report: Report, payer: str, found: list[Proposal]) -> None:
    for one in found:
        report.kinds[one.sentence.kind] += 1
        counted = report.not_understood if one.sentence.kind == _NOT_UNDERSTOOD else report.understood
        counted[payer] += 1


# ----------------------------------------------------------------------------
# A whole plan definition of one variant, in the language of docs/plan-language.md.
# ----------------------------------------------------------------------------

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
# Members of tribes have no share of what their own providers give or refer them for; no column of the files says so.
_LIMITED = "-03"
_INDIAN_HEALTH = {
    "title": "Limited cost sharing for members of tribes (42 USC 18071(d)(2), 45 CFR 156.420(b)(2)), as Blue Cross and "
    "Blue Shield of Oklahoma tells providers (Blue Review, 2022-02)",
    "url": "https://www.bcbsokcommunications.com/newsletters/br/2022/february/web/health_insurance_for_american_indians.html",
    "read_on": "2026-11-30",
    "confidence": "medium",
}
_FREE: Definition = {"free_by_indian_health": {"cite": "indian-health"}}
# The individual market's bronze and catastrophic plans may go with a savings account whatever their amounts (26 USC
# 223(c)(2)(H), Public Law 119-21, section 71307; IRS Notice 2026-05). Of all others the law bounds them.
_HIGH_DEDUCTIBLE: Definition = {"high_deductible": {"cite": "attributes IsHSAEligible"}}
_ANY_AMOUNTS = ("bronze", "expanded bronze", "catastrophic")


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
        self.limited_sources = {**self.sources, "indian-health": _INDIAN_HEALTH}
        self._care: dict[tuple[Any, ...], _Care] = {}
        self._networks: dict[str, Definition] = {}

    def of(self, plan_id: str, plan: Row, rows: dict[str, Row]) -> tuple[Definition, list[Proposal]]:
        """Return the definition of a variant, and every sentence of its text; raise Unreadable."""
        care = self._care_of(rows, tiers_of(plan))
        is_limited = plan_id.endswith(_LIMITED)
        issuer = plan["IssuerMarketPlaceMarketingName"] or f"Issuer {plan['IssuerId']}"
        whole = {
            **_head(plan_id, plan, issuer, self.year),
            "sources": self.limited_sources if is_limited else self.sources,
            "networks": self._networks_of(plan, care.blocks, _FREE if is_limited else {}),
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

    def _networks_of(self, plan: Row, blocks: dict[str, Definition], more: Definition) -> Definition:
        closed = _closed(networks(plan), blocks).items()
        own = _HIGH_DEDUCTIBLE if _is_high_deductible(plan) else {}
        tiers = {
            tier: {**block, **more, **({} if tier == OUT else own)} if isinstance(block, dict) else block
            for tier, block in closed
        }
        return {tier: self._networks.setdefault(repr(block), block) for tier, block in tiers.items()}


@dataclass(frozen=True, slots=True)
class _Care:
    """What the benefit rows of a variant make, and every sentence of their text."""

    blocks: dict[str, Definition]
    limits: dict[str, Definition]
    notes: list[Definition]
    found: list[Proposal]


def _is_high_deductible(plan: Row) -> bool:
    is_individual = plan["MarketCoverage"].lower() == "individual"
    is_free_of_it = is_individual and plan["MetalLevel"].lower() in _ANY_AMOUNTS
    return plan["IsHSAEligible"].lower() == "yes" and not is_free_of_it


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


# ----------------------------------------------------------------------------
# Whose policy on dry needling holds for an issuer, where the issuer's name leaves no doubt.
#
# The names are those of `plans/_policies`. Any other issuer gets the Marketplace's own entry, which is unknown.
# ----------------------------------------------------------------------------

UNKNOWN_ISSUER = "marketplace-dry-needling"

# By the beginning of the marketing name, and the state where one name stands for several companies.
_ISSUERS: tuple[tuple[str, str, str], ...] = (
    (r"Blue Cross and Blue Shield of NC\b|Blue Cross NC\b", "NC", "bcbs-north-carolina-dry-needling"),
    (r"Anthem Blue Cross", "", "anthem-carelon-dry-needling"),
    (r"Cigna\b", "", "cigna-ash-dry-needling"),
    (r"UnitedHealthcare\b", "", "uhc-commercial-dry-needling"),
    (r"Ambetter\b", "", "centene-dry-needling"),
    (r"Blue Cross and Blue Shield of Alabama\b", "AL", "bcbs-alabama-dry-needling"),
    (r"Wellmark\b", "", "wellmark-dry-needling"),
    (r"BlueCross BlueShield of South Carolina\b", "SC", "bcbs-south-carolina-dry-needling"),
    (r"Blue Cross Blue Shield of Michigan\b", "MI", "bcbs-michigan-dry-needling"),
    (r"Blue Cross and Blue Shield of Kansas, Inc", "KS", "bcbs-kansas-dry-needling"),
    (r"Premera\b", "", "premera-dry-needling"),
    (r"LifeWise\b", "", "lifewise-dry-needling"),
    (r"Regence\b", "", "regence-dry-needling"),
    (r"Highmark\b", "", "highmark-dry-needling"),
    (r"Horizon\b", "NJ", "horizon-dry-needling"),
    # Divisions of one company, Health Care Service Corporation.
    (r"Blue Cross and Blue Shield of (?:Texas|Oklahoma|Montana|Illinois|New Mexico)\b", "", "hcsc-dry-needling"),
    (r"Florida Blue\b", "FL", "florida-blue-dry-needling"),
    (r"Kaiser\b", "", "kaiser-dry-needling"),
    (r"Paramount\b", "OH", "paramount-dry-needling"),
)


def policy_of(issuer: str, state: str) -> str:
    """Return the name of the policy that holds for an issuer's plans.

    >>> policy_of("Cigna HealthCare of Arizona, Inc", "AZ"), policy_of("Oscar Insurance Company", "TX")
    ('cigna-ash-dry-needling', 'marketplace-dry-needling')
    """
    for pattern, only, policy in _ISSUERS:
        if re.match(pattern, issuer) and only in ("", state):
            return policy
    return UNKNOWN_ISSUER
