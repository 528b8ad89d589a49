"""Minutes into units: Medicare's eight-minute rule, and the midpoint rule of many commercial plans.

Timed codes are billed in units of 15 minutes. Medicare adds up the minutes of the day first (Claims
Processing Manual, chapter 5, section 20.2); the midpoint rule counts each code alone.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal

UnitRule = Literal["8-minute", "midpoint"]

_UNIT = 15
_ENOUGH = 8


def eight_minute_units(minutes: Mapping[str, int]) -> dict[str, int]:
    """Return the units of each timed code from the minutes of one day.

    The day's units follow from all its minutes: 8–22 are one, 23–37 two. Each code first gets its whole
    quarters of an hour; what is left goes, one unit a code, to the longest remainders. Where remainders
    tie the manual lets the clinic choose: the code with more minutes goes first, then the earlier one.

    >>> eight_minute_units({"97110": 33, "97140": 7})
    {'97110': 2, '97140': 1}
    """
    _refuse_below_zero(minutes)
    units = {code: spent // _UNIT for code, spent in minutes.items()}
    left = _units_of(sum(minutes.values())) - sum(units.values())
    longest_first = sorted(minutes, key=lambda code: (-(minutes[code] % _UNIT), -minutes[code]))
    for code in longest_first[:left]:
        units[code] += 1
    return units


def midpoint_units(minutes: Mapping[str, int]) -> dict[str, int]:
    """Return the units of each timed code alone: one for each 15 minutes, one more for a rest of 8 or more.

    >>> midpoint_units({"97112": 7, "97110": 7, "97140": 7})
    {'97112': 0, '97110': 0, '97140': 0}
    """
    _refuse_below_zero(minutes)
    return {code: _units_of(spent) for code, spent in minutes.items()}


def day_units(minutes: Mapping[str, int], timed: Container[str], rule: UnitRule) -> dict[str, int]:
    """Return the units of every code of one day: timed codes by the rule, every other code one.

    The minutes of untimed codes, needling among them, do not count toward the day's total.

    >>> day_units({"20561": 15, "97110": 30}, {"97110"}, "8-minute")
    {'20561': 1, '97110': 2}
    """
    counted = {code: spent for code, spent in minutes.items() if code in timed}
    by_rule = eight_minute_units(counted) if rule == "8-minute" else midpoint_units(counted)
    return {code: by_rule.get(code, 1) for code in minutes}


def _units_of(minutes: int) -> int:
    return (minutes + _UNIT - _ENOUGH) // _UNIT


def _refuse_below_zero(minutes: Mapping[str, int]) -> None:
    if any(spent < 0 for spent in minutes.values()):
        raise ValueError(dict(minutes))
