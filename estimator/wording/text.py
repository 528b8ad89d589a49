"""The answer as a person reads it in a terminal, at most 100 columns wide.

Sources are numbered where they are used and listed once at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from textwrap import wrap
from typing import NamedTuple

from estimator.engine.answer import Status
from estimator.engine.request import TOLD
from estimator.engine.values import Money, is_long_ago
from estimator.language import N_, _, ngettext
from estimator.wording.answer import (
    Answer,
    AnswerCitation,
    AnswerLine,
    AnswerPlan,
    AnswerReason,
    AnswerStep,
    AnswerVisit,
    Sourced,
    Spread,
)
from estimator.wording.words import BILLER, PATIENT, Reader, long_day, usd

WIDTH = 100
DISCLAIMER = N_("Estimates are information, not advice or a promise.")
_POINT, _BELOW = "- ", "    "
_DAY, _AMOUNT = 18, 12
_OWES = {PATIENT: N_("You'd pay"), BILLER: N_("Patient owes")}


def text_of(answer: Answer) -> str:
    """Return the answer as text: the law, then the number, what it rests on, and what could change it."""
    as_of, plan = answer.as_of, answer.plan
    sources = Sources(as_of)
    parts = [
        *_section(_("Before any price"), _points(answer.notices, sources)),
        "\n".join(wrap(answer.summary, WIDTH)),
        *_section(_("Not known yet"), _open(answer)),
        *_section(_("Visit by visit"), _table(answer.settled_visits, _OWES[answer.reader])),
        *_section(_("On the way"), (_folded(point.says, _POINT) for point in answer.crossing_points)),
        *_section(_("Why"), _reasons(answer.settled_visits, sources, answer.reader)),
        *_section(_("What could change it"), _points(answer.conditions, sources)),
        *_section(_("What to ask"), _points(answer.questions, sources)),
        *_section(_("What the plan told"), (_folded(told.says, _POINT) for told in answer.told)),
        *_section(_("What we assumed"), _points(answer.assumptions, sources)),
        *_section(_("About this plan"), [*_ended(plan, as_of), *_points(plan.notes, sources)]),
        *_section(_("Sources"), (_folded(source, "", _BELOW) for source in sources.listed())),
        _(DISCLAIMER),
    ]
    return "\n\n".join(parts) + "\n"


def _open(answer: Answer) -> Iterator[str]:
    for point in answer.open_points:
        yield _folded(" ".join([point.says, point.question or point.do]), _POINT)


def _ended(plan: AnswerPlan, as_of: date) -> Iterator[str]:
    last_day = plan.in_force.last_day
    if last_day is not None and last_day < as_of:
        words = _("This plan's year ended on {day}.").format(day=long_day(last_day))
        yield _folded(words, _POINT)


def _section(heading: str, rows: Iterable[str]) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield "\n".join([heading, *lines])


def _points(parts: Iterable[Sourced], sources: Sources) -> Iterator[str]:
    for part in parts:
        yield _folded(sources.cited(part), _POINT)


def _folded(words: str, first: str, rest: str | None = None) -> str:
    below = " " * len(first) if rest is None else rest
    return "\n".join(wrap(words, WIDTH, initial_indent=first, subsequent_indent=below, break_on_hyphens=False))


def _table(visits: Sequence[AnswerVisit], who_owes: str) -> Iterator[str]:
    days = [long_day(visit.day) for visit in visits]
    width = max(_DAY, *map(len, days))
    visit, day, owes, between, so_far = _("Visit"), _("Day"), _(who_owes), _("Range"), _("So far")
    amount = max(_AMOUNT, len(owes))
    yield f"{visit:>7}  {day:<{width}}  {owes:>{amount}}  {between:<27}  {so_far:>12}"
    for each, when in zip(visits, days, strict=True):
        owes, to_date = usd(each.patient_owes), usd(each.cumulative.typical)
        yield f"{each.number:>7}  {when:<{width}}  {owes:>{amount}}  {_range(each.range):<27}  {to_date:>12}"


def _range(ends: Spread) -> str:
    low, high = ends
    return "" if low == high else _("{low} to {high}").format(low=usd(low), high=usd(high))


def _reasons(visits: Iterable[AnswerVisit], sources: Sources, reader: Reader) -> Iterator[str]:
    """Tell visits that go alike once, with the amounts of the first of them."""
    for group in alike(visits):
        yield heading_of(group)
        for line in group[0].lines:
            yield _folded(line_says(line, reader), _POINT)
            for part in reasons_of(line):
                yield _folded(sources.cited(part), _BELOW)
        for copay in group[0].copays:
            yield _folded(f"{_('The visit')}: {sources.cited(copay)}", _POINT)


# ----------------------------------------------------------------------------
# Visits that go alike, told once, and the sentence that opens each of their lines.
#
# The answer in a terminal and the paper of the estimate say these the same way.
# ----------------------------------------------------------------------------

# Nobody pays these lines, so that where their price comes from explains nothing.
_UNPRICED = (Status.BUNDLED, Status.PROVIDER_ABSORBS)
_ASKED = (Status.PATIENT_BILLED, Status.UNKNOWN)
_ESTIMATED = ("price-regional", "price-cash")


class _Terms(NamedTuple):
    """How one reader is told what is owed, and of which price; each price as it is, and as an estimate."""

    unpriced: str
    price: tuple[str, str]
    in_copay: tuple[str, str]
    contract: tuple[str, str]
    charge: tuple[str, str]
    open: str


_TERMS = {
    PATIENT: _Terms(
        N_("You pay {owes}."),
        (N_("Price {price}, you pay {owes}."), N_("Price about {price}, you pay {owes}.")),
        (N_("Price {price}, in the copay of the visit."), N_("Price about {price}, in the copay of the visit.")),
        (N_("Contract price {price}, you pay {owes}."), N_("Contract price about {price}, you pay {owes}.")),
        (N_("The clinic asks {price}, you pay {owes}."), N_("The clinic asks about {price}, you pay {owes}.")),
        N_("If it isn't covered, the clinic asks about {price}."),
    ),
    BILLER: _Terms(
        N_("Patient owes {owes}."),
        (N_("Allowed {price}, patient owes {owes}."), N_("Allowed about {price}, patient owes {owes}.")),
        (N_("Allowed {price}, in the visit’s copay."), N_("Allowed about {price}, in the visit’s copay.")),
        (N_("Contract rate {price}, patient owes {owes}."), N_("Contract rate about {price}, patient owes {owes}.")),
        (N_("Charge {price}, patient owes {owes}."), N_("Charge about {price}, patient owes {owes}.")),
        N_("If it isn't covered: charge about {price}."),
    ),
}


def alike(visits: Iterable[AnswerVisit]) -> list[list[AnswerVisit]]:
    """Put visits together whose lines go the same way; the first of each stands for all."""
    groups: dict[tuple[object, ...], list[AnswerVisit]] = {}
    for visit in visits:
        groups.setdefault(_way(visit), []).append(visit)
    return list(groups.values())


def heading_of(group: Sequence[AnswerVisit]) -> str:
    """Name the visits of a group, and say whose amounts are told where they differ."""
    numbers = [visit.number for visit in group]
    first, more, differ = numbers[0], len(numbers) - 1, _differ(group)
    if not more:
        return _("Visit {number}").format(number=first)
    if numbers == list(range(first, numbers[-1] + 1)):
        words = _("Visits {first} to {last} (amounts of visit {first})") if differ else _("Visits {first} to {last}")
        return words.format(first=first, last=numbers[-1])
    words = (
        ngettext(
            "Visit {first}, and {number} visit like it (amounts of visit {first})",
            "Visit {first}, and {number} visits like it (amounts of visit {first})",
            more,
        )
        if differ
        else ngettext("Visit {first}, and {number} visit like it", "Visit {first}, and {number} visits like it", more)
    )
    return words.format(first=first, number=more)


def line_says(line: AnswerLine, reader: Reader) -> str:
    """Return what a line is, how it stands, its price and what is owed of it."""
    words = _owed(line, _TERMS[reader])
    owes = _(words).format(owes=usd(line.own_owes), price=usd(_price(line)))
    return f"{line.name} ({line.code}): {line.status_says} {owes}"


def reasons_of(line: AnswerLine) -> list[AnswerStep | AnswerReason]:
    """Return the sentences on a line, and on its price where somebody pays one."""
    return [*line.own_steps, *([] if line.status in _UNPRICED else [line.price])]


def _way(visit: AnswerVisit) -> tuple[object, ...]:
    return tuple(
        (line.code, line.units, line.status, line.patient_owes == 0, *(step.finding for step in line.steps))
        for line in visit.lines
    )


def _differ(group: Sequence[AnswerVisit]) -> bool:
    first, *others = (
        [step.says for step in (*visit.copays, *(step for line in visit.lines for step in line.own_steps))]
        for visit in group
    )
    return any(sentences != first for sentences in others)


def _owed(line: AnswerLine, terms: _Terms) -> str:
    """Say which price the patient's part is of."""
    if line.status in _UNPRICED:
        return terms.unpriced
    if line.status is Status.UNKNOWN and not line.patient_owes:
        return terms.open
    is_estimated = line.price.finding in _ESTIMATED
    if line.status not in _ASKED:
        return terms.in_copay[is_estimated] if line.in_copay and not line.own_owes else terms.price[is_estimated]
    return terms.contract[is_estimated] if line.is_by_contract else terms.charge[is_estimated]


