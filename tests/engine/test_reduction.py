"""The therapy reduction: one full unit a day, half of the practice expense of every other unit."""

from datetime import date
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from estimator.engine.prices import OFFICE, Fee, Locality, PriceBook, medicare_amount
from estimator.engine.pricing import HALF, day_amounts
from estimator.engine.values import Money, Rate, Source

NATION = Locality("00000", "00", "US", "Nation", 1000, 1000, 1000)


def therapy(code: str, work: int, pe: int, mp: int, status: str = "A") -> Fee:
    """Make an always-therapy row."""
    return Fee(code, status, work, pe, pe, mp, facility_na=True, always_therapy=True, timed=True)


def book(*fees: Fee, factor: int = 334009) -> PriceBook:
    """Make a book of these rows, known by all that is in it."""
    return PriceBook(
        f"test {factor} {fees}",
        2026,
        "test",
        date(2026, 1, 1),
        date(2026, 12, 31),
        factor,
        {fee.code: fee for fee in fees},
        {NATION.key: NATION},
        Source("test", "", date(2026, 11, 23)),
    )


NEEDLING = Fee("20561", "A", 47, 64, 9, 3, facility_na=False, always_therapy=False, timed=False)
BOOK = book(
    NEEDLING,
    therapy("97110", 45, 41, 1),
    therapy("97112", 50, 47, 1),
    therapy("97140", 43, 39, 1),
    therapy("97010", 6, 13, 1, status="B"),
)

lines = st.lists(st.tuples(st.sampled_from(("20561", "97110", "97112", "97140")), st.integers(0, 6)), max_size=5).map(
    tuple
)


def amounts(priced, in_book=BOOK, reduction=HALF, **rest):
    """Price one day in the office of the nation."""
    return day_amounts(priced, NATION, in_book, setting=OFFICE, reduction=reduction, **rest)


@given(lines)
def test_the_order_of_lines_changes_no_total(priced):
    """The highest practice expense is paid in full wherever it stands."""
    total = sum(amounts(priced))

    assert {total} == {sum(amounts(order)) for order in list(permutations(priced))[:24]}


@given(lines, st.integers(0, 100), st.integers(0, 100))
def test_a_larger_reduction_never_pays_more(priced, one, other):
    """50% pays at most what 25% pays, and no reduction pays most."""
    smaller, larger = sorted((one, other))
    mild = sum(amounts(priced, reduction=Rate(smaller * 10_000)))
    hard = sum(amounts(priced, reduction=Rate(larger * 10_000)))

    assert hard <= mild <= sum(amounts(priced, reduction=None))


@given(lines)
def test_exactly_one_therapy_unit_of_a_day_is_paid_in_full(priced):
    """What is taken off is the reduction of every therapy unit but one."""
    off = {
        code: medicare_amount(BOOK.fees[code], NATION, BOOK, setting=OFFICE)
        - medicare_amount(BOOK.fees[code], NATION, BOOK, setting=OFFICE, practice_expense=HALF)
        for code in ("97110", "97112", "97140")
    }
    done = [code for code, units in priced for _ in range(units) if code in off]
    spared = max(done, key=lambda code: BOOK.fees[code].pe_nonfacility, default=None)

    taken = sum(amounts(priced, reduction=None)) - sum(amounts(priced))

    assert sum(off[code] for code in done) - off.get(spared, 0) == taken


def test_manual_example_of_three_procedures_comes_to_47_dollars():
    """Work 7, 7, 11, expense 10, 10, 8, malpractice 1 each: $56.00 becomes $47.00 at 50%, $51.50 at 25%.

    The figures are of chapter 5, section 10.7 as remembered: the copies found stop short of the table.
    """
    one_dollar = book(
        therapy("97110", 700, 1000, 100),
        therapy("97112", 700, 1000, 100),
        therapy("97140", 1100, 800, 100),
        factor=10_000,
    )
    priced = (("97110", 1), ("97112", 1), ("97140", 1))

    assert Money(5600) == sum(amounts(priced, one_dollar, None))
    assert Money(4700) == sum(amounts(priced, one_dollar, HALF))
    assert Money(5150) == sum(amounts(priced, one_dollar, Rate(250_000)))


def test_ties_of_practice_expense_go_to_the_higher_full_amount():
    """Of two codes with expense 0.41 the one with more work is paid in full, though it stands second."""
    tied = book(therapy("97110", 45, 41, 1), therapy("97116", 60, 41, 1))
    full = medicare_amount(tied.fees["97116"], NATION, tied, setting=OFFICE)

    assert full == amounts((("97110", 1), ("97116", 1)), tied)[1]


def test_second_unit_of_the_same_code_is_reduced_too():
    """Two units of exercise in 2026: $29.06 and $22.21."""
    assert (Money(2906 + 2221),) == amounts((("97110", 2),))


def test_needling_is_outside_the_reduction_however_high_its_expense():
    """20561 has the highest expense of the day, and the exercise is still paid in full."""
    assert (Money(3808), Money(2906)) == amounts((("20561", 1), ("97110", 1)))


def test_line_that_medicare_does_not_pay_takes_no_part_in_the_ranking():
    """A bundled code has no amount, and a code that is not in the book has none."""
    assert (None, Money(2906), None) == amounts((("97010", 1), ("97110", 1), ("99999", 1)))


def test_bundled_code_has_an_amount_for_payers_that_pay_it():
    """`unpaid_too` prices by relative values alone, within the same reduction."""
    exercise, packs = amounts((("97110", 1), ("97010", 1)), unpaid_too=True)

    assert (Money(2906), Money(451)) == (exercise, packs)


def test_line_of_no_units_costs_nothing_and_spares_no_other():
    """Nothing done is not the unit that is paid in full."""
    assert (Money(0), Money(2906)) == amounts((("97112", 0), ("97110", 1)))
