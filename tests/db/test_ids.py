"""No id is given twice, in any table, whatever was removed, upgraded or restored in between."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, Table, insert, text

from estimator.db.connection import engine_at, make_file, migrate, writing
from estimator.db.tables import INSERT_ONLY, metadata, next_id, schedules, watch_runs
from estimator.publishing.database import backup, restore

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WITH_IDS = [table for table in metadata.sorted_tables if table.primary_key.columns.keys() == ["id"]]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Engine]:
    """A database of SQLite in which nothing has been made."""
    engine = engine_at(URL.create("sqlite", database=str(tmp_path / "other.db")))
    yield engine
    engine.dispose()


def run_of_the_watch(engine: Engine) -> int:
    """Add a row to a table that no backup holds; return its id."""
    with writing(engine) as connection:
        number = next_id(connection, watch_runs)
        connection.execute(insert(watch_runs).values(id=number, ran_at=NOW, reports=[]))
        connection.commit()
    return number


def remove_runs(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(watch_runs.delete())
        connection.commit()


@pytest.mark.parametrize("table", WITH_IDS, ids=lambda table: table.name)
def test_a_table_counts_on_or_keeps_every_row(database: Engine, table: Table) -> None:
    """The highest id that is there says nothing of a row that is gone."""
    with writing(database) as connection:
        first, second = (next_id(connection, table) for _ in range(2))

        assert table in INSERT_ONLY or first < second


def test_the_id_of_a_removed_row_is_never_given_again(database: Engine) -> None:
    """Else a page that is still open would change the new row in place of the old one."""
    first, second = run_of_the_watch(database), run_of_the_watch(database)
    remove_runs(database)

    assert (1, 2, 3) == (first, second, run_of_the_watch(database))


def test_a_restored_database_counts_on(database: Engine, other: Engine, tmp_path: Path) -> None:
    """The log that comes back speaks of rows that the backup leaves out."""
    for _ in range(3):
        run_of_the_watch(database)
    backup(database, tmp_path / "kept.gz")
    restore(other, tmp_path / "kept.gz")

    assert 4 == run_of_the_watch(other)


def test_an_older_database_counts_on_from_its_highest_id(empty: Engine) -> None:
    """Of estimates that EOBs are about, also where those estimates are gone."""
    make_file(empty)
    with writing(empty) as connection:
        migrate(connection, "0009")
        kept = {"sent_by": "ana", "sent_at": NOW, "expires_at": NOW, "state": "done"}
        connection.execute(insert(schedules).values(id=7, **kept))
        connection.execute(text("INSERT INTO accounts VALUES (1, 'ana', 'admin', NULL, NULL, '2026-03-02', NULL)"))
        kept_of_eob = (
            "INSERT INTO reconciliations VALUES (1, '2026-03-02', 1, 40, 1, 'p', '2026-03-01', 1, 1, 1, 1, '[]')"
        )
        connection.execute(text(kept_of_eob))
        migrate(connection)
        connection.execute(schedules.delete())
        given = metadata.tables["given_estimates"]

        assert (8, 41) == (next_id(connection, schedules), next_id(connection, given))
