"""The answer: steps in lines, lines in visits, visits in runs at three levels, and what could change it.

The total is the sum of the steps; nothing else stores it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.findings import Finding
from estimator.engine.log import AssumptionKind, ConditionKind, CrossingKind, QuestionKind
from estimator.engine.request import Heard
from estimator.engine.values import Citation, Money, Rate, total


class Status(StrEnum):
    """The one answer for a line."""

    PAYABLE = "payable"
    BUNDLED = "bundled"
    PATIENT_BILLED = "not-covered-patient-may-be-billed"
    PROVIDER_ABSORBS = "not-covered-provider-absorbs"
    NEEDS_AUTHORIZATION = "needs-authorization"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """A price level: what is assumed at its low, its usual or its high figure."""

    LOW = "low"
    TYPICAL = "typical"
    HIGH = "high"


class Step(NamedTuple):
    """One reason: a finding, what it makes the patient owe (below zero: a relief) and its source."""

    finding: Finding
    owes: Money
    citation: Citation | None


class LineEstimate(NamedTuple):
    """One service of one visit.

    `allowed` is the price that a plan would recognize, `charge` what a patient is asked where no plan pays.
    Where a limit cuts through a line, its steps tell the part beyond it. `benefit` is the one that the line falls
    in ("" where none is known), `rule` what decided whether it is paid at all.
    """

    code: str
    units: int
    minutes: int | None
    modifiers: tuple[str, ...]
    status: Status
    allowed: Money
    charge: Money
    price: Finding
    price_citation: Citation | None
    steps: tuple[Step, ...]
    plan_pays: Money
    provider_absorbs: Money
    benefit: str = ""
    rule: Citation | None = None

    @property
    def owes(self) -> Money:
        """Return the sum of the steps."""
        return total(step.owes for step in self.steps)


class Balance(NamedTuple):
    """A deductible, maximum or limit after a visit, in cents or in the limit's own measure; `of` None has no end."""

    name: str
    used: int
    of: int | None
    measure: str = "cents"


class VisitEstimate(NamedTuple):
    """One visit, numbered from 1, with the balances after it."""

    number: int
    day: date
    network: str
    lines: tuple[LineEstimate, ...]
    balances: tuple[Balance, ...]

    @property
    def owes(self) -> Money:
        """Return what the patient owes for the visit."""
        return total(step.owes for line in self.lines for step in line.steps)


@dataclass(frozen=True, slots=True)
class Run:
    """The whole course at one level."""

    level: Level
    visits: tuple[VisitEstimate, ...]

    @property
    def owes(self) -> Money:
        """Return the patient's total."""
        return total(step.owes for visit in self.visits for line in visit.lines for step in line.steps)

    @property
    def plan_pays(self) -> Money:
        """Return the plan's total."""
        return total(line.plan_pays for visit in self.visits for line in visit.lines)

    @property
    def provider_absorbs(self) -> Money:
        """Return what the clinic writes off because a line is not paid and may not be billed."""
        return total(line.provider_absorbs for visit in self.visits for line in visit.lines)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something the typical figure takes as met, with what it would change if it is not.

    `from_visit` and `visits` say where; `difference` is what the patient would owe more (or, below zero, less) if
    it is not met. Where nobody has read what the plan then does, it is not `is_known`, and the amounts are those of
    the reading that costs more.
    """

    needs: ConditionKind
    from_visit: int
    visits: int
    difference: Money
    clinic_difference: Money
    administrator: str = ""
    citation: Citation | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the insurer (or the patient) can say; `subject` names the code, rule or network it is about."""

    asks: QuestionKind
    subject: str = ""
    citation: Citation | None = None


class Worth(NamedTuple):
    """What the typical total would be less, and more, at the ends of something assumed (cents, neither below zero)."""

    less: Money
    more: Money


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken for granted where the plan or the person is silent.

    An assumed figure has its low, usual and high (`figures`) and what they are `worth`.
    """

    assumes: AssumptionKind
    subject: str = ""
    citation: Citation | None = None
    figures: tuple[Money | Rate, ...] = ()
    worth: Worth | None = None


class Adds(NamedTuple):
    """What an open point adds to the settled total in cents: at its usual reading, and at its dearest."""

    usual: Money
    most: Money


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that is so or is not, with what each answer costs.

    `usual` and `dearest` are outcomes of the fork; `outcomes` all of them. `question` settles it.
    """

    about: str
    subject: str
    adds: Adds
    usual: str
    dearest: str
    outcomes: tuple[str, ...]
    question: Question | None = None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class CrossingPoint:
    """A visit at which the answer changes kind: a deductible met, an authorization ended, a limit reached."""

    kind: CrossingKind
    visit: int
    day: date
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The course: settled at three prices, with what is open, what could change it, and what the plan told.

    `low` is the settled course at low prices, `typical` reads every fork as it usually turns out, `high` at its dearest
    and at high prices; low ≤ settled typical ≤ typical ≤ high by the patient's total. `settled` reads every fork at its
    least for the patient, at low, typical and high prices.
    """

    low: Run
    typical: Run
    high: Run
    settled: tuple[Run, Run, Run]
    open_points: tuple[OpenPoint, ...]
    open_total: Adds
    notices: tuple[Step, ...]
    conditions: tuple[Condition, ...]
    questions: tuple[Question, ...]
    assumptions: tuple[Assumption, ...]
    crossing_points: tuple[CrossingPoint, ...]
    inputs: Mapping[str, object]
    told: tuple[Heard, ...] = ()
