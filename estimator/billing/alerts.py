"""Alerts on open cases: what the watch finds each night, raised once for each thing and period.

When to raise one is the clinic's: visits, days and dollars left. An alert stays until somebody has done what it asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Engine, insert, select, update

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.authorization_answer import Habits
from estimator.billing.case_money import money_counters
from estimator.billing.cases import Case, CaseNow, case_now, open_cases
from estimator.billing.counters import (
    GRANT,
    MONEY,
    REQUEST,
    Counter,
    PlanOn,
    counters_of,
    grant_in_force,
    grants_used,
    requests_waiting,
)
from estimator.billing.needs import REVIEW, Thresholds
from estimator.billing.schedule import Looked
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import case_alerts, cases, next_id
from estimator.engine.plan import Measure
from estimator.engine.request import Grant
from estimator.errors import PlanFileRefused, UnknownPlan
from estimator.insurers.matching import insurer_named
from estimator.plans.shelf import Shelf

_AT_ONCE = 500


class AlertKind(StrEnum):
    """What an alert is about, as docs/cases.md lists it."""

    AUTHORIZATION_NEAR = "authorization-near"
    AUTHORIZATION_SPENT = "authorization-spent"
    AUTHORIZATION_ENDS = "authorization-ends"
    AUTHORIZATION_EXPIRED = "authorization-expired"
    RENEW = "renew"
    REQUEST_UNANSWERED = "request-unanswered"
    LIMIT_NEAR = "limit-near"
    LIMIT_REACHED = "limit-reached"
    LIMIT_PASSED = "limit-passed"
    KX_NEAR = "kx-near"
    KX = "kx"
    MEDICAL_REVIEW = "medical-review"
    NOT_TOLD = "not-told"
    PLAN_UNKNOWN = "plan-unknown"


class Alert(NamedTuple):
    """What is raised: its kind, what it is about (with the period, so that it comes once), and its numbers."""

    kind: AlertKind
    subject: str
    content: Mapping[str, Any]


def alerts_of(now: CaseNow, counters: Sequence[Counter], thresholds: Thresholds) -> tuple[Alert, ...]:
    """Return every alert that stands on the day of a case."""
    found = [alert for counter in counters for alert in _of_counter(now, counter, thresholds)]
    return tuple(found)


def _of_counter(now: CaseNow, counter: Counter, thresholds: Thresholds) -> Iterator[Alert]:
    if counter.kind == MONEY:
        return
    kinds = {GRANT: _of_grant, REQUEST: _of_request}.get(counter.kind, _of_limit)
    for kind in kinds(now, counter, thresholds):
        subject = f"{counter.name}|{counter.period}|{counter.entry or ''}"
        yield Alert(kind, subject, told(counter))


def _of_grant(now: CaseNow, counter: Counter, thresholds: Thresholds) -> Iterator[AlertKind]:
    is_over = counter.ends is not None and counter.ends < now.day
    if is_over:
        if now.planned:
            yield AlertKind.AUTHORIZATION_EXPIRED
        return
    left = counter.left
    if left == 0:
        yield AlertKind.AUTHORIZATION_SPENT
    elif left is not None and left <= _near(counter, thresholds):
        yield AlertKind.AUTHORIZATION_NEAR
    if counter.ends is not None and (counter.ends - now.day).days <= thresholds.days_left:
        yield AlertKind.AUTHORIZATION_ENDS
    if counter.act_by is not None and counter.act_by <= now.day and left != 0:
        yield AlertKind.RENEW


def _of_request(now: CaseNow, counter: Counter, thresholds: Thresholds) -> Iterator[AlertKind]:
    if counter.act_by is not None and counter.act_by <= now.day:
        yield AlertKind.REQUEST_UNANSWERED


def _of_limit(now: CaseNow, counter: Counter, thresholds: Thresholds) -> Iterator[AlertKind]:
    if counter.used is None:
        yield AlertKind.NOT_TOLD
        return
    if counter.of is None:
        return
    left = counter.of - counter.used
    if counter.is_marker:
        if left < 0:
            yield AlertKind.MEDICAL_REVIEW if counter.name == REVIEW else AlertKind.KX
        elif left <= thresholds.cents_left and counter.name != REVIEW:
            yield AlertKind.KX_NEAR
        return
    if left < 0:
        yield AlertKind.LIMIT_PASSED
    elif left == 0:
        yield AlertKind.LIMIT_REACHED
    elif left <= _near(counter, thresholds):
        yield AlertKind.LIMIT_NEAR


def _near(counter: Counter, thresholds: Thresholds) -> int:
    return thresholds.cents_left if counter.measure == Measure.DOLLARS else thresholds.visits_left


def told(counter: Counter) -> dict[str, Any]:
    """Return a counter as values that JSON holds."""
    days = {
        name: day.isoformat()
        for name in ("resets", "ends", "runs_out", "act_by", "stated_on", "requested_on", "new_payer_on")
        if (day := getattr(counter, name)) is not None
    }
    numbers = {name: getattr(counter, name) for name in ("of", "used", "left", "planned", "stated", "ours", "entry")}
    return {"kind": counter.kind, "name": counter.name, "measure": str(counter.measure), **numbers, **days}


# ----------------------------------------------------------------------------
# The watch over open cases, and alerts in the database.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert as it was raised, with its case's label."""

    id: int
    case_id: int
    label: str
    kind: str
    subject: str
    raised_on: date
    content: Mapping[str, Any]
    done_at: datetime | None


