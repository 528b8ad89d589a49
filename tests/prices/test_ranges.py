"""Cited ranges: percentages of Medicare, self-pay and hospital prices, and all of them for one place."""

from datetime import date

import pytest

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, PriceEntry
from estimator.engine.values import Money
from estimator.prices.books import find_zip
from estimator.prices.sheet import (
    cited_ratios,
    clinic_cash,
    commercial_ratios,
    gather_prices,
    hospital_cash,
    ratios_by_name,
)

WHOLE = Money(10_000)


def levels(priced):
    """Return the three levels as text."""
    return str(priced.low), str(priced.typical), str(priced.high)


@pytest.mark.parametrize(
    ("setting", "percents"),
    [
        (OFFICE, ("81%", "120%", "149%")),
        ("home", ("81%", "120%", "149%")),
        (HOSPITAL_OUTPATIENT, ("170%", "246%", "373%")),
    ],
)
def test_commercial_plans_pay_a_cited_percentage_of_medicare(setting, percents):
    """Low, typical and high rise, and the citation names all three."""
    ratios = commercial_ratios(setting)

    assert percents == levels(ratios)
    assert all(percent in ratios.citation.place for percent in percents)


@pytest.mark.parametrize("setting", [OFFICE, HOSPITAL_OUTPATIENT])
def test_each_percentage_has_its_own_study_and_year(setting):
    """Studies for comparison are among them."""
    cited = cited_ratios(setting)

    assert {"low", "typical", "high", "context"} == {ratio.level for ratio in cited}
    assert all(ratio.citation.source.title and 2011 <= ratio.year <= 2026 for ratio in cited)


def test_no_range_of_negotiated_prices_is_wider_than_it_may_be_to_say_something():
    """At most 2.2 times its low end; Medicaid's row for the nation stands only where no state is known."""
    ranges = {name: each for name, each in ratios_by_name().items() if not name.startswith("medicaid")}

    assert {"office", "office:needling", "office:office-visit", "marketplace:hospital-outpatient"} < ranges.keys()
    assert [] == [name for name, each in ranges.items() if WHOLE.share(each.high) > WHOLE.share(each.low) * 22 // 10]


def test_needling_beside_other_therapy_has_the_price_of_an_added_service():
    """$27 to $85, typically $45, from what clinics charge for needling added to a visit."""
    needling = clinic_cash()["20561"]

    assert needling == clinic_cash()["20560"]
    assert ("27.00", "45.00", "85.00") == levels(needling)
    assert ("medium", False) == (needling.citation.source.confidence, needling.per_unit)


def test_timed_therapy_is_priced_by_the_unit_from_clinics_own_lists():
    """$39 and $50 for 15 minutes."""
    unit = clinic_cash()["97110"]

    assert ("39.00", "44.50", "50.00") == levels(unit)
    assert ("medium", True) == (unit.citation.source.confidence, unit.per_unit)


def test_prices_with_a_typical_figure_of_their_own_are_no_middle():
    """An evaluation at $150 is printed somewhere."""
    assert ("78.00", "150.00", "250.00") == levels(clinic_cash()["97162"])
    assert "middle" not in clinic_cash()["97162"].citation.place


@pytest.mark.parametrize("code", ["97012", "G0283", "20552", "99213", "97811", "99999"])
def test_codes_without_a_source_have_no_cash_range(code):
    """Missing is a visible gap, never zero."""
    assert code not in clinic_cash()


@pytest.mark.parametrize("ranges", [clinic_cash(), hospital_cash("WA"), hospital_cash(None)])
def test_every_cash_range_rises_from_low_to_high(ranges):
    """Low, typical, high, all above zero."""
    assert all(0 < price.low <= price.typical <= price.high for price in ranges.values())


def test_hospital_prices_fall_back_to_the_country_and_say_so():
    """Alaska has its own quartiles; where the state is not known the country's stand in."""
    alaska, anywhere = hospital_cash("AK"), hospital_cash(None)

    assert ("43.66", "48.36", "110.63") == levels(alaska["20560"])
    assert alaska["20560"].citation.place.startswith("AK, 7 hospitals")
    assert anywhere["20560"].citation.place.startswith("US, ")
    assert anywhere == hospital_cash("GU")
    assert alaska.keys() == anywhere.keys()


def test_prices_of_a_place_hold_its_locality_in_every_book():
    """Seattle in the books of 2025, 2026 and 2027, oldest first."""
    sheet = gather_prices(find_zip("98101"))

    assert [date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)] == [region.book.first_day for region in sheet.regions]
    assert {"Seattle (King County)"} == {region.locality.name for region in sheet.regions}
    assert clinic_cash() == sheet.cash


def test_a_chosen_candidate_takes_the_place_of_the_official_locality():
    """Milton may lie in King County."""
    place = find_zip("98354")

    assert place.candidates[1] == gather_prices(place, locality=place.candidates[1]).regions[0].locality.key


def test_prices_without_a_place_keep_what_needs_none():
    """The clinic's own prices and the ranges of the country."""
    entry = PriceEntry("97110", Money(3000))
    sheet = gather_prices(None, HOSPITAL_OUTPATIENT, contract=[entry], self_pay=[entry])

    assert () == sheet.regions
    assert (entry,) == sheet.contract == sheet.self_pay
    assert hospital_cash(None)["97110"] == sheet.cash["97110"]
    assert {OFFICE, HOSPITAL_OUTPATIENT} <= sheet.ratios.keys()


@pytest.mark.parametrize(
    ("state", "is_own"), [("FL", False), ("CA", False), ("MA", False), ("NH", False), ("AZ", True)]
)
def test_a_hospitals_price_of_a_room_is_no_price_of_needling(state, is_own):
    """Above $100 in the middle, or $300 in the upper quartile, the whole country's price stands in; others stay."""
    own, anywhere = hospital_cash(state), hospital_cash(None)

    assert [is_own] * 2 == [own[code] != anywhere[code] for code in ("20560", "20561")]
    assert own["97110"] != anywhere["97110"]
