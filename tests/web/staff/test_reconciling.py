"""What a payer paid, entered by the billing desk beside what the patient was told."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from estimator.accounts.audit import Sought, read_log
from estimator.plans.shelf import Draft
from tests.billing.test_remittance import remittance
from tests.db.sample import definition, published
from tests.eligibility.test_explanation import explained, line
from tests.web.reading import Element, page_of
from tests.web.staff.conftest import StaffClient
from tests.web.staff.test_estimates import given

Staff = Callable[[str], StaffClient]
PAID = {
    "1.units": "2",
    "1.allowed": "90.00",
    "1.copay": "30.00",
    "1.plan_paid": "60.00",
    "1.patient_owes": "30.00",
}


@pytest.fixture
def desk(staff: Staff) -> StaffClient:
    """A browser in which somebody of the billing desk is signed in."""
    return staff("billing")


@pytest.fixture
def visit(desk: StaffClient, engine: Engine) -> str:
    """The address of the form for the first visit of an estimate of 40.00 a visit."""
    published(engine, [Draft(definition("kept-plan", "40.00"))])
    return f"{given(desk, plan='kept-plan')}/reconcile/1"


def send(client: StaffClient, address: str, status: int = 200, **typed: str) -> Element:
    """Send an EOB and return the page that comes back."""
    answer = client.post(address, data={**PAID, **typed})
    assert status == answer.status_code, page_of(answer.text).summary()
    return page_of(answer.text)


def test_the_difference_is_shown_with_its_causes(desk: StaffClient, visit: str) -> None:
    """Another copay is nothing that prices or deductibles explain; each row adds up."""
    page = send(desk, visit)
    row = next(each.text for each in page.one("table").all("tr") if each.text.startswith("97110"))

    assert "−$10.00: $40.00 estimated, $30.00 on the EOB" in page.text
    assert "97110 × 2 $40.00 – – – – −$10.00 $30.00" == row
    assert "Price. 97110 at $90.00 instead of" in page.text
    assert "30.00" == page.typed()["1.patient_owes"]


def test_a_denial_and_an_added_line_are_told(desk: StaffClient, visit: str) -> None:
    """By its reason code, and by its code."""
    denied = dict.fromkeys(PAID, "") | {"1.units": "2", "1.patient_owes": "0.00", "1.denied": "CO-197"}
    added = {"2.code": "97140", "2.units": "1", "2.allowed": "40.00", "2.copay": "40.00", "2.patient_owes": "40.00"}
    page = send(desk, visit, **denied, **added)

    assert "No difference" in page.text
    assert "97110 was denied with CARC 197: estimated without it." in page.text
    assert "97140 was not in the estimate: estimated with it." in page.text
    assert "97140 $0.00 +$40.00 – – – – $40.00" in page.text


def given_file(client: StaffClient, address: str, content: str) -> Element:
    """Give the payer's own file, and return the page that comes back."""
    file = (io.BytesIO(content.encode()), "eob")
    return page_of(client.post(address, data={"file": file, "read": "yes"}).text)


def settled(day: str) -> str:
    """Return an 835 that pays two claims of a day, one of them under the label of the estimate."""
    dated = f"DTM*472*{day.replace('-', '')}"
    own = ("CLP*a-118*1*120*60*30*12*P1*11*1", "SVC*HC:97110:GP*120*60**2", dated, "CAS*CO*45*30", "CAS*PR*3*30")
    other = ("CLP*KNEE*1*85*0*0*12*P2*11*1", "SVC*HC:97140:GP*85*0**1", dated, "CAS*CO*197*85")
    return remittance("60", *own, *other)


def test_a_remittance_fills_the_form(desk: StaffClient, visit: str) -> None:
    """The claim with the number of the case alone; it is shown, and nothing is kept by it."""
    typed = given_file(desk, visit, settled("2026-11-30")).typed()
    nothing = given_file(desk, visit, settled("2026-01-05"))

    assert ("2", "90.00", "30.00", "60.00", "30.00") == tuple(
        typed[f"1.{name}"] for name in ("units", "allowed", "copay", "plan_paid", "patient_owes")
    )
    assert "" == typed["2.code"]
    assert "This one has none." in nothing.text
    assert "−$10.00: $40.00 estimated, $30.00 on the EOB" in send(desk, visit, **typed).text


def test_an_explanation_of_benefits_fills_the_form(desk: StaffClient, visit: str) -> None:
    """Beside the line of its code; another code goes below, and what is no such file is refused."""
    paid = {"day": "2026-11-30", "copay": 30.0, "eligible": 90.0, "benefit": 60.0, "memberliability": 30}
    whole = explained(line("97140", **paid), line("97110", **paid))
    typed = given_file(desk, visit, json.dumps(whole)).typed()
    refused = given_file(desk, visit, "{}")

    assert ("90.00", "97140", "90.00") == tuple(typed[name] for name in ("1.allowed", "2.code", "2.allowed"))
    assert "Give a ExplanationOfBenefit of FHIR R4B" in refused.text


def test_it_is_kept_on_the_second_step_and_noted(desk: StaffClient, visit: str, engine: Engine) -> None:
    """The estimate then says what came of the visit, and the plan how near its estimates come."""
    send(desk, visit)
    assert "No visit is reconciled yet." in desk.get("/staff/estimates/accuracy").text
    send(desk, visit, 303, keep="yes")
    text = page_of(desk.get(visit.partition("/reconcile")[0]).text).text
    rows = list(csv.reader(io.StringIO(desk.get("/staff/estimates/accuracy.csv").text)))
    done = read_log(engine, Sought(did="estimate-reconciled")).entries

    assert "Visit 1 : $40.00 estimated, $30.00 on the EOB (unexplained −$10.00) by some-billing" in text
    assert ["kept-plan", "2026-11", "1", "10.00", "0", "0"] == rows[1]
    assert [("some-billing", "1 visit 1")] == [(entry.by, entry.subject) for entry in done]
    assert "kept-plan Nov 2026 1 $10.00 0% 0%" in page_of(desk.get("/staff/estimates/accuracy").text).text


def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(desk: StaffClient, visit: str) -> None:
    """Rows in which nothing is written are passed over, so that numbers of rows and lines differ."""
    page = send(desk, visit, 422, **{"1.copay": "ten", "3.code": "9714", "3.patient_owes": "1"})
    sums = send(desk, visit, 422, **{"1.deductible": "5.00"})
    empty = send(desk, visit, 422, **dict.fromkeys(PAID, ""))

    assert {"1-copay", "3-code", "3-units"} == set(page.errors())
    assert ("ten", "9714") == (page.typed()["1.copay"], page.typed()["3.code"])
    assert "come to $35.00" in sums.errors()["1-patient_owes"]
    assert "Enter at least one line of the EOB." in empty.text


def test_a_visit_that_there_is_not_has_no_page(desk: StaffClient, visit: str) -> None:
    """Nor an estimate."""
    beyond = visit.removesuffix("1") + "9"
    asked = [desk.get(beyond), desk.post(beyond), desk.get("/staff/estimates/99/reconcile/1")]

    assert [404, 404, 404] == [answer.status_code for answer in asked]
