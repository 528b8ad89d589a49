"""What a person wrote, as text with the line of every key and value, read from YAML or JSON and written back.

Every scalar stays text, so that `02134` stays a ZIP and `NO` a state; the schema owns the types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from estimator.errors import PlanFileRefused, Problem

Path = tuple[str | int, ...]
EMPTY = "Enter a value here, or remove the key."


class Words(str):
    """A scalar as it was written; `line` is None where it came without a file."""

    __slots__ = ("line",)
    line: int | None

    def __new__(cls, text: str, line: int | None = None) -> Words:
        """Keep the text and its line."""
        words = super().__new__(cls, text)
        words.line = line
        return words


class Listing(list["Tree"]):
    """A list as it was written."""

    def __init__(self, members: Sequence[Tree] = (), line: int | None = None) -> None:
        super().__init__(members)
        self.line = line


class Block(dict[str, "Tree"]):
    """Keys and values as they were written; `lines` holds the line of each key."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int | None] = {}

    def write(self, key: str, value: Tree, line: int | None = None) -> None:
        """Add a key with the line that it stands on."""
        self[key] = value
        self.lines[key] = line


Tree = Words | Listing | Block


def dotted(path: Path) -> str:
    """Write a path the way that problems show it.

    >>> dotted(("examples", 0, "expect"))
    'examples.0.expect'
    """
    return ".".join(" ".join(str(step).split()) for step in path)


def line_of(tree: Tree, path: Path) -> int | None:
    """Return the line of the deepest key or member on the path that was written at all."""
    here: Tree = tree
    line = here.line
    for step in path:
        if isinstance(here, Block) and step in here:
            line = here.lines.get(str(step)) or line
            here = here[str(step)]
        elif isinstance(here, Listing) and isinstance(step, int) and step < len(here):
            here = here[step]
            line = here.line or line
        else:
            break
    return line


def below(tree: Tree | None, *path: str) -> Block:
    """Return the block at a path, or an empty one where something else or nothing is written.

    >>> below(Block(), "networks", "in-network")
    {}
    """
    for step in path:
        tree = tree.get(step) if isinstance(tree, Block) else None
    return tree if isinstance(tree, Block) else Block()


def problem(tree: Tree, path: Path, message: str, file: str = "") -> Problem:
    """Return a problem with the line of its path."""
    return Problem(dotted(path), message, file, line_of(tree, path))


def plain(tree: Tree) -> Any:
    """Return the same as plain dicts, lists and text, in the order of writing."""
    if isinstance(tree, Block):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, Listing):
        return [plain(member) for member in tree]
    return str(tree)


# ----------------------------------------------------------------------------
# Reads YAML as text with line numbers, and refuses what would make a file mean something else than it says.
#
# Refused: tabs, keys written twice, anchors, aliases, tags, directives, files that are not text, too large or too
# deep. The file is read event by event and no further than to the first place that is too much, so that neither a
# small file unfolds into a large one nor a file of brackets keeps a reader busy.
# ----------------------------------------------------------------------------

LARGEST = 200_000  # The largest file of ours, the law of all states, has 74,000 bytes and 2,100 values.
DEEPEST = 24
MOST_VALUES = 6_000
_MOST_MISTAKES = 100
_TOO_DEEP = f"Enter no more than {DEEPEST} blocks within each other."
_STANDARD_TAG = "tag:yaml.org,2002:"


class _TooMuch(Exception):
    """What is read is too deep or too long, and was refused: the rest is not looked at."""


