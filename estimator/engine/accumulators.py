"""What is used up while a course runs: deductibles, out-of-pocket maximums and limits, and when each resets.

A visit past a limit uses nothing up, unless the limit is only a marker; a line asks every limit of its
benefit before it fills any.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from estimator.engine.answer import AssumptionKind, Log, QuestionKind
from estimator.engine.plan import Ceiling, Counting, DollarsOf, Every, FamilyRule, Limit, Measure, Network, Past, Plan
from estimator.engine.request import Used
from estimator.engine.values import ZERO, BenefitYear, Between, Money, Unknown, months_later

COUNTED = frozenset({Measure.VISITS, Measure.DAYS, Measure.SESSIONS})
"""Measures of which a visit uses one."""

_ROLLING = frozenset({Every.ROLLING_DAYS, Every.ROLLING_MONTHS})


class Reached(Enum):
    """What a line finds."""

    INSIDE = "inside"
    EXTENDED = "extended"
    PAST = "past"


class Asking(NamedTuple):
    """The line that asks: when, in which visit, and how much of each measure it would use.

    `minutes` are those of a timed line; `discipline` and `provider` are what some limits count by.
    `allowed` and `billed` are cents.
    """

    day: date
    visit: int
    line: int
    discipline: str
    provider: str
    units: int
    minutes: int
    allowed: int
    billed: int


class Answer(NamedTuple):
    """What part of the limit the line reaches, how many cents of its allowed amount lie inside, and what it uses up."""

    reached: Reached
    inside: int
    amount: int
    key: Hashable | None = None


class Entry(NamedTuple):
    """What one line used up; `visit` is 0 for visits before the course."""

    day: date
    amount: int
    visit: int


@dataclass(slots=True)
class Tally:
    """One limit while a course runs. `opening` is in the limit's measure and belongs to `opening_day`'s period."""

    limit: Limit
    year: BenefitYear
    opening: int = 0
    opening_day: date = date.min
    entries: list[Entry] = field(default_factory=list)
    answered: dict[Hashable, Reached] = field(default_factory=dict)
    _day: date | None = None
    _visit: int = -1
    _start: date | None = None
    _used: int = 0
    _filling: int = -1
    _mark: int = 0
    _keys: list[Hashable] = field(default_factory=list)
    _only_deductible: bool | None = None

    def used(self, day: date, visit: int = 0) -> int:
        """Return what is used up in the period that holds the day."""
        if self._day == day and (self._visit == visit or self.limit.every is not Every.VISIT):
            return self._used
        every = self.limit.every
        self._day, self._visit = day, visit
        if every is Every.VISIT:
            self._used = sum(entry.amount for entry in self.entries if entry.visit == visit)
            return self._used
        served = self._served() if every is Every.YEAR_FROM_FIRST else ()
        start = period_start(self.limit, self.year, day, served)
        if start != self._start or every in _ROLLING or self.limit.measure is Measure.MONTHS:
            self._start = start
            opening = self.opening if start <= self.opening_day else 0
            self._used = opening + self._since(start, day)
        return self._used

    def used_before(self, first_day: date) -> int:
        """Return what earlier visits used up from this day on."""
        opening = self.opening if first_day <= self.opening_day else 0
        return opening + sum(entry.amount for entry in self.entries if not entry.visit and first_day <= entry.day)

    def left(self, day: date, visit: int) -> int:
        """Return what is left of a known limit, below zero where more than it was used."""
        amount = self.limit.amount
        return 0 if isinstance(amount, Unknown) else amount - self.used(day, visit)

    def ask(self, asking: Asking) -> Answer:
        """Return what the line finds, without using anything up."""
        limit = self.limit
        key = self._key(asking)
        if key is not None and key in self.answered:
            return Answer(self.answered[key], asking.allowed, 0, key)
        if isinstance(limit.amount, Unknown):
            return Answer(Reached.INSIDE, asking.allowed, self._wanted(asking), key)
        left = limit.amount - self.used(asking.day, asking.visit)
        if limit.measure is Measure.MONTHS:
            left += 1 if self._has_begun(asking.day) else 0
        extension = 0 if limit.extension is None else limit.extension.amount
        return self._answer(asking, key, left, extension)

    def number_of(self, asking: Asking) -> int:
        """Return the number of the line's visit as this limit counts, its own use included."""
        return self.used(asking.day, asking.visit) + (0 if self._key(asking) in self.answered else 1)

    def fill(self, asking: Asking, answer: Answer, inside: int, plan_paid: int, only_deductible: bool | None) -> None:
        """Use up what the line takes.

        `inside` is what lies inside every limit of the line, `plan_paid` fills a limit of paid dollars, and
        `only_deductible` tells whether the deductible took the line whole (None: there was nothing to take).
        """
        limit = self.limit
        if answer.reached is Reached.PAST and limit.past is not Past.CONTINUES:
            return
        if asking.visit != self._filling:
            self._filling, self._mark, self._only_deductible = asking.visit, len(self.entries), None
            self._keys.clear()
        if only_deductible is not None:
            self._only_deductible = only_deductible and self._only_deductible is not False
        if answer.key is not None:
            if answer.key in self.answered:
                return
            self.answered[answer.key] = answer.reached
            self._keys.append(answer.key)
        amount = answer.amount
        if limit.measure is Measure.DOLLARS and limit.dollars_of is not DollarsOf.BILLED:
            amount = plan_paid if limit.dollars_of is DollarsOf.PAID else min(amount, inside)
        self._enter(Entry(asking.day, amount, asking.visit))

    def fill_again(self, amounts: Sequence[int], visits: Sequence[int], days: Sequence[date]) -> None:
        """Use up the same amounts at later visits, which are equal and each alone on its day."""
        self.entries += [
            Entry(day, amount, visit) for visit, day in zip(visits, days, strict=True) for amount in amounts
        ]
        self._day = self._start = None

    def count(self, asking: Asking) -> None:
        """Count a line of an earlier visit whatever is left, once where the limit counts visits or days."""
        key = self._key(asking)
        if key is not None:
            if key in self.answered:
                return
            self.answered[key] = Reached.INSIDE
        self._enter(Entry(asking.day, self._wanted(asking), asking.visit))

    def took_only_deductible(self, visit: int) -> bool:
        """Tell whether all that this visit used up here was paid by the deductible alone."""
        return self._filling == visit and self._only_deductible is True and len(self.entries) > self._mark

    def give_back(self) -> None:
        """Take the last visit's count out again: the plan does not count what its deductible took."""
        del self.entries[self._mark :]
        for key in self._keys:
            del self.answered[key]
        self._day = self._start = None

    def _served(self) -> list[date]:
        days = [entry.day for entry in self.entries]
        return [self.opening_day, *days] if self.opening else days

    def _since(self, start: date, day: date) -> int:
        inside = [entry for entry in self.entries if start <= entry.day <= day]
        if self.limit.measure is not Measure.MONTHS:
            return sum(entry.amount for entry in inside)
        begun = 0
        if inside:
            while months_later(inside[0].day, begun) <= day:
                begun += 1
        return begun

    def _has_begun(self, day: date) -> bool:
        """Tell whether the month of therapy that holds the day was begun by an earlier line."""
        return any(self._start is not None and self._start <= entry.day for entry in self.entries)

    def _enter(self, entry: Entry) -> None:
        self.entries.append(entry)
        moves = self.limit.every is Every.YEAR_FROM_FIRST or self.limit.measure is Measure.MONTHS
        if moves or self._day != entry.day:
            self._day = self._start = None
        else:
            self._used += entry.amount

    def _answer(self, asking: Asking, key: Hashable | None, left: int, extension: int) -> Answer:
        wanted = self._wanted(asking)
        least = 1 if self.limit.measure is Measure.DOLLARS and self.limit.dollars_of is DollarsOf.PAID else wanted
        allowed = asking.allowed
        if least <= max(0, left):
            return Answer(Reached.INSIDE, allowed, wanted, key)
        if extension and least <= left + extension:
            return Answer(Reached.EXTENDED, allowed, wanted, key)
        is_marker = self.limit.past is Past.CONTINUES
        reach = max(0, left + extension if left <= 0 else left)
        if not reach or is_marker or self.limit.measure is Measure.MODALITIES:
            return Answer(Reached.PAST, 0, wanted if is_marker else 0, key)
        part = (2 * allowed * reach + wanted) // (2 * wanted)
        return Answer(Reached.INSIDE if left > 0 else Reached.EXTENDED, part, reach, key)

    def _wanted(self, asking: Asking) -> int:
        match self.limit.measure:
            case Measure.DOLLARS:
                match self.limit.dollars_of:
                    case DollarsOf.PAID:
                        return 0
                    case DollarsOf.ALLOWED:
                        return asking.allowed
                    case DollarsOf.BILLED:
                        return asking.billed
            case Measure.UNITS:
                return asking.units
            case Measure.HOURS:
                return asking.minutes
            case _:
                return 1

    def _key(self, asking: Asking) -> Hashable | None:
        if self.limit.measure is Measure.MODALITIES:
            return (asking.visit, asking.line)
        if self.limit.measure not in COUNTED:
            return None
        match self.limit.counting:
            case Counting.ONE_PER_DATE:
                return asking.day
            case Counting.ONE_PER_DISCIPLINE:
                return (asking.day, asking.discipline)
            case Counting.ONE_PER_PROVIDER:
                return (asking.day, asking.provider)
            case Counting.ONE_PER_VISIT:
                return asking.visit
            case Counting.ONE_PER_LINE:
                return (asking.visit, asking.line)


