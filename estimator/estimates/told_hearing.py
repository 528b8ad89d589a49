"""How an answer meets a rule of the plan: it fills what is open, and else stands beside what was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from estimator.engine.plan import Benefit, Plan
from estimator.engine.request import TOLD, Call, Told
from estimator.engine.values import Citation, Source
from estimator.estimates.mattering_course import Course


@dataclass(frozen=True)
class Hearing:
    """One call about one course; `otherwise` supposes that the answers hold even where a document says otherwise."""

    call: Call
    course: Course
    otherwise: bool = False

    @property
    def cited(self) -> Citation:
        """Return the payer, on the day of the call, as the source of a rule; the wording names it."""
        return Citation(Source(self.course.plan.payer, "", self.call.on, TOLD), self.call.reference)

    def takes(self, stated: object, said: object, is_open: bool) -> bool:
        """Tell whether the answer changes a rule."""
        return stated != said and (is_open or self.otherwise)


Stating = Callable[[Plan, Told, Hearing], Plan]
"""Returns the plan with one answer in it; the plan itself where the answer changes nothing."""


def in_use(plan: Plan, codes: frozenset[str]) -> frozenset[str]:
    """Return the names of the benefits that the lines of a course can fall in."""
    listing = {benefit.name for benefit in plan.benefits if benefit.services & codes}
    return frozenset(listing | {policy.under for policy in plan.policies if policy.services & codes})


def each_in_use(plan: Plan, codes: frozenset[str], state: Callable[[Benefit], Benefit]) -> Plan:
    """State something in every benefit of the course."""
    names = in_use(plan, codes)
    benefits = (state(benefit) if benefit.name in names else benefit for benefit in plan.benefits)
    return replace(plan, benefits=tuple(benefits))
