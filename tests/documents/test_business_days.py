"""When a Good Faith Estimate is due (45 CFR 149.610(b)(1)(vi)), on both sides of weekends and federal holidays."""

from datetime import date

import pytest

from estimator.documents.business_days import (
    business_days_later,
    due_when_asked,
    due_when_scheduled,
    is_business_day,
)

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("first_visit", "due"),
    [
        (date(2026, 3, 4), None),  # Two business days ahead.
        (date(2026, 3, 5), date(2026, 3, 3)),  # Three: within one.
        (date(2026, 3, 13), date(2026, 3, 3)),  # Nine: within one.
        (date(2026, 3, 16), date(2026, 3, 5)),  # Ten: within three.
    ],
)
def test_the_deadline_changes_at_three_and_at_ten_business_days(first_visit: date, due: date | None) -> None:
    """From a Monday without a holiday near."""
    assert due == due_when_scheduled(MONDAY, first_visit)


@pytest.mark.parametrize(
    ("scheduled", "first_visit", "due"),
    [
        (date(2026, 11, 23), date(2026, 11, 26), None),  # Thanksgiving does not count.
        (date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 24)),
        (date(2026, 11, 25), date(2026, 12, 10), date(2026, 12, 1)),  # Ten from here: over the holiday.
        (date(2026, 11, 25), date(2026, 12, 9), date(2026, 11, 27)),  # Nine.
        (date(2026, 7, 2), date(2026, 7, 8), date(2026, 7, 6)),  # July 4 is a Saturday, kept on Friday.
        (date(2026, 7, 2), date(2026, 7, 7), None),
        (date(2026, 3, 6), date(2026, 3, 11), date(2026, 3, 9)),  # Friday: over a weekend.
    ],
)
def test_weekends_and_federal_holidays_are_no_business_days(
    scheduled: date, first_visit: date, due: date | None
) -> None:
    """Neither in the days ahead nor in the days to the deadline."""
    assert due == due_when_scheduled(scheduled, first_visit)


def test_who_asks_waits_at_most_three_business_days() -> None:
    """Asked on the Friday before Labor Day, and on a Saturday."""
    assert date(2026, 9, 10) == due_when_asked(date(2026, 9, 4))
    assert date(2026, 9, 10) == due_when_asked(date(2026, 9, 5))


def test_only_federal_holidays_are_kept() -> None:
    """Good Friday and the day after Thanksgiving are working days; Columbus Day is none."""
    assert is_business_day(date(2026, 4, 3))
    assert is_business_day(date(2026, 11, 27))
    assert not is_business_day(date(2026, 10, 12))
    assert date(2027, 1, 4) == business_days_later(date(2026, 12, 31), 1)
