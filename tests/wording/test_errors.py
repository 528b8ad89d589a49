"""Whatever stops an estimate is said in a sentence."""

from datetime import date

import pytest

from estimator import errors
from estimator.errors import EstimatorError, NoPrice, PlanNotInForce, Problem, Refused, Stopped, UnknownPlan, UnknownZip
from estimator.wording.errors import problems_of

EXAMPLES: list[EstimatorError] = [
    UnknownPlan("evergreen"),
    PlanNotInForce("evergreen", date(2027, 1, 5), date(2026, 1, 1), date(2026, 12, 31)),
    PlanNotInForce("evergreen", date(2025, 1, 5), date(2026, 1, 1), None),
    PlanNotInForce("evergreen", date(2028, 5, 1), date(2026, 1, 1), date(2026, 12, 31), until=date(2028, 2, 29)),
    UnknownZip("00000"),
    NoPrice("97999", 0, 1),
    errors.TooMuchWork(480),
    errors.DatabaseUnavailable("sqlite:///plans.db", "unable to open database file"),
    errors.DatabaseNotReady("", "0003"),
    errors.DatabaseNotReady("0001", "0003"),
    errors.DatabaseNotEmpty(36),
    errors.ConflictingRevision("evergreen", date(2026, 1, 1), 3, 4),
    errors.ConflictingBook(2026, 3, 4),
    errors.DatabaseUnavailable("sqlite:///estimator.db", "unable to open database file"),
    errors.DatabaseUnavailable("sqlite:///estimator.db", "database is locked", errors.Cause.BUSY),
    errors.DatabaseUnavailable("sqlite:///estimator.db", "database or disk is full", errors.Cause.FULL),
    errors.DatabaseNotReady("", "0001"),
    errors.DatabaseNotEmpty(26_114),
    errors.ConflictingRevision("evergreen", date(2026, 1, 1), 17, 18),
    errors.ConflictingBook(2026, 1, 2),
    errors.ConflictingList("contract", 1, 2),
    errors.UnknownList(7),
    errors.UnknownCase(7),
    errors.UnknownDraft(7),
    errors.UnknownSchedule(3),
    errors.ConflictingDraft(7, 1, 2, "ana"),
    errors.ConflictingRule("layer", "aetna", 3, 4),
    errors.UnknownSchedule(7),
    errors.SeveralAnswers.listed(["trace 1, the subscriber", "trace 2, a dependent"], 3),
    *(kind((Problem("zip", "Enter five digits."),)) for kind in Refused.__subclasses__()),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_exception_has_a_sentence(error: EstimatorError) -> None:
    """With the path of what to correct."""
    for problem in problems_of(error):
        assert problem.path
        assert problem.message.endswith(".")
        assert type(error).__name__ not in problem.message


def test_every_exception_is_among_the_examples() -> None:
    """A new one needs words."""
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EstimatorError)}

    assert kinds - {EstimatorError, Stopped, Refused} <= {type(error) for error in EXAMPLES}


def test_a_plan_not_in_force_tells_its_days() -> None:
    """The person can choose other days, or another plan."""
    [problem] = problems_of(EXAMPLES[1])

    assert problem == Problem(
        "plan",
        "The plan evergreen holds from January 1, 2026 to December 31, 2026, not on January 5, 2027. "
        "Choose another plan, or other days of care.",
    )


def test_an_unknown_plan_tells_both_ways_to_find_one() -> None:
    """Those of the folder are listed, those of the catalogues are looked for."""
    [problem] = problems_of(UnknownPlan("evergreen"))

    assert "`estimator plans list`" in problem.message
    assert "`estimator plans find`" in problem.message


def test_a_megabyte_of_plan_id_is_shortened() -> None:
    """The sentence stays one."""
    [problem] = problems_of(UnknownPlan("x" * 1_000_000))

    assert 200 > len(problem.message)
