"""A payer's ExplanationOfBenefit becomes the lines that a reconciliation takes; what isn't said is never zero."""

from datetime import date
from typing import Any

import pytest

from estimator.billing.reconcile import read_eob
from estimator.eligibility.explanation import read_explanation
from estimator.errors import EligibilityRefused
from tests.eligibility.answers import as_bytes


def line(code: str, day: str = "2026-03-10", **amounts: Any) -> dict[str, Any]:
    """Return a line with amounts by category."""
    return {
        "productOrService": {"coding": [{"code": code}]},
        "servicedDate": day,
        "quantity": {"value": 2},
        "adjudication": [
            {"category": {"coding": [{"code": category}]}, "amount": {"value": amount, "currency": "USD"}}
            for category, amount in amounts.items()
        ],
    }


def explained(*lines: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return an explanation with these lines."""
    return {"resourceType": "ExplanationOfBenefit", "use": "claim", "status": "active", "item": list(lines), **parts}


PAID = line("97110", submitted=96.4, copay=14.0, eligible=43.46, benefit=29.46, memberliability=14)


def test_a_line_becomes_one_of_a_reconciliation() -> None:
    """Allowed, shares, what the plan paid and what the patient owes, to the cent."""
    (visit,) = read_explanation(as_bytes(explained(PAID)))
    (read,) = read_eob(visit.lines)

    assert (date(2026, 3, 10), ()) == (visit.day, visit.notes)
    assert ("97110", 2, "43.46", "14.00", "29.46", "14.00") == (
        read.code,
        read.units,
        *map(str, (read.allowed, read.copay, read.plan_paid, read.patient_owes)),
    )


def test_what_the_patient_owes_is_worked_out_where_it_is_not_said() -> None:
    """And the note says so."""
    (visit,) = read_explanation(as_bytes(explained(line("97110", eligible=80, deductible=30, coinsurance=10))))

    assert "40.00" == visit.lines[0]["patient_owes"]
    assert ["What the patient owes isn’t said. Worked out of deductible, copay and coinsurance."] == [
        note.says for note in visit.notes
    ]


def test_a_denied_line_keeps_its_reason() -> None:
    """By its code alone."""
    denied = line("20560", noncovered=75, memberliability=75)
    denied["adjudication"][0]["reason"] = {"coding": [{"code": "CO-96"}]}
    (visit,) = read_explanation(as_bytes(explained(denied)))

    assert "96" == read_eob(visit.lines)[0].denied


def test_a_bundle_is_parted_by_day() -> None:
    """Visits in their order."""
    entries = [{"resource": explained({**PAID, "servicedDate": day})} for day in ("2026-03-12", "2026-03-10")]
    visits = read_explanation(as_bytes({"resourceType": "Bundle", "entry": entries}))

    assert [date(2026, 3, 10), date(2026, 3, 12)] == [visit.day for visit in visits]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Patient"}, "resourceType"),
        (explained(PAID, use="predetermination"), "use"),
        (explained(PAID, status="cancelled"), "status"),
        (explained(), "item"),
        ([1], "resourceType"),
    ],
)
def test_what_is_no_payment_is_refused(resource: Any, path: str) -> None:
    """With what to give instead."""
    with pytest.raises(EligibilityRefused) as caught:
        read_explanation(as_bytes(resource))

    assert [path] == [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize("odd", [{"quantity": {"value": "²"}}, {"adjudication": [1, None]}, {"productOrService": 3}])
def test_odd_parts_are_read_past(odd: dict[str, Any]) -> None:
    """A line beside them stands."""
    (visit,) = read_explanation(as_bytes(explained({**PAID, **odd}, PAID)))

    assert "97110" == visit.lines[-1]["code"]
