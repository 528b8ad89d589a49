"""A clinic's schedule: read, kept, answered row by row, and sorted by what needs action.

No column asks for a name, a member number or a birth date: a row is known by a label of the clinic's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, and_, bindparam, delete, func, insert, select, update

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import Person
from estimator.clock import now_utc, today
from estimator.db.connection import reading, writing
from estimator.db.tables import next_id, schedule_rows, schedules
from estimator.engine.answer import Estimate, LineEstimate, Status
from estimator.engine.findings import NotInScope
from estimator.engine.log import ConditionKind, CrossingKind
from estimator.engine.plan import Plan
from estimator.engine.prices import ClinicPrices
from estimator.engine.request import IN_NETWORK, PHYSICAL_THERAPIST
from estimator.errors import (
    EstimatorError,
    NoPrice,
    PlanFileRefused,
    PlanNotInForce,
    Problem,
    Refused,
    RequestRefused,
    UnknownPlan,
    UnknownSchedule,
    UnknownZip,
)
from estimator.estimates.contract import read_request
from estimator.estimates.run import Plans, estimate_asked
from estimator.plans.shelf import Shelf, network_meant, visit_limits
from estimator.prices.books import Prices
from estimator.prices.clinic_lists import clinic_prices
from estimator.prices.spreadsheet import sheet_rows, shown
from estimator.prices.store import active_prices

Cells = Mapping[str, str]

_SERVICE = re.compile(r"(?P<code>[A-Za-z0-9]{5})(?::(?P<minutes>\d{1,4})|[xX](?P<units>\d{1,3}))?")
_BETWEEN = re.compile(r"[\s,;+]+")
_YES = {"yes": True, "y": True, "no": False, "n": False}
_NOT_SAID = ("", "unknown", "?")


class Column(NamedTuple):
    """A column: its name in the header, where its problems come from in the request, what it says, and an example."""

    name: str
    paths: tuple[str, ...]
    says: str
    example: str = ""


COLUMNS = (
    Column("label", (), "A label of your own for the row. Never a name, a member number or a birth date.", "A-17"),
    Column("plan", ("plan",), "Needed. The id of a plan.", "template-employer-ppo"),
    Column("zip", ("zip", "locality", "state"), "Needed. The ZIP code of the clinic.", "98101"),
    Column("first_day", ("course.first_day", "visits"), "Needed. The day of the visit, or of the first.", "2026-12-01"),
    Column("visits", ("course.visits",), "How many visits; 1 where it is left empty.", "12"),
    Column("per_week", ("course.per_week",), "Visits a week; 1 where it is left empty.", "2"),
    Column(
        "services",
        ("course.each_visit",),
        "Needed. Codes of each visit, with minutes after a colon or units after an x.",
        "97110:30 97140:15 20561",
    ),
    Column("first_visit", ("course.first_visit",), "Codes of the first visit, where it differs.", "97161 20561"),
    Column(
        "provider", ("provider.type",), "Who treats: physical-therapist where it is left empty.", PHYSICAL_THERAPIST
    ),
    Column("network", ("provider.network",), "in-network where it is left empty.", IN_NETWORK),
    Column("setting", ("provider.setting",), "office or hospital-outpatient.", "office"),
    Column("diagnoses", ("diagnoses",), "ICD-10 codes, the first one primary.", "M54.50"),
    Column("age", ("person.age",), "In years.", "41"),
    Column("deductible_paid", ("used.deductible_paid",), "In dollars, this benefit year.", "600.00"),
    Column("out_of_pocket_paid", ("used.out_of_pocket_paid",), "In dollars, this benefit year.", "600.00"),
    Column("visits_used", ("used.limits",), "Therapy visits used this benefit year.", "4"),
    Column("authorization", ("authorization.on_file", "authorization"), "yes, no or unknown.", "yes"),
    Column("authorization_visits", ("authorization.visits",), "Visits that it grants.", "8"),
    Column("authorization_first_day", ("authorization.first_day",), "The first day it holds.", "2026-12-01"),
    Column("authorization_last_day", ("authorization.last_day",), "The last day it holds.", "2027-01-31"),
    Column("referral", ("referral",), "yes, no or unknown.", "unknown"),
    Column("consent", ("signed_consent",), "Whether a service-specific consent is signed: yes, no or unknown.", "no"),
)
NAMES = tuple(column.name for column in COLUMNS)
NEEDED = ("plan", "zip", "first_day", "services")


def request_of(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    """Return the request that a row makes; a plan tells its own network and the limits that earlier visits used."""
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
        "diagnoses": [code for code in _BETWEEN.split(cells["diagnoses"]) if code],
        "person": _said({"age": cells["age"]}),
        "used": _used(cells, plan),
        "authorization": _grant(cells),
        "referral": _said({"on_file": yes_or_no(cells["referral"])}),
        "signed_consent": yes_or_no(cells["consent"]),
        "course": _said(course),
    }
    return _said(request)


def column_of(path: str) -> str:
    """Return the column that a problem of the request belongs to; empty where it is about the row as a whole.

    >>> column_of("course.first_visit.1.minutes"), column_of("visits.0.services.1"), column_of("secondary")
    ('first_visit', 'services', '')
    """
    if ".services" in path:
        return "services"
    fitting = [
        (len(start), column.name)
        for column in COLUMNS
        for start in column.paths
        if path == start or path.startswith(f"{start}.")
    ]
    return max(fitting, default=(0, ""))[1]


def services_of(written: str) -> list[dict[str, str]]:
    """Read the codes of a visit; what is no code stays as it is, for the contract to refuse.

    >>> services_of("97110:30, 20561 97140x2")
    [{'code': '97110', 'minutes': '30'}, {'code': '20561'}, {'code': '97140', 'units': '2'}]
    """
    return [_service(word) for word in _BETWEEN.split(written) if word]


def yes_or_no(written: str) -> Any:
    """Return what an answer means; what is none stays as it is, for the contract to refuse."""
    plain = written.casefold()
    return None if plain in _NOT_SAID else _YES.get(plain, written)


def _service(word: str) -> dict[str, str]:
    read = _SERVICE.fullmatch(word)
    return {key: part for key, part in read.groupdict().items() if part} if read else {"code": word}


def _used(cells: Cells, plan: Plan | None) -> dict[str, Any]:
    visits = cells["visits_used"]
    limits = visit_limits(plan) if plan and visits else ()
    sums = {name: cells[name] for name in ("deductible_paid", "out_of_pocket_paid")}
    return _said({**sums, "limits": dict.fromkeys(limits, visits)})


def _grant(cells: Cells) -> dict[str, Any]:
    details = {name: cells[f"authorization_{name}"] for name in ("visits", "first_day", "last_day")}
    return _said({"on_file": yes_or_no(cells["authorization"]), **details})


def _said(written: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if value not in ("", None, {}, [])}


# ----------------------------------------------------------------------------
# A schedule as a clinic sends it, CSV or an Excel workbook, becomes rows with their lines.
#
# Only what keeps the whole file from being read is refused here; what is wrong with one row stays beside that row.
# ----------------------------------------------------------------------------

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
LONGEST_CELL = 500
_DIGITS_OF_A_ZIP = 5

Numbered = Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One visit or course of a schedule, with every column, and the line that it stood in."""

    line: int
    cells: Cells


