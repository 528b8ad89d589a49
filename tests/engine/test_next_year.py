"""Courses that cross into the plan's next year: each visit by the rules of its day, counts by the names of limits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.engine.answer import CrossingKind, Estimate, QuestionKind, VisitEstimate
from estimator.engine.findings import DeductibleTaken
from estimator.engine.plan import Authorization, Every, Limit, Plan
from estimator.engine.request import Grant, Used
from estimator.engine.values import BenefitYear, Money, Span
from tests.build import (
    authorization,
    benefit,
    ceiling,
    consequence,
    days,
    estimate_of,
    limit,
    lines_of,
    network,
    on,
    plan,
    share,
    usd,
)

OVER_NEW_YEAR = ("2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11")


def chain(now: Plan, following: Plan) -> Plan:
    """Return a plan of 2026 that another one follows on January 1, 2027."""
    later = replace(following, in_force=Span(date(2027, 1, 1), date(2027, 12, 31)))
    return replace(now, in_force=Span(date(2026, 1, 1), date(2026, 12, 31)), later=(later,))


def owed(estimate: Estimate) -> list[str]:
    """Return what is owed at each visit."""
    return [str(visit.owes) for visit in estimate.typical.visits]


def copay(amount: str, *limits: Limit) -> Plan:
    """Return a plan with one copay and these limits."""
    return plan(benefit(share(amount), limits=tuple(each.name for each in limits)), limits=limits)


def test_each_visit_costs_what_the_revision_of_its_day_says():
    """Two copays of 40 in December, two of 55 in January."""
    estimate = estimate_of(chain(copay("40.00"), copay("55.00")), days(*OVER_NEW_YEAR))

    assert ["40.00", "40.00", "55.00", "55.00"] == owed(estimate)


def test_the_deductible_starts_again_with_the_amount_of_the_new_year():
    """150 of 2026 is met by the second visit; of 2027 the third visit takes 100 and the fourth 80."""
    shares = share(coinsurance="20%", deductible="applies")
    now, following = (
        plan(benefit(shares), networks=[network(deductible=ceiling(amount))]) for amount in ("150.00", "180.00")
    )
    estimate = estimate_of(chain(now, following), days(*OVER_NEW_YEAR))

    # 100; 50 + 20% of 50; 100; 80 + 20% of 20.
    assert ["100.00", "60.00", "100.00", "84.00"] == owed(estimate)
    assert (CrossingKind.BENEFIT_YEAR_RESTARTS, 3) in [(each.kind, each.visit) for each in estimate.crossing_points]


@pytest.mark.parametrize(
    ("every", "last"), [(Every.CONDITION, "100.00"), (Every.LIFETIME, "100.00"), (Every.BENEFIT_YEAR, "40.00")]
)
def test_only_a_limit_for_good_counts_on_in_the_next_year(every: Every, last: str):
    """Three visits for a condition: the fourth is past them. Three visits a year: the new year has its own."""
    most = limit(3, every=every)
    estimate = estimate_of(chain(copay("40.00", most), copay("40.00", most)), days(*OVER_NEW_YEAR))

    assert ["40.00", "40.00", "40.00", last] == owed(estimate)


def test_a_limit_for_good_that_the_next_year_does_not_name_is_asked_about():
    """Nobody knows whether the visits of 2026 count toward the other limit."""
    before, after = limit(3, every=Every.CONDITION), limit(3, name="rehab-visits", every=Every.CONDITION)
    estimate = estimate_of(chain(copay("40.00", before), copay("40.00", after)), days(*OVER_NEW_YEAR))

    assert (QuestionKind.LIMIT, "therapy-visits") in [(each.asks, each.subject) for each in estimate.questions]


def test_a_benefit_year_of_the_new_revision_decides_when_it_starts_again():
    """The plan of 2027 begins its year in July: what was paid since July goes on counting in January."""
    july = BenefitYear(7, 1)
    deductible = [network(deductible=ceiling("250.00"))]
    shares = benefit(share(coinsurance="0%", deductible="applies"))
    now = plan(shares, networks=deductible, benefit_year=july)
    estimate = estimate_of(chain(now, now), days(*OVER_NEW_YEAR))

    assert ["100.00", "100.00", "50.00", "0.00"] == owed(estimate)


@pytest.mark.parametrize(("is_other", "granted"), [(False, 3), (True, 2)])
def test_an_approval_does_not_cross_to_another_insurer(is_other, granted):
    """Approved for the whole course by the insurer of December; a crosswalk may lead to another one in January."""
    asking = plan(benefit(share("40.00"), authorization=authorization(1)))
    both = chain(asking, replace(asking, is_other_insurer=is_other))
    estimate = estimate_of(both, days("2026-12-21", "2026-12-28", "2027-01-04"), authorization=Grant(on_file=True))

    assert ([(3, 1)] if is_other else []) == [(each.from_visit, each.visits) for each in estimate.conditions]
    assert granted == sum(line.status == "payable" for line in lines_of(estimate.typical))


@pytest.mark.parametrize(("is_other", "owed_last"), [(False, "100.00"), (True, "40.00")])
def test_what_was_used_of_a_condition_does_not_cross_to_another_insurer(is_other, owed_last):
    """Two visits a condition: the third is past it, unless another insurer starts to count; that is asked."""
    counting = copay("40.00", limit(2, every=Every.CONDITION))
    both = chain(counting, replace(counting, is_other_insurer=is_other))
    estimate = estimate_of(both, days("2026-12-21", "2026-12-28", "2027-01-04"))

    assert owed_last == owed(estimate)[-1]
    assert is_other == (QuestionKind.LIMIT in {question.asks for question in estimate.questions})


@pytest.mark.parametrize(
    ("is_other", "owes", "asked", "penalty"),
    [
        (False, ["100.00", "50.00", "0.00", "0.00"], [(3, 2)], []),
        (True, ["100.00", "50.00", "100.00", "50.00"], [], ["30.00"]),
    ],
)
def test_nothing_paid_counted_or_charged_crosses_to_another_insurer(is_other, owes, asked, penalty):
    """From July to July: in January the same insurer goes on where it was, another one begins at nothing.

    A deductible of 150, two visits before a request is reviewed, and a penalty of 30 once a course.
    """
    july, shares = BenefitYear(7, 1), share(coinsurance="0%", deductible="applies")

    def both(rule: Authorization) -> Plan:
        deductible = [network(deductible=ceiling("150.00"))]
        now = plan(benefit(shares, authorization=rule), networks=deductible, benefit_year=july)
        return chain(now, replace(now, is_other_insurer=is_other))

    waived = estimate_of(both(authorization(1, waiver_visits=2)), days(*OVER_NEW_YEAR))
    penalized = both(authorization(1, consequence("penalty", penalty=usd("30.00"))))
    refused = estimate_of(penalized, days(*OVER_NEW_YEAR), authorization=Grant(on_file=False))

    assert owes == owed(waived)
    assert asked == [(each.from_visit, each.visits) for each in waived.conditions]
    assert is_other == (
        (CrossingKind.BENEFIT_YEAR_RESTARTS, 3) in [(at.kind, at.visit) for at in waived.crossing_points]
    )
    assert penalty == [str(each.difference) for each in refused.conditions]


def test_the_year_after_another_insurers_first_one_is_its_own():
    """A second year with the insurer that took over counts on; a third insurer begins anew again."""
    counting = copay("40.00", limit(2, every=Every.CONDITION))
    course = days("2026-12-28", "2027-12-21", "2027-12-28", "2028-01-04")

    def over_three_years(payer: str) -> Plan:
        first = chain(counting, replace(counting, payer="Second", is_other_insurer=True))
        years = Span(date(2028, 1, 1), date(2028, 12, 31))
        return replace(first, later=(*first.later, replace(first.later[0], payer=payer, in_force=years)))

    assert "100.00" == owed(estimate_of(over_three_years("Second"), course))[-1]
    assert "40.00" == owed(estimate_of(over_three_years("Third"), course))[-1]


amounts = st.integers(0, 400).map(lambda dollars: Money(dollars * 100))


@settings(max_examples=60, deadline=None)
@given(
    copays=st.tuples(amounts, amounts),
    deductibles=st.tuples(amounts, amounts),
    visits=st.lists(st.integers(-40, 40), min_size=2, max_size=6, unique=True),
    before=amounts,
)
def test_each_visit_equals_asking_it_alone_with_the_balances_reached(copays, deductibles, visits, before):
    """Around New Year: the course's visits, and each one asked for itself after what was paid before it that year."""
    order = [date(2027, 1, 1) + timedelta(days=each) for each in sorted(visits)]
    now, following = (
        plan(
            benefit(share(str(copays[at]), deductible="applies")),
            networks=[network(deductible=ceiling(str(deductibles[at])))],
        )
        for at in (0, 1)
    )
    whole = chain(now, following)
    opening = Used(deductible_paid=before, out_of_pocket_paid=before)
    course = estimate_of(whole, [on(day.isoformat()) for day in order], used=opening, as_of=order[0])
    paid = [toward_deductible(visit) for visit in course.typical.visits]

    for place, day in enumerate(order):
        same_year = [cents for cents, each in zip(paid[:place], order[:place], strict=True) if each.year == day.year]
        reached = Money(sum(same_year) + (before if day.year == order[0].year else 0))
        alone = estimate_of(
            whole,
            [on(day.isoformat())],
            used=Used(deductible_paid=reached, out_of_pocket_paid=reached),
            as_of=day,
        )
        assert course.typical.visits[place].owes == alone.typical.owes


def toward_deductible(visit: VisitEstimate) -> int:
    """Return what a visit paid toward the deductible."""
    steps = (step for each in visit.lines for step in each.steps)
    return sum(int(step.owes) for step in steps if isinstance(step.finding, DeductibleTaken))
