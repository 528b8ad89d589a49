"""Price books are published as plans are: added where new, one active a year, and never edited."""

import json

import pytest
from sqlalchemy import Engine

from estimator.db.connection import reading
from estimator.errors import ConflictingBook
from estimator.prices.store import BookRevision, active_books
from estimator.publishing.publish import Base, NewBook, Occasion, publish_book

FEES = Occasion("fees", by="Ana", note="Release A")


def book(factor: int = 334009, year: int = 2026) -> NewBook:
    return NewBook(year, "A", {"factor": factor, "fees": {"97110": [45, 41, 1]}})


def active(engine: Engine) -> tuple[BookRevision, ...]:
    with reading(engine) as connection:
        return active_books(connection)


def test_a_book_comes_back_as_it_was(database: Engine) -> None:
    """With who published it, and whole numbers as whole numbers."""
    number = publish_book(database, book(), FEES)
    [kept] = active(database)

    assert (number, 2026, "A", "fees", "Ana", "Release A") == (
        kept.id,
        kept.year,
        kept.release,
        kept.origin,
        kept.published_by,
        kept.note,
    )
    assert book().content == json.loads(kept.content)


def test_each_year_has_an_active_book(database: Engine) -> None:
    """Oldest first; a newer text takes the place of the older of its year, and says so."""
    first = publish_book(database, book(), FEES)
    last_year = publish_book(database, book(year=2025), FEES)
    second = publish_book(database, book(340000), FEES)

    assert [last_year, second] == [one.id for one in active(database)]
    assert first == active(database)[-1].based_on


def test_the_same_book_again_changes_nothing_and_an_older_one_rolls_back(database: Engine) -> None:
    """Neither is added a second time."""
    first = publish_book(database, book(), FEES)
    publish_book(database, book(340000), FEES)

    assert first == publish_book(database, book(), FEES)
    assert first == publish_book(database, book(), FEES)
    assert [first] == [one.id for one in active(database)]


def test_a_book_on_a_stale_base_is_refused(database: Engine) -> None:
    """Nothing of it is kept."""
    first = publish_book(database, book(), FEES, Base(None))
    second = publish_book(database, book(340000), FEES, Base(first))

    with pytest.raises(ConflictingBook) as refusal:
        publish_book(database, book(350000), FEES, Base(first))
    assert (2026, first, second) == (refusal.value.year, refusal.value.based_on, refusal.value.active)
    assert [second] == [one.id for one in active(database)]
