"""All that an answer about benefits says: statements, what contradicts, what was refused, what was not understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from estimator.eligibility.benefit import ACCUMULATING, Benefit, Kind, Level, Network, Origin
from estimator.engine.values import ALWAYS, Span


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two places that cannot both be right. Neither is used until a person has asked the payer."""

    first: Origin
    second: Origin
    says: str

    def touches(self, *origins: Origin) -> bool:
        """Tell whether one of these places is part of it."""
        return self.first in origins or self.second in origins


@dataclass(frozen=True, slots=True)
class Rejection:
    """The payer answered no benefits, for this reason, and says what to do."""

    origin: Origin
    says: str
    then: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not understood, or that a reader must know."""

    place: str
    says: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """One deductible, maximum or limit, however often the payer repeats it.

    Figures are cents of an amount, else a count of `unit`; None is not said. `used` is worked out of the total and what
    remains where both are said. `why` says what was put together.
    """

    kind: Kind
    network: Network
    level: Level
    services: tuple[str, ...]
    unit: str
    period: str
    procedures: tuple[str, ...]
    total: int | None
    remaining: int | None
    used: int | None
    is_unlimited: bool
    messages: tuple[str, ...]
    origins: tuple[Origin, ...]
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a payer answered about one person. `is_active` is None where that is not said, or said both ways."""

    form: str
    payer: str = ""
    plan: str = ""
    answered_on: date | None = None
    dates: Span = ALWAYS
    is_active: bool | None = None
    is_dependent: bool = False
    benefits: tuple[Benefit, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    notes: tuple[Note, ...] = ()

    def stated(self, kind: Kind) -> tuple[Benefit, ...]:
        """Return the statements of this kind."""
        return tuple(benefit for benefit in self.benefits if benefit.kind is kind)

    def of(self, kind: Kind) -> tuple[Bucket, ...]:
        """Return the buckets of this kind."""
        assert kind in ACCUMULATING
        return tuple(bucket for bucket in self.buckets if bucket.kind is kind)

    def is_contradicted(self, *origins: Origin) -> bool:
        """Tell whether something else in the answer speaks against what stands at one of these places."""
        return any(contradiction.touches(*origins) for contradiction in self.contradictions)
