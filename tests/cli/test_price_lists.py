"""The commands that bring a clinic's own prices in, as a person runs them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estimator.cli.prices import import_

CONTRACT = "plan,code,amount,basis,first_day,last_day\nHumana,97110,40.00,per-unit,2026-01-01,2026-12-31\n"
RISE = CONTRACT + "Humana,97110,42.10,per-unit,2027-02-01,\n"
SIGNED = ("--activate", "--by", "Ana", "--note", "contract of 2027")


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a test publishes to itself."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))


def run(tmp_path: Path, kind: str, text: str, *words: str) -> Result:
    """Run a command on a file of this text."""
    (tmp_path / "list.csv").write_text(text)
    return CliRunner().invoke(import_, [kind, str(tmp_path / "list.csv"), *words], catch_exceptions=False)


def test_a_dry_run_tells_the_rows_and_publishes_nothing(tmp_path: Path) -> None:
    """Not even a database is made."""
    told = run(tmp_path, "contract", CONTRACT)

    assert (0, "list.csv: 1 rows.") == (told.exit_code, told.stdout.splitlines()[0])
    assert "1 new, 0 gone, 0 changed, 0 the same." in told.stdout
    assert "Nothing was published" in told.stdout
    assert not (tmp_path / "kept").exists()


def test_a_dry_run_after_a_publication_tells_what_would_change(tmp_path: Path) -> None:
    """The rise, and the month that nothing prices."""
    assert "Active now: list 1." in run(tmp_path, "contract", CONTRACT, *SIGNED).stdout
    assert "It is active already." in run(tmp_path, "contract", CONTRACT, *SIGNED).stdout
    days = "[2026-01-01 to 2026-12-31]"
    told = run(tmp_path, "contract", RISE.replace("40.00", "38.00")).stdout

    assert "1 new, 0 gone, 1 changed, 0 the same." in told
    assert f"Humana 97110 40.00 per-unit {days} → 38.00 per-unit {days} (-5.0%)" in told
    assert "Worth a look: Humana 97110 has no price from 2027-01-01 to 2027-01-31." in told


def test_a_file_with_mistakes_or_without_a_reason_is_refused(tmp_path: Path) -> None:
    """Exit status 2, with every mistake at its line."""
    wrong = run(tmp_path, "self-pay", "code,amount,basis\nx,y,z\n", *SIGNED)
    unsigned = run(tmp_path, "factors", "experience,percent\nsenior,120%\n", "--activate")

    assert (2, 2) == (wrong.exit_code, unsigned.exit_code)
    assert ["list.csv:2: code", "list.csv:2: amount", "list.csv:2: basis"] == [
        line.rpartition(": Enter")[0] for line in wrong.stderr.splitlines()
    ]
    assert "Enter who publishes." in unsigned.stderr
