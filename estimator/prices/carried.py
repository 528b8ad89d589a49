"""Reads the files of figures that ship with the product.

Each begins with lines `# fact: words` that say where it comes from, and goes on as CSV with a header.
They are ours and tested, so that a mistake in one is a bug and not a problem to report.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from estimator.engine.values import Source
from estimator.resources import prices_folder


@dataclass(frozen=True, slots=True)
class Carried:
    """A carried file: its facts, its notes in order, and its rows by column."""

    facts: dict[str, str]
    notes: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    @property
    def source(self) -> Source:
        """Return where the figures come from."""
        facts = self.facts
        read_on = date.fromisoformat(facts["read"])
        return Source(facts["title"], facts["address"], read_on, facts["confidence"])


def read_carried(name: str) -> Carried:
    """Read a carried file by its name."""
    lines = (prices_folder() / name).read_text("utf-8").splitlines()
    facts, notes = _facts(lines)
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return Carried(facts, notes, tuple(rows))


def carried_names(pattern: str) -> tuple[str, ...]:
    """Return the names of carried files that fit, such as `medicare-*-rvus.csv`, in order."""
    return tuple(sorted(path.name for path in prices_folder().glob(pattern)))


def fixed(text: str, places: int) -> int:
    """Return a decimal figure as a whole number of its smallest part.

    >>> fixed("0.31", 2), fixed("33.4009", 4)
    (31, 334009)
    """
    whole, _, part = text.partition(".")
    if len(part) > places:
        raise ValueError(text)
    return int(whole + part.ljust(places, "0"))


def _facts(lines: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    facts: dict[str, str] = {}
    notes: list[str] = []
    for line in lines:
        if not line.startswith("#"):
            break
        name, _, words = line.removeprefix("# ").partition(":")
        if name == "note":
            notes.append(words.strip())
        else:
            facts[name] = words.strip()
    return facts, tuple(notes)
