"""A schedule from any spreadsheet: what keeps the file from being read is all said at once."""

import pytest
import time_machine

from estimator.billing.calls import label_problems
from estimator.billing.schedule_cells import meant, read_day, read_zip, services_of
from estimator.billing.schedule_file import COLUMNS, MOST_ROWS, MOST_ROWS_OF_COMMAND, NAMES, read_schedule
from estimator.errors import Refused
from tests.prices.cms.official import workbook

HEADER = "label,plan,zip,first_day,services"


NO_ROWS = "day.csv:1: Enter a header that names plan, zip, first_day, services, then one row a visit or a course."
NOTHING_SHOWS = (
    "Without one we read columns by what stands in them, and found none with the days of visits beside one with "
    "billing codes, such as 97110."
)
NO_WORKBOOK = "day.csv: This workbook cannot be opened (File is not a zip file): download it again."


def refused(content: bytes) -> list[str]:
    """Return every problem of a file."""
    with pytest.raises(Refused) as stopped:
        read_schedule(content, "day.csv")
    return list(map(str, stopped.value.problems))


def test_a_row_keeps_its_line_and_has_every_column() -> None:
    """A blank row counts as a line; a column that is not there is empty."""
    rows = read_schedule(f"{HEADER}\n\nA-1,self-pay,98101,2026-12-01,97110:30\n".encode(), "day.csv").rows

    assert [3] == [row.line for row in rows]
    assert dict.fromkeys(NAMES, "") | {
        "label": "A-1",
        "plan": "self-pay",
        "zip": "98101",
        "first_day": "2026-12-01",
        "services": "97110:30",
    } == dict(rows[0].cells)


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_spreadsheet_may_write_another_sign_between_cells(between: str) -> None:
    """Spreadsheets set to other languages do."""
    text = f"\ufeff{HEADER}\r\nA-1,self-pay,98101,2026-12-01,97110:30\r\n".replace(",", between)

    assert "97110:30" == read_schedule(text.encode(), "day.csv").rows[0].cells["services"]


def test_a_header_with_spaces_and_capitals_is_understood() -> None:
    """People write First day."""
    row = read_schedule(b"Plan,ZIP,First day,Services\nself-pay,98101,2026-12-01,97110\n", "day.csv").rows[0]

    assert "2026-12-01" == row.cells["first_day"]


def test_columns_of_a_practice_system_are_read_by_the_names_it_gives_them() -> None:
    """What can hold who the patient is stays unread, and the file says so."""
    file = read_schedule(
        b"Patient,Date of Service,Primary Insurance,Member ID,CPT,DX,Copay\nJane,12/01/2026,AETNA,,97110,M54.50,40\n",
        "day.csv",
    )

    assert {
        "Date of Service": "first_day",
        "Primary Insurance": "plan",
        "CPT": "services",
        "DX": "diagnoses",
    } == file.mapping
    assert ("Patient", "Member ID", "Copay") == file.not_read
    assert "Jane" not in str(file.rows)


