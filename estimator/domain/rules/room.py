"""A line under the limits of its benefit: which apply, which stop it, and what lies past them."""

from __future__ import annotations

from typing import NamedTuple

from estimator.domain.decisions import LimitExtended, LimitPassed, ModifierNeeded
from estimator.domain.estimate import Status, Step
from estimator.domain.limit import Extension, Limit, Past
from estimator.domain.money import ZERO, Money
from estimator.domain.plan import Benefit
from estimator.domain.rules.limits import Answer, Room, Tally
from estimator.domain.running import HIGH, ReadyLine, Running
from estimator.domain.unknown import Unknown


class Outcome(NamedTuple):
    """A line's status, steps, and who bears the rest (cents)."""

    status: Status
    steps: list[Step]
    plan_pays: Money
    absorbed: Money


def tallies_of(running: Running, line: ReadyLine, benefit: Benefit) -> list[Tally]:
    """Return the limits that this line stands under."""
    found = []
    for name in benefit.limits:
        tally = running.tallies[name]
        limit = tally.limit
        if limit.networks and running.network.name not in limit.networks:
            continue
        if line.service.code in limit.not_counted:
            continue
        if limit.services and line.service.code not in limit.services:
            continue
        if limit.exempt is not None:
            exempt = limit.exempt.holds(line.case)
            if exempt is None:
                running.log.doubt("limit-exemption", name, limit.citation)
                exempt = running.cheap
            if exempt:
                continue
        if isinstance(limit.amount, Unknown):
            running.log.doubt("limit", name, limit.citation)
            running.log.assume("limit-not-reached", name, limit.citation)
            running.log.need("visits-left", running.number, "", limit.citation)
        found.append(tally)
    return found


def judge(
    running: Running, limit: Limit, answer: Answer, line: ReadyLine, steps: list[Step]
) -> tuple[Past | None, Answer]:
    """Return what stops the line at this limit, None where nothing does, and the answer to go on with."""
    allowed = running.price(line.allowed)
    if isinstance(limit.amount, Unknown) and (running.level == HIGH or "visits-left" in running.supposing.refused):
        return past_of(running, limit), answer
    if limit.past is Past.CONTINUES:
        if answer.room is Room.PAST or answer.inside < allowed:
            running.log.turn("modifier-from", limit.name, running.number)
            steps.append(Step(ModifierNeeded(limit.name, limit.modifier), ZERO, limit.citation))
        return None, answer._replace(inside=allowed)
    if answer.room is Room.EXTENDED and limit.extension is not None:
        if _is_extended(running, limit, limit.extension, line):
            found = LimitExtended(limit.name, limit.extension.needs, limit.extension.modifier)
            steps.append(Step(found, ZERO, limit.extension.citation or limit.citation))
            running.log.turn("extension-starts", limit.name, running.number)
            return (Past.NEEDS_AUTHORIZATION if limit.extension.needs == "authorization" else None), answer
        return past_of(running, limit), answer
    return (past_of(running, limit) if answer.room is Room.PAST else None), answer


def _is_extended(running: Running, limit: Limit, extension: Extension, line: ReadyLine) -> bool:
    person = running.given.request.person
    if extension.needs == "authorization":
        return running.given.request.authorization.on_file is not False
    if extension.needs == "diagnosis":
        holds = extension.when.holds(line.case)
        if holds is None:
            running.log.doubt("diagnosis", limit.name, extension.citation)
        return running.cheap if holds is None else holds
    said = person.improving if extension.needs == "improvement" else person.justified
    if said is not None:
        return said
    running.log.need(extension.needs, running.number, "", extension.citation or limit.citation)
    given = "improvement-shown" if extension.needs == "improvement" else "justification-given"
    running.log.assume(given, limit.name, extension.citation)
    return extension.needs not in running.supposing.refused


def past_of(running: Running, limit: Limit) -> Past:
    """Return what lies past the limit, read for or against the patient where the plan is silent."""
    if isinstance(limit.past, Unknown):
        running.log.doubt("past-limit", limit.name, limit.citation)
        return Past.PROVIDER_ABSORBS if running.cheap else Past.PATIENT_PAYS
    return limit.past


def beyond(running: Running, limit: Limit, past: Past, line: ReadyLine, allowed: Money) -> Outcome:
    """Return the outcome of a line past a hard limit."""
    running.log.turn("limit-passed", limit.name, running.number)
    of = 0 if isinstance(limit.amount, Unknown) else limit.amount
    finding = LimitPassed(limit.name, limit.measure, of)
    if past is Past.PROVIDER_ABSORBS:
        return Outcome(Status.PROVIDER_ABSORBS, [Step(finding, ZERO, limit.citation)], ZERO, allowed)
    running.log.assume("past-limit-not-counted", limit.name, limit.citation)
    owes = allowed if running.network.contracted else max(allowed, running.price(line.charge))
    return Outcome(Status.PATIENT_BILLED, [Step(finding, owes, limit.citation)], ZERO, ZERO)
