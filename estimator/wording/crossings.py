"""Sentences on the visits at which the answer changes kind."""

from __future__ import annotations

from estimator.domain.estimate import CrossingPoint
from estimator.wording.figures import long_day
from estimator.wording.telling import PATIENT, Telling, plain

# For patients and for billers; words that start with a capital are a sentence of their own. {limit} is what a limit
# gives, {whole} that with its extension, {what} what it is on, {subject} a name of the plan in plain words.
CROSSINGS = {
    "deductible-met": ("your deductible is met", "deductible met ({subject})"),
    "out-of-pocket-max-reached": (
        "you reach your yearly maximum, and your plan pays the rest of what it covers",
        "out-of-pocket maximum reached ({subject})",
    ),
    "limit-reached": (
        "you use the last of what your plan covers ({what}{limit})",
        "limit {subject} reached",
    ),
    "limit-passed": ("you are past what your plan covers ({what}{whole})", "limit {subject} passed"),
    "extension-starts": (
        "you start on your plan's extra visits (beyond {what}{limit})",
        "extension of {subject} starts",
    ),
    "modifier-from": (
        "the clinic must mark its bills to say that you still need care",
        "marker {subject} passed: modifier needed",
    ),
    "authorization-from": (
        "your plan must approve your visits in advance (prior authorization) from here on",
        "authorization needed from here on ({subject})",
    ),
    "authorization-ends": (
        "Your authorization ends after visit {visit}, on {day}",
        "last visit of the authorization on file ({subject})",
    ),
    "referral-from": ("you need a referral (a doctor's order)", "referral needed from here on ({subject})"),
    "benefit-year-restarts": (
        "a new benefit year starts: your deductible and your visits begin again",
        "benefit year restarts",
    ),
}


# In place of the words above where the clinic goes on billing what the plan does not count as the price.
_MAXIMUM = "out-of-pocket-max-reached"
_BILLED_ON = (
    "you reach your yearly maximum: your plan pays the rest of its own price, "
    "but the clinic may go on billing you for what it asks above that",
    "out-of-pocket maximum reached ({subject}); balance bills go on",
)


def crossing_says(crossing: CrossingPoint, telling: Telling, *, billed_on: bool = False) -> str:
    """Return what changes, and at which visit; `billed_on` where a balance bill comes at that visit or later."""
    words = CROSSINGS.get(crossing.kind, (plain(crossing.kind), plain(crossing.kind)))
    if billed_on and crossing.kind == _MAXIMUM:
        words = _BILLED_ON
    chosen = words[0] if telling.reader == PATIENT else words[1]
    changes = chosen.format(
        visit=crossing.visit,
        day=long_day(crossing.day),
        subject=(plain(crossing.subject) if telling.reader == PATIENT else crossing.subject) or "of the plan",
        what=telling.what_of(crossing.subject),
        limit=telling.limit(crossing.subject),
        whole=telling.limit_with_extension(crossing.subject),
    )
    if telling.reader != PATIENT:
        return f"Visit {crossing.visit} ({long_day(crossing.day)}): {changes}."
    if changes[:1].isupper():
        return f"{changes}."
    return f"At visit {crossing.visit}, on {long_day(crossing.day)}, {changes}."
