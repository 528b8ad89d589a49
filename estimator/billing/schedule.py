"""A clinic's schedule: kept, answered row by row, and sorted by what needs action.

No column asks for a name, a member number or a birth date: a row is known by a label of the clinic's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, and_, bindparam, delete, func, insert, select, update

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.billing.needs import KINDS, Thresholds, figures_of, needs_of, thresholds_set
from estimator.billing.needs import Looked as ToLookAt
from estimator.billing.schedule_cells import codes_of, column_of_limit, meant, services_of, time_of, yes_or_no
from estimator.billing.schedule_file import NAMES, Cells, ScheduleRow, can_identify, column_of, plain_header
from estimator.billing.worker import ENDED, FAILURES, MOST_TRIES, count_tries, patiently, reason_of, set_aside
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.db.tables import next_id, schedule_columns, schedule_rows, schedules
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.request import IN_NETWORK
from estimator.errors import (
    EstimatorError,
    NoPrice,
    PlanFileRefused,
    PlanNotInForce,
    Problem,
    Refused,
    RequestRefused,
    Stopped,
    UnknownPlan,
    UnknownSchedule,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.insurers.matching import find_insurer
from estimator.insurers.registry import Insurer, registry
from estimator.plans.shelf import PlanRow, Shelf, Wanted, network_meant
from estimator.prices.books import Prices, find_zip
from estimator.prices.store import active_prices, clinic_prices


def request_of(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    """Return the request that a row makes of cells as they are meant; a plan tells its networks and its limits."""
    course = {
        "first_day": cells["first_day"],
        "visits": cells["visits"] or "1",
        "per_week": cells["per_week"],
        "each_visit": services_of(cells["services"]),
        "first_visit": services_of(cells["first_visit"]),
    }
    network = cells["network"] or IN_NETWORK
    meant = network_meant(plan, network) if plan else network
    request = {
        "plan": cells["plan"],
        "zip": cells["zip"],
        "provider": _said({"type": cells["provider"], "network": meant, "setting": cells["setting"]}),
        "diagnoses": codes_of(cells["diagnoses"]),
        "person": _said({"age": cells["age"]}),
        "used": _used(cells, plan),
        "authorization": _authorization(cells),
        "referral": _said({"on_file": yes_or_no(cells["referral"])}),
        "signed_consent": yes_or_no(cells["consent"]),
        "course": _said(course),
    }
    return _said(request)


def _used(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    sums = {name: cells[name] for name in ("deductible_paid", "out_of_pocket_paid")}
    columns = {name: column_of_limit(limit, plan) for name, limit in plan.limits.items()} if plan else {}
    limits = {name: cells[column] for name, column in columns.items() if column}
    return _said({**sums, "limits": _said(limits)})


def _authorization(cells: Cells) -> dict[str, Any]:
    """Return the authorization on file with what of it is used, told as such, as visits left, or as visits of the year.

    Where only the visits of the year are told, they count against it: the need that comes of it says so.
    """
    details = {name: cells[f"authorization_{name}"] for name in ("visits", "units", "first_day", "last_day")}
    granted, left = cells["authorization_visits"], cells["authorization_left"]
    used = cells["authorization_used"]
    if not used and granted.isdecimal() and left.isdecimal():
        used = str(max(0, int(granted) - int(left)))
    elif not used and not granted and left:
        details["visits"] = left
    elif not used and granted.isdecimal() and cells["visits_used"].isdecimal():
        used = str(min(int(granted), int(cells["visits_used"])))
    counted = {"used_visits": used, "used_units": cells["authorization_units_used"]}
    return _said({"on_file": yes_or_no(cells["authorization"]), **details, **counted})


def _said(written: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if value not in ("", None, {}, [])}


# ----------------------------------------------------------------------------
# One row of a schedule becomes an outcome: what is owed, what the clinic stands to lose, and what needs action.
#
# An outcome holds kinds and numbers, never sentences; the page has the words. It holds nothing about a person.
# ----------------------------------------------------------------------------

Outcome = Mapping[str, Any]

_LOOKED_UP = 1024
_MOST_CHOICES = 12
# Kept with the cells of a row that says the same as an earlier one: that one's line.
_SAME_AS = "same_as"
_TOLD_APART_BY = ("label", "plan", "first_day", "time", "services")


class Looked:
    """Plans as they are found once for many rows: the same plan on the same day is looked up no second time."""

    def __init__(self, plans: Shelf) -> None:
        self.plan_from = plans.plan_from
        self.layers = plans.layers
        self.states = plans.states
        self.find = lru_cache(_LOOKED_UP)(plans.find)
        self.after = plans.after
        self.called = lru_cache(_LOOKED_UP)(lambda text, state, day: plans_called(plans, text, state, day))


@dataclass(frozen=True, slots=True)
class Books:
    """What every row rests on, and from when on the clinic wants to hear of something."""

    today: date
    plans: Looked
    clinic: ClinicPrices
    prices: Prices | None
    thresholds: Thresholds = field(default_factory=Thresholds)


def books_now(shelf: Shelf, prices: Prices | None) -> Books:
    """Return what rows rest on today: the clinic's own prices, and its settings of what it wants to hear of.

    Raises ClinicPricesRefused where the clinic's own prices cannot be read.
    """
    return Books(today(), Looked(shelf), clinic_prices(prices=prices), prices, thresholds_set())


def answer_rows(rows: Sequence[ScheduleRow], books: Books) -> Iterator[tuple[ScheduleRow, Outcome]]:
    """Yield every row with its outcome."""
    twice = duplicates(rows)
    for row in rows:
        yield row, answer_row(row.cells, books, twice.get(row.line))


def answer_row(cells: Cells, books: Books, same_as: int | None = None) -> Outcome:
    """Return the outcome of a row: amounts in cents and `needs`, or `refused` with a problem for each column.

    `problems` are questions about the row, and `read_as` says what a cell was taken for; `same_as` is the line of an
    earlier row that says the same.
    """
    outcome = _answer(cells, books)
    if same_as is None:
        return outcome
    return {**outcome, "needs": [*outcome["needs"], {"kind": "duplicate", "row": same_as}]}


def _answer(cells: Cells, books: Books) -> Outcome:
    row = meant(cells)
    asked_of = dict(row.asks)
    try:
        named = _named(row.cells, books)
        if isinstance(named, PlanQuestion):
            return _refused({"plan": named.says, **asked_of}, named.choices)
        if stopped := {column: words for column, words in asked_of.items() if column != "label"}:
            return _refused({**stopped, **asked_of})
        ready = {
            **row.cells,
            "plan": named.id if named else row.cells["plan"],
        }
        asked = read_request(request_of(ready, named), books.today)
        estimate, plan = estimate_asked(asked, books.plans, books.clinic, books.prices)
    except (RequestRefused, UnknownPlan, UnknownZip, PlanNotInForce, PlanFileRefused, NoPrice) as refused:
        problems = {each["column"]: each["words"] for each in reversed(_problems(refused))}
        if not row.cells["zip"]:
            problems = {"zip": "Enter the clinic's ZIP code here, or once in the clinic's settings."}
        return _refused({**problems, **asked_of})
    by_year = not (ready["authorization_used"] or ready["authorization_left"]) and bool(ready["visits_used"])
    needs = needs_of(ToLookAt(asked.request, plan, estimate, books.thresholds, by_year))
    typical, figures = estimate.typical, figures_of(estimate, needs)
    return {
        "plan": plan.title,
        "fingerprint": plan.fingerprint,
        "first_day": typical.visits[0].day.isoformat(),
        "time": time_of(cells),
        "visits": len(typical.visits),
        "first_visit": int(typical.visits[0].owes),
        "collect_today": figures.collect_today,
        "may_be_added": figures.may_be_added,
        "money_at_risk": figures.money_at_risk,
        "low": int(estimate.low.owes),
        "typical": int(typical.owes),
        "high": int(estimate.high.owes),
        "clinic_absorbs": int(typical.provider_absorbs),
        "needs": list(needs),
        "problems": [{"column": column, "words": words} for column, words in asked_of.items()],
        "read_as": {"plan": plan.id} if ready["plan"] != cells.get("plan", "") else {},
    }


def _refused(problems: Mapping[str, str], choices: Sequence[tuple[str, str]] = ()) -> Outcome:
    told: list[dict[str, Any]] = [{"column": column, "words": words} for column, words in problems.items()]
    for each in told:
        if each["column"] == "plan" and choices:
            each["choices"] = [list(choice) for choice in choices]
    return {"needs": [{"kind": "refused"}], "problems": told}


def _named(cells: Cells, books: Books) -> Plan | PlanQuestion | None:
    """Return the plan that a row names, or what is to be asked; None where its day can't be read or it names none."""
    try:
        day = date.fromisoformat(cells["first_day"])
    except ValueError:
        return None  # The contract says what to write.
    if not cells["plan"]:
        return None
    try:
        return books.plans.find(cells["plan"], day)
    except UnknownPlan:
        state = _state_of(cells["zip"], books)
        called = books.plans.called(cells["plan"], state, day)
        return called if isinstance(called, PlanQuestion) else books.plans.find(called, day)


