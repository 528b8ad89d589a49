"""A schedule without a header: its columns by what stands in them, never one that could tell who the patient is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from estimator.engine.coding import is_service_code
from estimator.insurers.matching import find_insurer
from estimator.prices.books import service_codes

_LOOKED_AT = 60
_MOST_ACROSS = 60
_MOST = 0.6
_FEWEST_ROWS = 3
_YEAR_SIGNS = 2
_DAY = re.compile(
    r"(?:(?P<first>\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/., ]+(?P<last>\d{4}|\d{2})"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? (?P<words>\d{4}))(?:[T ,]+\d{1,2}:\d{2}.*)?"
)
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s*(?:[AaPp]\.?[Mm]\.?)?")
_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_APART = re.compile(r"[\s,;|/]+")
_CODE = re.compile(r"([0-9A-Z]{5})(?:[-:x*].*)?", re.IGNORECASE)
# A clinic's own label, "Neck A-12": a member number is longer, and a name has no number.
_LABEL = re.compile(r"[A-Za-z]{1,12}(?: [A-Za-z]{1,3})?[- #][A-Za-z]?\d{1,4}")
_PLAN_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_HOLDS_A_NUMBER = re.compile(r"\d{4}")


def guessed_columns(rows: Sequence[Sequence[str]], year: int) -> tuple[str, ...]:
    """Return our column for each of a file's, empty where none is sure; nothing at all where days or codes are missing.

    `year` is the present one: a column with days of other years holds birth dates.

    >>> guessed_columns([["A-1", "J. Doe", "12/1/2026", "3/2/1961", "Aetna", "97110-GP x2", "PT"]], 2026)
    ('label', '', 'first_day', '', 'plan', 'services', '')
    """
    across = min(_MOST_ACROSS, max(map(len, rows), default=0))
    looked = [row for row in rows if sum(map(bool, row)) > 1][:_LOOKED_AT]
    found: list[str] = [""] * max(map(len, rows), default=0)
    for place in range(across):
        cells = [row[place].strip() for row in looked if place < len(row) and row[place].strip()]
        found[place] = next((name for name in _fitting(cells, year) if name not in found), "")
    return tuple(found) if {"first_day", "services"} <= set(found) else ()


def is_no_visit(cells: Sequence[str], columns: Sequence[str], year: int) -> bool:
    """Tell whether a row has neither day nor codes: names of columns in words of its own, or a total."""
    said = dict(zip(columns, cells, strict=False))
    return not _is_a_day(said.get("first_day", "").strip(), year) and not _are_codes(said.get("services", ""))


def _fitting(cells: Sequence[str], year: int) -> Iterator[str]:
    """Yield what a column of these cells can be, the surest first."""
    if not cells:
        return
    tests: dict[str, Callable[[str], bool]] = {
        "first_day": lambda cell: _is_a_day(cell, year),
        "time": lambda cell: bool(_TIME.fullmatch(cell)),
        "services": _are_codes,
        "diagnoses": lambda cell: all(_ICD.fullmatch(each.upper()) for each in _APART.split(cell) if each),
        "label": lambda cell: bool(_LABEL.fullmatch(cell)),
        "plan": _is_a_plan,
    }
    for name, is_one in tests.items():
        if sum(map(is_one, cells)) >= _MOST * len(cells):
            yield name
            return
    # A clinic is at one place; where there are several ZIP codes, or one row, they may be where patients live.
    zips = [cell for cell in cells if _ZIP.fullmatch(cell)]
    if len(zips) >= max(_FEWEST_ROWS, _MOST * len(cells)) and len(set(zips)) == 1:
        yield "zip"


def _is_a_day(cell: str, year: int) -> bool:
    said = _DAY.fullmatch(cell)
    if said is None:
        return False
    written = next(filter(None, said.groups()))
    full = int(written) + (year // 100 * 100 if len(written) == _YEAR_SIGNS else 0)
    return abs(full - year) <= 1


def _are_codes(cell: str) -> bool:
    codes = [found[1].upper() for each in _APART.split(cell) if (found := _CODE.fullmatch(each))]
    return any(code in service_codes() for code in codes) and all(map(is_service_code, codes))


@lru_cache(1024)
def _is_a_plan(cell: str) -> bool:
    if _PLAN_ID.fullmatch(cell):
        return True
    if _HOLDS_A_NUMBER.search(cell):
        return False
    match = find_insurer(cell)
    return match.insurer is not None or bool(match.choices)