class Found(NamedTuple):
    """A case with its counters, its alerts and the authorization that its next visit rests on, on a day."""

    case: Case
    now: CaseNow
    counters: tuple[Counter, ...]
    alerts: tuple[Alert, ...]
    grant: Grant


def look_at_cases(shelf: Shelf, day: date, habits: Habits, thresholds: Thresholds) -> Iterator[Found]:
    """Yield every open case with what is to be said of it; one whose plan is gone is told as such."""
    after, looked = 0, Looked(shelf)
    while batch := open_cases(shelf.engine, after, _AT_ONCE):
        for case, entries in batch:
            yield look_at(case_now(case, entries, day), looked, habits, thresholds)
        after = batch[-1][0].id


def look_at(now: CaseNow, shelf: Shelf | Looked, habits: Habits, thresholds: Thresholds) -> Found:
    """Return a case with its counters and alerts, of what happened under its payer."""
    looked = _looked(shelf)
    now = under_this_payer(now, looked)
    plans = plan_on(now, looked)
    try:
        using = grants_used(now, plans)
        waiting = requests_waiting(now, thresholds.days_unanswered)
        counters = (*counters_of(now, plans, habits, using), *waiting, *money_counters(now, plans(now.day)))
    except (UnknownPlan, PlanFileRefused):
        gone = Alert(AlertKind.PLAN_UNKNOWN, now.care["plan"], {"name": now.care["plan"]})
        return Found(now.case, now, (), (gone,), grant_in_force(now, grants_used(now, None)))
    return Found(now.case, now, counters, alerts_of(now, counters, thresholds), grant_in_force(now, using))


def under_this_payer(now: CaseNow, looked: Looked) -> CaseNow:
    """Return a case without what was used of, granted and stated by a payer before its present one.

    Another insurer counts from its own beginning, and no authorization goes along. A typical plan without an insurer
    may be anybody's: what is entered in its place is taken for the same payer.
    """
    if not now.covers[1:] and not now.covers_ahead:
        return now
    since, payer = now.day, _Payer()
    for cover in reversed(now.covers):
        before = _payer_of(cover, looked)
        if payer.follows(before):
            break
        since, payer = cover[0], payer.or_as(before)
    ahead = ((cover[0], _payer_of(cover, looked)) for cover in now.covers_ahead)
    now = replace(now, next_payer_on=next((day for day, after in ahead if after.follows(payer)), None))
    if not now.covers or since == now.covers[0][0]:
        return now
    visits = tuple(visit for visit in now.visits if visit.day >= since)
    return replace(
        now,
        visits=visits,
        given_before=len(now.visits) - len(visits),
        stated={column: told for column, told in now.stated.items() if told.day >= since},
        grants=tuple(grant for grant in now.grants if grant.on >= since),
        settled=tuple(each for each in now.settled if each.day >= since),
    )


