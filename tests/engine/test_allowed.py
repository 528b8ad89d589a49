"""What the allowed amount rests on, and what a patient is asked where no plan pays."""

from datetime import date

import pytest

from estimator.engine.plan import Allowed, Basis, Position
from estimator.engine.prices import PriceEntry
from estimator.engine.request import Provider
from estimator.engine.values import UNKNOWN, Span
from estimator.errors import NoPrice
from tests.build import (
    CITED,
    benefit,
    book,
    ceiling,
    course,
    estimate_of,
    findings,
    kinds,
    line,
    lines_of,
    network,
    on,
    owes,
    percent,
    plan,
    policy,
    prices,
    ranged,
    share,
    usd,
    used,
)

OPEN = line("97110", None, units=1)
TWO = (OPEN, line("97140", None, units=1))
ALL = share(coinsurance="100%")


def resting_on(basis, cost=ALL, market="employer", **more):
    """Build a plan of which the patient pays the whole allowed amount, so that it can be read off."""
    return plan(benefit(cost), networks=[network(allowed=Allowed(Basis(basis), citation=CITED, **more))], market=market)


def entry(amount, code="97110", party="", **more):
    """Build a row of a contract."""
    return PriceEntry(code, usd(amount), more.pop("basis", "per-unit"), party, **more)


def test_an_amount_in_the_request_goes_before_everything():
    """Contract, basis and region all say something else."""
    sheet = prices(contract=(entry("70.00"),))

    assert ["55.00"] == owes(resting_on("medicare"), course(1, line(allowed="55.00")), sheet=sheet)


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        (("", "A payer", "a-plan"), "70.00"),
        (("", "A payer"), "60.00"),
        (("",), "50.00"),
        (("Another payer",), "100.00"),
    ],
)
def test_a_contract_with_the_plan_goes_before_its_payer_and_anybody(parties, expected):
    """Whatever the order of the rows; a contract with somebody else does not count."""
    amounts = {"": "50.00", "A payer": "60.00", "a-plan": "70.00", "Another payer": "80.00"}
    sheet = prices(contract=tuple(entry(amounts[party], party=party) for party in parties))

    assert [expected] == owes(resting_on("medicare"), course(1, OPEN), sheet=sheet)


@pytest.mark.parametrize(("basis", "expected"), [("per-unit", "90.00"), ("per-line", "30.00")])
def test_a_contract_pays_by_unit_or_by_line(basis, expected):
    """Three units at 30."""
    visit = course(1, line("97110", None, units=3))

    assert [expected] == owes(resting_on("contract"), visit, sheet=prices(contract=(entry("30.00", basis=basis),)))


