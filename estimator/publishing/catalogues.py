"""Bring official plan files into the product: read them, tell what changes, publish them, or write what ships.

What ships is a catalogue of each market under `plans/_catalogue`, read into the database without any download.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from estimator.db.connection import reading
from estimator.errors import Problem
from estimator.plans.catalogue_file import SUFFIX, Head, Listed, catalogues, input_of, read_catalogue, write_catalogue
from estimator.plans.folder import Library, library
from estimator.plans.marketplace.files import Progress, no_progress
from estimator.plans.marketplace.plans import read_marketplace
from estimator.plans.medicare_advantage import read_medicare_advantage
from estimator.plans.pbp import read_benefit_file
from estimator.plans.shelf import Draft, fingerprint
from estimator.plans.store import keys_of, known_revisions, last_import, pointers
from estimator.publishing.publish import Occasion, Published, publish
from estimator.settings import plans_folder

MARKETPLACE, MEDICARE_ADVANTAGE = "marketplace", "medicare-advantage"
_AT_ONCE = 2000


@dataclass
class Imported:
    """Files that were read: the head of the catalogue that they make, their plans, and what was read and refused.

    `counted` names each number of the report in the order of telling; `text` says for each insurer how many sentences
    were understood and how many not.
    """

    head: Head
    plans: list[Listed]
    refused: list[Problem]
    counted: Mapping[str, int]
    text: Mapping[str, tuple[int, int]]

    @property
    def origin(self) -> str:
        """Return the name under which the plans are published."""
        return f"{self.head.market}-{self.head.year}"

    @property
    def mark(self) -> str:
        """Return what tells these files from others."""
        return sha256("".join(one["sha256"] for one in self.head.inputs).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing would change: plans that are new, differ, stay the same, or are no longer there."""

    new: int
    changed: int
    same: int
    gone: int


def read_marketplace_files(
    benefits: Path, attributes: Path, progress: Progress = no_progress, read_on: date | None = None
) -> Imported:
    """Read the Marketplace's public use files; raise PlanFileRefused where one is damaged."""
    files = read_marketplace(benefits, attributes, progress, read_on)
    plans = list(files.definitions())
    report, origin = files.report, files.origin
    title = f"CMS Exchange public use files, plan year {origin.year}"
    inputs = (input_of(benefits), input_of(attributes))
    head = Head(MARKETPLACE, origin.year, title, str(origin.read_on), inputs, len(plans))
    counted = {
        "rows": report.rows,
        "plan variants": report.variants,
        "dental": report.dental,
        "medical plans read": report.read,
        "refused": len(report.refused),
        "sentences understood": sum(report.understood.values()),
        "sentences kept as a quote": sum(report.not_understood.values()),
    }
    issuers = sorted(report.understood | report.not_understood)
    text = {issuer: (report.understood[issuer], report.not_understood[issuer]) for issuer in issuers}
    return Imported(head, plans, report.refused, counted, text)


def read_medicare_advantage_file(path: Path, year: int, read_on: date) -> Imported:
    """Read a table of Medicare Advantage plans; raise PlanFileRefused where it is damaged."""
    table = read_medicare_advantage(path, year, read_on)
    plans = list(table.definitions())
    report = table.report
    title = f"Medicare Advantage plans {year}, cost of physical therapy"
    head = Head(MEDICARE_ADVANTAGE, year, title, str(read_on), (input_of(path),), len(plans))
    open_cells = {f"left open: {column}": number for column, number in sorted(report.left_open.items())}
    counted = {"rows": report.rows, "plans read": report.read, "refused": len(report.refused), **open_cells}
    return Imported(head, plans, report.refused, counted, {})


