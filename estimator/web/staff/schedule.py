"""The schedule of a clinic's day: sent as a file, answered in the background, shown as a list of work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import Engine
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.billing.clinic import clinic_now
from estimator.billing.jobs import jobs_of
from estimator.billing.register import zips_of
from estimator.billing.schedule_file import COLUMNS, MOST_BYTES, NAMES, read_schedule
from estimator.billing.sent_schedules import (
    KEPT_DAYS,
    STATES,
    KeptRow,
    Work,
    choose_column,
    chosen_columns,
    counts,
    delete_schedule,
    go_on_with,
    narrowed,
    opened_rows,
    schedule_of,
    schedules_of,
    send_schedule,
    stop_schedule,
    work_of,
    worklist,
    works_of,
)
from estimator.engine.values import Money
from estimator.errors import Refused, UnknownSchedule
from estimator.web.common import csv_file, number_in, page_within
from estimator.web.health import FailurePage
from estimator.web.staff.clinic import Flagged, Register, register
from estimator.web.staff.common import allowed, person, refused_page, staff_shelf
from estimator.wording.words import usd
from estimator.wording.worklist import LABELS, needs_said

# ----------------------------------------------------------------------------
# What the templates of the schedule are given, and the rows of the list as CSV.
# ----------------------------------------------------------------------------

ON_A_PAGE = 100
# What a list that is sent out says beside the columns that came in.
_ADDED = ("needs", "first_visit_owes", "typical", "low", "high", "clinic_absorbs", "what_to_do")


def list_page(engine: Engine, problems: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the page with every schedule shows."""
    return {
        "schedules": schedules_of(engine),
        "columns": COLUMNS,
        "problems": problems,
        "kept_days": KEPT_DAYS,
        "chosen": chosen_columns(engine),
    }


def one_page(engine: Engine, schedule_id: int, wanted: str, number: int) -> dict[str, Any]:
    """Return what the page of a schedule shows: its rows by what needs action; raise UnknownSchedule."""
    schedule, everything = works_of(engine, schedule_id)
    chosen = wanted if wanted in STATES else ""
    found = narrowed(everything, chosen)
    page, pages = page_within(number, len(found), ON_A_PAGE)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    rows, known = opened_rows(engine, shown), register()
    counted = [(state, LABELS[state], number) for state, number in counts(everything).items()]
    return {
        "schedule": schedule,
        "percent": 100 * schedule.answered // max(1, schedule.rows),
        "counted": counted,
        "wanted": chosen,
        "labels": LABELS,
        "works": [_shown(work, rows[schedule_id, work.line], known) for work in shown],
        "page": page,
        "pages": pages,
    }


def csv_rows(engine: Engine, schedule_id: int, wanted: str) -> Sequence[Sequence[str]]:
    """Return the header and the rows of the list as it is shown, for a spreadsheet; raise UnknownSchedule."""
    _, rows = schedule_of(engine, schedule_id)
    by_line, known = {row.line: row for row in rows}, register()
    works = narrowed(worklist(map(work_of, rows)), wanted if wanted in STATES else "")
    return [("line", *NAMES, *_ADDED), *(_line(work, by_line[work.line], known) for work in works)]


def _line(work: Work, row: KeptRow, known: Register) -> list[str]:
    outcome = row.outcome or {}
    sums = [_dollars(outcome, name) for name in ("first_visit", "typical", "low", "high", "clinic_absorbs")]
    needs = "; ".join(LABELS[kind] for kind in work.kinds or (work.state,))
    says = " ".join((*(words for _, words in _flags(work, row, known)), *_says(outcome)))
    return [str(work.line), *(row.cells.get(name, "") for name in NAMES), needs, *sums, says]


def _shown(work: Work, row: KeptRow, known: Register) -> dict[str, Any]:
    outcome = row.outcome or {}
    needs = needs_said(outcome.get("needs", ()))
    sums = {name: usd(Money(outcome[name])) for name in ("first_visit", "typical", "low", "high") if name in outcome}
    shown = {"work": work, "cells": row.cells, "plan": work.payer, "needs": needs, "sums": sums}
    return {**shown, "problems": outcome.get("problems", ()), "flags": _flags(work, row, known)}


def _flags(work: Work, row: KeptRow, known: Register) -> Flagged:
    return known.flags(row.cells, work.day or clock.today())


