"""What each template is given: the form with its problems, and the answer with its pictures and sources."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from estimator.engine.plan import Plan
from estimator.language import _
from estimator.web import shelf
from estimator.web.patient import choices, pictures, places, plans, states
from estimator.web.patient import my_plan_questions as my_plan
from estimator.web.patient.call_answers_carried import FIELD
from estimator.web.patient.call_answers_words import page_words
from estimator.web.patient.choosing_found import short_title, variant_words
from estimator.web.patient.course import by_service, grouped
from estimator.web.patient.papers import fitting
from estimator.web.patient.questions import Answers, fresh_answers, needles
from estimator.web.patient.reply import FormProblem, Reply, reader_of
from estimator.web.patient.saving_words import save_words
from estimator.web.patient.sources import cited, numbers_of, price_sources, sources_of
from estimator.web.patient.told import told, usual_words
from estimator.wording.plans import rules_of

Context = dict[str, Any]

# Parts of the form that stay shut while their usual answers fit.
_PARTS = {
    "course": ("first_day", "per_week"),
    "care": ("needling", "exercise", "manual", "evaluation"),
    "provider": ("provider", "network", "setting", "experience", "experience_factor"),
    "used": (
        "deductible_paid",
        "out_of_pocket_paid",
        "visits_used",
        "family",
        "family_deductible_paid",
        "family_out_of_pocket_paid",
    ),
    "papers": (
        "authorization",
        "authorization_visits",
        "authorization_first_day",
        "authorization_last_day",
        "referral",
        "consent",
    ),
    "health": ("diagnosis", "age", "symptom_weeks", "improving", "purpose"),
    "prices": ("needling_price",),
}


def form_page(
    answers: Answers, today: date, problems: Sequence[FormProblem] = (), instead: Plan | None = None, find: str = ""
) -> Context:
    """Return what the form shows: what was typed, what is wrong with it, and a plan that would do instead.

    The part with the field to `find` is open.
    """
    usual = fresh_answers(today)
    told_of = _told_of(answers, problems)
    errors = told_of["errors"]
    chosen = plans.chosen_elsewhere(answers["plan"], answers["first_day"])
    return {
        **told_of,
        "instead": instead,
        "opened": {
            part: find in fields or any(errors[field] or answers[field] != usual[field] for field in fields)
            for part, fields in _PARTS.items()
        },
        "words": usual_words(usual),
        "plan_groups": plans.plan_groups(answers["plan"], chosen),
        "chosen": chosen,
        "carried": _carried(answers),
        "places": places.candidates(answers["zip"]),
        "tiers": plans.tiers(chosen or plans.plan_named(answers["plan"], answers["first_day"])),
    }


def my_plan_page(answers: Answers, is_first: bool, problems: Sequence[FormProblem] = ()) -> Context:
    """Return what the page of a plan that is not listed shows; at first every "I don't know" is ticked."""
    ticked = {
        box: is_first or bool(answers[box] and not any(answers[field] for field in fields))
        for box, fields in my_plan.BOXES.items()
    }
    elsewhere = {name: answer for name, answer in answers.items() if name not in my_plan.START and name != "plan"}
    return {**_told_of(answers, problems), "ticked": ticked, "carried": elsewhere, "asks": my_plan}


def _told_of(answers: Answers, problems: Sequence[FormProblem]) -> Context:
    return {
        "answers": answers,
        "errors": dict.fromkeys(answers, "") | {field: words for field, words in problems if field},
        "problems": problems,
        "summary": [(field, f"{_(choices.LABELS[field])}: {words}" if field else words) for field, words in problems],
    }


def _carried(answers: Answers) -> Answers:
    """Return the answers that the form does not ask for itself."""
    return {name: answer for name, answer in answers.items() if name in (*my_plan.START, FIELD, "reader")}


def answer_page(answers: Answers, reply: Reply) -> Context:
    """Return what the answer page shows."""
    answer, self_pay = reply.answer, reply.self_pay
    sources = sources_of(answer)
    return {
        "answers": answers,
        "answer": answer,
        "self_pay": self_pay,
        "plan": reply.plan,
        "is_described": answers["plan"] == choices.MY_PLAN,
        "told": told(answers, plans.chosen_words(reply.plan)),
        "reader": reader_of(answers),
        "other_reader": "patient" if reader_of(answers) == "biller" else "biller",
        "course": pictures.course_chart(answer),
        "course_words": pictures.course_words(answer),
        "services": by_service(answer),
        "groups": grouped(answer),
        "comparison": self_pay and pictures.comparison(answer["patient_owes"], self_pay),
        "comparison_words": self_pay and pictures.comparison_words(answer["patient_owes"], self_pay),
        "sources": sources,
        "source_numbers": numbers_of(sources),
        "places": places.candidates(answers["zip"]),
        "scope": states.scope_of(places.state_of(answers["zip"])),
        "is_needling": needles(answers),
        "papers": fitting(reply),
        "call_words": page_words(),
        "save_words": save_words() if shelf.keeps() else {},
        "saved": {},
    }


def needling_page() -> Context:
    """Return what the page on dry needling shows."""
    return {"scopes": states.scopes(), "scope_counts": states.counts()}


def method_page() -> Context:
    """Return what prices rest on, each document with the day it was read."""
    return {"price_sources": price_sources()}


def plans_page() -> Context:
    """Return the plans that are few enough for a list, by kind, and the kinds that are looked for by name."""
    return {"plan_markets": plans.listed_plans(), "found_by_name": plans.found_by_name()}


def plan_page(plan_id: str) -> Context:
    """Return a plan with its rules in sentences; raise UnknownPlan where there is none."""
    plan = plans.latest(plan_id)
    parts = [
        (heading, [{"words": words, "citation": cited(citation)} for words, citation in rules])
        for heading, rules in rules_of(plan, shelf.services())
    ]
    return {"plan": plan, "name": short_title(plan.title), "variant": variant_words(plan.id), "parts": parts}


def lists() -> Context:
    """Return the lists that every template may choose from."""
    return {"choices": choices}
