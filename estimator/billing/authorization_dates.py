"""When a course needs authorization, how far the one on file reaches, and by which day to send for more.

A day to send is counted back from the first visit that rests on the answer: the payer's turnaround and the clinic's
days of safety, in business days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import groupby

from holidays import country_holidays

from estimator.billing.authorization_answer import (
    Answer,
    Habits,
    LineCheck,
    Sending,
    Stage,
    Timeline,
    VisitAuthorization,
)
from estimator.engine.answer import Estimate, LineEstimate, VisitEstimate
from estimator.engine.authorization import AUTHORIZATION
from estimator.engine.findings import (
    AuthorizationMissing,
    AuthorizationNeeded,
    AuthorizationUnread,
    Finding,
    RequestNeeded,
)
from estimator.engine.plan import Authorization, Plan
from estimator.engine.request import Request

_NOT_REVIEWED = 1
"""Business days before a visit by which a request that nobody reviews is sent, whatever the days of safety."""


def timeline_of(
    request: Request, plan: Plan, bare: Estimate, real: Estimate, lines: Sequence[LineCheck], habits: Habits
) -> Timeline:
    """Return each visit's authorization, from the answers with nothing on file (`bare`) and as it is (`real`)."""
    unsure = _not_known(lines)
    pairs = list(zip(bare.typical.visits, real.typical.visits, strict=True))
    statuses = [_status(without, visit, visit.number in unsure) for without, visit in pairs]
    visits = real.typical.visits
    authorized = [
        visit.number for visit, status in zip(visits, statuses, strict=True) if status is VisitAuthorization.ON_FILE
    ]
    sendings = tuple(_sendings(request, plan, bare, statuses, habits))
    stages = _stages(visits, statuses, unsure)
    return Timeline(stages, max(authorized, default=None), request.authorization.valid.last_day, sendings)


def _not_known(lines: Sequence[LineCheck]) -> Mapping[int, tuple[str, ...]]:
    """Return by visit the codes that the plan may pay and of whose authorization nothing is known."""
    found: dict[int, tuple[str, ...]] = {}
    for line in lines:
        for spell in line.spells:
            if spell.payable.answer is Answer.NO or spell.authorization.answer is not Answer.UNKNOWN:
                continue
            for number in spell.visits:
                found[number] = tuple(dict.fromkeys((*found.get(number, ()), line.code)))
    return found


def _status(bare: VisitEstimate, real: VisitEstimate, is_unsure: bool) -> VisitAuthorization:
    wanted, left = list(_needs(bare)), list(_needs(real))
    is_open = any(not isinstance(need, RequestNeeded) for need in left)
    if any(isinstance(need, AuthorizationNeeded) for need in wanted):
        return VisitAuthorization.NEEDED if is_open else VisitAuthorization.ON_FILE
    if any(isinstance(need, AuthorizationUnread) for need in wanted):
        return VisitAuthorization.UNKNOWN if is_open else VisitAuthorization.ON_FILE
    if wanted:
        return VisitAuthorization.REQUEST_ONLY
    return VisitAuthorization.UNKNOWN if is_unsure else VisitAuthorization.NOT_NEEDED


def _needs(visit: VisitEstimate) -> Iterator[Finding]:
    for line in visit.lines:
        yield from _of_line(line)


def _of_line(line: LineEstimate) -> Iterator[Finding]:
    for step in line.steps:
        match step.finding:
            case RequestNeeded():
                yield step.finding
            case AuthorizationNeeded(kind) | AuthorizationUnread(kind) | AuthorizationMissing(kind):
                if kind == AUTHORIZATION:
                    yield step.finding


def _stages(
    visits: Sequence[VisitEstimate], statuses: Sequence[VisitAuthorization], unsure: Mapping[int, tuple[str, ...]]
) -> tuple[Stage, ...]:
    stages = []
    rows = [(status, unsure.get(visit.number, ()), visit) for status, visit in zip(statuses, visits, strict=True)]
    for (status, codes), same in groupby(rows, lambda each: each[:2]):
        group = [visit for _, _, visit in same]
        numbers = tuple(visit.number for visit in group)
        stages.append(Stage(status, numbers, group[0].day, group[-1].day, codes))
    return tuple(stages)


