"""Sentences on the visits at which the answer changes kind."""

from __future__ import annotations

from estimator.domain.estimate import CrossingPoint
from estimator.wording.figures import long_day
from estimator.wording.telling import PATIENT, Telling, plain

# For patients and for billers. {limit} is what a limit gives, {whole} that with its extension, {subject} a name of
# the plan in plain words.
CROSSINGS = {
    "deductible-met": ("your deductible is met", "deductible met ({subject})"),
    "out-of-pocket-max-reached": (
        "you reach your yearly maximum, and your plan pays the rest",
        "out-of-pocket maximum reached ({subject})",
    ),
    "limit-reached": (
        "you use the last of what your plan covers ({limit})",
        "limit {subject} reached",
    ),
    "limit-passed": ("you are past what your plan covers ({whole})", "limit {subject} passed"),
    "extension-starts": ("you need your plan's extra visits beyond {limit}", "extension of {subject} starts"),
    "modifier-from": (
        "the clinic must mark its bills to say that you still need care",
        "marker {subject} passed: modifier needed",
    ),
    "authorization-from": ("your plan must approve visits in advance", "authorization needed ({subject})"),
    "authorization-ends": (
        "the approval on file no longer covers your visits",
        "authorization on file ends ({subject})",
    ),
    "referral-from": ("you need a referral (a doctor's order)", "referral needed ({subject})"),
    "benefit-year-restarts": (
        "a new benefit year starts: your deductible and your visits begin again",
        "benefit year restarts",
    ),
}


def crossing_says(crossing: CrossingPoint, telling: Telling) -> str:
    """Return what changes, and at which visit."""
    words = CROSSINGS.get(crossing.kind, (plain(crossing.kind), plain(crossing.kind)))
    chosen = words[0] if telling.reader == PATIENT else words[1]
    changes = chosen.format(
        subject=plain(crossing.subject) or "of the plan",
        limit=telling.limit(crossing.subject),
        whole=telling.limit_with_extension(crossing.subject),
    )
    return f"At visit {crossing.visit}, on {long_day(crossing.day)}, {changes}."
