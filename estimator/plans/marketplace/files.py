"""The Marketplace's public use files: read from their zip row by row, and joined to one variant each.

Nothing is unpacked to disk, and what a damaged or hostile file can cost is bounded before it is read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from estimator.errors import PlanFileRefused, Problem
from estimator.files import DAMAGED, breaks_off, damage_told, day_of, most_rows, require_modest, too_many_rows

MOST_BYTES = 4 * 1024**3
_ROWS_BETWEEN_STEPS = 20_000

Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass
class Table:
    """An open table: its file, its first row, the day that the file carries, and the rows to come."""

    file: str
    header: list[str]
    day: date | None
    rows: Iterator[tuple[int, list[str]]]


def refused(file: str, message: str, row: int | None = None, column: str = "") -> PlanFileRefused:
    """Return the refusal of a file with one sentence."""
    return PlanFileRefused((Problem(column, message, file, row),))


@contextmanager
def table(path: Path, word: str, progress: Progress = no_progress) -> Iterator[Table]:
    """Open the one table of a zip, or a plain csv; `word` tells it from others by its name. Raise PlanFileRefused."""
    with ExitStack() as stack:
        with damage_told(lambda words: refused(path.name, words)):
            opened, name, size, day = _open(path, word, stack)
        rows = _rows(opened, name, size, progress, most_rows(path.stat().st_size))
        header = next(rows, (1, []))[1]
        if not any(header):
            raise refused(name, "This table is empty: its first row names no columns.", 1)
        yield Table(name, header, day, rows)


def _open(path: Path, word: str, stack: ExitStack) -> tuple[IO[bytes], str, int, date | None]:
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            raise refused(path.name, "This is no whole zip file: download it again.")
        return stack.enter_context(path.open("rb")), path.name, path.stat().st_size, None
    archive = stack.enter_context(zipfile.ZipFile(path))
    member = _member(archive, word, path.name)
    opened = stack.enter_context(archive.open(member))
    return opened, f"{path.name}/{Path(member.filename).name}", member.file_size, day_of(member)


def _member(archive: zipfile.ZipFile, word: str, file: str) -> zipfile.ZipInfo:
    tables = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith((".csv", ".txt")) and not member.filename.startswith("__MACOSX")
    ]
    named = [member for member in tables if word in member.filename.lower()] if len(tables) > 1 else tables
    if len(named) != 1:
        raise refused(file, f"This zip holds {len(tables)} tables: keep the one csv file with '{word}' in its name.")
    found = named[0]
    require_modest(found, MOST_BYTES, lambda words: refused(file, words))
    return found


def _rows(opened: IO[bytes], name: str, size: int, progress: Progress, most: int) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not blank with its number, as a spreadsheet counts it."""
    number = 0
    try:
        with io.TextIOWrapper(opened, encoding="utf-8-sig", newline="") as text:
            for number, row in enumerate(csv.reader(text), start=1):
                if number > most:
                    raise refused(name, too_many_rows(most), number)
                if number % _ROWS_BETWEEN_STEPS == 0:
                    progress(opened.tell(), size)
                if row:
                    yield number, row
    except csv.Error as error:
        raise refused(name, f"This row cannot be read as csv ({error}).", number + 1) from error
    except UnicodeDecodeError as error:
        raise refused(name, "This row is no text in UTF-8: save the table as UTF-8 csv.", number + 1) from error
    except DAMAGED as error:
        raise refused(name, breaks_off(error), number) from error
    progress(size, size)


# ----------------------------------------------------------------------------
# The headers of both dialects under one name each.
#
# CMS writes `CopayInnTier1`, the state exchanges `COPAY INN TIER 1`, with slips of their own: case, spaces and marks
# do not count, and what they call otherwise stands in a table.
# ----------------------------------------------------------------------------