def _sendings(
    request: Request, plan: Plan, bare: Estimate, statuses: Sequence[VisitAuthorization], habits: Habits
) -> Iterator[Sending]:
    days = {visit.number: visit.day for visit in bare.typical.visits}
    by_status = {
        wanted: [number for number, status in zip(days, statuses, strict=True) if status is wanted]
        for wanted in VisitAuthorization
    }
    asked_for = by_status[VisitAuthorization.REQUEST_ONLY]
    if asked_for and not request.authorization.on_file:
        yield _sending("request", asked_for, days, request.as_of, _rule(plan, bare, asked_for[0]), habits)
    needed = by_status[VisitAuthorization.NEEDED]
    # What one insurer approved doesn't go along to the next.
    own = [number for number in needed if not plan.on(days[number]).is_other_insurer]
    under_another = [number for number in needed if number not in own]
    for kind, numbers in (("renewal" if request.authorization.on_file else "first", own), ("new", under_another)):
        if numbers:
            yield _sending(kind, numbers, days, request.as_of, _rule(plan, bare, numbers[0]), habits)


def _rule(plan: Plan, bare: Estimate, number: int) -> Authorization | None:
    """Return the rule of the first line of a visit that the engine found in need, None where no plan file wrote it."""
    for line in bare.typical.visits[number - 1].lines:
        if line.benefit and any(_of_line(line)):
            rule = plan.on(bare.typical.visits[number - 1].day).benefit(line.benefit).authorization
            return rule if isinstance(rule, Authorization) else None
    return None


def _sending(
    kind: str, visits: Sequence[int], days: dict[int, date], as_of: date, rule: Authorization | None, habits: Habits
) -> Sending:
    stated = None if rule is None else rule.turnaround_days
    is_reviewed = kind != "request"
    turnaround = (habits.turnaround_days if stated is None else stated) if is_reviewed else 0
    ahead = max(_NOT_REVIEWED, turnaround + habits.safety_days)
    day = days[visits[0]]
    send_by = business_days_earlier(day, ahead)
    earliest = business_days_later(as_of, turnaround) if turnaround else as_of
    return Sending(
        kind=kind,
        visit=visits[0],
        day=day,
        send_by=send_by,
        turnaround_days=turnaround,
        is_known=not is_reviewed or stated is not None,
        safety_days=habits.safety_days,
        is_late=send_by < as_of,
        is_over=day < as_of,
        earliest=earliest,
        at_risk=tuple(number for number in visits if as_of <= days[number] < earliest),
        administrator=rule.administrator if rule else "",
        how_to_ask=rule.how_to_ask if rule else "",
        grant_days=rule.grant_days if rule else None,
        citation=rule.citation if rule else None,
    )


# ----------------------------------------------------------------------------
# Business days, Monday to Friday without the federal holidays (5 U.S.C. 6103), and what is due by counting them.
#
# A payer's answer to a request for authorization is counted so, and a Good Faith Estimate, 45 CFR 149.610(b)(1)(vi):
# scheduled at least 10 business days ahead, within 3 of them; at least 3 ahead, within 1; asked for, within 3.
# ----------------------------------------------------------------------------

_SATURDAY = 5
_FAR_AHEAD, _AHEAD = 10, 3
_DAY = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """Tell whether federal offices work on this day.

    >>> is_business_day(date(2026, 7, 3)), is_business_day(date(2026, 7, 6))  # Independence Day is observed on Friday.
    (False, True)
    """
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def business_days_later(day: date, number: int) -> date:
    """Return the business day that many after a day.

    >>> business_days_later(date(2026, 11, 25), 1)  # Over Thanksgiving.
    datetime.date(2026, 11, 27)
    """
    while number:
        day += _DAY
        number -= is_business_day(day)
    return day


def business_days_earlier(day: date, number: int) -> date:
    """Return the business day that many before a day.

    >>> business_days_earlier(date(2026, 11, 30), 2)  # Over Thanksgiving and the weekend.
    datetime.date(2026, 11, 25)
    """
    while number:
        day -= _DAY
        number -= is_business_day(day)
    return day


def due_when_asked(asked: date) -> date:
    """Return the last day for an estimate that a person asks for."""
    return business_days_later(asked, 3)


def due_when_scheduled(scheduled: date, first_visit: date) -> date | None:
    """Return the last day for an estimate of a visit scheduled on a day, None where it is too near for a duty."""
    if first_visit >= business_days_later(scheduled, _FAR_AHEAD):
        return business_days_later(scheduled, 3)
    if first_visit >= business_days_later(scheduled, _AHEAD):
        return business_days_later(scheduled, 1)
    return None


@cache
def _holidays(year: int) -> frozenset[date]:
    """Return the federal holidays of a year, on the days on which they are observed."""
    return frozenset(country_holidays("US", years=year))
