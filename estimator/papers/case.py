"""What a document is made of: the request, its plan, the answer in words, and the clinic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from estimator.billing.clinic import Clinic
from estimator.engine.answer import Estimate, Status
from estimator.engine.plan import Plan
from estimator.estimates.contract_values import Asked
from estimator.language import ENGLISH, speaking, spoken
from estimator.wording.answer import Answer, AnswerLine, AnswerVisit, answer_of
from estimator.wording.words import payer_called

SELF_PAY = "self-pay"


class Line(NamedTuple):
    """One line of the answer, with its visit."""

    visit: AnswerVisit
    line: AnswerLine


@dataclass(frozen=True)
class Case:
    """One course of care, answered for a patient; `in_english` is what to read out where somebody speaks no other.

    A copy `is_for_clinic` where it also says what the clinic has to do; a patient's copy does not.
    """

    asked: Asked
    plan: Plan
    answer: Answer
    in_english: Answer
    clinic: Clinic = field(default_factory=Clinic)
    is_for_clinic: bool = True

    @property
    def as_of(self) -> date:
        """Return the day of the paper."""
        return self.asked.request.as_of

    @property
    def is_self_pay(self) -> bool:
        """Tell whether there is no insurance."""
        return self.plan.market == SELF_PAY

    @property
    def payer(self) -> str:
        """Return what the insurer is called, within a sentence."""
        return payer_called(self.plan.payer)

    def payer_or(self, nameless: str) -> str:
        """Return the insurer's name, or other words where the plan names none."""
        return nameless if self.payer == payer_called("") else self.payer

    @property
    def lines(self) -> Iterator[Line]:
        """Yield every line of every visit, in order."""
        for visit in self.answer.visits:
            for line in visit.lines:
                yield Line(visit, line)

    @property
    def billed_lines(self) -> list[Line]:
        """Return the lines that are left to the patient."""
        return [one for one in self.lines if one.line.status == Status.PATIENT_BILLED]

    @property
    def lines_to_sign_for(self) -> list[Line]:
        """Return the lines that the patient pays if the plan does not: now, or once a consent is signed."""
        may_sign = any(point.about == "consent" for point in self.answer.open_points)
        return [one for one in self.lines if _is_to_sign_for(one.line, may_sign)]

    @property
    def codes(self) -> dict[str, str]:
        """Return the plain words of each code of the course, in order of first use."""
        return {one.line.code: one.line.name for one in self.lines}


def _is_to_sign_for(line: AnswerLine, may_sign: bool) -> bool:
    if line.status == Status.PROVIDER_ABSORBS:
        return may_sign and any(step.finding == "not-covered" for step in line.steps)
    return line.status in (Status.PATIENT_BILLED, Status.UNKNOWN)


def case_of(
    asked: Asked, plan: Plan, estimate: Estimate, names: Mapping[str, str], clinic: Clinic | None = None
) -> Case:
    """Word an estimate in the language that is spoken; `names` are plain words for the codes."""
    answer = answer_of(estimate, plan, names)
    in_english = answer
    if spoken() != ENGLISH:
        with speaking(ENGLISH):
            in_english = answer_of(estimate, plan, names)
    return Case(asked, plan, answer, in_english, clinic or Clinic())
