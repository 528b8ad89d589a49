"""The picture of a course of care."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.web.patient.pictures import Chart, chart_of, flags_of

amounts = st.tuples(*[st.integers(0, 5_000_000)] * 3)


def places(line: str) -> list[tuple[int, int]]:
    """Read a list of points back from what is written into SVG."""
    return [(int(x), int(y)) for x, y in (place.split(",") for place in line.split())]


def is_inside(chart: Chart, x: int, y: int) -> bool:
    """Say whether a point lies between the axes."""
    return chart.left <= x <= chart.right and chart.top <= y <= chart.bottom


@given(st.lists(amounts, min_size=1, max_size=60))
def test_every_point_lies_between_the_axes(points: list[tuple[int, int, int]]) -> None:
    """Nothing is drawn outside the plot, whatever was paid."""
    chart = chart_of(points)
    drawn = [place for line in (chart.band, chart.low_line, chart.high_line) for place in places(line)]

    assert all(is_inside(chart, x, y) for x, y in [*drawn, *chart.dots])


def test_a_lone_visit_has_a_band_that_can_be_seen() -> None:
    """With one visit there is no way to go along, so the band and the line are given a width."""
    chart = chart_of([(4_000, 5_000, 6_000)])
    (first_x, _), (last_x, _) = places(chart.typical_line)

    assert first_x < chart.dots[0][0] < last_x
    assert ["1"] == [tick.label for tick in chart.visit_ticks]


def test_a_course_of_sixty_visits_is_a_line_without_dots() -> None:
    """Dots that would run together are left out, and few visits are numbered."""
    chart = chart_of([(visit, visit, visit) for visit in range(60)])

    assert () == chart.dots
    assert ["1", "10", "20", "30", "40", "50", "60"] == [tick.label for tick in chart.visit_ticks]
    assert 60 == len(places(chart.typical_line))


def test_a_course_that_costs_nothing_lies_on_the_axis() -> None:
    """Zero is drawn as zero."""
    chart = chart_of([(0, 0, 0)] * 3)

    assert {chart.bottom} == {y for _, y in places(chart.band)}


def test_sure_amounts_draw_low_and_high_as_one_line() -> None:
    """Where nothing is uncertain the band has no height."""
    chart = chart_of([(3_000, 3_000, 3_000), (6_000, 6_000, 6_000)])

    assert chart.low_line == chart.typical_line == chart.high_line


def test_the_dearer_course_is_drawn_higher() -> None:
    """The high line is above the typical line, and that above the low line."""
    chart = chart_of([(1_000, 2_000, 3_000), (2_000, 4_000, 6_000)])
    low, typical, high = (places(line)[-1][1] for line in (chart.low_line, chart.typical_line, chart.high_line))

    assert high < typical < low


def test_a_mark_stands_on_the_typical_line() -> None:
    """A crossing point is counted from 0 and sits on the dot of its visit."""
    chart = chart_of([(1_000, 2_000, 3_000), (2_000, 4_000, 6_000)], [(1, "Deductible met")])
    mark = chart.marks[0]

    assert chart.dots[1] == (mark.x, mark.y)
    assert mark.line_y < chart.top < mark.y


@pytest.mark.parametrize("visit", [-1, 2])
def test_a_mark_on_no_visit_is_refused(visit: int) -> None:
    """A mark outside the course is our mistake, not something to leave out."""
    with pytest.raises(ValueError, match="There are 2 visits"):
        chart_of([(0, 0, 0)] * 2, [(visit, "Deductible met")])


def test_a_course_without_visits_is_refused() -> None:
    """There is nothing to draw."""
    with pytest.raises(ValueError, match="at least one visit"):
        chart_of([])


def test_less_than_nothing_is_refused() -> None:
    """A patient cannot have paid a negative amount."""
    with pytest.raises(ValueError, match="less than nothing"):
        chart_of([(-1, 0, 0)])


@given(st.lists(st.tuples(st.integers(140, 936), st.text("abcdefgh ", max_size=70)), max_size=6))
def test_names_never_lie_upon_each_other(marks: list[tuple[int, str]]) -> None:
    """Two names in one row are clear of each other, and every name stays on the picture."""
    flags = flags_of(marks, left=140, right=936)
    pairs = [(a, b) for place, a in enumerate(flags) for b in flags[place + 1 :] if a.row == b.row]

    assert not any(a.overlaps(b) for a, b in pairs)
    assert all(140 <= flag.first and flag.last <= 936 for flag in flags)


def test_names_with_room_share_the_row_nearest_to_the_chart() -> None:
    """A row is added only when a name has no room."""
    flags = flags_of([(140, "Deductible met"), (560, "Limit reached")], left=140, right=936)

    assert [0, 0] == [flag.row for flag in flags]


def test_two_names_of_one_visit_stand_in_two_rows() -> None:
    """Two things may happen at the same visit."""
    chart = chart_of([(100, 200, 300)] * 4, [(1, "Deductible met"), (1, "Authorization ends")])

    assert 2 == len({mark.text_y for mark in chart.marks})
    assert 1 == len({mark.x for mark in chart.marks})


def test_a_name_too_long_for_the_chart_is_shortened() -> None:
    """The table beside the chart has it in full."""
    (flag,) = flags_of([(500, "x" * 200)], left=140, right=936)

    assert flag.label.endswith("…")
    assert flag.hides(500)


def test_a_name_across_its_own_line_lets_the_line_begin_below() -> None:
    """The line is not struck through the letters."""
    chart = chart_of([(100, 200, 300)] * 3, [(1, "Out-of-pocket maximum reached")])

    assert chart.marks[0].line_y > chart.marks[0].text_y


@pytest.mark.parametrize(("x", "anchor"), [(500, "start"), (538, "middle"), (600, "end")])
def test_a_name_with_room_on_neither_side_stays_near_its_line(x: int, anchor: str) -> None:
    """It is laid across the line, and written from the side that the line is on."""
    (flag,) = flags_of([(x, "x" * (43 if anchor != "middle" else 30))], left=140, right=936)

    assert anchor == flag.anchor
    assert flag.hides(x)