def read_schedule(content: bytes, file: str) -> tuple[ScheduleRow, ...]:
    """Return the rows of a schedule; raise Refused with everything that keeps the file from being read."""
    if len(content) > MOST_BYTES:
        raise Refused((Problem("", f"Send at most {MOST_BYTES // 1_000_000} MB; this file is larger.", file),))
    rows, problems = sheet_rows(content, file)
    if problems:
        raise Refused(tuple(problems))
    if len(rows) < 2:
        words = f"Write a header with {', '.join(NEEDED)}, then one row a visit or a course."
        raise Refused((Problem("", words, file, 1),))
    (line, header), *below = rows
    columns = [name.strip().lower().replace(" ", "_") for name in header]
    if refused := [*_of_the_header(columns, file, line), *_of_the_rows(below, columns, file)]:
        raise Refused(tuple(refused))
    return tuple(ScheduleRow(number, _cells(columns, cells)) for number, cells in below)


def _of_the_header(columns: Sequence[str], file: str, line: int) -> list[Problem]:
    named = [name for name in columns if name]
    missing = [Problem(name, f"Add a column {name}.", file, line) for name in NEEDED if name not in named]
    known = ", ".join(NAMES)
    unknown = [
        Problem(shown(name), f"Take this column out; the columns are {known}.", file, line)
        for name in named
        if name not in NAMES
    ]
    twice = sorted({name for name in named if named.count(name) > 1 and name in NAMES})
    return [*missing, *unknown, *(Problem(name, f"Keep one column {name}.", file, line) for name in twice)]


