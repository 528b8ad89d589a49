"""Networks of a plan: what is met first, what is paid at most, and what the allowed amount rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from estimator.engine.amounts import Amount
from estimator.engine.citation import Citation
from estimator.engine.money import Money, Rate
from estimator.engine.unknown import Unknown


class FamilyRule(StrEnum):
    """How a family's deductible or maximum relates to a person's."""

    EMBEDDED = "embedded"  # a person's own amount or the family's, whichever is met first
    AGGREGATE = "aggregate"  # with family coverage only the family's amount counts
    PER_PERSON = "per-person"  # only the person's amount counts


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A deductible or an out-of-pocket maximum.

    `person` is the amount with self-only coverage, `family_member` the person's part within a family
    where it differs. Ceilings of two networks with the same `shared` name fill together; `also_credits`
    names further ones that a dollar fills beside its own. `carry_over_months`: what was paid in the last
    months of a benefit year counts in the next one too.
    """

    name: str
    person: Amount
    family: Amount | None = None
    family_member: Amount | None = None
    family_rule: FamilyRule | Unknown = FamilyRule.EMBEDDED
    also_credits: tuple[str, ...] = ()
    carry_over_months: int = 0
    per_condition: bool = False
    includes_deductible: bool = True
    includes_drugs: bool = False
    citation: Citation | None = None


class Basis(StrEnum):
    """What the plan's allowed amount rests on where no contract is at hand."""

    CONTRACT = "contract"  # negotiated and not stated in the plan: estimated from the region
    MEDICARE = "medicare"  # percent of the Medicare amount of the locality
    CHARGES = "charges"  # percent of what the clinic charges
    PER_VISIT = "per-visit"  # one amount swallows every line of a visit
    CASE_RATE = "case-rate"  # one amount swallows every line of the course
    FEE_SCHEDULE = "fee-schedule"  # an amount per code and unit


@dataclass(frozen=True, slots=True)
class Allowed:
    """How the allowed amount arises in a network; `fees` are cents per unit by code."""

    basis: Basis = Basis.CONTRACT
    percent: Rate | None = None
    amount: Money | None = None
    fees: Mapping[str, Money] = field(default_factory=dict)
    reduces_multiple_procedures: bool | Unknown = False
    reduction: Rate = Rate(500_000)
    lesser_of_billed: bool = False
    minutes_rule: str = "eight-minute"  # or midpoint
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """One network tier; `contracted` tells whether the clinic has promised the plan not to bill beyond it."""

    name: str
    covered: bool | Unknown = True
    contracted: bool = True
    deductible: Ceiling | Unknown | None = None
    out_of_pocket_max: Ceiling | Unknown | None = None
    allowed: Allowed = Allowed()
    balance_bill: bool | Unknown = False
    citation: Citation | None = None
