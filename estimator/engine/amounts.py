"""Amounts that a plan may leave open: one sum, a range, or unknown."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.engine.money import Money
from estimator.engine.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Between:
    """An amount that the source gives only as a range ("$10–$40 copay"), both ends included."""

    low: Money
    high: Money


Amount = Money | Between | Unknown
