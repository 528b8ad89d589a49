"""Tables as files that a spreadsheet opens: no cell that starts like a formula is taken for one."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from flask import Response

# Also behind blanks, which spreadsheets pass over.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> Response:
    """Return a table as a CSV file to be saved."""
    written = StringIO()
    csv.writer(written).writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    sent = {"Content-Disposition": f'attachment; filename="{name}"'}
    # With the mark by which Excel knows UTF-8.
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=sent)


def safe_cell(cell: str) -> str:
    """Return a cell that every spreadsheet takes for text; a plain number stays one.

    >>> safe_cell("=1+1"), safe_cell("-12.50"), safe_cell("A-1"), safe_cell(" @x")
    ("'=1+1", '-12.50', 'A-1', "' @x")
    """
    if cell.removeprefix("-").replace(".", "", 1).isdecimal():
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_A_FORMULA) else cell
