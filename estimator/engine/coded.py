"""The lines of a day as they are coded: units, and the lines that coding rules make part of another.

The rules are of a day, not of an appointment: two visits of one day in one network are coded together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from estimator.engine.coding import BundledLine, SecondNeedlingLine, UnitsCut, check_lines
from estimator.engine.decide import Decision, Kind
from estimator.engine.decisions import Bundled, UnitsCorrected
from estimator.engine.estimate import Step
from estimator.engine.finding import Finding
from estimator.engine.money import ZERO
from estimator.engine.network import Network
from estimator.engine.request import Service
from estimator.engine.running import Tables
from estimator.engine.service_units import units_of


class Coded(NamedTuple):
    """Units by line, the decisions of bundled lines by place, and what a reader is told of the coding."""

    units: list[int]
    bundles: dict[int, Decision]
    notices: dict[tuple[str, Finding], Step]


def code_lines(services: Sequence[Service], network: Network, tables: Tables) -> Coded:
    """Return how the lines of one day in one network are coded."""
    units = units_of(services, network, tables.codes)
    coded = Coded(units, {}, {})
    lines = [(service.code, units[i], service.modifiers) for i, service in enumerate(services)]
    for found in check_lines(lines, tables.codes, tables.edits):
        if isinstance(found, UnitsCut):
            units[found.line] = found.allowed_units
            corrected = UnitsCorrected(found.code, found.units)
            coded.notices[found.code, corrected] = Step(corrected, ZERO, found.citation)
        elif isinstance(found, SecondNeedlingLine):
            bundled = Bundled(found.kept, "one-needling-code")
            coded.bundles[found.line] = Decision(Kind.BUNDLED, bundled, found.citation)
        elif isinstance(found, BundledLine):
            rule = "one-unit-a-day" if found.into == found.code else "ncci"
            bundled = Bundled(found.into, rule, found.modifier_allowed)
            coded.bundles[found.line] = Decision(Kind.BUNDLED, bundled, found.citation)
    for index, each in enumerate(units):
        if each == 0:
            coded.bundles.setdefault(index, Decision(Kind.BUNDLED, Bundled("", "too-few-minutes"), None))
    return coded
