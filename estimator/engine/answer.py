"""What comes out: steps in lines, lines in visits, visits in runs at three levels, and what could change them.

The total is the sum of the steps; nothing else stores it. What a run finds besides money goes to its log: questions,
assumptions, conditions and crossing points, each with its kinds. The log is the only thing that rules write to.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, overload

from estimator.engine.findings import CopayCharged, Finding
from estimator.engine.plan import A_LINE, Benefit, CostShare, Limit, Network
from estimator.engine.request import Heard
from estimator.engine.values import Citation, Money, Rate, total


class QuestionKind(StrEnum):
    """What a question asks: only the plan, or the patient, can say."""

    NEEDLING_POLICY = "needling-policy"
    BENEFIT_LISTS_SERVICE = "benefit-lists-service"
    NETWORK_COVER = "network-cover"
    COST_SHARE = "cost-share"
    DEDUCTIBLE = "deductible"
    OUT_OF_POCKET_MAX = "out-of-pocket-max"
    LIMIT = "limit"
    LIMIT_EXEMPTION = "limit-exemption"
    LIMIT_SHARED = "limit-shared"
    PAST_LIMIT = "past-limit"
    AUTHORIZATION_NEEDED = "authorization-needed"
    AUTHORIZATION_CONSEQUENCE = "authorization-consequence"
    REFERRAL_NEEDED = "referral-needed"
    REFERRAL = "referral"
    DIAGNOSIS = "diagnosis"
    AGE = "age"
    SYMPTOM_WEEKS = "symptom-weeks"
    PURPOSE = "purpose"
    STATE = "state"
    INDIAN_HEALTH = "indian-health"
    BALANCE_BILL = "balance-bill"
    FAMILY_RULE = "family-rule"
    FAMILY_COVER = "family-cover"
    LIABILITY = "liability"
    DEDUCTIBLE_VISITS_COUNT = "deductible-visits-count"
    IN_WRITING = "in-writing"
    POLICY_ASK = "policy-ask"
    POLICY_ASK_CLINIC = "policy-ask-clinic"
    ZIP_STRADDLES = "zip-straddles"
    MULTIPLE_PROCEDURE_REDUCTION = "multiple-procedure-reduction"
    NEXT_YEAR = "next-year"
    SUPPLEMENT = "supplement"


class AssumptionKind(StrEnum):
    """What an estimate takes for granted where the plan or the person is silent."""

    AUTHORIZATION_GRANTED = "authorization-granted"
    REFERRAL_GIVEN = "referral-given"
    IMPROVEMENT_SHOWN = "improvement-shown"
    JUSTIFICATION_GIVEN = "justification-given"
    DEDUCTIBLE_VISITS_COUNT = "deductible-visits-count"
    NEVER_ABOVE_ALLOWED = "never-above-allowed"
    PAST_LIMIT_NOT_COUNTED = "past-limit-not-counted"
    CLINIC_ABSORBS_MISSING_AUTHORIZATION = "clinic-absorbs-missing-authorization"
    PATIENT_PAYS_MISSING_AUTHORIZATION = "patient-pays-missing-authorization"
    SELF_ONLY_COVER = "self-only-cover"
    REGIONAL_PRICE = "regional-price"
    CASH_PRICE = "cash-price"
    EXPERIENCE_FACTOR = "experience-factor"
    COINSURANCE_PER_LINE = "coinsurance-per-line"
    COPAY_BEFORE_COINSURANCE = "copay-before-coinsurance"
    USED_AMOUNTS_EXPIRED = "used-amounts-expired"
    POLICY_OVER_PLAN = "policy-over-plan"
    PLAN_OVER_PAYER = "plan-over-payer"
    PAYER_ASKS_PERMISSION = "payer-asks-permission"
    PAYER_RULE_CONTESTED = "payer-rule-contested"
    BENEFIT_YEAR_CALENDAR = "benefit-year-calendar"
    LATEST_PRICE_BOOK = "latest-price-book"
    EARLIEST_PRICE_BOOK = "earliest-price-book"
    PROPOSED_PRICES = "proposed-prices"
    GRANT_SPENT_BY_NEEDING_VISITS = "grant-spent-by-needing-visits"
    TOLD_BY_PLAN = "told-by-plan"
    PER_PERSON_MAXIMUM = "per-person-maximum"
    ASSUMED_COPAY = "assumed-copay"
    ASSUMED_COINSURANCE = "assumed-coinsurance"
    ASSUMED_DEDUCTIBLE = "assumed-deductible"
    ASSUMED_OUT_OF_POCKET_MAX = "assumed-out-of-pocket-max"
    SMALL_UNCERTAINTY = "small-uncertainty"
    DEDUCTIBLE_NOT_STARTED = "deductible-not-started"
    LIMIT_NOT_STARTED = "limit-not-started"
    THERAPY_BY_ANOTHER = "therapy-by-another"
    LINE_ORDER = "line-order"
    MINUTES_RULE = "minutes-rule"
    PLAN_BECOMES = "plan-becomes"
    PLAN_ENDS = "plan-ends"
    PLAN_DIVIDES = "plan-divides"


class ConditionKind(StrEnum):
    """What the typical figure takes as met, or as not done, and is priced the other way too."""

    AUTHORIZATION = "authorization"
    REFERRAL = "referral"
    IMPROVEMENT = "improvement"
    JUSTIFICATION = "justification"
    TOLD = "told"


class CrossingKind(StrEnum):
    """What changes at a visit: a deductible is met, a limit is reached, an authorization ends."""

    DEDUCTIBLE_MET = "deductible-met"
    OUT_OF_POCKET_MAX_REACHED = "out-of-pocket-max-reached"
    LIMIT_REACHED = "limit-reached"
    LIMIT_PASSED = "limit-passed"
    EXTENSION_STARTS = "extension-starts"
    MODIFIER_FROM = "modifier-from"
    AUTHORIZATION_FROM = "authorization-from"
    AUTHORIZATION_ENDS = "authorization-ends"
    REFERRAL_FROM = "referral-from"
    BENEFIT_YEAR_RESTARTS = "benefit-year-restarts"


FAVORABLE, UNFAVORABLE = "favorable", "unfavorable"
HOLDS, FAILS = "holds", "does-not-hold"


class Fork(NamedTuple):
    """Something that is so or is not: `about` one of the kinds of docs/json-contract.md, and what it is about.

    `of_second`: the second plan's own rule, which the first one's answers don't settle.
    """

    about: str
    subject: str = ""
    of_second: bool = False


class Choice(NamedTuple):
    """What may come of a fork: its outcomes as declared, the usual one (None: no evidence), and what to ask.

    `codes` are the services that an outcome may make the patient's own charge, `holds` the forks that an answer other
    than an outcome would leave.
    """

    outcomes: tuple[str, ...]
    usual: str | None = None
    asks: QuestionKind | None = None
    asks_about: str = ""
    citation: Citation | None = None
    codes: frozenset[str] = frozenset()
    holds: tuple[Fork, ...] = ()


ABOUT: Mapping[str, str] = {
    "benefit-lists-service": "service-cover",
    "network-cover": "network",
    "authorization-consequence": "authorization",
    "deductible-visits-count": "limit",
    "limit-exemption": "limit",
    "limit-shared": "limit",
    "past-limit": "limit",
    "deductible": "cost-share",
    "out-of-pocket-max": "cost-share",
    "family-rule": "cost-share",
}
"""What a question's fork is about, where that has another name than the question."""

