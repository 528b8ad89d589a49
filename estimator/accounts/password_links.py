"""Links by which a person sets their own password, once: an administrator makes one and never knows the password."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy import Engine

from estimator.accounts import stored_accounts as store
from estimator.accounts.accounts import replace_password
from estimator.accounts.audit import note_done
from estimator.accounts.passwords import is_right
from estimator.accounts.sign_in import Person, begin_session, mark_of
from estimator.accounts.stored_accounts import Account
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.errors import AccountRefused, Problem

LASTS = timedelta(hours=24)
_BYTES = 32


def make_link(engine: Engine, account_id: int, by: Person) -> str:
    """Make a link for an account and return its key; whatever link there was before leads nowhere."""
    key, now = token_urlsafe(_BYTES), now_utc()
    with writing(engine) as connection:
        account = store.find_account(connection, id=account_id)
        if account is None or not account.is_active:
            raise AccountRefused((Problem("name", "There is no such account in use."),))
        store.end_links_of(connection, account.id)
        store.insert_link(connection, mark_of(key), account.id, now + LASTS)
        note_done(connection, by=by.id, did="password-link-made", subject=account.name, now=now)
        connection.commit()
    return key


def account_of(engine: Engine, key: str) -> Account | None:
    """Return the account whose password a link sets; None where it leads nowhere any more."""
    with reading(engine) as connection:
        return store.account_of_link(connection, mark_of(key), now_utc())


def use_link(engine: Engine, key: str, password: str) -> Account | None:
    """Set the password of the account that a link was made for; None where it leads nowhere any more."""
    with writing(engine) as connection:
        account = store.account_of_link(connection, mark_of(key), now_utc())
        if account is None:
            return None
        replace_password(connection, account, password)
        note_done(connection, by=account.id, did="password-set", subject=account.name, now=now_utc())
        connection.commit()
    return account


def change_own_password(engine: Engine, person: Person, current: str, password: str) -> str:
    """Set another password for whoever is signed in; every session ends, and the key of a new one comes back."""
    with reading(engine) as connection:
        found = store.find_account(connection, id=person.id)
    is_meant = found is not None and is_right(current, found.password)
    with writing(engine) as connection:
        account = store.find_account(connection, id=person.id)
        if account is None or account != found or not is_meant:
            raise AccountRefused((Problem("current", "This is not the password that you sign in with now."),))
        replace_password(connection, account, password)
        note_done(connection, by=account.id, did="password-set", subject=account.name, now=now_utc())
        key = begin_session(connection, account)
        connection.commit()
    return key
