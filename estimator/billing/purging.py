"""Remove what is kept for a time only, once its time is over."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from estimator.billing import giving
from estimator.db.connection import writing
from estimator.estimates import saved


class Purged(NamedTuple):
    """How many estimates were removed, by how they were kept: under a link, or for the billing desk."""

    saved: int
    given: int


def purge(engine: Engine, now: datetime) -> Purged:
    """Remove every estimate whose time is over; return how many."""
    with writing(engine) as connection:
        gone = Purged(saved.remove_expired(connection, now), giving.remove_expired(connection, now))
        connection.commit()
    return gone
