"""The pages put together: templates, limits on what may be sent, headers, log, failures, assets, and the server.

A patient's page has no session and no cookie, and nothing that it does outlasts it: so there is nothing that a forged
request could change, and the form carries no token against one. Staff pages have all three, below `/staff/` alone.
"""

from __future__ import annotations

import gc
import gzip
import io
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import IO, Any

import structlog
import waitress
from flask import Flask, Request, Response, request
from jinja2 import BytecodeCache, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from sqlalchemy import Engine
from werkzeug.datastructures import Authorization, FileStorage, MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import Rule
from werkzeug.utils import cached_property
from whitenoise import WhiteNoise

from estimator.accounts.accounts import add_account, list_accounts
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person, make_link
from estimator.billing.worker import worker_beside
from estimator.db.connection import (
    data_folder_if_any,
    is_in_memory,
    is_meant,
    one_snapshot,
    open_engine,
    waiting_at_most,
)
from estimator.engine.values import Span
from estimator.errors import DatabaseUnavailable, Problem
from estimator.language import _, ngettext, pgettext
from estimator.logs import set_up_logs
from estimator.plans.folder import library
from estimator.plans.shelf import PlanRow, Shelf
from estimator.publishing.catalogues import catalogues_to_fill
from estimator.publishing.database import prepare, ready_shelf, shelf_in_memory
from estimator.settings import PLANS, assets_folder, plans_folder, require_settings, templates_folder, unsafe_settings
from estimator.web.api import register_api
from estimator.web.api.common import PREFIX, failed
from estimator.web.common import (
    bound_numbers,
    ended_words,
    is_loading,
    keep_loading,
    keep_plans,
    kept_plans,
    read_words,
    speak_languages,
)
from estimator.web.health import FailurePage, Quiet, busy, failure_page, health, log_requests, measure_requests
from estimator.web.outside import reach_from_outside, start_warnings
from estimator.web.patient.answer import lists
from estimator.web.patient.answer_parts import price_of
from estimator.web.patient.call_answers import call_answers
from estimator.web.patient.choices import kind_of
from estimator.web.patient.onward import onward
from estimator.web.patient.plans import chosen_words, number_of, short_title
from estimator.web.patient.saving import saving
from estimator.web.patient.views import views
from estimator.web.staff import register_staff
from estimator.wording.words import cents_of, page_count, page_day, page_usd, short_day, whole_usd

# The whole form, with every field at its longest, is under 6 kB.
_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 200
# Of a form without files. The longest, a plan's with every figure of it, has some hundred fields.
_MOST_SHORT_FIELDS = 1_000
_MOST_WAIT_MS = 3_000
# The longest of ours, a search of the log, has some hundred bytes; links of a page hold it again.
_MOST_IN_QUERY = 8_000


def create_app(plans: Shelf | None = None) -> Flask:
    """Make the web application; without plans it takes those of the database or the folder that is meant.

    Raises SettingsRefused where a setting cannot be used, and DatabaseNotReady where `estimator db upgrade` is missing.
    """
    if plans is None:
        # Another server makes the app by itself, and nothing before it could have set up the log.
        set_up_logs()
        require_settings()
        _warn_of(unsafe_settings(data_folder_if_any()))
    app = Quiet(__name__, template_folder=str(templates_folder()), static_folder=None)
    app.request_class = _Bounded
    app.url_rule_class = _Rule
    app.config.update(
        MAX_CONTENT_LENGTH=_MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_BYTES,
        MAX_FORM_PARTS=_MOST_FIELDS,
        TEMPLATES_AUTO_RELOAD=False,
    )
    log_requests(app)
    app.before_request(_refuse_long_query)
    keep_plans(app, plans or ready_shelf())
    bound_numbers(app)
    _prepare_templates(app)
    measure_requests(app)
    app.register_blueprint(health)
    app.register_blueprint(views)
    app.register_blueprint(onward)
    app.register_blueprint(call_answers)
    app.register_blueprint(saving)
    register_staff(app)
    register_api(app)
    add_headers(app)
    app.register_error_handler(HTTPException, _failure)
    app.register_error_handler(DatabaseUnavailable, lambda error: _failure(busy(error)))
    speak_languages(app)
    wait_briefly(app)
    serve_assets(app)
    reach_from_outside(app)
    return app


