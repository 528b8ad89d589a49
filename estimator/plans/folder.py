"""The folder of plans: what its files share, which plans it holds, and each plan read once.

Files are told apart by path, size and the moment they were changed, so that a corrected file is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from estimator.engine.coverage import StateRule
from estimator.engine.plan import Plan
from estimator.engine.values import Span
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.layers import Layer, read_layers
from estimator.plans.read import PlanFile, plan_from_mapping, read_plan
from estimator.plans.schema_rules import PlanSpanSchema
from estimator.plans.schema_values import Names, load
from estimator.plans.shared import STATES_FILE as STATES
from estimator.plans.shared import Shared, plan_files, read_shared, read_states, shared_files, shown
from estimator.plans.text import Block, Listing, document, documents, plain
from estimator.plans.yearly import Key, YearlyFigure, yearly_figures

Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision of a plan in the folder, known by the head of its file."""

    heading: Heading
    path: Path
    stamp: Stamp
    content: bytes = field(compare=False, repr=False)


class Library:
    """A folder of plan files with what they share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._headings: dict[Path, Entry] = {}
        self._plans: dict[Path, tuple[Stamp, PlanFile]] = {}

    @cached_property
    def shared(self) -> Shared:
        """Return what every plan of the folder may name."""
        return read_shared(self.folder)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return the rules that plans inherit; those with mistakes are left out, and `shared_problems` tells them."""
        return self._layers[0]

    @cached_property
    def _layers(self) -> tuple[tuple[Layer, ...], tuple[Problem, ...]]:
        return read_layers(self.folder, self.shared)

    @cached_property
    def states(self) -> Mapping[str, StateRule]:
        """Return the law of each state by its two letters; raise PlanFileRefused with every mistake."""
        path = self.folder / STATES
        if not path.is_file():
            message = "This file is missing: without it nobody knows where needling is forbidden."
            raise PlanFileRefused((Problem("", message, shown(self.folder, path)),))
        return read_states(path.read_bytes(), shown(self.folder, path))

    @cached_property
    def yearly(self) -> Mapping[Key, YearlyFigure]:
        """Return what the law sets by year and name, none where the folder has no such file; raise PlanFileRefused."""
        return yearly_figures(self.folder, self.shared)

    def files(self) -> list[Path]:
        """Return the plan files of the folder in order of their paths."""
        return plan_files(self.folder)

    def catalogue(self) -> tuple[Heading, ...]:
        """Return the head of every plan file, by title and first day; files without a readable head are left out."""
        headings = (entry.heading for entry in self.entries())
        return tuple(sorted(headings, key=lambda one: (one.title.lower(), one.in_force.first_day or date.min)))

    def read_file(self, path: Path) -> PlanFile:
        """Read a plan file of the folder or of elsewhere; raise PlanFileRefused with every mistake in it."""
        stamp = _stamp(path)
        kept = self._plans.get(path)
        if kept is None or kept[0] != stamp:
            kept = (stamp, self.read(path.read_bytes(), shown(self.folder, path)))
            self._plans[path] = kept
        return kept[1]

    def read(self, content: str | bytes, file: str) -> PlanFile:
        """Read the text of a plan file; raise PlanFileRefused with every mistake in it."""
        return read_plan(content, file, self.shared)

    def plan_from(self, definition: Mapping[str, Any], as_of: date) -> Plan:
        """Read a plan that a request defines; raise PlanFileRefused with every mistake in it."""
        return plan_from_mapping(definition, self.shared, as_of)

    def shared_problems(self) -> tuple[Problem, ...]:
        """Return the mistakes in everything that plans share."""
        shared = self.shared
        of_policies = tuple(one for policy in shared.policies.values() for one in policy.problems)
        return (*shared.problems, *of_policies, *self._layers[1])

    def entries(self) -> Iterator[Entry]:
        """Yield every plan file whose head can be read, in order of their paths."""
        for path in self.files():
            kept, stamp = self._headings.get(path), _stamp(path)
            if kept is None or kept.stamp != stamp:
                content = path.read_bytes()
                head = heading(content)
                if head is None:
                    continue
                kept = Entry(head, path, stamp, content)
                self._headings[path] = kept
            yield kept


_OPEN: dict[Path, tuple[dict[Path, Stamp], Library]] = {}


def library(folder: Path) -> Library:
    """Return the library of a folder, the same one as long as none of the shared files changes."""
    stamps = {path: _stamp(path) for path in shared_files(folder)}
    kept = _OPEN.get(folder)
    if kept is None or kept[0] != stamps:
        kept = (stamps, Library(folder))
        _OPEN[folder] = kept
    return kept[1]


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


# ----------------------------------------------------------------------------
# The head of a plan file, read without the rest of it: enough to choose a plan from a list.
# ----------------------------------------------------------------------------

_KEYS = ("plan", "title", "payer", "kind", "market", "states", "in_force")
_TOP = re.compile(rf"^(?:{'|'.join(_KEYS)})[ ]*:.*\n(?:[ \t#].*\n|\n|[\]}}].*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heading:
    """One revision of a plan; `states` empty means that it is sold everywhere."""

    id: str
    title: str
    payer: str
    kind: str
    market: str
    states: tuple[str, ...]
    in_force: Span


def heading(content: bytes) -> Heading | None:
    """Return the head of a plan file, or None where it has none that can be read; a check says why."""
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
    found, _ = documents("".join(match.group() for match in _TOP.finditer(f"{text}\n")))
    if not found or not isinstance(found[0], Block):
        return None
    head = found[0]
    in_force = load(PlanSpanSchema, head.get("in_force", Block()), Names(), [])[0]
    if "plan" not in head or not isinstance(in_force, Span):
        return None
    words = {key: " ".join(str(head.get(key, "")).split()) for key in ("title", "payer", "kind", "market")}
    states = head.get("states")
    listed = tuple(str(state) for state in states) if isinstance(states, Listing) else ()
    return Heading(id=str(head["plan"]), states=listed, in_force=in_force, **words)


# ----------------------------------------------------------------------------
# The courses of care on which every change of a plan is tried: one small file beside the plans.
# ----------------------------------------------------------------------------

FILE = "_sample-courses.yaml"


@dataclass(frozen=True, slots=True)
class Sample:
    """A course under its name, written as the question of an example."""

    name: str
    given: Mapping[str, Any]


def read_samples(folder: Path) -> tuple[Sample, ...]:
    """Return the courses of a folder of plans, none where it has no such file; raise PlanFileRefused."""
    path = folder / FILE
    if not path.is_file():
        return ()
    written, _ = document(path.read_bytes(), FILE)
    return tuple(Sample(one["name"], one["given"]) for one in plain(written)["samples"])
