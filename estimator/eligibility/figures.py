"""Amounts, percentages and counts as payers write them: decimals without zeros, and rows of nines that mean "no limit".

What cannot be one raises ValueError with a sentence that says what was expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from estimator.engine.values import ALWAYS, Money, Rate, Span

_DECIMAL = re.compile(r"\+?\$?(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?", re.ASCII)
_NINES_OF_MONEY = re.compile(r"9{5,}")
_NINES_OF_A_COUNT = re.compile(r"9{3,}")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_MOST_DIGITS = 9
_MOST_COUNT_DIGITS = 5
_CENTS = 2
_RATE_DECIMALS = 6
_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in cents, or a count; None with `is_unlimited` where the payer wrote a row of nines."""

    value: int | None
    is_unlimited: bool = False


def read_money(text: str) -> Figure:
    """Read dollars.

    >>> read_money(".5"), read_money("99999.99")
    (Figure(value=50, is_unlimited=False), Figure(value=None, is_unlimited=True))
    """
    whole, decimals = _parts(text, "an amount such as 25.00")
    if _NINES_OF_MONEY.fullmatch(whole):
        return Figure(None, is_unlimited=True)
    if len(whole) > _MOST_DIGITS:
        raise ValueError("is larger than any amount of a plan")
    if decimals[_CENTS:].strip("0"):
        raise ValueError("has more than two decimals; an amount such as 25.00 was expected")
    return Figure(int(whole or "0") * 100 + int(decimals[:_CENTS].ljust(_CENTS, "0")))


def read_count(text: str) -> Figure:
    """Read a whole number of visits, days or services.

    >>> read_count("20.00")
    Figure(value=20, is_unlimited=False)
    """
    whole, decimals = _parts(text, "a whole number such as 20")
    if _NINES_OF_A_COUNT.fullmatch(whole):
        return Figure(None, is_unlimited=True)
    if decimals.strip("0"):
        raise ValueError("is no whole number; a number such as 20 was expected")
    if len(whole) > _MOST_COUNT_DIGITS:
        raise ValueError("is larger than any count of visits")
    return Figure(int(whole or "0"))


def read_share(text: str) -> Rate:
    """Read a part of a whole: the standard writes 20% as .2; whoever writes 20 cannot mean anything else either.

    >>> str(read_share(".2")), str(read_share("20"))
    ('20%', '20%')
    """
    whole, decimals = _parts(text.removesuffix("%"), "a decimal such as .2 for 20%")
    if len(whole) > 3 or len(decimals.rstrip("0")) > _RATE_DECIMALS - 2:
        raise ValueError("is no part of a whole; a decimal such as .2 for 20% was expected")
    written = int(whole or "0") * _WHOLE + int(decimals.rstrip("0").ljust(_RATE_DECIMALS, "0"))
    rate = written // 100 if written > _WHOLE or text.endswith("%") else written
    if rate > _WHOLE:
        raise ValueError("is more than the whole; a decimal such as .2 for 20% was expected")
    return Rate(rate)


def read_day(text: str) -> date | None:
    """Read 20260301 or 2026-03-01; None is no day.

    >>> read_day("20260301"), read_day("2026-03-01T10:00:00Z"), read_day("20269999")
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 1), None)
    """
    match = _DAY.match(text.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_span(first: str, last: str) -> Span:
    """Read two days, either of which may be missing; a span that ends before it starts is none."""
    first_day, last_day = read_day(first), read_day(last)
    return ALWAYS if first_day and last_day and last_day < first_day else Span(first_day, last_day)


def money_of(figure: Figure) -> Money | None:
    """Return the figure as money."""
    return None if figure.value is None else Money(figure.value)


def _parts(text: str, expected: str) -> tuple[str, str]:
    """Return the digits before and after the point."""
    match = _DECIMAL.fullmatch(text.strip())
    if text.strip().startswith("-"):
        raise ValueError(f"is below zero; {expected} was expected")
    if match is None or not any(match.groups()):
        raise ValueError(f"was found where {expected} was expected")
    return (match[1] or "").replace(",", "").lstrip("0"), match[2] or ""
