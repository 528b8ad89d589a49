"""The form: what it asks, and the field that each problem of a request belongs to.

Answers are text exactly as typed. What they mean is read in one place, the JSON contract, so that the pages
and the command refuse the same things with the same words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from estimator.engine.request import NEEDLING_CODES
from estimator.errors import Problem, RequestRefused, UnknownZip
from estimator.estimates.contract_values import read_json
from estimator.language import N_, _
from estimator.prices.books import find_zip, latest_book
from estimator.web.common import prices
from estimator.web.patient import my_plan
from estimator.web.patient.choices import START as MY_PLAN_START
from estimator.web.patient.choices import Option

# ----------------------------------------------------------------------------
# The areas that a ZIP code may lie in, for the list to choose from where it lies in more than one.
# ----------------------------------------------------------------------------


def candidates(zip_code: str) -> Sequence[Option]:
    """Return the areas of a ZIP code that lies in several, the likeliest first; nothing where there is one."""
    try:
        place = find_zip(zip_code, _zips())
    except UnknownZip:
        return ()
    if not place.straddles:
        return ()
    known = prices()
    localities = (known.books[-1] if known else latest_book()).localities
    return [(f"{mac}-{number}", localities[mac, number].name) for mac, number in place.candidates]


def state_of(zip_code: str) -> str | None:
    """Return the two letters of a ZIP code's state, or None where the ZIP code is not known."""
    try:
        return find_zip(zip_code, _zips()).state
    except UnknownZip:
        return None


def _zips() -> Sequence[str] | None:
    known = prices()
    return known.zips if known else None


# ----------------------------------------------------------------------------
# What the plan told travels between pages as the contract writes it, with the plan that told it.
# ----------------------------------------------------------------------------

FIELD = "told"
_UNREADABLE = "unreadable"
_OF_PERSONS = ("reference", "representative")


def calls_in(answers: Mapping[str, str]) -> Any:
    """Return the calls of the chosen plan, None where there are none; the contract refuses what holds none."""
    if not answers[FIELD]:
        return None
    try:
        written = read_json(answers[FIELD])
    except RequestRefused:
        return _UNREADABLE
    if written.get("plan") != answers["plan"]:
        return None
    return written.get("calls", _UNREADABLE)


def with_call(answers: Mapping[str, str], call: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers with one more call."""
    return _with_calls(answers, [*_calls(answers), call])


def without_persons(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers without what may lead from a call to a person: its reference, and a name."""
    kept = [_without_persons(call) for call in _calls(answers)]
    return _with_calls(answers, kept) if kept else {**answers, FIELD: ""}


def _without_persons(call: Any) -> Any:
    """Return a call without them; what is no call stays as it is, for the contract to refuse."""
    return {key: said for key, said in call.items() if key not in _OF_PERSONS} if isinstance(call, Mapping) else call


def _calls(answers: Mapping[str, str]) -> list[Any]:
    calls = calls_in(answers)
    return calls if isinstance(calls, list) else []


def _with_calls(answers: Mapping[str, str], calls: list[Any]) -> dict[str, str]:
    written = {"plan": answers["plan"], "calls": calls}
    return {**answers, FIELD: json.dumps(written, ensure_ascii=False, separators=(",", ":"), default=str)}


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


# ----------------------------------------------------------------------------
# The field of the form that a problem of the request belongs to.
#
# The contract names a place in the request, such as `course.each_visit.1.minutes`; a reader knows only fields.
# ----------------------------------------------------------------------------

# A whole path of the request, or the part of it up to a dot, and the field that asks for it.
_FIELDS = {
    "zip": "zip",
    "locality": "locality",
    "plan": "plan",
    "provider.type": "provider",
    "provider.network": "network",
    "provider.setting": "setting",
    "provider.experience": "experience",
    "provider.experience_factor": "experience_factor",
    "course.first_day": "first_day",
    "course.visits": "visits",
    "course.per_week": "per_week",
    "course.first_visit": "needling",
    "course.each_visit": "needling",
    "used.deductible_paid": "deductible_paid",
    "used.out_of_pocket_paid": "out_of_pocket_paid",
    "used.family_deductible_paid": "family_deductible_paid",
    "used.family_out_of_pocket_paid": "family_out_of_pocket_paid",
    "used.limits": "visits_used",
    "authorization.on_file": "authorization",
    "authorization.visits": "authorization_visits",
    "authorization.first_day": "authorization_first_day",
    "authorization.last_day": "authorization_last_day",
    "referral": "referral",
    "signed_consent": "consent",
    "diagnoses": "diagnosis",
    "person.age": "age",
    "person.family": "family",
    "person.symptom_weeks": "symptom_weeks",
    "person.improving": "improving",
    "person.purpose": "purpose",
    "self_pay_prices": "needling_price",
}
_FIELD_OF_CODE = {EXERCISE: "exercise", MANUAL: "manual", EVALUATION: "evaluation"}


def field_of(path: str, request: Mapping[str, Any]) -> str | None:
    """Return the field that asks for what stands at a path of the request, or None where none does."""
    if field := _field_of_service(path.split("."), request) or my_plan.field_of(path.removeprefix("plan.")):
        return field
    while path:
        if path in _FIELDS:
            return _FIELDS[path]
        path = path.rpartition(".")[0]
    return None


def _field_of_service(steps: Sequence[str], request: Mapping[str, Any]) -> str | None:
    """Find the service that a path leads to; its place in the list tells nothing, its code does."""
    found: Any = request
    for place, step in enumerate(steps):
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
            if isinstance(found, Mapping) and "code" in found:
                is_price = "billed" in steps[place:]
                return "needling_price" if is_price else _FIELD_OF_CODE.get(found["code"], "needling")
        elif isinstance(found, Mapping):
            found = found.get(step)
        else:
            return None
    return None
