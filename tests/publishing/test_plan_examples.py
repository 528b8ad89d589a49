"""Every example of every shipped plan file, worked by hand there, comes out as the file says."""

from estimator.plans.folder import library
from estimator.publishing.check import check_plans
from estimator.settings import plans_folder

SHELF = library(plans_folder())


def test_the_shipped_plans_have_no_problems_at_all():
    """Text, shared parts and lint of the whole folder are clean, and every example comes out as its file says."""
    assert [] == [str(problem) for problem in check_plans()]


def test_at_least_twenty_plan_files_are_shipped_with_three_examples_each():
    """The folder holds what the README says it does."""
    files = [SHELF.read_file(path) for path in SHELF.files()]

    assert 20 <= len(files)
    assert [] == [file.plan.id for file in files if len(file.examples) < 3]


def test_a_wrong_example_is_reported_with_its_file_and_line(tmp_path):
    """A check that could not fail would prove nothing."""
    path = next(path for path in SHELF.files() if path.name == "original-medicare-2026.yaml")
    text = path.read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("expect: {patient_owes: ", "expect: {patient_owes: 1", 1))

    problems = check_plans([wrong])

    assert any("expect.patient_owes" in str(problem) and "wrong.yaml:" in str(problem) for problem in problems)
