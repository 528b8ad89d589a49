"""The language of a page is part of its address: `/es/plans` is `/plans` in Spanish, and no cookie keeps a choice.

Whoever opens the first page with a browser that prefers Spanish is led to it; the link to English says so in its
address, and is not led back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from estimator.language import ENGLISH, LANGUAGES, speaking, spoken

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OTHERS = tuple(language for language in LANGUAGES if language != ENGLISH)
_CHOSEN = "in"  # Of an address, such as /?in=en: the reader chose, whatever the browser prefers.
# Staff pages, the API and assets are in one language alone, or are told it otherwise.
_NOT_SPOKEN = ("/staff", "/api", "/assets")
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


def _with_query() -> str:
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query and _CHOSEN not in request.args else request.path


def _address(language: str, path: str, *, is_sent: bool) -> str:
    if language != ENGLISH:
        return f"/{language}{path}"
    return f"{path}?{_CHOSEN}={ENGLISH}" if path == _FIRST and not is_sent else path
