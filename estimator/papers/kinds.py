"""The documents by name: which of them fit a case, why another does not, and each as a PDF.

Whether a document fits is told without building it, so that a page can list those that do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estimator.engine.answer import Status
from estimator.errors import Problem, Refused
from estimator.language import N_, _
from estimator.papers.call_script import CONDITIONS, call_script_document
from estimator.papers.case import Case
from estimator.papers.estimate import estimate_document
from estimator.papers.good_faith import good_faith_document
from estimator.papers.layout import Document, typeset
from estimator.papers.notice import notice_document
from estimator.wording.words import sentence

KINDS: Mapping[str, Callable[[Case], Document]] = {
    "estimate": estimate_document,
    "good-faith-estimate": good_faith_document,
    "notice": notice_document,
    "call-script": call_script_document,
}
# The plans whose own rules leave the form of a notice open; Medicare has one form, Medicare Advantage none.
_COMMERCIAL = frozenset({"employer", "marketplace", "fehb"})

# People in these are not without insurance, so no Good Faith Estimate is due (45 CFR 149.610).
_PUBLIC = frozenset({"medicare", "medicare-advantage", "medicaid", "tricare"})


class DocumentRefused(Refused):
    """A document does not fit the plan and course; the problem says why, and what to do instead."""


def document_pdf(kind: str, case: Case) -> bytes:
    """Return a document as a PDF; raise DocumentRefused where it does not fit the plan and course."""
    if why := why_not(kind, case):
        raise DocumentRefused((Problem("", why),))
    return typeset(KINDS[kind](case))


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
    "self-pay. For somebody who will not use insurance, choose to pay without a plan."
)
PUBLIC = N_(
    "A Good Faith Estimate is for people without insurance and those who will not use it. The law does not give it to "
    "people in Medicare, Medicaid or TRICARE, so {plan} has none. The estimate of this course is the paper to keep."
)
NO_LINE = N_(
    "No service of this course is one that the patient would pay because {plan} does not, so there is no "
    "notice to sign."
)
NO_PLAN = N_(
    "Without insurance there is no plan that might not pay, so there is no notice to sign. The paper for "
    "it is a Good Faith Estimate."
)
ADVANTAGE = N_(
    "An Advance Beneficiary Notice is not valid for Medicare Advantage. Ask the plan for a pre-service "
    "organization determination in writing."
)
OTHER_MARKET = N_(
    "We have not read which paper {payer} wants before a service that it does not pay. Ask {payer} for "
    "its own form, and let nobody sign another."
)
NOBODY_TO_CALL = N_("Without insurance there is nobody to call. Ask the clinic for its Good Faith Estimate instead.")
NOTHING_TO_ASK = N_("Nothing about this plan and these visits is unknown, so there is nothing to ask.")
