"""The estimate: what is settled, what is open, and what each open point and assumed figure is worth.

decide → price → settle happen in a run; here the runs of one course are compared. Two kinds of not knowing are kept
apart. An assumed figure moves inside the settled amount, from its low to its high. A fork (needling paid or not, a
paper signed or not) is read at its least in the settled amount, and is an open point with what each reading adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from estimator.engine.accumulators import NO_END, deductible_met, limits_used_up
from estimator.engine.answer import (
    UNFAVORABLE,
    Adds,
    Assumption,
    AssumptionKind,
    Choice,
    Condition,
    ConditionKind,
    CrossingKind,
    CrossingPoint,
    Estimate,
    Fork,
    Level,
    Log,
    Need,
    OpenPoint,
    Question,
    QuestionKind,
    Readings,
    Run,
    Status,
    Step,
    VisitEstimate,
    Visits,
    Worth,
)
from estimator.engine.authorization import NEEDED_AND_OBTAINED, NOT_NEEDED
from estimator.engine.coding import NEEDLING_CODES, THERAPISTS, DiagnosisNotValid, check_diagnoses
from estimator.engine.course import Before, after_secondary, ceilings_of, owes_by_copays, run, run_beside
from estimator.engine.findings import CopayCharged, DiagnosisInvalid, PriceCash, PriceRegional, StateNotice
from estimator.engine.plan import A_LINE, Ceiling, Network, Plan
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Request, Service, Used, Visit
from estimator.engine.usual import (
    COINSURANCE,
    COPAY,
    DEDUCTIBLE,
    MAXIMUM,
    NO_RULES,
    AssumedFigure,
    Leaf,
    assumed_figures,
    plan_at,
)
from estimator.engine.values import WHOLE, ZERO, Citation, Money, Unknown
from estimator.engine.visits import (
    LEVELS,
    Given,
    PreparedVisits,
    Supposing,
    Tables,
    benefit_year_of,
    compiled_for,
)
from estimator.errors import TooMuchWork

_LOW, _TYPICAL, _HIGH = range(3)
_NOBODY_OWES = {Status.BUNDLED, Status.PROVIDER_ABSORBS}
_PASSED = {CrossingKind.LIMIT_PASSED, CrossingKind.AUTHORIZATION_ENDS}
CUT_SHORT = frozenset({CrossingKind.DEDUCTIBLE_MET, CrossingKind.LIMIT_PASSED, CrossingKind.LIMIT_REACHED})
MOST_WORK = 25_000
"""The lines of all runs of one course: a year of visits has 20,000 where much is open."""
_ORDER_MATTERS = Money(100)
"""The order of a visit's services is told where it moves the course by so much: less is rounding."""
_FOLDED_BELOW = Money(500)
"""Forks that together add less than this are told as assumptions."""
_ALWAYS_LISTED = {"authorization", "referral", "next-year"}
_SECOND = QuestionKind.SUPPLEMENT
_ON_PAY = ("consent", "liability", "needling-cover", "service-cover")
_NEEDED = {QuestionKind.AUTHORIZATION_NEEDED: "authorization", QuestionKind.REFERRAL_NEEDED: "referral"}
_ASSUMED = {
    COPAY: AssumptionKind.ASSUMED_COPAY,
    COINSURANCE: AssumptionKind.ASSUMED_COINSURANCE,
    DEDUCTIBLE: AssumptionKind.ASSUMED_DEDUCTIBLE,
    MAXIMUM: AssumptionKind.ASSUMED_OUT_OF_POCKET_MAX,
}
_ASKS = {
    COPAY: QuestionKind.COST_SHARE,
    COINSURANCE: QuestionKind.COST_SHARE,
    DEDUCTIBLE: QuestionKind.DEDUCTIBLE,
    MAXIMUM: QuestionKind.OUT_OF_POCKET_MAX,
}


