"""A schedule from any spreadsheet: what keeps the file from being read is all said at once."""

import pytest

from estimator.billing.schedule import COLUMNS, MOST_ROWS, NAMES, read_schedule
from estimator.errors import Refused
from tests.prices.cms.official import workbook

HEADER = "label,plan,zip,first_day,services"


NO_ROWS = "day.csv:1: Write a header with plan, zip, first_day, services, then one row a visit or a course."
NO_COLUMN = "day.csv:2: Write 5 cells; 'f' has no column. Quote a cell that holds a comma."
NO_WORKBOOK = "day.csv: This workbook cannot be opened (File is not a zip file): download it again."


def refused(content: bytes) -> list[str]:
    """Return every problem of a file."""
    with pytest.raises(Refused) as stopped:
        read_schedule(content, "day.csv")
    return list(map(str, stopped.value.problems))


def test_a_row_keeps_its_line_and_has_every_column() -> None:
    """A blank row counts as a line; a column that is not there is empty."""
    rows = read_schedule(f"{HEADER}\n\nA-1,self-pay,98101,2026-12-01,97110:30\n".encode(), "day.csv")

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

    assert "97110:30" == read_schedule(text.encode(), "day.csv")[0].cells["services"]


def test_a_header_with_spaces_and_capitals_is_understood() -> None:
    """People write First day."""
    row = read_schedule(b"Plan,ZIP,First day,Services\nself-pay,98101,2026-12-01,97110\n", "day.csv")[0]

    assert "2026-12-01" == row.cells["first_day"]


def test_every_mistake_of_the_header_is_told_at_once() -> None:
    """Missing, unknown and repeated columns."""
    assert [
        "day.csv:1: services: Add a column services.",
        f"day.csv:1: 'patient_name': Take this column out; the columns are {', '.join(NAMES)}.",
        "day.csv:1: zip: Keep one column zip.",
    ] == refused(b"plan,zip,zip,first_day,patient name\na,b,c,d,e\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", NO_ROWS),
        (b"\xff\xfe\x00", "day.csv:1: Save the file as CSV in UTF-8; this is not text."),
        (HEADER.encode(), NO_ROWS),
        (f"{HEADER}\na,b,c,d,e,f\n".encode(), NO_COLUMN),
        (f"{HEADER}\n{'a' * 501},b,c,d,e\n".encode(), "day.csv:2: Write at most 500 characters in a cell."),
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

    assert MOST_ROWS == len(read_schedule(most, "day.csv"))
    assert ["day.csv: Send at most 20,000 rows at once; this file has 20,001."] == refused(most + row.encode())


def test_a_workbook_is_read_with_its_days_and_the_zero_it_drops() -> None:
    """Excel takes 02134 for a number."""
    rows = [["plan", "zip", "first_day", "services", "visits"], ["self-pay", "2134", "2026-12-01", "97110", "2"]]
    row = read_schedule(workbook(rows, numbers=[1, 4]), "day.xlsx")[0]

    assert ("02134", "2026-12-01", "2") == (row.cells["zip"], row.cells["first_day"], row.cells["visits"])


def test_the_example_of_each_column_makes_a_row_without_a_problem() -> None:
    """The template that is offered is one that is taken."""
    header = ",".join(column.name for column in COLUMNS)
    row = ",".join(column.example for column in COLUMNS)

    assert 1 == len(read_schedule(f"{header}\n{row}\n".encode(), "template.csv"))
