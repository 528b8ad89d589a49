"""Whether a line needs an authorization (or a referral) on its day, and whether one is on file for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from estimator.engine.authorization import Authorization, Consequence, IfMissing
from estimator.engine.request import Grant
from estimator.engine.when import Circumstances


class Standing(Enum):
    """How a line stands with an authorization rule."""

    REQUEST_ONLY = "request-only"
    ON_FILE = "on-file"
    NEEDED = "needed"  # taken as granted, and priced as a condition
    MISSING = "missing"


ASSUMED = Authorization(
    from_visit=1,
    if_missing=Consequence(IfMissing.PROVIDER_ABSORBS),
    if_missing_out_of_network=Consequence(IfMissing.PATIENT_PAYS),
)
"""What stands for a rule that nobody has read, and for a soft limit without a rule of its own."""


@dataclass(slots=True)
class Episode:
    """The visits of one course that an authorization rule has counted."""

    first_day: date | None = None
    last_day: date | None = None
    number: int = 0
    visits: set[int] = field(default_factory=set)

    def number_of(self, visit: int, day: date, gap_days: int) -> int:
        """Return the number of this visit in the episode, starting again after a gap of so many days."""
        if visit in self.visits:
            return self.number
        if gap_days and self.last_day is not None and (day - self.last_day).days >= gap_days:
            self.first_day, self.number = None, 0
        if self.first_day is None:
            self.first_day = day
        self.last_day = day
        self.visits.add(visit)
        self.number += 1
        return self.number


@dataclass(slots=True)
class Spent:
    """What of a grant the course has used."""

    visits: set[int] = field(default_factory=set)
    units: int = 0


def applies(rule: Authorization, code: str, network: str, case: Circumstances) -> bool | None:
    """Tell whether the rule can touch this line at all; None where a needed fact is not known."""
    if rule.from_visit is None or not rule.covers(code):
        return False
    if rule.networks and network not in rule.networks:
        return False
    return rule.when.holds(case)


def standing(
    rule: Authorization, number: int, day: date, episode_start: date | None, grant: Grant, spent: Spent,
    visit: int, code: str, units: int, refused: bool,
) -> Standing:  # fmt: skip
    """Return how the line of a visit that the rule reaches stands; `refused` supposes that nothing more is granted."""
    if _is_waived(rule, number, day, episode_start):
        # Even a waived visit must be asked for: where nothing was, it is lost.
        return Standing.MISSING if grant.on_file is False else Standing.REQUEST_ONLY
    if grant.on_file and _is_granted(grant, spent, visit, day, code, units):
        spent.visits.add(visit)
        spent.units += units
        return Standing.ON_FILE
    if grant.on_file is False or refused:
        return Standing.MISSING
    return Standing.NEEDED


def _is_waived(rule: Authorization, number: int, day: date, start: date | None) -> bool:
    if number - (rule.from_visit or 1) >= rule.waiver_visits:
        return False
    return not rule.waiver_days or start is None or day < start + timedelta(days=rule.waiver_days)


def _is_granted(grant: Grant, spent: Spent, visit: int, day: date, code: str, units: int) -> bool:
    if day not in grant.valid or (grant.codes and code not in grant.codes):
        return False
    if grant.visits is not None and visit not in spent.visits and len(spent.visits) >= grant.visits:
        return False
    return grant.units is None or spent.units + units <= grant.units
