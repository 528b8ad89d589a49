"""The field of the page that a problem of the request belongs to."""

from __future__ import annotations

from estimator.web.staff.authorization_questions import EVERY, FIRST, LABELS, LATER, ROWS, USED, Answers, rows_at

_FIELDS = {
    "zip": "zip",
    "plan": "plan",
    "provider.type": "provider",
    "provider.network": "network",
    "provider.setting": "setting",
    "diagnoses": "diagnoses",
    "person.symptom_weeks": "symptom_weeks",
    "course.first_day": "first_day",
    "course.visits": "visits",
    "course.per_week": "per_week",
    "authorization.on_file": "authorization",
    "authorization.visits": "authorization_visits",
    "authorization.codes": "authorization_codes",
    "authorization.first_day": "authorization_first_day",
    "authorization.last_day": "authorization_last_day",
    "referral": "referral",
    "signed_consent": "consent",
    "used.deductible_paid": "deductible_paid",
}
_LIMITS = "used.limits."
_OF_A_LINE = {"code": "code", "minutes": "minutes", "modifiers": "modifiers"}


def field_of(path: str, answers: Answers) -> str | None:
    """Return the field that asks for what stands at a path of the request, or None where none does."""
    if path.startswith(_LIMITS):
        return f"{USED}{path.removeprefix(_LIMITS)}"
    if field := _field_of_line(path.split("."), answers):
        return field
    while path:
        if path in _FIELDS:
            return _FIELDS[path]
        path = path.rpartition(".")[0]
    return None


def label_of(field: str) -> str:
    """Return what a field is called in the list of mistakes."""
    name, _, row = field.rpartition("_")
    if row.isdecimal() and name in _OF_A_LINE:
        return f"Line {row}, {name}"
    return LABELS.get(field, field.removeprefix(USED).replace("-", " "))


def in_order(field: str) -> int:
    """Return where a field stands on the page."""
    order = [*LABELS, *(f"{name}_{row}" for row in ROWS for name in _OF_A_LINE)]
    return order.index(field) if field in order else len(order)


def _field_of_line(steps: list[str], answers: Answers) -> str | None:
    """Find the line of the page: its place among those of the first visit, or of the others."""
    match steps:
        case ["rows", row, *_]:
            return f"code_{row}"
        case ["course", ("each_visit" | "first_visit") as part, place, *rest] if place.isdecimal():
            rows = rows_at(answers, EVERY, LATER if part == "each_visit" else FIRST)
        case ["visits", number, "services", place, *rest] if number.isdecimal() and place.isdecimal():
            is_first = number == "0" and bool(rows_at(answers, FIRST, LATER))
            rows = rows_at(answers, EVERY, FIRST if is_first else LATER)
        case ["course", "each_visit" | "first_visit", *_]:
            return "code_1"
        case _:
            return None
    name = _OF_A_LINE.get(rest[0] if rest else "code", "code")
    return f"{name}_{rows[int(place)]}" if int(place) < len(rows) else "code_1"
