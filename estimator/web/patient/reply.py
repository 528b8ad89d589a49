"""The form's answers become an estimate in words, beside the same care without a plan; or a list of problems.

Here the pages meet the rest of the product: the contract reads, the use case estimates, wording words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.engine.answer import Estimate
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.values import Money
from estimator.errors import EstimatorError, PlanNotInForce, Problem, RequestRefused, Stopped, UnknownPlan, UnknownZip
from estimator.estimates.compare import why_not_self_pay
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import TooLong, estimate_asked, more_fit, state_asked
from estimator.estimates.totals import unexplained
from estimator.language import _
from estimator.plans.shelf import network_meant, visit_limits
from estimator.web import common
from estimator.web.patient.answer_parts import ALSO_IDLE
from estimator.web.patient.choices import MY_PLAN, SELF_PAY_MARKET
from estimator.web.patient.fields import FIELDS
from estimator.web.patient.form import Answers, field_of, prices_there, problems_before_reading, request_of
from estimator.web.patient.my_plan import definition_of, second_plan_of
from estimator.web.patient.plans import plan_named
from estimator.wording.answer import Amounts, Answer, answer_of, owes_of
from estimator.wording.words import BILLER, PATIENT, Reader, short_day

# Keys of a request that speak of a plan and mean nothing without one.
_OF_A_PLAN = ("used", "authorization", "referral", "told", "secondary")

# Each is an estimate of its own.
_MOST_TRIED = 8

FormProblem = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the answer page shows; `self_pay` is what the same care costs without a plan, None if not known.

    `if_covered` is what is settled if the plan pays for needling, None where that is not asked. `idle` are the optional
    answers without which the estimate would be the same. `cash_barred` says why the law bars paying without the plan.
    """

    asked: Asked
    answer: Answer
    self_pay: Amounts | None
    plan: Plan
    if_covered: Money | None = None
    idle: frozenset[str] = frozenset()
    cash_barred: str = ""


def reply_to(answers: Answers, today: date) -> Reply:
    """Estimate what was asked; raise Stopped where that cannot be done."""
    request = request_asked(answers, today)
    clinic = prices_there(answers)
    asked, estimate, plan = _estimated(request, today, clinic)
    answer = answer_of(estimate, plan, common.names(), reader_of(answers))
    own = (each for each in estimate.open_points if each.adds.most and not each.of_second)
    asked_about = (each for each in own if each.about == "needling-cover")
    if_covered = next((point.if_covered for point in asked_about), None) if answer.reader == PATIENT else None
    barred = "" if answer.plan.is_self_pay else _cash_barred(answer, asked, plan)
    self_pay = answer.patient_owes if answer.plan.is_self_pay else None if barred else _self_pay(request, today, clinic)
    idle = frozenset(_idle(answers, estimate, today, clinic)) if answer.reader == PATIENT else frozenset()
    return Reply(asked, answer, self_pay, plan, if_covered, idle=idle, cash_barred=barred)


def _idle(answers: Answers, estimate: Estimate, today: date, clinic: ClinicPrices | None) -> Iterator[str]:
    """Yield the optional answers that change nothing for this plan: without all of them, every amount is the same.

    Two that say the same, such as a person's and a family's deductible, don't both count as idle: one is needed.
    """
    # An insurer decides what it pays for needling, also where no amount shows it.
    asked = (each for each in FIELDS if (each.told and each.name != "insurer") or each.name in ALSO_IDLE)
    given = [each for each in asked if answers[each.name] != each.start]
    # That more people share the plan counts with what they paid, however it is taken.
    is_shared = any(field.name.startswith("family_") for field in given)
    kept = answers
    for field in given[:_MOST_TRIED]:
        if field.name == "family" and is_shared:
            continue
        if not more_fit():
            return
        try:
            fewer = {**kept, field.name: field.start}
            _asked, without, _plan = _totaled(request_asked(fewer, today), today, clinic)
        except Stopped:
            continue
        if _figures(without) == _figures(estimate):
            kept = fewer
            yield field.name


def _figures(estimate: Estimate) -> tuple[object, ...]:
    runs = (*estimate.settled, estimate.low, estimate.typical, estimate.high)
    return *(run.owes for run in runs), estimate.open_total


def answer_to(answers: Answers, today: date) -> Answer:
    """Answer what was asked and nothing beside it; raise Stopped where that cannot be done."""
    _asked, estimate, plan = _estimated(request_asked(answers, today), today, prices_there(answers))
    return answer_of(estimate, plan, common.names(), reader_of(answers))


