"""Who is signed in: sessions are begun with a password, end by themselves, and are ended from here.

A browser holds a random key and the database only its SHA-256, so that nobody who reads the database can sign in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Connection, Engine, insert, select

from estimator.accounts import stored_accounts as store
from estimator.accounts.accounts import folded
from estimator.accounts.audit import note_done
from estimator.accounts.passwords import hashed, is_outdated, is_right
from estimator.accounts.stored_accounts import Account, Session
from estimator.accounts.stored_audit import FAILED
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import next_id, signing_keys

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
# So that not every page that is looked at is a change of the database.
_SEEN_EVERY = timedelta(minutes=1)
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Person:
    """The account that is signed in."""

    id: int
    name: str
    role: str


def mark_of(key: str) -> str:
    """Return what is kept of a key that is random anyway."""
    return sha256(key.encode()).hexdigest()


def sign_in(engine: Engine, name: str, password: str) -> str | None:
    """Begin a session and return its key; None where name and password are not those of an account in use.

    Whether the name exists shows neither in the answer nor in the time that it takes.
    """
    with reading(engine) as connection:
        found = store.find_account(connection, name=folded(name))
    is_meant = is_right(password, found.password if found else None)
    better = hashed(password) if is_meant and found and found.password and is_outdated(found.password) else None
    with writing(engine) as connection:
        # The account may have been changed while the password was looked at.
        is_same = found is not None and found == store.find_account(connection, id=found.id)
        if found is None or not (is_same and is_meant and found.is_active):
            note_done(connection, by=found.id if found else None, did=FAILED, subject="", now=now_utc())
            connection.commit()
            return None
        if better:
            store.change_account(connection, found.id, password=better)
        key = begin_session(connection, found)
        connection.commit()
    return key


def begin_session(connection: Connection, account: Account) -> str:
    """Begin a session within the transaction at hand, and remove those that are over; return its key."""
    now = now_utc()
    store.remove_ended(connection, now - LONGEST, now - IDLE, now)
    key = token_urlsafe(_BYTES)
    store.insert_session(connection, Session(mark_of(key), account.id, now, now))
    note_done(connection, by=account.id, did="signed-in", subject="", now=now)
    return key


def signed_in(engine: Engine, key: str) -> Person | None:
    """Return whose session this is, None where it is over; a session in use lasts on."""
    now, mark = now_utc(), mark_of(key)
    with reading(engine) as connection:
        session = store.find_session(connection, mark)
        account = store.find_account(connection, id=session.account_id) if session else None
    if session is None or account is None or not account.is_active or _is_over(session, now):
        return None
    if now - session.seen_at >= _SEEN_EVERY:
        with writing(engine) as connection:
            store.see_session(connection, mark, now)
            connection.commit()
    return Person(account.id, account.name, account.role)


def sign_out(engine: Engine, key: str) -> None:
    """End a session."""
    with writing(engine) as connection:
        session = store.find_session(connection, mark_of(key))
        if session:
            store.end_session(connection, session.mark)
            note_done(connection, by=session.account_id, did="signed-out", subject="", now=now_utc())
            connection.commit()


def sign_out_everywhere(engine: Engine, person: Person) -> None:
    """End every session of an account."""
    with writing(engine) as connection:
        store.end_sessions_of(connection, person.id)
        note_done(connection, by=person.id, did="signed-out-everywhere", subject="", now=now_utc())
        connection.commit()


def signing_key(engine: Engine) -> str:
    """Return the key that signs what browsers send back; it is made when it is first asked for."""
    asked = select(signing_keys.c.key)
    with reading(engine) as connection:
        kept = connection.execute(asked).scalar()
    if kept:
        return str(kept)
    with writing(engine) as connection:
        kept = connection.execute(asked).scalar()
        if not kept:
            kept = token_urlsafe(_BYTES)
            row = {"id": next_id(connection, signing_keys), "key": kept, "made_at": now_utc()}
            connection.execute(insert(signing_keys), row)
            connection.commit()
    return str(kept)


def _is_over(session: Session, now: datetime) -> bool:
    return now - session.started_at >= LONGEST or now - session.seen_at >= IDLE
