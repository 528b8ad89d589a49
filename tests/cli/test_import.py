"""The commands that import official files, as a person runs them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estimator.cli.prices import import_
from tests.plans import pbp_files
from tests.plans.marketplace_files import every_benefit, pair, plan


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a test publishes to itself."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))


def run(*words: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(import_, [str(word) for word in words], catch_exceptions=False)


def test_a_dry_run_tells_what_was_read_and_publishes_nothing(tmp_path: Path) -> None:
    """Without a database it says how to make one."""
    told = run("marketplace", *pair(tmp_path, benefits=every_benefit(Explanation="Excludes moonlight.")))

    assert 0 == told.exit_code
    assert "1  medical plans read" in told.stdout
    assert "Evergreen Health: 0 sentences understood, 1 kept as a quote" in told.stdout
    assert "estimator db upgrade" in told.stdout
    assert not (tmp_path / "kept").exists()


def test_activate_publishes_and_a_later_dry_run_compares(tmp_path: Path) -> None:
    """Both name their numbers."""
    files = pair(tmp_path)

    assert "1 plans published, 0 unchanged, 0 withdrawn." in run("marketplace", *files, "--activate").stdout
    assert "0 new, 0 changed, 1 the same, 0 gone." in run("marketplace", *files).stdout
    assert "0 plans published, 1 unchanged" in run("marketplace", *files, "--activate").stdout


def test_the_catalogue_that_ships_is_written_on_request(tmp_path: Path) -> None:
    """Twice the same."""
    files = pair(tmp_path)
    told = run("marketplace", *files, "--write-catalogue", tmp_path / "out")
    written = (tmp_path / "out" / "marketplace-2026.jsonl.xz").read_bytes()
    run("marketplace", *files, "--write-catalogue", tmp_path / "out")

    assert "marketplace-2026.jsonl.xz" in told.stdout
    assert written == (tmp_path / "out" / "marketplace-2026.jsonl.xz").read_bytes()


def test_a_damaged_file_ends_with_its_sentence(tmp_path: Path) -> None:
    """Exit status 2, and no stack of lines."""
    benefits, attributes = pair(tmp_path)
    benefits.write_bytes(b"PK nothing")
    told = run("marketplace", benefits, attributes, "--activate")

    assert (2, "benefits.zip: This is no whole zip file: download it again.") == (
        told.exit_code,
        told.stderr.splitlines()[-1],
    )


def test_refused_plans_are_listed_with_their_rows(tmp_path: Path) -> None:
    """The first twenty of them."""
    plans = [plan(PlanId=f"12345WA001{number:04}-01") for number in range(30)]
    told = run("marketplace", *pair(tmp_path, plans, every_benefit("12345WA0010000-01")))

    assert "29  refused" in told.stdout
    assert "… and 9 more." in told.stderr


def test_the_medicare_advantage_table_needs_its_year_and_day(tmp_path: Path) -> None:
    """The table itself carries neither."""
    path = tmp_path / "plans.csv"
    path.write_text("state\nOhio\n", "utf-8")

    assert 2 == run("medicare-advantage", path).exit_code
    told = run("medicare-advantage", path, "--year", 2026, "--read-on", "2026-11-23")
    assert (2, True) == (told.exit_code, "columns are missing" in told.stderr)


def test_the_official_benefit_file_of_medicare_advantage_is_read_compared_and_published(tmp_path: Path) -> None:
    """A dry run first; then the plans are active; then nothing differs."""
    file = pbp_files.benefit_zip(tmp_path, pbp_files.tables(pbp_files.PPO, pbp_files.HMO))
    dry = run("medicare-advantage-pbp", file)

    assert 0 == dry.exit_code
    assert "CMS PBP Benefits 2027, Medicare Advantage plans, pbp-benefits-2027.zip" in dry.stdout
    assert "2  plans read" in dry.stdout
    assert "2  left open: 7d" in dry.stdout
    assert "2 plans published, 0 unchanged, 0 withdrawn." in run("medicare-advantage-pbp", file, "--activate").stdout
    assert "0 new, 0 changed, 2 the same, 0 gone." in run("medicare-advantage-pbp", file).stdout


def test_a_benefit_file_without_a_column_names_it(tmp_path: Path) -> None:
    """Exit status 2: nothing is guessed."""
    text = pbp_files.written([pbp_files.PPO], ["pbp_a_plan_type"])
    file = pbp_files.benefit_zip(tmp_path, pbp_files.tables(pbp_files.PPO), pbp_Section_A=text)
    told = run("medicare-advantage-pbp", file)

    assert 2 == told.exit_code
    assert "pbp_Section_A.txt:1: These columns are missing: pbp_a_org_marketing_name" in told.stderr
