"""Unknown is a value: it widens the range and becomes a question, and is never a silent nothing."""

import pytest

from estimator.domain.amounts import Between
from estimator.domain.request import Person
from estimator.domain.unknown import UNKNOWN
from estimator.domain.when import When
from tests.build import (
    benefit,
    ceiling,
    course,
    estimate_of,
    findings,
    kinds,
    line,
    maximum,
    network,
    on,
    plan,
    ranged,
    share,
    usd,
    used,
)

BETWEEN = Between(usd("10.00"), usd("40.00"))


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (share(UNKNOWN), ("0.00", "100.00", "100.00")),
        (share(BETWEEN), ("10.00", "40.00", "40.00")),
        (share(coinsurance=UNKNOWN), ("0.00", "100.00", "100.00")),
        (share("30.00", deductible=UNKNOWN), ("30.00", "80.00", "80.00")),
    ],
)
def test_a_share_that_nobody_has_read_is_a_range_with_a_question(cost, expected):
    """50 of a deductible is left, which an unread order may or may not take first."""
    stated = plan(benefit(cost), networks=[network(deductible=ceiling("50.00"))])
    answer = estimate_of(stated)

    assert expected == ranged(answer)
    assert {"cost-share"} == kinds(answer.questions)


def test_an_unread_copay_is_never_above_the_price_whatever_the_rule_says():
    """Nobody owes a billion."""
    assert ("0.00", "100.00", "100.00") == ranged(estimate_of(plan(benefit(share(UNKNOWN, never_above_allowed=False)))))


@pytest.mark.parametrize("cost", [share(UNKNOWN), share(coinsurance=UNKNOWN), share("0.00", deductible="applies")])
def test_a_step_says_that_its_share_was_not_read(cost):
    """No copay of a billion, no coinsurance of 100%, no deductible without an end is told."""
    stated = plan(benefit(cost), networks=[network(deductible=ceiling(UNKNOWN))])

    assert ["UnknownShare 100.00"] == findings(estimate_of(stated).typical)


@pytest.mark.parametrize(
    ("deductible", "expected"),
    [
        (UNKNOWN, ("0.00", "100.00", "100.00")),
        (ceiling(UNKNOWN), ("0.00", "100.00", "100.00")),
        (ceiling(BETWEEN), ("10.00", "40.00", "40.00")),
    ],
)
def test_a_deductible_that_nobody_has_read_is_a_range_with_a_question(deductible, expected):
    """Met already at best, endless at worst."""
    stated = plan(benefit(share("0.00", deductible="applies")), networks=[network(deductible=deductible)])
    answer = estimate_of(stated)

    assert expected == ranged(answer)
    assert {"deductible"} == kinds(answer.questions)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (UNKNOWN, ("80.00", "80.00", "80.00")),
        (maximum(UNKNOWN), ("80.00", "80.00", "80.00")),
        (maximum(BETWEEN), ("10.00", "40.00", "40.00")),
    ],
)
def test_a_maximum_that_nobody_has_read_stops_nothing_and_is_asked_about(most, expected):
    """It may only lower what is owed; that it is met already is not a guess anybody can use."""
    answer = estimate_of(plan(networks=[network(out_of_pocket_max=most)]), course(2))

    assert expected == ranged(answer)
    assert {"out-of-pocket-max"} == kinds(answer.questions)
    assert [] == [each for each in answer.typical.visits[1].balances if each.of is not None and each.of > 40_00]


def test_how_a_family_shares_a_deductible_may_be_unknown():
    """Embedded at best, aggregate at worst."""
    deductible = ceiling("50.00", "90.00", family_rule=UNKNOWN)
    stated = plan(benefit(share("0.00", deductible="applies")), networks=[network(deductible=deductible)])
    answer = estimate_of(stated, person=Person(family=True))

    assert ("50.00", "90.00", "90.00") == ranged(answer)
    assert {"family-rule"} == kinds(answer.questions)


def test_a_benefit_year_that_nobody_has_read_is_the_calendars():
    """With an assumption that says so."""
    stated = plan(
        benefit(share("0.00", deductible="applies")), networks=[network(deductible=ceiling("50.00"))],
        benefit_year=UNKNOWN,
    )  # fmt: skip
    answer = estimate_of(stated, [on("2026-12-31"), on("2027-01-01")])

    assert "100.00" == str(answer.typical.owes)
    assert "benefit-year-calendar" in kinds(answer.assumptions)


def test_low_typical_and_high_say_which_they_are():
    """Whichever runs they were."""
    answer = estimate_of(plan(benefit(share(UNKNOWN))))

    assert ["low", "typical", "high"] == [str(run.level) for run in (answer.low, answer.typical, answer.high)]


def test_an_answer_with_nothing_unknown_asks_nothing_and_assumes_little():
    """A copay plan: one figure."""
    answer = estimate_of(plan(), course(1, line()), used=used("0.00"))

    assert ((), (), ()) == (answer.questions, answer.assumptions, answer.conditions)


@pytest.mark.parametrize(
    ("when", "said", "asks"),
    [
        (When(diagnoses=("M54*",)), {"diagnoses": ("M54.50",)}, "diagnosis"),
        (When(symptom_weeks=12), {"person": Person(symptom_weeks=12)}, "symptom-weeks"),
        (When(to_age=18), {"person": Person(age=18)}, "age"),
        (When(purposes=frozenset({"habilitative"})), {"person": Person(purpose="habilitative")}, "purpose"),
        (When(states=frozenset({"WA"})), {"state": "WA"}, "state"),
    ],
)
def test_a_fact_that_a_rule_needs_and_nobody_said_is_asked_for(when, said, asks):
    """Once it is said there is nothing to ask."""
    stated = plan(benefit(share("20.00"), when=when), benefit(share("20.00")))

    assert {asks} == kinds(estimate_of(stated).questions)
    assert set() == kinds(estimate_of(stated, **said).questions)
