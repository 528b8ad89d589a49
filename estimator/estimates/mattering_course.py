"""What is open about an estimate: a course, its inputs, and the ends that each of them may plausibly have."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.engine.answer import Estimate, Question
from estimator.engine.plan import Plan
from estimator.estimates.asked import Asked


@dataclass(frozen=True)
class Option:
    """One end of an input: its name, and the plan and request that say so."""

    end: str
    plan: Plan
    asked: Asked


@dataclass(frozen=True)
class Input:
    """Something unknown or taken for granted, with its ends; `path` is the key of a request that would answer it."""

    kind: str
    subject: str
    path: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Course:
    """What the ends are made from: an estimate with its plan and request (the clinic's prices already in it).

    `questions` are those of this plan alone: what a second plan leaves open is not tried.
    """

    estimate: Estimate
    plan: Plan
    asked: Asked
    questions: tuple[Question, ...]

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the networks of its visits, each once."""
        request = self.asked.request
        return tuple(dict.fromkeys(visit.network or request.provider.network for visit in request.visits))

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of its services."""
        return frozenset(service.code for visit in self.asked.request.visits for service in visit.services)

    def subjects(self, asks: str) -> tuple[str, ...]:
        """Return what the estimate's questions of this kind are about."""
        return tuple(question.subject for question in self.questions if question.asks == asks)

    def assumes(self, name: str) -> bool:
        """Tell whether the estimate takes this for granted."""
        return any(assumption.assumes == name for assumption in self.estimate.assumptions)
