"""Tests know nothing of the database, plans and prices that this machine's user keeps."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from estimator.accounts import passwords
from tests.language.pseudo import pseudo_spoken

_KEPT = pytest.StashKey[TemporaryDirectory[str]]()
_OF_STAFF = ("ESTIMATOR_URL", "ESTIMATOR_SECRET", "ESTIMATOR_OIDC_ISSUER")
_SETTINGS = ("DATABASE_URL", "ESTIMATOR_PLANS", "ESTIMATOR_CONTRACT", "ESTIMATOR_PRICE_LIST", *_OF_STAFF)


def pytest_configure(config: pytest.Config) -> None:
    """Point every test, and what it starts, at a folder in which nothing is kept."""
    for name in _SETTINGS:
        os.environ.pop(name, None)
    config.stash[_KEPT] = TemporaryDirectory(prefix="estimator-")
    # Nobody attacks the passwords of tests; tests/usecases/test_passwords.py holds the cost that ships.
    passwords.hasher = PasswordHasher.from_parameters(CHEAPEST)
    os.environ["ESTIMATOR_DATA"] = str(Path(config.stash[_KEPT].name) / "empty")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the folder away again."""
    config.stash[_KEPT].cleanup()


@pytest.fixture
def pseudo_language() -> Iterator[None]:
    """Speak a language in which every sentence that can be translated stands in ⟦…⟧."""
    with pseudo_spoken():
        yield
