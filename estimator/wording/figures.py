"""Money, days and counts as people read them in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from estimator.domain.money import Money

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def usd(amount: Money) -> str:
    """Write an amount with its sign of currency.

    >>> usd(Money(123450)), usd(Money(-500))
    ('$1,234.50', '-$5.00')
    """
    dollars, cents = divmod(abs(int(amount)), 100)
    return f"{'-' if amount < 0 else ''}${dollars:,}.{cents:02d}"


def long_day(day: date) -> str:
    """Write a day in full.

    >>> long_day(date(2026, 3, 2))
    'March 2, 2026'
    """
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def counted(number: int, noun: str) -> str:
    """Write a number of things.

    >>> counted(1, "visit"), counted(1200, "visit")
    ('1 visit', '1,200 visits')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Join words as a person would.

    >>> listed(["97110", "97112", "97140"])
    '97110, 97112 and 97140'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(words: str) -> str:
    """Start with a capital letter.

    >>> sentence("your plan pays the rest.")
    'Your plan pays the rest.'
    """
    return words[:1].upper() + words[1:]
