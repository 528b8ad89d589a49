"""What matters most: for each thing that is not known, how many dollars of the total hang on it.

The course is run again with the thing at its plausible ends (docs/comparing.md lists them), everything else as in the
typical run. A course takes at most 25 estimates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from estimator.engine.answer import Condition, Estimate
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.values import ZERO, Citation, Money
from estimator.errors import NoPrice, Refused, UnknownPlan, UnknownZip
from estimator.estimates.estimating import Plans, estimate_asked, estimate_with
from estimator.estimates.mattering_course import Course, Input, Option
from estimator.estimates.mattering_person import person_inputs
from estimator.estimates.mattering_plan import plan_inputs
from estimator.estimates.reading import read_request
from estimator.plans.folder import library
from estimator.prices.books import Prices
from estimator.prices.clinic_lists import clinic_prices
from estimator.resources import plans_folder

MOST_RUNS = 25
ASKED_FIRST = 3
_STOPS = (Refused, UnknownPlan, UnknownZip, NoPrice)
_PATHS = {
    "authorization": "authorization.on_file",
    "referral": "referral.on_file",
    "improvement": "person.improving",
    "justification": "person.justified",
    "consent": "signed_consent",
}


@dataclass(frozen=True, slots=True)
class End:
    """One end of an input: what the patient owes for the course, and what the clinic writes off, in the typical run.

    `is_written_off`: a condition fails and the clinic bears it. That saves the patient nothing to plan with, since few
    clinics give care that is not paid for, so it is no part of what hangs on the input.
    """

    end: str
    owes: Money
    absorbed: Money
    is_written_off: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One input with its ends; `path` is the key of a request that answers it, empty where only the plan can."""

    kind: str
    subject: str
    path: str
    ends: tuple[End, ...]
    citation: Citation | None = None

    @property
    def worth(self) -> Money:
        """Return what hangs on it for the patient."""
        owed = [end.owes for end in self.ends if not end.is_written_off]
        return max(owed) - min(owed)

    @property
    def clinic_worth(self) -> Money:
        """Return what hangs on it for the clinic."""
        lost = [end.absorbed for end in self.ends]
        return max(lost) - min(lost)


@dataclass(frozen=True)
class Matters:
    """What hangs on what for one estimate, the dearest first; `left_out` are inputs beyond the most estimates."""

    estimate: Estimate
    plan: Plan
    matters: tuple[Matter, ...]
    left_out: tuple[str, ...]
    runs: int

    @property
    def first(self) -> tuple[Matter, ...]:
        """Return those to be answered first."""
        return tuple(matter for matter in self.matters if matter.worth > ZERO)[:ASKED_FIRST]

    def worth(self, kind: str) -> Money:
        """Return what hangs on inputs of a kind: nothing where it is answered or never came up."""
        return max((matter.worth for matter in self.matters if matter.kind == kind), default=ZERO)


def what_matters(
    written: Mapping[str, Any],
    today: date,
    plans: Plans | None = None,
    clinic: ClinicPrices | None = None,
    prices: Prices | None = None,
) -> Matters:
    """Return what hangs on what. Raises what `estimate_asked` raises where there is no estimate at all."""
    shelf = plans or library(plans_folder())
    own = clinic if clinic is not None else clinic_prices(prices=prices)
    asked = read_request(written, today)
    estimate, plan = estimate_asked(asked, shelf, own, prices)
    priced = asked.priced_by(own)
    alone = estimate_with(plan, replace(priced, secondary=None), shelf, prices) if priced.secondary else estimate
    course = Course(estimate, plan, priced, alone.questions)
    bench = _Bench(course, shelf, prices)
    inputs = (*plan_inputs(course), *person_inputs(course, written, today, prices))
    found = [*_conditions(course), *bench.matters(inputs)]
    ordered = sorted(found, key=lambda matter: (-matter.worth, -matter.clinic_worth))
    return Matters(estimate, plan, tuple(ordered), tuple(bench.left_out), bench.runs)


def _conditions(course: Course) -> Iterator[Matter]:
    """Yield the conditions of the estimate, which have both of their ends already."""
    for condition in course.estimate.conditions:
        yield Matter(
            condition.needs, "", _PATHS.get(condition.needs, ""), _ends_of(condition, course), condition.citation
        )


def _ends_of(condition: Condition, course: Course) -> tuple[End, End]:
    typical = course.estimate.typical
    met = End("met", typical.owes, typical.provider_absorbs)
    is_written_off = condition.difference < 0 < condition.clinic_difference
    owes, absorbed = met.owes + condition.difference, met.absorbed + condition.clinic_difference
    return met, End("not-met", owes, absorbed, is_written_off)


class _Bench:
    """Runs the ends of inputs, one after the other, as long as there are estimates left."""

    def __init__(self, course: Course, plans: Plans, prices: Prices | None) -> None:
        self._course, self._plans, self._prices = course, plans, prices
        self.runs = 2 if course.asked.secondary else 1
        self.left_out: list[str] = []

    def matters(self, inputs: tuple[Input, ...]) -> Iterator[Matter]:
        """Yield each input that has two ends or more; the questions it stands for give its source."""
        sources = {(question.asks, question.subject): question.citation for question in self._course.estimate.questions}
        for open_ in inputs:
            options = [option for option in open_.options if not self._is_base(option)]
            if not options:
                continue
            if self.runs + len(options) > MOST_RUNS:
                self.left_out.append(open_.kind)
                continue
            ends = tuple(end for option in open_.options if (end := self._run(option)) is not None)
            if len(ends) > 1:
                yield Matter(open_.kind, open_.subject, open_.path, ends, sources.get((open_.kind, open_.subject)))

    def _is_base(self, option: Option) -> bool:
        # An end that states what is not open in this plan leaves the plan as it is.
        return option.asked is self._course.asked and option.plan == self._course.plan

    def _run(self, option: Option) -> End | None:
        """Return the end, None where nothing can be estimated there (no price is known, say)."""
        estimate = self._course.estimate
        if not self._is_base(option):
            self.runs += 1
            try:
                estimate = estimate_with(option.plan, option.asked, self._plans, self._prices)
            except _STOPS:
                return None
        return End(option.end, estimate.typical.owes, estimate.typical.provider_absorbs)
