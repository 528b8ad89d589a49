"""Bring Medicare's fee schedule into the product: read the official files, tell what changes, make it the active one.

What is active for a year takes the place of the book that ships with the product, year by year.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from estimator.db.connection import reading, require_ready
from estimator.engine.values import Rate
from estimator.prices.books import service_codes
from estimator.prices.cms_files import FeeFiles, FeeSchedule, read_schedule
from estimator.prices.cms_tables import Step, no_step
from estimator.prices.fee_changes import Change, carried_content, changes, content_of
from estimator.prices.store import BookRevision, active_books
from estimator.publishing.publish import Base, NewBook, Occasion, publish_book

_KEPT_BOOKS = 8


@dataclass(frozen=True, slots=True)
class ReadFees:
    """Files that were read: the schedule, what would be kept of it, and the services of ours that it has no row for."""

    schedule: FeeSchedule
    content: Mapping[str, Any]
    missing: tuple[str, ...]

    @property
    def counted(self) -> dict[str, int]:
        """Return what was read, each number under its words."""
        rvus, zips = self.schedule.rvus, self.schedule.zips
        return {
            "rows of relative values": len(rvus.rows),
            "codes": len({row.code for row in rvus.rows}),
            "localities": len(self.schedule.gpcis.localities),
            "counties named": sum(1 for county in self.content["counties"] if county[3]),
            "ZIP codes": len(zips.rows),
            "ZIP codes in several localities": sum(row.straddles for row in zips.rows),
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """What would change, and against which release; `base` is the active book, None where the shipped one is meant."""

    against: str
    base: Base
    change: Change | None


def read_fees(files: FeeFiles, step: Step = no_step) -> ReadFees:
    """Read the four files of one year; raise `Refused` with every problem, each with its file and row."""
    schedule = read_schedule(files, step)
    whole = {row.code for row in schedule.rvus.rows if not row.modifier}
    missing = tuple(code for code in service_codes() if code not in whole)
    read = ReadFees(schedule, content_of(schedule), missing)
    step(100)
    return read


def compare_fees(engine: Engine | None, read: ReadFees, more_than: Rate) -> Compared:
    """Return what publishing would change in the active book of the year, else in the one that ships.

    Amounts that move by no more than `more_than` are not told. Without an engine, or in a database without tables of
    our version, there is no active book.
    """
    year = read.schedule.year
    active = _active(engine, year) if engine else None
    if active:
        change = changes(json.loads(active.content), read.content, more_than)
        return Compared(active.release, Base(active.id), change)
    carried = carried_content(year)
    if carried:
        return Compared(f"{carried['release']}, which ships", Base(None), changes(carried, read.content, more_than))
    return Compared("", Base(None), None)


def activate_fees(engine: Engine, read: ReadFees, base: Base | None = None, by: str = "") -> int:
    """Make what was read the active book of its year, whole or not at all, and return the id of the revision.

    The same figures again change nothing. Raises ConflictingBook where another book has become active since `base`.
    """
    require_ready(engine)
    schedule = read.schedule
    occasion = Occasion(f"medicare-{schedule.year}", by=by, note=", ".join(schedule.files))
    return publish_book(engine, NewBook(schedule.year, schedule.release, read.content), occasion, base)


def _active(engine: Engine, year: int) -> BookRevision | None:
    with reading(engine) as connection:
        return next((book for book in active_books(connection) if book.year == year), None)