# What the state exchanges write, by what CMS writes; both without spaces and in capitals.
_OTHERWISE = {
    "MULTIPLENETWORKTIERS": "MULTIPLEINNTIERS",
    "QUANTITYLIMITONSVC": "QUANTLIMITONSVC",
    "LIMITQUANTITY": "LIMITQTY",
    "ISEXCLUDEDFROMINNMOOP": "ISEXCLFROMINNMOOP",
    "ISEXCLUDEDFROMOONMOOP": "ISEXCLFROMOONMOOP",
    "ISSUERNAME": "ISSUERMARKETPLACEMARKETINGNAME",
    "COPAYOUTOFNETWORK": "COPAYOUTOFNET",
    "COINSURANCEOUTOFNETWORK": "COINSOUTOFNET",
}
_SLIPS = {"COINSURNACE": "COINSURANCE", "DEDOUTCOMBINNOON": "DEDCOMBINNOON", "INNETWORKTIER": "INNTIER"}


def loosened(header: str) -> str:
    """Return a header without case, spaces, marks and known slips.

    >>> loosened("MEHB DED INN TIER1 COINSURNACE")
    'MEHBDEDINNTIER1COINSURANCE'
    >>> loosened("QUANTITY LIMIT ON SVC") == loosened("QuantLimitOnSvc")
    True
    """
    name = "".join(letter for letter in header.upper() if letter.isalnum())
    for slip, right in _SLIPS.items():
        name = name.replace(slip, right)
    if name.startswith(("COINSURANCEINN", "COINSURANCEOUT")):
        name = name.replace("COINSURANCE", "COINS", 1)
    return _OTHERWISE.get(name, name)


def positions(header: Sequence[str], needed: Iterable[str], optional: Iterable[str], file: str) -> Mapping[str, int]:
    """Return where each column stands; raise PlanFileRefused where one is missing or stands twice."""
    names = [loosened(name) for name in header]
    wanted = {loosened(name): name for name in needed}
    also = {loosened(name): name for name in optional}
    missing = sorted(name for key, name in wanted.items() if key not in names)
    twice = sorted(name for key, name in (wanted | also).items() if names.count(key) > 1)
    mistakes = []
    if missing:
        message = f"These columns are missing: {', '.join(missing)}. Is this the right file, of a year that we read?"
        mistakes.append(Problem("", message, file, 1))
    if twice:
        mistakes.append(Problem("", f"These columns stand twice: {', '.join(twice)}. Remove one.", file, 1))
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return {name: names.index(key) for key, name in (wanted | also).items() if key in names}


# ----------------------------------------------------------------------------
# Both files brought together: for every medical plan variant its attributes and the few benefit rows that we need.
#
# A row that is no row of this table refuses the file, with every such row named. Equal rows are kept once, so that a
# million and a half of them fit in little memory, in whatever order they come.
# ----------------------------------------------------------------------------

PT = "physical-therapy"
REHABILITATION = "outpatient-rehabilitation"
BENEFITS = {
    "Rehabilitative Occupational and Rehabilitative Physical Therapy": PT,
    "Outpatient Rehabilitation Services": REHABILITATION,
    "Chiropractic Care": "chiropractic",
    "Acupuncture": "acupuncture",
    "Specialist Visit": "specialist-visit",
    "Primary Care Visit to Treat an Injury or Illness": "primary-care-visit",
}
COSTS = ("CopayInnTier1", "CopayInnTier2", "CopayOutofNet", "CoinsInnTier1", "CoinsInnTier2", "CoinsOutofNet")
_OF_A_BENEFIT = (
    "IsCovered", "QuantLimitOnSvc", "LimitQty", "LimitUnit", "Exclusions", "Explanation", "IsExclFromInnMOOP",
    "IsExclFromOonMOOP",
)  # fmt: skip
_ALWAYS = ("BusinessYear", "PlanId")
_OF_A_PLAN = (
    "StateCode", "IssuerId", "IssuerMarketPlaceMarketingName", "MarketCoverage", "DentalOnlyPlan",
    "PlanMarketingName", "PlanType", "MetalLevel", "CSRVariationType", "MedicalDrugDeductiblesIntegrated",
    "MedicalDrugMaximumOutofPocketIntegrated", "MultipleInNetworkTiers",
)  # fmt: skip
_ACCOUNT = "IsHSAEligible"
TIERS = ("InnTier1", "InnTier2", "OutOfNet", "CombInnOon")
WHOM = ("Individual", "FamilyPerPerson", "FamilyPerGroup")
FAMILIES = ("MEHB", "TEHB")
_CEILINGS = tuple((family, kind, tier) for family in FAMILIES for kind in ("Ded", "MOOP") for tier in TIERS)
_PLAN_ID = re.compile(r"[0-9]{5}[A-Z]{2}[0-9]{7}-[0-9]{2}")
_MOST_TOLD = 50
_MOST_COLUMNS = 8


