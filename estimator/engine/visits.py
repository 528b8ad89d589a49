"""What a run is given and carries along, and getting a visit ready before any money moves.

Units, coding edits, coverage and prices make a visit ready. Coding and the therapy reduction are rules of a day, so all
visits of one day in one network are prepared together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count, groupby
from threading import Lock
from typing import NamedTuple

from estimator.engine.accumulators import Ledger, Tally
from estimator.engine.answer import (
    AssumptionKind,
    ConditionKind,
    Fork,
    Level,
    LineEstimate,
    Log,
    QuestionKind,
    Readings,
    Step,
)
from estimator.engine.authorization import Episode, Requirement, Spent, discipline_of, limits_over, requirements_over
from estimator.engine.coding import (
    ASSISTANT,
    ASSISTANTS_CITED,
    ASSISTANTS_MODIFIER,
    NEEDLING_CODES,
    BundledLine,
    Diagnoses,
    PairEdits,
    SecondNeedlingLine,
    ServiceCode,
    UnitsCut,
    check_lines,
    counts_otherwise,
    units_of,
    who_gives,
)
from estimator.engine.coverage import Deciding, Decision, Kind, StateRule, case_of, decide, network_of
from estimator.engine.findings import (
    Bundled,
    Finding,
    PriceContractedPercent,
    PriceMarket,
    PriceMedicare,
    PriceRegional,
    TherapistEvaluates,
    UnitsCorrected,
)
from estimator.engine.plan import Basis, Circumstances, CostShare, Liable, Limit, Network, Plan
from estimator.engine.prices import PriceSheet, own_factor
from estimator.engine.pricing import (
    Price,
    Pricing,
    allowed_amounts,
    charge,
    contract_amounts,
    lay_rate,
    visit_rate,
    why_unpriced,
)
from estimator.engine.request import Grant, Person, Provider, Request, Service, Used, Visit
from estimator.engine.usual import NO_RULES, UsualRules
from estimator.engine.values import WHOLE, ZERO, BenefitYear, Citation, Money, Unknown, days_of_change
from estimator.errors import NoPrice


@dataclass(frozen=True, slots=True)
class Tables:
    """What the engine knows beside plan and prices: codes, edits, diagnoses, state law and usual rules by market.

    `later` are the same from each day within the course on which state law or usual rules change.
    """

    codes: Mapping[str, ServiceCode]
    edits: PairEdits
    diagnoses: Diagnoses
    state: StateRule | None = None
    usual: Mapping[str, UsualRules] = field(default_factory=dict)
    later: tuple[tuple[date, Tables], ...] = ()

    def on(self, day: date) -> Tables:
        """Return what holds on a day."""
        begun = [tables for first_day, tables in self.later if first_day <= day]
        return begun[-1] if begun else replace(self, later=()) if self.later else self


@dataclass(frozen=True, slots=True)
class Given:
    """The fixed inputs of every run: the plan with the revisions that follow it, and its benefit year."""

    request: Request
    plan: Plan
    sheet: PriceSheet
    tables: Tables
    year: BenefitYear
    _later: tuple[tuple[date, Given], ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        """Make what is given from each day on which another revision, law or usual rule begins to hold, once."""
        if self.plan.later or self.tables.later:
            days = {each.in_force.first_day or date.min for each in self.plan.later}
            days |= {first_day for first_day, _ in self.tables.later}
            object.__setattr__(self, "_later", tuple((day, self._from(day)) for day in sorted(days)))

    def _from(self, day: date) -> Given:
        request, plan = self.request, replace(self.plan.on(day), later=())
        if plan.is_other_insurer:
            request = replace(request, authorization=Grant(), referral=Grant())
        return replace(self, request=request, plan=plan, tables=self.tables.on(day), year=benefit_year_of(plan))

    def on(self, day: date) -> Given:
        """Return what is given on a day: the same, under the revision whose rules hold then."""
        if not self._later:
            return self
        begun = [given for first_day, given in self._later if first_day <= day]
        return begun[-1] if begun else self

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
    patient counts at its high price, whatever the level of the run. `used`, where given, is what the person has used
    in place of what the request says.
    """

    readings: Readings = field(default_factory=dict)
    refused: frozenset[ConditionKind] = frozenset()
    dear: frozenset[str] = frozenset()
    used: Used | None = None


