"""What the desk's records come to over some months: authorizations by payer, denials by reason, money that was lost.

Everything is counted from the entries of cases, which are only added to; an entry that was corrected counts as what
stands for it now. Days are those of the answer or of the visit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    String,
    TableValuedAlias,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    text,
    true,
    type_coerce,
)

from estimator.billing.cases import CARE, GRANT, GRANTED, MERGED, MERGING, PAID, REQUESTED, cared_twice, stands
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
    """Authorizations that are alike, and how many there are; `days` are those from request to answer.

    `payer` is the id of the plan until its payer is looked up, here and below.
    """

    payer: str
    times: int
    status: str
    visits: int
    requested_visits: int
    reason: str
    days: int | None


class _Taken(NamedTuple):
    """What was taken off payments for a reason, how often and in all; `payment` where an authorization was lacking."""

    payer: str
    group: str
    reason: str
    payment: int
    times: int
    cents: int


class _Days(NamedTuple):
    """Days that are asked about, and what `plans_by_case` tells: read once for all kinds."""

    first: date
    last: date
    changed: Mapping[int, Sequence[tuple[date, str]]]


def reports_of(engine: Engine, first: date, last: date) -> Reports:
    """Return the reports on what was answered and settled from one day to another, both included."""
    with reading(engine) as connection:
        payers, newest = _payers(connection), connection.scalar(select(func.max(_ENTRIES.id)))
    tally = _counted(engine, first, last, newest or 0)
    grants = [one._replace(payer=payers.get(one.payer, one.payer)) for one in tally.grants]
    taken = [one._replace(payer=payers.get(one.payer, one.payer)) for one in tally.taken]
    return Reports(_by_payer(grants), tuple(_denials(grants, taken)), tuple(_lost(taken)))


class _Tally(NamedTuple):
    """What is counted by plan over some days, up to an entry."""

    newest: int = 0
    grants: Sequence[_Grant] = ()
    taken: Sequence[_Taken] = ()


# By database and days, the one that was asked for last at the end.
_TALLIES: dict[tuple[Engine, date, date], _Tally] = {}
_MOST_TALLIES = 16


def _counted(engine: Engine, first: date, last: date, newest: int) -> _Tally:
    """Return what is counted by plan; entries are only added to, so that only what is new is counted again."""
    tally = _TALLIES.pop((engine, first, last), _Tally())
    if tally.newest != newest:
        with reading(engine) as connection:
            tally = _Tally() if _moves_older(connection, tally.newest) else tally
            tally = _grown(connection, _Days(first, last, plans_by_case(connection)), tally, newest)
    while len(_TALLIES) >= _MOST_TALLIES:
        _TALLIES.pop(next(iter(_TALLIES)), None)
    _TALLIES[engine, first, last] = tally
    return tally


def _moves_older(connection: Connection, newest: int) -> bool:
    """Tell whether an entry since then changes what older ones count as: a case's plan, or that it was merged."""
    older = case_entries.alias().c
    has_older = exists().where(older.case_id == _ENTRIES.case_id, older.id <= newest)
    moves = or_(_ENTRIES.kind == MERGING, and_(_ENTRIES.kind == CARE, has_older))
    return connection.execute(select(_ENTRIES.id).where(_ENTRIES.id > newest, moves).limit(1)).first() is not None


def _grown(connection: Connection, days: _Days, before: _Tally, newest: int) -> _Tally:
    """Return a tally with what was entered since, and without what was corrected since."""
    parts: list[tuple[int, tuple[ColumnElement[bool], ...]]] = [
        (1, (_ENTRIES.id > before.newest, stands(case_entries)))
    ]
    if before.newest and (gone := _corrected_since(connection, before.newest)):
        parts.append((-1, (_ENTRIES.id.in_(gone),)))
    grants = Counter({one._replace(times=0): one.times for one in before.grants})
    taken = {one._replace(times=0, cents=0): (one.times, one.cents) for one in before.taken}
    for sign, these in parts:
        for grant in _grants(connection, days, these):
            grants[grant._replace(times=0)] += sign * grant.times
        for one in _taken(connection, days, these):
            times, cents = taken.get(one._replace(times=0, cents=0), (0, 0))
            taken[one._replace(times=0, cents=0)] = times + sign * one.times, cents + sign * one.cents
    return _Tally(
        newest,
        [grant._replace(times=times) for grant, times in grants.items() if times],
        [one._replace(times=times, cents=cents) for one, (times, cents) in taken.items() if times],
    )


