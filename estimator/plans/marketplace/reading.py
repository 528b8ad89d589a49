"""Every medical plan of a pair of files as a definition, with a report that accounts for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from estimator.errors import Problem
from estimator.plans.catalogue_file import Listed
from estimator.plans.marketplace.definition import Definitions, Origin
from estimator.plans.marketplace.files import Progress, no_progress, refused
from estimator.plans.marketplace.grammar import Unreadable
from estimator.plans.marketplace.proposals import Proposal
from estimator.plans.marketplace.rows import PT, Row, Tables, read_tables

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
