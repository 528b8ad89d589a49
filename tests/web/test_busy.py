"""While another writer holds the database, or its disk is full, reading goes on, and writing says so and comes back."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic

import pytest
from sqlalchemy import Engine, event, text

from estimator.db.connection import writing
from tests.web.staff.conftest import StaffClient
from tests.web.staff.conftest import app as app
from tests.web.staff.conftest import engine as engine
from tests.web.staff.conftest import made_once as made_once
from tests.web.staff.conftest import nobody as nobody
from tests.web.staff.conftest import staff as staff
from tests.web.staff.conftest import staffed as staffed
from tests.web.staff.test_estimates import REQUEST

COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "6"}
SAVED = {**COURSE, "days": "7"}
MOST_SECONDS = 15
Staff = Callable[[str], StaffClient]


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estimator.web.app._MOST_WAIT_MS", 200)


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    """Hold the database as an import does that takes minutes."""
    with writing(engine) as connection:
        connection.execute(text("SELECT 1"))
        yield


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Leave the database no room for another page, as a full disk does."""

    def no_room(connection: object, record: object, proxy: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined] # of the driver

    event.listen(engine, "checkout", no_room)
    try:
        yield
    finally:
        event.remove(engine, "checkout", no_room)
        engine.dispose()


@pytest.mark.parametrize("trouble", [held, full])
def test_reading_goes_on_and_saving_comes_back_by_itself(
    engine: Engine, nobody: StaffClient, staff: Staff, trouble: Callable[[Engine], object]
) -> None:
    """An estimate needs no writing; what does says in words that it cannot be done now, and when to try again."""
    client, desk = nobody.application.test_client(), staff("viewer")
    context = trouble(engine)
    with context:  # type: ignore[attr-defined] # either of the two above
        estimate = client.post_without_mark("/estimate", data=COURSE).status_code
        page = desk.get("/staff/plans/").status_code
        refused = client.post_without_mark("/save", data={**SAVED, "needling": "20560"})
    again = client.post_without_mark("/save", data=SAVED)

    assert (200, 200) == (estimate, page)
    assert (503, True) == (refused.status_code, "We’re busy right now" in refused.text)
    assert int(refused.headers["Retry-After"]) > 0
    assert 201 == again.status_code


def test_eight_who_save_at_once_keep_nobody_waiting(engine: Engine, nobody: StaffClient) -> None:
    """Each gives up soon, so that the threads of the server are there for others."""
    started = monotonic()
    with held(engine), ThreadPoolExecutor(8) as threads:
        clients = [nobody.application.test_client() for _ in range(8)]
        refused = list(threads.map(lambda one: one.post_without_mark("/save", data=SAVED).status_code, clients))
    took = monotonic() - started

    assert [503] * 8 == refused
    assert took < MOST_SECONDS


def test_a_page_that_explains_what_was_entered_wrongly_does_not_blame_a_busy_database_on_it(
    engine: Engine, staff: Staff
) -> None:
    """A desk that keeps an estimate is told to try again, not to correct its request."""
    desk = staff("billing")
    form = {"case_label": "A-118", "request": json.dumps(REQUEST), "keep": "yes"}
    mark = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/staff/estimates/new").text)
    assert mark
    with held(engine):
        refused = desk.post_without_mark("/staff/estimates/new", data={**form, "csrf_token": mark[1]})

    assert (503, "5") == (refused.status_code, refused.headers["Retry-After"])
    assert 303 == desk.post("/staff/estimates/new", data=form).status_code
