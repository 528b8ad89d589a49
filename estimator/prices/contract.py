"""A clinic's contracts with payers: what a plan allows for a code on a day, from the clinic's CSV.

A contract price outranks every estimate, so that two that could both apply are a problem, never a
choice.
"""

from __future__ import annotations

from datetime import date

from estimator.engine.prices import PriceEntry
from estimator.engine.values import Citation
from estimator.errors import Problem
from estimator.prices.spreadsheet import Row, read_list

_NEEDED = ("plan", "code", "amount", "basis")
COLUMNS = (*_NEEDED, "first_day", "last_day")


def read_contract(content: bytes, file: str, read_on: date) -> tuple[tuple[PriceEntry, ...], tuple[Problem, ...]]:
    """Return the contract prices of a CSV file or a workbook, by plan id or payer, and every mistake in it.

    A row with a mistake is not among the prices, and nor is the second of two that overlap. Prices of a
    code come before those of `*`, any service.
    """
    return read_list(content, file, read_on, needed=_NEEDED, allowed=COLUMNS, entry=_entry)


def _entry(row: Row, citation: Citation) -> PriceEntry:
    plan = row.cells["plan"]
    if not plan:
        row.refuse("plan", "Write the plan's id or the payer's name.")
    return PriceEntry(row.code(), row.amount(), row.basis(), plan, row.span(), citation)
