"""Whose answer a file is: its envelopes, its one transaction, and the one person that it speaks of.

A file that answers for several people is refused, since nobody could tell whose benefits an estimate would use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from estimator.eligibility.result import Note
from estimator.eligibility.x12_segments import Segment
from estimator.errors import Problem

_KINDS = {
    "270": "This is a question to a payer (270). Give the payer’s answer, the 271.",
    "276": "This asks how a claim stands (276). Give a 271.",
    "277": "This tells how a claim stands (277). Give a 271.",
    "278": "This is about an authorization (278). Give a 271.",
    "834": "This is an enrollment (834). Give a 271.",
    "835": "This is a payment (835). Give a 271.",
    "837": "This is a claim (837). Give a 271.",
    "997": "The payer only confirms, or refuses, a file (997). Give a 271.",
    "999": "The payer only confirms, or refuses, a file (999). Give a 271.",
}
_TRAILERS = {"ST": "SE", "GS": "GE", "ISA": "IEA"}
# Where the control number stands in the first and in the last segment of an envelope.
_CONTROL = {"ST": (2, 2), "GS": (6, 2), "ISA": (13, 2)}
_VERSION = "005010X279"


@dataclass(frozen=True, slots=True)
class Person:
    """The segments about one person, from the HL or NM1 on that names them."""

    is_dependent: bool
    segments: tuple[Segment, ...]

    @property
    def is_answered(self) -> bool:
        """Tell whether anything is said of this person's benefits."""
        return any(segment.id in ("EB", "AAA") for segment in self.segments)


def refusals(segments: Sequence[Segment]) -> Iterator[Problem]:
    """Find why a file is no answer for one person."""
    transactions = [segment for segment in segments if segment.id == "ST"]
    for start in transactions:
        kind = start.element(1)
        if kind != "271":
            known = f"ST01 is {kind or 'empty'}; 271 was expected."
            yield Problem(start.place, _KINDS.get(kind, known))
    answers = [start for start in transactions if start.element(1) == "271" and _answers(start, segments)]
    for start in answers[1:]:
        yield Problem(start.place, "Another answer starts here. Give one answer at a time, each in a file of its own.")
    for person in [person for person in people(segments) if person.is_answered][1:] if len(answers) < 2 else ():
        words = "Benefits of another person start here. Give one person at a time, each in a file of its own."
        yield Problem(person.segments[0].place, words)


def oddities(segments: Sequence[Segment]) -> Iterator[Note]:
    """Find what is wrong with the envelopes, none of which hinders the reading."""
    first = {id: next((segment for segment in segments if segment.id == id), None) for id in _TRAILERS}
    if first["ISA"] is None:
        yield Note("file", "It has no envelope (ISA). Read as a part of an answer.")
    for id, segment in first.items():
        if segment is not None:
            yield from _trailer(id, segment, segments)
    for segment in segments[: people(segments)[0].segments[0].number - 1]:
        if segment.id == "EB":
            yield Note(segment.place, "It stands before any person is named. It was not read.")
    if (start := first["ST"]) is not None:
        yield from _version(start, first["GS"])
        yield from _count(start, segments)


def people(segments: Sequence[Segment]) -> list[Person]:
    """Return the people of a file; segments before the first of them belong to none, unless nobody is named at all."""
    starts = [at for at, segment in enumerate(segments) if _is_person(segment)]
    if not starts:
        return [Person(is_dependent=False, segments=tuple(segments))]
    ends = [*starts[1:], len(segments)]
    return [
        Person(_is_dependent(segments[start]), tuple(segments[start:end]))
        for start, end in zip(starts, ends, strict=True)
    ]


def _answers(start: Segment, segments: Sequence[Segment]) -> bool:
    within = takewhile(lambda segment: segment.id not in ("SE", "ST"), segments[start.number :])
    return any(segment.id in ("EB", "AAA") for segment in within)


def _is_person(segment: Segment) -> bool:
    return segment.id == "HL" and segment.element(3) in ("22", "23")


def _is_dependent(segment: Segment) -> bool:
    return segment.element(3) == "23"


def _trailer(id: str, start: Segment, segments: Sequence[Segment]) -> Iterator[Note]:
    trailer = _TRAILERS[id]
    last = next((segment for segment in segments if segment.id == trailer), None)
    if last is None:
        yield Note("end of file", f"{trailer} is missing, which ends what {id} starts: part of the answer may be lost.")
        return
    in_first, in_last = _CONTROL[id]
    if start.element(in_first) != last.element(in_last):
        yield Note(last.place, f"{trailer}02 is not the control number that {id} gave.")


def _version(start: Segment, group: Segment | None) -> Iterator[Note]:
    version = start.element(3) or (group.element(8) if group else "")
    if not version.startswith(_VERSION):
        yield Note(start.place, f"The version is not {_VERSION}A1, which this reads. Check each line.")


def _count(start: Segment, segments: Sequence[Segment]) -> Iterator[Note]:
    end = next((segment for segment in segments if segment.id == "SE"), None)
    if end is not None:
        counted = end.number - start.number + 1
        if end.element(1) != str(counted):
            words = f"SE01 promises another number of segments than the {counted} that are there: some may be lost."
            yield Note(end.place, words)
