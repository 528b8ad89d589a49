"""Tests know nothing of the database, plans and prices that this machine's user keeps."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from estimator.accounts import accounts
from estimator.db.connection import close_connections, engine_at

# Fixtures are found by the name under which they stand here.
from estimator.settings import SETTINGS
from tests.databases import address as address
from tests.databases import database as database
from tests.databases import empty as empty
from tests.databases import filled as filled
from tests.databases import filled_file as filled_file
from tests.databases import filled_name as filled_name
from tests.databases import folder as folder
from tests.databases import migrated_file as migrated_file
from tests.databases import migrated_name as migrated_name
from tests.databases import new_database as new_database
from tests.databases import plans as plans
from tests.databases import postgresql as postgresql
from tests.language.pseudo import pseudo_spoken

_KEPT = pytest.StashKey[TemporaryDirectory[str]]()
_MEMORY, _LEAST_MEMORY = Path("/dev/shm"), 4_000_000_000


def pytest_configure(config: pytest.Config) -> None:
    """Point every test, and what it starts, at a folder in which nothing is kept."""
    for setting in SETTINGS:
        os.environ.pop(setting.name, None)
    _work_in_memory()
    config.stash[_KEPT] = TemporaryDirectory(prefix="estimator-")
    # Nobody attacks the passwords of tests; tests/accounts/test_passwords.py holds the cost that ships.
    accounts.hasher = PasswordHasher.from_parameters(CHEAPEST)
    os.environ["ESTIMATOR_DATA"] = str(Path(config.stash[_KEPT].name) / "empty")
    # Hundreds of tests make an app of their own; each template is compiled once for all of them.
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(config.stash[_KEPT].name)}


def _work_in_memory() -> None:
    """Keep what tests write in memory where there is room: a copy of a database takes a tenth of the time there."""
    if "TMPDIR" in os.environ or not _MEMORY.is_dir():
        return
    # An installed wheel has programs to run, which some machines forbid there.
    can_run = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    if can_run and shutil.disk_usage(_MEMORY).free >= _LEAST_MEMORY:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow the variants that a test's `slow_for` names, before pytest picks by marker."""
    for item in items:
        chosen = item.callspec.params.values() if hasattr(item, "callspec") else ()
        for mark in item.iter_markers("slow_for"):
            if any(variant in chosen for variant in mark.args):
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every later collection of garbage, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the folder away again."""
    config.stash[_KEPT].cleanup()


@pytest.fixture(autouse=True)
def _connections_closed() -> Iterator[None]:
    """Close what a test has opened, and forget it: each later test would close thousands of databases once more."""
    yield
    close_connections()
    engine_at.cache_clear()


@pytest.fixture
def pseudo_language() -> Iterator[None]:
    """Speak a language in which every sentence that can be translated stands in ⟦…⟧."""
    with pseudo_spoken():
        yield
