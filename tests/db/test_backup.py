"""A backup holds everything, moves between engines, and is taken whole or not at all."""

import gzip
import json
import os
import stat
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import DBAPIError

from estimator.db.connection import engine_at, writing
from estimator.errors import BackupRefused, DatabaseNotEmpty
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf, Wanted
from estimator.prices.store import Kind
from estimator.publishing.clinic_lists import active_list
from estimator.publishing.database import backup, fill_from_folder, restore, upgrade
from estimator.publishing.publish import NewBook, Occasion, publish_book
from tests.db.sample import definition, drafts, published
from tests.publishing.test_price_lists import CONTRACT
from tests.publishing.test_price_lists import published as published_list

DAY = date(2026, 5, 1)


@pytest.fixture
def other(tmp_path: Path) -> Engine:
    """A database of SQLite in which nothing has been made."""
    return engine_at(URL.create("sqlite", database=str(tmp_path / "other.db")))


@pytest.fixture
def kept(database: Engine, folder: Path, tmp_path: Path) -> Path:
    """A backup of a database with something in every table."""
    fill_from_folder(database, Library(folder))
    published(database, [Draft(definition(title='Ünder " \\ \u2028')), *drafts("40.00")])
    published(database, drafts("50.00"))
    publish_book(database, NewBook(2026, "A", {"factor": 334009}), Occasion("fees 2026"))
    first = published_list(database, Kind.CONTRACT, CONTRACT)
    published_list(database, Kind.CONTRACT, CONTRACT.replace("41.00", "60.00"), first)
    path = tmp_path / "kept.gz"
    backup(database, path)
    return path


def lines(path: Path) -> list[bytes]:
    """Return what a backup holds, without the moment that it was made."""
    return gzip.decompress(path.read_bytes()).splitlines()[1:-1]


def test_a_backup_moves_between_engines(kept: Path, other: Engine, tmp_path: Path, database: Engine) -> None:
    """There and back again it is the same, to the last character."""
    there, back = tmp_path / "there.gz", tmp_path / "back.gz"
    restore(other, kept)
    backup(other, there)
    restore(database, there, replace=True)
    backup(database, back)

    assert len(lines(kept)) > 20
    assert lines(kept) == lines(there) == lines(back)
    assert Shelf(database).search(Wanted()) == Shelf(other).search(Wanted())
    assert active_list(database, Kind.CONTRACT) == active_list(other, Kind.CONTRACT)


def test_a_restored_database_goes_on(kept: Path, other: Engine) -> None:
    """It publishes under new numbers, and refuses changes as before."""
    restore(other, kept)
    published(other, drafts("60.00"))

    assert 3 == len(Shelf(other).history("plan-0"))
    with writing(other) as connection, pytest.raises(DBAPIError, match="only inserted into"):
        connection.execute(text("DELETE FROM plan_revisions"))


def test_a_backup_is_not_put_over_plans_unasked(kept: Path, database: Engine) -> None:
    """The number of plans that would go is told."""
    with pytest.raises(DatabaseNotEmpty) as refusal:
        restore(database, kept)

    assert 10 == refusal.value.plans


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def changed(whole: bytes) -> bytes:
    return gzip.compress(gzip.decompress(whole).replace(b"50.00", b"05.00"))


def without_a_row(whole: bytes) -> bytes:
    written = gzip.decompress(whole).splitlines(keepends=True)
    return gzip.compress(b"".join(line for line in written if not line.startswith(b'["plan-1"')))


def without_its_end(whole: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(whole).splitlines(keepends=True)[:-1]))


def turned(whole: bytes) -> bytes:
    place = len(whole) // 2
    return whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]


def of_a_later_version(whole: bytes) -> bytes:
    return gzip.compress(gzip.decompress(whole).replace(b'"version":"0', b'"version":"9', 1))


def of_another_program(whole: bytes) -> bytes:
    return gzip.compress(b'{"rows":0}\n')


def no_backup(whole: bytes) -> bytes:
    return b"plan,title\n"


def signed(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Damage what stands in a backup, and write the end that goes with it."""

    def made(whole: bytes) -> bytes:
        lines = change(b"".join(gzip.decompress(whole).splitlines(keepends=True)[:-1])).splitlines(keepends=True)
        end = {"rows": sum(line.startswith(b"[") for line in lines), "sha256": sha256(b"".join(lines)).hexdigest()}
        return gzip.compress(b"".join(lines) + json.dumps(end).encode())

    return made


def deep(whole: bytes) -> bytes:
    return gzip.compress(b"[" * 200_000)


def empty(whole: bytes) -> bytes:
    return b""


def empty_within(whole: bytes) -> bytes:
    return gzip.compress(b"")


DAMAGES: tuple[Callable[[bytes], bytes], ...] = (
    cut,
    changed,
    without_a_row,
    without_its_end,
    turned,
    of_a_later_version,
    of_another_program,
    no_backup,
    deep,
    empty,
    empty_within,
    signed(lambda lines: lines.replace(b'{"table":"plan_revisions"', b'{"table":"others"')),
    signed(lambda lines: lines.replace(b'"text"]', b'"numbers"]')),
    signed(lambda lines: lines.replace(b'["plan_id",', b'["plan_id; --",')),
    signed(lambda lines: lines.replace(b'["plan-1"', b'[["plan-1"]')),
    signed(lambda lines: lines.replace(b'["plan-1",', b"[")),
    signed(lambda lines: lines.replace(b'{"table"', b'{"tables"')),
    signed(lambda lines: lines.replace(b"2026-", b"twice-")),
    signed(lambda lines: lines.replace(b'"version":"00', b'"version":"000')),
    signed(lambda lines: lines + b"1\n"),
)


def test_a_damaged_backup_is_refused(kept: Path, database: Engine) -> None:
    """And what is active is left as it was."""
    damaged = kept.with_name("damaged.gz")
    before = Shelf(database).search(Wanted())
    for damage in DAMAGES:
        damaged.write_bytes(damage(kept.read_bytes()))
        with pytest.raises(BackupRefused) as refusal:
            restore(database, damaged, replace=True)

        [problem] = refusal.value.problems
        assert str(damaged) == problem.file
        assert problem.message.endswith("The database was left as it was.")
    assert before == Shelf(database).search(Wanted())


def test_a_folder_that_is_not_there_is_told(database: Engine, tmp_path: Path) -> None:
    """For writing as for reading."""
    with pytest.raises(BackupRefused, match="cannot be written"):
        backup(database, tmp_path / "nowhere" / "kept.gz")
    with pytest.raises(BackupRefused, match="cannot be read"):
        restore(database, tmp_path / "nowhere.gz", replace=True)


def test_a_backup_that_fails_leaves_the_older_one(kept: Path, other: Engine) -> None:
    """It takes the place of the older file only when it is whole; nothing unfinished is left next to it."""
    before = kept.read_bytes()
    upgrade(other)
    published(other, drafts())
    with writing(other) as connection:
        connection.execute(text("DROP TABLE reconciliations"))
        connection.commit()

    with pytest.raises(DBAPIError, match="no such table"):
        backup(other, kept)
    assert before == kept.read_bytes()
    assert [kept.name] == [path.name for path in kept.parent.iterdir() if path.name.startswith((".", kept.name))]


def test_a_backup_is_for_its_owner_only(kept: Path) -> None:
    """It holds hashes of passwords, and what payers said of patients."""
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)


def test_a_backup_takes_the_place_of_files_only(database: Engine, tmp_path: Path) -> None:
    """Not of a device, such as /dev/null, which everybody on the machine would miss."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(BackupRefused, match="it is no file"):
        backup(database, tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
