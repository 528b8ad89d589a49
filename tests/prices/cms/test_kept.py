"""A fee schedule as it is kept: whole numbers, the book that comes of it, and what another would change."""

import json
from dataclasses import replace
from datetime import date

import pytest

from estimator.engine.prices import HOSPITAL_OUTPATIENT, OFFICE, medicare_amount
from estimator.engine.values import Rate
from estimator.prices.books import books, kept_book
from estimator.prices.cms_files import read_schedule
from estimator.prices.fee_changes import Counted, carried_content, changes, content_of
from tests.prices.cms import official

READ_ON = date(2026, 11, 23)
FIVE = Rate.parse("5%")


def content(folder, year=2026, **others):
    """Read four files into what is kept of them."""
    return content_of(read_schedule(official.four_files(folder, year, **others)))


def fees_with(code, **changed):
    """Return the small files' fees with one of them changed by the place of its figures."""
    places = {"status": 2, "work": 3, "office": 4, "office_na": 5, "facility": 6}
    rows = []
    for row in official.FEES:
        cells = list(row)
        if row[0] == code:
            for name, text in changed.items():
                cells[places[name]] = text
        rows.append(tuple(cells))
    return rows


def test_what_is_kept_is_text_and_whole_numbers_and_comes_back_as_it_was(tmp_path):
    """No figure passes through a binary fraction."""
    kept = content(tmp_path)
    written = json.dumps(kept)

    assert kept == json.loads(written)
    assert "." not in json.dumps([kept["fees"], kept["factor"], [row[4:] for row in kept["localities"]]])
    assert official.WORDS not in written


def test_every_code_is_kept_and_those_of_ours_make_the_book(tmp_path):
    """No other can be asked about; parts of a service are no service."""
    kept = content(tmp_path)
    book = kept_book(kept, "0123456789ab", READ_ON)

    assert len(official.FEES) == len(kept["fees"])
    assert {"20560", "97010", "97110", "G0283"} == book.fees.keys()
    assert "medicare-2026-RVU26C@01234567" == book.id
    assert (date(2026, 1, 1), date(2026, 12, 31)) == (book.first_day, book.last_day)


def test_a_book_prices_to_the_cent_as_the_printed_formula_does(tmp_path):
    """(0.31 × 1.05 + 0.42 × 1.227 + 0.01 × 0.817) × 33.4009 = 28.358."""
    book = kept_book(content(tmp_path), "mark", READ_ON)
    seattle = book.localities["02402", "02"]

    assert "28.36" == str(medicare_amount(book.fees["20560"], seattle, book, setting=OFFICE))
    assert "Seattle (King County)" == seattle.name


def test_an_amount_that_has_no_office_is_not_in_the_book(tmp_path):
    """CMS prints the number of the other setting there."""
    fees = fees_with("20560", office_na="NA")
    rvu = official.written(tmp_path, "other.csv", official.rvu_rows(2026, fees))

    assert "20560" not in kept_book(content(tmp_path, rvu=rvu), "mark", READ_ON).fees


def test_the_same_figures_from_other_forms_of_the_files_are_kept_alike(tmp_path):
    """So that reading them again publishes nothing."""
    lines = official.written(tmp_path, "PPRRVU2025_Oct.txt", official.rvu_lines())
    table = official.written(tmp_path, "ZIP5.csv", official.zip_rows("20254"))

    assert content(tmp_path, 2025) == content(tmp_path, 2025, rvu=lines, zips=table)


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_book_that_ships_is_known_again_whatever_day_it_is_read(year):
    """The same figures under the same release are the same book, and are called so."""
    [shipped] = [book for book in books() if book.year == year]

    assert shipped is kept_book(carried_content(year), "mark", date(2027, 1, 1))


def test_one_figure_makes_another_book_of_the_same_release():
    """Two books of one id would be one."""
    kept = carried_content(2026)
    other = kept_book({**kept, "factor": kept["factor"] + 1}, "0123456789", READ_ON)

    assert "medicare-2026-RVU26C@01234567" == other.id
    assert other not in books()


def test_no_book_ships_for_a_year_to_come():
    """Then everything is new."""
    assert carried_content(2031) is None


def test_a_schedule_changes_nothing_in_itself(tmp_path):
    """Whatever is asked for."""
    kept = content(tmp_path)

    assert changes(kept, kept, Rate(0)).is_empty


def test_codes_that_come_and_go_and_change_their_status_are_told(tmp_path):
    """Each by its code and modifier."""
    fees = [row for row in fees_with("97010", status="A") if row[0] != "0075T"]
    fees.append(("97140", "", "A", "0.43", "0.40", "", "0.40", "NA", "0.01", "5"))
    before = content(tmp_path)
    rvu = official.written(tmp_path, "other.csv", official.rvu_rows(2026, fees))

    change = changes(before, content(tmp_path, rvu=rvu), FIVE)

    assert ((("97140", ""),), (("0075T", "26"),)) == (change.added, change.gone)
    assert ((("97010", ""), "B", "A"),) == change.restated
    assert not change.is_empty


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("0%", [(OFFICE, "24.72", "26.05"), (HOSPITAL_OUTPATIENT, "12.36", "13.69")]),
        ("5.38%", [(OFFICE, "24.72", "26.05"), (HOSPITAL_OUTPATIENT, "12.36", "13.69")]),
        ("5.39%", [(HOSPITAL_OUTPATIENT, "12.36", "13.69")]),
        ("11%", []),
    ],
)
def test_amounts_that_move_by_more_than_is_asked_for_are_told(tmp_path, limit, told):
    """Four hundredths of work: 5.38% of 24.72 in an office, 10.76% of 12.36 in a hospital."""
    before = content(tmp_path)
    rvu = official.written(tmp_path, "other.csv", official.rvu_rows(2026, fees_with("20560", work="0.35")))

    change = changes(before, content(tmp_path, rvu=rvu), Rate.parse(limit))

    assert told == [(move.setting, str(move.before), str(move.after)) for move in change.moved]


def test_a_move_that_is_the_same_in_both_settings_is_told_once(tmp_path):
    """Therapy costs the same in both."""
    before = content(tmp_path)
    rvu = official.written(tmp_path, "other.csv", official.rvu_rows(2026, fees_with("97110", work="0.90")))

    change = changes(before, content(tmp_path, rvu=rvu), FIVE)

    assert [(("97110", ""), OFFICE)] == [(move.code, move.setting) for move in change.moved]


def test_localities_and_zip_codes_that_differ_are_counted(tmp_path):
    """One index, one straddle mark, one ZIP code that is new."""
    before = content(tmp_path)
    indices = [replace_at(row, 6, "0.900") if row[0] == "10112" else row for row in official.INDICES]
    zips = [replace_at(row, 4, "1") if row[1] == "98101" else row for row in official.ZIPS]
    zips.append(("WA", "98102", "02402", "02", "0"))
    other = {
        "gpci": official.written(tmp_path, "gpci.csv", official.gpci_rows(indices=indices)),
        "zips": official.written(tmp_path, "zips.csv", official.zip_rows(zips=zips)),
    }

    change = changes(before, content(tmp_path, **other), FIVE)

    assert (Counted(0, 0, 1), Counted(1, 0, 1)) == (change.localities, change.zips)
    assert not change.is_empty
    assert replace(change, localities=Counted(0, 0, 0), zips=Counted(0, 0, 0)).is_empty


def replace_at(row, place, text):
    """Return a row with another cell."""
    return (*row[:place], text, *row[place + 1 :])
