"""A FHIR ExplanationOfBenefit (CARIN Blue Button, R4B) as the lines that a reconciliation sets beside an estimate.

Each line has the keys of `billing.reconcile.read_eob`. What the payer doesn't say stays out; it's never a silent zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.eligibility.fhir_parts import Part, codes, part, parts, text, written_in
from estimator.eligibility.statements import Note, read_day, read_money
from estimator.engine.values import Money, total
from estimator.errors import EligibilityRefused, Problem

_KIND = "ExplanationOfBenefit"
_MOST_LINES = 200
_CODE = re.compile(r"[A-Z0-9]{5}")
_REASON = re.compile(r"(?:[A-Z]{2}-)?([A-Z]?\d{1,3})")
# The categories of CARIN and of FHIR, by the key of a line. The patient's whole share goes before its parts.
_AMOUNTS = {
    "allowed": ("eligible", "allowed"),
    "deductible": ("deductible",),
    "copay": ("copay",),
    "coinsurance": ("coinsurance",),
    "plan_paid": ("benefit", "paidtoprovider", "paidbypayer"),
    "patient_owes": ("memberliability", "patientpay", "paidbypatient"),
}
_SHARES = ("deductible", "copay", "coinsurance")
_DENIED = ("noncovered", "denied")


@dataclass(frozen=True, slots=True)
class Explained:
    """The lines of one visit as the payer settled them; `notes` say what was read otherwise, or not at all."""

    day: date | None
    lines: tuple[Mapping[str, Any], ...]
    notes: tuple[Note, ...] = ()


def read_explanation(content: bytes | str) -> tuple[Explained, ...]:
    """Return each visit of an ExplanationOfBenefit, or of a Bundle of them, in the order of its days.

    Raises EligibilityRefused where there is none, or where it's an estimate (`use` predetermination) and no payment.
    """
    whole = written_in(content)
    found = list(_resources(whole))
    if not found:
        raise EligibilityRefused((Problem("resourceType", f"Give a {_KIND} of FHIR R4B, or a Bundle that holds one."),))
    problems = [problem for path, resource in found for problem in _refusals(path, resource)]
    if problems:
        raise EligibilityRefused(tuple(problems))
    visits: dict[date | None, list[Mapping[str, Any]]] = {}
    notes: list[Note] = []
    for path, resource in found:
        for at, line in enumerate(parts(resource, "item")[:_MOST_LINES]):
            day = read_day(text(line, "servicedDate") or text(part(line, "servicedPeriod"), "start") or _day(resource))
            if (read := _line(line, f"{path}item.{at}", notes)) is not None:
                visits.setdefault(day, []).append(read)
    if not visits:
        raise EligibilityRefused((Problem("item", "It holds no line with a code. Give the one with its lines."),))
    by_day = sorted(visits.items(), key=lambda each: (each[0] is None, each[0] or date.min))
    return tuple(Explained(day, tuple(lines), tuple(notes)) for day, lines in by_day)


def _resources(whole: Any) -> Iterator[tuple[str, Part]]:
    if not isinstance(whole, Mapping):
        return
    if whole.get("resourceType") == _KIND:
        yield "", whole
    for at, entry in enumerate(parts(whole, "entry")):
        resource = part(entry, "resource")
        if resource.get("resourceType") == _KIND:
            yield f"entry.{at}.resource.", resource


def _refusals(path: str, resource: Part) -> Iterator[Problem]:
    if text(resource, "use") not in ("", "claim"):
        yield Problem(f"{path}use", "This is an estimate of the payer, not a payment: give one with use claim.")
    if text(resource, "status") in ("cancelled", "entered-in-error"):
        yield Problem(f"{path}status", "The payer took this back. Give the one that stands.")


def _day(resource: Part) -> str:
    return text(part(resource, "billablePeriod"), "start")


def _line(stated: Part, place: str, notes: list[Note]) -> Mapping[str, Any] | None:
    code = next((each for each in codes(part(stated, "productOrService")) if _CODE.fullmatch(each)), "")
    if not code:
        notes.append(Note(place, "It names no procedure code. Not read."))
        return None
    line: dict[str, Any] = {"code": code, "units": _units(stated, place, notes)}
    for key, categories in _AMOUNTS.items():
        amount = _amount(stated, categories, place, notes)
        if amount is not None:
            line[key] = amount
    denied = _denial(stated)
    if denied:
        line["denied"] = denied
    if "patient_owes" not in line:
        line["patient_owes"] = _sum_of([line.get(share, "0.00") for share in _SHARES])
        notes.append(Note(place, "What the patient owes isn’t said. Worked out of deductible, copay and coinsurance."))
    return line


def _units(stated: Part, place: str, notes: list[Note]) -> str:
    written = text(part(stated, "quantity"), "value").partition(".")[0]
    if written.isascii() and written.isdigit() and 1 <= int(written[:4]) <= 99:
        return str(int(written[:4]))
    notes.append(Note(place, "It names no units. Read as one."))
    return "1"


def _amount(stated: Part, categories: Sequence[str], place: str, notes: list[Note]) -> str | None:
    """Return the amount of the first category that is stated."""
    for category in categories:
        for adjudication in parts(stated, "adjudication"):
            if category not in (code.lower() for code in codes(part(adjudication, "category"))):
                continue
            amount = part(adjudication, "amount")
            if text(amount, "currency") not in ("", "USD"):
                notes.append(Note(place, "The currency is not USD. Not read."))
                continue
            try:
                figure = read_money(text(amount, "value")).value
            except ValueError as error:
                notes.append(Note(place, f"The amount of {category} {error}."))
                continue
            if figure is not None:
                return str(Money(figure))
    return None


def _denial(stated: Part) -> str:
    """Return the reason code of a line that wasn't paid, where one stands beside an amount that isn't covered."""
    for adjudication in parts(stated, "adjudication"):
        categories = {code.lower() for code in codes(part(adjudication, "category"))}
        if categories.intersection(_DENIED) or "denialreason" in categories:
            for code in codes(part(adjudication, "reason")):
                if match := _REASON.fullmatch(code):
                    return match[1]
    return ""


def _sum_of(amounts: Sequence[str]) -> str:
    return str(total(map(Money.parse, amounts)))
