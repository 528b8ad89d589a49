"""Who is signed in: sessions, the clinic's own identity provider, and tokens for other programs.

A browser holds a random key and the database only its SHA-256, so that nobody who reads the database can sign in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex, token_urlsafe

from sqlalchemy import Connection, Engine, insert, select

from estimator.accounts.accounts import (
    folded,
    hashed,
    is_last_administrator,
    is_name,
    is_outdated,
    is_right,
    replace_password,
)
from estimator.accounts.audit import FAILED, note_done
from estimator.accounts.roles import Role, may
from estimator.accounts.store import (
    Account,
    Session,
    Token,
    account_of_link,
    all_tokens,
    change_account,
    change_token,
    end_links_of,
    end_session,
    end_sessions_of,
    find_account,
    find_session,
    find_token,
    has_second_step,
    insert_account,
    insert_link,
    insert_session,
    insert_token,
    remove_ended,
    see_session,
)
from estimator.clock import now_utc
from estimator.db.connection import reading, waiting_at_most, writing
from estimator.db.tables import next_id, signing_keys
from estimator.errors import AccountRefused, DatabaseUnavailable, Problem

IDLE = timedelta(minutes=60)
CODE_WITHIN = timedelta(minutes=5)
LONGEST = timedelta(hours=12)
# So that not every page that is looked at is a change of the database.
_SEEN_EVERY = timedelta(minutes=1)
_SHORT_WAIT_MS = 50
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Person:
    """The account that is signed in."""

    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    """Somebody who gave the right password and still owes a code; it ends when that password is replaced."""

    account_id: int
    password_mark: str
    at: datetime

    def is_over(self, now: datetime) -> bool:
        """Tell whether the password must be given again."""
        return not timedelta() <= now - self.at < CODE_WITHIN


def mark_of(key: str) -> str:
    """Return what is kept of a key that is random anyway."""
    return sha256(key.encode()).hexdigest()


def sign_in(engine: Engine, name: str, password: str) -> str | HalfSignedIn | None:
    """Begin a session and return its key; None where name and password are not those of an account in use.

    An account with a second step is half signed in, until `second_step.sign_in_with_code`.
    Whether the name exists shows neither in the answer nor in the time that it takes.
    """
    with reading(engine) as connection:
        found = find_account(connection, name=folded(name))
    is_meant = is_right(password, found.password if found else None)
    better = hashed(password) if is_meant and found and found.password and is_outdated(found.password) else None
    with writing(engine) as connection:
        # The account may have been changed while the password was looked at.
        is_same = found is not None and found == find_account(connection, id=found.id)
        if found is None or not (is_same and is_meant and found.is_active):
            note_done(connection, by=found.id if found else None, did=FAILED, subject="", now=now_utc())
            connection.commit()
            return None
        if better:
            change_account(connection, found.id, password=better)
        if has_second_step(connection, found.id):
            connection.commit()
            return HalfSignedIn(found.id, mark_of(better or found.password or ""), now_utc())
        key = begin_session(connection, found)
        connection.commit()
    return key


def begin_session(connection: Connection, account: Account) -> str:
    """Begin a session within the transaction at hand, and remove those that are over; return its key."""
    now = now_utc()
    remove_ended(connection, now - LONGEST, now - IDLE, now)
    key = token_urlsafe(_BYTES)
    insert_session(connection, Session(mark_of(key), account.id, now, now))
    note_done(connection, by=account.id, did="signed-in", subject="", now=now)
    return key


def signed_in(engine: Engine, key: str) -> Person | None:
    """Return whose session this is, None where it is over; a session in use lasts on."""
    now, mark = now_utc(), mark_of(key)
    with reading(engine) as connection:
        session = find_session(connection, mark)
        account = find_account(connection, id=session.account_id) if session else None
    if session is None or account is None or not account.is_active or _is_over(session, now):
        return None
    if now - session.seen_at >= _SEEN_EVERY:
        # Anyone who is signed in reads on, also where that cannot be noted now.
        with suppress(DatabaseUnavailable), waiting_at_most(_SHORT_WAIT_MS), writing(engine) as connection:
            see_session(connection, mark, now)
            connection.commit()
    return Person(account.id, account.name, account.role)


def sign_out(engine: Engine, key: str) -> None:
    """End a session."""
    with writing(engine) as connection:
        session = find_session(connection, mark_of(key))
        if session:
            end_session(connection, session.mark)
            note_done(connection, by=session.account_id, did="signed-out", subject="", now=now_utc())
            connection.commit()


def sign_out_everywhere(engine: Engine, person: Person) -> None:
    """End every session of an account."""
    with writing(engine) as connection:
        end_sessions_of(connection, person.id)
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


# ----------------------------------------------------------------------------
# Links by which a person sets their own password, once: an administrator makes one and never knows the password.
# ----------------------------------------------------------------------------

LASTS = timedelta(hours=24)
_LINK_BYTES = 32


def make_link(engine: Engine, account_id: int, by: Person) -> str:
    """Make a link for an account and return its key; whatever link there was before leads nowhere."""
    key, now = token_urlsafe(_LINK_BYTES), now_utc()
    with writing(engine) as connection:
        account = find_account(connection, id=account_id)
        if account is None or not account.is_active:
            raise AccountRefused((Problem("name", "There is no such account in use."),))
        end_links_of(connection, account.id)
        insert_link(connection, mark_of(key), account.id, now + LASTS)
        note_done(connection, by=by.id, did="password-link-made", subject=account.name, now=now)
        connection.commit()
    return key


def account_of(engine: Engine, key: str) -> Account | None:
    """Return the account whose password a link sets; None where it leads nowhere any more."""
    with reading(engine) as connection:
        return account_of_link(connection, mark_of(key), now_utc())


def use_link(engine: Engine, key: str, password: str) -> Account | None:
    """Set the password of the account that a link was made for; None where it leads nowhere any more."""
    with writing(engine) as connection:
        account = account_of_link(connection, mark_of(key), now_utc())
        if account is None:
            return None
        replace_password(connection, account, password)
        note_done(connection, by=account.id, did="password-set", subject=account.name, now=now_utc())
        connection.commit()
    return account


@contextmanager
def proven(engine: Engine, person: Person, password: str) -> Iterator[tuple[Connection, Account]]:
    """Write as the person who is signed in, whose current password is given again; raise AccountRefused where it isn't.

    The password is checked before anybody else has to wait, and nothing of the account may have changed meanwhile.
    """
    with reading(engine) as connection:
        found = find_account(connection, id=person.id)
    is_meant = found is not None and is_right(password, found.password)
    with writing(engine) as connection:
        account = find_account(connection, id=person.id)
        if account is None or account != found or not is_meant:
            raise AccountRefused((Problem("current", "This is not the password that you sign in with now."),))
        yield connection, account


def change_own_password(engine: Engine, person: Person, current: str, password: str) -> str:
    """Set another password for the person who is signed in; every session ends, and the key of a new one comes back."""
    with proven(engine, person, current) as (connection, account):
        replace_password(connection, account, password)
        note_done(connection, by=account.id, did="password-set", subject=account.name, now=now_utc())
        key = begin_session(connection, account)
        connection.commit()
    return key


# ----------------------------------------------------------------------------
# Sign-in through the clinic's own identity provider: whom it names becomes the account that was meant, or nobody's.
#
# An account is found by the provider's name for the person, at first by a name that the provider vouches for.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says: its own lasting name for a person, a name such as an email, and perhaps a role."""

    person: str
    name: str
    role: Role | None


