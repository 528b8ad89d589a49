"""Courses that cross into the plan's next year: each visit by the rules of its day, counts by the names of limits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.engine.answer import CrossingKind, Estimate, QuestionKind, VisitEstimate
from estimator.engine.findings import DeductibleTaken, LimitPassed
from estimator.engine.plan import Authorization, Every, Limit, Plan
from estimator.engine.request import Grant, Used
from estimator.engine.values import BenefitYear, Money, Span, months_later
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


@pytest.mark.parametrize("every", [Every.ROLLING_DAYS, Every.ROLLING_MONTHS, Every.YEAR_FROM_FIRST])
def test_a_limit_with_a_window_of_its_own_is_asked_about_where_the_next_year_counts_otherwise(every: Every):
    """Visits of December lie within the window: whether another bucket, or one that counts hours, has them is asked."""
    before = limit(3, every=every, window=12)
    others = limit(3, name="rehab-visits", every=every, window=12), limit(3, measure="hours", every=every, window=12)
    for after in others:
        estimate = estimate_of(chain(copay("40.00", before), copay("40.00", after)), days(*OVER_NEW_YEAR))

        assert (QuestionKind.LIMIT, "therapy-visits") in [(each.asks, each.subject) for each in estimate.questions]


def test_what_was_paid_since_the_new_revisions_year_began_counts_in_it():
    """From calendar years to one that began in July: January is no new year, for payments as for visits."""
    shares = benefit(share(coinsurance="0%", deductible="applies"))
    now, following = (
        plan(shares, networks=[network(deductible=ceiling("250.00"))], benefit_year=BenefitYear(month, 1))
        for month in (1, 7)
    )
    used = Used(deductible_paid=usd("20.00"), out_of_pocket_paid=usd("20.00"))
    estimate = estimate_of(chain(now, following), days(*OVER_NEW_YEAR), used=used, as_of=date(2026, 12, 20))

    assert ["100.00", "100.00", "30.00", "0.00"] == owed(estimate)
    assert CrossingKind.BENEFIT_YEAR_RESTARTS not in [each.kind for each in estimate.crossing_points]


def test_a_limit_for_good_counts_on_where_a_revision_between_does_not_name_it():
    """Two visits of a condition in the first revision, none counted in the second: the third one has none left."""
    counting, silent = copay("40.00", limit(2, every=Every.CONDITION)), copay("40.00")
    spans = [Span(date(2027, 1, day), date(2027, 1, day)) for day in (6, 7)]
    between, after = (replace(each, in_force=span) for each, span in zip((silent, counting), spans, strict=True))
    whole = replace(counting, in_force=Span(date(2026, 1, 1), date(2027, 1, 5)), later=(between, after))
    estimate = estimate_of(whole, days("2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07"))

    assert ["40.00", "40.00", "40.00", "100.00"] == owed(estimate)


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


# Any chain of revisions: each with a copay after its deductible, a benefit year from any month, a deductible that may
# carry over, and perhaps a limit, which the next revision may name otherwise.

BUCKETS = ("therapy-visits", "rehab-visits")
FOR_GOOD = (Every.CONDITION, Every.EPISODE, Every.LIFETIME)
WINDOW = 60
dollars = st.integers(0, 400).map(lambda amount: Money(amount * 100))
limits = st.builds(
    lambda most, name, every: limit(most, name=name, every=every, window=WINDOW),
    st.integers(1, 4),
    st.sampled_from(BUCKETS),
    st.sampled_from((Every.BENEFIT_YEAR, Every.CALENDAR_YEAR, Every.ROLLING_DAYS, *FOR_GOOD)),
)


@st.composite
def revisions(draw: st.DrawFn) -> Plan:
    """Return one revision, without its days."""
    most, own = draw(dollars), draw(st.none() | limits)
    deductible = replace(ceiling(str(most)), carry_over_months=draw(st.sampled_from((0, 0, 3))))
    return plan(
        benefit(share(str(draw(dollars)), deductible="applies"), limits=(own.name,) if own else ()),
        networks=[network(deductible=deductible)],
        limits=(own,) if own else (),
        benefit_year=BenefitYear(draw(st.integers(1, 12)), draw(st.sampled_from((1, 15)))),
    )


@settings(max_examples=120, deadline=None)
@given(
    chained=st.lists(revisions(), min_size=2, max_size=3),
    begins=st.lists(st.integers(-20, 300), min_size=2, max_size=2, unique=True).map(sorted),
    visits=st.lists(st.integers(-60, 360), min_size=2, max_size=7, unique=True).map(sorted),
    paid=dollars,
    used=st.integers(0, 3),
)
def test_each_visit_equals_asking_it_alone_with_what_the_course_has_reached(chained, begins, visits, paid, used):
    """Whatever revisions follow, and wherever their years begin: the deductible and the counts are those reached."""
    start = date(2027, 1, 1)
    spans = [date(2026, 1, 1), *(start + timedelta(days=each) for each in begins)][: len(chained)]
    dated = [replace(each, in_force=Span(day, None)) for each, day in zip(chained, spans, strict=True)]
    days_of = [start + timedelta(days=each) for each in visits]
    first = max(each for each in range(len(dated)) if dated[each].in_force.first_day <= days_of[0])
    whole = replace(dated[first], later=tuple(dated[first + 1 :]))
    opening = Used(deductible_paid=paid, out_of_pocket_paid=paid, limits=dict.fromkeys(whole.limits, used))
    course = estimate_of(whole, [on(day.isoformat()) for day in days_of], used=opening, as_of=days_of[0])

    reached = Reached(days_of[0], int(paid), {name: [(days_of[0], used)] for name in whole.limits})
    for visit, day in zip(course.typical.visits, days_of, strict=True):
        revision = replace(whole.on(day), later=())
        before = reached.by(revision, day)
        alone = estimate_of(revision, [on(day.isoformat())], used=before, as_of=day)
        assert visit.owes == alone.typical.visits[0].owes
        reached.note(visit, revision, day)


class Reached:
    """What a course has paid and counted, reckoned anew: balances of a year, and every visit that a bucket counted."""

    def __init__(self, opened: date, paid: int, counted: dict[str, list[tuple[date, int]]]) -> None:
        """Begin with what the person brings on a day."""
        self.opened, self.opening, self.counted, self.year = opened, paid, counted, date.min
        self.brought, self.payments = paid, list[tuple[date, int]]()

    def by(self, revision: Plan, day: date) -> Used:
        """Return what is reached on a day, by the benefit year of this revision: what was paid since it began."""
        year = revision.benefit_year.first_day(day)
        if self.year == date.min:
            self.year = year
        if year > self.year:
            deductible = revision.networks["in-network"].deductible
            since = months_later(year, -deductible.carry_over_months)
            carried = sum(cents for on_day, cents in self.payments if since <= on_day < year)
            self.brought = carried + (self.opening if self.opened >= year else 0)
            self.payments = [each for each in self.payments if each[0] >= year]
            self.year = year
        paid = Money(self.brought + sum(cents for _, cents in self.payments))
        counts = {name: self._count(each, year, day) for name, each in revision.limits.items()}
        return Used(deductible_paid=paid, out_of_pocket_paid=paid, limits=counts)

    def _count(self, limit: Limit, year: date, day: date) -> int:
        rolling = day - timedelta(days=WINDOW - 1)
        begins = {Every.BENEFIT_YEAR: year, Every.CALENDAR_YEAR: date(day.year, 1, 1), Every.ROLLING_DAYS: rolling}
        since = begins.get(limit.every, date.min)
        return sum(number for on_day, number in self.counted.get(limit.name, ()) if on_day >= since)

    def note(self, visit: VisitEstimate, revision: Plan, day: date) -> None:
        """Note what a visit paid, and which bucket counted it: one past its limit is not counted."""
        self.payments.append((day, toward_deductible(visit)))
        is_past = any(isinstance(step.finding, LimitPassed) for line in visit.lines for step in line.steps)
        for name in () if is_past else revision.limits:
            self.counted.setdefault(name, []).append((day, 1))


def toward_deductible(visit: VisitEstimate) -> int:
    """Return what a visit paid toward the deductible."""
    steps = (step for each in visit.lines for step in each.steps)
    return sum(int(step.owes) for step in steps if isinstance(step.finding, DeductibleTaken))
