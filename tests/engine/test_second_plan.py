"""A second plan after the first: three methods, with the arithmetic in the comments."""

from dataclasses import replace

import pytest

from estimator.engine import course as course_module
from estimator.engine.findings import SecondaryPaid
from estimator.engine.plan import Allowed, Basis, Liable, Position, Supplement
from estimator.engine.prices import PriceEntry
from estimator.engine.request import Grant, Provider, Secondary, Used
from estimator.engine.usual import LegalMaximum
from estimator.engine.values import UNKNOWN, BenefitYear
from tests.build import (
    CITED,
    TABLES,
    THERAPY,
    USUAL,
    authorization,
    benefit,
    ceiling,
    consequence,
    course,
    estimate_of,
    findings,
    kinds,
    limit,
    line,
    lines_of,
    network,
    owes,
    percent,
    plan,
    policy,
    prices,
    share,
    usd,
    used,
)

METHODS = ("standard", "non-duplication", "maintenance-of-benefits")
HALF = plan(benefit(share(coinsurance="50%")))


def with_second(method, second, network_of="in-network", opening=None):
    """Build a second plan."""
    return Secondary(second, method, network_of, opening or Used())


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("standard", "0.00"),  # alone it pays 80, and 50 is left
        ("non-duplication", "20.00"),  # 80 less the first plan's 50
        ("maintenance-of-benefits", "10.00"),  # 80% of the 50 that the first plan did not pay
    ],
)
def test_each_method_takes_over_its_own_part(method, left):
    """100 allowed; the first plan pays 50%, the second 80%."""
    second = plan(benefit(share(coinsurance="20%")), title="Second")
    answer = estimate_of(HALF, secondary=with_second(method, second))

    assert left == str(answer.typical.owes)
    assert str(100_00 - answer.typical.owes) == str(int(answer.typical.plan_pays))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("standard", ["0.00", "0.00"]),  # alone it pays 70, and 50 is left; then 100
        ("non-duplication", ["30.00", "0.00"]),  # 70 less 50, so 20 of 50; then 100 less 50
        ("maintenance-of-benefits", ["30.00", "0.00"]),  # of 50 left 30 go to its deductible
    ],
)
def test_the_second_plans_own_deductible_comes_first(method, expected):
    """A deductible of 30 and then everything; the first plan leaves 50 a visit."""
    second = plan(benefit(share("0.00", deductible="applies")), networks=[network(deductible=ceiling("30.00"))])

    assert expected == owes(HALF, course(2), secondary=with_second(method, second))


def test_the_second_plans_own_balances_count():
    """Its deductible is met, though the first plan's balances say nothing of it."""
    second = plan(benefit(share("0.00", deductible="applies")), networks=[network(deductible=ceiling("90.00"))])
    not_met, met = (with_second("non-duplication", second, opening=each) for each in (Used(), used("90.00")))

    assert ["50.00"] == owes(HALF, secondary=not_met)
    assert ["0.00"] == owes(HALF, secondary=met)


@pytest.mark.parametrize("method", METHODS)
def test_a_second_plan_with_a_worse_share_takes_over_less(method):
    """It pays nothing at all: nothing changes, and no step is written."""
    answer = estimate_of(HALF, secondary=with_second(method, plan(benefit(share(coinsurance="100%")))))

    assert ["CoinsuranceCharged 50.00"] == findings(answer.typical)


def test_what_the_second_plan_takes_over_is_a_step_with_its_name_and_method():
    """A relief on the line."""
    answer = estimate_of(HALF, secondary=with_second("standard", plan(benefit(share("0.00")), title="Second")))
    step = lines_of(answer.typical)[0].steps[-1]

    assert ("Second", "standard", "-50.00") == (step.finding.plan, step.finding.method, str(step.owes))


def test_what_the_first_plan_does_not_cover_the_second_may():
    """Past the first plan's limit, and needling that it excludes."""
    first = plan(
        benefit(share("0.00"), limits=("therapy-visits",)), limits=[limit(0)], policies=[policy(Position.EXCLUDED)]
    )
    second = plan(benefit(share("10.00"), services=["97110", "20561"]))
    visit = course(1, line(), line("20561", "38.08", "60.00"))

    assert ["31.92"] == owes(first, visit, secondary=with_second("standard", second))  # 10 − 0, and 60 − 38.08


def test_a_grant_of_the_first_plan_is_not_one_of_the_second():
    """The first plan has refused; the second plan's own authorization is taken as granted."""
    first = plan(benefit(share("0.00")))
    second = plan(benefit(share("0.00"), authorization=authorization()))
    alone = estimate_of(HALF, secondary=with_second("standard", second), authorization=Grant(on_file=False))

    assert "0.00" == str(alone.typical.owes)
    assert ["0.00"] == owes(first)


def test_what_is_unknown_of_the_second_plan_widens_the_range_and_is_asked():
    """Its share has not been read: all of the 50 that is left, or none."""

    answer = estimate_of(HALF, secondary=with_second("standard", plan(benefit(share(UNKNOWN)))))

    assert ("0.00", "50.00") == (str(answer.low.owes), str(answer.high.owes))
    assert "cost-share" in kinds(answer.questions)


