"""Bring official tables into the product: the quarterly coding edits, and the plan crosswalks of a year.

Each is read and compared with the one in use; activated, it is the one in use from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from estimator.clock import now_utc
from estimator.db.connection import reading, require_ready, writing
from estimator.db.official import CODING_EDITS, PLAN_CROSSWALK, NewTable, keep_table, newest_table
from estimator.engine.coding import PairEdits
from estimator.plans.crosswalk import Crosswalk
from estimator.plans.store import Import, keep_import
from estimator.prices.books import pair_edits
from estimator.prices.cms_tables import Step, no_step
from estimator.prices.coding_edits import Edition, EditsChange, edits_change, read_edition
from estimator.prices.store import edits_in_use


@dataclass(frozen=True, slots=True)
class ComparedEdits:
    """What an edition would change, and against which."""

    edition: Edition
    against: PairEdits
    change: EditsChange

    @property
    def counted(self) -> dict[str, int]:
        """Return what was read, each number under its words."""
        return {"rows": self.edition.rows, "edits among our codes": len(self.edition.edits)}


def compare_edits(
    engine: Engine | None, paths: Sequence[Path], edition: str = "", step: Step = no_step
) -> ComparedEdits:
    """Read every file of an edition and compare it with the one in use; raise `Refused` where one is damaged."""
    read = read_edition(paths, edition, step)
    against = (edits_in_use(engine) if engine else None) or pair_edits()
    return ComparedEdits(read, against, edits_change(against, read.edits))


def activate_edits(engine: Engine, edition: Edition, by: str = "") -> bool:
    """Make an edition the one in use from now on; tell whether it was new."""
    files = ", ".join(edition.files)
    return publish_table(engine, NewTable(CODING_EDITS, edition.name, edition.first_day, files, edition.says), by)


@dataclass(frozen=True, slots=True)
class CrosswalkChange:
    """How many plans are new to the crosswalk, go elsewhere now, go where they went, or are no longer in it."""

    new: int
    changed: int
    same: int
    gone: int


def compare_crosswalk(engine: Engine | None, crosswalk: Crosswalk) -> CrosswalkChange:
    """Return what using a crosswalk would change against the one in use for its market and year."""
    before: dict[str, list[str]] = {}
    if engine is not None:
        with reading(engine) as connection:
            kept = newest_table(connection, PLAN_CROSSWALK, crosswalk.name)
        before = kept.says if kept else {}
    now = crosswalk.says
    same = sum(1 for key, plans in now.items() if before.get(key) == plans)
    both = sum(1 for key in now if key in before)
    return CrosswalkChange(len(now) - both, both - same, same, len(before.keys() - now.keys()))


def activate_crosswalk(engine: Engine, crosswalk: Crosswalk, by: str = "") -> bool:
    """Use a crosswalk for its market and year from now on; tell whether it differs from the one in use."""
    first_day = date(crosswalk.year, 1, 1)
    return publish_table(
        engine, NewTable(PLAN_CROSSWALK, crosswalk.name, first_day, crosswalk.file, crosswalk.says), by
    )


def publish_table(engine: Engine, new: NewTable, by: str = "") -> bool:
    """Use a table from now on, whole or not at all; tell whether it differs from the one in use."""
    require_ready(engine)
    with writing(engine) as connection:
        _, is_new = keep_table(connection, new, now := now_utc(), by)
        if is_new:
            # What was kept of answers goes by the newest import.
            keep_import(connection, Import(new.kind, "", now, by, {"tables": 1}))
        connection.commit()
    return is_new
