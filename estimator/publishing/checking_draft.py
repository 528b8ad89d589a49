"""Check the text of a plan that is being worked on: everything that stops it from being published, with its line."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.folder import Library
from estimator.plans.lint import lint, warnings_of
from estimator.plans.read import PlanFile
from estimator.publishing.checking import check_example

_EXAMPLES = "examples"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text with what is to be corrected, what is worth a look, and the plan where it can be read as one."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    plan: PlanFile | None = None

    @property
    def is_ready(self) -> bool:
        """Tell whether it may be published."""
        return self.plan is not None and not self.problems


def check_text(text: str, file: str, folder: Library) -> Checked:
    """Read a plan file, lint it and run its examples.

    A plan from an official catalogue has no examples, so that their number stops nobody here.
    """
    try:
        read = folder.read(text, file)
    except PlanFileRefused as refused:
        return Checked(refused.problems)
    linted = lint(read)
    failed = [problem for example in read.examples for problem in check_example(read, example, folder)]
    problems = [problem for problem in linted if problem.path != _EXAMPLES] + failed
    few = [problem for problem in linted if problem.path == _EXAMPLES]
    return Checked(_by_line(problems), _by_line([*warnings_of(read, folder.shared), *few]), read)


def _by_line(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))