def _state_of(zip_code: str, books: Books) -> str | None:
    try:
        return find_zip(zip_code, books.prices.zips if books.prices else None).state
    except UnknownZip:
        return None


# ----------------------------------------------------------------------------
# A plan by what a practice system calls it: its title, or its insurer's name.
# ----------------------------------------------------------------------------


def duplicates(rows: Sequence[ScheduleRow]) -> Mapping[int, int]:
    """Return by its line the row that says the same as an earlier one: its label, plan, day and services."""
    first: dict[tuple[str, ...], int] = {}
    found = {}
    for row in rows:
        same = tuple(row.cells.get(name, "").casefold() for name in _TOLD_APART_BY)
        if same[0] and first.setdefault(same, row.line) != row.line:
            found[row.line] = first[same]
    return found


class PlanQuestion(NamedTuple):
    """Why a name does not say which plan is meant, and the plans to choose from by id and title."""

    says: str
    choices: tuple[tuple[str, str], ...] = ()


def plans_called(shelf: Shelf, text: str, state: str | None, day: date) -> str | PlanQuestion:
    """Return the id of the one plan that a text means on a day, or what is to be asked.

    A title means its plan. An insurer's name means one only where it has a single market and a single plan: Original
    Medicare is one, UnitedHealthcare is not.
    """
    titled = [
        row for row in shelf.search(Wanted(text=_bare(text), day=day), _MOST_CHOICES) if _is_title(text, row.title)
    ]
    if len(titled) == 1:
        return titled[0].plan_id
    match = find_insurer(text, state)
    if match.insurer is None:
        names = "; ".join(choice.insurer.name for choice in match.choices)
        which = f"“{text[:60]}” can mean {names}. Enter which one." if names else ""
        return PlanQuestion(which or f"No plan is called “{text[:60]}”. Enter the id of a plan; Plans finds it.")
    insurer = match.insurer
    rows = [row for row in shelf.search(Wanted(state=state, day=day)) if _is_of(row, insurer, state)]
    if len(rows) == 1 and len(insurer.markets) == 1:
        return rows[0].plan_id
    choices = tuple((row.plan_id, row.title) for row in rows[:_MOST_CHOICES])
    if choices:
        return PlanQuestion(f"“{text[:60]}” is {insurer.name}. Which of its plans is it?", choices)
    typical = shelf.search(Wanted(kind="template", day=day), _MOST_CHOICES)
    says = f"“{text[:60]}” is {insurer.name}. None of its plans is here: choose a typical plan, or add the patient's."
    return PlanQuestion(says, tuple((row.plan_id, row.title) for row in typical))


