"""Sign-in through the clinic's own identity provider: whom it names becomes the account that was meant, or nobody's.

An account is found by the provider's name for the person, at first by a name that the provider vouches for.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from estimator.accounts import stored_accounts as store
from estimator.accounts.accounts import folded, is_last_administrator, is_name
from estimator.accounts.audit import note_done
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import begin_session
from estimator.accounts.stored_accounts import Account
from estimator.accounts.stored_audit import FAILED
from estimator.clock import now_utc
from estimator.db.connection import writing


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says: its own lasting name for a person, a name such as an email, and perhaps a role."""

    person: str
    name: str
    role: Role | None


def sign_in_vouched(engine: Engine, vouched: Vouched, new_role: Role | None) -> str | None:
    """Begin a session for whom the provider names, and return its key; None for whoever may not come in.

    `new_role` is given to those who have no account yet, None refuses them.
    """
    with writing(engine) as connection:
        account = _known(connection, vouched) or _new(connection, vouched, new_role)
        if account is None or not account.is_active:
            by = account.id if account else None
            note_done(connection, by=by, did=FAILED, subject="", now=now_utc())
            connection.commit()
            return None
        _follow_role(connection, account, vouched.role)
        key = begin_session(connection, account)
        connection.commit()
    return key


def _known(connection: Connection, vouched: Vouched) -> Account | None:
    if known := store.find_account(connection, person=vouched.person):
        return known
    account = store.find_account(connection, name=folded(vouched.name))
    if account is None or account.person is not None:
        # The name of somebody else now: a lasting name that differs is another person.
        return None
    store.change_account(connection, account.id, person=vouched.person)
    note_done(connection, by=account.id, did="account-linked", subject=account.name, now=now_utc())
    return store.find_account(connection, id=account.id)


def _new(connection: Connection, vouched: Vouched, new_role: Role | None) -> Account | None:
    name, role = folded(vouched.name), vouched.role or new_role
    if new_role is None or role is None or not is_name(name) or store.find_account(connection, name=name):
        return None
    now = now_utc()
    number = store.insert_account(
        connection, name=name, role=role, password=None, person=vouched.person, made_at=now, disabled_at=None
    )
    note_done(connection, by=number, did="account-added", subject=f"{name} as {role}", now=now)
    return store.find_account(connection, id=number)


def _follow_role(connection: Connection, account: Account, role: Role | None) -> None:
    """Give the role that the provider says, unless that leaves nobody who keeps accounts."""
    if role is None or role == account.role or is_last_administrator(connection, account):
        return
    store.change_account(connection, account.id, role=role)
    note_done(connection, by=account.id, did="role-set", subject=f"{account.name} as {role}", now=now_utc())
