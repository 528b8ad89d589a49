"""The folder of plans: what its files share, which plan is in force, and files that change."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from estimator.errors import PlanFileRefused, PlanNotInForce, UnknownPlan
from estimator.plans.folder import Library, library
from estimator.plans.lint import lint_library
from estimator.plans.shelf import Wanted, folder_shelf
from estimator.settings import plans_folder
from tests.plans.sample import SAMPLE

POLICY = """policy: evergreen-dry-needling
payer: Evergreen
services: [dry-needling]
position: excluded
cite: booklet p. 3
"""
SOURCES = "booklet: {title: Booklet, url: none, read_on: 2026-11-20, confidence: high}\n"
NEXT_YEAR = (
    ("in_force: {first_day: 2026-01-01, last_day: 2026-12-31}", "in_force: {first_day: 2027-01-01}"),
    ("copay: 40.00", "copay: 45.00"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one plan, one policy and one shared source."""
    home = tmp_path / "plans"
    (home / "_policies").mkdir(parents=True)
    (home / "evergreen").mkdir()
    shutil.copy(plans_folder() / "_services.yaml", home)
    (home / "_sources.yaml").write_text(SOURCES, "utf-8")
    (home / "_policies" / "evergreen.yaml").write_text(POLICY, "utf-8")
    (home / "evergreen" / "silver.yaml").write_text(SAMPLE, "utf-8")
    return home


def write(path: Path, *changes: tuple[str, str]) -> None:
    """Enter the sample with changes, later than whatever stood there."""
    text = SAMPLE
    for old, new in changes:
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000))


def test_the_catalogue_lists_every_plan_by_its_head(folder: Path) -> None:
    """Shared files are no plans."""
    (heading,) = library(folder).catalogue()

    assert ("evergreen-ppo-silver", "Evergreen PPO Silver 2500", "Evergreen Health Plan", "example", "marketplace") == (
        heading.id,
        heading.title,
        heading.payer,
        heading.kind,
        heading.market,
    )
    assert date(2026, 12, 31) in heading.in_force


def test_a_head_is_read_however_it_is_laid_out(folder: Path) -> None:
    """Comments, block style and the order of keys do not matter; a file without a head is left out."""
    write(
        folder / "evergreen" / "silver.yaml",
        ("in_force: {first_day: 2026-01-01, last_day: 2026-12-31}\n", ""),
        (
            "policies:",
            "in_force:\n  # a year\n  first_day: 2026-01-01\n\n  last_day: 2026-12-31\nstates: [WA]\npolicies:",
        ),
    )
    (folder / "notes.yaml").write_text("- no plan\n", "utf-8")

    (heading,) = library(folder).catalogue()

    assert (("WA",), date(2026, 1, 1)) == (heading.states, heading.in_force.first_day)


def test_the_revision_in_force_on_the_day_is_found(folder: Path) -> None:
    """Two files hold one plan, each for its year."""
    write(folder / "evergreen" / "silver-2027.yaml", *NEXT_YEAR)
    shelf = folder_shelf(folder)

    found = [shelf.find("evergreen-ppo-silver", date(year, 6, 1)) for year in (2026, 2027, 2040)]

    assert [date(2026, 1, 1), date(2027, 1, 1), date(2027, 1, 1)] == [plan.in_force.first_day for plan in found]
    assert [] == lint_library(library(folder))


def test_a_plan_of_the_folder_that_crosswalks_may_name_goes_on_in_the_next_year(folder: Path) -> None:
    """Its id is a Medicare Advantage plan's; a folder has no crosswalks, so that its own next revision follows."""
    named = ("plan: evergreen-ppo-silver", "plan: h1234-001-0-tx")
    write(folder / "evergreen" / "silver.yaml", named)
    write(folder / "evergreen" / "silver-2027.yaml", named, *NEXT_YEAR)
    shelf = folder_shelf(folder)
    plan = shelf.find("h1234-001-0-tx", date(2026, 12, 1))

    following = shelf.after(plan, date(2027, 1, 4))

    assert following is not None
    assert date(2027, 1, 1) == following.in_force.first_day


def test_a_file_that_is_no_utf_8_text_is_left_out(folder: Path) -> None:
    """The other plans answer as before, and its own check says how to save it."""
    path = folder / "evergreen" / "gold.yaml"
    title = "title: Evergreen Garantía"
    text = SAMPLE.replace("evergreen-ppo-silver", "evergreen-gold").replace("title: Evergreen PPO Silver 2500", title)
    path.write_text(text, "latin-1")
    shelf = folder_shelf(folder)

    assert ["evergreen-ppo-silver"] == [row.plan_id for row in shelf.search(Wanted())]
    with pytest.raises(PlanFileRefused) as refusal:
        library(folder).read_file(path)
    assert "Save the file as UTF-8 text." == refusal.value.problems[0].message


def test_a_day_without_a_revision_is_told_with_the_nearest(folder: Path) -> None:
    """Anyone who asks sees which days there are."""
    write(folder / "evergreen" / "silver-2027.yaml", *NEXT_YEAR)

    with pytest.raises(PlanNotInForce) as refusal:
        folder_shelf(folder).find("evergreen-ppo-silver", date(2025, 12, 31))

    assert (date(2026, 1, 1), date(2026, 12, 31)) == (refusal.value.first_day, refusal.value.last_day)


def test_an_unknown_plan_is_told_by_its_name(folder: Path) -> None:
    """The name is kept for the sentence."""
    with pytest.raises(UnknownPlan) as refusal:
        folder_shelf(folder).find("evergreen", date(2026, 6, 1))

    assert "evergreen" == refusal.value.plan


