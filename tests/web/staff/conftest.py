"""Staff who are signed in: `staff("billing")` is a client whose `post` brings the mark that our forms hold."""

import re
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import URL, Engine
from werkzeug.test import TestResponse

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import begin_session
from estimator.accounts.store import find_account
from estimator.db.connection import engine_at, reading, writing
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from estimator.web.common import keep_plans
from estimator.web.staff.common import KEY
from tests import clinic, serving
from tests.web.conftest import TODAY

PASSWORD = "four blue herons"
_MARK = re.compile(r'name="csrf_token" value="([^"]+)"')
_NUMBERS = count(1)


class StaffClient(FlaskClient):
    """A browser; `post` sends the mark of a form of ours along, `post_without_mark` does not."""

    _mark: tuple[str, str] = ("", "")

    def post(self, *args: Any, **options: Any) -> TestResponse:
        options["data"] = {"csrf_token": self._mark_of_forms(), **(options.get("data") or {})}
        return super().post(*args, **options)

    def _mark_of_forms(self) -> str:
        """Return the mark of the form that was seen last, or look at one: it holds as long as its session."""
        session, mark = self._mark
        if not mark or session != self._session():
            found = _MARK.search(self.get("/staff/sign-in", follow_redirects=True).text)
            assert found
            self._mark = (self._session(), found[1])
        return self._mark[1]

    def _session(self) -> str:
        config = self.application.config
        cookie = self.get_cookie(config["SESSION_COOKIE_NAME"], path=config["SESSION_COOKIE_PATH"])
        return cookie.value if cookie else ""

    def post_without_mark(self, *args: Any, **options: Any) -> TestResponse:
        return super().post(*args, **options)


@pytest.fixture(scope="session")
def staffed(kept_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with plans and one account of each role, to be copied."""
    file = tmp_path_factory.mktemp("staffed") / "estimator.db"
    shutil.copy(kept_file, file)
    engine = engine_at(URL.create("sqlite", database=str(file)))
    with time_machine.travel(f"{TODAY}T12:00:00Z"):
        for role in Role:
            add_account(engine, f"some-{role}", role, PASSWORD)
    engine.dispose()
    return file


@pytest.fixture
def engine(staffed: Path, tmp_path: Path) -> Engine:
    """A database of this test alone."""
    if clinic.IS_MEANT:
        return clinic.copy_of(staffed)
    file = tmp_path / f"estimator-{next(_NUMBERS)}.db"
    shutil.copy(staffed, file)
    return engine_at(URL.create("sqlite", database=str(file)))


@pytest.fixture(scope="session")
def made_once(staffed: Path) -> Flask:
    """An app to be given a database: making one takes longer than most tests."""
    made = create_app(Shelf(engine_at(URL.create("sqlite", database=str(staffed)))))
    made.test_client_class = StaffClient
    return made


@pytest.fixture
def app(made_once: Flask, engine: Engine) -> Flask:
    """The app on that database."""
    keep_plans(made_once, Shelf(engine))
    return made_once


@pytest.fixture
def nobody(app: Flask) -> StaffClient:
    """A browser in which nobody is signed in."""
    client = app.test_client()
    assert isinstance(client, StaffClient)
    return client


@pytest.fixture
def staff(app: Flask, engine: Engine) -> Callable[[str], StaffClient]:
    """Return a browser in which somebody of a role is signed in."""

    def signed_in(role: str) -> StaffClient:
        with reading(engine) as connection:
            account = find_account(connection, name=f"some-{role}")
        assert account
        with writing(engine) as connection:
            key = begin_session(connection, account)
            connection.commit()
        client = app.test_client()
        assert isinstance(client, StaffClient)
        with client.session_transaction(path="/staff/") as session:
            session[KEY] = key
        return client

    return signed_in


@pytest.fixture
def rules(staff: Callable[[str], StaffClient]) -> StaffClient:
    """A browser of somebody who keeps the plans and the rules."""
    return staff("rules")


def hidden(page: str, name: str) -> str:
    """Return what a hidden field of a page holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Serve the app of this test and return its address."""
    with serving.served(app) as address:
        yield address
