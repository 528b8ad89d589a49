"""Roll a plan into its next year: a copy of its text, with every figure marked to confirm.

Each citation of the copy names a source of its own: the old document, "carried over, not yet confirmed", of low
confidence. Checks list every such citation; a figure is confirmed by citing the new year's document in its place.
Nothing is published: the copy is a file, or a draft's text.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from estimator.engine.values import Source, months_later
from estimator.errors import EditRefused, PlanNotInForce, Problem, UnknownPlan
from estimator.plans.crosswalk import id_of_year
from estimator.plans.edit_text import Keys, changed, rewritten, with_members
from estimator.plans.read import PlanFile
from estimator.plans.shared import sources_of
from estimator.plans.shelf import Shelf
from estimator.plans.text import below
from estimator.publishing.drafts import active_text

_DAY = re.compile(r"\b(20[0-9]{2})-([0-9]{2})-([0-9]{2})\b")
_A_DAY = timedelta(days=1)


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

    Raises UnknownPlan, PlanNotInForce, and EditRefused where the plan has no last day or rules for that year already.
    """
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
