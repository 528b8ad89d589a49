"""What was written, before anything is made of it: words, lists and blocks that know their lines.

Every scalar stays text, so that `02134` stays a ZIP and `NO` a state; the schema owns the types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from estimator.errors import Problem

Path = tuple[str | int, ...]
EMPTY = "Write a value here, or remove the key."


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
