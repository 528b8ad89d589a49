"""Amounts, days and shares as a person reads them; templates use these as filters."""

from datetime import date

from estimator.domain.money import Money


def usd(amount: str | Money) -> str:
    """Write an amount of the answer with its sign of currency.

    >>> usd("1234.50"), usd("-60.00")
    ('$1,234.50', '−$60.00')
    """
    cents = cents_of(amount)
    whole, rest = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}${whole:,}.{rest:02}"


def cents_of(amount: str | Money) -> Money:
    """Read an amount of the answer back into cents."""
    return amount if isinstance(amount, Money) else Money.parse(amount)


def long_day(day: str | date) -> str:
    """Write a day with its weekday.

    >>> long_day("2026-03-02")
    'Mon, Mar 2, 2026'
    """
    read = _date(day)
    return f"{read:%a}, {short_day(read)}"


def short_day(day: str | date) -> str:
    """Write a day without its weekday.

    >>> short_day("2026-03-02")
    'Mar 2, 2026'
    """
    read = _date(day)
    return f"{read:%b} {read.day}, {read.year}"


def counted(count: int, one: str, more: str = "") -> str:
    """Write a number and what it counts.

    >>> counted(1, "visit"), counted(12, "visit")
    ('1 visit', '12 visits')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _date(day: str | date) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)
