"""The nightly watch, on both databases: each job finds what it looks for, and one that fails stops no other."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.billing.alerts import kept_alerts
from estimator.billing.cases import open_case
from estimator.billing.jobs import jobs_of
from estimator.billing.watch import JOBS, Found, Watched, changed_estimates, failed, failing_examples, last_watch, watch
from estimator.clock import now_utc, today
from estimator.errors import UnknownZip
from estimator.estimates import saved as saved_module
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import save_estimate
from estimator.plans.crosswalk import Crosswalk
from estimator.plans.shelf import Draft, Shelf
from estimator.prices.store import Kind
from estimator.publishing.official_tables import activate_crosswalk
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.billing.test_cases import ANA, LIMITED, cells
from tests.db.sample import CATALOGUE, definition, drafts, published
from tests.publishing.test_price_lists import published as published_list

REQUEST = {"plan": "plan-0", "visits": [{"day": "2026-03-02", "services": [{"code": "97110", "allowed": "100.00"}]}]}
MANY = 50


def found(engine: Engine, job: str) -> list[tuple[str, str]]:
    """Return what one job finds."""
    [report] = watch(engine, {job: JOBS[job]}).reports
    assert "" == report["failed"]
    return [(subject, says) for subject, says in report["found"]]


def saved(engine: Engine, request: dict[str, Any] = REQUEST) -> None:
    """Keep an estimate as a patient does."""
    shelf = Shelf(engine)
    estimate, plan = estimate_asked(read_request(request, today()), shelf)
    save_estimate(shelf, {}, request, answer_json(answer_of(estimate, plan, {})), 30, now_utc())


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


def test_a_plan_whose_year_ends_within_60_days_without_a_successor_is_named(database: Engine) -> None:
    """On the sixtieth day before, and not the day before; a revision, an id, a crosswalk or its own file names one."""
    real = {"kind": "published"}
    followed = [Draft(definition("birch", **real)), Draft(definition("birch", **real, **_next()))]
    renamed = [Draft(definition("cedar-2026", **real)), Draft(definition("cedar-2027", **real, **_next()))]
    moved = [Draft(definition("h0001-001-0-al", **real)), Draft(definition("h0002-003-0-al", **real, **_next()))]
    lost = [Draft(definition("h0001-002-0-al", **real)), Draft(definition("h0001-004-0-al", **real))]
    alone = [Draft(definition("alder", **real)), Draft(definition("fictional"))]
    named = [Draft(definition("fir", successor="larch", **real)), Draft(definition("larch", **real, **_next()))]
    of_december = [
        Draft(definition("ash-2025", **real, in_force={"first_day": "2025-12-01", "last_day": "2026-11-30"})),
        Draft(definition("ash-2026", **real, in_force={"first_day": "2026-12-01", "last_day": "2027-11-30"})),
    ]
    published(database, [*alone, *followed, *renamed, *moved, *named, *of_december])
    published(database, lost, CATALOGUE)
    steps = {"h0001-001": ("h0002-003",), "h0001-002": ("-",), "h0001-004": ("h0009-001",)}
    crosswalk = Crosswalk(file="crosswalk.txt", market="medicare-advantage", year=2027, rows=3, steps=steps)
    activate_crosswalk(database, crosswalk)
    with time_machine.travel("2026-10-31T12:00:00Z"):
        too_early = found(database, "ending-plans")
    with time_machine.travel("2026-11-01T12:00:00Z"):
        soon = dict(found(database, "ending-plans"))

    assert [] == too_early
    assert {"alder", "h0001-002-0-al", "h0001-004-0-al"} == soon.keys()
    assert soon["alder"].endswith("ends on 2026-12-31, and no plan follows. Roll it into the next year.")
    assert soon["h0001-002-0-al"].endswith("By the official crosswalk it ends, and its members are moved nowhere.")
    assert "The official crosswalk names H0009-001" in soon["h0001-004-0-al"]


def test_many_plans_of_a_catalogue_that_end_soon_are_counted(database: Engine) -> None:
    """Nobody rolls thousands of plans by hand."""
    many = [Draft(definition(f"plan-{number}", kind="published")) for number in range(MANY)]
    published(database, many, CATALOGUE)
    with time_machine.travel("2026-12-01T12:00:00Z"):
        [(subject, says)] = found(database, "ending-plans")

    assert CATALOGUE.origin == subject
    assert f"The year of {MANY} plans ends by 2026-12-31. Import the files of the next year." == says


def test_prices_that_end_soon_are_to_be_renewed(database: Engine) -> None:
    """The next year's fee schedule as long as it is only proposed, and rows of the clinic's lists."""
    rows = "code,amount,basis,first_day,last_day\n97110,50.00,per-unit,,2026-12-31\n97140,50.00,per-unit,,2027-06-30\n"
    published_list(database, Kind.SELF_PAY, rows)
    with time_machine.travel("2026-10-31T12:00:00Z"):
        too_early = found(database, "prices-to-renew")
    with time_machine.travel("2026-12-01T12:00:00Z"):
        soon = dict(found(database, "prices-to-renew"))

    assert [] == too_early
    assert "no final price book yet" in soon["Medicare’s fee schedule of 2027"]
    assert "1 prices end on 2026-12-31, with nothing after. Enter new ones." == soon["self-pay list"]


@pytest.mark.slow_for("postgresql")
def test_an_example_that_comes_out_otherwise_is_told(filled: Engine) -> None:
    """With the file and the line of what it expected; those that ship all hold."""
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


def test_saved_estimates_are_opened_a_few_at_a_time(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told, the oldest first, and no more of them are in memory than are opened at once."""
    monkeypatch.setattr(saved_module, "_OPEN_AT_ONCE", 2)
    opened: list[object] = []
    read = saved_module._saved
    monkeypatch.setattr(saved_module, "_saved", lambda row: opened.append(row) or read(row))
    published(database, drafts("40.00"))
    for _ in range(5):
        saved(database)
    seen = []
    for one in saved_module.each_saved(database, now_utc()):
        seen.append((one.created_at, len(opened)))

    assert sorted(seen) == seen
    assert [2, 2, 4, 4, 5] == [number for _, number in seen]


