"""Which limits and which permissions a covered line stands under, in the order of its benefit.

Nothing here changes from visit to visit; the same line on another day of the same rules gets the same answer.
"""

from __future__ import annotations

from typing import NamedTuple

from estimator.engine.authorization import Authorization
from estimator.engine.authorize import ASSUMED, applies
from estimator.engine.citation import Citation
from estimator.engine.codes import ServiceCode
from estimator.engine.limit import Limit
from estimator.engine.log import Log
from estimator.engine.plan import Benefit, Plan
from estimator.engine.unknown import Unknown
from estimator.engine.when import Circumstances

AUTHORIZATION = "authorization"
REFERRAL = "referral"

_PHYSICAL_THERAPY = "physical-therapy"
_KINDS_OF_THERAPY = frozenset({"therapy", "evaluation", "needling"})
_BY_MODIFIER = {"GP": _PHYSICAL_THERAPY, "GO": "occupational-therapy", "GN": "speech-therapy"}


class Permission(NamedTuple):
    """A rule on authorization or referral (`kind`) that can touch a line; `is_read` is False where we assume one."""

    kind: str
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
            log.ask(f"{kind}-needed", benefit.name, benefit.citation)
            found.append(Permission(kind, ASSUMED, False, benefit.citation))
            continue
        holds = applies(rule, code, network, case)
        if holds is None:
            log.ask(f"{kind}-needed", benefit.name, rule.citation)
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
        exempt = log.doubt("limit-exemption", limit.name, limit.citation)
    return not exempt
