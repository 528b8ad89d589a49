"""The prices that are active: price books and the clinic's own lists, from its files or the database.

The clinic's contracts, self-pay prices and factors are named by a command's options, or for every estimate by
ESTIMATOR_CONTRACT and ESTIMATOR_PRICE_LIST. A file takes the place of the database's list of its kind. One with a
mistake is refused whole: half a contract would price the rest wrongly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, func, insert, select

from estimator.clock import today
from estimator.db.connection import is_meant, open_engine, reading, remembered, require_ready
from estimator.db.official import CODING_EDITS, HOSPITAL_CHARGES, LEARNED_AMOUNTS, MARKET_RATES, table_of, tables_in_use
from estimator.db.tables import active_price_books, clinic_price_lists, next_id, price_books, rule_revisions
from estimator.engine.coding import ASSISTANT, MARKETS, PROVIDERS, THERAPIST, PairEdits
from estimator.engine.prices import EXPERIENCE, OF_MEDICARE, ClinicPrices, ExperienceFactor, PriceBook, PriceEntry
from estimator.engine.request import OUT_OF_NETWORK
from estimator.engine.values import WHOLE, ZERO, Citation, Money, Rate, Source, Span
from estimator.errors import ClinicPricesRefused, Problem
from estimator.prices.books import Prices, books, carried_zips, kept_book
from estimator.prices.coding_edits import edits_from
from estimator.prices.market import PublishedRates, learned_amounts, published_charges, published_rows
from estimator.prices.spreadsheet import Row, read_list, shown
from estimator.settings import contract_file, price_list_file

Entries = tuple[PriceEntry, ...]
Reader = Callable[[bytes, str, date], tuple[Entries, tuple[Problem, ...]]]
_MOST_BYTES = 5_000_000


def clinic_prices(
    contract: Path | None = None,
    price_list: Path | None = None,
    prices: Prices | None = None,
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
_NARROWS = ("market", "network", "location", "therapist", "mppr")
CONTRACT_COLUMNS = (*_NEEDED, "first_day", "last_day", *_NARROWS)
_MARKETS = {
    **{name: name for name in MARKETS},
    "exchange": "marketplace",
    "aca": "marketplace",
    "ma": "medicare-advantage",
    "federal": "fehb",
}
_THERAPISTS = {
    **{name: name for name in PROVIDERS},
    "pt": THERAPIST,
    "dpt": THERAPIST,
    "pta": ASSISTANT,
    "ot": "occupational-therapist",
}
_YES_OR_NO = {"yes": "yes", "y": "yes", "no": "no", "n": "no"}


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
    code, percent = row.code(), row.percent_of_medicare()
    narrowed: dict[str, Any] = {
        "market": row.choice("market", _MARKETS),
        "network": row.cells.get("network", "").lower().replace(" ", "-"),
        "location": row.cells.get("location", ""),
        "therapist": row.choice("therapist", _THERAPISTS),
        "mppr": _yes_or_no(row, percent),
    }
    if narrowed["network"] == OUT_OF_NETWORK:
        row.refuse("network", "Enter a network that the clinic is in, or leave it empty: a contract holds in these.")
    if percent is not None:
        return PriceEntry(code, ZERO, OF_MEDICARE, plan, row.span(), citation, percent=percent, **narrowed)
    return PriceEntry(code, row.amount(), row.basis(), plan, row.span(), citation, **narrowed)


def _yes_or_no(row: Row, percent: Rate | None) -> bool | None:
    said = row.choice("mppr", _YES_OR_NO)
    if said and percent is None:
        row.refuse("mppr", "Leave this empty beside an amount: it is paid as it stands.")
    return said == "yes" if said else None


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
            amount = str(entry.amount if entry.percent is None else entry.percent)
            priced = {"code": entry.code, "amount": amount, "basis": entry.basis}
            narrowed = {name: getattr(entry, name) for name in _NARROWS[:-1]}
            mppr = "" if entry.mppr is None else "yes" if entry.mppr else "no"
            return {"plan": entry.party, **priced, **span, **narrowed, "mppr": mppr}


def kept_rows(kind: Kind, entries: Iterable[Entry]) -> list[Cells]:
    """Return the rows of a list as they are kept, each with the line that it stood in.

    What narrows no row is left out, so that a list is the same whether or not its file has the column.
    """
    return [
        {name: cells[name] for name in COLUMNS[kind] if cells[name] or name not in _NARROWS}
        | {LINE: str(entry.citation.line if entry.citation else 0)}
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
    narrowed: dict[str, Any] = {name: row.get(name, "") for name in _NARROWS[:-1]}
    narrowed["mppr"] = row["mppr"] == "yes" if row.get("mppr") else None
    is_percent = row["basis"] == OF_MEDICARE
    amount, percent = (ZERO, Rate.parse(row["amount"])) if is_percent else (Money.parse(row["amount"]), None)
    return PriceEntry(
        row["code"], amount, row["basis"], row.get("plan", ""), span, citation, percent=percent, **narrowed
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


@dataclass(frozen=True, slots=True)
class BookRevision:
    """A price book as it is kept; `content` is JSON in which every figure is a whole number or text."""

    id: int
    year: int
    release: str
    fingerprint: str
    origin: str
    content: str
    based_on: int | None
    published_at: datetime
    published_by: str
    note: str


def known_book(connection: Connection, fingerprint: str) -> int | None:
    """Return the id of the book of this fingerprint; None where it is new."""
    return connection.execute(select(price_books.c.id).where(price_books.c.fingerprint == fingerprint)).scalar()


def active_book(connection: Connection, year: int) -> int | None:
    """Return the id of the active book of a year."""
    asked = select(active_price_books.c.book_id).where(active_price_books.c.year == year)
    return connection.execute(asked).scalar()


def active_books(connection: Connection) -> tuple[BookRevision, ...]:
    """Return the active books, oldest year first."""
    asked = select(price_books).join(active_price_books, active_price_books.c.book_id == price_books.c.id)
    return tuple(BookRevision(**row._mapping) for row in connection.execute(asked.order_by(price_books.c.year)))


def active_book_ids(connection: Connection) -> tuple[int, ...]:
    """Return the ids of the active books, oldest year first, without reading the books."""
    asked = select(active_price_books.c.book_id).order_by(active_price_books.c.year)
    return tuple(connection.scalars(asked))


def books_of(connection: Connection, ids: Sequence[int]) -> tuple[BookRevision, ...]:
    """Return these books, active or not, oldest year first."""
    asked = select(price_books).where(price_books.c.id.in_(ids)).order_by(price_books.c.year)
    return tuple(BookRevision(**row._mapping) for row in connection.execute(asked))


def insert_book(connection: Connection, book: BookRevision) -> None:
    """Add a book."""
    row = {name: getattr(book, name) for name in BookRevision.__dataclass_fields__}
    connection.execute(insert(price_books), row)


def move_book_pointer(connection: Connection, year: int, book_id: int) -> None:
    """Make this book the active one of its year."""
    connection.execute(delete(active_price_books).where(active_price_books.c.year == year))
    connection.execute(insert(active_price_books), {"year": year, "book_id": book_id})


# ----------------------------------------------------------------------------
# The clinic's own lists of prices: every one that was ever published, and which one of each kind prices now.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A list as it is kept; `content` is JSON of its rows, and `based_on` the list that it took the place of."""

    kind: str
    fingerprint: str
    file: str
    rows: int
    content: str
    based_on: int | None
    published_at: datetime
    published_by: str
    note: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Publication:
    """A list without its rows: who published it, when and why."""

    id: int
    file: str
    rows: int
    based_on: int | None
    published_at: datetime
    published_by: str
    note: str


