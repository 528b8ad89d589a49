"""Every layout that CMS has used gives the same figures; columns are known by their words."""

from datetime import date

import pytest

from estimator.errors import Refused
from estimator.prices.cms_files import (
    RelativeValue,
    county_names,
    read_gpcis,
    read_localities,
    read_rvus,
    read_zips,
    runs,
)
from tests.prices.cms import official

NEEDLING = RelativeValue("20560", "", "A", 31, 42, False, 5, False, 1, "0")
NUMBERS_OF_2026 = [0, 1, 5, 6, 8, 10, 11, 12, 18, 23, 25]


def sentences(read, path):
    """Return what is said of a file that is refused."""
    with pytest.raises(Refused) as refused:
        read(path)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(("year", "name", "factor"), [(2025, "RVU25D", 323465), (2026, "RVU26C", 334009)])
def test_the_columns_of_each_year_are_told_apart_by_the_words_over_them(tmp_path, year, name, factor):
    """2026 has one column more, before the conversion factor."""
    found = read_rvus(official.written(tmp_path, "PPRRVU.csv", official.rvu_rows(year)))

    assert (year, name, factor) == (found.year, found.name, found.factor)
    assert NEEDLING in found.rows
    assert len(official.FEES) == len(found.rows)


def test_a_release_is_known_by_its_letter_and_its_day(tmp_path):
    """July is the third release of a year."""
    found = read_rvus(official.written(tmp_path, "PPRRVU.csv", official.rvu_rows(2026)))

    assert ("RVU26C", date(2026, 6, 30)) == (found.name, found.released)


def test_columns_in_another_order_are_found_all_the_same(tmp_path):
    """A place alone means nothing: the whole table turned around, code and modifier first."""
    rows = official.rvu_rows(2026)
    turned = [[*row[:2], *reversed(row[2:])] for row in rows]

    straight = read_rvus(official.written(tmp_path, "PPRRVU.csv", rows))
    found = read_rvus(official.written(tmp_path, "turned.csv", turned))

    assert straight.rows == found.rows


@pytest.mark.parametrize("numbers", [[], NUMBERS_OF_2026])
def test_a_workbook_gives_what_the_csv_gives_numbers_and_all(tmp_path, numbers):
    """00100 has lost its zeros where codes are numbers, and 0.40 one of its decimals."""
    rows = official.rvu_rows(2026)
    straight = read_rvus(official.written(tmp_path, "PPRRVU.csv", rows))

    found = read_rvus(official.written(tmp_path, "PPRRVU.xlsx", official.workbook(rows, numbers=numbers)))

    assert (straight.rows, straight.factor) == (found.rows, found.factor)


def test_lines_of_fixed_width_give_what_the_csv_gives(tmp_path):
    """The text file of 2025 has neither commas nor names of columns."""
    straight = read_rvus(official.written(tmp_path, "PPRRVU.csv", official.rvu_rows(2025)))

    found = read_rvus(official.written(tmp_path, "PPRRVU.txt", official.rvu_lines()))

    assert (straight.rows, straight.factor, straight.name) == (found.rows, found.factor, found.name)


def test_no_descriptor_is_kept(tmp_path):
    """The words belong to the AMA."""
    found = read_rvus(official.written(tmp_path, "PPRRVU.csv", official.rvu_rows(2026)))

    assert official.WORDS not in repr(found)


@pytest.mark.parametrize("form", official.GPCI_HEADERS)
@pytest.mark.parametrize("in_workbook", [False, True])
def test_each_header_of_the_indices_gives_the_column_with_the_floor(tmp_path, form, in_workbook):
    """Alabama is below 1 without it; asterisks and footnotes are no part of a name."""
    rows = official.gpci_rows(form)
    content = official.workbook(rows, numbers=range(8)) if in_workbook else rows
    found = read_gpcis(official.written(tmp_path, f"GPCI.{'xlsx' if in_workbook else 'csv'}", content))

    assert int(form[:4]) == found.year
    assert [1000, 1500, 1000, 1000, 1000, 1050] == [locality.work for locality in found.localities]
    assert ("02102", "01", "ALASKA") == (*found.localities[1].key, found.localities[1].name)
    assert "HAWAII, GUAM" == found.localities[2].name


def test_a_file_of_indices_without_the_floor_is_refused(tmp_path):
    """It would be below what Congress has set."""
    rows = official.gpci_rows()
    without = [[*row[:5], *row[6:]] for row in rows]

    told = sentences(read_gpcis, official.written(tmp_path, "GPCI.csv", without))

    assert ["GPCI.csv:3: work index with the 1.0 floor: There is no such column. Is it the right file?"] == told


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("in_workbook", [False, True])
def test_the_list_of_counties_gets_back_the_zeros_that_it_lost(tmp_path, year, in_workbook):
    """A locality that is listed twice in the same words is one."""
    rows = official.county_rows(year)
    content = official.workbook(rows, numbers=[0, 1]) if in_workbook else rows
    found = read_localities(official.written(tmp_path, f"LOCCO.{'xlsx' if in_workbook else 'csv'}", content))

    assert year == found.year
    assert [row[:2] for row in official.INDICES] != list(found.by_key)
    assert {(row[0], row[2]) for row in official.INDICES} == found.by_key.keys()
    assert "ALL OTHER COUNTIES" == found.by_key["05302", "99"].counties


