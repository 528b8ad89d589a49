"""The command `estimator schedule`: a file in, what each row needs out."""

import json
from pathlib import Path

from click.testing import CliRunner

from estimator.cli import main

EXPORT = """Clinic schedule for Dec 1

Patient,Chart No,Date of Service,Primary Insurance,Therapist,CPT,DX,Auth Visits,Auth Used,Copay
Somebody,A-1,12/01/2026,Employer HMO,Therapist 1,"97110 x2, 97140",M5450,12,12,40
Somebody,A-2,1-Dec-26,UHC,Therapist 2,97110,M54.50,,,40
"""


def printed(tmp_path: Path, *options: str) -> str:
    """Return what the command prints of the export."""
    file = tmp_path / "day.csv"
    file.write_bytes(EXPORT.encode("utf-16"))
    return CliRunner().invoke(main, ["schedule", str(file), "--zip", "60614", *options], catch_exceptions=False).stdout


def test_every_row_is_answered_or_asked_about(tmp_path: Path) -> None:
    """With the columns that were read, and those that were not."""
    written = json.loads(printed(tmp_path))
    spent, asked = written["rows"]

    assert ("A-1", "authorization-spent") == (spent["label"], spent["needs"][0]["kind"])
    assert "30.00" == spent["collect_today"]
    assert spent["money_at_risk"] > "0.00"
    assert (None, "plan", "ask") == (
        asked["collect_today"],
        asked["questions"][0]["column"],
        asked["needs"][0]["kind"],
    )
    assert asked["questions"][0]["choices"]
    assert ["Patient", "Copay"] == written["not_read"]
    assert "first_day" == written["mapping"]["Date of Service"]
    assert "Somebody" not in json.dumps(written)


def test_the_text_says_what_to_do_row_by_row(tmp_path: Path) -> None:
    """For a person at the desk."""
    text = printed(tmp_path, "--text")

    assert "A-1 (row 4): collect $30.00 today" in text
    assert "Not authorized: 12 of 12 visits are used." in text
    assert "Not read: Patient, Copay" in text


def test_a_column_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    """With the columns there are."""
    file = tmp_path / "day.csv"
    file.write_text(EXPORT)
    outcome = CliRunner().invoke(main, ["schedule", str(file), "--map", "Copay=price"])

    assert 2 == outcome.exit_code
    assert "Enter HEADER=COLUMN" in outcome.stderr