def test_a_column_is_chosen_by_hand_but_never_one_that_can_hold_a_name() -> None:
    """What was chosen goes before what a header usually means."""
    content = b"Patient,When,Insurance,CPT\nJane,2026-12-01,self-pay,97110\n"
    file = read_schedule(content, "day.csv", {"When": "first_day", "Patient": "label"}, clinic_zip="98101")

    assert ("2026-12-01", "", "98101") == tuple(file.rows[0].cells[name] for name in ("first_day", "label", "zip"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("title", ["", "Clinic schedule, Dec 1\n\n"])
def test_any_encoding_and_a_title_above_the_header_are_taken(encoding: str, title: str) -> None:
    """Lines keep their numbers, and the sign between cells is found in the header."""
    text = f"{title}{HEADER}\nL\u2019A,self-pay,98101,2026-12-01,97110:30\n".replace(",", ";")
    row = read_schedule(text.encode(encoding), "day.csv").rows[0]

    assert ("L\u2019A", 4 if title else 2) == (row.cells["label"], row.line)


@pytest.mark.parametrize(
    ("written", "services"),
    [
        ("97110-GP 97140-59", [("97110", None, None, ["GP"]), ("97140", None, None, ["59"])]),
        ("97110x2, 97140 x1", [("97110", None, "2", []), ("97140", None, "1", [])]),
        ("97110 GP 30 min; 97140 15 min", [("97110", "30", None, ["GP"]), ("97140", "15", None, [])]),
        ("97110 (2 units) + G0283", [("97110", None, "2", []), ("G0283", None, None, [])]),
        ("needling 97110", [("needling", None, None, []), ("97110", None, None, [])]),
    ],
)
def test_services_are_read_as_people_write_them(written: str, services: list[tuple[object, ...]]) -> None:
    """What is no code stays, for the row to be asked about."""
    read = [
        (each["code"], each.get("minutes"), each.get("units"), each.get("modifiers", []))
        for each in services_of(written)
    ]

    assert services == read


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12/1/2026", "2026-12-01"),
        ("12/01/26", "2026-12-01"),
        ("1-Dec-26", "2026-12-01"),
        ("December 1, 2026", "2026-12-01"),
        ("2026-12-01 09:30:00", "2026-12-01"),
        ("12/1/2026 9:30 AM", "2026-12-01"),
        ("46357", "2026-12-01"),
        ("13/12/2026", "13/12/2026"),
        ("2/30/2026", "2/30/2026"),
    ],
)
def test_a_day_is_read_in_us_order_or_left_to_be_asked_about(written: str, day: str) -> None:
    """A day that could be another stays as it is."""
    assert day == read_day(written)


