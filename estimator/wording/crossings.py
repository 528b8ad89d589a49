"""Sentences on the visits at which the answer changes kind."""

from __future__ import annotations

from estimator.engine.answer import CrossingPoint
from estimator.language import N_, _
from estimator.wording.figures import long_day
from estimator.wording.telling import PATIENT, Telling, plain

# For patients and for billers. {limit} is what a limit gives, {whole} that with its extension, {what} what it is on,
# {subject} a name of the plan in plain words.
CROSSINGS = {
    "deductible-met": (
        N_("At visit {visit}, on {day}, your deductible is met."),
        N_("Visit {visit} ({day}): deductible met ({subject})."),
    ),
    "out-of-pocket-max-reached": (
        N_("At visit {visit}, on {day}, you reach your yearly maximum, and your plan pays the rest of what it covers."),
        N_("Visit {visit} ({day}): out-of-pocket maximum reached ({subject})."),
    ),
    "limit-reached": (
        N_("At visit {visit}, on {day}, you use the last of what your plan covers ({what}{limit})."),
        N_("Visit {visit} ({day}): limit {subject} reached."),
    ),
    "limit-passed": (
        N_("At visit {visit}, on {day}, you are past what your plan covers ({what}{whole})."),
        N_("Visit {visit} ({day}): limit {subject} passed."),
    ),
    "extension-starts": (
        N_("At visit {visit}, on {day}, you start on your plan's extra visits (beyond {what}{limit})."),
        N_("Visit {visit} ({day}): extension of {subject} starts."),
    ),
    "modifier-from": (
        N_("At visit {visit}, on {day}, the clinic must mark its bills to say that you still need care."),
        N_("Visit {visit} ({day}): marker {subject} passed: modifier needed."),
    ),
    "authorization-from": (
        N_(
            "At visit {visit}, on {day}, your plan must approve your visits in advance (prior authorization) "
            "from here on."
        ),
        N_("Visit {visit} ({day}): authorization needed from here on ({subject})."),
    ),
    "authorization-ends": (
        N_("Your authorization ends after visit {visit}, on {day}."),
        N_("Visit {visit} ({day}): last visit of the authorization on file ({subject})."),
    ),
    "referral-from": (
        N_("At visit {visit}, on {day}, you need a referral (a doctor's order)."),
        N_("Visit {visit} ({day}): referral needed from here on ({subject})."),
    ),
    "benefit-year-restarts": (
        N_("At visit {visit}, on {day}, a new benefit year starts: your deductible and your visits begin again."),
        N_("Visit {visit} ({day}): benefit year restarts."),
    ),
}
_UNWORDED = (N_("At visit {visit}, on {day}, {kind}."), N_("Visit {visit} ({day}): {kind}."))


# In place of the words above where the clinic goes on billing what the plan does not count as the price.
_MAXIMUM = "out-of-pocket-max-reached"
_BILLED_ON = (
    N_(
        "At visit {visit}, on {day}, you reach your yearly maximum: your plan pays the rest of its own price, "
        "but the clinic may go on billing you for what it asks above that."
    ),
    N_("Visit {visit} ({day}): out-of-pocket maximum reached ({subject}); balance bills go on."),
)


# In place of the words above where the plan has a yearly maximum, which begins again too.
_RESTART = "benefit-year-restarts"
_MAXIMUM_RESTARTS = (
    N_(
        "At visit {visit}, on {day}, a new benefit year starts: your deductible, your yearly maximum and your visits "
        "begin again."
    ),
    CROSSINGS[_RESTART][1],
)


def crossing_says(crossing: CrossingPoint, telling: Telling, *, billed_on: bool = False) -> str:
    """Return what changes, and at which visit; `billed_on` where a balance bill comes at that visit or later."""
    words = CROSSINGS.get(crossing.kind, _UNWORDED)
    if billed_on and crossing.kind == _MAXIMUM:
        words = _BILLED_ON
    if crossing.kind == _RESTART and any(network.out_of_pocket_max for network in telling.plan.networks.values()):
        words = _MAXIMUM_RESTARTS
    is_patient = telling.reader == PATIENT
    return _(words[0] if is_patient else words[1]).format(
        visit=crossing.visit,
        day=long_day(crossing.day),
        kind=plain(crossing.kind),
        subject=(plain(crossing.subject) if is_patient else crossing.subject) or _("of the plan"),
        what=telling.what_of(crossing.subject),
        limit=telling.limit(crossing.subject),
        whole=telling.limit_with_extension(crossing.subject),
    )
