"""The field of the form that a problem of the request belongs to.

The contract names a place in the request, such as `course.each_visit.1.minutes`; a reader knows only fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from estimator.web.patient import my_plan_definition as definition
from estimator.web.patient.questions import EVALUATION, EXERCISE, MANUAL

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
    if field := _field_of_service(path.split("."), request) or definition.field_of(path.removeprefix("plan.")):
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
