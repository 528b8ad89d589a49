"""What a run comes upon beside the money: questions, assumptions, needs and turning points.

One log belongs to one run and is the only thing that the rules write to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from estimator.domain.citation import Citation


@dataclass(slots=True)
class Log:
    """Questions and assumptions by kind and subject; needs by kind with the visits that have them.

    `is_unsure` turns true when a run read something unknown for or against the patient.
    """

    questions: dict[tuple[str, str], Citation | None] = field(default_factory=dict)
    assumptions: dict[tuple[str, str], Citation | None] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    turns: dict[tuple[str, str], int] = field(default_factory=dict)
    is_unsure: bool = False

    def ask(self, asks: str, subject: str = "", citation: Citation | None = None) -> None:
        """Note a question that does not change this run."""
        self.questions.setdefault((asks, subject), citation)

    def doubt(self, asks: str, subject: str = "", citation: Citation | None = None) -> None:
        """Note a question whose answer would change the amounts."""
        self.is_unsure = True
        self.questions.setdefault((asks, subject), citation)

    def assume(self, assumes: str, subject: str = "", citation: Citation | None = None) -> None:
        """Note something taken for granted."""
        self.assumptions.setdefault((assumes, subject), citation)

    def need(self, kind: str, visit: int, administrator: str, citation: Citation | None) -> None:
        """Note that a visit rests on something that is not yet known to be there."""
        need = self.needs.get(kind)
        if need is None:
            need = self.needs[kind] = Need(administrator, citation)
        need.visits.add(visit)

    def turn(self, kind: str, subject: str, visit: int) -> None:
        """Note a turning point at the first visit where it shows."""
        self.turns.setdefault((kind, subject), visit)


@dataclass(slots=True)
class Need:
    """A need, with the numbers of the visits that rest on it."""

    administrator: str
    citation: Citation | None
    visits: set[int] = field(default_factory=set)
