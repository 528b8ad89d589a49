"""State law on dry needling: who may do it, under what rule, and what the patient must sign.

A state's words are for readers. What the people who keep the table note for each other stays in its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from estimator.engine.values import Citation, Source

READ_ON = date(2026, 11, 29)
"""The day on which the whole table was read."""
NEEDLERS = (
    "physical-therapist-assistant",
    "chiropractor",
    "acupuncturist",
    "physician",
    "occupational-therapist",
    "athletic-trainer",
)
"""The professions, besides physical therapists, of which every state's row says whether they may needle."""


class Scope(StrEnum):
    """What a state says of needling by physical therapists."""

    PERMITTED = "permitted"
    PROHIBITED = "prohibited"
    SILENT = "silent"  # no law or ruling speaks of it
    AWAITING_RULES = "awaiting-rules"  # authorized, but not usable before the board has made its rules


class May(StrEnum):
    """Whether people of one profession may needle; unknown is what nobody has read yet."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not-yet"  # a law allows it from a later day on
    UNKNOWN = "unknown"


class Access(StrEnum):
    """Whether therapy may start without a referral, as far as the state is concerned: a plan may still want one."""

    FREE = "free"
    LIMITED = "limited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Permission:
    """What a state lets one profession do, and on what terms, in readers' words."""

    may: May = May.UNKNOWN
    terms: str = ""


@dataclass(frozen=True, slots=True)
class StateRule:
    """One state, in readers' words. None and "" are what nobody has read yet.

    `says` answers whether a physical therapist may needle; `law` names the statute, rule or ruling, "" where none was
    found. `experience_years` are whole years of practice. `others` holds every profession but the physical therapist.
    """

    abbreviation: str
    name: str
    status: Scope
    says: str
    law: str = ""
    training: str = ""
    experience_years: int | None = None
    written_consent: bool | None = None
    referral: str = ""
    registration: str = ""
    direct_access: Access = Access.UNKNOWN
    direct_access_limit: str = ""
    others: Mapping[str, Permission] = field(default_factory=dict)
    board: str = ""
    board_url: str = ""
    confidence: str = "low"

    def scope_for(self, provider: str) -> Scope:
        """Return what the state says of needling by this kind of provider: silent where nobody has read it.

        An assistant may do no more than the physical therapist.
        """
        said = _SCOPES[self.permission(provider).may]
        if provider == "physical-therapist" or (provider == "physical-therapist-assistant" and self.is_closed):
            return self.status
        return said

    def permission(self, provider: str) -> Permission:
        """Return what one profession other than the physical therapist may do."""
        return self.others.get(provider, Permission())

    def forbids(self, provider: str) -> bool:
        """Tell whether this kind of provider may not needle today."""
        return self.scope_for(provider) in _CLOSED

    @property
    def is_closed(self) -> bool:
        """Tell whether a physical therapist may not needle today."""
        return self.status in _CLOSED

    @property
    def citation(self) -> Citation:
        """Return the statute, rule or ruling, or else the board that was asked for one."""
        address = "" if self.law else self.board_url
        return Citation(Source(self.law or self.board, address, READ_ON, self.confidence))


_CLOSED = (Scope.PROHIBITED, Scope.AWAITING_RULES)
_SCOPES = {
    May.YES: Scope.PERMITTED,
    May.NO: Scope.PROHIBITED,
    May.NOT_YET: Scope.AWAITING_RULES,
    May.UNKNOWN: Scope.SILENT,
}
