"""What is wrong with an official file: one sentence a row, all of them told at once, up to a point.

A wrong file is wrong in every row, so that after some problems the reading stops.
"""

from __future__ import annotations

from estimator.errors import Problem, Refused

MOST_PROBLEMS = 40
_LONGEST = 40


class Notes:
    """The problems of one file, in the order of its rows."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def note(self, row: int | None, column: str, message: str) -> None:
        """Note a problem; raise `Refused` where there have been enough."""
        self.problems.append(Problem(column, message, self.file, row))
        if len(self.problems) > MOST_PROBLEMS:
            raise self.refused(row, column, "There is more of this kind. Is it the right file?")

    def refused(self, row: int | None, column: str, message: str) -> Refused:
        """Return the refusal of the file here, with all that was noted before."""
        return Refused((*self.problems, Problem(column, message, self.file, row)))

    def settle(self) -> None:
        """Refuse the file where anything was noted."""
        if self.problems:
            raise Refused(tuple(self.problems))


def shown(text: str) -> str:
    """Quote what stands in a cell, cut where it is long."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
