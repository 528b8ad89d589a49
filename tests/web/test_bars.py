"""The picture of a choice."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from estimator.engine.values import Money
from estimator.web.patient.pictures import Label, bars_of, visit_chart
from estimator.wording.answer import Amounts


def test_bars_run_from_low_to_high_on_one_axis() -> None:
    """The dearer choice reaches further, and the typical mark lies inside its bar."""
    self_pay, insured = bars_of(
        [
            ("Self-pay", 90_000, 114_000, 144_000, "$900 to $1,440"),
            ("Insurance", 48_000, 61_200, 90_500, "$480 to $905"),
        ]
    ).bars

    assert insured.x < self_pay.x
    assert insured.x + insured.width < self_pay.x + self_pay.width
    assert insured.x < insured.typical_x < insured.x + insured.width


def test_each_row_has_its_own_place() -> None:
    """A row begins below the one before it, and the axis below them all."""
    bars = bars_of([(name, 100, 200, 300, "") for name in ("a", "b", "c")])

    assert bars.bars[0].y + bars.bars[0].height < bars.bars[1].text_y
    assert bars.bars[2].y + bars.bars[2].height < bars.bottom < bars.height


def test_a_sure_amount_is_a_bar_that_can_be_seen() -> None:
    """Low and high may be equal, and may be nothing."""
    assert bars_of([("Insurance", 0, 0, 0, "$0")]).bars[0].width > 0


def test_no_rows_are_refused() -> None:
    """There is nothing to compare."""
    with pytest.raises(ValueError, match="at least one row"):
        bars_of([])


def test_owing_less_than_nothing_is_refused() -> None:
    """A patient cannot owe a negative amount."""
    with pytest.raises(ValueError, match="less than nothing"):
        bars_of([("Insurance", -1, 0, 0, "")])


def _chart(amounts: list[int], turns: list[tuple[int, str]]) -> Any:
    visits = [
        SimpleNamespace(number=place + 1, most=Money(each), settled=Amounts(*[Money(each)] * 3), lines=())
        for place, each in enumerate(amounts)
    ]
    answer: Any = SimpleNamespace(settled_visits=visits)
    return visit_chart(answer, turns, [(0, "$0"), (max(amounts), "most")])


def _ends(label: Label) -> tuple[float, float]:
    at, wide = float(label.x.rstrip("%")), 3.0 * len(label.words)
    start = {"start": at, "middle": at - wide / 2, "end": at - wide}[label.anchor]
    return start, start + wide


@pytest.mark.parametrize("dollars", [9, 142, 1420])
@pytest.mark.parametrize("count", [1, 2, 8, 9, 12, 24])
def test_amounts_above_bars_never_touch(dollars: int, count: int) -> None:
    """Visits at which the answer changes kind may be neighbors, the first and the last among them; both ends stay."""
    turns = [(place, "New year") for place in (1, 2, count - 2, count - 1) if 0 <= place < count]
    chart = _chart([dollars * 100] * count, turns)
    labels = [bar.most for bar in chart.bars if bar.most.words]
    ends = [_ends(label) for label in labels]

    assert chart.bars[-1].most.words
    assert count == 1 or chart.bars[0].most.words
    assert all(before[1] <= after[0] + 0.01 for before, after in pairwise(ends))
