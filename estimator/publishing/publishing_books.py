"""Publish a price book: it is added where it is new, and becomes the active one of its year, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine

from estimator.clock import now_utc
from estimator.db.connection import writing
from estimator.db.tables import next_id, price_books
from estimator.errors import ConflictingBook
from estimator.plans.store import Import, keep_import
from estimator.prices.store import BookRevision, active_book, insert_book, known_book, move_book_pointer
from estimator.publishing.publishing import ADDED, MOVED, UNCHANGED, Occasion


@dataclass(frozen=True, slots=True)
class NewBook:
    """A price book to be published; `content` is what its reader needs, without any number that is not whole."""

    year: int
    release: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Base:
    """The active book that the author saw; None where there was none."""

    book_id: int | None


def publish_book(engine: Engine, book: NewBook, occasion: Occasion, based_on: Base | None = None) -> int:
    """Make this the active book of its year, and return its id; the same content again changes nothing.

    Raises ConflictingBook where another has become active since the one that it is based on.
    """
    content = json.dumps(book.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    mark = sha256(f"{book.year} {book.release} {content}".encode()).hexdigest()
    with writing(engine) as connection:
        active = active_book(connection, book.year)
        if based_on and based_on.book_id != active:
            raise ConflictingBook(book.year, based_on.book_id, active)
        known = known_book(connection, mark)
        number = known or next_id(connection, price_books)
        now = now_utc()
        if not known:
            row = (number, book.year, book.release, mark, occasion.origin, content, active, now)
            insert_book(connection, BookRevision(*row, occasion.by, occasion.note))
        if number != active:
            move_book_pointer(connection, book.year, number)
        counts = {ADDED: int(not known), MOVED: int(number != active), UNCHANGED: int(number == active)}
        if number != active or occasion.fingerprint:
            problems = [str(problem) for problem in occasion.problems]
            report = Import(occasion.origin, occasion.fingerprint, now, occasion.by, counts, problems)
            keep_import(connection, report)
        connection.commit()
    return number
