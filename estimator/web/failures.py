"""What goes wrong, told twice: to the reader in plain words, and to the log without anything that a person typed.

Every request has an id. It goes into each line of the log, into the header `X-Request-ID`, and onto the page that says
that something went wrong, so that those who run the service find the line that belongs to it.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from secrets import token_hex
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Response, g, render_template, request
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from estimator.errors import Cause, DatabaseUnavailable
from estimator.language import N_, _
from estimator.logs import kinds_of, places_of

_log = structlog.get_logger("estimator.web")

ID_HEADER = "X-Request-ID"
_ID_BYTES = 8
# What a proxy in front calls a request, where it looks like such an id and like nothing else.
_AN_ID = re.compile("[0-9a-f-]{8,40}")
NO_ROUTE = "none"

FailurePage = tuple[str, int, list[tuple[str, str]]]


class Quiet(Flask):
    """An app that logs a failure by its kind, its places in our code and the id of its request, never by its text."""

    def log_exception(self, exc_info: Any) -> None:
        """Log what was raised; the text of an exception may hold a path, a form or the values of a statement."""
        error: BaseException = exc_info[1]
        _log.error("failed", route=route_asked(), kind=kinds_of(error), where=places_of(error))


def route_asked() -> str:
    """Return the rule of the route at hand, not the path: a path may hold what a person typed, or a secret."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


# ----------------------------------------------------------------------------
# One line a request: its id, method, route, status and duration. Never an address, a field or anything typed.
# ----------------------------------------------------------------------------


def log_requests(app: Flask) -> None:
    """Write a line when a response is ready."""
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = perf_counter()
    sent = request.headers.get(ID_HEADER, "")
    g.request_id = sent if _AN_ID.fullmatch(sent) else token_hex(_ID_BYTES)
    clear_contextvars()
    bind_contextvars(request=g.request_id)


def _finish(response: Response) -> Response:
    milliseconds = round((perf_counter() - g.started) * 1000, 1)
    _log.info(
        "request",
        method=request.method if request.url_rule else "-",
        route=route_asked(),
        status=response.status_code,
        milliseconds=milliseconds,
    )
    response.headers[ID_HEADER] = g.request_id
    return response


# ----------------------------------------------------------------------------
# Pages for what went wrong, in plain words; the words never hold what was typed or where we failed.
# ----------------------------------------------------------------------------

_WORDS = {
    HTTPStatus.NOT_FOUND: (
        N_("There is no such page"),
        N_("The address may be old or mistyped. The estimate starts on the first page."),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        N_("This page cannot be used in that way"),
        N_("An estimate is made by sending the form. Start on the first page."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        N_("That was too long to read"),
        N_(
            "A field holds far more text than an answer needs. Go back: what you wrote is still in the form. "
            "Shorten the long answer and send it again."
        ),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        N_("Many estimates were saved from here"),
        N_(
            "To keep room for everybody, no more can be saved from your address for now. Go back and print this one, "
            "or save it in an hour."
        ),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        N_("Something went wrong on our side"),
        N_(
            "It isn’t your fault, and your answers were not kept. Go back and send the form again. If this page comes "
            "back, tell the clinic the number below."
        ),
    ),
}
_BUSY = (
    N_("We’re busy right now"),
    N_(
        "It isn’t your fault, and nothing was changed. Wait a minute, then load this page again. If you sent a form, "
        "go back and send it again."
    ),
)
_WORDS[HTTPStatus.SERVICE_UNAVAILABLE] = _BUSY
_OTHERWISE = (
    N_("The form could not be read"),
    N_("What arrived was not the form of this page. Start again on the first page."),
)


class Busy(ServiceUnavailable):
    """The database does not answer now: it is held by another writer, its disk is full, or it cannot be reached."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(retry_after=_RETRY_AFTER[cause])


# In seconds: another writer is soon done, a disk waits for somebody who makes room.
_RETRY_AFTER = {Cause.BUSY: 5, Cause.FULL: 60, Cause.UNREACHED: 30}
# What of a failure's own headers goes along with its page.
_KEPT = ("allow", "retry-after")


def busy(error: DatabaseUnavailable) -> Busy:
    """Return what a page answers while the database doesn't, and note why; the next request tries again."""
    _log.warning("database unavailable", route=route_asked(), cause=str(error.cause))
    return Busy(error.cause)


def failure_page(failure: HTTPException) -> FailurePage:
    """Return the page that says what went wrong."""
    code = failure.code or HTTPStatus.INTERNAL_SERVER_ERROR
    heading, words = _WORDS.get(HTTPStatus(code), _OTHERWISE)
    is_ours = code >= HTTPStatus.INTERNAL_SERVER_ERROR
    # What a page of staff shows of the person at hand comes from the database, which may be what failed.
    g.is_failing = is_ours
    shown = {"heading": _(heading), "words": _(words), "number": g.request_id if is_ours else ""}
    return render_template("failure.html", **shown), code, kept_headers(failure)


def kept_headers(failure: HTTPException) -> list[tuple[str, str]]:
    """Return those of a failure's own headers that go along with its page."""
    return [(name, value) for name, value in failure.get_headers() if name.lower() in _KEPT]