def estimate(
    request: Request,
    plan: Plan,
    sheet: PriceSheet,
    tables: Tables,
    inputs: Mapping[str, object],
    most_work: int | None = None,
) -> Estimate:
    """Return what the patient owes for the course, line by line, and what could change it.

    Pure: the same arguments give the same answer. Raises NoPrice where nothing names a price of a code, and TooMuchWork
    where the course is long and so much of it open that its runs would have more lines than MOST_WORK, or `most_work`.
    """
    course = Course(request, plan, sheet, tables, MOST_WORK if most_work is None else min(most_work, MOST_WORK))
    found = ends_of(course)
    forks, read, runs, ordered = found.forks, found.read, found.settled, found.ordered
    (typical, log), high, middle = found.typical, found.high, found.middle.owes
    points, folded = _open_points(course, forks, read, middle)
    if isinstance(plan.benefit_year, Unknown):
        log.assume(AssumptionKind.BENEFIT_YEAR_CALENDAR)
    conditions, unread = conditions_of(course, read.usual, typical, log)
    at_least = tuple(replace(ran, level=level) for ran, level in zip(runs, LEVELS, strict=True))
    assumed = _assumptions(request, plan, typical, log, course)
    return Estimate(
        at_least[_LOW],
        replace(typical, level=Level.TYPICAL),
        replace(high, level=Level.HIGH),
        settled=(at_least[_LOW], at_least[_TYPICAL], at_least[_HIGH]),
        open_points=points,
        open_total=Adds(Money(typical.owes - middle), Money(found.most.owes - middle)),
        notices=(*_notices(request, tables), *course.notices()),
        conditions=tuple(conditions),
        questions=_questions([*course.logs(), course.asked(), unread]),
        assumptions=(
            *assumed,
            *folded,
            *_figures(course, read.usual, typical),
            *_not_told(course, read.usual, typical),
            *([ordered.assumption] if ordered else []),
        ),
        crossing_points=crossing_points_of(request, log),
        inputs=inputs,
        work=course.work,
    )


class Ends(NamedTuple):
    """The runs that the totals of a course are of: its forks and how they are read, and what each amount comes from.

    `settled` are the runs at low, typical and high with every fork at its least, `middle` the middle one of them before
    other figures and another order are looked at. `most` is the typical course with every fork at its dearest.
    """

    forks: Mapping[Fork, Choice]
    read: _Read
    settled: list[Run]
    middle: Run
    typical: Ran
    most: Run
    high: Run
    ordered: _Ordered | None


def ends_of(course: Course) -> Ends:
    """Find the runs that the totals of a course are of; which runs there are, and what each owes, the course says."""
    forks = course.forks()
    read = _readings(course, forks)
    lowest, cheapest = _together(course, forks, _LOW, read.least, -1)
    settled = sorted((lowest, *(course.run(level, read.least) for level in (_TYPICAL, _HIGH))), key=_owes)
    middle = settled[_TYPICAL][0]
    typical = max(settled[_TYPICAL], course.run(_TYPICAL, read.usual), key=_owes)
    # What a clinic bills beyond an allowed amount is more where that one is low.
    dearest = (course.run(level, read.dearest) for level in (_LOW, _TYPICAL))
    highest, worst = _together(course, forks, _HIGH, read.dearest, 1)
    high = max(settled[_HIGH], typical, *dearest, highest, key=_owes)[0]
    codes = _codes_of(forks, forks)
    most = max(typical, course.run(_TYPICAL, read.dearest, dear=codes), key=_owes)[0]
    runs = [ran for ran, _ in settled]
    if course.crosses:
        runs[_LOW] = min((runs[_LOW], *_crossed(course, _LOW, read.least, cheapest)), key=_of_run)
        runs[_HIGH] = max((runs[_HIGH], *_crossed(course, _HIGH, read.least)), key=_of_run)
        high = max((high, runs[_HIGH], *_crossed(course, _HIGH, read.dearest, worst)), key=_of_run)
    ordered = _in_another_order(course, read)
    if ordered:
        runs[_LOW] = min(runs[_LOW], ordered.low, key=_of_run)
        high = max(high, ordered.high, key=_of_run)
    return Ends(
        forks=forks, read=read, settled=runs, middle=middle, typical=typical, most=most, high=high, ordered=ordered
    )


# ----------------------------------------------------------------------------
# The runs of one course.
# ----------------------------------------------------------------------------

Ran = tuple[Run, Log]


def _owes(ran: Ran) -> Money:
    return ran[0].owes


def _of_run(run: Run) -> Money:
    return run.owes


