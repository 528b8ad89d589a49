"""The courses of care on which every change of a plan is tried: one small file beside the plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.plans.from_yaml import document
from estimator.plans.tree import plain

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
