"""What the page of the authorization check asks, and the request that the answers make.

Answers are text exactly as typed; the JSON contract alone says what they mean. Nothing here asks who the patient is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from estimator.engine.plan import Plan
from estimator.engine.request import IN_NETWORK, PHYSICAL_THERAPIST
from estimator.errors import Problem
from estimator.plans.shelf import network_meant

Answers = Mapping[str, str]

ROWS = tuple(range(1, 9))
USED = "used-"
EVERY, FIRST, LATER = "every", "first", "later"
LABELS = {
    "zip": "ZIP code of the clinic",
    "plan": "Plan: its id, or words of its name",
    "network": "Network",
    "provider": "Who treats",
    "setting": "Where",
    "diagnoses": "Diagnoses (ICD-10-CM), the first one primary",
    "symptom_weeks": "Weeks since the complaint began",
    "first_day": "First visit",
    "visits": "Number of visits",
    "per_week": "Visits a week",
    "authorization": "Is an authorization on file?",
    "authorization_visits": "Visits granted",
    "authorization_codes": "Codes granted",
    "authorization_first_day": "Valid from",
    "authorization_last_day": "Valid to",
    "referral": "Is a referral on file?",
    "consent": "Is a notice or consent signed that names the service and its price?",
    "deductible_paid": "Deductible paid this year",
}
_START = {
    **dict.fromkeys(LABELS, ""),
    "network": IN_NETWORK,
    "provider": PHYSICAL_THERAPIST,
    "setting": "office",
    "per_week": "2",
    "authorization": "unknown",
    "referral": "unknown",
    "consent": "unknown",
}
_NEEDED = {
    "zip": ("zip", "Write the five digits of the clinic’s ZIP code."),
    "plan": ("plan", "Write the id of a plan, or words of its name."),
    "visits": ("course.visits", "Write how many visits are planned, such as 12."),
    "first_day": ("course.first_day", "Write the day of the first visit."),
}
_ROW = ("code", "minutes", "modifiers", "when")
_DAYS_IN_A_WEEK = 7
_WORDS = re.compile(r"[\s,;]+")
_MOST_TYPED = 400


def fresh_answers(today: date) -> dict[str, str]:
    """Return what the page holds before anything is typed: a first visit on the Monday after today."""
    monday = today + timedelta(days=_DAYS_IN_A_WEEK - today.weekday())
    rows = {f"{name}_{row}": EVERY if name == "when" else "" for row in ROWS for name in _ROW}
    return {**_START, **rows, "first_day": monday.isoformat()}


def answers_of(form: Mapping[str, str], today: date) -> Answers:
    """Return what was typed, with what was used of each limit; a plan that was chosen goes before a typed one."""
    known = {name: form.get(name, start) for name, start in fresh_answers(today).items()}
    used = {name: form[name] for name in form if name.startswith(USED)}
    chosen = {"plan": form["chosen"]} if form.get("chosen") else {}
    return {name: answer.strip()[:_MOST_TYPED] for name, answer in {**known, **used, **chosen}.items()}


def problems_before_reading(answers: Answers) -> Iterator[Problem]:
    """Find what the contract would not say as well: needed answers that are empty, and a course without a line."""
    for name, (path, words) in _NEEDED.items():
        if not answers[name]:
            yield Problem(path, words)
    for row in ROWS:
        if not answers[f"code_{row}"] and (answers[f"minutes_{row}"] or answers[f"modifiers_{row}"]):
            yield Problem(f"rows.{row}", f"Line {row} has no code: write one, or empty the line.")
        if answers[f"when_{row}"] not in (EVERY, FIRST, LATER):
            yield Problem(f"rows.{row}", f"Choose at which visits line {row} is done.")
    if not rows_at(answers, EVERY, LATER):
        yield Problem("rows.1", "Write at least one code that is done at every visit, or at the later ones.")


def request_of(answers: Answers, plan: Plan) -> dict[str, Any]:
    """Turn answers into a request of the JSON contract, in the terms of this plan."""
    return _said(
        {
            "plan": plan.id,
            "zip": answers["zip"],
            "provider": {
                "type": answers["provider"],
                "network": network_meant(plan, answers["network"]),
                "setting": answers["setting"],
            },
            "diagnoses": _words(answers["diagnoses"].upper()),
            "person": _said({"symptom_weeks": answers["symptom_weeks"]}),
            "used": _said({"deductible_paid": answers["deductible_paid"], "limits": _used(answers, plan)}),
            "authorization": _grant(answers),
            "referral": _said({"on_file": _yes(answers["referral"])}),
            "signed_consent": _yes(answers["consent"]),
            "course": _course(answers),
        }
    )


def rows_at(answers: Answers, *when: str) -> list[int]:
    """Return the lines that have a code and are done then."""
    return [row for row in ROWS if answers[f"code_{row}"] and answers[f"when_{row}"] in when]


def _course(answers: Answers) -> dict[str, Any]:
    course = {
        "first_day": answers["first_day"],
        "visits": answers["visits"],
        "per_week": answers["per_week"],
        "each_visit": _services(answers, rows_at(answers, EVERY, LATER)),
    }
    if rows_at(answers, FIRST, LATER):
        course["first_visit"] = _services(answers, rows_at(answers, EVERY, FIRST))
    return _said(course)


def _services(answers: Answers, rows: Sequence[int]) -> list[dict[str, Any]]:
    return [
        _said(
            {
                "code": answers[f"code_{row}"].upper(),
                "minutes": answers[f"minutes_{row}"],
                "modifiers": _words(answers[f"modifiers_{row}"].upper()),
            }
        )
        for row in rows
    ]


def _used(answers: Answers, plan: Plan) -> dict[str, str]:
    """Return what was used of each limit that this plan has; answers about another plan's stay unread."""
    return _said({name: answers.get(f"{USED}{name}", "") for name in plan.limits})


def _grant(answers: Answers) -> dict[str, Any]:
    details = {name: answers[f"authorization_{name}"] for name in ("visits", "first_day", "last_day")}
    codes = _words(answers["authorization_codes"].upper())
    return _said({"on_file": _yes(answers["authorization"]), **details, "codes": codes})


def _words(written: str) -> list[str]:
    return [word for word in _WORDS.split(written) if word]


def _yes(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)


def _said(written: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not said."""
    return {key: value for key, value in written.items() if value not in ("", None, {}, [])}
