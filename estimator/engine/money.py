"""Money in whole cents and rates in parts per million.

Every amount in the product is a `Money`, and `Money.share` is the one place that rounds:
half-up, to the cent, once per charge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_AMOUNT = re.compile(r"(-?)\$?(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)
_PERCENT = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?%", re.ASCII)
_MILLION = 1_000_000


class Money(int):
    """An amount of US dollars as whole cents.

    >>> str(Money(3808) + Money(192))
    '40.00'
    >>> Money(3808).share(Rate.parse("20%"))
    Money(762)
    """

    __slots__ = ()

    def __add__(self, other: int) -> Money:
        """Add cents."""
        return Money(int.__add__(self, other))

    __radd__ = __add__

    def __sub__(self, other: int) -> Money:
        """Take cents away; the result may be below zero (a credit)."""
        return Money(int.__sub__(self, other))

    def __neg__(self) -> Money:
        """Return the credit of the same size."""
        return Money(int.__neg__(self))

    def share(self, rate: Rate) -> Money:
        """Return this part of the amount, rounded half-up to the cent."""
        return Money((2 * int(self) * rate.per_million + _MILLION) // (2 * _MILLION))

    def __str__(self) -> str:
        """Write dollars and cents with two decimals and no sign of currency."""
        sign = "-" if self < 0 else ""
        dollars, cents = divmod(abs(int(self)), 100)
        return f"{sign}{dollars}.{cents:02d}"

    def __repr__(self) -> str:
        """Write the cents."""
        return f"Money({int(self)})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `40`, `40.00`, `$1,250.5`; raise ValueError for anything else, signs of infinity included.

        >>> Money.parse("$1,250.50")
        Money(125050)
        """
        match = _AMOUNT.fullmatch(text.strip())
        if match is None:
            raise ValueError(text)
        sign, dollars, cents = match.groups()
        amount = int(dollars.replace(",", "")) * 100 + int((cents or "0").ljust(2, "0"))
        return cls(-amount if sign else amount)


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """Return the sum of amounts.

    >>> total([Money(3808), Money(192)])
    Money(4000)
    """
    return Money(sum(map(int, amounts)))


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A percentage held as parts per million, so that 109.25% stays exact."""

    per_million: int

    def __post_init__(self) -> None:
        """Refuse a rate below zero."""
        if self.per_million < 0:
            raise ValueError(self.per_million)

    def __str__(self) -> str:
        """Write the percentage with no needless zeros."""
        whole, rest = divmod(self.per_million, 10_000)
        return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + "%"

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `20%` or `109.25%`; raise ValueError for a bare `20` or `0.2`.

        >>> Rate.parse("109.25%").per_million
        1092500
        """
        match = _PERCENT.fullmatch(text.strip())
        if match is None:
            raise ValueError(text)
        whole, rest = match.groups()
        return cls(int(whole) * 10_000 + int((rest or "0").ljust(4, "0")))


WHOLE = Rate(_MILLION)
