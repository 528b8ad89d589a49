"""The picture of a choice."""

import pytest

from estimator.web.patient.pictures import bars_of


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
