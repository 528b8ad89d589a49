"""Room under a limit: what is used up in the period of a day, and what a further line finds there.

A visit past a limit uses nothing up; a line asks every limit of its benefit before it fills any.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from estimator.domain.days import BenefitYear, months_later
from estimator.domain.limit import Counting, Every, Limit, Measure
from estimator.domain.money import Money
from estimator.domain.unknown import Unknown

_FOREVER = date.min
_UNITS_OF = {Measure.UNITS, Measure.HOURS}
_ONCE_A_VISIT = {Measure.VISITS, Measure.DAYS, Measure.SESSIONS}


class Room(Enum):
    """What a line finds."""

    INSIDE = "inside"
    EXTENDED = "extended"
    PAST = "past"


class Asking(NamedTuple):
    """The line that asks: when, in which visit, and how much of each measure it would use.

    `minutes` are those of a timed line; `discipline` and `provider` are what some limits count by.
    """

    day: date
    visit: int
    line: int
    discipline: str
    provider: str
    units: int
    minutes: int
    allowed: Money
    billed: Money


class Answer(NamedTuple):
    """Where the line stands, and how much of its allowed amount (cents) lies inside."""

    room: Room
    inside: Money


@dataclass(slots=True)
class Tally:
    """One limit while a course runs. `opening` is in the limit's measure and belongs to `opening_day`'s period."""

    limit: Limit
    year: BenefitYear
    opening: int = 0
    opening_day: date = date.min
    entries: list[tuple[date, int]] = field(default_factory=list)
    answered: dict[Hashable, Answer] = field(default_factory=dict)
    _start: date | None = None
    _used: int = 0
    _visit: int = 0

    def used(self, day: date, visit: int = 0) -> int:
        """Return what is used up in the period that holds the day."""
        every = self.limit.every
        if every is Every.VISIT:
            return sum(amount for _, amount in self.entries if self._visit == visit)
        start = self.period_start(day)
        if every not in (Every.ROLLING_DAYS, Every.ROLLING_MONTHS) and start == self._start:
            return self._used
        used = sum(amount for spent, amount in self.entries if start <= spent <= day)
        if self.opening and start <= self.opening_day:
            used += self.opening
        self._start, self._used = start, used
        return used

    def ask(self, asking: Asking) -> Answer:
        """Return what the line finds, without using anything up."""
        key = self._key(asking)
        if key is not None and key in self.answered:
            before = self.answered[key]
            return Answer(before.room, asking.allowed if before.room is not Room.PAST else Money(0))
        of = self.limit.amount
        if isinstance(of, Unknown):
            return Answer(Room.INSIDE, asking.allowed)
        if self.limit.measure is Measure.MONTHS:
            return self._months(asking, of)
        if self._visit != asking.visit and self.limit.every is Every.VISIT:
            self.entries.clear()
            self._visit = asking.visit
        left = of - self.used(asking.day, asking.visit)
        if self.limit.measure in _ONCE_A_VISIT or self.limit.measure is Measure.MODALITIES:
            return self._counted(left, asking)
        return _partly(self.limit, left, asking)

    def is_counted(self, asking: Asking) -> bool:
        """Tell whether what this line would count as has been counted already."""
        return self._key(asking) in self.answered

    def fill(self, asking: Asking, answer: Answer, plan_paid: Money = Money(0)) -> None:
        """Use up what the line takes; `plan_paid` fills a limit of paid dollars."""
        key = self._key(asking)
        if answer.room is Room.PAST or (key is not None and key in self.answered):
            return
        if key is not None:
            self.answered[key] = answer
        amount = self._amount(asking, answer, plan_paid)
        self.entries.append((asking.day, amount))
        if self._start is not None and self._start == self.period_start(asking.day):
            self._used += amount

    def give_back(self, day: date) -> None:
        """Take the day's count out again: the plan does not count what its deductible took."""
        self.entries = [entry for entry in self.entries if entry[0] != day]
        self.answered.clear()
        self._start = None

    def period_start(self, day: date) -> date:
        """Return the first day of the period that holds the day."""
        match self.limit.every:
            case Every.BENEFIT_YEAR:
                return self.year.first_day(day)
            case Every.CALENDAR_YEAR:
                return date(day.year, 1, 1)
            case Every.YEAR_FROM_FIRST:
                return self._year_from_first(day)
            case Every.MONTH:
                return day.replace(day=1)
            case Every.WEEK:
                return day - timedelta(days=day.weekday())
            case Every.DAY | Every.VISIT:
                return day
            case Every.ROLLING_DAYS:
                return day - timedelta(days=self.limit.window - 1)
            case Every.ROLLING_MONTHS:
                return months_later(day, -self.limit.window) + timedelta(days=1)
            case Every.CONDITION | Every.EPISODE | Every.LIFETIME:
                return _FOREVER

    def _year_from_first(self, day: date) -> date:
        # Eleven full months must pass after the month of the first service (NCD 30.3.3 billing text).
        first = min((spent for spent, _ in self.entries), default=day)
        if self.opening:
            first = min(first, self.opening_day)
        start = first
        while (following := months_later(start.replace(day=1), 12)) <= day:
            start = next((spent for spent, _ in self.entries if spent >= following), following)
            if start > day:
                return following
        return start

    def _counted(self, left: int, asking: Asking) -> Answer:
        if left >= 1:
            return Answer(Room.INSIDE, asking.allowed)
        extension = self.limit.extension
        if extension is not None and left + extension.amount >= 1:
            return Answer(Room.EXTENDED, asking.allowed)
        return Answer(Room.PAST, Money(0))

    def _months(self, asking: Asking, months: int) -> Answer:
        first = min((spent for spent, _ in self.entries), default=asking.day)
        inside = asking.day < months_later(first, months)
        return Answer(Room.INSIDE, asking.allowed) if inside else Answer(Room.PAST, Money(0))

    def _amount(self, asking: Asking, answer: Answer, plan_paid: Money) -> int:
        match self.limit.measure:
            case Measure.DOLLARS:
                if self.limit.dollars_of == "paid":
                    return plan_paid
                return answer.inside if self.limit.dollars_of == "allowed" else asking.billed
            case Measure.UNITS:
                return asking.units
            case Measure.HOURS:
                return asking.minutes
            case _:
                return 1

    def _key(self, asking: Asking) -> Hashable | None:
        if self.limit.measure is Measure.MODALITIES:
            return (asking.visit, asking.line)
        if self.limit.measure not in _ONCE_A_VISIT:
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


def _partly(limit: Limit, left: int, asking: Asking) -> Answer:
    """Answer for dollars, units and hours, of which a line may lie partly inside."""
    wanted = {Measure.UNITS: asking.units, Measure.HOURS: asking.minutes}.get(limit.measure)
    if wanted is None and limit.dollars_of == "allowed":
        inside = min(int(asking.allowed), max(0, left))
        room = Room.INSIDE if inside > 0 or asking.allowed == 0 else Room.PAST
        return Answer(room, Money(inside))
    if wanted is None:
        wanted = asking.billed if limit.dollars_of == "billed" else 0
        if limit.dollars_of == "paid":
            room = Room.INSIDE if left > 0 else Room.PAST
            return Answer(room, asking.allowed if left > 0 else Money(0))
    if wanted <= left or wanted == 0:
        return Answer(Room.INSIDE, asking.allowed)
    if left <= 0:
        return Answer(Room.PAST, Money(0))
    return Answer(Room.INSIDE, Money((2 * asking.allowed * left + wanted) // (2 * wanted)))