class Course:
    """All runs of one course: the plan with its assumed figures at each level, and no run made twice."""

    def __init__(
        self, request: Request, plan: Plan, sheet: PriceSheet, tables: Tables, most_work: int = MOST_WORK
    ) -> None:
        self.request, self.sheet, self.tables = request, sheet, tables
        self.year = benefit_year_of(plan)
        self.codes = frozenset(service.code for visit in request.visits for service in visit.services)
        own = frozenset({request.provider.network, *(visit.network for visit in request.visits if visit.network)})
        second = request.secondary
        self.figures = self._assumed(plan, own)
        self.second_figures = self._assumed(second.plan, frozenset({second.network})) if second is not None else ()
        given = self._given(plan_at(plan, self.figures, _TYPICAL), _TYPICAL)
        typical = PreparedVisits(given, compiled_for(given))
        self.desks = [typical, typical, typical]
        if self.figures or self.second_figures:
            for level in (_LOW, _HIGH):
                self.desks[level] = self.desk_of(plan_at(plan, self.figures, level), level)
        plans = 1 if second is None else 2
        self._lines = plans * request.service_count
        self.work, self._most_work = 0, most_work
        self._leads_to: dict[Fork, dict[Fork, str]] = {}
        self._brings: dict[Fork, list[Fork]] = {}
        self._ran: dict[object, Ran] = {}
        self._alike: dict[object, list[Ran]] = {}
        self._whole: dict[tuple[int, int, frozenset[ConditionKind]], list[Before]] = {}
        self._reversed: tuple[Visit, ...] | None = None
        # By the desk that is turned: most courses have one for all levels.
        self._turned: dict[int, PreparedVisits] = {}

    def desk_of(self, plan: Plan, level: int) -> PreparedVisits:
        """Return what makes visits ready under the plan with its figures at other levels, a second one's at this."""
        return self.desks[_TYPICAL].under(self._given(plan, level))

    def _given(self, plan: Plan, level: int) -> Given:
        request = self.request
        if request.secondary is not None:
            second = request.secondary
            own = plan_at(second.plan, self.second_figures, level)
            request = replace(request, secondary=replace(second, plan=own))
        return Given(request, plan, self.sheet, self.tables, self.year)

    def _assumed(self, plan: Plan, networks: frozenset[str]) -> tuple[AssumedFigure, ...]:
        request = self.request
        rules = self.tables.usual.get(plan.market, NO_RULES)
        year = benefit_year_of(plan).first_day(request.visits[0].day).year
        found = {each.says: each for each in assumed_figures(plan, rules, networks, self.codes, year)}
        for place, later in enumerate(plan.later):
            first_day = max(later.in_force.first_day or date.min, request.visits[0].day)
            rules = self.tables.on(first_day).usual.get(later.market, NO_RULES)
            year = benefit_year_of(later).first_day(first_day).year
            figures = assumed_figures(later, rules, networks, self.codes, year)
            for figure in (each.of_later(place) for each in figures):
                known = found.get(figure.says)
                found[figure.says] = figure if known is None else known.together_with(figure)
        return tuple(found.values())

    def run(
        self,
        level: int,
        readings: Readings,
        refused: frozenset[ConditionKind] = frozenset(),
        dear: frozenset[str] = frozenset(),
        figures: int | None = None,
    ) -> Ran:
        """Return the course at a level as these readings have it, the second plan after the first.

        Assumed figures are at the level of the prices, where `figures` names no other.

        Readings that differ only in forks the course doesn't come to, or in naming a first outcome, are one run. So are
        two of which one has dearer charges that no line of the course comes to.
        """
        at = level if figures is None else figures
        key = level, at, frozenset(readings.items()), refused, dear
        if key not in self._ran:
            alike = self._alike.setdefault((level, at, refused, dear), [])
            plain = self._alike.get((level, at, refused, frozenset()), ()) if dear else ()
            uncharged = (each for each in plain if each[1].charged.isdisjoint(dear))
            ran = next((each for each in (*alike, *uncharged) if each[1].reads_alike(readings)), None)
            if ran is None:
                supposing = Supposing(readings, refused, dear)
                ran = self._beside(at, level, supposing)
                if ran is None:
                    ran = self.run_at(self.desks[at], level, supposing)
                    self._whole.setdefault((level, at, refused), []).append(Before(*ran, dear))
                alike.append(ran)
            self._ran[key] = ran
        return self._ran[key]

    def _beside(self, at: int, level: int, supposing: Supposing) -> Ran | None:
        """Return the course as a run made before has it, but for lines that no benefit covers; None without such."""
        if self.request.secondary is not None:
            return None
        for before in self._whole.get((level, at, supposing.refused), ()):
            found = run_beside(before, self.desks[at], level, supposing)
            if found is not None:
                self._spend(len(self.request.visits))
                return found
        return None

    def owes_at(self, figures: int, readings: Readings, beside: Run) -> Money | None:
        """Return what the course owes at the prices of a run, with assumed figures at a level; None where it is to run.

        `beside` has those readings.
        """
        if self.request.secondary is not None:
            return None
        made = self._whole.get((figures, figures, frozenset()), ())
        found = (owes_by_copays(before, beside, self.desks[figures], readings) for before in made)
        return next((each for each in found if each is not None), None)

    @property
    def crosses(self) -> bool:
        """Tell whether a high assumed figure may meet a price that is low, and cost the patient more by it.

        So it is where a second plan pays by the price, or a clinic bills what is above it.
        """
        plan = self.desks[_TYPICAL].given.plan
        own = plan.networks.get(self.request.provider.network)
        is_outside = own is None or not own.contracted
        return self.desks[_LOW] is not self.desks[_TYPICAL] and (self.request.secondary is not None or is_outside)

    def run_at(self, desk: PreparedVisits, level: int, supposing: Supposing) -> Ran:
        """Return a run of the course that is kept nowhere; raise TooMuchWork where there were too many."""
        self._spend(self._lines)
        return whole_run(desk, level, supposing)

    def is_cut_short(self) -> bool:
        """Tell whether a deductible or a limit ended within some run so far."""
        return not CUT_SHORT.isdisjoint(kind for log in self.logs() for kind, _ in log.turns)

    def run_in_reverse(self, level: int, readings: Readings) -> Run:
        """Return the course at a level with the services of each visit taken in reverse, told in their own order."""
        ran = self.reversed_at(level, readings)[0]
        return replace(ran, visits=Visits(visit._replace(lines=visit.lines[::-1]) for visit in ran.visits))

    def reversed_at(self, level: int, readings: Readings) -> Ran:
        """Return that run with the services as they were taken."""
        return self.run_at(self.turned(self.desks[level]), level, Supposing(readings))

    def turned(self, desk: PreparedVisits) -> PreparedVisits:
        """Return what makes the visits ready with their services in reverse."""
        if id(desk) not in self._turned:
            if self._reversed is None:
                known: dict[int, tuple[Service, ...]] = {}
                self._reversed = tuple(
                    replace(visit, services=known.setdefault(id(visit.services), visit.services[::-1]))
                    for visit in self.request.visits
                )
            request = replace(desk.given.request, visits=self._reversed)
            self._turned[id(desk)] = PreparedVisits(replace(desk.given, request=request), desk.compiled)
        return self._turned[id(desk)]

    def _spend(self, lines: int) -> None:
        self.work += lines
        if self.work > self._most_work:
            raise TooMuchWork(self.request.service_count)

    def forks(self) -> dict[Fork, Choice]:
        """Return every fork that some reading of the course comes to, in the order in which they show."""
        met = dict(self.run(_TYPICAL, {})[1].met)
        self._leads_to = {fork: {} for fork in met}
        waiting = list(met)
        while waiting:
            fork = waiting.pop(0)
            for outcome in met[fork].outcomes[1:]:
                way = {**self._leads_to[fork], fork: outcome}
                for further, choice in self.run(_TYPICAL, way)[1].met.items():
                    if further not in met:
                        met[further], self._leads_to[further] = choice, way
                        waiting.append(further)
                    if self._leads_to[further] and further not in way and further not in self._brings.get(fork, ()):
                        self._brings.setdefault(fork, []).append(further)
        return met

    def leads_to(self, fork: Fork) -> Readings:
        """Return the readings of other forks that bring the course to this one; none where any course comes to it."""
        return self._leads_to[fork]

    def brought_by(self, fork: Fork) -> list[Fork]:
        """Return the forks that only some outcome of this one brings up: they belong to its open point."""
        return self._brings.get(fork, [])

    def logs(self) -> list[Log]:
        """Return the logs of all runs so far, the one of the first reading first."""
        return [log for _, log in self._ran.values()]

    def asked(self) -> Log:
        """Return the questions that would replace the assumed figures."""
        log = Log()
        for figure in self.figures:
            log.ask(_ASKS[figure.what], figure.asks_about, figure.citation)
        for figure in self.second_figures:
            log.of_second.setdefault((_ASKS[figure.what], figure.asks_about), figure.citation)
        return log

    def notices(self) -> list[Step]:
        """Return what a reader is told of the coding."""
        return list({key: step for desk in self.desks for key, step in desk.notices.items()}.values())

    def priced_beyond(self) -> dict[tuple[AssumptionKind, date], Citation]:
        """Return the ends of price books that priced visits beyond them."""
        return {key: cited for desk in self.desks for key, cited in desk.priced_beyond.items()}


