"""Price books and the clinic's lists in the database, and the prices that are active."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import Connection, Engine, delete, func, insert, select

from estimator.db.connection import is_meant, open_engine, reading, require_ready
from estimator.db.official import CODING_EDITS, table_of, tables_in_use
from estimator.db.tables import active_price_books, clinic_price_lists, next_id, price_books
from estimator.engine.coding import PairEdits
from estimator.engine.prices import ClinicPrices, ExperienceFactor, PriceBook, PriceEntry
from estimator.prices.books import Prices, books, carried_zips, kept_book
from estimator.prices.clinic_lists import Entry, Kind, entries_of
from estimator.prices.coding_edits import edits_from


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
        ids, lists = active_book_ids(connection), active_list_ids(connection)
    return prices_of(engine, ids, lists)


def prices_of(engine: Engine, ids: tuple[int, ...], lists: tuple[int, ...], until: datetime | None = None) -> Prices:
    """Return these books, active or not, for other years those that ship, and the ZIP codes of the newest one.

    `lists` are the clinic's own; the coding edits are those that were in use at the moment `until`, else now.
    """
    prices = _prices(engine, ids) if ids else _shipped()
    edits = edits_in_use(engine, until)
    if not lists and edits is None:
        return prices
    return replace(prices, clinic=clinic_of(engine, lists) if lists else prices.clinic, edits=edits)


def edits_in_use(engine: Engine, until: datetime | None = None) -> PairEdits | None:
    """Return the newest edition of coding edits published by a moment, None where the one that ships is meant."""
    with reading(engine) as connection:
        editions = tables_in_use(connection, CODING_EDITS, until)
    return _edits(engine, editions[-1][2]) if editions else None


@lru_cache(_KEPT_BOOKS)
def _edits(engine: Engine, number: int) -> PairEdits:
    with reading(engine) as connection:
        kept = table_of(connection, number)
    return edits_from(kept.says, kept.published_at.date())


@lru_cache(1)
def _shipped() -> Prices:
    return Prices(books(), carried_zips())


@lru_cache(_KEPT_BOOKS)
def _prices(engine: Engine, ids: tuple[int, ...]) -> Prices:
    with reading(engine) as connection:
        active = books_of(connection, ids)
    by_year = {book.year: book for book in books()}
    by_year |= {kept.year: _book(kept.fingerprint, kept.content, kept.published_at.date()) for kept in active}
    zips = _zips(active[-1].fingerprint, active[-1].content)
    return Prices(tuple(by_year[year] for year in sorted(by_year)), zips)


# A revision never changes, so that what was read of it holds for good.
@lru_cache(_KEPT_BOOKS)
def _book(mark: str, content: str, read_on: date) -> PriceBook:
    return kept_book(json.loads(content), mark, read_on)


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
