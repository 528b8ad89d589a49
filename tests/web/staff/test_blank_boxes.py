"""A form that is sent with its boxes empty says what to enter, in the words of the person in front of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from estimator.plans.shelf import Draft
from tests.db.sample import definition, published
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient
from tests.web.staff.test_estimates import given

Staff = Callable[[str], StaffClient]
SAYS_WHAT_TO_DO = ("Enter ", "Choose ", "Paste ", "Answer ")
OUR_OWN_TERMS = ("key", "required", "null", "field", "None")
FORMS = [
    ("admin", "/staff/accounts/", {}),
    ("admin", "/staff/tokens/", {}),
    ("billing", "/staff/authorization", {}),
    ("billing", "/staff/authorization", {"code_1": "97110", "first_day": "", "per_week": ""}),
    ("billing", "/staff/eligibility", {}),
    ("billing", "/staff/calls/new", {}),
    ("billing", "/staff/calls/new", {"plan": "template-employer-ppo", "day": "", "answer.copay": "40.00"}),
    ("billing", "/staff/estimates/new", {}),
    ("rules", "/staff/prices/self-pay/preview", {}),
]


def says_what_to_enter(client: StaffClient, address: str, boxes: dict[str, str]) -> None:
    """Send boxes and read what is asked for."""
    answer = client.post(address, data=boxes)
    told = page_of(answer.text).summary().values()

    assert 422 == answer.status_code
    assert told
    assert [] == [words for words in told if not any(verb in words for verb in SAYS_WHAT_TO_DO)]
    assert [] == [words for words in told if any(term in words.split() for term in OUR_OWN_TERMS)]


@pytest.mark.parametrize(("role", "address", "boxes"), FORMS)
def test_every_empty_box_is_asked_for(staff: Staff, role: str, address: str, boxes: dict[str, str]) -> None:
    """Nobody is told that a key is required."""
    says_what_to_enter(staff(role), address, boxes)


def test_every_empty_amount_of_an_eob_is_asked_for(staff: Staff, engine: Engine) -> None:
    """A row in which something was typed needs its code, units, allowed amount and what the patient owes."""
    published(engine, [Draft(definition("kept-plan", "40.00"))])
    desk = staff("billing")
    address = f"{given(desk, plan='kept-plan')}/reconcile/1"

    says_what_to_enter(desk, address, {"1.plan_paid": "60.00"})
    says_what_to_enter(desk, address, {"1.units": "2", "1.patient_owes": "30.00"})
    says_what_to_enter(desk, address, {"2.allowed": "60.00"})
