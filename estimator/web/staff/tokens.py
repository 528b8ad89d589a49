"""Pages of tokens by which other programs call: made, shown once, listed and revoked."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.accounts.roles import MEANINGS
from estimator.accounts.sign_in import DAYS, ROLES, list_tokens, make_token, revoke_token
from estimator.clock import now_utc
from estimator.errors import AccountRefused, Problem
from estimator.web.staff.common import allowed, person, staff_shelf

tokens = Blueprint("tokens", __name__, url_prefix="/tokens")

_UNPROCESSABLE = 422
_SEE_OTHER = 303


@tokens.get("/")
@allowed("admin")
def all_of_them() -> str:
    """List every token, and offer to make one."""
    return _page({})


@tokens.post("/")
@allowed("admin")
def make() -> str | tuple[str, int]:
    """Make a token, and show it this once."""
    asked = {name: request.form.get(name, "") for name in ("purpose", "role", "days")}
    try:
        made = make_token(staff_shelf().engine, **asked, by=person())
    except AccountRefused as refused:
        return _page(asked, refused.problems), _UNPROCESSABLE
    return _page({}, made=made)


@tokens.post("/<name>/revoke")
@allowed("admin")
def revoke(name: str) -> Response:
    """Let a token open nothing any more."""
    try:
        revoke_token(staff_shelf().engine, name, person())
    except AccountRefused as refused:
        raise NotFound from refused
    return redirect("/staff/tokens/", _SEE_OTHER)


def _page(typed: Mapping[str, str], problems: tuple[Problem, ...] = (), made: str = "") -> str:
    return render_template(
        "staff/admin/tokens.html",
        tokens=list_tokens(staff_shelf().engine),
        now=now_utc(),
        roles=[(role.value, f"{role.value}: {MEANINGS[role]}") for role in ROLES],
        days=[(str(days), f"{days} days") for days in DAYS],
        typed=typed,
        errors={problem.path: problem.message for problem in problems},
        made=made,
    )
