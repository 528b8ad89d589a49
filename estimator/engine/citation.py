"""Where a rule or a figure comes from, and the day that a person read it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its title, its address ("" where it has none) and how far we trust our reading.

    `confidence` is high (primary text or official file), medium (one good source) or low (inference or
    old text). `kind` marks fictional documents as `example` and our own choices as `assumption`.
    """

    title: str
    url: str
    read_on: date
    confidence: str = "high"


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a source, with the line of the plan file that says the rule (0 where there is none)."""

    source: Source
    place: str = ""
    file: str = ""
    line: int = 0
