"""Tokens for programs that call in the name of staff: made with a role and an end, shown once, and revoked.

A token is `tce_`, eight characters by which it is called, and a secret of which only the SHA-256 is kept. It ends with
the account that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hmac import compare_digest
from secrets import token_hex, token_urlsafe

from sqlalchemy import Engine

from estimator.accounts import stored_tokens as store
from estimator.accounts.audit import note_done
from estimator.accounts.roles import Role, may
from estimator.accounts.sign_in import Person, mark_of
from estimator.accounts.stored_accounts import find_account
from estimator.accounts.stored_tokens import Token
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.errors import AccountRefused, Problem

# No program keeps accounts, so that none needs the role that may.
ROLES = (Role.VIEWER, Role.BILLING, Role.RULES)
DAYS = (30, 90, 365)
_PREFIX = "tce"
_BYTES_OF_NAME, _BYTES = 4, 32
_LONGEST_PURPOSE = 60


def make_token(engine: Engine, purpose: str, role: str, days: str, by: Person) -> str:
    """Make a token and return it, which nobody can do later; raise AccountRefused with everything that is wrong."""
    purpose = " ".join(purpose.split())
    if problems := tuple(_problems(purpose, role, days)):
        raise AccountRefused(problems)
    name, secret, now = token_hex(_BYTES_OF_NAME), token_urlsafe(_BYTES), now_utc()
    with writing(engine) as connection:
        store.insert_token(
            connection,
            name=name,
            mark=mark_of(secret),
            purpose=purpose,
            role=role,
            account_id=by.id,
            made_at=now,
            ends_at=now + timedelta(days=int(days)),
        )
        note_done(connection, by=by.id, did="token-made", subject=f"{name} as {role}", now=now)
        connection.commit()
    return f"{_PREFIX}_{name}_{secret}"


def list_tokens(engine: Engine) -> tuple[Token, ...]:
    """Return every token, the newest first."""
    with reading(engine) as connection:
        return store.all_tokens(connection)


def revoke_token(engine: Engine, name: str, by: Person) -> None:
    """Let a token open nothing from now on."""
    with writing(engine) as connection:
        token = store.find_token(connection, name)
        if token is None:
            raise AccountRefused((Problem("token", "There is no such token."),))
        if token.revoked_at is None:
            store.change_token(connection, name, revoked_at=now_utc())
            note_done(connection, by=by.id, did="token-revoked", subject=name, now=now_utc())
            connection.commit()


def person_of_token(engine: Engine, written: str) -> Person | None:
    """Return in whose name a token calls and with which role; None where it opens nothing."""
    prefix, _, rest = written.partition("_")
    name, _, secret = rest.partition("_")
    with reading(engine) as connection:
        token = store.find_token(connection, name)
        account = find_account(connection, id=token.account_id) if token else None
    is_meant = token is not None and prefix == _PREFIX and compare_digest(token.mark, mark_of(secret))
    if token is None or account is None or not is_meant or token.is_over(now_utc()):
        return None
    if not (account.is_active and may(account.role, token.role)):
        return None
    _note_use(engine, token)
    return Person(account.id, f"token {token.name}", token.role)


def _note_use(engine: Engine, token: Token) -> None:
    today = now_utc().date()
    # Once a day, so that calls do not wait for each other to write.
    if token.last_used_on != today:
        with writing(engine) as connection:
            store.change_token(connection, token.name, last_used_on=today)
            connection.commit()


def _problems(purpose: str, role: str, days: str) -> Iterator[Problem]:
    if not 0 < len(purpose) <= _LONGEST_PURPOSE:
        yield Problem("purpose", f"Write what the token is for, in at most {_LONGEST_PURPOSE} characters.")
    if role not in ROLES:
        yield Problem("role", f"Choose one of {', '.join(ROLES)}.")
    if days not in map(str, DAYS):
        yield Problem("days", f"Choose how long it lasts: {', '.join(map(str, DAYS))} days.")
