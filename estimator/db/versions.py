"""Which version the tables are of, and the way to ours."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from estimator.db.connection import reading
from estimator.db.migrations import HEAD
from estimator.db.place import file_of
from estimator.db.tables import metadata
from estimator.errors import DatabaseNotReady

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSION = "alembic_version"


def version(connection: Connection) -> str | None:
    """Return the version of the tables; None where nothing has been made yet."""
    if not inspect(connection).has_table(_VERSION):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar()
    return None if found is None else str(found)


def migrate(connection: Connection, to: str = HEAD) -> None:
    """Bring the tables to a version within the transaction at hand."""
    # Alembic is loaded where something is to be changed: every other start is spared it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def drop_tables(connection: Connection) -> None:
    """Remove every table of ours, within the transaction at hand."""
    there = inspect(connection).get_table_names()
    for name in [*(table.name for table in reversed(metadata.sorted_tables)), _VERSION]:
        if name in there:
            connection.execute(text(f"DROP TABLE {name}"))


def found_version(engine: Engine) -> str | None:
    """Return the version of a database that may not even have a file; asking makes none."""
    file = file_of(engine.url)
    if file is not None and not file.is_file():
        return None
    with reading(engine) as connection:
        return version(connection)


def require_ready(engine: Engine) -> None:
    """Raise DatabaseNotReady where the tables are of another version than ours."""
    found = found_version(engine)
    if found != HEAD:
        raise DatabaseNotReady(found or "", HEAD)
