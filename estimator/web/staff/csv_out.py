"""CSV for people who open it in a spreadsheet: no cell of it is taken for a formula.

A spreadsheet runs a cell that begins like a formula, so such a cell is sent as text, with an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

# What spreadsheets take for the start of a formula, also behind blanks.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def safe_cell(written: str) -> str:
    """Return a cell that every spreadsheet takes for text; a plain number stays one.

    >>> safe_cell("=1+1"), safe_cell("-12.50"), safe_cell("A-1"), safe_cell(" @x")
    ("'=1+1", '-12.50', 'A-1', "' @x")
    """
    if written.removeprefix("-").replace(".", "", 1).isdecimal():
        return written
    return f"'{written}" if written.lstrip(" ").startswith(_STARTS) else written


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """Return a file to download, in UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    sent = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(f"\ufeff{text.getvalue()}", mimetype="text/csv", headers=sent)
