"""Roll a plan into its next year: a copy of its text, with every figure marked to confirm.

Each citation of the copy names a source of its own: the old document, "carried over, not yet confirmed", of low
confidence. Checks list every such citation; a figure is confirmed by citing the new year's document in its place.
Nothing is published: the copy is a file, or a draft's text, in which one figure after another is confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from estimator.clock import today
from estimator.engine.values import Source, months_later
from estimator.errors import EditRefused, PlanFileRefused, PlanNotInForce, Problem, UnknownPlan
from estimator.plans.crosswalk import id_of_year
from estimator.plans.edit_text import Keys, changed, rewritten, with_members
from estimator.plans.read import PlanFile
from estimator.plans.shared import Shared, sources_of
from estimator.plans.shelf import Shelf
from estimator.plans.store import PlanDraft
from estimator.plans.text import Block, Listing, Tree, Words, below, document
from estimator.publishing.drafts import active_text, save_draft, start_year

_DAY = re.compile(r"\b(20[0-9]{2})-([0-9]{2})-([0-9]{2})\b")
_A_DAY = timedelta(days=1)
_YEARS = range(2001, 2101)


@dataclass(frozen=True, slots=True)
class Rolled:
    """The text of a plan's next year, the days that it holds, and how many citations are to confirm."""

    plan_id: str
    text: str
    first_day: date
    last_day: date
    to_confirm: int


def roll_plan(shelf: Shelf, plan_id: str, year: int) -> Rolled:
    """Return the copy of a plan for the year after the one that it is in force in at the end of `year` less one.

    Raises UnknownPlan, PlanNotInForce, and EditRefused where the plan has no last day or rules for that year already,
    or where it is no year.
    """
    if year not in _YEARS:
        raise EditRefused((Problem("year", f"Enter a year from {_YEARS[0]} to {_YEARS[-1]}, such as 2027."),))
    plan = shelf.find(plan_id, date(year - 1, 12, 31))
    first_day = plan.in_force.first_day or date.min
    file, text = active_text(shelf, (plan_id, first_day))
    if file is None:
        raise UnknownPlan(plan_id)
    begins, ends = _next_days(file, year)
    new_id = id_of_year(plan_id, year - 1, year)
    with suppress(UnknownPlan, PlanNotInForce):
        there = shelf.find(new_id, begins)
        raise EditRefused((Problem("plan", f"{there.id} has rules for {begins} already: correct those instead."),))
    mark = f"-to-confirm-{year}"
    cited: list[str] = []

    def moved(path: Keys, value: str) -> str:
        if path[0] == "examples":
            return _DAY.sub(lambda day: _later(day, begins.year - first_day.year), value)
        if path[-1] != "cite":
            return value
        key, space, place = " ".join(value.split()).partition(" ")
        cited.append(key)
        return f"{key}{mark}{space}{place}"

    rolled = rewritten(text, moved)
    sources = {f"{key}{mark}": _carried(shelf, file, key, year) for key in dict.fromkeys(cited)}
    rolled = with_members(rolled, "sources", sources, before="networks") if sources else rolled
    head: dict[Keys, Any] = {("plan",): new_id, ("in_force",): {"first_day": begins, "last_day": ends}}
    title = re.sub(rf"\b{year - 1}\b", str(year), plan.title)
    head |= {("title",): title} if title != plan.title else {}
    return Rolled(new_id, changed(rolled, head), begins, ends, len(cited))


def _next_days(file: PlanFile, year: int) -> tuple[date, date]:
    last_day = file.plan.in_force.last_day
    if last_day is None:
        words = f"{file.plan.id} has no last day: its rules hold in {year} too. Enter a last day first."
        raise EditRefused((Problem("in_force", words),))
    begins = last_day + _A_DAY
    return begins, months_later(begins, 12) - _A_DAY


def _carried(shelf: Shelf, file: PlanFile, key: str, year: int) -> dict[str, Any]:
    own = sources_of(below(file.written, "sources"), file.file)[0]
    unread = Source(key, "none", file.plan.in_force.first_day or date.min)
    source = own.get(key) or shelf.shared.sources.get(key) or unread
    title = f"{source.title}; carried over into {year}, not yet confirmed"
    return {"title": title, "url": source.url or "none", "read_on": source.read_on.isoformat(), "confidence": "low"}


def _later(day: re.Match[str], years: int) -> str:
    """Return the same day some years later, or the last of its month; what is no day stays as it is."""
    with suppress(ValueError):
        return months_later(date.fromisoformat(day[0]), 12 * years).isoformat()
    return day[0]


