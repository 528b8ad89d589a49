"""The price indices of each locality (Addendum E), with the floor of 1.0 under the work index.

The column has been headed in three ways; the floor has been the law in every year that there is a file of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from estimator.engine.prices import Locality
from estimator.prices.columns import Fits, figure, matched, named, places, plain, rows_to_header, year_in
from estimator.prices.noting import shown
from estimator.prices.rows import Row, Sheet, Step, no_step, read_sheet

WORK = "work index with the 1.0 floor"
_COLUMNS: dict[str, Fits] = {
    "carrier": lambda label: "medicare" in label and "contractor" in label,
    "state": lambda label: label == "state",
    "locality": lambda label: label == "locality number",
    "name": lambda label: label == "locality name",
    WORK: lambda label: "pw gpci" in label and "with 1.0" in label,
    "expense index": lambda label: label.endswith("pe gpci"),
    "malpractice index": lambda label: label.endswith("mp gpci"),
}
_YEAR = re.compile(r"(20[0-9]{2}) P?W GPCI", re.IGNORECASE)
_TITLE_YEAR = re.compile(r"CY\s*(20[0-9]{2})")
_CARRIER = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[0-9]{2}")
_STATE = re.compile(r"[A-Z]{2}")
_FIGURE = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_INDICES = (WORK, "expense index", "malpractice index")
_PLACES = 3


@dataclass(frozen=True, slots=True)
class Indices:
    """The indices of a year, and the row that tells the year."""

    file: str
    year: int
    year_row: int
    localities: tuple[Locality, ...]


def read_gpcis(path: Path, step: Step = no_step) -> Indices:
    """Read the indices from a csv, xlsx, text or zip; raise `Refused` with every problem."""
    sheet = read_sheet(path, "GPCI", step)
    above = rows_to_header(sheet, lambda row: any("pw gpci" in cell for cell in row), "PW GPCI")
    header, labels = above[-1]
    found = places(sheet, header, [plain(label) for label in labels], _COLUMNS)
    year_row, year = year_in(sheet, above[-1:], _YEAR)
    titles = {match[1] for _, cells in above for cell in cells if (match := _TITLE_YEAR.search(cell))}
    if titles - {str(year)}:
        sheet.notes.note(header, "", f"The title says {', '.join(sorted(titles))} and the header {year}.")
    localities = _Rows(sheet, found).all()
    return Indices(sheet.file, year, year_row, localities)


class _Rows:
    """Reads the localities down to the footnotes."""

    def __init__(self, sheet: Sheet, found: dict[str, int]) -> None:
        self.sheet = sheet
        self.found = found
        self.known: dict[tuple[str, str], int] = {}

    def all(self) -> tuple[Locality, ...]:
        read: list[Locality] = []
        below: list[Row] = []
        for row in self.sheet.rows:
            if self._is_locality(row):
                self._refuse_words(below)
                below = []
                read.append(self._locality(row))
            elif any(row[1]):
                below.append(row)
        self.sheet.notes.settle()
        if not read:
            raise self.sheet.notes.refused(None, "", "There is no locality below the header: download the file again.")
        return tuple(read)

    def _is_locality(self, row: Row) -> bool:
        """Tell a locality from a footnote: it has a carrier's number or a figure in a column of indices."""
        text = named(row[1], self.found)
        return text["carrier"].isdigit() or any(_FIGURE.fullmatch(text[name]) for name in _INDICES)

    def _refuse_words(self, between: Sequence[Row]) -> None:
        for number, cells in between:
            words = next(cell for cell in cells if cell)
            self.sheet.notes.note(number, "", f"{shown(words)} is no locality: download the file again.")

    def _locality(self, row: Row) -> Locality:
        sheet, number = self.sheet, row[0]
        text = named(row[1], self.found)
        mac, locality = text["carrier"].zfill(5), text["locality"].zfill(2)
        matched(sheet, number, "carrier", mac, _CARRIER, "Five digits")
        matched(sheet, number, "locality", locality, _NUMBER, "Two digits")
        before = self.known.setdefault((mac, locality), number)
        if before != number:
            sheet.notes.note(number, "locality", f"{mac}-{locality} stands in row {before} already.")
        return Locality(
            mac=mac,
            number=locality,
            state=matched(sheet, number, "state", text["state"], _STATE, "A state such as TX"),
            name=" ".join(text["name"].replace("*", " ").split()),
            work=figure(sheet, number, WORK, text[WORK], _PLACES),
            pe=figure(sheet, number, "expense index", text["expense index"], _PLACES),
            mp=figure(sheet, number, "malpractice index", text["malpractice index"], _PLACES),
        )
