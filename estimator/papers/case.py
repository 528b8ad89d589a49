"""What a document is made of: the request, its plan, the answer in words, and the clinic; and which documents fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from estimator.billing.clinic import Clinic
from estimator.engine.answer import Estimate, Status
from estimator.engine.plan import Plan
from estimator.estimates.contract_values import Asked
from estimator.language import ENGLISH, N_, _, speaking, spoken
from estimator.wording.answer import Answer, AnswerLine, AnswerVisit, answer_of
from estimator.wording.words import payer_called, sentence

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


# ----------------------------------------------------------------------------
# Which documents fit a case, told without making them, so that a page can list those that do.
# ----------------------------------------------------------------------------

# The plans whose own rules leave the form of a notice open; Medicare has one form, Medicare Advantage none.
_COMMERCIAL = frozenset({"employer", "marketplace", "fehb"})

# People in these are not without insurance, so no Good Faith Estimate is due (45 CFR 149.610).
_PUBLIC = frozenset({"medicare", "medicare-advantage", "medicaid", "tricare"})

CONDITIONS = {
    "authorization": N_(
        "Is an approval (prior authorization) on file for these visits? Its number, how many visits, from "
        "which day to which?"
    ),
    "referral": N_("Is the referral that my plan asks for on file, and until when does it hold?"),
    "improvement": N_("What must my records show for you to go on paying?"),
    "justification": N_("What must my provider write for you to pay for more visits?"),
}


def why_not(kind: str, case: Case) -> str:
    """Say why a document does not fit a case, and what to do instead; nothing where it fits."""
    match kind:
        case "good-faith-estimate":
            if case.plan.market in _PUBLIC:
                return _(PUBLIC).format(plan=_(case.plan.title))
            return "" if case.billed_lines else _(NOTHING_DUE).format(plan=_(case.plan.title))
        case "notice":
            return _why_no_notice(case)
        case "call-script":
            return _why_no_call(case)
        case _:
            return ""


def _why_no_notice(case: Case) -> str:
    match case.plan.market:
        case "self-pay":
            return _(NO_PLAN)
        case "medicare-advantage":
            return _(ADVANTAGE)
        case "tricare":
            return _(WAIVER)
        case "medicaid":
            return _(AGREEMENT)
        case "workers-comp" | "va":
            return _(NO_PAPER).format(plan=_(case.plan.title))
        case market if market != "medicare" and market not in _COMMERCIAL:
            return sentence(_(OTHER_MARKET).format(payer=case.payer))
        case _:
            return "" if case.lines_to_sign_for else _(NO_LINE).format(plan=_(case.plan.title))


def _why_no_call(case: Case) -> str:
    if case.is_self_pay:
        return _(NOBODY_TO_CALL)
    answer = case.answer
    has_something = (
        answer.told
        or answer.questions
        or any(condition.needs in CONDITIONS for condition in answer.conditions)
        or any(one.line.status == Status.UNKNOWN for one in case.lines)
    )
    return "" if has_something else _(NOTHING_TO_ASK)


# ----------------------------------------------------------------------------
# Why a document does not fit, and what to do instead.
# ----------------------------------------------------------------------------

NOTHING_DUE = N_(
    "No line of this course is one that {plan} leaves to the patient, so there is nothing to estimate as "
    "self-pay. For somebody who won't use insurance, choose to pay without a plan."
)
PUBLIC = N_(
    "A Good Faith Estimate is for people without insurance and those who won't use it. The law doesn't give it to "
    "people in Medicare, Medicaid or TRICARE, so {plan} has none. The estimate of this course is the paper to keep."
)
NO_LINE = N_(
    "No service of this course is one that the patient would pay because {plan} doesn't, so there is no notice to sign."
)
NO_PLAN = N_(
    "Without insurance there is no plan that might not pay, so there is no notice to sign. The paper for "
    "it is a Good Faith Estimate."
)
ADVANTAGE = N_(
    "An Advance Beneficiary Notice is not valid for Medicare Advantage. Ask the plan for a pre-service "
    "organization determination in writing."
)
WAIVER = N_(
    "TRICARE has a waiver of its own. Signed before the visit, it names the service, the day, and the price. A general "
    "agreement to pay doesn't count. Ask TRICARE's contractor for its form."
)
AGREEMENT = N_(
    "Which agreement counts under Medicaid is a rule of the state. Ask the state's Medicaid program for its form, and "
    "have it signed before the visit."
)
NO_PAPER = N_(
    "Nothing that a patient signs lets a clinic charge for care that {plan} has accepted or authorized, so there is no "
    "notice to sign."
)
OTHER_MARKET = N_(
    "We haven't read which paper {payer} wants before a service that it doesn't pay. Ask {payer} for "
    "its own form, and let nobody sign another."
)
NOBODY_TO_CALL = N_("Without insurance there is nobody to call. Ask the clinic for its Good Faith Estimate instead.")
NOTHING_TO_ASK = N_("Nothing about this plan and these visits is unknown, so there is nothing to ask.")
