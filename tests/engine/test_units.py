"""Minutes into units: the chart, the five official examples, and what must hold for any minutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.engine.coding import day_units, eight_minute_units, midpoint_units

# The official chart: the first minutes of each number of units.
CHART = [(8, 1), (23, 2), (38, 3), (53, 4), (68, 5), (83, 6), (98, 7), (113, 8)]
CODES = ("97110", "97112", "97116", "97140", "97530")

minutes_by_code = st.dictionaries(st.sampled_from(CODES), st.integers(0, 240))


def chart_units(minutes: int) -> int:
    """Read the chart, which goes on by 15 minutes."""
    return sum(1 for first in range(8, minutes + 1, 15))


@given(minutes_by_code)
def test_units_of_a_day_are_those_of_the_chart_for_all_its_minutes(minutes):
    """No minute is lost and none is counted twice."""
    assert chart_units(sum(minutes.values())) == sum(eight_minute_units(minutes).values())


@given(minutes_by_code)
def test_a_code_bills_its_whole_quarters_of_an_hour_and_at_most_one_unit_more(minutes):
    """A code done 30 minutes bills at least two units, and never four."""
    for code, units in eight_minute_units(minutes).items():
        whole = minutes[code] // 15

        assert whole <= units <= whole + 1


@given(minutes_by_code)
def test_a_code_that_was_not_done_bills_no_unit(minutes):
    """Zero minutes are zero units under both rules."""
    for rule in (eight_minute_units, midpoint_units):
        units = rule({**minutes, "97542": 0})

        assert 0 == units["97542"]
        assert [*minutes, "97542"] == list(units)


@given(minutes_by_code)
def test_a_longer_remainder_never_yields_its_unit_to_a_shorter_one(minutes):
    """Where units are left over, the longest remainders have them."""
    units = eight_minute_units(minutes)
    extra = [minutes[code] % 15 for code in units if units[code] > minutes[code] // 15]
    none = [minutes[code] % 15 for code in units if units[code] == minutes[code] // 15]

    assert min(extra, default=15) >= max(none, default=0)


@given(st.integers(0, 480))
def test_both_rules_agree_where_one_code_is_done(minutes):
    """The rules differ only in how they add up codes."""
    assert eight_minute_units({"97110": minutes}) == midpoint_units({"97110": minutes})


@pytest.mark.parametrize(("first", "units"), CHART)
def test_each_step_of_the_chart_begins_at_its_minute_and_not_before(first, units):
    """22 minutes are one unit, 23 are two."""
    assert {"97110": units} == eight_minute_units({"97110": first})
    assert {"97110": units - 1} == eight_minute_units({"97110": first - 1})


@pytest.mark.parametrize(
    ("minutes", "units"),
    [
        ({"97112": 24, "97110": 23}, {"97112": 2, "97110": 1}),
        ({"97112": 20, "97110": 20}, {"97112": 2, "97110": 1}),
        ({"97110": 33, "97140": 7}, {"97110": 2, "97140": 1}),
        (
            {"97110": 18, "97140": 13, "97116": 10, "97035": 8},
            {"97110": 1, "97140": 1, "97116": 1, "97035": 0},
        ),
        ({"97112": 7, "97110": 7, "97140": 7}, {"97112": 1, "97110": 0, "97140": 0}),
    ],
)
def test_official_example_of_the_manual_comes_out_as_printed(minutes, units):
    """Medicare Claims Processing Manual, chapter 5, section 20.2, examples 1 to 5."""
    assert units == eight_minute_units(minutes)


def test_equal_remainders_go_to_the_code_with_more_minutes_first():
    """20 and 5 minutes both leave 5; the second unit is the longer code's."""
    assert {"97140": 0, "97110": 2} == eight_minute_units({"97140": 5, "97110": 20})


def test_midpoint_counting_gives_three_short_codes_nothing():
    """Seven minutes are less than half of a unit, three times over."""
    assert {"97112": 0, "97110": 0, "97140": 0} == midpoint_units({"97112": 7, "97110": 7, "97140": 7})


def test_midpoint_counting_can_bill_more_than_medicare():
    """Two codes of 8 minutes are two units alone and one unit together."""
    minutes = {"97110": 8, "97140": 8}

    assert {"97110": 1, "97140": 1} == midpoint_units(minutes)
    assert {"97110": 1, "97140": 0} == eight_minute_units(minutes)


@pytest.mark.parametrize("rule", ["8-minute", "midpoint"])
def test_minutes_of_needling_do_not_count_toward_timed_codes(rule):
    """An untimed code is one unit however long it took."""
    expected = {"20561": 1, "97110": 1}

    assert expected == day_units({"20561": 45, "97110": 15}, {"97110", "97140"}, rule)


@pytest.mark.parametrize("rule", [eight_minute_units, midpoint_units])
def test_minutes_below_zero_are_refused_whatever_the_rule(rule):
    """Nobody works less than no time."""
    with pytest.raises(ValueError, match="97110"):
        rule({"97110": -1})
