"""Bring CMS's quarterly coding edits into the product: read the files, tell what changes, use the edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from estimator.clock import now_utc
from estimator.db.connection import require_ready, writing
from estimator.db.official import CODING_EDITS, NewTable, keep_table
from estimator.engine.codes import PairEdits
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
    require_ready(engine)
    new = NewTable(CODING_EDITS, edition.name, edition.first_day, ", ".join(edition.files), edition.says)
    with writing(engine) as connection:
        _, is_new = keep_table(connection, new, now_utc(), by)
        connection.commit()
    return is_new
