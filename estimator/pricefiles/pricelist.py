"""A clinic's own prices for people who pay themselves, from the clinic's CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from estimator.domain.days import Span
from estimator.domain.money import Money
from estimator.errors import Problem
from estimator.pricefiles.sheet import ANY_SERVICE, Row, read_sheet, refuse_overlaps

_NEEDED = ("code", "amount", "basis")
_COLUMNS = (*_NEEDED, "first_day", "last_day")


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """What the clinic asks for a unit, a line or a whole visit; `code` may be `*` for any service."""

    code: str
    amount: Money
    basis: str
    valid: Span
    line: int


def read_price_list(content: bytes, file: str) -> tuple[tuple[ListedPrice, ...], tuple[Problem, ...]]:
    """Return the prices of a CSV file and every mistake in it.

    A row with a mistake is not among the prices, and nor is the second of two that overlap.
    """
    rows, problems = read_sheet(content, file, needed=_NEEDED, allowed=_COLUMNS)
    read = [(row, _price(row)) for row in rows]
    refuse_overlaps([(row, price.code, price.valid) for row, price in read if not row.problems])
    problems += [problem for row in rows for problem in row.problems]
    prices = tuple(price for row, price in read if not row.problems)
    return prices, tuple(sorted(problems, key=lambda problem: problem.line or 0))


def listed_price(prices: Iterable[ListedPrice], code: str, day: date) -> ListedPrice | None:
    """Return the price of a code on a day; a price of the code goes before one of `*`."""
    by_code = {price.code: price for price in prices if day in price.valid}
    return by_code.get(code) or by_code.get(ANY_SERVICE)


def _price(row: Row) -> ListedPrice:
    return ListedPrice(row.code(), row.amount(), row.basis(), row.span(), row.line)
