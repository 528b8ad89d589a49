"""The first sheet of an Excel workbook as rows of text, read by another process within bounds.

The library that reads workbooks holds a whole sheet, with every text as often as it's used, and can't be stopped: a
file of 80 kB can ask for gigabytes. So a process of its own reads it, which ends when it has used up its memory or its
processor time. That process runs this file by itself: it imports nothing of ours.
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

Rows = list[tuple[int, list[str]]]

# What a file may use for each megabyte that it has, and at least for one.
_MEGABYTE = 1_000_000
_CPU_SECONDS = 0.85
_MEMORY = 100_000_000
_UNPACKED = 32_000_000
_CELLS = 300_000
_CHARACTERS = 8_000_000
_MOST_MEGABYTES = 16
_MOST_RATIO = 200
_MOST_ACROSS, _MOST_DOWN = 52, 99_999
_MOST_IN_A_CELL = 100_000
_MOST_PARTS = 500
_PLACES = 6
_TOO_LARGE = (
    "Reading this workbook takes too much time or memory. Long texts and cells far from the others do that: save its "
    "first sheet alone as CSV, and give that."
)
_FAR = "This workbook has cells far from the others, right of column AZ or below row 99,999. Is it the right file?"
_REFUSED, _ROWS = "refused", "rows"


def workbook_rows(content: bytes, file: str) -> Rows:
    """Return the rows of the first sheet with their numbers; raise Refused where it cannot be read within bounds."""
    from estimator.errors import Problem, Refused

    if len(content) > _MOST_MEGABYTES * _MEGABYTE:
        raise Refused((Problem("", f"Give a workbook of at most {_MOST_MEGABYTES} MB.", file),))
    read = subprocess.run([sys.executable, "-I", __file__], input=content, capture_output=True, check=False)
    told: dict[str, Any] = {_REFUSED: [None, _TOO_LARGE]}
    if read.returncode == 0:
        told = json.loads(read.stdout)
    if refused := told.get(_REFUSED):
        line, words = refused
        raise Refused((Problem("", words, file, line),))
    return [(number, cells) for number, cells in told[_ROWS]]


# ----------------------------------------------------------------------------
# In the other process.
# ----------------------------------------------------------------------------


class _Unreadable(Exception):
    """The workbook is not read, for this reason, which is told to a person."""

    def __init__(self, words: str, line: int | None = None) -> None:
        super().__init__(words)
        self.told = [line, words]


def _main() -> None:
    content = sys.stdin.buffer.read()
    megabytes = max(1, -(-len(content) // _MEGABYTE))
    _bound(megabytes)
    told: dict[str, Any]
    try:
        told = {_ROWS: list(_rows(content, megabytes))}
    except _Unreadable as refused:
        told = {_REFUSED: refused.told}
    except MemoryError:
        sys.exit(1)
    json.dump(told, sys.stdout, ensure_ascii=True, separators=(",", ":"))


def _bound(megabytes: int) -> None:
    """Let the system end this process at its bounds, where it knows such bounds."""
    with suppress(ImportError):
        import resource
        import signal

        most = _MEMORY * megabytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.setitimer(signal.ITIMER_PROF, _CPU_SECONDS * megabytes)


def _rows(content: bytes, megabytes: int) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    _require_modest(content, megabytes)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        down, across = sheet.end or (0, 0)
        if across >= _MOST_ACROSS or down >= _MOST_DOWN:
            raise _Unreadable(_FAR)
        if sheet.height * sheet.width > _CELLS * megabytes:
            raise _Unreadable(_TOO_LARGE)
        first = sheet.start[0] if sheet.start else 0
        # Where the first rows are empty, the library leaves them out or not, by their kind.
        begin = 1 if sheet.total_height > sheet.height else first + 1
        characters = 0
        for number, cells in enumerate(sheet.iter_rows(), start=begin):
            written = [_written(cell, number) for cell in cells]
            characters += sum(map(len, written))
            if characters > _CHARACTERS * megabytes:
                raise _Unreadable(_TOO_LARGE)
            yield number, written
    except (CalamineError, OSError, IndexError) as error:
        raise _Unreadable(f"This is no workbook that can be read ({_reason(error)}): download it again.") from error


def _require_modest(content: bytes, megabytes: int) -> None:
    """Refuse what its own directory says is too large; one that lies meets the bounds of this process."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, OverflowError, struct.error) as error:
        # A damaged zip raises what its fields come to.
        raise _Unreadable(f"This workbook cannot be opened ({_reason(error)}): download it again.") from error
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _UNPACKED * megabytes:
        raise _Unreadable(f"This workbook would unpack to more than {_UNPACKED * megabytes:,} bytes.")
    if any(part.file_size > _MEGABYTE and part.file_size > _MOST_RATIO * part.compress_size for part in parts):
        raise _Unreadable(f"A part of it would unpack to more than {_MOST_RATIO} times its size: this is no workbook.")


def _written(cell: Any, row: int) -> str:
    if isinstance(cell, float):
        return f"{cell:.{_PLACES}f}".rstrip("0").rstrip(".")
    written = (cell if isinstance(cell, str) else str(cell)).strip()
    if len(written) > _MOST_IN_A_CELL:
        raise _Unreadable(f"A cell of this row has {len(written):,} characters: download the file again.", row)
    return written


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= 80 else f"{words[:80]}…"


if __name__ == "__main__":
    _main()
