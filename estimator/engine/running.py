"""One run of a course: its fixed inputs, and what changes from visit to visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from estimator.engine.accumulators import Ledger, Tally
from estimator.engine.answer import ConditionKind, Level, Log, Readings
from estimator.engine.authorization import Episode, Requirement, Spent
from estimator.engine.coding import Diagnoses, PairEdits, ServiceCode
from estimator.engine.coverage import Decision, StateRule
from estimator.engine.plan import Circumstances, Limit, Network, Plan
from estimator.engine.prices import PriceSheet
from estimator.engine.pricing import Price
from estimator.engine.request import Request, Service
from estimator.engine.usual import NO_RULES, UsualRules
from estimator.engine.values import ZERO, BenefitYear, Money, Unknown


@dataclass(frozen=True, slots=True)
class Tables:
    """What the engine knows beside plan and prices: codes, edits, diagnoses, state law and usual rules by market."""

    codes: Mapping[str, ServiceCode]
    edits: PairEdits
    diagnoses: Diagnoses
    state: StateRule | None = None
    usual: Mapping[str, UsualRules] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """The fixed inputs of every run: the plan with the revisions that follow it, and its benefit year."""

    request: Request
    plan: Plan
    sheet: PriceSheet
    tables: Tables
    year: BenefitYear
    _later: tuple[tuple[Plan, Given], ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        """Make what is given under each later revision once."""
        later = tuple((plan, replace(self, plan=plan, year=benefit_year_of(plan))) for plan in self.plan.later)
        object.__setattr__(self, "_later", later)

    def on(self, day: date) -> Given:
        """Return what is given on a day: the same, under the revision whose rules hold then."""
        plan = self.plan.on(day)
        return next((given for each, given in self._later if each is plan), self)

    @property
    def rules(self) -> UsualRules:
        """Return the usual rules of the plan's market."""
        return self.tables.usual.get(self.plan.market, NO_RULES)


def benefit_year_of(plan: Plan) -> BenefitYear:
    """Return a plan's benefit year: the calendar's where nobody has read it."""
    return BenefitYear() if isinstance(plan.benefit_year, Unknown) else plan.benefit_year


@dataclass(frozen=True, slots=True)
class Supposing:
    """A turn of events to price: how forks are read, needs that are refused, charges at their high price.

    A fork that `readings` do not name is read as its first outcome. `dear` are the services whose charge to the
    patient counts at its high price, whatever the level of the run.
    """

    readings: Readings = field(default_factory=dict)
    refused: frozenset[ConditionKind] = frozenset()
    dear: frozenset[str] = frozenset()


class ReadyLine(NamedTuple):
    """A line with everything that does not depend on earlier visits; `place` counts from 0.

    `limits` and `requirements` are those that apply to a covered line.
    """

    place: int
    service: Service
    units: int
    minutes: int
    modifiers: tuple[str, ...]
    case: Circumstances
    decision: Decision
    allowed: Price | None
    charge: Price | None
    discipline: str = ""
    limits: tuple[Limit, ...] = ()
    requirements: tuple[Requirement, ...] = ()


class ReadyVisit(NamedTuple):
    """A visit so prepared; `carries_rate` tells that a case rate lies on one of its lines."""

    network: Network
    lines: tuple[ReadyLine, ...]
    carries_rate: bool


@dataclass(slots=True)
class Running:
    """What a run knows at a visit. `level` indexes prices: 0 low, 1 typical, 2 high."""

    given: Given
    supposing: Supposing
    level: int
    log: Log
    ledger: Ledger
    tallies: dict[str, Tally]
    number: int = 0
    day: date = date.min
    network: Network = Network("")
    spent: dict[str, Spent] = field(default_factory=dict)
    episodes: dict[tuple[str, str], Episode] = field(default_factory=dict)
    counts: dict[tuple[str, date], set[int]] = field(default_factory=dict)
    copays: dict[object, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    plan_paid: dict[str, int] = field(default_factory=dict)
    penalty_taken: int = 0

    def start(self, number: int, day: date, network: Network) -> None:
        """Begin a visit: sums that belong to one visit start at zero."""
        self.number, self.day, self.network = number, day, network
        self.shares.clear()
        self.plan_paid.clear()

    def price(self, price: Price | None) -> Money:
        """Return a price at this run's level, zero where there is none."""
        return ZERO if price is None else price.amount[self.level]

    def charge(self, line: ReadyLine) -> Money:
        """Return what a patient is asked for a line that no plan pays."""
        if line.charge is None:
            return ZERO
        return line.charge.amount[HIGH if line.service.code in self.supposing.dear else self.level]


HIGH = 2
LEVELS = (Level.LOW, Level.TYPICAL, Level.HIGH)
