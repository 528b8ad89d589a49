"""What the templates of the form and the answer are given, and which documents fit an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import render_template

from estimator.billing.clinic import clinic_now
from estimator.engine.answer import AssumptionKind
from estimator.engine.plan import Plan
from estimator.engine.values import Money
from estimator.errors import EstimatorError, PlanNotInForce
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.insurers.matching import find_insurer
from estimator.insurers.registry import registry
from estimator.language import N_, _
from estimator.papers.case import Case, case_of, why_not
from estimator.papers.kinds import document_pdf
from estimator.web import common
from estimator.web.common import keeps, services
from estimator.web.patient import choices
from estimator.web.patient.answer_parts import (
    by_service,
    counts,
    grouped,
    idle_words,
    numbers_of,
    price_sources,
    said_words,
    sources_of,
    state_page,
    state_pages,
    told,
)
from estimator.web.patient.fields import (
    BOXES,
    MY_PLAN_STARTS,
    AskedOn,
    Field,
    Group,
    field_named,
    fields_elsewhere,
    groups_of,
)
from estimator.web.patient.form import Answers, candidates, location_of, locations, needles, prices_there, state_of
from estimator.web.patient.front import front_of, is_of_family, is_paid_second, numbers_shown
from estimator.web.patient.pictures import comparison, comparison_words, course_bars, course_words, range_bar
from estimator.web.patient.plans import (
    chosen_elsewhere,
    chosen_words,
    found_by_name,
    instead_of,
    insurer_names,
    latest,
    listed_plans,
    pay_lists,
    pay_of,
    plan_groups,
    plan_named,
    short_title,
    tiers,
    variant_words,
)
from estimator.web.patient.reply import FormProblem, Reply, form_problems, reader_of, request_asked
from estimator.wording.answer import Amounts, citation_of
from estimator.wording.brief import PAYMENT_QUESTIONS, condition_in_brief, when_you_pay
from estimator.wording.plans import rules_of
from estimator.wording.words import BILLER, page_usd

Context = dict[str, Any]


def form_page(
    answers: Answers, problems: Sequence[FormProblem] = (), instead: Plan | None = None, find: str = ""
) -> Context:
    """Return what the form shows: what was typed, what is wrong with it, and a plan that would do instead.

    The part with the field to `find` is open.
    """
    told_of = _told_of(answers, problems)
    errors = told_of["errors"]
    chosen = chosen_elsewhere(answers["plan"], answers["first_day"])
    groups = plan_groups(answers["plan"], chosen)
    lists = pay_lists(groups, chosen)
    plan = chosen or plan_named(answers["plan"], answers["first_day"])
    asked = _asked_of(plan, answers)
    return {
        **told_of,
        "instead": instead,
        "opened": {group.name: any(find == each or errors[each] for each in _names(rows)) for group, rows in asked},
        "groups": asked,
        "words": said_words(answers),
        "chosen": chosen,
        "carried": _carried(answers, AskedOn.FORM),
        # Lists that depend on what was answered: options by field, then options in groups.
        "options": {"location": locations(), "locality": candidates(answers["zip"])},
        "pays": lists,
        "pay": pay_of(answers["plan"], lists),
        "insurers": insurer_names(),
        "meant": _insurers_meant(answers) if errors["insurer"] else (),
        "example": range_bar(Amounts(Money(32000), Money(32000), Money(32000)), Money(60000), Money(70000)),
        "option_groups": {
            "plan": groups,
            "network": tiers(plan),
        },
    }


def _insurers_meant(answers: Answers) -> list[tuple[str, str]]:
    """Return the insurers that a name in doubt may mean, each with its id: its own name may be in doubt as well."""
    return [
        (choice.insurer.id, choice.insurer.name)
        for choice in find_insurer(answers["insurer"], state_of(answers["zip"])).choices
    ]


def my_plan_page(answers: Answers, is_first: bool, problems: Sequence[FormProblem] = ()) -> Context:
    """Return what the page of a plan that is not listed shows; at first every "I don't know" is ticked."""
    ticked = {
        box: is_first or bool(answers[box] and not any(answers[field] for field in fields))
        for box, fields in BOXES.items()
    }
    elsewhere = {name: answer for name, answer in _carried(answers, AskedOn.MY_PLAN).items() if name != "plan"}
    groups = list(groups_of(AskedOn.MY_PLAN))
    return {**_told_of(answers, problems), "ticked": ticked, "carried": elsewhere, "groups": groups}


def _told_of(answers: Answers, problems: Sequence[FormProblem]) -> Context:
    return {
        "answers": answers,
        "errors": dict.fromkeys(answers, "") | {field: words for field, words in problems if field},
        "problems": problems,
        "summary": [
            (field, f"{_(field_named(field).label)}: {words}" if field else words) for field, words in problems
        ],
    }


def _asked_of(plan: Plan | None, answers: Answers) -> list[tuple[Group, list[list[Field]]]]:
    """Return the groups of the form; what only some plans turn on is left out for others, unless it was answered."""
    turns_on_it = plan is not None and any(each.free_by_indian_health for each in plan.networks.values())
    return [
        (group, [row for row in rows if turns_on_it or not any(_is_unasked(each, answers) for each in row)])
        for group, rows in groups_of(AskedOn.FORM)
    ]


def _is_unasked(field: Field, answers: Answers) -> bool:
    return field.is_of_some_plans and answers[field.name] == field.start


def _carried(answers: Answers, page: AskedOn) -> Answers:
    """Return the answers that a page does not ask for itself."""
    return {field.name: answers[field.name] for field in fields_elsewhere(page)}


def _names(rows: Sequence[Sequence[Field]]) -> list[str]:
    return [field.name for row in rows for field in row]


def answer_page(answers: Answers, reply: Reply) -> Context:
    """Return what the answer page shows."""
    answer, self_pay = reply.answer, reply.self_pay
    totals = by_service(answer)
    sources = sources_of(answer.citations)
    is_familys = is_of_family(answer, answers, reply.plan)
    return {
        "answers": answers,
        "answer": answer,
        "self_pay": self_pay,
        "cash_barred": reply.cash_barred,
        "plan": reply.plan,
        "is_described": answers["plan"] == choices.MY_PLAN,
        "told": told(answers, chosen_words(reply.plan), reply.idle),
        "second_title": _second_title(answers) if is_paid_second(answer) else "",
        "insurer": _insurer_chosen(answers),
        "reader": reader_of(answers),
        "other_reader": "patient" if reader_of(answers) == "biller" else "biller",
        "front": front_of(answer, answers, totals, reply.if_covered, self_pay, is_familys=is_familys),
        "is_familys": is_familys,
        "is_copay_assumed": any(each.assumes == AssumptionKind.ASSUMED_COPAY for each in answer.assumptions),
        "idle": idle_words(reply.idle),
        "numbers": numbers_shown(answer, answers),
        "in_brief": condition_in_brief,
        "paying": when_you_pay(answer),
        "payment_questions": [_(words) for words in PAYMENT_QUESTIONS],
        "bars": course_bars(answer),
        "course_words": course_words(answer),
        "services": totals,
        "groups": grouped(answer, is_familys=is_familys),
        "comparison": self_pay and comparison(answer.settled, self_pay),
        "comparison_words": self_pay and comparison_words(answer.settled, self_pay),
        "sources": sources,
        "source_numbers": numbers_of(sources),
        "places": candidates(answers["zip"]),
        "scope": state_page(state_of(answers["zip"]), answers["provider"]),
        "is_needling": needles(answers),
        "papers": fitting(reply),
        "call_words": page_words(),
        "save_words": save_words() if keeps() else {},
        "saved": {},
    }


def _insurer_chosen(answers: Answers) -> str:
    chosen = registry().insurers.get(answers["insurer"])
    return chosen.name if chosen else answers["insurer"]


def _second_title(answers: Answers) -> str:
    return dict(choices.SECONDS).get(answers["second"], "") if answers["second"] else ""


def needling_page() -> Context:
    """Return what the page on dry needling shows."""
    return {"scopes": state_pages(), "scope_counts": counts()}


def method_page() -> Context:
    """Return what prices rest on, each document with the day it was read."""
    return {"price_sources": price_sources()}


def plans_page() -> Context:
    """Return the plans that are few enough for a list, by kind, and the kinds that are looked for by name."""
    return {"plan_markets": listed_plans(with_supplements=True), "found_by_name": found_by_name()}


def plan_page(plan_id: str) -> Context:
    """Return a plan with its rules in sentences; raise UnknownPlan where there is none."""
    plan = latest(plan_id)
    parts = [
        (heading, [{"words": words, "citation": citation_of(citation)} for words, citation in rules])
        for heading, rules in rules_of(plan, services())
    ]
    return {"plan": plan, "name": short_title(plan.title), "variant": variant_words(plan.id), "parts": parts}


def lists() -> Context:
    """Return the lists that every template may choose from."""
    return {"choices": choices}


# ----------------------------------------------------------------------------
# The form again, with what is wrong beside each field: what every page shows that cannot be made of the answers.
# ----------------------------------------------------------------------------

Page = str | tuple[str, int]

UNPROCESSABLE = 422


def refused_page(refused: EstimatorError, answers: Answers, today: date) -> Page:
    """Return the form that asks again for what a problem is about."""
    problems = form_problems(refused, answers)
    if any(field in MY_PLAN_STARTS for field, _ in problems):
        return asked_again(answers, problems)
    instead = instead_of(refused.plan, refused.day) if isinstance(refused, PlanNotInForce) else None
    return render_template("form.html", **form_page(answers, problems, instead)), UNPROCESSABLE


def asked_again(answers: Answers, problems: list[FormProblem]) -> Page:
    """Return the page of a plan that is not listed, with what is wrong in it."""
    told = [each for each in problems if each[0] in MY_PLAN_STARTS]
    return render_template("my-plan.html", **my_plan_page(answers, is_first=False, problems=told)), UNPROCESSABLE


# ----------------------------------------------------------------------------
# The documents to take along: which of them fit an answer, and each as a PDF.
# ----------------------------------------------------------------------------

TITLES: Mapping[str, str] = {
    "estimate": N_("The estimate"),
    "call-script": N_("Questions for your insurer"),
    "good-faith-estimate": N_("Good Faith Estimate"),
    "notice": N_("Notice to sign before care"),
}


def fitting(reply: Reply) -> list[tuple[str, str]]:
    """Return the documents that fit an answer, each with its name; those that do not are not offered."""
    return list(fitting_case(Case(reply.asked, reply.plan, reply.answer, reply.answer)))


def document_of(kind: str, answers: Answers, today: date) -> bytes:
    """Return a document as a PDF: the patient's copy, or the clinic's for billing staff.

    Raises DocumentRefused where it does not fit, ClinicRefused, RequestRefused.

    The clinic's settings are those of the location that was chosen, else of the file that ESTIMATOR_CLINIC names; what
    neither says is a blank line.
    """
    asked, there = read_request(request_asked(answers, today), today), location_of(answers)
    estimate, plan = estimate_asked(asked, common.shelf(), prices_there(answers), common.prices())
    case = case_of(asked, plan, estimate, common.names(), there.clinic() if there else clinic_now())
    return document_pdf(kind, replace(case, is_for_clinic=reader_of(answers) == BILLER))


def fitting_case(case: Case) -> Iterator[tuple[str, str]]:
    """Yield the documents that fit a case, each with its name."""
    return ((kind, _(title)) for kind, title in TITLES.items() if not why_not(kind, case))


# ----------------------------------------------------------------------------
# What the pages of saved estimates say.
# ----------------------------------------------------------------------------

_WORDS: Mapping[str, str] = {
    "button": N_("Save and get a link"),
    "title": N_("Save this estimate"),
    "lead": N_("You get a link to this estimate as it is now. Anyone with the link can see it."),
    "kept": N_(
        "We keep your answers (ZIP code, plan, visits, and what you told us about your health and payments) and the "
        "result. We don’t keep a name or a call reference number."
    ),
    "time": N_("We delete it after that time, or when you delete it. Backups may hold it a little longer."),
    "days": N_("Keep it for"),
    "save": N_("Save"),
    "back": N_("Back to the answer"),
    "saved": N_("Saved"),
    "link": N_("The link to your estimate"),
    "link_says": N_(
        "Copy both links now: you won’t be able to see them again. Anyone with the first link can see the estimate."
    ),
    "removal": N_("The link that deletes it"),
    "removal_says": N_("Keep the second link to yourself. Anyone with it can delete the estimate."),
    "remove_title": N_("Delete this saved estimate?"),
    "remove_says": N_("You can’t undo this. The link will stop working."),
    "remove": N_("Delete it"),
    "removed": N_("Deleted"),
    "removed_says": N_("Your saved estimate is deleted. The link no longer works."),
    "anew": N_("Update this estimate"),
    "kept_only": N_("Our program or prices have changed since then. These are the saved numbers."),
    "visit": N_("Visit"),
    "day": N_("Day"),
    "owes": N_("You pay"),
}
_FOR_DAYS = N_("{days} days")
_SAVED_ON = N_("Saved on {saved}. It is kept until {until}.")
_RESTS_ON = N_("Plan: {plan}. Price lists: {books}.")
_SAME_TODAY = N_("With today’s rules, the cost is the same.")
_OTHER_TODAY = N_("With today’s rules, it would be about {amount} ({low} to {high}).")
_SURELY_TODAY = N_("With today’s rules, it would be {amount}.")
_NOT_TODAY = N_("We can’t update it: the plan or its year has changed.")
_NONE = N_("none needed")


def save_words() -> dict[str, str]:
    """Return the sentences of these pages in the language that is spoken."""
    return {name: _(words) for name, words in _WORDS.items()}


def for_days(days: int) -> str:
    """Return for how long."""
    return _(_FOR_DAYS).format(days=days)


def saved_on(saved: str, until: str) -> str:
    """Say when it was saved and until when it is kept."""
    return _(_SAVED_ON).format(saved=saved, until=until)


def rests_on(inputs: Mapping[str, str]) -> str:
    """Name what the saved figures rest on."""
    books = inputs["price_books"] or _(_NONE)
    return _(_RESTS_ON).format(plan=inputs["plan"].partition("@")[0], books=books)


def today_says(then: Amounts, now: Amounts | None) -> str:
    """Say what today's rules would give."""
    if now is None:
        return _(_NOT_TODAY)
    if then == now:
        return _(_SAME_TODAY)
    words = _SURELY_TODAY if now.low == now.high else _OTHER_TODAY
    return _(words).format(amount=page_usd(now.typical), low=page_usd(now.low), high=page_usd(now.high))


