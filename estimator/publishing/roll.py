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

from estimator.engine.values import Source
from estimator.errors import EditRefused, PlanNotInForce, Problem, UnknownPlan
from estimator.plans.read import PlanFile
from estimator.plans.shared import sources_of
from estimator.plans.shelf import Shelf
from estimator.plans.text import below, flow
from estimator.publishing.drafts import active_text

_CITE = re.compile(r'(\bcite: "?)([A-Za-z0-9-]+)')
_IN_FORCE = re.compile(r"^in_force:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)
_HEAD = re.compile(r"^(plan|title):.*$", re.MULTILINE)
_DAY = re.compile(r"\b(20[0-9]{2})(-[0-9]{2}-[0-9]{2})\b")
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
    new_id = plan_id.replace(str(year - 1), str(year))
    with suppress(UnknownPlan, PlanNotInForce):
        there = shelf.find(new_id, begins)
        raise EditRefused((Problem("plan", f"{there.id} has rules for {begins} already: correct those instead."),))
    mark = f"-to-confirm-{year}"
    keys: dict[str, None] = {}
    rules, cut, examples = text.partition("\nexamples:")
    rules, count = _marked(_headed(rules, year, (begins, ends)), mark, keys)
    rolled = _with_sources(rules, {f"{key}{mark}": _carried(shelf, file, key, year) for key in keys})
    later = _DAY.sub(lambda day: _in_year(day, begins.year - first_day.year), examples)
    return Rolled(new_id, f"{rolled}{cut}{later}", begins, ends, count)


def _next_days(file: PlanFile, year: int) -> tuple[date, date]:
    last_day = file.plan.in_force.last_day
    if last_day is None:
        words = f"{file.plan.id} has no last day: its rules hold in {year} too. Enter a last day first."
        raise EditRefused((Problem("in_force", words),))
    begins = last_day + _A_DAY
    return begins, begins.replace(year=begins.year + 1) - _A_DAY


def _headed(text: str, year: int, days: tuple[date, date]) -> str:
    """Return the text with the next year in its id and title, and the days of the next year."""
    head = _HEAD.sub(lambda line: line[0].replace(str(year - 1), str(year)), text)
    return _IN_FORCE.sub(f"in_force: {{first_day: {days[0]}, last_day: {days[1]}}}\n", head, count=1)


def _marked(text: str, mark: str, keys: dict[str, None]) -> tuple[str, int]:
    """Return the text with every citation marked, and how many there are; `keys` are filled with what they cited."""
    count = 0

    def marked(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        keys[found[2]] = None
        return f"{found[1]}{found[2]}{mark}"

    lines = text.splitlines(keepends=True)
    return "".join(line if line.lstrip().startswith("#") else _CITE.sub(marked, line) for line in lines), count


def _carried(shelf: Shelf, file: PlanFile, key: str, year: int) -> str:
    own = sources_of(below(file.written, "sources"), file.file)[0]
    unread = Source(key, "none", file.plan.in_force.first_day or date.min)
    source = own.get(key) or shelf.shared.sources.get(key) or unread
    title = f"{source.title}; carried over into {year}, not yet confirmed"
    return flow(
        {"title": title, "url": source.url or "none", "read_on": source.read_on.isoformat(), "confidence": "low"}
    )


def _with_sources(text: str, sources: dict[str, str]) -> str:
    """Add sources to a plan's own: as lines of its block, within its braces, or in a new block before the networks."""
    lines = "".join(f"  {key}: {written}\n" for key, written in sources.items())
    if re.search(r"^sources:[ ]*\n", text, re.MULTILINE):
        return re.sub(r"^sources:[ ]*\n", lambda found: f"{found[0]}{lines}", text, count=1, flags=re.MULTILINE)
    if re.search(r"^sources: \{", text, re.MULTILINE):
        inner = "".join(f"{key}: {written}, " for key, written in sources.items())
        return re.sub(r"^sources: \{", lambda found: f"{found[0]}{inner}", text, count=1, flags=re.MULTILINE)
    return re.sub(r"^networks:", lambda found: f"sources:\n{lines}\n{found[0]}", text, count=1, flags=re.MULTILINE)


def _in_year(day: re.Match[str], years: int) -> str:
    rest = "-02-28" if day[2] == "-02-29" else day[2]
    return f"{int(day[1]) + years}{rest}"
