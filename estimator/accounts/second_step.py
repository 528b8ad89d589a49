"""The second step of a sign-in: a code that an app on a phone makes (TOTP), or one of ten for when the phone is gone.

Each person turns it on for their own account. A provider's sign-in has a second step of its own, and isn't asked for
ours.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from secrets import token_bytes

from pyotp import TOTP, random_base32
from sqlalchemy import Connection, Engine

from estimator.accounts.accounts import folded
from estimator.accounts.audit import FAILED, note_done
from estimator.accounts.sign_in import HalfSignedIn, Person, begin_session, mark_of, proven
from estimator.accounts.store import (
    Account,
    SecondStep,
    count_recovery_codes,
    end_sessions_of,
    find_account,
    find_second_step,
    has_second_step,
    put_recovery_codes,
    put_second_step,
    remove_second_step,
    use_recovery_code,
)
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.errors import AccountRefused, Problem

ISSUER = "Therapy Cost Estimator"
_SECONDS = 30
# A phone's clock may be so many codes behind ours, or ahead.
_DRIFT = 1
_RECOVERY_CODES, _RECOVERY_BYTES, _GROUP = 10, 10, 4
_WRONG = "Enter the 6 digits that your app shows now; the clock of the phone must be right."


@dataclass(frozen=True, slots=True)
class Begun:
    """A second step that is not confirmed yet: its secret to type, and the address that a phone reads off a picture."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A second step that was turned on: its recovery codes, which are shown once, and the key of a new session."""

    codes: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class State:
    """Whether an account has a second step, and how many recovery codes are left."""

    is_on: bool
    codes_left: int


def state_of(engine: Engine, account_id: int) -> State:
    """Return how an account signs in."""
    with reading(engine) as connection:
        return State(has_second_step(connection, account_id), count_recovery_codes(connection, account_id))


def begin(engine: Engine, person: Person) -> Begun:
    """Make a secret for the person who is signed in; nothing changes until they confirm it with a code.

    Raises AccountRefused for one that has a second step, and for one without a password.
    """
    with writing(engine) as connection:
        account = _own(connection, person)
        known = find_second_step(connection, account.id)
        if known and known.confirmed_at:
            raise AccountRefused((Problem("app_code", "The second step is on already. Turn it off first."),))
        if not account.password:
            raise AccountRefused((Problem("app_code", "You sign in with the clinic's sign-in, which has its own."),))
        secret = random_base32()
        put_second_step(connection, SecondStep(account.id, secret, None, 0))
        connection.commit()
    return _begun(account, secret)


def begun(engine: Engine, person: Person) -> Begun | None:
    """Return the second step that still waits for its first code; None where there is none."""
    with reading(engine) as connection:
        known = find_second_step(connection, person.id)
        return _begun(_own(connection, person), known.secret) if known and not known.confirmed_at else None


def confirm(engine: Engine, person: Person, code: str) -> Confirmed:
    """Turn the second step on with a code that the phone shows; raise AccountRefused for a wrong one.

    Every session of the account ends, because it began without the second step, and one begins.
    """
    now = now_utc()
    with writing(engine) as connection:
        account, known = _own(connection, person), find_second_step(connection, person.id)
        number = _number_of(known, code, now) if known and not known.confirmed_at else None
        if known is None or number is None:
            raise AccountRefused((Problem("app_code", _WRONG),))
        put_second_step(connection, replace(known, confirmed_at=now, last_code=number))
        codes = tuple(_recovery_codes())
        put_recovery_codes(connection, account.id, (mark_of(_plain(each)) for each in codes))
        end_sessions_of(connection, account.id)
        note_done(connection, by=account.id, did="second-step-on", subject=account.name, now=now)
        key = begin_session(connection, account)
        connection.commit()
    return Confirmed(codes, key)


def sign_in_with_code(engine: Engine, half: HalfSignedIn, code: str) -> str | None:
    """Begin the session of somebody who gave the right password, and return its key; None where the code is wrong.

    A code is taken once, and a recovery code is used up. None too where the password was replaced in the meantime.
    """
    now = now_utc()
    with writing(engine) as connection:
        account = find_account(connection, id=half.account_id)
        if account is None or not account.is_active or half.is_over(now):
            return None
        is_same = compare_digest(mark_of(account.password or ""), half.password_mark)
        if not (is_same and _is_taken(connection, account, code, now)):
            note_done(connection, by=account.id, did=FAILED, subject="", now=now)
            connection.commit()
            return None
        key = begin_session(connection, account)
        connection.commit()
    return key


def turn_off(engine: Engine, person: Person, password: str) -> None:
    """Ask no code of the person who is signed in any more; raise AccountRefused where the password is not theirs."""
    with proven(engine, person, password) as (connection, account):
        remove_second_step(connection, account.id)
        note_done(connection, by=account.id, did="second-step-off", subject=account.name, now=now_utc())
        connection.commit()


def reset(engine: Engine, name: str, by: int | None = None) -> None:
    """Take the second step away from somebody who lost phone and codes, and sign them out everywhere."""
    with writing(engine) as connection:
        account = find_account(connection, name=folded(name))
        if account is None:
            raise AccountRefused((Problem("name", f"There is no account “{folded(name)[:60]}”."),))
        remove_second_step(connection, account.id)
        end_sessions_of(connection, account.id)
        note_done(connection, by=by, did="second-step-off", subject=account.name, now=now_utc())
        connection.commit()


def _own(connection: Connection, person: Person) -> Account:
    account = find_account(connection, id=person.id)
    if account is None:
        raise AccountRefused((Problem("name", "There is no such account."),))
    return account


def _begun(account: Account, secret: str) -> Begun:
    return Begun(secret, TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER))


def _is_taken(connection: Connection, account: Account, code: str, now: datetime) -> bool:
    known = find_second_step(connection, account.id)
    if known is None or known.confirmed_at is None:
        # Taken away by an administrator since the password was given: it's asked for no more.
        return True
    number = _number_of(known, code, now)
    if number is not None:
        put_second_step(connection, replace(known, last_code=number))
        return True
    if use_recovery_code(connection, account.id, mark_of(_plain(code))):
        note_done(connection, by=account.id, did="recovery-code-used", subject=account.name, now=now)
        return True
    return False


def _number_of(step: SecondStep, code: str, now: datetime) -> int | None:
    """Return which code this is, counted in half minutes since 1970; None where it is none that may be used now."""
    shown, current = _plain(code), int(now.timestamp()) // _SECONDS
    for number in range(current - _DRIFT, current + _DRIFT + 1):
        is_new = number > step.last_code
        if is_new and compare_digest(TOTP(step.secret).generate_otp(number).encode(), shown.encode()):
            return number
    return None


def _recovery_codes() -> Iterator[str]:
    """Yield codes of 80 random bits, such as `ABCD-EFGH-IJKL-MNOP`: nobody can try enough of them."""
    for _ in range(_RECOVERY_CODES):
        letters = b32encode(token_bytes(_RECOVERY_BYTES)).decode()
        yield "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def _plain(code: str) -> str:
    """Return a code without what people put between its letters."""
    return "".join(code.split()).replace("-", "").upper()[:64]