def _is_title(text: str, title: str) -> bool:
    return _bare(text).casefold() == _bare(title).casefold()


def _bare(title: str) -> str:
    """Return a title without what stands in parentheses behind it."""
    return title.partition(" (")[0].strip()


def _is_of(row: PlanRow, insurer: Insurer, state: str | None) -> bool:
    return _insurer_called(row.payer, row.market, state) == insurer.id


@lru_cache(_LOOKED_UP)
def _insurer_called(payer: str, market: str, state: str | None) -> str:
    found = registry().of_plan(payer, market, state) or find_insurer(payer, state).insurer
    return found.id if found else ""


def _problems(refused: EstimatorError) -> list[dict[str, str]]:
    match refused:
        case RequestRefused(problems=problems):
            return [{"column": column_of(each.path), "words": each.message} for each in problems]
        case UnknownPlan():
            return [{"column": "plan", "words": "Enter the id of a plan that is here; the page of plans finds it."}]
        case UnknownZip():
            return [{"column": "zip", "words": "Check the ZIP code: Medicare’s list does not have it."}]
        case PlanNotInForce(first_day=first, last_day=last):
            until = f" to {last}" if last else " on"
            words = f"Enter a day on which the plan holds, from {first}{until}, or another plan."
            return [{"column": "first_day", "words": words}]
        case PlanFileRefused():
            return [{"column": "plan", "words": "Correct the plan first: it cannot be read."}]
        case _:
            raise refused


