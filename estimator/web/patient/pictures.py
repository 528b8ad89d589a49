"""The answer drawn: the course of care as a chart, choices as bars; each also in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.web.patient.front import VisitChart, visit_chart
from estimator.wording.answer import Amounts, Answer
from estimator.wording.words import counted, page_usd, roughly

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


def course_bars(answer: Answer) -> VisitChart:
    """Draw what each visit costs, with the crossing points."""
    places = {visit.number: place for place, visit in enumerate(answer.visits)}
    marks = [
        (places[point.visit], _short(point.kind))
        for point in answer.crossing_points
        if point.visit > 1 or point.kind not in _FROM_THE_START
    ]
    most = max(max(visit.range.high, visit.settled.typical) for visit in answer.settled_visits)
    scale = scale_of(most, start=0, end=1)
    ticks = [(cents, dollars(cents)) for cents in range(0, scale.top_cents + 1, scale.step_cents)]
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
            "With the plan the visits would cost {one}, without it {other}: "
            "paying without it could cost {difference} less."
        )
    else:
        says = _(
            "With the plan the visits would cost {one}, without it {other}: "
            "paying without it could cost {difference} more."
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
        return tuple(Tick(self.at(cents), dollars(cents)) for cents in range(0, self.top_cents + 1, self.step_cents))


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


def dollars(cents: int) -> str:
    """Write an amount in dollars, with cents only where there are some.

    >>> dollars(123_400), dollars(7_850)
    ('$1,234', '$78.50')
    """
    whole, rest = divmod(cents, _CENTS_IN_A_DOLLAR)
    return f"${whole:,}.{rest:02}" if rest else f"${whole:,}"


def rounded(numerator: int, denominator: int) -> int:
    """Divide to the nearest whole unit of the drawing, halves upward."""
    return (2 * numerator + denominator) // (2 * denominator)
