"""The first page after the sign-in leads to the work that is under way."""

from collections.abc import Callable
from typing import NoReturn

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.billing import sent_schedules
from estimator.billing.jobs import answer_schedule
from estimator.billing.watch import Found, watch
from estimator.billing.worker import note_alive
from estimator.clock import now_utc
from estimator.plans.shelf import Shelf
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient
from tests.web.staff.test_schedule import DAY, sent

Staff = Callable[[str], StaffClient]
PLAN = "evergreen-ppo-silver"


def links(client: StaffClient) -> list[str]:
    """Return where the page leads below its heading of work under way."""
    *under_way, _what_can_be_done = page_of(client.get("/staff/").text).all("ul", class_="tasks")
    return [link.attributes["href"] for tasks in under_way for link in tasks.all("a")]


def test_nothing_under_way_takes_no_room(staff: Staff) -> None:
    """A clinic's first day shows what can be done, and no empty list."""
    assert [] == links(staff("admin"))


@pytest.mark.parametrize(("role", "work"), [("viewer", ""), ("billing", "s"), ("rules", "d"), ("admin", "sd")])
def test_each_role_sees_the_work_that_it_may_open(staff: Staff, engine: Engine, role: str, work: str) -> None:
    """A schedule for the desk, a draft for the rule book; every link opens."""
    schedule = sent(staff("billing"), DAY)
    revision = Shelf(engine).history(PLAN)[0].id
    draft = staff("rules").post(f"/staff/plans/{PLAN}/drafts", data={"revision": str(revision)}).location
    found = links(staff(role))

    assert [{"s": schedule, "d": draft}[each] for each in work] == found
    assert {200} >= {staff(role).get(link).status_code for link in found}


def test_what_the_watch_found_is_counted(staff: Staff, engine: Engine) -> None:
    """And where it found nothing, nothing is said."""
    watch(engine, {"ended-plans": lambda _: [Found("elm", "It ended.")] * 2, "open-proposals": lambda _: []})
    page = page_of(staff("viewer").get("/staff/").text)

    assert "Watch Plans that have ended: 2" == page.one("ul", class_="tasks").text


def test_a_draft_is_a_link_for_anyone_who_may_open_it(staff: Staff, engine: Engine) -> None:
    """Others read on the page of plans that there is one."""
    revision = Shelf(engine).history(PLAN)[0].id
    draft = staff("rules").post(f"/staff/plans/{PLAN}/drafts", data={"revision": str(revision)}).location
    reader, keeper = (staff(role).get("/staff/plans/").text for role in ("viewer", "rules"))

    assert (False, True) == (draft in reader, draft in keeper)
    assert f"{PLAN} from" in reader


def test_a_worker_that_is_not_running_is_told(staff: Staff, engine: Engine) -> None:
    """With when it was last seen; one that runs is a line at the end."""
    never = staff("viewer").get("/staff/").text
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False) as clock:
        note_alive(engine, "one:1", now_utc())
        alive = staff("viewer").get("/staff/").text
        clock.shift(600)
        late = staff("viewer").get("/staff/").text

    assert "The worker isn’t running: not seen for a day" in never
    assert "The worker was last seen Nov 23, 2026, 12:00:00 UTC" in alive
    assert "The worker isn’t running: last seen Nov 23, 2026, 12:00 UTC" in late


def test_rows_that_were_set_aside_are_told_to_the_desk(
    staff: Staff, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason; other roles see none."""

    def failing(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(sent_schedules, "answer_row", failing)
    number = int(sent(staff("billing"), DAY).rpartition("/")[2].partition("?")[0])
    answer_schedule(engine, number)
    pages = [staff(role).get("/staff/").text for role in ("billing", "viewer")]

    assert ["ZeroDivisionError" in page for page in pages] == [True, False]
    assert f"Schedule {number}, line 2" in pages[0]
