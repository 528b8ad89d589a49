"""The answer in words: what an estimate comes to and why, for one reader, as pages and documents read it.

Nothing is calculated here but sums to date, and the least and the most of the three runs. `answer_schema` writes an
answer as the JSON of `docs/json-contract.md`; each class here has its keys there, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, chain
from typing import Any, NamedTuple, Protocol, assert_never

from estimator.engine.accumulators import DEDUCTIBLE, MAXIMUM
from estimator.engine.answer import (
    Adds,
    AssumptionKind,
    Balance,
    CarriedFigure,
    Condition,
    Estimate,
    LineEstimate,
    OpenPoint,
    QuestionKind,
    Run,
    Status,
    Step,
    Worth,
)
from estimator.engine.findings import BalanceBilled
from estimator.engine.plan import A_LINE, Limit, Measure, Plan
from estimator.engine.request import TOLD
from estimator.engine.values import ZERO, Citation, Money, Span, total
from estimator.language import _
from estimator.wording.findings import name_of, numbers, says
from estimator.wording.money_findings import copay_says
from estimator.wording.open_points import CLINIC_ONLY, assumption_says, condition_says, crossing_says, question_says
from estimator.wording.told import AnswerTold, heard_of, source_told
from estimator.wording.uncertain import (
    carried_says,
    headline,
    point_do,
    point_name,
    point_says,
    point_why,
    usual_says,
)
from estimator.wording.words import PATIENT, Reader, Telling, counted, note_says, together, usd

# ----------------------------------------------------------------------------
# What an answer holds. Money is `Money` and days are `date`: only the JSON writes them as text.
# ----------------------------------------------------------------------------


class Amounts(NamedTuple):
    """An amount in the three runs."""

    low: Money
    typical: Money
    high: Money


class Spread(NamedTuple):
    """The least and the most of an amount."""

    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class AnswerCitation:
    """Where a rule comes from; `file` and `line` are None where no plan file says it."""

    title: str
    url: str
    place: str
    read_on: date
    confidence: str
    file: str | None
    line: int | None


class Sourced(Protocol):
    """A part of an answer with its source."""

    @property
    def says(self) -> str:
        """Return its sentence."""

    @property
    def citation(self) -> AnswerCitation | None:
        """Return its source, None where nobody has to be cited."""


@dataclass(frozen=True, slots=True)
class AnswerReason:
    """A notice before any price, or where a price comes from: a finding with its sentence and its source."""

    finding: str
    says: str
    numbers: Mapping[str, str]
    citation: AnswerCitation | None


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """One reason with what it makes the patient owe (below zero: a relief)."""

    finding: str
    amount: Money
    says: str
    numbers: Mapping[str, str]
    citation: AnswerCitation | None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One service of a visit in one run; its steps add up to what the patient owes for it.

    `range` is the least and the most that is owed for it in all runs.
    """

    code: str
    name: str
    units: int
    minutes: int | None
    modifiers: tuple[str, ...]
    status: Status
    status_says: str
    allowed: Money
    allowed_range: Spread
    charge: Money
    patient_owes: Money
    range: Spread
    plan_pays: Money
    provider_absorbs: Money
    price: AnswerReason
    steps: tuple[AnswerStep, ...]

    @property
    def is_by_contract(self) -> bool:
        """Tell whether a line that the plan does not pay still costs what it recognizes, not what is asked.

        Past a limit, and where an approval or a referral is missing, the clinic's contract with the plan holds.
        """
        is_covered = any(step.finding in _UNPAID_THIS_TIME for step in self.steps)
        return is_covered and self.patient_owes == self.allowed

    @property
    def own_steps(self) -> tuple[AnswerStep, ...]:
        """Return the steps without the parts of a copay that is charged once for the visit."""
        return tuple(step for step in self.steps if not _is_of_the_visit(step))

    @property
    def in_copay(self) -> Money:
        """Return the part of a copay of the visit that the line bears, after what takes it over."""
        return min(total(step.amount for step in self.steps if _is_of_the_visit(step)), max(ZERO, self.patient_owes))

    @property
    def own_owes(self) -> Money:
        """Return what is owed for the line beside a copay of the visit."""
        return Money(self.patient_owes - self.in_copay)


