"""Makes the same tree of words from what JSON holds, for a plan that is written into a request.

Numbers become text without arithmetic: 40, 40.0 and "40" are the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from estimator.errors import PlanFileRefused, Problem
from estimator.plans.from_yaml import DEEPEST, MOST_VALUES
from estimator.plans.tree import Block, Listing, Path, Tree, Words, dotted

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
            return self._refused(path[:3], "Write less here: the definition is too deep or too long.")
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
                self._refused(path, "Write a word as the key.")
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
                return self._refused(path, "Write a value here, or remove the key: null is not read.")
            case _:
                return self._refused(path, "Write text, a number of ordinary size, true or false.")

    def _number(self, number: Decimal, path: Path) -> Words:
        if not number.is_finite() or abs(number) >= LONGEST_NUMBER or number.as_tuple().exponent < -20:  # type: ignore[operator]
            return self._refused(path, "Write a number of ordinary size.")
        whole = number.to_integral_value()
        return Words(format(whole if whole == number else number, "f"))

    def _refused(self, path: Path, message: str) -> Words:
        refusal = Problem(dotted(path), message)
        if refusal not in self.problems:
            self.problems.append(refusal)
        return Words("")


def _is_printable(text: str) -> bool:
    return all(character.isprintable() or character.isspace() for character in text)


def block_of(written: object) -> Block:
    """Return the tree of a JSON object; raise PlanFileRefused with all its mistakes."""
    conversion = _Conversion()
    tree = conversion.tree(written, ())
    if not isinstance(tree, Block):
        conversion.problems.append(Problem("", "Write an object with the keys of a plan file."))
    if conversion.problems or not isinstance(tree, Block):
        raise PlanFileRefused(tuple(conversion.problems))
    return tree
