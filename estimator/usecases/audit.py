"""The log of who did what: every use case that changes something adds its line within its own transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from estimator.store.audit import insert_entry


def note_done(connection: Connection, *, by: int | None, did: str, subject: str, now: datetime) -> None:
    """Add a line to the log: which account did what, such as `plan-published`, to what, such as `plan@fingerprint`.

    Nothing about a patient belongs into `subject`. Whoever calls this commits: then both are kept, or neither.
    """
    insert_entry(connection, now, by, did, subject)
