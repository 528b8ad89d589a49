"""A comparison as a person reads it in a terminal, at most 100 columns wide: the sentence, the table, the visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any

from estimator.domain.money import Money
from estimator.wording.figures import long_day, usd
from estimator.wording.text import DISCLAIMER, WIDTH

_TITLE = 44
_MOST_COLUMNS = 4
_BEFORE, _WIDEST = 25, 32


def comparison_text(told: Mapping[str, Any]) -> str:
    """Return the JSON of a comparison as text."""
    parts = [
        "\n".join(wrap(told["sentence"], WIDTH)),
        "\n".join(_table(told["sides"])),
        "\n".join(_visits(told)),
        *(text for side in told["sides"] if (text := "\n".join(_about(side)))),
        _margin(told["about_the_same_within"]),
        DISCLAIMER,
    ]
    return "\n\n".join(parts) + "\n"


def _table(sides: list[Mapping[str, Any]]) -> Iterator[str]:
    yield f"{'':<{_TITLE}}  {'You owe':>12}  {'Low':>12}  {'High':>12}  {'Difference':>12}"
    for side in sides:
        owes = side["patient_owes"]
        if owes is None:
            yield f"{side['title'][:_TITLE]:<{_TITLE}}  cannot be estimated"
            continue
        amounts = [_usd(owes[level]) for level in ("typical", "low", "high")]
        difference = "" if side["difference"] is None else _signed(side["difference"])
        yield (
            f"{side['title'][:_TITLE]:<{_TITLE}}" + "".join(f"  {each:>12}" for each in [*amounts, difference]).rstrip()
        )


def _visits(told: Mapping[str, Any]) -> Iterator[str]:
    shown = told["sides"][:_MOST_COLUMNS]
    yield "What you have paid so far, visit by visit"
    width = min(_WIDEST, (WIDTH - _BEFORE) // len(shown) - 2)
    yield f"{'Visit':>5}  {'Day':<18}" + "".join(f"  {side['title'][:width]:>{width}}" for side in shown)
    for visit in told["visits"]:
        day = long_day(date.fromisoformat(visit["day"]))
        cells = (_cell(side["cumulative"]) for side in visit["sides"][:_MOST_COLUMNS])
        yield f"{visit['number']:>5}  {day:<18}" + "".join(f"  {cell:>{width}}" for cell in cells)


def _about(side: Mapping[str, Any]) -> Iterator[str]:
    says = [problem["message"] for problem in side["problems"]]
    says += [side["break_even"]["says"]] if side["break_even"] else []
    says += [note["says"] for note in side["notes"]]
    says += [f"Taken for granted here only: {each['says']}" for each in side["assumed_only_here"]]
    if says:
        yield side["title"]
    for each in says:
        yield "\n".join(wrap(each, WIDTH, initial_indent="- ", subsequent_indent="  "))


def _margin(within: Mapping[str, str]) -> str:
    amount = _usd(within["amount"])
    return f"Totals within {amount} or {within['percent']} of each other, whichever is more, count as about the same."


def _cell(amount: str | None) -> str:
    return "–" if amount is None else _usd(amount)


def _signed(amount: str) -> str:
    difference = Money.parse(amount)
    return f"{'+' if difference > 0 else ''}{usd(difference)}"


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