def test_a_condition_of_the_first_plan_is_priced_with_the_second_behind_it():
    """Refused, the patient would owe 100 to the first plan alone; the second pays 90 of it."""

    rule = authorization(1, consequence("patient-pays"))
    first = plan(benefit(share("0.00"), authorization=rule))
    answer = estimate_of(first, secondary=with_second("standard", plan(benefit(share("10.00")))))

    assert [usd("10.00")] == [condition.difference for condition in answer.conditions]


def test_a_balance_bill_may_be_taken_over_as_far_as_the_second_plan_would_pay():
    """140 of 200 allowed, 40% owed and 60 billed; the second plan alone pays 140 − 10."""
    outside = network("out-of-network")
    first = plan(benefit(outside=share(coinsurance="40%")), networks=[network(), outside])
    visit = course(1, line(allowed="140.00", billed="200.00"))
    second = plan(benefit(share("10.00")))

    assert ["0.00"] == owes(
        first, visit, provider=Provider(network="out-of-network"), secondary=with_second("standard", second)
    )


def test_what_a_second_plan_rests_on_is_told_too():
    """Its unread benefit year, a policy that goes before its services, and an authorization taken as granted."""
    second = plan(
        benefit(services=["97110", "20561"], authorization=authorization()), benefit_year=UNKNOWN,
        policies=[policy(Position.INVESTIGATIONAL)],
    )  # fmt: skip
    visits = course(1, line(), line("20561"))
    answer = estimate_of(plan(policies=[policy(Position.EXCLUDED)]), visits, secondary=with_second("standard", second))

    assert {"benefit-year-calendar", "policy-over-plan", "authorization-granted"} <= kinds(answer.assumptions)
    assert set() == kinds(answer.conditions)


def test_a_second_plans_unread_share_is_assumed_in_its_own_network():
    """The clinic is out of the first plan's network and in the second's, whose percentage nobody has read."""
    first = plan(
        benefit(share(coinsurance="50%"), outside=share(coinsurance="50%")), networks=[network("out-of-network")]
    )
    second = plan(benefit(share(coinsurance=UNKNOWN)), networks=[network()])
    both = with_second("standard", second)
    answer = estimate_of(first, provider=Provider(network="out-of-network"), secondary=both)

    assert ["0.00", "0.00", "50.00"] == [str(run.owes) for run in answer.settled]


def test_a_second_plans_maximum_is_that_of_its_own_benefit_year():
    """The first plan's year began in July 2025, when the law's maximum was another; the second's in January 2026."""
    limits = tuple(LegalMaximum(year, usd(most), usd(most)) for year, most in ((2025, "10.00"), (2026, "30.00")))
    known = replace(TABLES, usual={"employer": replace(USUAL, maximums=limits)})
    first = plan(benefit(share(coinsurance="100%")), benefit_year=BenefitYear(7, 1))
    second = plan(benefit(share(coinsurance="50%")), networks=[network(out_of_pocket_max=UNKNOWN)])

    assert ["30.00"] == owes(first, known=known, secondary=with_second("standard", second))


def medigap(**changed):
    """Build a supplement that pays the coinsurance whole and nothing else, with parts of it changed."""
    parts = {"deductible": percent("0%"), "coinsurance": percent("100%"), "excess": percent("0%"), **changed}
    return replace(HALF, title="Medigap", networks={}, benefits=(), supplement=Supplement("medicare", **parts))


FIFTH = plan(benefit(share(coinsurance="20%", deductible="applies")), networks=[network(deductible=ceiling("150.00"))])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # Visits of 100: 100 of deductible; 50 and a fifth of 50; a fifth of 100.
        ({}, ["100.00", "50.00", "0.00"]),
        ({"deductible": percent("100%")}, ["0.00", "0.00", "0.00"]),
        ({"coinsurance": percent("50%")}, ["100.00", "55.00", "10.00"]),
        ({"copay": usd("15.00")}, ["100.00", "60.00", "15.00"]),  # 10 of coinsurance is less than the copay
        ({"coinsurance": percent("50%"), "limit": usd("157.00")}, ["100.00", "55.00", "2.00"]),  # 155 are paid by then
        ({"coinsurance": percent("50%"), "limit": usd("120.00")}, ["100.00", "50.00", "0.00"]),  # never the deductible
    ],
)
def test_a_supplement_pays_parts_of_what_the_first_plan_leaves(changed, expected):
    """Each part by its own percentage; what stays counts toward the supplement's yearly limit."""
    assert expected == owes(FIFTH, course(3), secondary=with_second("standard", medigap(**changed)))


@pytest.mark.parametrize(("excess", "left"), [("0%", "15.00"), ("100%", "0.00")])
def test_a_supplement_may_pay_what_the_clinic_asks_above_the_allowed_amount(excess, left):
    """A limiting charge of 115 on 100; the coinsurance is paid in either case."""
    tier = network("out-of-network", limiting_charge=percent("115%"))
    first = plan(benefit(outside=share(coinsurance="20%")), networks=[network(), tier])
    both = with_second("standard", medigap(excess=percent(excess)))
    answer = estimate_of(first, provider=Provider(network="out-of-network"), secondary=both)

    assert left == str(answer.typical.owes)


