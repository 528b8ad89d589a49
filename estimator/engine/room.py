"""A line against one limit of its benefit: what stops it there, and what lies past it."""

from __future__ import annotations

from typing import NamedTuple

from estimator.engine.decisions import LimitExtended, LimitPassed, ModifierNeeded
from estimator.engine.estimate import Status, Step
from estimator.engine.limit import Extension, Limit, Past
from estimator.engine.limits import Answer, Room
from estimator.engine.money import ZERO, Money
from estimator.engine.running import HIGH, ReadyLine, Running
from estimator.engine.unknown import Unknown

VISITS_LEFT = "visits-left"


class Outcome(NamedTuple):
    """A line's status, steps, and who bears the rest (cents)."""

    status: Status
    steps: list[Step]
    plan_pays: int
    absorbed: int


def judge(
    running: Running, limit: Limit, answer: Answer, line: ReadyLine, allowed: int, steps: list[Step]
) -> tuple[Past | None, Answer]:
    """Return what stops the line at this limit, None where nothing does, and the answer to go on with."""
    log = running.log
    if limit.past is Past.CONTINUES:
        if answer.room is Room.PAST or answer.inside < allowed:
            log.turn("modifier-from", limit.name, running.number)
            steps.append(Step(ModifierNeeded(limit.name, limit.modifier), ZERO, limit.citation))
        return None, answer._replace(inside=allowed)
    if isinstance(limit.amount, Unknown):
        return _unread(running, limit), answer
    if not limit.confirmed and (answer.room is not Room.INSIDE or answer.inside < allowed):
        log.doubt("limit", limit.name, limit.citation)
        if running.level != HIGH:
            return None, answer._replace(inside=allowed)
    if answer.room is Room.EXTENDED and limit.extension is not None:
        if _is_extended(running, limit, limit.extension, line):
            found = LimitExtended(limit.name, limit.extension.needs, limit.extension.modifier)
            steps.append(Step(found, ZERO, limit.extension.citation or limit.citation))
            log.turn("extension-starts", limit.name, running.number)
            return (Past.NEEDS_AUTHORIZATION if limit.extension.needs == "authorization" else None), answer
        return past_of(running, limit), answer
    if answer.room is Room.PAST:
        return past_of(running, limit), answer
    is_soft = answer.inside < allowed and limit.past is Past.NEEDS_AUTHORIZATION
    return (Past.NEEDS_AUTHORIZATION if is_soft else None), answer


def _unread(running: Running, limit: Limit) -> Past | None:
    """Return what lies past a limit whose amount nobody has read, in the run that takes it as reached."""
    running.log.doubt("limit", limit.name, limit.citation)
    running.log.assume("limit-not-reached", limit.name, limit.citation)
    running.log.need(VISITS_LEFT, running.number, "", limit.citation)
    is_reached = running.level == HIGH or VISITS_LEFT in running.supposing.refused
    return past_of(running, limit) if is_reached else None


def _is_extended(running: Running, limit: Limit, extension: Extension, line: ReadyLine) -> bool:
    person = running.given.request.person
    if extension.needs == "authorization":
        return running.given.request.authorization.on_file is not False
    if extension.needs == "diagnosis":
        holds = extension.when.holds(line.case)
        return running.log.doubt("diagnosis", limit.name, extension.citation) if holds is None else holds
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
        in_favour = running.log.doubt("past-limit", limit.name, limit.citation)
        return Past.PROVIDER_ABSORBS if in_favour else Past.PATIENT_PAYS
    return limit.past


def beyond(running: Running, limit: Limit, past: Past, line: ReadyLine, allowed: int) -> Outcome:
    """Return the outcome of a line past a hard limit."""
    running.log.turn("limit-passed", limit.name, running.number)
    finding = passed(limit)
    if past is Past.PROVIDER_ABSORBS:
        return Outcome(Status.PROVIDER_ABSORBS, [Step(finding, ZERO, limit.citation)], 0, allowed)
    running.log.assume("past-limit-not-counted", limit.name, limit.citation)
    owes = Money(unpaid_price(running, line, allowed))
    return Outcome(Status.PATIENT_BILLED, [Step(finding, owes, limit.citation)], 0, 0)


def passed(limit: Limit) -> LimitPassed:
    """Return the finding that a line lies past this limit."""
    return LimitPassed(limit.name, limit.measure, 0 if isinstance(limit.amount, Unknown) else limit.amount)


def unpaid_price(running: Running, line: ReadyLine, allowed: int) -> int:
    """Return what a patient owes of a covered service that the plan does not pay this time.

    Within a contract that is the allowed amount; elsewhere the clinic may ask its charge, unless the
    network's rule on balance billing says no.
    """
    network = running.network
    if network.contracted or network.balance_bill is False:
        return allowed
    if isinstance(network.balance_bill, Unknown) and running.log.doubt("balance-bill", network.name, network.citation):
        return allowed
    return max(allowed, int(running.price(line.charge)))
