"""Medicare's fee schedule from CMS's files: relative values, price indices, counties and ZIP codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from estimator.engine.prices import Locality
from estimator.errors import Problem, Refused
from estimator.prices.cms_tables import (
    MOST_PROBLEMS,
    Fits,
    Row,
    Sheet,
    Step,
    figure,
    is_called,
    matched,
    named,
    no_step,
    places,
    plain,
    read_sheet,
    rows_to_header,
    shown,
    year_in,
)

T = TypeVar("T")
# What part of the time each file takes, in percent.
_PARTS = {"rvu": (0, 30), "gpci": (30, 2), "localities": (32, 2), "zips": (34, 66)}


@dataclass(frozen=True, slots=True)
class FeeFiles:
    """The files as a person names them."""

    rvu: Path
    gpci: Path
    localities: Path
    zips: Path


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """One release of the fee schedule, as the files have it."""

    rvus: RelativeValues
    gpcis: Indices
    areas: Areas
    zips: ZipCodes

    @property
    def year(self) -> int:
        """Return the year of all four files."""
        return self.rvus.year

    @property
    def release(self) -> str:
        """Return the name and day of the release: `RVU26C (2026-06-30)`."""
        return f"{self.rvus.name} ({self.rvus.released})"

    @property
    def files(self) -> tuple[str, ...]:
        """Return the names of the files."""
        return self.rvus.file, self.gpcis.file, self.areas.file, self.zips.file


def read_schedule(files: FeeFiles, step: Step = no_step) -> FeeSchedule:
    """Read the four files; raise `Refused` with every problem of each of them."""
    problems: list[Problem] = []
    rvus = _read(read_rvus, files.rvu, _part("rvu", step), problems)
    gpcis = _read(read_gpcis, files.gpci, _part("gpci", step), problems)
    areas = _read(read_localities, files.localities, _part("localities", step), problems)
    zips = _read(read_zips, files.zips, _part("zips", step), problems)
    if rvus and gpcis and areas and zips:
        schedule = FeeSchedule(rvus, gpcis, areas, zips)
        problems += list(_years(schedule)) or list(islice(_localities(schedule), MOST_PROBLEMS))
        if not problems:
            return schedule
    raise Refused(tuple(problems))


def _read(reader: Callable[[Path, Step], T], path: Path, step: Step, problems: list[Problem]) -> T | None:
    try:
        return reader(path, step)
    except Refused as refused:
        problems += refused.problems
        return None


def _part(name: str, step: Step) -> Step:
    start, share = _PARTS[name]
    return lambda percent: step(start + share * percent // 100)


def _years(schedule: FeeSchedule) -> Iterator[Problem]:
    for file in (schedule.gpcis, schedule.areas, schedule.zips):
        if file.year != schedule.year:
            words = f"This file is of {file.year}, and {schedule.rvus.file} of {schedule.year}: name four of one year."
            yield Problem("", words, file.file, file.year_row)


def _localities(schedule: FeeSchedule) -> Iterator[Problem]:
    """Yield what one file names and another lacks: the sign of a file that was cut, or of another release."""
    gpcis, areas, zips = schedule.gpcis, schedule.areas, schedule.zips
    priced = {locality.key for locality in gpcis.localities}
    first_rows: dict[tuple[str, str], int] = {}
    for one in zips.rows:
        first_rows.setdefault(one.locality, one.row)
    for key, row in first_rows.items():
        if key not in priced:
            words = f"{gpcis.file} has no indices for {'-'.join(key)}: name files of one release, and whole ones."
            yield Problem("locality", words, zips.file, row)
    for key, area in areas.by_key.items():
        if key not in priced:
            words = f"{gpcis.file} has no indices for {'-'.join(key)}: name files of one release, and whole ones."
            yield Problem("locality", words, areas.file, area.row)
    for key in sorted(priced):
        for file, known in ((areas.file, areas.by_key.keys()), (zips.file, first_rows.keys())):
            if key not in known:
                words = f"There is nothing of the locality {'-'.join(key)}, which {gpcis.file} has. Is the file whole?"
                yield Problem("locality", words, file)


# ----------------------------------------------------------------------------
# The relative values of a release (PPRRVU), one row for each code and modifier, without the AMA's descriptors.
#
# A column is known by the words stacked over it: the layout of 2026 has one that the layout of 2025 had not.
# ----------------------------------------------------------------------------

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


# ----------------------------------------------------------------------------
# The relative values as text of fixed width: 7 lines that begin with HDR, then 200 characters a row.
#
# The places are those of the layout of 2025. That the totals are the sums of their parts, and the factor has its four
# decimals, is checked in every row, so that a layout that moved is refused and not misread.
# ----------------------------------------------------------------------------

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
_LINES_TITLE = "HDR"
_FACTOR = re.compile(r"[0-9]+\.[0-9]{4}")


def title_lines(rows: Iterator[Row]) -> tuple[list[Row], Iterator[Row]]:
    """Return the lines of the title without their mark, and the lines below."""
    above: list[Row] = []
    for row in rows:
        number, (line,) = row
        if not line.startswith(_LINES_TITLE):
            return above, chain([row], rows)
        above.append((number, [line.removeprefix(_LINES_TITLE).strip()]))
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


# ----------------------------------------------------------------------------
# The price indices of each locality (Addendum E), with the floor of 1.0 under the work index.
#
# The column has been headed in three ways; the floor has been the law in every year that there is a file of.
# ----------------------------------------------------------------------------

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
    localities = _GpcisRows(sheet, found).all()
    return Indices(sheet.file, year, year_row, localities)


_MOST_FOOTNOTES = 500  # An official file has up to ten.


class _GpcisRows:
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
            if len(below) > _MOST_FOOTNOTES:
                words = f"More than {_MOST_FOOTNOTES} rows running are no locality: download the file again."
                raise self.sheet.notes.refused(row[0], "", words)
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


# ----------------------------------------------------------------------------
# The counties of each locality (LOCCO), as CMS writes them and as a list.
#
# The file has lost the zeros before its numbers in some years, names a state once, and spells two counties wrong.
# ----------------------------------------------------------------------------

_LOCALITIES_COLUMNS: dict[str, Fits] = {
    "carrier": lambda label: "medicare" in label and "contractor" in label,
    "locality": lambda label: label == "locality number",
    "area": lambda label: label == "fee schedule area",
    "counties": lambda label: label == "counties",
}
_LOCALITIES_YEAR = re.compile(r"(20[0-9]{2})\s+LOCALITIES", re.IGNORECASE)
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
    found = places(sheet, header, [plain(label) for label in labels], _LOCALITIES_COLUMNS)
    year_row, year = year_in(sheet, above, _LOCALITIES_YEAR)
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


# ----------------------------------------------------------------------------
# The locality of each ZIP code (ZIP5), with the state that people know it by.
#
# CMS writes parts of Missouri and Kansas as states of their own, and marks a ZIP that only nine digits can place.
# ----------------------------------------------------------------------------

_ZIPS_STATES = {"EM": "MO", "WM": "MO", "EK": "KS", "WK": "KS"}
_ZIPS_COLUMNS: dict[str, Fits] = {
    "state": lambda label: label == "state",
    "ZIP code": lambda label: label == "zip code",
    "carrier": lambda label: label == "carrier",
    "locality": lambda label: label == "locality",
    "plus 4 flag": lambda label: label in ("plus 4 flag", "plus four flag"),
    "year and quarter": lambda label: label == "year/qtr",
}
_ZIPS_PLACES = {
    "state": slice(0, 2),
    "ZIP code": slice(2, 7),
    "carrier": slice(7, 12),
    "locality": slice(12, 14),
    "plus 4 flag": slice(20, 21),
    "year and quarter": slice(75, 80),
}
_ZIPS_SHORTEST = 80
_FIVE = re.compile(r"[0-9]{5}")
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
    rows, quarter = _ZipsRows(sheet).all(_zips_of_lines(sheet) if sheet.is_fixed else _zips_of_columns(sheet))
    return ZipCodes(sheet.file, int(quarter[:4]), int(quarter[4]), rows[0].row, rows)


def runs(rows: Iterable[ZipCode]) -> Iterator[str]:
    """Yield neighboring ZIP codes of the same place as one line: `00210 00215 NH 14312 40 0`."""
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


def _zips_of_lines(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    for number, (line,) in sheet.rows:
        if not line.strip():
            continue
        if len(line) != _ZIPS_SHORTEST:
            sheet.notes.note(number, "", f"This line has {len(line)} characters, not 80: download the file again.")
        else:
            yield number, {name: line[place].strip() for name, place in _ZIPS_PLACES.items()}


def _zips_of_columns(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    above = rows_to_header(sheet, lambda row: "zip code" in row, "ZIP CODE")
    header, labels = above[-1]
    found = places(sheet, header, [plain(label) for label in labels], _ZIPS_COLUMNS)
    width = max(found.values()) + 1
    for number, cells in sheet.rows:
        if not any(cells):
            continue
        if len(cells) < width:
            words = f"This row has {len(cells)} of {width} columns: download the file again."
            sheet.notes.note(number, "", words)
        else:
            yield number, named(cells, found)


class _ZipsRows:
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
        return ZipCode(five, _ZIPS_STATES.get(state, state), (carrier, locality), straddles, row)

    def _require_quarter(self, row: int, text: str) -> None:
        matched(self.sheet, row, "year and quarter", text, _QUARTER, "A year and quarter such as 20261")
        self.quarter = self.quarter or text
        if text != self.quarter:
            words = f"The rows above are of {self.quarter}, not {shown(text)}: download the file again."
            self.sheet.notes.note(row, "year and quarter", words)