# ----------------------------------------------------------------------------
# The figures of a draft that wait for a document of the new year, and one of them confirmed.
# ----------------------------------------------------------------------------

_MARKED = re.compile(r"(\S+)-to-confirm-20[0-9]{2}\b *(.*)", re.DOTALL)


class ToConfirm(NamedTuple):
    """A citation that is carried over: its number in the text, the rule it stands in with its values, the old place."""

    number: int
    rule: str
    values: str
    source: str
    place: str


def to_confirm(text: str) -> tuple[ToConfirm, ...]:
    """Return what is to be confirmed in the text of a plan, in its order; nothing where it can't be read."""
    found: list[ToConfirm] = []
    rules = _citing(document(text)[0])

    def collect(path: Keys, value: str) -> str:
        if path[-1] != "cite":
            return value
        rule, marked = next(rules, None), _MARKED.fullmatch(value)
        if marked:
            words = " › ".join(path[:-1]).replace("_", " ").replace("-", " ")
            found.append(ToConfirm(len(found), words, _values_of(rule), marked[1], marked[2]))
        return value

    try:
        rewritten(text, collect)
    except PlanFileRefused:
        return ()
    return tuple(found)


def _citing(tree: Tree) -> Iterator[Block]:
    """Yield every block that cites something, in the order of the text."""
    if isinstance(tree, Block):
        for key, part in tree.items():
            yield from [tree] if key == "cite" else _citing(part)
    elif isinstance(tree, Listing):
        for part in tree:
            yield from _citing(part)


def _values_of(rule: Block | None) -> str:
    words = ((key, value) for key, value in (rule or {}).items() if isinstance(value, Words) and key != "cite")
    return ", ".join(value if key in ("says", "text") else f"{key.replace('_', ' ')} {value}" for key, value in words)


def start_rolled(shelf: Shelf, plan_id: str, year: int, by: str, account: int | None = None) -> PlanDraft:
    """Start a draft of a plan's next year; raise UnknownPlan, PlanNotInForce and EditRefused as `roll_plan` does."""
    rolled = roll_plan(shelf, plan_id, year)
    return start_year(shelf.engine, rolled.text, (rolled.plan_id, rolled.first_day), by, account)


@dataclass(frozen=True, slots=True)
class Document:
    """The document that a figure was read in: the key of a source and the place; a title where the source is new."""

    key: str
    place: str
    title: str = ""
    url: str = ""


def confirm_one(
    shelf: Shelf, draft: PlanDraft, number: int, read_in: Document, by: str, account: int | None = None
) -> PlanDraft:
    """Cite the new year's document for one figure of a draft; raise EditRefused with what to enter instead."""
    text = confirmed(draft.text, number, read_in, shelf.shared)
    return save_draft(shelf.engine, draft.id, draft.version, text, by, account=account)


def confirmed(text: str, number: int, read_in: Document, shared: Shared) -> str:
    """Return the text of a plan with the new year's document cited for one figure; raise EditRefused."""
    waiting, listed = to_confirm(text), below(document(text)[0], "sources")
    problems = []
    if not _KEY.fullmatch(read_in.key) or "-to-confirm-" in read_in.key:
        problems.append(Problem("key", "Enter the key of the new year's document, such as sbc-2027."))
    if not read_in.place:
        problems.append(Problem("place", "Enter where it stands in the document, such as p. 3."))
    if number >= len(waiting):
        problems.append(Problem("number", "Choose a figure of the list below: this one was confirmed meanwhile."))
    is_known = read_in.key in listed or read_in.key in shared.sources
    if not is_known and not read_in.title:
        problems.append(Problem("title", "Enter the title of this new document, or the key of one that is listed."))
    if problems:
        raise EditRefused(tuple(problems))
    places = iter(range(len(waiting)))

    def cited(path: Keys, value: str) -> str:
        if path[-1] != "cite" or not _MARKED.fullmatch(value) or next(places) != number:
            return value
        return f"{read_in.key} {read_in.place}"

    text = rewritten(text, cited)
    if not is_known:
        read_on = {"read_on": today().isoformat(), "confidence": "high"}
        source = {"title": read_in.title, "url": read_in.url or "none", **read_on}
        text = with_members(text, "sources", {read_in.key: source}, before="networks")
    return _without_idle(text)


_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _without_idle(text: str) -> str:
    """Take out the carried-over sources that no figure cites any longer."""
    cited = {f"{one.source}" for one in to_confirm(text)}
    listed = below(document(text)[0], "sources")
    idle = [key for key in listed if (marked := _MARKED.fullmatch(key)) and marked[1] not in cited]
    return changed(text, {("sources", key): None for key in idle})
