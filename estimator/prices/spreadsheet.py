"""Reads the CSV files and workbooks that people make: text first, every mistake at once, each with its line.

Spreadsheets add byte order marks, Windows line ends, semicolons, dollar signs and blank rows; those are
taken as meant. What could be read in two ways is a problem, and the message says what to write.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from estimator.engine.coding import is_service_code
from estimator.engine.prices import OF_MEDICARE, Dated, overlapping
from estimator.engine.values import ALWAYS, WHOLE, ZERO, Citation, Money, Rate, Source, Span
from estimator.errors import Problem, Refused
from estimator.prices.workbook import workbook_rows

ANY_SERVICE = "*"
BASES = ("per-unit", "per-line", "per-visit")
PT_PLAN_OF_CARE = "GP"
_OF_MEDICARE = re.compile(
    r"(?:%|percent(?:age)?)?(?: ?of)? ?(?:the )?(?:medicare|mpfs|cms)(?: (?:physician )?fee schedule)?"
)
_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,4})?) ?%(.*)", re.ASCII | re.DOTALL)
_PARTS = 4
_LEAST_OF_MEDICARE, _MOST_OF_MEDICARE = Rate.parse("10%"), Rate.parse("1000%")
# What a list may hold, which is more than a clinic has; how large its file may be, its reader says.
MOST_ROWS = 21_000
MOST_ACROSS = 100
MOST_PROBLEMS = 200
_DELIMITERS = ",;\t|"
_LONGEST = 40
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_DECIMAL_COMMA = re.compile(r"\$?([0-9]+),([0-9]{2})", re.ASCII)
_MODIFIED = re.compile(r"([A-Z0-9]{5})((?:[- ][A-Z0-9]{2})+)", re.ASCII)
_WORKBOOK = b"PK\x03\x04"
_MIDNIGHT = " 00:00:00"
_CALLED = {
    "plan": """payer payor payer_name plan_name plan_id plan_or_payer insurer insurance insurance_company health_plan
        carrier""",
    "code": "cpt cpt_code cpt_hcpcs hcpcs hcpcs_code procedure procedure_code service_code",
    "amount": """price rate fee allowed allowed_amount allowable allowed_rate contracted_rate contract_rate
        contracted_amount negotiated_rate fee_schedule_amount""",
    "basis": "units_basis rate_basis pricing_basis rate_type paid_per per",
    "first_day": "effective effective_date effective_from eff_date start start_date from valid_from begins",
    "last_day": """end end_date ends effective_to term term_date termination termination_date expires expiration
        expiration_date through until valid_to""",
    "market": "line_of_business lob",
    "network": "network_tier tier",
    "location": "site office clinic clinic_location",
    "therapist": "therapist_type provider_type license license_type",
    "mppr": "mppr_applies therapy_reduction multiple_procedure_reduction",
}
_ALSO = {other: name for name, others in _CALLED.items() for other in others.split()}


Entry = TypeVar("Entry", bound=Dated)


@dataclass(slots=True)
class Row:
    """One row of a sheet. Reading a cell that is wrong notes a problem and returns a stand-in."""

    file: str
    line: int
    cells: dict[str, str]
    missing: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    is_wrong: bool = False

    def refuse(self, column: str, message: str) -> None:
        """Note a problem in this column, unless the file has no such column: then its header was told."""
        self.is_wrong = True
        if column not in self.missing:
            self.problems.append(Problem(column, message, self.file, self.line))

    def code(self) -> str:
        """Read a service code, or `*` for any service. GP, which is on every line of a PT plan of care, is left out."""
        written = self.cells["code"].upper()
        modified = _MODIFIED.fullmatch(written)
        text = modified[1] if modified else written
        if text != ANY_SERVICE and not is_service_code(text):
            self.refuse("code", f"Enter a code such as 97110 or G0283, or * for any, not {shown(written)}.")
        elif modified and (others := set(re.split("[- ]", modified[2])[1:]) - {PT_PLAN_OF_CARE}):
            words = f"Enter {text} without {', '.join(sorted(others))}: a row prices a code, or a code with GP."
            self.refuse("code", words)
        return text

    def amount(self) -> Money:
        """Read an amount above zero."""
        text = self.cells["amount"]
        try:
            amount = Money.parse(text)
        except ValueError:
            comma = _DECIMAL_COMMA.fullmatch(text)
            example = f"{comma[1]}.{comma[2]}, with a point" if comma else "38.08"
            self.refuse("amount", f"Enter an amount such as {example}, not {shown(text)}.")
            return ZERO
        if amount <= 0:
            self.refuse("amount", f"Enter an amount above 0.00, or leave the row out, not {shown(text)}.")
        return amount

    def basis(self) -> str:
        """Read what the amount is for."""
        text = self.cells["basis"].lower().replace(" ", "-")
        if text not in BASES:
            self.refuse("basis", f"Enter per-unit, per-line or per-visit, not {shown(text)}.")
        elif text != "per-visit" and self.cells["code"] == ANY_SERVICE:
            self.refuse("basis", "Enter per-visit beside the code *, or name the code.")
        return text

    def percent_of_medicare(self) -> Rate | None:
        """Read a percentage of Medicare's fee, by the basis or by the amount itself; None where the row is in dollars.

        A percentage that doesn't say of what is asked about: it may be of the clinic's charges.
        """
        amount = _PERCENT.fullmatch(self.cells["amount"])
        said = amount[2].strip(" .").lower() if amount else ""
        basis = self.cells["basis"].lower().replace("-", " ").replace("_", " ")
        of_medicare = [text for text in (basis, said) if _OF_MEDICARE.fullmatch(text)]
        if amount is None and not of_medicare:
            return None
        shown_amount = shown(self.cells["amount"])
        if amount is None:
            self.refuse("amount", f"Enter the percentage of Medicare's fee, such as 110%, not {shown_amount}.")
            return WHOLE
        if not of_medicare or (said and not _OF_MEDICARE.fullmatch(said)):
            words = f"Enter the basis {OF_MEDICARE} if {amount[1]}% is of Medicare's fee, or else an amount in dollars"
            self.refuse("amount", f"{words}, not {shown_amount}.")
            return WHOLE
        rate = Rate.parse(f"{amount[1]}%") if len(amount[1].partition(".")[2]) <= _PARTS else Rate(0)
        if not _LEAST_OF_MEDICARE <= rate <= _MOST_OF_MEDICARE:
            words = f"Enter a percentage of Medicare's fee from {_LEAST_OF_MEDICARE} to {_MOST_OF_MEDICARE}"
            self.refuse("amount", f"{words}, not {shown_amount}.")
            return WHOLE
        return rate

    def choice(self, column: str, choices: Mapping[str, str]) -> str:
        """Read one of some words, as they are said by those who write it; empty where nothing is said."""
        text = self.cells.get(column, "")
        if not text:
            return ""
        found = choices.get(re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"))
        if found is None:
            known = ", ".join(dict.fromkeys(choices.values()))
            self.refuse(column, f"Enter one of {known}, or leave it empty for any, not {shown(text)}.")
        return found or ""

    def span(self) -> Span:
        """Read the first and the last day; an empty one leaves that end open."""
        before = len(self.problems)
        first_day, last_day = self._day("first_day"), self._day("last_day")
        if first_day and last_day and last_day < first_day:
            self.refuse("last_day", f"Enter a day that is not before the first day, {first_day}.")
        return ALWAYS if len(self.problems) > before else Span(first_day, last_day)

    def _day(self, column: str) -> date | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        if _DAY.fullmatch(text):
            with suppress(ValueError):
                return date.fromisoformat(text)
        if american := _US_DAY.fullmatch(text):
            month, day, year = map(int, american.groups())
            with suppress(ValueError):
                return date(year, month, day)
        self.refuse(column, f"Enter a day such as 2026-01-31 or 1/31/2026, not {shown(text)}.")
        return None


def read_list(
    content: bytes,
    file: str,
    read_on: date,
    *,
    needed: Sequence[str],
    allowed: Sequence[str],
    entry: Callable[[Row, Citation], Entry],
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return the entries under a header of these columns, and every mistake in the order of lines."""
    source = Source(file, "", read_on)
    rows, problems = _read_rows(content, file, needed, allowed)
    read: list[tuple[Row, Entry]] = []
    wrong = len(problems)
    for row in rows:
        if wrong > MOST_PROBLEMS:
            problems.append(Problem("", "There are more mistakes from here on. Correct these first.", file, row.line))
            break
        read.append((row, entry(row, Citation(source, "", row.file, row.line))))
        wrong += len(row.problems)
    _refuse_overlaps([(row, made) for row, made in read if not row.is_wrong])
    problems += [problem for row, _ in read for problem in row.problems]
    entries = (made for row, made in read if not row.is_wrong)
    return codes_first(entries), tuple(sorted(problems, key=lambda problem: problem.line or 0))


