"""What everybody who works here does for themselves: set a password, by a link or by the one they have."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from estimator.accounts.sign_in import account_of, change_own_password, use_link
from estimator.errors import AccountRefused, Problem
from estimator.web.limiting import limiter
from estimator.web.staff.access import KEY, NothingHere, allowed, open_to_all, person, staff_shelf
from estimator.web.staff.signing_in import BY_NAME, has_failed

own_account = Blueprint("own_account", __name__)

Page = str | tuple[str, int] | Response
_UNPROCESSABLE = 422
_SEE_OTHER = 303
_DIFFER = Problem("again", "Write the same password twice; these two differ.")


class LinkIsOver(NothingHere):
    """The link was used, replaced or is older than a day."""

    description = "This link leads nowhere any more. Ask an administrator for a new one."


@own_account.get("/me")
@allowed("viewer")
def own() -> str:
    """Show the account of whoever is signed in."""
    return _own_page()


@own_account.post("/me")
@allowed("viewer")
@limiter.limit(BY_NAME, key_func=lambda: person().name, deduct_when=has_failed)
def change() -> Page:
    """Set another password for whoever is signed in."""
    current, password = request.form.get("current", ""), request.form.get("password", "")
    try:
        _require_same(password)
        key = change_own_password(staff_shelf().engine, person(), current, password)
    except AccountRefused as refused:
        return _own_page(refused.problems), _UNPROCESSABLE
    session.clear()
    session[KEY] = key
    return redirect("/staff/", _SEE_OTHER)


@own_account.get("/set-password/<key>")
@open_to_all
def ask(key: str) -> str:
    """Ask for the new password of the account that a link was made for."""
    return _link_page(key)


@own_account.post("/set-password/<key>")
@open_to_all
def set_by_link(key: str) -> Page:
    """Set the password, and lead to the sign-in."""
    password = request.form.get("password", "")
    try:
        _require_same(password)
        if use_link(staff_shelf().engine, key, password) is None:
            raise LinkIsOver
    except AccountRefused as refused:
        return _link_page(key, refused.problems), _UNPROCESSABLE
    session.clear()
    return redirect("/staff/sign-in", _SEE_OTHER)


def _require_same(password: str) -> None:
    if password != request.form.get("again", ""):
        raise AccountRefused((_DIFFER,))


def _own_page(problems: tuple[Problem, ...] = ()) -> str:
    return render_template("staff/me.html", errors={problem.path: problem.message for problem in problems})


def _link_page(key: str, problems: tuple[Problem, ...] = ()) -> str:
    account = account_of(staff_shelf().engine, key)
    if account is None:
        raise LinkIsOver
    errors = {problem.path: problem.message for problem in problems}
    return render_template("staff/set-password.html", name=account.name, errors=errors)
