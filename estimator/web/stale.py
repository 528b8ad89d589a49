"""What is old is marked in words wherever it shows: a source read more than a year ago, a plan whose year has ended."""

from datetime import date

from estimator import clock
from estimator.engine.values import is_long_ago
from estimator.language import _
from estimator.wording.words import short_day


def read_words(read_on: str | date) -> str:
    """Say when a source was read, and that this is long ago where it is."""
    day = read_on if isinstance(read_on, date) else date.fromisoformat(read_on)
    says = _("read {day}, more than a year ago") if is_long_ago(day, clock.today()) else _("read {day}")
    return says.format(day=short_day(day))


def ended_words(last_day: date | None) -> str:
    """Say that a plan's year is over; nothing where it is not."""
    if last_day is None or last_day >= clock.today():
        return ""
    return _("this plan’s year ended on {day}").format(day=short_day(last_day))
