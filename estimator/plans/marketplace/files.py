"""A table of an official file, read row by row straight from its zip, or refused in a sentence.

Nothing is unpacked to disk, and what a damaged or hostile file can cost is bounded before it is read.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

from estimator.errors import PlanFileRefused, Problem

MOST_BYTES = 4 * 1024**3
MOST_RATIO = 200  # The official files shrink to about a thirtieth.
_SMALL = 10 * 1024**2
_ROWS_BETWEEN_STEPS = 20_000

Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass
class Table:
    """An open table: its file, its first row, the day that the file carries, and the rows to come."""

    file: str
    header: list[str]
    day: date | None
    rows: Iterator[tuple[int, list[str]]]


def refused(file: str, message: str, row: int | None = None, column: str = "") -> PlanFileRefused:
    """Return the refusal of a file with one sentence."""
    return PlanFileRefused((Problem(column, message, file, row),))


@contextmanager
def table(path: Path, word: str, progress: Progress = no_progress) -> Iterator[Table]:
    """Open the one table of a zip, or a plain csv; `word` tells it from others by its name. Raise PlanFileRefused."""
    with ExitStack() as stack:
        try:
            opened, name, size, day = _open(path, word, stack)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise refused(path.name, f"This file cannot be opened ({error}): download it again.") from error
        rows = _rows(opened, name, size, progress)
        header = next(rows, (1, []))[1]
        if not any(header):
            raise refused(name, "This table is empty: its first row names no columns.", 1)
        yield Table(name, header, day, rows)


def _open(path: Path, word: str, stack: ExitStack) -> tuple[IO[bytes], str, int, date | None]:
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            raise refused(path.name, "This is no whole zip file: download it again.")
        return stack.enter_context(path.open("rb")), path.name, path.stat().st_size, None
    archive = stack.enter_context(zipfile.ZipFile(path))
    member = _member(archive, word, path.name)
    opened = stack.enter_context(archive.open(member))
    return opened, f"{path.name}/{Path(member.filename).name}", member.file_size, date(*member.date_time[:3])


def _member(archive: zipfile.ZipFile, word: str, file: str) -> zipfile.ZipInfo:
    tables = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith((".csv", ".txt")) and not member.filename.startswith("__MACOSX")
    ]
    named = [member for member in tables if word in member.filename.lower()] if len(tables) > 1 else tables
    if len(named) != 1:
        raise refused(file, f"This zip holds {len(tables)} tables: keep the one csv file with '{word}' in its name.")
    found = named[0]
    if found.file_size > MOST_BYTES:
        raise refused(file, f"{found.filename} would unpack to {found.file_size:,} bytes: the most is {MOST_BYTES:,}.")
    if found.file_size > _SMALL and found.file_size > MOST_RATIO * max(1, found.compress_size):
        raise refused(
            file, f"{found.filename} would unpack to more than {MOST_RATIO} times its size: this is no official file."
        )
    return found


def _rows(opened: IO[bytes], name: str, size: int, progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not blank with its number, as a spreadsheet counts it."""
    number = 0
    try:
        with io.TextIOWrapper(opened, encoding="utf-8-sig", newline="") as text:
            for number, row in enumerate(csv.reader(text), start=1):
                if number % _ROWS_BETWEEN_STEPS == 0:
                    progress(opened.tell(), size)
                if row:
                    yield number, row
    except csv.Error as error:
        raise refused(name, f"This row cannot be read as csv ({error}).", number + 1) from error
    except UnicodeDecodeError as error:
        raise refused(name, "This row is no text in UTF-8: save the table as UTF-8 csv.", number + 1) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise refused(name, f"The file breaks off or is damaged here ({error}): download it again.", number) from error
    progress(size, size)
