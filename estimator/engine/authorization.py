"""Prior authorization and referral: whether a line needs one on its day, and whether one is on file for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from estimator.engine.answer import ConditionKind, Log, QuestionKind
from estimator.engine.coding import ServiceCode
from estimator.engine.plan import Authorization, Benefit, Circumstances, Consequence, IfMissing, Limit, Plan
from estimator.engine.request import Grant
from estimator.engine.values import Citation, Unknown


class AuthorizationState(Enum):
    """What a line has of the authorization or referral that a rule asks for."""

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

    def go_on(self, visits: Sequence[int], days: Sequence[date]) -> None:
        """Count visits that follow one another without a gap that would start the count again."""
        if visits:
            self.visits.update(visits)
            self.number += len(visits)
            self.last_day = days[-1]


@dataclass(slots=True)
class Spent:
    """What of a grant the course has used."""

    visits: set[int] = field(default_factory=set)
    units: int = 0


class OnFile(NamedTuple):
    """What is on file, what the course has used of it, and whether a run supposes that nothing more is granted."""

    grant: Grant
    spent: Spent
    refused: bool


def applies(rule: Authorization, code: str, network: str, case: Circumstances) -> bool | None:
    """Tell whether the rule can touch this line at all; None where a needed fact is not known."""
    if rule.from_visit is None or not rule.covers(code):
        return False
    if rule.networks and network not in rule.networks:
        return False
    return rule.when.holds(case)


class Use(NamedTuple):
    """What a line would use of an authorization: its visit, its code and its units."""

    visit: int
    day: date
    code: str
    units: int


def state_of(rule: Authorization, number: int, episode: Episode, file: OnFile, use: Use) -> AuthorizationState:
    """Return the state of a line that the rule reaches, at the visit with this number as the rule counts."""
    if _is_waived(rule, number, use.day, episode.first_day):
        # Even a waived visit must be asked for: where nothing was, it is lost.
        return AuthorizationState.MISSING if file.grant.on_file is False else AuthorizationState.REQUEST_ONLY
    if file.grant.on_file and _is_granted(file.grant, file.spent, use):
        file.spent.visits.add(use.visit)
        file.spent.units += use.units
        return AuthorizationState.ON_FILE
    if file.grant.on_file is False or file.refused:
        return AuthorizationState.MISSING
    return AuthorizationState.NEEDED


def _is_waived(rule: Authorization, number: int, day: date, start: date | None) -> bool:
    if number - (rule.from_visit or 1) >= rule.waiver_visits:
        return False
    return not rule.waiver_days or start is None or day < start + timedelta(days=rule.waiver_days)


def _is_granted(grant: Grant, spent: Spent, use: Use) -> bool:
    if use.day not in grant.valid or (grant.codes and use.code not in grant.codes):
        return False
    visits, units = grant.used_visits + len(spent.visits), grant.used_units + spent.units
    if grant.visits is not None and use.visit not in spent.visits and visits >= grant.visits:
        return False
    return grant.units is None or units + use.units <= grant.units


# Which limits and requirements apply to a covered line, in the order of its benefit, whatever earlier visits used.

AUTHORIZATION = ConditionKind.AUTHORIZATION
REFERRAL = ConditionKind.REFERRAL

IS_NEEDED = {
    AUTHORIZATION: QuestionKind.AUTHORIZATION_NEEDED,
    REFERRAL: QuestionKind.REFERRAL_NEEDED,
}
"""The question of whether it is needed at all."""
NOT_NEEDED, NEEDED_AND_OBTAINED, NEEDED_AND_MISSING = "not-needed", "needed-and-obtained", "needed-and-missing"
"""What may come of it where nobody has read it: the last only where nothing is on file."""

_PHYSICAL_THERAPY = "physical-therapy"
_KINDS_OF_THERAPY = frozenset({"therapy", "evaluation", "needling"})
_BY_MODIFIER = {"GP": _PHYSICAL_THERAPY, "GO": "occupational-therapy", "GN": "speech-therapy"}


class Requirement(NamedTuple):
    """A rule on authorization or referral (`kind`) that can touch a line; `is_read` is False where we assume one."""

    kind: ConditionKind
    rule: Authorization
    is_read: bool
    citation: Citation | None


def limits_over(
    benefit: Benefit, plan: Plan, code: str, network: str, case: Circumstances, log: Log
) -> tuple[Limit, ...]:
    """Return the limits that apply to a line of this code."""
    return tuple(limit for name in benefit.limits if _holds(limit := plan.limits[name], code, network, case, log))


def requirements_over(
    benefit: Benefit, code: str, network: str, case: Circumstances, log: Log
) -> tuple[Requirement, ...]:
    """Return the rules that may want a referral or an authorization for a line of this code."""
    found = []
    own = benefit.authorization_by_code.get(code, benefit.authorization)
    for kind, rule in ((REFERRAL, benefit.referral), (AUTHORIZATION, own)):
        if rule is None:
            continue
        if isinstance(rule, Unknown):
            log.ask(IS_NEEDED[kind], benefit.name, benefit.citation)
            found.append(Requirement(kind, ASSUMED, False, benefit.citation))
            continue
        holds = applies(rule, code, network, case)
        if holds is None:
            log.ask(IS_NEEDED[kind], benefit.name, rule.citation)
        if holds is not False:
            if rule.contested is not None:
                log.ask(IS_NEEDED[kind], benefit.name, rule.contested)
            found.append(Requirement(kind, rule, True, rule.citation or benefit.citation))
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
