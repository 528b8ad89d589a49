"""A comparison as a person reads it in a terminal, at most 100 columns wide: the sentence, the table, the visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any

from estimator.engine.values import Money
from estimator.language import _
from estimator.wording.figures import long_day, usd
from estimator.wording.text import DISCLAIMER, WIDTH

_TITLE = 44
_MOST_COLUMNS = 4
_BEFORE, _DAY, _WIDEST = 7, 18, 32


def comparison_text(told: Mapping[str, Any]) -> str:
    """Return the JSON of a comparison as text."""
    parts = [
        "\n".join(wrap(told["sentence"], WIDTH)),
        "\n".join(_table(told["sides"])),
        "\n".join(_visits(told)),
        *(text for side in told["sides"] if (text := "\n".join(_about(side)))),
        _margin(told["about_the_same_within"]),
        _(DISCLAIMER),
    ]
    return "\n\n".join(parts) + "\n"


def _table(sides: list[Mapping[str, Any]]) -> Iterator[str]:
    columns = (_("You owe"), _("Low"), _("High"), _("Difference"))
    yield " " * _TITLE + "".join(f"  {column:>12}" for column in columns)
    cannot = _("cannot be estimated")
    for side in sides:
        owes = side["patient_owes"]
        if owes is None:
            yield f"{side['title'][:_TITLE]:<{_TITLE}}  {cannot}"
            continue
        amounts = [_usd(owes[level]) for level in ("typical", "low", "high")]
        difference = "" if side["difference"] is None else _signed(side["difference"])
        yield (
            f"{side['title'][:_TITLE]:<{_TITLE}}" + "".join(f"  {each:>12}" for each in [*amounts, difference]).rstrip()
        )


def _visits(told: Mapping[str, Any]) -> Iterator[str]:
    shown = told["sides"][:_MOST_COLUMNS]
    yield _("What you have paid so far, visit by visit")
    days = [long_day(date.fromisoformat(visit["day"])) for visit in told["visits"]]
    of_day = max(_DAY, *map(len, days))
    width = min(_WIDEST, (WIDTH - _BEFORE - of_day) // len(shown) - 2)
    number, when = _("Visit"), _("Day")
    yield f"{number:>5}  {when:<{of_day}}" + "".join(f"  {side['title'][:width]:>{width}}" for side in shown)
    for visit, day in zip(told["visits"], days, strict=True):
        cells = (_cell(side["cumulative"]) for side in visit["sides"][:_MOST_COLUMNS])
        yield f"{visit['number']:>5}  {day:<{of_day}}" + "".join(f"  {cell:>{width}}" for cell in cells)


def _about(side: Mapping[str, Any]) -> Iterator[str]:
    only_here = _("Taken for granted here only: {assumption}")
    says = [problem["message"] for problem in side["problems"]]
    says += [side["break_even"]["says"]] if side["break_even"] else []
    says += [note["says"] for note in side["notes"]]
    says += [only_here.format(assumption=each["says"]) for each in side["assumed_only_here"]]
    if says:
        yield side["title"]
    for each in says:
        yield "\n".join(wrap(each, WIDTH, initial_indent="- ", subsequent_indent="  "))


def _margin(within: Mapping[str, str]) -> str:
    words = _("Totals within {amount} or {percent} of each other, whichever is more, count as about the same.")
    return words.format(amount=_usd(within["amount"]), percent=within["percent"])


def _cell(amount: str | None) -> str:
    return "–" if amount is None else _usd(amount)


def _signed(amount: str) -> str:
    difference = Money.parse(amount)
    return f"{'+' if difference > 0 else ''}{usd(difference)}"


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