def _says(outcome: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{problem['column']}: {problem['words']}" for problem in outcome.get("problems", ()))
    yield from (each.says for each in needs_said(outcome.get("needs", ())))


def _dollars(outcome: Mapping[str, Any], name: str) -> str:
    return str(Money(outcome[name])) if name in outcome else ""


# ----------------------------------------------------------------------------
# One function a page: send a schedule, look at it, stop it, go on with it, take it along, delete it.
# ----------------------------------------------------------------------------

schedule = Blueprint("schedule", __name__, url_prefix="/schedule")

_UNPROCESSABLE = 422
_MOST_NAMES, _LONGEST_NAME = 20, 40
_SECONDS = 3
# Beside the file a form has its mark and little else.
_MOST_SENT = MOST_BYTES + 100_000


@schedule.errorhandler(UnknownSchedule)
def not_here(error: UnknownSchedule) -> FailurePage:
    """Say that a schedule is gone."""
    return refused_page(NotFound())


@schedule.get("/")
@allowed("billing")
def every() -> str:
    """Show the schedules that are kept, and ask for another."""
    return render_template("staff/schedule/list.html", **list_page(staff_shelf().engine))


@schedule.post("/")
@allowed("billing", most_bytes=_MOST_SENT)
def send() -> AnyResponse | tuple[str, int]:
    """Keep the rows of a file and begin to answer them, or say everything that keeps it from being read."""
    engine, file = staff_shelf().engine, request.files.get("file")
    content = file.read() if file else b""
    try:
        read = read_schedule(content, "Your file", chosen_columns(engine), clinic_now().zip[:5], zips_of(engine))
    except Refused as refused:
        shown = list_page(engine, [str(problem) for problem in refused.problems])
        return render_template("staff/schedule/list.html", **shown), _UNPROCESSABLE
    number = send_schedule(engine, read.rows, person())
    jobs_of(engine).answer_schedule(number)
    told = {"unread": [name[:_LONGEST_NAME] for name in read.not_read[:_MOST_NAMES]]}
    if read.is_guessed:
        told["guessed"] = [f"{name}: {column}" for name, column in read.mapping.items()]
    return redirect(f"/staff/schedule/{number}?{urlencode({'watch': 'yes', **told}, doseq=True)}", 303)


@schedule.post("/columns")
@allowed("billing")
def choose() -> AnyResponse | tuple[str, int]:
    """Remember which of our columns a column of the clinic's own files is."""
    engine, form = staff_shelf().engine, request.form
    try:
        choose_column(engine, form.get("header", ""), form.get("column", ""), person())
    except Refused as refused:
        shown = list_page(engine, [str(problem) for problem in refused.problems])
        return render_template("staff/schedule/list.html", **shown), _UNPROCESSABLE
    return redirect("/staff/schedule/", 303)


@schedule.get("/template.csv")
@allowed("billing")
def template() -> Response:
    """Send a file with every column and one row, to be filled."""
    return csv_file("schedule.csv", [[column.name for column in COLUMNS], [column.example for column in COLUMNS]])


@schedule.get("/<int:number>")
@allowed("billing", notes="schedule-read")
def one(number: int) -> Response:
    """Show a schedule as a list of work; who asks to watch gets the page again while rows are being answered."""
    page = number_in(request.args, "page")
    shown = one_page(staff_shelf().engine, number, request.args.get("need", ""), page)
    unread = [name[:_LONGEST_NAME] for name in request.args.getlist("unread")[:_MOST_NAMES]]
    guessed = [each for each in request.args.getlist("guessed") if each.rpartition(": ")[2] in NAMES][:_MOST_NAMES]
    watched = shown["schedule"].state == "running" and "watch" in request.args
    response = Response(
        render_template("staff/schedule/one.html", watched=watched, unread=unread, guessed=guessed, **shown)
    )
    if watched:
        response.headers["Refresh"] = str(_SECONDS)
    return response


@schedule.get("/<int:number>.csv")
@allowed("billing", notes="schedule-downloaded")
def as_csv(number: int) -> Response:
    """Send the list as it is shown."""
    rows = csv_rows(staff_shelf().engine, number, request.args.get("need", ""))
    return csv_file(f"schedule-{number}.csv", rows)


@schedule.post("/<int:number>/stop")
@allowed("billing")
def stop(number: int) -> AnyResponse:
    """Answer no more rows for now."""
    stop_schedule(staff_shelf().engine, number)
    return redirect(f"/staff/schedule/{number}", 303)


@schedule.post("/<int:number>/go-on")
@allowed("billing")
def go_on(number: int) -> AnyResponse:
    """Answer the rest."""
    engine = staff_shelf().engine
    go_on_with(engine, number)
    jobs_of(engine).answer_schedule(number)
    return redirect(f"/staff/schedule/{number}?watch=yes", 303)


@schedule.post("/<int:number>/delete")
@allowed("billing")
def delete(number: int) -> AnyResponse:
    """Delete a schedule with everything in it."""
    delete_schedule(staff_shelf().engine, number, person())
    return redirect("/staff/schedule/", 303)