def _is_of_the_visit(step: AnswerStep) -> bool:
    return step.finding == "copay-charged" and step.numbers["per"] not in A_LINE


@dataclass(frozen=True, slots=True)
class AnswerBalance:
    """A deductible or a maximum after a visit; `of` and `left` are None where it has no end."""

    used: Money
    of: Money | None
    left: Money | None


@dataclass(frozen=True, slots=True)
class AnswerLimit:
    """A limit after a visit, in its own measure: `Money` where it is in dollars, else a count."""

    used: int
    of: int | None
    left: int | None
    measure: str

    @property
    def sums(self) -> AnswerBalance | None:
        """Return the amounts of a limit in dollars, None for another."""
        if self.measure != Measure.DOLLARS:
            return None
        of, left = (None if part is None else Money(part) for part in (self.of, self.left))
        return AnswerBalance(Money(self.used), of, left)


@dataclass(frozen=True, slots=True)
class AnswerAccumulators:
    """What is used and left after a visit; a plan without a deductible or a maximum has None."""

    deductible: AnswerBalance | None
    out_of_pocket_max: AnswerBalance | None
    limits: Mapping[str, AnswerLimit]


@dataclass(frozen=True, slots=True)
class AnswerVisit:
    """One visit: what is settled, what is owed by usual readings, and what is owed up to it (`cumulative`).

    `copays` are those that are charged once for the visit, each whole; its parts are among the steps of the lines.
    """

    number: int
    day: date
    network: str
    settled: Amounts
    patient_owes: Money
    range: Spread
    cumulative: Amounts
    lines: tuple[AnswerLine, ...]
    accumulators: AnswerAccumulators
    copays: tuple[AnswerStep, ...]

    @property
    def in_copays(self) -> Money:
        """Return what is owed of its copays, after what takes them over."""
        return total(line.in_copay for line in self.lines)

    @property
    def most(self) -> Money:
        """Return the most that the visit could come to, never less than what is settled."""
        return max(self.range.high, self.settled.typical)


@dataclass(frozen=True, slots=True)
class AnswerNote:
    """A sentence on the plan with its source."""

    says: str
    citation: AnswerCitation | None


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """The plan that the answer rests on."""

    id: str
    title: str
    payer: str
    kind: str
    market: str
    in_force: Span
    notes: tuple[AnswerNote, ...]

    @property
    def is_self_pay(self) -> bool:
        """Tell whether there is no insurance."""
        return self.market == "self-pay"