def codes_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries with those of `*`, any service, last."""
    return tuple(sorted(entries, key=lambda entry: entry.subject[1] == ANY_SERVICE))


def shown(text: str) -> str:
    """Quote what was written, cut where it is long."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _refuse_overlaps(read: Iterable[tuple[Row, Dated]]) -> None:
    """Note a problem on every row whose days overlap those of an earlier row for the same thing."""
    rows = {id(entry): (row, entry) for row, entry in read}
    for entry, earlier in overlapping(entry for _, entry in rows.values()):
        what = " ".join(filter(None, entry.subject))
        line = rows[id(earlier)][0].line
        rows[id(entry)][0].refuse("first_day", f"End the price of {what} in line {line} before this one begins.")


def _read_rows(
    content: bytes, file: str, needed: Sequence[str], allowed: Sequence[str]
) -> tuple[list[Row], list[Problem]]:
    """Return the rows under a header of these columns, and what is wrong with the file as a whole."""
    rows, broken = sheet_rows(content, file)
    if not rows:
        empty = Problem("", f"Enter a header with {', '.join(needed)}, then one row a price.", file, 1)
        return [], broken or [empty]
    (line, header), *below = rows
    columns = [_ALSO.get(name, name) for name in map(_plain, header)]
    problems = _header_problems(columns, file, line, needed, allowed)
    missing = [name for name in needed if name not in columns]
    if len(problems) > len(missing) or len(missing) == len(needed):
        return [], problems
    fitting, unfit = _fitting(below, columns, file, missing)
    return fitting, [*problems, *unfit, *broken]


