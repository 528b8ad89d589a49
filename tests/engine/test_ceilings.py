"""Deductibles and maximums: families, networks that fill together, years that end, balances that a person brings."""

from datetime import date

import pytest

from estimator.engine.plan import FamilyRule
from estimator.engine.request import Person
from estimator.engine.values import UNKNOWN, BenefitYear
from tests.build import (
    benefit,
    ceiling,
    course,
    estimate_of,
    kinds,
    line,
    maximum,
    network,
    on,
    owes,
    plan,
    share,
    used,
)

AFTER_DEDUCTIBLE = share(coinsurance="0%", deductible="applies")
FAMILY = Person(family=True)


def with_family(rule, **more):
    """Build a deductible of 100 a person and 150 a family."""
    rules = {"family_rule": FamilyRule(rule), **more}
    return plan(benefit(AFTER_DEDUCTIBLE), networks=[network(deductible=ceiling("100.00", "150.00", **rules))])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("embedded", ["80.00", "20.00"]),  # the person's 100 is met first
        ("aggregate", ["80.00", "70.00"]),  # only the family's 150
        ("per-person", ["80.00", "20.00"]),
    ],
)
def test_a_family_deductible_counts_as_its_rule_says(rule, expected):
    """Two visits of 80 by one member; nobody else has paid anything."""
    assert expected == owes(with_family(rule), course(2, line(allowed="80.00")), person=FAMILY)


@pytest.mark.parametrize(("rule", "owed"), [("embedded", "30.00"), ("aggregate", "30.00"), ("per-person", "80.00")])
def test_what_the_rest_of_the_family_paid_counts_unless_the_rule_is_per_person(rule, owed):
    """120 of the family's 150 is met by others."""
    visits = course(1, line(allowed="80.00"))

    assert [owed] == owes(with_family(rule), visits, person=FAMILY, used=used(family="120.00"))


def test_a_family_has_paid_at_least_what_its_member_has():
    """A person who brings 140 brings it for the family as well."""
    visits = course(1, line(allowed="80.00"))

    assert ["10.00"] == owes(with_family("aggregate"), visits, person=FAMILY, used=used("140.00"))


def test_a_member_of_a_family_may_have_an_amount_of_its_own():
    """120 within a family, where self-only cover has 100; without a family it is 100."""
    amount = "120.00"
    stated = with_family("embedded", family_member=amount)
    visits = course(2, line(allowed="110.00"))

    assert ["110.00", "10.00"] == owes(stated, visits, person=FAMILY)
    assert ["100.00", "0.00"] == owes(stated, visits, person=Person(family=False))


def test_whether_the_cover_is_for_a_family_is_assumed_where_nobody_says():
    """The person's own amount, and an assumption that says so."""
    answer = estimate_of(with_family("aggregate"), course(2, line(allowed="80.00")))

    assert "100.00" == str(answer.typical.owes)
    assert "self-only-cover" in kinds(answer.assumptions)


def test_a_family_amount_of_the_maximum_alone_is_assumed_about_too():
    """The deductible has no family amount; the maximum has."""
    stated = plan(networks=[network(out_of_pocket_max=maximum("100.00", "200.00"))])

    assert "self-only-cover" in kinds(estimate_of(stated).assumptions)


def test_the_step_names_the_maximum_that_stopped_the_charge():
    """The family's 90 stops before the person's 100 would."""
    stated = plan(networks=[network(out_of_pocket_max=maximum("100.00", "90.00"))])
    answer = estimate_of(stated, course(3), person=FAMILY)

    assert "90.00" == str(answer.typical.visits[2].lines[0].steps[-1].finding.maximum)


def two_networks(**inside):
    """Build a plan with a deductible of 100 in network and 150 out of network."""
    outside = {"name": inside.pop("outside_name", "outside"), "also_credits": inside.pop("outside_credits", ())}
    both = (
        network(deductible=ceiling("100.00", **inside)),
        network("out-of-network", deductible=ceiling("150.00", **outside), balance_bill=False),
    )
    return plan(benefit(AFTER_DEDUCTIBLE, outside=AFTER_DEDUCTIBLE), networks=both)


VISITS = (on("2026-03-02", line(allowed="80.00"), network="out-of-network"), on("2026-03-09", line(allowed="80.00")))


