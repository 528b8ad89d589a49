"""Where the database is, how it is opened, and which version its tables are of, on SQLite and PostgreSQL alike.

That folder is the one that ESTIMATOR_DATA names, else `instance/` of a checkout, else the folder in which an
installed program keeps a person's files.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Pool,
    QueuePool,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from estimator.db.migrations import HEAD
from estimator.db.tables import metadata
from estimator.errors import Cause, DatabaseNotReady, DatabaseUnavailable, Problem, SettingsRefused
from estimator.files import make_private
from estimator.settings import DATA_FOLDER, DATABASE_URL, LOCALAPPDATA, PLANS, XDG_DATA_HOME, prices_folder

_FILE = "estimator.db"
_OURS = "therapy-cost-estimator"
_POSTGRESQL = ("postgres", "postgresql")


def database_url() -> URL:
    """Return the address of the database."""
    chosen = DATABASE_URL.value()
    if not chosen:
        return URL.create("sqlite", database=str(data_folder() / _FILE))
    try:
        url = make_url(chosen)
    except (ArgumentError, ValueError) as error:  # The second where the port is no number.
        raise SettingsRefused((Problem(DATABASE_URL.name, DATABASE_URL.kind.enter),)) from error
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


def data_folder_if_any() -> Path | None:
    """Return the folder for what is kept; None where a setting that names it cannot be used."""
    try:
        return data_folder()
    except SettingsRefused:
        return None


def file_of(url: URL) -> Path | None:
    """Return the file of a database of SQLite; None where it is a server, or only in memory."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if is_file else None


def is_meant() -> bool:
    """Tell whether commands are to ask the database: it is named, or its file is there.

    A folder of plans and no database means that folder.
    """
    if DATABASE_URL.written:
        return True
    if PLANS.written:
        return False
    file = file_of(database_url())
    return file is not None and file.is_file()


# ----------------------------------------------------------------------------
# Connections: a snapshot for readers, and one writer at a time, on SQLite and on PostgreSQL alike.
#
# A writer who does not commit has changed nothing, however it ended.
# ----------------------------------------------------------------------------

SQLITE = "sqlite"
# Commands and jobs can wait for another writer; a page says sooner that the database is busy.
_WAIT_MS = ContextVar("wait_ms", default=30_000)
_KEPT = 8
_MORE = 32
_TRIES = 100
_PAUSE_MS = 50
# Any number that no other program on the same server takes.
_WRITERS = 6_427_310


def open_engine() -> Engine:
    """Return the engine of the database that is meant; raise SettingsRefused where its address names no driver of ours.

    The driver for PostgreSQL is an extra, which may not be installed.
    """
    try:
        return engine_at(database_url())
    except (ArgumentError, ImportError) as error:
        words = f"{DATABASE_URL.kind.enter} For PostgreSQL, install the extra `postgres`."
        raise SettingsRefused((Problem(DATABASE_URL.name, words),)) from error


@cache
def engine_at(url: URL) -> Engine:
    """Return the engine of the database at this address, the same one every time."""
    if url.get_backend_name() != SQLITE:
        engine = _kept_apart(create_engine(url, pool_pre_ping=True, hide_parameters=True))
        event.listen(engine, "connect", _replace_nul)
        event.listen(engine, "handle_error", _explain)
        return engine
    if file_of(url) is None:
        return memory_engine()
    # Connections are kept: each new first one makes the file's index in shared memory, which a full disk prevents.
    # The one that was used last is used next: what it remembers is asked for again.
    kept = {"poolclass": QueuePool, "pool_size": _KEPT, "max_overflow": _MORE, "pool_use_lifo": True}
    engine = _kept_apart(_on_sqlite(create_engine(url, hide_parameters=True, **kept)))
    event.listen(engine, "connect", _note_file)
    event.listen(engine, "checkout", _require_same_file)
    return engine


