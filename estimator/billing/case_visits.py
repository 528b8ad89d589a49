"""A visit of a case: what a row of the schedule takes from the case that has its label, and the visit done.

So one visit of today is judged as visit N of its course, without anybody typing it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from estimator.accounts.sign_in import Person
from estimator.billing.alerts import Found, look_at
from estimator.billing.authorization_answer import Habits
from estimator.billing.cases import (
    CARE_CELLS,
    STATED_CELLS,
    VISIT,
    Case,
    CaseEntry,
    NewEntry,
    add_entries,
    add_worked_out,
    case_now,
    labels_of,
    open_case_labeled,
    open_cases,
    standing,
)
from estimator.billing.schedule import RENEW_BY, Books, Outcome, answer_row, request_of
from estimator.billing.schedule_cells import meant, services_of
from estimator.billing.schedule_file import NAMES, Cells, ScheduleRow
from estimator.billing.sent_schedules import change_row, day_of_row, kept_ids
from estimator.db.connection import reading
from estimator.db.tables import schedule_rows
from estimator.engine.plan import Measure
from estimator.engine.values import Money
from estimator.errors import Problem, RequestRefused, Stopped
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked, find_plan
from estimator.estimates.saved import AsItWas
from estimator.estimates.totals import totals_alone

SCHEDULE, BY_HAND = "schedule", "hand"
_OF_SERVICES = ("services", "units", "minutes")
# What a row says about its own visit; everything else is the case's, where the row leaves it empty.
_OWN = ("label", "status", "first_day", "time", "visits", "per_week", "first_visit")


def cells_of_case(found: Found) -> Cells:
    """Return the columns of a schedule that a case fills on its day: its care, what is used, and its authorization.

    Beside them stands the day by which to send a renewal, where it has come and visits are planned beyond the grant.
    """
    now = found.now
    codes = {service["code"] for service in services_of(now.care["services"])}
    resting = {each.entry for each in now.grants if not each.grant.codes or each.grant.codes & codes}
    due = (each.content for each in found.alerts if each.kind == "renew")
    renew = next((content["act_by"] for content in due if content["entry"] in resting), "")
    cells = {**dict.fromkeys(NAMES, ""), **now.care, **_used(found), **_authorization(found), "visits": "1"}
    return {**cells, RENEW_BY: renew} if renew else cells


def filled_from_case(row: Cells, case: Cells) -> Cells:
    """Return a row whose empty columns are those of its case; what the row says goes first."""
    filled = {name: row.get(name, "") or ("" if name in _OWN else case[name]) for name in NAMES}
    if row.get("authorization") or row.get("authorization_visits"):
        # Somebody wrote about the authorization in the row: the case's is not mixed with it.
        filled |= {name: row.get(name, "") for name in NAMES if name.startswith("authorization")}
    elif RENEW_BY in case:
        filled[RENEW_BY] = case[RENEW_BY]
    return {**filled, **{name: value for name, value in row.items() if name not in filled}}


def _used(found: Found) -> Mapping[str, str]:
    """Return what is used, by column; the higher count where two limits share one."""
    used: dict[str, tuple[int, bool]] = {}
    for counter in found.counters:
        if counter.column and counter.used is not None and used.get(counter.column, (-1, False))[0] < counter.used:
            used[counter.column] = counter.used, counter.measure == Measure.DOLLARS
    return {column: str(Money(number)) if is_money else str(number) for column, (number, is_money) in used.items()}


def _authorization(found: Found) -> Mapping[str, str]:
    grant = found.grant
    if not grant.on_file:
        return {} if grant.on_file is None else {"authorization": "no"}
    days = {
        "authorization_first_day": grant.valid.first_day,
        "authorization_last_day": grant.valid.last_day,
    }
    numbers = {
        "authorization_visits": grant.visits,
        "authorization_used": grant.used_visits,
        "authorization_units": grant.units,
        "authorization_units_used": grant.used_units if grant.units is not None else None,
    }
    written = {name: str(value) for name, value in {**days, **numbers}.items() if value is not None}
    codes = {"authorization_codes": " ".join(sorted(grant.codes))} if grant.codes else {}
    return {"authorization": "yes", **written, **codes}


class Matched(NamedTuple):
    """A row with the case that has its label, None where none has, filled from it."""

    row: ScheduleRow
    found: Found | None


def with_cases(rows: Iterable[ScheduleRow], books: Books, habits: Habits) -> Iterable[Matched]:
    """Yield every row filled from the open case of its label, as the case is on the row's day."""
    for row in rows:
        found = case_on(row.cells, books, habits)
        if found is None:
            yield Matched(row, None)
        else:
            yield Matched(ScheduleRow(row.line, filled_from_case(row.cells, cells_of_case(found))), found)


def from_cases(books: Books, habits: Habits) -> Callable[[Cells], Cells]:
    """Return what fills the cells of a row from the open case of its label."""

    def fill(cells: Cells) -> Cells:
        found = case_on(cells, books, habits)
        return filled_from_case(cells, cells_of_case(found)) if found else cells

    return fill


def case_on(cells: Cells, books: Books, habits: Habits) -> Found | None:
    """Return the open case of a row's label as it is on the row's day, None where there is none."""
    day = day_of_row(cells)
    if day is None:
        return None
    labeled = open_case_labeled(books.plans.engine, cells.get("label", ""))
    if labeled is None:
        return None
    now = case_now(*labeled, day)
    if services := meant({name: cells.get(name, "") for name in _OF_SERVICES}).cells["services"]:
        # What this visit does decides which authorization it rests on, and which limits it fills.
        now = replace(now, care={**now.care, "services": services})
    return look_at(now, books.plans, habits, books.thresholds)


