"""What the desk's records come to over some months: authorizations by payer, denials by reason, money that was lost.

Everything is counted from the entries of cases, which are only added to; an entry that was corrected counts as what
stands for it now. Days are those of the answer or of the visit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Select, String, cast, exists, func, select, text

from estimator.billing.cases import CARE, GRANT, GRANTED, MERGED, PAID
from estimator.db.connection import reading
from estimator.db.tables import active_plans, case_entries, cases
from estimator.engine.values import Money

# Claim adjustment reasons that say an authorization was missing, spent or not the right one (X12, CARC list).
OF_AUTHORIZATION = ("15", "197", "198")
BY_CONTRACT = "CO"
# The difference between a charge and the price of the contract is no denial, and what the patient owes is none.
NO_DENIAL = ("45", "1", "2", "3", "59", "253")
NO_REASON = "not told"


@dataclass
class PayerGrants:
    """What was asked of a payer and what it answered; `days` are those from each request to its answer."""

    payer: str
    requested_visits: int = 0
    approved_visits: int = 0
    approved: int = 0
    partly: int = 0
    denied: int = 0
    waiting: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def usual_days(self) -> int | None:
        """Return the median of the days, None where no answer tells its request."""
        return round(median(self.days)) if self.days else None

    @property
    def most_days(self) -> int | None:
        """Return the longest."""
        return max(self.days, default=None)


class Denials(NamedTuple):
    """How often a payer denied for a reason, and what it took off in cents; zero for authorizations that it denied."""

    payer: str
    what: str
    reason: str
    number: int
    cents: int


class Lost(NamedTuple):
    """What a payer did not pay because an authorization was missing, and nobody else may be billed for."""

    payer: str
    claims: int
    lost: Money


class Reports(NamedTuple):
    """The three reports over the same days."""

    grants: tuple[PayerGrants, ...]
    denials: tuple[Denials, ...]
    lost: tuple[Lost, ...]


class _Grant(NamedTuple):
    """Authorizations that are alike, and how many there are; `days` are those from request to answer."""

    payer: str
    times: int
    status: str
    visits: int
    requested_visits: int
    reason: str
    days: int | None


class _Paid(NamedTuple):
    """Payments from which the same was taken off, and how many there are."""

    payer: str
    times: int
    adjustments: Sequence[tuple[str, str, int]]


class _Days(NamedTuple):
    """Days that are asked about, the payer of each plan, and what `_plans_by_case` tells: read once for all kinds."""

    first: date
    last: date
    payers: Mapping[str, str]
    changed: Mapping[int, Sequence[tuple[date, str]]]


def reports_of(engine: Engine, first: date, last: date) -> Reports:
    """Return the reports on what was answered and settled from one day to another, both included."""
    with reading(engine) as connection:
        days = _Days(first, last, _payers(connection), _plans_by_case(connection))
        grants, paid = list(_grants(connection, days)), list(_paid(connection, days))
    return Reports(_by_payer(grants), tuple(_denials(grants, paid)), tuple(_lost(paid)))


def _by_payer(grants: Sequence[_Grant]) -> tuple[PayerGrants, ...]:
    found: dict[str, PayerGrants] = {}
    for each in grants:
        of = found.setdefault(each.payer, PayerGrants(each.payer))
        asked = each.requested_visits or (each.visits if each.status == "requested" else 0)
        of.requested_visits += each.times * asked
        of.approved_visits += each.times * each.visits if each.status in GRANTED else 0
        of.approved += each.times if each.status == "approved" else 0
        of.partly += each.times if each.status == "partly" else 0
        of.denied += each.times if each.status == "denied" else 0
        of.waiting += each.times if each.status == "requested" else 0
        if each.status in (*GRANTED, "denied") and each.days is not None:
            of.days += [max(0, each.days)] * each.times
    return tuple(found[payer] for payer in sorted(found))


def _denials(grants: Sequence[_Grant], paid: Sequence[_Paid]) -> Iterator[Denials]:
    counted: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in grants:
        if each.status == "denied":
            counted[each.payer, "authorization", each.reason or NO_REASON][0] += each.times
    for payment in paid:
        for group, reason, cents in payment.adjustments:
            if reason not in NO_DENIAL and cents > 0:
                of = counted[payment.payer, "claim line", f"{group}-{reason}"]
                of[0], of[1] = of[0] + payment.times, of[1] + payment.times * cents
    for (payer, what, reason), (times, cents) in sorted(
        counted.items(), key=lambda each: (each[0][0], -each[1][0], each[0])
    ):
        yield Denials(payer, what, reason, times, cents)


def _lost(paid: Sequence[_Paid]) -> Iterator[Lost]:
    by_payer: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in paid:
        taken = sum(
            cents
            for group, reason, cents in each.adjustments
            if group == BY_CONTRACT and reason in OF_AUTHORIZATION and cents > 0
        )
        if taken:
            of = by_payer[each.payer]
            of[0], of[1] = of[0] + each.times, of[1] + each.times * taken
    for payer in sorted(by_payer):
        yield Lost(payer, by_payer[payer][0], Money(by_payer[payer][1]))


# ----------------------------------------------------------------------------
# What stands of the entries of all cases, with the payer of the plan that was in force on each day.
#
# The database counts alike entries together: a clinic has tens of thousands. Only cases whose plan changed are asked
# entry by entry, for theirs depends on the day.
# ----------------------------------------------------------------------------

_ENTRIES = case_entries.c
_OTHERS = case_entries.alias().c
_CONTENT = _ENTRIES.content


def _grants(connection: Connection, days: _Days) -> Iterator[_Grant]:
    texts = [_CONTENT[name].as_string() for name in ("status", "reason", "requested_on")]
    counts = [_CONTENT[name].as_integer() for name in ("visits", "requested_visits")]
    for payer, day, times, told in _told(connection, GRANT, days, [*texts, *counts]):
        status, reason, asked, visits, requested = told
        took = (day - date.fromisoformat(asked)).days if asked else None
        yield _Grant(payer, times, status, visits or 0, requested or 0, reason=reason or "", days=took)


def _paid(connection: Connection, days: _Days) -> Iterator[_Paid]:
    taken = cast(_CONTENT["adjustments"], String)
    for payer, _, times, (adjustments,) in _told(connection, PAID, days, [taken]):
        yield _Paid(payer, times, orjson.loads(adjustments or "[]") or ())


def _told(
    connection: Connection, kind: str, days: _Days, columns: Sequence[ColumnElement[Any]]
) -> Iterator[tuple[str, date, int, Sequence[Any]]]:
    """Yield what entries of a kind say in these columns: the payer, the day, how many say the same, and what."""
    first, last, payers, changed = days
    is_asked = (_ENTRIES.kind == kind, _ENTRIES.day >= first, _ENTRIES.day <= last, _stands(), cases.c.state != MERGED)
    asked = select(_ENTRIES.day, *columns).join(cases, cases.c.id == _ENTRIES.case_id).where(*is_asked)
    of_changed = _ENTRIES.case_id.in_(_changed())
    alike = asked.where(~of_changed).add_columns(cases.c.plan_id, func.count())
    grouped = [text(str(place)) for place in range(1, len(columns) + 3)]
    for day, *told, plan, times in connection.execute(alike.group_by(*grouped).order_by(*grouped)):
        yield payers.get(plan, plan), day, times, told
    by_entry = asked.where(of_changed).add_columns(_ENTRIES.case_id).order_by(_ENTRIES.day, _ENTRIES.id)
    for day, *told, case_id in connection.execute(by_entry):
        known = changed.get(case_id, ())
        # What is older than a case's first care, such as last month's remittance, is of the plan that it began with.
        plan = next((plan for since, plan in known if since <= day), known[-1][1] if known else "")
        yield payers.get(plan, plan), day, 1, told


def _stands() -> ColumnElement[bool]:
    """Tell of an entry that none corrects it, on whatever day."""
    corrects = exists().where(_OTHERS.case_id == _ENTRIES.case_id, _OTHERS.corrects == _ENTRIES.number)
    return ~corrects


def _changed() -> Select[Any]:
    """Return the question for cases whose care names a plan more than once."""
    names_one = func.coalesce(_OTHERS.content["plan"].as_string(), "") != ""
    asked = select(_OTHERS.case_id).where(_OTHERS.kind == CARE, names_one)
    return asked.group_by(_OTHERS.case_id).having(func.count() > 1)


def _plans_by_case(connection: Connection) -> Mapping[int, Sequence[tuple[date, str]]]:
    """Return the plans of each case whose plan changed, with the day from which on it has each, the last first."""
    asked = select(_ENTRIES.case_id, _ENTRIES.day, _CONTENT["plan"].as_string())
    asked = asked.where(_ENTRIES.kind == CARE, _ENTRIES.case_id.in_(_changed()), _stands())
    plans: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for case_id, day, plan in connection.execute(asked.order_by(_ENTRIES.day.desc(), _ENTRIES.number.desc())):
        if plan:
            plans[case_id].append((day, plan))
    return plans


def _payers(connection: Connection) -> Mapping[str, str]:
    columns = active_plans.c
    return {row.plan_id: row.payer for row in connection.execute(select(columns.plan_id, columns.payer))}
