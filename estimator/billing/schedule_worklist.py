"""The rows of a schedule as a list of work: what needs action first, then by day; and what of it is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from estimator.billing.schedule_answering import KINDS
from estimator.billing.stored_schedules import KeptRow

NOTHING, WAITING = "nothing", "waiting"
# Everything that a list can be narrowed to, the most pressing first.
STATES = (*KINDS, NOTHING, WAITING)


class Work(NamedTuple):
    """A row in the list; `state` is the most pressing thing that it needs, NOTHING or WAITING."""

    line: int
    cells: Mapping[str, str]
    outcome: Mapping[str, Any]
    state: str

    @property
    def day(self) -> date:
        """Return the day of the first visit, the earliest of all days where it cannot be read."""
        try:
            return date.fromisoformat(self.cells["first_day"])
        except ValueError:
            return date.min

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return all that the row needs."""
        return tuple(need["kind"] for need in self.outcome.get("needs", ())) or (self.state,)


def worklist(rows: Iterable[KeptRow]) -> tuple[Work, ...]:
    """Return the rows by what needs action and then by day."""
    return tuple(sorted(map(_work, rows), key=lambda work: (STATES.index(work.state), work.day, work.line)))


def narrowed(works: Sequence[Work], wanted: str) -> Sequence[Work]:
    """Return only those that need what is wanted, if anything is."""
    return [work for work in works if wanted in work.kinds] if wanted else works


def counts(work: Sequence[Work]) -> Mapping[str, int]:
    """Return how many rows need each thing, the most pressing first; a row that needs two counts for both."""
    counted = Counter(kind for one in work for kind in set(one.kinds))
    return {state: counted[state] for state in STATES if counted[state]}


def _work(row: KeptRow) -> Work:
    if row.outcome is None:
        return Work(row.line, row.cells, {}, WAITING)
    needs = row.outcome["needs"]
    return Work(row.line, row.cells, row.outcome, needs[0]["kind"] if needs else NOTHING)
