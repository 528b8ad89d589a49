"""The figures that ship: Medicare's fee schedule as price books, codes, and where each ZIP code lies.

Each begins with lines `# fact: words` that say where it comes from, and goes on as CSV with a header.
They are ours and tested, so that a mistake in one is a bug and not a problem to report.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from estimator.engine.coding import Diagnoses, Diagnosis, Pair, PairEdits, ServiceCode
from estimator.engine.plan import CodeRule
from estimator.engine.prices import ClinicPrices, Fee, Locality, Place, PriceBook, Region
from estimator.engine.values import Source, Span
from estimator.errors import UnknownZip
from estimator.settings import prices_folder

if TYPE_CHECKING:
    from estimator.prices.market import PublishedRates

_KEPT_CODES = 16


@dataclass(frozen=True, slots=True)
class Carried:
    """A carried file: its facts, its notes in order, and its rows by column."""

    facts: dict[str, str]
    notes: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    @property
    def source(self) -> Source:
        """Return where the figures come from."""
        facts = self.facts
        read_on = date.fromisoformat(facts["read"])
        return Source(facts["title"], facts["address"], read_on, facts["confidence"])


def read_carried(name: str) -> Carried:
    """Read a carried file by its name."""
    lines = (prices_folder() / name).read_text("utf-8").splitlines()
    facts, notes = _facts(lines)
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return Carried(facts, notes, tuple(rows))


def carried_names(pattern: str) -> tuple[str, ...]:
    """Return the names of carried files that fit, such as `medicare-*-rvus.csv`, in order."""
    return tuple(sorted(path.name for path in prices_folder().glob(pattern)))


def fixed(text: str, places: int) -> int:
    """Return a decimal figure as a whole number of its smallest part.

    >>> fixed("0.31", 2), fixed("33.4009", 4)
    (31, 334009)
    """
    whole, _, part = text.partition(".")
    if len(part) > places:
        raise ValueError(text)
    return int(whole + part.ljust(places, "0"))


def _facts(lines: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    facts: dict[str, str] = {}
    notes: list[str] = []
    for line in lines:
        if not line.startswith("#"):
            break
        name, _, words = line.removeprefix("# ").partition(":")
        if name == "note":
            notes.append(words.strip())
        else:
            facts[name] = words.strip()
    return facts, tuple(notes)


# ----------------------------------------------------------------------------
# What we carry about codes: services in our own words, correct coding edits, diagnoses.
# ----------------------------------------------------------------------------


@lru_cache(_KEPT_CODES)
def service_codes(rules: tuple[CodeRule, ...] = ()) -> Mapping[str, ServiceCode]:
    """Return the services by code: those that ship, and over them those that somebody published."""
    rows = read_carried("codes.csv").rows
    services = (ServiceCode(row["code"], row["words"], row["kind"], row["timing"] == "15-minutes") for row in rows)
    known = {service.code: service for service in services}
    kept = {
        rule.code: ServiceCode(rule.code, rule.words, known[rule.like].kind, rule.timed)
        for rule in rules
        if rule.like in known
    }
    return MappingProxyType(known | kept)


@cache
def pair_edits() -> PairEdits:
    """Return the correct coding edits among our codes, with the edition they come from."""
    carried = read_carried("ncci-pairs.csv")
    pairs = {
        (row["column_one"], row["column_two"]): Pair(
            row["column_one"], row["column_two"], row["indicator"] == "1", row["rationale"]
        )
        for row in carried.rows
        if row["indicator"] != "none"
    }
    none_found = frozenset((row["column_one"], row["column_two"]) for row in carried.rows if row["indicator"] == "none")
    edition = f"{carried.facts['edition']} ({carried.facts['first_day']})"
    return PairEdits(edition, carried.source, MappingProxyType(pairs), none_found)


@cache
def diagnoses() -> Diagnoses:
    """Return the diagnoses that commonly go with needling, and withdrawn codes that people still write."""
    carried = read_carried("diagnoses.csv")
    read = (_diagnosis(row) for row in carried.rows)
    return Diagnoses(carried.source, MappingProxyType({diagnosis.code: diagnosis for diagnosis in read}))


def _diagnosis(row: dict[str, str]) -> Diagnosis:
    last_day = row["last_day"]
    valid = Span(date.fromisoformat(row["first_day"]), date.fromisoformat(last_day) if last_day else None)
    replacements = tuple(row["replacements"].split())
    return Diagnosis(row["code"], row["words"], valid, replacements, row["condition"], row["confidence"])


# ----------------------------------------------------------------------------
# Medicare's fee schedule as price books: 47 codes in 109 localities, one book a year.
#
# A book is read from its two carried files when first asked for, and kept. Before CMS ships the files of a year, its
# book has a head of its own with the proposed conversion factor, and names the year whose figures it carries on.
# ----------------------------------------------------------------------------

_ALWAYS_THERAPY = "5"


def latest_book() -> PriceBook:
    """Return the newest book with final figures, which other prices are held against."""
    return next(book for book in reversed(books()) if not book.is_proposed)


def region_on(regions: Sequence[Region], day: date) -> Region:
    """Return the region of the book in force on a day: the latest that has begun, else the first."""
    begun = [region for region in regions if region.book.first_day <= day]
    return (begun or regions[:1])[-1]


@cache
def books() -> tuple[PriceBook, ...]:
    """Return every book we carry, oldest first."""
    years = (name.split("-")[1] for name in carried_names("medicare-*-rvus.csv"))
    return tuple(_book(year) for year in years)


@cache
def counties(mac: str, number: str) -> tuple[str, ...]:
    """Return the counties that a locality is made of, or nothing where it is a state or the rest of one."""
    rows = read_carried("medicare-counties.csv").rows
    wanted = (mac, number)
    return tuple(row["county"] for row in rows if (row["mac"], row["number"]) == wanted and row["county"])


def _book(year: str) -> PriceBook:
    relative_values = read_carried(f"medicare-{year}-rvus.csv")
    facts = relative_values.facts
    figures_of = facts.get("figures_of", year)
    rows = read_carried(f"medicare-{figures_of}-rvus.csv").rows
    fees = [_fee(row) for row in rows]
    localities = [_locality(row) for row in read_carried(f"medicare-{figures_of}-gpcis.csv").rows]
    return PriceBook(
        id=facts["id"],
        year=int(facts["year"]),
        release=facts["release"],
        first_day=date.fromisoformat(facts["first_day"]),
        last_day=date.fromisoformat(facts["last_day"]),
        factor=fixed(facts["conversion_factor"], 4),
        fees={fee.code: fee for fee in fees},
        localities={locality.key: locality for locality in localities},
        source=relative_values.source,
    )


def _fee(row: dict[str, str]) -> Fee:
    return Fee(
        code=row["code"],
        status=row["status"],
        work=fixed(row["work"], 2),
        pe_nonfacility=fixed(row["pe_nonfacility"], 2),
        pe_facility=fixed(row["pe_facility"], 2),
        mp=fixed(row["mp"], 2),
        facility_na=row["facility_na"] == "NA",
        always_therapy=row["mult_proc"] == _ALWAYS_THERAPY,
        timed=service_codes()[row["code"]].timed,
    )


def _locality(row: dict[str, str]) -> Locality:
    return Locality(
        mac=row["mac"],
        number=row["number"],
        state=row["state"],
        name=row["name"],
        work=fixed(row["work"], 3),
        pe=fixed(row["pe"], 3),
        mp=fixed(row["mp"], 3),
    )


# ----------------------------------------------------------------------------
# Finds the Medicare locality of a ZIP code among the 42,956 that CMS lists.
#
# The carried file holds runs of neighboring ZIP codes in order, one a line, so that a ZIP is found by halving the
# list of lines: even the first lookup takes a few milliseconds.
# ----------------------------------------------------------------------------

_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?")
_AREA = 3
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Run:
    first: str
    last: str
    state: str
    locality: Key
    straddles: bool


def find_zip(zip_code: str, known: Sequence[str] | None = None) -> Place:
    """Return where a five-digit ZIP code (or the first five of ZIP+4) lies, or raise `UnknownZip`.

    `known` are the lines of a database in the place of those that ship.
    """
    if not _ZIP.fullmatch(zip_code):
        raise UnknownZip(zip_code)
    five = zip_code[:5]
    runs = _runs() if known is None else known
    place = bisect_right(runs, five, key=lambda line: line[:5]) - 1
    run = _run(runs[place]) if place >= 0 else None
    if run is None or five > run.last:
        raise UnknownZip(zip_code)
    candidates = _candidates(five, run, runs) if run.straddles else (run.locality,)
    return Place(five, run.state, run.locality, candidates, run.straddles)


def _candidates(zip_code: str, run: _Run, runs: Sequence[str]) -> tuple[Key, ...]:
    """Return the likely localities of a straddling ZIP, the one of CMS's five-digit file first.

    Unsure: only CMS's nine-digit file decides, and we have not got it. A ZIP that straddles lies beside
    others, so that the localities of ZIP codes with the same first three digits are the likely ones: that
    names another locality for 436 of the 491 straddling ZIP codes in states of several localities. Failing
    that, any locality of the state; where the state has one, the ZIP must cross a state line, and the
    localities of the bordering states are named. The right one may still be missing where a ZIP lies on
    both kinds of line.
    """
    others = _same_area(zip_code, runs) | {run.locality}
    if len(others) == 1:
        others |= _of_states({run.state})
    if len(others) == 1:
        others |= _of_states(_borders().get(run.state, ()))
    return run.locality, *sorted(others - {run.locality})


def _same_area(zip_code: str, runs: Sequence[str]) -> set[Key]:
    area = zip_code[:_AREA]
    start = bisect_right(runs, area, key=lambda line: line[:_AREA]) - 1
    return set(_back_from(start, area, runs))


def _back_from(start: int, area: str, runs: Sequence[str]) -> Iterator[Key]:
    for place in range(start, -1, -1):
        run = _run(runs[place])
        if run.last[:_AREA] < area:
            return
        yield run.locality


def _of_states(states: Iterable[str]) -> set[Key]:
    return {key for state in states for key in _localities_by_state()[state]}


@cache
def _localities_by_state() -> dict[str, set[Key]]:
    by_state: dict[str, set[Key]] = {}
    for row in read_carried("medicare-counties.csv").rows:
        by_state.setdefault(row["state"], set()).add((row["mac"], row["number"]))
    return by_state


@cache
def _borders() -> dict[str, tuple[str, ...]]:
    rows = read_carried("state-borders.csv").rows
    return {row["state"]: tuple(row["borders"].split()) for row in rows}


@cache
def _runs() -> list[str]:
    text = (prices_folder() / "medicare-zips.txt").read_text("ascii")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _run(line: str) -> _Run:
    first, last, state, mac, number, straddles = line.split()
    return _Run(first, last, state, (mac, number), straddles == "1")


# ----------------------------------------------------------------------------
# What a database prices by: the price books that were kept, and where ZIP codes lie.
#
# An estimate takes no more than this from the files of CMS, and reads none of them. All codes are kept; a price book
# holds those that we have words for, since no other can be asked about.
# ----------------------------------------------------------------------------

ALWAYS_THERAPY = "5"
_MARK_LENGTH = 8
_ADDRESS = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a database prices by: a book a year, oldest first, where ZIP codes lie, and the clinic's own lists.

    `zips` are lines as those that ship; `edits` the coding edits that were imported, None where those that ship hold;
    `market` is what payers pay clinics by the files that were imported.
    """

    books: tuple[PriceBook, ...]
    zips: tuple[str, ...]
    clinic: ClinicPrices = field(default_factory=ClinicPrices)
    edits: PairEdits | None = None
    market: PublishedRates | None = None

    @classmethod
    def edits_of(cls, prices: Prices | None) -> PairEdits:
        """Return the coding edits that hold with these prices."""
        return (prices.edits if prices else None) or pair_edits()


