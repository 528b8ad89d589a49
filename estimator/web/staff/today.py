"""The work list at `/staff/today/`: the visits of a day with what to collect, what is at risk, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator import clock
from estimator.billing.case_visits import SCHEDULE, answer_rows_again, from_cases, visit_done
from estimator.billing.cases import ASSIGNED, NOTE, NewEntry, add_entries, case_labeled, open_case
from estimator.billing.clinic import clinic_now
from estimator.billing.needs import KINDS, REFUSED
from estimator.billing.past_visits import count_visits, past_rows, standing_rows
from estimator.billing.schedule import Books, Outcome, answer_row, books_now
from estimator.billing.schedule_cells import CANCELED, meant
from estimator.billing.schedule_file import NAMES, Cells
from estimator.billing.sent_schedules import KeptRow, change_row, opened_rows
from estimator.billing.worklist import (
    DONE,
    GROUPS,
    MOVED,
    READY,
    WAITING,
    DeskRow,
    SoughtRows,
    desk_rows,
    groups_of,
    narrowed_rows,
    row_of,
)
from estimator.engine.values import Money
from estimator.errors import Problem, RequestRefused, Stopped
from estimator.web import common
from estimator.web.common import page_within
from estimator.web.staff.authorization import answers_of_row, checked
from estimator.web.staff.clinic import Register, register
from estimator.web.staff.common import allowed, person, staff_shelf
from estimator.wording.words import usd
from estimator.wording.worklist import bar_of, moved_says, needs_said, next_action

today = Blueprint("today", __name__, url_prefix="/today")

TITLES: Mapping[str, str] = {
    "correct": "Rows to correct",
    "authorization": "Authorization over, ending or missing",
    "limit": "At or near a visit limit",
    "kx": "KX or review amount",
    "notice": "Notice or estimate to give",
    "call": "Call the payer",
    "doubt": "Something in the row is in doubt",
    WAITING: "Not answered yet",
    READY: "Ready",
    DONE: "Done",
    CANCELED: "Canceled or missed",
    MOVED: "Moved to another day",
}
PAST = "past"
# So many are marked as done at once.
_AT_ONCE = 200
_SPANS = {"today": (0, 1), "tomorrow": (1, 1), "week": (0, 7)}
_ON_A_PAGE = 50
# Of what is folded, which most people never open; a link leads to all of it.
_FOLDED_ROWS = 15
_FOLDED = (READY, DONE, CANCELED, MOVED)
_NARROWED_BY = ("payer", "therapist", "location")


@today.get("/")
@allowed("billing")
def work() -> str:
    """Show the visits of today, tomorrow or the week, or those of past days that nobody marked.

    What needs action comes first; what is ready is folded.
    """
    args = request.args
    span = args.get("span", "today") if args.get("span") in (*_SPANS, PAST) else "today"
    after, number = _SPANS.get(span, (0, 1))
    first = clock.today() + timedelta(days=after)
    engine = staff_shelf().engine
    past = past_rows(engine)
    rows = past if span == PAST else desk_rows(engine, first, first + timedelta(days=number - 1))
    sought = SoughtRows(*(args.get(name, "").strip() for name in SoughtRows._fields))
    found = narrowed_rows(rows, sought)
    folds = () if span == PAST else _FOLDED
    open_rows = [row for row in found if row.group not in folds]
    if args.get("sort") == "risk":
        open_rows.sort(key=lambda row: -row.work.at_risk)
    listed = found if sought.group in folds else open_rows
    page, pages = page_within(common.number_in(args, "page"), len(listed), _ON_A_PAGE)
    shown = listed[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE]
    folded = {name: [row for row in found if row.group == name] for name in folds if sought.group != name}
    peeked = {name: rows[:_FOLDED_ROWS] for name, rows in folded.items()}
    opened = opened_rows(engine, [row.work for rows in (shown, *peeked.values()) for row in rows])
    counts, known = groups_of(rows), register()
    return render_template(
        "staff/today.html",
        span=span,
        first=first,
        last=first + timedelta(days=number - 1),
        past=len(past),
        standing=sum(not row.moved for row in past),
        at_once=_AT_ONCE,
        total=len(rows),
        waiting=sum(counts.get(name, 0) for name in GROUPS),
        tiles=[(name, TITLES[name], counts[name]) for name in TITLES if counts.get(name)],
        sought=sought,
        sort=args.get("sort", ""),
        rows=[_shown(row, opened[row.work[:2]], known) for row in shown],
        folded=[
            (name, len(folded[name]), [_shown(row, opened[row.work[:2]], known) for row in rows])
            for name, rows in peeked.items()
            if rows
        ],
        page=page,
        pages=pages,
        **{f"{name}s": sorted({getattr(row.work, name) for row in rows} - {""}) for name in _NARROWED_BY},
    )


def _shown(row: DeskRow, opened: KeptRow, known: Register) -> dict[str, Any]:
    outcome: Outcome = opened.outcome or {}
    needs = sorted(outcome.get("needs", ()), key=lambda need: KINDS.index(need["kind"]))
    sums = {name: usd(Money(outcome[name])) for name in ("collect_today", "may_be_added") if name in outcome}
    return {
        "row": row,
        "work": row.work,
        "cells": opened.cells,
        "label": row.work.label or f"Row {row.work.line}",
        "needs": needs_said(needs),
        "moved": moved_says(row.moved) if row.moved else "",
        "problems": outcome.get("problems", ()),
        "is_refused": REFUSED in row.work.kinds,
        "is_answered": row.work.is_answered,
        "sums": sums,
        "added": bool(outcome.get("may_be_added")),
        "at_risk": usd(Money(row.work.at_risk)) if row.work.at_risk else "",
        "bar": next((bar for need in needs if (bar := bar_of(need))), None),
        "action": next_action(row.work.kinds),
        "flags": known.flags(opened.cells, row.work.day or clock.today()),
    }


# ----------------------------------------------------------------------------
# What can be done with a row, without sending the file again.
# ----------------------------------------------------------------------------


@today.post("/past")
@allowed("billing")
def count_all() -> Response:
    """Count the visits of past days that nobody marked as done."""
    engine, by = staff_shelf().engine, person()
    books = books_now(staff_shelf(), common.prices())
    count_visits(engine, standing_rows(engine)[:_AT_ONCE], books, clinic_now().habits, lambda _row: by)
    return redirect(f"/staff/today/?span={PAST}", 303)


@today.post("/<int:schedule_id>/<int:line>")
@allowed("billing")
def act(schedule_id: int, line: int) -> Response | tuple[str, int]:
    """Mark a visit done, open its case, note something, assign it, or put its cells right; then answer it again."""
    engine, form = staff_shelf().engine, request.form
    found = row_of(engine, schedule_id, line)
    if found is None:
        raise NotFound
    cells = {**found, **{name: form[name].strip() for name in NAMES if form.get(name, "").strip()}}
    if form.get("do") == "missed":
        cells["status"] = _MISSED
    if cells["plan"] != found["plan"] and not cells.get("insurer"):
        # A typical plan chosen in place of an insurer's name still follows that insurer's rules.
        cells["insurer"] = found["plan"]
    books = books_now(staff_shelf(), common.prices())
    fill = from_cases(books, clinic_now().habits)
    if form.get("do") == "check":
        return _checked(cells, fill(cells), books)
    try:
        case_id = _done_with(form.get("do", ""), cells, fill(cells), books)
    except RequestRefused as refused:
        words = list(map(str, refused.problems))
        return render_template("staff/not-done.html", problems=words), 422
    outcome = change_row(engine, schedule_id, line, cells, books, fill)
    if form.get("do") in _MOVES_ROWS and case_id:
        answer_rows_again(case_id, (), books, clinic_now().habits, but=(schedule_id, line))
    back = form.get("back", "")
    if case_id and form.get("do") == "open":
        return redirect(f"/staff/cases/{case_id}", 303)
    if case_id and form.get("do") == "call":
        about = {"plan": _plan_id(fill(cells), outcome), "of": case_id}
        return redirect(f"/staff/calls/new?{urlencode(about)}", 303)
    return redirect(f"/staff/today/?{back}" if back else "/staff/today/", 303)


def _checked(cells: Cells, filled: Cells, books: Books) -> Response | tuple[str, int]:
    """Return the authorization check of a row, from which its estimate and its papers come."""
    row = {**meant(filled).cells, "plan": _plan_id(filled, answer_row(filled, books))}
    case = case_labeled(staff_shelf().engine, cells.get("label", "")) if cells.get("label") else None
    try:
        plan = books.plans.find(row["plan"], _day_of(row))
    except Stopped:
        plan = None
    shown = checked(answers_of_row(row, plan, case.id if case else 0))
    return make_response(*shown) if isinstance(shown, tuple) else make_response(shown)


def _plan_id(filled: Cells, outcome: Outcome) -> str:
    """Return the id of the plan that a row names in whatever words, by its answer."""
    return outcome.get("read_as", {}).get("plan") or filled["plan"]


# As practice systems write it; the row is then read as canceled or missed.
_MISSED = "no show"
# What is done with a row and changes what the case's other rows come to.
_MOVES_ROWS = ("open", "call", "done")


def _done_with(what: str, cells: dict[str, str], filled: Cells, books: Books) -> int | None:
    """Do what was asked for; return the case it was done in, which a row without one gets."""
    engine = staff_shelf().engine
    if what not in ("open", "call", "done", "note", "assign"):
        return None
    case = case_labeled(engine, cells.get("label", "")) if cells.get("label") else None
    case_id = case.id if case else _opened(cells, filled, books)
    day = _day_of(filled) if what == "done" else clock.today()
    match what:
        case "done":
            visit_done(engine, case_id, {**filled, "first_day": day.isoformat()}, books, person(), SCHEDULE)
        case "note":
            says = request.form.get("note", "").strip()
            add_entries(engine, case_id, [NewEntry(NOTE, day, {"says": says})], person())
        case "assign":
            to = request.form.get("to", "").strip()[:60]
            add_entries(engine, case_id, [NewEntry(ASSIGNED, day, {"to": to})], person())
    return case_id


def _opened(cells: dict[str, str], filled: Cells, books: Books) -> int:
    """Open the case of a row; a row without a label gets the case's."""
    engine = staff_shelf().engine
    day = _day_of(filled)
    # What was used before today is what the row says, as of the day before the visit.
    known = {**filled, "plan": _plan_id(filled, answer_row(filled, books))}
    case_id = open_case(engine, cells.get("label", ""), known, person(), day - timedelta(days=1))
    if not cells.get("label"):
        cells["label"] = f"Case {case_id}"
    return case_id


def _day_of(cells: Cells) -> date:
    try:
        return date.fromisoformat(meant(cells).cells["first_day"])
    except ValueError:
        raise RequestRefused((Problem("first_day", "Enter a day, like 12/1/2026."),)) from None
