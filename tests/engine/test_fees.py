"""Medicare amounts from relative values, with small rows written here by hand."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.engine.prices import (
    HOSPITAL_OUTPATIENT,
    OFFICE,
    Fee,
    Locality,
    PriceBook,
    Unpaid,
    medicare_amount,
    schedule_amount,
    why_unpaid,
)
from estimator.engine.values import Money, Rate, Source

NEEDLING = Fee("20560", "A", 31, 42, 5, 1, facility_na=False, always_therapy=False, timed=False)
EXERCISE = Fee("97110", "A", 45, 41, 41, 1, facility_na=True, always_therapy=True, timed=True)
NATION = Locality("00000", "00", "US", "Nation", 1000, 1000, 1000)
ARKANSAS = Locality("07102", "13", "AR", "Arkansas", 1000, 859, 515)
SAN_BENITO = Locality("01112", "65", "CA", "San Benito County", 1110, 1442, 536)
BOOK = PriceBook(
    "medicare-2026",
    2026,
    "RVU26C",
    date(2026, 1, 1),
    date(2026, 12, 31),
    334009,
    {},
    {},
    Source("CMS", "", date(2026, 11, 23)),
)

rvus = st.integers(0, 2000)
indices = st.integers(100, 3000)
localities = st.builds(Locality, st.just("1"), st.just("2"), st.just("US"), st.just("X"), indices, indices, indices)
fees = st.builds(
    Fee,
    st.just("97110"),
    st.sampled_from("ART"),
    rvus,
    rvus,
    rvus,
    rvus,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(fees, localities, st.sampled_from((OFFICE, HOSPITAL_OUTPATIENT)))
def test_halving_practice_expense_never_raises_an_amount_nor_halves_it_whole(fee, locality, setting):
    """A reduced unit costs at most a full one, and at least half of one."""
    full = medicare_amount(fee, locality, BOOK, setting=setting)
    reduced = medicare_amount(fee, locality, BOOK, setting=setting, practice_expense=Rate(500_000))

    if full is None:
        assert reduced is None
    else:
        assert full // 2 <= reduced <= full


@given(fees, localities)
def test_a_dearer_area_never_has_a_lower_amount(fee, locality):
    """The amount rises with the index of practice expense."""
    dearer = replace(locality, pe=locality.pe + 1)

    lower = medicare_amount(fee, locality, BOOK, setting=OFFICE)
    higher = medicare_amount(fee, dearer, BOOK, setting=OFFICE)

    assert lower <= higher


@given(fees, localities)
def test_a_code_has_an_amount_exactly_where_it_has_no_reason_against_one(fee, locality):
    """`why_unpaid` and `medicare_amount` never disagree."""
    for setting in (OFFICE, HOSPITAL_OUTPATIENT):
        for status in "ABCEINRT":
            row = replace(fee, status=status)

            amount = medicare_amount(row, locality, BOOK, setting=setting)

            assert (why_unpaid(row, setting) is None) == (amount is not None)


@pytest.mark.parametrize(("locality", "amount"), [(NATION, "24.72"), (ARKANSAS, "22.58"), (SAN_BENITO, "31.90")])
def test_needling_of_one_or_two_muscles_costs_what_cms_says(locality, amount):
    """20560 in 2026: the nation, the cheapest and the dearest locality."""
    assert amount == str(medicare_amount(NEEDLING, locality, BOOK, setting=OFFICE))


def test_an_amount_is_rounded_half_up_once_at_the_end():
    """Half a cent goes up: 0.50 RVU at $1.0100 is 50.5 cents."""
    row = Fee("97112", "A", 50, 0, 0, 0, facility_na=True, always_therapy=True, timed=True)
    book = replace(BOOK, factor=10_100)

    assert Money(51) == medicare_amount(row, NATION, book, setting=OFFICE)
    assert Money(50) == medicare_amount(row, NATION, replace(book, factor=10_099), setting=OFFICE)


def test_therapy_in_a_hospital_keeps_the_office_amount():
    """CMS prints NA beside the facility expense of always-therapy codes and pays the other."""
    in_office = medicare_amount(EXERCISE, NATION, BOOK, setting=OFFICE)
    in_hospital = medicare_amount(replace(EXERCISE, pe_facility=0), NATION, BOOK, setting=HOSPITAL_OUTPATIENT)

    assert Money(2906) == in_office == in_hospital


def test_needling_in_a_hospital_takes_the_facility_expense():
    """0.31 + 0.05 + 0.01 is 0.37 RVU, $12.36."""
    assert Money(1236) == medicare_amount(NEEDLING, NATION, BOOK, setting=HOSPITAL_OUTPATIENT)


def test_a_setting_that_cms_does_not_use_has_no_price():
    """NA beside a code that is not always therapy means that nothing is paid there."""
    row = replace(NEEDLING, facility_na=True)

    assert medicare_amount(row, NATION, BOOK, setting=HOSPITAL_OUTPATIENT) is None
    assert Unpaid.NOT_IN_SETTING == why_unpaid(row, HOSPITAL_OUTPATIENT)
    assert why_unpaid(row, OFFICE) is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("B", "bundled"),
        ("I", "not-valid-for-medicare"),
        ("N", "not-covered"),
        ("C", "carrier-priced"),
        ("X", "not-paid"),
    ],
)
def test_a_status_other_than_a_r_or_t_has_a_reason_and_no_payment(status, reason):
    """The relative values still come to an amount, for payers that pay the code."""
    row = replace(EXERCISE, status=status)

    assert reason == why_unpaid(row, OFFICE)
    assert medicare_amount(row, NATION, BOOK, setting=OFFICE) is None
    assert Money(2906) == schedule_amount(row, NATION, BOOK, setting=OFFICE)


def test_books_are_the_same_when_their_ids_are():
    """A book is known by its id, so that it can be a key."""
    assert BOOK == replace(BOOK, factor=1)
    assert BOOK != replace(BOOK, id="medicare-2025")
    assert hash(BOOK) == hash(replace(BOOK, year=1))
