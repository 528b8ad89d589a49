"""The nightly watch, on both databases: each job finds what it looks for, and one that fails stops no other."""

from collections.abc import Iterable
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.billing.jobs import jobs_of
from estimator.billing.watch import JOBS, Found, Watched, changed_estimates, failed, failing_examples, last_watch, watch
from estimator.clock import now_utc, today
from estimator.errors import UnknownZip
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import save_estimate
from estimator.plans.shelf import Draft, Shelf
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.db.sample import CATALOGUE, definition, drafts, published

REQUEST = {"plan": "plan-0", "visits": [{"day": "2026-03-02", "services": [{"code": "97110", "allowed": "100.00"}]}]}
MANY = 50


def found(engine: Engine, job: str) -> list[tuple[str, str]]:
    """Return what one job finds."""
    [report] = watch(engine, {job: JOBS[job]}).reports
    assert "" == report["failed"]
    return [(subject, says) for subject, says in report["found"]]


def saved(engine: Engine) -> None:
    """Keep an estimate as a patient does."""
    shelf = Shelf(engine)
    estimate, plan = estimate_asked(read_request(REQUEST, today()), shelf)
    save_estimate(shelf, {}, REQUEST, answer_json(answer_of(estimate, plan, {})), 30, now_utc())


def test_a_source_that_was_read_more_than_a_year_ago_is_to_be_read_again(database: Engine) -> None:
    """A year and a day, and not a year; the plan's own sources and those that plans share."""
    with time_machine.travel("2026-01-02T12:00:00Z"):
        published(database, [Draft({**definition(), "title": "x"}, "x.yaml", text=_text())])
    with time_machine.travel("2027-01-02T12:00:00Z"):
        before = [subject for subject, _ in found(database, "stale-sources")]
    with time_machine.travel("2027-01-03T12:00:00Z"):
        after = dict(found(database, "stale-sources"))

    assert "by-hand" not in before
    assert "“Booklet” was read on 2026-01-02, more than a year ago: read it again." == after["by-hand"]
    with time_machine.travel("2030-01-01T12:00:00Z"):
        assert "shared sources" in dict(found(database, "stale-sources"))


def test_a_plan_that_has_ended_is_named_and_a_catalogue_is_counted(database: Engine) -> None:
    """The day after its last; a plan whose next year is there has not ended."""
    goes_on = [Draft(definition("birch")), Draft(definition("birch", **_next()))]
    under_another_id = [Draft(definition("cedar-2026")), Draft(definition("cedar-2027", **_next()))]
    published(database, [Draft(definition("alder")), *goes_on, *under_another_id])
    published(database, drafts(number=MANY), CATALOGUE)
    with time_machine.travel("2026-12-31T12:00:00Z"):
        on_the_last_day = found(database, "ended-plans")
    with time_machine.travel("2027-01-01T12:00:00Z"):
        after = found(database, "ended-plans")

    assert [] == on_the_last_day
    assert {"alder", CATALOGUE.origin} == {subject for subject, _ in after}
    assert f"{MANY} plans have ended." in dict(after)[CATALOGUE.origin]


def test_an_example_that_comes_out_otherwise_is_told(filled: Engine) -> None:
    """With the file and the line of what it expected; those that ship all hold."""
    assert [] == found(filled, "failing-examples")
    wrong = _text() + _EXAMPLE
    published(filled, [Draft({**definition("by-hand")}, "by-hand.yaml", text=wrong)])

    [(subject, says)] = found(filled, "failing-examples")
    assert "by-hand" == subject
    assert says.startswith("by-hand.yaml:")


def test_a_saved_estimate_that_would_change_is_told(database: Engine) -> None:
    """From and to what; nothing of the person is in it."""
    published(database, drafts("40.00"))
    saved(database)
    same = found(database, "changed-estimates")
    published(database, drafts("55.00"))

    assert [] == same
    [(_, says)] = found(database, "changed-estimates")
    assert says.endswith("as $40.00: today it would be $55.00.")


def test_a_job_that_fails_says_why_and_stops_no_other(database: Engine) -> None:
    """What it had found until then stays."""

    def breaks(watched: Watched) -> Iterable[Found]:
        yield Found("a", "b")
        raise UnknownZip("00000")

    run = watch(database, {"breaks": breaks, "failing-examples": failing_examples, "changed": changed_estimates})

    assert ["breaks"] == failed(run)
    assert [["a", "b"]] == run.reports[0]["found"]
    assert "UnknownZip" in run.reports[0]["failed"]
    assert ["", ""] == [report["failed"] for report in run.reports[1:]]


def test_what_was_found_last_is_kept(database: Engine) -> None:
    """Whether a person or the night looked."""
    assert None is last_watch(database)
    run = watch(database)

    assert run == last_watch(database)
    assert list(JOBS) == [report["job"] for report in run.reports]


def test_the_worker_looks_every_night(database: Engine) -> None:
    """Once, at a quarter past eight in UTC."""
    jobs = jobs_of(database)
    with time_machine.travel("2026-11-25T08:15:00Z"):
        due = [task.name for task in jobs.queue.read_periodic(now_utc().replace(tzinfo=None))]
    with time_machine.travel("2026-11-25T08:16:00Z"):
        not_due = jobs.queue.read_periodic(now_utc().replace(tzinfo=None))

    assert (["watch"], []) == (due, not_due)


@pytest.mark.parametrize("job", JOBS)
def test_no_job_finds_anything_in_an_empty_database(database: Engine, job: str) -> None:
    """And none fails there."""
    with time_machine.travel("2026-11-25T12:00:00Z"):
        assert [] == found(database, job)


def _next() -> dict[str, Any]:
    return {"in_force": {"first_day": "2027-01-01", "last_day": "2027-12-31"}}


def _text() -> str:
    return """plan: by-hand
title: By hand
payer: Evergreen Health
kind: example
market: marketplace
in_force: {first_day: 2026-01-01, last_day: 2026-12-31}
benefit_year: calendar
sources:
  eoc: {title: Booklet, url: none, read_on: 2026-01-02, confidence: high}
networks:
  in-network: {deductible: none, out_of_pocket_max: none}
benefits:
  physical-therapy:
    services: [pt-timed]
    cost_share:
      in-network: {copay: 40.00, deductible: waived, cite: eoc p. 12}
policies: [marketplace-dry-needling]
"""


_EXAMPLE = """examples:
  - name: Not what it comes to
    given: {visits: {count: 2, services: [97110], allowed: 100.00}}
    expect:
      patient_owes: 79.00
"""
