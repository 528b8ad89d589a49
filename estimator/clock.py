"""Today's date and the present moment, read here and nowhere else.

Everything below the edge receives the day as `as_of`, so that an estimate can be repeated later.
"""

from datetime import UTC, date, datetime


def today() -> date:
    """Return today's date in UTC, whatever time zone the machine is set to."""
    # Unsure: late in the day in the United States this is already tomorrow; who minds gives `as_of`.
    return now_utc().date()


def now_utc() -> datetime:
    """Return the present moment, for timestamps whose names end in `_at`."""
    return datetime.now(UTC)
