"""Every condition, question, assumption and crossing point that the engine can name has words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from estimator.engine.answer import (
    Assumption,
    AssumptionKind,
    Condition,
    ConditionKind,
    CrossingKind,
    CrossingPoint,
    Question,
    QuestionKind,
    Status,
    Worth,
)
from estimator.engine.plan import Benefit
from estimator.engine.values import Money
from estimator.language import SPANISH, speaking
from estimator.wording.answer import status_says
from estimator.wording.open_points import (
    assumption_says,
    condition_says,
    crossing_says,
    question_says,
)
from estimator.wording.words import BILLER, PATIENT, Telling
from tests.wording.estimates import NAMES, PLAN
from tests.wording.test_findings import figures_in

READERS = [Telling(PLAN, NAMES, PATIENT), Telling(PLAN, NAMES, BILLER)]


def taken_for_granted(kind: AssumptionKind, subject: str) -> Assumption:
    """Return an assumption of a kind; an assumed figure has its range and its worth."""
    if not kind.startswith("assumed-"):
        return Assumption(kind, subject)
    return Assumption(kind, subject, None, (Money(2000), Money(4000), Money(7500)), Worth(Money(100), Money(200)))


def all_said(telling: Telling) -> Iterator[str]:
    """Yield every kind of sentence, with a subject and without one, known or not."""
    for subject in ("", "therapy-visits", "20561", "in-network", "2026-12-31"):
        yield from (question_says(Question(kind, subject), telling) for kind in QuestionKind)
        yield from (assumption_says(taken_for_granted(kind, subject), telling) for kind in AssumptionKind)
        for kind in CrossingKind:
            yield crossing_says(CrossingPoint(kind, 2, date(2026, 3, 9), subject), telling)
        for kind in ConditionKind:
            for amount in (-4000, 0, 54000):
                yield condition_says(Condition(kind, 13, 2, Money(amount), Money(-amount), subject), telling)
    yield from (status_says(status, telling) for status in Status)


@pytest.mark.parametrize("telling", READERS, ids=["patient", "biller"])
def test_every_kind_is_said_in_a_whole_sentence(telling: Telling) -> None:
    """With a subject and without one, known or not."""
    for words in all_said(telling):
        assert words[0].isupper() or words[0] in "“0123456789{", words
        assert words.endswith((".", "?", "”", ".)")) or words.startswith("On the policy"), words
        assert not {"{", "}"} & set(words), words
        assert "()" not in words
        assert "  " not in words


@pytest.mark.parametrize("telling", READERS, ids=["patient", "biller"])
def test_every_kind_is_said_in_spanish_with_the_same_numbers(telling: Telling) -> None:
    """No sentence is left in English, and none loses an amount, a visit or a day on the way."""
    english = list(all_said(telling))
    with speaking(SPANISH):
        spanish = list(all_said(telling))

    for one, other in zip(english, spanish, strict=True):
        assert one != other
        assert sorted(figures_in(one)) == sorted(figures_in(other)), other
        assert other[0].isupper() or other[0] in "“¿0123456789", other
        assert not {"{", "}"} & set(other), other
        assert "()" not in other
        assert "  " not in other
        assert other.count("?") == other.count("¿"), other


def test_conditions_say_their_price() -> None:
    """What the patient would owe and what the clinic would lose are two amounts."""
    patient, biller = READERS
    refused = Condition(ConditionKind.AUTHORIZATION, 13, 18, Money(54000), Money(0))
    absorbed = Condition(ConditionKind.AUTHORIZATION, 13, 1, Money(-4000), Money(10000), "Evergreen")

    assert (
        "If your plan doesn't approve this in advance, you could pay $540.00 more. "
        "This concerns 18 visits, from visit 13 on."
    ) == condition_says(refused, patient)
    assert (
        "If your plan doesn't approve this in advance, your plan wouldn't pay and the clinic, which can't bill you, "
        "would lose $100.00. It may then not give you these visits, so don't count on paying less. "
        "This concerns visit 13."
    ) == condition_says(absorbed, patient)
    assert (
        "If authorization is refused or missing (CARC 197): patient -$40.00, write-off +$100.00. "
        "Visit 13. Ask Evergreen."
    ) == condition_says(absorbed, biller)


def test_a_condition_whose_consequence_nobody_has_read_says_so() -> None:
    """Neither “you owe nothing more” nor a clinic's loss is made of what is not known."""
    patient, biller = READERS
    same = Condition(ConditionKind.AUTHORIZATION, 2, 2, Money(0), Money(0), "Cohere Health", is_known=False)
    dearer = Condition(ConditionKind.REFERRAL, 1, 1, Money(9000), Money(0), is_known=False)

    assert (
        "If your plan doesn't approve this in advance, we don't know who then pays. "
        "This concerns 2 visits, from visit 2 on."
    ) == condition_says(same, patient)
    assert (
        "If authorization is refused or missing (CARC 197): consequence not read; check the contract. "
        "2 visits from visit 2 on. Ask Cohere Health."
    ) == condition_says(same, biller)
    assert (
        "If there is no referral (a doctor's order), we don't know who then pays. You could pay $90.00 more. "
        "This concerns visit 1."
    ) == condition_says(dearer, patient)
    assert (
        "If no referral is on file (CARC 288): consequence not read; check the contract. If the patient is liable: "
        "patient +$90.00, write-off $0.00. Visit 1."
    ) == condition_says(dearer, biller)


