"""The relative values of a release (PPRRVU), one row for each code and modifier, without the AMA's descriptors.

A column is known by the words stacked over it: the layout of 2026 has one that the layout of 2025 had not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from estimator.prices.columns import figure, is_called, matched, named, places, plain, rows_to_header
from estimator.prices.noting import shown
from estimator.prices.rows import Row, Sheet, Step, no_step, read_sheet
from estimator.prices.rvu_lines import cells_of_line, title_lines

STACKED = 4
LABELS = {
    "code": "hcpcs",
    "modifier": "mod",
    "status": "status code",
    "work": "work rvu",
    "office expense": "non-fac pe rvu",
    "office NA": "non-fac na indicator",
    "facility expense": "facility pe rvu",
    "facility NA": "facility na indicator",
    "malpractice": "mp rvu",
    "office total": "non-facility total",
    "facility total": "facility total",
    "multiple procedures": "mult proc",
    "factor": "conv factor",
}
_FOR_WHOM = "pric ind"  # From 2026 on: 9 for most clinicians, 1 for qualifying participants.
_QUALIFYING = "This file is for qualifying participants (QPP). Name the one with nonQPP in its name."
_CODE = re.compile(r"[A-Z0-9][0-9]{3}[A-Z0-9]")
_MODIFIER = re.compile(r"[A-Z0-9]{2}|")
_STATUS = re.compile(r"[A-Z]")
_MARK = re.compile(r"NA|")
_MULTIPLE = re.compile(r"[0-9]")
_TITLE = re.compile(r"(20[0-9]{2}) National Physician Fee Schedule Relative Value File\W+(\w+) Release", re.IGNORECASE)
_RELEASED = re.compile(r"RELEASED\W+([0-9]{1,2})/([0-9]{1,2})/(20[0-9]{2})", re.IGNORECASE)
_LETTERS = {"january": "A", "april": "B", "july": "C", "october": "D"}


@dataclass(frozen=True, slots=True)
class RelativeValue:
    """One row: hundredths of an RVU, and whether CMS's number for a setting is one that it does not use."""

    code: str
    modifier: str
    status: str
    work: int
    pe_nonfacility: int
    nonfacility_na: bool
    pe_facility: int
    facility_na: bool
    mp: int
    multiple: str


@dataclass(frozen=True, slots=True)
class RelativeValues:
    """A whole release; `factor` is in ten-thousandths of a dollar."""

    file: str
    year: int
    name: str
    released: date
    factor: int
    rows: tuple[RelativeValue, ...]


def read_rvus(path: Path, step: Step = no_step) -> RelativeValues:
    """Read a release as csv, xlsx, text of fixed width or a zip of them; raise `Refused` with every problem."""
    sheet = read_sheet(path, "PPRRVU", step, fixed="HDR")
    if re.search(r"(?<!non)qpp", sheet.file.rpartition("/")[2], re.IGNORECASE):
        raise sheet.notes.refused(None, "", _QUALIFYING)
    above, cells = _of_lines(sheet) if sheet.is_fixed else _of_columns(sheet)
    year, name, released = _title(sheet, above)
    rows, factor = _Rows(sheet).all(cells)
    return RelativeValues(sheet.file, year, name, released, factor, rows)


def _of_columns(sheet: Sheet) -> tuple[list[Row], Iterator[tuple[int, dict[str, str]]]]:
    above = rows_to_header(sheet, lambda row: row[:2] == ["hcpcs", "mod"], "HCPCS and MOD")
    header, labels = above[-1][0], _stacked([cells for _, cells in above[-STACKED:]])
    wanted = {name: is_called(label) for name, label in LABELS.items()}
    if _FOR_WHOM in labels:
        wanted["for whom"] = is_called(_FOR_WHOM)
    found = places(sheet, header, labels, wanted)
    return above[:-1], _named(sheet, found, len(labels))


