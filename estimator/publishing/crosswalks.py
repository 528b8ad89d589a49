"""Bring an official plan crosswalk into the product: read it, tell what differs from the one in use, use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from estimator.clock import now_utc
from estimator.db.connection import reading, require_ready, writing
from estimator.db.official import PLAN_CROSSWALK, NewTable, keep_table, newest_table
from estimator.plans.crosswalk import Crosswalk


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
    require_ready(engine)
    first_day = date(crosswalk.year, 1, 1)
    new = NewTable(PLAN_CROSSWALK, crosswalk.name, first_day, crosswalk.file, crosswalk.says)
    with writing(engine) as connection:
        _, is_new = keep_table(connection, new, now_utc(), by)
        connection.commit()
    return is_new
