"""Connections: what both databases have in common, what keeps them from answering, and what is really gone."""

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, text
from sqlalchemy.exc import IntegrityError

from estimator.accounts.audit import Sought, note_done, read_log
from estimator.accounts.store import find_account
from estimator.billing.jobs import jobs_of
from estimator.billing.watch import purge
from estimator.clock import now_utc
from estimator.db.connection import (
    engine_at,
    file_of,
    make_file,
    memory_engine,
    one_snapshot,
    reading,
    remembered,
    waiting_at_most,
    writing,
)
from estimator.db.tables import metadata, next_id, watch_runs
from estimator.errors import Cause, DatabaseUnavailable
from estimator.plans.shelf import Shelf, Wanted

MARK = "secret-diagnosis"


@pytest.fixture
def on_sqlite(migrated_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A database of SQLite with our tables."""
    file = tmp_path / "estimator.db"
    shutil.copy(migrated_file, file)
    engine = engine_at(URL.create("sqlite", database=str(file)))
    yield engine
    engine.dispose()


@contextmanager
def opened(engine: Engine) -> Iterator[list[Any]]:
    """Note every connection that is opened for as long as this lasts."""
    noted: list[Any] = []

    def note(connection: Any, _: Any) -> None:
        noted.append(connection)

    event.listen(engine, "connect", note)
    yield noted
    event.remove(engine, "connect", note)


def read(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM watch_runs")).scalar_one())


def write(engine: Engine, words: str = "") -> None:
    with writing(engine) as connection:
        number = next_id(connection, watch_runs)
        connection.execute(insert(watch_runs).values(id=number, ran_at=now_utc(), reports=[words]))
        connection.commit()


def test_a_connection_is_kept(database: Engine) -> None:
    """On SQLite the first one makes the file's index in shared memory, for which a full disk has no room."""
    with opened(database) as noted:
        for _ in range(3):
            read(database)

        assert 1 == len(noted)
    file = file_of(database.url)
    assert file is None or file.with_name(f"{file.name}-shm").is_file()


def test_what_is_asked_again_is_read_again_only_after_a_change(database: Engine) -> None:
    """This connection may have made it, another one, or one that took it back. PostgreSQL reads each time."""
    asked: list[int] = []

    def runs(connection: Connection) -> int:
        asked.append(1)
        return int(connection.execute(text("SELECT count(*) FROM watch_runs")).scalar_one())

    def found() -> int:
        with reading(database) as connection:
            return remembered(connection, "runs", lambda: runs(connection))

    assert [0, 0] == [found(), found()]
    assert (1 if database.dialect.name == "sqlite" else 2) == len(asked)
    write(database)
    assert 1 == found()
    with writing(database) as connection:
        connection.execute(insert(watch_runs).values(id=9, ran_at=now_utc(), reports=[]))
        assert 2 == remembered(connection, "runs", lambda: runs(connection))
    assert 1 == found()
    another = create_engine(database.url)
    write(another)
    another.dispose()
    assert 2 == found()


def test_a_snapshot_asks_once_whether_others_have_changed_something(on_sqlite: Engine) -> None:
    """It sees none of their changes while it lasts; the next one asks again, and so does what has no snapshot."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    def count(connection: Connection) -> int:
        counted = text("SELECT count(*) FROM watch_runs")
        return remembered(connection, "runs", lambda: int(connection.execute(counted).scalar_one()))

    another = create_engine(on_sqlite.url)
    event.listen(on_sqlite, "before_cursor_execute", note)
    with reading(on_sqlite) as connection:
        assert 0 == count(connection)
        write(another)
        assert 0 == count(connection)
    with reading(on_sqlite) as connection:
        connection.execute(text("SELECT 1"))
        assert 1 == count(connection)
    assert 2 == asked.count("PRAGMA data_version")
    with on_sqlite.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert 1 == count(connection)
        write(another)
        assert 2 == count(connection)
    another.dispose()


def test_what_keeps_a_file_from_being_read_is_told_also_where_something_is_remembered(on_sqlite: Engine) -> None:
    """To ask whether something has changed may be the first thing that reads the file, which another program holds."""
    on_sqlite.dispose()
    another = sqlite3.connect(str(file_of(on_sqlite.url)), isolation_level=None)
    another.execute("PRAGMA journal_mode=DELETE")
    with waiting_at_most(50):
        read(on_sqlite)
        another.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnavailable) as refusal, reading(on_sqlite) as connection:
            remembered(connection, "runs", int)
    another.close()

    assert Cause.BUSY is refusal.value.cause


def test_a_page_reads_from_one_snapshot_until_it_writes(database: Engine) -> None:
    """What another process commits meanwhile is for the next page; what this one wrote is seen at once."""
    another = create_engine(database.url)
    with opened(database) as noted, one_snapshot(database):
        assert 0 == read(database)
        write(another)
        with reading(database) as outer, reading(database) as inner:
            assert outer is inner
        assert 0 == read(database)
        write(database)
        assert 2 == read(database)
        with pytest.raises(LookupError), reading(database):
            raise LookupError
        assert 2 == read(database)
        with reading(database):
            write(database)
            assert 3 == read(database)
        assert 3 == read(database)
    another.dispose()
    assert len(noted) <= 3
    assert 3 == read(database)


def test_a_writer_in_a_page_reads_what_it_committed(database: Engine) -> None:
    """What it read elsewhere before keeps no snapshot for what it reads afterward."""
    with one_snapshot(database), writing(database) as connection:
        assert 0 == read(database)
        connection.execute(insert(watch_runs).values(id=9, ran_at=now_utc(), reports=[]))
        connection.commit()
        assert 1 == read(database)


def test_a_writer_in_a_page_reads_what_others_commit_before_its_turn(on_sqlite: Engine) -> None:
    """SQLite gives a writer its turn at its first statement; PostgreSQL before it can read anything."""
    with one_snapshot(on_sqlite), writing(on_sqlite):
        assert 0 == read(on_sqlite)
        another = create_engine(on_sqlite.url)
        write(another)
        another.dispose()
        assert 1 == read(on_sqlite)


def test_a_page_writes_to_a_database_in_memory_whose_one_connection_it_reads_from() -> None:
    """It would wait for itself."""
    engine = memory_engine()
    metadata.create_all(engine)
    with one_snapshot(engine):
        assert 0 == read(engine)
        write(engine)
        assert 1 == read(engine)


def test_a_page_lets_others_read_from_a_database_in_memory() -> None:
    """They need not wait until it has all that it asks for; what reads within a reading is on its connection."""
    engine = memory_engine()
    metadata.create_all(engine)
    other = Thread(target=read, args=(engine,), daemon=True)
    with one_snapshot(engine):
        with reading(engine) as outer, reading(engine) as inner:
            assert outer is inner
        other.start()
        other.join(5)
        assert not other.is_alive()


def test_a_writer_who_waits_too_long_is_told_that_the_database_is_busy(database: Engine) -> None:
    """Readers don't wait for a writer at all, and the next writer goes on as if nothing had been."""
    with writing(database) as connection, waiting_at_most(50):
        connection.execute(text("SELECT 1"))
        assert 0 == read(database)
        with pytest.raises(DatabaseUnavailable) as refusal:
            write(database)
    write(database)

    assert Cause.BUSY is refusal.value.cause
    assert 1 == read(database)


def test_a_full_disk_is_told_and_what_is_there_is_still_read(on_sqlite: Engine) -> None:
    """SQLite may have no more pages here than it has."""
    with writing(on_sqlite) as connection:
        connection.execute(text("PRAGMA max_page_count=1"))
    with pytest.raises(DatabaseUnavailable) as refusal:
        write(on_sqlite, "x" * 100_000)

    assert Cause.FULL is refusal.value.cause
    assert 0 == read(on_sqlite)


def test_a_mistake_in_a_statement_stays_one_and_tells_no_values(database: Engine) -> None:
    """What a person typed has no place in a log."""
    write(database)
    row = {"id": 1, "ran_at": now_utc(), "reports": [MARK]}
    with writing(database) as connection, pytest.raises(IntegrityError) as failure:
        connection.execute(insert(watch_runs).values(row))

    assert MARK not in str(failure.value).partition("[SQL")[2]


def test_a_forked_process_opens_its_own_connection(database: Engine) -> None:
    """A connection that two processes use serves neither; the parent's goes on."""
    read(database)
    child = get_context("fork").Process(target=read, args=(database,))
    with opened(database) as noted:
        child.start()
        child.join(60)
        read(database)

        assert (0, []) == (child.exitcode, noted)


def test_another_file_in_its_place_is_noticed(on_sqlite: Engine, migrated_file: Path, tmp_path: Path) -> None:
    """Somebody put the copy of another day there while the pages ran."""
    write(on_sqlite)
    before = read(on_sqlite)
    another = tmp_path / "another.db"
    shutil.copy(migrated_file, another)
    for path in tmp_path.glob("estimator.db-*"):
        path.unlink()
    another.replace(tmp_path / "estimator.db")

    assert (1, 0) == (before, read(on_sqlite))


def test_what_is_deleted_is_in_no_file_any_more(on_sqlite: Engine, tmp_path: Path) -> None:
    """Neither in the database nor in its log of changes, once what is over was purged.

    Some builds of SQLite overwrite by themselves: here none does unless it is told to.
    """
    event.listen(on_sqlite, "connect", lambda made, _: made.execute("PRAGMA secure_delete=OFF"), insert=True)
    on_sqlite.dispose()
    write(on_sqlite, MARK)
    with writing(on_sqlite) as connection:
        connection.execute(watch_runs.delete())
        connection.commit()
    purge(on_sqlite, now_utc())
    files = [path for path in tmp_path.iterdir() if path.is_file()]

    assert [] == [path.name for path in files if MARK.encode() in path.read_bytes()]


def test_only_its_owner_reads_what_is_kept(tmp_path: Path) -> None:
    """The database, its log of changes and the queue of jobs hold what people said about themselves."""
    folder = tmp_path / "kept"
    engine = engine_at(URL.create("sqlite", database=str(folder / "estimator.db")))
    make_file(engine)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE one (id INTEGER)"))
        connection.commit()
    jobs_of(engine)
    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    engine.dispose()

    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert {"estimator.db", "estimator.db-wal", "estimator.db-shm", "jobs.db"} <= rights.keys()
    assert {0o600} == set(rights.values())


def test_a_text_with_a_nul_is_looked_for_and_not_found(database: Engine) -> None:
    """Anyone who types one into the sign-in or the search for a plan gets an answer like everybody else."""
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
