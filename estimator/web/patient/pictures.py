"""The answer drawn: the course of care as a chart, choices as bars; each also in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.wording.answer import Amounts, Answer, AnswerVisit
from estimator.wording.brief import SAME
from estimator.wording.words import counted, dollars, page_usd, roughly, whole_usd

_NAMES = {
    "deductible-met": N_("Deductible met"),
    "limit-reached": N_("Limit reached"),
    "out-of-pocket-max-reached": N_("Yearly maximum reached"),
    "limit-passed": N_("Past the limit"),
    "extension-starts": N_("Extra visits start"),
    "modifier-from": N_("Claims need a mark"),
    "authorization-from": N_("Approval needed"),
    "authorization-ends": N_("Approval ends"),
    "referral-from": N_("Referral needed"),
    "benefit-year-restarts": N_("New benefit year"),
}
# What is so from the first visit on is no turn of the line.
_FROM_THE_START = ("authorization-from", "referral-from")
# What happens in a visit is drawn after it: that visit still costs what the deductible takes.
_IN_A_VISIT = ("deductible-met", "limit-reached", "out-of-pocket-max-reached", "authorization-ends")


def course_bars(answer: Answer) -> VisitChart:
    """Draw what each visit costs, with the crossing points."""
    places = {visit.number: place for place, visit in enumerate(answer.visits)}
    marks = [
        (places[point.visit] + (point.kind in _IN_A_VISIT), _short(point.kind))
        for point in answer.crossing_points
        if point.visit > 1 or point.kind not in _FROM_THE_START
    ]
    scale = scale_of(max(visit.most for visit in answer.settled_visits), start=0, end=1)
    ticks = [(cents, dollars(Money(cents))) for cents in range(0, scale.top_cents + 1, scale.step_cents)]
    return visit_chart(answer, marks, ticks)


def course_words(answer: Answer) -> str:
    """Say the chart for someone who doesn't see it."""
    owes = Amounts(answer.patient_owes.low, answer.settled.typical, answer.patient_owes.high)
    visits = counted(len(answer.visits), "visit")
    points = " ".join(point.says for point in answer.crossing_points)
    words = (
        _("After {visits} you would have paid {owes}.")
        if owes.low == owes.high
        else _("After {visits} you would have paid {owes}, from {low} to {high}.")
    )
    says = words.format(visits=visits, owes=roughly(*owes), low=page_usd(owes.low), high=page_usd(owes.high))
    return f"{says} {points}".strip()


def comparison(with_plan: Amounts, alone: Amounts) -> Bars:
    """Draw the plan and paying oneself as two bars."""
    return bars_of([_choice_bar(_("With the plan"), with_plan), _choice_bar(_("Without it"), alone)])


def comparison_words(with_plan: Amounts, alone: Amounts) -> str:
    """Say which of the two costs less, and by how much."""
    one, other = with_plan.typical, alone.typical
    if one == other:
        says = _("With the plan the visits would cost {one}, without it {other}: the same.")
    elif one > other:
        says = _(
            "With the plan the visits would cost {one}, without it {other}. Paying cash would cost {difference} less."
        )
    else:
        says = _(
            "With the plan the visits would cost {one}, without it {other}. Paying cash would cost {difference} more."
        )
    difference = page_usd(Money(abs(one - other)))
    return says.format(one=roughly(*with_plan), other=roughly(*alone), difference=difference)


def _choice_bar(label: str, owes: Amounts) -> tuple[str, int, int, int, str]:
    low, typical, high = owes
    words = page_usd(typical)
    if low != high:
        words = _("{typical} ({low} to {high})").format(
            typical=page_usd(typical), low=page_usd(low), high=page_usd(high)
        )
    return label, low, typical, high, words


def _short(kind: str) -> str:
    return _(_NAMES[kind])


# ----------------------------------------------------------------------------
# A number drawn: what is owed at least, its price range with a mark at the usual price, and what is open.
# ----------------------------------------------------------------------------


class Segment(NamedTuple):
    """A part of a bar in percent of its width: `fill` is `k` (settled), `p` (a price range) or `q` (open)."""

    x: str
    width: str
    fill: str