def test_a_contract_counts_from_its_first_day_to_its_last():
    """The same services before, within and after March."""
    march = Span(date(2026, 3, 1), date(2026, 3, 31))
    visits = [on(day, OPEN) for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")]

    assert ["100.00", "70.00", "70.00", "100.00"] == owes(
        resting_on("medicare"), visits, sheet=prices(contract=(entry("70.00", span=march),))
    )


def test_a_contract_does_not_count_out_of_network():
    """The clinic has promised nothing there."""
    stated = plan(benefit(outside=ALL), networks=[network(), network("out-of-network", balance_bill=False)])

    assert ["100.00"] == owes(
        stated, [on("2026-03-02", OPEN, network="out-of-network")], sheet=prices(contract=(entry("70.00"),))
    )


@pytest.mark.parametrize(("party", "expected"), [("", ["50.00", "0.00"]), ("a-plan", ["70.00", "40.00"])])
def test_a_rate_a_visit_swallows_every_line_unless_the_plan_itself_has_a_row(party, expected):
    """50 a visit with anybody; with this very plan 70 for exercise, and 40 by region for the rest."""
    rows = (entry("50.00", "*", basis="per-visit"), entry("70.00", party=party), entry("40.00", "97140", party=party))
    answer = estimate_of(resting_on("contract"), course(1, *TWO), sheet=prices(contract=rows))

    assert expected == [str(each.owes) for each in lines_of(answer.typical)]


def test_a_percentage_of_medicare_is_paid_with_the_therapy_reduction_where_the_plan_takes_it():
    """1.00 and 1.00 RVU at $100: 120%. Reduced, the line with less practice expense loses half of its 40."""
    full = resting_on("medicare", percent=percent("120%"))
    less = resting_on("medicare", percent=percent("120%"), reduces_multiple_procedures=True)

    assert ["240.00"] == owes(full, course(1, *TWO), sheet=prices())
    assert ["216.00"] == owes(less, course(1, *TWO), sheet=prices())  # 120% of 100 and 80


def test_whether_the_reduction_is_taken_may_be_unknown():
    """A range, and a question."""
    answer = estimate_of(resting_on("medicare", reduces_multiple_procedures=UNKNOWN), course(1, *TWO), sheet=prices())

    assert ("180.00", "200.00", "200.00") == ranged(answer)
    assert "multiple-procedure-reduction" in kinds(answer.questions)


def test_medicare_takes_deductible_reduction_and_coinsurance_in_this_order():
    """180.00 allowed for two therapy lines; 50 of the deductible of 283 is left, and 20% of the rest: 76.00."""
    stated = plan(
        benefit(share(coinsurance="20%", deductible="applies")), market="medicare",
        networks=[network(
            deductible=ceiling("283.00"),
            allowed=Allowed(Basis.MEDICARE, reduces_multiple_procedures=True, citation=CITED),
        )],
    )  # fmt: skip

    assert ["76.00"] == owes(stated, course(1, *TWO), sheet=prices(), used=used("233.00"))


def test_what_medicare_bundles_or_does_not_pay_is_nobodys_charge():
    """Status B is part of other lines; status N is not paid, and the clinic bears it here."""
    stated = resting_on("medicare", market="medicare")
    stated = plan(benefit(ALL, services=["97010", "20561"]), networks=stated.networks.values(), market="medicare")
    answer = estimate_of(stated, course(1, line("97010", None), line("20561", None)), sheet=prices())

    assert ["Bundled 0.00", "NotCovered 0.00"] == findings(answer.typical)


def test_other_payers_pay_for_codes_that_medicare_does_not():
    """The row of the fee schedule is only a measure for them."""
    stated = resting_on("medicare")
    stated = plan(benefit(ALL, services=["20561"]), networks=stated.networks.values())

    assert ["100.00"] == owes(stated, course(1, line("20561", None)), sheet=prices())


@pytest.mark.parametrize(("billed", "expected"), [("80.00", "80.00"), ("120.00", "100.00")])
def test_a_plan_may_pay_the_lesser_of_its_amount_and_the_charge(billed, expected):
    """Both sides of 100."""
    stated = resting_on("medicare", lesser_of_billed=True)

    assert [expected] == owes(stated, course(1, line("97110", None, billed, units=1)), sheet=prices())


def test_a_percentage_of_charges():
    """80% of 120; without a charge there is no price."""
    stated = resting_on("charges", percent=percent("80%"))

    assert ["96.00"] == owes(stated, course(1, line("97110", None, "120.00")))
    with pytest.raises(NoPrice):
        owes(stated, course(1, OPEN))


def test_a_fee_schedule_of_the_plan():
    """31.50 a unit; a code that it does not list has no price."""
    stated = resting_on("fee-schedule", fees={"97110": usd("31.50")})

    assert ["63.00"] == owes(stated, course(1, line("97110", None, units=2)))
    with pytest.raises(NoPrice):
        owes(stated, course(1, line("97140", None, units=1)))


def test_a_rate_per_visit_lies_on_the_first_covered_line():
    """The others are bundled into it, and the copay is taken of the whole."""
    answer = estimate_of(resting_on("per-visit", amount=usd("90.00"), cost=share("40.00")), course(2, *TWO))

    assert ["CopayCharged 40.00", "BundledInRate 0.00"] * 2 == findings(answer.typical)
    assert "100.00" == str(answer.typical.plan_pays)


def test_a_case_rate_swallows_the_whole_course():
    """500 on the first visit, nothing after it."""
    answer = estimate_of(resting_on("case-rate", amount=usd("500.00"), cost=share(coinsurance="20%")), course(3, *TWO))

    assert ["100.00", "0.00", "0.00"] == [str(visit.owes) for visit in answer.typical.visits]
    assert ["BundledInRate 0.00"] * 2 == findings(answer.typical)[2:4]


def test_an_amount_in_the_request_replaces_a_rate_and_its_neighbours_cost_nothing():
    """Somebody knows better for one line; the rate would have swallowed the other."""
    visit = course(1, line(allowed="75.00"), TWO[1])

    assert ["75.00"] == owes(resting_on("per-visit", amount=usd("90.00")), visit)


def test_a_line_that_the_rate_does_not_cover_still_needs_its_own_price():
    """Excluded needling beside a visit rate: the clinic's price, else the cash range, never nothing."""
    rate = network(allowed=Allowed(Basis.PER_VISIT, amount=usd("90.00")))
    stated = plan(networks=[rate], policies=[policy(Position.EXCLUDED)])
    visit = course(1, OPEN, line("20561", None))

    assert ("100.00", "120.00", "160.00") == ranged(estimate_of(stated, visit, sheet=prices()))
    with pytest.raises(NoPrice):
        owes(stated, visit, sheet=prices(cash={}))


def test_a_negotiated_price_is_estimated_from_the_region_at_three_levels():
    """90%, 100% and 150% of Medicare's 100; copays do not change with the price."""
    by_share, by_copay = (plan(benefit(cost)) for cost in (share(coinsurance="20%"), share("40.00")))
    answer = estimate_of(by_share, course(1, OPEN), sheet=prices())

    assert ("18.00", "20.00", "30.00") == ranged(answer)
    assert ("40.00", "40.00", "40.00") == ranged(estimate_of(by_copay, course(1, OPEN), sheet=prices()))
    assert "regional-price" in kinds(answer.assumptions)


def test_experience_changes_estimated_prices_by_a_factor_that_is_said():
    """115% by our assumption, or the reader's own 110%; a price that is given does not change."""
    senior = Provider(experience="senior")
    own = Provider(experience="senior", experience_factor=percent("110%"))
    answer = estimate_of(plan(benefit(ALL)), course(1, OPEN), sheet=prices(), provider=senior)

    assert ("103.50", "115.00", "172.50") == ranged(answer)
    assert "experience-factor" in kinds(answer.assumptions)
    assert ["110.00"] == owes(plan(benefit(ALL)), course(1, OPEN), sheet=prices(), provider=own)
    assert ["100.00"] == owes(plan(benefit(ALL)), course(1), sheet=prices(), provider=senior)


def test_a_self_pay_line_costs_the_clinics_price_else_a_range_of_cash_prices():
    """45 a unit on the list; without a list 60 to 120."""
    cash = plan(market="self-pay")
    needle = course(1, line("20561", None))
    listed = prices(self_pay=(entry("45.00", "20561"),))
    answer = estimate_of(cash, needle, sheet=prices())

    assert ("45.00", "45.00", "45.00") == ranged(estimate_of(cash, needle, sheet=listed))
    assert ("60.00", "80.00", "120.00") == ranged(answer)
    assert "cash-price" in kinds(answer.assumptions)


def test_every_day_is_priced_by_the_book_in_force():
    """$100 a unit in 2025, $110 in 2026."""
    sheet = prices(book(2025), book(2026, 1_100_000))
    visits = [on("2025-12-31", OPEN), on("2026-01-01", OPEN)]

    assert ["100.00", "110.00"] == owes(resting_on("medicare"), visits, sheet=sheet)


@pytest.mark.parametrize(("day", "is_late"), [("2026-12-31", False), ("2027-01-01", True)])
def test_a_day_after_the_last_book_is_priced_by_it_and_the_answer_says_so(day, is_late):
    """The last day of the book is its own."""
    answer = estimate_of(resting_on("medicare"), [on(day, OPEN)], sheet=prices())

    assert "100.00" == str(answer.typical.owes)
    assert ([("latest-price-book", "2026-12-31")] if is_late else []) == [
        (each.assumes, each.subject) for each in answer.assumptions if each.assumes == "latest-price-book"
    ]


def test_without_any_source_a_covered_line_has_no_price():
    """No place, no contract, no amount."""
    with pytest.raises(NoPrice):
        owes(plan(), course(1, OPEN))


def test_out_of_network_the_clinic_may_bill_the_rest_of_its_charge():
    """140 allowed of 200 charged, 40% of it owed: 56 and 60, of which only 56 counts."""
    outside = network("out-of-network", out_of_pocket_max=ceiling("900.00", name="out-of-pocket-max"))
    stated = plan(benefit(outside=share(coinsurance="40%")), networks=[network(), outside])
    visit = [on("2026-03-02", line(allowed="140.00", billed="200.00"), network="out-of-network")]
    answer = estimate_of(stated, visit)

    assert ["CoinsuranceCharged 56.00", "BalanceBilled 60.00"] == findings(answer.typical)
    assert 56_00 == answer.typical.visits[0].balances[0].used


def test_whether_the_rest_may_be_billed_may_be_unknown():
    """Not at best."""
    stated = plan(benefit(outside=share("0.00")), networks=[network(), network("out-of-network", balance_bill=UNKNOWN)])
    visit = [on("2026-03-02", line(allowed="140.00", billed="200.00"), network="out-of-network")]
    answer = estimate_of(stated, visit)

    assert ("0.00", "0.00", "60.00") == ranged(answer)
    assert "balance-bill" in kinds(answer.questions)
