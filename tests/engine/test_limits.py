"""Limits: what fills them, how long it counts, and which lines stand under them."""

from datetime import date

import pytest

from estimator.engine.plan import Counting, DollarsOf, Every
from estimator.engine.request import Used
from estimator.engine.values import BenefitYear
from tests.build import (
    course,
    days,
    estimate_of,
    findings,
    limit,
    line,
    on,
    owes,
    share,
    under,
    used,
)


def test_visits_inside_a_limit_are_covered_and_the_next_is_not():
    """Two visits; the third costs the whole allowed amount."""
    answer = estimate_of(under(limit(2)), course(3))

    assert ["PlanPaysAll 0.00", "PlanPaysAll 0.00", "LimitPassed 100.00"] == findings(answer.typical)
    assert [("limit-reached", 2), ("limit-passed", 3)] == [(each.kind, each.visit) for each in answer.crossing_points]


@pytest.mark.parametrize(
    ("before", "expected"), [(1, ["0.00", "100.00"]), (2, ["100.00", "100.00"]), (9, ["100.00", "100.00"])]
)
def test_visits_before_the_course_count(before, expected):
    """Of two visits one, both, or more than both are used."""
    assert expected == owes(under(limit(2)), course(2), used=used(limits={"therapy-visits": before}))


@pytest.mark.parametrize(
    ("every", "inside", "outside"),
    [
        ("benefit-year", "2026-06-30", "2026-07-01"),
        ("calendar-year", "2026-12-31", "2027-01-01"),
        ("month", "2026-03-31", "2026-04-01"),
        ("week", "2026-03-08", "2026-03-09"),  # Monday the 2nd to Sunday the 8th
        ("day", "2026-03-02", "2026-03-03"),
        ("year-from-first-service", "2027-02-28", "2027-03-01"),
    ],
)
def test_a_limit_starts_again_with_its_period(every, inside, outside):
    """One visit a period: used up on 2 March 2026, on both sides of the period's end."""
    stated = under(limit(1, every=Every(every), counting=Counting.ONE_PER_VISIT), benefit_year=BenefitYear(7, 1))

    assert ["0.00", "100.00"] == owes(stated, days("2026-03-02", inside))
    assert ["0.00", "0.00"] == owes(stated, days("2026-03-02", outside))


def test_a_year_from_the_first_service_waits_for_eleven_full_months():
    """NCD 30.3.3: after 2020-03-21 the next year begins on 2021-03-01, whichever day of March the first was."""
    stated = under(limit(1, every=Every.YEAR_FROM_FIRST))

    assert ["0.00", "100.00", "0.00", "100.00"] == owes(
        stated, days("2020-03-21", "2021-02-28", "2021-03-01", "2022-02-28")
    )


def test_the_next_year_from_first_service_begins_with_its_own_first_service():
    """No visit from March to May 2021: the second year begins in June, and ends a year after."""
    stated = under(limit(1, every=Every.YEAR_FROM_FIRST))

    assert ["0.00", "0.00", "100.00", "0.00"] == owes(
        stated, days("2020-03-21", "2021-06-15", "2022-05-31", "2022-06-01")
    )


@pytest.mark.parametrize(("second", "owed"), [("2026-05-30", "100.00"), ("2026-05-31", "0.00")])
def test_a_rolling_window_of_ninety_days_lets_a_visit_go_on_the_ninetieth_day_after(second, owed):
    """2 March is day one: 30 May is the ninetieth and still in the window, 31 May is not."""
    stated = under(limit(1, every=Every.ROLLING_DAYS, window=90))

    assert ["0.00", owed] == owes(stated, days("2026-03-02", second))


@pytest.mark.parametrize(("second", "owed"), [("2027-03-01", "100.00"), ("2027-03-02", "0.00")])
def test_a_rolling_window_of_months_ends_on_the_same_day_of_the_month(second, owed):
    """Twelve months from 2 March 2026."""
    stated = under(limit(1, every=Every.ROLLING_MONTHS, window=12))

    assert ["0.00", owed] == owes(stated, days("2026-03-02", second))


@pytest.mark.parametrize("every", ["condition", "episode", "lifetime"])
def test_a_limit_without_a_period_never_starts_again(every):
    """Ten years later it is still used up."""
    assert ["0.00", "100.00"] == owes(under(limit(1, every=Every(every))), days("2026-03-02", "2036-03-02"))