def test_networks_fill_their_own_deductibles():
    """80 out of network leaves the 100 in network as it was."""
    assert ["80.00", "80.00"] == owes(two_networks(), VISITS)


def test_networks_may_fill_one_deductible_together():
    """The same name: 80 of either network is 80 of both."""
    assert ["80.00", "20.00"] == owes(two_networks(outside_name="deductible"), VISITS)


def test_a_dollar_may_also_credit_another_network():
    """80 out of network counts in network as well, and not the other way round."""
    there, back = VISITS

    assert ["80.00", "20.00"] == owes(two_networks(outside_credits=("deductible",)), [there, back])
    assert ["80.00", "80.00"] == owes(
        two_networks(outside_credits=("deductible",)),
        [on("2026-03-02", line(allowed="80.00")), on("2026-03-09", line(allowed="80.00"), network="out-of-network")],
    )


def test_balances_of_another_network_open_its_own_ceilings():
    """140 of 150 is met out of network, nothing in network."""
    elsewhere = {"out-of-network": used("140.00")}

    assert ["10.00", "80.00"] == owes(two_networks(), VISITS, used_elsewhere=elsewhere)


def test_a_benefit_may_have_a_deductible_of_its_own():
    """The plan's is met; the benefit's 30 is not."""
    stated = plan(
        benefit(AFTER_DEDUCTIBLE, deductible=ceiling("30.00", name="therapy")),
        networks=[network(deductible=ceiling("100.00"))],
    )

    assert ["30.00", "0.00"] == owes(stated, course(2), used=used("100.00"))


def over_new_year(year=None, **more):
    """Build a plan whose deductible of 100 starts again with its year."""
    stated = benefit(AFTER_DEDUCTIBLE)
    return plan(stated, networks=[network(deductible=ceiling("100.00", **more))], benefit_year=year or BenefitYear())


@pytest.mark.parametrize(
    ("year", "visits"),
    [
        (BenefitYear(), [on("2026-12-30"), on("2026-12-31"), on("2027-01-01")]),
        (BenefitYear(7, 1), [on("2026-06-29"), on("2026-06-30"), on("2026-07-01")]),
    ],
)
def test_a_deductible_starts_again_on_the_first_day_of_the_benefit_year(year, visits):
    """Met on the first visit, free on the last day of the year, owed again the next day."""
    answer = estimate_of(over_new_year(year), visits)

    assert ["100.00", "0.00", "100.00"] == [str(visit.owes) for visit in answer.typical.visits]
    assert [("deductible-met", 1), ("benefit-year-restarts", 3)] == [
        (point.kind, point.visit) for point in answer.crossing_points
    ]


def test_a_deductible_met_before_the_course_is_met_again_in_the_new_year():
    """Nothing was left of it when the year ended; the new year's is a turning point where it is met."""
    answer = estimate_of(over_new_year(), [on("2026-12-30"), on("2027-01-04")], used=used("100.00"))

    assert ["0.00", "100.00"] == [str(visit.owes) for visit in answer.typical.visits]
    assert {("benefit-year-restarts", 2), ("deductible-met", 2)} == {
        (point.kind, point.visit) for point in answer.crossing_points
    }


@pytest.mark.parametrize(("paid_on", "owed"), [("2026-09-30", "100.00"), ("2026-10-01", "40.00")])
def test_what_was_paid_in_the_last_months_may_carry_over(paid_on, owed):
    """Three months: the first of October counts in the next year, the last of September does not."""
    visits = [on(paid_on, line(allowed="60.00")), on("2027-01-04")]

    assert ["60.00", owed] == owes(over_new_year(carry_over_months=3), visits)


def test_what_carried_over_does_not_carry_over_again():
    """Paid in December 2026, counted in 2027, gone in 2028."""
    visits = [on("2026-12-30", line(allowed="60.00")), on("2027-01-04", line(allowed="10.00")), on("2028-01-04")]

    assert ["60.00", "10.00", "100.00"] == owes(over_new_year(carry_over_months=3), visits)


def test_a_deductible_per_condition_has_no_year():
    """It is met once, and opening balances of an ended year still count."""
    stated = over_new_year(per_condition=True)
    visits = [on("2027-01-04"), on("2028-01-04")]

    assert ["70.00", "0.00"] == owes(stated, visits, used=used("30.00"), as_of=date(2026, 12, 20))


