"""What a clinic counts of an estimated price for a new or a senior provider, or a long visit, from its CSV or workbook.

Contracts and self-pay prices say what is paid; these figures touch only a price that had to be estimated.
"""

from __future__ import annotations

from datetime import date

from estimator.engine.prices import EXPERIENCE, ExperienceFactor
from estimator.engine.values import WHOLE, Citation, Rate
from estimator.errors import Problem
from estimator.prices.spreadsheet import Row, read_list, shown

_NEEDED = ("experience", "percent")
COLUMNS = (*_NEEDED, "from_minutes", "first_day", "last_day")
_LONGEST, _DIGITS = 480, 3
_LEAST, _MOST = Rate.parse("10%"), Rate.parse("500%")


def read_factors(content: bytes, file: str, read_on: date) -> tuple[tuple[ExperienceFactor, ...], tuple[Problem, ...]]:
    """Return the factors of a CSV file or a workbook, and every mistake in it."""
    return read_list(content, file, read_on, needed=_NEEDED, allowed=COLUMNS, entry=_entry)


def _entry(row: Row, citation: Citation) -> ExperienceFactor:
    set_on, experience, percent = citation.source.read_on, _experience(row), _percent(row)
    return ExperienceFactor(experience, percent, set_on, row.span(), citation, _from_minutes(row))


def _experience(row: Row) -> str:
    text = row.cells["experience"].lower()
    if text not in EXPERIENCE:
        row.refuse("experience", f"Write {', '.join(EXPERIENCE)}, not {shown(text)}.")
    return text


def _from_minutes(row: Row) -> int | None:
    text = row.cells.get("from_minutes", "")
    if not text:
        return None
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
    if not 1 <= minutes <= _LONGEST:
        row.refuse("from_minutes", f"Write whole minutes from 1 to {_LONGEST}, or nothing, not {shown(text)}.")
        return None
    return minutes


def _percent(row: Row) -> Rate:
    text = row.cells["percent"]
    try:
        rate = Rate.parse(text)
    except ValueError:
        rate = Rate(0)
    if not _LEAST <= rate <= _MOST:
        row.refuse("percent", f"Write a percentage from {_LEAST} to {_MOST} such as 115%, as text, not {shown(text)}.")
        return WHOLE
    return rate