Readings = Mapping[Fork, str]
"""How each fork is read in a run; one that is not named is read as its first outcome."""
_FACTS = frozenset(
    {
        QuestionKind.DIAGNOSIS,
        QuestionKind.AGE,
        QuestionKind.SYMPTOM_WEEKS,
        QuestionKind.PURPOSE,
        QuestionKind.STATE,
        QuestionKind.INDIAN_HEALTH,
    }
)
_CHANGES_NO_PAYMENT = frozenset(
    {QuestionKind.LIABILITY, QuestionKind.BALANCE_BILL, QuestionKind.POLICY_ASK, QuestionKind.POLICY_ASK_CLINIC}
)


def readings_of_second(readings: Readings) -> dict[Fork, str]:
    """Return how the second plan's own run reads its forks, and the facts that hold for both plans."""
    return {
        fork._replace(of_second=False): outcome
        for fork, outcome in readings.items()
        if fork.of_second or outcome in (HOLDS, FAILS)
    }


class Settled(NamedTuple):
    """One line of which a patient's share was settled, in the order of a run: by which rule, and what came of it.

    `place` is that of the line in its visit, `key` the copay that it shares in, `allowed` the cents inside all limits.
    `lower` is another share that bounds this one, with the copay that it shares in.
    """

    visit: int
    place: int
    network: Network
    benefit: Benefit
    rule: CostShare
    key: Hashable
    lower: tuple[CostShare, Hashable] | None
    allowed: int
    units: int
    owes: int

    def on(self, visit: int, day: date) -> Settled:
        """Return the same of a later visit: copays are shared within a visit or a day."""
        lower = None if self.lower is None else (self.lower[0], _key_on(self.lower[1], visit, day))
        return self._replace(visit=visit, key=_key_on(self.key, visit, day), lower=lower)


