"""What a change of a plan does to what people owe: courses run under the plan as it is and as it would be.

The courses are those of the folder of plans, and the questions of both texts' examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from estimator.clock import today
from estimator.contract.reading import read_request
from estimator.domain.estimate import Estimate
from estimator.domain.money import Money
from estimator.errors import NoPrice, PlanNotInForce, RequestRefused, UnknownZip
from estimator.planfiles.library import Library
from estimator.planfiles.reading import PlanFile
from estimator.planfiles.samples import read_samples
from estimator.usecases.estimating import estimate_with
from estimator.usecases.examples import request_of

SAMPLE, EXAMPLE = "sample", "example"


@dataclass(frozen=True, slots=True)
class Owed:
    """What a patient owes for a course, as a range around the typical figure."""

    low: Money
    typical: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Course:
    """A course of care under both texts of a plan; None where that text can give no answer."""

    name: str
    origin: str
    before: Owed | None
    after: Owed | None

    @property
    def difference(self) -> Money | None:
        """Return by how much the typical figure changes; None where one of both is missing."""
        return self.after.typical - self.before.typical if self.before and self.after else None

    @property
    def has_changed(self) -> bool:
        """Tell whether anything that is owed differs, the ends of the range included."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Impact:
    """Every course, in the order in which they were run."""

    courses: tuple[Course, ...]

    @property
    def dearer(self) -> tuple[Course, ...]:
        """Return those that cost the patient more."""
        return tuple(one for one in self.courses if one.difference is not None and one.difference > Money(0))

    @property
    def cheaper(self) -> tuple[Course, ...]:
        """Return those that cost the patient less."""
        return tuple(one for one in self.courses if one.difference is not None and one.difference < Money(0))

    @property
    def other(self) -> tuple[Course, ...]:
        """Return those whose typical figure stays while the range moves, or that only one text answers."""
        same = (one for one in self.courses if one.has_changed)
        return tuple(one for one in same if not one.difference)

    @property
    def same(self) -> tuple[Course, ...]:
        """Return those in which nothing changes."""
        return tuple(one for one in self.courses if not one.has_changed)

    @property
    def greatest(self) -> Course | None:
        """Return the course whose typical figure changes most; None where none does."""
        changed = [*self.dearer, *self.cheaper]
        return max(changed, key=lambda one: abs(one.difference or Money(0)), default=None)


def impact_of(before: PlanFile | None, after: PlanFile, folder: Library) -> Impact:
    """Run every course under both; a plan that is new has no figures before."""
    return Impact(
        tuple(
            Course(name, origin, _owed(given, before, folder), _owed(given, after, folder))
            for name, origin, given in _questions(before, after, folder)
        )
    )


def _questions(
    before: PlanFile | None, after: PlanFile, folder: Library
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for sample in read_samples(folder.folder):
        yield sample.name, SAMPLE, sample.given
    seen: list[Mapping[str, Any]] = []
    for example in _examples(filter(None, (after, before))):
        if example[2] not in seen:
            seen.append(example[2])
            yield example


def _examples(files: Iterable[PlanFile]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for file in files:
        for example in file.examples:
            yield example.name, EXAMPLE, example.given


def _owed(given: Mapping[str, Any], file: PlanFile | None, folder: Library) -> Owed | None:
    if file is None:
        return None
    try:
        found = _estimate(given, file, folder)
    except (RequestRefused, NoPrice, PlanNotInForce, UnknownZip):
        return None  # Such as a limit of the other text, which this one does not know.
    return Owed(found.low.owes, found.typical.owes, found.high.owes)


def _estimate(given: Mapping[str, Any], file: PlanFile, folder: Library) -> Estimate:
    request = {"plan": file.plan.id, **request_of(given, file.plan)}
    return estimate_with(file.plan, read_request(request, today()), folder)
