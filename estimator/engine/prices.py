"""Everything that a price may rest on, gathered for one request before the engine starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from estimator.engine.citation import Citation
from estimator.engine.days import ALWAYS, Span
from estimator.engine.fees import Locality, PriceBook
from estimator.engine.money import WHOLE, Money, Rate

EXPERIENCE: Mapping[str, Rate] = {"new": Rate.parse("90%"), "standard": WHOLE, "senior": Rate.parse("115%")}
"""What experience is taken to change: an assumption that a reader can replace, since no source has a figure."""


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """One row of a clinic's contract or of its self-pay list.

    `basis` is per-unit, per-line or per-visit; `party` names a plan id, a payer, or, empty, anybody.
    """

    code: str
    amount: Money
    basis: str = "per-unit"
    party: str = ""
    span: Span = ALWAYS
    citation: Citation | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Return what no two rows may price on the same day."""
        return self.party, self.code


@dataclass(frozen=True, slots=True)
class ExperienceFactor:
    """What a clinic counts of an estimated price for a provider of this experience: its own figure, set on this day.

    `from_minutes` keeps it for visits that last so long or longer; None is for visits of any length.
    """

    experience: str
    rate: Rate
    set_on: date
    span: Span = ALWAYS
    citation: Citation | None = None
    from_minutes: int | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Return what no two rows may price on the same day."""
        return str(self.from_minutes or ""), self.experience


@dataclass(frozen=True, slots=True)
class ClinicPrices:
    """What the clinic has agreed with payers, what it asks of people without one, and what it counts for experience."""

    contract: tuple[PriceEntry, ...] = ()
    self_pay: tuple[PriceEntry, ...] = ()
    factors: tuple[ExperienceFactor, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratios:
    """What commercial plans pay as a share of Medicare, in one setting."""

    low: Rate
    typical: Rate
    high: Rate
    citation: Citation


@dataclass(frozen=True, slots=True)
class CashRange:
    """What clinics ask without a plan, cents per unit or per line."""

    low: Money
    typical: Money
    high: Money
    per_unit: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class Region:
    """A price book and the locality of the request's ZIP in it."""

    book: PriceBook
    locality: Locality


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """The figures for one request.

    `regions` are one a price book, by its first day; they are empty where no place is known. `ratios` and
    `cash` hold settings and codes; `experience` holds our assumed factors by name, `factors` the clinic's own.
    """

    regions: tuple[Region, ...] = ()
    contract: tuple[PriceEntry, ...] = ()
    self_pay: tuple[PriceEntry, ...] = ()
    ratios: Mapping[str, Ratios] = field(default_factory=dict)
    cash: Mapping[str, CashRange] = field(default_factory=dict)
    experience: Mapping[str, Rate] = field(default_factory=lambda: EXPERIENCE)
    factors: tuple[ExperienceFactor, ...] = ()


def own_factor(
    factors: Sequence[ExperienceFactor], experience: str, day: date, minutes: int
) -> ExperienceFactor | None:
    """Return what the clinic itself counts for a visit of so many minutes, None where it says nothing.

    Of several the one for the longest visit that this one reaches; 0 minutes are not said, and reach none.
    """
    fitting = (own for own in factors if own.experience == experience and day in own.span)
    reached = (own for own in fitting if (own.from_minutes or 0) <= minutes)
    return max(reached, key=lambda own: own.from_minutes or 0, default=None)
