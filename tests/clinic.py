"""A clinic's programs: two processes of gunicorn, a worker, PostgreSQL, and nginx with TLS in front of them.

With CLINIC in the environment every journey in a browser goes to these, instead of to the app in the test's own
process: `CLINIC=1 .venv/bin/pytest -m "browser" tests/web`. nginx gives each request to the other process, so that what
one of them keeps to itself shows.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from flask import Flask
from sqlalchemy import URL, Engine, create_engine, delete, insert, select, text

from estimator import clock
from estimator.cli import main
from estimator.db.connection import engine_at, reading, writing
from estimator.db.tables import metadata
from estimator.web import create_app

IS_MEANT = bool(os.environ.get("CLINIC"))
PATIENCE = 120
# How long a browser waits for a page: seven more programs share the processor with it here.
MOST_MS = 60_000 if IS_MEANT else 5_000
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream pages {{ server 127.0.0.1:{one}; server 127.0.0.1:{other}; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
        client_max_body_size 16m;
        location / {{
            proxy_pass http://pages;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Request-ID $request_id;
        }}
    }}
}}
"""
SERVED = [
    *(sys.executable, "-m", "gunicorn", "-c", "python:estimator.web.gunicorn_settings"),
    *("--workers", "1", "--graceful-timeout", "2"),
]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def made_certificate(folder: Path, host: str) -> Path:
    """Make a certificate that a test alone trusts."""
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*made, *named, *files], check=True, capture_output=True)
    return folder / "cert.pem"


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """Run a program for as long as this lasts."""
    with (
        log.open("ab") as lines,
        subprocess.Popen(command, env={**os.environ, **environment}, stdout=lines, stderr=lines) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; nobody answers at first."""
    last = monotonic() + PATIENCE
    while True:
        try:
            if is_so():
                return
        except OSError:
            pass
        assert monotonic() < last
        sleep(0.2)


# ----------------------------------------------------------------------------
# The day on which tests live, in programs of their own: as far from the real day, for as long as the tests last.
# ----------------------------------------------------------------------------

_SHIFT = "CLINIC_SHIFT"
_BEGAN = datetime.now(UTC)
_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def moment() -> datetime:
    """Return the present moment on the day of the tests, whose noon was when they began."""
    return _NOON + (datetime.now(UTC) - _BEGAN)


def app_of_the_day() -> Flask:
    """Make the app, for gunicorn, on the day of the tests."""
    _travel()
    return create_app()


def work_of_the_day() -> None:
    """Run the worker on the day of the tests."""
    _travel()
    main(["work"])


def _travel() -> None:
    shift = timedelta(seconds=float(os.environ[_SHIFT]))

    class Shifted(datetime):
        """Time as the product asks for it; what gunicorn counts by stays as it is."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + shift

    clock.datetime = Shifted  # type: ignore[misc]


# ----------------------------------------------------------------------------
# Databases of PostgreSQL like those that tests have in SQLite.
# ----------------------------------------------------------------------------

_servers: list[tuple[URL, str]] = []
_like: dict[str, str] = {}
_NUMBERS = count(1)


def begin(server: URL, migrated: str) -> None:
    """Say which server the databases are on, and the name of one with our tables."""
    _servers.append((server, migrated))


def in_postgresql(engine: Engine) -> Engine:
    """Return a new database of PostgreSQL with the rows of one of SQLite."""
    server, migrated = _servers[-1]
    made = engine_at(server.set(database=_created(server, migrated)))
    with reading(engine) as old, writing(made) as new:
        for table in reversed(metadata.sorted_tables):
            new.execute(delete(table))
        for table in metadata.sorted_tables:
            if rows := [dict(row._mapping) for row in old.execute(select(table))]:
                new.execute(insert(table), rows)
            for column in table.primary_key.columns:
                found = new.execute(text(f"SELECT pg_get_serial_sequence('{table.name}', '{column.name}')")).scalar()
                if found:
                    most = max((row[column.name] for row in rows), default=0)
                    new.execute(text("SELECT setval(:which, :most)"), {"which": found, "most": max(most, 1)})
        new.commit()
    return made


def copy_of(file: Path) -> Engine:
    """Return a new database like a file of SQLite, which is read once."""
    server, _ = _servers[-1]
    if str(file) not in _like:
        engine = in_postgresql(engine_at(URL.create("sqlite", database=str(file))))
        _like[str(file)] = str(engine.url.database)
        engine.dispose()
    return engine_at(server.set(database=_created(server, _like[str(file)])))


def _created(server: URL, like: str) -> str:
    administrator, name = create_engine(server, isolation_level="AUTOCOMMIT"), f"clinic_{next(_NUMBERS)}"
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    administrator.dispose()
    return name


# ----------------------------------------------------------------------------
# All of them together.
# ----------------------------------------------------------------------------


@contextmanager
def programs(folder: Path, ports: list[int], host: str, app: str, work: list[str], **named: str) -> Iterator[Path]:
    """Run two processes of an app on the first two ports, a worker, and nginx on the third; yield its certificate."""
    one, other, port = ports
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, one=one, other=other, port=port))
    certificate = made_certificate(folder, host)
    with ExitStack() as started:
        for each in (one, other):
            command = [*SERVED, "--bind", f"127.0.0.1:{each}", app]
            started.enter_context(running(command, folder / "log", **named))
        started.enter_context(running(work, folder / "log", **named))
        started.enter_context(running(["nginx", "-c", str(folder / "nginx.conf")], folder / "log"))
        yield certificate


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """Serve the pages of a database, copied to PostgreSQL where it is in another, and yield their address."""
    used = engine if engine.dialect.name == "postgresql" else in_postgresql(engine)
    used.dispose()
    ports = [free_port() for _ in range(3)]
    address = f"https://127.0.0.1:{ports[2]}"
    named = {
        "DATABASE_URL": used.url.render_as_string(hide_password=False),
        "ESTIMATOR_URL": address,
        "ESTIMATOR_PROXIES": "1",
        _SHIFT: str((_NOON - _BEGAN).total_seconds()),
    }
    work = [sys.executable, "-c", "from tests.clinic import work_of_the_day; work_of_the_day()"]
    app = "tests.clinic:app_of_the_day()"
    with TemporaryDirectory() as kept, programs(Path(kept), ports, "127.0.0.1", app, work, **named):
        for port in ports[:2]:
            until(lambda port=port: _answers(port, address))  # type: ignore[misc]
        until(lambda: bool(socket.create_connection(("127.0.0.1", ports[2])).close() or True))
        yield address


def _answers(port: int, address: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/livez", headers={"Host": address.removeprefix("https://")})
    status = connection.getresponse().status
    connection.close()
    return status == 200