class ReadyLine(NamedTuple):
    """A line with everything that does not depend on earlier visits; `place` counts from 0.

    `limits` and `requirements` are those that apply to a covered line. `by_assistant`: an assistant gives it.
    `is_counted`: a benefit covers it in this run; no other line moves a limit, a ceiling or a grant.
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
    by_assistant: bool = False
    is_counted: bool = False

    @property
    def limits_felt(self) -> set[str]:
        """Return the limits by which it may come out otherwise: its benefit's, and those that its rules count by."""
        benefit = self.decision.benefit
        if benefit is None:
            return set()
        shares = (self.decision.share, benefit.without_authorization)
        counters = (each.rule.counter for each in self.requirements)
        return {*benefit.limits, *counters}.union(*(share.counters for share in shares if share is not None))


class ReadyVisit(NamedTuple):
    """A visit so prepared; `carries_rate` tells that a case rate lies on one of its lines."""

    network: Network
    lines: tuple[ReadyLine, ...]
    carries_rate: bool


@dataclass(slots=True)
class Running:
    """What a run knows at a visit. `level` indexes prices: 0 low, 1 typical, 2 high.

    `ending` are the tallies of limits whose end is a turning point, `set_aside` those of an earlier revision. `apart`
    are the lines that no benefit covers, as they came out, by the id of the line made ready. `lefts` is what the visit
    before left of ceilings and `ending`; None where that must be reckoned anew, as always where a limit `moves` from
    day to day. `shown` are the ceilings whose balances a visit shows, by the id of the network.
    """

    given: Given
    supposing: Supposing
    level: int
    log: Log
    ledger: Ledger
    tallies: dict[str, Tally]
    ending: tuple[Tally, ...] = ()
    moves: bool = False
    lefts: list[int] | None = None
    shown: dict[int, tuple[tuple[str, QuestionKind, bool, int | None], ...]] = field(default_factory=dict)
    set_aside: dict[str, Tally] = field(default_factory=dict)
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
    apart: dict[int, LineEstimate] = field(default_factory=dict)

    def start(self, number: int, day: date, network: Network) -> None:
        """Begin a visit: sums that belong to one visit start at zero."""
        if network is not self.network:
            self.lefts = None
        self.number, self.day, self.network = number, day, network
        self.shares.clear()
        self.plan_paid.clear()

    def forget(self) -> None:
        """Begin anew with another insurer: nothing was paid, approved or counted there."""
        self.ledger.forget()
        self.day = date.min
        self.spent, self.episodes, self.counts, self.copays, self.penalty_taken = {}, {}, {}, {}, 0

    def price(self, price: Price | None) -> Money:
        """Return a price at this run's level, zero where there is none."""
        return ZERO if price is None else price.amount[self.level]

    def charge(self, line: ReadyLine) -> Money:
        """Return what a patient is asked for a line that no plan pays."""
        if line.charge is None:
            return ZERO
        self.log.charged.add(line.service.code)
        return line.charge.amount[HIGH if line.service.code in self.supposing.dear else self.level]


HIGH = 2
LEVELS = (Level.LOW, Level.TYPICAL, Level.HIGH)


_THERAPY = {"therapy", "evaluation"}
STANDS_FOR_THERAPY = ("97110", "97140")
_A_UNIT = 15


