"""Where the price of a line comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from estimator.engine.finding import Finding
from estimator.engine.money import Rate


@dataclass(frozen=True, slots=True)
class PriceGiven(Finding):
    """The request itself named the allowed amount (or, for a line that no plan pays, the charge)."""


@dataclass(frozen=True, slots=True)
class PriceContracted(Finding):
    """The clinic's contract with this plan or payer."""

    party: str


@dataclass(frozen=True, slots=True)
class PriceMedicare(Finding):
    """A percentage of the Medicare amount of a locality; `reduced` where the therapy MPPR took part of it."""

    percent: Rate
    locality: str
    book: str
    reduced: bool


@dataclass(frozen=True, slots=True)
class PriceRate(Finding):
    """A rate of the plan: `basis` is per-visit, case-rate, fee-schedule or charges."""

    basis: str


@dataclass(frozen=True, slots=True)
class PriceRegional(Finding):
    """An estimate: the locality's Medicare amount times cited ratios, times a factor for experience.

    `set_on` is the day on which the clinic set that factor, None where it is not the clinic's; `from_minutes` is the
    length of visit from which on it counts, None where it counts for all.
    """

    low: Rate
    typical: Rate
    high: Rate
    locality: str
    book: str
    experience: str
    factor: Rate
    set_on: date | None = None
    from_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class PriceList(Finding):
    """The clinic's own self-pay list."""


@dataclass(frozen=True, slots=True)
class PriceCash(Finding):
    """A cited range of cash prices, times a factor; `set_on` and `from_minutes` are those of a regional price."""

    experience: str
    factor: Rate
    set_on: date | None = None
    from_minutes: int | None = None