@dataclass(frozen=True, slots=True)
class AnswerCondition:
    """Something the typical figure takes as met, with what it costs the patient and the clinic if it is not."""

    needs: str
    from_visit: int
    visits: int
    administrator: str
    if_not: Money
    clinic_if_not: Money
    is_known: bool
    says: str
    citation: AnswerCitation | None


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Something only the insurer, the clinic or the patient can say."""

    asks: str
    subject: str
    says: str
    citation: AnswerCitation | None
    of_second: bool = False


@dataclass(frozen=True, slots=True)
class AnswerAssumption:
    """Something taken for granted where the plan or the person is silent."""

    assumes: str
    subject: str
    says: str
    citation: AnswerCitation | None
    worth: Worth | None = None


@dataclass(frozen=True, slots=True)
class AnswerPoint:
    """Something not known yet: what it adds, how it usually turns out, and what to ask and do about it.

    What one adds that is `unpriced` is not known either, until the `carried` figures are. `may_bill_unsigned`: a clinic
    may perhaps charge for what isn't paid though nothing was signed.
    """

    about: str
    subject: str
    name: str
    why: str
    adds: PointAdds
    usual_says: str
    says: str
    question: str
    do: str
    citation: AnswerCitation | None
    unpriced: bool = False
    carried: tuple[AnswerCarried, ...] = ()
    of_second: bool = False
    may_bill_unsigned: bool = False


class AnswerCarried(NamedTuple):
    """A figure of this year that stands in for one of the next: the same at every price."""

    what: str
    subject: str
    low: str
    usual: str
    high: str
    says: str
    citation: AnswerCitation | None


class PointAdds(NamedTuple):
    """What an open point adds to the settled amount: nothing at least, then at its usual and its dearest reading."""

    least: Money
    usual: Money
    most: Money


@dataclass(frozen=True, slots=True)
class AnswerCrossing:
    """A visit at which the answer changes kind, such as the one that meets the deductible."""

    kind: str
    visit: int
    day: date
    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An estimate in words for one reader: the law, then the number, what it rests on, and what could change it.

    `visits` are those of the typical run, by usual readings; `settled_visits` have every open point at its least, as
    pages, texts and documents tell them.
    """

    notices: tuple[AnswerReason, ...]
    patient_owes: Amounts
    settled: Amounts
    open_total: Adds
    open_points: tuple[AnswerPoint, ...]
    plan_pays: Money
    provider_absorbs: Money
    plan: AnswerPlan
    visits: tuple[AnswerVisit, ...]
    settled_visits: tuple[AnswerVisit, ...]
    conditions: tuple[AnswerCondition, ...]
    questions: tuple[AnswerQuestion, ...]
    assumptions: tuple[AnswerAssumption, ...]
    crossing_points: tuple[AnswerCrossing, ...]
    summary: str
    reader: Reader
    told: tuple[AnswerTold, ...]
    inputs: Mapping[str, Any]

    @property
    def as_of(self) -> date:
        """Return the day on which the question was asked."""
        return date.fromisoformat(self.inputs["as_of"])

    @property
    def lines(self) -> Iterator[AnswerLine]:
        """Yield every line of every visit, in order."""
        return chain.from_iterable(visit.lines for visit in self.visits)

    @property
    def citations(self) -> Iterator[AnswerCitation]:
        """Yield every citation, in the order in which the answer has them."""
        parts: list[Sourced] = [*self.notices, *self.plan.notes]
        for visit in (*self.settled_visits, *self.visits):
            for line in visit.lines:
                parts += [line.price, *line.steps]
        for part in (*parts, *self.conditions, *self.questions, *self.assumptions):
            if part.citation is not None:
                yield part.citation


# ----------------------------------------------------------------------------
# An estimate becomes an answer.
# ----------------------------------------------------------------------------


def answer_of(estimate: Estimate, plan: Plan, names: Mapping[str, str], reader: Reader = PATIENT) -> Answer:
    """Return the answer for one reader; `names` are plain words for the codes."""
    telling = Telling(plan, names, reader)
    typical, lines = estimate.typical, _Lines(telling)
    return Answer(
        notices=tuple(_notice(step, telling) for step in estimate.notices),
        patient_owes=owes_of(estimate),
        settled=settled_of(estimate),
        open_total=estimate.open_total,
        open_points=tuple(_open_point(point, telling) for point in estimate.open_points),
        plan_pays=typical.plan_pays,
        provider_absorbs=typical.provider_absorbs,
        plan=_plan(plan),
        visits=_visits(estimate, typical, lines),
        settled_visits=_visits(estimate, estimate.settled[1], lines),
        conditions=tuple(_condition(condition, telling) for condition in estimate.conditions),
        questions=_questions(estimate, telling),
        assumptions=_assumptions(estimate, telling),
        crossing_points=_crossing_points(estimate, telling),
        summary=summary_of(estimate, telling),
        reader=reader,
        told=tuple(heard_of(heard, telling) for heard in estimate.told),
        inputs=dict(estimate.inputs),
    )


def _open_point(point: OpenPoint, telling: Telling) -> AnswerPoint:
    return AnswerPoint(
        about=point.about,
        subject=point.subject,
        name=point_name(point, telling),
        why=point_why(point, telling),
        adds=PointAdds(Money(0), point.adds.usual, point.adds.most),
        usual_says=usual_says(point),
        says=point_says(point, telling),
        question=question_says(point.question, telling) if point.question is not None else "",
        do=point_do(point),
        citation=citation_of(point.citation),
        unpriced=point.about == QuestionKind.NEXT_YEAR,
        carried=tuple(_carried(each) for each in point.carried),
        of_second=point.of_second,
        may_bill_unsigned=point.may_bill_unsigned,
    )


