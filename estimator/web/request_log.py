"""One line a request: method, route, status and duration. Never an address, a field or anything typed."""

from time import perf_counter

import structlog
from flask import Flask, Response, g, request

_log = structlog.get_logger("estimator.web")


def log_requests(app: Flask) -> None:
    """Write a line when a response is ready."""
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = perf_counter()


def _finish(response: Response) -> Response:
    # The rule of the route, not the path: a path may hold what a person typed.
    route = request.url_rule.rule if request.url_rule else "none"
    milliseconds = round((perf_counter() - g.started) * 1000, 1)
    _log.info(
        "request",
        method=request.method if request.url_rule else "-",
        route=route,
        status=response.status_code,
        milliseconds=milliseconds,
    )
    return response
