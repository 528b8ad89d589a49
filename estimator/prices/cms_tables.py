"""The tables in CMS's files, in every form they ship in: found, read row by row, and their mistakes noted.

A wrong file is wrong in every row, so that after some problems the reading stops.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from estimator.errors import Problem, Refused
from estimator.files import damage_told, most_rows, require_modest, too_many_rows
from estimator.prices.books import fixed
from estimator.prices.workbook import workbook_rows

MOST_PROBLEMS = 40
_LONGEST = 40


class Notes:
    """The problems of one file, in the order of its rows."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def note(self, row: int | None, column: str, message: str) -> None:
        """Note a problem; raise `Refused` where there have been enough."""
        self.problems.append(Problem(column, message, self.file, row))
        if len(self.problems) > MOST_PROBLEMS:
            raise self.refused(row, column, "There is more of this kind. Is it the right file?")

    def refused(self, row: int | None, column: str, message: str) -> Refused:
        """Return the refusal of the file here, with all that was noted before."""
        return Refused((*self.problems, Problem(column, message, self.file, row)))

    def settle(self) -> None:
        """Refuse the file where anything was noted."""
        if self.problems:
            raise Refused(tuple(self.problems))


def shown(text: str) -> str:
    """Quote what stands in a cell, cut where it is long."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


# ----------------------------------------------------------------------------
# Finds the one table that is meant in a file as CMS ships it: a zip of many, or the table alone.
#
# What a damaged or hostile file can cost is bounded before it is read, and nothing is unpacked to disk.
# ----------------------------------------------------------------------------

MOST_BYTES = 64 * 1024**2
_FORMS = (".csv", ".txt", ".xlsx")
_NOT_A_TABLE = re.compile(r"lyout|layout|readme|__macosx", re.IGNORECASE)
_FOR_QUALIFYING = re.compile(r"(?<!non)(?<!non[-_ ])qpp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opened:
    """A table's bytes, and its name as problems tell it: `rvu26c.zip/PPRRVU2026_Jul_nonQPP.csv`."""

    file: str
    content: bytes

    @property
    def form(self) -> str:
        """Return the ending of the name."""
        return PurePosixPath(self.file).suffix.lower()


def open_table(path: Path, word: str) -> Opened:
    """Return the table that a file is, or that holds `word` in its name within a zip; raise `Refused`."""

    def refuse(words: str) -> Refused:
        return refusal(path.name, words)

    with damage_told(refuse):
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise refuse(f"This file has {size:,} bytes; a table of the fee schedule has at most {MOST_BYTES:,}.")
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return _from_zip(archive, word, path.name)
        content = path.read_bytes()
    _require_form(path.name, path.name)
    return Opened(path.name, content)


def refusal(file: str, message: str, row: int | None = None, column: str = "") -> Refused:
    """Return the refusal of a file with one sentence."""
    return Refused((Problem(column, message, file, row),))


def _from_zip(archive: zipfile.ZipFile, word: str, file: str) -> Opened:
    members = [member for member in archive.infolist() if _is_table(member.filename)]
    named = [member for member in members if word in _name(member).upper()] if len(members) > 1 else members
    named = [member for member in named if not _FOR_QUALIFYING.search(_name(member))] or named
    # The same table comes in several forms: text before a workbook, columns with names before fixed widths.
    form = next((form for form in _FORMS if any(_name(member).lower().endswith(form) for member in named)), "")
    chosen = [member for member in named if _name(member).lower().endswith(form)]
    if len(chosen) != 1:
        found = ", ".join(map(_name, chosen)) or "none"
        raise refusal(file, f"Name a zip with one table {word}…; this one holds {found}.")
    inner = f"{file}/{_name(chosen[0])}"
    require_modest(chosen[0], MOST_BYTES, lambda words: refusal(inner, words))
    return Opened(inner, archive.read(chosen[0]))


def _name(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename.replace("\\", "/")).name


def _is_table(name: str) -> bool:
    return name.lower().endswith(_FORMS) and not _NOT_A_TABLE.search(name)


def _require_form(name: str, file: str) -> None:
    if not name.lower().endswith(_FORMS):
        raise refusal(file, "Name a zip, csv, txt or xlsx file as CMS ships it; save an older workbook as xlsx.")


# ----------------------------------------------------------------------------
# The rows of an official table as text, whatever form it came in, each with its number as a spreadsheet counts it.
# ----------------------------------------------------------------------------

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
        rows = workbook_rows(opened.content, opened.file)
        return Sheet(opened.file, False, _stepping(iter(rows), len(rows), step), notes)
    most = most_rows(path.stat().st_size)
    is_fixed = fixed is not None and opened.form == ".txt" and _is_fixed(opened.content, fixed)
    found = _lines(opened) if is_fixed else _cells(opened)
    within = _no_more_than(most, found, opened.file)
    return Sheet(opened.file, is_fixed, _stepping(within, opened.content.count(b"\n"), step), notes)


def _is_fixed(content: bytes, start: str) -> bool:
    first = content[:2000].decode("utf-8-sig", errors="replace").partition("\n")[0]
    return first.startswith(start) and "\t" not in first and (bool(start) or "," not in first)


def _no_more_than(most: int, rows: Iterator[Row], file: str) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > most:
            raise refusal(file, too_many_rows(most), row[0])
        yield row


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


# ----------------------------------------------------------------------------
# Finds the columns of an official table by the words above them, never by their place alone.
#
# CMS adds and removes columns from one year to the next; a reader that counted would take one figure for another.
# ----------------------------------------------------------------------------

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