def _key_on(key: Hashable, visit: int, day: date) -> Hashable:
    assert isinstance(key, tuple)
    name, of, *rest = key
    if isinstance(of, tuple):
        return name, _key_on(of, visit, day)
    return name, day if isinstance(of, date) else visit, *rest


class SettledAgain(NamedTuple):
    """The lines of a visit once more, for later visits that came out as it did, by their numbers and days."""

    lines: tuple[Settled, ...]
    visits: Sequence[int]
    days: Sequence[date]


@dataclass(slots=True)
class Log:
    """Questions and assumptions by kind and subject; needs by kind, with the visits that have them.

    `readings` say how each fork is read in this run, and `met` holds the forks that the run came to; `varied` are
    those whose outcomes were not the same everywhere, `weighed` those that were read after a visit was made ready.
    `of_second` are questions for the second plan, `charged` the services whose charge to the patient
    counted, `deductibles` the names of those whose rest a share may hang on, `settled` the lines that a benefit paid
    for.
    """

    readings: Readings = field(default_factory=dict)
    met: dict[Fork, Choice] = field(default_factory=dict)
    varied: set[Fork] = field(default_factory=set)
    weighed: set[Fork] = field(default_factory=set)
    questions: dict[tuple[QuestionKind, str], Citation | None] = field(default_factory=dict)
    of_second: dict[tuple[QuestionKind, str], Citation | None] = field(default_factory=dict)
    assumptions: dict[tuple[AssumptionKind, str], Citation | None] = field(default_factory=dict)
    needs: dict[ConditionKind, Need] = field(default_factory=dict)
    turns: dict[tuple[CrossingKind, str], int] = field(default_factory=dict)
    charged: set[str] = field(default_factory=set)
    deductibles: set[str] = field(default_factory=set)
    settled: list[Settled | SettledAgain] = field(default_factory=list)

    def lines_settled(self) -> Iterator[Settled]:
        """Yield the lines that a benefit paid for, those of visits that came out as the one before them included."""
        for each in self.settled:
            if isinstance(each, Settled):
                yield each
            else:
                for visit, day in zip(each.visits, each.days, strict=True):
                    yield from (line.on(visit, day) for line in each.lines)

    def ask(self, asks: QuestionKind, subject: str = "", citation: Citation | None = None) -> None:
        """Note a question that does not change this run."""
        self.questions.setdefault((asks, subject), citation)

    def choose(self, fork: Fork, choice: Choice) -> str:
        """Return how a fork is read in this run, and note that the run came to it."""
        known = self.met.get(fork)
        self.weighed.add(fork)
        if known is None:
            self.met[fork] = choice
            if choice.asks is not None:
                self.ask(choice.asks, choice.asks_about, choice.citation)
        else:
            self._meet_again(fork, known, choice)
        read = self.readings.get(fork)
        return read if read in choice.outcomes else choice.outcomes[0]

    def doubt(self, asks: QuestionKind, subject: str = "", citation: Citation | None = None) -> bool:
        """Read a fork of two outcomes that a question would settle; return whether it favors the patient."""
        choice = Choice((FAVORABLE, UNFAVORABLE), None, asks, subject, citation)
        return self.choose(Fork(ABOUT.get(asks, asks), subject), choice) == FAVORABLE

    def undecided(self, fact: QuestionKind, citation: Citation | None = None) -> bool:
        """Return whether a `when` holds that turns on a fact nobody gave."""
        return self.choose(Fork(fact), Choice((HOLDS, FAILS), None, fact, citation=citation)) == HOLDS

    def assume(self, assumes: AssumptionKind, subject: str = "", citation: Citation | None = None) -> None:
        """Note something taken for granted."""
        self.assumptions.setdefault((assumes, subject), citation)

    def adopt(self, other: Log) -> None:
        """Take over what another log holds: that of a visit made ready."""
        for question, citation in other.questions.items():
            self.questions.setdefault(question, citation)
        for assumption, citation in other.assumptions.items():
            self.assumptions.setdefault(assumption, citation)
        for fork, choice in other.met.items():
            self._meet_again(fork, self.met.setdefault(fork, choice), choice)
        self.varied |= other.varied

    def adopt_of_second(self, other: Log) -> None:
        """Take over what the run of a second plan holds: its own questions and forks, and facts of the person.

        Who bears what it doesn't pay, and what a clinic bills beyond it, changes nothing that it pays.
        """
        for asked, citation in other.questions.items():
            if asked[0] not in _CHANGES_NO_PAYMENT:
                (self.questions if asked[0] in _FACTS else self.of_second).setdefault(asked, citation)
        for assumption, citation in other.assumptions.items():
            self.assumptions.setdefault(assumption, citation)
        for fork, choice in other.met.items():
            if choice.asks in _CHANGES_NO_PAYMENT:
                continue
            own = fork if choice.outcomes == (HOLDS, FAILS) else fork._replace(of_second=True)
            self._meet_again(own, self.met.setdefault(own, choice), choice)
            if fork in other.varied:
                self.varied.add(own)

    def _meet_again(self, fork: Fork, known: Choice, choice: Choice) -> None:
        if choice.outcomes != known.outcomes:
            self.varied.add(fork)
        if choice.codes - known.codes:
            self.met[fork] = known._replace(codes=known.codes | choice.codes)

    def reads_alike(self, readings: Readings) -> bool:
        """Tell whether a run with these readings would have read every fork of this one in the same way."""
        return all(self._reads_alike(fork, readings) for fork in self.met)

    def weighs_alike(self, readings: Readings) -> bool:
        """Tell the same of the forks that were read after the visits were made ready."""
        return all(self._reads_alike(fork, readings) for fork in self.weighed)

    def read_as(self, readings: Readings, charged: set[str]) -> Log:
        """Return a log of its own of a run where the same came up under other readings."""
        return Log(
            readings,
            met=dict(self.met),
            varied=set(self.varied),
            weighed=self.weighed,
            questions=dict(self.questions),
            of_second=dict(self.of_second),
            assumptions=dict(self.assumptions),
            needs=self.needs,
            turns=dict(self.turns),
            charged=charged,
            deductibles=self.deductibles,
            settled=self.settled,
        )

    def _reads_alike(self, fork: Fork, readings: Readings) -> bool:
        mine, other = self.readings.get(fork), readings.get(fork)
        if mine == other:
            return True
        outcomes = self.met[fork].outcomes
        first, second = (each if each in outcomes else outcomes[0] for each in (mine, other))
        return first == second and fork not in self.varied

    def need(self, kind: ConditionKind, visit: int, administrator: str, citation: Citation | None) -> None:
        """Note that a visit rests on something that is not yet known to be there."""
        need = self.needs.get(kind)
        if need is None:
            need = self.needs[kind] = Need(administrator, citation)
        need.visits.add(visit)

    def turn(self, kind: CrossingKind, subject: str, visit: int) -> None:
        """Note a turning point at the first visit where it shows."""
        self.turns.setdefault((kind, subject), visit)

    def turn_at(self, kind: CrossingKind, subject: str, visit: int) -> None:
        """Note a turning point at this visit, in place of an earlier one: only then is it the last of its kind."""
        self.turns[kind, subject] = visit


