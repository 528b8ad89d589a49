"""The period of a limit that holds a day: when what was used up before no longer counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from estimator.engine.days import BenefitYear, months_later
from estimator.engine.limit import Every, Limit

_FOREVER = date.min


def period_start(limit: Limit, year: BenefitYear, day: date, served: Sequence[date]) -> date:
    """Return the first day of the period that holds the day; `served` are the days of service so far."""
    match limit.every:
        case Every.BENEFIT_YEAR:
            return year.first_day(day)
        case Every.CALENDAR_YEAR:
            return date(day.year, 1, 1)
        case Every.YEAR_FROM_FIRST:
            return _year_from_first(day, served)
        case Every.MONTH:
            return day.replace(day=1)
        case Every.WEEK:
            return day - timedelta(days=day.weekday())
        case Every.DAY | Every.VISIT:
            return day
        case Every.ROLLING_DAYS:
            return day - timedelta(days=limit.window - 1)
        case Every.ROLLING_MONTHS:
            return months_later(day, -limit.window) + timedelta(days=1)
        case Every.CONDITION | Every.EPISODE | Every.LIFETIME:
            return _FOREVER


def _year_from_first(day: date, served: Sequence[date]) -> date:
    """Return the first service of the year that holds the day.

    Eleven full months must pass after the month of a year's first service (NCD 30.3.3, CR 11755): a first
    service on 2020-03-21 lets the next year begin on 2021-03-01.
    """
    start = min(served, default=day)
    while (following := months_later(start.replace(day=1), 12)) <= day:
        start = min((each for each in served if each >= following), default=following)
        if start > day:
            return following
    return start