class _Rule(Rule):
    """Compiles what writes an address when one is first written: most are only read, and an app has two hundred."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def write(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(_Rule, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return write


class _BoundedForms(FormDataParser):
    """Reads no form with more fields than ours have: the page that shows them again would be twenty times as long."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Count the fields of a form without files before they are read; a form with files is counted as it is."""
        if mimetype == "application/x-www-form-urlencoded":
            written = stream.read()
            if written.count(b"&") >= _MOST_SHORT_FIELDS:
                raise RequestEntityTooLarge
            stream = io.BytesIO(written)
        return super().parse(stream, mimetype, content_length, options)


class _Bounded(Request):
    form_data_parser_class = _BoundedForms

    @cached_property
    def authorization(self) -> Authorization | None:
        """Return who the caller claims to be: nobody, where the header holds what HTTP doesn't allow in it."""
        try:
            return super().authorization
        except ValueError:
            return None


def _refuse_long_query() -> None:
    if len(request.query_string) > _MOST_IN_QUERY:
        raise RequestEntityTooLarge


def wait_briefly(app: Flask) -> None:
    """Let no page wait long for another writer: the threads that wait would be missing for everybody else."""
    answer = app.wsgi_app

    def answer_soon(environ: Any, start: Any) -> Any:
        with waiting_at_most(_MOST_WAIT_MS), one_snapshot(kept_plans(app).engine):
            return answer(environ, start)

    app.wsgi_app = answer_soon  # type: ignore[assignment,method-assign]


def _failure(failure: HTTPException) -> Response | FailurePage:
    return failed(failure) if request.path.startswith(f"{PREFIX}/") else failure_page(failure)


