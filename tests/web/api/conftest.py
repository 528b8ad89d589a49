"""A program that calls, with a token or without, on a database of its own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person, make_token
from estimator.accounts.store import find_account
from estimator.db.connection import reading
from tests.web.staff.conftest import app as app  # Fixtures that are shared with the staff pages.
from tests.web.staff.conftest import engine as engine
from tests.web.staff.conftest import made_once as made_once
from tests.web.staff.conftest import staffed as staffed

Call = Callable[..., TestResponse]


def token_of(engine: Engine, role: str) -> str:
    """Make a token of a role."""
    with reading(engine) as connection:
        account = find_account(connection, name=f"some-{Role.ADMIN}")
    assert account
    return make_token(engine, "tests", role, "30", Person(account.id, account.name, account.role))


@pytest.fixture
def call(app: Flask, engine: Engine) -> Call:
    """Call an address below /api/v1, in the name of a role where one is given."""

    def called(method: str, path: str, role: str = "", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token_of(engine, role)}"} if role else {}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **more)

    return called
