"""Pages of accounts: who there is, a new one, another role, an end, and the link that sets a password."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estimator.accounts.accounts import account_with, add_account, disable, enable, list_accounts, set_role
from estimator.accounts.roles import MEANINGS
from estimator.accounts.second_step import reset, state_of
from estimator.accounts.sign_in import LASTS, make_link
from estimator.accounts.store import Account
from estimator.errors import AccountRefused, Problem
from estimator.web.outside import outside_address
from estimator.web.staff.common import allowed, person, staff_shelf

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")

Page = str | tuple[str, int] | Response
_UNPROCESSABLE = 422
_SEE_OTHER = 303


@accounts.get("/")
@allowed("admin")
def all_of_them() -> str:
    """List every account, and offer to add one."""
    return _list({}, ())


@accounts.post("/")
@allowed("admin")
def add() -> Page:
    """Add an account without a password, and show the link by which its owner sets one."""
    engine = staff_shelf().engine
    try:
        made = add_account(engine, request.form.get("name", ""), request.form.get("role", ""), None, by=person().id)
    except AccountRefused as refused:
        return _list(request.form, refused.problems), _UNPROCESSABLE
    return _page(made, link=make_link(engine, made.id, person()))


@accounts.get("/<int:account_id>")
@allowed("admin")
def one(account_id: int) -> str:
    """Show an account and what can be done with it."""
    return _page(_account(account_id))


@accounts.post("/<int:account_id>/role")
@allowed("admin")
def give_role(account_id: int) -> Page:
    """Give an account another role."""
    account = _account(account_id)
    try:
        set_role(staff_shelf().engine, account.name, request.form.get("role", ""), by=person().id)
    except AccountRefused as refused:
        return _page(account, problems=refused.problems), _UNPROCESSABLE
    return _back_to(account)


@accounts.post("/<int:account_id>/state")
@allowed("admin")
def change_state(account_id: int) -> Page:
    """Disable an account, or let it be used again."""
    account = _account(account_id)
    change = disable if account.is_active else enable
    try:
        change(staff_shelf().engine, account.name, by=person().id)
    except AccountRefused as refused:
        return _page(account, problems=refused.problems), _UNPROCESSABLE
    return _back_to(account)


@accounts.post("/<int:account_id>/link")
@allowed("admin")
def link(account_id: int) -> Page:
    """Make a link that sets the password, and show it this once."""
    account = _account(account_id)
    try:
        key = make_link(staff_shelf().engine, account.id, person())
    except AccountRefused as refused:
        return _page(account, problems=refused.problems), _UNPROCESSABLE
    return _page(account, link=key)


@accounts.post("/<int:account_id>/second-step")
@allowed("admin")
def take_second_step_away(account_id: int) -> Response:
    """Let somebody who lost phone and recovery codes sign in with the password alone."""
    account = _account(account_id)
    reset(staff_shelf().engine, account.name, by=person().id)
    return _back_to(account)


def _account(account_id: int) -> Account:
    account = account_with(staff_shelf().engine, account_id)
    if account is None:
        raise NotFound
    return account


def _back_to(account: Account) -> Response:
    return redirect(f"/staff/accounts/{account.id}", _SEE_OTHER)


def _list(typed: Mapping[str, str], problems: tuple[Problem, ...]) -> str:
    found = list_accounts(staff_shelf().engine)
    errors = {problem.path: problem.message for problem in problems}
    return render_template("staff/admin/accounts.html", accounts=found, roles=_roles(), typed=typed, errors=errors)


def _page(account: Account, link: str = "", problems: tuple[Problem, ...] = ()) -> str:
    address = outside_address(f"/staff/set-password/{link}") if link else ""
    hours = LASTS.total_seconds() // 3600
    return render_template(
        "staff/admin/account.html",
        account=account,
        roles=_roles(),
        link=address,
        has_second_step=state_of(staff_shelf().engine, account.id).is_on,
        hours=int(hours),
        problems=[(None, problem.message) for problem in problems],
    )


def _roles() -> list[tuple[str, str]]:
    return [(role.value, f"{role.value}: {meaning}") for role, meaning in MEANINGS.items()]
