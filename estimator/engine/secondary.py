"""A second plan after the first: what it takes over of what the patient still owes, visit by visit.

Standard: the second plan pays what it would have paid alone, up to what is left. Non-duplication
(carve-out): only what it would have paid beyond the first plan's payment. Maintenance of benefits: it
reckons its own share on the allowed amount less the first plan's payment.
"""

from __future__ import annotations

from dataclasses import replace

from estimator.engine.charges import SecondaryPaid
from estimator.engine.course import run
from estimator.engine.days import BenefitYear
from estimator.engine.estimate import LineEstimate, Run, Step, VisitEstimate
from estimator.engine.log import Log
from estimator.engine.money import Money
from estimator.engine.ready import Desk
from estimator.engine.request import MAINTENANCE, NON_DUPLICATION, Grant, Secondary, Service, Visit
from estimator.engine.running import LEVELS, Given, Supposing
from estimator.engine.unknown import Unknown


def after_secondary(primary: Run, desk: Desk, second: Secondary, log: Log) -> Run:
    """Return the primary run with a step on each line that the second plan pays toward.

    The second plan also pays toward what the first one does not cover, if it would have paid for it alone.
    """
    own, other = _second_run(primary, desk, second, log.holds)
    log.adopt(other)
    visits = []
    for first, beside in zip(primary.visits, own.visits, strict=True):
        lines = [_line(line, theirs, second) for line, theirs in zip(first.lines, beside.lines, strict=True)]
        visits.append(first._replace(lines=tuple(lines)))
    return replace(primary, visits=tuple(visits))


def _second_run(primary: Run, desk: Desk, second: Secondary, holds: bool) -> tuple[Run, Log]:
    """Run the second plan alone on the amounts that the first one allowed, or on what it left.

    Balances, grants and the benefit year are its own; nothing is known of its authorizations.
    """
    request, plan = desk.given.request, second.plan
    visits = tuple(
        Visit(asked.day, _services(asked, first, second), None)
        for asked, first in zip(request.visits, primary.visits, strict=True)
    )
    provider = replace(request.provider, network=second.network)
    alone = replace(
        request, visits=visits, provider=provider, used=second.used, used_elsewhere={}, authorization=Grant(),
        referral=Grant(), secondary=None,
    )  # fmt: skip
    year = BenefitYear() if isinstance(plan.benefit_year, Unknown) else plan.benefit_year
    beside = Desk(Given(alone, plan, desk.given.sheet, desk.given.tables, year))
    result, log = run(beside, LEVELS.index(primary.level), Supposing(holds=holds))
    log.adopt(beside.log_beside(log))
    if isinstance(plan.benefit_year, Unknown):
        log.assume("benefit-year-calendar")
    return result, log


def _services(asked: Visit, first: VisitEstimate, second: Secondary) -> tuple[Service, ...]:
    left = second.method == MAINTENANCE
    return tuple(
        replace(
            service,
            allowed=Money(max(0, (line.allowed or line.charge) - (line.plan_pays if left else 0))),
            units=max(1, line.units),
        )
        for service, line in zip(asked.services, first.lines, strict=True)
    )


def _line(line: LineEstimate, beside: LineEstimate, second: Secondary) -> LineEstimate:
    would_pay = int(beside.plan_pays)
    if second.method == NON_DUPLICATION:
        would_pay -= line.plan_pays
    pays = min(would_pay, line.owes)
    if pays <= 0:
        return line
    step = Step(SecondaryPaid(second.plan.title, second.method), Money(-pays), None)
    return line._replace(steps=(*line.steps, step), plan_pays=Money(line.plan_pays + pays))
