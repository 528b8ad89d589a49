"""What stopped an estimate, as problems with a sentence each: every exception of ours has its words."""

from __future__ import annotations

from estimator.errors import (
    Cause,
    ConflictingBook,
    ConflictingDraft,
    ConflictingList,
    ConflictingRevision,
    ConflictingRule,
    DatabaseNotEmpty,
    DatabaseNotReady,
    DatabaseUnavailable,
    EstimatorError,
    NoPrice,
    PlanNotInForce,
    Problem,
    Refused,
    TooMuchWork,
    UnknownCase,
    UnknownDraft,
    UnknownList,
    UnknownPlan,
    UnknownSchedule,
    UnknownZip,
)
from estimator.estimates.run import too_much_work
from estimator.language import _
from estimator.wording.words import long_day

_MOST_ECHOED = 60


def problems_of(error: EstimatorError) -> tuple[Problem, ...]:
    """Return the problems that an exception of ours stands for."""
    match error:
        case Refused():
            return error.problems
        case UnknownPlan():
            return (Problem("plan", _no_plan(error.plan)),)
        case PlanNotInForce():
            return (Problem("plan", _not_in_force(error)),)
        case UnknownZip():
            words = _("We have no prices for the ZIP code {zip}. Enter the clinic’s ZIP code.")
            return (Problem("zip", words.format(zip=_short(error.zip))),)
        case NoPrice():
            words = _("We don’t know a price for {code}. Enter its allowed amount or the clinic’s ZIP code.").format(
                code=error.code
            )
            return (Problem(f"visits.{error.visit}.services.{error.line}.allowed", words),)
        case TooMuchWork():
            return (too_much_work(error),)
        case (
            DatabaseUnavailable() | DatabaseNotReady() | DatabaseNotEmpty() | ConflictingRevision() | ConflictingBook()
        ):
            return (Problem("database", _of_the_database(error)),)
        case UnknownDraft() | ConflictingDraft():
            return (Problem("draft", _of_a_draft(error)),)
        case ConflictingRule():
            words = f"Somebody published {error.name} in the meantime. Look at what it says now, and try again."
            return (Problem("rule", words),)
        case ConflictingList():
            words = f"Somebody published a list of the kind {error.kind} in the meantime. Look at it, and try again."
            return (Problem("database", words),)
        case UnknownList():
            return (Problem("list", f"There is no list of prices {error.number}."),)
        case UnknownCase():
            return (Problem("case", f"There is no case {error.case}."),)
        case UnknownSchedule():
            return (Problem("schedule", f"There is no schedule {error.schedule}, or its time is over."),)
        case _:
            # A new kind of exception shows its facts until it has words; a test asks for them.
            return (Problem("", str(error)),)


def _of_the_database(
    error: DatabaseUnavailable | DatabaseNotReady | DatabaseNotEmpty | ConflictingRevision | ConflictingBook,
) -> str:
    match error:
        case DatabaseUnavailable(cause=Cause.BUSY):
            return "The database is busy: somebody else is writing to it. Try again in a minute."
        case DatabaseUnavailable(cause=Cause.FULL):
            return "The disk of the database is full. Make room on it, then try again."
        case DatabaseUnavailable():
            return f"The database {error.address} cannot be opened: {error.reason}."
        case DatabaseNotReady():
            found = f"is of version {error.found or 'none'}, and this program needs {error.needed}"
            return f"The database {found}. Run `estimator db upgrade`."
        case DatabaseNotEmpty():
            return f"The database holds {error.plans:,} plans. Add --replace to put the backup in their place."
        case ConflictingRevision():
            when = long_day(error.first_day)
            return f"Somebody published {error.plan} from {when} in the meantime. Look at that revision, and try again."
        case ConflictingBook():
            return f"Somebody published prices of {error.year} in the meantime. Look at them, and try again."


def _of_a_draft(error: UnknownDraft | ConflictingDraft) -> str:
    if isinstance(error, UnknownDraft):
        return f"There is no draft {error.draft}, or no longer: it may have been published or thrown away."
    return f"{error.saved_by} saved this draft in the meantime. Look at both texts, and save again."


def _no_plan(plan: str) -> str:
    return _(
        "There is no plan “{plan}”. Run `estimator plans list` to see the plans there are, "
        "or `estimator plans find` to look for one by its name."
    ).format(plan=_short(plan))


def _not_in_force(error: PlanNotInForce) -> str:
    if error.until is not None:
        words = _("We estimate visits under {plan} up to {until}, not on {day}. Choose earlier days of care.")
        return words.format(plan=error.plan, until=long_day(error.until), day=long_day(error.day))
    words = (
        _("The plan {plan} holds from {first} to {last}, not on {day}. Choose another plan, or other days of care.")
        if error.last_day
        else _("The plan {plan} holds from {first} on, not on {day}. Choose another plan, or other days of care.")
    )
    last = long_day(error.last_day) if error.last_day else ""
    return words.format(plan=error.plan, first=long_day(error.first_day), last=last, day=long_day(error.day))


def _short(text: str) -> str:
    return text if len(text) <= _MOST_ECHOED else f"{text[:_MOST_ECHOED]}…"
