"""What is damaged, hostile or the wrong file is refused with its name, its row and a sentence."""

import io
import zipfile

import pytest

from estimator.errors import Refused
from estimator.prices.cms_files import read_gpcis, read_localities, read_rvus, read_schedule, read_zips
from estimator.prices.cms_tables import MOST_PROBLEMS
from tests.prices.cms import official

GARBAGE = ["#####", "??", "garbage", "row", "in", "the", "middle"]


def sentences(read, path):
    """Return what is said of a file that is refused."""
    with pytest.raises(Refused) as refused:
        read(path)
    return [str(problem) for problem in refused.value.problems]


def whatever_is_told(read, path):
    """Return what is said of a file that may be refused."""
    try:
        read(path)
    except Refused as refused:
        return [str(problem) for problem in refused.problems]
    return []


def rvu_file(folder, row, column, text):
    """Write a file of relative values in which one cell is another; rows count from the first code."""
    rows = official.rvu_rows(2026)
    rows[8 + row][column] = text
    return official.written(folder, "PPRRVU.csv", rows)


def content_with(content, before, after):
    """Return a workbook with other bytes in its sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    return official.zipped(members | {sheet: members[sheet].replace(before, after)})


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        (0, "97 10", "PPRRVU.csv:13: code: A code such as 97110 belongs here, not '97 10'"),
        (0, "20560", "PPRRVU.csv:13: code: 20560 stands in row 11 already"),
        (1, "PROFESSIONAL", "PPRRVU.csv:13: modifier: Nothing, or a modifier such as 26, belongs here"),
        (3, "", "PPRRVU.csv:13: status: A letter such as A belongs here, not ''"),
        (5, "abc", "PPRRVU.csv:13: work: A figure such as 0.41 belongs here, not 'abc'"),
        (5, "-0.45", "PPRRVU.csv:13: work: A figure such as 0.41 belongs here, not '-0.45'"),
        (5, "0.455", "PPRRVU.csv:13: work: This figure has at most 2 decimals; '0.455' has more."),
        (5, "٠.٤٥", "PPRRVU.csv:13: work: A figure such as 0.41 belongs here"),
        (7, "N/A", "PPRRVU.csv:13: office NA: Nothing or NA belongs here, not 'N/A'"),
        (11, "0.88", "PPRRVU.csv:13: office total: '0.88' is not the sum of its parts"),
        (18, "55", "PPRRVU.csv:13: multiple procedures: A digit belongs here"),
        (25, "33.5675", "PPRRVU.csv:13: factor: The rows above have another conversion factor"),
        (25, "", "PPRRVU.csv:13: factor: A figure such as 0.41 belongs here, not ''"),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_column(tmp_path, column, text, told):
    """The sentence says what belongs there."""
    assert any(each.startswith(told) for each in sentences(read_rvus, rvu_file(tmp_path, 4, column, text)))


@pytest.mark.parametrize(
    ("read", "rows", "at"),
    [
        (read_rvus, official.rvu_rows(2026), 10),
        (read_gpcis, official.gpci_rows(), 5),
        (read_zips, official.zip_rows(), 4),
    ],
)
def test_a_row_of_garbage_in_the_middle_refuses_the_file_at_that_row(tmp_path, read, rows, at):
    """What stands around it could be as wrong."""
    path = official.written(tmp_path, "official.csv", [*rows[:at], GARBAGE, *rows[at:]])

    told = sentences(read, path)

    assert told
    assert all(each.startswith(f"official.csv:{at + 1}: ") for each in told)


def test_garbage_among_the_counties_refuses_the_file_at_that_row(tmp_path):
    """Its number is none."""
    rows = official.county_rows(2026)
    path = official.written(tmp_path, "LOCCO.csv", [*rows[:6], GARBAGE, *rows[6:]])

    assert sentences(read_localities, path)[0].startswith("LOCCO.csv:7: carrier: Five digits belongs here, not '#####'")


@pytest.mark.parametrize(
    ("read", "name", "content"),
    [
        (read_rvus, "PPRRVU.csv", official.rvu_rows(2026)),
        (read_rvus, "PPRRVU.txt", official.rvu_lines()),
        (read_gpcis, "GPCI.csv", official.gpci_rows()),
        (read_localities, "LOCCO.csv", official.county_rows(2026)),
        (read_zips, "ZIP5.txt", official.zip_lines()),
        (read_zips, "ZIP5.csv", official.zip_rows()),
    ],
)
def test_a_cell_of_a_million_characters_is_refused_at_its_row(tmp_path, read, name, content):
    """No official cell is longer than a sentence."""
    text = official.csv_text(content) if isinstance(content, list) else content
    lines = text.split("\r\n")
    lines[8 if "RVU" in name else 4] += "x" * 1_000_000

    (told,) = sentences(read, official.written(tmp_path, name, "\r\n".join(lines)))

    assert told.startswith(f"{name}:{9 if 'RVU' in name else 5}: ")
    assert len(told) < 300


def test_a_cell_of_a_million_characters_in_a_workbook_is_refused_at_its_row(tmp_path):
    """Whatever the column."""
    rows = official.zip_rows()
    rows[4][5] = "x" * 100_001

    assert ["ZIP5.xlsx:5: A cell of this row has 100,001 characters: download the file again."] == sentences(
        read_zips, official.written(tmp_path, "ZIP5.xlsx", official.workbook(rows))
    )


def test_a_zip_that_breaks_off_is_refused(tmp_path):
    """At any length, a whole zip or none."""
    whole = official.zipped({"GPCI2026.csv": official.csv_text(official.gpci_rows())})
    for length in range(0, len(whole), 40):
        path = official.written(tmp_path, "gpci.zip", whole[:length])
        (told,) = sentences(read_gpcis, path)

        assert told.startswith("gpci.zip: This file cannot be opened")


def test_a_zip_with_a_damaged_member_is_refused(tmp_path):
    """Its check sum is that of other bytes."""
    whole = bytearray(official.zipped({"GPCI2026.csv": official.csv_text(official.gpci_rows())}))
    whole[60] ^= 0xFF

    (told,) = sentences(read_gpcis, official.written(tmp_path, "gpci.zip", bytes(whole)))

    assert "cannot be opened" in told


@pytest.mark.parametrize("form", ["zip", "xlsx"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, form):
    """Nothing official shrinks to a thousandth."""
    path = tmp_path / f"ZIP5.{form}"
    name = "ZIP5.csv" if form == "zip" else "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * 20_000_000)

    (told,) = sentences(read_zips, path)

    assert f"would unpack to more than {60 if form == 'zip' else 200} times its size" in told


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    """Holes cost nothing on disk."""
    path = tmp_path / "PPRRVU.csv"
    with path.open("wb") as file:
        file.truncate(64 * 1024**2 + 1)

    (told,) = sentences(read_rvus, path)

    assert "has 67,108,865 bytes" in told


@pytest.mark.parametrize("reference", ["XFD2", "A1048576", "BA3"])
def test_a_workbook_with_a_cell_far_away_is_refused(tmp_path, reference):
    """It would make room for a billion empty ones."""
    content = official.workbook(official.zip_rows())
    far = content_with(content, b'<c r="A3"', f'<c r="{reference}"'.encode())

    (told,) = sentences(read_zips, official.written(tmp_path, "ZIP5.xlsx", far))

    assert "cells far from the others" in told


@pytest.mark.parametrize("content", [b"", b"\0" * 3000, b"PK\3\4 but no zip", b"<html>Not found</html>"])
@pytest.mark.parametrize("name", ["f.csv", "f.txt", "f.xlsx", "f.zip"])
@pytest.mark.parametrize("read", [read_rvus, read_gpcis, read_localities, read_zips])
def test_what_is_no_table_is_refused_in_one_sentence_whatever_its_name(tmp_path, content, name, read):
    """An empty file, zeros, half a zip, a page that says that there is nothing."""
    (told,) = sentences(read, official.written(tmp_path, name, content))

    assert told.startswith(name)


def test_another_kind_of_file_is_refused_with_the_kinds_there_are(tmp_path):
    """Old workbooks are not read."""
    (told,) = sentences(read_rvus, official.written(tmp_path, "PPRRVU.xls", b"\xd0\xcf"))

    assert "Name a zip, csv, txt or xlsx file" in told


def test_a_zip_without_the_table_or_with_two_of_them_is_refused(tmp_path):
    """Which one is meant is not guessed."""
    rows = official.csv_text(official.gpci_rows())
    none = official.zipped({"a.csv": rows, "b.csv": rows})
    two = official.zipped({"GPCI2025.csv": rows, "GPCI2026.csv": rows})

    assert ["none.zip: Name a zip with one table GPCI…; this one holds none."] == sentences(
        read_gpcis, official.written(tmp_path, "none.zip", none)
    )
    assert "holds GPCI2025.csv, GPCI2026.csv" in sentences(read_gpcis, official.written(tmp_path, "two.zip", two))[0]


def test_a_file_that_is_wrong_in_every_row_is_told_up_to_a_point(tmp_path):
    """A thousand sentences help nobody."""
    fees = [(f"{number:05d}", "", "?", *official.FEES[2][3:]) for number in range(10_000, 10_200)]
    told = sentences(read_rvus, official.written(tmp_path, "PPRRVU.csv", official.rvu_rows(2026, fees)))

    assert MOST_PROBLEMS + 2 == len(told)


def test_rows_that_break_off_are_refused(tmp_path):
    """A text that was cut in the middle of its last row."""
    values = official.csv_text(official.rvu_rows(2026))[:-50]
    lines = official.zip_lines()[:-30]

    (cut,) = sentences(read_rvus, official.written(tmp_path, "PPRRVU.csv", values))
    (short,) = sentences(read_zips, official.written(tmp_path, "ZIP5.txt", lines))

    assert cut.startswith("PPRRVU.csv:14: This row has 18 of 32 columns")
    assert short.startswith("ZIP5.txt:9: This line has 52 characters, not 80")


@pytest.mark.parametrize(
    ("read", "rows", "at"), [(read_gpcis, official.gpci_rows(), 4), (read_localities, official.county_rows(2026), 6)]
)
def test_a_row_that_breaks_off_at_any_cell_is_refused_at_that_row(tmp_path, read, rows, at):
    """One comma lost, or all of them."""
    for width in range(1, 5):
        path = official.written(tmp_path, "official.csv", [*rows[:at], rows[at][:width], *rows[at + 1 :]])

        assert sentences(read, path)[0].startswith(f"official.csv:{at + 1}: ")


@pytest.mark.parametrize("apart", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_a_workbook_whose_parts_lie_elsewhere_is_refused_in_a_short_sentence(tmp_path, apart):
    """The reason of the library may quote the whole file."""
    whole = official.workbook(official.zip_rows())
    told = []
    for place in range(len(whole) - 60, len(whole), apart):
        damaged = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        told += whatever_is_told(read_zips, official.written(tmp_path, "ZIP5.xlsx", damaged))

    assert told
    assert max(map(len, told)) < 300


def test_files_of_two_years_are_refused_together(tmp_path):
    """Each file of another year is named with the row that says so."""
    other = official.written(tmp_path, "GPCI2025.csv", official.gpci_rows("2025"))
    files = official.four_files(tmp_path, 2026, gpci=other)

    told = sentences(read_schedule, files)

    assert [
        "GPCI2025.csv:3: This file is of 2025, and PPRRVU2026_Jul_nonQPP.csv of 2026: name four of one year."
    ] == told


@pytest.mark.parametrize(
    ("missing", "file"), [("gpci", "ZIP5_2026.xlsx:2"), ("localities", "26LOCCO.csv"), ("zips", "ZIP5_2026.xlsx")]
)
def test_a_locality_that_one_file_lacks_refuses_them_all(tmp_path, missing, file):
    """The sign of a text that was cut at the end of a row."""
    files = official.four_files(tmp_path)
    shorter = {
        "gpci": ("GPCI2026.csv", official.gpci_rows(indices=official.INDICES[1:])),
        "localities": ("26LOCCO.csv", official.county_rows(2026, official.COUNTIES[1:])),
        "zips": ("ZIP5_2026.xlsx", official.workbook(official.zip_rows(zips=official.ZIPS[2:]))),
    }
    official.written(tmp_path, *shorter[missing])

    told = sentences(read_schedule, files)

    assert any(each.startswith(f"{file}: locality: ") and "10112-00" in each for each in told)


def test_every_problem_of_all_four_files_is_told_at_once(tmp_path):
    """Nobody corrects one to meet the next."""
    empty = official.written(tmp_path, "empty.csv", b"")
    files = official.four_files(tmp_path, rvu=empty, gpci=empty, localities=empty, zips=empty)

    assert 4 == len(sentences(read_schedule, files))