# ----------------------------------------------------------------------------
# A schedule is kept, answered a few rows at a time, stopped, gone on with, and deleted.
#
# A worker that is stopped between two transactions loses nothing: rows without an outcome are answered by the next one
# that goes on, and an outcome that is there is never written again.
# ----------------------------------------------------------------------------

KEPT_DAYS = 7
_AT_ONCE = 100


def send_schedule(engine: Engine, rows: Sequence[ScheduleRow], by: Person) -> int:
    """Keep the rows of a schedule, to be answered; return its id. What is older than its time is deleted."""
    now = now_utc()
    twice = duplicates(rows)
    kept = [
        KeptRow(row.line, {**row.cells, _SAME_AS: twice[row.line]} if row.line in twice else row.cells, None)
        for row in rows
    ]
    with writing(engine) as connection:
        delete_schedules(connection, expired_ids(connection, now))
        number = insert_schedule(connection, by.name, now, now + timedelta(days=KEPT_DAYS), kept)
        note_done(connection, by=by.id, did="schedule-sent", subject=str(number), now=now)
        connection.commit()
    return number


def answer_some(engine: Engine, shelf: Shelf, schedule_id: int, fill: Callable[[Cells], Cells] = dict) -> bool:
    """Answer the next rows of a schedule that runs; tell whether there is more to do.

    `fill` fills the cells of a row from its case.

    Raises ClinicPricesRefused where the clinic's own prices cannot be read.
    """
    waiting = patiently(lambda: _begun(engine, schedule_id))
    if waiting is None:
        return False
    books = books_now(shelf, active_prices(engine))
    outcomes = {row.line: _answered(row, books, fill) for row in waiting}
    return patiently(lambda: _kept(engine, schedule_id, outcomes))


def _begun(engine: Engine, schedule_id: int) -> Sequence[KeptRow] | None:
    """Return the rows to answer next, noted as begun; None where the schedule does not run."""
    with writing(engine) as connection:
        schedule = find_schedule(connection, schedule_id)
        if schedule is None or schedule.state != RUNNING:
            return None
        waiting = _next_rows(connection, schedule_id)
        count_tries(connection, schedule_id, [row.line for row in waiting])
        connection.commit()
    return waiting