def carried_zips() -> tuple[str, ...]:
    """Return where ZIP codes lie by the file that ships, without its head."""
    lines = (prices_folder() / "medicare-zips.txt").read_text("ascii").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def kept_book(content: Content, mark: str, read_on: date, also: frozenset[str] = frozenset()) -> PriceBook:
    """Return the price book that a content holds, known by its release and the first letters of its mark.

    It has our codes and `also` those. Where it has every figure of the book that ships under the same release it is
    that book, and is called so.
    """
    year, name = content["year"], content["release"]
    known = {area.key: area for book in books() for area in book.localities.values()}
    localities = (_kept_locality(row, known) for row in content["localities"])
    book = PriceBook(
        id=f"{content['id']}@{mark[:_MARK_LENGTH]}",
        year=year,
        release=name,
        first_day=date(year, 1, 1),
        last_day=date(year, 12, 31),
        factor=content["factor"],
        fees={row[0]: fee_of(row) for row in content["fees"] if _is_asked_about(row, also)},
        localities={locality.key: locality for locality in localities},
        source=Source(f"CMS Physician Fee Schedule Relative Value File {name}", _ADDRESS, read_on, "high"),
    )
    carried = next((each for each in books() if each.id == content["id"]), None)
    return carried if carried and _figures(carried) == _figures(book) else book


