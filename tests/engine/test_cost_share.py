"""What a patient pays of a covered line: copay, coinsurance and how they stand to the deductible."""

import pytest

from estimator.engine.plan import Per
from estimator.engine.values import Money
from tests.build import (
    FIRST_DAY,
    benefit,
    ceiling,
    course,
    estimate_of,
    findings,
    kinds,
    line,
    lines_of,
    maximum,
    network,
    on,
    owes,
    plan,
    ranged,
    share,
    usd,
    used,
)

TWO_LINES = (line("97110", "60.00", units=2), line("97140", "30.00", units=1))


def with_deductible(cost, deductible="100.00", **more):
    """Build a plan with a deductible and one share."""
    return plan(benefit(cost), networks=[network(deductible=ceiling(deductible), **more)])


@pytest.mark.parametrize(
    ("per", "total"),
    [("visit", "20.00"), ("day", "20.00"), ("provider-day", "20.00"), ("line", "40.00"), ("unit", "60.00")],
)
def test_a_copay_covers_what_it_is_per(per, total):
    """Two lines of two units and one: one copay a visit, two by line, three by unit."""
    answer = estimate_of(plan(benefit(share("20.00", per=Per(per)))), course(1, *TWO_LINES))

    assert total == str(answer.typical.owes)


@pytest.mark.parametrize(("per", "second"), [("visit", "20.00"), ("day", "0.00"), ("provider-day", "0.00")])
def test_a_second_visit_of_a_day_pays_a_second_copay_only_where_it_is_per_visit(per, second):
    """The other side: the next day pays again by every rule."""
    visits = [on("2026-03-02"), on("2026-03-02"), on("2026-03-03")]

    assert ["20.00", second, "20.00"] == owes(plan(benefit(share("20.00", per=Per(per)))), visits)


@pytest.mark.parametrize(("allowed", "owed"), [("39.99", "39.99"), ("40.00", "40.00"), ("40.01", "40.00")])
def test_a_copay_is_never_above_the_allowed_amount(allowed, owed):
    """The lesser of the two, on both sides of the copay."""
    assert [owed] == owes(plan(), course(1, line(allowed=allowed)))


def test_a_copay_may_be_owed_even_if_the_service_costs_less():
    """The one share that may exceed the price; the plan then pays nothing."""
    answer = estimate_of(plan(benefit(share("40.00", never_above_allowed=False))), course(1, line(allowed="30.00")))

    assert ("40.00", "0.00") == (str(answer.typical.owes), str(answer.typical.plan_pays))


def test_what_is_left_of_a_copay_falls_on_the_next_line():
    """Two lines share one copay of a visit."""
    visits = course(1, line(allowed="30.00"), line("97140", "50.00"))
    answer = estimate_of(plan(), visits)

    assert ["CopayCharged 30.00", "CopayCharged 10.00"] == findings(answer.typical)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("waived", ["30.00", "30.00", "30.00"]),  # the copay alone
        ("applies", ["100.00", "80.00", "30.00"]),  # 100; 50 + 30; 30
        ("after-copay", ["100.00", "100.00", "40.00"]),  # 30 + 70; 30 + 70; 30 + 10
        ("with-copay", ["100.00", "50.00", "30.00"]),  # 30 + 70; 30 + 20; 30: the copay fills the deductible too
    ],
)
def test_the_deductible_stands_before_beside_or_after_the_copay(order, expected):
    """A deductible of 150 and a copay of 30 at 100 a visit; the last but one order cannot be read off one visit."""
    deductible = "150.00"

    assert expected == owes(with_deductible(share("30.00", deductible=order), deductible), course(3))


def test_a_copay_that_fills_the_deductible_leaves_nothing_to_take_twice():
    """A copay with the deductible is itself a payment toward it: 30 paid of 20 left, and no more is taken."""
    stated = with_deductible(share("30.00", deductible="with-copay"), "100.00")

    assert ["30.00"] == owes(stated, course(1), used=used("80.00"))


def test_deductible_then_coinsurance_takes_a_percentage_of_the_rest():
    """50 of deductible left, then 20% of 50: the example that a Medicare contractor prints comes to 60.00."""
    stated = with_deductible(share(coinsurance="20%", deductible="applies"), "283.00")
    visits = course(2)

    assert ["60.00", "20.00"] == owes(stated, visits, used=used("233.00"))


@pytest.mark.parametrize(("of_allowed", "owed"), [(False, "36.00"), (True, "40.00")])
def test_copay_and_coinsurance_stand_together(of_allowed, owed):
    """20 and 20% of the remaining 80, or of all 100."""
    stated = plan(benefit(share("20.00", "20%", coinsurance_of_allowed=of_allowed)))

    assert [owed] == owes(stated)


