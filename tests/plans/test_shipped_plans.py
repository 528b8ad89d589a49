"""The plan files that ship with the product are without mistakes, and quick to read."""

from datetime import date
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from estimator.errors import PlanFileRefused
from estimator.plans.folder import Library, library
from estimator.plans.lint import lint, lint_library
from estimator.plans.shelf import folder_shelf
from estimator.publishing.check import check_plans
from estimator.settings import plans_folder
from tests.plans.sample import SAMPLE

SHELF = library(plans_folder())


def test_what_plans_share_is_without_mistakes() -> None:
    """Services, sources, policies and states."""
    assert [] == [str(problem) for problem in SHELF.shared_problems()]
    assert SHELF.states


def test_every_shipped_plan_is_read_and_without_lint() -> None:
    """The files prove the reader, and the reader the files."""
    problems = []
    for path in SHELF.files():
        try:
            problems += lint(SHELF.read_file(path))
        except PlanFileRefused as refusal:
            problems += refusal.problems

    assert [] == [str(problem) for problem in problems + lint_library(SHELF)]


def test_every_shipped_plan_can_be_chosen_and_found() -> None:
    """Heads and whole files agree."""
    for heading in SHELF.catalogue():
        plan = folder_shelf(plans_folder()).find(heading.id, heading.in_force.first_day or date.min)

        assert (heading.title, heading.payer, heading.in_force) == (plan.title, plan.payer, plan.in_force)


def test_the_catalogue_comes_at_once(benchmark: BenchmarkFixture) -> None:
    """Choosing a plan reads heads only."""
    headings = benchmark(lambda: Library(plans_folder()).catalogue())

    assert len(headings) == len(SHELF.files())


def test_the_plan_of_the_documentation_has_nothing_to_correct(tmp_path: Path) -> None:
    """Anyone who copies it starts from a plan that checks, with examples that the engine agrees with."""
    copy = tmp_path / "copy.yaml"
    copy.write_text(SAMPLE, "utf-8")

    assert [] == check_plans([copy])
