"""How the pages are reached from outside: the one address of all links, the proxies in front, and who is calling.

With ESTIMATOR_URL every link and redirect has that address, whatever the request names as its host; requests that name
another host are refused. Without it, pages are for the machine they run on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, current_app, request
from sqlalchemy import Engine
from werkzeug.exceptions import TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from estimator.accounts.limits import Counted, Limit, Sparingly, count_try
from estimator.clock import now_utc
from estimator.db.connection import data_folder_if_any, waiting_at_most
from estimator.errors import DatabaseUnavailable, Problem
from estimator.settings import MOST_ESTIMATES, PROXIES, URL, unsafe_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HTTPS = "https"
_YEAR = 365 * 24 * 60 * 60
# Those who run the service look at the pages from the machine itself; no other site can have these names.
_OURS = ("localhost", "127.0.0.1", "::1")
_REFUSED = "400 Bad Request"


def outside_address(path: str) -> str:
    """Return the whole address of a path of ours, as others reach it."""
    return (public_address() or request.host_url).rstrip("/") + path


def public_address() -> str:
    """Return the address that those who run the pages gave them, such as https://estimate.clinic.example."""
    return URL.value()


def is_https() -> bool:
    """Tell whether people reach the pages over https."""
    return urlsplit(public_address()).scheme == _HTTPS


def reach_from_outside(app: Flask) -> None:
    """Let an app know its one address and the proxies in front of it."""
    if address := public_address():
        app.wsgi_app = _OneAddress(app.wsgi_app, address)  # type: ignore[method-assign]
    if count := PROXIES.value():
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    if is_https():
        app.after_request(_https_from_now_on)


def start_warnings(host: str) -> Iterator[Problem]:
    """Yield what a person who starts the pages for others should know."""
    if host in _OURS:
        return
    if not URL.written:
        yield Problem(URL.name, "Enter the address people use. Without it, links carry whatever host a request names.")
    if not PROXIES.written:
        words = (
            "Put a proxy in front that buffers requests and speaks https, and enter how many there are. Without one, a "
            "few slow connections can keep everybody waiting."
        )
        yield Problem(PROXIES.name, words)
    told = (URL.name, PROXIES.name)
    yield from (one for one in unsafe_settings(data_folder_if_any()) if one.path not in told)


class _OneAddress:
    """Gives every request the outside address, and refuses one that names a host of somebody else."""

    def __init__(self, inner: WSGIApplication, address: str) -> None:
        self._inner, self._ours = inner, urlsplit(address)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _host_of(environ) not in (self._ours.hostname, *_OURS):
            start_response(_REFUSED, [("Content-Type", "text/plain; charset=utf-8")])
            return [f"Open {self._ours.geturl()} instead.\n".encode()]
        environ["HTTP_HOST"] = self._ours.netloc
        environ["wsgi.url_scheme"] = self._ours.scheme
        return self._inner(environ, start_response)


def _host_of(environ: WSGIEnvironment) -> str:
    named = str(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""))
    try:
        return SplitResult("", named, "", "", "").hostname or ""
    except ValueError:
        return ""


def _https_from_now_on(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return response


# ----------------------------------------------------------------------------
# Who is calling, as far as limits need to know: a network, not a person.
#
# A provider gives each customer of IPv6 a /64 at least, and many get a /48: counting single addresses counts nothing.
# ----------------------------------------------------------------------------

_PREFIXES = (64, 48)
_WIDER = 10


def networks_of(address: str | None) -> tuple[str, ...]:
    """Return the networks an address is counted under, the narrowest first.

    >>> networks_of("203.0.113.7"), networks_of("2001:db8:1:2:3::4"), networks_of("::ffff:203.0.113.7")
    (('203.0.113.7',), ('2001:db8:1:2::/64', '2001:db8:1::/48'), ('203.0.113.7',))
    >>> networks_of(None), networks_of("no address")
    (('unknown',), ('unknown',))
    """
    try:
        known = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ("unknown",)
    if not isinstance(known, IPv6Address):
        return (str(known),)
    if known.ipv4_mapped:
        return (str(known.ipv4_mapped),)
    return tuple(str(ip_network((known, prefix), strict=False)) for prefix in _PREFIXES)


def by_network(limit: Limit) -> tuple[Counted, ...]:
    """Return a limit for the networks of who is calling; the wider one may do it ten times as often."""
    networks = networks_of(request.remote_addr)
    return tuple(limit.of(network, _WIDER if place else 1) for place, network in enumerate(networks))


def require_within(engine: Engine, counted: Sequence[Counted]) -> None:
    """Count one try before the work is done; answer 429, with when to try again, where there were too many."""
    wait = count_try(engine, counted, now_utc())
    if wait is not None:
        raise TooManyRequests(retry_after=ceil(wait.total_seconds()))


class TooManyEstimates(TooManyRequests):
    """One network asks for more than a busy clinic does."""


_TEN_MINUTES = timedelta(minutes=10)
_VISITS_AT_ONCE = 50
_SHORT_WAIT_MS = 250
SPARINGLY = "estimates counted"


def require_few_estimates(engine: Engine, visits: int, estimates: int = 1) -> None:
    """Count estimates before they are made; answer 429, with when to try again, where one network asks for too many.

    A course of more than 50 visits counts as several. Who runs the service isn't counted, nor a proxy on this machine
    that no setting names: everybody would share its limit. An answer needs no database that can be written: while it
    can't, nobody is counted.
    """
    most, address = MOST_ESTIMATES.value(), request.remote_addr
    if not most or address in _OURS:
        return
    sparingly = current_app.extensions.setdefault(SPARINGLY, Sparingly())
    counted, times = by_network(Limit("estimate", most, _TEN_MINUTES)), estimates * (1 + visits // _VISITS_AT_ONCE)
    with suppress(DatabaseUnavailable), waiting_at_most(_SHORT_WAIT_MS):
        wait = sparingly.count(engine, counted, now_utc(), times)
        if wait is not None:
            raise TooManyEstimates(retry_after=ceil(wait.total_seconds()))
