"""The rows of an official table as text, whatever form it came in, each with its number as a spreadsheet counts it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from estimator.prices.noting import Notes
from estimator.prices.opening import Opened, open_table, refusal
from estimator.prices.workbook import workbook_rows

MOST_IN_A_CELL = 100_000
_ROWS_BETWEEN_STEPS = 1_000

Row = tuple[int, list[str]]
Step = Callable[[int], None]


def no_step(percent: int) -> None:
    """Tell nobody."""


@dataclass
class Sheet:
    """A table to be read: its file, its rows, and what is wrong with it so far.

    Where `is_fixed`, a row has one cell, the whole line, and columns are places in it.
    """

    file: str
    is_fixed: bool
    rows: Iterator[Row]
    notes: Notes


def read_sheet(path: Path, word: str, step: Step = no_step, *, fixed: str | None = None) -> Sheet:
    """Open a table; in a text file whose first line begins with `fixed` (empty: without a comma) lines are whole."""
    opened = open_table(path, word)
    notes = Notes(opened.file)
    if opened.form == ".xlsx":
        total, rows = workbook_rows(opened.content, opened.file)
        return Sheet(opened.file, False, _stepping(rows, total, step), notes)
    is_fixed = fixed is not None and opened.form == ".txt" and _is_fixed(opened.content, fixed)
    found = _lines(opened) if is_fixed else _cells(opened)
    return Sheet(opened.file, is_fixed, _stepping(found, opened.content.count(b"\n"), step), notes)


def _is_fixed(content: bytes, start: str) -> bool:
    first = content[:2000].decode("utf-8-sig", errors="replace").partition("\n")[0]
    return first.startswith(start) and "\t" not in first and (bool(start) or "," not in first)


def _stepping(rows: Iterator[Row], total: int, step: Step) -> Iterator[Row]:
    for number, cells in rows:
        if number % _ROWS_BETWEEN_STEPS == 0:
            step(min(100, 100 * number // max(1, total)))
        yield number, cells
    step(100)


def _text(opened: Opened) -> io.TextIOWrapper:
    # What is not UTF-8 can only stand in words that nobody keeps: what is kept is checked letter by letter.
    return io.TextIOWrapper(io.BytesIO(opened.content), encoding="utf-8-sig", errors="replace", newline="")


def _lines(opened: Opened) -> Iterator[Row]:
    for number, line in enumerate(_text(opened), start=1):
        if len(line) > MOST_IN_A_CELL:
            raise refusal(opened.file, f"This line has {len(line):,} characters: download the file again.", number)
        yield number, [line.rstrip("\r\n\x1a")]


def _cells(opened: Opened) -> Iterator[Row]:
    delimiter = "\t" if b"\t" in opened.content[:2000] else ","
    reader = csv.reader(_text(opened), delimiter=delimiter)
    before = 0
    try:
        for cells in reader:
            longest = max(map(len, cells), default=0)
            if longest > MOST_IN_A_CELL:
                words = f"A cell of this row has {longest:,} characters: download the file again."
                raise refusal(opened.file, words, before + 1)
            yield before + 1, [cell.strip() for cell in cells]
            before = reader.line_num
    except csv.Error as error:
        words = f"This row cannot be read as csv ({error}): download the file again."
        raise refusal(opened.file, words, before + 1) from error
