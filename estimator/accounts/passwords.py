"""Passwords: what is asked of one, and the only form in which it is kept, an Argon2 hash."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

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
        yield f"Write a password of at least {LEAST} characters; several words are easiest to remember."
    elif len(folded) > _MOST:
        yield f"Write a password of at most {_MOST} characters."
    elif len(set(folded)) < _LEAST_DIFFERENT:
        yield f"Write a password of at least {_LEAST_DIFFERENT} different characters."
    elif name.casefold() in folded:
        yield "Write a password that does not hold the name of the account."
    elif any(word in folded and len(word) * _HALF >= len(folded) for word in _TRIED_FIRST):
        yield "Write another password: this one is among the first that would be tried."


def _same(password: str) -> str:
    # What looks the same on two keyboards is the same password.
    return normalize("NFKC", password)


@cache
def _of_nobody() -> str:
    return hasher.hash("nobody")