def test_a_condition_that_moves_nothing_says_that_it_is_counted_already() -> None:
    """Where the patient's share is not known, the whole price is counted already."""
    patient = READERS[0]
    same = Condition(ConditionKind.JUSTIFICATION, 1, 4, Money(0), Money(0))

    assert (
        "If your provider doesn't explain in writing why you need more visits, you'd still pay what we counted. "
        "This concerns 4 visits, from visit 1 on."
    ) == condition_says(same, patient)


def test_questions_on_a_cost_share_ask_only_for_what_lacks() -> None:
    """The rest is known already."""
    [copay, whole] = [
        question_says(Question(QuestionKind.COST_SHARE, each), READERS[0]) for each in ("copay", "physical-therapy")
    ]

    assert "Ask Evergreen: “What is my copay for a physical therapy visit?”" == copay
    assert whole.startswith("Ask Evergreen: “What do I pay for a visit of physical therapy: a copay")


def test_questions_ask_three_things_apart() -> None:
    """That a code is valid, needs approval and is paid are three facts."""
    words = question_says(Question(QuestionKind.NEEDLING_POLICY, "20561"), READERS[0])

    assert words.startswith(
        "Ask Evergreen: “Can my provider bill 20561 (dry needling, 3 or more muscles) under my plan?"
    )
    assert 3 == words.count("?")


def test_an_authorization_ends_after_its_last_visit() -> None:
    """The visit that is named is still covered by it."""
    ends = CrossingPoint(CrossingKind.AUTHORIZATION_ENDS, 12, date(2026, 4, 9), "physical-therapy")

    assert [
        "Your authorization ends after visit 12, on April 9, 2026.",
        "Visit 12 (April 9, 2026): last visit of the authorization on file (physical-therapy).",
    ] == [crossing_says(ends, telling) for telling in READERS]


def test_a_limit_on_some_of_the_care_says_on_which() -> None:
    """Three visits of needling are not three visits of therapy."""
    reached = CrossingPoint(CrossingKind.LIMIT_REACHED, 4, date(2026, 3, 12), "therapy-visits")
    all_of_it, other = Benefit("all", frozenset(), {}, limits=("therapy-visits",)), Benefit("other", frozenset(), {})
    said = [
        crossing_says(reached, Telling(replace(PLAN, benefits=benefits), NAMES))
        for benefits in ((all_of_it,), (all_of_it, other))
    ]

    start = "At visit 4, on March 12, 2026, you use the last of what your plan covers"
    assert [f"{start} (30 visits a benefit year).", f"{start} (therapy visits: 30 visits a benefit year)."] == said


def test_the_purpose_of_therapy_is_asked_in_plain_words() -> None:
    """Two long words, each with what it means."""
    assert question_says(Question(QuestionKind.PURPOSE), READERS[0]).startswith(
        "Tell us: is this therapy to regain a skill after illness or injury (rehabilitation), "
        "or to gain one (habilitation)?"
    )


def test_crossing_points_name_visit_and_day() -> None:
    """A patient finds the day in a calendar."""
    words = crossing_says(CrossingPoint(CrossingKind.DEDUCTIBLE_MET, 4, date(2026, 3, 23), "in-network"), READERS[0])

    assert "At visit 4, on March 23, 2026, your deductible is met." == words


def test_what_is_missing_is_called_a_referral_where_it_is_one() -> None:
    """The plan approves nothing there: a doctor orders it."""
    patient, biller = READERS
    assumed = [
        Assumption(AssumptionKind.PATIENT_PAYS_MISSING_AUTHORIZATION, kind) for kind in ("authorization", "referral")
    ]

    assert ["Where approval is missing, you pay.", "Where a referral is missing, you pay."] == [
        assumption_says(each, patient) for each in assumed
    ]
    assert ["Missing authorization: patient liable.", "Missing referral: patient liable."] == [
        assumption_says(each, biller) for each in assumed
    ]