def ceiling_column(family: str, kind: str, tier: str, whom: str) -> str:
    """Return the name of a column of deductibles or maximums.

    >>> ceiling_column("TEHB", "Ded", "InnTier1", "Individual"), ceiling_column("MEHB", "MOOP", "OutOfNet", "Family")
    ('TEHBDedInnTier1Individual', 'MEHBOutOfNetFamilyMOOP')
    """
    return f"{family}Ded{tier}{whom}" if kind == "Ded" else f"{family}{tier}{whom}MOOP"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the table, and its cells by the names that CMS gives the columns.

    Rows are equal where their cells are.
    """

    number: int = field(compare=False)
    columns: Mapping[str, int] = field(compare=False)
    cells: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        """Return a cell without its outer spaces; a column that the dialect lacks is blank."""
        place = self.columns.get(column)
        return "" if place is None else self.cells[place].strip()


@dataclass
class Tables:
    """What both files say, by plan id; `days` are those that the files carry, benefits first."""

    year: int
    plans: dict[str, Row]
    benefits: dict[str, dict[str, Row]]
    dental: int
    days: tuple[date | None, date | None]
    files: tuple[str, str]
    rows: int
    strangers: dict[str, int] = field(default_factory=dict)


class _Reader:
    """Reads the wanted cells of one table, and gathers every row that is none."""

    def __init__(self, source: Table, needed: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self.source = source
        self.where = positions(source.header, (*_ALWAYS, *needed), optional, source.file)
        self.kept = [place for name, place in self.where.items() if name not in _ALWAYS]
        self.columns = {name: at for at, name in enumerate(name for name in self.where if name not in _ALWAYS)}
        self.mistakes: list[Problem] = []
        self.year: int | None = None
        self.count = 0
        self._rows: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._cells: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[int, str, list[str]]]:
        """Yield every sound row with its number and its plan id."""
        width, place, year_at = len(self.source.header), self.where["PlanId"], self.where["BusinessYear"]
        year = ""
        known = ""
        for number, row in self.source.rows:
            self.count += 1
            if len(row) != width:
                self._mistake(number, f"This row has {len(row)} cells, the header {width}: correct or remove it.")
                continue
            plan = row[place]
            if plan != known and not _PLAN_ID.fullmatch(plan.strip()):
                self._mistake(number, f"'{plan[:40]}' is no plan id such as 12345AK0010001-01.", "PlanId")
                continue
            known = plan
            if row[year_at] != year:
                if year:
                    self._mistake(
                        number, f"This row is of {row[year_at][:20]}, the rows before of {year}.", "BusinessYear"
                    )
                    continue
                year = row[year_at]
                self.year = _year(year, self.source.file, number)
            yield number, plan, row

    def row(self, number: int, cells: list[str]) -> Row:
        """Return what is kept of a row; equal rows and equal cells are kept once."""
        same = self._cells.setdefault
        wanted = tuple([same(cells[place], cells[place]) for place in self.kept])
        return Row(number, self.columns, self._rows.setdefault(wanted, wanted))

    def finish(self) -> int:
        """Return the year; raise PlanFileRefused with the rows that are none."""
        if self.mistakes:
            raise PlanFileRefused(tuple(self.mistakes[:_MOST_TOLD]))
        if self.year is None:
            raise refused(self.source.file, "This table has a header and no rows: download it again.", 2)
        return self.year

    def _mistake(self, number: int, message: str, column: str = "") -> None:
        self.mistakes.append(Problem(column, message, self.source.file, number))


def read_tables(benefits: Path, attributes: Path, progress: Progress) -> Tables:
    """Read both files; raise PlanFileRefused where one of them is damaged or not what it should be."""
    with table(attributes, "attributes") as source:
        reader, plans, dental = _plans(source)
    year = reader.finish()
    with table(benefits, "benefits", progress) as second:
        rows = _Reader(second, ("BenefitName", *_OF_A_BENEFIT), COSTS)
        _require_whole(second, COSTS)
        found = _benefits(rows)
    if rows.finish() != year:
        message = f"This table is of {rows.year}, {source.file} of {year}: import two files of the same year."
        raise refused(second.file, message, 2, "BusinessYear")
    strangers = {plan: next(iter(kept.values())).number for plan, kept in found.items() if plan not in plans}
    medical = {plan: row for plan, row in plans.items() if not _is_dental(row)}
    files, days, count = (second.file, source.file), (second.day, source.day), reader.count + rows.count
    return Tables(
        year=year, plans=medical, benefits=found, dental=dental, days=days, files=files, rows=count, strangers=strangers
    )


def _require_whole(source: Table, columns: Sequence[str]) -> None:
    """Refuse a table of CMS that lacks one of these columns, which may have been renamed; state exchanges leave out."""
    names = {loosened(label) for label in source.header}
    lacking = [column for column in columns if loosened(column) not in names]
    if lacking and "PlanId" in source.header:
        more = f" and {len(lacking) - _MOST_COLUMNS} more" if len(lacking) > _MOST_COLUMNS else ""
        told = f"These columns are missing: {', '.join(lacking[:_MOST_COLUMNS])}{more}."
        raise refused(source.file, f"{told} Were they renamed? Enter a file of a year that we read.", 1)


def _plans(source: Table) -> tuple[_Reader, dict[str, Row], int]:
    cms = [ceiling_column(*ceiling, whom) for ceiling in _CEILINGS for whom in WHOM]
    state = [ceiling_column(*ceiling, "Family") for ceiling in _CEILINGS]
    reader = _Reader(source, _OF_A_PLAN, ("PlanVariantMarketingName", _ACCOUNT, *cms, *state))
    _require_whole(source, [*cms, _ACCOUNT])
    plans: dict[str, Row] = {}
    for number, plan, cells in reader.rows():
        if plan in plans:
            reader.mistakes.append(
                Problem(
                    "PlanId", f"{plan} stands in row {plans[plan].number} already: remove one.", source.file, number
                )
            )
        else:
            plans[plan] = reader.row(number, cells)
    return reader, plans, sum(map(_is_dental, plans.values()))


def _benefits(reader: _Reader) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    place = reader.where["BenefitName"]
    for number, plan, cells in reader.rows():
        kept = found.get(plan)
        if kept is None:
            kept = found[plan] = {}
        benefit = BENEFITS.get(cells[place])
        if benefit is None:
            continue
        if benefit in kept:
            message = f"{plan} has '{cells[place]}' in row {kept[benefit].number} already: remove one."
            reader.mistakes.append(Problem("BenefitName", message, reader.source.file, number))
        else:
            kept[benefit] = reader.row(number, cells)
    return found


def _is_dental(row: Row) -> bool:
    return row["DentalOnlyPlan"].lower() == "yes"


def _year(text: str, file: str, number: int) -> int:
    if not re.fullmatch("20[0-9]{2}", text.strip()):
        raise refused(file, f"'{text[:20]}' is no plan year such as 2026.", number, "BusinessYear")
    return int(text)
