"""A backup of every table except credentials, in a form that either engine reads.

The first line says what it is and of which version, one line names each table with the kinds of its columns, its rows
follow, and the last line holds their number and the SHA-256 of all lines before it: what was cut off or changed shows.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, Column, Connection, Date, Integer, String, column, insert, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from estimator.db.migrations import HEAD
from estimator.db.tables import IN_NO_BACKUP, Moment, Words, metadata
from estimator.errors import BackupRefused, Problem
from estimator.files import MOST_RATIO

_FORMAT = "therapy-cost-estimator backup"
_VERSION = re.compile("000[1-9]|00[1-9][0-9]")
_AT_ONCE = 1000
_LONGEST_LINE = 16 * 1024 * 1024
_SMALL = 64 * 1024 * 1024  # Up to here a backup may unpack to many times its size.
_MANY_LINES, _LEAST_LINE = 100_000, 8  # Past so many lines, none has them shorter than this on average.
_KINDS: dict[str, type[TypeEngine[Any]]] = {
    "text": String,
    "whole": Integer,
    "day": Date,
    "moment": Moment,
    "words": Words,
    "json": JSON,
}


def write_backup(connection: Connection, target: IO[bytes], now: datetime) -> int:
    """Write every row of every table; return how many."""
    rows = 0
    mark = sha256()
    with gzip.GzipFile("", "wb", 6, target, mtime=0) as packed:
        for line, is_row in _lines(connection, now):
            mark.update(line)
            packed.write(line)
            rows += is_row
        packed.write(_line({"rows": rows, "sha256": mark.hexdigest()}))
    return rows


def check_backup(path: Path) -> tuple[str, int]:
    """Return the version of a backup and the number of its rows; raise BackupRefused where it is not whole."""
    mark, rows, last, version = sha256(), 0, b"", ""
    for line in _read(path):
        mark.update(last)
        rows += last.startswith(b"[")
        version = version or _version(line, path)
        last = line
    end = _parsed(last, path)
    if not isinstance(end, dict) or end != {"rows": rows, "sha256": mark.hexdigest()}:
        raise _refused(path, "Its end is missing, or something in it was changed.")
    return version, rows


def read_backup(connection: Connection, path: Path) -> int:
    """Put the rows of a checked backup into empty tables of its version; return how many.

    Raises BackupRefused where its lines aren't what `write_backup` writes, whatever its end says.
    """
    try:
        return _put(connection, path)
    except (AttributeError, KeyError, TypeError, ValueError, DBAPIError) as error:
        raise _refused(path, "It is damaged, or no backup of this program.") from error


def _put(connection: Connection, path: Path) -> int:
    rows = 0
    target: Any = None
    lines = (_parsed(line, path) for line in _read(path))
    while some := list(islice(lines, _AT_ONCE)):
        waiting: list[dict[str, Any]] = []
        for line in some:
            if isinstance(line, list):
                waiting.append(dict(zip(target.c.keys(), _typed(line, target), strict=True)))
            elif "table" in line:
                rows += _insert(connection, target, waiting)
                waiting, target = [], _target(line)
        rows += _insert(connection, target, waiting)
    return rows


def _insert(connection: Connection, target: Any, rows: Sequence[dict[str, Any]]) -> int:
    if rows:
        connection.execute(insert(target), rows)
    return len(rows)


def _lines(connection: Connection, now: datetime) -> Iterator[tuple[bytes, bool]]:
    yield _line({"format": _FORMAT, "version": HEAD, "made_at": now.isoformat()}), False
    for one in metadata.sorted_tables:
        if one in IN_NO_BACKUP:
            continue
        yield _line({"table": one.name, "columns": [[each.name, _kind(each)] for each in one.c]}), False
        asked = select(one).order_by(*one.primary_key.columns).execution_options(yield_per=_AT_ONCE)
        for row in connection.execute(asked):
            yield _line([_plain(value) for value in row]), True


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _kind(of: Column[Any]) -> str:
    return next(name for name, kind in reversed(_KINDS.items()) if isinstance(of.type, kind))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _typed(values: Sequence[Any], target: Any) -> Iterator[Any]:
    for value, each in zip(values, target.c, strict=True):
        if value is not None and isinstance(each.type, Date):
            yield date.fromisoformat(value)
        elif value is not None and isinstance(each.type, Moment):
            yield datetime.fromisoformat(value)
        elif isinstance(value, list | dict) and not isinstance(each.type, JSON | Words):
            raise ValueError(each.name)
        else:
            yield value


def _target(line: dict[str, Any]) -> Any:
    return table(line["table"], *(column(name, _KINDS[kind]()) for name, kind in line["columns"]))


def _version(first: bytes, path: Path) -> str:
    head = _parsed(first, path)
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise _refused(path, "It is no backup of this program.")
    version = str(head.get("version"))
    if not _VERSION.fullmatch(version):
        raise _refused(path, "It names no version of this program.")
    if version > HEAD:
        raise _refused(path, f"It is of version {version}, and this program knows {HEAD}. Use a newer program.")
    return version


def _read(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as opened, gzip.open(opened) as packed:
            read = lines = 0
            while line := packed.readline(_LONGEST_LINE):
                read += len(line)
                lines += 1
                if read > _SMALL and read > MOST_RATIO * opened.tell():
                    raise _refused(path, f"It would unpack to more than {MOST_RATIO} times its size.")
                if lines > _MANY_LINES + read // _LEAST_LINE:
                    raise _refused(path, "Its lines are shorter than in any backup.")
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _refused(path, "It is damaged, or no backup of this program.") from error
    except OSError as error:
        raise _refused(path, f"It cannot be read: {error.strerror}.") from error


def _parsed(line: bytes, path: Path) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _refused(path, "It is damaged, or no backup of this program.") from error


def _refused(path: Path, words: str) -> BackupRefused:
    return BackupRefused((Problem("backup", f"{words} The database was left as it was.", str(path)),))
