"""The answer drawn: the course of care as a chart, choices as bars; each also in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
# The picture of a course of care: what the patient has paid after each visit, from low to high.
#
# All geometry is worked out here in whole units, so the template only writes numbers into SVG and a test can read
# them.
# ----------------------------------------------------------------------------

WIDTH = 960
_LEFT = 140
_RIGHT = WIDTH - 24
_PLOT_HEIGHT = 420
_TOP = 28
_FLAG_ROW = 52
_FOOT = 112
_MOST_DOTS = 24
_LONE_VISIT = 28  # Half the width of the band when there is one visit and so no way to go along.
_VISIT_STEPS = (1, 2, 5, 10, 20, 50, 100)
_MOST_VISIT_TICKS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A crossing point: a dot on the typical line, a line up from it, and a name at its head."""

    x: int
    y: int
    line_y: int
    text_x: int
    text_y: int
    anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates ready to be written into an SVG of `width` by `height` units; lines are lists of points."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    band: str
    low_line: str
    typical_line: str
    high_line: str
    dots: tuple[tuple[int, int], ...]
    amount_ticks: tuple[Tick, ...]
    visit_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


def chart_of(points: Sequence[tuple[int, int, int]], marks: Sequence[tuple[int, str]] = ()) -> Chart:
    """Draw amounts paid so far, in cents, as (low, typical, high) after each visit.

    A mark names a visit by its place in `points`, counted from 0.

    >>> chart_of([(4000, 5000, 6000), (8000, 10000, 12000)]).typical_line
    '140,308 936,168'
    """
    if not points:
        raise ValueError("A chart needs at least one visit.")
    if min(map(min, points)) < 0:
        raise ValueError("A patient cannot have paid less than nothing.")
    flags = flags_of([(_visit_at(visit, len(points)), label) for visit, label in marks], _LEFT, _RIGHT)
    top = _TOP + _FLAG_ROW * (max((flag.row for flag in flags), default=-1) + 1)
    scale = scale_of(max(map(max, points)), start=top + _PLOT_HEIGHT, end=top)
    low, typical, high = (_line(level, scale) for level in zip(*points, strict=True))
    heights = {_visit_at(visit, len(points)): scale.at(amounts[1]) for visit, amounts in enumerate(points)}
    return Chart(
        width=WIDTH,
        height=top + _PLOT_HEIGHT + _FOOT,
        left=_LEFT,
        right=_RIGHT,
        top=top,
        bottom=top + _PLOT_HEIGHT,
        band=_written([*high, *reversed(low)]),
        low_line=_written(low),
        typical_line=_written(typical),
        high_line=_written(high),
        dots=tuple(heights.items()) if len(points) <= _MOST_DOTS else (),
        amount_ticks=scale.ticks,
        visit_ticks=_visit_ticks(len(points)),
        marks=tuple(_mark(flag, heights[flag.x], top) for flag in flags),
    )


def _visit_at(visit: int, count: int) -> int:
    if not 0 <= visit < count:
        raise ValueError(f"There are {count} visits, so none is number {visit + 1}.")
    if count == 1:
        return (_LEFT + _RIGHT) // 2
    return _LEFT + rounded((_RIGHT - _LEFT) * visit, count - 1)


def _line(amounts: Sequence[int], scale: Scale) -> list[tuple[int, int]]:
    places = [(_visit_at(visit, len(amounts)), scale.at(cents)) for visit, cents in enumerate(amounts)]
    if len(places) > 1:
        return places
    (x, y), *_ = places
    return [(x - _LONE_VISIT, y), (x + _LONE_VISIT, y)]


