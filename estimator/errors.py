"""Problems and the exception tree: everything that can stop a use case, with its facts as attributes.

A problem is a mistake in what a person wrote, and is collected; an exception ends the work at hand.
The words a reader sees are chosen at the edge, from these facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Problem:
    """One mistake in a file or request, and what to write instead.

    >>> print(Problem("cost_share", "Enter a percentage such as 20%.", file="acme.yaml", line=11))
    acme.yaml:11: cost_share: Enter a percentage such as 20%.
    >>> print(Problem("visits.0.day", "Enter a day such as 2026-03-02."))
    visits.0.day: Enter a day such as 2026-03-02.
    """

    path: str
    message: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}".lstrip(":")
        return ": ".join(part for part in (place, self.path, self.message) if part)


class EstimatorError(Exception):
    """The root of every exception of ours."""

    def __str__(self) -> str:
        return repr(self)


class Stopped(EstimatorError):
    """What was asked for cannot be done as it was asked: the person can change it, or someone else was first.

    A page that answers what a person asked catches this one, and never a database that does not answer.
    """


@dataclass(eq=False)
class UnknownPlan(Stopped):
    """No plan has this id."""

    plan: str


@dataclass(eq=False)
class PlanNotInForce(Stopped):
    """The plan is known, but no revision of it is in force on this day.

    The days are those of the nearest one; `ended` is the last day of the latest that was over by then. Where its rules
    would go on, but not so far ahead, `until` is the last day that they are taken for.
    """

    plan: str
    day: date
    first_day: date
    last_day: date | None
    ended: date | None = None
    until: date | None = None


@dataclass(eq=False)
class UnknownSchedule(Stopped):
    """No schedule has this number, or its time is over."""

    schedule: int


@dataclass(eq=False)
class UnknownCase(Stopped):
    """No case has this number."""

    case: int


@dataclass(eq=False)
class UnknownZip(Stopped):
    """No price locality is known for this ZIP code."""

    zip: str


@dataclass(eq=False)
class Refused(Stopped):
    """What a person wrote cannot be used; every problem in it, in the order of files and lines."""

    problems: tuple[Problem, ...]

    def __post_init__(self) -> None:
        self.problems = tuple(sorted(self.problems, key=lambda problem: (problem.file, problem.line or 0)))


class PlanFileRefused(Refused):
    """A plan file has problems."""


class RequestRefused(Refused):
    """A request for an estimate has problems."""


class ClinicPricesRefused(Refused):
    """The clinic's contract or its self-pay list has problems."""


class EligibilityRefused(Refused):
    """What a payer answered about benefits cannot be read; the path of a problem is a segment or an element."""


@dataclass(eq=False)
class SeveralAnswers(EligibilityRefused):
    """A file holds answers about several people, and nobody chose one: each in words that don't tell who it is."""

    answers: tuple[str, ...] = ()

    @classmethod
    def listed(cls, answers: Sequence[str], which: int | None) -> SeveralAnswers:
        """Return the refusal that lists them, in the order of their numbers."""
        first = "" if which is None else f"There is no answer {which} in this file. "
        every = "; ".join(f"{number}: {words}" for number, words in enumerate(answers, 1))
        words = f"{first}This file holds {len(answers)} answers. Choose one by its number. {every}."
        return cls((Problem("answer", words),), tuple(answers))


class RemittanceRefused(Refused):
    """A file is no remittance (X12 835), or too large to read; the path of a problem is a segment."""


class RatesRefused(Refused):
    """A price file of a payer or a hospital cannot be read, or is of another kind."""


@dataclass(eq=False)
class NoPrice(Stopped):
    """No source names a price for this code; `visit` and `line` count from 0."""

    code: str
    visit: int
    line: int


@dataclass(eq=False)
class TooMuchWork(Stopped):
    """So much is open at a course of so many services that all of its readings would take too long."""

    services: int


class Cause(StrEnum):
    """Why a database doesn't answer. All but `UNREACHED` pass by themselves, or once somebody makes room."""

    BUSY = "busy"
    FULL = "full"
    UNREACHED = "unreached"


@dataclass(eq=False)
class DatabaseUnavailable(EstimatorError):
    """The database doesn't answer: it cannot be opened, its disk is full, or another writer holds it too long.

    `address` has no password, and `reason` is the engine's own words without any statement or value.
    """

    address: str
    reason: str
    cause: Cause = Cause.UNREACHED


@dataclass(eq=False)
class DatabaseNotReady(EstimatorError):
    """The tables are of another version than this program needs; `found` is empty where there are none."""

    found: str
    needed: str


@dataclass(eq=False)
class DatabaseNotEmpty(Stopped):
    """A backup is not put over what is there unless that is asked for."""

    plans: int


@dataclass(eq=False)
class ConflictingRevision(Stopped):
    """Somebody published this plan in the meantime: the revision that it was based on is no longer the active one."""

    plan: str
    first_day: date
    based_on: int | None
    active: int | None


@dataclass(eq=False)
class ConflictingRule(Stopped):
    """Somebody published this rule, or took it back, in the meantime: its newest revision is another one."""

    kind: str
    name: str
    based_on: int | None
    newest: int | None


@dataclass(eq=False)
class ConflictingBook(Stopped):
    """Somebody published prices of this year in the meantime."""

    year: int
    based_on: int | None
    active: int | None


@dataclass(eq=False)
class ConflictingList(Stopped):
    """Somebody published another list of this kind of prices in the meantime."""

    kind: str
    based_on: int | None
    active: int | None


@dataclass(eq=False)
class UnknownList(Stopped):
    """There is no list of prices of this number."""

    number: int


class BackupRefused(Refused):
    """A file is not a whole backup of ours."""


class AccountRefused(Refused):
    """An account or a token cannot be made or changed in this way."""


class EditRefused(Refused):
    """What was asked of a plan's draft, or of its publication, cannot be done."""


@dataclass(eq=False)
class UnknownDraft(Stopped):
    """There is no draft of this number, or no longer."""

    draft: int


@dataclass(eq=False)
class ConflictingDraft(Stopped):
    """Somebody saved this draft in the meantime: the version that was seen is no longer the last one."""

    draft: int
    seen: int
    last: int
    saved_by: str


class SettingsRefused(Refused):
    """The environment sets something that cannot be used."""
