"""The picture of a course of care: what the patient has paid after each visit, from low to high.

All geometry is worked out here in whole units, so the template only writes numbers into SVG and a test
can read them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from estimator.web.patient.flags import Flag, flags_of
from estimator.web.patient.scale import Scale, Tick, rounded, scale_of

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
    return Mark(flag.x, y, line_y, flag.text_x, base, flag.anchor, flag.label)