@dataclass
class _Reading:
    """The events of one file on the way to becoming documents; every mistake is kept, up to so many."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def refuse(self, line: int | None, message: str, path: Path = ()) -> None:
        self.problems.append(Problem(dotted(path), message, self.file, line))
        if len(self.problems) >= _MOST_MISTAKES:
            raise _TooMuch

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
            self.refuse(line, _TOO_DEEP, path[:3])
            raise _TooMuch
        if self.values > MOST_VALUES:
            self.refuse(line, f"Enter no more than {MOST_VALUES:,} values in a file.", path[:3])
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
            self.refuse(line, "Enter a word as the key, not a list, a block or an alias.", path)
            return ""
        self._refuse_marks(event, line, (*path, event.value))
        if event.value == "<<" and not event.style:
            self.refuse(line, "Enter each key: blocks can't be merged with '<<'.", (*path, "<<"))
        elif not event.value:
            self.refuse(line, "Enter a word as the key.", path)
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
            self.refuse(line, f"Enter the value itself: the alias '*{event.anchor}' is not read.", path)
        elif event.anchor is not None:
            self.refuse(line, f"Remove the anchor '&{event.anchor}' and enter the value wherever it is needed.", path)
        if getattr(event, "tag", None) is not None:
            tag = str(event.tag).replace(_STANDARD_TAG, "!!")
            self.refuse(line, f"Remove the tag '{tag}': values are read by their key.", path)


def documents(content: str | bytes, file: str = "") -> tuple[list[Tree], list[Problem]]:
    """Return every document of a file with its mistakes; where it cannot be read at all, no document."""
    reading = _Reading(file)
    found: list[Tree] = []
    with suppress(_TooMuch):  # It is among the problems.
        found = _all_documents(_text(content, reading), reading)
    return found, reading.problems


def _all_documents(text: str, reading: _Reading) -> list[Tree]:
    try:
        for number, line in enumerate(text.split("\n"), start=1):
            if "\t" in line:
                reading.refuse(number, "Use spaces instead of the tab.")
        return list(_documents(text.replace("\t", " "), reading))
    except MarkedYAMLError as error:
        if not reading.problems:
            # The library reads ahead of its events, and stops by itself at a depth that is far beyond ours.
            is_deep = "maximum nesting depth" in str(error.problem)
            reading.refuse(_line(error), _TOO_DEEP if is_deep else f"This is not YAML: {_why(error)}.")
    except ReaderError as error:
        line_before = text.encode()[: error.position].count(b"\n")  # The library counts bytes.
        reading.refuse(line_before + 1, "Remove the character that cannot be printed.")
    except (YAMLError, ValueError, OverflowError):
        # The last two are what an escape such as "\UFFFFFFFF" comes to.
        reading.refuse(None, "This is not YAML.")
    return []


def document(content: str | bytes, file: str = "") -> tuple[Block, list[Problem]]:
    """Return the one block that a file consists of with its mistakes; raise PlanFileRefused without one."""
    found, problems = documents(content, file)
    if len(found) > 1:
        problems.append(Problem("", "Keep one document in this file, without '---'.", file, found[1].line))
    if found and isinstance(found[0], Block):
        return found[0], problems
    if not problems:
        problems = [Problem("", "Enter keys and values, such as `title: …`.", file, found[0].line if found else 1)]
    raise PlanFileRefused(tuple(problems))


def _documents(text: str, reading: _Reading) -> Iterator[Tree]:
    events = iter(yaml.parse(text, Loader=yaml.CBaseLoader))
    for event in events:
        if isinstance(event, DocumentStartEvent):
            if event.version or event.tags:
                reading.refuse(event.start_mark.line + 1, "Remove the line that starts with '%'.")
        elif isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
            yield reading.node(event, events, ())


def _is_empty(event: Any) -> bool:
    return isinstance(event, ScalarEvent) and not event.value and not event.style


def _text(content: str | bytes, reading: _Reading) -> str:
    if len(content) > LARGEST:
        reading.refuse(None, f"Keep the file below {LARGEST:,} bytes.")
        return ""
    if isinstance(content, str):
        return content
    if b"\0" in content:
        reading.refuse(None, "Save the file as text: this one is binary.")
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


# ----------------------------------------------------------------------------
# Makes the same tree of words from what JSON holds, for a plan that is written into a request.
#
# Numbers become text without arithmetic: 40, 40.0 and "40" are the same words.
# ----------------------------------------------------------------------------

LONGEST_NUMBER = 10**15


class _Conversion:
    """One mapping on the way to becoming a tree; every mistake is kept."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.values = 0

    def tree(self, written: object, path: Path) -> Tree:
        """Return the words, list or block; where it cannot be read, empty words and a problem."""
        self.values += 1
        if len(path) > DEEPEST or self.values > MOST_VALUES:
            return self._refused(path[:3], "Shorten this: the definition is too deep or too long.")
        if isinstance(written, Mapping):
            return self._block(written, path)
        if isinstance(written, list | tuple):
            return Listing([self.tree(member, (*path, place)) for place, member in enumerate(written)])
        return self._words(written, path)

    def _block(self, written: Mapping[object, object], path: Path) -> Block:
        block = Block()
        for key, value in written.items():
            if isinstance(key, str) and key and _is_printable(key):
                block.write(key, self.tree(value, (*path, key)))
            else:
                self._refused(path, "Enter a word as the key.")
        return block

    def _words(self, written: object, path: Path) -> Words:
        match written:
            case str() if _is_printable(written):
                return Words(written)
            case str():
                return self._refused(path, "Remove the character that cannot be printed.")
            case bool():
                return Words("yes" if written else "no")
            case int() if abs(written) < LONGEST_NUMBER:
                return Words(str(written))
            case Decimal() | float():
                return self._number(Decimal(str(written)), path)
            case None:
                return self._refused(path, "Enter a value here, or remove the key: null is not read.")
            case _:
                return self._refused(path, "Enter text, a number of ordinary size, true or false.")

    def _number(self, number: Decimal, path: Path) -> Words:
        if not number.is_finite() or abs(number) >= LONGEST_NUMBER or number.as_tuple().exponent < -20:  # type: ignore[operator]
            return self._refused(path, "Enter a number of ordinary size.")
        whole = number.to_integral_value()
        return Words(format(whole if whole == number else number, "f"))

    def _refused(self, path: Path, message: str) -> Words:
        refusal = Problem(dotted(path), message)
        if refusal not in self.problems:
            self.problems.append(refusal)
        if len(self.problems) >= _MOST_MISTAKES:
            raise PlanFileRefused(tuple(self.problems))
        return Words("")


