"""What one visit or course needs before it starts: authorization, limits, thresholds, and what nobody has told us.

Needs are kinds and numbers, never sentences. A row that needs nothing has had every grant, limit and threshold of its
lines looked at: what is not told is a need of its own, `ask`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from estimator.engine.accumulators import COUNTED
from estimator.engine.answer import ConditionKind, CrossingKind, Estimate, LineEstimate, Status
from estimator.engine.coverage import cases_of
from estimator.engine.findings import AuthorizationMissing, NotInScope
from estimator.engine.plan import Every, Limit, Measure, Past, Plan
from estimator.engine.request import Grant, Request
from estimator.engine.values import Unknown
from estimator.estimates.run import in_measure
from estimator.prices.books import service_codes
from estimator.settings import ALERT_DAYS, ALERT_DOLLARS, ALERT_UNANSWERED, ALERT_VISITS

# What a row can need, the most pressing first.
KINDS = (
    "refused",
    "not-allowed-by-state",
    "authorization-spent",
    "authorization-expired",
    "authorization-missing",
    "limit-passed",
    "referral-missing",
    "clinic-absorbs",
    "patient-billed",
    "authorization-last-visit",
    "authorization-ends",
    "limit-reached",
    "limit-near",
    "kx",
    "medical-review",
    "unknown-cover",
    "ask",
    "in-doubt",
    "duplicate",
    "other-condition",
    "canceled",
)
# Needs of a row itself: what its questions say, column by column, is said nowhere else.
REFUSED, IN_DOUBT = "refused", "in-doubt"
SAID_BY_QUESTIONS = (REFUSED, IN_DOUBT)
REVIEW = "medical-review"
_ASKS_NO_AUTHORIZATION = ("self-pay", "medicare")
_TOO_SHORT = (Every.DAY, Every.VISIT, Every.WEEK)
_CONDITIONS = {ConditionKind.AUTHORIZATION: "authorization-missing", ConditionKind.REFERRAL: "referral-missing"}
_STATUSES = {
    Status.PROVIDER_ABSORBS: "clinic-absorbs",
    Status.PATIENT_BILLED: "patient-billed",
    Status.UNKNOWN: "unknown-cover",
}
_PAST = (CrossingKind.MODIFIER_FROM, CrossingKind.LIMIT_PASSED, CrossingKind.EXTENSION_STARTS)

Need = Mapping[str, Any]
_CENTS = 100


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on the clinic wants to hear of something: visits left, days left, and dollars left (in cents).

    `days_unanswered` are those after which it asks a payer about a request.
    """

    visits_left: int = 2
    days_left: int = 7
    cents_left: int = 300_00
    days_unanswered: int = 14


def thresholds_set() -> Thresholds:
    """Return from when on the clinic wants to hear of something, by its settings."""
    cents = ALERT_DOLLARS.value() * _CENTS
    return Thresholds(ALERT_VISITS.value(), ALERT_DAYS.value(), cents, ALERT_UNANSWERED.value())


class Looked(NamedTuple):
    """What needs are read off: the request, its plan and its answer, and when the clinic wants to hear of a thing.

    `is_counted_by_year` tells that what is used of the grant was not told, and the visits of the year stand for it.
    `renew_by` is the day by which to send a renewal for what a case has planned beyond its grant.
    """

    request: Request
    plan: Plan
    estimate: Estimate
    thresholds: Thresholds
    is_counted_by_year: bool = False
    renew_by: str = ""


def needs_of(looked: Looked, in_doubt: Iterable[str] = ()) -> tuple[Need, ...]:
    """Return everything that a row needs, the most pressing first; `in_doubt` are columns the figures are without."""
    found = [
        *_of_grant(looked),
        *_of_codes(looked),
        *_of_limits(looked),
        *_unpaid(looked),
        *_conditions(looked),
        *_unread(looked),
    ]
    found += [{"kind": IN_DOUBT, "column": column} for column in in_doubt]
    return tuple(sorted(found, key=lambda need: KINDS.index(need["kind"])))


# ----------------------------------------------------------------------------
# The authorization on file: spent, expired, at its last visit, or ending before the course does.
#
# It is looked at whether or not we know that the plan wants one: a clinic that has one knows why.
# ----------------------------------------------------------------------------