class Made(NamedTuple):
    """A visit made ready, with what came up on the way and how each fork that it came to was read.

    `notices` are corrections of its coding, `priced_beyond` the ends of price books that priced it beyond them.
    """

    visit: ReadyVisit
    log: Log
    read: tuple[tuple[Fork, str], ...]
    notices: Mapping[tuple[str, Finding], Step]
    priced_beyond: Mapping[tuple[AssumptionKind, date], Citation]

    def holds(self, readings: Readings) -> bool:
        """Tell whether these readings would make the same visit."""
        return all(self._as_read(fork, readings) == outcome for fork, outcome in self.read)

    def differs_uncounted(self, other: Made) -> bool:
        """Tell whether another differs only in lines that no benefit covers, and the same came up with it."""
        mine, theirs = self.log, other.log
        return (
            self.visit.carries_rate == other.visit.carries_rate
            and (mine.met, mine.varied) == (theirs.met, theirs.varied)
            and (mine.questions, mine.assumptions) == (theirs.questions, theirs.assumptions)
            and all(
                line == its_own or not (line.is_counted or its_own.is_counted)
                for line, its_own in zip(self.visit.lines, other.visit.lines, strict=True)
            )
        )

    def _as_read(self, fork: Fork, readings: Readings) -> str:
        outcomes = self.log.met[fork].outcomes
        read = readings.get(fork)
        return read if read in outcomes else outcomes[0]


class Asked(NamedTuple):
    """What visits are made ready by, beside plan, prices and tables, where nothing was told of the person."""

    plan: str
    provider: Provider
    signed_consent: bool | None
    state: str | None


@dataclass(slots=True)
class Compiled:
    """Visits made ready under a plan, prices and tables: whatever is decided before any money moves.

    Equal visits on equal days have one number, those whose services are equal another; `numbers` are for those to come.
    `changes` are the days from which rules or prices differ. Nothing here depends on what was paid, used or approved,
    so that other courses may have it, several at once.
    """

    plan: Plan
    sheet: PriceSheet
    tables: Tables
    changes: list[int]
    numbers: Iterator[int] = field(default_factory=count)
    services: dict[tuple[Service, ...], int] = field(default_factory=dict)
    alike: dict[object, int] = field(default_factory=dict)
    made: dict[tuple[int, bool], list[Made]] = field(default_factory=dict)
    coded: dict[int, CodedDay] = field(default_factory=dict)

    @classmethod
    def anew(cls, given: Given) -> Compiled:
        """Return what nothing was made ready under yet."""
        of_tables = {first_day.toordinal() for first_day, _ in given.tables.later}
        changes = sorted({*days_of_change(given.plan), *days_of_change(given.sheet), *of_tables})
        return cls(given.plan, given.sheet, given.tables, changes)

    def is_under(self, given: Given) -> bool:
        """Tell whether it was made under the same plan, prices and tables."""
        return (self.plan, self.sheet, self.tables) == (given.plan, given.sheet, given.tables)


_MOST_KEPT = 64
"""How many plans and places keep the visits made ready for them: the last ones that were asked for."""
_MOST_ALIKE = 64
"""How many kinds of visits are kept of each."""
_NOBODY = Person()
_kept: OrderedDict[Asked, Compiled] = OrderedDict()
_keeping = Lock()


def compiled_for(given: Given) -> Compiled:
    """Return what was made ready for earlier courses under the same plan, prices and tables, as asked.

    Where a person told an age, a complaint or a diagnosis, nothing is kept that could outlast the answer.
    """
    request = given.request
    if request.diagnoses is not None or replace(request.person, family=None) != _NOBODY:
        return Compiled.anew(given)
    key = Asked(given.plan.id, request.provider, request.signed_consent, request.state)
    with _keeping:
        known = _kept.get(key)
        if known is None or len(known.alike) > _MOST_ALIKE or not known.is_under(given):
            known = _kept[key] = Compiled.anew(given)
        _kept.move_to_end(key)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return known