# ----------------------------------------------------------------------------
# What the page for answers from the call says.
# ----------------------------------------------------------------------------

# By question, in the words of the call script; {service} is a code with its name, {subject} a name of the plan.
LEGENDS: Mapping[str, str] = {
    "code-valid": N_("Can your provider bill {service} under your plan?"),
    "authorization-needed": N_("Does {subject} need approval in advance?"),
    "payable": N_("Does your plan pay for {service}?"),
    "liability": N_("If your plan doesn’t pay for {service}, may the clinic bill you?"),
    "network-cover": N_("Does your plan pay for care {network}?"),
    "copay": N_("Your copay for a visit of physical therapy"),
    "coinsurance": N_("Your percentage (coinsurance) of a visit of physical therapy"),
    "order": N_("Does your deductible come first for physical therapy?"),
    "deductible": N_("Your deductible for a year"),
    "out-of-pocket-max": N_("The most that you can pay in a year"),
    "limit": N_("How many visits does your plan cover? ({subject})"),
    "limit-exemption": N_("Does the limit apply to your condition? ({subject})"),
    "limit-shared": N_("Do visits of occupational or speech therapy use up the same limit? ({subject})"),
    "past-limit": N_("Once the limit is used up, may the clinic bill you? ({subject})"),
    "authorization-consequence": N_("If your visits aren’t approved in advance, who pays?"),
    "referral-needed": N_("Do you need a referral (a doctor’s order)?"),
    "family-rule": N_("Does your family have one deductible together?"),
    "deductible-visits-count": N_("Does a visit under the deductible use up a covered visit? ({subject})"),
    "multiple-procedure-reduction": N_("Is a second therapy service on the same day paid less?"),
}
OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "yes-no": (("yes", N_("Yes")), ("no", N_("No"))),
    "payable": (
        ("covered", N_("Yes")),
        ("bundled", N_("Not on its own: it counts as part of the visit")),
        ("investigational", N_("No: it is investigational (experimental)")),
        ("not-medically-necessary", N_("No: it isn’t medically necessary")),
        ("excluded", N_("No: the plan excludes it")),
        ("not-paid", N_("No, and I don’t know why")),
    ),
    "bearer": (("clinic", N_("The clinic")), ("patient", N_("I do"))),
    "family": (("together", N_("Yes, one together")), ("each-their-own", N_("No, each person has their own"))),
}
COULD_NOT_SAY = N_("They couldn’t say")
FROM_VISIT = N_("If yes: starting with which visit?")
_PAGE: Mapping[str, str] = {
    "button": N_("I called – enter what they said"),
    "title": N_("Answers from your call"),
    "lead": N_(
        "Enter what your insurer told you. Skip what you didn’t ask. We update your estimate and show the day of "
        "the call."
    ),
    "promise": N_(
        "A phone answer isn’t a guarantee of payment. If it differs from your plan’s documents, we count both. Ask "
        "your plan to put it in writing."
    ),
    "call": N_("The call"),
    "day": N_("Day of the call"),
    "reference": N_("Call reference number"),
    "reference_hint": N_("It goes on your documents. We don’t keep it."),
    "answers": N_("The answers"),
    "visits": N_("visits"),
    "percent": N_("percent"),
    "count": N_("Update my estimate"),
    "back": N_("Back to the answer"),
    "told": N_("What your plan told you"),
    "told_so_far": N_("Entered so far"),
    "take_out": N_("Remove these answers"),
    "check": N_("Please fix the following"),
    "nothing": N_("Answer at least one question, or go back to the answer."),
}


def page_words() -> dict[str, str]:
    """Return the sentences of the page in the language that is spoken."""
    return {name: _(words) for name, words in _PAGE.items()}
