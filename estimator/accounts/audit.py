"""The log of who did what: rows are added within the transaction of the change, and nothing else is possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, insert, select

from estimator.accounts.store import Account, all_accounts
from estimator.db.connection import reading, writing
from estimator.db.tables import accounts, audit_log, next_id

FAILED = "sign-in-failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done; `by` is the name of the account, None where nobody was signed in."""

    id: int
    at: datetime
    by: str | None
    did: str
    subject: str

    @property
    def who(self) -> str:
        """Return the account, or what it was where nobody was signed in."""
        return self.by or ("unknown name" if self.did == FAILED else "command")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are meant; what is None or empty restricts nothing. The span ends before `until`."""

    account_id: int | None = None
    did: str = ""
    since: datetime | None = None
    until: datetime | None = None


def insert_entry(connection: Connection, at: datetime, by: int | None, did: str, subject: str) -> None:
    """Add an entry."""
    row = {"id": next_id(connection, audit_log), "at": at, "account_id": by, "did": did, "subject": subject}
    connection.execute(insert(audit_log), row)


def count_entries(connection: Connection, sought: Sought) -> int:
    """Return how many entries are meant."""
    return int(connection.execute(_narrowed(select(func.count()).select_from(audit_log), sought)).scalar_one())


def find_entries(connection: Connection, sought: Sought, limit: int | None = None, start: int = 0) -> tuple[Entry, ...]:
    """Return the entries that are meant, the newest first."""
    columns = (audit_log.c.id, audit_log.c.at, accounts.c.name.label("by"), audit_log.c.did, audit_log.c.subject)
    asked = _narrowed(select(*columns).select_from(audit_log.outerjoin(accounts)), sought)
    rows = connection.execute(asked.order_by(audit_log.c.id.desc()).limit(limit).offset(start))
    return tuple(Entry(**row._mapping) for row in rows)


def kinds_of_entries(connection: Connection) -> tuple[str, ...]:
    """Return every word for something done that stands in the log."""
    return tuple(connection.scalars(select(audit_log.c.did).distinct().order_by(audit_log.c.did)))


def _narrowed(asked: Select[Any], sought: Sought) -> Select[Any]:
    return asked.where(*_conditions(sought))


def _conditions(sought: Sought) -> Iterator[Any]:
    if sought.account_id is not None:
        yield audit_log.c.account_id == sought.account_id
    if sought.did:
        yield audit_log.c.did == sought.did
    if sought.since:
        yield audit_log.c.at >= sought.since
    if sought.until:
        yield audit_log.c.at < sought.until


# ----------------------------------------------------------------------------
# The log of who did what: every use case that changes something adds its line within its own transaction.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Log:
    """Some entries, the newest first, of all `count` that are meant."""

    entries: tuple[Entry, ...]
    count: int


def note_done(connection: Connection, *, by: int | None, did: str, subject: str, now: datetime) -> None:
    """Add a line to the log: which account did what, such as `plan-published`, to what, such as `plan@fingerprint`.

    Nothing about a patient belongs into `subject`. The caller commits: then both are kept, or neither.
    """
    insert_entry(connection, now, by, did, subject)


_AGAIN = timedelta(minutes=10)


def note_read(engine: Engine, *, by: int, did: str, subject: str, now: datetime) -> None:
    """Note that somebody saw or downloaded something; looked at again within ten minutes it is noted once."""
    same = (audit_log.c.account_id == by) & (audit_log.c.did == did) & (audit_log.c.subject == subject)
    asked = select(audit_log.c.id).where(same, audit_log.c.at > now - _AGAIN).limit(1)
    with reading(engine) as connection:
        if connection.execute(asked).scalar() is not None:
            return
    with writing(engine) as connection:
        note_done(connection, by=by, did=did, subject=subject, now=now)
        connection.commit()


def read_log(engine: Engine, sought: Sought, limit: int | None = None, start: int = 0) -> Log:
    """Return what was done, as one moment shows it."""
    with reading(engine) as connection:
        found = find_entries(connection, sought, limit, start)
        return Log(found, count_entries(connection, sought))


def choices_of_log(engine: Engine) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """Return the accounts and the words for something done by which the log can be narrowed."""
    with reading(engine) as connection:
        return all_accounts(connection), kinds_of_entries(connection)