def _kept(engine: Engine, schedule_id: int, outcomes: Mapping[int, Outcome]) -> bool:
    """Keep what rows came to; tell whether there is more to do."""
    with writing(engine) as connection:
        if outcomes:
            keep_outcomes(connection, schedule_id, outcomes, now_utc())
        found = find_schedule(connection, schedule_id)
        if found and found.is_done:
            set_state(connection, schedule_id, DONE)
        connection.commit()
    return found is not None and not found.is_done


def _next_rows(connection: Connection, schedule_id: int) -> Sequence[KeptRow]:
    """Return the rows to answer next; where a worker ended among them, one by itself, so that it is found out which."""
    waiting = waiting_rows(connection, schedule_id, _AT_ONCE)
    return waiting[:1] if waiting and waiting[0].tries else waiting


def _answered(row: KeptRow, books: Books, fill: Callable[[Cells], Cells]) -> Outcome:
    """Return the outcome of a row; one that fails in a way nobody foresaw is set aside with its reason."""
    if row.tries > MOST_TRIES:
        return set_aside(ENDED)
    try:
        return answer_row(fill(row.cells), books, row.cells.get(_SAME_AS))
    except (Stopped, *FAILURES) as failure:
        return set_aside(reason_of(failure))


def chosen_columns(engine: Engine) -> Mapping[str, str]:
    """Return our column for each column of the clinic's own files that somebody chose, by its name there."""
    with reading(engine) as connection:
        rows = connection.execute(select(schedule_columns.c.header, schedule_columns.c.mapping))
        return {row.header: row.mapping["column"] for row in rows if row.mapping.get("column")}


def choose_column(engine: Engine, header: str, column: str, by: Person) -> None:
    """Read a column of that name as ours from now on; with no column of ours, forget it.

    Raises Refused for a name that can hold who the patient is, and for a column that there is not.
    """
    name = plain_header(header)
    if not name or can_identify(header):
        raise Refused((Problem("header", "Enter the name of a column that can't tell who the patient is."),))
    if column and column not in NAMES:
        raise Refused((Problem("column", f"Choose one of {', '.join(NAMES)}."),))
    now = now_utc()
    with writing(engine) as connection:
        connection.execute(delete(schedule_columns).where(schedule_columns.c.header == name))
        if column:
            row = {"header": name, "mapping": {"column": column}, "account_id": by.id, "saved_at": now}
            connection.execute(insert(schedule_columns), row)
        note_done(connection, by=by.id, did="schedule-column", subject=column or "forgotten", now=now)
        connection.commit()


def change_row(engine: Engine, schedule_id: int, line: int, cells: Cells, outcome: Outcome) -> None:
    """Keep a row as somebody put it right, with its new outcome; the file need not be sent again."""
    columns = schedule_rows.c
    here = and_(columns.schedule_id == schedule_id, columns.line == line)
    with writing(engine) as connection:
        changed = update(schedule_rows).where(here)
        connection.execute(changed.values(cells=dict(cells), outcome=dict(outcome), answered_at=now_utc()))
        connection.commit()


def stop_schedule(engine: Engine, schedule_id: int) -> None:
    """Answer no more rows of a schedule until somebody goes on with it."""
    _set(engine, schedule_id, STOPPED)


def go_on_with(engine: Engine, schedule_id: int) -> None:
    """Let a stopped schedule run again."""
    _set(engine, schedule_id, RUNNING)


def delete_schedule(engine: Engine, schedule_id: int, by: Person) -> None:
    """Delete a schedule with everything that its rows say; raise UnknownSchedule where there is none."""
    with writing(engine) as connection:
        if find_schedule(connection, schedule_id) is None:
            raise UnknownSchedule(schedule_id)
        delete_schedules(connection, [schedule_id])
        note_done(connection, by=by.id, did="schedule-deleted", subject=str(schedule_id), now=now_utc())
        connection.commit()


