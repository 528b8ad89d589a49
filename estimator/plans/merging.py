"""Puts two people's changes of one text together, line by line, so that neither is lost.

Where both changed the same lines, both ways stand there between marks that no plan file can be read with.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

MINE, THEIRS, BETWEEN = "<<<<<<< yours", ">>>>>>> theirs", "======="


def merged(base: str, mine: str, theirs: str) -> tuple[str, int]:
    r"""Return the text with both changes, and how many places there are that both changed in different ways.

    >>> merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    ('A\nb\nC\n', 0)
    """
    lines: list[str] = []
    clashes = 0
    for old, ours, other in _regions(*(text.splitlines() for text in (base, mine, theirs))):
        if ours == other or other == old:
            lines += ours
        elif ours == old:
            lines += other
        else:
            clashes += 1
            lines += [MINE, *ours, BETWEEN, *other, THEIRS]
    return "".join(f"{line}\n" for line in lines), clashes


def _regions(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield the same stretch of all three texts in turn: lines that both kept, and what stands between those."""
    own, other = _kept(base, mine), _kept(base, theirs)
    at = at_mine = at_theirs = 0
    for line in [*sorted(own.keys() & other.keys()), len(base)]:
        to_mine, to_theirs = own.get(line, len(mine)), other.get(line, len(theirs))
        yield base[at:line], mine[at_mine:to_mine], theirs[at_theirs:to_theirs]
        if line < len(base):
            yield [base[line]], [base[line]], [base[line]]
        at, at_mine, at_theirs = line + 1, to_mine + 1, to_theirs + 1


def _kept(base: list[str], text: list[str]) -> dict[int, int]:
    """Return where each line of the base still stands in a text."""
    blocks = SequenceMatcher(None, base, text, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}
