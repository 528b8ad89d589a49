"""The relative values as text of fixed width: 7 lines that begin with HDR, then 200 characters a row.

The places are those of the layout of 2025. That the totals are the sums of their parts, and the factor has its four
decimals, is checked in every row, so that a layout that moved is refused and not misread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from estimator.prices.noting import shown
from estimator.prices.rows import Row, Sheet

# First and last place of each column, counted from 1 as CMS's description does.
PLACES = {
    "code": (1, 5),
    "modifier": (6, 7),
    "status": (58, 58),
    "work": (60, 65),
    "office expense": (67, 72),
    "office NA": (73, 74),
    "facility expense": (76, 81),
    "facility NA": (82, 83),
    "malpractice": (85, 89),
    "office total": (91, 96),
    "facility total": (97, 102),
    "multiple procedures": (116, 116),
    "factor": (133, 140),
}
_UNUSED = slice(120, 127)
_SHORTEST = 140
_TITLE = "HDR"
_FACTOR = re.compile(r"[0-9]+\.[0-9]{4}")


def title_lines(rows: Iterator[Row]) -> tuple[list[Row], Iterator[Row]]:
    """Return the lines of the title without their mark, and the lines below."""
    above: list[Row] = []
    for row in rows:
        number, (line,) = row
        if not line.startswith(_TITLE):
            return above, chain([row], rows)
        above.append((number, [line.removeprefix(_TITLE).strip()]))
    return above, iter(())


def cells_of_line(sheet: Sheet, rows: Iterator[Row]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the cells of each line by name."""
    for number, (line,) in rows:
        if not line.strip():
            continue
        if len(line) < _SHORTEST:
            words = f"This line has {len(line)} characters of at least {_SHORTEST}: download the file again."
            sheet.notes.note(number, "", words)
            continue
        cells = {name: line[first - 1 : last].strip() for name, (first, last) in PLACES.items()}
        # Unsure: the mark that is new in 2026 has not been seen in this form; what is left is its likely place.
        if line[_UNUSED].strip() == "1":
            cells["for whom"] = "1"
        if not _FACTOR.fullmatch(cells["factor"]):
            words = (
                f"A factor such as 32.3465 belongs here, not {shown(cells['factor'])}. Name the csv file in its place."
            )
            raise sheet.notes.refused(number, "factor", words)
        yield number, cells
