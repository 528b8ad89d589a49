"""A second plan after the first: what it takes over of what the patient still owes, visit by visit.

Standard: the second plan pays what it would have paid alone, up to what is left. Non-duplication
(carve-out): only what it would have paid beyond the first plan's payment. Maintenance of benefits: it
reckons its own share on the allowed amount less the first plan's payment.
"""

from __future__ import annotations

from dataclasses import replace

from estimator.domain.charges import SecondaryPaid
from estimator.domain.course import run
from estimator.domain.estimate import LineEstimate, Run, Status, Step, VisitEstimate
from estimator.domain.money import Money
from estimator.domain.ready import Desk
from estimator.domain.request import MAINTENANCE, NON_DUPLICATION, Secondary, Service, Visit
from estimator.domain.running import LEVELS, Given, Supposing

_SHARED = (Status.PAYABLE, Status.NEEDS_AUTHORIZATION)


def after_secondary(primary: Run, desk: Desk, second: Secondary) -> Run:
    """Return the primary run with a step on each line that the second plan pays toward."""
    own = _second_run(primary, desk, second)
    visits = []
    for first, other in zip(primary.visits, own.visits, strict=True):
        lines = [
            _line(line, beside, second) if line.status in _SHARED else line
            for line, beside in zip(first.lines, other.lines, strict=True)
        ]
        visits.append(first._replace(lines=tuple(lines)))
    return replace(primary, visits=tuple(visits))


def _second_run(primary: Run, desk: Desk, second: Secondary) -> Run:
    """Run the second plan alone on the amounts that the first one allowed, or on what it left."""
    request = desk.given.request
    visits = tuple(
        Visit(asked.day, _services(asked, first, second), None)
        for asked, first in zip(request.visits, primary.visits, strict=True)
    )
    provider = replace(request.provider, network=second.network)
    alone = replace(request, visits=visits, provider=provider, used=second.used, secondary=None)
    given = Given(alone, second.plan, desk.given.sheet, desk.given.tables, desk.given.year)
    result, _ = run(Desk(given), LEVELS.index(primary.level), Supposing())
    return result


def _services(asked: Visit, first: VisitEstimate, second: Secondary) -> tuple[Service, ...]:
    left = second.method == MAINTENANCE
    return tuple(
        replace(service, allowed=Money(line.allowed - (line.plan_pays if left else 0)), units=max(1, line.units))
        for service, line in zip(asked.services, first.lines, strict=True)
    )


def _line(line: LineEstimate, beside: LineEstimate, second: Secondary) -> LineEstimate:
    would_pay = int(beside.plan_pays)
    if second.method == NON_DUPLICATION:
        would_pay = max(0, would_pay - line.plan_pays)
    pays = max(0, min(would_pay, line.owes))
    if not pays:
        return line
    step = Step(SecondaryPaid(second.plan.title, second.method), Money(-pays), None)
    return line._replace(steps=(*line.steps, step), plan_pays=line.plan_pays + pays)
