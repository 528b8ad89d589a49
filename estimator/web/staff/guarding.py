"""What holds for every staff page: a database, a form that came from us, nothing kept by browsers, plain refusals."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask import Response as Page
from werkzeug.exceptions import HTTPException

from estimator.web.staff.access import NothingHere, csrf, signed_in_person, staff_shelf
from estimator.web.staff.navigation import entries_for

_WORDS = {
    HTTPStatus.BAD_REQUEST: (
        "This form is too old",
        "It was opened before you signed in or out. Go back, load the page again and send the form once more.",
    ),
    HTTPStatus.FORBIDDEN: (
        "Your role may not do this",
        "Ask an administrator if you need it. Nothing was changed.",
    ),
    HTTPStatus.NOT_FOUND: ("There is no such page", "The address may be old or mistyped."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "That was too large to read",
        "Nothing was changed. Send less at once.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many tries",
        "The sign-in waits for a quarter of an hour now, then try again. If you have forgotten your password, ask an "
        "administrator for a link to set a new one.",
    ),
    HTTPStatus.BAD_GATEWAY: (
        "The clinic’s sign-in does not answer",
        "Wait a minute and try again, or sign in with your name and password here.",
    ),
}


def guard(staff: Blueprint) -> None:
    """Let these rules hold for a blueprint and all below it."""
    staff.before_request(_before)
    staff.after_request(_after)
    staff.context_processor(_for_templates)
    staff.register_error_handler(HTTPException, refused_page)


def _before() -> None:
    staff_shelf()
    view = current_app.view_functions[request.endpoint or ""]
    if most := getattr(view, "most_bytes", None):
        request.max_content_length = request.max_form_memory_size = most
    csrf.protect()


def _after(response: Page) -> Page:
    response.headers["Cache-Control"] = "no-store"
    return response


def _for_templates() -> dict[str, Any]:
    who = signed_in_person()
    return {"who": who, "entries": entries_for(who.role) if who else ()}


def refused_page(failure: HTTPException) -> tuple[str, int] | HTTPException:
    """Return the page that says in plain words what went wrong."""
    code = HTTPStatus(failure.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if code not in _WORDS:
        return failure
    heading, words = _WORDS[code]
    if isinstance(failure, NothingHere):
        words = failure.description or words
    return render_template("staff/failure.html", heading=heading, words=words), code