def insert_list(connection: Connection, row: PriceListRow) -> int:
    """Add a list, which thereby is the one of its kind that prices, and return its id."""
    number = next_id(connection, clinic_price_lists)
    connection.execute(insert(clinic_price_lists), {**asdict(row), "id": number})
    return number


def active_list_ids(connection: Connection) -> tuple[int, ...]:
    """Return the id of the list of each kind that prices."""
    asked = select(func.max(clinic_price_lists.c.id).label("newest")).group_by(clinic_price_lists.c.kind)
    return tuple(connection.scalars(asked.order_by("newest")))


def active_list(connection: Connection, kind: str) -> PriceListRow | None:
    """Return the list of a kind that prices, None where none was ever published."""
    asked = select(clinic_price_lists).where(clinic_price_lists.c.kind == kind)
    row = connection.execute(asked.order_by(clinic_price_lists.c.id.desc()).limit(1)).first()
    return None if row is None else PriceListRow(**row._mapping)


def lists_of(connection: Connection, ids: Sequence[int]) -> tuple[PriceListRow, ...]:
    """Return these lists, those of them that there are."""
    asked = select(clinic_price_lists).where(clinic_price_lists.c.id.in_(ids)).order_by(clinic_price_lists.c.id)
    return tuple(PriceListRow(**row._mapping) for row in connection.execute(asked))


