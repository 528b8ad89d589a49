"""How the service does: what goes wrong, told to the reader and the log, and what programs that watch it may ask.

What goes wrong is told twice: to the reader in plain words, and to the log without anything that a person typed. Every
request has an id. It goes into each line of the log, into the header `X-Request-ID`, and onto the page that says that
something went wrong, so that those who run the service find the line that belongs to it.

Programs ask `/livez` (the process), `/readyz` (all it needs) and `/metrics` (figures). Anybody may ask whether the
service lives or is ready. What is wrong, and the figures, are for those who have the token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hmac import compare_digest
from http import HTTPStatus
from secrets import token_hex
from time import perf_counter
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, g, jsonify, render_template, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from estimator.billing.health import Check, checks, figures
from estimator.clock import now_utc
from estimator.errors import Cause, DatabaseUnavailable
from estimator.language import N_, _
from estimator.logs import kinds_of, places_of
from estimator.settings import METRICS_FOLDER, METRICS_TOKEN
from estimator.web.common import shelf
from estimator.web.outside import TooManyEstimates

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
        N_("This page can’t be used in that way"),
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
    TooManyEstimates: (
        N_("Very many estimates were made from here"),
        N_(
            "To keep this fast for everybody, we make no more for your network for now. Wait ten minutes, then go back "
            "and send your answers again."
        ),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        N_("Something went wrong on our side"),
        N_(
            "It isn’t your fault, and your answers weren’t kept. Go back and send the form again. If this page comes "
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
    N_("The form couldn’t be read"),
    N_("What arrived wasn’t the form of this page. Start again on the first page."),
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
    heading, words = _WORDS.get(type(failure)) or _WORDS.get(HTTPStatus(code), _OTHERWISE)
    is_ours = code >= HTTPStatus.INTERNAL_SERVER_ERROR
    # What a page of staff shows of the person at hand comes from the database, which may be what failed.
    g.is_failing = is_ours
    shown = {"heading": _(heading), "words": _(words), "number": g.request_id if is_ours else ""}
    return render_template("failure.html", **shown), code, kept_headers(failure)


def kept_headers(failure: HTTPException) -> list[tuple[str, str]]:
    """Return those of a failure's own headers that go along with its page."""
    return [(name, value) for name, value in failure.get_headers() if name.lower() in _KEPT]


health = Blueprint("health", __name__)

_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_WITHOUT = "without"
_PREFIX = "estimator_"
# One for all apps of a process: the library lets each name be registered once.
_requests = Histogram(
    f"{_PREFIX}request_seconds",
    "How long requests took, by method, route and status.",
    ("method", "route", "status"),
    registry=(_OURS := CollectorRegistry()),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
# An alarm compares a count with the one before, so each is there from the start: of one that begins at its first
# failure, that failure would be missed.
_troubles = Counter(
    f"{_PREFIX}troubles",
    "Pages that failed (500), or that the database kept from answering (503), and refused tries to sign in (429).",
    ("kind",),
    registry=_OURS,
)
_FAILED, _UNAVAILABLE, _SIGN_IN_REFUSED = (
    _troubles.labels(kind) for kind in ("failed", "unavailable", "sign-in-refused")
)
_SIGN_IN = "/staff/sign-in"


@health.get("/livez")
def livez() -> Response:
    """Say that this process answers."""
    return Response("ok\n", headers=_PLAIN)


@health.get("/readyz")
def readyz() -> Response:
    """Say whether all that the service needs is there; `?without=worker` leaves out what pages can do without."""
    found = checks(shelf().engine, now_utc())
    if Check.WORKER in request.args.getlist(_WITHOUT):
        found.pop(Check.WORKER, None)
    is_ready = all(found.values())
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    if not _has_token():
        return Response("ready\n" if is_ready else "not ready\n", status, headers=_PLAIN)
    answer = jsonify({"ready": is_ready, "checks": found})
    answer.status_code = status
    return answer


@health.get("/metrics")
def metrics() -> Response:
    """Give the figures for Prometheus to callers with the token; for others the page doesn't exist."""
    if not _has_token():
        raise NotFound
    found = CollectorRegistry()
    if METRICS_FOLDER.written:
        MultiProcessCollector(found, str(METRICS_FOLDER.value()))  # type: ignore[no-untyped-call] # of the library
    else:
        found.register(_Measured())
    found.register(_Kept(shelf().engine))
    return Response(generate_latest(found), headers={"Content-Type": CONTENT_TYPE_LATEST})


def measure_requests(app: Flask) -> None:
    """Measure how long each route takes; a route is a rule, never an address."""
    app.after_request(_measure)


def _measure(response: Response) -> Response:
    if request.url_rule:
        seconds = perf_counter() - g.started
        _requests.labels(request.method, route_asked(), str(response.status_code)).observe(seconds)
        if trouble := _trouble(route_asked(), response.status_code):
            trouble.inc()
    return response


def _trouble(route: str, status: int) -> Counter | None:
    match status:
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return _FAILED
        case HTTPStatus.SERVICE_UNAVAILABLE if route != "/readyz":  # Who asks it every minute isn't kept from anything.
            return _UNAVAILABLE
        case HTTPStatus.TOO_MANY_REQUESTS if route.startswith(_SIGN_IN):
            return _SIGN_IN_REFUSED
        case _:
            return None


def _has_token() -> bool:
    token, sent = METRICS_TOKEN.value(), request.authorization
    if not token or sent is None or sent.type != "bearer":
        return False
    return compare_digest(token.encode(), (sent.token or "").encode())


class _Measured(Collector):
    """What this process measured."""

    def collect(self) -> Iterable[Metric]:
        return _OURS.collect()


class _Kept(Collector):
    """What the database says, the same for every process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[Metric]:
        for figure in figures(self._engine, now_utc()):
            labels = [] if "" in figure.values else ["source"]
            family = GaugeMetricFamily(f"{_PREFIX}{figure.name}", figure.says, labels=labels)
            for name, value in figure.values.items():
                family.add_metric([name] if labels else [], value)
            yield family