def whole_run(prepared: PreparedVisits, level: int, supposing: Supposing) -> Ran:
    """Run the course at a level, and the second plan after it."""
    primary, log = run(prepared, level, supposing)
    second = prepared.given.request.secondary
    if second is None:
        return primary, log
    return after_secondary(primary, prepared, second, log), log


# ----------------------------------------------------------------------------
# What is open, and what each answer costs.
# ----------------------------------------------------------------------------


class _Read(NamedTuple):
    """Each fork at its least, its usual and its dearest outcome."""

    least: dict[Fork, str]
    usual: dict[Fork, str]
    dearest: dict[Fork, str]


def _readings(course: Course, forks: Mapping[Fork, Choice]) -> _Read:
    """Find the outcome of each fork that costs the patient least and most, the other forks at their first outcome.

    A fork that only some outcome of another brings up is tried under that outcome, and before it: the outer one's
    outcomes are compared with what they bring up at its least, its usual and its dearest.
    """
    read = _Read({}, {}, {})
    for fork in reversed(list(forks)):
        choice = forks[fork]
        codes = _codes_of(forks, (fork, *course.brought_by(fork)))
        at_least, at_usual = (_owed(course, fork, choice, ends) for ends in (read.least, read.usual))
        at_most = _owed(course, fork, choice, read.dearest, codes)
        read.least[fork] = min(choice.outcomes, key=at_least.__getitem__)
        read.dearest[fork] = max(choice.outcomes, key=at_most.__getitem__)
        is_evident = choice.usual in choice.outcomes
        read.usual[fork] = str(choice.usual) if is_evident else min(choice.outcomes, key=at_usual.__getitem__)
    return read._replace(least=_together(course, forks, _TYPICAL, read.least, -1)[1])