class RangeBar(NamedTuple):
    """The parts of a bar, and where within the price range the usual price lies: empty where there is no range."""

    parts: tuple[Segment, ...]
    mark: str


def range_bar(owes: Amounts, most: Money, whole: Money) -> RangeBar:
    """Draw what is settled and the most that it may come to, in percent of `whole`.

    >>> range_bar(Amounts(Money(100), Money(200), Money(300)), Money(400), Money(400)).mark
    '50%'
    """
    ends = ((Money(0), owes.low, "k"), (owes.low, owes.high, "p"), (owes.high, max(owes.high, most), "q"))
    parts = (
        Segment(percent(start, whole), percent(Money(end - start), whole), fill)
        for start, end, fill in ends
        if end > start
    )
    return RangeBar(tuple(parts), percent(owes.typical, whole) if owes.low < owes.high else "")


def percent(part: int, whole: int) -> str:
    """Write a part of a whole for an SVG.

    >>> percent(Money(1), Money(3))
    '33.3%'
    """
    return f"{(1000 * part + whole // 2) // whole / 10:g}%" if whole else "0%"


# ----------------------------------------------------------------------------
# The course drawn: one bar a visit, solid for what is settled and hatched up to the most.
# ----------------------------------------------------------------------------

_HEIGHT, _TOP, _FOOT = 170, 44, 24
_MOST_LABELS = 8
# Across, in tenths of a percent; a letter is that wide at most, on the narrowest phone.
_WIDTH, _LETTER = 1000, 30


class Label(NamedTuple):
    """Words with a place across in percent, and which part of them is there; empty where there is no room."""

    words: str
    x: str
    anchor: str


class VisitBar(NamedTuple):
    """One visit: places across in percent, heights in pixels, the most that is owed on top and its number below.

    What is owed by usual prices stands at the bottom, what higher prices add above it, and what is open on top.
    """

    x: str
    width: str
    known_y: int
    known_height: int
    price_y: int
    price_height: int
    open_y: int
    open_height: int
    most: Label
    number: Label


class Turn(NamedTuple):
    """A visit at which the answer changes kind, as a dashed line with its name."""

    x: str
    anchor: str
    text_y: int
    label: str


class VisitChart(NamedTuple):
    """The bars of a course in an SVG of `height` pixels; `ticks` are gridlines with their amounts."""

    height: int
    bottom: int
    top: int
    bars: tuple[VisitBar, ...]
    ticks: tuple[tuple[int, str], ...]
    turns: tuple[Turn, ...]
    says: str
    has_price: bool
    has_open: bool
    most: Money


