"""Check a course before it starts: per line whether it is valid, authorized and payable, and what to do by which day.

The engine is asked twice, with nothing on file and as it stands; everything here is read off its two answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from estimator.billing.authorization_answer import Answer, Ask, Bucket, Check, Habits, LineCheck, RuleRead, Timeline
from estimator.billing.authorization_lines import Looked, check_lines
from estimator.billing.authorization_timeline import timeline_of
from estimator.engine.answer import CrossingPoint, Estimate
from estimator.engine.authorization import AUTHORIZATION, REFERRAL
from estimator.engine.coverage import network_of
from estimator.engine.plan import Authorization, Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.request import Grant, Request
from estimator.engine.values import Unknown
from estimator.estimates.contract_values import Asked
from estimator.estimates.run import Plans, estimate_asked, in_measure
from estimator.prices.books import Prices, books, find_zip, pair_edits, service_codes

_CENTS = "cents"
_PAST = ("modifier-from", "limit-passed", "extension-starts")


def check_authorization(
    asked: Asked,
    habits: Habits,
    plans: Plans | None = None,
    clinic: ClinicPrices | None = None,
    prices: Prices | None = None,
) -> Check:
    """Return the check of a request; raises what `estimate_asked` raises."""
    nothing = replace(asked, request=replace(asked.request, authorization=Grant(), referral=Grant()))
    real, plan = estimate_asked(asked, plans, clinic, prices)
    bare, _ = estimate_asked(nothing, plans, clinic, prices)
    request = replace(asked.request, state=_state(asked, prices))
    known = prices.books if prices else books()
    lines = check_lines(Looked(request, plan, bare, real, service_codes(), pair_edits(), known, habits))
    timeline = timeline_of(request, plan, bare, real, lines, habits)
    buckets = tuple(_buckets(request, plan, real))
    asks = tuple(dict.fromkeys(_asks(lines, timeline, buckets)))
    rules = tuple(_rules(request, plan, real))
    return Check(plan, request.as_of, lines, timeline, rules, buckets, asks, real.conditions, real, habits)


def _state(asked: Asked, prices: Prices | None) -> str | None:
    if asked.request.state or asked.zip is None:
        return asked.request.state
    return find_zip(asked.zip, prices.zips if prices else None).state


def _rules(request: Request, plan: Plan, real: Estimate) -> Iterator[RuleRead]:
    """Yield what was read on authorization and referral for the benefits that the lines fall in."""
    contracted = network_of(plan, request.provider.network).contracted
    for name in dict.fromkeys(line.benefit for visit in real.typical.visits for line in visit.lines if line.benefit):
        benefit = plan.benefit(name)
        for kind, rule in ((AUTHORIZATION, benefit.authorization), (REFERRAL, benefit.referral)):
            if isinstance(rule, Authorization):
                yield RuleRead(kind, name, rule, contracted)


def _buckets(request: Request, plan: Plan, real: Estimate) -> Iterator[Bucket]:
    """Yield the limits that the course's visits stand under, or that were told of."""
    told, _ = in_measure(request.used, plan.limits)
    under = {line.benefit for visit in real.typical.visits for line in visit.lines if line.benefit}
    names = {name for benefit in under for name in plan.benefit(benefit).limits} | {*told.limits, *told.limit_days}
    for balance in real.typical.visits[-1].balances:
        name = balance.name
        if balance.measure == _CENTS or name not in names:
            continue
        limit = plan.limits[name]
        days = told.limit_days.get(name)
        used = told.limits.get(name, len(days) if days is not None else None)
        of = None if isinstance(limit.amount, Unknown) else limit.amount
        past = _past(real.crossing_points, name)
        yield Bucket(name, balance.measure, of, used, balance.used, past, limit.modifier, limit.citation)


def _past(points: Sequence[CrossingPoint], name: str) -> int | None:
    return min((point.visit for point in points if point.subject == name and point.kind in _PAST), default=None)


def _asks(lines: Sequence[LineCheck], timeline: Timeline, buckets: Sequence[Bucket]) -> Iterator[Ask]:
    """Yield a question for every fact of the check that is not known and that the engine does not ask for itself."""
    for line in lines:
        if line.valid.answer is Answer.UNKNOWN:
            yield Ask("code-valid", line.code)
        for spell in line.spells:
            if spell.authorization.answer is Answer.UNKNOWN:
                yield Ask("authorization-needed", line.code)
            if spell.payable.answer is Answer.UNKNOWN:
                yield Ask("payable", line.code)
    for sending in timeline.sendings:
        if not sending.is_known:
            yield Ask("turnaround", sending.administrator)
        if not sending.how_to_ask:
            yield Ask("how-to-ask", sending.administrator)
    for bucket in buckets:
        if bucket.used is None:
            yield Ask("used-so-far", bucket.name)
        if bucket.of is None:
            yield Ask("limit", bucket.name)
