"""Unknown is a value: it widens the range and becomes a question, and is never a silent nothing."""

from dataclasses import replace

import pytest

from estimator.engine.estimate import Course
from estimator.engine.plan import Allowed, Basis, Position, Tier, When
from estimator.engine.request import Person, Secondary
from estimator.engine.values import UNKNOWN, Between
from tests.build import (
    TABLES,
    THERAPY,
    USUAL,
    authorization,
    benefit,
    ceiling,
    course,
    estimate_of,
    findings,
    kinds,
    limit,
    line,
    lines_of,
    maximum,
    network,
    on,
    plan,
    policy,
    prices,
    ranged,
    request,
    share,
    statuses,
    usd,
    used,
)

BETWEEN = Between(usd("10.00"), usd("40.00"))


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (share(UNKNOWN), ("0.00", "0.00", "100.00")),
        (share(BETWEEN), ("10.00", "10.00", "40.00")),
        (share(coinsurance=UNKNOWN), ("0.00", "0.00", "100.00")),
        (share("30.00", deductible=UNKNOWN), ("30.00", "30.00", "80.00")),
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
    assert ("0.00", "0.00", "100.00") == ranged(estimate_of(plan(benefit(share(UNKNOWN, never_above_allowed=False)))))


@pytest.mark.parametrize("cost", [share(UNKNOWN), share("0.00", deductible="applies")])
def test_a_step_says_that_its_share_was_not_read(cost):
    """No copay of a billion and no deductible without an end is told."""
    stated = plan(benefit(cost), networks=[network(deductible=ceiling(UNKNOWN))])

    assert ["UnknownShare 100.00"] == findings(estimate_of(stated).high)


@pytest.mark.parametrize(
    ("deductible", "expected"),
    [
        (UNKNOWN, ("0.00", "0.00", "100.00")),
        (ceiling(UNKNOWN), ("0.00", "0.00", "100.00")),
        (ceiling(BETWEEN), ("10.00", "10.00", "40.00")),
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
        (maximum(BETWEEN), ("10.00", "10.00", "40.00")),
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

    assert ("50.00", "50.00", "90.00") == ranged(answer)
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


CHILD, ANYBODY = When(to_age=18), When()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (share("50.00"), share("10.00"), ("10.00", "10.00", "50.00")),
        (share("10.00"), share("50.00"), ("10.00", "10.00", "50.00")),
        (share("10.00"), share("10.00"), ("10.00", "10.00", "10.00")),
    ],
)
def test_where_nobody_says_which_benefit_it_is_the_dearer_one_is_an_open_point(first, second, expected):
    """A benefit for children stands before the one for anybody, and no age is said."""
    answer = estimate_of(plan(benefit(first, when=CHILD), benefit(second, "for anybody")))

    assert expected == ranged(answer)
    assert {"age"} == kinds(answer.questions)


@pytest.mark.parametrize(("age", "expected"), [(18, "50.00"), (19, "10.00")])
def test_once_the_fact_is_said_there_is_one_figure(age, expected):
    """Both sides of the age."""
    stated = plan(benefit(share("50.00"), when=CHILD), benefit(share("10.00"), "for anybody"))

    assert (expected,) * 3 == ranged(estimate_of(stated, person=Person(age=age)))


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (Position.COVERED, ("40.00", "40.00", "100.00")),  # a copay, or whatever the charge is
        (Position.EXCLUDED, ("40.00", "40.00", "100.00")),
        (Position.INVESTIGATIONAL, ("0.00", "0.00", "100.00")),  # the clinic's loss, a copay, or a fee agreed to
    ],
)
def test_a_policy_that_may_or_may_not_hold_is_read_both_ways(position, expected):
    """A covering one before an exclusion, or one that denies before a benefit that covers."""
    covers = benefit(services=[*THERAPY, "20561"])
    after = [policy(Position.EXCLUDED, "else")] if position is Position.COVERED else []
    stated = plan(covers, policies=[policy(position, when=CHILD), *after])

    assert expected == ranged(estimate_of(stated, course(1, line("20561"))))


def test_a_range_of_prices_and_an_undecided_benefit_widen_it_together():
    """5% or 10% of 90.00 to 150.00: both readings at each price."""
    rates = [share(coinsurance=each) for each in ("10%", "5%")]
    stated = plan(benefit(rates[0], when=CHILD), benefit(rates[1], "for anybody"))

    assert ("4.50", "5.00", "15.00") == ranged(estimate_of(stated, course(1, line(allowed=None)), prices()))


