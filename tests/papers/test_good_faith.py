"""The Good Faith Estimate has every element of 45 CFR 149.610(c)(1), for exactly the lines that the patient pays."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from estimator.billing.clinic import Clinic
from estimator.engine.values import Money
from estimator.papers.good_faith import (
    BIRTH,
    CONTACT,
    DATES,
    DISCLAIMER,
    DISPUTE,
    DRAFT_TITLE,
    DUE,
    NPI,
    ONLY_NEEDLING,
    ONLY_UNCOVERED_TITLE,
    PATIENT,
    PRIMARY,
    PRIMARY_DIAGNOSIS,
    SELF_PAY_CHARGE,
    SEPARATE,
    SERVICE_NAME,
    STATE,
    SUMMARY,
    THIS_CLINIC,
    TIN,
    TOTAL,
)
from estimator.papers.kinds import DocumentRefused, document_pdf
from tests.papers.papers import CLINIC, COURSE, NEEDLING, PRICES, amounts_in, amounts_of, case_of, pdf, words_of

SELF_PAY: dict[str, Any] = {"plan": "self-pay", "self_pay_prices": PRICES}
FEDERAL: dict[str, Any] = {"plan": "fep-blue-basic-2026", "self_pay_prices": PRICES}
IN_FORM_ORDER = (
    PATIENT,
    BIRTH,
    CONTACT,
    PRIMARY,
    PRIMARY_DIAGNOSIS,
    DATES,
    SUMMARY,
    NPI,
    TIN,
    STATE,
    SERVICE_NAME,
    SELF_PAY_CHARGE,
    SEPARATE,
    *DISCLAIMER,
    *DISPUTE,
)


def told(clinic: Clinic = CLINIC, **parts: Any) -> str:
    """Return the words of an estimate."""
    return words_of(pdf("good-faith-estimate", clinic, **parts))


@pytest.mark.parametrize("asked", [SELF_PAY, FEDERAL])
def test_every_element_is_there_in_the_order_of_the_model_form(asked: dict[str, Any]) -> None:
    """For somebody without insurance, and for the line that a plan does not cover."""
    paper = told(**asked)
    places = [paper.find(" ".join(sentence.split())) for sentence in IN_FORM_ORDER]

    assert -1 not in places
    assert sorted(places[:8]) == places[:8]
    assert sorted(places[12:]) == places[12:]
    for part in ("M54.50", "M54.2", CLINIC.name, CLINIC.npi, CLINIC.tin, CLINIC.street, "Seattle, WA 98101"):
        assert part in paper
    for part in ("$400 or more", "120 calendar days", "1-800-985-3059", "cms.gov/nosurprises", "not a contract"):
        assert part in paper


def test_services_are_itemised_with_quantity_and_the_clinics_charge() -> None:
    """151 once, 85 (two units of 42.50) twice, 47 three times: 462."""
    paper = told(**SELF_PAY)

    assert "97161 1 unit in 1 visit $151.00 $151.00" in paper
    assert "97110 4 units in 2 visits $85.00 $170.00" in paper
    assert "20561 3 units in 3 visits $47.00 $141.00" in paper
    assert f"{TOTAL} $462.00" in paper
    assert DRAFT_TITLE not in paper
    assert Money(46200) == case_of(**SELF_PAY).answer.patient_owes.typical
    assert amounts_in(paper) - amounts_of(case_of(**SELF_PAY).answer) == {"170.00", "141.00"}


def test_an_insured_person_sees_only_what_the_plan_does_not_cover() -> None:
    """The plan pays the exercise and not the needling."""
    paper = told(**FEDERAL)

    assert ONLY_UNCOVERED_TITLE in paper
    assert "medium confidence" in paper
    assert "federal health program" in paper
    assert f"{PRIMARY} {ONLY_NEEDLING}" in paper
    assert "97110" not in paper
    assert f"{TOTAL} $141.00" in paper


def test_a_charge_from_a_published_range_makes_a_draft() -> None:
    """Only the clinic's own price is a good-faith charge."""
    assert DRAFT_TITLE in told(plan="self-pay")


def test_without_settings_the_clinic_is_blank_lines() -> None:
    """The labels stay, with nothing made up beside them."""
    paper = told(Clinic(), **SELF_PAY)

    assert NPI in paper
    assert THIS_CLINIC in paper
    assert CLINIC.name not in paper


def test_care_that_comes_back_is_scoped_and_ends_after_twelve_months() -> None:
    """A visit on the same day of the next year is outside, the day before is inside."""
    days = ("2026-03-02", "2027-03-01", "2027-03-02")
    paper = told(**SELF_PAY, course=None, visits=[{"day": day, "services": [NEEDLING]} for day in days])

    assert "covers 2 visits from March 2, 2026 to March 1, 2027, at most 1 in any 7 days" in paper
    assert "Not in here: 1 visit on or after March 2, 2027" in paper
    assert f"{TOTAL} $94.00" in paper


def test_its_own_deadline_stands_on_it() -> None:
    """Asked on February 2, the first visit on March 2: three business days; from February 27 too near."""
    assert "by February 5, 2026, 3 business days after it was scheduled" in told(**SELF_PAY)
    assert "less than 3 business days ahead" in told(**SELF_PAY, as_of="2026-02-27")
    assert "by March 4, 2026, 3 business days after." in told(**SELF_PAY, as_of="2026-02-27")


def test_where_the_patient_pays_no_line_alone_none_is_due() -> None:
    """Exercise under a plan that covers it."""
    with pytest.raises(DocumentRefused) as raised:
        told(course={"first_day": "2026-03-02", "visits": 2, "each_visit": [{"code": "97110", "minutes": 30}]})

    assert "nothing to estimate as self-pay" in raised.value.problems[0].message


def test_a_patients_copy_tells_the_clinic_nothing_to_do() -> None:
    """When it is due, and lines to write on, are the clinic's; what is scheduled apart is told in a sentence."""
    case = replace(case_of(plan="self-pay", self_pay_prices=PRICES), is_for_clinic=False)
    paper = words_of(document_pdf("good-faith-estimate", case))

    assert [DUE, "The clinic writes here"] == [words for words in (DUE, "The clinic writes here") if words not in paper]
    assert SEPARATE in paper
    assert DUE in told(**SELF_PAY)


@pytest.mark.parametrize("visits", [8, 20])
def test_a_patients_copy_has_two_pages_and_none_is_empty(visits: int) -> None:
    """The patient and the charges, then the rights."""
    course = {**COURSE, "visits": visits}
    case = replace(case_of(plan="self-pay", course=course, self_pay_prices=PRICES), is_for_clinic=False)
    pages = PdfReader(BytesIO(document_pdf("good-faith-estimate", case))).pages

    assert 2 == len(pages)
    assert all(len(page.extract_text()) > 600 for page in pages)