def visit_chart(answer: Answer, turns: Sequence[tuple[int, str]], ticks: Sequence[tuple[int, str]]) -> VisitChart:
    """Draw a course; `turns` stand before a visit, by its place from 0; `ticks` are the axis in cents."""
    visits = answer.settled_visits
    whole = max(1, ticks[-1][0])
    bottom = _TOP + _HEIGHT
    slot = _WIDTH / len(visits)
    told = _told(visits, turns)
    bars = tuple(_visit_bar(visit, place, slot, whole, is_told=place in told) for place, visit in enumerate(visits))
    return VisitChart(
        height=bottom + _FOOT,
        bottom=bottom,
        top=_TOP,
        bars=bars,
        ticks=tuple((bottom - cents * _HEIGHT // whole, words) for cents, words in ticks),
        turns=tuple(_turns(turns, slot)),
        says=_visits_say(visits),
        has_price=any(bar.price_height > 1 for bar in bars),
        has_open=any(bar.open_height > 1 for bar in bars),
        most=max(visit.most for visit in visits),
    )


def _told(visits: Sequence[AnswerVisit], turns: Sequence[tuple[int, str]]) -> list[int]:
    """Return the places of the bars with an amount above them, which don't touch on a phone.

    All of a short course; else the first, the last and those at which the answer changes kind.
    """
    last = len(visits) - 1
    wanted = range(last + 1) if last < _MOST_LABELS else sorted({0, last, *(min(place, last) for place, _ in turns)})
    told: list[int] = []
    for place in wanted:
        letters = len(whole_usd(visits[place].most))
        is_apart = not told or (place - told[-1]) * _WIDTH / len(visits) >= letters * _LETTER
        if not is_apart and place == last:
            told.pop()
        if is_apart or place == last:
            told.append(place)
    return told


def _visit_bar(visit: AnswerVisit, place: int, slot: float, whole: int, *, is_told: bool) -> VisitBar:
    dearest = min(visit.settled.high, visit.most)
    known, priced, most = (each * _HEIGHT // whole for each in (visit.settled.typical, dearest, visit.most))
    priced = max(known, priced)
    start, bottom = slot * place, _TOP + _HEIGHT
    words = (whole_usd(visit.most), str(visit.number)) if is_told else ("", "")
    return VisitBar(
        x=f"{(start + slot * 0.14) / 10:.2f}%",
        width=f"{slot * 0.72 / 10:.2f}%",
        known_y=bottom - known,
        known_height=known,
        price_y=bottom - priced,
        price_height=priced - known,
        open_y=bottom - most,
        open_height=most - priced,
        most=_label(words[0], start + slot / 2),
        number=_label(words[1], start + slot / 2),
    )


def _label(words: str, middle: float) -> Label:
    """Put words below or above the middle of a bar, within the picture where a phone shows it."""
    half = len(words) * _LETTER / 2
    if middle + half > _WIDTH:
        return Label(words, "100%", "end")
    return Label(words, "0%", "start") if middle < half else Label(words, f"{middle / 10:.2f}%", "middle")


def _turns(turns: Sequence[tuple[int, str]], slot: float) -> Iterator[Turn]:
    for row, (place, label) in enumerate(turns[:2]):
        x = slot * place / 10
        yield Turn(f"{x:.2f}%", "start" if x < 50 else "end", 12 + 15 * row, label)


def _visits_say(visits: Sequence[AnswerVisit]) -> str:
    """Say in one sentence what the visits cost, as bars show them."""
    first, rest = visits[0], visits[1:]
    needled = [visit for visit in rest if any(line.code in NEEDLING_CODES for line in visit.lines)]
    others = [visit for visit in rest if visit not in needled]
    if len(rest) > 1 and not (_are_alike(needled) and _are_alike(others)):
        least, most = min(visit.settled.typical for visit in rest), max(visit.most for visit in rest)
        words = _("Visit 1: {first}. Later visits: {least} to {most} each.")
        return words.format(
            first=_spread(first.settled.typical, first.most), least=whole_usd(least), most=whole_usd(most)
        )
    if needled and others and _usual(needled) != _usual(others):
        both = _("{rest} a visit; {needled} with dry needling.")
        if (first.settled.typical, first.most) != _usual(others):
            both = _("Visit 1: {first}. Then {rest}; with needling {needled}.")
        return both.format(
            first=_spread(first.settled.typical, first.most),
            rest=_spread(*_usual(others)),
            needled=_spread(*_usual(needled)),
        )
    usual = _usual(rest or visits)
    if not rest or (first.settled.typical, first.most) == usual:
        return _("{amount} a visit.").format(amount=_spread(*usual))
    words = _("Visit 1: {first}. Most other visits: {rest}.")
    return words.format(first=_spread(first.settled.typical, first.most), rest=_spread(*usual))


def _usual(visits: Sequence[AnswerVisit]) -> tuple[Money, Money]:
    return Counter((visit.settled.typical, visit.most) for visit in visits).most_common(1)[0][0]


def _are_alike(visits: Sequence[AnswerVisit]) -> bool:
    """Tell whether one amount speaks for most of these visits, and the few others are near it."""
    if not visits:
        return True
    settled, most = _usual(visits)
    return all(abs(each.settled.typical - settled) < SAME and abs(each.most - most) < SAME for each in visits)


def _spread(least: Money, most: Money) -> str:
    if most - least < SAME:
        return whole_usd(least)
    return _("{low} (up to {high})").format(low=whole_usd(least), high=whole_usd(most))


# ----------------------------------------------------------------------------
# The picture of a choice: a few amounts side by side, each from low to high with the typical amount marked.
#
# It sets paying yourself beside using insurance.
# ----------------------------------------------------------------------------

WIDTH = 960
_BARS_LEFT = 24
_BARS_RIGHT = WIDTH - 60
_ROW_HEIGHT = 120
_BAR_TOP = 56
_BAR_HEIGHT = 40
_BARS_FOOT = 60
_LEAST_WIDTH = 8  # A sure amount, low and high alike, is still a bar that can be seen.


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name and amounts on a line of text, and the bar below it."""

    label: str
    amounts: str
    text_y: int
    x: int
    y: int
    width: int
    height: int
    typical_x: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Coordinates ready to be written into an SVG of `width` by `height` units."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def bars_of(rows: Sequence[tuple[str, int, int, int, str]]) -> Bars:
    """Draw rows of (name, low, typical, high, the amounts in words); amounts are cents.

    >>> bars_of([("Self-pay", 7500, 9500, 12000, "$75 to $120")]).bars[0].width
    263
    """
    if not rows:
        raise ValueError("A comparison needs at least one row.")
    if min(min(row[1:4]) for row in rows) < 0:
        raise ValueError("A patient cannot owe less than nothing.")
    scale = scale_of(max(max(row[1:4]) for row in rows), start=_BARS_LEFT, end=_BARS_RIGHT)
    bottom = _ROW_HEIGHT * len(rows)
    return Bars(
        width=WIDTH,
        height=bottom + _BARS_FOOT,
        left=_BARS_LEFT,
        right=_BARS_RIGHT,
        bottom=bottom,
        bars=tuple(_one_bar(row, place, scale) for place, row in enumerate(rows)),
        ticks=scale.ticks,
    )


def _one_bar(row: tuple[str, int, int, int, str], place: int, scale: Scale) -> Bar:
    label, low, typical, high, amounts = row
    top = _ROW_HEIGHT * place
    return Bar(
        label=label,
        amounts=amounts,
        text_y=top + _BAR_TOP - 16,
        x=scale.at(low),
        y=top + _BAR_TOP,
        width=max(_LEAST_WIDTH, scale.at(high) - scale.at(low)),
        height=_BAR_HEIGHT,
        typical_x=scale.at(typical),
    )


# ----------------------------------------------------------------------------
# An axis of money: round amounts to mark, and the place of any amount between two ends.
#
# Both pictures of the result, the course of care and the comparison, measure cents with it.
# ----------------------------------------------------------------------------

_MOST_INTERVALS = 5
_CENTS_IN_A_DOLLAR = 100


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is, and what is written beside it."""

    at: int
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Cents from nothing to `top_cents`, drawn from unit `start` to unit `end`; `end` may be the smaller."""

    top_cents: int
    step_cents: int
    start: int
    end: int

    def at(self, cents: int) -> int:
        """Return the unit at which an amount lies."""
        return self.start + rounded((self.end - self.start) * cents, self.top_cents)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Mark every step, both ends included."""
        return tuple(
            Tick(self.at(cents), dollars(Money(cents))) for cents in range(0, self.top_cents + 1, self.step_cents)
        )


def scale_of(most_cents: int, start: int, end: int) -> Scale:
    """Return a scale that holds `most_cents`, in at most five steps of 1, 2 or 5 times a power of ten.

    >>> [tick.label for tick in scale_of(123_400, start=0, end=100).ticks]
    ['$0', '$500', '$1,000', '$1,500']
    """
    step = _CENTS_IN_A_DOLLAR
    factors = (2, 5, 10)
    power = _CENTS_IN_A_DOLLAR
    while step * _MOST_INTERVALS < most_cents:
        step = next(power * factor for factor in factors if power * factor > step)
        power = step if step == power * 10 else power
    intervals = max(1, -(-most_cents // step))
    return Scale(top_cents=step * intervals, step_cents=step, start=start, end=end)


def rounded(numerator: int, denominator: int) -> int:
    """Divide to the nearest whole unit of the drawing, halves upward."""
    return (2 * numerator + denominator) // (2 * denominator)
