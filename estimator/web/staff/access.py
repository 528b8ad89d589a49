"""Who may see a staff page: every view says it with `@allowed("viewer" | "billing" | "rules" | "admin")`.

The decorator stands directly under the route. `person()` is who is signed in, and `staff_shelf()` the database.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import Response as Page
from flask import g, redirect, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from estimator.accounts.accounts import Role, may
from estimator.accounts.sign_in import Person, person_of_token, signed_in
from estimator.plans.shelf import Shelf
from estimator.web.shelf import shelf
from estimator.web.staff.carrying import sign_in_page, typed_now

P = ParamSpec("P")
R = TypeVar("R")

SIGN_IN = "/staff/sign-in"
KEY = "key"
OPEN = "open"
_FORBIDDEN = 403

csrf = CSRFProtect()


class NothingHere(NotFound):
    """A page that is not there, with a sentence of its own that says why."""


class NoDatabase(NothingHere):
    """The product runs from a folder of plans alone, so that there are no accounts."""

    description = "Staff pages need a database. Run `estimator db upgrade`, and start the pages again."


def allowed(role: str, most_bytes: int | None = None) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only those see a page whose role may do this; others are asked to sign in, or refused.

    A page that takes files names the most bytes that may be sent to it.
    """
    needed = Role(role)

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **options: P.kwargs) -> R | Response:
            who = signed_in_person()
            if who is None:
                return to_sign_in()
            if not may(who.role, needed):
                raise Forbidden
            return view(*args, **options)

        return _marked(guarded, needed, most_bytes)

    return decorate


def open_to_all(view: Callable[P, R], most_bytes: int | None = None) -> Callable[P, R]:
    """Mark a page below /staff/ that leads in, and so asks nobody who they are."""
    return _marked(view, OPEN, most_bytes)


def person() -> Person:
    """Return who is signed in, on a page that not everybody may see."""
    who = signed_in_person()
    if who is None:
        raise Forbidden
    return who


def signed_in_person() -> Person | None:
    """Return who is signed in, if anybody is."""
    if "person" not in g:
        key = session.get(KEY)
        g.person = signed_in(staff_shelf().engine, key) if key else None
    who: Person | None = g.person
    return who


def token_person() -> Person | None:
    """Return in whose name another program calls, by `Authorization: Bearer` and a token; None where by nobody's."""
    kept, sent = shelf(), request.authorization
    if not isinstance(kept, Shelf) or sent is None or sent.type != "bearer":
        return None
    return person_of_token(kept.engine, sent.token or "")


def staff_shelf() -> Shelf:
    """Return the database, which staff pages cannot do without."""
    kept = shelf()
    if not isinstance(kept, Shelf):
        raise NoDatabase
    return kept


def to_sign_in() -> Response:
    """Lead to the sign-in, and from there back to the page that was asked for, with what was typed for it."""
    if request.method == "POST" and (typed := typed_now()):
        return Page(sign_in_page(request.full_path.rstrip("?"), typed), _FORBIDDEN)
    back = f"?{urlencode({'then': request.path})}" if request.method == "GET" else ""
    return redirect(SIGN_IN + back)


def csrf_field() -> Markup:
    """Return the hidden field that every form of a staff page holds."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _marked(view: Callable[P, R], needs: str, most_bytes: int | None) -> Callable[P, R]:
    noted: Any = view
    noted.needs, noted.most_bytes = needs, most_bytes
    return view