def fee_of(row: list[Any]) -> Fee:
    """Return the fee that a kept row holds."""
    code, _, status, work, pe_nonfacility, _, pe_facility, facility_na, mp, multiple = row
    service = service_codes().get(code)
    is_timed = service is not None and service.timed
    therapy = multiple == ALWAYS_THERAPY
    return Fee(
        code=code,
        status=status,
        work=work,
        pe_nonfacility=pe_nonfacility,
        pe_facility=pe_facility,
        mp=mp,
        facility_na=bool(facility_na),
        always_therapy=therapy,
        timed=is_timed,
    )


def _is_asked_about(row: list[Any], also: frozenset[str]) -> bool:
    """Tell whether a row is a whole service of ours, with an amount for an office."""
    code, modifier, not_in_office = row[0], row[1], row[5]
    return not modifier and not not_in_office and (code in also or code in service_codes())


def _kept_locality(row: list[Any], known: Mapping[tuple[str, str], Locality]) -> Locality:
    """Return a locality under the name that we write, where we know it: CMS shouts."""
    locality = Locality(*row)
    before = known.get(locality.key)
    return replace(locality, name=before.name if before else locality.name.title())


def _figures(book: PriceBook) -> object:
    areas = {key: (area.state, area.work, area.pe, area.mp) for key, area in book.localities.items()}
    return book.release, book.factor, book.first_day, book.last_day, dict(book.fees), areas