class Reach(NamedTuple):
    """How far a grant goes over visits on these days: how many it covers, and why it stops, where it does."""

    covered: int
    why: str = ""


def reach_of(grant: Grant, days: Sequence[date]) -> Reach:
    """Return how many of the visits a grant covers, one after another."""
    left = None if grant.visits is None else max(0, grant.visits - grant.used_visits)
    for place, day in enumerate(days):
        if left is not None and place >= left:
            return Reach(place, "spent")
        if grant.units is not None and grant.used_units >= grant.units:
            return Reach(place, "spent")
        if grant.valid.last_day is not None and day > grant.valid.last_day:
            return Reach(place, "expired")
        if grant.valid.first_day is not None and day < grant.valid.first_day:
            return Reach(place, "not-begun")
    return Reach(len(days))


def _of_grant(looked: Looked) -> Iterator[Need]:
    grant, visits = looked.request.authorization, looked.estimate.typical.visits
    if not grant.on_file:
        return
    reach = reach_of(grant, [visit.day for visit in visits])
    about = {
        "granted": grant.visits,
        "used": grant.used_visits,
        "by_year": looked.is_counted_by_year,
        "first_day": _day(grant.valid.first_day),
        "last_day": _day(grant.valid.last_day),
    }
    if reach.why and reach.covered == 0:
        at_risk = sum(int(line.plan_pays) for visit in visits for line in visit.lines)
        kind = "authorization-spent" if reach.why == "spent" else "authorization-expired"
        yield {"kind": kind, "why": reach.why, "visit": 1, "clinic": at_risk, **about}
        return
    last = visits[max(0, reach.covered - 1)]
    left = None if grant.visits is None else grant.visits - grant.used_visits - reach.covered
    if reach.why or left == 0:
        is_now = reach.covered <= 1
        at_risk = sum(int(line.plan_pays) for visit in visits[reach.covered :] for line in visit.lines)
        kind = "authorization-last-visit" if is_now else "authorization-ends"
        yield {"kind": kind, "visit": last.number, "day": _day(last.day), "clinic": at_risk, "subject": "", **about}
    elif _is_near(looked, left, last.day):
        yield {"kind": "authorization-ends", "visit": last.number, "day": _day(last.day), "subject": "", **about}
    elif looked.renew_by:
        yield {"kind": "authorization-ends", "why": "planned", "act_by": looked.renew_by, "subject": "", **about}


def _of_codes(looked: Looked) -> Iterator[Need]:
    """Yield the codes that may be paid and that the authorization on file doesn't name: it isn't one for them."""
    lost: dict[str, int] = {}
    first = 0
    for visit in looked.estimate.typical.visits:
        for line in visit.lines:
            if _is_unnamed(line, looked.request.authorization):
                first = first or visit.number
                lost[line.code] = lost.get(line.code, 0) + int(line.plan_pays)
    if lost:
        codes = " ".join(lost)
        yield {
            "kind": "authorization-missing",
            "why": "codes",
            "codes": codes,
            "visit": first,
            "clinic": sum(lost.values()),
        }


def _is_unnamed(line: LineEstimate, grant: Grant) -> bool:
    if not grant.on_file or not grant.codes or line.code in grant.codes:
        return False
    is_wanting = any(isinstance(step.finding, AuthorizationMissing) for step in line.steps)
    return is_wanting or line.status in (Status.PAYABLE, Status.UNKNOWN, Status.NEEDS_AUTHORIZATION)


def _is_near(looked: Looked, left: int | None, last: date) -> bool:
    ends = looked.request.authorization.valid.last_day
    is_few = left is not None and left <= looked.thresholds.visits_left
    return is_few or (ends is not None and (ends - last).days <= looked.thresholds.days_left)


# ----------------------------------------------------------------------------
# Limits and thresholds over the lines of the course: reached, near, passed, or never told how much is used.
# ----------------------------------------------------------------------------