def memory_engine() -> Engine:
    """Return a new, empty database in memory, which ends with this process."""
    # It lives in its one connection, for which threads wait in turn.
    one = {"pool_size": 1, "max_overflow": 0, "connect_args": {"check_same_thread": False}}
    # Errors name no values of a statement: those are what people typed.
    return _on_sqlite(create_engine(URL.create(SQLITE), poolclass=QueuePool, hide_parameters=True, **one))


def is_in_memory(engine: Engine) -> bool:
    """Tell whether what is written to a database ends with this process."""
    return _is_sqlite(engine) and file_of(engine.url) is None


@contextmanager
def waiting_at_most(milliseconds: int) -> Iterator[None]:
    """Let a writer wait no longer than this for another one; then it raises DatabaseUnavailable."""
    before = _WAIT_MS.set(milliseconds)
    try:
        yield
    finally:
        _WAIT_MS.reset(before)


def _on_sqlite(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _explain)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read from one snapshot of the database."""
    held = _held.get()
    with held.used() if held and held.engine is engine else _snapshot(engine) as connection:
        yield connection


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    isolation = {} if _is_sqlite(engine) else {"isolation_level": "REPEATABLE READ"}
    with _connected(engine, **isolation) as connection:
        yield connection


@contextmanager
def writing(engine: Engine, *, checks_references: bool = True) -> Iterator[Connection]:
    """Be the only writer until `connection.commit()`; leaving without it changes nothing.

    Where tables are removed whole, SQLite need not ask of every row whether another one names it. Raises
    DatabaseUnavailable where another writer takes too long.
    """
    # A writer that waited for another must see what that one wrote.
    isolation = {} if _is_sqlite(engine) else {"isolation_level": "READ COMMITTED"}
    with _snapshot_ended(engine), _connected(engine, writes=True, **isolation) as connection:
        if _is_sqlite(engine):
            with _references_unchecked(connection) if not checks_references else nullcontext():
                yield connection
            return
        connection.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{_WAIT_MS.get()}ms"})
        connection.execute(text("SELECT pg_advisory_xact_lock(:writers)"), {"writers": _WRITERS})
        yield connection


@contextmanager
def _references_unchecked(connection: Connection) -> Iterator[None]:
    """Check no references for as long as this lasts; only outside of a transaction is that heard."""
    raw = connection.connection.cursor()
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        # What is not committed by now never is. The connection is kept, and the next one to use it needs the checks.
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def make_file(engine: Engine) -> None:
    """Make the file of a database of SQLite and its folder, and let readers and a writer not wait for each other."""
    file = file_of(engine.url)
    if file is None:
        return
    try:
        # Hashes of passwords stand in it: only who runs the program reads it, and what lies next to it.
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(file)
    except OSError as error:
        raise DatabaseUnavailable(str(file), str(error.strerror)) from error
    for attempt in range(_TRIES):
        try:
            with _connected(engine, isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            return
        except DatabaseUnavailable:
            # Somebody else is making the same file at this moment.
            if attempt == _TRIES - 1:
                raise
            sleep(_PAUSE_MS / 1000)


def forget_changes(engine: Engine) -> None:
    """Empty the file in which SQLite logs changes, which may hold what was deleted since, as far as nobody reads it."""
    if file_of(engine.url) is None:
        return
    with _snapshot_ended(engine), _connected(engine, isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


# ----------------------------------------------------------------------------
# All that one page reads comes from one snapshot, on one connection; what it writes ends that, and then another begins.
# In memory there is one connection for everybody, so that only what reads within a reading shares its snapshot.
# ----------------------------------------------------------------------------


class _Held:
    """The snapshot of a page: begun when something is first read, ended when nobody reads from it any more."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._open: tuple[Connection, ExitStack] | None = None
        self._readers = 0
        self._is_over = False

    @contextmanager
    def used(self) -> Iterator[Connection]:
        """Read from it; after a failure it isn't used again."""
        if self._is_over:
            with _snapshot(self.engine) as connection:
                yield connection
            return
        if self._open is None:
            ends = ExitStack()
            self._open = ends.enter_context(_snapshot(self.engine)), ends
        self._readers += 1
        is_read = False
        try:
            yield self._open[0]
            is_read = True
        finally:
            self._readers -= 1
            # Others wait for the one connection of a database in memory, which is theirs between two readings.
            if self._is_over or not is_read or (not self._readers and is_in_memory(self.engine)):
                self.end()

    def end(self) -> None:
        """End it as soon as nobody reads from it."""
        self._is_over = bool(self._readers)
        if self._open and not self._readers:
            (_connection, ends), self._open = self._open, None
            ends.close()