def _codes_of(forks: Mapping[Fork, Choice], some: Iterable[Fork]) -> frozenset[str]:
    """Return the services that some forks are about."""
    return frozenset[str]().union(*(forks[fork].codes for fork in some))


def _owed(
    course: Course, fork: Fork, choice: Choice, ends: Readings, dear: frozenset[str] = frozenset()
) -> dict[str, Money]:
    """Return what each outcome of a fork costs where the course comes to it, with what it brings up read so."""
    known = {**course.leads_to(fork), **{each: ends[each] for each in course.brought_by(fork) if each in ends}}
    return {each: course.run(_TYPICAL, {**known, fork: each}, dear=dear)[0].owes for each in choice.outcomes}


def _together(
    course: Course, forks: Mapping[Fork, Choice], level: int, found: Readings, sign: int
) -> tuple[Ran, dict[Fork, str]]:
    """Return the run that costs least (`sign` -1) or most (1) once the forks are read together, and how it reads them.

    What each costs alone may not be what it costs beside the others: they share a deductible, a limit or a maximum.
    """
    best, readings = course.run(level, found), dict(found)
    changed = bool(forks)
    while changed:
        changed = False
        for fork, choice in forks.items():
            for outcome in choice.outcomes:
                ran = course.run(level, {**readings, fork: outcome})
                if sign * (ran[0].owes - best[0].owes) > 0:
                    best, readings, changed = ran, {**readings, fork: outcome}, True
    return best, readings


def _open_points(
    course: Course, forks: Mapping[Fork, Choice], read: _Read, settled: Money
) -> tuple[tuple[OpenPoint, ...], list[Assumption]]:
    """Return the forks that matter with what each adds to the settled course; small ones become assumptions.

    What only another fork brings up belongs to that one's point, and has its own once the other is answered.
    """
    outer = (fork for fork in forks if not course.leads_to(fork))
    points = {fork: _open_point(course, fork, forks, read, settled) for fork in outer}
    small = [each for each in points if points[each].adds.most < _FOLDED_BELOW and each.about not in _ALWAYS_LISTED]
    dear = {each: read.dearest[each] for fork in small for each in (fork, *course.brought_by(fork))}
    codes = _codes_of(forks, dear)
    together = course.run(_TYPICAL, {**read.least, **dear}, dear=codes)[0].owes - settled if small else 0
    folded = [] if together >= _FOLDED_BELOW else small
    listed = [point for fork, point in points.items() if fork not in folded]
    listed += _unread_permissions(course, listed)
    listed.sort(key=lambda point: -point.adds.most)
    return tuple(listed), [
        Assumption(AssumptionKind.SMALL_UNCERTAINTY, _SECOND if fork.of_second else fork.about, points[fork].citation)
        for fork in folded
    ]


