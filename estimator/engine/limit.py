"""Limits: buckets of visits, units or dollars that one or several benefits fill together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from estimator.engine.citation import Citation
from estimator.engine.unknown import Unknown
from estimator.engine.when import ANYTIME, When


class Measure(StrEnum):
    """What a limit counts."""

    VISITS = "visits"
    DAYS = "days"
    SESSIONS = "sessions"
    HOURS = "hours"
    MODALITIES = "modalities"
    UNITS = "units"
    DOLLARS = "dollars"
    MONTHS = "months"


class DollarsOf(StrEnum):
    """Which dollars fill a dollar limit."""

    ALLOWED = "allowed"
    PAID = "paid"
    BILLED = "billed"


class Counting(StrEnum):
    """Which lines of a date count as one."""

    ONE_PER_DATE = "one-per-date"
    ONE_PER_DISCIPLINE = "one-per-discipline-per-date"
    ONE_PER_PROVIDER = "one-per-provider-per-date"
    ONE_PER_VISIT = "one-per-visit"
    ONE_PER_LINE = "one-per-line"


class Past(StrEnum):
    """What happens to a line past the limit."""

    PATIENT_PAYS = "patient-pays"  # hard: the allowed amount, which fills no accumulator
    PROVIDER_ABSORBS = "provider-absorbs"
    NEEDS_AUTHORIZATION = "needs-authorization"  # soft
    CONTINUES = "continues"  # a marker: care goes on, perhaps with a modifier


class Every(StrEnum):
    """The period after which a limit starts again."""

    BENEFIT_YEAR = "benefit-year"
    CALENDAR_YEAR = "calendar-year"
    YEAR_FROM_FIRST = "year-from-first-service"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    VISIT = "visit"
    ROLLING_DAYS = "rolling-days"
    ROLLING_MONTHS = "rolling-months"
    CONDITION = "condition"
    EPISODE = "episode"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class Extension:
    """Visits beyond a limit, given on documented improvement, on authorization or for a diagnosis."""

    amount: int
    needs: str  # improvement, justification, authorization, diagnosis
    when: When = ANYTIME
    modifier: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket that one or several benefits fill together.

    `amount` is in the measure's own unit: cents for dollars, minutes for hours, otherwise a count.
    `window` is the number of rolling days or months. `networks` empty means all of them.
    One that is not `confirmed` was read out of free text: only the high run counts on it.
    """

    name: str
    measure: Measure
    amount: int | Unknown
    every: Every = Every.BENEFIT_YEAR
    window: int = 0
    counting: Counting = Counting.ONE_PER_DATE
    dollars_of: DollarsOf = DollarsOf.ALLOWED
    services: frozenset[str] = frozenset()
    not_counted: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    exempt: When | None = None
    counts_deductible_visits: bool | Unknown | None = None  # None: the plan is silent; they count
    past: Past | Unknown = Past.PATIENT_PAYS
    confirmed: bool = True
    modifier: str = ""
    extension: Extension | None = None
    citation: Citation | None = None