_held = ContextVar[_Held | None]("held", default=None)


@contextmanager
def one_snapshot(engine: Engine) -> Iterator[None]:
    """Let everything that is read meanwhile come from one snapshot, until something is written."""
    held, before = _Held(engine), _held.get()
    _held.set(held)
    try:
        yield
    finally:
        _held.set(before)
        held.end()


@contextmanager
def _snapshot_ended(engine: Engine) -> Iterator[None]:
    """Keep no snapshot while something is written: a writer sees what others committed before its turn came."""
    held = _held.get()
    if held is None or held.engine is not engine:
        yield
        return
    held.end()
    _held.set(None)
    try:
        yield
    finally:
        _held.set(held)


# ----------------------------------------------------------------------------
# Small answers that each page asks for are kept with the connection, for as long as nobody changes the database.
#
# SQLite says so itself: its `data_version` is another one after what others commit, and it counts a connection's own
# changes. PostgreSQL has nothing of the kind, so that there everything is read again.
# ----------------------------------------------------------------------------

_KEPT_ANSWERS = 256
_Answer = TypeVar("_Answer")


def remembered(connection: Connection, key: Hashable, read: Callable[[], _Answer]) -> _Answer:
    """Return what `read` returns, or returned before under this key if nothing has changed since.

    It must depend on the key and the database alone, and nobody may change it.
    """
    if connection.dialect.name != SQLITE or connection.get_execution_options().get("writes"):
        return read()
    raw: Any = connection.connection.dbapi_connection
    now = _version_of(connection), raw.total_changes
    found: tuple[Any, dict[Hashable, Any]] = connection.info.get("kept", (None, {}))
    if found[0] != now or len(found[1]) >= _KEPT_ANSWERS:
        found = connection.info["kept"] = now, {}
    if key not in found[1]:
        found[1][key] = read()
    answer: _Answer = found[1][key]
    return answer


def _version_of(connection: Connection) -> int:
    """Return what SQLite counts others' changes by; a transaction sees none of them, so that it asks once.

    The question itself begins to read: the snapshot is taken by the time it is answered.
    """
    known: int | None = connection.info.get("version") if connection.in_transaction() else None
    if known is None:
        known = int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.info["version"] = known
    return known


@contextmanager
def _connected(engine: Engine, **options: Any) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except PoolTimeout as error:
        raise DatabaseUnavailable(_address(engine), "every connection is in use", Cause.BUSY) from error
    with connection:
        yield connection.execution_options(**options)


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == SQLITE


