"""Today's date and the present moment, read here and nowhere else.

Everything below the edge receives the day as `as_of`, so that an estimate can be repeated later.
"""

from datetime import UTC, date, datetime, tzinfo

from estimator.settings import TIME_ZONE


def today(zone: tzinfo | None = None) -> date:
    """Return today's date in the clinic's time zone, whatever zone the machine is set to; in UTC where none is set.

    A location of the clinic may have a `zone` of its own.
    """
    return now_utc().astimezone(zone or TIME_ZONE.value()).date()


def now_utc() -> datetime:
    """Return the present moment, for timestamps whose names end in `_at`."""
    return datetime.now(UTC)