# The period of a limit that holds a day: when what was used up before no longer counts.

_FOREVER = date.min


def period_start(limit: Limit, year: BenefitYear, day: date, served: Sequence[date]) -> date:
    """Return the first day of the period that holds the day; `served` are the days of service so far."""
    match limit.every:
        case Every.BENEFIT_YEAR:
            return year.first_day(day)
        case Every.CALENDAR_YEAR:
            return date(day.year, 1, 1)
        case Every.YEAR_FROM_FIRST:
            return _year_from_first(day, served)
        case Every.MONTH:
            return day.replace(day=1)
        case Every.WEEK:
            return day - timedelta(days=day.weekday())
        case Every.DAY | Every.VISIT:
            return day
        case Every.ROLLING_DAYS:
            return day - timedelta(days=limit.window - 1)
        case Every.ROLLING_MONTHS:
            return months_later(day, -limit.window) + timedelta(days=1)
        case Every.CONDITION | Every.EPISODE | Every.LIFETIME:
            return _FOREVER


def _year_from_first(day: date, served: Sequence[date]) -> date:
    """Return the first service of the year that holds the day.

    Eleven full months must pass after the month of a year's first service (NCD 30.3.3, CR 11755): a first
    service on 2020-03-21 lets the next year begin on 2021-03-01.
    """
    start = min(served, default=day)
    while (following := months_later(start.replace(day=1), 12)) <= day:
        start = min((each for each in served if each >= following), default=following)
        if start > day:
            return following
    return start