def test_coinsurance_is_rounded_half_up_line_by_line():
    """20% of 0.12 is 2.4 cents and of 0.13 2.6: one each way, and never together."""
    answer = estimate_of(
        plan(benefit(share(coinsurance="20%"))), course(1, line(allowed="0.12"), line("97140", "0.13"))
    )

    assert ["CoinsuranceCharged 0.02", "CoinsuranceCharged 0.03"] == findings(answer.typical)


def test_the_first_visits_are_free_and_the_next_is_not():
    """Three free visits, the fourth at a copay; the count follows the visits of the benefit year."""
    steps = ((3, share("0.00")), (None, share("40.00")))
    stated = plan(benefit(share(by_visit=steps)))

    assert ["0.00", "0.00", "0.00", "40.00", "40.00"] == owes(stated, course(5))


def test_free_visits_begin_again_with_the_benefit_year():
    """A course over the turn of the year."""
    stated = plan(benefit(share(by_visit=((1, share("0.00")), (None, share("40.00"))))))
    visits = [on("2026-12-21"), on("2026-12-28"), on("2027-01-04"), on("2027-01-11")]

    assert ["0.00", "40.00", "0.00", "40.00"] == owes(stated, visits)


def test_two_lines_of_one_visit_stand_on_the_same_step():
    """A visit counts once, however many lines it has."""
    stated = plan(benefit(share(by_visit=((1, share(coinsurance="0%")), (None, share(coinsurance="100%"))))))

    assert ["0.00", "90.00"] == owes(stated, course(2, *TWO_LINES))


@pytest.mark.parametrize(("copay", "owed"), [("29.99", "29.99"), ("30.00", "30.00"), ("50.00", "30.00")])
def test_a_share_is_not_above_the_one_that_it_may_not_exceed(copay, owed):
    """A fair-copay law: the visit copay of primary care, 30, is the ceiling."""
    answer = estimate_of(plan(benefit(share(copay, not_above=share("30.00")))))

    assert owed == str(answer.typical.owes)
    assert (copay == "50.00") == any("ParityApplied" in each for each in findings(answer.typical))


def test_many_small_lines_together_do_not_pass_the_ceiling_of_another_benefit():
    """Four times 20% of 60 is 48; a copay of 30 a visit is the ceiling of the whole visit."""
    lines = [line(code, "60.00") for code in ("97110", "97140", "97110", "97140")]
    stated = plan(benefit(share(coinsurance="20%", not_above=share("30.00"))))

    assert ["30.00", "30.00"] == owes(stated, course(2, *lines))


def test_a_ceiling_by_another_benefit_may_itself_change_by_visit():
    """The other share's step of the visit decides: free at first, 20 from the second visit."""
    other = share(by_visit=((1, share("0.00")), (None, share("20.00"))))

    assert ["0.00", "20.00"] == owes(plan(benefit(share("40.00", not_above=other))), course(2))


def test_a_ceiling_by_another_benefit_holds_for_every_step_of_a_share():
    """Steps of 10 and 40 under a ceiling of 30."""
    steps = ((1, share("10.00")), (None, share("40.00")))

    assert ["10.00", "30.00"] == owes(plan(benefit(share(by_visit=steps, not_above=share("30.00")))), course(2))


@pytest.mark.parametrize(("group", "owed"), [("", "60.00"), ("rehabilitation", "40.00")])
def test_benefits_of_one_group_share_a_copay(group, owed):
    """Two benefits at one visit: two copays, or the first one's alone."""
    therapy = benefit(share("40.00", copay_group=group))
    spine = benefit(share("20.00", copay_group=group), name="chiropractic", services=["98940"])

    assert [owed] == owes(plan(therapy, spine), course(1, line(), line("98940", "50.00")))


@pytest.mark.parametrize(("cap", "owed"), [("35.99", "35.99"), ("36.00", "36.00"), ("90.00", "36.00")])
def test_the_share_of_a_visit_stops_at_its_ceiling(cap, owed):
    """40% of 60 and of 30."""
    assert [owed] == owes(plan(benefit(share(coinsurance="40%", max_per_visit=cap))), course(1, *TWO_LINES))


def test_the_plan_pays_at_most_so_much_a_visit():
    """Of 90 the plan would pay 81 and pays 50; the next visit has a ceiling of its own."""
    answer = estimate_of(plan(benefit(share(coinsurance="10%", plan_pays_at_most="50.00"))), course(2, *TWO_LINES))

    assert ["40.00", "40.00"] == [str(visit.owes) for visit in answer.typical.visits]
    assert "100.00" == str(answer.typical.plan_pays)


