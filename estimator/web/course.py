"""The visits of an answer as a reader takes them in: those that differ in nothing but the day stand together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from estimator.web.figures import cents_of, long_day, short_day, usd

Visit = Mapping[str, Any]
Line = Mapping[str, Any]
Balances = Sequence[tuple[str, str]]


class SharedPrice(NamedTuple):
    """Where the price of one or several services comes from."""

    names: str
    says: str
    citation: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class VisitGroup:
    """Visits that are alike; `visit` is the first of them, `balances` what is left after the last."""

    name: str
    days: str
    count: int
    visit: Visit
    notes: tuple[str, ...]
    prices: tuple[SharedPrice, ...]
    balances: Balances


def grouped(answer: Mapping[str, Any]) -> list[VisitGroup]:
    """Return the visits in order, those that are alike and follow each other as one."""
    notes: dict[int, list[str]] = {}
    for point in answer["crossing_points"]:
        notes.setdefault(point["visit"], []).append(point["says"])
    alike = groupby(answer["visits"], key=lambda visit: _what_differs(visit, notes))
    return [_group(list(visits), notes) for _, visits in alike]


def _what_differs(visit: Visit, notes: Mapping[int, Sequence[str]]) -> tuple[Any, ...]:
    own = visit["number"] if visit["number"] in notes else 0
    return own, visit["network"], visit["range"], visit["lines"]


def _group(visits: Sequence[Visit], notes: Mapping[int, Sequence[str]]) -> VisitGroup:
    first, last = visits[0], visits[-1]
    is_one = first is last
    return VisitGroup(
        name=f"Visit {first['number']}" if is_one else f"Visits {first['number']} to {last['number']}",
        days=long_day(first["day"]) if is_one else f"{short_day(first['day'])} to {short_day(last['day'])}",
        count=len(visits),
        visit=first,
        notes=tuple(notes.get(first["number"], ())),
        prices=tuple(_prices(first["lines"])),
        balances=tuple(_balances(last["accumulators"])),
    )


def price_of(line: Line) -> str:
    """Return what a line costs: what the plan recognises, or what the clinic asks where it recognises nothing."""
    allowed: str = line["allowed"]
    return line["charge"] if cents_of(allowed) == 0 else allowed


def _prices(lines: Sequence[Line]) -> Iterator[SharedPrice]:
    told: dict[str, list[Line]] = {}
    for line in lines:
        told.setdefault(line["price"]["says"], []).append(line)
    for says, alike in told.items():
        yield SharedPrice(", ".join(line["name"] for line in alike), says, alike[0]["price"]["citation"])


def _balances(accumulators: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, words in (("deductible", "Deductible"), ("out_of_pocket_max", "Out-of-pocket maximum")):
        if ceiling := accumulators.get(name):
            yield f"{words} left", _left_of_money(ceiling)
    for name, limit in accumulators.get("limits", {}).items():
        yield name.replace("-", " ").capitalize(), _left_of_limit(limit)


def _left_of_money(ceiling: Mapping[str, Any]) -> str:
    if ceiling["of"] is None:
        return f"no end; {usd(ceiling['used'])} so far"
    return f"{usd(ceiling['left'])} of {usd(ceiling['of'])}"


def _left_of_limit(limit: Mapping[str, Any]) -> str:
    if limit["measure"] in ("dollars", "cents"):
        return _left_of_money(limit)
    if limit["of"] is None:
        return f"{limit['used']} {limit['measure']} so far, no known end"
    return f"{limit['used']} of {limit['of']} {limit['measure']} used"
