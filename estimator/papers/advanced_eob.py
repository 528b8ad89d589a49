"""An estimate as a FHIR R4B ExplanationOfBenefit with use `predetermination`, as Da Vinci PCT shapes an advanced EOB.

It tells the typical figure line by line, and the range and the reasons in notes. It names no person, no member and no
clinic: whoever sends it on adds those. Source of the shape: HL7 Da Vinci Patient Cost Transparency, STU 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from estimator.engine.answer import Status
from estimator.engine.values import ZERO, Money, total

Element = dict[str, Any]
Part = Mapping[str, Any]

_HL7 = "http://terminology.hl7.org/CodeSystem"
_PCT = "http://hl7.org/fhir/us/davinci-pct"
_CPT = "http://www.ama-assn.org/go/cpt"
_SYSTEMS = {
    "memberliability": f"{_PCT}/CodeSystem/PCTAdjudicationCategoryCS",
    "noncovered": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication",
    "coinsurance": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication",
}
# What a step makes the patient owe, by the categories that an explanation of benefits knows.
_STEPS = {"deductible-taken": "deductible", "copay-charged": "copay", "coinsurance-charged": "coinsurance"}
_NOT_COVERED = {Status.PATIENT_BILLED, Status.PROVIDER_ABSORBS}
_ESTIMATE = "This is an estimate, not advice and not a promise to pay."


def advanced_eob(answer: Part, now: datetime) -> Element:
    """Return the resource as JSON values; `answer` is that of the JSON contract, for either reader."""
    visits = answer["visits"]
    lines = [(visit, line) for visit in visits for line in visit["lines"]]
    is_known = not any(line["status"] == Status.UNKNOWN for _, line in lines)
    return {
        "resourceType": "ExplanationOfBenefit",
        "status": "active",
        "type": _coded(f"{_HL7}/claim-type", "professional"),
        "use": "predetermination",
        "patient": {"display": "Not named in an estimate"},
        "billablePeriod": {"start": visits[0]["day"], "end": visits[-1]["day"]},
        "created": now.isoformat(timespec="seconds"),
        "insurer": {"display": answer["plan"]["payer"] or "Not named"},
        "provider": {"display": "Not named in an estimate"},
        "outcome": "complete" if is_known else "partial",
        "disposition": answer["summary"],
        "insurance": [{"focal": True, "coverage": {"display": answer["plan"]["title"]}}],
        "item": [_line(number, visit, line) for number, (visit, line) in enumerate(lines, 1)],
        "total": _totals([line for _, line in lines]),
        "processNote": [
            {"number": number, "type": "print", "text": words} for number, words in enumerate(_notes(answer), 1)
        ],
        "benefitBalance": list(_balances(visits[-1]["accumulators"])),
    }


def _line(number: int, visit: Part, line: Part) -> Element:
    written: Element = {
        "sequence": number,
        "productOrService": _coded(_CPT, line["code"]),
        "servicedDate": visit["day"],
        "quantity": {"value": line["units"]},
        "net": _money(line["charge"]),
        "adjudication": [_adjudicated(category, amount) for category, amount in _amounts(line)],
    }
    if line["modifiers"]:
        written["modifier"] = [_coded(_CPT, modifier) for modifier in line["modifiers"]]
    if line["status"] == Status.NEEDS_AUTHORIZATION:
        written["adjudication"].append(_subject_to_review())
    return written


def _amounts(line: Part) -> Iterator[tuple[str, str]]:
    """Yield the amounts of a line by category; what a second plan or a maximum takes off stands in member liability."""
    yield "submitted", line["charge"]
    if line["status"] in _NOT_COVERED:
        yield "noncovered", line["charge"]
    else:
        yield "eligible", line["allowed"]
    for finding, category in _STEPS.items():
        owed = total(Money.parse(step["amount"]) for step in line["steps"] if step["finding"] == finding)
        if owed != ZERO:
            yield category, str(owed)
    yield "benefit", line["plan_pays"]
    yield "memberliability", line["patient_owes"]


def _totals(lines: list[Part]) -> list[Element]:
    sums = (
        ("submitted", "charge"),
        ("benefit", "plan_pays"),
        ("memberliability", "patient_owes"),
    )
    return [
        {"category": _category(category), "amount": _money(str(total(Money.parse(line[name]) for line in lines)))}
        for category, name in sums
    ]


def _balances(accumulators: Part) -> Iterator[Element]:
    """Yield what is left after the last visit, as far as the plan names an end."""
    terms = {"deductible": "deductible", "out_of_pocket_max": "out-of-pocket maximum"}
    for name, words in terms.items():
        balance = accumulators.get(name)
        if balance and balance["of"] is not None:
            financial = {
                "type": {"text": words},
                "allowedMoney": _money(balance["of"]),
                "usedMoney": _money(balance["used"]),
            }
            yield {"category": {"text": words}, "financial": [financial]}
    for name, balance in accumulators.get("limits", {}).items():
        if balance["measure"] == "visits" and balance["of"] is not None:
            count = {
                "type": _coded(f"{_HL7}/benefit-type", "visit"),
                "allowedUnsignedInt": balance["of"],
                "usedUnsignedInt": balance["used"],
            }
            yield {"category": {"text": name}, "financial": [count]}


def _notes(answer: Part) -> Iterator[str]:
    owes = answer["patient_owes"]
    yield _ESTIMATE
    yield f"The patient could owe ${owes['low']} to ${owes['high']}; the amounts here are the typical ones."
    for kind in ("notices", "conditions", "questions", "assumptions"):
        yield from (each["says"] for each in answer[kind])
    yield "; ".join(f"{name}: {value}" for name, value in answer["inputs"].items() if value)


def _adjudicated(category: str, amount: str) -> Element:
    return {"category": _category(category), "amount": _money(amount)}


def _subject_to_review() -> Element:
    reason = _coded(f"{_PCT}/CodeSystem/PCTSubjectToMedicalMgmtReasonCS", "prior-auth")
    return {
        "extension": [{"url": f"{_PCT}/StructureDefinition/subjectToMedicalMgmt", "valueCodeableConcept": reason}],
        "category": _coded(f"{_PCT}/CodeSystem/PCTAdjudicationCategoryCS", "medicalmanagement"),
    }


def _category(category: str) -> Element:
    return _coded(_SYSTEMS.get(category, f"{_HL7}/adjudication"), category)


def _coded(system: str, code: str) -> Element:
    return {"coding": [{"system": system, "code": code}]}


def _money(amount: str) -> Element:
    # FHIR's decimals are JSON numbers; an amount of two decimals comes through as it is written.
    return {"value": float(amount), "currency": "USD"}
