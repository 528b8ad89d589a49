"""What a change of a plan does to what people owe: courses run under the plan as it is and as it would be.

The courses are those of the folder of plans, the questions of both texts' examples, and what people saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.clock import now_utc, today
from estimator.db.connection import reading
from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.errors import NoPrice, PlanNotInForce, RequestRefused, UnknownZip
from estimator.estimates.contract import read_request
from estimator.estimates.examples import request_of
from estimator.estimates.run import estimate_with
from estimator.estimates.saved import requests_for
from estimator.estimates.totals import totals_alone
from estimator.plans.folder import Sample, read_samples
from estimator.plans.read import PlanFile
from estimator.plans.shelf import Shelf
from estimator.plans.store import Key, pointers

SAMPLE, EXAMPLE, SAVED = "sample", "example", "saved"
MOST_SAVED = 200


_Question = tuple[str, str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Owed:
    """What a patient owes for a course, as a range around the typical figure."""

    low: Money
    typical: Money
    high: Money


def owed_in(estimate: Estimate) -> Owed:
    """Return what a patient owes by an estimate."""
    return Owed(estimate.low.owes, estimate.typical.owes, estimate.high.owes)


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


def impact_on(shelf: Shelf, key: Key, after: PlanFile) -> tuple[PlanFile | None, Impact]:
    """Return what is active for a plan and its first day, and what a change of it does, saved estimates included."""
    with reading(shelf.engine) as connection:
        active = pointers(connection, [key[0]]).get(key)
        saved = requests_for(connection, key, now_utc(), MOST_SAVED)
    before = shelf.file_of(active.revision_id) if active else None
    return before, impact_of(before, after, shelf, saved)


def impact_of(
    before: PlanFile | None, after: PlanFile, shelf: Shelf, saved: Sequence[tuple[int, Mapping[str, Any]]] = ()
) -> Impact:
    """Run every course under both; a plan that is new has no figures before. Of saved ones only the number is told."""
    questions = [*_questions(before, after, shelf.folder.folder)]
    questions += [(f"Saved estimate {number}", SAVED, request) for number, request in saved]
    return Impact(tuple(_course(question, before, after, shelf) for question in questions))


def course_under(sample: Sample, before: PlanFile, after: PlanFile, shelf: Shelf) -> Course:
    """Return one sample course under both texts of a plan."""
    return _course((sample.name, SAMPLE, sample.given), before, after, shelf)


def _course(question: _Question, before: PlanFile | None, after: PlanFile, shelf: Shelf) -> Course:
    name, origin, given = question
    return Course(name, origin, _owed(given, origin, before, shelf), _owed(given, origin, after, shelf))


def _questions(before: PlanFile | None, after: PlanFile, folder: Path) -> Iterator[_Question]:
    for sample in read_samples(folder):
        yield sample.name, SAMPLE, sample.given
    seen: list[Mapping[str, Any]] = []
    for example in _examples(filter(None, (after, before))):
        if example[2] not in seen:
            seen.append(example[2])
            yield example


def _examples(files: Iterable[PlanFile]) -> Iterator[_Question]:
    for file in files:
        for example in file.examples:
            yield example.name, EXAMPLE, example.given


def _owed(given: Mapping[str, Any], origin: str, file: PlanFile | None, shelf: Shelf) -> Owed | None:
    if file is None:
        return None
    try:
        found = _estimate(given, origin, file, shelf)
    except (RequestRefused, NoPrice, PlanNotInForce, UnknownZip):
        return None  # Such as a limit of the other text, which this one does not know.
    return owed_in(found)


def _estimate(given: Mapping[str, Any], origin: str, file: PlanFile, shelf: Shelf) -> Estimate:
    # A saved request is whole; the others leave out what an example may.
    request = given if origin == SAVED else request_of(given, file.plan)
    asked = read_request({**request, "plan": file.plan.id}, today())
    return estimate_with(file.plan, asked, shelf, engine=totals_alone)
