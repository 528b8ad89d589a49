"""The text of an interchange becomes numbered segments, whatever separators the file declares – or declares wrongly.

A file without an envelope, with line ends as separators, or with text between its segments is read as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from estimator.eligibility.result import Note

# Python counts the old separators (hexadecimal 1C to 1F) among spaces and ends of lines; here they are none.
_BLANKS = " \t\r\n"
_LINE_ENDS = re.compile(r"[\r\n]+")
_START = re.compile(r"[A-Z][A-Z0-9]{1,2}(?=[^A-Za-z0-9 \t\r\n])")
_STRAY = re.compile(r"(?:^|[^A-Za-z0-9])(?:ST([^A-Za-z0-9 \t\r\n])\d{3}\1|EB([^A-Za-z0-9 \t\r\n])[A-Z0-9]{0,2}\2)")
_ISA_ELEMENTS = 16
_NOT_A_SEPARATOR = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `number` counts from 1, the ISA where there is one."""

    number: int
    id: str
    elements: tuple[str, ...]
    text: str

    def element(self, place: int) -> str:
        """Return what stands at a place, counted from 1 as X12 does; "" where nothing does."""
        return self.elements[place - 1].strip() if place <= len(self.elements) else ""

    @property
    def place(self) -> str:
        """Return where this is, for a reader."""
        return f"segment {self.number} ({self.id})"


@dataclass(frozen=True, slots=True)
class Interchange:
    """All segments of a file, and what is odd about how it is written."""

    segments: tuple[Segment, ...]
    notes: tuple[Note, ...]
    component: str = ":"


@dataclass(frozen=True, slots=True)
class _Separators:
    element: str
    component: str
    terminator: str


def read_segments(text: str) -> Interchange:
    """Return the segments of a text; none where it holds nothing of the kind."""
    notes: list[Note] = []
    if re.match(r"\s*(isa|st|eb)[^a-z0-9 \t\r\n]", text):
        notes.append(Note("file", "It is written in small letters; X12 uses capitals. Read as capitals."))
        text = text.upper()
    separators = _declared(text, notes)
    pieces = _pieces(text, separators) if separators else []
    if not any(id in ("ST", "EB") for id, _ in pieces) and (found := _found(text)):
        separators, pieces = found, _pieces(text, found)
        if text.lstrip().startswith("ISA"):
            words = f"The ISA declares other separators than the file uses. Read with {separators.element!r}."
            notes.append(Note("segment 1 (ISA)", words))
    if separators is None or not any(id for id, _ in pieces):
        return Interchange((), tuple(notes))
    if any(not id for id, _ in pieces):
        notes.append(Note("file", "There is text between the segments that belongs to none. It was not read."))
    held = [piece for id, piece in pieces if id]
    return Interchange(tuple(_numbered(held, separators.element)), tuple(notes), separators.component)


def _declared(text: str, notes: list[Note]) -> _Separators | None:
    """Return the separators that the ISA declares, by its length or, where it is not padded, by its elements."""
    text = text.lstrip()
    if not text.startswith("ISA") or len(text) < 4:
        return None
    element = text[3]
    head = re.split(rf"GS{re.escape(element)}", text, maxsplit=1)[0]
    parts = head.split(element)
    if len(parts) - 1 != _ISA_ELEMENTS:
        words = f"It has {len(parts) - 1} elements; {_ISA_ELEMENTS} were expected."
        notes.append(Note("segment 1 (ISA)", words))
    last = parts[-1]
    component, terminator = last[:1], last[1:].strip(_BLANKS) or last[1:].strip("\r")
    if not terminator or any(map(_NOT_A_SEPARATOR.match, (element, component, terminator[0]))):
        return None
    return _Separators(element, component, terminator[0])


def _found(text: str) -> _Separators | None:
    """Return the separators that an ST or EB shows, where no ISA can be believed."""
    match = _STRAY.search(text)
    if match is None:
        return None
    terminator = next((mark for mark in "~'\n" if mark in text), "\n")
    return _Separators(match[1] or match[2], ":", terminator)


def _pieces(text: str, separators: _Separators) -> list[tuple[str, str]]:
    """Return each segment with its id; a piece without an id is text that belongs to no segment."""
    return [
        (match[0] if (match := _START.match(piece)) and piece[len(match[0])] == separators.element else "", piece)
        for chunk in text.split(separators.terminator)
        for piece in _lines(chunk, separators.element)
    ]


def _lines(chunk: str, element: str) -> Iterator[str]:
    """Part a chunk where a new segment starts on a new line, and join what goes on in the next line."""
    started = ""
    for line in filter(None, (line.strip(_BLANKS) for line in _LINE_ENDS.split(chunk))):
        match = _START.match(line)
        is_start = match is not None and line[len(match[0]) : len(match[0]) + 1] == element
        if is_start or line.startswith("#"):
            if started:
                yield started
            started = line
        else:
            started = f"{started} {line}" if started and not started.startswith("#") else line
    if started:
        yield started


def _numbered(pieces: list[str], element: str) -> Iterator[Segment]:
    for number, piece in enumerate(pieces, start=1):
        id, *elements = piece.split(element)
        yield Segment(number, id, tuple(elements), piece)