def _open_point(course: Course, fork: Fork, forks: Mapping[Fork, Choice], read: _Read, settled: Money) -> OpenPoint:
    choice, inner = forks[fork], course.brought_by(fork)
    codes = _codes_of(forks, (fork, *inner))
    usual, dearest = ({each: ends[each] for each in (fork, *inner)} for ends in (read.usual, read.dearest))
    at_usual = course.run(_TYPICAL, {**read.least, **usual})[0].owes - settled
    at_most = course.run(_TYPICAL, {**read.least, **dearest}, dear=codes)[0].owes - settled
    asked = Question(choice.asks, choice.asks_about, choice.citation, fork.of_second) if choice.asks else None
    covers = Leaf.COVERED in choice.outcomes
    return OpenPoint(
        about=fork.about,
        subject=fork.subject,
        adds=Adds(Money(max(0, at_usual)), Money(max(0, at_usual, at_most))),
        usual=read.usual[fork],
        dearest=read.dearest[fork],
        outcomes=choice.outcomes,
        question=asked,
        citation=choice.citation,
        if_covered=course.run(_TYPICAL, {**read.least, fork: Leaf.COVERED})[0].owes if covers else None,
        has_evidence=choice.usual in choice.outcomes,
        decides=next((each.subject for each in inner if each.about in _ON_PAY), ""),
        of_second=fork.of_second,
        holds=(*inner, *choice.holds),
    )


def _unread_permissions(course: Course, listed: list[OpenPoint]) -> list[OpenPoint]:
    """Return a point for each authorization or referral of which nobody has read whether it is needed at all."""
    asked = {key: cited for log in course.logs() for key, cited in log.questions.items() if key[0] in _NEEDED}
    known = {(point.about, point.subject) for point in listed if not point.of_second}
    outcomes, nothing = (NOT_NEEDED, NEEDED_AND_OBTAINED), Adds(ZERO, ZERO)
    return [
        OpenPoint(
            about=_NEEDED[asks],
            subject=subject,
            adds=nothing,
            usual=NEEDED_AND_OBTAINED,
            dearest=NEEDED_AND_OBTAINED,
            outcomes=outcomes,
            question=Question(asks, subject, cited),
            citation=cited,
        )
        for (asks, subject), cited in asked.items()
        if (_NEEDED[asks], subject) not in known
    ]


def _figures(course: Course, usual: Readings, typical: Run) -> list[Assumption]:
    """Return the assumed figures, each with what the typical total would be less or more at its ends."""
    found = []
    plan = course.desks[_TYPICAL].given.plan
    as_usual, log = course.run(_TYPICAL, usual)
    idle = [figure for figure in course.figures if _hangs_on_nothing(figure, plan, log)]
    is_only = len(course.figures) - len(idle) == 1 and not course.second_figures

    def at_end(figure: AssumedFigure, level: int) -> Money:
        if figure in idle or figure.figures[level] == figure.figures[_TYPICAL]:
            return as_usual.owes
        if is_only:
            known = course.owes_at(level, usual, as_usual)
            return course.run(_TYPICAL, usual, figures=level)[0].owes if known is None else known
        return course.run_at(course.desk_of(figure.at(plan, level), _TYPICAL), _TYPICAL, Supposing(usual))[0].owes

    for figure in course.figures:
        low, high = at_end(figure, _LOW), at_end(figure, _HIGH)
        worth = Worth(Money(max(0, typical.owes - low)), Money(max(0, high - typical.owes)))
        if worth.less or worth.more:
            found.append(Assumption(_ASSUMED[figure.what], figure.subject, figure.citation, figure.figures, worth))
    return found


def _hangs_on_nothing(figure: AssumedFigure, plan: Plan, log: Log) -> bool:
    """Tell whether this is a deductible whose rest no share of a run hung on."""
    return figure.what == DEDUCTIBLE and not _weighs_deductible(plan, figure.subject, log)


def _weighs_deductible(plan: Plan, network: str, log: Log) -> bool:
    """Tell whether a share of a run hung on the rest of a network's deductible, of the plan or of what follows it."""
    networks = (each.networks[network] for each in (plan, *plan.later) if network in each.networks)
    names = {each.deductible.name for each in networks if isinstance(each.deductible, Ceiling)}
    return not log.deductibles.isdisjoint(names)