@dataclass(slots=True)
class PreparedVisits:
    """Prepares visits and keeps them: equal visits on equal days under equal rules are prepared once.

    A visit is made ready once for each reading of the forks that it comes to, and no others. `notices` gather coding
    corrections, `priced_beyond` the ends of price books that priced visits beyond them. `beside` are a second plan's,
    by the visits with what the first one allowed; `own_prices` what that plan itself allows, by number and units.
    """

    given: Given
    compiled: Compiled | None = None
    notices: dict[tuple[str, Finding], Step] = field(default_factory=dict)
    priced_beyond: dict[tuple[AssumptionKind, date], Citation] = field(default_factory=dict)
    beside: dict[tuple[Visit, ...], PreparedVisits] = field(default_factory=dict)
    own_prices: dict[tuple[int, tuple[int, ...]], OwnPrices] = field(default_factory=dict)
    # By the number of a visit: what it has in common with equal ones, the visits of its day, its place among them.
    _days: list[tuple[int, list[Visit], int]] = field(default_factory=list)
    _alike_until: list[int] = field(default_factory=list)
    _made: dict[tuple[int, bool], list[Made]] = field(default_factory=dict)
    _uncounted: dict[tuple[int, int], bool] = field(default_factory=dict)
    _like: PreparedVisits | None = None

    def __post_init__(self) -> None:
        """Put the visits of a day in one network together, and find out which days are equal."""
        if self._days:
            return
        compiled = self.compiled = self.compiled or Compiled.anew(self.given)
        self._made = compiled.made
        visits, own = self.given.request.visits, self.given.request.provider.network
        together: dict[tuple[date, str], list[Visit]] = {}
        by_id: dict[int, int] = {}
        for visit in visits:
            together.setdefault((visit.day, visit.network or own), []).append(visit)
            if id(visit.services) not in by_id:
                by_id[id(visit.services)] = compiled.services.setdefault(visit.services, next(compiled.numbers))
        seen: dict[tuple[date, str], int] = {}
        for visit in visits:
            key = visit.day, visit.network or own
            day, place = together[key], seen.get(key, 0)
            seen[key] = place + 1
            shape = tuple([(by_id[id(each.services)], each.rate) for each in day])
            same = shape, place, key[1], bisect_right(compiled.changes, visit.day.toordinal())
            self._days.append((compiled.alike.setdefault(same, next(compiled.numbers)), day, place))

    def ready(self, number: int, log: Log, rate_carried: bool, in_run: dict[object, Made]) -> ReadyVisit:
        """Return a visit made ready as the log's run reads its forks; the log takes over what came up.

        `rate_carried`: an earlier visit bears the case rate. `in_run` are those that the run had before: an equal one
        reads the same forks in the same way, and brings nothing new.
        """
        key = self._days[number - 1][0], rate_carried
        known = in_run.get(key)
        if known is None:
            known = in_run[key] = self.made(number, log.readings, rate_carried)
            log.adopt(known.log)
        return known.visit

    def alike_after(self, number: int) -> Sequence[date]:
        """Return the days of the visits that follow a visit and are made ready as it is, all alone on their days."""
        visits = self.given.request.visits
        if not self._alike_until:
            on = Counter([visit.day for visit in visits])
            pairs = enumerate(zip(visits, self._days, strict=True), 1)
            keys = ((alike if on[visit.day] == 1 else -place) for place, (visit, (alike, _, _)) in pairs)
            for many in [len(list(each)) for _, each in groupby(keys)]:
                self._alike_until += [len(self._alike_until) + many] * many
        return [visit.day for visit in visits[number : self._alike_until[number - 1]]]

    def made(self, number: int, readings: Readings, rate_carried: bool) -> Made:
        """Return a visit made ready as these readings have it, once for all that read its forks alike."""
        alike, _, _ = self._days[number - 1]
        kept = self._made.setdefault((alike, rate_carried), [])
        made = next((each for each in kept if each.holds(readings)), None)
        if made is None:
            made = self._made_anew(number, readings, rate_carried)
            kept.append(made)
        self.notices.update(made.notices)
        self.priced_beyond.update(made.priced_beyond)
        return made

    def _made_anew(self, number: int, readings: Readings, rate_carried: bool) -> Made:
        if self._like is not None:
            made = self._like.made(number, readings, rate_carried)
            return made._replace(
                visit=_at_figures_of(self.given.on(self.given.request.visits[number - 1].day), made.visit)
            )
        log, beyond = Log(readings), dict[tuple[AssumptionKind, date], Citation]()
        coded = self._coded(number)
        visit = self._make(number, rate_carried, coded, log, beyond)
        read = tuple((fork, log.choose(fork, choice)) for fork, choice in log.met.items())
        return Made(visit, log, read, coded.notices, beyond)

    def both(self, readings: Readings, others: Readings) -> list[Made] | None:
        """Return the visits made ready as the second readings have them; None where more differs from the first ones.

        The two may differ in lines that no benefit covers, and in nothing else.
        """
        ready: list[Made] = []
        found: dict[tuple[int, bool], Made] = {}
        rate_carried = False
        for number, (alike, _, _) in enumerate(self._days, 1):
            now = found.get((alike, rate_carried))
            if now is None:
                was = self.made(number, readings, rate_carried)
                now = found[alike, rate_carried] = self.made(number, others, rate_carried)
                if was is not now and not self._differ_uncounted(was, now):
                    return None
            ready.append(now)
            rate_carried = rate_carried or now.visit.carries_rate
        return ready

    def limits_felt(self, readings: Readings) -> frozenset[str]:
        """Return the limits that some line of the course, as these readings have it, may come out otherwise by."""
        made = {id(each): each for each in self.both(readings, readings) or ()}
        lines = [line for each in made.values() for line in each.visit.lines if line.is_counted]
        return frozenset[str]().union(*(line.limits_felt for line in lines))

    def _differ_uncounted(self, one: Made, other: Made) -> bool:
        pair = id(one), id(other)
        if pair not in self._uncounted:
            self._uncounted[pair] = one.differs_uncounted(other)
        return self._uncounted[pair]

    def under(self, given: Given) -> PreparedVisits:
        """Return what makes visits ready under the plan with other amounts of its shares and ceilings.

        All that is decided before any money moves is the same, and is taken over.
        """
        return PreparedVisits(
            given, notices=self.notices, priced_beyond=self.priced_beyond, _days=self._days, _like=self
        )

    def _coded(self, number: int) -> CodedDay:
        assert self.compiled is not None
        alike, day, place = self._days[number - 1]
        coded = self.compiled.coded.get(alike)
        if coded is None:
            given, network = self._here(day[place])
            coded = self.compiled.coded[alike] = _coded_day(given, day, place, network)
        return coded

    def _here(self, visit: Visit) -> tuple[Given, Network]:
        """Return what is given on the day of a visit, and its network."""
        given = self.given.on(visit.day)
        return given, network_of(given.plan, visit.network or given.request.provider.network)

    def _make(
        self,
        number: int,
        rate_carried: bool,
        coded: CodedDay,
        log: Log,
        beyond: dict[tuple[AssumptionKind, date], Citation],
    ) -> ReadyVisit:
        _, day, place = self._days[number - 1]
        visit = day[place]
        given, network = self._here(visit)
        lines = self._lines_of_day(given, day, network, coded, log)
        first = sum(len(each.services) for each in day[:place])
        mine = lines[first : first + len(visit.services)]
        decisions, prices = [line.decision for line in mine], [line.allowed for line in mine]
        carries = lay_rate(visit.services, decisions, prices, coded.pricing, rate_carried)
        placed = []
        for index, line in enumerate(mine):
            line = line._replace(place=index, decision=decisions[index], allowed=prices[index])
            asked = self._asked(line, number, coded.pricing, log, beyond)
            placed.append(_under(asked, given, network, log))
        return ReadyVisit(network, tuple(placed), carries)

    def _lines_of_day(
        self, given: Given, day: list[Visit], network: Network, coded: CodedDay, log: Log
    ) -> list[ReadyLine]:
        """Return the lines of the visits of a day, decided and with their allowed amounts."""
        services, cases = coded.services, coded.cases
        usual = network.allowed.minutes_usual
        if usual is not None and coded.counts_otherwise:
            log.assume(AssumptionKind.MINUTES_RULE, "", usual)
        decisions: list[Decision] = []
        for visit in day:
            codes = tuple(dict.fromkeys(service.code for service in visit.services))
            therapy = (*(code for code in codes if self._is_therapy(code)), *STANDS_FOR_THERAPY)
            deciding = Deciding(
                plan=given.plan,
                network=network,
                state=given.tables.state,
                codes=codes,
                therapy=therapy,
                log=log,
                rules=given.rules,
                signed=given.request.signed_consent,
            )
            for service in visit.services:
                at = len(decisions)
                decisions.append(coded.bundles.get(at) or decide(service.code, cases[at], deciding))
        prices = coded.allowed(tuple(i for i, decision in enumerate(decisions) if decision.kind is not Kind.BUNDLED))
        return [
            ReadyLine(
                place=index,
                service=service,
                units=coded.units[index],
                minutes=_A_UNIT * coded.units[index] if service.minutes is None else service.minutes,
                modifiers=tuple(sorted(service.modifiers)),
                case=cases[index],
                decision=decisions[index],
                allowed=prices.get(index),
                charge=None,
                by_assistant=cases[index].provider == ASSISTANT or ASSISTANTS_MODIFIER in service.modifiers,
            )
            for index, service in enumerate(services)
        ]

    def _is_therapy(self, code: str) -> bool:
        known = self.given.tables.codes.get(code)
        return known is not None and known.kind in _THERAPY

    def _asked(
        self,
        line: ReadyLine,
        number: int,
        pricing: Pricing,
        log: Log,
        beyond: dict[tuple[AssumptionKind, date], Citation],
    ) -> ReadyLine:
        """Return the line with what a patient without cover is asked; raise NoPrice where it must have a price."""
        service, decision, allowed = line.service, line.decision, line.allowed
        if decision.kind is Kind.COVERED and allowed is None:
            unpriced = why_unpriced(service, pricing)
            if unpriced is None:
                raise NoPrice(service.code, number - 1, line.place)
            decision = unpriced
        asked = charge(service, max(1, line.units), pricing, allowed)
        may_be_asked = decision.kind is Kind.UNKNOWN or (
            decision.kind is Kind.DENIED and decision.liable is not Liable.PROVIDER
        )
        if may_be_asked and asked is None:
            raise NoPrice(service.code, number - 1, line.place)
        _note_prices(allowed, pricing, log, beyond)
        if decision.kind is Kind.UNKNOWN and decision.benefit is not None and allowed is None:
            allowed = asked  # Read as covered, and no contract or fee schedule names it.
        return line._replace(decision=decision, charge=asked, allowed=allowed)


