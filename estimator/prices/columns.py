"""Finds the columns of an official table by the words above them, never by their place alone.

CMS adds and removes columns from one year to the next; a reader that counted would take one figure for another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from estimator.prices.carried import fixed
from estimator.prices.noting import shown
from estimator.prices.rows import Row, Sheet

_TITLE_ROWS = 40
_FIGURE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?")

Fits = Callable[[str], bool]


def plain(label: str) -> str:
    """Return the words of a header in one form: `2026 PW GPCI (with 1.0  Floor)***` as `2026 pw gpci (with 1.0 floor)`.

    >>> plain(" NON-FAC  PE RVU* ")
    'non-fac pe rvu'
    """
    return " ".join(label.replace("*", " ").split()).casefold()


def rows_to_header(sheet: Sheet, is_header: Callable[[Sequence[str]], bool], called: str) -> list[Row]:
    """Return the rows up to the header, the header last; refuse a table without one."""
    above: list[Row] = []
    for row in sheet.rows:
        above.append(row)
        if is_header([plain(cell) for cell in row[1]]):
            return above
        if len(above) == _TITLE_ROWS:
            break
    last = above[-1][0] if above else 1
    raise sheet.notes.refused(last, "", f"Down to this row there is no header with {called}. Is it the right file?")


def places(sheet: Sheet, row: int, labels: Sequence[str], wanted: Mapping[str, Fits]) -> dict[str, int]:
    """Return the place of each wanted column by its name; refuse a table where one is missing or there twice."""
    found: dict[str, int] = {}
    for name, fits in wanted.items():
        fitting = [place for place, label in enumerate(labels) if fits(label)]
        if len(fitting) == 1:
            found[name] = fitting[0]
        elif fitting:
            sheet.notes.note(row, name, f"There are {len(fitting)} columns of this name. Is it the right file?")
        else:
            sheet.notes.note(row, name, "There is no such column. Is it the right file?")
    sheet.notes.settle()
    return found


def named(cells: Sequence[str], found: Mapping[str, int]) -> dict[str, str]:
    """Return the cells of a row by the names of their columns; a row may break off before the last."""
    return {name: cells[place] if place < len(cells) else "" for name, place in found.items()}


def is_called(label: str) -> Fits:
    """Return the question whether a column has exactly this label."""
    return lambda found: found == label


def figure(sheet: Sheet, row: int, column: str, text: str, decimals: int) -> int:
    """Return a figure as a whole number of its smallest part, or note that it is none."""
    if _FIGURE.fullmatch(text):
        try:
            return fixed(text, decimals)
        except ValueError:
            sheet.notes.note(row, column, f"This figure has at most {decimals} decimals; {shown(text)} has more.")
            return 0
    sheet.notes.note(row, column, f"A figure such as 0.41 belongs here, not {shown(text)}: download the file again.")
    return 0


def matched(sheet: Sheet, row: int, column: str, text: str, pattern: re.Pattern[str], such_as: str) -> str:
    """Return a text that has to have this form, or note that it has not."""
    if not pattern.fullmatch(text):
        sheet.notes.note(row, column, f"{such_as} belongs here, not {shown(text)}: download the file again.")
    return text


def year_in(sheet: Sheet, above: Sequence[Row], pattern: re.Pattern[str]) -> tuple[int, int]:
    """Return the row and the year that the rows above the table tell; refuse a table without one."""
    for number, cells in above:
        for cell in cells:
            if match := pattern.search(cell):
                return number, int(match[1])
    raise sheet.notes.refused(
        above[0][0] if above else 1, "", "The title does not tell the year. Is it the right file?"
    )
