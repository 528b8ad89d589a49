"""The way in and the way out: a password, the clinic's identity provider, and one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

import segno
from flask import Blueprint, redirect, render_template, request, session
from markupsafe import Markup
from werkzeug.exceptions import BadGateway
from werkzeug.wrappers import Response

from estimator.accounts.accounts import account_with, folded
from estimator.accounts.limits import Limit, take_back
from estimator.accounts.second_step import Begun, begin, begun, confirm, sign_in_with_code, state_of, turn_off
from estimator.accounts.sign_in import (
    HalfSignedIn,
    account_of,
    change_own_password,
    sign_in,
    sign_in_vouched,
    sign_out,
    sign_out_everywhere,
    use_link,
)
from estimator.clock import now_utc
from estimator.errors import AccountRefused, Problem
from estimator.web.outside import by_network, outside_address, require_within
from estimator.web.staff.common import (
    KEY,
    MOST_BYTES,
    NothingHere,
    Provider,
    ProviderRefused,
    allowed,
    along,
    open_to_all,
    person,
    provider,
    sign_in_page,
    signed_in_person,
    staff_shelf,
    typed_before,
    vouched_by,
)

signing_in = Blueprint("signing_in", __name__)

_START = "/staff/"
_SPAN = timedelta(minutes=15)
BY_ADDRESS = Limit("sign-in by network", 20, _SPAN)
BY_NAME = Limit("sign-in by name", 10, _SPAN)
_BY_CODE = Limit("sign-in by code", 10, _SPAN)
_HALF = "half"
_LONGEST_NAME = 64
_UNPROCESSABLE = 422
_SEE_OTHER = 303


@signing_in.get("/sign-in")
@open_to_all
def form() -> str | Response:
    """Ask for name and password."""
    then = asked_page()
    return redirect(then) if signed_in_person() else sign_in_page(then)


@signing_in.post("/sign-in")
@partial(open_to_all, most_bytes=MOST_BYTES)
def enter() -> str | Response | tuple[str, int]:
    """Begin a session under a new key, or ask again in words that do not say which of the two was wrong."""
    then, typed = _within_staff(request.form.get("then", "")), typed_before()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    engine = staff_shelf().engine
    tried = (*by_network(BY_ADDRESS), BY_NAME.of(folded(name)[:_LONGEST_NAME]))
    require_within(engine, tried)
    found = sign_in(engine, name, password)
    if found is None:
        return sign_in_page(then, typed, name, is_wrong=True), _UNPROCESSABLE
    take_back(engine, tried)
    # Nothing that the browser held before goes along, so that nobody else can know it.
    session.clear()
    if isinstance(found, HalfSignedIn):
        session[_HALF] = (found.account_id, found.password_mark, found.at.isoformat())
        return _code_page(then, typed)
    return _lead_on(found, then, typed)


@signing_in.get("/sign-in/code")
@open_to_all
def ask_for_code() -> Response | str:
    """Ask for the code of somebody who gave the right password."""
    then = asked_page()
    return _code_page(then, ()) if _half_signed_in() else redirect(f"/staff/sign-in?{urlencode({'then': then})}")


@signing_in.post("/sign-in/code")
@partial(open_to_all, most_bytes=MOST_BYTES)
def enter_code() -> str | Response | tuple[str, int]:
    """Begin a session with the code of a phone, or with a recovery code."""
    then, typed = _within_staff(request.form.get("then", "")), typed_before()
    half = _half_signed_in()
    if half is None:
        return sign_in_page(then, typed)
    engine = staff_shelf().engine
    tried = (*by_network(BY_ADDRESS), _BY_CODE.of(str(half.account_id)))
    require_within(engine, tried)
    key = sign_in_with_code(engine, half, request.form.get("app_code", ""))
    if key is None:
        return _code_page(then, typed, is_wrong=True), _UNPROCESSABLE
    take_back(engine, tried)
    session.clear()
    return _lead_on(key, then, typed)


def _half_signed_in() -> HalfSignedIn | None:
    """Return who gave the right password in this browser within the last minutes."""
    kept = session.get(_HALF)
    if kept is None:
        return None
    half = HalfSignedIn(kept[0], kept[1], datetime.fromisoformat(kept[2]))
    return None if half.is_over(now_utc()) else half


def _code_page(then: str, typed: Sequence[tuple[str, str]], *, is_wrong: bool = False) -> str:
    return render_template("staff/sign-in-code.html", then=then, typed=along(typed), is_wrong=is_wrong)


def _lead_on(key: str, then: str, typed: Sequence[tuple[str, str]]) -> str | Response:
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
    """Return the page that the person who signs in wanted to see."""
    return _within_staff(request.args.get("then", ""))


def _within_staff(path: str) -> str:
    """Return where to go after the sign-in: never to another site."""
    is_ours = path.startswith(_START) and "\\" not in path and path.isprintable()
    return path if is_ours else _START


# ----------------------------------------------------------------------------
# The way in through the clinic's identity provider: there and back again, beside the sign-in with a password.
# ----------------------------------------------------------------------------

single_sign_on = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/clinic")

_THEN = "then"
# There and back: each is counted.
_BY_PROVIDER = Limit("sign-in by provider", 40, _SPAN)
_FORBIDDEN = 403


class NoProvider(NothingHere):
    """No identity provider is set up."""

    description = "Nobody has set up another way to sign in than name and password."


class ProviderSilent(BadGateway):
    """The identity provider cannot be reached."""


@single_sign_on.get("/")
@open_to_all
def leave_for_provider() -> Response:
    """Lead to the provider, which leads back."""
    known = _provider()
    require_within(staff_shelf().engine, by_network(_BY_PROVIDER))
    from requests import RequestException

    session[_THEN] = asked_page()
    try:
        led: Response = known.client.authorize_redirect(outside_address("/staff/sign-in/clinic/back"))
    except (RequestException, ValueError) as error:
        raise ProviderSilent from error
    return led


@single_sign_on.get("/back")
@open_to_all
def come_back() -> Response | tuple[str, int]:
    """Begin a session for whom the provider vouches."""
    known = _provider()
    require_within(staff_shelf().engine, by_network(_BY_PROVIDER))
    then = session.get(_THEN, "/staff/")
    try:
        key = sign_in_vouched(staff_shelf().engine, vouched_by(known), known.new_role)
    except ProviderRefused:
        key = None
    if key is None:
        # Another site can lead a browser here with whatever it likes: that ends nobody's session.
        return render_template("staff/not-let-in.html"), _FORBIDDEN
    session.clear()
    session[KEY] = key
    return redirect(then)


def _provider() -> Provider:
    known = provider()
    if known is None:
        raise NoProvider
    return known


# ----------------------------------------------------------------------------
# What everybody who works here does for themselves: set a password, by a link or by the one they have.
# ----------------------------------------------------------------------------

own_account = Blueprint("own_account", __name__)

Page = str | tuple[str, int] | Response
_DIFFER = Problem("again", "Enter the same password twice; these two differ.")


class LinkIsOver(NothingHere):
    """The link was used, replaced or is older than a day."""

    description = "This link leads nowhere any more. Ask an administrator for a new one."


@own_account.get("/me")
@allowed("viewer")
def own() -> str:
    """Show the account of the person who is signed in."""
    return _own_page()


@own_account.post("/me")
@allowed("viewer")
def change() -> Page:
    """Set another password for the person who is signed in."""
    current, password = request.form.get("current", ""), request.form.get("password", "")
    engine, tried = staff_shelf().engine, (BY_NAME.of(person().name),)
    require_within(engine, tried)
    try:
        _require_same(password)
        key = change_own_password(engine, person(), current, password)
    except AccountRefused as refused:
        return _own_page(refused.problems), _UNPROCESSABLE
    take_back(engine, tried)
    session.clear()
    session[KEY] = key
    return redirect("/staff/", _SEE_OTHER)


@own_account.post("/me/second-step")
@allowed("viewer")
def begin_second_step() -> Page:
    """Show the picture that an app on a phone reads, and ask for its first code."""
    try:
        return _second_step_page(begin(staff_shelf().engine, person()))
    except AccountRefused as refused:
        return _own_page(refused.problems), _UNPROCESSABLE


@own_account.post("/me/second-step/confirm")
@allowed("viewer")
def confirm_second_step() -> Page:
    """Turn the second step on, and show the recovery codes this once."""
    engine = staff_shelf().engine
    tried = (_BY_CODE.of(str(person().id)),)
    require_within(engine, tried)
    try:
        confirmed = confirm(engine, person(), request.form.get("app_code", ""))
    except AccountRefused as refused:
        waiting = begun(engine, person())
        page = _second_step_page(waiting, refused.problems) if waiting else _own_page(refused.problems)
        return page, _UNPROCESSABLE
    take_back(engine, tried)
    session.clear()
    session[KEY] = confirmed.key
    return render_template("staff/recovery-codes.html", codes=confirmed.codes)


@own_account.post("/me/second-step/off")
@allowed("viewer")
def end_second_step() -> Page:
    """Ask for no code any more."""
    engine, tried = staff_shelf().engine, (BY_NAME.of(person().name),)
    require_within(engine, tried)
    try:
        turn_off(engine, person(), request.form.get("off-current", ""))
    except AccountRefused as refused:
        return _own_page(refused.problems, of="off-"), _UNPROCESSABLE
    take_back(engine, tried)
    return redirect("/staff/me", _SEE_OTHER)


def _second_step_page(waiting: Begun, problems: tuple[Problem, ...] = ()) -> str:
    picture = Markup(segno.make(waiting.address, micro=False).svg_inline(scale=5, border=4, light="#fff"))
    errors = {problem.path: problem.message for problem in problems}
    return render_template("staff/second-step.html", picture=picture, secret=waiting.secret, errors=errors)


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


def _own_page(problems: tuple[Problem, ...] = (), of: str = "") -> str:
    """Return the page of one's own account; `of` says which of its forms has the problems."""
    engine, errors = staff_shelf().engine, {of + problem.path: problem.message for problem in problems}
    own = account_with(engine, person().id)
    has_password = own is not None and own.password is not None
    return render_template(
        "staff/me.html", errors=errors, state=state_of(engine, person().id), has_password=has_password
    )


def _link_page(key: str, problems: tuple[Problem, ...] = ()) -> str:
    account = account_of(staff_shelf().engine, key)
    if account is None:
        raise LinkIsOver
    errors = {problem.path: problem.message for problem in problems}
    return render_template("staff/set-password.html", name=account.name, errors=errors)
