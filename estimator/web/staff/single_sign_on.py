"""The way in through the clinic's identity provider: there and back again, beside the sign-in with a password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session
from werkzeug.exceptions import BadGateway
from werkzeug.wrappers import Response

from estimator.accounts.sign_in import sign_in_vouched
from estimator.web.limiting import limiter
from estimator.web.staff.access import KEY, NothingHere, open_to_all, staff_shelf
from estimator.web.staff.addresses import outside_address
from estimator.web.staff.provider import Provider, ProviderRefused, provider, vouched_by
from estimator.web.staff.signing_in import BY_ADDRESS, asked_page

single_sign_on = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/clinic")

_THEN = "then"
_FORBIDDEN = 403


class NoProvider(NothingHere):
    """No identity provider is set up."""

    description = "Nobody has set up another way to sign in than name and password."


class ProviderSilent(BadGateway):
    """The identity provider cannot be reached."""


@single_sign_on.get("/")
@open_to_all
@limiter.limit(BY_ADDRESS)
def leave_for_provider() -> Response:
    """Lead to the provider, which leads back."""
    known = _provider()
    from requests import RequestException

    session[_THEN] = asked_page()
    try:
        led: Response = known.client.authorize_redirect(outside_address("/staff/sign-in/clinic/back"))
    except (RequestException, ValueError) as error:
        raise ProviderSilent from error
    return led


@single_sign_on.get("/back")
@open_to_all
@limiter.limit(BY_ADDRESS)
def come_back() -> Response | tuple[str, int]:
    """Begin a session for whom the provider vouches."""
    known = _provider()
    then = session.get(_THEN, "/staff/")
    try:
        key = sign_in_vouched(staff_shelf().engine, vouched_by(known), known.new_role)
    except ProviderRefused:
        key = None
    session.clear()
    if key is None:
        return render_template("staff/not-let-in.html"), _FORBIDDEN
    session[KEY] = key
    return redirect(then)


def _provider() -> Provider:
    known = provider()
    if known is None:
        raise NoProvider
    return known