def _address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # Transactions begin where SQLAlchemy says so, not at the first change.
    pragmas = ("foreign_keys=ON", "synchronous=NORMAL", "recursive_triggers=ON", "secure_delete=ON")
    for pragma in (f"busy_timeout={_WAIT_MS.get()}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _replace_nul(connection: Any, _: Any) -> None:
    """Send U+FFFD for the one character that PostgreSQL keeps in no text, so that nobody's typing is a failure."""
    from psycopg.types.string import StrDumperUnknown

    class Dumper(StrDumperUnknown):
        def dump(self, words: str) -> Any:
            return super().dump(words.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, Dumper)


def _begin(connection: Connection) -> None:
    connection.info.pop("version", None)
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    writes = connection.get_execution_options().get("writes")
    if connection.info.get("wait") != (wait := _WAIT_MS.get()):
        connection.connection.cursor().execute(f"PRAGMA busy_timeout={wait}")
        connection.info["wait"] = wait
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _note_file(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["file"] = _opened_file(connection)


def _require_same_file(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
    """Open the file again where somebody removed it or put another one there."""
    if record.info["file"] != _opened_file(connection):
        raise InvalidatePoolError


def _opened_file(connection: Any) -> tuple[int, int] | None:
    with suppress(OSError):
        found = Path(connection.execute("PRAGMA database_list").fetchone()[2]).stat()
        return found.st_dev, found.st_ino
    return None


# ----------------------------------------------------------------------------
# Connections are a process's own: a child that is forked opens its own, and those that are left are closed at the end.
# ----------------------------------------------------------------------------

_engines: WeakSet[Engine] = WeakSet()
_of_the_parent: list[Pool] = []


def _kept_apart(engine: Engine) -> Engine:
    _engines.add(engine)
    return engine


def _forget_the_parents() -> None:
    for engine in list(_engines):
        # A connection that is collected would be closed, and with it what the parent still uses.
        _of_the_parent.append(engine.pool)
        engine.dispose(close=False)


def close_connections() -> None:
    """Close every connection that nobody uses at the moment; the next one to ask opens another."""
    for engine in list(_engines):
        # To make a new pool in the place of one that keeps nothing open takes longer than all the rest.
        if not isinstance(engine.pool, QueuePool) or engine.pool.checkedin():
            engine.dispose()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents)
atexit.register(close_connections)


# ----------------------------------------------------------------------------
# What keeps a database from answering, as our own exception: a mistake in a statement stays what it is.
# ----------------------------------------------------------------------------

_BUSY_CODES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_PLACE_CODES = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_UNUSABLE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_LEAST_FREE = 1 << 20
# Classes of SQLSTATE, and single ones: too long a wait for a lock, a deadlock, too many connections, a full disk.
_BUSY_STATES = ("55P03", "40P01", "40001", "53300")
_FULL_STATES = ("53100",)
_UNREACHED_STATES = ("08", "57P", "28", "3D")


def _explain(context: ExceptionContext) -> None:
    """Raise DatabaseUnavailable where that is what an error of the driver comes from."""
    error = context.original_exception
    if context.is_pre_ping or context.engine is None:
        return
    cause = _of_sqlite(error, context.engine) if _is_sqlite(context.engine) else _of_postgresql(error)
    if cause is None and (context.connection is None or context.is_disconnect):
        cause = Cause.UNREACHED
    if cause is not None:
        reason = str(error).strip().partition("\n")[0]
        raise DatabaseUnavailable(_address(context.engine), reason, cause) from error


def _of_sqlite(error: BaseException, engine: Engine) -> Cause | None:
    # The lower byte is the kind of an error, the rest what it was about.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY_CODES:
        return Cause.BUSY
    if code == sqlite3.SQLITE_FULL:
        return Cause.FULL
    if code in _NO_PLACE_CODES:
        return Cause.FULL if _is_full(engine) else Cause.UNREACHED
    return Cause.UNREACHED if code in _UNUSABLE_CODES else None


def _is_full(engine: Engine) -> bool:
    file = file_of(engine.url)
    with suppress(OSError):
        return file is not None and shutil.disk_usage(file.parent).free < _LEAST_FREE
    return False


def _of_postgresql(error: BaseException) -> Cause | None:
    state = str(getattr(error, "sqlstate", None) or "")
    if state in _BUSY_STATES:
        return Cause.BUSY
    if state in _FULL_STATES:
        return Cause.FULL
    return Cause.UNREACHED if state.startswith(_UNREACHED_STATES) else None


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
