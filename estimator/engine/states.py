"""State law on dry needling: who may do it, under what rule, and what the patient must sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from estimator.engine.values import Citation, Source

READ_ON = date(2026, 11, 23)
"""The day on which the whole table was read."""


class Scope(StrEnum):
    """What a state says of needling by physical therapists."""

    PERMITTED = "permitted"
    PROHIBITED = "prohibited"
    SILENT = "silent"  # no law or ruling speaks of it
    AWAITING_RULES = "awaiting-rules"  # authorized, but not usable before the board has made its rules


@dataclass(frozen=True, slots=True)
class StateRule:
    """One state, in the words of our reading. `written_consent` None and "unknown" are what nobody has read yet.

    `cite` names the statute, rule or ruling; `sources` are the documents in which it was read.
    """

    abbreviation: str
    name: str
    status: Scope
    basis: str  # statute, rule, board or unverified
    cite: str
    year: str
    training: str
    experience_years: str
    written_consent: bool | None
    referral: str
    registration: str
    assistants: str
    chiropractors: str
    direct_access: str
    direct_access_limit: str
    board: str
    board_url: str
    board_url_checked: bool
    confidence: str
    notes: str
    sources: str

    @property
    def forbids(self) -> bool:
        """Tell whether a physical therapist may not needle today."""
        return self.status in (Scope.PROHIBITED, Scope.AWAITING_RULES)

    @property
    def citation(self) -> Citation:
        """Return the statute, rule or ruling, and where it was read."""
        return Citation(Source(self.sources or self.board, self.board_url, READ_ON, self.confidence), self.cite)
