"""Deductibles and out-of-pocket maximums while a course runs: what was paid, what is left, when it resets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from estimator.engine.log import AssumptionKind, Log, QuestionKind
from estimator.engine.plan import Ceiling, FamilyRule
from estimator.engine.request import Used
from estimator.engine.values import BenefitYear, Between, Money, Unknown, months_later

DEDUCTIBLE = QuestionKind.DEDUCTIBLE
MAXIMUM = QuestionKind.OUT_OF_POCKET_MAX

NO_END = Money(10**12)
"""More than any course can cost: what is left of a maximum that a plan does not have."""


@dataclass(slots=True)
class Paid:
    """What was paid toward one ceiling in this benefit year, and by day since some of it may carry over."""

    person: int = 0
    family: int = 0
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

    def open(self, ceiling: Ceiling, person: int, family: int) -> None:
        """Enter the balances that a person brings, once a ceiling; a family has paid at least its member's part."""
        if ceiling.name not in self.paid:
            self.paid[ceiling.name] = Paid(int(person), int(max(person, family)))

    def left(self, ceiling: Ceiling | Unknown | None, asks: QuestionKind) -> int:
        """Return how many cents remain of a deductible or a maximum; `asks` names the question if it is unknown."""
        if ceiling is None:
            return 0 if asks == DEDUCTIBLE else int(NO_END)
        if isinstance(ceiling, Unknown):
            return 0 if self.log.doubt(asks) and asks == DEDUCTIBLE else int(NO_END)
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

    def turn_to(self, day: date, ceilings: tuple[Ceiling, ...]) -> bool:
        """Start the benefit year of this day; return whether it is another one than before."""
        start = self.year.first_day(day)
        if start <= self.year_start:
            return False
        self.year_start = start
        self._left.clear()
        for ceiling in ceilings:
            if ceiling.per_condition:
                continue
            since = months_later(start, -ceiling.carry_over_months)
            by_day = self.paid_toward(ceiling).by_day
            carried = sum(cents for paid_on, cents in by_day if since <= paid_on < start)
            self.paid[ceiling.name] = Paid(carried, carried)
        return True

    def go_on_under(self, year: BenefitYear) -> None:
        """Go on under the next revision of the plan, whose benefit year may begin on another day."""
        self.year = year
        self._amounts.clear()
        self._left.clear()

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
