"""The units of each line of a visit, from the minutes that a person gave or the units themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from estimator.engine.codes import ServiceCode
from estimator.engine.network import Network
from estimator.engine.request import Service
from estimator.engine.units import UnitRule, day_units, midpoint_units


def units_of(services: Sequence[Service], network: Network, codes: Mapping[str, ServiceCode]) -> list[int]:
    """Return the units of each line; 0 where a timed code has too few minutes to be billed at all.

    A line with an amount of its own is at least one unit, since somebody has priced it. Two lines of one
    code share the units of their minutes together.
    """
    minutes: dict[str, int] = {}
    last: dict[str, int] = {}
    for index, service in enumerate(services):
        if service.units is None and service.minutes is not None:
            minutes[service.code] = minutes.get(service.code, 0) + service.minutes
            last[service.code] = index
    timed = {code for code in minutes if code in codes and codes[code].timed}
    rule: UnitRule = "midpoint" if network.allowed.minutes_rule == "midpoint" else "8-minute"
    left = day_units(minutes, timed, rule)
    units = []
    for index, service in enumerate(services):
        if service.units is not None:
            units.append(service.units)
        elif service.minutes is None or service.code not in timed:
            units.append(1)
        else:
            code = service.code
            own = left[code] if index == last[code] else min(left[code], midpoint_units({code: service.minutes})[code])
            left[code] -= own
            units.append(own if service.allowed is None else max(1, own))
    return units