def history_of(connection: Connection, kind: str) -> tuple[Publication, ...]:
    """Return every publication of a kind, the newest first."""
    columns = [clinic_price_lists.c[name] for name in Publication.__dataclass_fields__]
    asked = select(*columns).where(clinic_price_lists.c.kind == kind).order_by(clinic_price_lists.c.id.desc())
    return tuple(Publication(*row) for row in connection.execute(asked))


# ----------------------------------------------------------------------------
# What the database prices by now: the active price books, ZIP codes, and the clinic's own lists.
# ----------------------------------------------------------------------------

_KEPT_BOOKS = 8
_KEPT_LISTS = 16
_CODE = "code"  # As `plans/rule_revisions.py` calls it; these two rooms don't import each other.


def open_prices() -> Prices | None:
    """Return what the database prices by where one is meant or made, else None: then what ships holds.

    Raises DatabaseUnavailable, or DatabaseNotReady where its tables are of another version.
    """
    if not is_meant():
        return None
    engine = open_engine()
    require_ready(engine)
    return active_prices(engine)


def active_prices(engine: Engine) -> Prices:
    """Return the active books, for other years those that ship, the ZIP codes of the newest, and the clinic's lists."""
    with reading(engine) as connection:
        in_use = remembered(
            connection,
            "prices in use",
            lambda: _in_use(connection, active_book_ids(connection), active_list_ids(connection)),
        )
    return _prices_by(engine, in_use)


def prices_of(engine: Engine, ids: tuple[int, ...], lists: tuple[int, ...], until: datetime | None = None) -> Prices:
    """Return these books, active or not, for other years those that ship, and the ZIP codes of the newest one.

    `lists` are the clinic's own; coding edits and what payers pay are those in use at the moment `until`, else now.
    """
    with reading(engine) as connection:
        in_use = _in_use(connection, ids, lists, until)
    return _prices_by(engine, in_use)


class _InUse(NamedTuple):
    """What prices rest on at a moment, by id: the newest edition of coding edits only, None for the one that ships."""

    books: tuple[int, ...]
    lists: tuple[int, ...]
    edits: int | None
    markets: tuple[int, ...]
    codes: frozenset[str] = frozenset()


def _in_use(
    connection: Connection, books: tuple[int, ...], lists: tuple[int, ...], until: datetime | None = None
) -> _InUse:
    return _InUse(books, lists, _edition(connection, until), _markets(connection, until), _codes(connection, until))


def _edition(connection: Connection, until: datetime | None) -> int | None:
    editions = tables_in_use(connection, CODING_EDITS, until)
    return editions[-1][2] if editions else None


def _codes(connection: Connection, until: datetime | None) -> frozenset[str]:
    """Return the codes that somebody published and didn't take back, whose fees an imported schedule may have."""
    columns = rule_revisions.c
    asked = select(columns.id, columns.name, columns.withdraws).where(columns.kind == _CODE)
    rows = connection.execute(asked if until is None else asked.where(columns.published_at <= until)).all()
    gone = {row.withdraws for row in rows}
    return frozenset(row.name for row in rows if row.withdraws is None and row.id not in gone)


def _markets(connection: Connection, until: datetime | None) -> tuple[int, ...]:
    kinds = MARKET_RATES, HOSPITAL_CHARGES, LEARNED_AMOUNTS
    return tuple(number for kind in kinds for _, _, number in tables_in_use(connection, kind, until))


