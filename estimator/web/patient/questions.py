"""What the form asks, and the request that its answers make.

Answers are text exactly as typed. What they mean is read in one place, the JSON contract, so that the pages
and the command refuse the same things with the same words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from estimator.engine.request import NEEDLING_CODES
from estimator.errors import Problem
from estimator.language import N_, _
from estimator.web.patient.call_answers_carried import FIELD, calls_in
from estimator.web.patient.my_plan_questions import START as MY_PLAN_START

Answers = Mapping[str, str]

EVALUATION, EXERCISE, MANUAL = "97161", "97110", "97140"
_NEEDED = {
    "zip": ("zip", N_("Write the five digits of the clinic’s ZIP code.")),
    "plan": ("plan", N_("Choose your plan, or the one most like it.")),
    "visits": ("course.visits", N_("Write how many visits, such as 8.")),
}
_A_COUNT = N_("Write a whole number of visits, such as 4.")
_BEFORE_ANYTHING_IS_SAID = {
    "zip": "",
    "locality": "",
    "plan": "",
    "visits": "",
    "per_week": "2",
    "needling": "20561",
    "exercise": "30",
    "manual": "15",
    "evaluation": "yes",
    "provider": "physical-therapist",
    "network": "in-network",
    "setting": "office",
    "experience": "standard",
    "experience_factor": "",
    "deductible_paid": "",
    "out_of_pocket_paid": "",
    "visits_used": "",
    "family": "unknown",
    "family_deductible_paid": "",
    "family_out_of_pocket_paid": "",
    "authorization": "unknown",
    "authorization_visits": "",
    "authorization_first_day": "",
    "authorization_last_day": "",
    "referral": "unknown",
    "consent": "unknown",
    "diagnosis": "",
    "age": "",
    "symptom_weeks": "",
    "improving": "unknown",
    "purpose": "",
    "needling_price": "",
    **MY_PLAN_START,
    FIELD: "",
    "reader": "patient",
}
_DAYS_IN_A_WEEK = 7


def fresh_answers(today: date) -> Answers:
    """Return what the form holds before anything is typed: a first visit on the Monday after today."""
    monday = today + timedelta(days=_DAYS_IN_A_WEEK - today.weekday())
    return {**_BEFORE_ANYTHING_IS_SAID, "first_day": monday.isoformat()}


def answers_of(form: Mapping[str, str], today: date) -> Answers:
    """Return what was typed, with a fresh answer for every question that was not asked."""
    return {name: form.get(name, start).strip() for name, start in fresh_answers(today).items()}


def problems_before_reading(answers: Answers) -> Iterator[Problem]:
    """Find what the contract would not say as well: needed answers that are empty, a count that no limit takes."""
    for name, (path, words) in _NEEDED.items():
        if not answers[name]:
            yield Problem(path, _(words))
    if answers["visits_used"] and not re.fullmatch("[0-9]{1,4}", answers["visits_used"]):
        yield Problem("used.limits", _(_A_COUNT))
    if not list(_services(answers)):
        yield Problem("course.each_visit", _("Choose at least one: needling, exercise or manual therapy."))


def request_of(
    answers: Answers, network: str = "", limits: Sequence[str] = (), plan: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Turn answers into a request of the JSON contract.

    `network` is what the plan calls the chosen one, `limits` are those that earlier visits have used, and `plan`
    is the definition of a plan that the person described.
    """
    request = {
        "plan": plan or answers["plan"],
        "zip": answers["zip"],
        "locality": answers["locality"],
        "provider": _provider(answers, network or answers["network"]),
        "diagnoses": [answers["diagnosis"]] if answers["diagnosis"] else "",
        "person": _person(answers),
        "used": _used(answers, limits),
        "authorization": _authorization(answers),
        "referral": _said({"on_file": _yes(answers["referral"])}),
        "signed_consent": _yes(answers["consent"]),
        "course": _course(answers),
        "told": calls_in(answers),
    }
    return _said(request)


def needles(answers: Answers) -> bool:
    """Tell whether dry needling is part of the care."""
    return answers["needling"] in NEEDLING_CODES


def _provider(answers: Answers, network: str) -> dict[str, Any]:
    factor = answers["experience_factor"]
    return _said(
        {
            "type": answers["provider"],
            "network": network,
            "setting": answers["setting"],
            "experience": answers["experience"],
            "experience_factor": f"{factor}%" if factor and not factor.endswith("%") else factor,
        }
    )


def _person(answers: Answers) -> dict[str, Any]:
    return _said(
        {
            "age": answers["age"],
            "family": _yes(answers["family"]),
            "symptom_weeks": answers["symptom_weeks"],
            "improving": _yes(answers["improving"]),
            "purpose": answers["purpose"],
        }
    )


def _used(answers: Answers, limits: Sequence[str]) -> dict[str, Any]:
    sums = (
        "deductible_paid",
        "out_of_pocket_paid",
        "family_deductible_paid",
        "family_out_of_pocket_paid",
    )
    visits = answers["visits_used"]
    return _said({**{name: answers[name] for name in sums}, "limits": dict.fromkeys(limits if visits else (), visits)})


def _authorization(answers: Answers) -> dict[str, Any]:
    details = {name: answers[f"authorization_{name}"] for name in ("visits", "first_day", "last_day")}
    return _said({"on_file": _yes(answers["authorization"]), **details})


def _course(answers: Answers) -> dict[str, Any]:
    every_time = list(_services(answers))
    course: dict[str, Any] = {
        "first_day": answers["first_day"],
        "visits": answers["visits"],
        "per_week": answers["per_week"],
        "each_visit": every_time,
    }
    if answers["evaluation"] == "yes":
        course["first_visit"] = [{"code": EVALUATION}, *every_time]
    return course


def _services(answers: Answers) -> Iterator[dict[str, str]]:
    for code, field in ((EXERCISE, "exercise"), (MANUAL, "manual")):
        if answers[field] not in ("", "0"):
            yield {"code": code, "minutes": answers[field]}
    if needles(answers):
        yield _said({"code": answers["needling"], "billed": answers["needling_price"]})


def _yes(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)


def _said(written: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not said."""
    return {key: value for key, value in written.items() if value not in ("", None, {})}
