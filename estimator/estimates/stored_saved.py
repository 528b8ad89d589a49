"""Estimates that people asked to keep, found by the hash of their link alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from estimator.db.tables import next_id, plan_revisions, saved_estimates
from estimator.plans.store import Key

_LISTS = ("books", "price_lists")


@dataclass(frozen=True)
class SavedEstimate:
    """One saved estimate; `link` and `removal` are hashes, `revision_id` None where the person described the plan."""

    link: str
    removal: str
    form: Mapping[str, str]
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    revision_id: int | None
    fingerprint: str
    books: tuple[int, ...]
    price_lists: tuple[int, ...]
    as_of: date
    engine: str
    created_at: datetime
    expires_at: datetime


def insert_saved(connection: Connection, saved: SavedEstimate) -> None:
    """Keep an estimate."""
    lists = {name: list(getattr(saved, name)) for name in _LISTS}
    row = {**asdict(saved), **lists, "id": next_id(connection, saved_estimates)}
    connection.execute(insert(saved_estimates), row)


def find_saved(connection: Connection, link: str, now: datetime) -> SavedEstimate | None:
    """Return the estimate of a link; None where there is none, or its time is over."""
    row = connection.execute(_unexpired(now).where(saved_estimates.c.link == link)).first()
    return None if row is None else _saved(row)


def requests_for(connection: Connection, key: Key, now: datetime, most: int) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """Return number and request of what is kept for a plan and its first day, the newest first; no link, no answer."""
    joined = saved_estimates.join(plan_revisions, saved_estimates.c.revision_id == plan_revisions.c.id)
    asked = select(saved_estimates.c.id, saved_estimates.c.request).select_from(joined)
    asked = asked.where(plan_revisions.c.plan_id == key[0], plan_revisions.c.first_day == key[1])
    asked = asked.where(saved_estimates.c.expires_at > now).order_by(saved_estimates.c.id.desc()).limit(most)
    return [(number, request) for number, request in connection.execute(asked)]


def all_saved(connection: Connection, now: datetime) -> tuple[SavedEstimate, ...]:
    """Return every estimate whose time is not over, the oldest first."""
    return tuple(map(_saved, connection.execute(_unexpired(now).order_by(saved_estimates.c.id))))


def count_saved(connection: Connection) -> int:
    """Return how many estimates are kept."""
    return connection.execute(select(func.count()).select_from(saved_estimates)).scalar_one()


def remove_saved(connection: Connection, link: str, removal: str) -> int:
    """Remove the estimate of a link for whoever knows both secrets; return how many rows went."""
    both = (saved_estimates.c.link == link) & (saved_estimates.c.removal == removal)
    return connection.execute(delete(saved_estimates).where(both)).rowcount


def remove_expired(connection: Connection, now: datetime) -> int:
    """Remove what is past its time; return how many rows went."""
    return connection.execute(delete(saved_estimates).where(saved_estimates.c.expires_at <= now)).rowcount


def _unexpired(now: datetime) -> Select[Any]:
    columns = (each for each in saved_estimates.c if each.name != "id")
    return select(*columns).where(saved_estimates.c.expires_at > now)


def _saved(row: Row[Any]) -> SavedEstimate:
    return SavedEstimate(**{**row._mapping, **{name: tuple(row._mapping[name]) for name in _LISTS}})
