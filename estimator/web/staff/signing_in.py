"""The way in and the way out: a name and a password, tried only so often."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from estimator.accounts.accounts import folded
from estimator.accounts.sign_in import sign_in, sign_out, sign_out_everywhere
from estimator.web.limiting import limiter
from estimator.web.staff.access import KEY, allowed, open_to_all, person, signed_in_person, staff_shelf
from estimator.web.staff.carrying import MOST_BYTES, sign_in_page, typed_before

signing_in = Blueprint("signing_in", __name__)

_START = "/staff/"
BY_ADDRESS = "20 per 15 minutes"
BY_NAME = "10 per 15 minutes"
_BAD_REQUEST = 400
_UNPROCESSABLE = 422
_SEE_OTHER = 303


def has_failed(response: object) -> bool:
    """Tell whether a try counts: what led on does not."""
    return getattr(response, "status_code", _SEE_OTHER) >= _BAD_REQUEST


def _name_tried() -> str:
    return folded(request.form.get("name", ""))[:64]


@signing_in.get("/sign-in")
@open_to_all
def form() -> str | Response:
    """Ask for name and password."""
    then = asked_page()
    return redirect(then) if signed_in_person() else sign_in_page(then)


@signing_in.post("/sign-in")
@partial(open_to_all, most_bytes=MOST_BYTES)
@limiter.limit(BY_ADDRESS, deduct_when=has_failed)
@limiter.limit(BY_NAME, key_func=_name_tried, deduct_when=has_failed)
def enter() -> str | Response | tuple[str, int]:
    """Begin a session under a new key, or ask again in words that do not say which of the two was wrong."""
    then, typed = _within_staff(request.form.get("then", "")), typed_before()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    key = sign_in(staff_shelf().engine, name, password)
    if key is None:
        return sign_in_page(then, typed, name, is_wrong=True), _UNPROCESSABLE
    # Nothing that the browser held before goes along, so that nobody else can know it.
    session.clear()
    session[KEY] = key
    if typed:
        return render_template("staff/send-again.html", then=then, typed=typed)
    return redirect(then, _SEE_OTHER)


@signing_in.post("/sign-out")
@allowed("viewer")
def leave() -> Response:
    """End this session, or every one of this account."""
    engine = staff_shelf().engine
    if "everywhere" in request.form:
        sign_out_everywhere(engine, person())
    else:
        sign_out(engine, session[KEY])
    session.clear()
    return redirect("/staff/sign-in", _SEE_OTHER)


def asked_page() -> str:
    """Return the page that whoever signs in wanted to see."""
    return _within_staff(request.args.get("then", ""))


def _within_staff(path: str) -> str:
    """Return where to go after the sign-in: never to another site."""
    is_ours = path.startswith(_START) and "\\" not in path and path.isprintable()
    return path if is_ours else _START
