"""The clinic's own prices: contracts with payers, self-pay prices and factors, from its files or the database.

The files are named by a command's options, or for every estimate by ESTIMATOR_CONTRACT and ESTIMATOR_PRICE_LIST. A file
takes the place of the database's list of its kind. One with a mistake is refused whole: half a contract would price the
rest wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from estimator.clock import today
from estimator.engine.prices import EXPERIENCE, ClinicPrices, ExperienceFactor, PriceEntry
from estimator.engine.values import WHOLE, Citation, Money, Rate, Source, Span
from estimator.errors import ClinicPricesRefused, Problem
from estimator.prices.books import Prices
from estimator.prices.spreadsheet import Row, read_list, shown
from estimator.settings import contract_file, price_list_file

Entries = tuple[PriceEntry, ...]
Reader = Callable[[bytes, str, date], tuple[Entries, tuple[Problem, ...]]]
_MOST_BYTES = 5_000_000


def clinic_prices(
    contract: Path | None = None, price_list: Path | None = None, prices: Prices | None = None
) -> ClinicPrices:
    """Return the clinic's prices; raise ClinicPricesRefused with every mistake of both files.

    A file that is left out is the one of the environment, if it names one, else the list of the database. Files are
    read again when they change.
    """
    kept = prices.clinic if prices else ClinicPrices()
    problems: list[Problem] = []
    agreed = _read(contract or contract_file(), read_contract, kept.contract, problems)
    asked = _read(price_list or price_list_file(), read_price_list, kept.self_pay, problems)
    if problems:
        raise ClinicPricesRefused(tuple(problems))
    return ClinicPrices(agreed, asked, kept.factors)


def _read(path: Path | None, reader: Reader, kept: Entries, problems: list[Problem]) -> Entries:
    if path is None:
        return kept
    try:
        stat = path.stat()
        if stat.st_size > _MOST_BYTES:
            problems.append(Problem("", f"Keep the list of prices under {_MOST_BYTES // 1_000_000} MB.", path.name))
            return ()
        entries, found = _kept(path, reader, (stat.st_mtime_ns, stat.st_size))
    except OSError as error:
        problems.append(Problem("", f"Name a file that can be read ({error.strerror}).", path.name))
        return ()
    problems += found
    return entries


@lru_cache(maxsize=8)
def _kept(path: Path, reader: Reader, stamp: tuple[int, int]) -> tuple[Entries, tuple[Problem, ...]]:
    return reader(path.read_bytes(), path.name, today())


# ----------------------------------------------------------------------------
# A clinic's contracts with payers: what a plan allows for a code on a day, from the clinic's CSV.
#
# A contract price outranks every estimate, so that two that could both apply are a problem, never a choice.
# ----------------------------------------------------------------------------

_NEEDED = ("plan", "code", "amount", "basis")
CONTRACT_COLUMNS = (*_NEEDED, "first_day", "last_day")


def read_contract(content: bytes, file: str, read_on: date) -> tuple[tuple[PriceEntry, ...], tuple[Problem, ...]]:
    """Return the contract prices of a CSV file or a workbook, by plan id or payer, and every mistake in it.

    A row with a mistake is not among the prices, and nor is the second of two that overlap. Prices of a
    code come before those of `*`, any service.
    """
    return read_list(content, file, read_on, needed=_NEEDED, allowed=CONTRACT_COLUMNS, entry=_contract_entry)


def _contract_entry(row: Row, citation: Citation) -> PriceEntry:
    plan = row.cells["plan"]
    if not plan:
        row.refuse("plan", "Enter the plan's id or the payer's name.")
    return PriceEntry(row.code(), row.amount(), row.basis(), plan, row.span(), citation)


# ----------------------------------------------------------------------------
# A clinic's own prices for people who pay themselves, from the clinic's CSV.
# ----------------------------------------------------------------------------

_SELF_PAY_NEEDED = ("code", "amount", "basis")
SELF_PAY_COLUMNS = (*_SELF_PAY_NEEDED, "first_day", "last_day")


def read_price_list(content: bytes, file: str, read_on: date) -> tuple[tuple[PriceEntry, ...], tuple[Problem, ...]]:
    """Return the prices of a CSV file or a workbook, for anybody, and every mistake in it.

    A row with a mistake is not among the prices, and nor is the second of two that overlap. Prices of a
    code come before those of `*`, any service.
    """
    return read_list(content, file, read_on, needed=_SELF_PAY_NEEDED, allowed=SELF_PAY_COLUMNS, entry=_self_pay_entry)


def _self_pay_entry(row: Row, citation: Citation) -> PriceEntry:
    return PriceEntry(row.code(), row.amount(), row.basis(), "", row.span(), citation)


# ----------------------------------------------------------------------------
# What a clinic counts of an estimated price for a new or a senior provider, or a long visit, from its CSV or
# workbook.
#
# Contracts and self-pay prices say what is paid; these figures touch only a price that had to be estimated.
# ----------------------------------------------------------------------------

_FACTOR_NEEDED = ("experience", "percent")
FACTOR_COLUMNS = (*_FACTOR_NEEDED, "from_minutes", "first_day", "last_day")
_LONGEST, _DIGITS = 480, 3
_LEAST, _MOST = Rate.parse("10%"), Rate.parse("500%")


def read_factors(content: bytes, file: str, read_on: date) -> tuple[tuple[ExperienceFactor, ...], tuple[Problem, ...]]:
    """Return the factors of a CSV file or a workbook, and every mistake in it."""
    return read_list(content, file, read_on, needed=_FACTOR_NEEDED, allowed=FACTOR_COLUMNS, entry=_factor_entry)


def _factor_entry(row: Row, citation: Citation) -> ExperienceFactor:
    set_on, experience, percent = citation.source.read_on, _experience(row), _percent(row)
    return ExperienceFactor(experience, percent, set_on, row.span(), citation, _from_minutes(row))


def _experience(row: Row) -> str:
    text = row.cells["experience"].lower()
    if text not in EXPERIENCE:
        row.refuse("experience", f"Enter {', '.join(EXPERIENCE)}, not {shown(text)}.")
    return text


def _from_minutes(row: Row) -> int | None:
    text = row.cells.get("from_minutes", "")
    if not text:
        return None
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
    if not 1 <= minutes <= _LONGEST:
        row.refuse("from_minutes", f"Enter whole minutes from 1 to {_LONGEST}, or nothing, not {shown(text)}.")
        return None
    return minutes


def _percent(row: Row) -> Rate:
    text = row.cells["percent"]
    try:
        rate = Rate.parse(text)
    except ValueError:
        rate = Rate(0)
    if not _LEAST <= rate <= _MOST:
        row.refuse("percent", f"Enter a percentage from {_LEAST} to {_MOST} such as 115%, as text, not {shown(text)}.")
        return WHOLE
    return rate


# ----------------------------------------------------------------------------
# The three kinds of list that a clinic keeps: how each is read, what its rows say by column, and back again.
# ----------------------------------------------------------------------------

Entry = PriceEntry | ExperienceFactor
Cells = Mapping[str, str]
LINE = "line"


class Kind(StrEnum):
    """What a list is for."""

    CONTRACT = "contract"
    SELF_PAY = "self-pay"
    FACTORS = "factors"


COLUMNS: Mapping[Kind, Sequence[str]] = {
    Kind.CONTRACT: CONTRACT_COLUMNS,
    Kind.SELF_PAY: SELF_PAY_COLUMNS,
    Kind.FACTORS: FACTOR_COLUMNS,
}
_READERS: Mapping[Kind, Callable[[bytes, str, date], tuple[Sequence[Entry], Sequence[Problem]]]] = {
    Kind.CONTRACT: read_contract,
    Kind.SELF_PAY: read_price_list,
    Kind.FACTORS: read_factors,
}


def read_list_file(
    kind: Kind, content: bytes, file: str, read_on: date
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return the entries of a CSV file or a workbook, and every mistake in it."""
    entries, problems = _READERS[kind](content, file, read_on)
    return tuple(entries), tuple(problems)


