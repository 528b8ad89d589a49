"""Gathers the figures for one place: books with its locality, commercial ratios, cash ranges."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.engine.prices import (
    HOSPITAL_OUTPATIENT,
    OFFICE,
    ExperienceFactor,
    Place,
    PriceBook,
    PriceEntry,
    PriceSheet,
    Region,
)
from estimator.prices.book import books
from estimator.prices.cash import clinic_cash, hospital_cash
from estimator.prices.ratios import commercial_ratios


def gather_prices(
    place: Place | None,
    setting: str = OFFICE,
    *,
    locality: tuple[str, str] | None = None,
    contract: Sequence[PriceEntry] = (),
    self_pay: Sequence[PriceEntry] = (),
    factors: Sequence[ExperienceFactor] = (),
    known: Sequence[PriceBook] | None = None,
) -> PriceSheet:
    """Return what prices may rest on at a place, None where it is not known.

    `locality` is one of the place's candidates where the person chose among them. In a hospital outpatient
    department posted hospital prices take the place of a clinic's cash range, code by code. `known` are the price books
    of a database in the place of those that ship.
    """
    key = locality or (place.locality if place else None)
    priced = books() if known is None else known
    regions = tuple(Region(book, book.localities[key]) for book in priced if key in book.localities) if key else ()
    posted = hospital_cash(place.state if place else None) if setting == HOSPITAL_OUTPATIENT else {}
    return PriceSheet(
        regions=regions,
        contract=tuple(contract),
        self_pay=tuple(self_pay),
        ratios={name: commercial_ratios(name) for name in (OFFICE, HOSPITAL_OUTPATIENT)},
        cash={**clinic_cash(), **posted},
        factors=tuple(factors),
    )
