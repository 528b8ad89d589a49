"""The totals of many courses at once, which differ in what the patient has paid so far and in nothing else.

The engine decides: it runs one of the courses, and notes each line of which a share was settled (`Settled`). A `Tape`
is that list. Its arithmetic is done here for all rows in arrays of whole cents, with the words of the same operation in
`cost_share` and `accumulators`; each tape must come to what the engine's own run owes. Which runs the totals are of is
found by `ends_of`, the engine's own function: where rows would have it decide otherwise, it is asked for each part.

What hangs on money in another way than through a share raises `NotCompiled`, with its reason: the engine answers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import isqrt
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from estimator.engine.accumulators import DEDUCTIBLE, MAXIMUM, NO_END, Ledger, opening
from estimator.engine.answer import ConditionKind, CrossingKind, Log, Readings, Run, Settled
from estimator.engine.cost_share import copay_of, order_of, rate_of
from estimator.engine.course import ceilings_of, is_over
from estimator.engine.estimate import CUT_SHORT, MOST_WORK, Course, Ends, Ran, ends_of
from estimator.engine.findings import AuthorizationMissing
from estimator.engine.plan import (
    Ceiling,
    CostShare,
    DeductibleOrder,
    DollarsOf,
    IfMissing,
    Limit,
    Measure,
    Past,
    Per,
    Plan,
)
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Request, Used
from estimator.engine.values import Money, Rate, Unknown, months_later
from estimator.engine.visits import Given, Tables
from estimator.estimates.kernel_prices import NotCompiled, Priced, Sources, sources_of

Cents = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_MILLION = 1_000_000
_TYPICAL = 1
_ROWS_A_BLOCK = 16_384
_TAKEN_FROM_PAYMENT = frozenset({IfMissing.REDUCED, IfMissing.PENALTY})
_MOST_PARTS = 256
"""So many parts of the rows may be decided differently; a shape that falls into more is the engine's."""


# ----------------------------------------------------------------------------
# Amounts of many rows. An amount that is the same in all of them is a plain number, and costs nothing.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lane:
    """An amount for each row, `base` + `plus`, that lies between `low` and `high` in all of them."""

    base: Cents
    plus: int
    low: int
    high: int

    @property
    def cents(self) -> Cents:
        """Return the amounts."""
        return self.base + self.plus if self.plus else self.base

    def __add__(self, other: Amounts) -> Amounts:
        """Add row by row."""
        if isinstance(other, Lane):
            return lane(self.base + other.base, self.plus + other.plus)
        return Lane(self.base, self.plus + other, self.low + other, self.high + other)

    __radd__ = __add__

    def __sub__(self, other: Amounts) -> Amounts:
        """Take away row by row."""
        return lane(self.base - other.base, self.plus - other.plus) if isinstance(other, Lane) else self + -other

    def __rsub__(self, other: int) -> Amounts:
        """Take each row's amount from one amount."""
        return lane(other - self.cents)


Amounts = int | Lane


def lane(base: Cents, plus: int = 0) -> Amounts:
    """Return amounts as a plain number where all are equal."""
    low, high = int(base.min()) + plus, int(base.max()) + plus
    return low if low == high else Lane(base, plus, low, high)


def _ends(amounts: Amounts) -> tuple[int, int]:
    return (amounts.low, amounts.high) if isinstance(amounts, Lane) else (amounts, amounts)


def cents_of(amounts: Amounts) -> Cents | int:
    """Return the amounts of the rows, or the one of all."""
    return amounts.cents if isinstance(amounts, Lane) else amounts


def lesser(one: Amounts, other: Amounts) -> Amounts:
    """Return the lesser amount of each row."""
    (low, high), (its_low, its_high) = _ends(one), _ends(other)
    if high <= its_low:
        return one
    return other if its_high <= low else lane(np.minimum(cents_of(one), cents_of(other)))


def greater(one: Amounts, other: Amounts) -> Amounts:
    """Return the greater amount of each row."""
    (low, high), (its_low, its_high) = _ends(one), _ends(other)
    if low >= its_high:
        return one
    return other if its_low >= high else lane(np.maximum(cents_of(one), cents_of(other)))


