"""The answer as a person reads it in a terminal, at most 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any

from estimator.domain.money import Money
from estimator.wording.figures import counted, long_day, usd

WIDTH = 100
DISCLAIMER = "Estimates are information, not advice or a promise."

Answer = Mapping[str, Any]


def text_of(answer: Answer) -> str:
    """Return the answer as text: the number first, then what it rests on, then what could change it."""
    parts = [
        _paragraph(answer["summary"]),
        *_section("Before any price", _notices(answer)),
        *_section("Visit by visit", _visits(answer)),
        *_section("On the way", [point["says"] for point in answer["crossing_points"]]),
        *_section("Why", _reasons(answer)),
        *_section("What could change it", [_cited(each) for each in answer["conditions"]]),
        *_section("What to ask", [_cited(each) for each in answer["questions"]]),
        *_section("What we took for granted", [_cited(each) for each in answer["assumptions"]]),
        _paragraph(DISCLAIMER),
    ]
    return "\n\n".join(parts) + "\n"


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield "\n".join([heading, *(_row(line) for line in lines)])


def _row(line: str) -> str:
    # A table is laid out already; sentences are folded.
    if line.startswith(" "):
        return line[:WIDTH].rstrip()
    return "\n".join(wrap(line, WIDTH, initial_indent="- ", subsequent_indent="  "))


def _paragraph(words: str) -> str:
    return "\n".join(wrap(words, WIDTH))


def _notices(answer: Answer) -> list[str]:
    return [_cited(notice) for notice in answer["notices"]]


def _visits(answer: Answer) -> list[str]:
    rows = [f"  {'Visit':>5}  {'Day':<18}  {'You owe':>12}  {'Range':<25}  {'So far':>12}"]
    for visit in answer["visits"]:
        day = long_day(date.fromisoformat(visit["day"]))
        owes, to_date = _usd(visit["patient_owes"]), _usd(visit["cumulative"]["typical"])
        rows.append(f"  {visit['number']:>5}  {day:<18}  {owes:>12}  {_range(visit['range']):<25}  {to_date:>12}")
    return rows


def _range(ends: Mapping[str, str]) -> str:
    low, high = sorted((Money.parse(ends["low"]), Money.parse(ends["high"])))
    return "" if low == high else f"{usd(low)} to {usd(high)}"


def _reasons(answer: Answer) -> list[str]:
    """Tell each different visit once: the lines of the first that is so, and how many visits are like it."""
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for visit in answer["visits"]:
        alike.setdefault("\n".join(_lines(visit)), []).append(visit)
    told = []
    for visits in alike.values():
        told.append(_heading([visit["number"] for visit in visits]))
        told += _lines(visits[0])
    return told


def _heading(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"Visit {numbers[0]}:"
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"Visits {numbers[0]} to {numbers[-1]}:"
    return f"Visit {numbers[0]} and {counted(len(numbers) - 1, 'visit')} like it:"


def _lines(visit: Mapping[str, Any]) -> list[str]:
    rows = []
    for line in visit["lines"]:
        price = f"price {_usd(line['allowed'])}, you owe {_usd(line['patient_owes'])}"
        rows.append(f"{line['name']} ({line['code']}): {line['status_says']} {price[:1].upper()}{price[1:]}.")
        rows += [_cited(step) for step in line["steps"]]
        rows.append(_cited(line["price"]))
    return rows


def _cited(part: Mapping[str, Any]) -> str:
    citation = part.get("citation")
    if not citation:
        return str(part["says"])
    place = f", {citation['place']}" if citation["place"] else ""
    read = long_day(date.fromisoformat(citation["read_on"]))
    return f"{part['says']} [{citation['title']}{place}; read on {read}]"


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
