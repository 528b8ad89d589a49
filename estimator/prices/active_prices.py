"""What the database prices by now: the active price books, ZIP codes, and the clinic's own lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from sqlalchemy import Engine

from estimator.db.connection import is_meant, open_engine, reading, require_ready
from estimator.engine.prices import ClinicPrices, ExperienceFactor, PriceBook, PriceEntry
from estimator.prices import stored_price_books as store
from estimator.prices import stored_price_lists as price_lists
from estimator.prices.book import books
from estimator.prices.lists import Entry, Kind, entries_of
from estimator.prices.prices import Prices, carried_zips, kept_book
from estimator.prices.stored_price_lists import PriceListRow, active_list_ids

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
        ids, lists = store.active_book_ids(connection), active_list_ids(connection)
    return prices_of(engine, ids, lists)


def prices_of(engine: Engine, ids: tuple[int, ...], lists: tuple[int, ...]) -> Prices:
    """Return these books, active or not, for other years those that ship, and the ZIP codes of the newest one.

    `lists` are the clinic's own.
    """
    prices = _prices(engine, ids) if ids else _shipped()
    return replace(prices, clinic=clinic_of(engine, lists)) if lists else prices


@lru_cache(1)
def _shipped() -> Prices:
    return Prices(books(), carried_zips())


@lru_cache(_KEPT_BOOKS)
def _prices(engine: Engine, ids: tuple[int, ...]) -> Prices:
    with reading(engine) as connection:
        active = store.books_of(connection, ids)
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
        lists = {one.kind: list_entries(one) for one in price_lists.lists_of(connection, ids)}
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
