"""One thing that a payer said of a patient's benefits, with the place where it was said.

Nothing here identifies a person: names, numbers of members, addresses and birth dates are dropped where a file is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from estimator.engine.values import ALWAYS, Money, Rate, Span


class Kind(StrEnum):
    """What is said."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEDUCTIBLE = "deductible"
    OUT_OF_POCKET_MAX = "out-of-pocket maximum"
    COPAY = "copay"
    COINSURANCE = "coinsurance"
    LIMIT = "limit"
    NOT_COVERED = "not covered"
    AUTHORIZATION = "authorization"
    OTHER = "other"


ACCUMULATING = (Kind.DEDUCTIBLE, Kind.OUT_OF_POCKET_MAX, Kind.LIMIT)


class Network(StrEnum):
    """For which network it holds; UNSAID where the payer leaves that open."""

    IN = "in network"
    OUT = "out of network"
    BOTH = "in and out of network"
    UNSAID = "network not said"


class Level(StrEnum):
    """For whom it holds."""

    PERSON = "person"
    FAMILY = "family"
    OTHER = "other"
    UNSAID = "not said"


class Aspect(StrEnum):
    """Which part of an amount is meant."""

    TOTAL = "total"
    REMAINING = "remaining"
    USED = "used"


class Authorization(StrEnum):
    """Whether the plan must agree beforehand."""

    NEEDED = "needed"
    NOT_NEEDED = "not needed"
    UNKNOWN = "not known"
    UNSAID = "not said"


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where something was said: the number of a segment of a 271 (the ISA is 1), or the path of an element of FHIR.

    `text` is what stands there, with nothing that identifies a person.
    """

    number: int
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """One statement. `doubts` say what was read against the grammar, and how.

    `amount`, `rate` and `quantity` (of `unit`) are None where they are not stated or where `is_unlimited`. `services`
    are X12 service types, `procedures` codes such as 20560, `places` codes of the place of service.
    """

    kind: Kind
    origin: Origin
    network: Network = Network.UNSAID
    level: Level = Level.UNSAID
    aspect: Aspect = Aspect.TOTAL
    services: tuple[str, ...] = ()
    period: str = ""
    amount: Money | None = None
    rate: Rate | None = None
    quantity: int | None = None
    unit: str = ""
    is_unlimited: bool = False
    authorization: Authorization = Authorization.UNSAID
    procedures: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    plan: str = ""
    delivery: str = ""
    dates: Span = ALWAYS
    messages: tuple[Origin, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def figure(self) -> int | None:
        """Return the amount in cents, or the count."""
        return int(self.amount) if self.amount is not None else self.quantity
