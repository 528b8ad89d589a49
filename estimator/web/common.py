"""What every page uses: where plans are found, the language of an address, figures, whole numbers, downloads."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, Flask, Response, current_app, g, redirect, request
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from estimator import clock
from estimator.db.connection import is_in_memory, reading, remembered
from estimator.engine.values import is_long_ago
from estimator.estimates.run import one_page
from estimator.language import ENGLISH, LANGUAGES, _, speaking, spoken
from estimator.plans.folder import Library
from estimator.plans.shared import ServiceName
from estimator.plans.shelf import PayerRow, PlanRow, Shelf, Wanted
from estimator.plans.store import last_published
from estimator.prices.books import Prices
from estimator.prices.store import active_prices
from estimator.wording.words import short_day

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_KEPT = "plans"
_LOADING = "loading"
_MARK = "mark"


def keep_plans(app: Flask, plans: Shelf) -> None:
    """Let an app answer from these plans."""
    app.extensions[_KEPT] = plans
    app.extensions[_MARK] = object()


def kept_plans(app: Flask) -> Shelf:
    """Return what an app was made to answer from."""
    kept: Shelf = app.extensions[_KEPT]
    return kept


def shelf() -> Shelf:
    """Return the plans that the app at hand answers from."""
    return kept_plans(current_app)


def keep_loading(app: Flask, is_loading: Callable[[], bool]) -> None:
    """Let the pages of an app say for how long catalogues are still being loaded beside it."""
    app.extensions[_LOADING] = is_loading


def is_loading() -> bool:
    """Tell whether plans of the catalogues are still missing, because this is the first start."""
    return _LOADING in current_app.extensions and bool(current_app.extensions[_LOADING]())


def keeps() -> bool:
    """Tell whether what is entered outlasts the program: a database in memory ends with it."""
    return not is_in_memory(shelf().engine)


def folder() -> Library:
    """Return the folder of plans, which also lies beside a database."""
    return shelf().folder


def edition() -> tuple[int, int]:
    """Return a mark under which lists of plans may be kept: another process that publishes changes it for all."""
    if "edition" not in g:
        with reading(shelf().engine) as connection:
            g.edition = last_published(connection)
    found: tuple[int, int] = g.edition
    return found


def prices() -> Prices:
    """Return what the database prices by: for years that it has no book of, what ships; read once a request."""
    if "prices" not in g:
        g.prices = active_prices(shelf().engine)
    found: Prices = g.prices
    return found


def services() -> Mapping[str, ServiceName]:
    """Return what we know of each code."""
    return shelf().shared.services.codes


def names() -> Mapping[str, str]:
    """Return our own words for each code."""
    return {code: service.name for code, service in services().items()}


def search(wanted: Wanted, limit: int | None = None) -> tuple[PlanRow, ...]:
    """Return the plans that fit, by title."""
    return shelf().search(wanted, limit)


def payers(wanted: Wanted) -> tuple[PayerRow, ...]:
    """Return the payers of the plans that fit, by name."""
    return shelf().payers(wanted)


def bound_estimates(blueprint: Blueprint) -> None:
    """Bound the estimates that one page of a blueprint makes, all together."""

    @blueprint.before_request
    def _begin() -> None:
        g.bounded = ExitStack()
        g.bounded.enter_context(one_page())

    @blueprint.teardown_request
    def _end(_failure: BaseException | None) -> None:
        if bounded := g.pop("bounded", None):
            bounded.close()


def count(wanted: Wanted) -> int:
    """Return how many plans fit."""
    return shelf().count(wanted)


# ----------------------------------------------------------------------------
# The language of a page is part of its address: `/es/plans` is `/plans` in Spanish, and no cookie keeps a choice.
#
# A browser that prefers Spanish is led to it from the first page; the link to English says so in its
# address, and is not led back.
# ----------------------------------------------------------------------------

_OTHERS = tuple(language for language in LANGUAGES if language != ENGLISH)
_CHOSEN = "in"  # Of an address, such as /?in=en: the reader chose, whatever the browser prefers.
# Staff pages, the API and assets are in one language alone, or are told it otherwise.
_NOT_SPOKEN = ("/staff", "/api", "/assets", "/livez", "/readyz", "/metrics")
_FIRST = "/"


class Other(NamedTuple):
    """A page in another language: its address and, where it came from a form, what the form held."""

    language: str
    name: str
    address: str
    sent: tuple[tuple[str, str], ...] | None


def speak_languages(app: Flask) -> None:
    """Answer each address in the language that it names, and lead browsers to theirs."""
    app.wsgi_app = _Spoken(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_to_their_language)
    app.after_request(_named)
    app.jinja_env.globals.update(url=url, spoken=spoken, in_other_languages=in_other_languages)


def url(path: str) -> str:
    """Return the address of a page in the language that is spoken."""
    address = request.script_root + path
    is_kept_by_choice = path == _FIRST and spoken() == ENGLISH and _preferred() != ENGLISH
    return f"{address}?{_CHOSEN}={ENGLISH}" if is_kept_by_choice else address


def in_other_languages(path: str | None = None) -> tuple[Other, ...]:
    """Return where the page at hand, or the one at a path, stands in every other language."""
    root = request.script_root.removesuffix(f"/{spoken()}")
    is_sent = path is None and request.method == "POST"
    sent = tuple(request.form.items(multi=True)) if is_sent else None
    there = path or (request.path if is_sent else _with_query())
    return tuple(
        Other(language, name, root + _address(language, there, is_sent=is_sent), sent)
        for language, name in LANGUAGES.items()
        if language != spoken()
    )


class _Spoken:
    """Takes the language off the front of an address, and speaks it for as long as the page is made."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        for language in _OTHERS:
            prefix = f"/{language}"
            rest = path.removeprefix(prefix)
            if path.startswith(prefix) and rest[:1] in ("", "/") and not rest.startswith(_NOT_SPOKEN):
                environ["PATH_INFO"] = rest or _FIRST
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                with speaking(language):
                    return self._inner(environ, start_response)
        return self._inner(environ, start_response)