@dataclass(slots=True)
class CodedDay:
    """The visits of a day in one network as they are coded and priced, before anybody asks what is paid.

    `counts_otherwise`: they have other units where all minutes are counted together.
    """

    services: list[Service]
    units: list[int]
    bundles: dict[int, Decision]
    notices: dict[tuple[str, Finding], Step]
    cases: list[Circumstances]
    pricing: Pricing
    counts_otherwise: bool
    _allowed: dict[tuple[int, ...], dict[int, Price | None]] = field(default_factory=dict)

    def allowed(self, live: tuple[int, ...]) -> dict[int, Price | None]:
        """Return the allowed amounts of the lines at these places, the ones that are billed at all."""
        known = self._allowed.get(live)
        if known is None:
            found = allowed_amounts([(self.services[i], self.units[i]) for i in live], self.pricing)
            known = self._allowed[live] = dict(zip(live, found, strict=True))
        return known


def _note_prices(
    allowed: Price | None, pricing: Pricing, log: Log, beyond: dict[tuple[AssumptionKind, date], Citation]
) -> None:
    """Note the end of a price book that priced a line beyond it, and ask whether several procedures lower a price."""
    region = pricing.region
    may_reduce = isinstance(pricing.allowed.reduces_multiple_procedures, Unknown)
    if allowed is not None and isinstance(allowed.finding, PriceMarket) and may_reduce:
        log.ask(QuestionKind.MULTIPLE_PROCEDURE_REDUCTION, "", pricing.allowed.citation)
    found = allowed.finding if allowed is not None else None
    if region is None or not isinstance(found, PriceMedicare | PriceRegional | PriceContractedPercent):
        return
    book = region.book
    if pricing.day > book.last_day:
        beyond[AssumptionKind.LATEST_PRICE_BOOK, book.last_day] = Citation(book.source, book.id)
    elif pricing.day < book.first_day:
        beyond[AssumptionKind.EARLIEST_PRICE_BOOK, book.first_day] = Citation(book.source, book.id)
    if book.is_proposed:
        beyond[AssumptionKind.PROPOSED_PRICES, book.first_day] = Citation(book.source, book.id)
    if found.asks if isinstance(found, PriceContractedPercent) else may_reduce:
        log.ask(QuestionKind.MULTIPLE_PROCEDURE_REDUCTION, "", pricing.allowed.citation)