def _carried(carried: CarriedFigure) -> AnswerCarried:
    amount = str(carried.figure.amount if isinstance(carried.figure, Limit) else carried.figure)
    says, cited = carried_says(carried), citation_of(carried.citation)
    return AnswerCarried(
        carried.what, carried.subject, low=amount, usual=amount, high=amount, says=says, citation=cited
    )


def settled_of(estimate: Estimate) -> Amounts:
    """Return what is settled in all, whatever is open."""
    return Amounts(*(run.owes for run in estimate.settled))


def owes_of(estimate: Estimate) -> Amounts:
    """Return what the patient owes in all."""
    return Amounts(estimate.low.owes, estimate.typical.owes, estimate.high.owes)


def _plan(plan: Plan) -> AnswerPlan:
    return AnswerPlan(
        id=plan.id,
        title=_(plan.title),
        payer=plan.payer,
        kind=str(plan.kind),
        market=str(plan.market),
        in_force=plan.in_force,
        notes=tuple(AnswerNote(note_says(note), citation_of(citation)) for note, citation in plan.notes),
    )


def _visits(estimate: Estimate, told: Run, lines: _Lines) -> tuple[AnswerVisit, ...]:
    """Return the visits as one run has them, each with its range over all runs."""
    runs = (estimate.low, told, estimate.high)
    visits = zip(*(run.visits for run in runs), strict=True)
    owed = [[visit.owes for visit in run.visits] for run in runs]
    to_date = zip(*map(accumulate, owed), strict=True)
    settled = zip(*([visit.owes for visit in run.visits] for run in estimate.settled), strict=True)
    return tuple(
        AnswerVisit(
            number=typical.number,
            day=typical.day,
            network=typical.network,
            settled=_amounts(at_least),
            patient_owes=owes[1],
            range=spread_of(*owes),
            cumulative=_amounts(sums),
            lines=tuple(map(lines.worded, low.lines, typical.lines, high.lines)),
            accumulators=accumulators(typical.balances),
            copays=tuple(map(lines.copay, typical.copays)),
        )
        for (low, typical, high), owes, at_least, sums in zip(
            visits, zip(*owed, strict=True), settled, to_date, strict=True
        )
    )


def _amounts(runs: tuple[Money, ...]) -> Amounts:
    """Return the amounts of the three runs, the least and the most of them at the ends."""
    return Amounts(min(runs), runs[1], max(runs))


def _notice(step: Step, telling: Telling) -> AnswerReason:
    return AnswerReason(
        finding=name_of(step.finding),
        says=says(step.finding, step.owes, telling),
        numbers=numbers(step.finding),
        citation=citation_of(step.citation),
    )


def _condition(condition: Condition, telling: Telling) -> AnswerCondition:
    return AnswerCondition(
        needs=condition.needs,
        from_visit=condition.from_visit,
        visits=condition.visits,
        administrator=condition.administrator,
        if_not=condition.difference,
        clinic_if_not=condition.clinic_difference,
        is_known=condition.is_known,
        says=condition_says(condition, telling),
        citation=citation_of(condition.citation),
    )


def _questions(estimate: Estimate, telling: Telling) -> tuple[AnswerQuestion, ...]:
    return tuple(
        AnswerQuestion(
            asks=question.asks,
            subject=question.subject,
            says=question_says(question, telling),
            citation=citation_of(question.citation),
            of_second=question.of_second,
        )
        for question in estimate.questions
        if telling.reader != PATIENT or question.asks not in CLINIC_ONLY
    )


def _assumptions(estimate: Estimate, telling: Telling) -> tuple[AnswerAssumption, ...]:
    return tuple(
        AnswerAssumption(
            assumes=assumption.assumes,
            subject=assumption.subject,
            says=assumption_says(assumption, telling),
            citation=citation_of(assumption.citation),
            worth=assumption.worth,
        )
        for assumption in estimate.assumptions
    )


def _crossing_points(estimate: Estimate, telling: Telling) -> tuple[AnswerCrossing, ...]:
    last_billed = _last_balance_bill(estimate.typical)
    return tuple(
        AnswerCrossing(
            kind=crossing.kind,
            visit=crossing.visit,
            day=crossing.day,
            subject=crossing.subject,
            says=crossing_says(crossing, telling, billed_on=crossing.visit <= last_billed),
        )
        for crossing in estimate.crossing_points
    )


