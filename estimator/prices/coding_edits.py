"""The quarterly correct coding edits (NCCI procedure-to-procedure) as CMS ships them, read for our codes alone.

An edition comes in several files, each with a part of the codes of column one. A pair is known to be no edit only where
every part was read, so that a missing part refuses the edition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from estimator.engine.coding import Pair, PairEdits
from estimator.engine.values import Source
from estimator.prices.books import service_codes
from estimator.prices.cms_tables import (
    Fits,
    Sheet,
    Step,
    named,
    no_step,
    places,
    plain,
    read_sheet,
    refusal,
    rows_to_header,
    shown,
)

_ADDRESS = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits"
_WORD = "CCIPRA"  # The practitioner edits; those for hospitals are CCIOPH.
_OF_HOSPITALS = re.compile("ccioph|hospital|opps", re.IGNORECASE)
_EDITION = re.compile(r"v([0-9]{2})([0-9])r?[0-9]?", re.IGNORECASE)
_PART = re.compile(r"[-_]f([0-9])(?![0-9])", re.IGNORECASE)
_FIRST_YEAR = 1994  # Version 30.0 is that of January 2024.
_CODE = re.compile(r"[A-Z0-9][0-9]{3}[A-Z0-9]")
_INDICATORS = ("0", "1", "9")
_MOST_OF_OURS = 20_000
_NO_DAY = ("*", "")
COLUMNS: Mapping[str, Fits] = {
    "column one": lambda label: re.fullmatch(r"column ?1.*", label) is not None,
    "column two": lambda label: re.fullmatch(r"column ?2.*", label) is not None,
    "effective": lambda label: label.startswith("effective"),
    "deletion": lambda label: label.startswith("deletion"),
    "modifier": lambda label: label.startswith("modifier"),
    "rationale": lambda label: label.startswith("ptp edit rationale"),
}
_Couple = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition as it was read: its name, its first day, the edits among our codes, and how many rows there were."""

    name: str
    first_day: date
    files: tuple[str, ...]
    rows: int
    edits: Mapping[_Couple, Pair]

    @property
    def says(self) -> dict[str, Any]:
        """Return what is kept of it."""
        rows = [[*couple, int(pair.modifier_allowed), pair.rationale] for couple, pair in sorted(self.edits.items())]
        return {"edition": self.name, "first_day": self.first_day.isoformat(), "edits": rows}


@dataclass(frozen=True, slots=True)
class EditsChange:
    """What differs from one edition to another: pairs that came, that went, and whose indicator is another."""

    added: tuple[Pair, ...]
    gone: tuple[Pair, ...]
    changed: tuple[tuple[Pair, Pair], ...]


def read_edition(paths: Sequence[Path], name: str = "", step: Step = no_step) -> Edition:
    """Read every file of one edition; raise `Refused` where one is damaged, missing or of another edition.

    `name` is the edition, such as v32.3, where the names of the files do not tell it.
    """
    known = frozenset(service_codes())
    _require_parts(paths)
    editions = {_named(path, name): path for path in paths}
    if len(editions) > 1:
        told = f"Enter files of one edition: these are of {', '.join(sorted(editions))}."
        raise refusal(paths[-1].name, told)
    edition = next(iter(editions))
    first_day = first_day_of(edition)
    edits: dict[_Couple, Pair] = {}
    lowest, highest = "Z", ""
    rows = ours = 0
    for path in paths:
        sheet = read_sheet(path, _WORD, step)
        if _OF_HOSPITALS.search(sheet.file.rpartition("/")[2]):
            raise refusal(sheet.file, "These are the edits of hospitals. Enter the practitioner edits, ccipra.")
        for number, one, two, cells, found in _rows(sheet):
            rows += 1
            lowest, highest = min(lowest, one), max(highest, one)
            if one in known and two in known:
                ours += 1
                if ours > _MOST_OF_OURS:
                    words = (
                        f"More than {_MOST_OF_OURS:,} rows are about our codes, far more than there are pairs of them."
                    )
                    raise refusal(sheet.file, f"{words} Download the file again.", number)
                read = named(cells, found)
                if _holds(sheet, number, read, first_day):
                    edits[one, two] = Pair(one, two, read["modifier"] == "1", read["rationale"])
        sheet.notes.settle()
    if lowest > min(known) or highest < max(known):
        told = "Enter every file of the edition: the codes of column one do not reach from {} to {}."
        raise refusal(paths[0].name, told.format(min(known), max(known)))
    return Edition(edition, first_day, tuple(path.name for path in paths), rows, MappingProxyType(edits))


def first_day_of(edition: str) -> date:
    """Return the first day of an edition's quarter.

    >>> first_day_of("v30.2"), first_day_of("v32.3")
    (datetime.date(2024, 7, 1), datetime.date(2026, 10, 1))
    """
    major, _, minor = edition.removeprefix("v").partition(".")
    return date(_FIRST_YEAR + int(major), 1 + 3 * int(minor), 1)