@dataclass(slots=True)
class Need:
    """A need, with the numbers of the visits that rest on it."""

    administrator: str
    citation: Citation | None
    visits: set[int] = field(default_factory=set)


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

    @property
    def copays(self) -> tuple[Step, ...]:
        """Return each copay that is charged once for the whole visit; its parts are steps of the lines that bear it."""
        found: dict[tuple[Finding, Citation | None], int] = {}
        for step in (step for line in self.lines for step in line.steps):
            if isinstance(step.finding, CopayCharged) and step.finding.per not in A_LINE:
                key = step.finding, step.citation
                found[key] = found.get(key, 0) + step.owes
        return tuple(Step(finding, Money(owes), cited) for (finding, cited), owes in found.items())


class Alike:
    """Visits that owe, line by line, what the one before them owes; they are put together when somebody reads them."""

    def __init__(self, many: int, put_together: Callable[[], Sequence[VisitEstimate]]) -> None:
        self.many, self._put_together = many, put_together

    @cached_property
    def visits(self) -> Sequence[VisitEstimate]:
        """Return the visits, in order."""
        return self._put_together()


class Visits(Sequence[VisitEstimate]):
    """The visits of a run, in order: a tuple whose equal visits are put together once somebody reads one of them.

    Of most runs nobody reads more than the total.
    """

    def __init__(self, parts: Iterable[VisitEstimate | Alike]) -> None:
        self.parts = tuple(parts)

    @cached_property
    def _all(self) -> tuple[VisitEstimate, ...]:
        found: list[VisitEstimate] = []
        for part in self.parts:
            if isinstance(part, Alike):
                found += part.visits
            else:
                found.append(part)
        return tuple(found)

    @overload
    def __getitem__(self, place: int) -> VisitEstimate: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[VisitEstimate, ...]: ...

    def __getitem__(self, place: int | slice) -> VisitEstimate | tuple[VisitEstimate, ...]:
        """Return one visit, counted from 0, or some."""
        return self._all[place]

    def __len__(self) -> int:
        """Return how many visits there are."""
        return len(self._all)

    def __iter__(self) -> Iterator[VisitEstimate]:
        """Yield each visit."""
        return iter(self._all)

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence has the same visits."""
        return self._all == (other._all if isinstance(other, Visits) else other)

    def __hash__(self) -> int:
        """Return the hash of the visits."""
        return hash(self._all)

    def __repr__(self) -> str:
        """Return what the visits look like in code."""
        return repr(self._all)

    def __reduce__(self) -> tuple[type[Visits], tuple[tuple[VisitEstimate, ...]]]:
        """Be sent to another process as what the visits are."""
        return Visits, (self._all,)

    def total(self, of_a_line: Callable[[LineEstimate], int]) -> Money:
        """Return the sum of an amount over the lines of all visits, without putting any together."""
        found = each = 0
        for part in self.parts:
            if isinstance(part, Alike):
                found += part.many * each
            else:
                each = sum([of_a_line(line) for line in part.lines])
                found += each
        return Money(found)


@dataclass(frozen=True)
class Run:
    """The whole course at one level."""

    level: Level
    visits: Visits

    @cached_property
    def owes(self) -> Money:
        """Return the patient's total."""
        return self.visits.total(_owed)

    @property
    def plan_pays(self) -> Money:
        """Return the plan's total."""
        return self.visits.total(attrgetter("plan_pays"))

    @property
    def provider_absorbs(self) -> Money:
        """Return what the clinic writes off because a line is not paid and may not be billed."""
        return self.visits.total(attrgetter("provider_absorbs"))


