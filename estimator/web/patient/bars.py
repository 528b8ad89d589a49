"""The picture of a choice: a few amounts side by side, each from low to high with the typical amount marked.

It sets paying yourself beside using insurance; the drawing units are those of the chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.web.patient.chart import WIDTH
from estimator.web.patient.scale import Scale, Tick, scale_of

_LEFT = 24
_RIGHT = WIDTH - 60
_ROW_HEIGHT = 120
_BAR_TOP = 56
_BAR_HEIGHT = 40
_FOOT = 60
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
    scale = scale_of(max(max(row[1:4]) for row in rows), start=_LEFT, end=_RIGHT)
    bottom = _ROW_HEIGHT * len(rows)
    return Bars(
        width=WIDTH,
        height=bottom + _FOOT,
        left=_LEFT,
        right=_RIGHT,
        bottom=bottom,
        bars=tuple(_bar(row, place, scale) for place, row in enumerate(rows)),
        ticks=scale.ticks,
    )


def _bar(row: tuple[str, int, int, int, str], place: int, scale: Scale) -> Bar:
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
