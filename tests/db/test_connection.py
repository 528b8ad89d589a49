"""What both databases have in common: a text that one of them cannot keep fails on neither."""

from sqlalchemy import Engine

from estimator.accounts.audit import Sought, note_done, read_log
from estimator.accounts.store import find_account
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.plans.shelf import Shelf, Wanted


def test_a_text_with_a_nul_is_looked_for_and_not_found(database: Engine) -> None:
    """Whoever types one into the sign-in or the search for a plan gets an answer like everybody else."""
    with reading(database) as connection:
        account = find_account(connection, name="a\0b")

    assert (None, ()) == (account, Shelf(database).search(Wanted(text="a\0b")))


def test_a_text_with_a_nul_can_be_kept(database: Engine) -> None:
    """PostgreSQL keeps U+FFFD in its place, SQLite the character itself."""
    with writing(database) as connection:
        note_done(connection, by=None, did="plan-published", subject="a\0b", now=now_utc())
        connection.commit()
    kept = read_log(database, Sought(did="plan-published")).entries[0].subject

    assert "a\ufffdb" == kept.replace("\0", "\ufffd")
