"""Business days, Monday to Friday without the federal holidays (5 U.S.C. 6103), and what is due by counting them.

A payer's answer to a request for authorization is counted so, and a Good Faith Estimate, 45 CFR 149.610(b)(1)(vi):
scheduled at least 10 business days ahead, within 3 of them; at least 3 ahead, within 1; asked for, within 3.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

_SATURDAY = 5
_FAR_AHEAD, _AHEAD = 10, 3
_DAY = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """Tell whether federal offices work on this day.

    >>> is_business_day(date(2026, 7, 3)), is_business_day(date(2026, 7, 6))  # Independence Day is observed on Friday.
    (False, True)
    """
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def business_days_later(day: date, number: int) -> date:
    """Return the business day that many after a day.

    >>> business_days_later(date(2026, 11, 25), 1)  # Over Thanksgiving.
    datetime.date(2026, 11, 27)
    """
    while number:
        day += _DAY
        number -= is_business_day(day)
    return day


def business_days_earlier(day: date, number: int) -> date:
    """Return the business day that many before a day.

    >>> business_days_earlier(date(2026, 11, 30), 2)  # Over Thanksgiving and the weekend.
    datetime.date(2026, 11, 25)
    """
    while number:
        day -= _DAY
        number -= is_business_day(day)
    return day


def due_when_asked(asked: date) -> date:
    """Return the last day for an estimate that a person asks for."""
    return business_days_later(asked, 3)


def due_when_scheduled(scheduled: date, first_visit: date) -> date | None:
    """Return the last day for an estimate of a visit scheduled on a day, None where it is too near for a duty."""
    if first_visit >= business_days_later(scheduled, _FAR_AHEAD):
        return business_days_later(scheduled, 3)
    if first_visit >= business_days_later(scheduled, _AHEAD):
        return business_days_later(scheduled, 1)
    return None


@cache
def _holidays(year: int) -> frozenset[date]:
    """Return the federal holidays of a year, on the days on which they are observed."""
    return frozenset(country_holidays("US", years=year))
