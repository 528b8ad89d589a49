"""Damaged and hostile files are refused with file, row and a sentence, and cost little."""

import zipfile
from pathlib import Path

import pytest

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.marketplace import files
from estimator.plans.marketplace.plans import read_marketplace
from tests.plans.marketplace_files import BENEFIT_COLUMNS, PLAN_COLUMNS, every_benefit, pair, plan, text_of, zipped

NAME = "benefits-and-cost-sharing-puf.csv"


def problems(benefits: Path, attributes: Path) -> tuple[Problem, ...]:
    """Return why a pair is refused."""
    with pytest.raises(PlanFileRefused) as refusal:
        read_marketplace(benefits, attributes)
    return refusal.value.problems


def with_benefits(folder: Path, text: str | bytes) -> tuple[Path, Path]:
    """Return a sound pair whose benefits are replaced by this text."""
    _, attributes = pair(folder)
    return zipped(folder / "b.zip", NAME, text), attributes


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    """A download that broke off is no whole zip."""
    benefits, attributes = pair(tmp_path)
    benefits.write_bytes(benefits.read_bytes()[:-40])
    (problem,) = problems(benefits, attributes)

    assert ("benefits.zip", "This is no whole zip file: download it again.") == (problem.file, problem.message)


def test_a_zip_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    """The checksum of the table does not fit any more."""
    benefits, attributes = pair(tmp_path)
    content = bytearray(benefits.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 30] = b"\0" * 30
    benefits.write_bytes(content)
    (problem,) = problems(benefits, attributes)

    assert problem.file.startswith("benefits.zip")
    assert problem.message


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """The two files the wrong way round are the commonest mistake."""
    benefits, attributes = pair(tmp_path)
    (problem,) = problems(attributes, benefits)

    assert "These columns are missing" in problem.message
    assert "PlanType" in problem.message


@pytest.mark.parametrize("renamed", ["CopayInnTier1", "CoinsOutofNet", "CopayInnTier2"])
def test_a_cost_column_that_a_new_year_renames_is_told_by_name(tmp_path: Path, renamed: str) -> None:
    """Read as blank it would make every plan's share unknown, or free."""
    text = text_of(BENEFIT_COLUMNS, every_benefit()).replace(renamed, f"{renamed}New", 1)
    (problem,) = problems(*with_benefits(tmp_path, text))

    assert f"These columns are missing: {renamed}. Were they renamed?" in problem.message


@pytest.mark.parametrize("renamed", ["TEHBDedInnTier1FamilyPerPerson", "MEHBOutOfNetIndividualMOOP"])
def test_a_ceiling_column_that_a_new_year_renames_is_told_by_name(tmp_path: Path, renamed: str) -> None:
    """A plan without its maximum would look as if it had none."""
    benefits, _ = pair(tmp_path)
    text = text_of(PLAN_COLUMNS, [plan()]).replace(renamed, f"{renamed}New", 1)
    (problem,) = problems(benefits, zipped(tmp_path / "new.zip", "Plan_Attributes_PUF.csv", text))

    assert f"These columns are missing: {renamed}. Were they renamed?" in problem.message