def sign_in_vouched(engine: Engine, vouched: Vouched, new_role: Role | None) -> str | None:
    """Begin a session for whom the provider names, and return its key; None for a person who may not come in.

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
    if known := find_account(connection, person=vouched.person):
        return known
    account = find_account(connection, name=folded(vouched.name))
    if account is None or account.person is not None:
        # The name of somebody else now: a lasting name that differs is another person.
        return None
    change_account(connection, account.id, person=vouched.person)
    note_done(connection, by=account.id, did="account-linked", subject=account.name, now=now_utc())
    return find_account(connection, id=account.id)


def _new(connection: Connection, vouched: Vouched, new_role: Role | None) -> Account | None:
    name, role = folded(vouched.name), vouched.role or new_role
    if new_role is None or role is None or not is_name(name) or find_account(connection, name=name):
        return None
    now = now_utc()
    number = insert_account(
        connection, name=name, role=role, password=None, person=vouched.person, made_at=now, disabled_at=None
    )
    note_done(connection, by=number, did="account-added", subject=f"{name} as {role}", now=now)
    return find_account(connection, id=number)


def _follow_role(connection: Connection, account: Account, role: Role | None) -> None:
    """Give the role that the provider says, unless that leaves nobody who keeps accounts."""
    if role is None or role == account.role or is_last_administrator(connection, account):
        return
    change_account(connection, account.id, role=role)
    note_done(connection, by=account.id, did="role-set", subject=f"{account.name} as {role}", now=now_utc())


# ----------------------------------------------------------------------------
# Tokens for programs that call in the name of staff: made with a role and an end, shown once, and revoked.
#
# A token is `tce_`, eight characters by which it is called, and a secret of which only the SHA-256 is kept. It ends
# with the account that made it.
# ----------------------------------------------------------------------------

# No program keeps accounts, so that none needs the role that may.
ROLES = (Role.VIEWER, Role.BILLING, Role.RULES)
DAYS = (30, 90, 365)
_PREFIX = "tce"
_BYTES_OF_NAME, _TOKEN_BYTES = 4, 32
_LONGEST_PURPOSE = 60


def make_token(engine: Engine, purpose: str, role: str, days: str, by: Person) -> str:
    """Make a token and return it, which nobody can do later; raise AccountRefused with everything that is wrong."""
    purpose = " ".join(purpose.split())
    if problems := tuple(_problems(purpose, role, days)):
        raise AccountRefused(problems)
    name, secret, now = token_hex(_BYTES_OF_NAME), token_urlsafe(_TOKEN_BYTES), now_utc()
    with writing(engine) as connection:
        insert_token(
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
        return all_tokens(connection)


def revoke_token(engine: Engine, name: str, by: Person) -> None:
    """Let a token open nothing from now on."""
    with writing(engine) as connection:
        token = find_token(connection, name)
        if token is None:
            raise AccountRefused((Problem("token", "There is no such token."),))
        if token.revoked_at is None:
            change_token(connection, name, revoked_at=now_utc())
            note_done(connection, by=by.id, did="token-revoked", subject=name, now=now_utc())
            connection.commit()


def person_of_token(engine: Engine, written: str) -> Person | None:
    """Return in whose name a token calls and with which role; None where it opens nothing."""
    prefix, _, rest = written.partition("_")
    name, _, secret = rest.partition("_")
    with reading(engine) as connection:
        token = find_token(connection, name)
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
        with suppress(DatabaseUnavailable), waiting_at_most(_SHORT_WAIT_MS), writing(engine) as connection:
            change_token(connection, token.name, last_used_on=today)
            connection.commit()


def _problems(purpose: str, role: str, days: str) -> Iterator[Problem]:
    if not 0 < len(purpose) <= _LONGEST_PURPOSE:
        yield Problem("purpose", f"Enter what the token is for, in at most {_LONGEST_PURPOSE} characters.")
    if role not in ROLES:
        yield Problem("role", f"Choose one of {', '.join(ROLES)}.")
    if days not in map(str, DAYS):
        yield Problem("days", f"Choose how long it lasts: {', '.join(map(str, DAYS))} days.")