def test_days_of_earlier_visits_fall_out_of_a_rolling_window_one_by_one():
    """Two of 90 days are used: one leaves the window before the second visit."""
    stated = under(limit(2, every=Every.ROLLING_DAYS, window=90))
    before = {"therapy-visits": (date(2025, 12, 20), date(2026, 2, 1))}

    assert ["100.00", "0.00"] == owes(stated, days("2026-03-02", "2026-03-23"), used=Used(limit_days=before))


def test_a_count_of_a_period_that_is_over_is_not_counted():
    """Two visits used in 2025, as of December, leave 2026 untouched."""
    brought = used(limits={"therapy-visits": 2})

    assert ["0.00"] == owes(under(limit(2)), days("2026-01-05"), used=brought, as_of=date(2025, 12, 20))


GP, GO = line(modifiers=["GP"]), line("97140", modifiers=["GO"])


@pytest.mark.parametrize(
    ("counting", "counted"),
    [
        ("one-per-date", 1),
        ("one-per-discipline-per-date", 2),
        ("one-per-provider-per-date", 1),
        ("one-per-visit", 2),
        ("one-per-line", 4),
    ],
)
def test_lines_of_one_date_count_as_the_rule_says(counting, counted):
    """Two visits on one day, each with a line of physical and one of occupational therapy."""
    stated = under(limit(9, counting=Counting(counting)))
    run = estimate_of(stated, [on("2026-03-02", GP, GO), on("2026-03-02", GP, GO)]).typical

    assert counted == run.visits[1].balances[0].used


@pytest.mark.parametrize(
    ("measure", "amount", "used_up"),
    [
        ("visits", 2, 2),
        ("days", 2, 2),
        ("sessions", 2, 2),
        ("units", 6, 6),
        ("hours", 90, 90),
        ("modalities", 4, 4),
        ("dollars", 200_00, 200_00),
    ],
)
def test_a_limit_counts_in_its_own_measure(measure, amount, used_up):
    """Two visits of two lines: three units or 45 minutes and 100.00 a visit; the third visit finds nothing left."""
    stated = under(limit(amount, measure=measure))
    visits = course(3, line("97110", "60.00", minutes=30), line("97140", "40.00", minutes=15))
    run = estimate_of(stated, visits).typical

    assert ["0.00", "0.00", "100.00"] == [str(visit.owes) for visit in run.visits]
    assert used_up == run.visits[2].balances[0].used


@pytest.mark.parametrize(("day", "owed"), [("2026-06-01", "0.00"), ("2026-06-02", "100.00")])
def test_months_of_therapy_run_from_the_first_visit(day, owed):
    """Three months from 2 March."""
    assert ["0.00", owed] == owes(under(limit(3, measure="months", every=Every.CONDITION)), days("2026-03-02", day))


def test_months_of_therapy_before_the_course_count():
    """Two of three months are used: a month is left."""
    stated = under(limit(3, measure="months", every=Every.CONDITION))
    brought = used(limits={"therapy-visits": 2})

    assert ["0.00", "0.00", "100.00"] == owes(stated, days("2026-03-02", "2026-04-01", "2026-04-02"), used=brought)


def test_a_limit_per_visit_starts_again_with_every_visit():
    """Three units a visit, of four: a quarter of the line lies beyond."""
    stated = under(limit(3, measure="units", every=Every.VISIT))

    assert ["25.00", "25.00"] == owes(stated, [on("2026-03-02", line(units=4)), on("2026-03-02", line(units=4))])


@pytest.mark.parametrize(
    ("dollars_of", "expected"),
    [
        ("allowed", ["20.00", "60.00"]),  # 20% of 100; 20% of 50 and 50
        ("paid", ["20.00", "30.00"]),  # 80 paid; 70 left of 80, so 20 and 10
        ("billed", ["40.00", "100.00"]),  # 150 of 200 are inside: 20% of 75 and 25; then nothing
    ],
)
def test_dollars_are_those_allowed_paid_or_billed(dollars_of, expected):
    """A limit of 150.00 at 100 a visit allowed, 80 paid and 200 billed."""
    stated = under(limit(150_00, measure="dollars", dollars_of=DollarsOf(dollars_of)), cost=share(coinsurance="20%"))

    assert expected == owes(stated, course(2, line(billed="200.00")))
