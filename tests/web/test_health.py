"""What watches the service is told whether it lives, whether it is ready, and in figures how it does."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing import health
from estimator.billing.health import Check
from estimator.billing.sent_schedules import send_schedule
from estimator.billing.worker import note_alive
from estimator.clock import now_utc
from estimator.db.connection import writing
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests.billing.test_schedules import rows
from tests.web.kept_plans import shelf_like

TOKEN = "a token of this test"
ASKED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def own(kept_file: Path, tmp_path: Path) -> Shelf:
    """A database of this test alone."""
    return shelf_like(kept_file, tmp_path)


@pytest.fixture
def watcher(own: Shelf, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of an app whose figures are opened by a token."""
    monkeypatch.setenv("ESTIMATOR_METRICS_TOKEN", TOKEN)
    return create_app(own).test_client()


def failing(watcher: FlaskClient) -> set[str]:
    """Return what is said to be wrong."""
    answer = watcher.get("/readyz", headers=ASKED)
    found = {name for name, is_so in answer.json["checks"].items() if not is_so} if answer.json else {"no answer"}
    assert (503 if found else 200) == answer.status_code
    return found


def test_a_service_with_all_that_it_needs_is_ready(watcher: FlaskClient, own: Shelf) -> None:
    """In a word for anybody, in detail for those who have the token."""
    without = failing(watcher)
    note_alive(own.engine, "one:1", now_utc())
    answer = watcher.get("/readyz")

    assert {Check.WORKER} == without
    assert (200, "ready\n") == (answer.status_code, answer.text)
    assert set() == failing(watcher)


def test_pages_can_do_without_a_worker(watcher: FlaskClient) -> None:
    """So what spreads requests over machines need not take them all away."""
    assert [503, 200] == [watcher.get(address).status_code for address in ("/readyz", "/readyz?without=worker")]


def test_a_database_that_another_writer_holds_is_not_writable(
    watcher: FlaskClient, own: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process lives on, and is ready again by itself."""
    monkeypatch.setattr("estimator.web.app._MOST_WAIT_MS", 50)
    note_alive(own.engine, "one:1", now_utc())
    with writing(own.engine) as connection:
        connection.execute(text("SELECT 1"))
        held = failing(watcher)
        lives = watcher.get("/livez").text

    assert {Check.WRITABLE} == held
    assert "ok\n" == lives
    assert set() == failing(watcher)


def test_a_full_disk_and_tables_of_another_version_are_told(
    watcher: FlaskClient, own: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by its name."""
    note_alive(own.engine, "one:1", now_utc())
    with monkeypatch.context() as patched:
        patched.setattr(health, "LEAST_FREE_BYTES", 10**18)
        full = failing(watcher)
    with writing(own.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        connection.commit()

    assert {Check.DISK} == full
    assert {Check.MIGRATED, Check.WORKER} == failing(watcher)


def test_an_app_in_memory_has_neither_disk_nor_worker(client: FlaskClient) -> None:
    """A folder of plans on a person's own machine."""
    assert "ready\n" == client.get("/readyz").text


def test_without_the_token_there_are_no_figures(watcher: FlaskClient, client: FlaskClient) -> None:
    """Nor where no token is set at all."""
    statuses = [watcher.get("/metrics", headers=sent).status_code for sent in ({}, {"Authorization": "Bearer x"})]

    assert [404, 404] == statuses
    assert 404 == client.get("/metrics", headers={"Authorization": "Bearer "}).status_code


def figures(watcher: FlaskClient) -> dict[str, str]:
    """Return each figure by its name and labels."""
    answer = watcher.get("/metrics", headers=ASKED)
    assert 200 == answer.status_code
    return dict(re.findall(r"^estimator_(\S+) (\S+)$", answer.text, re.MULTILINE))


def test_figures_count_what_waits_and_what_is_kept(watcher: FlaskClient, own: Shelf) -> None:
    """And nothing of what anybody typed: routes are rules."""
    add_account(own.engine, "ana", Role.BILLING, "four blue herons")
    send_schedule(own.engine, rows(3), Person(1, "ana", "billing"))
    note_alive(own.engine, "one:1", now_utc())
    watcher.get("/saved/MARKER7431")
    found = figures(watcher)

    assert "3.0" == found["schedule_rows_waiting"]
    assert "0.0" == found["schedule_rows_set_aside"] == found["estimates_saved"]
    assert 100 < float(found["plans_active"])
    assert float(found["worker_age_seconds"]) < 60
    assert float(found['request_seconds_count{method="GET",route="/saved/<link>",status="404"}']) >= 1
    assert "0.0" == found['import_problems{source="folder"}']
    assert not [name for name in found if "MARKER7431" in name]
