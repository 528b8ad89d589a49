"""What a person asks: a course of care, who gives it, what was used already, and what the plan told them.

`None` always means that the person did not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.plan import Plan
from estimator.engine.values import ZERO, Money, Rate, Span

PHYSICAL_THERAPIST = "physical-therapist"
IN_NETWORK = "in-network"
OUT_OF_NETWORK = "out-of-network"
NON_DUPLICATION = "non-duplication"
MAINTENANCE = "maintenance-of-benefits"
SUPPLEMENT, NOT_BILLED = "supplement", "not-billed"
"""How a plan pays that fills in what Original Medicare leaves; with the second one nobody may bill the patient."""
SUPPLEMENT_PARTS = ("copay", "excess")
"""What only such a plan can say: whether a therapy visit has its copay, and whether it pays excess charges."""


@dataclass(frozen=True, slots=True)
class Service:
    """One line: a code with minutes (timed codes) or units.

    `allowed` and `billed` are for the whole line, all units together.
    """

    code: str
    minutes: int | None = None
    units: int | None = None
    modifiers: frozenset[str] = frozenset()
    allowed: Money | None = None
    billed: Money | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """The services of one appointment; `network` overrides the provider's.

    `rate` is one amount that the plan pays for all its services, where that is not for the engine to find.
    """

    day: date
    services: tuple[Service, ...]
    network: str | None = None
    rate: Money | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """Who treats, where, and in which network tier of the plan; `experience_factor` overrides our assumption."""

    type: str = PHYSICAL_THERAPIST
    network: str = IN_NETWORK
    setting: str = "office"
    experience: str = "standard"
    experience_factor: Rate | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What rules may ask of the patient; `family` tells whether the cover is for more than one person.

    `improving` is documented improvement, `justified` a written justification of further visits. `indian_health` tells
    whether an Indian health care provider gives the care or referred the patient.
    """

    age: int | None = None
    family: bool | None = None
    symptom_weeks: int | None = None
    purpose: str | None = None
    improving: bool | None = None
    justified: bool | None = None
    indian_health: bool | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Balances before the first visit, within the benefit year of `as_of`.

    `limits` are in each limit's own measure (cents for dollars, minutes for hours); `limit_days` are
    the days of earlier visits, for limits over rolling days. `other_therapy` are visits of occupational or speech
    therapy that are not among them. What nobody told is counted as nothing; `is_deductible_told` says whether
    somebody did.
    """

    deductible_paid: Money = ZERO
    out_of_pocket_paid: Money = ZERO
    family_deductible_paid: Money = ZERO
    family_out_of_pocket_paid: Money = ZERO
    limits: Mapping[str, int] = field(default_factory=dict)
    limit_days: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    other_therapy: int = 0
    is_deductible_told: bool = field(default=False, compare=False)


PAID_BEFORE = ("deductible_paid", "out_of_pocket_paid", "family_deductible_paid", "family_out_of_pocket_paid")
"""The sums of `Used`, in cents: the person's own, then the family's."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorization on file (`on_file` False: none is, None: not said), with what it grants.

    `used_visits` and `used_units` are those of it that visits before the first one used.
    """

    on_file: bool | None = None
    visits: int | None = None
    units: int | None = None
    codes: frozenset[str] = frozenset()
    valid: Span = Span()
    used_visits: int = 0
    used_units: int = 0


@dataclass(frozen=True, slots=True)
class Secondary:
    """A second plan that pays after the first; `method` is standard, non-duplication or maintenance-of-benefits."""

    plan: Plan
    method: str
    network: str = IN_NETWORK
    used: Used = Used()


@dataclass(frozen=True, slots=True)
class Request:
    """One course of care to estimate, visits in order of their days.

    `diagnoses` None is not said. `used_elsewhere` holds balances of other networks by name. `state` is
    the two-letter state of the clinic, None where it is not known.
    """

    as_of: date
    visits: tuple[Visit, ...]
    provider: Provider = Provider()
    person: Person = Person()
    diagnoses: tuple[str, ...] | None = None
    used: Used = Used()
    used_elsewhere: Mapping[str, Used] = field(default_factory=dict)
    authorization: Grant = Grant()
    referral: Grant = Grant()
    signed_consent: bool | None = None
    state: str | None = None
    secondary: Secondary | None = None

    @property
    def service_count(self) -> int:
        """Return how many services all visits have together: an estimate takes as long as it has of them."""
        return sum(len(visit.services) for visit in self.visits)

    @property
    def is_family(self) -> bool:
        """Tell whether the cover is for a family: what a family has paid says so where nobody does."""
        has_paid = self.used.family_deductible_paid or self.used.family_out_of_pocket_paid
        return bool(has_paid) if self.person.family is None else self.person.family


# What the plan answered when it was asked: on the telephone, in a letter, in an eligibility reply.
#
# Such an answer isn't a guarantee. It fills what nobody has read, and never takes the place of what a document says.

COULD_NOT_SAY = "could-not-say"
NONE = "none"
TOLD = "told"
"""The confidence of a rule that was told rather than read."""

Said = bool | int | Rate | str
"""Yes or no, a count or an amount (`Money`), a percentage, or one of the words of its question."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer; `asks` and `subject` are those of the question. `family` stands beside a person's amount."""

    asks: str
    subject: str
    answer: Said
    from_visit: int | None = None
    family: Money | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return the question that this answers."""
        return self.asks, self.subject


@dataclass(frozen=True, slots=True)
class Call:
    """Answers of one day from one source, with the plan's own reference number for them."""

    on: date
    answers: tuple[Told, ...]
    source: str = "telephone"
    reference: str = ""
    representative: str = ""


class Effect(StrEnum):
    """What an answer did to the estimate."""

    COUNTED = "counted"
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    COULD_NOT_SAY = COULD_NOT_SAY


class Heard(NamedTuple):
    """An answer of a call with its effect; `of_second` where the second plan gave it."""

    call: Call
    told: Told
    effect: Effect
    of_second: bool = False


def written(said: Said) -> str:
    """Write an answer as a request does.

    >>> written(True), written(30), written(Money(4000)), written(Rate.parse("20%")), written("none")
    ('yes', '30', '40.00', '20%', 'none')
    """
    if isinstance(said, bool):
        return "yes" if said else "no"
    return str(said)
