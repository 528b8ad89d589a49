"""The call log at `/staff/calls`: entries by plan, payer and day, a new one, one with its uses, and all as a file."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.billing.calls import CallEntry, call_of, call_written, calls_of, enter_call
from estimator.errors import RequestRefused
from estimator.web.downloads import csv_file
from estimator.web.patient.refusals import UNPROCESSABLE
from estimator.web.staff import calls_page as page
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.authorization_page import plan_meant
from estimator.web.staff.calls_typing import CORRECTS, LABEL, NOTE, asked_about, entry_typed, typed_again
from estimator.web.staff.meant import Named

calls = Blueprint("calls", __name__, url_prefix="/calls")

Page = str | tuple[str, int] | AnyResponse
_SEE_OTHER = 303
_NO_PLAN = "Write the id of a plan, or words of its name."
_NOT_FOUND = "No plan has this id, and none holds all of these words. Try fewer words."


@calls.get("/")
@allowed("billing")
def every() -> str:
    """Show the entries that are asked for, the last day first."""
    sought, errors = page.sought_in(request.args)
    entries = calls_of(staff_shelf().engine, sought)
    return render_template("staff/calls/list.html", **page.list_page(entries, request.args, errors, clock.today()))


@calls.get("/calls.csv")
@allowed("billing")
def as_file() -> Response:
    """Send the entries that are asked for as a CSV file, one row an answer."""
    sought, _ = page.sought_in(request.args)
    return csv_file("calls.csv", [page.HEADER, *page.csv_rows(calls_of(staff_shelf().engine, sought))])


@calls.get("/new")
@allowed("billing")
def new() -> Page:
    """Ask which plan, and then for the answers about it; what is to be corrected stands in the fields."""
    corrected = _entry(request.args.get(CORRECTS, 0, int)) if CORRECTS in request.args else None
    words = corrected.plan_id if corrected else request.args.get("plan", "").strip()
    named = _named(words)
    if named.plan is None:
        return _which_plan(named, words, _NOT_FOUND if words and not named.found else "")
    typed = {LABEL: request.args.get("case", "")}
    if corrected:
        again = {LABEL: corrected.case_label, NOTE: corrected.note, CORRECTS: str(corrected.id)}
        typed = {**typed_again(call_written(corrected)), **again}
    today = clock.today()
    return render_template("staff/calls/new.html", **page.form_page(asked_about(named.plan, today), typed, today))


@calls.post("/new")
@allowed("billing")
def enter() -> Page:
    """Keep an entry, or show the form again with everything that is wrong."""
    named, today = _named(request.form.get("plan", "").strip()), clock.today()
    if named.plan is None:
        return _which_plan(named, request.form.get("plan", ""), _NO_PLAN), UNPROCESSABLE
    asked = asked_about(named.plan, today)
    try:
        entry = entry_typed(request.form, asked, today)
        number = enter_call(staff_shelf().engine, entry, person(), clock.now_utc())
    except RequestRefused as refused:
        shown = page.form_page(asked, request.form, today, refused)
        return render_template("staff/calls/new.html", **shown), UNPROCESSABLE
    return redirect(f"/staff/calls/{number}", _SEE_OTHER)


@calls.get("/<int:number>")
@allowed("billing")
def one(number: int) -> str:
    """Show an entry with what can be done with it."""
    entry = _entry(number)
    uses = {"fields": page.estimate_fields(entry), "as_json": page.json_text(call_written(entry))}
    return render_template("staff/calls/one.html", **page.shown(entry, clock.today()), **uses)


def _entry(number: int) -> CallEntry:
    found = call_of(staff_shelf().engine, number)
    if found is None:
        raise NotFound
    return found


def _named(words: str) -> Named:
    return plan_meant({"plan": words, "first_day": clock.today().isoformat(), "zip": ""})


def _which_plan(named: Named, words: str, problem: str) -> str:
    case = request.args.get("case", "")
    return render_template("staff/calls/which-plan.html", named=named, words=words, problem=problem, case=case)
