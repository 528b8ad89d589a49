"""Accounts on either engine: made, changed, signed in, ended by time, and never without an administrator."""

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import Engine, text

from estimator import clock
from estimator.accounts.accounts import (
    add_account,
    disable,
    enable,
    hashed,
    is_outdated,
    list_accounts,
    set_password,
    set_role,
)
from estimator.accounts.audit import Sought, find_entries
from estimator.accounts.sign_in import (
    IDLE,
    LONGEST,
    Person,
    sign_in,
    sign_out,
    sign_out_everywhere,
    signed_in,
    signing_key,
)
from estimator.accounts.store import change_account, find_account, insert_account
from estimator.db.connection import reading, writing
from estimator.errors import AccountRefused
from estimator.publishing.database import backup, restore

PASSWORD, OTHER = "four blue herons", "nine red foxes run"
HASH, HASH_OF_OTHER = hashed(PASSWORD), hashed(OTHER)
START = "2026-11-23T08:00:00Z"


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until a test moves it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staffed(database: Engine) -> Engine:
    """A database with an administrator and a biller; to hash their passwords for each test would take time."""
    with writing(database) as connection:
        for name, role, password in (("ana", "admin", HASH), ("ben@clinic.example", "billing", HASH_OF_OTHER)):
            insert_account(
                connection, name=name, role=role, password=password, made_at=clock.now_utc(), disabled_at=None
            )
        connection.commit()
    return database


def log(engine: Engine) -> list[tuple[str | None, str, str]]:
    """Return what was done, oldest first."""
    with reading(engine) as connection:
        return [(entry.by, entry.did, entry.subject) for entry in reversed(find_entries(connection, Sought()))]


def refusals(refusal: pytest.ExceptionInfo[AccountRefused]) -> list[str]:
    """Return where something was wrong."""
    return [problem.path for problem in refusal.value.problems]


def test_a_password_is_kept_as_an_argon2_hash_alone(staffed: Engine) -> None:
    """Anyone who reads the database cannot sign in with what stands there."""
    kept = [account.password or "" for account in list_accounts(staffed)]

    assert ["$argon2id$", "$argon2id$"] == [each[:10] for each in kept]


def test_a_name_is_the_same_in_capitals(staffed: Engine) -> None:
    """So there are no two accounts that a reader cannot tell apart."""
    with pytest.raises(AccountRefused) as refusal:
        add_account(staffed, " ANA ", "viewer", OTHER)

    assert ["name"] == refusals(refusal)


def test_every_mistake_in_a_new_account_is_told_at_once(staffed: Engine) -> None:
    """Name, role and password."""
    with pytest.raises(AccountRefused) as refusal:
        add_account(staffed, "a b", "owner", "short")

    assert ["name", "role", "password"] == refusals(refusal)


def test_the_last_administrator_stays(staffed: Engine) -> None:
    """Neither another role nor disabling may leave nobody who could mend it."""
    with pytest.raises(AccountRefused):
        disable(staffed, "ana")
    with pytest.raises(AccountRefused):
        set_role(staffed, "ana", "billing")

    assert ["admin", "billing"] == [account.role for account in list_accounts(staffed) if account.is_active]


def test_a_disabled_administrator_does_not_count(staffed: Engine) -> None:
    """The one who is left is the last."""
    add_account(staffed, "cal", "admin", PASSWORD)
    disable(staffed, "cal")
    with pytest.raises(AccountRefused):
        disable(staffed, "ana")
    enable(staffed, "cal")
    disable(staffed, "ana")

    assert ["cal"] == [each.name for each in list_accounts(staffed) if each.role == "admin" and each.is_active]


def test_a_session_begins_with_name_and_password(staffed: Engine) -> None:
    """The database holds no key that a browser could send."""
    key = sign_in(staffed, " Ana", PASSWORD)

    assert key
    assert Person(1, "ana", "admin") == signed_in(staffed, key)
    with reading(staffed) as connection:
        assert key not in str(connection.execute(text("SELECT * FROM sessions")).all())


@pytest.mark.parametrize(("name", "password"), [("ana", OTHER), ("nobody", PASSWORD)])
def test_nothing_else_begins_one(staffed: Engine, name: str, password: str) -> None:
    """A wrong password and a name that nobody has look alike."""
    assert sign_in(staffed, name, password) is None


def test_a_failure_is_noted_with_the_account_alone(staffed: Engine) -> None:
    """What was typed in place of a name may be a password."""
    sign_in(staffed, "ana", OTHER)
    sign_in(staffed, OTHER, "ana")

    assert [("ana", "sign-in-failed", ""), (None, "sign-in-failed", "")] == log(staffed)


def test_a_disabled_account_is_out_at_once(staffed: Engine) -> None:
    """Also where it is signed in, and the right password leads nowhere."""
    key = sign_in(staffed, "ben@clinic.example", OTHER) or ""
    disable(staffed, "ben@clinic.example")

    assert signed_in(staffed, key) is None
    assert sign_in(staffed, "ben@clinic.example", OTHER) is None


def test_another_password_ends_every_session(staffed: Engine) -> None:
    """Anyone who knew the old one is out."""
    key = sign_in(staffed, "ana", PASSWORD) or ""
    set_password(staffed, "ana", OTHER)

    assert signed_in(staffed, key) is None
    assert sign_in(staffed, "ana", PASSWORD) is None
    assert sign_in(staffed, "ana", OTHER)


