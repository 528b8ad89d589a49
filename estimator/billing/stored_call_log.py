"""The log of calls: entries are added, found by what they are about, and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from estimator.db.tables import accounts, call_log, next_id

_later = call_log.alias("later")


@dataclass(frozen=True, slots=True)
class CallEntry:
    """One entry; `by` is the account that made it, `corrected_by` the entry that stands in its place now."""

    id: int
    entered_at: datetime
    by: str
    plan_id: str
    payer: str
    case_label: str
    told_on: date
    source: str
    reference: str
    representative: str
    answers: Sequence[Mapping[str, Any]]
    note: str
    corrects: int | None
    corrected_by: int | None


@dataclass(frozen=True, slots=True)
class SoughtCalls:
    """Which entries are meant; what is None or empty restricts nothing. Both days are included."""

    plan_id: str = ""
    payer: str = ""
    case_label: str = ""
    since: date | None = None
    until: date | None = None


def insert_call(connection: Connection, row: Mapping[str, Any]) -> int:
    """Add an entry and return its number."""
    number = next_id(connection, call_log)
    connection.execute(insert(call_log), {**row, "id": number})
    return number


def find_call(connection: Connection, number: int) -> CallEntry | None:
    """Return an entry by its number."""
    row = connection.execute(_entries().where(call_log.c.id == number)).first()
    return None if row is None else _entry(row)


def find_calls(connection: Connection, sought: SoughtCalls, limit: int | None = None) -> tuple[CallEntry, ...]:
    """Return the entries that are meant, the last day first."""
    order = (call_log.c.told_on.desc(), call_log.c.id.desc())
    return tuple(map(_entry, connection.execute(_entries().where(*_conditions(sought)).order_by(*order).limit(limit))))


def valid_calls(connection: Connection, plan_id: str, limit: int) -> tuple[CallEntry, ...]:
    """Return the newest entries about a plan in whose place no other stands."""
    asked = _entries().where(call_log.c.plan_id == plan_id, _later.c.id.is_(None))
    order = (call_log.c.told_on.desc(), call_log.c.id.desc())
    return tuple(map(_entry, connection.execute(asked.order_by(*order).limit(limit))))


def payers_of_calls(connection: Connection) -> tuple[str, ...]:
    """Return the payers of whom there are entries."""
    return tuple(connection.scalars(select(call_log.c.payer).distinct().order_by(call_log.c.payer)))


def _entries() -> Select[Any]:
    own = [each for each in call_log.c if each.name != "account_id"]
    joined = call_log.join(accounts).outerjoin(_later, _later.c.corrects == call_log.c.id)
    return select(*own, accounts.c.name.label("by"), _later.c.id.label("corrected_by")).select_from(joined)


def _entry(row: Row[Any]) -> CallEntry:
    return CallEntry(**row._mapping)


def _conditions(sought: SoughtCalls) -> Iterator[Any]:
    for column, wanted in (
        (call_log.c.plan_id, sought.plan_id),
        (call_log.c.payer, sought.payer),
        (call_log.c.case_label, sought.case_label),
    ):
        if wanted:
            yield column == wanted
    if sought.since:
        yield call_log.c.told_on >= sought.since
    if sought.until:
        yield call_log.c.told_on <= sought.until
