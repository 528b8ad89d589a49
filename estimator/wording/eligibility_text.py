"""A payer's answer as text for a terminal: contradictions first, then every statement with its segment.

Only staff read this, so that it is said in English.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from estimator.eligibility.statements import Eligibility
from estimator.estimates.eligibility import Fact, Fill
from estimator.wording.eligibility import NOT_A_PROMISE, Row, bucket_rows, heading, rows, told_rows

WIDTH = 100


def text_of(answer: Eligibility, fill: Fill, facts: Sequence[Fact] = ()) -> str:
    """Return an answer, what of it an estimate would use, and the facts that it tells of a plan's rules, as text."""
    return "\n".join(line.rstrip() for line in _lines(answer, fill, facts)) + "\n"


def _lines(answer: Eligibility, fill: Fill, facts: Sequence[Fact]) -> Iterator[str]:
    for name, words in heading(answer):
        yield f"{name + ':':<13}{words}"
    for rejection in answer.rejections:
        yield from _wrapped(f"Refused: {rejection.says} {rejection.then} ({rejection.origin.place})")
    yield from _part("Contradictions: ask the payer; none of these is used", _contradictions(answer))
    yield from _part("What the payer said", (line for row in rows(answer) for line in _told(row)))
    yield from _part(
        "Deductibles, maximums and limits, each once", (line for row in bucket_rows(answer) for line in _told(row))
    )
    filled = [f"{each.field} = {each.value}. {' '.join(each.why)}" for each in fill.filled]
    yield from _part("What an estimate uses", (line for each in filled for line in _wrapped(each)))
    told = (f"{asked}: {answered} ({place})" for asked, answered, place in told_rows(facts))
    yield from _part("What it says of the plan’s rules", (line for each in told for line in _wrapped(each)))
    yield from _part("Left open", (line for each in fill.left_open for line in _wrapped(each)))
    notes = (f"{note.place}: {note.says}" for note in answer.notes)
    yield from _part("Worth a look", (line for note in notes for line in _wrapped(note)))
    yield from ("", NOT_A_PROMISE)


def _part(title: str, lines: Iterator[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield from ("", title, *told)


def _contradictions(answer: Eligibility) -> Iterator[str]:
    for each in answer.contradictions:
        yield from _wrapped(each.says)
        for origin in (each.first, each.second):
            yield f"      {origin.place}: {origin.text}"


def _told(row: Row) -> Iterator[str]:
    said = ", ".join(filter(None, (row.amount, row.network, row.who, row.period)))
    yield from _wrapped(f"{row.what}: {said}" + (f". {row.services}" if row.services else ""))
    yield f"      {row.place}: {row.text}" if row.text else f"      {row.place}"
    for place, words in row.messages:
        yield f"      {place}: {words}".rstrip(": ")
    for doubt in row.doubts:
        yield from textwrap.wrap(doubt, WIDTH, initial_indent="      ! ", subsequent_indent="        ")


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False)