def limits_under(request: Request, plan: Plan, estimate: Estimate) -> tuple[Limit, ...]:
    """Return the limits that the lines of a course stand under."""
    lines = [line for visit in estimate.typical.visits for line in visit.lines]
    benefits = {line.benefit for line in lines if line.benefit}
    # Where we can't tell which benefit a line falls in, each one that may hold for it may be the one.
    unsure = {line.code for line in lines if not line.benefit}
    cases = cases_of(request, unsure, service_codes(plan.codes))
    over = [
        each
        for each in plan.benefits
        if each.name in benefits
        or any(code in each.services and each.when.holds(case) is not False for code, case in cases)
    ]
    return tuple(plan.limits[name] for name in dict.fromkeys(name for each in over for name in each.limits))


def _of_limits(looked: Looked) -> Iterator[Need]:
    estimate = looked.estimate
    told, _ = in_measure(looked.request.used, looked.plan)
    is_asked = False
    for limit in limits_under(looked.request, looked.plan, estimate):
        days = told.limit_days.get(limit.name)
        used = told.limits.get(limit.name, len(days) if days is not None else None)
        yield from _of_limit(looked, limit, used)
        is_marker = limit.past is Past.CONTINUES
        if used is None and limit.every not in _TOO_SHORT and not (is_marker and is_asked):
            # One figure answers for every threshold that only marks the claim.
            is_asked = is_asked or is_marker
            amount = None if isinstance(limit.amount, Unknown) else limit.amount
            yield {"kind": "ask", "subject": limit.name, "measure": limit.measure, "of": amount}


def _of_limit(looked: Looked, limit: Limit, used: int | None) -> Iterator[Need]:
    if isinstance(limit.amount, Unknown):
        return
    estimate = looked.estimate
    about = {"subject": limit.name, "measure": limit.measure, "of": limit.amount, "used": used}
    past = min((point for point in estimate.crossing_points if _is_past(point, limit)), default=None, key=_visit)
    if limit.past is Past.CONTINUES:
        first = 1 if used is not None and used >= limit.amount else past.visit if past else None
        if first is not None:
            day = estimate.typical.visits[first - 1].day
            kind = REVIEW if limit.name == REVIEW else "kx"
            yield {"kind": kind, "visit": first, "day": _day(day), **about}
        elif used is not None and 0 <= limit.amount - _after(estimate, limit) <= looked.thresholds.cents_left:
            yield {"kind": "limit-near", "left": limit.amount - _after(estimate, limit), **about}
        return
    if used is not None and used >= limit.amount:
        yield {"kind": "limit-passed", "visit": 1, "day": _day(estimate.typical.visits[0].day), **about}
        return
    reached = [
        point
        for point in estimate.crossing_points
        if point.kind is CrossingKind.LIMIT_REACHED and point.subject == limit.name
    ]
    if past and not reached:
        yield {"kind": "limit-passed", "visit": past.visit, "day": _day(past.day), **about}
    for point in reached:
        yield {"kind": "limit-reached", "visit": point.visit, "day": _day(point.day), **about}
    left = limit.amount - _after(estimate, limit)
    near = looked.thresholds.cents_left if limit.measure is Measure.DOLLARS else looked.thresholds.visits_left
    is_counted = limit.measure in COUNTED or limit.measure is Measure.DOLLARS
    if not reached and not past and used is not None and is_counted and 0 <= left <= near:
        yield {"kind": "limit-near", "left": left, **about}


def _is_past(point: Any, limit: Limit) -> bool:
    return point.subject == limit.name and point.kind in _PAST


def _visit(point: Any) -> int:
    return int(point.visit)


def _after(estimate: Estimate, limit: Limit) -> int:
    """Return what of a limit is used after the course."""
    balances = estimate.typical.visits[-1].balances
    return next((balance.used for balance in balances if balance.name == limit.name), 0)


# ----------------------------------------------------------------------------
# What the answer rests on, and lines that no plan pays.
# ----------------------------------------------------------------------------