def schedule_of(engine: Engine, schedule_id: int) -> tuple[Schedule, tuple[KeptRow, ...]]:
    """Return a schedule and its rows; raise UnknownSchedule where there is none, or its time is over."""
    with reading(engine) as connection:
        found = find_schedule(connection, schedule_id)
        rows = rows_of(connection, schedule_id)
    if found is None or found.expires_at <= now_utc():
        raise UnknownSchedule(schedule_id)
    return found, rows


def schedules_of(engine: Engine) -> tuple[Schedule, ...]:
    """Return the schedules whose time is not over, the newest first."""
    now = now_utc()
    with reading(engine) as connection:
        return tuple(one for one in find_schedules(connection) if one.expires_at > now)


def unfinished(engine: Engine) -> tuple[int, ...]:
    """Return the schedules that a worker goes on with when it starts."""
    with reading(engine) as connection:
        return running_ids(connection)


def _set(engine: Engine, schedule_id: int, state: str) -> None:
    with writing(engine) as connection:
        found = find_schedule(connection, schedule_id)
        if found is None:
            raise UnknownSchedule(schedule_id)
        if not found.is_done:
            set_state(connection, schedule_id, state)
        connection.commit()


# ----------------------------------------------------------------------------
# The rows of a schedule as a list of work: what needs action first, then by day; and what of it is wanted.
# ----------------------------------------------------------------------------

NOTHING, WAITING = "nothing", "waiting"
# Everything that a list can be narrowed to, the most pressing first.
STATES = (*KINDS, NOTHING, WAITING)


