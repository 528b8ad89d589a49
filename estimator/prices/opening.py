"""Finds the one table that is meant in a file as CMS ships it: a zip of many, or the table alone.

What a damaged or hostile file can cost is bounded before it is read, and nothing is unpacked to disk.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from estimator.errors import Problem, Refused

MOST_BYTES = 64 * 1024**2
MOST_RATIO = 200  # The official files shrink to about a tenth.
_SMALL = 1024**2
_FORMS = (".csv", ".txt", ".xlsx")
_NOT_A_TABLE = re.compile(r"lyout|layout|readme|__macosx", re.IGNORECASE)
_FOR_QUALIFYING = re.compile(r"(?<!non)(?<!non[-_ ])qpp", re.IGNORECASE)
_LONGEST_REASON = 80
# What the standard library raises where a zip is not what it says.
DAMAGED = (
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A table's bytes, and its name as problems tell it: `rvu26c.zip/PPRRVU2026_Jul_nonQPP.csv`."""

    file: str
    content: bytes

    @property
    def form(self) -> str:
        """Return the ending of the name."""
        return PurePosixPath(self.file).suffix.lower()


def open_table(path: Path, word: str) -> Opened:
    """Return the table that a file is, or that holds `word` in its name within a zip; raise `Refused`."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise refusal(
                path.name, f"This file has {size:,} bytes; a table of the fee schedule has at most {MOST_BYTES:,}."
            )
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return _from_zip(archive, word, path.name)
        content = path.read_bytes()
    except DAMAGED as error:
        raise refusal(path.name, f"This file cannot be opened ({reason(error)}): download it again.") from error
    _require_form(path.name, path.name)
    return Opened(path.name, content)


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> bytes:
    """Return a member's bytes, or refuse one that would unpack to more than an official file has."""
    size, packed = member.file_size, max(1, member.compress_size)
    if size > MOST_BYTES:
        raise refusal(file, f"{member.filename} would unpack to {size:,} bytes; the most is {MOST_BYTES:,}.")
    if size > _SMALL and size > MOST_RATIO * packed:
        words = f"{member.filename} would unpack to more than {MOST_RATIO} times its size: this is no official file."
        raise refusal(file, words)
    with archive.open(member) as opened:
        return opened.read()


def unpacked(content: bytes, file: str) -> dict[str, bytes]:
    """Return the XML within a workbook by its name, all of it bounded."""
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.filename.lower().endswith((".xml", ".rels")):
                    members[member.filename] = read_member(archive, member, file)
                if sum(map(len, members.values())) > MOST_BYTES:
                    raise refusal(file, f"This workbook would unpack to more than {MOST_BYTES:,} bytes.")
    except DAMAGED as error:
        raise refusal(file, f"This workbook cannot be opened ({reason(error)}): download it again.") from error
    return members


def refusal(file: str, message: str, row: int | None = None, column: str = "") -> Refused:
    """Return the refusal of a file with one sentence."""
    return Refused((Problem(column, message, file, row),))


def reason(error: Exception) -> str:
    """Return why a file cannot be opened in a few words; some reasons quote the whole file."""
    words = " ".join(str(error).split())
    return words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]}…"


def _from_zip(archive: zipfile.ZipFile, word: str, file: str) -> Opened:
    members = [member for member in archive.infolist() if _is_table(member.filename)]
    named = [member for member in members if word in _name(member).upper()] if len(members) > 1 else members
    named = [member for member in named if not _FOR_QUALIFYING.search(_name(member))] or named
    # The same table comes in several forms: text before a workbook, columns with names before fixed widths.
    form = next((form for form in _FORMS if any(_name(member).lower().endswith(form) for member in named)), "")
    chosen = [member for member in named if _name(member).lower().endswith(form)]
    if len(chosen) != 1:
        found = ", ".join(map(_name, chosen)) or "none"
        raise refusal(file, f"Name a zip with one table {word}…; this one holds {found}.")
    inner = f"{file}/{_name(chosen[0])}"
    return Opened(inner, read_member(archive, chosen[0], inner))


def _name(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename.replace("\\", "/")).name


def _is_table(name: str) -> bool:
    return name.lower().endswith(_FORMS) and not _NOT_A_TABLE.search(name)


def _require_form(name: str, file: str) -> None:
    if not name.lower().endswith(_FORMS):
        raise refusal(file, "Name a zip, csv, txt or xlsx file as CMS ships it; save an older workbook as xlsx.")
