"""A schedule is kept, answered a few rows at a time, stopped, gone on with, and deleted.

Whoever is stopped between two transactions has lost nothing: rows without an outcome are answered by the next one who
goes on, and an outcome that is there is never written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing import stored_schedules as store
from estimator.billing.schedule_answering import Books, Looked, answer_row
from estimator.billing.schedule_reading import Row
from estimator.billing.stored_schedules import KeptRow, Schedule
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.errors import UnknownSchedule
from estimator.plans.shelf import Shelf
from estimator.prices.clinic_lists import clinic_prices
from estimator.prices.store import active_prices

KEPT_DAYS = 7
_AT_ONCE = 100


def send_schedule(engine: Engine, rows: Sequence[Row], by: Person) -> int:
    """Keep the rows of a schedule, to be answered; return its id. What is older than its time is deleted."""
    now = now_utc()
    kept = [KeptRow(row.line, row.cells, None) for row in rows]
    with writing(engine) as connection:
        store.delete_schedules(connection, store.expired_ids(connection, now))
        number = store.insert_schedule(connection, by.name, now, now + timedelta(days=KEPT_DAYS), kept)
        note_done(connection, by=by.id, did="schedule-sent", subject=str(number), now=now)
        connection.commit()
    return number


def answer_some(engine: Engine, shelf: Shelf, schedule_id: int) -> bool:
    """Answer the next rows of a schedule that runs; tell whether there is more to do.

    Raises ClinicPricesRefused where the clinic's own prices cannot be read.
    """
    with reading(engine) as connection:
        schedule = store.find_schedule(connection, schedule_id)
        waiting = store.waiting_rows(connection, schedule_id, _AT_ONCE)
    if schedule is None or schedule.state != store.RUNNING:
        return False
    prices = active_prices(engine)
    books = Books(today(), Looked(shelf), clinic_prices(prices=prices), prices)
    outcomes = {row.line: answer_row(row.cells, books) for row in waiting}
    with writing(engine) as connection:
        if outcomes:
            store.keep_outcomes(connection, schedule_id, outcomes, now_utc())
        found = store.find_schedule(connection, schedule_id)
        if found and found.is_done:
            store.set_state(connection, schedule_id, store.DONE)
        connection.commit()
    return found is not None and not found.is_done


def stop_schedule(engine: Engine, schedule_id: int) -> None:
    """Answer no more rows of a schedule until somebody goes on with it."""
    _set(engine, schedule_id, store.STOPPED)


def go_on_with(engine: Engine, schedule_id: int) -> None:
    """Let a stopped schedule run again."""
    _set(engine, schedule_id, store.RUNNING)


def delete_schedule(engine: Engine, schedule_id: int, by: Person) -> None:
    """Delete a schedule with everything that its rows say; raise UnknownSchedule where there is none."""
    with writing(engine) as connection:
        if store.find_schedule(connection, schedule_id) is None:
            raise UnknownSchedule(schedule_id)
        store.delete_schedules(connection, [schedule_id])
        note_done(connection, by=by.id, did="schedule-deleted", subject=str(schedule_id), now=now_utc())
        connection.commit()


def schedule_of(engine: Engine, schedule_id: int) -> tuple[Schedule, tuple[KeptRow, ...]]:
    """Return a schedule and its rows; raise UnknownSchedule where there is none, or its time is over."""
    with reading(engine) as connection:
        found = store.find_schedule(connection, schedule_id)
        rows = store.rows_of(connection, schedule_id)
    if found is None or found.expires_at <= now_utc():
        raise UnknownSchedule(schedule_id)
    return found, rows


def schedules_of(engine: Engine) -> tuple[Schedule, ...]:
    """Return the schedules whose time is not over, the newest first."""
    now = now_utc()
    with reading(engine) as connection:
        return tuple(one for one in store.find_schedules(connection) if one.expires_at > now)


def unfinished(engine: Engine) -> tuple[int, ...]:
    """Return the schedules that are to be gone on with by whoever starts to work."""
    with reading(engine) as connection:
        return store.running_ids(connection)


def _set(engine: Engine, schedule_id: int, state: str) -> None:
    with writing(engine) as connection:
        found = store.find_schedule(connection, schedule_id)
        if found is None:
            raise UnknownSchedule(schedule_id)
        if not found.is_done:
            store.set_state(connection, schedule_id, state)
        connection.commit()