def _coded_day(given: Given, day: list[Visit], place: int, network: Network) -> CodedDay:
    """Return the visits of a day as they are coded and priced; the one at this place may have a rate of its own."""
    services = [service for visit in day for service in visit.services]
    minutes, codes = sum(service.minutes or 0 for service in services), {service.code for service in services}
    pricing = _pricing(given, network, day[place].day, minutes, codes <= NEEDLING_CODES)
    rate = day[place].rate
    units, bundles, notices = code_lines(services, network, given.tables)
    is_assistant = given.request.provider.type == ASSISTANT
    return CodedDay(
        services=services,
        units=units,
        bundles=bundles,
        notices={**notices, **(_evaluations(services, given.tables.codes) if is_assistant else {})},
        cases=[case_of(given.request, service, day[place].day, given.tables.codes) for service in services],
        pricing=pricing if rate is None else pricing.at_rate(rate),
        counts_otherwise=counts_otherwise(services, network, given.tables.codes),
    )


class OwnPrices(NamedTuple):
    """What a plan itself allows: for each line, None where nothing but an estimate from the region would; or a rate.

    `rate` is the one amount for a whole visit or course, where the plan or the clinic's contract pays so.
    """

    lines: list[Price | None]
    rate: Price | None


def own_prices(given: Given, network: str, visit: Visit, units: Sequence[int]) -> OwnPrices:
    """Return what this plan itself allows for a visit.

    The amounts that a request gives are those of its first plan, and do not count.
    """
    given = given.on(visit.day)
    minutes = sum(service.minutes or 0 for service in visit.services)
    codes = [service.code for service in visit.services]
    pricing = _pricing(given, network_of(given.plan, network), visit.day, minutes, NEEDLING_CODES.issuperset(codes))
    lines = [(replace(service, allowed=None), each) for service, each in zip(visit.services, units, strict=True)]
    of_plan = contract_amounts if pricing.allowed.basis is Basis.CONTRACT else allowed_amounts
    return OwnPrices(of_plan(lines, pricing), visit_rate(codes, pricing))


