"""Tokens and links on either engine: shown once, kept as a hash, and ended in every way that they should be."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine, text

from estimator.accounts.accounts import add_account, disable, set_role
from estimator.accounts.sign_in import (
    LASTS,
    Person,
    account_of,
    change_own_password,
    list_tokens,
    make_link,
    make_token,
    person_of_token,
    revoke_token,
    sign_in,
    signed_in,
    use_link,
)
from estimator.db.connection import reading
from estimator.errors import AccountRefused

PASSWORD, OTHER = "four blue herons", "nine red foxes run"
ANA = Person(1, "ana", "admin")


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until a test moves it."""
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def staffed(database: Engine) -> Engine:
    """A database with two administrators who have no password yet."""
    add_account(database, "ana", "admin", None)
    add_account(database, "ben", "admin", None)
    return database


def test_a_token_calls_with_its_own_role(staffed: Engine) -> None:
    """In the name of who made it; the database holds no secret, and when it was used last shows."""
    token = make_token(staffed, " nightly   schedule ", "billing", "30", ANA)
    found = person_of_token(staffed, token)
    kept = list_tokens(staffed)[0]

    assert Person(1, f"token {kept.name}", "billing") == found
    assert ("nightly schedule", "2026-11-23") == (kept.purpose, str(kept.last_used_on))
    with reading(staffed) as connection:
        assert token.split("_", 2)[2] not in str(connection.execute(text("SELECT * FROM api_tokens")).all())


@pytest.mark.parametrize("change", ["name", "secret", "prefix", "nothing"])
def test_no_other_token_opens_anything(staffed: Engine, change: str) -> None:
    """Every part of it counts."""
    prefix, name, secret = make_token(staffed, "test", "viewer", "30", ANA).split("_", 2)
    made_up = {
        "name": f"{prefix}_00000000_{secret}",
        "secret": f"{prefix}_{name}_{secret}x",
        "prefix": f"abc_{name}_{secret}",
        "nothing": "",
    }

    assert person_of_token(staffed, made_up[change]) is None


def test_a_token_ends_on_its_day(staffed: Engine, time: time_machine.Traveller) -> None:
    """A moment before it still opens."""
    token = make_token(staffed, "test", "viewer", "30", ANA)
    time.shift(timedelta(days=30, seconds=-1))
    before = person_of_token(staffed, token)
    time.shift(timedelta(seconds=1))

    assert before
    assert person_of_token(staffed, token) is None


def test_a_revoked_token_opens_nothing(staffed: Engine) -> None:
    """To revoke it again changes nothing, and another one is not touched."""
    token, other = (make_token(staffed, purpose, "rules", "90", ANA) for purpose in ("one", "other"))
    for _ in range(2):
        revoke_token(staffed, token.split("_")[1], ANA)

    assert person_of_token(staffed, token) is None
    assert person_of_token(staffed, other)


def test_a_token_does_not_outlast_the_rights_of_who_made_it(staffed: Engine) -> None:
    """Neither a smaller role nor a disabled account leaves it open."""
    token = make_token(staffed, "test", "rules", "365", ANA)
    reads = make_token(staffed, "test", "viewer", "365", ANA)
    set_role(staffed, "ana", "billing")
    with_less = [person_of_token(staffed, each) is not None for each in (token, reads)]
    disable(staffed, "ana")

    assert [False, True] == with_less
    assert person_of_token(staffed, reads) is None


def test_every_mistake_in_a_new_token_is_told_at_once(staffed: Engine) -> None:
    """No token keeps accounts, and none lasts for good."""
    with pytest.raises(AccountRefused) as refusal:
        make_token(staffed, " ", "admin", "9999", ANA)

    assert ["purpose", "role", "days"] == [problem.path for problem in refusal.value.problems]


def test_a_link_sets_a_password_once(staffed: Engine) -> None:
    """Anyone who finds it later finds nothing."""
    key = make_link(staffed, 2, ANA)
    used = use_link(staffed, key, PASSWORD)

    assert used
    assert ("ben", None, None) == (used.name, use_link(staffed, key, OTHER), account_of(staffed, key))
    assert sign_in(staffed, "ben", PASSWORD)


def test_a_weak_password_leaves_the_link_as_it_was(staffed: Engine) -> None:
    """It can be used again with a better one."""
    key = make_link(staffed, 2, ANA)
    with pytest.raises(AccountRefused):
        use_link(staffed, key, "short")

    assert account_of(staffed, key)


def test_only_the_newest_link_leads_anywhere(staffed: Engine, time: time_machine.Traveller) -> None:
    """And that for a day."""
    first, second = make_link(staffed, 2, ANA), make_link(staffed, 2, ANA)
    now = account_of(staffed, first), account_of(staffed, second)
    time.shift(LASTS + timedelta(seconds=1))

    assert now[0] is None
    assert now[1]
    assert account_of(staffed, second) is None


def test_a_disabled_account_has_no_link(staffed: Engine) -> None:
    """Neither an old one nor a new one."""
    key = make_link(staffed, 2, ANA)
    disable(staffed, "ben")
    with pytest.raises(AccountRefused):
        make_link(staffed, 2, ANA)

    assert account_of(staffed, key) is None


def test_a_person_changes_a_password_with_the_one_they_have(staffed: Engine) -> None:
    """Other browsers are signed out; this one goes on under a new key."""
    use_link(staffed, make_link(staffed, 2, ANA), PASSWORD)
    elsewhere = sign_in(staffed, "ben", PASSWORD) or ""
    ben = Person(2, "ben", "admin")
    with pytest.raises(AccountRefused):
        change_own_password(staffed, ben, OTHER, OTHER)
    here = change_own_password(staffed, ben, PASSWORD, OTHER)

    assert signed_in(staffed, elsewhere) is None
    assert ben == signed_in(staffed, here)