def test_a_second_plan_is_read_both_ways_too():
    """It takes over 90.00 or 50.00 of the 100.00 that the first one leaves."""
    second = plan(benefit(share("50.00"), when=CHILD), benefit(share("10.00"), "for anybody"))
    stated = plan(benefit(share(coinsurance="100%")))

    assert ("10.00", "10.00", "50.00") == ranged(estimate_of(stated, secondary=Secondary(second, "standard")))


def test_a_condition_is_priced_in_the_usual_reading():
    """Refused, the clinic absorbs: 10.00 less, as the benefit that costs less is counted."""
    rule = authorization()
    stated = plan(
        benefit(share("50.00"), when=CHILD, authorization=rule),
        benefit(share("10.00"), "for anybody", authorization=rule),
    )

    assert [usd("-10.00")] == [each.difference for each in estimate_of(stated).conditions]


UNREAD = policy(Position.UNKNOWN)
COVERS = replace(TABLES, usual={"employer": replace(USUAL, unread=Position.COVERED)})
NEEDLED = course(1, line("20561", "60.00", billed="80.00"))
TENTH = share(coinsurance="10%")


@pytest.mark.parametrize(
    ("stated", "visits", "low"),
    [
        # The copay of therapy alone, and nothing beside a line that has taken it.
        (plan(policies=[UNREAD]), NEEDLED, "40.00"),
        (plan(policies=[UNREAD]), course(1, line(), line("20561", "60.00", billed="80.00")), "40.00"),
        # The benefit that the policy names goes before that of therapy.
        (plan(benefit(), benefit(TENTH, "acupuncture", ["97810"]),
              policies=[policy(Position.UNKNOWN, under="acupuncture")]), NEEDLED, "6.00"),
        # The benefit of the visit's own therapy goes before that of exercise.
        (plan(benefit(services=["97110"]), benefit(TENTH, "manual", ["97140"]), policies=[UNREAD]),
         course(1, line("97140"), line("20561", "60.00", billed="80.00")), "16.00"),
        # The deductible takes it first, and past the limit of therapy nothing is covered.
        (plan(benefit(share("0.00", deductible="applies")), networks=[network(deductible=ceiling("50.00"))],
              policies=[UNREAD]), NEEDLED, "50.00"),
        (plan(limits=[limit(0)], policies=[UNREAD]), NEEDLED, "60.00"),
        # No benefit has a share for it.
        (plan(benefit(services=["98940"]), policies=[UNREAD]), NEEDLED, "0.00"),
        (plan(benefit(Tier.NOT_COVERED), policies=[UNREAD]), NEEDLED, "0.00"),
    ],
)  # fmt: skip
def test_a_line_that_nobody_has_read_may_be_settled_as_covered(stated, visits, low):
    """No silent zero: the status stays unknown; where it usually is covered, by the benefit that it would fall in."""
    answer = estimate_of(stated, visits, known=COVERS)

    assert low == str(answer.typical.owes)
    assert "unknown" == statuses(answer.low)[-1] == statuses(answer.typical)[-1]
    assert "80.00" == str(lines_of(answer.high)[-1].owes)
    assert "CoverUnknown 0.00" in findings(answer.low)


@pytest.mark.parametrize(
    ("lines", "low"),
    [((line("20561", None),), "40.00"), ((line(allowed=None), line("20561", None)), "40.00")],
)
def test_beside_a_rate_a_line_that_nobody_has_read_costs_nothing_more(lines, low):
    """A rate of 90.00 a visit pays for it where it is covered, alone or with others."""
    rate = Allowed(Basis.PER_VISIT, amount=usd("90.00"))
    stated = plan(networks=[network(allowed=rate)], policies=[UNREAD])
    answer = estimate_of(stated, course(1, *lines), prices(), COVERS)

    assert low == str(answer.typical.owes)


def test_readings_that_name_only_first_outcomes_are_the_run_that_names_none():
    """Needling may be bundled first; the run that says so is the one that says nothing, and keeps its place."""
    stated = plan(policies=[policy(Position.UNKNOWN)])
    asked = Course(request(course(1, line(), line("20561"))), stated, prices(), TABLES)
    fork, choice = next(iter(asked.forks().items()))
    nothing = asked.run(1, {})

    assert nothing is asked.run(1, {fork: choice.outcomes[0]})
    assert nothing is not asked.run(1, {fork: choice.outcomes[1]})
    assert [nothing[1], nothing[1]] == [log for log in asked.logs() if log is nothing[1]]