def _not_told(course: Course, usual: Readings, typical: Run) -> list[Assumption]:
    """Return what is counted as nothing because nobody told: paid toward the deductible, and used of limits.

    Each has its worth. A deductible that is met makes the course cost less, a limit that is used up makes it cost more.
    """

    def changed(used: Used) -> int:
        return course.run_at(course.desks[_TYPICAL], _TYPICAL, Supposing(usual, used=used))[0].owes - typical.owes

    given = course.desks[_TYPICAL].given
    request, found = given.request, list[Assumption]()
    own = given.plan.networks.get(request.provider.network)
    met = deductible_met(request.used, own, request.is_family) if own is not None else None
    if not request.used.is_deductible_told and own is not None and met is not None:
        cited = own.deductible.citation if isinstance(own.deductible, Ceiling) else None
        less = ZERO if _is_idle(course, own, met, usual) else Money(max(0, -changed(met)))
        found.append(Assumption(AssumptionKind.DEDUCTIBLE_NOT_STARTED, own.name, cited, worth=Worth(less, ZERO)))
    limits, spent = limits_used_up(request.used, given.plan, course.codes)
    felt = course.desks[_TYPICAL].limits_felt(usual)
    limits = [each for each in limits if each.name in felt]
    if limits:
        more, first = Money(max(0, changed(spent))), limits[0]
        found.append(Assumption(AssumptionKind.LIMIT_NOT_STARTED, first.name, first.citation, worth=Worth(ZERO, more)))
    return [each for each in found if each.worth is not None and any(each.worth)]


def _is_idle(course: Course, network: Network, met: Used, usual: Readings) -> bool:
    """Tell whether a met deductible can change nothing: no share hangs on it, and the maximum stays out of reach."""
    ran, log = course.run(_TYPICAL, usual)
    if course.request.is_family or _weighs_deductible(course.desks[_TYPICAL].given.plan, network.name, log):
        return False
    balances = (each for visit in ran.visits for each in visit.balances if each.name == MAXIMUM)
    room = min((each.of - each.used for each in balances if each.of is not None), default=NO_END)
    return room >= met.out_of_pocket_paid - course.request.used.out_of_pocket_paid


def _crossed(course: Course, figures: int, *readings: Readings) -> list[Run]:
    """Return the course with its assumed figures at one level and prices at the others, as each of these reads it."""
    prices = (level for level in range(len(LEVELS)) if level != figures)
    return [course.run(level, each, figures=figures)[0] for level in prices for each in readings]


class _Ordered(NamedTuple):
    """The least and the most of a course whose services a plan takes in another order, and what that is worth."""

    low: Run
    high: Run
    more: int

    @property
    def assumption(self) -> Assumption:
        """Return that the order was assumed, with what another one costs less or more."""
        worth = Worth(Money(max(0, -self.more)), Money(max(0, self.more)))
        return Assumption(AssumptionKind.LINE_ORDER, worth=worth)


def _in_another_order(course: Course, read: _Read) -> _Ordered | None:
    """Return the course with the services of each visit in reverse; None where that changes nothing.

    Payers take the lines of a visit in an order of their own. Where a deductible or a limit ends within a visit, what
    the patient owes hangs on it.
    """
    if all(len(visit.services) == 1 for visit in course.request.visits) or not course.is_cut_short():
        return None
    more = course.run_in_reverse(_TYPICAL, read.usual).owes - course.run(_TYPICAL, read.usual)[0].owes
    if abs(more) < _ORDER_MATTERS:
        return None
    return _Ordered(course.run_in_reverse(_LOW, read.least), course.run_in_reverse(_HIGH, read.dearest), more)


def conditions_of(course: Course, usual: Readings, typical: Run, log: Log) -> tuple[list[Condition], Log]:
    """Return what the typical course rests on, each priced by a run of the course without it.

    Where nobody has read what its lack brings, that is a question too: it comes in a log of its own.
    """
    conditions, unread = [], Log()
    for kind, need in log.needs.items():
        refused = frozenset({kind})
        without = course.run(_TYPICAL, usual, refused)
        fork = Fork("authorization", kind)
        is_unread = fork in without[1].met
        if is_unread:
            unread.ask(QuestionKind.AUTHORIZATION_CONSEQUENCE, kind, without[1].met[fork].citation)
            without = max(without, course.run(_TYPICAL, {**usual, fork: UNFAVORABLE}, refused), key=_owes)
        conditions.append(_condition(kind, need, typical, without[0], not is_unread))
    return conditions, unread


