"""State law: whether a physical therapist may needle, on what training, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass

from estimator.domain.citation import Citation

_FORBIDDING = frozenset({"prohibited", "awaiting-rules"})


@dataclass(frozen=True, slots=True)
class StateRule:
    """What one state says of dry needling by physical therapists.

    `status` is permitted, prohibited, silent or awaiting-rules; `basis` is statute, rule, board or
    unverified. `written_consent` is yes, no or unknown. Texts are "" where nothing is known.
    """

    abbreviation: str
    name: str
    status: str
    basis: str
    citation: Citation
    year: str = ""
    training: str = ""
    experience_years: str = ""
    written_consent: str = "unknown"
    referral: str = ""
    registration: str = ""
    assistants: str = ""
    chiropractors: str = ""
    direct_access: str = ""
    direct_access_limit: str = ""
    board: str = ""
    board_url: str = ""
    board_url_checked: bool = False
    confidence: str = "medium"
    notes: str = ""

    @property
    def forbids(self) -> bool:
        """Tell whether a physical therapist may not needle today."""
        return self.status in _FORBIDDING
