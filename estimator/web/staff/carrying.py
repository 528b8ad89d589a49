"""What somebody typed into a form whose session had ended goes through the sign-in with them, to be sent once more.

It travels in hidden fields and is kept nowhere. Passwords and files never travel so.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import render_template, request

from estimator.web.staff.provider import provider

# As much as the largest form without a file may hold, the text of a plan, and the sign-in beside it.
MOST_BYTES = 1_100_000
_PREFIX = "typed."
_SECRETS = frozenset({"password", "again", "current"})
_MARK = "csrf_token"


def typed_now() -> list[tuple[str, str]]:
    """Return the fields of the form at hand that may go along: none of a form with a password or a file."""
    if request.mimetype != "application/x-www-form-urlencoded" or _SECRETS.intersection(request.form):
        return []
    return [(name, typed) for name, typed in request.form.items(multi=True) if name != _MARK]


def typed_before() -> list[tuple[str, str]]:
    """Return the fields that have come along with the form of the sign-in."""
    fields = request.form.items(multi=True)
    return [(name.removeprefix(_PREFIX), typed) for name, typed in fields if name.startswith(_PREFIX)]


def sign_in_page(then: str, typed: Sequence[tuple[str, str]] = (), name: str = "", *, is_wrong: bool = False) -> str:
    """Return the page of the sign-in, with what goes along in it."""
    clinic = f"/staff/sign-in/clinic/?{urlencode({'then': then})}" if provider() else ""
    along = [(_PREFIX + field, words) for field, words in typed]
    return render_template("staff/sign-in.html", then=then, typed=along, name=name, is_wrong=is_wrong, clinic=clinic)