def test_the_files_of_the_next_year_are_read_as_soon_as_they_are_there(tmp_path: Path) -> None:
    """The year is that of the rows."""
    rows = [{**row, "BusinessYear": "2027"} for row in every_benefit()]
    (listed,) = read_marketplace(*pair(tmp_path, [plan(BusinessYear="2027")], rows)).definitions()

    assert {"first_day": "2027-01-01", "last_day": "2027-12-31"} == listed.definition["in_force"]


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Which of both would count nobody can know."""
    header, rest = text_of(BENEFIT_COLUMNS, every_benefit()).split("\r\n", 1)
    (problem,) = problems(*with_benefits(tmp_path, f"{header},PLAN ID\r\n{rest}"))

    assert "stand twice: PlanId" in problem.message


def test_two_files_of_different_years_are_refused(tmp_path: Path) -> None:
    """Plans of one year under the cost shares of another would be believed."""
    (problem,) = problems(*pair(tmp_path, [plan(BusinessYear="2025")]))

    assert "import two files of the same year" in problem.message


def test_every_garbage_row_is_named(tmp_path: Path) -> None:
    """One bad row does not hide the next, and no row is lost silently."""
    lines = text_of(BENEFIT_COLUMNS, every_benefit()).split("\r\n")
    lines.insert(2, "garbage")
    lines.insert(5, lines[1].replace("12345WA0010001-01", "no plan"))
    lines.insert(6, lines[1].replace("2026", "2024"))
    found = problems(*with_benefits(tmp_path, "\r\n".join(lines)))

    assert [3, 6, 7] == [problem.line for problem in found]
    assert "This row has 1 cells, the header 24" in found[0].message
    assert "'no plan' is no plan id" in found[1].message
    assert "This row is of 2024, the rows before of 2026" in found[2].message


def test_rows_that_stand_twice_are_refused(tmp_path: Path) -> None:
    """Which of both would count nobody can know."""
    found = problems(*pair(tmp_path, [plan(), plan()]))
    again = problems(*pair(tmp_path, benefits=[*every_benefit(), every_benefit()[0]]))

    assert ["12345WA0010001-01 stands in row 2 already: remove one."] == [problem.message for problem in found]
    assert "in row 2 already" in again[0].message


def test_a_cell_of_a_million_characters_is_refused(tmp_path: Path) -> None:
    """No cell of an official file comes near it."""
    rows = every_benefit(Explanation="x" * 1_000_000)
    (problem,) = problems(*pair(tmp_path, benefits=rows))

    assert (2, True) == (problem.line, "cannot be read as csv" in problem.message)


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    """A gigabyte of one letter shrinks to a thousandth of its size, an official file to a thirtieth."""
    bomb = b"x" * 12_000_000
    (problem,) = problems(*with_benefits(tmp_path, bomb))

    assert "more than 60 times its size" in problem.message


def test_a_table_beyond_the_most_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size that the zip names is looked at before anything is read."""
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    (problem,) = problems(*pair(tmp_path))

    assert "the most is 1,000" in problem.message


def test_a_zip_of_several_tables_must_name_the_right_one(tmp_path: Path) -> None:
    """The one with the word in its name is read; two of them are too many."""
    benefits, attributes = pair(tmp_path)
    with zipfile.ZipFile(benefits, "a") as archive:
        archive.writestr("readme.txt", "hello")
    read_marketplace(benefits, attributes)
    with zipfile.ZipFile(benefits, "a") as archive:
        archive.writestr("old-benefits.csv", "hello")
    (problem,) = problems(benefits, attributes)

    assert "holds 3 tables" in problem.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        ((",".join(BENEFIT_COLUMNS) + "\r\n").encode(), "a header and no rows"),
        ((",".join(BENEFIT_COLUMNS) + "\r\n\xff\xfe").encode("latin-1"), "no text in UTF-8"),
    ],
)
def test_an_empty_table_and_one_that_is_no_text_are_refused(tmp_path: Path, text: bytes, said: str) -> None:
    """Each is told for what it is."""
    (problem,) = problems(*with_benefits(tmp_path, text))

    assert said in problem.message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """As is one that nobody may read."""
    _, attributes = pair(tmp_path)
    (problem,) = problems(tmp_path / "nowhere.csv", attributes)

    assert "cannot be opened" in problem.message


def test_a_plain_csv_needs_a_day(tmp_path: Path) -> None:
    """A zip carries the day of its table; the same definitions come out on every later day."""
    first, second = tmp_path / "b.csv", tmp_path / "a.csv"
    first.write_text(text_of(BENEFIT_COLUMNS, every_benefit()), "utf-8")
    second.write_text(text_of(PLAN_COLUMNS, [plan()]), "utf-8")

    assert "on which day it was read" in problems(first, second)[0].message


def test_a_file_of_dental_plans_only_is_refused(tmp_path: Path) -> None:
    """There is nothing in it for us."""
    (problem,) = problems(*pair(tmp_path, [plan(DentalOnlyPlan="Yes")]))

    assert "no medical plan" in problem.message