def _price(line: AnswerLine) -> Money:
    is_allowed = line.status not in _ASKED or line.is_by_contract
    return line.allowed if is_allowed else line.charge


# ----------------------------------------------------------------------------
# The sources of an answer, numbered where they are used and listed once at its end.
# ----------------------------------------------------------------------------

GIVEN = "given"
"""The confidence of what the request itself brought: there is no document to have been read."""


class Sources:
    """The sources used so far, in order of their first use; `as_of` is the day on which they may have grown old."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self._numbers: dict[str, int] = {}

    def cited(self, part: Sourced) -> str:
        """Return a part's sentence with the number of its source."""
        return self.numbered(part.says, part.citation)

    def numbered(self, words: str, citation: AnswerCitation | None) -> str:
        """Return a sentence with the number of its source."""
        if citation is None:
            return words
        number = self._numbers.setdefault(_source(citation, self._as_of), len(self._numbers) + 1)
        return f"{words} [{number}]"

    def listed(self) -> Iterator[str]:
        """Yield every source with its number."""
        for source, number in self._numbers.items():
            yield f"[{number}] {source}"


_CONFIDENCE = {"medium": N_("medium"), "low": N_("low")}


def _source(citation: AnswerCitation, as_of: date) -> str:
    if citation.confidence in (GIVEN, TOLD):
        return ", ".join(filter(None, (_(citation.title), citation.place)))
    named = ", ".join(filter(None, (citation.title, citation.place, citation.url)))
    words = _read_long_ago(citation) if is_long_ago(citation.read_on, as_of) else _read(citation)
    confidence = _(_CONFIDENCE.get(citation.confidence, ""))
    return words.format(document=named, day=long_day(citation.read_on), confidence=confidence)


def _read(citation: AnswerCitation) -> str:
    if citation.confidence in _CONFIDENCE:
        return _("{document} (read on {day}, confidence {confidence})")
    return _("{document} (read on {day})")


def _read_long_ago(citation: AnswerCitation) -> str:
    if citation.confidence in _CONFIDENCE:
        return _("{document} (read on {day}, more than a year ago, confidence {confidence})")
    return _("{document} (read on {day}, more than a year ago)")
