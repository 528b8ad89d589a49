"""One line that leads to an entry of the call log, for pages about something else.

It says when the plan was asked and under which reference, and names no answer.
"""

from __future__ import annotations

from datetime import date

from estimator.billing.calls import CallEntry, is_old
from estimator.wording.words import short_day


def told_line(entry: CallEntry, today: date) -> str:
    """Say when a plan was asked, and whether that is too long ago to rely on."""
    reference = f", reference {entry.reference}" if entry.reference else ""
    old = " (more than 90 days ago: ask again)" if is_old(entry, today) else ""
    return f"Told on {short_day(entry.told_on)}{reference}{old}"
