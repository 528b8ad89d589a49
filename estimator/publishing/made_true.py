"""From a template and the document of a plan, such as its SBC, to a draft that can be published.

Three steps: the insurer, the type of plan, and the document that says what it pays. Every figure is still the
template's until somebody names the page that they read it on; publishing refuses a plan with one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.db.connection import reading
from estimator.errors import EditRefused, PlanFileRefused, Problem
from estimator.insurers.matching import find_insurer
from estimator.plans.edit_text import changed, with_expected, with_members
from estimator.plans.folder import Library
from estimator.plans.shelf import PlanRow, Shelf, Wanted, folder_shelf
from estimator.plans.store import PlanDraft, find_revision
from estimator.plans.text import Block, Listing, document
from estimator.publishing.check import example_now
from estimator.publishing.drafts import start_text, text_of

SOURCE = "sbc"
_LONGEST = 200
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Again:
    """An example of a text: what it expects, and what it would if it said what the engine answers now."""

    name: str
    before: Mapping[str, Any]
    now: Mapping[str, Any] | None

    @property
    def differs(self) -> bool:
        """Tell whether the engine answers otherwise."""
        return self.now is not None and dict(self.now) != dict(self.before)


def templates(shelf: Shelf, day: date | None = None) -> tuple[PlanRow, ...]:
    """Return the templates that hold on a day, of any day each once."""
    found = shelf.search(Wanted(kind="template", day=day))
    return tuple({row.plan_id: row for row in found}.values())


def begin(shelf: Shelf, typed: Mapping[str, str], by: str, account: int | None = None) -> PlanDraft:
    """Start a draft from a template for the plan that a document describes.

    Raises EditRefused with everything that is wrong, by the name of the field.
    """
    said = {key: " ".join(value.split()) for key, value in typed.items()}
    problems: list[Problem] = []
    payer = _payer(said, problems)
    for key, words in _NEEDED.items():
        if not 0 < len(said.get(key, "")) <= _LONGEST:
            problems.append(Problem(key, words))
    first_day, last_day, read_on = (_day(said, key, problems) for key in ("first_day", "last_day", "read_on"))
    if first_day and last_day and last_day < first_day:
        problems.append(Problem("last_day", f"Enter a day that is not before the first day, {first_day}."))
    chosen = next((row for row in templates(shelf, first_day) if row.plan_id == said.get("template")), None)
    if chosen is None:
        problems.append(
            Problem("template", "Choose the type of plan; on this first day there may be no template of it.")
        )
    if problems or chosen is None or first_day is None or last_day is None or read_on is None:
        raise EditRefused(tuple(problems))
    with reading(shelf.engine) as connection:
        text = text_of(find_revision(connection, chosen.revision_id))
    source = {"title": said["document"], "url": said.get("address") or "none", "read_on": read_on.isoformat()}
    changes: dict[tuple[str, ...], Any] = {
        ("plan",): _id_of(payer, said["title"], first_day.year),
        ("title",): said["title"],
        ("payer",): payer,
        ("kind",): "published",
        ("in_force",): {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()},
        ("notes",): _own_notes(text),
    }
    text = with_members(changed(text, changes), "sources", {SOURCE: {**source, "confidence": "high"}}, "networks")
    return start_text(shelf.engine, "\n".join(_without_advice(text)), by, account)


_NEEDED = {
    "title": "Enter the name of the plan as its SBC has it, such as Choice Plus PPO 1500.",
    "document": "Enter the title of the document, such as Summary of Benefits and Coverage 2027.",
}


def _payer(said: Mapping[str, str], problems: list[Problem]) -> str:
    text = said.get("payer", "")
    if not 0 < len(text) <= _LONGEST:
        problems.append(Problem("payer", "Enter the insurer as the card has it."))
        return text
    found = find_insurer(text)
    if found.insurer is not None:
        return found.insurer.name
    if said.get("own_name") == "yes":
        return text
    choices = "; ".join(choice.insurer.name for choice in found.choices[:4])
    many = f"Enter one of these if you mean it: {choices}. Or tick that the name is right as it is."
    none = "We don’t know an insurer by this name. Correct it, or tick that the name is right as it is."
    problems.append(Problem("payer", many if choices else none))
    return text


def _day(said: Mapping[str, str], key: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(said.get(key, ""))
    except ValueError:
        problems.append(Problem(key, "Enter a day such as 2027-01-01."))
        return None


def _id_of(payer: str, title: str, year: int) -> str:
    words = _SLUG.sub("-", f"{payer} {title}".lower()).strip("-")[:60].rstrip("-")
    return words if words.endswith(str(year)) else f"{words}-{year}"


def _own_notes(text: str) -> list[Any] | None:
    """Return the notes of a template but the one that its figures are typical, which a real plan's are not."""
    notes = document(text)[0].get("notes")
    if not isinstance(notes, Listing):
        return None
    kept = [
        note for note in notes if not (isinstance(note, Block) and str(note.get("cite", "")).startswith("template "))
    ]
    return [{key: str(value) for key, value in note.items()} for note in kept if isinstance(note, Block)] or None


def _without_advice(text: str) -> Sequence[str]:
    """Return the lines of a template without the comment on its top, which tells how to copy it."""
    lines = text.split("\n")
    return lines[1:] if lines and lines[0].startswith("# Copy this file") else lines


# ----------------------------------------------------------------------------
# The examples of a text, by its figures as they are now.
# ----------------------------------------------------------------------------


def examples_again(text: str, folder: Library) -> tuple[Again, ...]:
    """Return each example with what the engine answers now; none where the text can't be read as a plan."""
    try:
        read = folder.read(text, "")
    except PlanFileRefused:
        return ()
    shelf = folder_shelf(folder.folder)
    return tuple(Again(one.name, one.expect, example_now(read, one, shelf)) for one in read.examples)


def with_examples(text: str, folder: Library) -> str:
    """Return the text in which its examples expect what the engine answers now."""
    found = examples_again(text, folder)
    return with_expected(text, {place: one.now for place, one in enumerate(found) if one.differs})