def edits_from(says: Mapping[str, Any], read_on: date) -> PairEdits:
    """Return the edits that a kept edition holds; every pair of our codes that is no edit was looked for."""
    pairs = {(one, two): Pair(one, two, bool(allowed), words) for one, two, allowed, words in says["edits"]}
    codes = sorted(service_codes())
    none = frozenset((one, two) for one in codes for two in codes if one != two) - pairs.keys()
    none -= {(two, one) for one, two in pairs}
    title = f"CMS National Correct Coding Initiative, practitioner procedure-to-procedure edits {says['edition']}"
    edition = f"{says['edition']} ({says['first_day']})"
    return PairEdits(edition, Source(title, _ADDRESS, read_on, "high"), MappingProxyType(pairs), none)


def edits_change(before: PairEdits, after: Mapping[_Couple, Pair]) -> EditsChange:
    """Return what an edition changes among our codes; pairs that the one before was not searched for count as added."""
    both = [couple for couple in after if couple in before.pairs]
    return EditsChange(
        added=tuple(pair for couple, pair in sorted(after.items()) if couple not in before.pairs),
        gone=tuple(pair for couple, pair in sorted(before.pairs.items()) if couple not in after),
        changed=tuple(
            (before.pairs[couple], after[couple])
            for couple in sorted(both)
            if before.pairs[couple].modifier_allowed != after[couple].modifier_allowed
        ),
    )


def _require_parts(paths: Sequence[Path]) -> None:
    """Refuse files of which one between the first and the last is missing, or one is there twice."""
    parts = sorted(int(found[1]) for path in paths if (found := _PART.search(path.name)))
    if parts and parts != list(range(1, len(paths) + 1)):
        missing = sorted(set(range(1, max(parts) + 1)) - set(parts))
        told = f"f{missing[0]} is missing" if missing else "one is there twice"
        raise refusal(paths[0].name, f"Enter every file of the edition once, from f1 on: {told}.")


def _named(path: Path, name: str) -> str:
    if name:
        if re.fullmatch(r"v[0-9]{2}\.[0-3]", name):
            return name
        raise refusal(path.name, f"Enter an edition such as v32.3, not {shown(name)}.")
    found = _EDITION.search(path.name)
    if found is None or found[2] not in "0123":
        raise refusal(path.name, "The name does not tell the edition. Enter it with --edition v32.3.")
    return f"v{found[1]}.{found[2]}"


def _rows(sheet: Sheet) -> Iterator[tuple[int, str, str, Sequence[str], Mapping[str, int]]]:
    """Yield each edit: its row, both codes, and its cells with the places of the columns, for the few that are ours."""
    above = rows_to_header(sheet, _is_header, "Column 1 and Column 2")
    header, labels = above[-1]
    found = places(sheet, header, [plain(label) for label in labels], COLUMNS)
    first, second = found["column one"], found["column two"]
    good: set[str] = set()
    for row, cells in sheet.rows:
        # Below the header stand more of its words, with nothing under column one.
        if len(cells) <= first or not cells[first]:
            continue
        one, two = cells[first], cells[second] if second < len(cells) else ""
        for column, code in (("column one", one), ("column two", two)):
            if code in good:
                continue
            if _CODE.fullmatch(code):
                good.add(code)
            else:
                sheet.notes.note(row, column, f"Enter a code such as 97110, not {shown(code)}.")
        yield row, one, two, cells, found


def _is_header(row: Sequence[str]) -> bool:
    return len(row) > 1 and bool(re.fullmatch(r"column ?1.*", row[0])) and row[1].startswith("column")


def _holds(sheet: Sheet, row: int, cells: Mapping[str, str], day: date) -> bool:
    """Tell whether a row is an edit on a day; note what cannot be read."""
    if cells["modifier"] not in _INDICATORS:
        sheet.notes.note(row, "modifier", f"Enter the indicator 0, 1 or 9, not {shown(cells['modifier'])}.")
        return False
    begins = _day(sheet, row, "effective", cells["effective"])
    ends = None if cells["deletion"] in _NO_DAY else _day(sheet, row, "deletion", cells["deletion"])
    # Indicator 9 marks an edit that was deleted on the day it began.
    return cells["modifier"] != "9" and begins is not None and begins <= day and (ends is None or ends >= day)


def _day(sheet: Sheet, row: int, column: str, text: str) -> date | None:
    if re.fullmatch("[0-9]{8}", text):
        try:
            return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
        except ValueError:
            pass  # Such as 20260230, which the sentence below names.
    sheet.notes.note(row, column, f"Enter a day such as 20261001, not {shown(text)}.")
    return None
