"""What a person asks: a course of care, who gives it, what was used already, and what is on file.

`None` always means that the person did not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from estimator.engine.days import Span
from estimator.engine.money import ZERO, Money, Rate
from estimator.engine.plan import Plan

PHYSICAL_THERAPIST = "physical-therapist"
IN_NETWORK = "in-network"
OUT_OF_NETWORK = "out-of-network"
NON_DUPLICATION = "non-duplication"
MAINTENANCE = "maintenance-of-benefits"
NEEDLING_CODES = frozenset({"20560", "20561"})


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
    """The services of one appointment; `network` overrides the provider's."""

    day: date
    services: tuple[Service, ...]
    network: str | None = None


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

    `improving` is documented improvement, `justified` a written justification of further visits.
    """

    age: int | None = None
    family: bool | None = None
    symptom_weeks: int | None = None
    purpose: str | None = None
    improving: bool | None = None
    justified: bool | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Balances before the first visit, within the benefit year of `as_of`.

    `limits` are in each limit's own measure (cents for dollars, minutes for hours); `limit_days` are
    the days of earlier visits, for limits over rolling days.
    """

    deductible_paid: Money = ZERO
    out_of_pocket_paid: Money = ZERO
    family_deductible_paid: Money = ZERO
    family_out_of_pocket_paid: Money = ZERO
    limits: Mapping[str, int] = field(default_factory=dict)
    limit_days: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorization on file (`on_file` False: none is, None: not said), with what it grants."""

    on_file: bool | None = None
    visits: int | None = None
    units: int | None = None
    codes: frozenset[str] = frozenset()
    valid: Span = Span()


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
