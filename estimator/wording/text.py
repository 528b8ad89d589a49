"""The answer as a person reads it in a terminal, at most 100 columns wide.

Sources are numbered where they are used and listed once at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from textwrap import wrap
from typing import Any

from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.wording.alike import alike, heading_of, line_says, reasons_of
from estimator.wording.figures import long_day, usd
from estimator.wording.sources import Sources
from estimator.wording.telling import BILLER, PATIENT, Reader

WIDTH = 100
DISCLAIMER = N_("Estimates are information, not advice or a promise.")
_POINT, _BELOW = "- ", "    "
_DAY, _AMOUNT = 18, 12
_OWES = {PATIENT: N_("You owe"), BILLER: N_("Patient owes")}


Answer = Mapping[str, Any]


def text_of(answer: Answer) -> str:
    """Return the answer as text: the law, then the number, what it rests on, and what could change it."""
    as_of = date.fromisoformat(answer["inputs"]["as_of"])
    sources = Sources(as_of)
    parts = [
        *_section(_("Before any price"), _points(answer["notices"], sources)),
        "\n".join(wrap(answer["summary"], WIDTH)),
        *_section(_("Visit by visit"), _table(answer["visits"], _OWES[answer["reader"]])),
        *_section(_("On the way"), _points(answer["crossing_points"], sources)),
        *_section(_("Why"), _reasons(answer["visits"], sources, answer["reader"])),
        *_section(_("What could change it"), _points(answer["conditions"], sources)),
        *_section(_("What to ask"), _points(answer["questions"], sources)),
        *_section(_("What the plan told"), _points(answer["told"], sources)),
        *_section(_("What we took for granted"), _points(answer["assumptions"], sources)),
        *_section(_("About this plan"), [*_ended(answer["plan"], as_of), *_points(answer["plan"]["notes"], sources)]),
        *_section(_("Sources"), (_folded(source, "", _BELOW) for source in sources.listed())),
        _(DISCLAIMER),
    ]
    return "\n\n".join(parts) + "\n"


def _ended(plan: Mapping[str, Any], as_of: date) -> Iterator[str]:
    last_day = plan["in_force"]["last_day"]
    if last_day is not None and date.fromisoformat(last_day) < as_of:
        words = _("This plan's year ended on {day}.").format(day=long_day(date.fromisoformat(last_day)))
        yield _folded(words, _POINT)


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


def _table(visits: Sequence[Mapping[str, Any]], who_owes: str) -> Iterator[str]:
    days = [long_day(date.fromisoformat(visit["day"])) for visit in visits]
    width = max(_DAY, *map(len, days))
    visit, day, owes, between, so_far = _("Visit"), _("Day"), _(who_owes), _("Between"), _("So far")
    amount = max(_AMOUNT, len(owes))
    yield f"{visit:>7}  {day:<{width}}  {owes:>{amount}}  {between:<27}  {so_far:>12}"
    for each, when in zip(visits, days, strict=True):
        owes, to_date = _usd(each["patient_owes"]), _usd(each["cumulative"]["typical"])
        yield f"{each['number']:>7}  {when:<{width}}  {owes:>{amount}}  {_range(each['range']):<27}  {to_date:>12}"


def _range(ends: Mapping[str, str]) -> str:
    low, high = Money.parse(ends["low"]), Money.parse(ends["high"])
    return "" if low == high else _("{low} and {high}").format(low=usd(low), high=usd(high))


def _reasons(visits: Iterable[Mapping[str, Any]], sources: Sources, reader: Reader) -> Iterator[str]:
    """Tell visits that go alike once, with the amounts of the first of them."""
    for group in alike(visits):
        yield heading_of(group)
        for line in group[0]["lines"]:
            yield _folded(line_says(line, reader), _POINT)
            for part in reasons_of(line):
                yield _folded(sources.cited(part), _BELOW)


def _usd(amount: str) -> str:
    return usd(Money.parse(amount))
