"""The sources of an answer, numbered where they are used and listed once at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from estimator.engine.request import TOLD
from estimator.engine.values import is_long_ago
from estimator.language import N_, _
from estimator.wording.figures import long_day

GIVEN = "given"
"""The confidence of what the request itself brought: there is no document to have been read."""


class Sources:
    """The sources used so far, in order of their first use; `as_of` is the day on which they may have grown old."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self._numbers: dict[str, int] = {}

    def cited(self, part: Mapping[str, Any]) -> str:
        """Return a part's sentence with the number of its source."""
        citation = part.get("citation")
        if not citation:
            return str(part["says"])
        number = self._numbers.setdefault(_source(citation, self._as_of), len(self._numbers) + 1)
        return f"{part['says']} [{number}]"

    def listed(self) -> Iterator[str]:
        """Yield every source with its number."""
        for source, number in self._numbers.items():
            yield f"[{number}] {source}"


_CONFIDENCE = {"medium": N_("medium"), "low": N_("low")}


def _source(citation: Mapping[str, Any], as_of: date) -> str:
    if citation["confidence"] in (GIVEN, TOLD):
        return ", ".join(filter(None, (_(str(citation["title"])), citation["place"])))
    read_on = date.fromisoformat(citation["read_on"])
    named = ", ".join(filter(None, (citation["title"], citation["place"], citation["url"])))
    words = _read_long_ago(citation) if is_long_ago(read_on, as_of) else _read(citation)
    confidence = _(_CONFIDENCE.get(citation["confidence"], ""))
    return words.format(document=named, day=long_day(read_on), confidence=confidence)


def _read(citation: Mapping[str, Any]) -> str:
    if citation["confidence"] in _CONFIDENCE:
        return _("{document} (read on {day}, confidence {confidence})")
    return _("{document} (read on {day})")


def _read_long_ago(citation: Mapping[str, Any]) -> str:
    if citation["confidence"] in _CONFIDENCE:
        return _("{document} (read on {day}, more than a year ago, confidence {confidence})")
    return _("{document} (read on {day}, more than a year ago)")
