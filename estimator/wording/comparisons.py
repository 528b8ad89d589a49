"""A comparison in words: one sentence that says which side costs less, one table, one chart's worth of visits.

`comparison_of` is the JSON of docs/comparing.md; nothing is calculated here but differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.estimates.compare import (
    SAME_AMOUNT,
    SAME_SHARE,
    Comparison,
    Kind,
    Note,
    Row,
    Side,
    assumed_only_by,
    break_even,
    is_about_the_same,
    ranges_overlap,
)
from estimator.language import N_, _
from estimator.wording.assumptions import assumption_says
from estimator.wording.comparison_sentence import NETWORKS, sentence_of, title_of
from estimator.wording.errors import problems_of
from estimator.wording.figures import counted, listed, long_day, sentence
from estimator.wording.telling import PATIENT, Reader, Telling, plain

# For patients; billers read the names of the plan language.
_SUMS = {"deductible": N_("your deductible"), "out-of-pocket-max": N_("your yearly maximum")}
# For patients and for billers; {subject} is what the note is about, in words.
_NOTES = {
    "amounts-left-out": (
        N_("The prices that you gave belong to the plan and network you asked about, so we do not use them here."),
        N_("Allowed amounts and contract of the request left out: they belong to the plan and network asked about."),
    ),
    "balances-left-out": (
        N_("What you paid this year under your plan does not count in another plan."),
        N_("Balances of the plan asked about left out."),
    ),
    "authorization-left-out": (
        N_("An approval (authorization) from your plan does not hold in another plan."),
        N_("Authorization on file left out."),
    ),
    "told-left-out": (
        "What your plan told you holds for that plan alone, so we do not use it here.",
        "What the payer told left out.",
    ),
    "network-changed": (
        N_("This plan has no network called “{subject}”, so we count the clinic as in its network."),
        N_("No tier “{subject}” in this plan: in-network taken."),
    ),
    "network-balances-not-told": (
        N_(
            "You have not said what you paid {subject} this year, "
            "so we count nothing but what the plan adds up for both."
        ),
        N_("No balances given {subject}: opened at zero, but for shared ceilings."),
    ),
    "visits-dropped": (
        N_("{subject} would be for needling alone. Without needling there is no such visit."),
        N_("{subject} of needling alone removed."),
    ),
    "no-longer-bundled": (
        N_(
            "Needling swallows another service of the same visit ({subject}). "
            "Without needling that one has its own price."
        ),
        N_("No longer bundled into needling: {subject}."),
    ),
    "year-starts-again": (
        N_(
            "Your plan's year starts again on {subject}: "
            "what you paid before no longer counts, and your visits are new."
        ),
        N_("Benefit year restarts on {subject}: balances lapse."),
    ),
    "rules-not-known": (
        N_("Next year's rules of your plan are not known yet. We take this year's."),
        N_("No revision in force: this year's rules taken."),
    ),
    "does-not-fill": (
        N_("What you pay yourself does not count toward {subject}."),
        N_("Self-pay credits no accumulator ({subject})."),
    ),
}
# From which visit on the plan costs less in all; for patients and for billers.
_NEVER_CHEAPER = (
    N_("Within this course your plan never becomes cheaper to stay so than paying without insurance."),
    N_("Within this course the plan never becomes cheaper to stay so than paying without insurance."),
)
_CHEAPER_AT_ONCE = (
    N_("From the first visit on, your plan costs less in all than paying without insurance."),
    N_("From the first visit on, the plan costs less in all than paying without insurance."),
)
_CHEAPER_LATER = (
    N_("From visit {visit} on, your plan costs less in all than paying without insurance."),
    N_("From visit {visit} on, the plan costs less in all than paying without insurance."),
)


def comparison_of(comparison: Comparison, names: Mapping[str, str], reader: Reader = PATIENT) -> dict[str, Any]:
    """Return the comparison for one reader; `names` are plain words for the codes."""
    return {
        "sentence": sentence_of(comparison, reader),
        "about_the_same_within": {"amount": str(SAME_AMOUNT), "percent": str(SAME_SHARE)},
        "sides": [_side(side, comparison, names, reader) for side in comparison.sides],
        "visits": [_row(row) for row in comparison.rows],
    }


def _side(side: Side, comparison: Comparison, names: Mapping[str, str], reader: Reader) -> dict[str, Any]:
    asked, estimate = comparison.asked, side.estimate
    problems = problems_of(side.refused) if side.refused is not None else ()
    return {
        "kind": side.change.kind.value,
        "title": sentence(title_of(side, comparison)),
        "plan": None if side.plan is None else {"id": side.plan.id, "title": _(side.plan.title)},
        "patient_owes": None if estimate is None else _three(estimate),
        "plan_pays": None if estimate is None else str(estimate.typical.plan_pays),
        "provider_absorbs": None if estimate is None else str(estimate.typical.provider_absorbs),
        "visits": None if estimate is None else len(estimate.typical.visits),
        **_against(side, asked),
        "break_even": _break_even(side, asked, reader),
        "notes": [_note(note, reader) for note in side.notes],
        "assumed_only_here": _assumptions(side, asked, names, reader),
        "assumed_only_as_asked": _assumptions(asked, side, names, reader),
        "problems": [{"path": problem.path, "message": problem.message} for problem in problems],
        "request": dict(side.request),
    }


def _against(side: Side, asked: Side) -> dict[str, Any]:
    keys = ("difference", "is_about_the_same", "ranges_overlap")
    if side is asked or side.estimate is None or asked.estimate is None:
        return dict.fromkeys(keys)
    mine, theirs = side.estimate.typical.owes, asked.estimate.typical.owes
    told = (str(mine - theirs), is_about_the_same(mine, theirs), ranges_overlap(side.estimate, asked.estimate))
    return dict(zip(keys, told, strict=True))


def _break_even(side: Side, asked: Side, reader: Reader) -> dict[str, Any] | None:
    if side.change.kind is not Kind.SELF_PAY or side.estimate is None or asked.estimate is None:
        return None
    visit = break_even(asked, side)
    never, first, later = _NEVER_CHEAPER, _CHEAPER_AT_ONCE, _CHEAPER_LATER
    words = (never if visit is None else first if visit == 1 else later)[0 if reader == PATIENT else 1]
    return {"visit": visit, "says": _(words).format(visit=visit)}


def _note(note: Note, reader: Reader) -> dict[str, str]:
    words = _(_NOTES[note.says][0 if reader == PATIENT else 1])
    return {"note": note.says, "subject": note.subject, "says": sentence(words.format(subject=_subject(note, reader)))}


def _subject(note: Note, reader: Reader) -> str:
    match note.says:
        case "visits-dropped":
            return counted(int(note.subject), "visit")
        case "year-starts-again":
            return long_day(date.fromisoformat(note.subject))
        case "does-not-fill":
            names = note.subject.split(",")
            return listed([_(_SUMS[name]) if reader == PATIENT else plain(name) for name in names])
        case "no-longer-bundled":
            return listed(note.subject.split(","))
        case "network-balances-not-told":
            return _(NETWORKS[note.subject]) if note.subject in NETWORKS else plain(note.subject)
        case _:
            return plain(note.subject)


def _assumptions(one: Side, other: Side, names: Mapping[str, str], reader: Reader) -> list[dict[str, str]]:
    if one.plan is None or one is other:
        return []
    telling = Telling(one.plan, names, reader)
    return [
        {"assumes": each.assumes, "subject": each.subject, "says": assumption_says(each, telling)}
        for each in assumed_only_by(one, other)
    ]


def _three(estimate: Estimate) -> dict[str, str]:
    runs = {"low": estimate.low, "typical": estimate.typical, "high": estimate.high}
    return {level: str(run.owes) for level, run in runs.items()}


def _row(row: Row) -> dict[str, Any]:
    sides = zip(row.owes, row.to_date, strict=True)
    return {
        "number": row.number,
        "day": row.day.isoformat(),
        "sides": [{"patient_owes": _text(owes), "cumulative": _text(to_date)} for owes, to_date in sides],
    }


def _text(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)
