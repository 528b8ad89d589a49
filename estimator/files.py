"""Files that are written whole or not at all, by default for their owner only; and zip files, opened within bounds."""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import IO

OWNERS, EVERYBODYS = 0o600, 0o666
_OTHERS = 0o007
# A file without a name, which Linux removes with the process that has it open.
_UNNAMED = getattr(os, "O_TMPFILE", 0)


def make_private(file: Path) -> None:
    """Make a file that only its owner reads, or take all rights away from others on one that is there.

    Rights that somebody gave to a group stay where others have none. Raises OSError where there is no such folder.
    """
    file.touch(mode=OWNERS)
    if file.stat().st_mode & _OTHERS:
        # Where the file is another user's, that one decides.
        with suppress(PermissionError):
            file.chmod(OWNERS)


@contextmanager
def written_whole(path: Path, rights: int = OWNERS) -> Iterator[IO[bytes]]:
    """Write a file that takes the place of an older one once all of it is written.

    Stopped or killed on the way, it leaves the older one and, on Linux, nothing else. Raises OSError where it cannot be
    written, and where a folder, a device or the like has that name.
    """
    path = path.resolve()
    require_file(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with _unfinished(beside, rights) as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
            if not beside.exists():
                # Only with a folder to look in does Python follow this link; of a whole path, the folder is not asked.
                os.link(f"/proc/self/fd/{target.fileno()}", beside, src_dir_fd=target.fileno())
        require_file(path)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def require_file(path: Path) -> None:
    """Raise OSError where something else than a file has this name; nothing there is no mistake."""
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise OSError(None, "it is a folder" if stat.S_ISDIR(mode) else "it is no file, but a device or the like")


def _unfinished(beside: Path, rights: int) -> IO[bytes]:
    """Open a file without a name in the folder of another, or that other where the system knows no such thing."""
    if _UNNAMED:
        with suppress(OSError):
            return os.fdopen(os.open(beside.parent, os.O_RDWR | _UNNAMED, rights), "wb")
    return os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, rights), "wb")


# ----------------------------------------------------------------------------
# Zip files as officials ship them. What a damaged or hostile one can cost is bounded before it is read.
# ----------------------------------------------------------------------------

MOST_RATIO = 60  # Official files shrink to a tenth, the largest to a thirtieth.
_SMALL = 10 * 1024**2
# A table of officials may have so many rows, and one for so many bytes of the file: packed, a row takes 5 or more.
_MANY_ROWS, _BYTES_OF_ROW, _BYTES_OF_FURTHER_ROW = 40_000, 8, 1
_MEGABYTE = 1_000_000
_LONGEST_REASON = 80
# What the standard library raises where a zip is not what it says.
DAMAGED = (
    OSError,
    EOFError,
    NotImplementedError,  # Packed by a method, or in a version of the format, that the library does not read.
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

Refuse = Callable[[str], Exception]


@contextmanager
def damage_told(refuse: Refuse) -> Iterator[None]:
    """Refuse in a sentence what can't be opened or turns out to be damaged; `refuse` makes the exception of it."""
    try:
        yield
    except DAMAGED as error:
        raise refuse(f"This file cannot be opened ({reason(error)}): download it again.") from error


@contextmanager
def opened_zip(path: Path, refuse: Refuse) -> Iterator[zipfile.ZipFile]:
    """Open a zip to read it in the block; refuse it in a sentence where it turns out to be damaged there."""
    with damage_told(refuse), zipfile.ZipFile(path) as archive:
        yield archive


def breaks_off(error: Exception) -> str:
    """Return what is told of a file that is damaged in the middle."""
    return f"This file breaks off or is damaged here ({reason(error)}): download it again."


def require_modest(member: zipfile.ZipInfo, most_bytes: int, refuse: Refuse) -> None:
    """Refuse a member that would unpack to more bytes than this, or, where it is large, to many times its size."""
    if member.file_size > most_bytes:
        raise refuse(f"{member.filename} would unpack to {member.file_size:,} bytes; the most is {most_bytes:,}.")
    if member.file_size > _SMALL and member.file_size > MOST_RATIO * max(1, member.compress_size):
        words = f"{member.filename} would unpack to more than {MOST_RATIO} times its size: this is no official file."
        raise refuse(words)


def most_parts(size: int, many: int, bytes_of_one: int, bytes_of_further: int) -> int:
    """Return how many parts a file of so many bytes may have, packed or plain.

    `many` whatever its size, and one for so many bytes of its first megabyte, and for so many of the rest.
    """
    first = min(size, _MEGABYTE)
    return many + first // bytes_of_one + (size - first) // bytes_of_further


def most_rows(size: int) -> int:
    """Return how many rows the tables of a file of so many bytes may have, packed or plain."""
    return most_parts(size, _MANY_ROWS, _BYTES_OF_ROW, _BYTES_OF_FURTHER_ROW)


def too_many_rows(most: int) -> str:
    """Return what is told of a table with more rows."""
    return f"This table has more than {most:,} rows, which no official file of its size has: download it again."


def day_of(member: zipfile.ZipInfo) -> date | None:
    """Return the day that a member carries, None where it carries none."""
    with suppress(ValueError):
        return date(*member.date_time[:3])
    return None


def reason(error: Exception) -> str:
    """Return why a file cannot be opened in a few words; some reasons quote the whole file."""
    told = error.strerror if isinstance(error, OSError) else None
    words = " ".join((told or str(error)).split())
    return words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]}…"