def _conditions(looked: Looked) -> Iterator[Need]:
    """Yield what the typical figure takes as met; a grant that is spent or expired says it more exactly."""
    estimate, grant = looked.estimate, looked.request.authorization
    ends = grant.on_file and reach_of(grant, [visit.day for visit in estimate.typical.visits]).why
    lines = (line for visit in estimate.typical.visits for line in visit.lines)
    is_said = ends or any(_is_unnamed(line, grant) for line in lines)
    for condition in estimate.conditions:
        if condition.needs is ConditionKind.AUTHORIZATION and is_said:
            continue
        yield {
            "kind": _CONDITIONS.get(condition.needs, "other-condition"),
            "needs": condition.needs,
            "is_told": (grant if condition.needs is ConditionKind.AUTHORIZATION else looked.request.referral).on_file,
            "visit": condition.from_visit,
            "patient": int(condition.difference),
            "clinic": int(condition.clinic_difference),
        }


def _unread(looked: Looked) -> Iterator[Need]:
    """Yield a question for a payable line whose plan file has no rule on authorization: that is not a no.

    Nor is it one where nothing is on file: that is what to ask about.
    """
    if looked.request.authorization.on_file or looked.plan.market in _ASKS_NO_AUTHORIZATION:
        return
    payable = [
        line for visit in looked.estimate.typical.visits for line in visit.lines if line.status is Status.PAYABLE
    ]
    for line in payable:
        if line.benefit and looked.plan.benefit(line.benefit).authorization is None:
            yield {"kind": "ask", "subject": "authorization", "code": line.code}
            return


def _unpaid(looked: Looked) -> Iterator[Need]:
    """Yield, once a code and kind, the lines that no plan pays, from the first visit on which that is so.

    What is not paid because nothing is on file is asked for, once for the course: that is what to do about it.
    """
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for visit in looked.estimate.typical.visits:
        for line in visit.lines:
            if missing := _missing(line, looked.request):
                first = {"needs": missing, "is_told": False, "visit": visit.number, "patient": 0, "clinic": 0}
                kind = _CONDITIONS[missing]
                found = seen.setdefault((kind, ""), {"kind": kind, "is_lost": True, **first})
                found["clinic"] += int(line.provider_absorbs)
                found["patient"] += int(line.owes)
                continue
            kind = _kind_of(line)
            if kind:
                first = {"kind": kind, "code": line.code, "visit": visit.number, "amount": 0}
                found = seen.setdefault((kind, line.code), first)
                found["amount"] += int(line.provider_absorbs if kind == "clinic-absorbs" else line.owes)
    yield from seen.values()


def _missing(line: LineEstimate, request: Request) -> ConditionKind | None:
    """Return what a line lacks that nobody has on file; an authorization that is used up is another thing."""
    if line.status not in _STATUSES:
        return None
    found = next((step.finding for step in line.steps if isinstance(step.finding, AuthorizationMissing)), None)
    kind = next((each for each in _CONDITIONS if found is not None and each == found.kind), None)
    on_file = request.authorization if kind is ConditionKind.AUTHORIZATION else request.referral
    return None if on_file.on_file else kind


def _kind_of(line: LineEstimate) -> str:
    if any(isinstance(step.finding, NotInScope) for step in line.steps):
        return "not-allowed-by-state"
    return _STATUSES.get(line.status, "")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


# ----------------------------------------------------------------------------
# The two figures of the front desk.
# ----------------------------------------------------------------------------


class Figures(NamedTuple):
    """Cents of the first visit: what to collect, and what may be added; and what of the course is at risk."""

    collect_today: int
    may_be_added: int
    money_at_risk: int


def figures_of(estimate: Estimate, needs: Sequence[Need]) -> Figures:
    """Return what the front desk collects today, and what the clinic or the patient may be left with.

    The one place that says so: what is settled of the first visit; and what is open, with what the clinic may lose.
    """
    settled = estimate.settled[_TYPICAL].visits[0].owes
    collect, high = int(settled), int(estimate.high.visits[0].owes)
    # What is lost in any case is among what the clinic absorbs.
    lost = max((need["clinic"] for need in needs if need.get("clinic") and "is_lost" not in need), default=0)
    absorbed = int(estimate.typical.provider_absorbs)
    return Figures(collect, max(0, high - collect), max(0, lost) + int(estimate.open_total.most) + absorbed)


# The settled course stands at low, typical and high prices.
_TYPICAL = 1