def _corrected_since(connection: Connection, newest: int) -> Sequence[int]:
    """Return the entries up to one that stood then, and that a later one corrects."""
    older, later, before = (case_entries.alias().c for _ in range(3))
    is_its = (later.case_id == older.case_id, later.corrects == older.number)
    stood = ~exists().where(before.case_id == older.case_id, before.corrects == older.number, before.id <= newest)
    asked = select(older.id).where(*is_its, later.id > newest, older.id <= newest, stood)
    return connection.scalars(asked).all()


def _by_payer(grants: Sequence[_Grant]) -> tuple[PayerGrants, ...]:
    found: dict[str, PayerGrants] = {}
    for each in grants:
        of = found.setdefault(each.payer, PayerGrants(each.payer))
        asked = each.requested_visits or (each.visits if each.status == REQUESTED else 0)
        of.requested_visits += each.times * asked
        of.approved_visits += each.times * each.visits if each.status in GRANTED else 0
        of.approved += each.times if each.status == "approved" else 0
        of.partly += each.times if each.status == "partly" else 0
        of.denied += each.times if each.status == "denied" else 0
        of.waiting += each.times if each.status == REQUESTED else 0
        if each.status in (*GRANTED, "denied") and each.days is not None:
            of.days += [max(0, each.days)] * each.times
    return tuple(found[payer] for payer in sorted(found))


def _denials(grants: Sequence[_Grant], taken: Sequence[_Taken]) -> Iterator[Denials]:
    counted: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in grants:
        if each.status == "denied":
            counted[each.payer, "authorization", each.reason or NO_REASON][0] += each.times
    for one in taken:
        of = counted[one.payer, "claim line", f"{one.group}-{one.reason}"]
        of[0], of[1] = of[0] + one.times, of[1] + one.cents
    for (payer, what, reason), (times, cents) in sorted(
        counted.items(), key=lambda each: (each[0][0], -each[1][0], each[0])
    ):
        yield Denials(payer, what, reason, times, cents)


def _lost(taken: Sequence[_Taken]) -> Iterator[Lost]:
    by_payer: dict[str, list[_Taken]] = defaultdict(list)
    for one in taken:
        if one.payment:
            by_payer[one.payer].append(one)
    for payer, lost in sorted(by_payer.items()):
        yield Lost(payer, len({one.payment for one in lost}), Money(sum(one.cents for one in lost)))


# ----------------------------------------------------------------------------
# What stands of the entries of all cases, with the payer of the plan that was in force on each day.
#
# The database counts what is alike, and opens the adjustments of payments: a clinic has tens of thousands. Entries of
# cases whose plan changed are counted by day, for their plan depends on it.
# ----------------------------------------------------------------------------

_ENTRIES = case_entries.c
_CONTENT = _ENTRIES.content


def _grants(connection: Connection, days: _Days, these: Sequence[ColumnElement[bool]]) -> Iterator[_Grant]:
    texts = [_CONTENT[name].as_string() for name in ("status", "reason", "requested_on")]
    counts = [_CONTENT[name].as_integer() for name in ("visits", "requested_visits")]
    for payer, told in _told(connection, GRANT, days, [_ENTRIES.day, *texts, *counts], [func.count()], more=these):
        day, status, reason, asked, visits, requested, times = told
        took = (day - date.fromisoformat(asked)).days if asked else None
        yield _Grant(payer, times, status, visits or 0, requested or 0, reason=reason or "", days=took)


def _taken(connection: Connection, days: _Days, these: Sequence[ColumnElement[bool]]) -> Iterator[_Taken]:
    rows, group, reason, cents = _adjustments(connection.dialect.name)
    lacked = and_(group == BY_CONTRACT, reason.in_(OF_AUTHORIZATION))
    columns = [group, reason, case((lacked, _ENTRIES.id), else_=0)]
    is_denial = (cents > 0, reason.not_in(NO_DENIAL), *these)
    for payer, told in _told(
        connection, PAID, days, columns, [func.count(), func.sum(cents)], rows=rows, more=is_denial
    ):
        yield _Taken(payer, *told)


