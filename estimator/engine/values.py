"""Money in whole cents, rates, days, citations, and the value for what nobody has said.

Every amount in the product is a `Money`. A percentage of one is rounded by `Money.share`: half-up, to the cent, once
per charge.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Self, get_args, get_type_hints

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


# Days, spans of days and the benefit year that a day falls in.


@dataclass(frozen=True, slots=True)
class Span:
    """A run of days, both ends included; `None` means that the end is open."""

    first_day: date | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        """Refuse a span that ends before it starts."""
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError((self.first_day, self.last_day))

    def __contains__(self, day: date) -> bool:
        """Tell whether the day lies within the span."""
        if self.first_day is not None and day < self.first_day:
            return False
        return self.last_day is None or day <= self.last_day

    def meets(self, other: Span) -> bool:
        """Tell whether a day lies within both.

        >>> Span(last_day=date(2026, 6, 30)).meets(Span(date(2026, 6, 30)))
        True
        """
        first = max(self.first_day or date.min, other.first_day or date.min)
        return first in self and first in other


ALWAYS = Span()


def months_later(day: date, months: int) -> date:
    """Return the same day of a later (or, below zero, an earlier) month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_long_ago(read_on: date, today: date) -> bool:
    """Say whether a day lies more than a year before today.

    >>> is_long_ago(date(2025, 11, 23), date(2026, 11, 23)), is_long_ago(date(2025, 11, 22), date(2026, 11, 23))
    (False, True)
    >>> is_long_ago(date(2024, 2, 29), date(2025, 2, 28)), is_long_ago(date(2024, 2, 29), date(2025, 3, 1))
    (False, True)
    """
    return (read_on.year + 1, read_on.month, read_on.day) < (today.year, today.month, today.day)


@dataclass(frozen=True, slots=True)
class BenefitYear:
    """When the deductible, the out-of-pocket maximum and yearly limits start again: a month and a day."""

    month: int = 1
    day: int = 1

    def first_day(self, day: date) -> date:
        """Return the first day of the benefit year that holds this day."""
        start = date(day.year, self.month, self.day)
        return start if start <= day else date(day.year - 1, self.month, self.day)


# The days on which a rule or a price changes. Between two of them, equal visits are decided alike.


_ENDS = ("first_day", "last_day")


def days_of_change(dated: object) -> Iterator[int]:
    """Yield the day numbers on which anything dated in a plan or a price sheet starts, or has just ended.

    Whatever has a first and a last day counts. The fields to look into follow from their types, so that a new
    dated rule cannot be forgotten here.
    """
    kind: type = type(dated)
    if isinstance(dated, Mapping):
        yield from days_of_change(tuple(dated.values()))
    elif isinstance(dated, tuple):
        for each in dated:
            yield from days_of_change(each)
    elif is_dataclass(kind):
        if _has_days(kind):
            first_day, last_day = (getattr(dated, name) for name in _ENDS)
            yield from _first_days(first_day, last_day)
        for name in _dated_fields(kind):
            yield from days_of_change(getattr(dated, name))


def _first_days(first_day: date | None, last_day: date | None) -> Iterator[int]:
    if first_day is not None:
        yield first_day.toordinal()
    if last_day is not None:
        yield last_day.toordinal() + 1


@cache
def _has_days(kind: type) -> bool:
    return is_dataclass(kind) and {each.name for each in fields(kind)}.issuperset(_ENDS)


@cache
def _dated_fields(kind: type) -> tuple[str, ...]:
    """Return the fields of a dataclass that may hold something with a first and a last day."""
    hints = get_type_hints(kind)
    return tuple(each.name for each in fields(kind) if any(map(_reaches_days, _classes(hints[each.name]))))


def _reaches_days(kind: type, seen: frozenset[type] = frozenset()) -> bool:
    if kind in seen or not is_dataclass(kind):
        return False
    parts = (part for hint in get_type_hints(kind).values() for part in _classes(hint))
    return _has_days(kind) or any(_reaches_days(part, seen | {kind}) for part in parts)


def _classes(hint: object) -> Iterator[type]:
    """Yield the classes that a type hint is made of: `Mapping[str, Limit]` is of `str` and `Limit`."""
    if isinstance(hint, type):
        yield hint
    for part in get_args(hint):
        yield from _classes(part)


# Where a rule or a figure comes from, and the day that a person read it there.


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its title, its address ("" where it has none) and how far we trust our reading.

    `confidence` is high (primary text or official file), medium (one good source) or low (inference or
    old text). `kind` marks fictional documents as `example` and our own choices as `assumption`.
    """

    title: str
    url: str
    read_on: date
    confidence: str = "high"


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a source, with the line of the plan file that says the rule (0 where there is none)."""

    source: Source
    place: str = ""
    file: str = ""
    line: int = 0


# The value for what a booklet does not say.


class Unknown(Enum):
    """A setting that nobody has read yet; it widens the range and becomes a question."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


# Amounts that a plan may leave open: one sum, a range, or unknown.


@dataclass(frozen=True, slots=True)
class Between:
    """An amount that the source gives only as a range ("$10–$40 copay"), both ends included."""

    low: Money
    high: Money


Amount = Money | Between | Unknown