def _written(places: Iterable[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _visit_ticks(count: int) -> tuple[Tick, ...]:
    step = next((step for step in _VISIT_STEPS if count // step < _MOST_VISIT_TICKS), _VISIT_STEPS[-1])
    numbers = sorted({1, *range(step, count + 1, step)})
    return tuple(Tick(_visit_at(number - 1, count), str(number)) for number in numbers)


def _mark(flag: Flag, y: int, top: int) -> Mark:
    base = top - _FLAG_ROW * flag.row - _TOP // 2
    # A name that lies across its own line leaves the line to begin below it.
    line_y = base + _TOP // 2 if flag.hides(flag.x) else base - _TOP
    return Mark(x=flag.x, y=y, line_y=line_y, text_x=flag.text_x, text_y=base, anchor=flag.anchor, label=flag.label)


# ----------------------------------------------------------------------------
# Room for the names of crossing points above the chart, so that no two names lie upon each other.
#
# The width of a letter is an estimate: the names stay apart as long as it is not below that of real letters.
# ----------------------------------------------------------------------------

_LETTER = 18  # Units for a letter at the largest size, the one for a phone.
_GAP = 12


@dataclass(frozen=True, slots=True)
class Flag:
    """A name in a row above the chart, row 0 the nearest to it; `anchor` says which end of it is `text_x`."""

    x: int
    first: int
    last: int
    text_x: int
    anchor: str
    label: str
    row: int = 0

    def overlaps(self, other: Flag) -> bool:
        """Say whether two names would lie upon each other in one row."""
        return self.first < other.last and other.first < self.last

    def hides(self, x: int) -> bool:
        """Say whether a line from above to `x` would run through this name."""
        return self.first < x < self.last


def flags_of(places: Sequence[tuple[int, str]], left: int, right: int) -> tuple[Flag, ...]:
    """Give every name a row, so that the line of each runs clear of the other names where it can."""
    flags = [_flag(x, label, left, right) for x, label in places]
    by_right = sorted(flags, key=lambda flag: -flag.x if flag.anchor == "start" else flag.x)
    placed: list[Flag] = []
    for flag in by_right:
        placed.append(_in_row(flag, _row_for(flag, placed)))
    return tuple(sorted(placed, key=lambda flag: (flag.x, -flag.row)))


def _flag(x: int, label: str, left: int, right: int) -> Flag:
    label = _shortened(label, (right - left - _GAP) // _LETTER)
    width = len(label) * _LETTER + _GAP
    if x + width <= right:
        return Flag(x, x, x + width, x + _GAP, "start", label)
    if x - width >= left:
        return Flag(x, x - width, x, x - _GAP, "end", label)
    return _flag_across(x, label, width, left, right)


def _flag_across(x: int, label: str, width: int, left: int, right: int) -> Flag:
    """Lay a name that has room on neither side across its line, as near to it as the picture allows."""
    if left <= x - width // 2 and x + width // 2 <= right:
        return Flag(x, x - width // 2, x + width // 2, x, "middle", label)
    if x > (left + right) // 2:
        return Flag(x, right - width, right, right - _GAP, "end", label)
    return Flag(x, left, left + width, left + _GAP, "start", label)


def _shortened(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _row_for(flag: Flag, placed: Sequence[Flag]) -> int:
    top = max((other.row for other in placed), default=-1) + 1
    return next((row for row in range(top) if _is_free(row, flag, placed)), top)


def _is_free(row: int, flag: Flag, placed: Sequence[Flag]) -> bool:
    return not any(
        (other.row == row and flag.overlaps(other))
        or (other.row < row and other.hides(flag.x))
        or (other.row > row and flag.hides(other.x))
        for other in placed
    )


def _in_row(flag: Flag, row: int) -> Flag:
    return Flag(
        x=flag.x, first=flag.first, last=flag.last, text_x=flag.text_x, anchor=flag.anchor, label=flag.label, row=row
    )


# ----------------------------------------------------------------------------
# The picture of a choice: a few amounts side by side, each from low to high with the typical amount marked.
#
# It sets paying yourself beside using insurance; the drawing units are those of the chart.
# ----------------------------------------------------------------------------

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
