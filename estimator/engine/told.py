"""What the plan answered when it was asked: on the telephone, in a letter, in an eligibility reply.

Such an answer is no promise. It fills what nobody has read, and never takes the place of what a document says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.money import Money, Rate

COULD_NOT_SAY = "could-not-say"
NONE = "none"
TOLD = "told"
"""The confidence of a rule that was told rather than read."""

Said = bool | int | Rate | str
"""Yes or no, a count or an amount (`Money`), a percentage, or one of the words of its question."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer; `asks` and `subject` are those of the question. `family` stands beside a person's amount."""

    asks: str
    subject: str
    answer: Said
    from_visit: int | None = None
    family: Money | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return the question that this answers."""
        return self.asks, self.subject


@dataclass(frozen=True, slots=True)
class Call:
    """Answers of one day from one source, with the plan's own reference number for them."""

    on: date
    answers: tuple[Told, ...]
    source: str = "telephone"
    reference: str = ""
    representative: str = ""


class Effect(StrEnum):
    """What an answer did to the estimate."""

    COUNTED = "counted"
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    COULD_NOT_SAY = COULD_NOT_SAY


class Heard(NamedTuple):
    """An answer of a call with its effect."""

    call: Call
    told: Told
    effect: Effect


def written(said: Said) -> str:
    """Write an answer as a request does.

    >>> written(True), written(30), written(Money(4000)), written(Rate.parse("20%")), written("none")
    ('yes', '30', '40.00', '20%', 'none')
    """
    if isinstance(said, bool):
        return "yes" if said else "no"
    return str(said)