def next_visit(found: Found, books: Books) -> Outcome:
    """Return what the next visit of a case costs and needs, on the case's day."""
    own = {"label": found.case.label, "first_day": found.now.day.isoformat()}
    return answer_row({**cells_of_case(found), **own}, books)


class CaseMoved(NamedTuple):
    """An open case whose next visit would cost something else: low, typical and high, as it is and as it would be."""

    case: Case
    before: tuple[Money, Money, Money]
    after: tuple[Money, Money, Money]


class CasesMoved(NamedTuple):
    """How many open cases are under some plans, how many were tried, and those that would move."""

    open: int
    tried: int
    moved: tuple[CaseMoved, ...]


def cases_moved(plan_ids: Set[str], after: AsItWas, books: Books, habits: Habits, most: int = 50) -> CasesMoved:
    """Answer the next visit of the open cases under these plans as things are, and under other rules."""
    mine: list[tuple[Case, tuple[CaseEntry, ...]]] = []
    last = 0
    while batch := open_cases(books.plans.engine, last):
        mine += [(case, entries) for case, entries in batch if case.plan_id in plan_ids]
        last = batch[-1][0].id
    then = replace(books, plans=books.plans.under(after))
    moved = []
    for case, entries in mine[:most]:
        found = look_at(case_now(case, entries, books.today), books.plans, habits, books.thresholds)
        before, under = (_three(next_visit(found, each)) for each in (books, then))
        if before and under and before != under:
            moved.append(CaseMoved(case, before, under))
    return CasesMoved(len(mine), min(len(mine), most), tuple(moved))


def _three(outcome: Outcome) -> tuple[Money, Money, Money] | None:
    """Return low, typical and high of an outcome, None where it is refused."""
    if "typical" not in outcome:
        return None
    return Money(outcome["low"]), Money(outcome["typical"]), Money(outcome["high"])


def visit_done(engine: Engine, case_id: int, cells: Cells, books: Books, by: Person, source: str = BY_HAND) -> int:
    """Add a visit to its case, with what our prices say each line is allowed where nobody told; return its number.

    The visit of a row is there once a day, also where two people mark it at once: 0 where it was there before. Raises
    RequestRefused where the day or the codes cannot be read.
    """
    new = visit_entry(cells, books, source)
    if source == BY_HAND:
        return add_entries(engine, case_id, [new], by)
    return add_worked_out(engine, case_id, lambda there: () if _is_given(there, new.day) else (new,), by)


def _is_given(entries: Iterable[CaseEntry], day: date) -> bool:
    return any(entry.kind == VISIT and entry.day == day for entry in standing(entries))


def visit_entry(cells: Cells, books: Books, source: str) -> NewEntry:
    """Return what is added to a case for a visit; raise RequestRefused where its day cannot be read."""
    read = meant(cells).cells
    try:
        day = date.fromisoformat(read["first_day"])
    except ValueError:
        raise RequestRefused((Problem("first_day", "Enter a day, like 12/1/2026."),)) from None
    content: dict[str, Any] = {"services": read["services"], "source": source}
    allowed = _allowed(read, books)
    if allowed is not None:
        content |= {"allowed": list(allowed), "priced": True}
    return NewEntry(VISIT, day, content)


def _allowed(cells: Cells, books: Books) -> Sequence[int] | None:
    """Return the cents that a price sheet allows for each service of a visit; None where it can't be priced."""
    try:
        plan = find_plan(cells["plan"], date.fromisoformat(cells["first_day"]), books.today, books.plans)
        asked = read_request(request_of(books.treated({**cells, "visits": "1", "first_visit": ""}), plan), books.today)
        clinic = books.clinic_at(cells["location"])
        estimate, _ = estimate_asked(asked, books.plans, clinic, books.prices, totals_alone)
    except Stopped:
        return None
    lines = estimate.typical.visits[0].lines
    if len(lines) != len(services_of(cells["services"])):
        return None
    return [int(line.allowed) for line in lines]


# ----------------------------------------------------------------------------
# Rows that wait on the work list while their case goes on.
# ----------------------------------------------------------------------------


def said_again(entry: NewEntry) -> tuple[str, ...]:
    """Return the columns that an entry of a case says: those of a row were written before it and no longer go first."""
    match entry.kind:
        case "grant":
            return tuple(name for name in NAMES if name.startswith("authorization"))
        case "stated" | "care":
            columns = (*STATED_CELLS, *CARE_CELLS)
            return tuple(name for name in columns if entry.content.get(name) and name not in _OWN)
        case _:
            return ()


def answer_rows_again(
    case_id: int, said: Iterable[str], books: Books, habits: Habits, but: tuple[int, int] | None = None
) -> int:
    """Answer the rows of a case from today on again, without what they say of some columns; return how many.

    `but` is the schedule and line of a row that was answered just now.
    """
    engine, columns = books.plans.engine, schedule_rows.c
    labels = labels_of(engine, case_id)
    asked = select(columns.schedule_id, columns.line, columns.cells).where(
        columns.label.in_(labels), columns.schedule_id.in_(kept_ids()), columns.day >= books.today
    )
    with reading(engine) as connection:
        rows = [row for row in connection.execute(asked) if (row.schedule_id, row.line) != but]
    emptied = dict.fromkeys(said, "")
    for schedule_id, line, cells in rows:
        change_row(engine, schedule_id, line, {**cells, **emptied}, books, from_cases(books, habits))
    return len(rows)
