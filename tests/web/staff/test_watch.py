"""The page of the watch: what was found last, by job, and a button for those who keep the rules."""

from collections.abc import Callable

from sqlalchemy import Engine

from estimator.billing.watch import JOBS, Found, watch
from estimator.web.staff.start import HEADINGS
from tests.web.staff.conftest import StaffClient

Staff = Callable[[str], StaffClient]


def test_every_job_has_its_heading() -> None:
    """No page shows a name of the code."""
    assert set(JOBS) == set(HEADINGS)


def test_the_page_shows_what_was_found_last(staff: Staff, engine: Engine) -> None:
    """As text, and says where nothing needs anybody, and where a job failed."""

    def fails(watched: object) -> list[Found]:
        raise ValueError("a lost file")

    before = staff("viewer").get("/staff/watch/").text
    watch(engine, {"ended-plans": lambda _: [Found("<b>elm</b>", "It ended.")], "open-proposals": lambda _: []})
    page = staff("viewer").get("/staff/watch/").text
    watch(engine, {"stale-sources": fails})

    assert "Nobody has looked yet." in before
    assert ("&lt;b&gt;elm&lt;/b&gt;" in page, "Nobody has to answer a proposal." in page) == (True, True)
    assert "did not come to its end: ValueError: a lost file" in staff("viewer").get("/staff/watch/").text


def test_only_those_who_keep_the_rules_may_look_now(staff: Staff) -> None:
    """A viewer sees no button, and is refused without one."""
    assert ("Look now" in staff("viewer").get("/staff/watch/").text) is False
    assert 403 == staff("viewer").post("/staff/watch/").status_code
    assert 303 == staff("rules").post("/staff/watch/").status_code
