"""A clinic's own prices for people who pay themselves, from the clinic's CSV."""

from __future__ import annotations

from datetime import date

from estimator.engine.prices import PriceEntry
from estimator.engine.values import Citation
from estimator.errors import Problem
from estimator.prices.spreadsheet import Row, read_list

_NEEDED = ("code", "amount", "basis")
COLUMNS = (*_NEEDED, "first_day", "last_day")


def read_price_list(content: bytes, file: str, read_on: date) -> tuple[tuple[PriceEntry, ...], tuple[Problem, ...]]:
    """Return the prices of a CSV file or a workbook, for anybody, and every mistake in it.

    A row with a mistake is not among the prices, and nor is the second of two that overlap. Prices of a
    code come before those of `*`, any service.
    """
    return read_list(content, file, read_on, needed=_NEEDED, allowed=COLUMNS, entry=_entry)


def _entry(row: Row, citation: Citation) -> PriceEntry:
    return PriceEntry(row.code(), row.amount(), row.basis(), "", row.span(), citation)