DEDUCTIBLE = QuestionKind.DEDUCTIBLE
MAXIMUM = QuestionKind.OUT_OF_POCKET_MAX

NO_END = Money(10**12)
"""More than any course can cost: what is left of a maximum that a plan does not have."""


class Brought(NamedTuple):
    """What a person and the family had paid by a day, nobody knows when."""

    day: date
    person: int
    family: int


@dataclass(slots=True)
class Paid:
    """What was paid toward one ceiling in this benefit year, and by day since some of it may carry over."""

    person: int = 0
    family: int = 0
    brought: Brought | None = None
    by_day: list[tuple[date, int]] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """The ceilings of a plan, by name, for one person in one run."""

    family: bool
    log: Log
    year: BenefitYear
    year_start: date
    paid: dict[str, Paid] = field(default_factory=dict)
    # By id, since two ceilings may share a name: what counts, and what is left of it.
    _amounts: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)
    _left: dict[int, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def untouched(cls, log: Log) -> Ledger:
        """Return a ledger for lines that no benefit covers: they enter nothing in it."""
        return cls(family=False, log=log, year=BenefitYear(), year_start=date.min)

    def open(self, ceiling: Ceiling, person: int, family: int, day: date) -> None:
        """Enter the balances that a person brings on a day, once a ceiling; a family has paid its member's part."""
        if ceiling.name not in self.paid:
            brought = int(person), int(max(person, family))
            self.paid[ceiling.name] = Paid(*brought, Brought(day, *brought))

    def left(self, ceiling: Ceiling | Unknown | None, asks: QuestionKind) -> int:
        """Return how many cents remain of a deductible or a maximum; `asks` names the question if it is unknown.

        The log notes a deductible whose rest was wanted: a share may hang on it.
        """
        if ceiling is None:
            return 0 if asks == DEDUCTIBLE else int(NO_END)
        if isinstance(ceiling, Unknown):
            return 0 if self.log.doubt(asks) and asks == DEDUCTIBLE else int(NO_END)
        if asks is DEDUCTIBLE:
            self.log.deductibles.add(ceiling.name)
        return self.rest(ceiling, asks)

    def rest(self, ceiling: Ceiling, asks: QuestionKind) -> int:
        """Return the same of a known ceiling for somebody who only tells it."""
        known = self._left.get(id(ceiling))
        if known is None:
            known = self._left[id(ceiling)] = (ceiling.name, self._reckoned(ceiling, asks))
        return known[1]

    def amounts(self, ceiling: Ceiling, asks: QuestionKind) -> tuple[int | None, int | None]:
        """Return the person's and the family's amount that count here, None where one does not.

        A person's own maximum holds within a family too (45 CFR 156.130), even where the plan's rule is `aggregate`.
        """
        known = self._amounts.get(id(ceiling))
        if known is None:
            known = self._amounts[id(ceiling)] = self._read(ceiling, asks)
        return known

    def binding(self, ceiling: Ceiling, asks: QuestionKind) -> int:
        """Return the amount, the person's or the family's, that stops a payment first."""
        paid = self.paid_toward(ceiling)
        person, family = self.amounts(ceiling, asks)
        lefts = [(person, paid.person), (family, paid.family)]
        return min((of - spent, of) for of, spent in lefts if of is not None)[1]

    def credit(self, ceiling: Ceiling | Unknown | None, cents: int, day: date) -> None:
        """Enter a payment toward a ceiling and those that it also credits."""
        if ceiling is None or cents <= 0 or isinstance(ceiling, Unknown):
            return
        names = (ceiling.name, *ceiling.also_credits)
        for key, (name, left) in self._left.items():
            if name in names:
                self._left[key] = (name, left - cents if left > cents else 0)
        for name in names:
            paid = self.paid.get(name)
            if paid is None:
                paid = self.paid[name] = Paid()
            paid.person += cents
            paid.family += cents
            paid.by_day.append((day, cents))

    def pay_again(self, paid: Mapping[str, Sequence[int]], days: Sequence[date]) -> None:
        """Enter the same payments toward ceilings, by name, on each of these days."""
        for name, amounts in paid.items():
            together, toward = len(days) * sum(amounts), self.paid[name]
            toward.person += together
            toward.family += together
            toward.by_day += [(day, cents) for day in days for cents in amounts]
            for key, (of, left) in self._left.items():
                if of == name:
                    self._left[key] = (of, max(0, left - together))

    def turn_to(self, day: date, ceilings: tuple[Ceiling, ...], before: date) -> bool:
        """Start the benefit year of this day; return whether it began after the day of the visit before.

        Under a revision whose year began earlier in the course, what was paid since then is part of it.
        """
        start = self.year.first_day(day)
        if start <= self.year_start:
            return False
        self.year_start = start
        self._left.clear()
        for ceiling in ceilings:
            if ceiling.per_condition:
                continue
            since = months_later(start, -ceiling.carry_over_months)
            paid = self.paid_toward(ceiling)
            counted = sum(cents for paid_on, cents in paid.by_day if since <= paid_on)
            brought = paid.brought if paid.brought and start <= paid.brought.day else None
            person, family = (brought.person, brought.family) if brought else (0, 0)
            own = [(paid_on, cents) for paid_on, cents in paid.by_day if start <= paid_on]
            self.paid[ceiling.name] = Paid(person + counted, family + counted, brought, own)
        return start > before

    def go_on_under(self, year: BenefitYear) -> None:
        """Go on under the next revision of the plan, whose benefit year may begin on another day."""
        self.year = year
        self._amounts.clear()
        self._left.clear()

    def forget(self) -> None:
        """Begin anew: nothing was paid, and the next day starts a benefit year."""
        self.paid.clear()
        self.year_start = date.min

    def paid_toward(self, ceiling: Ceiling) -> Paid:
        """Return what was paid toward a ceiling."""
        paid = self.paid.get(ceiling.name)
        if paid is None:
            paid = self.paid[ceiling.name] = Paid()
        return paid

    def _reckoned(self, ceiling: Ceiling, asks: QuestionKind) -> int:
        paid = self.paid_toward(ceiling)
        person_of, family_of = self.amounts(ceiling, asks)
        left = int(NO_END) if person_of is None else person_of - paid.person
        if family_of is not None:
            left = min(left, family_of - paid.family)
        return max(0, left)

    def _read(self, ceiling: Ceiling, asks: QuestionKind) -> tuple[int | None, int | None]:
        if not self.family:
            return self._amount(ceiling.person, asks), None
        own = ceiling.person if ceiling.family_member is None else ceiling.family_member
        rule = ceiling.family_rule
        if ceiling.family is None:
            return self._amount(own, asks), None
        if isinstance(rule, Unknown):
            is_favorable = self.log.doubt(QuestionKind.FAMILY_RULE, ceiling.name, ceiling.citation)
            rule = FamilyRule.EMBEDDED if is_favorable else FamilyRule.AGGREGATE
        if rule is FamilyRule.AGGREGATE:
            if asks == DEDUCTIBLE or isinstance(own, Unknown):
                return None, self._amount(ceiling.family, asks)
            self.log.assume(AssumptionKind.PER_PERSON_MAXIMUM, ceiling.name, ceiling.citation)
        person = self._amount(own, asks)
        return person, None if rule is FamilyRule.PER_PERSON else self._amount(ceiling.family, asks)

    def _amount(self, amount: Money | Between | Unknown, asks: QuestionKind) -> int:
        if isinstance(amount, Money):
            return int(amount)
        is_favorable = self.log.doubt(asks)
        if isinstance(amount, Between):
            return int(amount.low if is_favorable else amount.high)
        return 0 if is_favorable and asks == DEDUCTIBLE else int(NO_END)


def opening(used: Used, asks: QuestionKind, expired: bool) -> tuple[int, int]:
    """Return the person's and the family's opening balance of a deductible or a maximum."""
    if expired:
        return 0, 0
    if asks == DEDUCTIBLE:
        return used.deductible_paid, used.family_deductible_paid
    return used.out_of_pocket_paid, used.family_out_of_pocket_paid


def deductible_met(used: Used, network: Network, is_family: bool) -> Used | None:
    """Return the balances of a person who has paid the whole deductible of a network; None where it has no amount.

    What was paid toward it counts toward the out-of-pocket maximum too, unless the plan keeps the two apart.
    """
    ceiling, maximum = network.deductible, network.out_of_pocket_max
    if not isinstance(ceiling, Ceiling):
        return None
    member = ceiling.family_member if is_family and ceiling.family_member is not None else ceiling.person
    own = member if isinstance(member, Money) else ZERO
    family = ceiling.family if is_family and isinstance(ceiling.family, Money) else ZERO
    is_embedded = ceiling.family_rule in (FamilyRule.EMBEDDED, FamilyRule.PER_PERSON)
    paid = own if is_embedded and own else family or own
    if not paid:
        return None
    together = paid if is_family else ZERO
    met = replace(
        used,
        deductible_paid=max(used.deductible_paid, paid),
        family_deductible_paid=max(used.family_deductible_paid, together),
    )
    if isinstance(maximum, Ceiling) and not maximum.includes_deductible:
        return met
    return replace(
        met,
        out_of_pocket_paid=max(used.out_of_pocket_paid, paid),
        family_out_of_pocket_paid=max(used.family_out_of_pocket_paid, together),
    )


def untold_limits(used: Used, plan: Plan, codes: frozenset[str]) -> Iterator[tuple[Limit, int]]:
    """Yield the limits of these codes of which nobody told what is used, each with its amount, where that is known.

    Those past which care goes on as before change nothing.
    """
    over = {name for benefit in plan.benefits if benefit.services & codes for name in benefit.limits}
    for name, limit in plan.limits.items():
        is_told = name in used.limits or name in used.limit_days
        if name in over and not is_told and limit.past is not Past.CONTINUES and not isinstance(limit.amount, Unknown):
            yield limit, limit.amount


def limits_used_up(used: Used, plan: Plan, codes: frozenset[str]) -> tuple[list[Limit], Used]:
    """Return the limits of these codes of which nobody told what is used, and balances in which they are used up.

    Limits that begin anew each day or visit change nothing.
    """
    untold = untold_limits(used, plan, codes)
    spent = [(limit, amount) for limit, amount in untold if limit.every not in (Every.DAY, Every.VISIT)]
    amounts = {limit.name: amount for limit, amount in spent}
    return [limit for limit, _ in spent], replace(used, limits={**used.limits, **amounts})
