"""Find plans by words among all that the database holds."""

from __future__ import annotations

from estimator.db.migrations import HEAD
from estimator.errors import DatabaseNotReady
from estimator.plans.shelf import Shelf, open_shelf
from estimator.plans.stored_searching import PlanRow, Wanted

MOST_SHOWN = 40


def find_plans_by(words: str, state: str | None = None, market: str | None = None) -> tuple[tuple[PlanRow, ...], int]:
    """Return the first plans whose title, payer or id holds all words, and how many there are in all.

    Raises DatabaseNotReady where no database is made: the folder of plans is listed, not searched.
    """
    shelf = open_shelf()
    if not isinstance(shelf, Shelf):
        raise DatabaseNotReady("", HEAD)
    wanted = Wanted(text=words, state=state, market=market)
    return shelf.search(wanted, MOST_SHOWN), shelf.count(wanted)
