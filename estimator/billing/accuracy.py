"""How often the range of an estimate held what the payer allowed: by payer and code, and by what priced the line.

What was given to a patient stands in the given estimates, and what payers settled in the ledgers of cases. A line
counts where an estimate was given by the day of the visit that has its code with as many units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, select

from estimator.billing.cases import MERGED, PAID, stands
from estimator.billing.schedule_cells import services_of
from estimator.db.connection import reading
from estimator.db.tables import case_entries, cases, given_estimates
from estimator.engine.values import Money

GOAL = 90
"""The part of lines, in percent, whose allowed amount our ranges are to hold."""

FEWEST = 20
"""Of fewer lines no percentage is told: one line more or less would move it by more than five points."""

# How a line was priced, by the finding of its price: from the surest to the least sure.
BASES: Mapping[str, str] = {
    "price-given": "entered by hand",
    "price-contracted": "the clinic’s contract",
    "price-contracted-percent": "the clinic’s contract, a share of Medicare’s fee",
    "price-observed": "this clinic’s remittances",
    "price-rate": "a rate that the plan states",
    "price-medicare": "Medicare’s fee, by the plan",
    "price-market": "the payer’s or hospitals’ own files",
    "price-regional": "an estimate from Medicare’s fee",
}
OTHER_BASIS = "another price"
# The visits of a case follow each other, so that few answers are needed at a time.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Held:
    """Of so many lines, how many were allowed within the range that was given, above it, and below it.

    `off` is the median of what was allowed less the typical figure, a unit.
    """

    of: tuple[str, ...]
    lines: int
    inside: int
    above: int
    below: int
    off: Money

    @property
    def percent(self) -> int | None:
        """Return the part within the range in whole percent, None where too few lines say nothing."""
        return 100 * self.inside // self.lines if self.lines >= FEWEST else None

    @property
    def is_met(self) -> bool | None:
        """Tell whether the goal is met, None where too few lines say nothing."""
        return None if self.percent is None else self.percent >= GOAL


class Board(NamedTuple):
    """All lines together (None where there are none), by payer and code, and by what priced them."""

    all: Held | None
    by_code: tuple[Held, ...]
    by_basis: tuple[Held, ...]
    unmatched: int


class _Line(NamedTuple):
    """A settled line beside the range that was given for it, in cents for all its units."""

    payer: str
    code: str
    basis: str
    units: int
    allowed: int
    low: int
    typical: int
    high: int


def board(engine: Engine, first: date, last: date) -> Board:
    """Return how often ranges held what was allowed, for visits from one day to another, both included."""
    return _board(engine, first, last, newest_records(engine))


def newest_records(engine: Engine) -> tuple[int | None, ...]:
    """Return what changes with every entry of a case and every estimate that is given: both are only added to."""
    with reading(engine) as connection:
        return tuple(connection.scalar(select(func.max(table.c.id))) for table in (case_entries, given_estimates))


@lru_cache(16)
def _board(engine: Engine, first: date, last: date, newest: tuple[int | None, ...]) -> Board:
    with reading(engine) as connection:
        found = list(_lines(connection, first, last))
    lines = [line for line in found if line is not None]
    by_code, by_basis = (
        _grouped(lines, key) for key in (lambda line: (line.payer, line.code), lambda line: (line.basis,))
    )
    in_order = [*BASES.values(), OTHER_BASIS]
    return Board(
        _held((), lines) if lines else None,
        tuple(sorted(by_code, key=lambda held: (held.of[0], -held.lines, held.of[1]))),
        tuple(sorted(by_basis, key=lambda held: in_order.index(held.of[0]))),
        len(found) - len(lines),
    )


def _grouped(lines: Iterable[_Line], key: Any) -> list[Held]:
    groups: dict[tuple[str, ...], list[_Line]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return [_held(of, some) for of, some in groups.items()]


def _held(of: tuple[str, ...], lines: Sequence[_Line]) -> Held:
    # A cent a unit is rounding.
    above = sum(line.allowed > line.high + line.units for line in lines)
    below = sum(line.allowed < line.low - line.units for line in lines)
    off = median((line.allowed - line.typical) / line.units for line in lines)
    return Held(of, len(lines), len(lines) - above - below, above, below, Money(round(off)))


# ----------------------------------------------------------------------------
# Each settled line with the estimate that was given for its case.
# ----------------------------------------------------------------------------


def _lines(connection: Connection, first: date, last: date) -> Iterator[_Line | None]:
    """Yield every settled line of cases with a given estimate; None for one that no estimate has."""
    given = _given(connection)
    answers = _newest_of(connection, given)
    entry = case_entries.c
    asked = select(entry.case_id, entry.day, entry.content).where(
        entry.kind == PAID, entry.day >= first, entry.day <= last, entry.case_id.in_(given), stands(case_entries)
    )
    for case_id, day, content in connection.execute(asked.order_by(entry.case_id, entry.day, entry.number)):
        if not content.get("is_first_payer", True):
            continue
        answer = answers(case_id, day)
        taken: set[tuple[int, int]] = set()
        for line in content.get("lines", ()):
            read = services_of(line["service"])
            if line["allowed"] and len(read) == 1 and answer is not None:
                yield _matched(line["allowed"], read[0], answer, day, taken)


def answers_given(connection: Connection) -> Callable[[int, date], Mapping[str, Any] | None]:
    """Return what finds the newest estimate that was given for a case by a day; None where none was."""
    return _newest_of(connection, _given(connection))


def _newest_of(
    connection: Connection, given: Mapping[int, Sequence[tuple[date, int]]]
) -> Callable[[int, date], Mapping[str, Any] | None]:
    @lru_cache(_KEPT)
    def answer(number: int) -> Mapping[str, Any]:
        found: Mapping[str, Any] = connection.execute(
            select(given_estimates.c.answer).where(given_estimates.c.id == number)
        ).scalar_one()
        return found

    def newest(case_id: int, day: date) -> Mapping[str, Any] | None:
        number = next((number for given_on, number in given.get(case_id, ()) if given_on <= day), None)
        return None if number is None else answer(number)

    return newest


def _given(connection: Connection) -> Mapping[int, Sequence[tuple[date, int]]]:
    """Return the estimates that were given for each case that goes on, with the day of each, the newest first."""
    into = select(cases.c.id, cases.c.merged_into).where(cases.c.state == MERGED)
    merged = {row.id: row.merged_into for row in connection.execute(into)}
    estimate = given_estimates.c
    asked = select(cases.c.id, estimate.id, estimate.given_at)
    asked = asked.join_from(given_estimates, cases, cases.c.label == estimate.case_label).order_by(estimate.id.desc())
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for case_id, number, given_at in connection.execute(asked):
        seen = set()
        while case_id in merged and case_id not in seen:
            seen.add(case_id)
            case_id = merged[case_id]
        found[case_id].append((given_at.date(), number))
    return found


def _matched(
    allowed: int, service: Mapping[str, Any], answer: Mapping[str, Any], day: date, taken: set[tuple[int, int]]
) -> _Line | None:
    """Return a settled line with the one of an estimate that has its code and units: of its day, else of any visit.

    A therapy reduction makes the second line of a visit cheaper, so that each line is `taken` once a day.
    """
    units = int(service.get("units", 1))
    visits = sorted(answer["visits"], key=lambda visit: visit["day"] != day.isoformat())
    for visit in visits:
        for place, line in enumerate(visit["lines"]):
            key = visit["number"], place
            if key not in taken and (line["code"], line["units"]) == (service["code"], units) and _is_priced(line):
                taken.add(key)
                return _line(allowed, answer["plan"]["payer"], line)
    return None


def _is_priced(line: Mapping[str, Any]) -> bool:
    return bool(line["units"]) and Money.parse(line["allowed"]) > 0


def _line(allowed: int, payer: str, line: Mapping[str, Any]) -> _Line:
    low, high = (int(Money.parse(line["allowed_range"][name])) for name in ("low", "high"))
    price = line["price"]
    is_observed = price["numbers"].get("is_observed") == "true"
    basis = BASES.get("price-observed" if is_observed else price["finding"], OTHER_BASIS)
    typical = int(Money.parse(line["allowed"]))
    return _Line(payer, line["code"], basis, line["units"], allowed=allowed, low=low, typical=typical, high=high)
