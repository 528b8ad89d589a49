"""A schedule as a clinic sends it, CSV or an Excel workbook, becomes rows with their lines.

Only what keeps the whole file from being read is refused here; what is wrong with one row stays beside that row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.billing.schedule_columns import NAMES, NEEDED, Cells
from estimator.errors import Problem, Refused
from estimator.prices.spreadsheet import sheet_rows, shown

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
LONGEST_CELL = 500
_DIGITS_OF_A_ZIP = 5

Numbered = Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One visit or course of a schedule, with every column, and the line that it stood in."""

    line: int
    cells: Cells


def read_schedule(content: bytes, file: str) -> tuple[Row, ...]:
    """Return the rows of a schedule; raise Refused with everything that keeps the file from being read."""
    if len(content) > MOST_BYTES:
        raise Refused((Problem("", f"Send at most {MOST_BYTES // 1_000_000} MB; this file is larger.", file),))
    rows, problems = sheet_rows(content, file)
    if problems:
        raise Refused(tuple(problems))
    if len(rows) < 2:
        words = f"Write a header with {', '.join(NEEDED)}, then one row a visit or a course."
        raise Refused((Problem("", words, file, 1),))
    (line, header), *below = rows
    columns = [name.strip().lower().replace(" ", "_") for name in header]
    if refused := [*_of_the_header(columns, file, line), *_of_the_rows(below, columns, file)]:
        raise Refused(tuple(refused))
    return tuple(Row(number, _cells(columns, cells)) for number, cells in below)


def _of_the_header(columns: Sequence[str], file: str, line: int) -> list[Problem]:
    named = [name for name in columns if name]
    missing = [Problem(name, f"Add a column {name}.", file, line) for name in NEEDED if name not in named]
    known = ", ".join(NAMES)
    unknown = [
        Problem(shown(name), f"Take this column out; the columns are {known}.", file, line)
        for name in named
        if name not in NAMES
    ]
    twice = sorted({name for name in named if named.count(name) > 1 and name in NAMES})
    return [*missing, *unknown, *(Problem(name, f"Keep one column {name}.", file, line) for name in twice)]


def _of_the_rows(rows: Numbered, columns: Sequence[str], file: str) -> list[Problem]:
    if len(rows) > MOST_ROWS:
        return [Problem("", f"Send at most {MOST_ROWS:,} rows at once; this file has {len(rows):,}.", file)]
    problems = []
    for line, cells in rows:
        if extra := [cell for cell in cells[len(columns) :] if cell]:
            words = f"Write {len(columns)} cells; {shown(extra[0])} has no column. Quote a cell that holds a comma."
            problems.append(Problem("", words, file, line))
        if any(len(cell) > LONGEST_CELL for cell in cells):
            problems.append(Problem("", f"Write at most {LONGEST_CELL} characters in a cell.", file, line))
    return problems


def _cells(columns: Sequence[str], cells: Sequence[str]) -> Cells:
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    whole = {name: said.get(name, "") for name in NAMES}
    # A workbook takes 02134 for a number and drops its first digit.
    if whole["zip"].isdecimal():
        whole["zip"] = whole["zip"].zfill(_DIGITS_OF_A_ZIP)
    return whole
