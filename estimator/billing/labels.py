"""The label under which a clinic finds a case again: its own, short, and never a name."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.errors import Problem

MOST_LABEL = 60


def label_problems(label: str) -> Iterator[Problem]:
    """Find what is wrong with a label."""
    if len(label) > MOST_LABEL:
        yield Problem("case_label", f"Write a label of at most {MOST_LABEL} characters; these are {len(label):,}.")
