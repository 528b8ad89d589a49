"""One function a page: look at the clinic's lists, try a new one, publish it, take it back, take it along."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from estimator.errors import ConflictingList, EditRefused, Refused, UnknownList
from estimator.prices.clinic_lists import COLUMNS, Kind
from estimator.publishing.clinic_lists import MOST_BYTES, list_of, publish_list, read_new_list, roll_back_to
from estimator.publishing.drafts import Signed
from estimator.web.downloads import csv_file
from estimator.web.staff import prices_page as page
from estimator.web.staff import prices_words as words
from estimator.web.staff.access import allowed, person, staff_shelf
from estimator.web.staff.guarding import refused_page

prices = Blueprint("prices", __name__, url_prefix="/prices")

Page = str | tuple[str, int] | AnyResponse
_CONFLICT = 409
_UNPROCESSABLE = 422
_SEE_OTHER = 303
# Beside the list a form has its mark and a reason.
_MOST_SENT = MOST_BYTES + 100_000
_LONGEST_NAME = 80


@prices.errorhandler(UnknownList)
def not_here(error: UnknownList) -> tuple[str, int] | HTTPException:
    """Say that there is no such list."""
    return refused_page(NotFound())


@prices.get("/")
@allowed("viewer")
def every() -> str:
    """Show each kind of list with the one that prices."""
    return render_template("staff/prices/every.html", kinds=page.overview(staff_shelf().engine))


@prices.get("/<kind>")
@allowed("viewer")
def one(kind: str) -> str:
    """Show the list that prices, searched, and every one there was."""
    return _one(_kind(kind))


@prices.get("/lists/<int:number>.csv")
@allowed("viewer")
def as_csv(number: int) -> Response:
    """Send a list, active or not."""
    found = list_of(staff_shelf().engine, number)
    kind = Kind(found.kept.kind)
    return csv_file(f"{kind}-{number}.csv", page.csv_rows(kind, found.entries))


@prices.get("/<kind>/template.csv")
@allowed("viewer")
def template(kind: str) -> Response:
    """Send a file with every column and one row, to be filled."""
    chosen = _kind(kind)
    example = words.EXAMPLES[chosen].splitlines()[1].split(",")
    return csv_file(f"{chosen}.csv", [COLUMNS[chosen], example])


@prices.post("/<kind>/preview")
@allowed("rules", most_bytes=_MOST_SENT)
def preview(kind: str) -> Page:
    """Show every mistake of a new list, or what publishing it would change."""
    chosen, file = _kind(kind), request.files.get("file")
    content, name = (file.read(), file.filename or "") if file and file.filename else (_text(), "")
    try:
        new = read_new_list(chosen, content, name[:_LONGEST_NAME] or "pasted text")
    except Refused as refused:
        shown = page.refusal(chosen, refused.problems)
        return render_template("staff/prices/mistakes.html", text=_shown(content), **shown), _UNPROCESSABLE
    return render_template("staff/prices/preview.html", **page.preview(staff_shelf(), new))


@prices.post("/<kind>/publish")
@allowed("rules", most_bytes=_MOST_SENT)
def publish(kind: str) -> Page:
    """Let a list price from now on, based on the one that its preview was compared with."""
    chosen, engine, note = _kind(kind), staff_shelf().engine, request.form.get("note", "")
    name = request.form.get("file", "")[:_LONGEST_NAME] or "pasted text"
    try:
        new = read_new_list(chosen, _text(), name)
    except Refused as refused:
        shown = page.refusal(chosen, refused.problems)
        return render_template("staff/prices/mistakes.html", text=_shown(_text()), **shown), _UNPROCESSABLE
    try:
        publish_list(engine, new, _seen(), _signed(note))
    except EditRefused as refused:
        shown = page.preview(staff_shelf(), new, note, {problem.path: problem.message for problem in refused.problems})
        return render_template("staff/prices/preview.html", **shown), _UNPROCESSABLE
    except ConflictingList as conflict:
        shown = {**page.preview(staff_shelf(), new, note), **page.since_then(engine, conflict)}
        return render_template("staff/prices/preview.html", **shown), _CONFLICT
    return redirect(f"/staff/prices/{chosen}", _SEE_OTHER)


@prices.post("/<kind>/roll-back")
@allowed("rules")
def roll_back(kind: str) -> Page:
    """Let an older list price again."""
    chosen, engine, note = _kind(kind), staff_shelf().engine, request.form.get("note", "")
    try:
        roll_back_to(engine, _number("number") or 0, _seen(), _signed(note))
    except EditRefused as refused:
        errors = {problem.path: problem.message for problem in refused.problems}
        return _one(chosen, errors=errors, note=note), _UNPROCESSABLE
    except ConflictingList as conflict:
        return _one(chosen, note=note, **page.since_then(engine, conflict)), _CONFLICT
    return redirect(f"/staff/prices/{chosen}", _SEE_OTHER)


def _one(kind: Kind, **more: Any) -> str:
    asked = request.args
    number = asked.get("page", 1, type=int)
    shown = page.one_page(staff_shelf().engine, kind, asked.get("words", ""), asked.get("party", ""), number)
    return render_template("staff/prices/one.html", **{"errors": {}, "note": "", "theirs": None, **shown, **more})


def _kind(written: str) -> Kind:
    try:
        return Kind(written)
    except ValueError as unknown:
        raise NotFound from unknown


def _text() -> bytes:
    return request.form.get("text", "").encode()


def _shown(content: bytes) -> str:
    """Return what was sent as text that can be corrected in place, nothing where it was no text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""


def _signed(note: str) -> Signed:
    return Signed(person().name, note, person().id)


def _seen() -> int | None:
    return _number("based_on")


def _number(name: str) -> int | None:
    written = request.form.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None
