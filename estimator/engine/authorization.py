"""Prior authorization and referral: whether a line needs one on its day, and whether one is on file for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from estimator.engine.codes import ServiceCode
from estimator.engine.log import ConditionKind, Log, QuestionKind
from estimator.engine.plan import Authorization, Benefit, Circumstances, Consequence, IfMissing, Limit, Plan
from estimator.engine.request import Grant
from estimator.engine.values import Citation, Unknown


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
    rule: Authorization,
    number: int,
    day: date,
    episode_start: date | None,
    grant: Grant,
    spent: Spent,
    visit: int,
    code: str,
    units: int,
    refused: bool,
) -> Standing:
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


# ----------------------------------------------------------------------------
# Which limits and which permissions a covered line stands under, in the order of its benefit.
#
# Nothing here changes from visit to visit; the same line on another day of the same rules gets the same answer.
# ----------------------------------------------------------------------------

AUTHORIZATION = ConditionKind.AUTHORIZATION
REFERRAL = ConditionKind.REFERRAL

_IS_NEEDED = {
    AUTHORIZATION: QuestionKind.AUTHORIZATION_NEEDED,
    REFERRAL: QuestionKind.REFERRAL_NEEDED,
}

_PHYSICAL_THERAPY = "physical-therapy"
_KINDS_OF_THERAPY = frozenset({"therapy", "evaluation", "needling"})
_BY_MODIFIER = {"GP": _PHYSICAL_THERAPY, "GO": "occupational-therapy", "GN": "speech-therapy"}


class Permission(NamedTuple):
    """A rule on authorization or referral (`kind`) that can touch a line; `is_read` is False where we assume one."""

    kind: ConditionKind
    rule: Authorization
    is_read: bool
    citation: Citation | None


def limits_over(
    benefit: Benefit, plan: Plan, code: str, network: str, case: Circumstances, log: Log
) -> tuple[Limit, ...]:
    """Return the limits that a line of this code stands under."""
    return tuple(limit for name in benefit.limits if _holds(limit := plan.limits[name], code, network, case, log))


def permissions_over(
    benefit: Benefit, code: str, network: str, case: Circumstances, log: Log
) -> tuple[Permission, ...]:
    """Return the rules that may want a referral or an authorization for a line of this code."""
    found = []
    own = benefit.authorization_by_code.get(code, benefit.authorization)
    for kind, rule in ((REFERRAL, benefit.referral), (AUTHORIZATION, own)):
        if rule is None:
            continue
        if isinstance(rule, Unknown):
            log.ask(_IS_NEEDED[kind], benefit.name, benefit.citation)
            found.append(Permission(kind, ASSUMED, False, benefit.citation))
            continue
        holds = applies(rule, code, network, case)
        if holds is None:
            log.ask(_IS_NEEDED[kind], benefit.name, rule.citation)
        if holds is not False:
            found.append(Permission(kind, rule, True, rule.citation or benefit.citation))
    return tuple(found)


def discipline_of(modifiers: frozenset[str], known: ServiceCode | None, benefit: Benefit) -> str:
    """Return the discipline of a line: by its modifier, else by its code, else by its benefit."""
    for modifier, discipline in _BY_MODIFIER.items():
        if modifier in modifiers:
            return discipline
    if known is None:
        return benefit.name
    return _PHYSICAL_THERAPY if known.kind in _KINDS_OF_THERAPY else known.kind


def _holds(limit: Limit, code: str, network: str, case: Circumstances, log: Log) -> bool:
    if limit.networks and network not in limit.networks:
        return False
    if code in limit.not_counted or (limit.services and code not in limit.services):
        return False
    if limit.exempt is None:
        return True
    exempt = limit.exempt.holds(case)
    if exempt is None:
        exempt = log.doubt(QuestionKind.LIMIT_EXEMPTION, limit.name, limit.citation)
    return not exempt
