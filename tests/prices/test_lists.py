"""The clinic's lists in every form that they come in: CSV, Excel, and kept in a database."""

from datetime import date

import pytest

from estimator.prices.store import COLUMNS, Kind, cells_of, entries_of, kept_rows, read_list_file
from tests.prices.cms.official import workbook

DAY = date(2026, 3, 2)
LISTS = {
    Kind.CONTRACT: [
        ["acme", "97110", "38.5", "per-unit", "2026-01-01", "2026-12-31"],
        ["acme", "*", "95", "per-visit"],
    ],
    Kind.SELF_PAY: [["20561", "75", "per-line", "", "2026-12-31"], ["97110", "45.25", "per-unit"]],
    Kind.FACTORS: [["senior", "115.5%", "45", "2026-01-01"], ["new", "90%"]],
}


def as_csv(kind: Kind, rows: list[list[str]]) -> bytes:
    """Return the rows as CSV under the header of their kind."""
    return "\n".join(",".join(row) for row in [COLUMNS[kind], *rows]).encode()


@pytest.mark.parametrize("kind", Kind)
def test_a_workbook_is_read_as_the_same_csv_is(kind):
    """Codes and amounts are numbers there, and a day may have a midnight behind it."""
    rows = [[f"{cell} 00:00:00" if cell.startswith("2026-") else cell for cell in row] for row in LISTS[kind]]
    book = workbook([list(COLUMNS[kind]), *rows], numbers=[1, 2] if kind is Kind.CONTRACT else [])

    assert read_list_file(kind, as_csv(kind, LISTS[kind]), "list", DAY) == read_list_file(kind, book, "list", DAY)
    assert 2 == len(read_list_file(kind, book, "list", DAY)[0])


@pytest.mark.parametrize("kind", Kind)
def test_a_kept_list_comes_back_as_it_was_read(kind):
    """With lines, days and the name of its file."""
    entries, _ = read_list_file(kind, as_csv(kind, LISTS[kind]), "list.csv", DAY)

    assert entries == entries_of(kept_rows(kind, entries), "list.csv", DAY)


def test_mistakes_in_a_workbook_have_their_row():
    """As those of a CSV file."""
    book = workbook([list(COLUMNS[Kind.SELF_PAY]), ["97110", "4x", "per-hour"]])
    _, problems = read_list_file(Kind.SELF_PAY, book, "list.xlsx", DAY)

    assert [
        "list.xlsx:2: amount: Enter an amount such as 38.08, not '4x'.",
        "list.xlsx:2: basis: Enter per-unit, per-line or per-visit, not 'per-hour'.",
    ] == [str(problem) for problem in problems]


def test_what_only_begins_like_a_workbook_is_refused_in_words():
    """And breaks nothing."""
    entries, [problem] = read_list_file(Kind.CONTRACT, b"PK\x03\x04 nothing", "list.xlsx", DAY)

    assert () == entries
    assert "list.xlsx" == problem.file
    assert problem.message


def test_every_mistake_in_factors_is_told_at_once():
    """A bare number could be a part or a percentage."""
    rows = "old,115%,\nsenior,1.15,\nnew,9%,\nsenior,501%,2026-1-1\nsenior,10%,\nnew,500%,\n"
    entries, problems = read_list_file(Kind.FACTORS, f"experience,percent,first_day\n{rows}".encode(), "f.csv", DAY)
    words = "percent: Enter a percentage from 10% to 500% such as 115%, as text, not"

    assert [
        "f.csv:2: experience: Enter new, standard, senior, not 'old'.",
        f"f.csv:3: {words} '1.15'.",
        f"f.csv:4: {words} '9%'.",
        f"f.csv:5: {words} '501%'.",
        "f.csv:5: first_day: Enter a day such as 2026-01-31 or 1/31/2026, not '2026-1-1'.",
    ] == [str(problem) for problem in problems]
    assert [("", "senior"), ("", "new")] == [entry.subject for entry in entries]
    assert ["10%", "500%"] == [cells_of(entry)["percent"] for entry in entries]


def test_two_factors_for_the_same_days_are_a_mistake():
    """Which of them holds would be a guess."""
    _, [problem] = read_list_file(Kind.FACTORS, b"experience,percent\nsenior,115%\nsenior,120%\n", "f.csv", DAY)

    assert "f.csv:3: first_day: End the price of senior in line 2 before this one begins." == str(problem)
