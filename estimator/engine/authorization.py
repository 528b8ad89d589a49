"""Prior authorization and referral: when a plan wants one, and who bears a missing one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from estimator.engine.citation import Citation
from estimator.engine.money import Money, Rate
from estimator.engine.when import ANYTIME, When


class IfMissing(StrEnum):
    """What the plan does with a line whose authorization is missing."""

    PROVIDER_ABSORBS = "provider-absorbs"
    PATIENT_PAYS = "patient-pays"
    REDUCED = "reduced"  # the plan pays only a percentage of what it would have paid
    PENALTY = "penalty"  # a flat amount, once a course
    OTHER_COST_SHARE = "other-cost-share"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a missing authorization costs and whom; a penalty fills the maximum only where `credits`."""

    kind: IfMissing
    percent: Rate | None = None
    penalty: Money | None = None
    credits: bool = False


@dataclass(frozen=True, slots=True)
class Authorization:
    """From which visit an authorization (or a referral) is needed.

    `from_visit` 1 is from the first, `None` never. The first `waiver_visits` (within `waiver_days` of the
    first one, 0 for any time) need a request but no review. Visits are counted by the limit named
    `counter`, by `course`, or, where it is empty, by the benefit's first limit. A gap of
    `restart_gap_days` starts the count again. `if_missing` is for contracted networks where no other is named.
    """

    from_visit: int | None
    if_missing: Consequence
    if_missing_out_of_network: Consequence
    exempt: frozenset[str] = frozenset()
    only_for: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    when: When = ANYTIME
    waiver_visits: int = 0
    waiver_days: int = 0
    counter: str = ""
    restart_gap_days: int = 0
    administrator: str = ""
    how_to_ask: str = ""
    turnaround_days: int | None = None
    grant_days: int | None = None
    citation: Citation | None = None

    def covers(self, code: str) -> bool:
        """Tell whether lines of this code can need it at all."""
        return code not in self.exempt and (not self.only_for or code in self.only_for)
