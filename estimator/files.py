"""Files that are written whole or not at all, by default for their owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
