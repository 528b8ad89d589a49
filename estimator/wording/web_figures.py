"""Amounts, days and shares as a person reads them; templates use these as filters."""

from datetime import date

from estimator.engine.values import Money
from estimator.language import ENGLISH, LOCALES, spoken
from estimator.wording.figures import COUNTED
from estimator.wording.figures import counted as counted_by_name


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
    return f"{read:%a}, {short_day(read)}" if spoken() == ENGLISH else _spoken(read, "EEE, d MMM y")


def short_day(day: str | date) -> str:
    """Write a day without its weekday.

    >>> short_day("2026-03-02")
    'Mar 2, 2026'
    """
    read = _date(day)
    return f"{read:%b} {read.day}, {read.year}" if spoken() == ENGLISH else _spoken(read, "d MMM y")


def counted(number: int, one: str, more: str = "") -> str:
    """Write a number and what it counts; a noun that only staff pages count, and no catalogue has, is in English.

    >>> counted(1, "visit"), counted(12, "visit"), counted(3, "entry", "entries")
    ('1 visit', '12 visits', '3 entries')
    """
    if one in COUNTED:
        return counted_by_name(number, one)
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _spoken(day: date, pattern: str) -> str:
    from babel.dates import format_date

    return format_date(day, pattern, locale=LOCALES[spoken()])


def _date(day: str | date) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)