def _owed(line: LineEstimate) -> int:
    return sum([step.owes for step in line.steps])


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
    """Something only the insurer (or the patient) can say; `subject` names the code, rule or network it is about.

    `of_second`: it is for the second plan.
    """

    asks: QuestionKind
    subject: str = ""
    citation: Citation | None = None
    of_second: bool = False


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


class CarriedFigure(NamedTuple):
    """A figure of this year that stands in for one of the next, of which nobody knows what it will be."""

    what: str
    subject: str
    figure: Money | Rate | Limit
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that is so or is not, with what each answer costs.

    `usual` and `dearest` are outcomes of the fork; `outcomes` all of them. Without evidence for what is usual
    (`has_evidence`), that is the one that costs least. `question` settles it. `if_covered` is what is settled for the
    whole course once the plan pays, None where that is no outcome. `decides` is a service whose pay hangs on it, where
    it is about something else. `holds` are the forks that only some answer to this one brings up: they get points of
    their own once it is answered. One with `carried` figures is not priced: what it adds is not known until they are.
    """

    about: str
    subject: str
    adds: Adds
    usual: str
    dearest: str
    outcomes: tuple[str, ...]
    question: Question | None = None
    citation: Citation | None = None
    carried: tuple[CarriedFigure, ...] = ()
    if_covered: Money | None = None
    has_evidence: bool = True
    decides: str = ""
    of_second: bool = False
    holds: tuple[Fork, ...] = ()

    @property
    def fork(self) -> Fork:
        """Return which fork is open: two points of one are the same point in two estimates."""
        return Fork(self.about, self.subject, self.of_second)

    @property
    def may_bill_unsigned(self) -> bool:
        """Tell whether a clinic may perhaps charge for what isn't paid though nothing was signed."""
        return "liability" in (self.about, *(fork.about for fork in self.holds))


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
    # The lines of all runs that were made for it.
    work: int = field(default=0, compare=False)

    @property
    def is_provisional(self) -> bool:
        """Tell whether some visit rests on the rules of the year before: nobody knows its own yet."""
        return any(point.about == QuestionKind.NEXT_YEAR and not point.of_second for point in self.open_points)
