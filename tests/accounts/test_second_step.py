"""The second step of a sign-in on either engine: turned on with a code, asked for from then on, and taken once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from pyotp import TOTP
from sqlalchemy import Engine

from estimator import clock
from estimator.accounts.accounts import hashed, set_password
from estimator.accounts.audit import Sought, find_entries
from estimator.accounts.second_step import begin, confirm, reset, sign_in_with_code, state_of, turn_off
from estimator.accounts.sign_in import CODE_WITHIN, HalfSignedIn, Person, sign_in, signed_in
from estimator.accounts.store import insert_account
from estimator.db.connection import reading, writing
from estimator.errors import AccountRefused
from estimator.publishing.database import backup, restore

PASSWORD, OTHER = "four blue herons", "nine red foxes run"
HASH = hashed(PASSWORD)
START = "2026-11-23T08:00:00Z"
ANA, BEN = Person(1, "ana", "admin"), Person(2, "ben", "billing")
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until a test moves it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staffed(database: Engine) -> Engine:
    """A database with Ana, who has a password, and Ben, whom the clinic's provider vouches for."""
    with writing(database) as connection:
        for person, password in ((ANA, HASH), (BEN, None)):
            made = {"made_at": clock.now_utc(), "disabled_at": None}
            insert_account(connection, name=person.name, role=person.role, password=password, **made)
        connection.commit()
    return database


def code_of(secret: str) -> str:
    """Return what the phone shows now."""
    return TOTP(secret).at(clock.now_utc())


def turned_on(engine: Engine, time: time_machine.Traveller) -> tuple[str, tuple[str, ...]]:
    """Turn Ana's second step on; return its secret and the recovery codes, half a minute later."""
    secret = begin(engine, ANA).secret
    codes = confirm(engine, ANA, code_of(secret)).codes
    time.shift(HALF_A_MINUTE)
    return secret, codes


def half(engine: Engine) -> HalfSignedIn:
    """Give Ana's password."""
    found = sign_in(engine, "ana", PASSWORD)
    assert isinstance(found, HalfSignedIn)
    return found


def done(engine: Engine) -> list[str]:
    """Return what was done, oldest first."""
    with reading(engine) as connection:
        return [entry.did for entry in reversed(find_entries(connection, Sought()))]


def test_nothing_changes_until_a_code_confirms_it(staffed: Engine) -> None:
    """A picture that nobody read locks nobody out."""
    begin(staffed, ANA)
    with pytest.raises(AccountRefused):
        confirm(staffed, ANA, "000000")

    assert not state_of(staffed, ANA.id).is_on
    assert isinstance(sign_in(staffed, "ana", PASSWORD), str)


def test_the_password_alone_opens_nothing_any_more(staffed: Engine, time: time_machine.Traveller) -> None:
    """With the code of the phone a session begins, and the log says what was turned on."""
    before = sign_in(staffed, "ana", PASSWORD)
    secret, codes = turned_on(staffed, time)
    key = sign_in_with_code(staffed, half(staffed), code_of(secret))

    assert 10 == len(set(codes)) == state_of(staffed, ANA.id).codes_left
    assert signed_in(staffed, key or "") == ANA
    assert isinstance(before, str)
    assert signed_in(staffed, before) is None
    assert ["signed-in", "second-step-on", "signed-in", "signed-in"] == done(staffed)


def test_a_code_is_taken_once(staffed: Engine, time: time_machine.Traveller) -> None:
    """Someone who looked over a shoulder comes too late; so does the code that turned it on."""
    secret, _ = turned_on(staffed, time)
    shown = code_of(secret)

    assert sign_in_with_code(staffed, half(staffed), shown)
    assert sign_in_with_code(staffed, half(staffed), shown) is None
    assert "sign-in-failed" == done(staffed)[-1]


@pytest.mark.parametrize(("half_minutes", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_clock_of_the_phone_may_be_half_a_minute_off(
    staffed: Engine, time: time_machine.Traveller, half_minutes: int, is_taken: bool
) -> None:
    """Not more: an older code may have been seen by somebody else."""
    secret, _ = turned_on(staffed, time)
    time.shift(10 * HALF_A_MINUTE)
    shown = TOTP(secret).at(clock.now_utc() + half_minutes * HALF_A_MINUTE)

    assert is_taken == (sign_in_with_code(staffed, half(staffed), shown) is not None)


def test_a_recovery_code_works_once_however_it_is_typed(staffed: Engine, time: time_machine.Traveller) -> None:
    """In small letters and without its dashes too; the log notes that it was used."""
    _, codes = turned_on(staffed, time)
    typed = codes[3].lower().replace("-", " ")

    assert sign_in_with_code(staffed, half(staffed), typed)
    assert sign_in_with_code(staffed, half(staffed), typed) is None
    assert 9 == state_of(staffed, ANA.id).codes_left
    assert "recovery-code-used" in done(staffed)


def test_the_code_must_follow_the_password_soon(staffed: Engine, time: time_machine.Traveller) -> None:
    """After five minutes the password is asked for again."""
    secret, _ = turned_on(staffed, time)
    waiting = half(staffed)
    time.shift(CODE_WITHIN)

    assert sign_in_with_code(staffed, waiting, code_of(secret)) is None


def test_another_password_in_between_ends_what_was_begun(staffed: Engine, time: time_machine.Traveller) -> None:
    """Someone who knew the old one gets no further."""
    secret, _ = turned_on(staffed, time)
    waiting = half(staffed)
    set_password(staffed, "ana", OTHER)

    assert sign_in_with_code(staffed, waiting, code_of(secret)) is None


def test_it_is_turned_off_with_the_password_alone_of_its_owner(staffed: Engine, time: time_machine.Traveller) -> None:
    """A browser that was left signed in is not enough."""
    turned_on(staffed, time)
    with pytest.raises(AccountRefused):
        turn_off(staffed, ANA, OTHER)
    still = state_of(staffed, ANA.id).is_on
    turn_off(staffed, ANA, PASSWORD)

    assert (True, False) == (still, state_of(staffed, ANA.id).is_on)
    assert isinstance(sign_in(staffed, "ana", PASSWORD), str)


def test_an_administrator_takes_it_away_and_everybody_is_signed_out(
    staffed: Engine, time: time_machine.Traveller
) -> None:
    """For a person who lost phone and codes; a name that nobody has is told."""
    secret, _ = turned_on(staffed, time)
    key = sign_in_with_code(staffed, half(staffed), code_of(secret)) or ""
    reset(staffed, "ana", by=ANA.id)
    with pytest.raises(AccountRefused):
        reset(staffed, "nobody-here")

    assert signed_in(staffed, key) is None
    assert isinstance(sign_in(staffed, "ana", PASSWORD), str)


def test_a_person_without_a_password_is_led_to_the_providers(staffed: Engine) -> None:
    """Our code would never be asked for."""
    with pytest.raises(AccountRefused) as refusal:
        begin(staffed, BEN)

    assert "You sign in with the clinic's sign-in, which has its own." == refusal.value.problems[0].message


def test_a_restored_backup_still_asks_for_the_code(
    staffed: Engine, time: time_machine.Traveller, tmp_path: Path
) -> None:
    """And knows no recovery code: those could have been used since."""
    secret, codes = turned_on(staffed, time)
    backup(staffed, tmp_path / "kept.gz")
    restore(staffed, tmp_path / "kept.gz", replace=True)

    assert sign_in_with_code(staffed, half(staffed), codes[0]) is None
    assert sign_in_with_code(staffed, half(staffed), code_of(secret))
