"""Estimates as patients were given them: added, found, and removed when their time is over or by the billing desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from estimator.billing.stored_reconciliations import last_given_id
from estimator.db.tables import accounts, given_estimates, next_id


@dataclass(frozen=True, slots=True)
class GivenEstimate:
    """One estimate; `by` is the account that gave it, `revision_id` None where its request describes the plan."""

    id: int
    case_label: str
    plan_id: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    receipt: str
    revision_id: int | None
    fingerprint: str
    books: tuple[int, ...]
    price_lists: tuple[int, ...]
    as_of: date
    engine: str
    given_at: datetime
    by: str
    expires_at: datetime


def insert_given(connection: Connection, row: Mapping[str, Any]) -> int:
    """Add an estimate and return its number; one that anything kept is about is not given again."""
    number = max(next_id(connection, given_estimates), last_given_id(connection) + 1)
    connection.execute(insert(given_estimates), {**row, "id": number})
    return number


def find_given(connection: Connection, number: int, now: datetime) -> GivenEstimate | None:
    """Return an estimate; None where there is none of this number, or its time is over."""
    row = connection.execute(_kept(now).where(given_estimates.c.id == number)).first()
    return None if row is None else _estimate(row)


def find_all_given(connection: Connection, case_label: str, now: datetime) -> tuple[GivenEstimate, ...]:
    """Return the estimates under a label, or under every label where it is empty; the newest first."""
    asked = _kept(now).order_by(given_estimates.c.id.desc())
    if case_label:
        asked = asked.where(given_estimates.c.case_label == case_label)
    return tuple(map(_estimate, connection.execute(asked)))


def remove_given(connection: Connection, number: int) -> int:
    """Remove an estimate; return how many rows went."""
    return connection.execute(delete(given_estimates).where(given_estimates.c.id == number)).rowcount


def remove_expired(connection: Connection, now: datetime) -> int:
    """Remove what is past its time; return how many rows went."""
    return connection.execute(delete(given_estimates).where(given_estimates.c.expires_at <= now)).rowcount


def _kept(now: datetime) -> Select[Any]:
    own = [each for each in given_estimates.c if each.name != "account_id"]
    joined = given_estimates.join(accounts)
    asked = select(*own, accounts.c.name.label("by")).select_from(joined)
    return asked.where(given_estimates.c.expires_at > now)


def _estimate(row: Row[Any]) -> GivenEstimate:
    return GivenEstimate(**{**row._mapping, "books": tuple(row.books), "price_lists": tuple(row.price_lists)})
