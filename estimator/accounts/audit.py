"""The log of who did what: every use case that changes something adds its line within its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from estimator.accounts import stored_accounts as accounts
from estimator.accounts import stored_audit as audit
from estimator.accounts.stored_audit import Entry, Sought
from estimator.db.connection import reading


@dataclass(frozen=True, slots=True)
class Log:
    """Some entries, the newest first, of all `count` that are meant."""

    entries: tuple[Entry, ...]
    count: int


def note_done(connection: Connection, *, by: int | None, did: str, subject: str, now: datetime) -> None:
    """Add a line to the log: which account did what, such as `plan-published`, to what, such as `plan@fingerprint`.

    Nothing about a patient belongs into `subject`. Whoever calls this commits: then both are kept, or neither.
    """
    audit.insert_entry(connection, now, by, did, subject)


def read_log(engine: Engine, sought: Sought, limit: int | None = None, start: int = 0) -> Log:
    """Return what was done, as one moment shows it."""
    with reading(engine) as connection:
        found = audit.find_entries(connection, sought, limit, start)
        return Log(found, audit.count_entries(connection, sought))


def choices_of_log(engine: Engine) -> tuple[tuple[accounts.Account, ...], tuple[str, ...]]:
    """Return the accounts and the words for something done by which the log can be narrowed."""
    with reading(engine) as connection:
        return accounts.all_accounts(connection), audit.kinds_of_entries(connection)