def _stacked(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the words over each column, from the rows above one another."""
    width = len(rows[-1])
    filled = [[*row, *[""] * width][:width] for row in rows]
    return [plain(" ".join(column)) for column in zip(*filled, strict=True)]


def _named(sheet: Sheet, found: dict[str, int], width: int) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in sheet.rows:
        if not any(cells):
            continue
        if len(cells) < width:
            words = f"This row has {len(cells)} of {width} columns: download the file again."
            sheet.notes.note(number, "", words)
        elif extra := [cell for cell in cells[width:] if cell]:
            sheet.notes.note(number, "", f"{shown(extra[0])} has no column: download the file again.")
        else:
            yield number, named(cells, found)


def _of_lines(sheet: Sheet) -> tuple[list[Row], Iterator[tuple[int, dict[str, str]]]]:
    above, first = title_lines(sheet.rows)
    return above, cells_of_line(sheet, first)


def _title(sheet: Sheet, above: Sequence[Row]) -> tuple[int, str, date]:
    words = " ".join(cell for _, cells in above for cell in cells)
    title, released = _TITLE.search(words), _RELEASED.search(words)
    letter = _LETTERS.get(title[2].lower(), "") if title else ""
    if not title or not released or not letter:
        row = above[0][0] if above else 1
        missing = "Above the table the year, the release or its day is missing. Is it the right file?"
        raise sheet.notes.refused(row, "", missing)
    month, day, year = map(int, released.groups())
    try:
        return int(title[1]), f"RVU{title[1][2:]}{letter}", date(year, month, day)
    except ValueError as error:
        words = f"{shown(released[0])} is no day: download the file again."
        raise sheet.notes.refused(above[0][0], "", words) from error


class _Rows:
    """Reads the rows below the header, each checked against its own totals."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.factor = 0
        self.known: dict[tuple[str, str], int] = {}

    def all(self, rows: Iterator[tuple[int, dict[str, str]]]) -> tuple[tuple[RelativeValue, ...], int]:
        read = tuple(self._row(number, cells) for number, cells in rows)
        self.sheet.notes.settle()
        if not read:
            raise self.sheet.notes.refused(None, "", "There is no row below the header: download the file again.")
        return read, self.factor

    def _row(self, row: int, cells: dict[str, str]) -> RelativeValue:
        sheet = self.sheet
        if cells.get("for whom", "9") == "1":
            raise sheet.notes.refused(row, "for whom", _QUALIFYING)
        code = cells["code"].zfill(5) if cells["code"].isdigit() else cells["code"]
        matched(sheet, row, "code", code, _CODE, "A code such as 97110")
        self._require_factor(row, cells["factor"])
        value = RelativeValue(
            code=code,
            modifier=matched(
                sheet, row, "modifier", cells["modifier"], _MODIFIER, "Nothing, or a modifier such as 26,"
            ),
            status=matched(sheet, row, "status", cells["status"], _STATUS, "A letter such as A"),
            work=figure(sheet, row, "work", cells["work"], 2),
            pe_nonfacility=figure(sheet, row, "office expense", cells["office expense"], 2),
            nonfacility_na=bool(matched(sheet, row, "office NA", cells["office NA"], _MARK, "Nothing or NA")),
            pe_facility=figure(sheet, row, "facility expense", cells["facility expense"], 2),
            facility_na=bool(matched(sheet, row, "facility NA", cells["facility NA"], _MARK, "Nothing or NA")),
            mp=figure(sheet, row, "malpractice", cells["malpractice"], 2),
            multiple=matched(sheet, row, "multiple procedures", cells["multiple procedures"], _MULTIPLE, "A digit"),
        )
        self._require_once(row, value)
        self._require_totals(row, value, cells)
        return value

    def _require_factor(self, row: int, text: str) -> None:
        factor = figure(self.sheet, row, "factor", text, 4)
        self.factor = self.factor or factor
        if factor != self.factor:
            words = f"The rows above have another conversion factor than {shown(text)}: download the file again."
            self.sheet.notes.note(row, "factor", words)

    def _require_once(self, row: int, value: RelativeValue) -> None:
        before = self.known.setdefault((value.code, value.modifier), row)
        if before != row:
            told = f"{value.code} {value.modifier}".strip()
            self.sheet.notes.note(row, "code", f"{told} stands in row {before} already: download the file again.")

    def _require_totals(self, row: int, value: RelativeValue, cells: dict[str, str]) -> None:
        """Note totals that are not the sum of their parts: they show a column that moved or a digit that is lost."""
        for column, expense in (("office total", value.pe_nonfacility), ("facility total", value.pe_facility)):
            total = figure(self.sheet, row, column, cells[column], 2)
            if total != value.work + expense + value.mp:
                words = f"{shown(cells[column])} is not the sum of its parts: download the file again."
                self.sheet.notes.note(row, column, words)
