"""The carried fee schedule, to the cent against decimal arithmetic that knows nothing of ours."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, Locality, medicare_amount, schedule_amount, why_unpaid
from estimator.engine.values import Rate
from estimator.prices.books import books, counties, find_zip, latest_book, region_on
from estimator.prices.sheet import gather_prices
from estimator.settings import prices_folder

NATION = Locality("00000", "00", "US", "Nation", 1000, 1000, 1000)
YEARS = ("2025", "2026")
FACTORS = {"2025": "32.3465", "2026": "33.4009"}


def rows(name: str) -> Iterator[dict[str, str]]:
    """Read a carried file with the standard library alone."""
    lines = (prices_folder() / name).read_text("utf-8").splitlines()
    return csv.DictReader(line for line in lines if not line.startswith("#"))


def by_decimals(fee: dict[str, str], area: dict[str, str], expense: str, part: str, factor: str) -> str:
    """Follow the printed formula in decimals, rounding once."""
    total = (
        Decimal(fee["work"]) * Decimal(area["work"])
        + Decimal(expense) * Decimal(part) * Decimal(area["pe"])
        + Decimal(fee["mp"]) * Decimal(area["mp"])
    )
    return str((total * Decimal(factor)).quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("part", ["1", "0.5"])
def test_every_amount_of_a_book_is_exact_to_the_cent(year, part):
    """47 codes in 109 localities, in full and with half of the practice expense, in both settings."""
    book = next(book for book in books() if str(book.year) == year)
    paid = Rate(int(Decimal(part) * 1_000_000))
    compared = 0
    for row in rows(f"medicare-{year}-rvus.csv"):
        for area in rows(f"medicare-{year}-gpcis.csv"):
            fee, locality = book.fees[row["code"]], book.localities[area["mac"], area["number"]]
            in_hospital = row["pe_nonfacility"] if row["mult_proc"] == "5" else row["pe_facility"]
            if row["facility_na"] == "NA" and row["mult_proc"] != "5":
                in_hospital = None
            for setting, expense in ((OFFICE, row["pe_nonfacility"]), (HOSPITAL_OUTPATIENT, in_hospital)):
                expected = expense and by_decimals(row, area, expense, part, FACTORS[year])
                amount = schedule_amount(fee, locality, book, setting=setting, practice_expense=paid)
                assert (expected or "None") == str(amount), (row["code"], area["name"], setting)
                compared += 1

    assert 47 * 109 * 2 == compared


@pytest.mark.parametrize("year", YEARS)
def test_national_amounts_are_those_that_cms_prints(year):
    """With every index at 1 the amount is the printed total of relative values times the factor."""
    book = next(book for book in books() if str(book.year) == year)
    with (Path(__file__).parent / "national_amounts.csv").open() as printed:
        expected = {row["code"]: row[year] for row in csv.DictReader(printed)}

    actual = {code: str(schedule_amount(fee, NATION, book, setting=OFFICE)) for code, fee in book.fees.items()}

    assert 47 == len(expected)
    assert expected == actual


def test_needling_is_cheapest_in_arkansas_and_dearest_in_san_benito():
    """20560 in 2026, over all localities."""
    book = latest_book()
    amounts = {
        str(medicare_amount(book.fees["20560"], locality, book, setting=OFFICE)): locality.name
        for locality in book.localities.values()
    }

    assert ("22.58", "Arkansas") == min(amounts.items())
    assert "31.90" == max(amounts)
    assert "San Benito" in amounts["31.90"]


def test_two_codes_have_no_medicare_payment_of_their_own():
    """Packs are bundled and one stimulation code is not valid for Medicare; all else of ours is paid."""
    book = latest_book()

    unpaid = {code: str(why_unpaid(fee, OFFICE)) for code, fee in book.fees.items() if why_unpaid(fee, OFFICE)}

    assert {"97010": "bundled", "97014": "not-valid-for-medicare"} == unpaid


def test_needling_is_untimed_and_outside_the_therapy_reduction():
    """It is paid by muscles, not by minutes."""
    fees = latest_book().fees

    assert not any(fees[code].timed or fees[code].always_therapy for code in ("20560", "20561"))
    assert all(fees[code].timed and fees[code].always_therapy for code in ("97110", "97140", "97530"))
    assert 28 == sum(fee.always_therapy for fee in fees.values())


def test_a_book_is_for_its_calendar_year():
    """No book is stretched over a year that it was not made for."""
    kept = [(book.id, book.first_day, book.last_day) for book in books()]

    assert [
        ("medicare-2025-RVU25D", date(2025, 1, 1), date(2025, 12, 31)),
        ("medicare-2026-RVU26C", date(2026, 1, 1), date(2026, 12, 31)),
        ("medicare-2027-proposed", date(2027, 1, 1), date(2027, 12, 31)),
    ] == kept


def test_books_name_their_source_and_the_day_it_was_read():
    """A price without a source is not shown."""
    source = latest_book().source

    assert "PPRRVU2026_Jul_nonQPP.csv" in source.title
    assert (date(2026, 11, 23), "high") == (source.read_on, source.confidence)


def test_the_proposed_book_is_this_years_figures_at_the_proposed_factor():
    """33.4009 becomes 32.8409 in 2027, 1.68 percent less; the title says that it is proposed."""
    final, proposed = books()[-2:]

    assert [False, False, True] == [book.is_proposed for book in books()]
    assert (final.fees, final.localities) == (proposed.fees, proposed.localities)
    assert (334_009, 328_409) == (final.factor, proposed.factor)
    assert "as proposed" in proposed.source.title
    assert "RVU26C" in latest_book().release


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2024, 1, 1), 2025), (date(2026, 12, 31), 2026), (date(2027, 1, 1), 2027), (date(2028, 1, 1), 2027)],
)
def test_a_day_is_priced_by_the_latest_book_that_has_begun(day, year):
    """The first where none has."""
    assert year == region_on(gather_prices(find_zip("98101")).regions, day).book.year


def test_counties_of_a_locality_are_named_where_it_is_made_of_counties():
    """San Benito is one county; Arkansas is a whole state."""
    assert ("San Benito",) == counties("01112", "65")
    assert () == counties("07102", "13")
