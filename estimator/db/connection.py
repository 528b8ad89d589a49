"""Where the database is, how it is opened, and which version its tables are of, on SQLite and PostgreSQL alike.

That folder is the one that ESTIMATOR_DATA names, else `instance/` of a checkout, else the folder in which an
installed program keeps a person's files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from estimator.db.migrations import HEAD
from estimator.db.tables import metadata
from estimator.errors import DatabaseNotReady, DatabaseUnavailable
from estimator.resources import prices_folder
from estimator.settings import DATA_FOLDER, DATABASE_URL, LOCALAPPDATA, PLANS, XDG_DATA_HOME

_FILE = "estimator.db"
_OURS = "therapy-cost-estimator"
_POSTGRESQL = ("postgres", "postgresql")


def database_url() -> URL:
    """Return the address of the database."""
    chosen = DATABASE_URL.value()
    if not chosen:
        return URL.create("sqlite", database=str(data_folder() / _FILE))
    url = make_url(chosen)
    # Hosts of PostgreSQL write its address without the driver, which would mean another one than ours.
    return url.set(drivername="postgresql+psycopg") if url.drivername in _POSTGRESQL else url


def data_folder() -> Path:
    """Return the folder for what is kept; it may not exist yet."""
    chosen = DATA_FOLDER.value()
    if chosen:
        return chosen
    root = prices_folder().parent
    if (root / "pyproject.toml").is_file():
        return root / "instance"
    home = XDG_DATA_HOME.value() or LOCALAPPDATA.value() or Path.home() / ".local" / "share"
    return home / _OURS


def file_of(url: URL) -> Path | None:
    """Return the file of a database of SQLite; None where it is a server, or only in memory."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if is_file else None


def is_meant() -> bool:
    """Tell whether commands are to ask the database: it is named, or its file is there.

    Whoever names a folder of plans and no database means that folder.
    """
    if DATABASE_URL.written:
        return True
    if PLANS.written:
        return False
    file = file_of(database_url())
    return file is not None and file.is_file()


# ----------------------------------------------------------------------------
# Connections: a snapshot for whoever reads, and one writer at a time, on SQLite and on PostgreSQL alike.
#
# A writer who does not commit has changed nothing, however it ended.
# ----------------------------------------------------------------------------

SQLITE = "sqlite"
_WAIT_MS = 30_000
_TRIES = 100
_PAUSE_MS = 50
# Any number that no other program on the same server takes.
_WRITERS = 6_427_310


def open_engine() -> Engine:
    """Return the engine of the database that is meant."""
    return engine_at(database_url())


@cache
def engine_at(url: URL) -> Engine:
    """Return the engine of the database at this address, the same one every time."""
    if url.get_backend_name() != SQLITE:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _replace_nul)
        return engine
    if file_of(url) is None:
        return memory_engine()
    # A connection to a file is opened in a fraction of a millisecond; kept ones would only hold the file open.
    return _on_sqlite(create_engine(url, poolclass=NullPool, hide_parameters=True))


def memory_engine() -> Engine:
    """Return a new, empty database in memory, which ends with this process."""
    # It lives in its one connection, for which threads wait in turn.
    one = {"pool_size": 1, "max_overflow": 0, "connect_args": {"check_same_thread": False}}
    # Errors name no values of a statement: those are what people typed.
    return _on_sqlite(create_engine(URL.create(SQLITE), poolclass=QueuePool, hide_parameters=True, **one))


def is_in_memory(engine: Engine) -> bool:
    """Tell whether what is written to a database ends with this process."""
    return _is_sqlite(engine) and file_of(engine.url) is None


def _on_sqlite(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read from one snapshot of the database."""
    isolation = {} if _is_sqlite(engine) else {"isolation_level": "REPEATABLE READ"}
    with _connected(engine, **isolation) as connection:
        yield connection


@contextmanager
def writing(engine: Engine, *, checks_references: bool = True) -> Iterator[Connection]:
    """Be the only writer until `connection.commit()`; whoever leaves without it has changed nothing.

    Where tables are removed whole, SQLite need not ask of every row whether another one names it.
    """
    # Whoever waited for another writer must see what that one wrote.
    isolation = {} if _is_sqlite(engine) else {"isolation_level": "READ COMMITTED"}
    with _connected(engine, writes=True, **isolation) as connection:
        if _is_sqlite(engine) and not checks_references:
            # Only outside of a transaction is this heard, and it ends with the connection.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        if not _is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(:writers)"), {"writers": _WRITERS})
        yield connection


def make_file(engine: Engine) -> None:
    """Make the file of a database of SQLite and its folder, and let readers and a writer not wait for each other."""
    file = file_of(engine.url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Hashes of passwords stand in it: only who runs the program reads it.
        file.touch(mode=0o600)
    except OSError as error:
        raise DatabaseUnavailable(str(file), str(error.strerror)) from error
    for attempt in range(_TRIES):
        try:
            with _connected(engine, isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            return
        except OperationalError:
            # Somebody else is making the same file at this moment.
            if attempt == _TRIES - 1:
                raise
            sleep(_PAUSE_MS / 1000)


@contextmanager
def _connected(engine: Engine, **options: Any) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseUnavailable(shown, str(error.orig).strip().partition("\n")[0]) from error
    with connection:
        yield connection.execution_options(**options)


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == SQLITE


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # Transactions begin where SQLAlchemy says so, not at the first change.
    for pragma in (f"busy_timeout={_WAIT_MS}", "foreign_keys=ON", "synchronous=NORMAL", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _replace_nul(connection: Any, _: Any) -> None:
    """Send U+FFFD for the one character that PostgreSQL keeps in no text, so that nobody's typing is a failure."""
    from psycopg.types.string import StrDumperUnknown

    class Dumper(StrDumperUnknown):
        def dump(self, words: str) -> Any:
            return super().dump(words.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, Dumper)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# ----------------------------------------------------------------------------
# Which version the tables are of, and the way to ours.
# ----------------------------------------------------------------------------

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
