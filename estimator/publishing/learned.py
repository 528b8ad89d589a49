"""What payers were seen to allow, learned from remittances file by file: each counts once and can be forgotten.

Of each file its lines are kept without whose they are: payer, plan, code, modifiers, day, charge, paid, and the price
of a unit. A reversal takes away a line that is the same in all of these, in whatever file it stands, and it doesn't
matter which of two equal ones. What all files come to is published as one table, which estimates are priced by.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_low
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.clock import now_utc, today
from estimator.db.connection import reading, require_ready, writing
from estimator.db.official import (
    FORGOTTEN_AMOUNTS,
    LEARNED_AMOUNTS,
    PAID_LINES,
    NewTable,
    OfficialTable,
    keep_table,
    newest_table,
    table_of,
    tables_in_use,
)
from estimator.engine.values import Money
from estimator.errors import Problem, RatesRefused
from estimator.plans.store import Import, keep_import
from estimator.prices.hospital import market_of_plan
from estimator.publishing.drafts import Signed

LEARNED = "remittances"
BY_COMMAND = Signed("", "")
_FORGOT = "amounts-forgotten"
_FORGOTTEN = "forgotten"


class SeenLine(NamedTuple):
    """So many equal lines of a file, amounts in cents; `times` is below zero for what a reversal takes back.

    `price` is that of a full unit, 0 of a reversal, which doesn't show it.
    """

    payer: str
    plan: str
    code: str
    modifiers: str
    day: str
    charge: int
    paid: int
    price: int
    times: int

    @property
    def of_payment(self) -> tuple[Any, ...]:
        """Return what a reversal and the line that it takes back have in common."""
        return self.payer, self.code, self.modifiers, self.day, self.charge, self.paid


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A remittance as it is learned from: its name, the mark of its payments, and its lines."""

    name: str
    mark: str
    lines: tuple[SeenLine, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """What one payer allowed under one plan for a unit of one code: how often, until when, and between what amounts."""

    payer: str
    plan: str
    code: str
    lines: int
    last_seen: str
    low: Money
    median: Money
    high: Money

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what tells it from others."""
        return self.payer, self.plan, self.code


class KnownFile(NamedTuple):
    """A file that counts, when and by whom it was learned from, and how many lines it has."""

    name: str
    mark: str
    learned_at: datetime
    learned_by: str
    lines: int


@dataclass(frozen=True, slots=True)
class Learned:
    """All that counts now, and, of amounts that were forgotten, the day up to which no line counts."""

    amounts: tuple[Amount, ...] = ()
    files: tuple[KnownFile, ...] = ()
    forgotten: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


def learn_from(engine: Engine, files: Sequence[SeenFile], signed: Signed = BY_COMMAND) -> tuple[int, Learned]:
    """Learn from files, each of which counts once; return how many were new, and all that counts now.

    Nothing is kept, and RatesRefused is raised, where none of them shows an amount.
    """
    if not any(line for file in files for line in _counting(file)):
        words = "These remittances show no allowed amount of an employer’s or Marketplace plan. Give others."
        raise RatesRefused((Problem("", words, ", ".join(one.name for one in files)),))
    tables = [
        NewTable(PAID_LINES, file.mark, today(), file.name, {"lines": [list(line) for line in _counting(file)]})
        for file in files
    ]
    return _publish(engine, tables, "amounts-learned", signed)


def forget_file(engine: Engine, mark: str, signed: Signed = BY_COMMAND, *, is_trial: bool = False) -> Learned:
    """Let a file count no longer and return what counts then; raise RatesRefused where it doesn't count now.

    A trial stores nothing.
    """
    with reading(engine) as connection:
        kept = newest_table(connection, PAID_LINES, mark)
    if kept is None or not kept.says["lines"]:
        raise RatesRefused((Problem("file", "This file doesn’t count now. Look at what was learned once more."),))
    return _publish(
        engine, [NewTable(PAID_LINES, mark, today(), kept.files, {"lines": []})], _FORGOT, signed, is_trial=is_trial
    )[1]


def forget_amount(
    engine: Engine, payer: str, plan: str, code: str, signed: Signed = BY_COMMAND, *, is_trial: bool = False
) -> Learned:
    """Let all lines of an amount up to its last day count no longer; raise RatesRefused where there are none."""
    now = learned_now(engine)
    last = next((one.last_seen for one in now.amounts if one.key == (payer, plan, code)), None)
    if last is None:
        raise RatesRefused((Problem("amount", "This amount doesn’t count now. Look at what was learned once more."),))
    return _forget(engine, {**now.forgotten, (payer, plan, code): last}, _FORGOT, signed, is_trial)


def remember_amount(
    engine: Engine, payer: str, plan: str, code: str, signed: Signed = BY_COMMAND, *, is_trial: bool = False
) -> Learned:
    """Let the lines of an amount that was forgotten count again; raise RatesRefused where it wasn't."""
    now = learned_now(engine)
    if (payer, plan, code) not in now.forgotten:
        raise RatesRefused((Problem("amount", "This amount wasn’t forgotten. Look at what was learned once more."),))
    return _forget(
        engine,
        {key: day for key, day in now.forgotten.items() if key != (payer, plan, code)},
        "amounts-remembered",
        signed,
        is_trial,
    )


def learned_now(engine: Engine) -> Learned:
    """Return all that counts now."""
    with reading(engine) as connection:
        return _learned(connection)


def _forget(
    engine: Engine, until: Mapping[tuple[str, str, str], str], did: str, signed: Signed, is_trial: bool
) -> Learned:
    rows = [[*key, day] for key, day in sorted(until.items())]
    table = NewTable(FORGOTTEN_AMOUNTS, _FORGOTTEN, today(), "", {"rows": rows})
    return _publish(engine, [table], did, signed, is_trial=is_trial)[1]


def _publish(
    engine: Engine, tables: Sequence[NewTable], did: str, signed: Signed, *, is_trial: bool = False
) -> tuple[int, Learned]:
    """Keep tables and what all of them come to, whole or not at all; return how many were new, and all of it."""
    require_ready(engine)
    with writing(engine) as connection:
        now = now_utc()
        new = sum(keep_table(connection, table, now, signed.by)[1] for table in tables)
        learned = _learned(connection)
        if is_trial:
            connection.rollback()
            return new, learned
        number, is_new = keep_table(connection, _table(learned), now, signed.by)
        if is_new:
            # What was kept of answers goes by the newest import.
            keep_import(connection, Import(LEARNED_AMOUNTS, "", now, signed.by, {"tables": 1}))
        if new:
            note_done(connection, by=signed.account, did=did, subject=f"table {number}", now=now)
        connection.commit()
    return new, learned


def _table(learned: Learned) -> NewTable:
    rows = [
        {
            "payer": one.payer,
            "plan": one.plan,
            "code": one.code,
            "lines": one.lines,
            "last_seen": one.last_seen,
            "low": str(one.low),
            "median": str(one.median),
            "high": str(one.high),
        }
        for one in learned.amounts
    ]
    files = [{"file": one.name, "mark": one.mark} for one in sorted(learned.files, key=lambda one: one.mark)]
    return NewTable(LEARNED_AMOUNTS, LEARNED, today(), f"{len(files)} remittances", {"files": files, "rows": rows})


def _learned(connection: Connection) -> Learned:
    kept = [table_of(connection, number) for _, _, number in tables_in_use(connection, PAID_LINES)]
    until = newest_table(connection, FORGOTTEN_AMOUNTS, _FORGOTTEN)
    forgotten = {(payer, plan, code): day for payer, plan, code, day in until.says["rows"]} if until else {}
    read = [(table, [SeenLine(*line) for line in table.says["lines"]]) for table in kept]
    counting = [(table, lines) for table, lines in read if lines]
    files = tuple(_file(table, lines) for table, lines in counting)
    amounts = tuple(_amounts((line for _, lines in counting for line in lines), forgotten))
    return Learned(amounts, tuple(sorted(files, key=lambda one: one.learned_at, reverse=True)), forgotten)


def _file(table: OfficialTable, lines: Sequence[SeenLine]) -> KnownFile:
    seen = sum(line.times for line in lines if line.times > 0)
    return KnownFile(table.files, table.name, table.published_at, table.published_by, seen)


# ----------------------------------------------------------------------------
# From lines to amounts.
# ----------------------------------------------------------------------------


def _counting(file: SeenFile) -> Iterator[SeenLine]:
    """Yield the lines that may count: of a day, and of no public program, which pays by rules of its own."""
    return (line for line in file.lines if line.day and market_of_plan(line.payer, line.plan))


def _amounts(lines: Iterable[SeenLine], forgotten: Mapping[tuple[str, str, str], str]) -> Iterator[Amount]:
    every = sorted(lines)
    back = Counter[tuple[Any, ...]]()
    for line in every:
        if line.times < 0:
            back[line.of_payment] -= line.times
    prices: dict[tuple[str, str, str], Counter[int]] = defaultdict(Counter)
    last: dict[tuple[str, str, str], str] = {}
    for line in every:
        if line.times < 0:
            continue
        taken = min(back[line.of_payment], line.times)
        back[line.of_payment] -= taken
        key = line.payer, line.plan, line.code
        if line.times > taken and line.day > forgotten.get(key, ""):
            prices[key][line.price] += line.times - taken
            last[key] = max(line.day, last.get(key, ""))
    for key, counted in sorted(prices.items()):
        low, middle, high = min(counted), median_low(counted.elements()), max(counted)
        yield Amount(*key, counted.total(), last[key], low=Money(low), median=Money(middle), high=Money(high))
