"""The commands `estimator db …`, from the first database to a backup brought back."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL

from estimator.cli.admin import db


@pytest.fixture(autouse=True)
def chosen(address: URL, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands mean the database and the folder of this test."""
    monkeypatch.setenv("DATABASE_URL", address.render_as_string(hide_password=False))
    monkeypatch.setenv("ESTIMATOR_PLANS", str(folder))


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(db, [str(word) for word in words])


def test_the_commands_from_nothing_to_a_backup(tmp_path: Path) -> None:
    """Each says in a line what it did."""
    path = tmp_path / "kept.gz"

    assert "6 plans published, 0 withdrawn.\n" == run("upgrade").output
    assert "The database is up to date.\n" == run("upgrade").output
    assert "Plans     6 active" in run("status").output
    assert "0 saved estimates removed, 0 given ones.\n" == run("purge").output
    assert f"14 rows written to {path}.\n" == run("backup", path).output
    assert f"14 rows read from {path}.\n" == run("restore", path, "--replace").output


def test_what_stops_a_command_is_a_sentence(tmp_path: Path) -> None:
    """With exit status 2, and nothing of how the program is made."""
    path = tmp_path / "kept.gz"
    run("upgrade")
    run("backup", path)
    (tmp_path / "damaged.gz").write_bytes(path.read_bytes()[:-9])

    for words, sentence in (
        (("restore", path), "Add --replace to put the backup in their place."),
        (("restore", tmp_path / "damaged.gz", "--replace"), "The database was left as it was."),
        (("restore", tmp_path / "nowhere.gz", "--replace"), "It cannot be read"),
        (("backup", tmp_path / "nowhere" / "kept.gz"), "It cannot be written"),
    ):
        result = run(*words)

        assert 2 == result.exit_code
        assert sentence in result.output
        assert "Traceback" not in result.output


def test_before_the_first_upgrade_the_command_is_named(tmp_path: Path) -> None:
    """A backup of nothing would look like one of something."""
    result = run("backup", tmp_path / "kept.gz")

    assert 2 == result.exit_code
    assert "estimator db upgrade" in result.output
    assert "Version   none" in run("status").output
    assert not (tmp_path / "kept").exists()


def test_mistakes_in_the_folder_are_told(folder: Path) -> None:
    """With file and line; the rest is published."""
    path = folder / "templates" / "medicaid.yaml"
    path.write_text(path.read_text("utf-8").replace("market: medicaid", "market: lunar"), "utf-8")
    result = run("upgrade")

    assert 0 == result.exit_code
    assert "plans/templates/medicaid.yaml:" in result.output
    assert "5 plans published" in result.output
