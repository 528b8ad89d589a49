"""Room for the names of crossing points above the chart, so that no two names lie upon each other.

The width of a letter is an estimate: the names stay apart as long as it is not below that of real letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_LETTER = 18  # Units for a letter at the largest size, the one for a phone.
_GAP = 12


@dataclass(frozen=True, slots=True)
class Flag:
    """A name in a row above the chart, row 0 the nearest to it; `anchor` says which end of it is `text_x`."""

    x: int
    first: int
    last: int
    text_x: int
    anchor: str
    label: str
    row: int = 0

    def overlaps(self, other: "Flag") -> bool:
        """Say whether two names would lie upon each other in one row."""
        return self.first < other.last and other.first < self.last

    def hides(self, x: int) -> bool:
        """Say whether a line from above to `x` would run through this name."""
        return self.first < x < self.last


def flags_of(places: Sequence[tuple[int, str]], left: int, right: int) -> tuple[Flag, ...]:
    """Give every name a row, so that the line of each runs clear of the other names where it can."""
    flags = [_flag(x, label, left, right) for x, label in places]
    by_right = sorted(flags, key=lambda flag: -flag.x if flag.anchor == "start" else flag.x)
    placed: list[Flag] = []
    for flag in by_right:
        placed.append(_in_row(flag, _row_for(flag, placed)))
    return tuple(sorted(placed, key=lambda flag: (flag.x, -flag.row)))


def _flag(x: int, label: str, left: int, right: int) -> Flag:
    label = _shortened(label, (right - left - _GAP) // _LETTER)
    width = len(label) * _LETTER + _GAP
    if x + width <= right:
        return Flag(x, x, x + width, x + _GAP, "start", label)
    if x - width >= left:
        return Flag(x, x - width, x, x - _GAP, "end", label)
    return _flag_across(x, label, width, left, right)


def _flag_across(x: int, label: str, width: int, left: int, right: int) -> Flag:
    """Lay a name that has room on neither side across its line, as near to it as the picture allows."""
    if left <= x - width // 2 and x + width // 2 <= right:
        return Flag(x, x - width // 2, x + width // 2, x, "middle", label)
    if x > (left + right) // 2:
        return Flag(x, right - width, right, right - _GAP, "end", label)
    return Flag(x, left, left + width, left + _GAP, "start", label)


def _shortened(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _row_for(flag: Flag, placed: Sequence[Flag]) -> int:
    top = max((other.row for other in placed), default=-1) + 1
    return next((row for row in range(top) if _is_free(row, flag, placed)), top)


def _is_free(row: int, flag: Flag, placed: Sequence[Flag]) -> bool:
    return not any(
        (other.row == row and flag.overlaps(other))
        or (other.row < row and other.hides(flag.x))
        or (other.row > row and flag.hides(other.x))
        for other in placed
    )


def _in_row(flag: Flag, row: int) -> Flag:
    return Flag(flag.x, flag.first, flag.last, flag.text_x, flag.anchor, flag.label, row)