def _pricing(given: Given, network: Network, day: date, minutes: int, is_alone: bool) -> Pricing:
    provider = given.request.provider
    own = None if provider.experience_factor else own_factor(given.sheet.factors, provider.experience, day, minutes)
    ours = given.sheet.experience.get(provider.experience, WHOLE)
    factor = provider.experience_factor or (own.rate if own else ours)
    allowed = network.allowed
    if allowed.basis is Basis.MEDICARE and allowed.percent is None:
        allowed = replace(allowed, percent=WHOLE)
    if allowed.reduced_in and provider.setting not in allowed.reduced_in:
        allowed = replace(allowed, reduces_multiple_procedures=False)
    plan = given.plan
    return Pricing(
        sheet=given.sheet,
        allowed=allowed,
        contracted=network.contracted,
        parties=(plan.id, plan.payer, plan.insurer),
        setting=provider.setting,
        experienced=(provider.experience, factor, own.set_on if own else None, own.from_minutes if own else None),
        day=day,
        market=plan.market,
        is_alone=is_alone,
        minutes=minutes,
        network=network.name,
        therapist=provider.type,
        codes=given.tables.codes,
    )


def _under(line: ReadyLine, given: Given, network: Network, log: Log) -> ReadyLine:
    """Return a covered line with the limits and requirements that apply to it."""
    benefit = line.decision.benefit
    if benefit is None:
        return line
    code = line.service.code
    known = given.tables.codes.get(code)
    return line._replace(
        is_counted=True,
        discipline=discipline_of(line.service.modifiers, known, benefit),
        limits=limits_over(benefit, given.plan, code, network.name, line.case, log),
        requirements=requirements_over(benefit, code, network.name, line.case, log),
    )


