"""Accounts, sessions, links and tokens in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from estimator.db.tables import (
    accounts,
    api_tokens,
    next_id,
    password_links,
    recovery_codes,
    second_steps,
    sessions,
)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here; `password` is an Argon2 hash, `person` how an identity provider names them."""

    id: int
    name: str
    role: str
    password: str | None
    person: str | None
    made_at: datetime
    disabled_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether the account may be used."""
        return self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in."""

    mark: str
    account_id: int
    started_at: datetime
    seen_at: datetime


def all_accounts(connection: Connection) -> tuple[Account, ...]:
    """Return every account, by name."""
    return tuple(Account(**row._mapping) for row in connection.execute(select(accounts).order_by(accounts.c.name)))


def find_account(connection: Connection, **wanted: Any) -> Account | None:
    """Return the account of which a column has this value."""
    row = connection.execute(select(accounts).filter_by(**wanted)).first()
    return Account(**row._mapping) if row else None


def count_active(connection: Connection, role: str) -> int:
    """Return how many accounts of a role may be used."""
    active = accounts.c.disabled_at.is_(None) & (accounts.c.role == role)
    return int(connection.execute(select(func.count()).where(active)).scalar_one())


def insert_account(connection: Connection, **values: Any) -> int:
    """Add an account and return its id."""
    number = next_id(connection, accounts)
    connection.execute(insert(accounts), {"id": number, "password": None, "person": None, **values})
    return number


def change_account(connection: Connection, account_id: int, **values: Any) -> None:
    """Give an account other values."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def insert_session(connection: Connection, session: Session) -> None:
    """Add a session."""
    row = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    connection.execute(insert(sessions), row)


def find_session(connection: Connection, mark: str) -> Session | None:
    """Return the session of a mark."""
    row = connection.execute(select(sessions).where(sessions.c.mark == mark)).first()
    return Session(**row._mapping) if row else None


def see_session(connection: Connection, mark: str, now: datetime) -> None:
    """Note that a session was used."""
    connection.execute(update(sessions).where(sessions.c.mark == mark).values(seen_at=now))


def end_session(connection: Connection, mark: str) -> None:
    """Remove a session."""
    connection.execute(delete(sessions).where(sessions.c.mark == mark))


def end_sessions_of(connection: Connection, account_id: int) -> None:
    """Remove every session of an account, and the links that could set its password."""
    connection.execute(delete(sessions).where(sessions.c.account_id == account_id))
    end_links_of(connection, account_id)


def end_links_of(connection: Connection, account_id: int) -> None:
    """Remove the links that could set the password of an account."""
    connection.execute(delete(password_links).where(password_links.c.account_id == account_id))


def remove_ended(connection: Connection, started_before: datetime, seen_before: datetime, now: datetime) -> None:
    """Remove sessions and links whose time is over."""
    is_over = or_(sessions.c.started_at < started_before, sessions.c.seen_at < seen_before)
    connection.execute(delete(sessions).where(is_over))
    connection.execute(delete(password_links).where(password_links.c.ends_at < now))


def insert_link(connection: Connection, mark: str, account_id: int, ends_at: datetime) -> None:
    """Add a link that sets the password of an account."""
    connection.execute(insert(password_links), {"mark": mark, "account_id": account_id, "ends_at": ends_at})


def account_of_link(connection: Connection, mark: str, now: datetime) -> Account | None:
    """Return the account whose password a link sets."""
    is_meant = (password_links.c.mark == mark) & (password_links.c.ends_at >= now)
    number = connection.execute(select(password_links.c.account_id).where(is_meant)).scalar()
    return find_account(connection, id=number) if number else None


# ----------------------------------------------------------------------------
# The second step of a sign-in, and the codes for a person whose phone is gone.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SecondStep:
    """What an account's phone makes codes from; asked for once confirmed. `last_code` numbers the last one used."""

    account_id: int
    secret: str
    confirmed_at: datetime | None
    last_code: int


def find_second_step(connection: Connection, account_id: int) -> SecondStep | None:
    """Return the second step of an account, confirmed or not."""
    row = connection.execute(select(second_steps).filter_by(account_id=account_id)).first()
    return SecondStep(**row._mapping) if row else None


def has_second_step(connection: Connection, account_id: int) -> bool:
    """Tell whether a sign-in with the password of this account asks for a code too."""
    found = find_second_step(connection, account_id)
    return found is not None and found.confirmed_at is not None


def put_second_step(connection: Connection, step: SecondStep) -> None:
    """Keep the second step of an account instead of the one that it had."""
    connection.execute(delete(second_steps).where(second_steps.c.account_id == step.account_id))
    connection.execute(insert(second_steps), asdict(step))


def remove_second_step(connection: Connection, account_id: int) -> None:
    """Remove the second step of an account, and its recovery codes."""
    connection.execute(delete(second_steps).where(second_steps.c.account_id == account_id))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))


def put_recovery_codes(connection: Connection, account_id: int, marks: Iterable[str]) -> None:
    """Keep the marks of an account's recovery codes instead of those that it had."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    connection.execute(insert(recovery_codes), [{"mark": mark, "account_id": account_id} for mark in marks])


def use_recovery_code(connection: Connection, account_id: int, mark: str) -> bool:
    """Remove a recovery code; tell whether the account had it."""
    is_meant = (recovery_codes.c.mark == mark) & (recovery_codes.c.account_id == account_id)
    return connection.execute(delete(recovery_codes).where(is_meant)).rowcount == 1


def count_recovery_codes(connection: Connection, account_id: int) -> int:
    """Return how many recovery codes an account has left."""
    asked = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.account_id == account_id)
    return int(connection.execute(asked).scalar_one())


# ----------------------------------------------------------------------------
# Tokens by which another program calls in the name of an account.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; `made_by` is the name of an account."""

    name: str
    mark: str
    purpose: str
    role: str
    account_id: int
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    made_by: str

    def is_over(self, now: datetime) -> bool:
        """Tell whether it opens nothing any more."""
        return self.revoked_at is not None or self.ends_at <= now


def insert_token(connection: Connection, **values: Any) -> None:
    """Add a token."""
    connection.execute(insert(api_tokens), values)


def all_tokens(connection: Connection) -> tuple[Token, ...]:
    """Return every token, the newest first."""
    asked = _asked().order_by(api_tokens.c.made_at.desc(), api_tokens.c.name)
    return tuple(Token(**row._mapping) for row in connection.execute(asked))


def find_token(connection: Connection, name: str) -> Token | None:
    """Return the token of this name."""
    row = connection.execute(_asked().where(api_tokens.c.name == name)).first()
    return Token(**row._mapping) if row else None


def change_token(connection: Connection, name: str, **values: Any) -> None:
    """Give a token other values."""
    connection.execute(update(api_tokens).where(api_tokens.c.name == name).values(**values))


def _asked() -> Any:
    return select(api_tokens, accounts.c.name.label("made_by")).join(accounts)
