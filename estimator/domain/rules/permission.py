"""Authorization and referral of a line in a run: its number as the rule counts, and what is on file."""

from __future__ import annotations

from typing import NamedTuple

from estimator.domain.authorization import Authorization, Consequence
from estimator.domain.citation import Citation
from estimator.domain.decisions import AuthorizationMissing, AuthorizationNeeded, RequestNeeded
from estimator.domain.estimate import Status, Step
from estimator.domain.limit import Limit, Measure
from estimator.domain.money import ZERO
from estimator.domain.plan import Benefit
from estimator.domain.request import Grant
from estimator.domain.rules.authorize import ASSUMED, Episode, Spent, Standing, applies, standing
from estimator.domain.rules.limits import Asking, Tally
from estimator.domain.running import ReadyLine, Running
from estimator.domain.unknown import Unknown


class Stands(NamedTuple):
    """A line after its authorization rules: its status, why, and what a missing one brings."""

    status: Status
    steps: list[Step]
    consequence: Consequence | None
    kind: str


def authorization(
    running: Running,
    line: ReadyLine,
    benefit: Benefit,
    tallies: list[Tally],
    asking: Asking,
    soft: Limit | None,
) -> Stands:
    """Return how the line stands with the benefit's authorization and referral rules."""
    result = Stands(Status.PAYABLE, [], None, "")
    request = running.given.request
    for kind, rule, grant in (
        ("referral", benefit.referral, request.referral),
        ("authorization", benefit.authorization, request.authorization),
    ):
        is_soft = soft is not None and kind == "authorization"
        if rule is None and not is_soft:
            continue
        if isinstance(rule, Unknown):
            running.log.ask(f"{kind}-needed", benefit.name, benefit.citation)
        known = ASSUMED if rule is None or isinstance(rule, Unknown) else rule
        own_soft = soft if is_soft else None
        stands = _rule(running, line, benefit, kind, known, grant, tallies, asking, own_soft)
        if stands is not None:
            return stands._replace(steps=result.steps + stands.steps)
    return result


def _rule(
    running: Running, line: ReadyLine, benefit: Benefit, kind: str, rule: Authorization, grant: Grant,
    tallies: list[Tally], asking: Asking, soft: Limit | None,
) -> Stands | None:  # fmt: skip
    if soft is None:
        holds = applies(rule, line.service.code, running.network.name, line.case)
        if holds is None:
            running.log.ask(f"{kind}-needed", benefit.name, rule.citation)
        if holds is False:
            return None
    episode = running.episodes.setdefault((benefit.name, kind), Episode())
    number = _number(running, rule, tallies, asking, episode)
    asked = rule if soft is None else ASSUMED
    how = standing(
        asked, number, running.day, episode.first_day, grant, running.spent.setdefault(kind, Spent()),
        running.number, line.service.code, line.units, kind in running.supposing.refused,
    )  # fmt: skip
    cited = rule.citation or (soft.citation if soft is not None else benefit.citation)
    if how is Standing.REQUEST_ONLY:
        step = Step(RequestNeeded(number, rule.waiver_visits), ZERO, cited)
        return Stands(Status.PAYABLE, [step], None, kind)
    if how is Standing.NEEDED:
        _note_need(running, benefit, kind, rule, grant, cited)
        step = Step(AuthorizationNeeded(kind, number, asked.from_visit or 1), ZERO, cited)
        is_sure = (kind == "authorization" and rule is not ASSUMED) or soft is not None
        return Stands(Status.NEEDS_AUTHORIZATION if is_sure else Status.PAYABLE, [step], None, kind)
    if how is Standing.MISSING:
        consequence = rule.if_missing if running.network.contracted else rule.if_missing_out_of_network
        running.log.turn(f"{kind}-from", benefit.name, running.number)
        step = Step(AuthorizationMissing(kind, consequence.kind), ZERO, cited)
        return Stands(Status.PAYABLE, [step], consequence, kind)
    return None


def _note_need(
    running: Running, benefit: Benefit, kind: str, rule: Authorization, grant: Grant, cited: Citation | None
) -> None:
    ended = grant.on_file is True
    running.log.turn("authorization-ends" if ended else f"{kind}-from", benefit.name, running.number)
    running.log.need(kind, running.number, rule.administrator, cited)
    granted = "authorization-granted" if kind == "authorization" else "referral-given"
    running.log.assume(granted, benefit.name, cited)


def _number(running: Running, rule: Authorization, tallies: list[Tally], asking: Asking, episode: Episode) -> int:
    """Return the number of this visit as the rule counts it."""
    counted = rule.counter not in ("", "course")
    own = not rule.counter and not rule.restart_gap_days and not rule.waiver_visits
    by_visits = [tally for tally in tallies if tally.limit.measure in (Measure.VISITS, Measure.DAYS, Measure.SESSIONS)]
    course = episode.number_of(running.number, running.day, rule.restart_gap_days, 0)
    if counted:
        tally = running.tallies[rule.counter]
    elif own and by_visits:
        tally = by_visits[0]
    else:
        return course
    seen = tally.is_counted(asking)
    return tally.used(running.day, running.number) + (0 if seen else 1)