def _plain(header: str) -> str:
    """Return a header as a name: `Allowed Amount` and `allowed-amount` are `allowed_amount`."""
    return re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")


def sheet_rows(
    content: bytes, file: str, most_rows: int = MOST_ROWS
) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return the rows of a CSV file or of a workbook's first sheet, and what keeps it from being read.

    `most_rows` is of a CSV file; a workbook, which unpacks to many times its size, has at most `MOST_ROWS`.
    """
    if not content.startswith(_WORKBOOK):
        return csv_rows(content, file, most_rows)
    try:
        rows = workbook_rows(content, file)
        if len(rows) > MOST_ROWS + 1:
            return [], [Problem("", f"Give at most {MOST_ROWS:,} rows at once. Split the file.", file)]
        return [(line, [_without_time(cell) for cell in cells]) for line, cells in rows if any(cells)], []
    except Refused as refused:
        return [], list(refused.problems)


def _without_time(cell: str) -> str:
    """Return a day without the midnight that a workbook writes behind it."""
    return cell.removesuffix(_MIDNIGHT) if _DAY.match(cell) else cell


def csv_rows(
    content: bytes, file: str, most_rows: int = MOST_ROWS
) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return the rows that hold anything, each with its line, and where the file stops being a list in CSV."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return [], [Problem("", "Save the file as CSV in UTF-8; this is not text.", file, 1)]
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if len(cells) > MOST_ACROSS:
                words = f"Give at most {MOST_ACROSS} columns; this row has {len(cells):,} cells."
                return rows, [Problem("", words, file, reader.line_num)]
            if len(rows) > most_rows:
                words = f"Give at most {most_rows:,} rows at once. Split the file."
                return rows, [Problem("", words, file, reader.line_num)]
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append((reader.line_num, stripped))
    except csv.Error as wrong:
        return rows, [Problem("", f"Close every quote, and quote whole cells ({wrong}).", file, reader.line_num)]
    return rows, []


def _header_problems(
    columns: Sequence[str], file: str, line: int, needed: Sequence[str], allowed: Sequence[str]
) -> list[Problem]:
    missing = [name for name in needed if name not in columns]
    unknown = [name for name in columns if name not in allowed]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    problems = [Problem(name, f"Add a column {name}.", file, line) for name in missing]
    known = ", ".join(allowed)
    problems += [Problem(name, f"Name the columns {known}; {shown(name)} is none.", file, line) for name in unknown]
    problems += [Problem(name, f"Keep one column {name}.", file, line) for name in twice if name in allowed]
    return problems


def _fitting(
    below: Sequence[tuple[int, list[str]]], columns: Sequence[str], file: str, missing: Sequence[str]
) -> tuple[list[Row], list[Problem]]:
    """Return the rows; cells of a missing column are empty, and what is wrong with them is told once, at the header."""
    rows, problems = [], []
    for line, cells in below:
        extra = [cell for cell in cells[len(columns) :] if cell]
        if extra:
            message = f"Enter {len(columns)} cells; {shown(extra[0])} has no column. Quote 1,250.00."
            problems.append(Problem("", message, file, line))
            continue
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        by_name = {**dict.fromkeys(missing, ""), **dict(zip(columns, padded, strict=False))}
        rows.append(Row(file, line, by_name, frozenset(missing)))
    return rows, problems
