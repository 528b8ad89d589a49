"""The answer as a person reads it in a terminal, at most 100 columns wide.

Sources are numbered where they are used and listed once at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any, NamedTuple

from estimator.domain.estimate import Status
from estimator.domain.money import Money
from estimator.wording.figures import counted, long_day, sentence, usd
from estimator.wording.sources import Sources
from estimator.wording.telling import BILLER, PATIENT

WIDTH = 100
DISCLAIMER = "Estimates are information, not advice or a promise."
_POINT, _BELOW = "- ", "    "
# Nobody pays these lines, so that where their price comes from explains nothing.
_UNPRICED = (Status.BUNDLED, Status.PROVIDER_ABSORBS)
_ASKED = (Status.PATIENT_BILLED, Status.UNKNOWN)
_PAST_LIMIT = "limit-passed"
_ESTIMATED = ("price-regional", "price-cash")


class _Terms(NamedTuple):
    """What the columns and prices are called."""

    owes: str
    price: str
    contract: str
    charge: str


_TERMS = {
    PATIENT: _Terms("you owe", "Price", "Contract price", "The clinic asks"),
    BILLER: _Terms("patient owes", "Allowed", "Contract rate", "Charge"),
}

Answer = Mapping[str, Any]


def text_of(answer: Answer) -> str:
    """Return the answer as text: the law, then the number, what it rests on, and what could change it."""
    as_of = date.fromisoformat(answer["inputs"]["as_of"])
    sources, terms = Sources(as_of), _TERMS[answer["reader"]]
    parts = [
        *_section("Before any price", _points(answer["notices"], sources)),
        "\n".join(wrap(answer["summary"], WIDTH)),
        *_section("Visit by visit", _table(answer["visits"], terms)),
        *_section("On the way", _points(answer["crossing_points"], sources)),
        *_section("Why", _reasons(answer["visits"], sources, terms)),
        *_section("What could change it", _points(answer["conditions"], sources)),
        *_section("What to ask", _points(answer["questions"], sources)),
        *_section("What the plan told", _points(answer["told"], sources)),
        *_section("What we took for granted", _points(answer["assumptions"], sources)),
        *_section("About this plan", [*_ended(answer["plan"], as_of), *_points(answer["plan"]["notes"], sources)]),
        *_section("Sources", (_folded(source, "", _BELOW) for source in sources.listed())),
        DISCLAIMER,
    ]
    return "\n\n".join(parts) + "\n"


def _ended(plan: Mapping[str, Any], as_of: date) -> Iterator[str]:
    last_day = plan["in_force"]["last_day"]
    if last_day is not None and date.fromisoformat(last_day) < as_of:
        yield _folded(f"This plan's year ended on {long_day(date.fromisoformat(last_day))}.", _POINT)


def _section(heading: str, rows: Iterable[str]) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield "\n".join([heading, *lines])


def _points(parts: Iterable[Mapping[str, Any]], sources: Sources) -> Iterator[str]:
    for part in parts:
        yield _folded(sources.cited(part), _POINT)


def _folded(words: str, first: str, rest: str | None = None) -> str:
    below = " " * len(first) if rest is None else rest
    return "\n".join(wrap(words, WIDTH, initial_indent=first, subsequent_indent=below, break_on_hyphens=False))


def _table(visits: Iterable[Mapping[str, Any]], terms: _Terms) -> Iterator[str]:
    yield f"{'Visit':>7}  {'Day':<18}  {sentence(terms.owes):>12}  {'Between':<27}  {'So far':>12}"
    for visit in visits:
        day = long_day(date.fromisoformat(visit["day"]))
        owes, to_date = _usd(visit["patient_owes"]), _usd(visit["cumulative"]["typical"])
        yield f"{visit['number']:>7}  {day:<18}  {owes:>12}  {_range(visit['range']):<27}  {to_date:>12}"


def _range(ends: Mapping[str, str]) -> str:
    low, high = Money.parse(ends["low"]), Money.parse(ends["high"])
    return "" if low == high else f"{usd(low)} and {usd(high)}"


def _reasons(visits: Iterable[Mapping[str, Any]], sources: Sources, terms: _Terms) -> Iterator[str]:
    """Tell visits that go alike once, with the amounts of the first of them."""
    alike: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for visit in visits:
        alike.setdefault(_way(visit), []).append(visit)
    for group in alike.values():
        yield _heading([visit["number"] for visit in group], _differ(group))
        for line in group[0]["lines"]:
            yield _folded(_line(line, terms), _POINT)
            prices = [] if line["status"] in _UNPRICED else [line["price"]]
            for part in (*line["steps"], *prices):
                yield _folded(sources.cited(part), _BELOW)


def _way(visit: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        (line["code"], line["units"], line["status"], *(step["finding"] for step in line["steps"]))
        for line in visit["lines"]
    )


def _differ(group: list[Mapping[str, Any]]) -> bool:
    first, *others = ([step["says"] for line in visit["lines"] for step in line["steps"]] for visit in group)
    return any(sentences != first for sentences in others)


def _heading(numbers: list[int], differ: bool) -> str:
    amounts = f" (amounts of visit {numbers[0]})" if differ else ""
    if len(numbers) == 1:
        return f"Visit {numbers[0]}"
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"Visits {numbers[0]} to {numbers[-1]}{amounts}"
    return f"Visit {numbers[0]}, and {counted(len(numbers) - 1, 'visit')} like it{amounts}"


def _line(line: Mapping[str, Any], terms: _Terms) -> str:
    owes = f"{terms.owes} {_usd(line['patient_owes'])}"
    if line["status"] in _UNPRICED:
        return f"{line['name']} ({line['code']}): {line['status_says']} {sentence(owes)}."
    return f"{line['name']} ({line['code']}): {line['status_says']} {_price(line, terms)}, {owes}."


def _price(line: Mapping[str, Any], terms: _Terms) -> str:
    """Say which price the patient's part is of: past a limit in network the contract still holds."""
    about = "about " if line["price"]["finding"] in _ESTIMATED else ""
    if line["status"] not in _ASKED:
        return f"{terms.price} {about}{_usd(line['allowed'])}"
    is_past_limit = any(step["finding"] == _PAST_LIMIT for step in line["steps"])
    if is_past_limit and line["patient_owes"] == line["allowed"]:
        return f"{terms.contract} {about}{_usd(line['allowed'])}"
    return f"{terms.charge} {about}{_usd(line['charge'])}"


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