def _prices_by(engine: Engine, in_use: _InUse) -> Prices:
    prices = _prices(engine, in_use.books, in_use.codes) if in_use.books else _shipped()
    if not in_use.lists and in_use.edits is None and not in_use.markets:
        return prices
    clinic = clinic_of(engine, in_use.lists) if in_use.lists else prices.clinic
    edits = None if in_use.edits is None else _edits(engine, in_use.edits)
    market = _market(engine, in_use.markets) if in_use.markets else None
    return replace(prices, clinic=clinic, edits=edits, market=market)


def edits_in_use(engine: Engine) -> PairEdits | None:
    """Return the newest published edition of coding edits, None where the one that ships is meant."""
    with reading(engine) as connection:
        edition = _edition(connection, None)
    return None if edition is None else _edits(engine, edition)


@lru_cache(_KEPT_BOOKS)
def _edits(engine: Engine, number: int) -> PairEdits:
    with reading(engine) as connection:
        kept = table_of(connection, number)
    return edits_from(kept.says, kept.published_at.date())


def market_in_use(engine: Engine) -> PublishedRates | None:
    """Return what payers pay clinics by the files published so far, None where nothing was."""
    with reading(engine) as connection:
        markets = _markets(connection, None)
    return _market(engine, markets) if markets else None


@lru_cache(_KEPT_BOOKS)
def _market(engine: Engine, numbers: tuple[int, ...]) -> PublishedRates:
    with reading(engine) as connection:
        kept = [table_of(connection, number) for number in numbers]
    tables = [published_rows(one.says, one.published_at.date()) for one in kept if one.kind == MARKET_RATES]
    # Figures of a region go before those of its state.
    tables.sort(key=lambda rows: bool(rows) and rows[0].is_regional)
    charges = (one for one in kept if one.kind == HOSPITAL_CHARGES)
    hospitals = (rate for one in charges for rate in published_charges(one.says, one.published_at.date()))
    paid = (one for one in kept if one.kind == LEARNED_AMOUNTS)
    learned = (amount for one in paid for amount in learned_amounts(one.says, one.published_at.date()))
    return PublishedRates(tuple(row for rows in tables for row in rows), tuple(hospitals), tuple(learned))


@lru_cache(1)
def _shipped() -> Prices:
    return Prices(books(), carried_zips())


@lru_cache(_KEPT_BOOKS)
def _prices(engine: Engine, ids: tuple[int, ...], codes: frozenset[str]) -> Prices:
    with reading(engine) as connection:
        active = books_of(connection, ids)
    by_year = {book.year: book for book in books()}
    by_year |= {kept.year: _book(kept.fingerprint, kept.content, kept.published_at.date(), codes) for kept in active}
    zips = _zips(active[-1].fingerprint, active[-1].content)
    return Prices(tuple(by_year[year] for year in sorted(by_year)), zips)


# A revision never changes, so that what was read of it holds for good.
@lru_cache(_KEPT_BOOKS)
def _book(mark: str, content: str, read_on: date, codes: frozenset[str]) -> PriceBook:
    return kept_book(json.loads(content), mark, read_on, codes)


@lru_cache(_KEPT_BOOKS)
def _zips(mark: str, content: str) -> tuple[str, ...]:
    return tuple(json.loads(content)["zips"])


# A list never changes, so that what was read of it holds for good.
@lru_cache(_KEPT_LISTS)
def clinic_of(engine: Engine, ids: tuple[int, ...]) -> ClinicPrices:
    """Return the prices in these lists."""
    with reading(engine) as connection:
        lists = {one.kind: list_entries(one) for one in lists_of(connection, ids)}
    return ClinicPrices(
        _priced(lists.get(Kind.CONTRACT, ())),
        _priced(lists.get(Kind.SELF_PAY, ())),
        tuple(one for one in lists.get(Kind.FACTORS, ()) if isinstance(one, ExperienceFactor)),
    )


def _priced(entries: Sequence[Entry]) -> tuple[PriceEntry, ...]:
    return tuple(entry for entry in entries if isinstance(entry, PriceEntry))


def list_entries(kept: PriceListRow) -> tuple[Entry, ...]:
    """Return the entries of a list that was kept."""
    return entries_of(json.loads(kept.content), kept.file, kept.published_at.date())