def test_another_role_holds_at_once(staffed: Engine) -> None:
    """A session carries no role of its own."""
    key = sign_in(staffed, "ben@clinic.example", OTHER) or ""
    set_role(staffed, "ben@clinic.example", "viewer")

    assert Person(2, "ben@clinic.example", "viewer") == signed_in(staffed, key)


def test_a_session_that_nobody_uses_ends(staffed: Engine, time: time_machine.Traveller) -> None:
    """A moment before it is still there, and being used makes it last."""
    key = sign_in(staffed, "ana", PASSWORD) or ""
    time.shift(IDLE - timedelta(seconds=1))
    before = signed_in(staffed, key)
    time.shift(IDLE - timedelta(seconds=1))
    used = signed_in(staffed, key)
    time.shift(IDLE)

    assert before == used == Person(1, "ana", "admin")
    assert signed_in(staffed, key) is None


def test_a_session_ends_however_much_it_is_used(staffed: Engine, time: time_machine.Traveller) -> None:
    """A working day is the longest."""
    key = sign_in(staffed, "ana", PASSWORD) or ""
    step = timedelta(minutes=30)
    seen = []
    for _ in range(LONGEST // step):
        seen.append(signed_in(staffed, key) is not None)
        time.shift(step)

    assert {True} == set(seen)
    assert signed_in(staffed, key) is None


def test_sessions_that_are_over_are_removed_at_the_next_sign_in(staffed: Engine, time: time_machine.Traveller) -> None:
    """Nobody has to clean up."""
    sign_in(staffed, "ana", PASSWORD)
    time.shift(LONGEST)
    sign_in(staffed, "ana", PASSWORD)
    with reading(staffed) as connection:
        assert 1 == connection.execute(text("SELECT count(*) FROM sessions")).scalar()


def test_signing_out_ends_one_session_or_all(staffed: Engine) -> None:
    """A biller who forgot another desk can end that one too."""
    keys = [sign_in(staffed, "ana", PASSWORD) or "" for _ in range(2)]
    sign_out(staffed, keys[0])
    after_one = [signed_in(staffed, key) is not None for key in keys]
    sign_out_everywhere(staffed, Person(1, "ana", "admin"))

    assert [False, True] == after_one
    assert [None, None] == [signed_in(staffed, key) for key in keys]


def test_an_old_hash_is_made_anew_at_the_next_sign_in(staffed: Engine) -> None:
    """What was dear enough once is not for good."""
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with writing(staffed) as connection:
        change_account(connection, 1, password=cheap)
        connection.commit()
    first, second = sign_in(staffed, "ana", PASSWORD), sign_in(staffed, "ana", PASSWORD)
    with reading(staffed) as connection:
        account = find_account(connection, name="ana")

    assert first
    assert second
    assert account
    assert (True, False) == (is_outdated(cheap), is_outdated(account.password or ""))


def test_the_log_says_who_did_what(staffed: Engine) -> None:
    """Commands have no account, and are the machine's owner."""
    add_account(staffed, "Cal", "viewer", PASSWORD)
    key = sign_in(staffed, "ana", PASSWORD) or ""
    set_role(staffed, "ben@clinic.example", "rules", by=1)
    sign_out(staffed, key)

    assert [
        (None, "account-added", "cal as viewer"),
        ("ana", "signed-in", ""),
        ("ana", "role-set", "ben@clinic.example as rules"),
        ("ana", "signed-out", ""),
    ] == log(staffed)


def test_a_change_that_is_refused_leaves_no_line(staffed: Engine) -> None:
    """The log and what it tells of are one transaction."""
    with pytest.raises(AccountRefused):
        set_role(staffed, "ana", "viewer", by=1)

    assert [] == log(staffed)


def test_a_backup_holds_accounts_but_nothing_that_opens_a_door(staffed: Engine, tmp_path: Path) -> None:
    """Who finds an old copy finds no session in it, nor the key that signs."""
    key = signing_key(staffed)
    sign_in(staffed, "ana", PASSWORD)
    backup(staffed, tmp_path / "kept.gz")
    written = gzip.decompress((tmp_path / "kept.gz").read_bytes()).decode()

    assert '"ben@clinic.example"' in written
    assert '"table":"audit_log"' in written
    assert key not in written
    assert [] == [name for name in ("sessions", "api_tokens", "password_links") if f'"table":"{name}"' in written]


def test_a_restored_backup_lets_people_in_and_no_session(staffed: Engine, tmp_path: Path) -> None:
    """Nothing that was signed out, or made since, comes back."""
    add_account(staffed, "cal", "viewer", None)
    key = sign_in(staffed, "ana", PASSWORD) or ""
    backup(staffed, tmp_path / "kept.gz")
    before = log(staffed)
    restore(staffed, tmp_path / "kept.gz", replace=True)

    assert signed_in(staffed, key) is None
    assert before == log(staffed)
    assert sign_in(staffed, "ana", PASSWORD)


def test_two_administrators_cannot_disable_each_other_at_once(staffed: Engine) -> None:
    """One is told that the other is the last."""
    set_role(staffed, "ben@clinic.example", "admin")

    def disables(name: str) -> bool:
        try:
            disable(staffed, name)
        except AccountRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        done = sorted(both.map(disables, ["ana", "ben@clinic.example"]))

    assert [False, True] == done
    assert 1 == len([account for account in list_accounts(staffed) if account.is_active])


def test_the_signing_key_is_made_once(database: Engine) -> None:
    """Every process signs alike."""
    assert signing_key(database) == signing_key(database)
