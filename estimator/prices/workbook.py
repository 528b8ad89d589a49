"""The rows of an Excel workbook as text, with numbers written as a person would write them.

The workbook is packed anew from parts that were bounded first, so that what is read is what was checked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from estimator.prices.opening import reason, refusal, unpacked

_MOST_IN_A_CELL = 100_000
_PLACES = 6
# A cell right of column AZ or below row 99,999 would make room for every cell before it.
_FAR_CELL = re.compile(
    rb"""\br\s*=\s*["']\s*(?:[a-z]{3,}\d|[b-z][a-z]\d|[a-z]*\d{6})""", re.IGNORECASE
)  # fmt: skip


def workbook_rows(content: bytes, file: str) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    """Return how many rows the first sheet has, and each of them with its number."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_packed(unpacked(content, file), file)))
        sheet = book.get_sheet_by_index(0)
        first = sheet.start[0] if sheet.start else 0
        rows = list(sheet.iter_rows())
    except (CalamineError, OSError) as error:
        raise refusal(file, f"This is no workbook that can be read ({reason(error)}): download it again.") from error
    begin = 1 if len(rows) > sheet.height else first + 1
    numbered = enumerate(rows, start=begin)
    return len(rows), ((number, [_written(cell, file, number) for cell in cells]) for number, cells in numbered)


def _packed(members: dict[str, bytes], file: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            if "worksheets/" in name and _FAR_CELL.search(content):
                words = "This workbook has cells far from the others, right of column AZ or below row 99,999."
                raise refusal(file, f"{words} Is it the right file?")
            archive.writestr(name, content)
    return packed.getvalue()


def _written(cell: Any, file: str, row: int) -> str:
    if isinstance(cell, float):
        return f"{cell:.{_PLACES}f}".rstrip("0").rstrip(".")
    written = "" if cell is None else str(cell).strip()
    if len(written) > _MOST_IN_A_CELL:
        raise refusal(file, f"A cell of this row has {len(written):,} characters: download the file again.", row)
    return written
