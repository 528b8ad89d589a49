"""Where a plan goes when its year ends: the official plan crosswalks of Medicare Advantage and of the Marketplace.

A crosswalk says for each plan of this year which plan of the next its members are moved to unless they choose another.
It names plans without segments, states and variants, so that `successor_ids` finds the active plan that is meant.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, Engine, extract, select

from estimator.db.connection import reading, remembered
from estimator.db.official import PLAN_CROSSWALK, newest_id, table_of
from estimator.db.tables import active_plans
from estimator.errors import PlanFileRefused, Problem
from estimator.files import damage_told, most_rows, require_modest, too_many_rows

MEDICARE_ADVANTAGE, MARKETPLACE = "medicare-advantage", "marketplace"
MOST_BYTES = 64 * 1024**2
# The whole table is held: real ones are a few MB, and shrink to a tenth.
_SMALL, _MOST_RATIO = 4 * 1024**2, 20
_MOST_TOLD = 50
_ENDS = "-"  # Kept among the successors of a plan whose members are moved nowhere, or not in every county.

_OF_MEDICARE = ("PREVIOUS_CONTRACT_ID", "PREVIOUS_PLAN_ID", "CURRENT_CONTRACT_ID", "CURRENT_PLAN_ID", "STATUS")
_OF_MARKETPLACE = ("CrosswalkLevel", "DentalPlan")
_MOVES = ("renewal plan", "renewal plan with sar", "renewal plan with sae", "consolidated renewal plan")
_STOPS = ("terminated/non-renewed contract", "terminated/non-renewed plan", "terminated plan")
_BEGINS = ("new plan", "initial contract")
_NO_WAY_ON = ("4", "5")  # Levels at which nobody is enrolled again by itself.
_CONTRACT = re.compile("[A-Z][0-9]{4}")
_PLAN = re.compile("[0-9]{1,3}")
_MARKETPLACE_PLAN = re.compile("[0-9]{5}[A-Z]{2}[0-9]{7}")
_MARK = "ï»¿"  # How a mark of UTF-8 at the beginning reads in Windows-1252.
_YEARLY = re.compile(r"planid(20[0-9]{2})")
_IS_IT = re.compile(r"^(?!.*readme).*crosswalk", re.IGNORECASE)
_YEAR_IN_NAME = re.compile(r"crosswalk\D*(20[0-9]{2})", re.IGNORECASE)
# Our ids: contract, plan, segment and state; or the Marketplace's id and its variant.
_OURS = re.compile(
    r"(?P<key>[hr][0-9]{4}-[0-9]{3})-(?P<rest>[0-9]{1,3}-[a-z]{2})"
    r"|(?P<plan>[0-9]{5}[a-z]{2}[0-9]{7})-(?P<variant>[0-9]{2})"
)


class Fate(StrEnum):
    """What becomes of a plan when its year ends."""

    CONTINUES = "continues"
    MOVES = "moves"
    SPLITS = "splits"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Succession:
    """What a crosswalk says of a plan for a year: its fate, and the plans that it names, without segment or variant."""

    year: int
    fate: Fate
    plans: tuple[str, ...]
    files: str


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """A crosswalk as it was read: `steps` are the plans that each plan's members go to, `-` where they go nowhere."""

    file: str
    market: str
    year: int
    rows: int
    steps: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """Return the name under which it is kept."""
        return f"{self.market}-{self.year}"

    @property
    def says(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {key: list(plans) for key, plans in self.steps.items()}

    @property
    def counted(self) -> dict[str, int]:
        """Return how many plans there are of each fate, each number under its words."""
        fates = [_fate(key, plans) for key, plans in self.steps.items()]
        return {"rows": self.rows, **{f"plans: {fate}": fates.count(fate) for fate in Fate}}


@dataclass
class _Table:
    """The rows of a file, with the labels of its columns in one form, and what is wrong with it."""

    name: str
    file: str
    labels: Sequence[str]
    rows: Iterator[tuple[int, list[str]]]
    count: int = 0
    mistakes: list[Problem] = field(default_factory=list)

    def read(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield these cells of every row with its number; refuse a table that lacks a column."""
        missing = [column for column in columns if _label(column) not in self.labels]
        if missing:
            told = f"These columns are missing: {', '.join(missing)}. Enter the plan crosswalk of either market."
            raise _refused(self.file, told, 1)
        places = [self.labels.index(_label(column)) for column in columns]
        for number, cells in self.rows:
            self.count += 1
            yield number, [cells[place].strip() for place in places]

    def note(self, row: int, column: str, message: str) -> None:
        """Note a mistake; refuse the table where there have been enough."""
        self.mistakes.append(Problem(column, message, self.file, row))
        if len(self.mistakes) >= _MOST_TOLD:
            raise PlanFileRefused(tuple(self.mistakes))

    def made(self, market: str, year: int, steps: Mapping[str, set[str]]) -> Crosswalk:
        """Return the crosswalk; refuse the table where there are mistakes, or no plans."""
        if self.mistakes:
            raise PlanFileRefused(tuple(self.mistakes))
        if not steps:
            raise _refused(self.file, "This table names no plan of the year before: download the file again.", 2)
        in_order = {key: tuple(sorted(steps[key])) for key in sorted(steps)}
        return Crosswalk(file=self.name, market=market, year=year, rows=self.count, steps=in_order)


def read_crosswalk(path: Path, year: int | None = None) -> Crosswalk:
    """Read a crosswalk of either market, as CMS ships it (zip, txt or csv); raise PlanFileRefused with every mistake.

    `year` is the year that plans go to, where neither the columns nor the name of the file tell it.
    """
    file, text = _text(path)
    header, rows = _rows_of(text, file, most_rows(path.stat().st_size))
    labels = [_label(column) for column in header]
    table = _Table(path.name, file, labels, rows)
    years = sorted(int(found[1]) for label in labels if (found := _YEARLY.fullmatch(label)))
    if len(years) > 1:
        return _of_marketplace(table, years[-1])
    if any(_label(column) in labels for column in _OF_MARKETPLACE):
        told = "This table needs two columns such as PlanID_2026 and PlanID_2027. Were they renamed?"
        raise _refused(file, told, 1)
    named = _YEAR_IN_NAME.search(path.name) or _YEAR_IN_NAME.search(file)
    into = year or (int(named[1]) if named else None)
    if into is None:
        raise _refused(file, "The name does not tell the year that plans go to. Enter it with --year 2027.")
    return _of_medicare(table, into)


def _label(column: str) -> str:
    return re.sub("[^a-z0-9]", "", column.lower())


def _of_medicare(table: _Table, year: int) -> Crosswalk:
    moves: dict[str, set[str]] = {}
    stops: set[str] = set()
    for number, (before, plan, after, new_plan, status) in table.read(_OF_MEDICARE):
        kind = " ".join(status.lower().split())
        if kind in _BEGINS or before[:1].upper() in ("S", "E"):  # New plans; drug plans and employers' own contracts.
            continue
        key, successor = _medicare_key(before, plan), _medicare_key(after, new_plan)
        if kind not in (*_MOVES, *_STOPS):
            told = f"Enter a status that we know, such as Renewal Plan, not {status[:40]!r}."
            table.note(number, "STATUS", told)
        elif key is None:
            table.note(number, "PREVIOUS_PLAN_ID", f"Enter a plan such as H2406 and 013, not {before} {plan}.")
        elif kind in _STOPS:
            stops.add(key)
        elif successor is None:
            told = f"Enter the plan that {key.upper()} becomes, such as H2406 and 013, not {after} {new_plan}."
            table.note(number, "CURRENT_PLAN_ID", told)
        else:
            moves.setdefault(key, set()).add(successor)
    # A plan whose members are moved into another contract has a row that says the old one ended as well.
    ended = {key: {_ENDS} for key in stops if key not in moves}
    return table.made(MEDICARE_ADVANTAGE, year, moves | ended)


def _of_marketplace(table: _Table, year: int) -> Crosswalk:
    steps: dict[str, set[str]] = {}
    columns = (f"PlanID_{year - 1}", f"PlanID_{year}", *_OF_MARKETPLACE)
    for number, (before, after, level, dental) in table.read(columns):
        if dental.lower() in ("yes", "y", "1") or not before:
            continue
        if not _MARKETPLACE_PLAN.fullmatch(before):
            table.note(number, f"PlanID_{year - 1}", f"Enter a plan such as 12345AK0010001, not {before[:40]!r}.")
        elif level in _NO_WAY_ON:
            steps.setdefault(before.lower(), set()).add(_ENDS)
        elif _MARKETPLACE_PLAN.fullmatch(after):
            steps.setdefault(before.lower(), set()).add(after.lower())
        else:
            told = f"Enter the plan that {before} becomes, such as 12345AK0010001, not {after[:40]!r}."
            table.note(number, f"PlanID_{year}", told)
    return table.made(MARKETPLACE, year, steps)


def _medicare_key(contract: str, plan: str) -> str | None:
    if not _CONTRACT.fullmatch(contract.upper()) or not _PLAN.fullmatch(plan):
        return None
    return f"{contract.lower()}-{plan.zfill(3)}"


# ----------------------------------------------------------------------------
# The one table of the file: text between tabs or commas, in Windows-1252 where it is not ASCII. Only ids are kept.
# ----------------------------------------------------------------------------


def _text(path: Path) -> tuple[str, str]:
    def refuse(words: str) -> PlanFileRefused:
        return _refused(path.name, words)

    with damage_told(refuse):
        if not zipfile.is_zipfile(path):
            if path.stat().st_size > MOST_BYTES or path.suffix.lower() in (".zip", ".xlsx"):
                raise refuse("Enter the crosswalk as txt, csv or zip; if this is one of them, download it again.")
            return path.name, path.read_bytes().decode("cp1252", errors="replace")
        with zipfile.ZipFile(path) as archive:
            tables = [one for one in archive.infolist() if one.filename.lower().endswith((".txt", ".csv"))]
            named = [one for one in tables if _IS_IT.search(one.filename)]
            if len(named) != 1:
                raise refuse(f"Enter a zip with one crosswalk as txt or csv; this one has {len(named)}.")
            require_modest(named[0], MOST_BYTES, refuse)
            if named[0].file_size > _SMALL + _MOST_RATIO * path.stat().st_size:
                raise refuse(
                    f"It would unpack to {named[0].file_size:,} bytes, which no crosswalk does: download it again."
                )
            inner = f"{path.name}/{PurePosixPath(named[0].filename).name}"
            return inner, archive.read(named[0]).decode("cp1252", errors="replace")


def _rows_of(text: str, file: str, most: int) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header, and the rows below it with their numbers."""
    rows = _every_row(text, file, most)
    _, header = next(rows, (1, []))

    def below() -> Iterator[tuple[int, list[str]]]:
        for number, cells in rows:
            if len(cells) != len(header):
                told = f"Enter {len(header)} cells in this row, as in the header; it has {len(cells)}."
                raise _refused(file, told, number)
            yield number, cells

    return header, below()


def _every_row(text: str, file: str, most: int) -> Iterator[tuple[int, list[str]]]:
    lines = StringIO(text.removeprefix(_MARK), newline="")
    is_tabbed = "\t" in text.partition("\n")[0]
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if is_tabbed else csv.reader(lines)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > most:
                raise _refused(file, too_many_rows(most), number)
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise _refused(file, f"This row cannot be read ({error}): download the file again.", number + 1) from error


def _refused(file: str, message: str, row: int | None = None, column: str = "") -> PlanFileRefused:
    return PlanFileRefused((Problem(column, message, file, row),))


# ----------------------------------------------------------------------------
# What the crosswalks in use say of one of our plans.
# ----------------------------------------------------------------------------


def succession_of(engine: Engine, plan_id: str, year: int) -> Succession | None:
    """Return what becomes of a plan in a year; None where no crosswalk that was imported names it."""
    found = _OURS.fullmatch(plan_id)
    if found is None:
        return None
    market = MEDICARE_ADVANTAGE if found["key"] else MARKETPLACE
    key = found["key"] or found["plan"]
    with reading(engine) as connection:
        name = f"{market}-{year}"
        number = remembered(connection, (PLAN_CROSSWALK, name), lambda: newest_id(connection, PLAN_CROSSWALK, name))
    if number is None:
        return None
    files, steps = _kept(engine, number)
    plans = steps.get(key)
    if plans is None:
        return None
    return Succession(year, _fate(key, plans), tuple(plan for plan in plans if plan != _ENDS), files)


def successor_ids(connection: Connection, plan_id: str, succession: Succession) -> tuple[str, ...]:
    """Return the active plans that a plan's members are moved to: of the same variant, or state and segment.

    Where a successor has no such segment, all of its segments in the state are returned: the county tells which.
    """
    found = _OURS.fullmatch(plan_id)
    if found is None:
        return ()
    asked = select(active_plans.c.plan_id).where(extract("year", active_plans.c.first_day) == succession.year)
    ids: list[str] = []
    for key in succession.plans:
        wanted = f"{key}-{found['rest'] or found['variant']}"
        state = f"%-{plan_id[-2:]}" if found["key"] else f"%-{found['variant']}"
        of_plan = active_plans.c.plan_id.like(f"{key}-%") & active_plans.c.plan_id.like(state)
        there = sorted(connection.scalars(asked.where(of_plan)))
        ids += [wanted] if wanted in there else there
    return tuple(ids)


def id_of_year(plan_id: str, before: int, year: int) -> str:
    """Return the id of a plan with another year in it; the same where it has none.

    >>> id_of_year("tricare-prime-2026", 2026, 2027), id_of_year("h2026-001-0-tx", 2026, 2027)
    ('tricare-prime-2027', 'h2026-001-0-tx')
    """
    return "-".join(str(year) if part == str(before) else part for part in plan_id.split("-"))


def ids_of_next_year(plan_id: str, last_day: date) -> tuple[str, ...]:
    """Return the ids that a plan has in its next year, where its id names the year: that of its last day or before.

    >>> ids_of_next_year("tricare-prime-2026", date(2026, 12, 31)), ids_of_next_year("a-2026", date(2027, 6, 30))
    (('tricare-prime-2027',), ('a-2027',))
    """
    found = (id_of_year(plan_id, year, year + 1) for year in (last_day.year, last_day.year - 1))
    return tuple(each for each in found if each != plan_id)


def _fate(key: str, plans: Sequence[str]) -> Fate:
    if tuple(plans) == (_ENDS,):
        return Fate.ENDS
    if len(plans) > 1:
        return Fate.SPLITS
    return Fate.CONTINUES if plans[0] == key else Fate.MOVES


# A table never changes, so that what was read of it holds for good.
@lru_cache(4)
def _kept(engine: Engine, number: int) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    with reading(engine) as connection:
        kept = table_of(connection, number)
    return kept.files, {key: tuple(plans) for key, plans in kept.says.items()}