def test_a_file_is_read_once_until_it_changes(folder: Path) -> None:
    """A corrected rule counts without a restart."""
    path, day = folder / "evergreen" / "silver.yaml", date(2026, 6, 1)
    first = folder_shelf(folder).find("evergreen-ppo-silver", day)
    again = folder_shelf(folder).find("evergreen-ppo-silver", day)
    write(path, ("copay: 40.00", "copay: 45.00"))

    changed = folder_shelf(folder).find("evergreen-ppo-silver", day)

    assert first is again
    assert first.fingerprint != changed.fingerprint


def test_a_shared_file_that_changes_is_read_again(folder: Path) -> None:
    """Plans that name a policy follow it."""
    first = folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1))
    (folder / "_policies" / "evergreen.yaml").write_text(POLICY.replace("excluded", "investigational"), "utf-8")

    changed = folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1))

    assert ["excluded", "investigational"] == [str(plan.policies[0].position) for plan in (first, changed)]
    assert first.fingerprint != changed.fingerprint


def test_problems_and_citations_name_files_from_the_plans_folder_on(folder: Path) -> None:
    """No path of a machine reaches a reader."""
    plan = folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1))
    limit, policy = plan.limits["therapy-visits"].citation, plan.policies[0].citation

    assert ("plans/evergreen/silver.yaml", "plans/_policies/evergreen.yaml") == (
        limit and limit.file,
        policy and policy.file,
    )


def test_the_sources_of_a_plan_are_its_own_and_those_that_it_cites(folder: Path) -> None:
    """A policy brings its source along."""
    plan = folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1))

    assert {"eoc", "booklet"} == set(plan.sources)


def test_mistakes_in_a_policy_stop_the_plans_that_name_it_and_no_others(folder: Path) -> None:
    """Its problems carry its own file and line."""
    (folder / "_policies" / "evergreen.yaml").write_text(POLICY.replace("excluded", "exclude"), "utf-8")
    write(folder / "other.yaml", ("plan: evergreen", "plan: other"), ("policies: [evergreen-dry-needling]\n", ""))
    shelf = folder_shelf(folder)

    with pytest.raises(PlanFileRefused) as refusal:
        shelf.find("evergreen-ppo-silver", date(2026, 6, 1))

    problems = [
        "plans/_policies/evergreen.yaml:4: position: Enter covered, covered-in-therapy, bundled, investigational, "
        "not-medically-necessary, excluded or unknown, not 'exclude'. Did you mean 'excluded'?"
    ]
    assert problems == [str(problem) for problem in refusal.value.problems]
    assert problems == [str(problem) for problem in library(folder).shared_problems()]
    assert "other-ppo-silver" == shelf.find("other-ppo-silver", date(2026, 6, 1)).id


def test_several_policies_stand_in_one_file_each_under_its_own_name(folder: Path) -> None:
    """The same name twice is told with the place of the first."""
    (folder / "_policies" / "evergreen.yaml").write_text(f"{POLICY}---\n{POLICY}---\n- odd\n", "utf-8")

    assert [
        "plans/_policies/evergreen.yaml:7: policy: "
        "This policy stands in plans/_policies/evergreen.yaml:1 already: choose another name.",
        "plans/_policies/evergreen.yaml:13: Enter a block of keys here.",
    ] == [str(problem) for problem in library(folder).shared_problems()]


def test_a_policy_keeps_its_place_whatever_file_it_is_in(folder: Path) -> None:
    """Files may be renamed, and the fingerprint stays."""
    first = folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1))
    (folder / "_policies" / "evergreen.yaml").rename(folder / "_policies" / "renamed.yaml")

    assert first.fingerprint == folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1)).fingerprint


@pytest.mark.parametrize("name", ["_services.yaml", "_sources.yaml"])
def test_a_shared_file_that_cannot_be_read_stops_every_plan(folder: Path, name: str) -> None:
    """Nothing is read with half of its names."""
    (folder / name).write_text("a: b: c\n", "utf-8")

    with pytest.raises(PlanFileRefused) as refusal:
        folder_shelf(folder).find("evergreen-ppo-silver", date(2026, 6, 1))

    assert f"plans/{name}:1: This is not YAML: mapping values are not allowed in this context." in [
        str(problem) for problem in refusal.value.problems
    ]


def test_revisions_for_the_same_days_are_told(folder: Path) -> None:
    """Which of them counts would be a guess."""
    write(folder / "evergreen" / "silver-again.yaml", ("2026-01-01, last", "2026-07-01, last"))

    assert [
        "plans/evergreen/silver.yaml:7: in_force: "
        "plans/evergreen/silver-again.yaml has the same plan on some of these days: part them, or rename one."
    ] == [str(problem) for problem in lint_library(library(folder))]


def test_a_folder_without_the_law_of_the_states_is_refused(folder: Path) -> None:
    """Silence would read as permission."""
    with pytest.raises(PlanFileRefused) as refusal:
        _ = library(folder).states

    assert ["plans/_states.yaml: This file is missing: without it nobody knows where needling is forbidden."] == [
        str(problem) for problem in refusal.value.problems
    ]


def test_a_file_of_elsewhere_is_read_with_what_the_folder_shares(folder: Path, tmp_path: Path) -> None:
    """A clinic checks a file before it puts it there."""
    path = tmp_path / "mine.yaml"
    write(path)

    read = Library(folder).read_file(path)

    assert path.as_posix() == read.file
    assert ["evergreen-dry-needling"] == [policy.name for policy in read.plan.policies]
