"""Tables as files that a spreadsheet opens: no cell that starts like a formula is taken for one."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from flask import Response

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> Response:
    """Return a table as a CSV file to be saved."""
    written = StringIO()
    csv.writer(written).writerows([_safe(str(cell)) for cell in row] for row in rows)
    sent = {"Content-Disposition": f'attachment; filename="{name}"'}
    # With the mark by which Excel knows UTF-8.
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=sent)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
