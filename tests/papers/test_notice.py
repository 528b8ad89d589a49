"""The advance notices: the one that fits the plan, with service and price, or a sentence why none fits."""

from dataclasses import replace
from typing import Any

import pytest

from estimator.billing.clinic import Clinic
from estimator.papers.kinds import DocumentRefused, document_pdf
from estimator.papers.notice import ABN_OPTIONS, MODIFIERS, MORE, NOTIFIER, NUMBER, PATIENT, SIGNATURE
from tests.papers.papers import CLINIC, PRICES, case_of, pdf, words_of

OWN: dict[str, Any] = {"self_pay_prices": PRICES}


def told(clinic: Clinic = CLINIC, **parts: Any) -> str:
    """Return the words of a notice."""
    return words_of(pdf("notice", clinic, **parts))


def refusal(**parts: Any) -> str:
    """Ask for a notice that fits nothing, and return why."""
    with pytest.raises(DocumentRefused) as raised:
        pdf("notice", **parts)
    return raised.value.problems[0].message


def test_medicare_gets_a_worksheet_for_its_own_form() -> None:
    """Blocks A to J, the three options, and the clinic's modifier with its doubt."""
    paper = told(plan="original-medicare-2026", **OWN)

    for part in (NOTIFIER, PATIENT, NUMBER, *ABN_OPTIONS, SIGNATURE, MORE):
        assert part in paper
    assert "worksheet, not the official form" in paper
    assert "(20561) Medicare doesn't cover it. $141.00" in paper
    assert "This clinic has chosen GX" in paper
    assert "disputed" in paper


@pytest.mark.parametrize("plan", ["original-medicare-2026", "template-employer-ppo"])
def test_a_patients_copy_tells_the_clinic_nothing_to_do(plan: str) -> None:
    """The modifier of the claim, the clinic's contract and its price list are the clinic's to see to."""
    case = replace(case_of(plan=plan), is_for_clinic=False)
    paper = words_of(document_pdf("notice", case))

    assert [] == [words for words in ("For the clinic", "Copy what is below", "modifier", "puts in") if words in paper]
    assert "Ask the clinic for its own prices before you sign" in paper
    assert "For the clinic" in told(plan=plan)


def test_without_a_chosen_modifier_all_four_stand_there() -> None:
    """Sources disagree, so the clinic chooses."""
    paper = told(Clinic(), plan="original-medicare-2026", **OWN)

    assert all(f"{code}: {says}" in paper for code, says in MODIFIERS.items())


def test_a_commercial_plan_gets_a_consent_that_names_service_and_price() -> None:
    """What nobody has read may fall to the patient: 3 visits of 47."""
    paper = told(**OWN)

    assert "(20561) It isn't known whether the plan pays for it. 3 $47.00 $141.00" in paper.replace("  ", " ")
    assert "March 2, 2026" in paper
    assert "only valid if signed before the visit" in paper
    assert SIGNATURE in paper
    assert "97110" not in paper


@pytest.mark.parametrize("plan", ["example-needling-not-covered"])
def test_a_line_that_only_a_consent_makes_payable_is_on_it(plan: str) -> None:
    """Investigational in network: the clinic absorbs it unless this paper is signed."""
    paper = told(plan=plan, **OWN)

    assert "20561" in paper
    assert "$141.00" in paper


def test_prices_from_a_published_range_are_marked() -> None:
    """The clinic writes in its own before anybody signs."""
    assert "published range" in told()
    assert "published range" not in told(**OWN)


def test_no_notice_is_made_where_none_fits() -> None:
    """Each with what to do in its place."""
    covered = {"first_day": "2026-03-02", "visits": 2, "each_visit": [{"code": "97110", "minutes": 30}]}

    assert "pre-service organization determination" in refusal(plan="uhc-ma-2026-authorization")
    assert "a Good Faith Estimate" in refusal(plan="self-pay")
    assert "no notice to sign" in refusal(course=covered)
    assert "a waiver of its own" in refusal(plan="tricare-prime-2026")
    assert "a rule of the state" in refusal(plan="template-medicaid")
    assert "Nothing that a patient signs" in refusal(plan="wa-lni")


def test_a_service_that_state_law_forbids_cannot_be_consented_to() -> None:
    """California: nobody owes it, whatever is signed."""
    assert "no notice to sign" in refusal(zip="90012")
