"""Price books, and which one is active for each year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from estimator.db.tables import active_price_books, price_books


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