def _to_their_language() -> AnyResponse | None:
    is_first = request.path == _FIRST and request.method in ("GET", "HEAD")
    if is_first and spoken() == ENGLISH and _CHOSEN not in request.args and (wanted := _preferred()) != ENGLISH:
        return redirect(f"{request.script_root}/{wanted}{_FIRST}")
    return None


def _named(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.content_language.add(spoken())
        response.vary.add("Accept-Language")
    return response


def _preferred() -> str:
    return request.accept_languages.best_match(LANGUAGES) or ENGLISH


def is_plain_address() -> bool:
    """Tell whether the address asks for nothing but a page and its language."""
    return not request.query_string or set(request.args) == {_CHOSEN}


def remembered_page(name: str, today: date, make: Callable[[], str]) -> str:
    """Return a page that nobody's answers are on: made anew where the database or the day has changed, or for others.

    What it says of the reader is the language, and where the pages stand.
    """
    mark = current_app.extensions[_MARK]
    key = ("page", name, mark, today, spoken(), _preferred(), request.script_root, _CHOSEN in request.args)
    with reading(shelf().engine) as connection:
        return remembered(connection, key, make)


def _with_query() -> str:
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query and _CHOSEN not in request.args else request.path


def _address(language: str, path: str, *, is_sent: bool) -> str:
    if language != ENGLISH:
        return f"/{language}{path}"
    return f"{path}?{_CHOSEN}={ENGLISH}" if path == _FIRST and not is_sent else path


# ----------------------------------------------------------------------------
# Whole numbers that come in an address or a form, and the pages that they count.
#
# None is larger than the database could hold.
# ----------------------------------------------------------------------------

MOST = 2**31 - 1
_MOST_DIGITS = 10


def number_in(typed: Mapping[str, str], name: str, otherwise: int = 0) -> int:
    """Return the whole number that a field holds, `otherwise` where it holds none.

    >>> number_in({"page": "7"}, "page"), number_in({"page": "²"}, "page", 1), number_in({"page": "9" * 30}, "page", 1)
    (7, 1, 1)
    """
    written = typed.get(name, "")
    is_number = written.isascii() and written.isdecimal() and len(written) <= _MOST_DIGITS and int(written) <= MOST
    return int(written) if is_number else otherwise


def page_within(asked: int, count: int, on_a_page: int) -> tuple[int, int]:
    """Return the page that is meant of a list that has this many rows, and how many pages there are.

    >>> page_within(9, 101, 50), page_within(0, 0, 50)
    ((3, 3), (1, 1))
    """
    pages = max(1, -(-count // on_a_page))
    return min(max(1, asked), pages), pages


class _Number(IntegerConverter):
    """A number in an address, which the database can hold; a longer one leads to no page, whatever is done with it."""

    regex = r"\d{1,9}"


def bound_numbers(app: Flask) -> None:
    """Take no number in an address that the database could not hold."""
    app.url_map.converters["int"] = _Number


# ----------------------------------------------------------------------------
# Tables as files that a spreadsheet opens: no cell that starts like a formula is taken for one.
# ----------------------------------------------------------------------------

# Spreadsheets pass over blanks and what cannot be seen, and take a full-width sign for the plain one.
_UNSEEN = (
    r"[\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]*"
)
_SIGNS = "[=+\\-@|%\uff1d\uff0b\uff0d\uff20\uff5c\uff05\ufe66\ufe62\ufe63\ufe6b\ufe6a\u2212]"
# At the start of a cell, or of what a spreadsheet that parts cells by other marks takes for one.
_FORMULA = re.compile(rf"(^|[;\t\r\n])(?={_UNSEEN}{_SIGNS})")


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> Response:
    """Return a table as a CSV file to be saved."""
    written = StringIO()
    csv.writer(written).writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    sent = {"Content-Disposition": f'attachment; filename="{name}"'}
    # With the mark by which Excel knows UTF-8.
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=sent)


def safe_cell(cell: str) -> str:
    """Return a cell that every spreadsheet takes for text; a plain number stays one.

    >>> safe_cell("=1+1"), safe_cell("-12.50"), safe_cell("A-1"), safe_cell(" @x")
    ("'=1+1", '-12.50', 'A-1', "' @x")
    >>> safe_cell("x;=1")
    "x;'=1"
    """
    if cell.removeprefix("-").replace(".", "", 1).isdecimal():
        return cell
    safe = _FORMULA.sub(r"\1'", cell)
    return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe


# ----------------------------------------------------------------------------
# What is old is marked in words wherever it shows: a source read more than a year ago, a plan whose year has ended.
# ----------------------------------------------------------------------------


def read_words(read_on: str | date) -> str:
    """Say when a source was read, and that this is long ago where it is."""
    day = read_on if isinstance(read_on, date) else date.fromisoformat(read_on)
    says = _("read {day}, more than a year ago") if is_long_ago(day, clock.today()) else _("read {day}")
    return says.format(day=short_day(day))


def ended_words(last_day: date | None) -> str:
    """Say that a plan's year is over; nothing where it is not."""
    if last_day is None or last_day >= clock.today():
        return ""
    return _("this plan’s year ended on {day}").format(day=short_day(last_day))