def _of_the_rows(rows: Numbered, columns: Sequence[str], file: str) -> list[Problem]:
    if len(rows) > MOST_ROWS:
        return [Problem("", f"Send at most {MOST_ROWS:,} rows at once; this file has {len(rows):,}.", file)]
    problems = []
    for line, cells in rows:
        if extra := [cell for cell in cells[len(columns) :] if cell]:
            words = f"Write {len(columns)} cells; {shown(extra[0])} has no column. Quote a cell that holds a comma."
            problems.append(Problem("", words, file, line))
        if any(len(cell) > LONGEST_CELL for cell in cells):
            problems.append(Problem("", f"Write at most {LONGEST_CELL} characters in a cell.", file, line))
    return problems


def _cells(columns: Sequence[str], cells: Sequence[str]) -> Cells:
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    whole = {name: said.get(name, "") for name in NAMES}
    # A workbook takes 02134 for a number and drops its first digit.
    if whole["zip"].isdecimal():
        whole["zip"] = whole["zip"].zfill(_DIGITS_OF_A_ZIP)
    return whole


# ----------------------------------------------------------------------------
# One row of a schedule becomes an outcome: what is owed, what the clinic stands to lose, and what needs action.
#
# An outcome holds kinds and numbers, never sentences; the page has the words. It holds nothing about a person.
# ----------------------------------------------------------------------------

Outcome = Mapping[str, Any]

# What a row can need, the most pressing first.
KINDS = (
    "refused",
    "not-allowed-by-state",
    "authorization-missing",
    "referral-missing",
    "clinic-absorbs",
    "patient-billed",
    "authorization-ends",
    "limit-reached",
    "unknown-cover",
    "other-condition",
)
_NEEDS = {ConditionKind.AUTHORIZATION: "authorization-missing", ConditionKind.REFERRAL: "referral-missing"}
_LOOKED_UP = 1024
_POINTS = (CrossingKind.AUTHORIZATION_ENDS, CrossingKind.LIMIT_REACHED)
_STATUSES = {
    Status.PROVIDER_ABSORBS: "clinic-absorbs",
    Status.PATIENT_BILLED: "patient-billed",
    Status.UNKNOWN: "unknown-cover",
}


class Looked:
    """Plans as they are found once for many rows: the same plan on the same day is looked up no second time."""

    def __init__(self, plans: Plans) -> None:
        self.plan_from = plans.plan_from
        self.layers = plans.layers
        self.states = plans.states
        self.find = lru_cache(_LOOKED_UP)(plans.find)


@dataclass(frozen=True, slots=True)
class Books:
    """What every row rests on."""

    today: date
    plans: Looked
    clinic: ClinicPrices
    prices: Prices | None


def answer_row(cells: Cells, books: Books) -> Outcome:
    """Return the outcome of a row: amounts in cents and `needs`, or `refused` with a problem for each column."""
    try:
        plan = _plan(cells, books)
        asked = read_request(request_of(cells, plan), books.today)
        estimate, plan = estimate_asked(asked, books.plans, books.clinic, books.prices)
    except (RequestRefused, UnknownPlan, UnknownZip, PlanNotInForce, PlanFileRefused, NoPrice) as refused:
        return {"needs": [{"kind": "refused"}], "problems": _problems(refused)}
    typical = estimate.typical
    return {
        "plan": plan.title,
        "fingerprint": plan.fingerprint,
        "first_day": typical.visits[0].day.isoformat(),
        "visits": len(typical.visits),
        "first_visit": int(typical.visits[0].owes),
        "low": int(estimate.low.owes),
        "typical": int(typical.owes),
        "high": int(estimate.high.owes),
        "clinic_absorbs": int(typical.provider_absorbs),
        "needs": sorted(_needs(estimate), key=lambda need: KINDS.index(need["kind"])),
    }


def _plan(cells: Cells, books: Books) -> Plan | None:
    """Return the plan that a row names, where its name and its day can be read at all."""
    try:
        day = date.fromisoformat(cells["first_day"])
    except ValueError:
        return None  # The contract says what to write.
    return books.plans.find(cells["plan"], day) if cells["plan"] else None