def _adjustments(
    dialect: str,
) -> tuple[TableValuedAlias, ColumnElement[str], ColumnElement[str], ColumnElement[int]]:
    """Return the adjustments of payments as rows, with the group, the reason and the cents of each."""
    if dialect == "sqlite":
        rows = func.json_each(_CONTENT, "$.adjustments").table_valued("value", name="adjustments")
        parts: list[ColumnElement[Any]] = [func.json_extract(rows.c.value, f"$[{place}]") for place in range(3)]
    else:
        rows = func.json_array_elements(type_coerce(_CONTENT, JSON)["adjustments"]).table_valued("value")
        rows = rows.render_derived(name="adjustments")
        parts = [rows.c.value.op("->>")(place) for place in range(3)]
    group, reason, cents = parts
    return rows, type_coerce(group, String), type_coerce(reason, String), cast(cents, Integer)


def _told(
    connection: Connection,
    kind: str,
    days: _Days,
    columns: Sequence[ColumnElement[Any]],
    counts: Sequence[ColumnElement[Any]],
    rows: TableValuedAlias | None = None,
    more: Sequence[ColumnElement[bool]] = (),
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the plan of entries of a kind, what they say in these columns, and counts of those that say the same."""
    first, last, changed = days
    of_changed = _changed().subquery()
    is_changed = of_changed.c.case_id.is_not(None)
    of_plan = case((is_changed, ""), else_=cases.c.plan_id), of_changed.c.case_id, case((is_changed, _ENTRIES.day))
    asked = select(*of_plan, *columns, *counts).join_from(case_entries, cases, cases.c.id == _ENTRIES.case_id)
    asked = asked.outerjoin(of_changed, of_changed.c.case_id == _ENTRIES.case_id)
    asked = asked if rows is None else asked.join(rows, true())
    is_meant = (_ENTRIES.kind == kind, _ENTRIES.day >= first, _ENTRIES.day <= last)
    grouped = [text(str(place)) for place in range(1, len(of_plan) + len(columns) + 1)]
    asked = asked.where(*is_meant, cases.c.state != MERGED, *more).group_by(*grouped)
    for plan, case_id, day, *told in connection.execute(asked):
        if case_id:
            known = changed.get(case_id, ())
            # What is older than a case's first care, such as last month's remittance, is of the plan it began with.
            plan = next((plan for since, plan in known if since <= day), known[-1][1] if known else "")
        yield plan, told


def _changed() -> Select[Any]:
    """Return the question for cases whose care names a plan more than once; only what has two cares is opened."""
    other = case_entries.alias().c
    names_one = func.coalesce(other.content["plan"].as_string(), "") != ""
    asked = select(other.case_id).where(other.kind == CARE, other.case_id.in_(cared_twice()), names_one)
    return asked.group_by(other.case_id).having(func.count() > 1)


def plans_by_case(connection: Connection) -> Mapping[int, Sequence[tuple[date, str]]]:
    """Return the plans of each case whose plan changed, with the day from which on it has each, the last first."""
    asked = select(_ENTRIES.case_id, _ENTRIES.day, _CONTENT["plan"].as_string())
    asked = asked.where(_ENTRIES.kind == CARE, _ENTRIES.case_id.in_(_changed()), stands(case_entries))
    plans: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for case_id, day, plan in connection.execute(asked.order_by(_ENTRIES.day.desc(), _ENTRIES.number.desc())):
        if plan:
            plans[case_id].append((day, plan))
    return plans


def _payers(connection: Connection) -> Mapping[str, str]:
    """Return the payer of each plan that a case has or had; a catalogue has thousands that no case has."""
    columns, entry = active_plans.c, case_entries.alias().c
    had = select(entry.content["plan"].as_string()).where(entry.kind == CARE, entry.case_id.in_(cared_twice()))
    of_cases = or_(columns.plan_id.in_(select(cases.c.plan_id)), columns.plan_id.in_(had))
    return {
        row.plan_id: row.payer for row in connection.execute(select(columns.plan_id, columns.payer).where(of_cases))
    }