@pytest.mark.parametrize(("as_of", "owed"), [(date(2026, 12, 31), "100.00"), (date(2027, 1, 1), "40.00")])
def test_balances_of_a_year_that_is_over_are_not_counted(as_of, owed):
    """What was used by December says nothing of a course that starts in January, and the answer says so."""
    answer = estimate_of(over_new_year(), [on("2027-01-04")], used=used("60.00"), as_of=as_of)

    assert owed == str(answer.typical.owes)
    assert (as_of.year == 2026) == ("used-amounts-expired" in kinds(answer.assumptions))


@pytest.mark.parametrize(("includes", "expected"), [(True, ["60.00", "0.00"]), (False, ["100.00", "50.00"])])
def test_a_maximum_may_leave_the_deductible_out(includes, expected):
    """A maximum of 60 and a deductible of 150."""
    stated = plan(
        benefit(AFTER_DEDUCTIBLE),
        networks=[
            network(deductible=ceiling("150.00"), out_of_pocket_max=maximum("60.00", includes_deductible=includes))
        ],
    )

    assert expected == owes(stated, course(2))


def test_the_visit_says_what_is_used_of_the_family_where_only_that_counts():
    """An aggregate deductible shows the family's balance."""
    visit = estimate_of(with_family("aggregate"), course(1), person=FAMILY, used=used(family="30.00")).typical.visits[0]

    assert ("deductible", 13000, 15000) == visit.balances[0][:3]


@pytest.mark.parametrize(
    ("rule", "expected", "is_assumed"),
    [
        ("aggregate", ["40.00", "20.00", "0.00"], True),  # the person's 60, though the family's is 150
        ("embedded", ["40.00", "20.00", "0.00"], False),
    ],
)
def test_a_persons_own_maximum_holds_whatever_the_familys_rule_says(rule, expected, is_assumed):
    """45 CFR 156.130: nobody pays more than the self-only limit; of a deductible the plan may say otherwise."""
    most = maximum("60.00", "150.00", family_rule=FamilyRule(rule))
    answer = estimate_of(plan(networks=[network(out_of_pocket_max=most)]), course(3), person=FAMILY)

    assert expected == [str(visit.owes) for visit in answer.typical.visits]
    assert is_assumed == ("per-person-maximum" in kinds(answer.assumptions))


def test_where_only_the_familys_maximum_is_read_it_alone_counts():
    """A person's own that nobody has read stops nothing."""
    most = maximum(UNKNOWN, "60.00", family_rule=FamilyRule.AGGREGATE)
    answer = estimate_of(plan(networks=[network(out_of_pocket_max=most)]), course(2), person=FAMILY)

    assert ["40.00", "20.00"] == [str(visit.owes) for visit in answer.typical.visits]
    assert "per-person-maximum" not in kinds(answer.assumptions)


@pytest.mark.parametrize(
    ("apart", "less"),
    [
        (False, "100.00"),  # now 100 and 20; with 100 of the 120 paid, 20 and nothing
        (True, "50.00"),  # the maximum holds copays and percentages alone: now 100 and 50, then 50 and 50
    ],
)
def test_a_deductible_already_paid_counts_toward_the_maximum_too(apart, less):
    """Nothing is told of a deductible of 100 under a maximum of 120; half of what comes after it is the patient's."""
    tier = network(deductible=ceiling("100.00"), out_of_pocket_max=maximum("120.00", includes_deductible=not apart))
    half = plan(benefit(share(coinsurance="50%", deductible="applies")), networks=[tier])
    assumed = [each for each in estimate_of(half, course(2)).assumptions if each.assumes == "deductible-not-started"]

    assert [less] == [str(each.worth.less) for each in assumed]


@pytest.mark.parametrize(("most", "less"), [("120.00", ["60.00"]), ("200.00", [])])  # 40 and 40; 20 and nothing, or 40s
def test_a_deductible_that_no_share_hangs_on_still_counts_toward_the_maximum(most, less):
    """Therapy is outside the deductible of 100; having paid it leaves less of the maximum, or enough."""
    tier = network(deductible=ceiling("100.00"), out_of_pocket_max=maximum(most))
    waived = plan(benefit(share(copay="40.00", deductible="waived")), networks=[tier])
    assumed = [each for each in estimate_of(waived, course(2)).assumptions if each.assumes == "deductible-not-started"]

    assert less == [str(each.worth.less) for each in assumed]
