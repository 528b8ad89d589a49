"""The worker lives in the database, is started again when it ends, and sets aside what it cannot answer."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any, NoReturn

import pytest
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.billing import sent_schedules, worker
from estimator.billing.jobs import answer_schedule
from estimator.billing.schedule import Outcome, books_now
from estimator.billing.schedule_file import ScheduleRow
from estimator.billing.sent_schedules import answer_some, schedule_of, send_schedule
from estimator.billing.worker import (
    ENDED,
    LATE,
    MOST_TRIES,
    beating,
    is_alive,
    last_alive,
    note_alive,
    patiently,
    rows_set_aside,
    worker_beside,
)
from estimator.errors import Cause, DatabaseUnavailable
from estimator.plans.shelf import Shelf
from tests.billing.test_schedules import ANA, cells, rows
from tests.db.sample import drafts, published

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
PATIENCE = 20
SECRET = "MARKER7431"


@pytest.fixture
def desk(database: Engine) -> Engine:
    """A database with a few plans, and somebody who sends schedules."""
    published(database, drafts())
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    return database


def test_a_worker_is_alive_for_as_long_as_it_says_so(database: Engine) -> None:
    """One that was killed says nothing any more."""
    before = is_alive(database, NOW)
    note_alive(database, "one:1", NOW - timedelta(seconds=30))
    note_alive(database, "one:1", NOW)

    assert not before
    assert NOW == last_alive(database)
    assert (True, False) == (is_alive(database, NOW), is_alive(database, NOW + LATE))


def test_a_worker_that_was_not_seen_for_a_day_is_forgotten(database: Engine) -> None:
    """Each start has another name."""
    note_alive(database, "one:1", NOW - timedelta(days=2))
    note_alive(database, "one:2", NOW - timedelta(days=1, seconds=1))

    assert NOW - timedelta(days=1, seconds=1) == last_alive(database)


def test_a_process_that_works_says_so_at_once(database: Engine) -> None:
    """And goes on doing so beside its work."""
    with beating(database):
        until(lambda: last_alive(database) is not None)

    assert last_alive(database)


def test_a_row_that_fails_is_set_aside_and_the_others_go_on(desk: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reason, in which nothing of the row stands."""
    answer = sent_schedules.answer_row

    def failing(row: Mapping[str, str], *more: Any) -> Outcome:
        return {}[SECRET] if row["label"] == SECRET else answer(row, *more)

    monkeypatch.setattr(sent_schedules, "answer_row", failing)
    sent = send_schedule(desk, [*rows(3), ScheduleRow(9, cells(label=SECRET))], ANA)
    answer_schedule(desk, sent)
    kept, answered = schedule_of(desk, sent)
    [one] = rows_set_aside(desk, 5)

    assert ("done", 4) == (kept.state, kept.answered)
    assert (sent, 9) == (one.schedule_id, one.line)
    assert one.reason.startswith("KeyError")
    assert one.reason in str(answered[-1].outcome)
    assert SECRET not in str(answered[-1].outcome)


def test_a_row_that_ends_the_worker_each_time_is_found_and_set_aside(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that takes all memory would: the process ends, and nobody hears why."""
    answer = sent_schedules.answer_row

    def killing(row: Mapping[str, str], *more: Any) -> Outcome:
        if row["label"] == SECRET:
            raise KeyboardInterrupt
        return answer(row, *more)

    monkeypatch.setattr(sent_schedules, "answer_row", killing)
    sent = send_schedule(desk, [*rows(2), ScheduleRow(9, cells(label=SECRET)), *rows(12)[8:]], ANA)
    ends = 0
    for _ in range(3 * MOST_TRIES):
        try:
            answer_schedule(desk, sent)
            break
        except KeyboardInterrupt:
            ends += 1
    [one] = rows_set_aside(desk, 5)

    assert (MOST_TRIES + 1, "done") == (ends, schedule_of(desk, sent)[0].state)
    assert (9, ENDED) == (one.line, one.reason)


def test_a_database_that_is_busy_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is lost, and none is answered twice."""
    monkeypatch.setattr(worker, "_PAUSES", (0, 0))
    tries = iter([True, True, False])

    def act() -> str:
        if next(tries):
            raise DatabaseUnavailable("here", "locked", Cause.BUSY)
        return "done"

    assert "done" == patiently(act)


def test_a_database_that_stays_away_stops_the_schedule(desk: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody goes on with it, once it is back."""
    monkeypatch.setattr(worker, "_PAUSES", (0,))

    def unavailable(*_: object) -> NoReturn:
        raise DatabaseUnavailable("here", "full", Cause.FULL)

    sent = send_schedule(desk, rows(2), ANA)
    with monkeypatch.context() as patched:
        patched.setattr(sent_schedules, "keep_outcomes", unavailable)
        answer_schedule(desk, sent)
    stopped = schedule_of(desk, sent)[0].state
    sent_schedules.go_on_with(desk, sent)
    while answer_some(desk, books_now(Shelf(desk), None), sent):
        pass

    assert ("stopped", "done") == (stopped, schedule_of(desk, sent)[0].state)
    assert [] == rows_set_aside(desk, 5)


def test_a_worker_that_ends_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it ended; and it ends with the pages."""
    monkeypatch.setattr(worker, "_SHORTEST_PAUSE", 0)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        started.append(process)
        return process

    with worker_beside(start):
        until(lambda: len(started) == 1)
        started[0].kill()
        until(lambda: len(started) == 2)
        is_running = started[1].poll() is None

    assert is_running
    assert 0 == started[1].returncode


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    last = monotonic() + PATIENCE
    while not is_so():
        assert monotonic() < last
        sleep(0.05)
