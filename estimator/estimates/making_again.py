"""Make a kept estimate again, from its request, its plan revision, its price books and the clinic's lists.

Whatever was published since, it comes out the same to the cent, unless this program changed, or price files of the
clinic, where it keeps its prices in files; then what was kept holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from estimator.engine.answer import Estimate
from estimator.engine.plan import Plan
from estimator.engine.states import StateRule
from estimator.engine.values import Money
from estimator.errors import EstimatorError
from estimator.estimates.asked import Asked
from estimator.estimates.estimating import Plans, estimate_asked
from estimator.estimates.reading import read_request
from estimator.plans.shelf import Shelf
from estimator.prices.books import Prices
from estimator.prices.store import active_prices, prices_of


class Kept(Protocol):
    """What an estimate rests on; `revision_id` is None where its request describes the plan."""

    @property
    def request(self) -> Mapping[str, Any]:
        """Return the request as the contract reads it."""

    @property
    def revision_id(self) -> int | None:
        """Return the revision of the plan."""

    @property
    def books(self) -> tuple[int, ...]:
        """Return the price books that were active."""

    @property
    def price_lists(self) -> tuple[int, ...]:
        """Return the clinic's own lists that were active."""

    @property
    def as_of(self) -> date:
        """Return the day on which it was made."""


class Again(NamedTuple):
    """A kept estimate made again; both are None where that cannot be done."""

    estimate: Estimate | None
    plan: Plan | None


@dataclass(frozen=True)
class AsItWas:
    """The plans of a shelf, with one revision in the place of whichever is active now."""

    shelf: Shelf
    revision_id: int | None

    @property
    def states(self) -> Mapping[str, StateRule]:
        """Return the law of each state by its two letters."""
        return self.shelf.states

    def find(self, plan_id: str, day: date) -> Plan:
        """Return the plan of the revision that was kept."""
        if self.revision_id is None:
            return self.shelf.find(plan_id, day)
        plan = self.shelf.file_of(self.revision_id).plan
        return plan if plan.id == plan_id else self.shelf.find(plan_id, day)

    def plan_from(self, definition: Mapping[str, Any], as_of: date) -> Plan:
        """Read a plan that a request defines."""
        return self.shelf.plan_from(definition, as_of)


@dataclass(frozen=True)
class Rerun:
    """The question of a kept estimate, with the plans and prices of its day to answer it and others like it."""

    asked: Asked
    plans: Plans
    prices: Prices | None

    def estimate(self, asked: Asked) -> tuple[Estimate, Plan]:
        """Answer a question as it would have been answered then; raise an EstimatorError where that cannot be done."""
        return estimate_asked(asked, self.plans, prices=self.prices)


def rerun_of(shelf: Shelf, kept: Kept) -> Rerun:
    """Return what a kept estimate is made again from; raise an EstimatorError where its request is read no longer."""
    asked = read_request(kept.request, kept.as_of)
    return Rerun(asked, AsItWas(shelf, kept.revision_id), prices_of(shelf.engine, kept.books, kept.price_lists))


def made_again(shelf: Shelf, kept: Kept) -> Again:
    """Make a kept estimate again from its plan revision and its price books."""
    try:
        rerun = rerun_of(shelf, kept)
        return Again(*rerun.estimate(rerun.asked))
    except EstimatorError:
        return Again(None, None)


def owed_today(shelf: Shelf, kept: Kept) -> Money | None:
    """Return what a kept estimate typically comes to by today's plans and prices; None where it cannot be made."""
    try:
        asked = read_request(kept.request, kept.as_of)
        estimate, _ = estimate_asked(asked, shelf, prices=active_prices(shelf.engine))
    except EstimatorError:
        return None
    return estimate.typical.owes
