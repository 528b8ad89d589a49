"""The axis of money."""

from hypothesis import given
from hypothesis import strategies as st

from estimator.web.patient.pictures import dollars, scale_of


@given(st.integers(0, 10**12))
def test_every_amount_fits_on_its_axis(most_cents: int) -> None:
    """The top holds the most, in one to five steps of whole dollars."""
    scale = scale_of(most_cents, start=500, end=0)

    assert scale.top_cents >= most_cents
    assert 2 <= len(scale.ticks) <= 6
    assert 0 == scale.step_cents % 100


def test_steps_are_one_two_or_five() -> None:
    """The axis is marked at amounts that a person would count in."""
    steps = [scale_of(most, 0, 100).step_cents for most in (0, 500, 501, 1000, 1001, 2500, 2501, 5000, 5001)]

    assert [100, 100, 200, 200, 500, 500, 1000, 1000, 2000] == steps


def test_nothing_is_drawn_between_nothing_and_one_dollar() -> None:
    """A course that costs nothing still has an axis."""
    assert ["$0", "$1"] == [tick.label for tick in scale_of(0, 0, 100).ticks]


def test_an_axis_may_run_upward() -> None:
    """In SVG the larger amount has the smaller coordinate."""
    scale = scale_of(10_000, start=400, end=0)

    assert (400, 200, 0) == (scale.at(0), scale.at(5_000), scale.at(10_000))


def test_cents_are_written_only_where_there_are_some() -> None:
    """Whole dollars are short."""
    assert ("$0", "$0.05", "$12,000") == (dollars(0), dollars(5), dollars(1_200_000))
