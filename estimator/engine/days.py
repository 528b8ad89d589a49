"""Days, spans of days and the benefit year that a day falls in."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date


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
