"""One function a page: send a schedule, look at it, stop it, go on with it, take it along, delete it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator.billing.jobs import jobs_at
from estimator.billing.schedule import (
    COLUMNS,
    MOST_BYTES,
    delete_schedule,
    go_on_with,
    read_schedule,
    send_schedule,
    stop_schedule,
)
from estimator.errors import Refused, UnknownSchedule
from estimator.web.downloads import csv_file
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.guarding import refused_page
from estimator.web.staff.schedule_page import csv_rows, list_page, one_page
from estimator.web.whole_numbers import number_in

schedule = Blueprint("schedule", __name__, url_prefix="/schedule")

_UNPROCESSABLE = 422
_SECONDS = 3
# Beside the file a form has its mark and little else.
_MOST_SENT = MOST_BYTES + 100_000


@schedule.errorhandler(UnknownSchedule)
def not_here(error: UnknownSchedule) -> tuple[str, int] | HTTPException:
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
        rows = read_schedule(content, "Your file")
    except Refused as refused:
        shown = list_page(engine, [str(problem) for problem in refused.problems])
        return render_template("staff/schedule/list.html", **shown), _UNPROCESSABLE
    number = send_schedule(engine, rows, person())
    jobs_at(engine.url).answer_schedule(number)
    return redirect(f"/staff/schedule/{number}?watch=yes", 303)


@schedule.get("/template.csv")
@allowed("billing")
def template() -> Response:
    """Send a file with every column and one row, to be filled."""
    return csv_file("schedule.csv", [[column.name for column in COLUMNS], [column.example for column in COLUMNS]])


@schedule.get("/<int:number>")
@allowed("billing")
def one(number: int) -> Response:
    """Show a schedule as a list of work; who asks to watch gets the page again while rows are being answered."""
    page = number_in(request.args, "page")
    shown = one_page(staff_shelf().engine, number, request.args.get("need", ""), page)
    watched = shown["schedule"].state == "running" and "watch" in request.args
    response = Response(render_template("staff/schedule/one.html", watched=watched, **shown))
    if watched:
        response.headers["Refresh"] = str(_SECONDS)
    return response


@schedule.get("/<int:number>.csv")
@allowed("billing")
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
    jobs_at(engine.url).answer_schedule(number)
    return redirect(f"/staff/schedule/{number}?watch=yes", 303)


@schedule.post("/<int:number>/delete")
@allowed("billing")
def delete(number: int) -> AnyResponse:
    """Delete a schedule with everything in it."""
    delete_schedule(staff_shelf().engine, number, person())
    return redirect("/staff/schedule/", 303)
