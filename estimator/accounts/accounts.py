"""Accounts of those who work here: made, given a role and a password; disabled, never deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Connection, Engine

from estimator.accounts.audit import note_done
from estimator.accounts.roles import Role
from estimator.accounts.store import (
    Account,
    all_accounts,
    change_account,
    count_active,
    end_sessions_of,
    find_account,
    insert_account,
)
from estimator.clock import now_utc
from estimator.db.connection import reading, require_ready, writing
from estimator.errors import AccountRefused, Problem

# ----------------------------------------------------------------------------
# Passwords: what is asked of one, and the only form in which it is kept, an Argon2 hash.
# ----------------------------------------------------------------------------

LEAST = 12
_MOST = 200
_LEAST_DIFFERENT = 5
# Long enough for our rule, and among the first that are tried.
_TRIED_FIRST = ("password", "passwort", "qwerty", "1234567890", "letmein", "welcome", "iloveyou", "abc123", "changeme")
# Half of what is left beside a word of that list is ornament.
_HALF = 2

COST = RFC_9106_LOW_MEMORY
hasher = PasswordHasher.from_parameters(COST)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return hasher.hash(_same(password))


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether this is the password that was kept; takes as long where there is none."""
    try:
        return hasher.verify(kept or _of_nobody(), _same(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a password was kept at a lower cost than one of today would be."""
    return hasher.check_needs_rehash(kept)


def password_problems(password: str, name: str) -> Iterator[str]:
    """Yield what is wrong with a new password, as sentences that say what to write instead."""
    folded = _same(password).casefold()
    if len(folded) < LEAST:
        yield f"Enter a password of at least {LEAST} characters; several words are easiest to remember."
    elif len(folded) > _MOST:
        yield f"Enter a password of at most {_MOST} characters."
    elif len(set(folded)) < _LEAST_DIFFERENT:
        yield f"Enter a password of at least {_LEAST_DIFFERENT} different characters."
    elif name.casefold() in folded:
        yield "Enter a password that does not hold the name of the account."
    elif any(word in folded and len(word) * _HALF >= len(folded) for word in _TRIED_FIRST):
        yield "Enter another password: this one is among the first that would be tried."


def _same(password: str) -> str:
    # What looks the same on two keyboards is the same password.
    return normalize("NFKC", password)


@cache
def _of_nobody() -> str:
    return hasher.hash("nobody")


# ----------------------------------------------------------------------------
# Accounts of those who work here: made, given a role or a password, and disabled; never deleted.
#
# There is no account at first and no password that ships: a command makes the first administrator.
# ----------------------------------------------------------------------------

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")


def folded(name: str) -> str:
    """Return the one way in which a name is kept."""
    return name.strip().lower()


def add_account(engine: Engine, name: str, role: str, password: str | None, by: int | None = None) -> Account:
    """Make an account, with a password or with none yet; raise AccountRefused with everything that is wrong."""
    require_ready(engine)
    name = folded(name)
    kept = None if password is None else hashed(password)
    with writing(engine) as connection:
        problems = [*_name_problems(connection, name), *_role_problems(role)]
        if password is not None:
            problems += _password_problems(password, name)
        if problems:
            raise AccountRefused(tuple(problems))
        now = now_utc()
        number = insert_account(
            connection, name=name, role=role, password=kept, person=None, made_at=now, disabled_at=None
        )
        note_done(connection, by=by, did="account-added", subject=f"{name} as {role}", now=now)
        connection.commit()
    return Account(id=number, name=name, role=role, password=kept, person=None, made_at=now, disabled_at=None)


def list_accounts(engine: Engine) -> tuple[Account, ...]:
    """Return every account, by name."""
    require_ready(engine)
    with reading(engine) as connection:
        return all_accounts(connection)


def account_with(engine: Engine, account_id: int) -> Account | None:
    """Return the account with this id."""
    with reading(engine) as connection:
        return find_account(connection, id=account_id)


def set_role(engine: Engine, name: str, role: str, by: int | None = None) -> None:
    """Give an account another role; it may not be the last administrator's."""

    def change(connection: Connection, account: Account) -> str:
        if problems := tuple(_role_problems(role)):
            raise AccountRefused(problems)
        if role != Role.ADMIN:
            _keep_an_administrator(connection, account)
        change_account(connection, account.id, role=role)
        return f"{account.name} as {role}"

    _change(engine, name, "role-set", by, change)


def set_password(engine: Engine, name: str, password: str, by: int | None = None) -> None:
    """Give an account another password, which ends every session of it."""

    def change(connection: Connection, account: Account) -> str:
        replace_password(connection, account, password)
        return account.name

    _change(engine, name, "password-set", by, change)


def disable(engine: Engine, name: str, by: int | None = None) -> None:
    """Take the use of an account away at once, wherever it is signed in; the last administrator is kept."""

    def change(connection: Connection, account: Account) -> str:
        _keep_an_administrator(connection, account)
        change_account(connection, account.id, disabled_at=account.disabled_at or now_utc())
        end_sessions_of(connection, account.id)
        return account.name

    _change(engine, name, "account-disabled", by, change)


def enable(engine: Engine, name: str, by: int | None = None) -> None:
    """Let a disabled account be used again."""

    def change(connection: Connection, account: Account) -> str:
        change_account(connection, account.id, disabled_at=None)
        return account.name

    _change(engine, name, "account-enabled", by, change)


def replace_password(connection: Connection, account: Account, password: str) -> None:
    """Give an account another password within the transaction at hand; raise AccountRefused where it is too weak."""
    if problems := tuple(_password_problems(password, account.name)):
        raise AccountRefused(problems)
    change_account(connection, account.id, password=hashed(password))
    end_sessions_of(connection, account.id)


def _change(engine: Engine, name: str, did: str, by: int | None, change: Callable[[Connection, Account], str]) -> None:
    require_ready(engine)
    with writing(engine) as connection:
        account = find_account(connection, name=folded(name))
        if account is None:
            raise AccountRefused((Problem("name", f"There is no account “{folded(name)[:60]}”."),))
        subject = change(connection, account)
        note_done(connection, by=by, did=did, subject=subject, now=now_utc())
        connection.commit()


def is_name(name: str) -> bool:
    """Tell whether an account may have this name."""
    return _NAME.fullmatch(name) is not None


def is_last_administrator(connection: Connection, account: Account) -> bool:
    """Tell whether nobody else could keep accounts."""
    return account.is_active and account.role == Role.ADMIN and count_active(connection, Role.ADMIN) == 1


def _keep_an_administrator(connection: Connection, account: Account) -> None:
    if is_last_administrator(connection, account):
        words = f"{account.name} is the last administrator. Give another account the role admin first."
        raise AccountRefused((Problem("name", words),))


def _name_problems(connection: Connection, name: str) -> Iterator[Problem]:
    if not is_name(name):
        yield Problem(
            "name", "Enter a name of 2 to 64 letters, figures and . _ - + @, such as ana or ana@clinic.example."
        )
    elif find_account(connection, name=name):
        yield Problem("name", f"There is an account “{name}” already. Choose another name.")


def _role_problems(role: str) -> Iterator[Problem]:
    if role not in list(Role):
        yield Problem("role", f"Choose one of {', '.join(Role)}.")


def _password_problems(password: str, name: str) -> Iterator[Problem]:
    yield from (Problem("password", words) for words in password_problems(password, name))
