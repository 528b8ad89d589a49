"""The commands of the people who keep the plans: a change seen, published, listed and taken back."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estimator.cli import main
from estimator.plans.text import yaml_of
from tests.databases import migrated_at
from tests.db.sample import definition


@pytest.fixture(autouse=True)
def _in_a_database(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    migrated_at(tmp_path / "kept" / "estimator.db", migrated_file)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["plans", *words])


def test_a_plan_is_changed_and_changed_back_by_commands(tmp_path: Path) -> None:
    """Each command tells what the next one needs."""
    file, signed = tmp_path / "evergreen.yaml", ("--by", "Ana", "--note", "Booklet p. 12")
    file.write_text(yaml_of(definition()), "utf-8")
    first = run("publish", str(file), "--based-on", "none", *signed)
    file.write_text(yaml_of(definition(copay="45.00")), "utf-8")
    diff, impact = run("diff", "evergreen", str(file)), run("impact", str(file))
    stale = run("publish", str(file), "--based-on", "none", *signed)
    second = run("publish", str(file), "--based-on", "1", *signed)
    back = run("roll-back", "evergreen", "1", "--by", "Ben", "--note", "Misread")
    history = run("history", "evergreen").output

    assert "evergreen from 2026-01-01: revision 1 is active.\n" == first.output
    assert "+ Physical therapy, in network: you pay $45.00 a visit" in diff.output
    assert "Eight visits of exercise and manual therapy: $320.00" in impact.output
    assert (2, True) == (stale.exit_code, "in the meantime" in stale.stderr)
    assert (0, "evergreen from 2026-01-01: revision 2 is active.\n") == (second.exit_code, second.output)
    assert "revision 1 is active, in the place of 2" in back.output
    assert ["  2", "* 1"] == [line[:3] for line in history.splitlines()[:2]]
    assert "rolled-back 1 after 2  Ben  Misread" in history


def test_every_mistake_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    """As a check does."""
    file = tmp_path / "evergreen.yaml"
    file.write_text(yaml_of(definition(copay="many", benefit_year="never")), "utf-8")
    told = run("publish", str(file), "--based-on", "none", "--by", "Ana", "--note", "x")

    assert 2 == told.exit_code
    assert ["evergreen.yaml:7", "evergreen.yaml:13"] == [line.split(": ")[0] for line in told.stderr.splitlines()]


def test_a_base_is_a_number_or_none(tmp_path: Path) -> None:
    """Anything else is told."""
    told = run("publish", str(tmp_path / "a.yaml"), "--based-on", "last", "--by", "Ana", "--note", "x")

    assert (2, True) == (told.exit_code, "or none for a new plan, not 'last'" in told.stderr)


def test_a_plan_that_never_was_has_no_history() -> None:
    """The words are those of any unknown plan."""
    assert "There is no plan “nobodys”" in run("history", "nobodys").stderr