class _CompiledOnce(BytecodeCache):
    """Keep compiled templates for as long as the process runs, for every app that it makes.

    Compiling those of one answer takes ten times as long as writing it.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take over what was compiled of the same text in the same file."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.checksum, bucket.code


_compiled = _CompiledOnce()


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.bytecode_cache = _compiled
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # What the extension adds to an environment is not in its type.
    app.jinja_env.install_gettext_callables(_, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(lists(), is_loading=is_loading, _=_in_template)
    app.jinja_env.filters.update(
        usd=page_usd,
        whole_usd=whole_usd,
        cents=cents_of,
        long_day=page_day,
        short_day=short_day,
        counted=page_count,
        translated=_,
        price=price_of,
        span=_span,
        in_force=_in_force,
        kind=kind_of,
        read_words=read_words,
        ended_words=ended_words,
        plan_words=chosen_words,
        number=number_of,
        short_title=short_title,
    )


def _in_template(message: str, **variables: object) -> Markup:
    """Return a sentence of a page in the language that is spoken, in one call where the extension makes three."""
    words = _(message)
    return Markup(words) % variables if variables or "%" in words else Markup(words)


def _in_force(row: PlanRow) -> str:
    return _span(Span(row.first_day if row.first_day > date.min else None, row.last_day))


def _span(span: Span) -> str:
    first, last = (_end(day) for day in (span.first_day, span.last_day))
    if span.last_day is None:
        return _("from {day}").format(day=first) if span.first_day else _("always")
    if span.first_day is None:
        return _("until {day}").format(day=last)
    return _("{first} to {last}").format(first=first, last=last)


def _end(day: date | None) -> str:
    return short_day(day) if day else ""


# ----------------------------------------------------------------------------
# The pages on a port, with waitress: no worker processes, nothing to set up.
#
# The first start makes the database and fills it with the plan files; the catalogues follow while the pages answer. The
# next ones only look whether there is something new. A folder of plans without a database is served as it is.
# ----------------------------------------------------------------------------

_log = structlog.get_logger("estimator.web")
_FIRST = "admin"
# In seconds: longer than a page takes.
_A_PAGE = 0.05
_KEPT_NOTHING = "Nothing entered here is kept after this program ends. Set the administrator's password at {link}\n"


def serve(host: str, port: int) -> None:
    """Serve the pages until the process is stopped.

    Raises OSError where the port cannot be had, DatabaseUnavailable where no database can be made, and SettingsRefused
    with everything that is wrong with the settings.
    """
    require_settings()
    set_up_logs()
    _warn_of(start_warnings(host))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The port first: who calls while plans are being read waits a moment, and a port that is taken is told at once.
    with socket.create_server((host, port), family=family) as listening:
        plans = prepare_plans()
        app = create_app(plans)
        with ExitStack() as beside:
            if not is_in_memory(plans.engine):
                keep_loading(app, beside.enter_context(catalogues_beside(plans.engine)))
                beside.enter_context(worker_beside())
            answer_steadily()
            waitress.serve(app, sockets=[listening], ident="", threads=8, clear_untrusted_proxy_headers=False)


def answer_steadily() -> None:
    """Let this process write a page in one go; what its start loaded is no longer looked through for garbage.

    Python passes from one thread to the next every 5 ms, three times within an answer, for nothing but cold caches. Its
    search for garbage would go through all plans and rules every few hundred answers, and one page wait for it.
    """
    sys.setswitchinterval(_A_PAGE)
    gc.collect()
    gc.freeze()


def _start_loading() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "estimator", "db", "upgrade"])


@contextmanager
def catalogues_beside(
    engine: Engine, start: Callable[[], subprocess.Popen[bytes]] = _start_loading
) -> Iterator[Callable[[], bool]]:
    """Publish the catalogues that are new in a process beside this one; give what tells whether that goes on.

    Nobody waits for 26,000 plans to see a page, and this process need not hold what reading them takes.
    """
    if not catalogues_to_fill(engine):
        yield lambda: False
        return
    _log.info("loading the catalogues of plans for the first time; the pages answer meanwhile")
    with start() as loading:
        try:
            yield lambda: loading.poll() is None
        finally:
            loading.terminate()


def _warn_of(problems: Iterable[Problem]) -> None:
    for warned in problems:
        _log.warning("check before others use the pages", setting=warned.path, advice=warned.message)


def prepare_plans() -> Shelf:
    """Return the plans: of the database, with what is new among the plan files, or of a folder and no database."""
    is_from_folder = bool(PLANS.written) and not is_meant()
    if is_from_folder:
        plans, published = shelf_in_memory(library(plans_folder()))
    else:
        plans = Shelf(open_engine())
        published = prepare(plans.engine)
    for problem in published.problems:
        _log.warning("plan file left out", file=problem.file, line=problem.line, message=problem.message)
    if is_from_folder:
        # A link that opens a door belongs before the person who starts this, and into no log.
        sys.stdout.write(_KEPT_NOTHING.format(link=first_link(plans.engine)))
        sys.stdout.flush()
    elif not list_accounts(plans.engine):
        _log.info("nobody can sign in to the staff pages yet", first="estimator accounts add NAME --role admin")
    return plans


def first_link(engine: Engine) -> str:
    """Make the administrator of a database in memory, which no command reaches; return where to set the password."""
    first = add_account(engine, _FIRST, Role.ADMIN, None)
    key = make_link(engine, first.id, Person(first.id, first.name, first.role))
    return f"/staff/set-password/{key}"


# ----------------------------------------------------------------------------
# What every response tells the browser: run no script, load nothing from elsewhere, keep no address.
#
# On a person's own machine the pages are plain http; with an outside address of https, `outside` says that it stays so.
# ----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The way back from another page shows the answer again; nobody in between keeps it.
    "Cache-Control": "private, no-cache",
}
_LEAST_TO_COMPRESS = 1_000


def add_headers(app: Flask) -> None:
    """Give every page of the app these headers, compressed where the browser can read that."""
    app.after_request(_with_headers)
    app.after_request(_compressed)


def _with_headers(response: Response) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    return response


def _compressed(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if response.is_streamed or response.cache_control.no_store or not request.accept_encodings.quality("gzip"):
        # Of a page that holds a secret, such as the mark in a form of staff, no length may tell anything.
        return response
    page = response.get_data()
    if len(page) >= _LEAST_TO_COMPRESS:
        response.set_data(gzip.compress(page, compresslevel=9, mtime=0))
        response.content_encoding = "gzip"
    return response


# ----------------------------------------------------------------------------
# Style sheets, fonts and pictures, served by WhiteNoise under an address that changes with what they hold.
#
# A browser keeps them for good: a changed file stands at another address.
# ----------------------------------------------------------------------------

_YEAR = 365 * 24 * 60 * 60
_LETTERS = 10


def serve_assets(app: Flask) -> None:
    """Put WhiteNoise before the app, and tell templates where the assets stand."""
    address = f"assets/{_version(assets_folder())}"
    app.jinja_env.globals["assets"] = f"/{address}"
    files = WhiteNoise(
        app.wsgi_app,
        assets_folder(),
        address,
        max_age=_YEAR,
        allow_all_origins=False,
        add_headers_function=_nothing_sniffed,
        immutable_file_test=lambda path, url: True,
    )
    app.wsgi_app = files  # type: ignore[method-assign]


def _nothing_sniffed(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


@cache
def _version(folder: Path) -> str:
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:_LETTERS]