def _condition(kind: ConditionKind, need: Need, typical: Run, without: Run, is_known: bool) -> Condition:
    return Condition(
        needs=kind,
        from_visit=min(need.visits),
        visits=len(need.visits),
        difference=Money(without.owes - typical.owes),
        clinic_difference=Money(without.provider_absorbs - typical.provider_absorbs),
        administrator=need.administrator,
        citation=need.citation,
        is_known=is_known,
    )


def _notices(request: Request, tables: Tables) -> list[Step]:
    """Return what a reader is told before any price: state law, and diagnoses that claims no longer take."""
    notices = []
    state = tables.state
    needles = any(service.code in NEEDLING_CODES for visit in request.visits for service in visit.services)
    provider = request.provider.type
    if state is not None and needles and (provider in THERAPISTS or state.forbids(provider)):
        finding = StateNotice(state.abbreviation, state.name, state.scope_for(provider), provider)
        notices.append(Step(finding, ZERO, state.citation))
    first_day = request.visits[0].day
    for found in check_diagnoses(request.diagnoses or (), first_day, tables.diagnoses):
        if isinstance(found, DiagnosisNotValid):
            notices.append(Step(DiagnosisInvalid(found.code, found.replacements), ZERO, found.citation))
    return notices


def _questions(logs: list[Log]) -> tuple[Question, ...]:
    asked = {key: citation for each in reversed(logs) for key, citation in each.questions.items()}
    of_second = {key: citation for each in reversed(logs) for key, citation in each.of_second.items()}
    own = (Question(asks, subject, citation) for (asks, subject), citation in asked.items())
    return (*own, *(Question(asks, subject, cited, True) for (asks, subject), cited in of_second.items()))


def _assumptions(request: Request, plan: Plan, typical: Run, log: Log, course: Course) -> tuple[Assumption, ...]:
    if request.person.family is None and any(ceiling.family is not None for ceiling in ceilings_of(plan)):
        log.assume(AssumptionKind.SELF_ONLY_COVER)
    for name in _price_assumptions(request, typical):
        log.assume(name)
    if any(map(_has_cut_copay, typical.visits)):
        log.assume(AssumptionKind.NEVER_ABOVE_ALLOWED)
    for (beyond, day), cited in course.priced_beyond().items():
        log.assume(beyond, day.isoformat(), cited)
    return tuple(Assumption(assumes, subject, citation) for (assumes, subject), citation in log.assumptions.items())


def _price_assumptions(request: Request, typical: Run) -> list[AssumptionKind]:
    """Return what the prices rest on: a cash price only where somebody owes it, a factor only where it is ours."""
    names: dict[AssumptionKind, None] = {}
    is_ours = request.provider.experience_factor is None
    for line in (line for visit in typical.visits for line in visit.lines):
        price = line.price
        if isinstance(price, PriceRegional):
            names[AssumptionKind.REGIONAL_PRICE] = None
        elif isinstance(price, PriceCash) and line.status not in _NOBODY_OWES:
            names[AssumptionKind.CASH_PRICE] = None
        else:
            continue
        if is_ours and price.set_on is None and price.factor != WHOLE:
            names[AssumptionKind.EXPERIENCE_FACTOR] = None
    return list(names)


def _has_cut_copay(visit: VisitEstimate) -> bool:
    """Tell whether a copay of the visit was more than all that there was to take it of."""
    charged: dict[tuple[CopayCharged, int], int] = {}
    for place, line in enumerate(visit.lines):
        for step in line.steps:
            if isinstance(step.finding, CopayCharged):
                if line.plan_pays or line.owes != step.owes:
                    return False
                key = step.finding, place if step.finding.per in A_LINE else 0
                charged[key] = charged.get(key, 0) + step.owes
    return any(owes < finding.copay for (finding, _), owes in charged.items())


def crossing_points_of(request: Request, log: Log) -> tuple[CrossingPoint, ...]:
    """Return the visits on which something turned in a run: a ceiling or a limit reached, a year begun."""
    days = {number: visit.day for number, visit in enumerate(request.visits, 1)}
    points = [CrossingPoint(kind, visit, days[visit], subject) for (kind, subject), visit in log.turns.items()]
    return tuple(sorted(points, key=lambda point: (point.visit, point.kind in _PASSED)))
