"""With a folder of plans and no database, the staff pages work on a database in memory."""

from contextlib import redirect_stdout
from datetime import date
from io import StringIO

import pytest
import time_machine
from flask import Flask
from structlog.testing import capture_logs

from estimator.billing.jobs import jobs_of
from estimator.plans.shelf import Shelf
from estimator.publishing.drafts import draft_of
from estimator.settings import plans_folder
from estimator.web import create_app
from estimator.web.app import prepare_plans
from tests.web.conftest import TODAY
from tests.web.staff.conftest import PASSWORD, StaffClient
from tests.web.staff.test_plans import version

NOW = f"{TODAY}T12:00:00Z"
PLAN = "template-employer-ppo"
PAGES = ("", "plans/", "accounts/", "prices/", "calls/", "estimates/", "schedule/", "authorization", "watch/", "log/")


@pytest.fixture(scope="module")
def started() -> tuple[Shelf, str]:
    """The plans as `estimator serve` reads them with ESTIMATOR_PLANS set, and the link that it prints, not logs."""
    printed = StringIO()
    with pytest.MonkeyPatch.context() as environment, capture_logs() as logged, time_machine.travel(NOW):
        environment.setenv("ESTIMATOR_PLANS", str(plans_folder()))
        with redirect_stdout(printed):
            plans = prepare_plans()
    link = printed.getvalue().split()[-1]
    assert link not in str(logged)
    return plans, link


@pytest.fixture(scope="module")
def admin(started: tuple[Shelf, str]) -> StaffClient:
    """A browser of the first administrator, who set a password by the link and signed in."""
    plans, link = started
    app: Flask = create_app(plans)
    app.test_client_class = StaffClient
    client = app.test_client()
    assert isinstance(client, StaffClient)
    with time_machine.travel(NOW):
        client.post(link, data={"password": PASSWORD, "again": PASSWORD})
        client.post("/staff/sign-in", data={"name": "admin", "password": PASSWORD})
    return client


@pytest.mark.parametrize("place", PAGES)
def test_every_staff_page_opens(admin: StaffClient, place: str) -> None:
    """For the administrator whom the log lets in."""
    assert 200 == admin.get(f"/staff/{place}").status_code


def test_a_plan_is_changed_for_as_long_as_the_program_runs(admin: StaffClient, started: tuple[Shelf, str]) -> None:
    """Drafted, saved and published as in any database; the file stays as it is."""
    plans, _ = started
    before = next(one for one in plans.history(PLAN) if one.first_day <= date(2026, 3, 2))
    draft = admin.post(f"/staff/plans/{PLAN}/drafts", data={"revision": str(before.id)}).location
    text = draft_of(plans.engine, int(draft.rpartition("/")[2])).text.replace('title: "', 'title: "Our ', 1)
    admin.post(draft, data={"text": text, "version": version(admin.get(draft).text)})
    data = {"version": version(admin.get(draft).text), "note": "A title of ours"}
    published = admin.post(f"{draft}/publish", data=data)

    assert 303 == published.status_code
    assert f"Our {before.title}" == plans.find(PLAN, date(2026, 3, 2)).title
    assert before.title == plans.folder.read_file(plans.folder.folder / "templates" / "employer-ppo.yaml").plan.title


def test_jobs_are_done_in_a_thread(started: tuple[Shelf, str]) -> None:
    """No worker in another process could see what is in memory."""
    assert jobs_of(started[0].engine).queue is None


def test_nothing_is_saved_that_would_not_outlast_the_program(admin: StaffClient) -> None:
    """Patients are offered no link to their estimate."""
    answer = admin.post("/estimate", data={"zip": "98101", "plan": PLAN, "visits": "4"})

    assert 200 == answer.status_code
    assert "/save" not in answer.text
    assert 404 == admin.get("/saved/some-link").status_code
