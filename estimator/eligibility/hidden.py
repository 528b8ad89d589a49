"""What identifies a person in a file, so that it can be taken out of everything that is shown.

Names, numbers, addresses and birth dates are read for this alone and are kept nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SHORTEST_NAME = 2
_SHORTEST = 5
_LONGEST_TEXT = 300
INSTEAD = "…"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Words that must not be shown."""

    pattern: re.Pattern[str] | None = None

    @classmethod
    def of(cls, names: Iterable[str], others: Iterable[str] = ()) -> Hidden:
        """Hide names, each part of a name too, and other words that are long enough to tell who somebody is."""
        whole = {name.strip() for name in names}
        parts = {part for name in whole for part in re.split(r"[\s,;]+", name)}
        words = {word for word in whole | parts if len(word) >= _SHORTEST_NAME}
        words |= {word.strip() for word in others if len(word.strip()) >= _SHORTEST}
        if not words:
            return cls()
        longest_first = sorted(words, key=len, reverse=True)
        return cls(re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE))

    def without(self, text: str) -> str:
        """Return a text in which none of them stands, shortened where it goes on and on.

        >>> Hidden.of(["DOE"], ["XJ99 88"]).without("MEMBER DOE (XJ99 88) HAS MET 100")
        'MEMBER … (…) HAS MET 100'
        """
        # Cut after hiding, lest half of a name be left at the end.
        hidden = self.pattern.sub(INSTEAD, text) if self.pattern else text
        return hidden if len(hidden) <= _LONGEST_TEXT else f"{hidden[:_LONGEST_TEXT]}{INSTEAD}"


def dates_of_birth(digits: str) -> list[str]:
    """Return the ways in which a day such as 19800515 is written.

    >>> dates_of_birth("19800515")
    ['19800515', '1980-05-15', '05/15/1980', '05-15-1980', '05151980', '5/15/1980']
    """
    match = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", digits)
    if match is None:
        return [digits]
    year, month, day = match.groups()
    separated = [f"{year}-{month}-{day}", f"{month}/{day}/{year}", f"{month}-{day}-{year}", f"{month}{day}{year}"]
    return [f"{year}{month}{day}", *separated, f"{month.lstrip('0')}/{day.lstrip('0')}/{year}"]
