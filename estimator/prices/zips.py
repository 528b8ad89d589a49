"""The locality of each ZIP code (ZIP5), with the state that people know it by.

CMS writes parts of Missouri and Kansas as states of their own, and marks a ZIP that only nine digits can place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from estimator.prices.columns import Fits, matched, named, places, plain, rows_to_header
from estimator.prices.noting import shown
from estimator.prices.rows import Sheet, Step, no_step, read_sheet

_STATES = {"EM": "MO", "WM": "MO", "EK": "KS", "WK": "KS"}
_COLUMNS: dict[str, Fits] = {
    "state": lambda label: label == "state",
    "ZIP code": lambda label: label == "zip code",
    "carrier": lambda label: label == "carrier",
    "locality": lambda label: label == "locality",
    "plus 4 flag": lambda label: label in ("plus 4 flag", "plus four flag"),
    "year and quarter": lambda label: label == "year/qtr",
}
_PLACES = {
    "state": slice(0, 2),
    "ZIP code": slice(2, 7),
    "carrier": slice(7, 12),
    "locality": slice(12, 14),
    "plus 4 flag": slice(20, 21),
    "year and quarter": slice(75, 80),
}
_SHORTEST = 80
_STATE = re.compile(r"[A-Z]{2}")
_FIVE = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[0-9]{2}")
_STRADDLES = re.compile(r"[01]?")
_QUARTER = re.compile(r"20[0-9]{2}[1-4]")


@dataclass(frozen=True, slots=True)
class ZipCode:
    """Where a ZIP code lies, as the row says."""

    zip: str
    state: str
    locality: tuple[str, str]
    straddles: bool
    row: int


@dataclass(frozen=True, slots=True)
class ZipCodes:
    """The ZIP codes of a quarter, and the first row that tells it."""

    file: str
    year: int
    quarter: int
    year_row: int
    rows: tuple[ZipCode, ...]


def read_zips(path: Path, step: Step = no_step) -> ZipCodes:
    """Read the ZIP codes from an xlsx, a text of fixed width, a csv or a zip; raise `Refused` with every problem."""
    sheet = read_sheet(path, "ZIP5", step, fixed="")
    rows, quarter = _Rows(sheet).all(_of_lines(sheet) if sheet.is_fixed else _of_columns(sheet))
    return ZipCodes(sheet.file, int(quarter[:4]), int(quarter[4]), rows[0].row, rows)


def runs(rows: Iterable[ZipCode]) -> Iterator[str]:
    """Yield neighbouring ZIP codes of the same place as one line: `00210 00215 NH 14312 40 0`."""
    first = last = None
    for one in sorted(rows, key=lambda row: row.zip):
        if first and last and _is_next(last, one):
            last = one
            continue
        if first and last:
            yield _run(first, last)
        first = last = one
    if first and last:
        yield _run(first, last)


def _is_next(last: ZipCode, one: ZipCode) -> bool:
    is_same = (last.state, last.locality, last.straddles) == (one.state, one.locality, one.straddles)
    return is_same and int(one.zip) == int(last.zip) + 1


def _run(first: ZipCode, last: ZipCode) -> str:
    return f"{first.zip} {last.zip} {first.state} {' '.join(first.locality)} {int(first.straddles)}"


def _of_lines(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    for number, (line,) in sheet.rows:
        if not line.strip():
            continue
        if len(line) != _SHORTEST:
            sheet.notes.note(number, "", f"This line has {len(line)} characters, not 80: download the file again.")
        else:
            yield number, {name: line[place].strip() for name, place in _PLACES.items()}


def _of_columns(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    above = rows_to_header(sheet, lambda row: "zip code" in row, "ZIP CODE")
    header, labels = above[-1]
    found = places(sheet, header, [plain(label) for label in labels], _COLUMNS)
    width = max(found.values()) + 1
    for number, cells in sheet.rows:
        if not any(cells):
            continue
        if len(cells) < width:
            words = f"This row has {len(cells)} of {width} columns: download the file again."
            sheet.notes.note(number, "", words)
        else:
            yield number, named(cells, found)


class _Rows:
    """Reads the rows, each ZIP code once and all of one quarter."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.quarter = ""
        self.known: dict[str, int] = {}

    def all(self, rows: Iterable[tuple[int, dict[str, str]]]) -> tuple[tuple[ZipCode, ...], str]:
        read = tuple(self._row(number, text) for number, text in rows)
        self.sheet.notes.settle()
        if not read:
            raise self.sheet.notes.refused(None, "", "There is no ZIP code in this file: download it again.")
        return read, self.quarter

    def _row(self, row: int, text: dict[str, str]) -> ZipCode:
        sheet = self.sheet
        five, carrier, locality = text["ZIP code"].zfill(5), text["carrier"].zfill(5), text["locality"].zfill(2)
        matched(sheet, row, "ZIP code", five, _FIVE, "Five digits")
        matched(sheet, row, "carrier", carrier, _FIVE, "Five digits")
        matched(sheet, row, "locality", locality, _NUMBER, "Two digits")
        state = matched(sheet, row, "state", text["state"], _STATE, "A state such as TX")
        straddles = matched(sheet, row, "plus 4 flag", text["plus 4 flag"], _STRADDLES, "0 or 1") == "1"
        before = self.known.setdefault(five, row)
        if before != row:
            sheet.notes.note(row, "ZIP code", f"{five} stands in row {before} already: download the file again.")
        self._require_quarter(row, text["year and quarter"])
        return ZipCode(five, _STATES.get(state, state), (carrier, locality), straddles, row)

    def _require_quarter(self, row: int, text: str) -> None:
        matched(self.sheet, row, "year and quarter", text, _QUARTER, "A year and quarter such as 20261")
        self.quarter = self.quarter or text
        if text != self.quarter:
            words = f"The rows above are of {self.quarter}, not {shown(text)}: download the file again."
            self.sheet.notes.note(row, "year and quarter", words)
