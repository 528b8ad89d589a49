"""A payer's answer on its way into a case: what it says is used, and what somebody corrected of it by hand.

The answer itself is kept nowhere. What lands in the case is an entry with each count, where in the answer it stood,
and, where somebody changed a value, the one that was read beside theirs, with why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Engine

from estimator.accounts.sign_in import Person
from estimator.billing.cases import STATED, STATED_CELLS, NewEntry, add_entries, case_labeled, check_entries, open_case
from estimator.billing.schedule_cells import column_of_limit, meant
from estimator.billing.schedule_file import NAMES, Cells
from estimator.clock import today
from estimator.engine.plan import Plan
from estimator.errors import Problem, RequestRefused
from estimator.estimates.eligibility_fill import OWN_LIMIT, Fill, Filled

ANSWER = "eligibility"
_LONGEST = 200
_SUMS = ("deductible_paid", "out_of_pocket_paid")


class Carried(NamedTuple):
    """One count of an answer for a case: the column that it fills, its value, and where it stood."""

    column: str
    value: str
    place: str


def carried_to_case(fill: Fill, plan: Plan | None) -> Sequence[Carried]:
    """Return exactly what an answer fills in a case, in network and for the person: one count a column."""
    found: dict[str, Carried] = {}
    for each in fill.filled:
        column = _column_of(each, plan)
        if column:
            places = ", ".join(origin.place for origin in each.origins)
            found.setdefault(column, Carried(column, each.value, places))
    return tuple(found[name] for name in STATED_CELLS if name in found)


def _column_of(filled: Filled, plan: Plan | None) -> str:
    """Return the column that a field of a request stands in; empty where a case has none, as for visits a week."""
    match filled.field.split("."):
        case ["used", name] if name in _SUMS:
            return name
        case ["used", "limits", name] if plan is not None and name in plan.limits:
            return column_of_limit(plan.limits[name], plan)
        case ["used", "limits", name] if plan is None and name == OWN_LIMIT and filled.is_yearly:
            return "visits_used"
        case _:
            return ""


class Typed(NamedTuple):
    """What the form of an answer sends: the counts as they were read, as somebody left them, and why any differ."""

    label: str
    plan: str
    payer: str
    read: Cells
    cells: Cells
    places: Cells
    why: str


def add_answer(engine: Engine, typed: Typed, by: Person) -> int:
    """Add what an answer states to the case of a label, which is opened where there is none; return its id.

    Raises RequestRefused where a value was changed and nobody says why, for what can't be read, and where neither a
    case nor a plan is named.
    """
    cells = meant({name: typed.cells.get(name, "") for name in STATED_CELLS}).cells
    stated = {name: cells[name] for name in STATED_CELLS if cells[name]}
    changed = {name: value for name, value in typed.read.items() if value and value != stated.get(name, "")}
    if changed and not typed.why.strip():
        raise RequestRefused((Problem("why", "Say why you changed a value."),))
    content: dict[str, Any] = {**stated, "source": ANSWER, "payer": typed.payer[:_LONGEST]}
    content["places"] = {name: typed.places[name][:_LONGEST] for name in stated if typed.places.get(name)}
    if changed:
        content |= {"read": changed, "why": typed.why.strip()[:_LONGEST]}
    case = case_labeled(engine, typed.label) if typed.label else None
    if case is None and not typed.plan:
        raise RequestRefused((Problem("label", "Enter the label of a case, or name the plan to start one."),))
    if not stated:
        raise RequestRefused((Problem("stated", "Enter at least one count."),))
    new = [NewEntry(STATED, today(), content)]
    check_entries(new)  # Before a case is opened for them.
    number = case.id if case else _opened(engine, typed, by)
    add_entries(engine, number, new, by)
    return number


def _opened(engine: Engine, typed: Typed, by: Person) -> int:
    return open_case(engine, typed.label, dict.fromkeys(NAMES, "") | {"plan": typed.plan}, by)


def corrections_say(content: Mapping[str, Any]) -> str:
    """Return what was read in the place of what stands, and why; empty where nobody changed anything."""
    read = content.get("read")
    if not read:
        return ""
    was = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in read.items())
    return f"The answer said: {was}. Changed because: {content.get('why', '')}."