@pytest.mark.parametrize(
    ("text", "counties"),
    [
        ("LOS ANGELES /ORAGNGE CNTY", [("CA", "Los Angeles"), ("CA", "Orange")]),
        ("DADE AND MONROE", [("CA", "Miami-Dade"), ("CA", "Monroe")]),
        ("MARTIN, PALM BEACH, AND ST. LUCIE", [("CA", "Martin"), ("CA", "Palm Beach"), ("CA", "St. Lucie")]),
        (
            "DISTRICT OF COLUMBIA; FAIRFAX, FAIRFAX CITY IN VIRGINIA; MONTGOMERY AND PRINCE GEORGE'S IN MARYLAND",
            [
                ("CA", "District of Columbia"),
                ("VA", "Fairfax"),
                ("VA", "Fairfax City"),
                ("MD", "Montgomery"),
                ("MD", "Prince George's"),
            ],
        ),
        ("ALL COUNTIES, EXCEPT ALEXANDRIA CITY, ARLINGTON", [("CA", "")]),
    ],
)
def test_counties_are_read_from_each_way_of_writing_them(text, counties):
    """Slashes, commas, `and`, other states, two misspellings, and the rest of a state."""
    assert counties == list(county_names(text, "CA"))


@pytest.mark.parametrize("form", ["txt", "xlsx", "csv"])
def test_zip_codes_are_read_from_each_form_with_the_states_that_people_know(tmp_path, form):
    """EM and WM are Missouri, EK and WK are Kansas; a workbook may have a row above its header."""
    rows = official.zip_rows("20254")
    contents = {
        "txt": official.zip_lines(),
        "csv": rows,
        "xlsx": official.workbook(rows, numbers=[1, 2, 3, 7, 9], above=1),
    }
    found = read_zips(official.written(tmp_path, f"ZIP5.{form}", contents[form]))

    assert (2025, 4) == (found.year, found.quarter)
    assert ["AL", "AL", "AK", "HI", "MO", "MO", "KS", "KS", "WA"] == [row.state for row in found.rows]
    assert {("02402", "02")} == {row.locality for row in found.rows if row.zip == "98101"}
    assert ["64001"] == [row.zip for row in found.rows if row.straddles]


def test_neighboring_zip_codes_of_one_place_are_kept_as_one_run(tmp_path):
    """A straddling one stays by itself."""
    found = read_zips(official.written(tmp_path, "ZIP5.txt", official.zip_lines()))

    assert "35004 35005 AL 10112 00 0" == next(iter(runs(found.rows)))
    assert "64001 64001 MO 05302 99 1" in list(runs(found.rows))
    assert len(official.ZIPS) - 1 == len(list(runs(found.rows)))


def test_a_zip_of_everything_serves_for_each_of_its_tables(tmp_path):
    """The release as downloaded holds all forms, and the file for qualifying participants besides."""
    values, qualifying = official.rvu_rows(2026), official.rvu_rows(2026, factor="33.5675", for_whom="1")
    members = {
        "readme.txt": "Read me",
        "RVU26C/PPRRVU2026_Jul_nonQPP.csv": official.csv_text(values),
        "RVU26C/PPRRVU2026_Jul_nonQPP.xlsx": official.workbook(values),
        "RVU26C/PPRRVU2026_Jul_QPP.csv": official.csv_text(qualifying),
        "RVU26C/GPCI2026.csv": official.csv_text(official.gpci_rows()),
        "RVU26C/26LOCCO.csv": official.csv_text(official.county_rows(2026)),
        "RVU26C/RVU26C.pdf": b"%PDF",
    }
    path = official.written(tmp_path, "rvu26c.zip", official.zipped(members))

    assert "rvu26c.zip/PPRRVU2026_Jul_nonQPP.csv" == read_rvus(path).file
    assert 334009 == read_rvus(path).factor
    assert len(official.INDICES) == len(read_gpcis(path).localities) == len(read_localities(path).by_key)


@pytest.mark.parametrize("name", ["PPRRVU2026_Jul_QPP.csv", "prices.csv"])
def test_the_file_for_qualifying_participants_is_refused_by_name_or_by_its_mark(tmp_path, name):
    """Its factor is not that of most clinicians."""
    rows = official.rvu_rows(2026, factor="33.5675", for_whom="1")

    (told,) = sentences(read_rvus, official.written(tmp_path, name, rows))

    assert "is for qualifying participants (QPP). Name the one with nonQPP in its name." in told


def test_lines_that_carry_the_mark_of_qualifying_participants_are_refused(tmp_path):
    """Where the text file has its mark, that it has one is enough."""
    lines = official.rvu_lines().replace("0000            ", "0000   1        ")

    (told,) = sentences(read_rvus, official.written(tmp_path, "PPRRVU.txt", lines))

    assert "qualifying participants" in told