class Work(NamedTuple):
    """A row in the list; `state` is the most pressing thing that it needs, NOTHING or WAITING."""

    line: int
    cells: Mapping[str, str]
    outcome: Mapping[str, Any]
    state: str

    @property
    def day(self) -> date:
        """Return the day of the first visit, the earliest of all days where it cannot be read."""
        try:
            return date.fromisoformat(self.cells["first_day"])
        except ValueError:
            return date.min

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return all that the row needs."""
        return tuple(need["kind"] for need in self.outcome.get("needs", ())) or (self.state,)


def worklist(rows: Iterable[KeptRow]) -> tuple[Work, ...]:
    """Return the rows by what needs action and then by day."""
    return tuple(sorted(map(_work, rows), key=lambda work: (STATES.index(work.state), work.day, work.line)))


def narrowed(works: Sequence[Work], wanted: str) -> Sequence[Work]:
    """Return only those that need what is wanted, if anything is."""
    return [work for work in works if wanted in work.kinds] if wanted else works


def counts(work: Sequence[Work]) -> Mapping[str, int]:
    """Return how many rows need each thing, the most pressing first; a row that needs two counts for both."""
    counted = Counter(kind for one in work for kind in set(one.kinds))
    return {state: counted[state] for state in STATES if counted[state]}


def _work(row: KeptRow) -> Work:
    if row.outcome is None:
        return Work(row.line, row.cells, {}, WAITING)
    needs = row.outcome["needs"]
    return Work(row.line, row.cells, row.outcome, needs[0]["kind"] if needs else NOTHING)


# ----------------------------------------------------------------------------
# Schedules that a clinic sent: their rows, and the outcome of each, which is written once.
# ----------------------------------------------------------------------------

RUNNING, STOPPED, DONE = "running", "stopped", "done"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule: by whose account it was sent and when, how far it is, and when it is deleted by itself."""

    id: int
    sent_by: str
    sent_at: datetime
    expires_at: datetime
    state: str
    rows: int
    answered: int

    @property
    def is_done(self) -> bool:
        """Tell whether every row has its outcome."""
        return self.answered == self.rows


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of a schedule; `outcome` is None until it is answered."""

    line: int
    cells: Mapping[str, Any]
    outcome: Mapping[str, Any] | None
    tries: int = 0


def insert_schedule(
    connection: Connection, sent_by: str, now: datetime, expires_at: datetime, rows: Sequence[KeptRow]
) -> int:
    """Add a schedule with its rows; return its id."""
    number = next_id(connection, schedules)
    one = {"id": number, "sent_by": sent_by, "sent_at": now, "expires_at": expires_at, "state": RUNNING}
    connection.execute(insert(schedules), one)
    written = [{"schedule_id": number, "line": row.line, "cells": dict(row.cells)} for row in rows]
    connection.execute(insert(schedule_rows), written)
    return number


def find_schedule(connection: Connection, schedule_id: int) -> Schedule | None:
    """Return a schedule; None where there is none."""
    found = connection.execute(_schedules().where(schedules.c.id == schedule_id)).one_or_none()
    return _schedule(found) if found else None


def find_schedules(connection: Connection) -> tuple[Schedule, ...]:
    """Return every schedule, the newest first."""
    return tuple(map(_schedule, connection.execute(_schedules().order_by(schedules.c.id.desc()))))


def rows_of(connection: Connection, schedule_id: int) -> tuple[KeptRow, ...]:
    """Return every row of a schedule by its line."""
    columns = schedule_rows.c
    asked = select(columns.line, columns.cells, columns.outcome).where(columns.schedule_id == schedule_id)
    return tuple(KeptRow(*row) for row in connection.execute(asked.order_by(columns.line)))


def waiting_rows(connection: Connection, schedule_id: int, most: int) -> tuple[KeptRow, ...]:
    """Return the first rows that have no outcome yet."""
    columns = schedule_rows.c
    asked = select(columns.line, columns.cells, columns.outcome, columns.tries)
    asked = asked.where(columns.schedule_id == schedule_id, columns.answered_at.is_(None)).order_by(columns.line)
    return tuple(KeptRow(*row) for row in connection.execute(asked.limit(most)))


def keep_outcomes(
    connection: Connection, schedule_id: int, outcomes: Mapping[int, Mapping[str, Any]], now: datetime
) -> None:
    """Write the outcomes of rows by their lines; a row that has one keeps it."""
    columns = schedule_rows.c
    is_waiting = and_(
        columns.schedule_id == schedule_id, columns.line == bindparam("of_line"), columns.answered_at.is_(None)
    )
    found = {"outcome": bindparam("found"), "set_aside": bindparam("why"), "answered_at": now}
    change = update(schedule_rows).where(is_waiting).values(**found)
    written = [{"of_line": line, "found": dict(one), "why": one.get("set_aside")} for line, one in outcomes.items()]
    connection.execute(change, written)


def set_state(connection: Connection, schedule_id: int, state: str) -> None:
    """Let a schedule run, stop, or be done."""
    connection.execute(update(schedules).where(schedules.c.id == schedule_id).values(state=state))


def running_ids(connection: Connection) -> tuple[int, ...]:
    """Return the schedules that are not to stop before every row is answered."""
    return tuple(connection.scalars(select(schedules.c.id).where(schedules.c.state == RUNNING)))


def delete_schedules(connection: Connection, ids: Sequence[int]) -> None:
    """Delete schedules with all of their rows."""
    connection.execute(delete(schedule_rows).where(schedule_rows.c.schedule_id.in_(ids)))
    connection.execute(delete(schedules).where(schedules.c.id.in_(ids)))


def expired_ids(connection: Connection, now: datetime) -> tuple[int, ...]:
    """Return the schedules whose time is over."""
    return tuple(connection.scalars(select(schedules.c.id).where(schedules.c.expires_at <= now)))


def _schedules() -> Any:
    rows = func.count(schedule_rows.c.line)
    answered = func.count(schedule_rows.c.answered_at)
    asked = select(
        schedules.c.id,
        schedules.c.sent_by,
        schedules.c.sent_at,
        schedules.c.expires_at,
        schedules.c.state,
        rows.label("rows"),
        answered.label("answered"),
    )
    return asked.outerjoin(schedule_rows, schedule_rows.c.schedule_id == schedules.c.id).group_by(schedules.c.id)


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(**row._mapping)