def test_a_label_that_looks_like_a_name_is_dropped_and_said() -> None:
    """And one number that can mean two things is asked about."""
    row = meant({"label": "Jane Doe", "authorization_visits": "8 of 12"})

    assert "" == row.cells["label"]
    assert {"label", "authorization_visits"} == {column for column, _ in row.asks}


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("206-555-1234", "a phone number"),
        ("a.b@example.org", "an email address"),
        ("Knee, 123-45-6789", "a Social Security number"),
        ("Neck Feb 3, 1984", "a date, which could be a birth date"),
        ("1EG4TE5MK72", "what looks like a Medicare number"),
    ],
)
def test_a_label_that_tells_who_somebody_is_goes_nowhere(label: str, kind: str) -> None:
    """It is dropped from a row, and refused for a call and an estimate, which are kept."""
    row = meant({"label": label})

    assert ("", [("label", f"This label holds {kind}. Enter a label of your own instead.")]) == (
        row.cells["label"],
        list(row.asks),
    )
    assert [f"Enter a label of your own: this one holds {kind}."] == [each.message for each in label_problems(label)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", f"{NO_ROWS} {NOTHING_SHOWS}"),
        (HEADER.encode(), NO_ROWS),
        (b"one,two\n1,2\n", f"{NO_ROWS} {NOTHING_SHOWS}"),
        (f'{HEADER}\n"a,b\n'.encode(), "day.csv:2: Close every quote, and quote whole cells (unexpected end of data)."),
        (b"PK\x03\x04 no workbook", NO_WORKBOOK),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(content: bytes, said: str) -> None:
    """And nothing of it is kept."""
    assert [said] == refused(content)


def test_more_rows_than_can_be_taken_are_refused() -> None:
    """The most is taken, one more is not."""
    row = "A,self-pay,98101,2026-12-01,97110\n"
    most = (HEADER + "\n" + row * MOST_ROWS).encode()

    assert MOST_ROWS == len(read_schedule(most, "day.csv").rows)
    assert ["day.csv: Send at most 20,000 rows at once; this file has 20,001."] == refused(most + row.encode())


def test_the_command_takes_ten_times_as_many_rows() -> None:
    """Nobody waits beside it; what it refuses, it refuses in the same words."""
    row = "A,self-pay,98101,2026-12-01,97110\n"
    more = (HEADER + "\n" + row * (MOST_ROWS + 1)).encode()

    assert MOST_ROWS + 1 == len(read_schedule(more, "day.csv", most_rows=MOST_ROWS_OF_COMMAND).rows)
    with pytest.raises(Refused, match="Send at most 20,000 rows at once; this file has 20,001"):
        read_schedule(more, "day.csv")
    with pytest.raises(Refused, match="Send at most 1 MB"):
        read_schedule(more * 2, "day.csv", most_bytes=1_000_000)


def test_a_workbook_is_read_with_its_days_and_the_zero_it_drops() -> None:
    """Excel takes 02134 for a number."""
    rows = [["plan", "zip", "first_day", "services", "visits"], ["self-pay", "2134", "2026-12-01", "97110", "2"]]
    row = read_schedule(workbook(rows, numbers=[1, 4]), "day.xlsx").rows[0]

    assert ("02134", "2026-12-01", "2") == (read_zip(row.cells["zip"]), row.cells["first_day"], row.cells["visits"])


def test_the_example_of_each_column_makes_a_row_without_a_problem() -> None:
    """The template that is offered is one that is taken."""
    header = ",".join(column.name for column in COLUMNS)
    row = ",".join(column.example for column in COLUMNS)

    assert 1 == len(read_schedule(f"{header}\n{row}\n".encode(), "template.csv").rows)


def test_counts_of_thousands_of_digits_are_a_question() -> None:
    """Python refuses to read them as numbers, and no authorization grants so many visits."""
    asked = meant({"authorization_visits": "9" * 5_000, "authorization_left": "9" * 5_000}).asks

    assert {"authorization_visits", "authorization_left"} == {name for name, _ in asked}


HEADERLESS = """Etikett;Wer;Wann;Zeit;Geboren;Nr;Kasse;Ort;Was;Warum
A-1;Doe, Jane;12/01/2026;8:30 AM;3/2/1961;W123456789;Aetna;98101;97110-GP x2 20561;M54.50
Neck A-12;Roe, Max;12/01/2026;9:15 AM;7/9/1984;W223456789;BCBS of Illinois;98101;97140 x1;M54.2
C-3;Poe, Ann;12/2/2026;10:00 AM;1/30/1990;W323456789;Cigna;98101;97110 x2;M25.511
Total: 3;;;;;;;;;
"""


def test_a_file_without_a_header_is_read_by_what_stands_in_its_columns() -> None:
    """Who the patient is stays unread: names, birth dates and member numbers are no column of ours."""
    with time_machine.travel("2026-11-30T12:00:00Z"):
        read = read_schedule(HEADERLESS.encode(), "plain.csv")
    places = {"first_day": 3, "time": 4, "plan": 7, "zip": 8, "services": 9, "diagnoses": 10, "label": 1}

    assert read.is_guessed
    assert {f"column {place}": name for name, place in places.items()} == dict(read.mapping)
    assert ("column 2", "column 5", "column 6", "row 1", "row 5") == read.not_read
    assert [("A-1", "Aetna"), ("Neck A-12", "BCBS of Illinois"), ("C-3", "Cigna")] == [
        (row.cells["label"], row.cells["plan"]) for row in read.rows
    ]
    assert not any(who in str(read.rows) for who in ("Doe", "1961", "W1234"))


@pytest.mark.parametrize("text", ["Jane Doe,3/2/1961,Aetna\n", "A-1,12/1/2026,Aetna\n", "A-1,Aetna,97110\n"])
def test_a_file_without_a_header_whose_days_or_codes_do_not_show_says_what_to_enter(text: str) -> None:
    """No row of it could be answered."""
    with time_machine.travel("2026-11-30T12:00:00Z"), pytest.raises(Refused, match="header") as refused:
        read_schedule(text.encode() * 3, "plain.csv")

    assert "beside one with billing codes, such as 97110" in str(refused.value)