class _Payer(NamedTuple):
    """Who pays: by the plan itself, where it isn't a typical one, and by the insurer beside it; empty is not known."""

    of_plan: str = ""
    beside: str = ""

    def follows(self, before: _Payer) -> bool:
        """Tell whether another payer's plan was there before.

        What was entered beside a plan stays there when the plan changes, so that the plans themselves go first.
        """
        if self.of_plan and before.of_plan and self.of_plan != before.of_plan:
            return True
        if self.beside and before.beside and self.beside != before.beside:
            return True
        own, other = self.of_plan or self.beside, before.of_plan or before.beside
        return bool(own and other and own != other)

    def or_as(self, before: _Payer) -> _Payer:
        """Return the same with what only the cover before tells."""
        return _Payer(self.of_plan or before.of_plan, self.beside or before.beside)


def _payer_of(cover: tuple[date, str, str], looked: Looked) -> _Payer:
    day, plan_id, insurer = cover
    try:
        plan = looked.nearest(plan_id, day)
    except (UnknownPlan, PlanFileRefused):
        return _Payer("", _known_as(insurer))
    return _Payer("" if plan.kind == "template" else _known_as(plan.payer), _known_as(insurer))


def _known_as(name: str) -> str:
    """Return the id of the insurer that a name means beyond doubt, else the name."""
    known = insurer_named(name) if name else None
    return known.id if known else name.casefold()


def plan_on(now: CaseNow, shelf: Shelf | Looked) -> PlanOn:
    """Return the plan of a case by day: the revision in force, what follows it, or the nearest of its own."""
    looked = _looked(shelf)
    return lambda day: looked.nearest(now.care["plan"], day)


def _looked(shelf: Shelf | Looked) -> Looked:
    return shelf if isinstance(shelf, Looked) else Looked(shelf)


def raise_alerts(shelf: Shelf, day: date, habits: Habits, thresholds: Thresholds) -> int:
    """Look at every open case and keep what is new; return how many alerts were raised.

    An alert that was raised before, done or not, is not raised again; a worker that is killed between two cases loses
    nothing, for the next one looks at all of them.
    """
    raised = 0
    batch: list[Found] = []
    for found in look_at_cases(shelf, day, habits, thresholds):
        batch.append(found)
        if len(batch) == _AT_ONCE:
            raised += _keep(shelf.engine, batch, day)
            batch = []
    return raised + _keep(shelf.engine, batch, day)


def _keep(engine: Engine, batch: Sequence[Found], day: date) -> int:
    if not batch:
        return 0
    columns = case_alerts.c
    with writing(engine) as connection:
        ids = [found.case.id for found in batch]
        asked = select(columns.case_id, columns.kind, columns.subject).where(columns.case_id.in_(ids))
        there = {(row.case_id, row.kind, row.subject) for row in connection.execute(asked)}
        new = [
            (found.case.id, alert)
            for found in batch
            for alert in found.alerts
            if (found.case.id, alert.kind, alert.subject) not in there
        ]
        for case_id, alert in new:
            row = {"id": next_id(connection, case_alerts), "case_id": case_id, "raised_on": day, "done_at": None}
            row |= {"kind": alert.kind, "subject": alert.subject, "content": dict(alert.content), "done_by": None}
            connection.execute(insert(case_alerts), row)
        connection.commit()
    return len(new)


def kept_alerts(
    engine: Engine, *, case_id: int | None = None, after: int = 0, is_open: bool = True, most: int = 1000
) -> tuple[KeptAlert, ...]:
    """Return alerts by id: those after one, of one case or of all, and only those that nobody has done if so wanted."""
    columns = case_alerts.c
    names = ("id", "case_id", "kind", "subject", "raised_on", "content", "done_at")
    asked = select(*(columns[name] for name in names), cases.c.label).join(cases, cases.c.id == columns.case_id)
    asked = asked.where(columns.id > after).order_by(columns.id).limit(most)
    if case_id is not None:
        asked = asked.where(columns.case_id == case_id)
    if is_open:
        asked = asked.where(columns.done_at.is_(None))
    with reading(engine) as connection:
        return tuple(KeptAlert(**row._mapping) for row in connection.execute(asked))


def finish_alert(engine: Engine, alert_id: int, by: Person) -> None:
    """Note that somebody has done what an alert asks; one that was done stays as it was done first."""
    with writing(engine) as connection:
        change = update(case_alerts).where(case_alerts.c.id == alert_id, case_alerts.c.done_at.is_(None))
        connection.execute(change.values(done_at=now_utc(), done_by=by.id))
        note_done(connection, by=by.id, did="alert-done", subject=str(alert_id), now=now_utc())
        connection.commit()
