"""Keep an estimate for a time under a link that nobody can guess, answer it again as it was, and take it away.

The link and the secret that removes it are given out once; only their hashes are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple

from sqlalchemy import Engine

from estimator.db.connection import reading, writing
from estimator.estimates.stored_saved import (
    SavedEstimate,
    count_saved,
    find_saved,
    insert_saved,
    remove_expired,
    remove_saved,
)
from estimator.plans.shelf import Shelf
from estimator.plans.store import known_revisions
from estimator.prices.store import active_book_ids, active_list_ids

DAYS = (7, 30, 90)
USUAL_DAYS = 30
# One of a long course takes some 100 kB: together they fill a disk no further than a gigabyte or so.
MOST_KEPT = 10_000
_BYTES = 32
_LONGEST_LINK = 100


class Secrets(NamedTuple):
    """What is given out once: the link that shows an estimate, and what removes it."""

    link: str
    removal: str


def save_estimate(
    shelf: Shelf,
    form: Mapping[str, str],
    request: Mapping[str, Any],
    answer: Mapping[str, Any],
    days: int,
    now: datetime,
) -> Secrets | None:
    """Keep an estimate for so many days, and remove those whose time is over; None where too many are kept already."""
    secrets = Secrets(token_urlsafe(_BYTES), token_urlsafe(_BYTES))
    fingerprint = str(answer["inputs"]["plan"]).rpartition("@")[2]
    with writing(shelf.engine) as connection:
        remove_expired(connection, now)
        if count_saved(connection) >= MOST_KEPT:
            connection.commit()
            return None
        saved = SavedEstimate(
            link=_hash(secrets.link),
            removal=_hash(secrets.removal),
            form=form,
            request=request,
            answer=answer,
            revision_id=known_revisions(connection, [fingerprint]).get(fingerprint),
            fingerprint=fingerprint,
            books=active_book_ids(connection),
            price_lists=active_list_ids(connection),
            as_of=date.fromisoformat(answer["inputs"]["as_of"]),
            engine=answer["inputs"]["engine"],
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        insert_saved(connection, saved)
        connection.commit()
    return secrets


def saved_estimate(engine: Engine, link: str, now: datetime) -> SavedEstimate | None:
    """Return what is kept under a link; None where there is nothing, or no longer."""
    with reading(engine) as connection:
        return find_saved(connection, _hash(link[:_LONGEST_LINK]), now)


def remove_estimate(engine: Engine, secrets: Secrets) -> bool:
    """Remove a saved estimate for good; return whether there was one with these secrets."""
    with writing(engine) as connection:
        gone = remove_saved(connection, _hash(secrets.link[:_LONGEST_LINK]), _hash(secrets.removal[:_LONGEST_LINK]))
        connection.commit()
    return gone > 0


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
