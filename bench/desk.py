"""A clinic with 20,000 cases, 60,000 payments and a day of 5,000 visits: how long each page and each row takes.

Run `make desk`. The database is a SQLite file made for it; the goal for each page is 300 ms, and nothing here
fails on time.
"""

from __future__ import annotations

import logging
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog
from flask.testing import FlaskClient
from sqlalchemy import URL, Engine, insert

CASES, ROWS, ANSWERED = 20_000, 5_000, 400
ROUNDS = 5
PLANS = ("template-employer-ppo", "template-employer-hmo", "original-medicare-2026", "template-employer-hdhp-hsa")
_ENTRIES_OF_A_CASE, _PAYMENTS_OF_A_CASE = 11, 3
_MARK = re.compile(r'name="csrf_token" value="([^"]+)"')


def main() -> None:
    """Print the median of each page over some rounds, by the clock and by the processor's own time."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        engine = _database(Path(folder))
        by = _fill(engine)
        number = _schedule(engine, by)
        client = _signed_in(engine)
        for name, ask in _pages(client, number):
            ask()
            times = [_milliseconds(ask) for _ in range(ROUNDS)]
            wall, cpu = (statistics.median(each) for each in zip(*times, strict=True))
            print(f"{name:<46} {wall:8,.0f} ms {cpu:8,.0f} ms")
            sys.stdout.flush()


def _pages(client: FlaskClient, schedule: int) -> Iterator[tuple[str, Callable[[], object]]]:
    def page(path: str) -> Callable[[], object]:
        def ask() -> None:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)

        return ask

    def act(line: int, **sent: str) -> Callable[[], object]:
        mark = _MARK.search(client.get("/staff/cases/new").text)
        assert mark

        def do() -> None:
            answer = client.post(f"/staff/today/{schedule}/{line}", data={"csrf_token": mark[1], **sent})
            assert answer.status_code == 303, answer.status_code

        return do

    for name, path in (
        ("work list, today", "/staff/today/"),
        ("work list, today, most at risk first", "/staff/today/?sort=risk"),
        ("work list, this week", "/staff/today/?span=week"),
        ("work list, one therapist", "/staff/today/?therapist=Therapist+3"),
        ("schedule, its first page", f"/staff/schedule/{schedule}"),
        ("schedules", "/staff/schedule/"),
        ("cases, the first page", "/staff/cases/"),
        ("cases that are closed", "/staff/cases/?state=closed"),
        ("cases, one therapist", "/staff/cases/?therapist=Therapist+3"),
        ("one case", "/staff/cases/777"),
        ("reports", "/staff/reports/"),
    ):
        yield name, page(path)
    yield "a note on a row, and its new answer", act(10, do="note", note="called")

    note, reports = act(11, do="note", note="called"), page("/staff/reports/")

    def after_a_note() -> None:
        note()
        reports()

    yield "a note on a row, and the reports after it", after_a_note


def _milliseconds(ask: Callable[[], object]) -> tuple[float, float]:
    """Return how long something takes by the clock, and how long the processor works on it."""
    begun, worked = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000


def _database(folder: Path) -> Engine:
    from estimator.db.connection import engine_at
    from estimator.plans.folder import library
    from estimator.publishing.database import fill_from_folder, prepare
    from estimator.settings import plans_folder

    engine = engine_at(URL.create("sqlite", database=str(folder / "estimator.db")))
    prepare(engine)
    fill_from_folder(engine, library(plans_folder()))
    return engine


def _fill(engine: Engine) -> Any:
    """Add the cases, each with its care, what was used, an authorization and some visits."""
    from estimator.accounts.accounts import add_account
    from estimator.accounts.roles import Role
    from estimator.accounts.store import find_account
    from estimator.clock import now_utc, today
    from estimator.db.connection import reading, writing
    from estimator.db.tables import case_entries, cases

    add_account(engine, "ana", Role.BILLING, "four blue herons")
    with reading(engine) as connection:
        by = find_account(connection, name="ana")
    assert by
    chance, now, day = random.Random(7), now_utc(), today()
    opened, entries = [], []
    for number in range(1, CASES + 1):
        plan, therapist = chance.choice(PLANS), f"Therapist {chance.randrange(12)}"
        named = {"plan_id": plan, "therapist": therapist, "location": "Riverside"}
        one = {"id": number, "label": f"A-{number}", "opened_at": now, "state": "open", "merged_into": None}
        opened.append({**one, **named, "entries": _ENTRIES_OF_A_CASE})
        for place, (kind, days, content) in enumerate(_story(plan, therapist, chance, day), 1):
            written = {"case_id": number, "number": place, "kind": kind, "content": content, "corrects": None}
            when = {"day": day - timedelta(days=days), "account_id": by.id, "entered_at": now}
            entries.append({"id": len(entries) + 1, **written, **when})
    with writing(engine) as connection:
        connection.execute(insert(cases), opened)
        connection.execute(insert(case_entries), entries)
        connection.commit()
    return by


def _story(plan: str, therapist: str, chance: random.Random, day: date) -> Iterator[tuple[str, int, dict[str, Any]]]:
    care = {"plan": plan, "zip": "98101", "services": "97110:30 97140:15", "visits": "12", "per_week": "2"}
    yield "care", 40, {**care, "therapist": therapist, "location": "Riverside", "referral": "yes"}
    yield "stated", 40, {"visits_used": str(chance.randrange(18)), "kx_dollars_used": f"{chance.randrange(2500)}.00"}
    last = (day + timedelta(days=chance.randrange(60))).isoformat()
    yield "grant", 40, {"status": "approved", "visits": chance.randrange(5, 14), "last_day": last, "number": "G"}
    for place in range(_ENTRIES_OF_A_CASE - _PAYMENTS_OF_A_CASE - 3):
        yield "visit", 35 - 6 * place, {"services": "97110:30 97140:15", "allowed": [6000, 3000], "source": "hand"}
    for place in range(_PAYMENTS_OF_A_CASE):
        [why] = chance.choices((("PR", "3"), ("CO", "97"), ("CO", "197")), (80, 15, 5))
        off = [["CO", "45", 4000], [*why, 2000]]
        sums = {"charge": 13000, "paid": 7000, "patient": 2000}
        yield "paid", 30 - 6 * place, {"payer": f"Payer {chance.randrange(9)}", **sums, "lines": [], "adjustments": off}


def _schedule(engine: Engine, by: Any) -> int:
    """Send a day of visits, have some rows answered by the worker, and give the others the same outcomes."""
    from estimator.billing.case_visits import from_cases
    from estimator.billing.clinic import clinic_now
    from estimator.billing.schedule import books_now
    from estimator.billing.schedule_file import NAMES, ScheduleRow
    from estimator.billing.sent_schedules import (
        Answered,
        answer_some,
        keep_outcomes,
        schedule_of,
        send_schedule,
        set_state,
    )
    from estimator.clock import now_utc, today
    from estimator.db.connection import writing
    from estimator.plans.shelf import Shelf
    from estimator.prices.store import active_prices

    day = today()
    rows = [
        ScheduleRow(
            line,
            dict.fromkeys(NAMES, "")
            | {"label": f"A-{line}", "first_day": f"{day.month}/{day.day}/{day.year} {8 + line % 9}:{line % 6}0 AM"}
            | {"therapist": f"Therapist {line % 12}", "location": "Riverside"},
        )
        for line in range(1, ROWS + 1)
    ]
    number = send_schedule(engine, rows, by)
    books = books_now(Shelf(engine), active_prices(engine))
    fill = from_cases(books, clinic_now().habits)
    wall, cpu = _milliseconds(lambda: [answer_some(engine, books, number, fill) for _ in range(ANSWERED // 100)])
    print(f"{'':<46} {'clock':>11} {'processor':>11}")
    print(f"{'the worker, a row with its case':<46} {wall / ANSWERED:8,.1f} ms {cpu / ANSWERED:8,.1f} ms")
    outcomes = [row.outcome for row in schedule_of(engine, number)[1] if row.outcome]
    with writing(engine) as connection:
        others = rows[len(outcomes) :]
        same = {row.line: Answered(row.cells, outcomes[row.line % len(outcomes)]) for row in others}
        keep_outcomes(connection, number, same, now_utc())
        set_state(connection, number, "done")
        connection.commit()
    return number


def _signed_in(engine: Engine) -> FlaskClient:
    from estimator.accounts.sign_in import begin_session
    from estimator.accounts.store import find_account
    from estimator.db.connection import reading, writing
    from estimator.plans.shelf import Shelf
    from estimator.web import create_app
    from estimator.web.staff.common import KEY

    app = create_app(Shelf(engine))
    with reading(engine) as connection:
        account = find_account(connection, name="ana")
    assert account
    with writing(engine) as connection:
        key = begin_session(connection, account)
        connection.commit()
    client = app.test_client()
    with client.session_transaction(path="/staff/") as session:
        session[KEY] = key
    return client


if __name__ == "__main__":
    main()