def _at_figures_of(given: Given, visit: ReadyVisit) -> ReadyVisit:
    """Return a visit made ready under a plan of other amounts as one under this: its network, benefits and shares."""
    name = visit.network.name
    lines = []
    for line in visit.lines:
        decision = line.decision
        if decision.benefit is not None:
            benefit = given.plan.benefit(decision.benefit.name)
            stated = benefit.cost_share.get(name)
            share = stated if isinstance(stated, CostShare) else decision.share
            line = line._replace(decision=decision._replace(benefit=benefit, share=share))
        lines.append(line)
    return visit._replace(network=network_of(given.plan, name), lines=tuple(lines))


def _evaluations(services: Sequence[Service], codes: Mapping[str, ServiceCode]) -> dict[tuple[str, Finding], Step]:
    """Say of each evaluation that an assistant may not give it."""
    found = (service.code for service in services if who_gives(service.code, ASSISTANT, codes) != ASSISTANT)
    says = (TherapistEvaluates(code) for code in dict.fromkeys(found))
    return {(each.code, each): Step(each, ZERO, ASSISTANTS_CITED) for each in says}


# The lines of a day as they are coded: units, and the lines that coding rules make part of another.
#
# The rules are of a day, not of an appointment: two visits of one day in one network are coded together.


class Coded(NamedTuple):
    """Units by line, the decisions of bundled lines by place, and what a reader is told of the coding."""

    units: list[int]
    bundles: dict[int, Decision]
    notices: dict[tuple[str, Finding], Step]


def code_lines(services: Sequence[Service], network: Network, tables: Tables) -> Coded:
    """Return how the lines of one day in one network are coded."""
    units = units_of(services, network, tables.codes)
    coded = Coded(units, {}, {})
    lines = [(service.code, units[i], service.modifiers) for i, service in enumerate(services)]
    for found in check_lines(lines, tables.codes, tables.edits):
        if isinstance(found, UnitsCut):
            units[found.line] = found.allowed_units
            corrected = UnitsCorrected(found.code, found.units)
            coded.notices[found.code, corrected] = Step(corrected, ZERO, found.citation)
        elif isinstance(found, SecondNeedlingLine):
            bundled = Bundled(found.kept, "one-needling-code")
            coded.bundles[found.line] = Decision(Kind.BUNDLED, bundled, found.citation)
        elif isinstance(found, BundledLine):
            rule = "one-unit-a-day" if found.into == found.code else "ncci"
            bundled = Bundled(found.into, rule, found.modifier_allowed)
            coded.bundles[found.line] = Decision(Kind.BUNDLED, bundled, found.citation)
    for index, each in enumerate(units):
        if each == 0:
            coded.bundles.setdefault(index, Decision(Kind.BUNDLED, Bundled("", "too-few-minutes"), None))
    return coded
