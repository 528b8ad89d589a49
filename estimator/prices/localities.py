"""The counties of each locality (LOCCO), as CMS writes them and as a list.

The file has lost the zeros before its numbers in some years, names a state once, and spells two counties wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from estimator.prices.columns import Fits, matched, named, places, plain, rows_to_header, year_in
from estimator.prices.noting import shown
from estimator.prices.rows import Row, Sheet, Step, no_step, read_sheet

_COLUMNS: dict[str, Fits] = {
    "carrier": lambda label: "medicare" in label and "contractor" in label,
    "locality": lambda label: label == "locality number",
    "area": lambda label: label == "fee schedule area",
    "counties": lambda label: label == "counties",
}
_YEAR = re.compile(r"(20[0-9]{2})\s+LOCALITIES", re.IGNORECASE)
_CARRIER = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[0-9]{2}")
_BETWEEN = re.compile(r"\s*(?:/|,?\s+AND\s+|,)\s*")
_IN_A_STATE = re.compile(r"(.*) IN (VIRGINIA|MARYLAND)")
_STATES = {"VIRGINIA": "VA", "MARYLAND": "MD"}
_SPELLED = {
    "DADE": "Miami-Dade",
    "DEKALB": "DeKalb",
    "DISTRICT OF COLUMBIA": "District of Columbia",
    "DUPAGE": "DuPage",
    "ORAGNGE CNTY": "Orange",
}
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Area:
    """A locality as the list of counties names it, in the row where it stands."""

    name: str
    counties: str
    row: int


@dataclass(frozen=True, slots=True)
class Areas:
    """The areas of a year by carrier and number, and the row that tells the year."""

    file: str
    year: int
    year_row: int
    by_key: Mapping[Key, Area]


def read_localities(path: Path, step: Step = no_step) -> Areas:
    """Read the list of counties from a csv, xlsx, text or zip; raise `Refused` with every problem."""
    sheet = read_sheet(path, "LOCCO", step)
    above = rows_to_header(
        sheet, lambda row: "locality number" in row and "counties" in row, "Locality Number and Counties"
    )
    header, labels = above[-1]
    found = places(sheet, header, [plain(label) for label in labels], _COLUMNS)
    year_row, year = year_in(sheet, above, _YEAR)
    by_key: dict[Key, Area] = {}
    for row in sheet.rows:
        if any(row[1]) and not row[1][0].startswith("*"):
            _add(sheet, row, found, by_key)
    sheet.notes.settle()
    if not by_key:
        raise sheet.notes.refused(None, "", "There is no locality below the header: download the file again.")
    return Areas(sheet.file, year, year_row, by_key)


def county_names(text: str, state: str) -> Iterator[tuple[str, str]]:
    """Yield the state and name of each county; an empty name is every county that no other locality has.

    >>> list(county_names("BOND, ST. CLAIR AND COOK", "IL"))
    [('IL', 'Bond'), ('IL', 'St. Clair'), ('IL', 'Cook')]
    >>> list(county_names("ALL OTHER COUNTIES", "IL"))
    [('IL', '')]
    """
    if text.startswith("ALL "):
        yield state, ""
        return
    for part in text.split(";"):
        there = _IN_A_STATE.fullmatch(part.strip())
        names, of_state = (there[1], _STATES[there[2]]) if there else (part, state)
        for name in _BETWEEN.split(names.strip()):
            if name:
                yield of_state, _SPELLED.get(name, " ".join(word.capitalize() for word in name.split()))


def _add(sheet: Sheet, row: Row, found: Mapping[str, int], by_key: dict[Key, Area]) -> None:
    number, cells = row
    text = {name: " ".join(cell.replace("*", " ").split()) for name, cell in named(cells, found).items()}
    key = text["carrier"].zfill(5), text["locality"].zfill(2)
    matched(sheet, number, "carrier", key[0], _CARRIER, "Five digits")
    matched(sheet, number, "locality", key[1], _NUMBER, "Two digits")
    if not text["counties"]:
        sheet.notes.note(number, "counties", "Counties belong here, and there are none: download the file again.")
    area = Area(text["area"], text["counties"], number)
    before = by_key.setdefault(key, area)
    # One locality of Missouri is listed twice in the same words.
    if (before.name, before.counties) != (area.name, area.counties):
        words = f"{'-'.join(key)} stands in row {before.row} already with {shown(before.counties)}."
        sheet.notes.note(number, "counties", words)
