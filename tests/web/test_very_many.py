"""Nobody asks for more estimates than a busy clinic does: pages and the API say so in words, and when to ask again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from estimator.accounts.roles import Role
from estimator.db.connection import writing
from estimator.web.outside import SPARINGLY
from tests.web.api.conftest import token_of
from tests.web.conftest import TODAY, address_of
from tests.web.reading import page_of
from tests.web.staff.conftest import app as app
from tests.web.staff.conftest import engine as engine
from tests.web.staff.conftest import made_once as made_once
from tests.web.staff.conftest import staffed as staffed

MANY, OTHERS, OURS = "2001:db8:1:2::7", "2001:db8:1:3::7", "127.0.0.1"
FORM = {"zip": "98101", "plan": "template-employer-ppo", "visits": "1", "described": "1"} | {
    f"my_{box}_unknown": "yes" for box in ("deductible", "maximum", "share")
}
REQUEST = {"plan": "template-employer-ppo", "zip": "98101", "course": {"first_day": TODAY, "visits": 1}}
REQUEST["course"]["each_visit"] = [{"code": "97110"}]  # type: ignore[index]
# They make no estimate, or are counted by themselves.
NOT_COUNTED = {"/", "/choose-plan", "/prices-near-you", "/save", "/saved/<link>/delete/<removal>"}


@pytest.fixture(autouse=True)
def _few(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTIMATOR_MOST_ESTIMATES", "20")
    # The tests of this folder share one app: it begins to count anew.
    app.extensions.pop(SPARINGLY, None)


def asks(client: FlaskClient, path: str, who: str, **headers: str) -> TestResponse:
    """Ask for an estimate from an address."""
    sent = {"json": REQUEST} if path.startswith("/api") else {"data": FORM}
    return client.post(path, environ_base={"REMOTE_ADDR": who}, headers=headers, **sent)


def asks_for_too_many(client: FlaskClient) -> None:
    """What matters is told by as many estimates as five answers; nine more are let through."""
    assert [422] * 5 + [429] == [
        client.post("/what-matters", data={}, environ_base={"REMOTE_ADDR": MANY}).status_code for _ in range(6)
    ]


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    with writing(engine) as connection:
        connection.execute(text("SELECT 1"))
        yield


def test_every_page_that_makes_estimates_refuses_a_network_that_asks_for_too_many(app: Flask, engine: Engine) -> None:
    """In words, with when to ask again; another process of the service knows it too, and other networks go on."""
    client = FlaskClient(app, Response)
    asks_for_too_many(client)
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    pages = {address_of(rule, word="estimate") for rule in posts if rule.rule not in NOT_COUNTED}
    pages = {page for page in pages if not page.startswith(("/staff", "/api"))}
    assert len(pages) > 7

    for path in sorted(pages):
        refused = asks(client, path, MANY)
        assert (path, 429) == (path, refused.status_code)
        assert 0 < int(refused.headers["Retry-After"]) <= 600
        assert "Very many estimates were made from here" in page_of(refused.text).text
        assert "Wait ten minutes" in refused.text
    assert "Desde aquí se hicieron" in asks(client, "/es/estimate", MANY).text
    for path in ("/api/v1/estimates", "/api/v1/estimates/advanced-eob"):
        refused = asks(client, path, MANY)
        assert (429, True) == (refused.status_code, 0 < int(refused.headers["Retry-After"]) <= 600)
        [problem] = refused.json["problems"]
        assert problem["message"].startswith("Your network asked for very many estimates. Send this again after")
    assert 200 == asks(client, "/estimate", OTHERS).status_code
    assert 200 == client.get("/", environ_base={"REMOTE_ADDR": MANY}).status_code


def test_who_runs_the_service_who_has_a_token_and_who_comes_later_goes_on(
    app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that no setting names stands for everybody; nobody is kept out for long, or where the setting says 0."""
    client = FlaskClient(app, Response)
    asks_for_too_many(client)
    assert 429 == asks(client, "/estimate", MANY).status_code

    assert 200 == asks(client, "/estimate", OURS).status_code
    token = token_of(engine, Role.VIEWER)
    assert 200 == asks(client, "/api/v1/estimates", MANY, Authorization=f"Bearer {token}").status_code
    with held(engine):
        assert 200 == asks(client, "/estimate", MANY).status_code
    with time_machine.travel(datetime.fromisoformat(f"{TODAY}T12:00:00Z") + timedelta(minutes=11)):
        assert 200 == asks(client, "/estimate", MANY).status_code
        asks_for_too_many(client)
        monkeypatch.setenv("ESTIMATOR_MOST_ESTIMATES", "0")
        assert 200 == asks(client, "/estimate", MANY).status_code


def test_a_long_course_counts_as_several(app: Flask) -> None:
    """By what it takes: one more for every 50 visits."""
    client = FlaskClient(app, Response)
    long = {**FORM, "visits": "366", "first_day": "never"}
    found = [client.post("/estimate", data=long, environ_base={"REMOTE_ADDR": MANY}).status_code for _ in range(6)]

    assert [422] * 5 + [429] == found
