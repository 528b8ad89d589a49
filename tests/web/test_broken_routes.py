"""Every route is broken on purpose: the page says so in plain words, and the log holds nothing that was sent."""

import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from estimator.db.connection import memory_engine
from estimator.errors import Cause, DatabaseUnavailable
from estimator.logs import logs_in
from estimator.web import create_app
from tests.web.conftest import address_of
from tests.web.kept_plans import folder_plans

MARKER = "MARKER7431"
SENT = {"zip": MARKER, "plan": MARKER, "answer": MARKER, "password": MARKER}


def secret_in_a_statement(engine: Engine) -> NoReturn:
    """Fail as a statement does whose values are what somebody typed."""
    with engine.connect() as connection:
        connection.execute(text("SELECT :typed FROM there_is_no_such_table"), {"typed": MARKER})
    raise AssertionError("there is such a table")


def secret_in_words(engine: Engine) -> NoReturn:
    """Fail as reading a number does, from another failure that has the secret too."""
    try:
        int(MARKER)
    except ValueError as error:
        raise KeyError(MARKER) from error
    raise AssertionError("it is a number")


@pytest.fixture
def app() -> Flask:
    """An app of this test alone, to be broken."""
    return create_app(folder_plans())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What is logged, by us and by libraries."""
    monkeypatch.setenv("ESTIMATOR_LOG", "json")
    written = StringIO()
    with logs_in(written):
        yield written


def broken(app: Flask, engine: Engine, fault: Any) -> Iterator[tuple[Rule, str, TestResponse]]:
    """Break every view, and yield the answer of each route and method."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        app.view_functions[rule.endpoint] = lambda **_: fault(engine)
    app.config["WTF_CSRF_METHODS"] = set()
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            sent = {"data": SENT} if method == "POST" else {}
            asked = client.open(f"{address_of(rule, 7, MARKER)}?case={MARKER}", method=method, **sent)
            yield rule, method, asked


@pytest.mark.parametrize("fault", [secret_in_a_statement, secret_in_words])
def test_a_broken_route_leaves_nothing_that_was_sent_in_the_log(app: Flask, log: StringIO, fault: Any) -> None:
    """Neither a path, a form, the values of a statement, nor the text of an exception."""
    answers = [answer.status_code for _, _, answer in broken(app, memory_engine(), fault)]

    assert {500} == set(answers)
    assert len(answers) <= log.getvalue().count('"failed"')
    assert MARKER not in log.getvalue()


def test_the_page_of_a_failure_carries_the_number_of_its_line(app: Flask, log: StringIO) -> None:
    """So that anyone who runs the service finds what happened; for a page, a staff page and a program alike."""
    numbers = []
    for rule, method, answer in broken(app, memory_engine(), secret_in_words):
        assert MARKER not in answer.text, (rule.rule, method)
        assert f"Error number: {answer.headers['X-Request-ID']}" in answer.text, (rule.rule, method)
        numbers.append(answer.headers["X-Request-ID"])
    failed = [json.loads(line) for line in log.getvalue().splitlines() if '"failed"' in line]

    assert numbers == [line["request"] for line in failed]
    assert {"KeyError from ValueError"} == {line["kind"] for line in failed}


def test_a_line_of_a_library_goes_through_the_same_filter(log: StringIO) -> None:
    """The server in front of the app names the address in its own words when it fails."""
    try:
        raise ValueError(MARKER)
    except ValueError:
        logging.getLogger("waitress").exception("Exception while serving %s", f"/saved/{MARKER}")
    logging.getLogger("huey").error(f"task {MARKER} failed")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]

    assert MARKER not in log.getvalue()
    assert ["Exception while serving %s", "a line of test_broken_routes"] == [line["event"] for line in lines]
    assert "ValueError" == lines[0]["kind"]


@pytest.mark.parametrize(("cause", "seconds"), [(Cause.BUSY, "5"), (Cause.FULL, "60"), (Cause.UNREACHED, "30")])
def test_every_page_says_in_words_that_the_database_does_not_answer(
    app: Flask, log: StringIO, cause: Cause, seconds: str
) -> None:
    """With the time after which to try again, for a person and for a program."""

    def unavailable(_: Engine) -> NoReturn:
        raise DatabaseUnavailable(MARKER, MARKER, cause)

    for rule, method, answer in broken(app, memory_engine(), unavailable):
        assert (503, seconds) == (answer.status_code, answer.headers.get("Retry-After")), (rule.rule, method)
        assert MARKER not in answer.text
        assert re.search("We’re busy right now|The database is busy", answer.text)

    assert MARKER not in log.getvalue()
    assert f'"cause": "{cause}"' in log.getvalue()
