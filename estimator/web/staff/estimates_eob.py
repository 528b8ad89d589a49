"""The form for the EOB of a visit: a row for each line of the estimate and a few for lines that were added.

A row of the estimate in which no amount is written is a line that the EOB does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from estimator.billing.reconcile import EobLine, read_eob

AMOUNTS = (
    ("allowed", "Allowed"),
    ("deductible", "Deductible"),
    ("copay", "Copay"),
    ("coinsurance", "Coinsurance"),
    ("plan_paid", "Plan paid"),
    ("patient_owes", "Patient owes"),
)
_MORE_ROWS = 3
_FIELDS = ("code", "units", *(name for name, _ in AMOUNTS), "denied")


class Row(NamedTuple):
    """A row of the form; `line` is that of the estimate, None where the row is for a line that was added."""

    number: int
    line: Mapping[str, Any] | None

    def field(self, name: str) -> str:
        """Return the name of a field of this row."""
        return f"{self.number}.{name}"


def rows_of(visit: Mapping[str, Any]) -> list[Row]:
    """Return the rows for a visit of the answer."""
    rows = [Row(number, line) for number, line in enumerate(visit["lines"], 1)]
    return [*rows, *(Row(len(rows) + more, None) for more in range(1, _MORE_ROWS + 1))]


def fresh(rows: Sequence[Row]) -> dict[str, str]:
    """Return what stands in the form at first: the units as they were estimated."""
    typed = {row.field(name): "" for row in rows for name in _FIELDS}
    return typed | {row.field("units"): str(row.line["units"]) for row in rows if row.line}


def typed_in(form: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str]:
    """Return what was typed."""
    return {name: form.get(name, "").strip() for name in fresh(rows)}


def written_rows(typed: Mapping[str, str], rows: Sequence[Row]) -> list[Row]:
    """Return the rows in which something about the EOB is written."""
    return [row for row in rows if any(typed[row.field(name)] for name in _telling(row))]


def eob_typed(typed: Mapping[str, str], rows: Sequence[Row]) -> tuple[EobLine, ...]:
    """Return the lines of the EOB; raise RequestRefused with every problem."""
    return read_eob([_written(row, typed) for row in written_rows(typed, rows)])


def field_of(path: str, typed: Mapping[str, str], rows: Sequence[Row]) -> str | None:
    """Return the field that a problem belongs to, None where no one field is at fault."""
    match path.split("."):
        case ["lines", place, name] if place.isdecimal() and name in _FIELDS:
            return written_rows(typed, rows)[int(place)].field(name)
    return None


def _telling(row: Row) -> Sequence[str]:
    return _FIELDS if row.line is None else _FIELDS[2:]


def _written(row: Row, typed: Mapping[str, str]) -> dict[str, Any]:
    said = {name: typed[row.field(name)] for name in _FIELDS}
    if row.line is not None:
        said |= {"code": row.line["code"], "line": str(row.number)}
    return {name: words for name, words in said.items() if words}