def _needs(estimate: Estimate) -> Iterator[dict[str, Any]]:
    for condition in estimate.conditions:
        yield {
            "kind": _NEEDS.get(condition.needs, "other-condition"),
            "needs": condition.needs,
            "visit": condition.from_visit,
            "patient": int(condition.difference),
            "clinic": int(condition.clinic_difference),
        }
    for point in estimate.crossing_points:
        if point.kind in _POINTS:
            yield {"kind": point.kind, "visit": point.visit, "day": point.day.isoformat(), "subject": point.subject}
    yield from _unpaid(estimate)


def _unpaid(estimate: Estimate) -> Iterator[dict[str, Any]]:
    """Yield, once a code and kind, the lines that no plan pays, from the first visit on which that is so."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for visit in estimate.typical.visits:
        for line in visit.lines:
            kind = _kind_of(line)
            if kind:
                first = {"kind": kind, "code": line.code, "visit": visit.number, "amount": 0}
                found = seen.setdefault((kind, line.code), first)
                found["amount"] += int(line.provider_absorbs if kind == "clinic-absorbs" else line.owes)
    yield from seen.values()


def _kind_of(line: LineEstimate) -> str:
    if any(isinstance(step.finding, NotInScope) for step in line.steps):
        return "not-allowed-by-state"
    return _STATUSES.get(line.status, "")


def _problems(refused: EstimatorError) -> list[dict[str, str]]:
    match refused:
        case RequestRefused(problems=problems):
            return [{"column": column_of(each.path), "words": each.message} for each in problems]
        case UnknownPlan():
            return [{"column": "plan", "words": "Write the id of a plan that is here; the page of plans finds it."}]
        case UnknownZip():
            return [{"column": "zip", "words": "Check the ZIP code: Medicare’s list does not have it."}]
        case PlanNotInForce(first_day=first, last_day=last):
            until = f" to {last}" if last else " on"
            words = f"Write a day on which the plan holds, from {first}{until}, or another plan."
            return [{"column": "first_day", "words": words}]
        case PlanFileRefused():
            return [{"column": "plan", "words": "Correct the plan first: it cannot be read."}]
        case _:
            raise refused


# ----------------------------------------------------------------------------
# A schedule is kept, answered a few rows at a time, stopped, gone on with, and deleted.
#
# Whoever is stopped between two transactions has lost nothing: rows without an outcome are answered by the next one
# who goes on, and an outcome that is there is never written again.
# ----------------------------------------------------------------------------

KEPT_DAYS = 7
_AT_ONCE = 100


def send_schedule(engine: Engine, rows: Sequence[ScheduleRow], by: Person) -> int:
    """Keep the rows of a schedule, to be answered; return its id. What is older than its time is deleted."""
    now = now_utc()
    kept = [KeptRow(row.line, row.cells, None) for row in rows]
    with writing(engine) as connection:
        delete_schedules(connection, expired_ids(connection, now))
        number = insert_schedule(connection, by.name, now, now + timedelta(days=KEPT_DAYS), kept)
        note_done(connection, by=by.id, did="schedule-sent", subject=str(number), now=now)
        connection.commit()
    return number


def answer_some(engine: Engine, shelf: Shelf, schedule_id: int) -> bool:
    """Answer the next rows of a schedule that runs; tell whether there is more to do.

    Raises ClinicPricesRefused where the clinic's own prices cannot be read.
    """
    with reading(engine) as connection:
        schedule = find_schedule(connection, schedule_id)
        waiting = waiting_rows(connection, schedule_id, _AT_ONCE)
    if schedule is None or schedule.state != RUNNING:
        return False
    prices = active_prices(engine)
    books = Books(today(), Looked(shelf), clinic_prices(prices=prices), prices)
    outcomes = {row.line: answer_row(row.cells, books) for row in waiting}
    with writing(engine) as connection:
        if outcomes:
            keep_outcomes(connection, schedule_id, outcomes, now_utc())
        found = find_schedule(connection, schedule_id)
        if found and found.is_done:
            set_state(connection, schedule_id, DONE)
        connection.commit()
    return found is not None and not found.is_done


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
    """Return the schedules that are to be gone on with by whoever starts to work."""
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
    cells: Mapping[str, str]
    outcome: Mapping[str, Any] | None


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
    asked = select(columns.line, columns.cells, columns.outcome)
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
    change = update(schedule_rows).where(is_waiting).values(outcome=bindparam("found"), answered_at=now)
    connection.execute(change, [{"of_line": line, "found": dict(one)} for line, one in outcomes.items()])


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
