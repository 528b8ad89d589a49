"""How two texts of a plan differ: in the sentences of the plan's page, value by value, and line by line.

The sentences say what a reader would notice; the values leave nothing out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff

from estimator.plans.read import PlanFile
from estimator.plans.shared import ServiceName
from estimator.plans.text import Block, Listing, Tree, Words
from estimator.wording.plan_rules import rules_of

_ALIKE = 0.6
_HEAD = (("title", "Title"), ("payer", "Payer"), ("kind", "Kind"), ("market", "Market"), ("states", "States"))
_AROUND = 2
_ABOUT = "The plan"


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence or a value before and after; empty where it was not there, or is not there any more."""

    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything in which two texts differ."""

    rules: tuple[Change, ...]
    values: tuple[Change, ...]
    lines: tuple[str, ...]


def changes_of(
    before: PlanFile | None, after: PlanFile, old_text: str, new_text: str, names: Mapping[str, ServiceName]
) -> Changes:
    """Return how a plan would change; of a plan that is new, everything is added."""
    lines = lines_between(old_text, new_text, "before", "after")
    return Changes(tuple(_rules(before, after, names)), tuple(_values(before, after)), lines)


def lines_between(old: str, new: str, old_name: str, new_name: str) -> tuple[str, ...]:
    """Return the lines in which two texts differ, with some around them."""
    return tuple(unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="", n=_AROUND))


def _rules(before: PlanFile | None, after: PlanFile, names: Mapping[str, ServiceName]) -> Iterator[Change]:
    old = _sentences(before, names) if before else {}
    new = _sentences(after, names)
    for heading in dict.fromkeys((*old, *new)):
        yield from _paired(heading, old.get(heading, []), new.get(heading, []))


def _sentences(file: PlanFile, names: Mapping[str, ServiceName]) -> dict[str, list[str]]:
    about = [f"{label}: {_shown(file.written[key])}." for key, label in _HEAD if key in file.written]
    span = file.plan.in_force
    about.append(f"In force: {span.first_day or 'always'} to {span.last_day or 'no end'}.")
    return {_ABOUT: about} | {heading: [words for words, _ in rules] for heading, rules in rules_of(file.plan, names)}


def _paired(heading: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield what differs under a heading; a sentence that is much like another one took its place."""
    gone = [words for words in old if words not in new]
    come = [words for words in new if words not in old]
    for words in gone:
        alike = get_close_matches(words, come, 1, _ALIKE)
        if alike:
            come.remove(alike[0])
        yield Change(heading, words, alike[0] if alike else "")
    yield from (Change(heading, "", words) for words in come)


def _values(before: PlanFile | None, after: PlanFile) -> Iterator[Change]:
    old = dict(_flat(before.written, "")) if before else {}
    new = dict(_flat(after.written, ""))
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) != new.get(path):
            yield Change(path, old.get(path, ""), new.get(path, ""))


def _flat(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Block):
        for key, value in tree.items():
            yield from _flat(value, f"{path} › {key}" if path else key)
    elif isinstance(tree, Listing) and not all(isinstance(member, Words) for member in tree):
        for place, member in enumerate(tree, start=1):
            yield from _flat(member, f"{path} › {place}")
    else:
        yield path, _shown(tree)


def _shown(tree: Tree) -> str:
    if isinstance(tree, Words):
        return " ".join(tree.split())
    return ", ".join(_shown(member) for member in tree) if isinstance(tree, Listing) else ""
