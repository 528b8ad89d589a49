"""The sources of an answer, numbered where they are used and listed once at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from estimator.wording.figures import long_day

GIVEN = "given"
"""The confidence of what the request itself brought: there is no document to have been read."""


class Sources:
    """The sources used so far, in order of their first use."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def cited(self, part: Mapping[str, Any]) -> str:
        """Return a part's sentence with the number of its source."""
        citation = part.get("citation")
        if not citation:
            return str(part["says"])
        number = self._numbers.setdefault(_source(citation), len(self._numbers) + 1)
        return f"{part['says']} [{number}]"

    def listed(self) -> Iterator[str]:
        """Yield every source with its number."""
        for source, number in self._numbers.items():
            yield f"[{number}] {source}"


def _source(citation: Mapping[str, Any]) -> str:
    if citation["confidence"] == GIVEN:
        return str(citation["title"])
    read = long_day(date.fromisoformat(citation["read_on"]))
    trust = "" if citation["confidence"] == "high" else f", confidence {citation['confidence']}"
    named = (citation["title"], citation["place"], citation["url"])
    return f"{', '.join(filter(None, named))} (read on {read}{trust})"
