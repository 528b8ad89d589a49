"""A clinic's contracts with payers: what a plan allows for a code on a day, from the clinic's CSV.

A contract price outranks every estimate, so that two that could both apply are a problem, never a
choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from estimator.domain.days import Span
from estimator.domain.money import Money
from estimator.errors import Problem
from estimator.pricefiles.sheet import ANY_SERVICE, Row, read_sheet, refuse_overlaps

_NEEDED = ("plan", "code", "amount", "basis")
_COLUMNS = (*_NEEDED, "first_day", "last_day")


@dataclass(frozen=True, slots=True)
class ContractPrice:
    """What a plan or payer allows for a unit, a line or a whole visit; `code` may be `*` for any service."""

    plan: str
    code: str
    amount: Money
    basis: str
    valid: Span
    line: int


def read_contract(content: bytes, file: str) -> tuple[tuple[ContractPrice, ...], tuple[Problem, ...]]:
    """Return the contract prices of a CSV file and every mistake in it.

    A row with a mistake is not among the prices, and nor is the second of two that overlap.
    """
    rows, problems = read_sheet(content, file, needed=_NEEDED, allowed=_COLUMNS)
    read = [(row, _price(row)) for row in rows]
    refuse_overlaps([(row, (price.plan, price.code), price.valid) for row, price in read if not row.problems])
    problems += [problem for row in rows for problem in row.problems]
    prices = tuple(price for row, price in read if not row.problems)
    return prices, tuple(sorted(problems, key=lambda problem: problem.line or 0))


def contract_price(prices: Iterable[ContractPrice], plan: str, code: str, day: date) -> ContractPrice | None:
    """Return the price of a code under a plan (or payer) on a day; one of the code goes before one of `*`."""
    by_code = {price.code: price for price in prices if price.plan == plan and day in price.valid}
    return by_code.get(code) or by_code.get(ANY_SERVICE)


def _price(row: Row) -> ContractPrice:
    plan = row.cells["plan"]
    if not plan:
        row.refuse("plan", "Write the plan's id or the payer's name.")
    return ContractPrice(plan, row.code(), row.amount(), row.basis(), row.span(), row.line)