def _last_balance_bill(run: Run) -> int:
    """Return the last visit with a balance bill, 0 where there is none."""
    return max(
        (
            visit.number
            for visit in run.visits
            if any(isinstance(step.finding, BalanceBilled) for line in visit.lines for step in line.steps)
        ),
        default=0,
    )


# ----------------------------------------------------------------------------
# One line of a visit in the answer, with its price and the steps that make what is owed.
# ----------------------------------------------------------------------------

_UNPAID_THIS_TIME = ("limit-passed", "authorization-missing")


class Levels(NamedTuple):
    """The same line in the low run, the run that is told, and the high run."""

    low: LineEstimate
    typical: LineEstimate
    high: LineEstimate


class _Lines:
    """The lines of one answer in words. Most visits are alike: lines that are equal are worded once, and are one."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._worded: dict[Levels, AnswerLine] = {}
        self._copays: dict[Step, AnswerStep] = {}

    def worded(self, low: LineEstimate, typical: LineEstimate, high: LineEstimate) -> AnswerLine:
        """Return a line in words, from the three runs."""
        levels = Levels(low, typical, high)
        found = self._worded.get(levels)
        if found is None:
            found = self._worded[levels] = _line_of(levels, self._telling)
        return found

    def copay(self, step: Step) -> AnswerStep:
        """Return a copay of a whole visit in words."""
        found = self._copays.get(step)
        if found is None:
            worded = replace(step_of(step, self._telling), says=copay_says(step, self._telling))
            found = self._copays[step] = worded
        return found


def _line_of(levels: Levels, telling: Telling) -> AnswerLine:
    """Return the line of the typical run, with the range of its allowed amount."""
    line = levels.typical
    return AnswerLine(
        code=line.code,
        name=_(telling.names.get(line.code, line.code)),
        units=line.units,
        minutes=line.minutes,
        modifiers=tuple(line.modifiers),
        status=line.status,
        status_says=status_says(line.status, telling),
        allowed=line.allowed,
        allowed_range=spread_of(*(level.allowed for level in levels)),
        charge=line.charge,
        patient_owes=line.owes,
        range=spread_of(*(level.owes for level in levels)),
        plan_pays=line.plan_pays,
        provider_absorbs=line.provider_absorbs,
        price=_price(line, telling),
        steps=tuple(step_of(step, telling) for step in line.steps),
    )


def spread_of(*runs: Money) -> Spread:
    """Return the least and the most of the runs; at a visit the low run may owe more, as its deductible lasts longer.

    >>> spread_of(Money(4000), Money(3000), Money(3500))
    Spread(low=Money(3000), high=Money(4000))
    """
    return Spread(min(runs), max(runs))


def step_of(step: Step, telling: Telling) -> AnswerStep:
    """Return one reason with its amount, its sentence and its source."""
    return AnswerStep(
        finding=name_of(step.finding),
        amount=step.owes,
        says=says(step.finding, step.owes, telling),
        numbers=numbers(step.finding),
        citation=citation_of(step.citation),
    )


def citation_of(citation: Citation | None) -> AnswerCitation | None:
    """Return where a rule comes from, None where nobody has to be cited."""
    if citation is None:
        return None
    title, place = citation.source.title, citation.place
    if citation.source.confidence == TOLD:
        title, place = source_told(citation)
    return AnswerCitation(
        title=title,
        url=citation.source.url,
        place=place,
        read_on=citation.source.read_on,
        confidence=citation.source.confidence,
        file=citation.file or None,
        line=citation.line or None,
    )


def _price(line: LineEstimate, telling: Telling) -> AnswerReason:
    return AnswerReason(
        finding=name_of(line.price),
        says=says(line.price, ZERO, telling),
        numbers=numbers(line.price),
        citation=citation_of(line.price_citation),
    )


# ----------------------------------------------------------------------------
# Deductible, maximum and limits after a visit.
# ----------------------------------------------------------------------------

_CENTS = "cents"


def accumulators(balances: tuple[Balance, ...]) -> AnswerAccumulators:
    """Return the balances by name: the sums of the plan beside its limits."""
    sums = {balance.name: _sum(balance) for balance in balances if balance.measure == _CENTS}
    limits = {balance.name: _limit(balance) for balance in balances if balance.measure != _CENTS}
    return AnswerAccumulators(sums.get(DEDUCTIBLE), sums.get(MAXIMUM), limits)


def _sum(balance: Balance) -> AnswerBalance:
    of, left = balance.of, _left(balance)
    return AnswerBalance(Money(balance.used), None if of is None else Money(of), None if left is None else Money(left))


def _limit(balance: Balance) -> AnswerLimit:
    if balance.measure == Measure.DOLLARS:
        amounts = _sum(balance)
        return AnswerLimit(amounts.used, amounts.of, amounts.left, balance.measure)
    # Hours are counted in minutes, so that half an hour is not lost.
    measure = "minutes" if balance.measure == Measure.HOURS else balance.measure
    return AnswerLimit(balance.used, balance.of, _left(balance), measure)


def _left(balance: Balance) -> int | None:
    return None if balance.of is None else max(0, balance.of - balance.used)


# ----------------------------------------------------------------------------
# One sentence for the status of a line.
# ----------------------------------------------------------------------------


def status_says(status: Status, telling: Telling) -> str:
    """Return what a status means to the reader."""
    if telling.is_self_pay and status is Status.PATIENT_BILLED:
        return _("You pay the clinic.") if telling.reader == PATIENT else _("Self-pay.")
    if telling.reader == PATIENT:
        return _for_patient(status)
    return _for_biller(status)


def _for_patient(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return _("Your plan covers this.")
        case Status.BUNDLED:
            return _("Part of another service: no separate payment.")
        case Status.PATIENT_BILLED:
            return _("Not covered: the clinic may bill you.")
        case Status.PROVIDER_ABSORBS:
            return _("Not covered: the clinic may not bill you.")
        case Status.NEEDS_AUTHORIZATION:
            return _("Your plan must approve this first.")
        case Status.UNKNOWN:
            return _("Unclear – call your plan.")
        case _:
            assert_never(status)


def _for_biller(status: Status) -> str:
    match status:
        case Status.PAYABLE:
            return _("Payable.")
        case Status.BUNDLED:
            return _("Bundled, no separate payment (CO-97).")
        case Status.PATIENT_BILLED:
            return _("Not covered, patient may be billed (PR).")
        case Status.PROVIDER_ABSORBS:
            return _("Not covered, provider absorbs (CO).")
        case Status.NEEDS_AUTHORIZATION:
            return _("Payable with authorization (CARC 197 without).")
        case Status.UNKNOWN:
            return _("Unknown: call the payer.")
        case _:
            assert_never(status)


# ----------------------------------------------------------------------------
# The one sentence of an estimate: the number, its range and what it is for.
# ----------------------------------------------------------------------------


def summary_of(estimate: Estimate, telling: Telling) -> str:
    """Return the number, and the range where there is one."""
    low, typical, high = estimate.low.owes, estimate.typical.owes, estimate.high.owes
    visits = counted(len(estimate.typical.visits), "visit")
    if telling.reader != PATIENT:
        words = (
            _("{visits}: patient {typical}, plan {plan}, provider write-off {lost}.")
            if low == high
            else _("{visits}: patient {typical} (range {low} to {high}), plan {plan}, provider write-off {lost}.")
        )
        plan, lost = usd(estimate.typical.plan_pays), usd(estimate.typical.provider_absorbs)
        return words.format(visits=visits, typical=usd(typical), low=usd(low), high=usd(high), plan=plan, lost=lost)
    return together(headline(estimate, telling), *what_follows(estimate, telling))


def what_follows(estimate: Estimate, telling: Telling) -> Iterator[str]:
    """Say what becomes of the plan in its next year: that belongs beside its name."""
    return (assumption_says(each, telling) for each in estimate.assumptions if each.assumes in FOLLOWING)


FOLLOWING = (AssumptionKind.PLAN_BECOMES, AssumptionKind.PLAN_ENDS, AssumptionKind.PLAN_DIVIDES)