def test_whether_a_supplement_asks_its_copay_may_be_open():
    """Medigap N: up to 20 for some office visits."""
    both = with_second("standard", medigap(copay=usd("20.00"), copay_applies=UNKNOWN))
    answer = estimate_of(HALF, course(2), secondary=both)

    assert [("supplement", "copay", "40.00")] == [
        (point.about, point.subject, str(point.adds.most)) for point in answer.open_points
    ]


def test_a_supplement_pays_nothing_of_a_service_that_the_first_plan_does_not_cover():
    """Needling that is excluded stays with the patient."""
    excluding = plan(benefit(share(coinsurance="20%")), policies=[policy(Position.EXCLUDED, liable=Liable.PATIENT)])
    needled = course(1, line(), line("20561", allowed=None, billed="60.00"))

    assert ["60.00"] == owes(excluding, needled, secondary=with_second("standard", medigap()))


def test_parts_that_nobody_may_bill_say_so():
    """QMB: the clinic may not bill the patient, whatever Medicaid pays."""
    both = with_second("standard", medigap(may_bill=False))
    [found] = lines_of(estimate_of(HALF, secondary=both).typical)

    assert SecondaryPaid("Medigap", "not-billed") == found.steps[-1].finding


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("standard", "2.00"),  # 80% of its own 60 is 48, and 50 is left
        ("non-duplication", "50.00"),  # 48 is less than the first plan's 50
        ("maintenance-of-benefits", "42.00"),  # 80% of the 10 that its 60 is above the first plan's 50
    ],
)
def test_the_second_plan_pays_by_its_own_amount_where_the_clinics_contract_names_it(method, left):
    """100 allowed by the first plan; the clinic has agreed on 60 with the second."""
    second = plan(benefit(share(coinsurance="20%")), id="second-plan", title="Second")
    agreed = prices(contract=(PriceEntry("97110", usd("60.00"), "per-line", "second-plan"),))

    assert [left] == owes(HALF, sheet=agreed, secondary=with_second(method, second))


def test_the_second_plan_pays_by_its_own_price_list_and_else_by_the_first_plans_amount():
    """A fee schedule of 40 a unit; a plan that states no basis takes what the first one allowed."""
    fees = Allowed(Basis.FEE_SCHEDULE, fees={"97110": usd("40.00")}, citation=CITED)
    listed = plan(benefit(share(coinsurance="20%")), networks=[network(allowed=fees)], title="Second")
    silent = plan(benefit(share(coinsurance="20%")), title="Second")

    assert ["18.00"] == owes(HALF, secondary=with_second("standard", listed))  # 50 less 80% of 40
    assert ["0.00"] == owes(HALF, sheet=prices(), secondary=with_second("standard", silent))


@pytest.mark.parametrize(
    ("basis", "rate", "method", "left"),
    [
        # Two lines of 100 and 50, of which the first plan pays 30 and leaves 120, at each of two visits.
        ("per-visit", "60.00", "standard", ["72.00", "72.00"]),  # 80% of 60 is 48
        ("per-visit", "60.00", "non-duplication", ["102.00", "102.00"]),  # 48 less 30
        ("per-visit", "60.00", "maintenance-of-benefits", ["96.00", "96.00"]),  # 80% of the 30 that are left of 60
        ("case-rate", "200.00", "standard", ["0.00", "80.00"]),  # 160, once for the course
        ("case-rate", "20.00", "standard", ["104.00", "120.00"]),
    ],
)
def test_a_second_plan_pays_its_rate_for_a_visit_or_a_course_once(basis, rate, method, left):
    """Its rate is its own amount for all lines together, whatever the first plan allows for each."""
    first = plan(benefit(share(coinsurance="80%")))
    rated = [network(allowed=Allowed(Basis(basis), amount=usd(rate), citation=CITED))]
    second = plan(benefit(share(coinsurance="20%")), networks=rated, title="Second")
    answer = estimate_of(first, course(2, line(), line("97140", "50.00")), secondary=with_second(method, second))

    assert left == [str(visit.owes) for visit in answer.typical.visits]


def test_what_a_second_plan_allows_is_looked_up_once_for_all_readings(monkeypatch):
    """A course with an open point runs several times; the second plan's amounts are those of the first look."""
    looked = []
    plain = course_module.own_prices
    monkeypatch.setattr(course_module, "own_prices", lambda *asked: looked.append(asked) or plain(*asked))
    first = plan(benefit(services=[*THERAPY, "20561"]), policies=[policy(Position.UNKNOWN)])
    second = plan(benefit(share(coinsurance="20%")), title="Second")
    estimate_of(first, course(3, line(), line("20561", "38.00")), secondary=with_second("standard", second))

    assert 3 == len(looked)
