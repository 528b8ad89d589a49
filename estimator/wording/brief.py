"""What an answer says in brief, on the page as on paper: the part that is open, what to ask, what needling may cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estimator.engine.answer import AssumptionKind, QuestionKind
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.values import Money, total
from estimator.language import N_, _
from estimator.wording.answer import FOLLOWING, Amounts, Answer, AnswerCondition, AnswerPoint
from estimator.wording.uncertain import next_year_says
from estimator.wording.words import whole_usd

SAME = Money(500)
"""Less than five dollars is no saving that anybody would act on."""
_MOST_QUESTIONS = 5

_QUESTIONS: Mapping[str, str] = {
    "needling-policy": N_("Do you cover code {code} when a physical therapist bills it?"),
    "benefit-lists-service": N_("Do you cover code {code} when a physical therapist bills it?"),
    "cost-share": N_("What is my copay or percentage for physical therapy?"),
    "deductible": N_("How much of my deductible is left?"),
    "limit": N_("How many visits do you cover, and how many are left?"),
    "authorization-needed": N_("Do I need approval before these visits?"),
    "referral-needed": N_("Do I need a referral from a doctor?"),
    "liability": N_("If my claim is denied, can the clinic bill me?"),
    "policy-ask": N_("If my claim is denied, can the clinic bill me?"),
}


def first_open(answer: Answer) -> AnswerPoint | None:
    """Return the open point that may add most, None where nothing is open."""
    return next((point for point in answer.open_points if point.adds.most), None)


def more_of(answer: Answer) -> tuple[str, str]:
    """Return what open points may add, and why: the largest by itself, or all of them together; else nothing."""
    point = first_open(answer)
    if point is None:
        return "", ""
    several = [each for each in answer.open_points if each.adds.most >= SAME]
    if len(several) > 1:
        return f"+ $0–{whole_usd(answer.open_total.most)}", _("for what isn't known")
    name = point.name[:1].lower() + point.name[1:]
    says = _("for {name}: {why}").format(name=name, why=point.why)
    return f"+ $0–{whole_usd(point.adds.most)}", says


def range_of(answer: Answer) -> Amounts:
    """Return what is owed at least, usually as far as it is settled, and at most: one range for page and paper."""
    low, typical, high = answer.settled
    return Amounts(min(low, answer.patient_owes.low), typical, max(high, answer.patient_owes.high))


def ahead_of(answer: Answer) -> tuple[str, ...]:
    """Say where the number rests on rules of the year before, and what becomes of the plan."""
    years = (each for each in answer.open_points if each.about == QuestionKind.NEXT_YEAR)
    follows = (each.says for each in answer.assumptions if each.assumes in FOLLOWING)
    return (*(next_year_says(each.subject, each.of_second) for each in years), *follows)


def is_sure(answer: Answer) -> bool:
    """Tell whether nothing is left that may change the number: no range, no year to come, no proposed prices."""
    owes = range_of(answer)
    is_proposed = any(each.assumes == AssumptionKind.PROPOSED_PRICES for each in answer.assumptions)
    return owes.low == owes.high and not ahead_of(answer) and not is_proposed


def needling_code(answer: Answer) -> str:
    """Return the code that needling is billed with."""
    return next((line.code for line in answer.lines if line.code in NEEDLING_CODES), "20561")


def needling_at_most(answer: Answer) -> Money:
    """Return what needling comes to at most, and so what may be saved without it."""
    lines = (line for visit in answer.settled_visits for line in visit.lines if line.code in NEEDLING_CODES)
    return total(max(line.patient_owes, line.range.high) for line in lines)


def short_questions(answer: Answer) -> list[str]:
    """Return at most five short questions for the plan or, without one, for the clinic."""
    return list(_questions(answer))[:_MOST_QUESTIONS]


def _questions(answer: Answer) -> Iterator[str]:
    code = needling_code(answer)
    asked = {question.asks for question in answer.questions}
    short = dict.fromkeys(words for asks, words in _QUESTIONS.items() if asks in asked)
    yield from (_(words).format(code=code) for words in list(short)[: _MOST_QUESTIONS - 1])
    if answer.plan.is_self_pay:
        yield _("What does each visit cost, and what if I need more?")
        yield _("Can I have a written Good Faith Estimate?")
    else:
        yield _("Can I have your name and a reference number?")


_APPROVE = N_("Your plan must approve these visits from visit {number} on. Without approval the claim can be denied.")
_REFER = N_("Get a referral first if your plan needs one. Without it the claim can be denied.")


def condition_in_brief(condition: AnswerCondition) -> str:
    """Return what a patient has to see to: a denied claim is told as one, not as a saving."""
    if condition.if_not < 0 and condition.needs == "authorization":
        return _(_APPROVE).format(number=condition.from_visit)
    return _(_REFER) if condition.if_not < 0 and condition.needs == "referral" else condition.says


# ----------------------------------------------------------------------------
# Paying for it: when, from what, and what to ask a clinic where it is too much.
# ----------------------------------------------------------------------------

_WHEN_INSURED = N_(
    "Most clinics collect a copay at each visit. They bill a deductible or a percentage after your plan has answered."
)
_NOTHING = N_("You pay nothing at your visits.")
_WHEN_CASH = N_("Most clinics collect the price at each visit.")
_FROM_AN_ACCOUNT = N_("You can pay with an HSA or FSA. Keep the receipts.")
PAYMENT_QUESTIONS = (
    N_("Do you have a payment plan without interest?"),
    N_("Do you have financial help for people with a low income?"),
    N_("Is there a lower price if I pay on the day?"),
)


def when_you_pay(answer: Answer) -> list[str]:
    """Say when people usually pay, and that a health account may be used; or that there is nothing to pay."""
    if not range_of(answer).high:
        return [_(_NOTHING)]
    return [_(_WHEN_CASH if answer.plan.is_self_pay else _WHEN_INSURED), _(_FROM_AN_ACCOUNT)]
