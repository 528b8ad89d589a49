"""Cited ranges: percentages of Medicare, self-pay prices, and hospitals' posted prices."""

import pytest

from estimator.domain.fees import HOSPITAL_OUTPATIENT, OFFICE
from estimator.domain.money import Money
from estimator.pricefiles.cash import cash_range, cash_visit_range, hospital_cash
from estimator.pricefiles.codes import service_codes
from estimator.pricefiles.ratios import commercial_ratios


@pytest.mark.parametrize(
    ("setting", "percents"),
    [
        (OFFICE, ("98%", "122%", "188%")),
        ("home", ("98%", "122%", "188%")),
        (HOSPITAL_OUTPATIENT, ("138.18%", "172.02%", "263%")),
    ],
)
def test_commercial_plans_pay_a_cited_percentage_of_medicare(setting, percents):
    """Low, typical and high rise, and each names its study."""
    ratios = commercial_ratios(setting)
    levels = (ratios.low, ratios.typical, ratios.high)

    assert percents == tuple(str(level.rate) for level in levels)
    assert all(level.citation.source.title and level.year for level in levels)
    assert ratios.context


def test_derived_hospital_percentages_are_the_clinic_times_the_premium():
    """98% and 122%, each 41% higher, and of low confidence."""
    clinic, hospital = commercial_ratios(OFFICE), commercial_ratios(HOSPITAL_OUTPATIENT)

    assert clinic.low.rate.per_million * 141 // 100 == hospital.low.rate.per_million
    assert clinic.typical.rate.per_million * 141 // 100 == hospital.typical.rate.per_million
    assert "low" == hospital.low.citation.source.confidence == hospital.typical.citation.source.confidence


def test_needling_has_a_wide_cash_range_of_low_confidence():
    """$50 to $150, and $40 to $180 at the outside; the middle owns up to being one."""
    needling = cash_range("20561")

    assert needling == cash_range("20560")
    assert ("50.00", "100.00", "150.00") == (str(needling.low), str(needling.typical), str(needling.high))
    assert (Money(4000), Money(18000)) == (needling.outer_low, needling.outer_high)
    assert needling.typical_is_midpoint
    assert ("per-line", "low") == (needling.basis, needling.citation.source.confidence)


def test_timed_therapy_is_priced_by_the_unit_from_clinics_own_lists():
    """$39 and $50 for 15 minutes."""
    unit = cash_range("97110")

    assert ("per-unit", Money(3900), Money(5000)) == (unit.basis, unit.low, unit.high)
    assert "medium" == unit.citation.source.confidence


def test_evaluation_has_a_typical_price_of_its_own():
    """$150 is a printed figure and no middle."""
    evaluation = cash_range("97162")

    assert (Money(7800), Money(15000), Money(35000)) == (evaluation.low, evaluation.typical, evaluation.high)
    assert not evaluation.typical_is_midpoint


@pytest.mark.parametrize("code", ["97012", "G0283", "20552", "99213", "99999"])
def test_codes_without_a_source_have_no_cash_range(code):
    """Missing is a visible gap, never zero."""
    assert cash_range(code) is None


def test_every_cash_range_rises_within_its_outer_ends():
    """Outer low, low, typical, high, outer high."""
    ranges = [found for code in service_codes() if (found := cash_range(code))]
    for found in [*ranges, cash_visit_range()]:
        ends = [found.outer_low, found.low, found.typical, found.high, found.outer_high]

        assert sorted(ends) == ends


def test_hospital_prices_fall_back_to_the_country_and_say_so():
    """Alaska has its own quartiles; a state that is not known has the country's."""
    alaska, anywhere = hospital_cash("20560", "AK"), hospital_cash("20560", "GU")

    assert ("AK", Money(4366), Money(4836), Money(11063)) == (
        alaska.state,
        alaska.quarter,
        alaska.median,
        alaska.three_quarters,
    )
    assert "US" == anywhere.state
    assert anywhere == hospital_cash("20560", None)
    assert hospital_cash("99999", "AK") is None