def test_nothing_owed_is_said_in_a_step():
    """A free service has a reason too."""
    assert ["PlanPaysAll 0.00"] == findings(estimate_of(plan(benefit(share("0.00")))).typical)


def test_the_maximum_stops_a_copay_and_the_deductible_counts_only_what_is_paid():
    """The maximum leaves 30 of a deductible of 100: the plan pays the rest, and 30 is credited."""
    stated = with_deductible(share(coinsurance="20%", deductible="applies"), out_of_pocket_max=maximum("50.00"))
    visit = estimate_of(stated, course(1), used=used("0.00", "20.00")).typical.visits[0]

    assert "30.00" == str(visit.owes)
    assert [("deductible", 3000, 10000), ("out-of-pocket-max", 5000, 5000)] == [each[:3] for each in visit.balances]


def test_a_share_outside_the_maximum_goes_on_past_it():
    """What does not count toward the maximum is not stopped by it."""
    counted, uncounted = (
        plan(
            benefit(share("40.00", credits_out_of_pocket=counts)),
            networks=[network(out_of_pocket_max=maximum("60.00"))],
        )
        for counts in (True, False)
    )

    assert ["40.00", "20.00", "0.00"] == owes(counted, course(3))
    assert ["40.00", "40.00", "40.00"] == owes(uncounted, course(3))


def test_a_copay_may_fill_the_deductible_though_it_is_waived():
    """Of 100 a copay of 40 is credited: the coinsurance benefit of the next day finds 60 left."""
    first = benefit(share("40.00", credits_deductible=True))
    second = benefit(share(coinsurance="0%", deductible="applies"), name="chiropractic", services=["98940"])
    stated = plan(first, second, networks=[network(deductible=ceiling("100.00"))])
    visits = [on("2026-03-02"), on("2026-03-03", line("98940", "80.00"))]

    assert ["40.00", "60.00"] == owes(stated, visits)


def test_no_line_credits_more_than_is_left_of_the_deductible():
    """A copay of 40 that fills a deductible of which 10 is left leaves it full, not overfull."""
    stated = with_deductible(share("40.00", credits_deductible=True))
    visit = estimate_of(stated, course(1, first_day=FIRST_DAY), used=used("90.00")).typical.visits[0]

    assert usd("100.00") == Money(visit.balances[0].used)


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("visit", ["CopayCharged 40.00", "CopayIncluded 0.00"]),
        ("day", ["CopayCharged 40.00", "CopayIncluded 0.00"]),
        ("line", ["CopayCharged 40.00", "CopayCharged 40.00"]),
    ],
)
def test_a_service_beside_the_one_that_bears_the_copay_is_included_in_it(per, expected):
    """It is not said to be free: one copay is for the whole visit or day."""
    charged = plan(benefit(share("40.00", per=Per(per))))
    answer = estimate_of(charged, course(1, line(), line("97140")))

    assert expected == findings(answer.typical)


TWO_SHARES = plan(
    benefit(share(coinsurance="0%", deductible="applies"), services=("97110",)),
    benefit(share(coinsurance="50%", deductible="applies"), name="manual-therapy", services=("97140",)),
    networks=[network(deductible=ceiling("100.00"))],
)


@pytest.mark.parametrize(
    ("services", "total", "worth"),
    [
        # The deductible of 100 takes the exercise, and half of the manual therapy stays; else it takes that whole.
        ((line(), line("97140")), ("100.00", "150.00", "150.00"), ("50.00", "0.00")),
        ((line("97140"), line()), ("100.00", "100.00", "150.00"), ("0.00", "50.00")),
    ],
)
def test_the_range_spans_the_orders_of_services_where_a_deductible_ends_within_a_visit(services, total, worth):
    """Payers take the lines of a visit in an order of their own."""
    answer = estimate_of(TWO_SHARES, course(1, *services))
    [order] = [each for each in answer.assumptions if each.assumes == "line-order"]

    assert total == ranged(answer)
    assert worth == (str(order.worth.less), str(order.worth.more))
    assert [each.code for each in services] == [each.code for each in lines_of(answer.low)]


def test_an_order_that_changes_nothing_is_not_told():
    """Two services with one share; and a visit of a single service."""
    alike = plan(
        benefit(share(coinsurance="20%", deductible="applies")), networks=[network(deductible=ceiling("100.00"))]
    )

    for visits in (course(1, line(), line("97140")), course(2)):
        assert "line-order" not in kinds(estimate_of(alike, visits).assumptions)
