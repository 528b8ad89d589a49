"""Reads YAML as text with line numbers, and refuses what would make a file mean something else than it says.

Refused: tabs, keys written twice, anchors, aliases, tags, directives, files that are not text, too large
or too deep. The file is read event by event and no further than to the first place that is too much, so
that neither a small file unfolds into a large one nor a file of brackets keeps a reader busy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.tree import EMPTY, Block, Listing, Path, Tree, Words, dotted

LARGEST = 1_000_000
DEEPEST = 24
MOST_VALUES = 20_000
_STANDARD_TAG = "tag:yaml.org,2002:"


class _TooMuch(Exception):
    """What is read is too deep or too long, and was refused: the rest is not looked at."""


@dataclass
class _Reading:
    """The events of one file on the way to becoming documents; every mistake is kept."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def refuse(self, line: int | None, message: str, path: Path = ()) -> None:
        self.problems.append(Problem(dotted(path), message, self.file, line))

    def node(self, event: Any, events: Iterator[Any], path: Path, key_line: int | None = None) -> Tree:
        """Return what starts with this event; an empty value, which starts nowhere, is on the line of its key."""
        line = key_line if key_line and _is_empty(event) else event.start_mark.line + 1
        self._refuse_marks(event, line, path)
        self._refuse_too_much(line, path)
        if isinstance(event, MappingStartEvent):
            return self._block(events, line, path)
        if isinstance(event, SequenceStartEvent):
            return self._listing(events, line, path)
        return self._words(event, line, path)

    def _refuse_too_much(self, line: int, path: Path) -> None:
        """Stop at a value that is too deep or one too many: to read on takes time without end."""
        self.values += 1
        if len(path) > DEEPEST:
            self.refuse(line, f"Write no more than {DEEPEST} blocks within each other.", path[:3])
            raise _TooMuch
        if self.values > MOST_VALUES:
            self.refuse(line, f"Write no more than {MOST_VALUES:,} values in a file.", path[:3])
            raise _TooMuch

    def _words(self, event: Any, line: int, path: Path) -> Words:
        if isinstance(event, AliasEvent):
            return Words("", line)
        if _is_empty(event) and not event.tag:
            self.refuse(line, EMPTY, path)
        return Words(event.value, line)

    def _listing(self, events: Iterator[Any], line: int, path: Path) -> Listing:
        listing = Listing(line=line)
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            listing.append(self.node(event, events, (*path, len(listing))))
        return listing

    def _block(self, events: Iterator[Any], line: int, path: Path) -> Block:
        block = Block(line)
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key_line = event.start_mark.line + 1
            key = self._key(event, events, key_line, path)
            value = self.node(next(events), events, (*path, key), key_line)
            if key in block:
                first = block.lines[key]
                self.refuse(key_line, f"This key stands on line {first} already: keep one of them.", (*path, key))
            elif key:
                block.write(key, value, key_line)
        return block

    def _key(self, event: Any, events: Iterator[Any], line: int, path: Path) -> str:
        if not isinstance(event, ScalarEvent):
            if not isinstance(event, AliasEvent):
                self._skip(event, events, path)
            self.refuse(line, "Write a word as the key, not a list, a block or an alias.", path)
            return ""
        self._refuse_marks(event, line, (*path, event.value))
        if event.value == "<<" and event.style is None:
            self.refuse(line, "Write the keys out: blocks cannot be merged with '<<'.", (*path, "<<"))
        elif not event.value:
            self.refuse(line, "Write a word as the key.", path)
        return str(event.value)

    def _skip(self, event: Any, events: Iterator[Any], path: Path) -> None:
        """Read past a list or block where neither belongs."""
        depth = 1
        while depth:
            inner = next(events)
            if isinstance(inner, MappingStartEvent | SequenceStartEvent):
                depth += 1
                self._refuse_too_much(event.start_mark.line + 1, (*path, *range(depth)))
            elif isinstance(inner, MappingEndEvent | SequenceEndEvent):
                depth -= 1
            else:
                self._refuse_too_much(event.start_mark.line + 1, path)

    def _refuse_marks(self, event: Any, line: int, path: Path) -> None:
        if isinstance(event, AliasEvent):
            self.refuse(line, f"Write the value out: the alias '*{event.anchor}' is not read.", path)
        elif event.anchor is not None:
            self.refuse(line, f"Remove the anchor '&{event.anchor}' and write values out where needed.", path)
        if getattr(event, "tag", None) is not None:
            tag = str(event.tag).replace(_STANDARD_TAG, "!!")
            self.refuse(line, f"Remove the tag '{tag}': values are read by their key.", path)


def documents(content: str | bytes, file: str = "") -> tuple[list[Tree], list[Problem]]:
    """Return every document of a file with its mistakes; where it cannot be read at all, no document."""
    reading = _Reading(file)
    text = _text(content, reading)
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line:
            reading.refuse(number, "Write spaces instead of the tab.")
    found: list[Tree] = []
    try:
        found = list(_documents(text.replace("\t", " "), reading))
    except _TooMuch:
        pass  # It is among the problems.
    except MarkedYAMLError as error:
        if not reading.problems:
            reading.refuse(_line(error), f"This is not YAML: {_why(error)}.")
    except ReaderError as error:
        line_before = text.count("\n", 0, error.position)
        reading.refuse(line_before + 1, "Remove the character that cannot be printed.")
    except (YAMLError, ValueError, OverflowError):
        # The last two are what an escape such as "\UFFFFFFFF" comes to.
        reading.refuse(None, "This is not YAML.")
    return found, reading.problems


def document(content: str | bytes, file: str = "") -> tuple[Block, list[Problem]]:
    """Return the one block that a file consists of with its mistakes; raise PlanFileRefused without one."""
    found, problems = documents(content, file)
    if len(found) > 1:
        problems.append(Problem("", "Write one document in this file, without '---'.", file, found[1].line))
    if found and isinstance(found[0], Block):
        return found[0], problems
    if not problems:
        problems = [Problem("", "Write keys and values, such as `title: …`.", file, found[0].line if found else 1)]
    raise PlanFileRefused(tuple(problems))


def _documents(text: str, reading: _Reading) -> Iterator[Tree]:
    events = iter(YAML(typ="base", pure=True).parse(text))
    for event in events:
        if isinstance(event, DocumentStartEvent):
            if event.version or event.tags:
                reading.refuse(event.start_mark.line + 1, "Remove the line that starts with '%'.")
        elif isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
            yield reading.node(event, events, ())


def _is_empty(event: Any) -> bool:
    return isinstance(event, ScalarEvent) and not event.value and event.style is None


def _text(content: str | bytes, reading: _Reading) -> str:
    if len(content) > LARGEST:
        reading.refuse(None, f"Keep the file below {LARGEST:,} bytes.")
        return ""
    if isinstance(content, str):
        return content
    if b"\0" in content:
        reading.refuse(None, "Write the file as text: this one is binary.")
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reading.refuse(content.count(b"\n", 0, error.start) + 1, "Save the file as UTF-8 text.")
        return ""


def _line(error: MarkedYAMLError) -> int | None:
    mark = error.problem_mark or error.context_mark
    return None if mark is None else mark.line + 1


def _why(error: MarkedYAMLError) -> str:
    words = " ".join(part for part in (error.context, error.problem) if part)
    return " ".join(words.split())
