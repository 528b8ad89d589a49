"""What a run comes upon beside the money: questions, assumptions, needs and turning points.

One log belongs to one run and is the only thing that the rules write to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from estimator.engine.values import Citation


@dataclass(slots=True)
class Log:
    """Questions and assumptions by kind and subject; needs by kind with the visits that have them.

    `cheap` is the reading of what is unknown: in the patient's favour, or against. `doubt` and `waver` tell it,
    so that `is_unsure` knows whether it changed anything. `holds` is the reading of a `when` that cannot be
    decided, which may be either; `undecided` tells it, so that `is_split` knows.
    """

    cheap: bool = False
    holds: bool = True
    questions: dict[tuple[str, str], Citation | None] = field(default_factory=dict)
    assumptions: dict[tuple[str, str], Citation | None] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    turns: dict[tuple[str, str], int] = field(default_factory=dict)
    is_unsure: bool = False
    is_split: bool = False

    def ask(self, asks: str, subject: str = "", citation: Citation | None = None) -> None:
        """Note a question that does not change this run."""
        self.questions.setdefault((asks, subject), citation)

    def doubt(self, asks: str, subject: str = "", citation: Citation | None = None) -> bool:
        """Note a question whose answer would change the amounts; return whether it is read in the patient's favour."""
        self.is_unsure = True
        self.questions.setdefault((asks, subject), citation)
        return self.cheap

    def waver(self) -> bool:
        """Return whether to read in the patient's favour what is not known, where the question is already noted."""
        self.is_unsure = True
        return self.cheap

    def undecided(self) -> bool:
        """Return whether a `when` is read as holding, where a fact that it needs is not known."""
        self.is_split = True
        return self.holds

    def assume(self, assumes: str, subject: str = "", citation: Citation | None = None) -> None:
        """Note something taken for granted."""
        self.assumptions.setdefault((assumes, subject), citation)

    def adopt(self, other: Log) -> None:
        """Take over the questions, the assumptions and the doubts of a second plan's run."""
        self.is_unsure = self.is_unsure or other.is_unsure
        self.is_split = self.is_split or other.is_split
        for key, citation in other.questions.items():
            self.questions.setdefault(key, citation)
        for key, citation in other.assumptions.items():
            self.assumptions.setdefault(key, citation)

    def need(self, kind: str, visit: int, administrator: str, citation: Citation | None) -> None:
        """Note that a visit rests on something that is not yet known to be there."""
        need = self.needs.get(kind)
        if need is None:
            need = self.needs[kind] = Need(administrator, citation)
        need.visits.add(visit)

    def turn(self, kind: str, subject: str, visit: int) -> None:
        """Note a turning point at the first visit where it shows."""
        self.turns.setdefault((kind, subject), visit)

    def turn_at(self, kind: str, subject: str, visit: int) -> None:
        """Note a turning point at this visit, in place of an earlier one: only then is it the last of its kind."""
        self.turns[kind, subject] = visit


@dataclass(slots=True)
class Need:
    """A need, with the numbers of the visits that rest on it."""

    administrator: str
    citation: Citation | None
    visits: set[int] = field(default_factory=set)
