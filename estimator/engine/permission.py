"""Authorization and referral of a line in a run: its number as the rule counts, and what is on file."""

from __future__ import annotations

from typing import NamedTuple

from estimator.engine.authorization import Authorization, Consequence, IfMissing
from estimator.engine.authorize import ASSUMED, Episode, Spent, Standing, standing
from estimator.engine.decisions import AuthorizationMissing, AuthorizationNeeded, AuthorizationUnread, RequestNeeded
from estimator.engine.estimate import Status, Step
from estimator.engine.limit import Limit, Past
from estimator.engine.limits import COUNTED, Asking, Tally
from estimator.engine.money import ZERO
from estimator.engine.plan import Benefit
from estimator.engine.reach import AUTHORIZATION, REFERRAL, Permission
from estimator.engine.request import Grant
from estimator.engine.room import past_of
from estimator.engine.running import ReadyLine, Running

DENIES = frozenset({IfMissing.PROVIDER_ABSORBS, IfMissing.PATIENT_PAYS, IfMissing.UNKNOWN})
"""Consequences after which the plan pays nothing."""


class Stands(NamedTuple):
    """A line after its authorization rules: its status, why, and what a missing one (`kind`) brings."""

    status: Status
    steps: tuple[Step, ...] = ()
    consequence: Consequence | None = None
    kind: str = ""


FREE = Stands(Status.PAYABLE)


def authorization(
    running: Running, line: ReadyLine, benefit: Benefit, tallies: list[Tally], asking: Asking, soft: Limit | None
) -> Stands:
    """Return how the line stands with the benefit's referral and authorization rules.

    The step of a missing one comes last. Where both are missing, the one that denies the line decides.
    """
    result = FREE
    for permission in line.permissions if soft is None else _with_soft(line.permissions, benefit, soft):
        own_soft = soft if permission.kind == AUTHORIZATION else None
        stands = _rule(running, line, benefit, permission, tallies, asking, own_soft)
        if stands is None:
            continue
        if stands.consequence is None:
            status = stands.status if result.status is Status.PAYABLE else result.status
            result = result._replace(status=status, steps=(*stands.steps, *result.steps))
        elif result.consequence is None or stands.consequence.kind in DENIES:
            kept = result.steps[:-1] if result.consequence is not None else result.steps
            result = stands._replace(status=result.status, steps=(*kept, *stands.steps))
        if result.consequence is not None and result.consequence.kind in DENIES:
            break
    return result


def _with_soft(permissions: tuple[Permission, ...], benefit: Benefit, soft: Limit) -> list[Permission]:
    """Return the rules of a line past a soft limit, which needs an authorization whatever else is said."""
    own = benefit.authorization
    rule = own if isinstance(own, Authorization) else ASSUMED
    cited = rule.citation or soft.citation or benefit.citation
    others = [permission for permission in permissions if permission.kind == REFERRAL]
    return [*others, Permission(AUTHORIZATION, rule, True, cited)]


def _rule(
    running: Running, line: ReadyLine, benefit: Benefit, permission: Permission, tallies: list[Tally],
    asking: Asking, soft: Limit | None,
) -> Stands | None:  # fmt: skip
    kind, rule, is_read, cited = permission
    request = running.given.request
    grant = request.authorization if kind == AUTHORIZATION else request.referral
    episode = running.episodes.get((benefit.name, kind))
    if episode is None:
        episode = running.episodes[benefit.name, kind] = Episode()
    number = _number(running, rule, tallies, asking, episode)
    asked = rule if soft is None else ASSUMED
    if grant.on_file and grant.visits is not None and (rule.from_visit or 1) > 1:
        running.log.assume("grant-spent-by-needing-visits", benefit.name, cited)
    if asked.from_visit is None or number < asked.from_visit:
        return None
    how = standing(
        asked, number, running.day, episode.first_day, grant, running.spent.setdefault(kind, Spent()),
        running.number, line.service.code, line.units, kind in running.supposing.refused,
    )  # fmt: skip
    if how is Standing.REQUEST_ONLY:
        return Stands(Status.PAYABLE, (Step(RequestNeeded(number, rule.waiver_visits), ZERO, cited),))
    if how is Standing.NEEDED:
        _note_need(running, benefit, permission, grant, line.service.code)
        needed = AuthorizationNeeded(kind, number, asked.from_visit or 1)
        step = Step(needed if is_read else AuthorizationUnread(kind, number), ZERO, cited)
        is_sure = kind == AUTHORIZATION and is_read and rule is not ASSUMED
        return Stands(Status.NEEDS_AUTHORIZATION if is_sure or soft is not None else Status.PAYABLE, (step,))
    if how is Standing.MISSING:
        consequence = _consequence(running, rule, soft)
        if is_read:
            running.log.turn(f"{kind}-from", benefit.name, running.number)
        step = Step(AuthorizationMissing(kind, consequence.kind), ZERO, cited)
        return Stands(Status.PAYABLE, (step,), consequence, kind)
    return None


def _consequence(running: Running, rule: Authorization, soft: Limit | None) -> Consequence:
    """Return what a missing authorization brings; an extension that is not given leaves the limit as it stands."""
    past = past_of(running, soft) if soft is not None else Past.NEEDS_AUTHORIZATION
    if past is Past.PATIENT_PAYS:
        return Consequence(IfMissing.PATIENT_PAYS)
    if past is Past.PROVIDER_ABSORBS:
        return Consequence(IfMissing.PROVIDER_ABSORBS)
    return rule.if_missing if running.network.contracted else rule.if_missing_out_of_network


def _note_need(running: Running, benefit: Benefit, permission: Permission, grant: Grant, code: str) -> None:
    kind, rule, is_read, cited = permission
    log, covered = running.log, running.spent[kind].visits
    if kind == AUTHORIZATION and covered and (not grant.codes or code in grant.codes):
        log.turn_at("authorization-ends", benefit.name, max(covered))
    elif is_read:
        log.turn(f"{kind}-from", benefit.name, running.number)
    log.need(kind, running.number, rule.administrator, cited)
    granted = "authorization-granted" if kind == AUTHORIZATION else "referral-given"
    log.assume(granted, benefit.name, cited)


def _number(running: Running, rule: Authorization, tallies: list[Tally], asking: Asking, episode: Episode) -> int:
    """Return the number of this visit as the rule counts it."""
    course = episode.number_of(running.number, running.day, rule.restart_gap_days)
    if rule.counter == "course":
        return course
    if rule.counter:
        return running.tallies[rule.counter].number_of(asking)
    if not rule.restart_gap_days and not rule.waiver_visits:
        for tally in tallies:
            if tally.limit.measure in COUNTED:
                return tally.number_of(asking)
    return course
