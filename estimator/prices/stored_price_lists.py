"""The clinic's own lists of prices: every one that was ever published, and which one of each kind prices now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from estimator.db.tables import clinic_price_lists, next_id


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A list as it is kept; `content` is JSON of its rows, and `based_on` the list that it took the place of."""

    kind: str
    fingerprint: str
    file: str
    rows: int
    content: str
    based_on: int | None
    published_at: datetime
    published_by: str
    note: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Publication:
    """A list without its rows: who published it, when and why."""

    id: int
    file: str
    rows: int
    based_on: int | None
    published_at: datetime
    published_by: str
    note: str


def insert_list(connection: Connection, row: PriceListRow) -> int:
    """Add a list, which thereby is the one of its kind that prices, and return its id."""
    number = next_id(connection, clinic_price_lists)
    connection.execute(insert(clinic_price_lists), {**asdict(row), "id": number})
    return number


def active_list_ids(connection: Connection) -> tuple[int, ...]:
    """Return the id of the list of each kind that prices."""
    asked = select(func.max(clinic_price_lists.c.id).label("newest")).group_by(clinic_price_lists.c.kind)
    return tuple(connection.scalars(asked.order_by("newest")))


def active_list(connection: Connection, kind: str) -> PriceListRow | None:
    """Return the list of a kind that prices, None where none was ever published."""
    asked = select(clinic_price_lists).where(clinic_price_lists.c.kind == kind)
    row = connection.execute(asked.order_by(clinic_price_lists.c.id.desc()).limit(1)).first()
    return None if row is None else PriceListRow(**row._mapping)


def lists_of(connection: Connection, ids: Sequence[int]) -> tuple[PriceListRow, ...]:
    """Return these lists, those of them that there are."""
    asked = select(clinic_price_lists).where(clinic_price_lists.c.id.in_(ids)).order_by(clinic_price_lists.c.id)
    return tuple(PriceListRow(**row._mapping) for row in connection.execute(asked))


def history_of(connection: Connection, kind: str) -> tuple[Publication, ...]:
    """Return every publication of a kind, the newest first."""
    columns = [clinic_price_lists.c[name] for name in Publication.__dataclass_fields__]
    asked = select(*columns).where(clinic_price_lists.c.kind == kind).order_by(clinic_price_lists.c.id.desc())
    return tuple(Publication(*row) for row in connection.execute(asked))
