"""Schedules in the database: every row is answered once, no matter which process is stopped or killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest
import time_machine
from sqlalchemy import URL, Engine, select

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing.jobs import answer_schedule, jobs_of
from estimator.billing.schedule import books_now
from estimator.billing.schedule_file import NAMES, ScheduleRow
from estimator.billing.sent_schedules import (
    KEPT_DAYS,
    Answered,
    answer_some,
    change_row,
    delete_schedule,
    go_on_with,
    keep_outcomes,
    schedule_of,
    schedules_of,
    send_schedule,
    stop_schedule,
    unfinished,
)
from estimator.billing.worker import rows_set_aside, set_aside
from estimator.clock import now_utc
from estimator.db.connection import reading, writing
from estimator.db.tables import schedule_rows
from estimator.errors import UnknownSchedule
from estimator.plans.shelf import Shelf
from tests.db.sample import drafts, published

PATIENCE = 60
ANA = Person(1, "ana", "billing")


def rows(number: int) -> list[ScheduleRow]:
    """Return rows of which every seventh names a plan that there is not."""
    return [ScheduleRow(line, cells(plan="nowhere" if line % 7 == 0 else "plan-0")) for line in range(2, number + 2)]


def cells(**said: str) -> dict[str, str]:
    """Return the cells of a row that asks for one visit."""
    asked = {"plan": "plan-0", "zip": "98101", "first_day": "2026-03-02", "services": "97110:30"}
    return dict.fromkeys(NAMES, "") | asked | said


@pytest.fixture
def desk(database: Engine) -> Engine:
    """A database with a few plans, and somebody who sends schedules."""
    published(database, drafts())
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    return database


def kinds(engine: Engine, schedule_id: int) -> list[str]:
    """Return how each row ended, in the order of lines."""
    _, kept = schedule_of(engine, schedule_id)
    return ["answered" if "typical" in (row.outcome or {}) else "refused" for row in kept]


def expected(number: int) -> list[str]:
    return ["refused" if line % 7 == 0 else "answered" for line in range(2, number + 2)]


def test_every_row_gets_its_own_answer(desk: Engine) -> None:
    """A row that cannot be answered says why and stops no other."""
    sent = send_schedule(desk, rows(60), ANA)
    answer_schedule(desk, sent)
    schedule, kept = schedule_of(desk, sent)

    assert ("done", 60, 60) == (schedule.state, schedule.rows, schedule.answered)
    assert expected(60) == kinds(desk, sent)
    assert 4000 == (kept[0].outcome or {})["typical"]


def test_an_outcome_is_written_once(desk: Engine) -> None:
    """Two workers on one schedule do no harm: the second finds the rows taken."""
    sent = send_schedule(desk, rows(3), ANA)
    with time_machine.travel("2026-11-25T08:00:00Z", tick=False):
        answer_some(desk, books_now(Shelf(desk), None), sent)
    with time_machine.travel("2026-11-25T09:00:00Z", tick=False):
        again = answer_some(desk, books_now(Shelf(desk), None), sent)
    with reading(desk) as connection:
        answered = {moment.hour for moment in connection.scalars(select(schedule_rows.c.answered_at))}

    assert not again
    assert {8} == answered


def test_a_schedule_that_is_stopped_waits_until_somebody_goes_on(desk: Engine) -> None:
    """What was answered stays, and the rest comes later."""
    sent = send_schedule(desk, rows(220), ANA)
    answer_some(desk, books_now(Shelf(desk), None), sent)
    stop_schedule(desk, sent)
    answer_schedule(desk, sent)
    stopped = schedule_of(desk, sent)[0]
    waiting = unfinished(desk)
    go_on_with(desk, sent)
    answer_schedule(desk, sent)

    assert ("stopped", 100) == (stopped.state, stopped.answered)
    assert () == waiting
    assert expected(220) == kinds(desk, sent)


def test_a_schedule_is_deleted_when_its_time_is_over(desk: Engine) -> None:
    """It cannot be opened from then on, and the next one that is sent takes it away."""
    with time_machine.travel("2026-11-25T08:00:00Z"):
        sent = send_schedule(desk, rows(2), ANA)
    with time_machine.travel(f"2026-12-{25 + KEPT_DAYS - 30 + 1:02}T08:00:00Z"):
        with pytest.raises(UnknownSchedule):
            schedule_of(desk, sent)
        send_schedule(desk, rows(1), ANA)
        with reading(desk) as connection:
            left = len(connection.execute(select(schedule_rows)).all())

    assert 1 == left


def test_a_schedule_can_be_deleted_at_any_time(desk: Engine) -> None:
    """Nothing of it stays."""
    sent = send_schedule(desk, rows(2), ANA)
    delete_schedule(desk, sent, ANA)
    with reading(desk) as connection:
        assert [] == connection.execute(select(schedule_rows)).all()

    assert () == schedules_of(desk)
    assert not answer_some(desk, books_now(Shelf(desk), None), sent)


@pytest.mark.slow_for("postgresql")
@pytest.mark.parametrize("many", [300, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_worker_that_is_killed_in_the_middle_leaves_the_rest_to_the_next(desk: Engine, many: int) -> None:
    """All rows go through the queue, and every one has exactly one answer."""
    sent = send_schedule(desk, rows(many), ANA)
    jobs_of(desk).answer_schedule(sent)
    with worker(desk.url) as first:
        until(lambda: 0 < schedules_of(desk)[0].answered, first)
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)
    before = schedule_of(desk, sent)[0].answered
    with worker(desk.url) as second:
        until(lambda: schedules_of(desk)[0].is_done, second)

    assert 0 < before < many
    assert expected(many) == kinds(desk, sent)


@contextmanager
def worker(address: URL) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker as the product does, and end it as a service would."""
    named = {**os.environ, "DATABASE_URL": address.render_as_string(hide_password=False)}
    command = [sys.executable, "-m", "estimator", "work", "--with-parent"]
    with subprocess.Popen(command, env=named, stdin=subprocess.PIPE) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def until(is_so: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something is so, while a process lives."""
    last = monotonic() + PATIENCE
    while not is_so():
        assert process.poll() is None
        assert monotonic() < last
        sleep(0.1)


def test_a_row_that_was_set_aside_is_not_once_somebody_put_it_right(desk: Engine) -> None:
    """It counts no longer among the rows that could not be answered."""
    sent = send_schedule(desk, rows(1), ANA)
    with writing(desk) as connection:
        keep_outcomes(connection, sent, {2: Answered(cells(), set_aside("KeyError"))}, now_utc())
        connection.commit()
    before = len(rows_set_aside(desk, 5))
    change_row(desk, sent, 2, cells(), books_now(Shelf(desk), None), dict)

    assert (1, []) == (before, rows_set_aside(desk, 5))
