"""The plans of the database, in the place of a folder of plans: found, read once, listed and searched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine

from estimator.db.connection import is_meant, open_engine, reading, require_ready
from estimator.engine.plan import Plan
from estimator.engine.states import StateRule
from estimator.engine.values import Span
from estimator.errors import PlanNotInForce, UnknownPlan
from estimator.plans import stored_plans as store
from estimator.plans import stored_searching as searching
from estimator.plans.drafts import read_kept
from estimator.plans.heading import Heading
from estimator.plans.library import Library, library
from estimator.plans.reading import PlanFile
from estimator.plans.shared import Shared
from estimator.plans.shared_texts import shared_of
from estimator.plans.stored_plans import Revision
from estimator.plans.stored_searching import PayerRow, PlanRow, Wanted
from estimator.resources import plans_folder

_KEPT_PLANS = 512
_KEPT_SHARED = 4


class Shelf:
    """The active plans of a database. What belongs to no plan, such as the law, comes from the folder of plans."""

    def __init__(self, engine: Engine, folder: Library | None = None) -> None:
        self.engine = engine
        self._folder = folder
        # A revision never changes, so that what was read of it holds for good.
        self._file = lru_cache(_KEPT_PLANS)(self._read)
        self._shared_at = lru_cache(_KEPT_SHARED)(self._read_shared)

    @property
    def folder(self) -> Library:
        """Return the folder of plans as it now is."""
        return self._folder or library(plans_folder())

    @property
    def shared(self) -> Shared:
        """Return what every plan of the folder may name."""
        return self.folder.shared

    @property
    def states(self) -> Mapping[str, StateRule]:
        """Return the law of each state by its two letters."""
        return self.folder.states

    def plan_from(self, definition: Mapping[str, Any], as_of: date) -> Plan:
        """Read a plan that a request defines; raise PlanFileRefused with every mistake in it."""
        return self.folder.plan_from(definition, as_of)

    def find(self, plan_id: str, day: date) -> Plan:
        """Return the active revision of a plan that is in force on a day; raise UnknownPlan or PlanNotInForce."""
        return self.find_file(plan_id, day).plan

    def find_file(self, plan_id: str, day: date) -> PlanFile:
        """Return the same with its examples and what was written."""
        with reading(self.engine) as connection:
            spans = searching.find_spans(connection, plan_id)
        if not spans:
            raise UnknownPlan(plan_id)
        for first, last, revision_id in spans:
            if day in Span(first, last):
                return self._file(revision_id)
        first, last, _ = min(spans, key=lambda span: abs((span[0] - day).days))
        raise PlanNotInForce(plan_id, day, first, last)

    def file_of(self, revision_id: int) -> PlanFile:
        """Return a revision, active or not, as it was read when it was published."""
        return self._file(revision_id)

    def history(self, plan_id: str) -> tuple[Revision, ...]:
        """Return every revision of a plan, the newest first."""
        with reading(self.engine) as connection:
            return store.find_history(connection, plan_id)

    def catalogue(self) -> tuple[Heading, ...]:
        """Return the head of every active plan by title; there may be tens of thousands: see `search`."""
        headings = map(_heading, self.search(Wanted()))
        return tuple(sorted(headings, key=lambda one: (one.title.lower(), one.in_force.first_day or date.min)))

    def search(self, wanted: Wanted, limit: int | None = None, start: int = 0) -> tuple[PlanRow, ...]:
        """Return the active plans that fit, by title."""
        with reading(self.engine) as connection:
            return searching.search(connection, wanted, limit, start)

    def count(self, wanted: Wanted) -> int:
        """Return how many active plans fit."""
        with reading(self.engine) as connection:
            return searching.count(connection, wanted)

    def payers(self, wanted: Wanted) -> tuple[PayerRow, ...]:
        """Return the payers of the active plans that fit, by name."""
        with reading(self.engine) as connection:
            return searching.payers(connection, wanted)

    def _read(self, revision_id: int) -> PlanFile:
        with reading(self.engine) as connection:
            revision = store.find_revision(connection, revision_id)
        return read_kept(revision.form, revision.definition, revision.file, self._shared_at(revision.shared_id))

    def _read_shared(self, shared_id: int) -> Shared:
        with reading(self.engine) as connection:
            content = store.find_shared(connection, shared_id)
        return shared_of(content)


def open_shelf() -> Shelf | Library:
    """Return the plans of the database where one is meant or made, else those of the folder.

    Raises DatabaseUnavailable, or DatabaseNotReady where its tables are of another version.
    """
    if not is_meant():
        return library(plans_folder())
    engine = open_engine()
    require_ready(engine)
    return Shelf(engine)


def _heading(row: PlanRow) -> Heading:
    span = Span(row.first_day, row.last_day)
    return Heading(row.plan_id, row.title, row.payer, row.kind, row.market, row.states, span)
