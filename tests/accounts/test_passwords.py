"""What is asked of a password, and that only itself is taken for it."""

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from estimator.accounts.accounts import COST, hashed, is_outdated, is_right, password_problems


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "ababababababab",
        "PassWord1234",
        "qwerty123456",
        "the name is ana",
        "x" * 201,
    ],
)
def test_a_weak_password_is_refused_with_one_sentence(weak: str) -> None:
    """Too short, too few characters, among the first that are tried, or the name itself."""
    assert 1 == len(list(password_problems(weak, "ana")))


@pytest.mark.parametrize(
    "good", ["twelve chars", "four blue herons", "пять синих цапель", "a password that nobody will think of soon"]
)
def test_length_is_enough_otherwise(good: str) -> None:
    """No figures and signs are asked for that people would add at the end."""
    assert [] == list(password_problems(good, "ana"))


def test_the_same_word_typed_on_another_keyboard_is_right() -> None:
    """An accent may come as one character or as two."""
    kept = hashed("caf\u00e9 au lait doux")

    assert is_right("cafe\u0301 au lait doux", kept)
    assert not is_right("cafe au lait doux", kept)


def test_nobody_has_no_password() -> None:
    """Not even the one that its time is taken from."""
    assert not is_right("nobody", None)
    assert not is_right("", None)


def test_what_is_no_hash_is_no_password() -> None:
    """A damaged row lets nobody in."""
    assert not is_right("four blue herons", "four blue herons")


def test_two_hashes_of_one_password_differ() -> None:
    """Each is salted, and of today's cost."""
    one, other = hashed("four blue herons"), hashed("four blue herons")

    assert one != other
    assert not is_outdated(one)


def test_the_cost_that_ships_is_the_one_of_the_standard() -> None:
    """Tests hash at the least cost there is; a password that was kept so is kept anew when it is next typed."""
    dear = PasswordHasher.from_parameters(COST).hash("four blue herons")

    assert RFC_9106_LOW_MEMORY == COST
    assert is_right("four blue herons", dear)
    assert is_outdated(dear)
