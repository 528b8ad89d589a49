"""Business days on both sides of weekends and federal holidays, and when a Good Faith Estimate is due by them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.billing.authorization_dates import (
    business_days_earlier,
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


@pytest.mark.parametrize(
    ("day", "number", "sent"),
    [
        (date(2026, 11, 30), 1, date(2026, 11, 27)),  # Monday: the Friday after Thanksgiving is a working day.
        (date(2026, 11, 30), 2, date(2026, 11, 25)),  # Thanksgiving does not count.
        (date(2026, 7, 6), 1, date(2026, 7, 2)),  # July 4 is a Saturday, kept on Friday.
        (date(2027, 1, 4), 1, date(2026, 12, 31)),  # Over New Year.
        (date(2026, 3, 8), 1, date(2026, 3, 6)),  # From a Sunday.
    ],
)
def test_days_before_a_visit_skip_weekends_and_holidays(day: date, number: int, sent: date) -> None:
    """The last day on which to send something that takes so many business days."""
    assert sent == business_days_earlier(day, number)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(1, 60))
def test_what_is_sent_so_many_business_days_before_is_answered_by_the_day(day: date, number: int) -> None:
    """And what is sent one business day later is not."""
    sent = business_days_earlier(day, number)

    assert is_business_day(sent)
    assert business_days_later(sent, number) <= (day if is_business_day(day) else business_days_later(day, 1))
    assert business_days_later(business_days_later(sent, 1), number) > day
