"""Check plan files: their text, what they share, their lint, and their own examples run by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from estimator.clock import today
from estimator.errors import (
    EstimatorError,
    NoPrice,
    PlanFileRefused,
    PlanNotInForce,
    Problem,
    RequestRefused,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.examples import differences, expected_now, request_of
from estimator.estimates.run import Plans, estimate_with
from estimator.plans.folder import Library, library
from estimator.plans.lint import lint, lint_library, warnings_of
from estimator.plans.read import Example, PlanFile
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder


def check_plans(paths: Sequence[Path] = ()) -> list[Problem]:
    """Return every problem of these plan files, or of the whole folder and what its files share."""
    folder = library(plans_folder())
    problems = [] if paths else [*folder.shared_problems(), *_yearly_problems(folder), *lint_library(folder)]
    for path in paths or folder.files():
        try:
            file = folder.read_file(path)
        except PlanFileRefused as refused:
            problems += refused.problems
            continue
        problems += lint(file)
        if file.examples:
            shelf = folder_shelf(folder.folder)
            problems += [each for example in file.examples for each in check_example(file, example, shelf)]
    return problems


def plan_warnings(paths: Sequence[Path] = ()) -> list[Problem]:
    """Return what is worth a look in these plan files, or in all, and stops nothing: an uncited source, a lost code."""
    shelf = library(plans_folder())
    found: list[Problem] = []
    for path in paths or shelf.files():
        try:
            found += warnings_of(shelf.read_file(path), shelf.shared, shelf.yearly)
        except PlanFileRefused:
            continue  # check_plans tells why.
    return found


def _yearly_problems(folder: Library) -> tuple[Problem, ...]:
    try:
        dict(folder.yearly)
    except PlanFileRefused as refused:
        return refused.problems
    return ()


def example_now(file: PlanFile, example: Example, shelf: Plans) -> Mapping[str, Any] | None:
    """Return what an example would expect if it said what the engine answers now; None where that has no answer."""
    try:
        request = {"plan": file.plan.id, **request_of(example.given, file.plan)}
        return expected_now(example.expect, estimate_with(file.plan, read_request(request, today()), shelf))
    except (RequestRefused, NoPrice, PlanNotInForce, UnknownZip):
        return None


def check_example(file: PlanFile, example: Example, shelf: Plans) -> list[Problem]:
    """Return what the engine answers otherwise than the example."""
    where = f"examples.{example.name}"
    try:
        request = {"plan": file.plan.id, **request_of(example.given, file.plan)}
        found = estimate_with(file.plan, read_request(request, today()), shelf)
    except RequestRefused as refused:
        return [
            replace(each, path=f"{where}.given.{each.path}", file=example.file, line=example.line)
            for each in refused.problems
        ]
    except (NoPrice, PlanNotInForce, UnknownZip) as error:
        return [_problem(example, where, error)]
    return [
        Problem(f"{where}.expect.{path}", message, example.file, example.line)
        for path, message in differences(example.expect, found)
    ]


def _problem(example: Example, where: str, error: EstimatorError) -> Problem:
    return Problem(f"{where}.given", f"Correct the example: {error}.", example.file, example.line)
