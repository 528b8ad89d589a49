"""An estimate as a FHIR R4B ExplanationOfBenefit with use `predetermination`, as Da Vinci PCT shapes an advanced EOB.

It tells the typical figure line by line, and the range and the reasons in notes. It names no person, no member and no
clinic: the sender adds those. Source of the shape: HL7 Da Vinci Patient Cost Transparency, STU 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from estimator.engine.answer import Status
from estimator.engine.values import ZERO, Money, total
from estimator.wording.answer import Answer, AnswerAccumulators, AnswerLine, AnswerVisit, Sourced

Element = dict[str, Any]

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


def advanced_eob(answer: Answer, now: datetime) -> Element:
    """Return the resource as JSON values; the answer may be for either reader."""
    visits = answer.visits
    lines = [(visit, line) for visit in visits for line in visit.lines]
    is_known = not any(line.status == Status.UNKNOWN for _, line in lines)
    return {
        "resourceType": "ExplanationOfBenefit",
        "status": "active",
        "type": _coded(f"{_HL7}/claim-type", "professional"),
        "use": "predetermination",
        "patient": {"display": "Not named in an estimate"},
        "billablePeriod": {"start": visits[0].day.isoformat(), "end": visits[-1].day.isoformat()},
        "created": now.isoformat(timespec="seconds"),
        "insurer": {"display": answer.plan.payer or "Not named"},
        "provider": {"display": "Not named in an estimate"},
        "outcome": "complete" if is_known else "partial",
        "disposition": answer.summary,
        "insurance": [{"focal": True, "coverage": {"display": answer.plan.title}}],
        "item": [_line(number, visit, line) for number, (visit, line) in enumerate(lines, 1)],
        "total": _totals([line for _, line in lines]),
        "processNote": [
            {"number": number, "type": "print", "text": words} for number, words in enumerate(_notes(answer), 1)
        ],
        "benefitBalance": list(_balances(visits[-1].accumulators)),
    }


def _line(number: int, visit: AnswerVisit, line: AnswerLine) -> Element:
    written: Element = {
        "sequence": number,
        "productOrService": _coded(_CPT, line.code),
        "servicedDate": visit.day.isoformat(),
        "quantity": {"value": line.units},
        "net": _money(line.charge),
        "adjudication": [_adjudicated(category, amount) for category, amount in _amounts(line)],
    }
    if line.modifiers:
        written["modifier"] = [_coded(_CPT, modifier) for modifier in line.modifiers]
    if line.status == Status.NEEDS_AUTHORIZATION:
        written["adjudication"].append(_subject_to_review())
    return written


def _amounts(line: AnswerLine) -> Iterator[tuple[str, Money]]:
    """Yield the amounts of a line by category; what a second plan or a maximum takes off stands in member liability."""
    yield "submitted", line.charge
    if line.status in _NOT_COVERED:
        yield "noncovered", line.charge
    else:
        yield "eligible", line.allowed
    for finding, category in _STEPS.items():
        owed = total(step.amount for step in line.steps if step.finding == finding)
        if owed != ZERO:
            yield category, owed
    yield "benefit", line.plan_pays
    yield "memberliability", line.patient_owes


def _totals(lines: list[AnswerLine]) -> list[Element]:
    sums = {
        "submitted": total(line.charge for line in lines),
        "benefit": total(line.plan_pays for line in lines),
        "memberliability": total(line.patient_owes for line in lines),
    }
    return [_adjudicated(category, amount) for category, amount in sums.items()]


def _balances(accumulators: AnswerAccumulators) -> Iterator[Element]:
    """Yield what is left after the last visit, as far as the plan names an end."""
    sums = {"deductible": accumulators.deductible, "out-of-pocket maximum": accumulators.out_of_pocket_max}
    for words, balance in sums.items():
        if balance is not None and balance.of is not None:
            financial = {
                "type": {"text": words},
                "allowedMoney": _money(balance.of),
                "usedMoney": _money(balance.used),
            }
            yield {"category": {"text": words}, "financial": [financial]}
    for name, limit in accumulators.limits.items():
        if limit.measure == "visits" and limit.of is not None:
            count = {
                "type": _coded(f"{_HL7}/benefit-type", "visit"),
                "allowedUnsignedInt": limit.of,
                "usedUnsignedInt": limit.used,
            }
            yield {"category": {"text": name}, "financial": [count]}


def _notes(answer: Answer) -> Iterator[str]:
    owes = answer.patient_owes
    yield _ESTIMATE
    yield f"The patient could owe ${owes.low} to ${owes.high}; the amounts here are the typical ones."
    parts: tuple[Sourced, ...] = (*answer.notices, *answer.conditions, *answer.questions, *answer.assumptions)
    yield from (part.says for part in parts)
    yield "; ".join(f"{name}: {value}" for name, value in answer.inputs.items() if value and name != "layers")
    if layers := answer.inputs.get("layers"):
        yield f"layers: {', '.join(layer['id'] for layer in layers)}"


def _adjudicated(category: str, amount: Money) -> Element:
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


def _money(amount: Money) -> Element:
    # FHIR's decimals are JSON numbers; an amount of two decimals comes through as it is written.
    return {"value": float(str(amount)), "currency": "USD"}
