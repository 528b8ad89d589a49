"""Every answer that a request may tell has its sentence, for both readers and in every language."""

from collections.abc import Iterator
from datetime import date

import pytest

from estimator.engine.request import Call, Effect, Heard, Said, Told
from estimator.engine.values import Money, Rate
from estimator.estimates.contract import BEARERS, FAMILIES, PAYABLE
from estimator.estimates.told import RULES
from estimator.language import LANGUAGES, speaking
from estimator.wording.told import heard_of, topic_of
from estimator.wording.words import BILLER, PATIENT, Telling
from tests.wording.estimates import NAMES, PLAN

CALL = Call(date(2026, 11, 20), (), reference="R-77")
SHARES: dict[str, tuple[Said, ...]] = {
    "copay": (Money(2500), "none"),
    "coinsurance": (Rate.parse("20%"), "none"),
    "deductible": (True, False),
}
ANSWERS: dict[str, tuple[Said, ...]] = {
    **dict.fromkeys(("payable", "needling-policy", "benefit-lists-service"), PAYABLE),
    "authorization-consequence": BEARERS,
    "family-rule": FAMILIES,
    "fair-copay": (Money(2500),),
    "deductible": (Money(150000), "none"),
    "out-of-pocket-max": (Money(150000), "none"),
    "limit": (30, Money(90000), "none"),
}


def every_answer() -> Iterator[Told]:
    """Yield one answer of each kind to each question."""
    for subject, answers in SHARES.items():
        yield from (Told("cost-share", subject, answer) for answer in answers)
    for asks in sorted(RULES.keys() - {"cost-share"}):
        yield from (Told(asks, "20561", answer) for answer in ANSWERS.get(asks, (True, False)))
    yield Told("authorization-needed", "physical-therapy", True, from_visit=13)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("told", list(every_answer()), ids=lambda told: f"{told.asks} {told.subject} {told.answer}")
def test_every_answer_has_its_sentence(told, language):
    """No value is left without its place, and the day is always said to patients."""
    with speaking(language):
        for reader in (PATIENT, BILLER):
            for effect in Effect:
                says = heard_of(Heard(CALL, told, effect), Telling(PLAN, NAMES, reader)).says

                assert "{" not in says
                assert "2026" in says


def test_the_sentence_says_who_answered_what_and_what_it_does():
    """A reader sees at once that it is a telephone answer."""
    heard = Heard(CALL, Told("payable", "20561", "covered"), Effect.COUNTED)

    assert (
        f"{PLAN.payer} said on the telephone on November 20, 2026: 20561 (dry needling, 3 or more muscles) is covered. "
        "We used that here."
    ) == heard_of(heard, Telling(PLAN, NAMES, PATIENT)).says


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_a_topic(language):
    """For what must be had in writing."""
    with speaking(language):
        assert all(topic_of(asks) for asks in RULES)