def _estimated(request: Mapping[str, Any], today: date, clinic: ClinicPrices | None) -> tuple[Asked, Estimate, Plan]:
    asked = read_request(request, today)
    return asked, *estimate_asked(asked, common.shelf(), clinic, common.prices())


def _totaled(request: Mapping[str, Any], today: date, clinic: ClinicPrices | None) -> tuple[Asked, Estimate, Plan]:
    """Estimate what no page explains."""
    asked = read_request(request, today)
    return asked, *estimate_asked(asked, common.shelf(), clinic, common.prices(), unexplained(asked))


def request_asked(answers: Answers, today: date) -> Mapping[str, Any]:
    """Return the request that answers make; raise RequestRefused where one that is needed is missing."""
    request = request_of(answers, **_of_the_plan(answers, today))
    problems = tuple(problems_before_reading(answers))
    if problems:
        raise RequestRefused((*problems, *_problems_in(request, today)))
    return request


def reader_of(answers: Answers) -> Reader:
    """Return whose words the answer is in."""
    return BILLER if answers["reader"] == BILLER else PATIENT


def form_problems(refused: EstimatorError, answers: Answers) -> list[FormProblem]:
    """Return each problem with the field it belongs to, one a field, None where no field is at fault."""
    request = request_of(answers)
    found: dict[str, FormProblem] = {}
    for problem in problems_of(refused):
        field = field_of(problem.path, request)
        found.setdefault(field or problem.message, (field, problem.message))
    order = [field.name for field in FIELDS]
    return sorted(found.values(), key=lambda each: order.index(each[0]) if each[0] else len(order))


def _cash_barred(answer: Answer, asked: Asked, plan: Plan) -> str:
    """Say why the law doesn't let the patient pay without the plan; empty where it does."""
    statuses = {line.status for visit in answer.visits for line in visit.lines}
    return why_not_self_pay(plan, asked.request.provider, state_asked(asked, common.prices()), statuses) or ""


def _self_pay(request: Mapping[str, Any], today: date, clinic: ClinicPrices | None) -> Amounts | None:
    """Return what the care costs without the plan, None where nobody can say."""
    try:
        _asked, estimate, _plan = _totaled(_without_plan(request), today, clinic)
    except (PlanNotInForce, TooLong):
        return None
    return owes_of(estimate)


def _without_plan(request: Mapping[str, Any]) -> dict[str, Any]:
    provider = {**request["provider"], "network": "in-network"}
    kept = {key: value for key, value in request.items() if key not in _OF_A_PLAN}
    return {**kept, "plan": SELF_PAY_MARKET, "provider": provider}


def _of_the_plan(answers: Answers, today: date) -> dict[str, Any]:
    """Return what the answers mean in this plan: its network, the limits that earlier visits have used, its rules."""
    described = definition_of(answers, today) if answers["plan"] == MY_PLAN else None
    if described:
        return {"plan": described, "limits": tuple(described.get("limits", ()))}
    plan = plan_named(answers["plan"], answers["first_day"])
    if plan is None:
        return {}
    second = second_plan_of(answers, plan)
    return {"network": network_meant(plan, answers["network"]), "limits": visit_limits(plan), "second": second}


def _problems_in(request: Mapping[str, Any], today: date) -> tuple[Problem, ...]:
    try:
        read_request(request, today)
    except RequestRefused as refused:
        return refused.problems
    return ()


def problems_of(refused: EstimatorError) -> Iterator[Problem]:
    """Yield what stops an estimate as problems of the request, in the words of the pages."""
    match refused:
        case RequestRefused(problems=problems):
            yield from problems
        case UnknownPlan():
            yield Problem("plan", _("Choose a plan from the list. We don’t have the one you sent."))
        case UnknownZip():
            yield Problem("zip", _("We can’t find that ZIP code. Please check it."))
        case PlanNotInForce(until=date() as until):
            words = _("We estimate visits up to {until}. Enter a first visit by then.")
            yield Problem("course.first_day", words.format(until=short_day(until)))
        case PlanNotInForce(day=day, first_day=first_day, last_day=last_day):
            yield Problem("course.first_day", _not_in_force(day, first_day, last_day))
        case _:
            raise refused


def _not_in_force(day: date, first_day: date, last_day: date | None) -> str:
    if last_day is not None and last_day < day:
        says = _(
            "We don’t have {year} rules for this plan: the ones we have end on {last}. "
            "Enter a first visit by then, or choose another plan."
        )
        return says.format(year=day.year, last=short_day(last_day))
    says = _(
        "We don’t have rules for this plan before {first}. Enter a first visit from then on, or choose another plan."
    )
    return says.format(first=short_day(first_day))
