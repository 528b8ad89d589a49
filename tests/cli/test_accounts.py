"""The commands `estimator accounts …`: the first administrator, and everything that pages can do as well."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estimator.cli import main
from tests.databases import migrated_at

PASSWORD = "four blue herons"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands mean a database of this test, without plans."""
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))
    migrated_at(tmp_path / "estimator.db", migrated_file)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["accounts", *words], input=typed)


def test_the_first_administrator_is_made_by_a_command() -> None:
    """The password is asked for twice, and shows nowhere."""
    before = run("list").output
    made = run("add", "Ana", "--role", "admin", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert "There is no account yet. Make the first: estimator accounts add NAME --role admin\n" == before
    assert 0 == made.exit_code
    assert PASSWORD not in made.output
    assert "admin    ana\n" == run("list").output


def test_two_passwords_that_differ_are_asked_for_again() -> None:
    """A typing mistake locks nobody out."""
    typed = f"{PASSWORD}\nanother one here\n{PASSWORD}\n{PASSWORD}\n"

    assert 0 == run("add", "ana", "--role", "admin", typed=typed).exit_code


def test_a_password_can_come_from_another_program() -> None:
    """With its first line, so that a file may end in one."""
    made = run("add", "ana", "--role", "billing", "--password-stdin", typed=f"{PASSWORD}\n")

    assert "ana may sign in at /staff/ with the role billing.\n" == made.output


def test_every_mistake_is_told_with_exit_status_two() -> None:
    """In a sentence each."""
    refused = run("add", "a", "--role", "admin", "--password-stdin", typed="short\n")

    assert 2 == refused.exit_code
    assert ["name", "password"] == [line.partition(":")[0] for line in refused.output.splitlines()]


def test_an_account_is_changed_and_disabled_by_commands() -> None:
    """The last administrator is kept."""
    run("add", "ana", "--role", "admin", "--password-stdin", typed=PASSWORD)
    run("add", "ben", "--role", "viewer", "--password-stdin", typed=PASSWORD)
    said = [
        run("set-role", "ben", "--role", "rules").output,
        run("set-password", "ben", "--password-stdin", typed="nine red foxes run").output,
        run("disable", "ben").output,
        run("enable", "ben").output,
        run("disable", "ana").output,
        run("disable", "cal").output,
    ]

    assert [
        "ben has the role rules now.\n",
        "ben has another password now, and is signed out everywhere.\n",
        "ben is disabled, and signed out everywhere.\n",
        "ben may sign in again.\n",
        "name: ana is the last administrator. Give another account the role admin first.\n",
        "name: There is no account “cal”.\n",
    ] == said


def test_only_the_owner_of_the_machine_reads_the_file(tmp_path: Path) -> None:
    """Hashes of passwords stand in it."""
    assert "0o600" == oct((tmp_path / "estimator.db").stat().st_mode & 0o777)