def cells_of(entry: Entry) -> dict[str, str]:
    """Return what an entry says by column; a list has some of these columns."""
    span = {"first_day": _written(entry.span.first_day), "last_day": _written(entry.span.last_day)}
    match entry:
        case ExperienceFactor():
            length = {"from_minutes": str(entry.from_minutes or "")}
            return {"experience": entry.experience, "percent": str(entry.rate), **length, **span}
        case PriceEntry():
            priced = {"code": entry.code, "amount": str(entry.amount), "basis": entry.basis}
            return {"plan": entry.party, **priced, **span}


def kept_rows(kind: Kind, entries: Iterable[Entry]) -> list[Cells]:
    """Return the rows of a list as they are kept, each with the line that it stood in."""
    return [
        {name: cells[name] for name in COLUMNS[kind]} | {LINE: str(entry.citation.line if entry.citation else 0)}
        for entry in entries
        for cells in (cells_of(entry),)
    ]


def entries_of(rows: Iterable[Cells], file: str, set_on: date) -> tuple[Entry, ...]:
    """Return the entries that kept rows hold; a list cites its file and the day on which the clinic published it."""
    source = Source(file, "", set_on)
    return tuple(_entry(row, Citation(source, "", file, int(row[LINE]))) for row in rows)


def _entry(row: Cells, citation: Citation) -> Entry:
    span = Span(_day(row["first_day"]), _day(row["last_day"]))
    if "percent" in row:
        rate = Rate.parse(row["percent"])
        length = int(row["from_minutes"]) if row.get("from_minutes") else None
        return ExperienceFactor(row["experience"], rate, citation.source.read_on, span, citation, length)
    amount = Money.parse(row["amount"])
    return PriceEntry(row["code"], amount, row["basis"], row.get("plan", ""), span, citation)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