def excess_of(one: Amounts, other: Amounts) -> Amounts:
    """Return how much one amount is above another, nothing in the rows where it isn't."""
    return 0 if _ends(one)[1] <= _ends(other)[0] else greater(one - other, 0)


def part_of(amounts: Amounts, rate: Rate) -> Amounts:
    """Return this part of each amount, rounded half-up to the cent as `Money.share` does."""
    if not isinstance(amounts, Lane):
        return int(Money(amounts).share(rate))
    return lane((2 * amounts.cents * rate.per_million + _MILLION) // (2 * _MILLION))


def where_nothing(test: Amounts, then: Amounts, otherwise: Amounts) -> Amounts:
    """Return one amount for the rows where the tested one is zero, another for the rest."""
    low, high = _ends(test)
    if low > 0 or high < 0:
        return otherwise
    if low == high == 0:
        return then
    return lane(np.where(cents_of(test) == 0, cents_of(then), cents_of(otherwise)))


# ----------------------------------------------------------------------------
# The operations, each beside the engine's function of the same work.
# ----------------------------------------------------------------------------


class Paid(NamedTuple):
    """What a person had paid so far in a network: deductible and maximum, the person's and the family's."""

    deductible: Cents
    out_of_pocket: Cents
    family_deductible: Cents
    family_out_of_pocket: Cents

    @classmethod
    def of(cls, used: list[Used]) -> Paid:
        """Return what these rows have used."""
        sums = (
            [each.deductible_paid for each in used],
            [each.out_of_pocket_paid for each in used],
            [each.family_deductible_paid for each in used],
            [each.family_out_of_pocket_paid for each in used],
        )
        return cls(*(np.array([int(cents) for cents in each], np.int64) for each in sums))

    def at(self, rows: npt.NDArray[np.intp]) -> Paid:
        """Return that of some rows."""
        return Paid(*(each[rows] for each in self))


@dataclass(slots=True)
class _Toward:
    """`accumulators.Paid`: what was paid toward one ceiling in a benefit year, by day."""

    person: Amounts = 0
    family: Amounts = 0
    by_day: list[tuple[date, Amounts]] = field(default_factory=list)
    carried: list[Amounts] = field(default_factory=list)

    def sums(self) -> tuple[Amounts, Amounts]:
        """Return what the person and the family have paid."""
        more: Amounts = 0
        for cents in (*self.carried, *(cents for _, cents in self.by_day)):
            more = more + cents
        return self.person + more, self.family + more


class _Accounts:
    """`accumulators.Ledger` for many rows; which amounts count is read from one of the engine's."""

    def __init__(self, given: Given, readings: Readings, paid: Paid) -> None:
        request, first_day = given.request, given.request.visits[0].day
        self.ledger = Ledger(request.is_family, Log(readings), given.year, given.year.first_day(first_day))
        self._toward: dict[str, _Toward] = {}
        self._left: dict[int, tuple[str, Amounts]] = {}
        self.day = first_day
        self.copays: dict[object, Amounts] = {}
        self.shares: dict[str, Amounts] = {}
        self.plan_paid: dict[str, Amounts] = {}
        expired = is_over(request, given.year)
        own = request.provider.network
        for name, network in sorted(given.plan.networks.items(), key=lambda pair: pair[0] != own):
            for ceiling, asks in ((network.deductible, DEDUCTIBLE), (network.out_of_pocket_max, MAXIMUM)):
                if not isinstance(ceiling, Ceiling) or ceiling.name in self._toward:
                    continue
                gone = expired and not ceiling.per_condition
                if name == own:
                    person, family = _opened(paid, asks, gone)
                elif name in request.used_elsewhere:
                    person, family = map(int, opening(request.used_elsewhere[name], asks, gone))
                else:
                    continue
                self._toward[ceiling.name] = _Toward(person, greater(person, family))

    def left(self, ceiling: Ceiling | Unknown | None, asks: object) -> Amounts:
        """`Ledger.left`: how much remains of a deductible or a maximum."""
        kind = DEDUCTIBLE if asks is DEDUCTIBLE else MAXIMUM
        if not isinstance(ceiling, Ceiling):
            return self.ledger.left(ceiling, kind)
        known = self._left.get(id(ceiling))
        if known is None:
            paid, family_paid = self._toward.setdefault(ceiling.name, _Toward()).sums()
            person_of, family_of = self.ledger.amounts(ceiling, kind)
            left: Amounts = int(NO_END) if person_of is None else person_of - paid
            if family_of is not None:
                left = lesser(left, family_of - family_paid)
            known = self._left[id(ceiling)] = ceiling.name, greater(left, 0)
        return known[1]

    def credit(self, ceiling: Ceiling | Unknown | None, cents: Amounts) -> None:
        """`Ledger.credit`: enter a payment toward a ceiling and those that it also credits."""
        if not isinstance(ceiling, Ceiling) or _ends(cents)[1] <= 0:
            return
        names = (ceiling.name, *ceiling.also_credits)
        for key, (name, left) in self._left.items():
            if name in names:
                self._left[key] = name, excess_of(left, cents)
        for name in names:
            self._toward.setdefault(name, _Toward()).by_day.append((self.day, cents))

    def note_copay(self, key: object, cents: Amounts) -> None:
        """`cost_share._note_copay`: enter what was paid of a copay."""
        self.copays[key] = self.copays.get(key, 0) + cents

    def start(self, day: date, ceilings: tuple[Ceiling, ...]) -> None:
        """`Running.start` and `Ledger.turn_to`: begin a visit, and the benefit year of its day.

        What was paid so far was paid before that year: no course that keeps its rules comes back to an earlier one.
        """
        self.day = day
        self.shares.clear()
        self.plan_paid.clear()
        start = self.ledger.year.first_day(day)
        if start <= self.ledger.year_start:
            return
        self.ledger.year_start = start
        self._left.clear()
        for ceiling in ceilings:
            if ceiling.per_condition:
                continue
            since = months_later(start, -ceiling.carry_over_months)
            by_day = self._toward.get(ceiling.name, _Toward()).by_day
            carried = [cents for paid_on, cents in by_day if since <= paid_on]
            self._toward[ceiling.name] = _Toward(carried=carried)


def _opened(paid: Paid, asks: object, expired: bool) -> tuple[Amounts, Amounts]:
    """`accumulators.opening` for many rows."""
    if expired:
        return 0, 0
    if asks is DEDUCTIBLE:
        return lane(paid.deductible), lane(paid.family_deductible)
    return lane(paid.out_of_pocket), lane(paid.family_out_of_pocket)


class _Terms(NamedTuple):
    """A rule as a run reads it: where the deductible stands, the copay, the coinsurance; and the one that bounds it."""

    order: DeductibleOrder
    copay: int
    rate: Rate | None
    lower: _Terms | None = None


class _Parts(NamedTuple):
    """`cost_share.Parts`: what a patient owes of a line, in the order in which it is forgiven from the right."""

    deductible: Amounts
    copay: Amounts
    coinsurance: Amounts

    @property
    def total(self) -> Amounts:
        """Return what the patient owes of the line."""
        return self.deductible + self.copay + self.coinsurance

    def less(self, relief: Amounts) -> _Parts:
        """`Parts.less`: the coinsurance goes first, then the copay, then the deductible."""
        if relief == 0:
            return self
        coinsurance = lesser(self.coinsurance, relief)
        relief = relief - coinsurance
        copay = lesser(self.copay, relief)
        deductible = lesser(self.deductible, relief - copay)
        return _Parts(self.deductible - deductible, self.copay - copay, self.coinsurance - coinsurance)


def _share_of(rule: CostShare, terms: _Terms, allowed: Amounts, left: Amounts, copay_paid: Amounts) -> _Parts:
    """`cost_share.share_of`: the parts of an allowed amount that the rule leaves to the patient."""
    copay_left = excess_of(terms.copay, copay_paid)
    order = terms.order
    copay: Amounts
    deductible: Amounts
    if order is DeductibleOrder.AFTER_COPAY or order is DeductibleOrder.WITH_COPAY:
        copay = _lesser(copay_left, allowed, rule)
        fills = order is DeductibleOrder.WITH_COPAY or rule.credits_deductible
        open_part = excess_of(left, copay) if fills else left
        deductible = lesser(open_part, excess_of(allowed, copay))
    else:
        deductible = 0 if order is DeductibleOrder.WAIVED else lesser(left, allowed)
        rest = allowed - deductible
        copay = _lesser(copay_left, rest, rule)
        copay = where_nothing(rest, where_nothing(deductible, copay, 0), copay)
    rest = greater(allowed - deductible - copay, 0)
    if terms.rate is None:
        return _Parts(deductible, copay, 0)
    base = allowed - deductible if rule.coinsurance_of_allowed else rest
    return _Parts(deductible, copay, lesser(part_of(base, terms.rate), rest))


def _lesser(copay_left: Amounts, rest: Amounts, rule: CostShare) -> Amounts:
    is_unread = _ends(copay_left)[0] >= NO_END // 2
    return lesser(copay_left, rest) if rule.never_above_allowed or is_unread else copay_left


class _Visit(NamedTuple):
    """One visit of a tape: its day, what is owed whatever was paid before, and the lines that a benefit pays for."""

    number: int
    day: date
    fixed: int
    lines: tuple[tuple[Settled, _Terms], ...]


class _InBlock(NamedTuple):
    """The prices of a block of rows, and where a run has its amounts from among them."""

    sources: Sources
    prices: list[Amounts]

    def visit(self, number: int) -> tuple[Amounts, list[Amounts]]:
        """Return what is owed of a visit whatever was paid before, and what the plan allows for its settled lines."""
        owed: Amounts = 0
        for cell in self.sources.owed[number]:
            owed = owed + self.prices[cell]
        return owed, [self.prices[cell] for cell in self.sources.settled[number]]


class _AtPrices(NamedTuple):
    """The prices of a run, each once: `places` are those of its cells, and `which` says whose each row has."""

    sources: Sources
    several: Cents
    places: list[int]
    which: npt.NDArray[np.intp]

    def of(self, block: slice) -> _InBlock:
        """Return those of a block of rows."""
        which = self.which[block]
        lanes = [lane(prices[which]) for prices in self.several]
        return _InBlock(self.sources, [lanes[place] for place in self.places])


class Came(NamedTuple):
    """What a tape comes to: the course, each visit, and the rows whose deductible was met on the way."""

    owes: Cents
    visits: tuple[Cents, ...]
    met: Mask


@dataclass(frozen=True, slots=True)
class Tape:
    """One run of a course as the engine made it, to be reckoned again for other balances."""

    given: Given
    readings: Readings
    visits: tuple[_Visit, ...]

    def play(self, paid: Paid, by_visit: bool, at: _AtPrices | None = None) -> Came:
        """Return what the run comes to for each row, at the prices of the tape or at each row's own."""
        rows = len(paid.deductible)
        owes, met = np.empty(rows, np.int64), np.zeros(rows, np.bool_)
        visits = tuple(np.empty(rows, np.int64) for _ in self.visits) if by_visit else ()
        for first in range(0, rows, _ROWS_A_BLOCK):
            block = slice(first, first + _ROWS_A_BLOCK)
            total: Amounts = 0
            own = Paid(*(each[block] for each in paid))
            for place, (came, is_met) in enumerate(self._settled(own, None if at is None else at.of(block))):
                total = total + came
                if by_visit:
                    visits[place][block] = cents_of(came)
                if is_met is not None:
                    met[block] |= is_met
            owes[block] = cents_of(total)
        return Came(owes, visits, met)

    def _settled(self, paid: Paid, at: _InBlock | None) -> Iterator[tuple[Amounts, Mask | np.bool_ | None]]:
        """Yield what each visit comes to, and in which rows it met the deductible; as `course.run` goes."""
        accounts = _Accounts(self.given, self.readings, paid)
        ceilings = ceilings_of(self.given.plan)
        for visit in self.visits:
            accounts.start(visit.day, ceilings)
            owes, prices = (visit.fixed, None) if at is None else at.visit(visit.number)
            deductible = visit.lines[0][0].network.deductible if visit.lines else None
            before = accounts.left(deductible, DEDUCTIBLE) if isinstance(deductible, Ceiling) else 0
            for place, (line, terms) in enumerate(visit.lines):
                owes = owes + _settle(accounts, line, terms, line.allowed if prices is None else prices[place])
            is_met: Mask | np.bool_ | None = None
            if isinstance(deductible, Ceiling) and _ends(before)[1] > 0:
                after = accounts.left(deductible, DEDUCTIBLE)
                if _ends(after)[0] <= 0:
                    is_met = (cents_of(before) > np.int64(0)) & (cents_of(after) <= np.int64(0))
            yield owes, is_met


def _share(accounts: _Accounts, line: Settled, terms: _Terms, allowed: Amounts) -> _Parts:
    """`cost_share._share`: the share, or the one that it may not exceed in the rows where that is less."""
    parts = _share_by(accounts, line, line.rule, terms, line.key, allowed)
    if line.lower is None or terms.lower is None:
        accounts.note_copay(line.key, parts.copay)
        return parts
    other, key = line.lower
    lower = _share_by(accounts, line, other, terms.lower, key, allowed)
    saved = excess_of(parts.total, lower.total)
    chosen = _Parts(*(where_nothing(saved, mine, its) for mine, its in zip(parts, lower, strict=True)))
    accounts.note_copay(line.key, chosen.copay + where_nothing(saved, 0, chosen.coinsurance))
    accounts.note_copay(key, chosen.copay + chosen.coinsurance)
    return chosen


def _share_by(
    accounts: _Accounts, line: Settled, rule: CostShare, terms: _Terms, key: object, allowed: Amounts
) -> _Parts:
    """`cost_share._share_by`: the share by one rule, with what is left and what was paid of its copay."""
    ceiling = line.benefit.deductible or line.network.deductible
    left = 0 if terms.order is DeductibleOrder.WAIVED else accounts.left(ceiling, DEDUCTIBLE)
    return _share_of(rule, terms, allowed, left, accounts.copays.get(key, 0))


def _settle(accounts: _Accounts, line: Settled, terms: _Terms, allowed: Amounts) -> Amounts:
    """`cost_share.settle`: charge a line and credit the ceilings; return what the patient owes of it."""
    rule, benefit, network = line.rule, line.benefit, line.network
    ceiling = benefit.deductible or network.deductible
    parts = _share(accounts, line, terms, allowed)
    if rule.max_per_visit is not None:
        room = excess_of(int(rule.max_per_visit), accounts.shares.get(benefit.name, 0))
        parts = parts.less(excess_of(parts.total, room))
    maximum = network.out_of_pocket_max
    if rule.credits_out_of_pocket and isinstance(maximum, Ceiling):
        counted = parts.copay + parts.coinsurance + (parts.deductible if maximum.includes_deductible else 0)
        stopped = excess_of(counted, accounts.left(maximum, MAXIMUM))
        accounts.credit(maximum, counted - stopped)
        parts = parts.less(stopped)
    credited = parts.deductible
    if rule.credits_deductible:
        credited = parts.total
    elif terms.order is DeductibleOrder.WITH_COPAY:
        credited = credited + parts.copay
    if _ends(credited)[1] > 0:
        accounts.credit(ceiling, lesser(credited, accounts.left(ceiling, DEDUCTIBLE)))
    owes = parts.total
    accounts.shares[benefit.name] = accounts.shares.get(benefit.name, 0) + owes
    if rule.plan_pays_at_most is not None:
        pays, paid = greater(allowed - owes, 0), accounts.plan_paid.get(benefit.name, 0)
        beyond = excess_of(pays, excess_of(int(rule.plan_pays_at_most), paid))
        accounts.plan_paid[benefit.name] = paid + pays - beyond
        owes = owes + beyond
    return owes


# ----------------------------------------------------------------------------
# From a run of the engine to a tape.
# ----------------------------------------------------------------------------


def tape_of(given: Given, ran: Run, log: Log) -> Tape:
    """Return a run as a tape; raise NotCompiled where money decides something that the tape doesn't hold."""
    if given.request.secondary is not None:
        raise NotCompiled("a second plan pays too")
    if any(given.on(visit.day) is not given for visit in ran.visits):
        raise NotCompiled("the rules change within the course")
    read = Log(log.readings)
    for visit in ran.visits:
        # What is taken shows in no step where the deductible leaves nothing to pay, as in other rows it may.
        missing = (step.finding for line in visit.lines for step in line.steps)
        if any(isinstance(each, AuthorizationMissing) and each.consequence in _TAKEN_FROM_PAYMENT for each in missing):
            raise NotCompiled("a penalty or a reduction is taken from the payment")
    lines: dict[int, list[tuple[Settled, _Terms]]] = {}
    for line in log.lines_settled():
        _require_plain(line, given.plan.limits)
        lines.setdefault(line.visit, []).append((line, _terms(line, read)))
    visits = []
    for visit in ran.visits:
        own = tuple(lines.get(visit.number, ()))
        visits.append(_Visit(visit.number, visit.day, int(visit.owes) - sum(int(line.owes) for line, _ in own), own))
    tape = Tape(given, log.readings, tuple(visits))
    came = tape.play(Paid.of([given.request.used]), by_visit=True)
    if [int(each[0]) for each in came.visits] != [int(visit.owes) for visit in ran.visits]:
        raise NotCompiled("the arithmetic comes to another amount")
    return tape


def _terms(line: Settled, log: Log) -> _Terms:
    """Return the terms of a line; raise NotCompiled where it hangs on the share what else is charged."""
    own = _terms_of(line.rule, line.units, log)
    if line.lower is None:
        return own
    lower = _terms_of(line.lower[0], line.units, log)
    if _charged_by(line.rule, own) != _charged_by(line.lower[0], lower):
        raise NotCompiled("another share with other bounds bounds this one")
    return own._replace(lower=lower)


def _terms_of(rule: CostShare, units: int, log: Log) -> _Terms:
    rate = None if rule.coinsurance is None else rate_of(rule.coinsurance, rule, log)
    copay = copay_of(rule.copay, log, rule)
    return _Terms(order_of(rule, log), copay * units if rule.per is Per.UNIT else copay, rate)


def _charged_by(rule: CostShare, terms: _Terms) -> tuple[object, ...]:
    """Return what of a rule still counts once the share is known."""
    credits = rule.credits_deductible, rule.credits_out_of_pocket, terms.order is DeductibleOrder.WITH_COPAY
    return *credits, rule.max_per_visit, rule.plan_pays_at_most


def _require_plain(line: Settled, limits: Mapping[str, Limit]) -> None:
    """Raise NotCompiled where the share, or a limit, hangs on money in a way that a tape doesn't hold."""
    if isinstance(line.network.out_of_pocket_max, Unknown) and line.rule.credits_out_of_pocket:
        raise NotCompiled("the maximum is not known")
    for limit in (limits[name] for name in line.benefit.limits):
        if limit.measure is Measure.DOLLARS and limit.dollars_of is DollarsOf.PAID:
            raise NotCompiled("a limit counts what the plan pays")
        counts = limit.counts_deductible_visits
        if limit.past is not Past.CONTINUES and (isinstance(counts, Unknown) or counts is False):
            raise NotCompiled("a limit leaves out visits that the deductible took")


# ----------------------------------------------------------------------------
# All runs of many courses, and the totals.
# ----------------------------------------------------------------------------


class _Apart(Exception):
    """Rows of which the engine would decide differently: those where it holds, and the others."""

    def __init__(self, holds: Mask) -> None:
        super().__init__()
        self.holds = holds


class _Owes:
    """What a run comes to for the rows that are looked at: compared as one amount is, and the same for all of them."""

    __slots__ = ("cents",)

    def __init__(self, cents: Cents) -> None:
        self.cents = cents

    def __lt__(self, other: _Owes | int) -> bool:
        return _decided(self.cents < _plain(other))

    def __gt__(self, other: _Owes | int) -> bool:
        return _decided(self.cents > _plain(other))

    def __sub__(self, other: _Owes) -> _Owes:
        return _Owes(self.cents - other.cents)

    def __rmul__(self, sign: int) -> _Owes:
        return _Owes(sign * self.cents)

    def __abs__(self) -> _Owes:
        return _Owes(np.abs(self.cents))


def _plain(other: _Owes | int) -> Cents | int:
    return other.cents if isinstance(other, _Owes) else int(other)


def _decided(holds: Mask) -> bool:
    """Return what holds for all rows; raise _Apart where it holds for some."""
    count = np.count_nonzero(holds)
    if count in (0, len(holds)):
        return bool(count)
    raise _Apart(holds)


class _RunOfRows:
    """A run of many rows, in the place of a `Run`."""

    __slots__ = ("came", "owes")

    def __init__(self, came: Came, rows: npt.NDArray[np.intp]) -> None:
        self.came, self.owes = came, _Owes(came.owes[rows])


class _Rows(Course):
    """The runs of a course for many rows: the engine's own runs of one of them, reckoned again for all."""

    def __init__(self, request: Request, plan: Plan, sheet: PriceSheet, tables: Tables) -> None:
        super().__init__(request, plan, sheet, tables)
        self._tapes: dict[int, tuple[Ran, Tape]] = {}
        self._reverse: dict[tuple[int, frozenset[tuple[object, str]]], tuple[Ran, Tape]] = {}
        self._sources: dict[int, Sources] = {}
        self.priced: Sequence[Priced] = ()
        self.which = np.arange(1)
        self.paid, self.by_visit = Paid.of([request.used]), False
        self.rows = np.arange(1)
        self._came: dict[int, Came] = {}
        self._now: dict[int, tuple[Log, Came]] = {}

    def look_at(self, paid: Paid, by_visit: bool, priced: Sequence[Priced], which: npt.NDArray[np.intp]) -> None:
        """Reckon these rows from now on: each at the prices that `which` names, or all at those of the course."""
        self.paid, self.by_visit, self.priced, self.which = paid, by_visit, priced, which
        self._came.clear()

    def begin(self, rows: npt.NDArray[np.intp]) -> None:
        """Let some of the rows decide from now on."""
        self.rows = rows
        self._now.clear()

    def run(
        self,
        level: int,
        readings: Readings,
        refused: frozenset[ConditionKind] = frozenset(),
        dear: frozenset[str] = frozenset(),
        figures: int | None = None,
    ) -> Ran:
        """Return a run of the course for the rows that are looked at."""
        ran = super().run(level, readings, refused, dear, figures)
        given = self.desks[level if figures is None else figures].given
        found = self._tapes.get(id(ran[0]))
        if found is None:
            found = self._tapes[id(ran[0])] = ran, tape_of(given, *ran)
        came = self._play(*found, level, dear)
        self._now[id(ran[0])] = ran[1], came
        return cast("Run", _RunOfRows(came, self.rows)), ran[1]

    def is_cut_short(self) -> bool:
        """Tell whether a deductible or a limit ended within some run, of all rows alike."""
        ends = CUT_SHORT - {CrossingKind.DEDUCTIBLE_MET}
        if any(kind in ends for log, _ in self._now.values() for kind, _ in log.turns):
            return True
        met = np.zeros(len(self.rows), np.bool_)
        for _, came in self._now.values():
            met |= came.met[self.rows]
        return _decided(met)

    def run_in_reverse(self, level: int, readings: Readings) -> Run:
        """Return the course with the services of each visit in reverse, for the rows that are looked at."""
        key = level, frozenset[tuple[object, str]](readings.items())
        found = self._reverse.get(key)
        if found is None:
            ran = self.reversed_at(level, readings)
            found = self._reverse[key] = ran, tape_of(self.desks[level].given, *ran)
        return cast("Run", _RunOfRows(self._play(*found, level, turned=True), self.rows))

    def _play(
        self, ran: Ran, tape: Tape, level: int, dear: frozenset[str] = frozenset(), *, turned: bool = False
    ) -> Came:
        came = self._came.get(id(ran[0]))
        if came is None:
            at = self._prices(ran, level, dear, turned) if self.priced else None
            came = self._came[id(ran[0])] = tape.play(self.paid, self.by_visit, at)
        return came

    def _prices(self, ran: Ran, level: int, dear: frozenset[str], turned: bool) -> _AtPrices:
        """Return the prices of a run for each course that is looked at; assumed figures don't move them."""
        sources = self._sources.get(id(ran[0]))
        if sources is None:
            desk = self.desks[_TYPICAL]
            sources = sources_of(self.turned(desk) if turned else desk, *ran, level, dear, turned=turned)
            self._sources[id(ran[0])] = sources
        amounts = [each.amounts(sources) for each in self.priced]
        prices = np.array(amounts, np.int64).reshape(len(amounts), len(sources.cells)).T
        several, places = np.unique(prices, axis=0, return_inverse=True)
        return _AtPrices(sources, several, places.reshape(-1).tolist(), self.which)


class Totals(NamedTuple):
    """What each row owes (cents), as an `Estimate` has it; `visits` are by level and visit, where asked for."""

    settled: tuple[Cents, Cents, Cents]
    open_usual: Cents
    open_most: Cents
    low: Cents
    typical: Cents
    high: Cents
    visits: tuple[tuple[Cents, ...], ...] = ()


class Shape:
    """A plan and a course, compiled as far as rows have asked for; `totals` answers rows that differ in what was paid.

    `request` is one of the rows: the others differ from it in the four sums of `Paid` and, where they are `priced`, in
    their prices; a family's part is paid in
    all of them or in none where nobody said whether the cover is a family's.
    """

    def __init__(self, request: Request, plan: Plan, sheet: PriceSheet, tables: Tables) -> None:
        self.request = request
        self._course = _Rows(request, plan, sheet, tables)
        if 4 * self._course.request.service_count > MOST_WORK:
            raise NotCompiled("the course is long")

    def priced(self, request: Request, sheet: PriceSheet) -> Priced:
        """Return the same course at other prices: `but_prices_and_sums` is the same of this request."""
        given = self._course.desks[_TYPICAL].given
        asked = replace(given.request, visits=request.visits, provider=request.provider)
        return Priced(replace(given, request=asked, sheet=sheet))

    def totals(
        self,
        paid: Paid,
        by_visit: bool = False,
        priced: Sequence[Priced] = (),
        which: npt.NDArray[np.intp] | None = None,
    ) -> Totals:
        """Return the totals of the rows; raise NotCompiled where the engine is to answer them.

        Where they have prices of their own, `which` of those that are `priced` is each row's.
        """
        rows, course = len(paid.deductible), self._course
        which = np.zeros(rows, np.intp) if which is None else which
        order = _in_blocks(paid)
        course.look_at(paid.at(order), by_visit, priced, which[order])
        levels = range(3 if by_visit else 0)
        new = [np.empty(rows, np.int64) for _ in range(8)]
        visits = tuple(tuple(np.empty(rows, np.int64) for _ in self.request.visits) for _ in levels)
        found = Totals(
            settled=(new[0], new[1], new[2]),
            low=new[3],
            typical=new[4],
            high=new[5],
            open_usual=new[6],
            open_most=new[7],
            visits=visits,
        )
        waiting, parts = [np.arange(rows)], 0
        while waiting:
            part = waiting.pop()
            course.begin(part)
            try:
                ends = ends_of(course)
            except _Apart as apart:
                parts += 1
                if parts > _MOST_PARTS:
                    raise NotCompiled("the rows fall into too many parts") from apart
                waiting += [part[apart.holds], part[~apart.holds]]
            else:
                _enter(found, ends, part, order[part])
        if 2 * course.work > MOST_WORK:
            raise NotCompiled("the course is long")
        return found


def _in_blocks(paid: Paid) -> npt.NDArray[np.intp]:
    """Return an order in which rows that stand side by side have paid about the same: most of a block is then alike."""
    rows = len(paid.deductible)
    strips = max(1, isqrt(rows // _ROWS_A_BLOCK))
    by_maximum = np.argsort(paid.out_of_pocket + paid.family_out_of_pocket, kind="stable")
    strip = np.empty(rows, np.intp)
    strip[by_maximum] = np.arange(rows) * strips // rows
    return np.lexsort((paid.deductible + paid.family_deductible, strip))


def _enter(found: Totals, ends: Ends, part: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]) -> None:
    """Enter what a part of the rows comes to at their own places."""
    middle, most = (_came(ran).owes[part] for ran in (ends.middle, ends.most))
    chosen = ends.settled[0], ends.typical[0], ends.high
    for settled, ran in zip(found.settled, ends.settled, strict=True):
        settled[rows] = _came(ran).owes[part]
    for total, ran in zip((found.low, found.typical, found.high), chosen, strict=True):
        total[rows] = _came(ran).owes[part]
    found.open_usual[rows] = found.typical[rows] - middle
    found.open_most[rows] = most - middle
    for visits, ran in zip(found.visits, chosen, strict=bool(found.visits)):
        for visit, cents in zip(visits, _came(ran).visits, strict=True):
            visit[rows] = cents[part]


def _came(ran: Run) -> Came:
    return cast("_RunOfRows", ran).came