def _is_printable(text: str) -> bool:
    return all(character.isprintable() or character.isspace() for character in text)


def block_of(written: object) -> Block:
    """Return the tree of a JSON object; raise PlanFileRefused with all its mistakes."""
    conversion = _Conversion()
    tree = conversion.tree(written, ())
    if not isinstance(tree, Block):
        conversion.problems.append(Problem("", "Enter an object with the keys of a plan file."))
    if conversion.problems or not isinstance(tree, Block):
        raise PlanFileRefused(tuple(conversion.problems))
    return tree


# ----------------------------------------------------------------------------
# Writes a definition as the text of a plan file, so that what a program made can be read and corrected by a person.
#
# Reading the text gives the same definition again: only the lines and the layout are new.
# ----------------------------------------------------------------------------

_WIDEST = 118
_PLAIN = re.compile(r"[A-Za-z0-9$][A-Za-z0-9$%&+./()_ -]*[A-Za-z0-9$%.)]|[A-Za-z0-9]")


def yaml_of(definition: Mapping[str, Any]) -> str:
    """Return the text of a plan file.

    >>> print(yaml_of({"plan": "acme", "in_force": {"first_day": "2026-01-01"}, "title": "A: #1"}), end="")
    plan: acme
    in_force: {first_day: 2026-01-01}
    title: "A: #1"
    """
    return "".join(f"{line}\n" for key, value in definition.items() for line in _lines(key, value, ""))


def _lines(key: str, value: Any, indent: str) -> Iterator[str]:
    """Yield a key and its value: on one line where that is short, else as a block."""
    start = f"{indent}{_word(key)}:"
    short = flow(value)
    if not isinstance(value, Mapping | list) or not value or len(start) + len(short) < _WIDEST:
        yield f"{start} {short}"
    elif isinstance(value, Mapping):
        yield start
        for name, inner in value.items():
            yield from _lines(str(name), inner, f"{indent}  ")
    else:
        yield start
        for member in value:
            yield f"{indent}  - {flow(member)}"


def flow(value: Any) -> str:
    """Return a value as it is written on one line.

    >>> flow({"visits": "30", "cite": "eoc p. 4"})
    '{visits: 30, cite: eoc p. 4}'
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_word(str(key))}: {flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
