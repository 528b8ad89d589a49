"""For programs that watch the service: `/livez` (the process), `/readyz` (all it needs), `/metrics` (figures).

Anybody may ask whether the service lives or is ready. What is wrong, and the figures, are for those who have the token.
"""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from http import HTTPStatus
from time import perf_counter

from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from werkzeug.exceptions import NotFound

from estimator.billing.health import Check, checks, figures
from estimator.clock import now_utc
from estimator.settings import METRICS_FOLDER, METRICS_TOKEN
from estimator.web.common import shelf
from estimator.web.failures import route_asked

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
    return response


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
