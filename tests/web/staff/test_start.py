"""The first page after the sign-in leads to the work that is under way."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from estimator.billing.watch import Found, watch
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


def test_a_draft_is_a_link_for_whoever_may_open_it(staff: Staff, engine: Engine) -> None:
    """Others read on the page of plans that there is one."""
    revision = Shelf(engine).history(PLAN)[0].id
    draft = staff("rules").post(f"/staff/plans/{PLAN}/drafts", data={"revision": str(revision)}).location
    reader, keeper = (staff(role).get("/staff/plans/").text for role in ("viewer", "rules"))

    assert (False, True) == (draft in reader, draft in keeper)
    assert f"{PLAN} from" in reader