def read_benefit_zip(path: Path, read_on: date | None = None) -> Imported:
    """Read Medicare's official benefit file of Medicare Advantage plans; raise PlanFileRefused where it is damaged."""
    file = read_benefit_file(path, read_on)
    plans = list(file.definitions())
    report = file.report
    title = f"CMS PBP Benefits {file.year}, Medicare Advantage plans"
    head = Head(MEDICARE_ADVANTAGE, file.year, title, str(file.read_on), (input_of(path),), len(plans))
    passed = {f"passed over: {why}": number for why, number in sorted(report.passed_over.items())}
    open_cells = {f"left open: {what}": number for what, number in sorted(report.left_open.items())}
    read = {"rows": report.rows, "plans read": report.read, "plans by state": len(plans)}
    counted = {**read, "refused": len(report.refused), **passed, **open_cells}
    return Imported(head, plans, report.refused, counted, {})


def compare(engine: Engine, imported: Imported, plans: Library | None = None) -> Change:
    """Return what publishing would change."""
    shelf = plans or library(plans_folder())
    counts: Counter[str] = Counter()
    with reading(engine) as connection:
        for some in _in_turn(imported.plans):
            drafts = [_draft(listed, imported.origin) for listed in some]
            marks = [fingerprint(draft, shelf.shared) for draft in drafts]
            known = known_revisions(connection, marks)
            active = pointers(connection, [draft.key[0] for draft in drafts])
            for draft, mark in zip(drafts, marks, strict=True):
                pointer = active.get(draft.key)
                is_same = pointer is not None and pointer.revision_id == known.get(mark)
                counts["new" if pointer is None else "same" if is_same else "changed"] += 1
        keys = {_draft(listed, imported.origin).key for listed in imported.plans}
        gone = len(keys_of(connection, imported.origin) - keys)
    return Change(counts["new"], counts["changed"], counts["same"], gone)


def activate(engine: Engine, imported: Imported, by: str = "", plans: Library | None = None) -> Published:
    """Publish what was read in the place of what was published of the same files before, all or nothing."""
    occasion = Occasion(
        imported.origin,
        by=by,
        withdraws_rest=not imported.refused,
        is_checked=True,
        fingerprint=imported.mark,
        problems=imported.refused,
    )
    return publish(engine, _drafts(imported.plans, imported.origin), plans or library(plans_folder()), occasion)


def write_shipped(imported: Imported, folder: Path) -> Path:
    """Write the catalogue that ships with the product; the same files give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{imported.origin}{SUFFIX}"
    write_catalogue(path, imported.head, imported.plans)
    return path


def fill_from_catalogues(
    engine: Engine, plans: Library | None = None, told: Callable[[str], None] = lambda words: None
) -> Mapping[str, Published]:
    """Publish what is new in the catalogues that ship; what was published under another name is left alone."""
    shelf = plans or library(plans_folder())
    filled: dict[str, Published] = {}
    for path in catalogues_to_fill(engine, shelf):
        head, listed = read_catalogue(path)
        told(f"{head.title}: {head.plans:,} plans")
        mark = input_of(path)["sha256"]
        occasion = Occasion(_origin(path), leaves_others=True, withdraws_rest=True, is_checked=True, fingerprint=mark)
        filled[_origin(path)] = publish(engine, _drafts(listed, head.title), shelf, occasion)
    return filled


def catalogues_to_fill(engine: Engine, plans: Library | None = None) -> list[Path]:
    """Return the catalogues that ship and were not published as they now are."""
    shelf = plans or library(plans_folder())
    with reading(engine) as connection:
        known = {path: last_import(connection, _origin(path)) for path in catalogues(shelf.folder)}
    return [path for path, last in known.items() if last is None or last.fingerprint != input_of(path)["sha256"]]


def _origin(path: Path) -> str:
    return f"catalogue {path.name.removesuffix(SUFFIX)}"


def _drafts(plans: Iterable[Listed], file: str) -> Iterator[Draft]:
    return (_draft(listed, file) for listed in plans)


def _draft(listed: Listed, file: str) -> Draft:
    definition: Mapping[str, Any] = listed.definition
    return Draft(definition, file, metal_level=listed.metal_level, also_called=listed.also_called)


def _in_turn(plans: list[Listed]) -> Iterator[list[Listed]]:
    return (plans[start : start + _AT_ONCE] for start in range(0, len(plans), _AT_ONCE))
