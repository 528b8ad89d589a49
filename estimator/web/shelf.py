"""Where the pages find plans: the database where one is made or named, else the folder of plans.

A search looks the same in both; the folder is small enough to be looked through.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from time import monotonic

from flask import Flask, current_app

from estimator.plans.folder import Heading, Library, library
from estimator.plans.search import PayerRow, PlanRow, Wanted
from estimator.plans.shared import ServiceName
from estimator.plans.shelf import Shelf, open_shelf
from estimator.prices.books import Prices
from estimator.prices.store import active_prices

Plans = Shelf | Library

_KEPT = "plans"
_SECONDS = 5


def keep_plans(app: Flask, plans: Plans | None) -> None:
    """Let an app answer from these plans, or from those of the database or the folder that is meant."""
    app.extensions[_KEPT] = plans or open_shelf()


def kept_plans(app: Flask) -> Plans:
    """Return what an app was made to answer from."""
    kept: Plans = app.extensions[_KEPT]
    return kept


def shelf() -> Plans:
    """Return the plans that the app at hand answers from; a folder as it was a moment ago."""
    kept = kept_plans(current_app)
    return kept if isinstance(kept, Shelf) else _library(kept.folder, moment())


def keeps() -> bool:
    """Tell whether there is a database, in which something can be kept."""
    return isinstance(shelf(), Shelf)


def folder() -> Library:
    """Return the folder of plans, which also lies beside a database."""
    kept = shelf()
    return kept.folder if isinstance(kept, Shelf) else kept


def moment() -> int:
    """Return a number that changes every few seconds, for what may be kept that long."""
    return int(monotonic()) // _SECONDS


@lru_cache(maxsize=4)
def _library(path: Path, moment: int) -> Library:
    # To look whether a shared file has changed takes as long as half an estimate, so it is not done for each.
    return library(path)


def prices() -> Prices | None:
    """Return what the database prices by, None where there is none: then what ships holds."""
    kept = shelf()
    return active_prices(kept.engine) if isinstance(kept, Shelf) else None


def services() -> Mapping[str, ServiceName]:
    """Return what we know of each code."""
    return shelf().shared.services.codes


def names() -> Mapping[str, str]:
    """Return our own words for each code."""
    return {code: service.name for code, service in services().items()}


def search(wanted: Wanted, limit: int | None = None) -> tuple[PlanRow, ...]:
    """Return the plans that fit, by title."""
    kept = shelf()
    return kept.search(wanted, limit) if isinstance(kept, Shelf) else tuple(_fitting(kept, wanted))[:limit]


def payers(wanted: Wanted) -> tuple[PayerRow, ...]:
    """Return the payers of the plans that fit, by name."""
    kept = shelf()
    if isinstance(kept, Shelf):
        return kept.payers(wanted)
    found = [row.payer for row in _fitting(kept, wanted)]
    return tuple(PayerRow(payer, found.count(payer)) for payer in sorted(set(found)))


def count(wanted: Wanted) -> int:
    """Return how many plans fit."""
    kept = shelf()
    return kept.count(wanted) if isinstance(kept, Shelf) else len(tuple(_fitting(kept, wanted)))


def _fitting(kept: Library, wanted: Wanted) -> Iterator[PlanRow]:
    return (_row(heading) for heading in kept.catalogue() if _fits(heading, wanted))


def _fits(heading: Heading, wanted: Wanted) -> bool:
    searched = f"{heading.title} {heading.payer} {heading.id}".casefold()
    return (
        wanted.market in (None, heading.market)
        and wanted.kind in (None, heading.kind)
        and wanted.payer in (None, heading.payer)
        # A plan file says nothing of metal levels.
        and wanted.metal is None
        and (wanted.state is None or not heading.states or wanted.state in heading.states)
        and (wanted.day is None or wanted.day in heading.in_force)
        and all(word in searched for word in wanted.text.casefold().split())
    )


def _row(heading: Heading) -> PlanRow:
    return PlanRow(
        plan_id=heading.id,
        first_day=heading.in_force.first_day or date.min,
        last_day=heading.in_force.last_day,
        title=heading.title,
        payer=heading.payer,
        kind=heading.kind,
        market=heading.market,
        states=heading.states,
        metal_level=None,
        revision_id=0,
        origin="folder",
    )
