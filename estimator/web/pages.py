"""What each template is given: the form with its problems, and the answer with its pictures and sources."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from estimator.web import choices, pictures, places, plans, states
from estimator.web.course import by_service, grouped
from estimator.web.plan_rules import rules_of
from estimator.web.questions import Answers, fresh_answers, needles
from estimator.web.reply import FormProblem, Reply, reader_of
from estimator.web.sources import cited, numbers_of, price_sources, sources_of
from estimator.web.told import told, usual_words

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


def form_page(answers: Answers, today: date, problems: Sequence[FormProblem] = ()) -> Context:
    """Return what the form shows: what was typed, and what is wrong with it."""
    usual = fresh_answers(today)
    errors = dict.fromkeys(answers, "") | {field: words for field, words in problems if field}
    return {
        "answers": answers,
        "errors": errors,
        "problems": problems,
        "summary": [(field, f"{choices.LABELS[field]}: {words}" if field else words) for field, words in problems],
        "opened": {
            part: any(errors[field] or answers[field] != usual[field] for field in fields)
            for part, fields in _PARTS.items()
        },
        "words": usual_words(usual),
        "plan_groups": plans.plan_groups(),
        "places": places.candidates(answers["zip"]),
        "tiers": plans.tiers(plans.plan_named(answers["plan"], answers["first_day"])),
    }


def answer_page(answers: Answers, reply: Reply) -> Context:
    """Return what the answer page shows."""
    answer, self_pay = reply.answer, reply.self_pay
    sources = sources_of(answer)
    return {
        "answers": answers,
        "answer": answer,
        "self_pay": self_pay,
        "told": told(answers, answer["plan"]["title"]),
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
    }


def needling_page() -> Context:
    """Return what the page on dry needling shows."""
    return {"scopes": states.scopes(), "scope_counts": states.counts()}


def method_page() -> Context:
    """Return what prices rest on, each document with the day it was read."""
    return {"price_sources": price_sources()}


def plans_page() -> Context:
    """Return every plan that we carry, by market."""
    return {"plan_markets": plans.grouped_plans()}


def plan_page(plan_id: str) -> Context:
    """Return a plan with its rules in sentences; raise UnknownPlan where there is none."""
    plan = plans.latest(plan_id)
    parts = [
        (heading, [{"words": words, "citation": cited(citation)} for words, citation in rules])
        for heading, rules in rules_of(plan, plans.services())
    ]
    return {"plan": plan, "parts": parts}


def lists() -> Context:
    """Return the lists that every template may choose from."""
    return {"choices": choices}