def test_a_saved_estimate_that_crosses_into_a_year_without_rules_is_told(database: Engine) -> None:
    """It will change once they are known; one within the plan's year is not told."""
    services = REQUEST["visits"][0]["services"]
    with time_machine.travel("2026-12-01T12:00:00Z"):
        published(database, drafts("40.00"))
        saved(database, {"plan": "plan-0", "visits": [{"day": "2026-12-21", "services": services}]})
        within = found(database, "changed-estimates")
        crossing = [{"day": day, "services": services} for day in ("2026-12-21", "2027-01-04")]
        saved(database, {"plan": "plan-0", "visits": crossing})
        [(_, says)] = found(database, "changed-estimates")

    assert [] == within
    assert "Saved on 2026-12-01: its visits in 2027 rest on the rules of the year before." == says


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
    with time_machine.travel("2026-10-25T12:00:00Z"):
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


def test_alerts_on_cases_keep_to_the_days_that_the_clinic_counts(
    database: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A clinic whose payers take six weeks hears of a renewal that much sooner."""
    published(database, [Draft(definition("limited", **LIMITED))])
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    grant = {"authorization": "yes", "authorization_visits": "8"}
    (tmp_path / "clinic.json").write_text('{"turnaround_days": 30}', "utf-8")
    with time_machine.travel("2026-10-01T12:00:00Z"):
        open_case(database, "A-1", cells(visits_used="0", kx_dollars_used="0", **grant), ANA)
        usual = found(database, "case-alerts")
        monkeypatch.setenv("ESTIMATOR_CLINIC", str(tmp_path / "clinic.json"))
        slow = found(database, "case-alerts")

    assert [0, 1] == [len(usual), len(slow)]
    assert ["renew"] == [alert.kind for alert in kept_alerts(database)]
