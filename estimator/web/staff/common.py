"""What every staff page uses: who may see it, the form's mark, navigation, and which plan somebody means.

The decorator stands directly under the route. `person()` is who is signed in, and `staff_shelf()` the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, session
from flask import Response as Page
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.wrappers import Response

from estimator.accounts.audit import note_read
from estimator.accounts.roles import Role, may
from estimator.accounts.sign_in import Person, Vouched, person_of_token, signed_in
from estimator.billing.calls import CallEntry, is_old
from estimator.billing.cases import label_of
from estimator.clock import now_utc, today
from estimator.engine.plan import Plan
from estimator.errors import EstimatorError, Problem, SettingsRefused
from estimator.plans.shelf import PlanRow, Shelf, Wanted
from estimator.settings import (
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET,
    OIDC_ISSUER,
    OIDC_NAME_CLAIM,
    OIDC_NEW_ROLE,
    OIDC_ROLE_CLAIM,
)
from estimator.web.common import count, number_in, search, shelf
from estimator.web.health import FailurePage, failure_page, kept_headers
from estimator.web.patient.plans import plan_named
from estimator.wording.words import short_day

P = ParamSpec("P")
R = TypeVar("R")

SIGN_IN = "/staff/sign-in"
KEY = "key"
OPEN = "open"
_FORBIDDEN = 403

csrf = CSRFProtect()


class NothingHere(NotFound):
    """A page that is not there, with a sentence of its own that says why."""


def allowed(
    role: str, most_bytes: int | None = None, *, notes: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only those see a page whose role may do this; others are asked to sign in, or refused.

    A page that takes files names the most bytes that may be sent to it. A page that shows what is about a patient, or
    sends a list away, names what is noted in the log when it is read: what cannot be noted is not shown.
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
            page = view(*args, **options)
            if notes:
                subject = " ".join(map(str, options.values()))
                note_read(staff_shelf().engine, by=who.id, did=notes, subject=subject, now=now_utc())
            return page

        return _marked(guarded, needed, most_bytes, notes)

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
    sent = request.authorization
    if sent is None or sent.type != "bearer":
        return None
    return person_of_token(shelf().engine, sent.token or "")


def staff_shelf() -> Shelf:
    """Return the database."""
    return shelf()


def label_of_number() -> str:
    """Return the label of the case that an address names by its number (`of`); empty where it names none.

    A label stands in no address: addresses are kept in histories and in the logs of proxies.
    """
    number = number_in(request.args, "of")
    return label_of(staff_shelf().engine, number) if number else ""


def days_asked(usual: timedelta) -> tuple[date, date]:
    """Return the days that an address asks about (`since`, `until`): so many up to today where it names none."""
    last = _day_asked("until", today())
    return _day_asked("since", last - usual), last


def _day_asked(name: str, usual: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return usual


def to_sign_in() -> Response:
    """Lead to the sign-in, and from there back to the page that was asked for, with what was typed for it."""
    if request.method == "POST" and (typed := typed_now()):
        return Page(sign_in_page(request.full_path.rstrip("?"), typed), _FORBIDDEN)
    back = f"?{urlencode({'then': request.path})}" if request.method == "GET" else ""
    return redirect(SIGN_IN + back)


def csrf_field() -> Markup:
    """Return the hidden field that every form of a staff page holds."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _marked(view: Callable[P, R], needs: str, most_bytes: int | None, notes: str = "") -> Callable[P, R]:
    marked: Any = view
    marked.needs, marked.most_bytes, marked.notes = needs, most_bytes, notes
    return view


# ----------------------------------------------------------------------------
# What holds for every staff page: a database, a form that came from us, nothing kept by browsers, plain refusals.
# ----------------------------------------------------------------------------

_WORDS = {
    HTTPStatus.BAD_REQUEST: (
        "This form is too old",
        "It was opened before you signed in or out. Go back, load the page again and send the form once more.",
    ),
    HTTPStatus.FORBIDDEN: (
        "Your role may not do this",
        "Ask an administrator if you need it. Nothing was changed.",
    ),
    HTTPStatus.NOT_FOUND: ("There is no such page", "The address may be old or mistyped."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "That was too large to read",
        "Nothing was changed. Send less at once.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many tries",
        "The sign-in waits for a quarter of an hour now, then try again. If you have forgotten your password, ask an "
        "administrator for a link to set a new one.",
    ),
    HTTPStatus.BAD_GATEWAY: (
        "The clinic’s sign-in does not answer",
        "Wait a minute and try again, or sign in with your name and password here.",
    ),
}


def guard(staff: Blueprint) -> None:
    """Let these rules hold for a blueprint and all below it."""
    staff.before_request(_before)
    staff.after_request(_after)
    staff.context_processor(_for_templates)
    staff.register_error_handler(HTTPException, refused_page)


def _before() -> None:
    view = current_app.view_functions[request.endpoint or ""]
    if most := getattr(view, "most_bytes", None):
        request.max_content_length = request.max_form_memory_size = most
    csrf.protect()


def _after(response: Page) -> Page:
    response.headers["Cache-Control"] = "no-store"
    return response


def _for_templates() -> dict[str, Any]:
    who = None if g.get("is_failing") else signed_in_person()
    return {"who": who, "entries": entries_for(who.role) if who else ()}


def refused_page(failure: HTTPException) -> FailurePage:
    """Return the page that says in plain words what went wrong."""
    code = HTTPStatus(failure.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if code not in _WORDS:
        return failure_page(failure)
    heading, words = _WORDS[code]
    if isinstance(failure, NothingHere):
        words = failure.description or words
    return render_template("staff/failure.html", heading=heading, words=words), code, kept_headers(failure)


# ----------------------------------------------------------------------------
# What the navigation of the staff pages leads to, and whom it is shown to.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: its words, where it leads, what a role must allow, and what is done there."""

    label: str
    path: str
    role: str
    does: str


# In the order of a day: first the desk, then the rule book, then what an administrator opens now and then.
NAVIGATION: tuple[Place, ...] = (
    Place(
        "Today",
        "/staff/today/",
        "billing",
        "the work list: what to do before each patient arrives, and what to collect",
    ),
    Place("Cases", "/staff/cases/", "billing", "courses of care with their counters, alerts and what happened"),
    Place("Schedule", "/staff/schedule/", "billing", "estimates and flags for a whole day, from a file"),
    Place(
        "Authorization",
        "/staff/authorization",
        "billing",
        "check a planned course: valid, authorized, payable, and what to send by when",
    ),
    Place(
        "Eligibility",
        "/staff/eligibility",
        "billing",
        "read a payer’s answer (271, FHIR) and take it to an estimate",
    ),
    Place("Calls", "/staff/calls/", "billing", "what payers said, when and under which reference, kept as evidence"),
    Place("Estimates", "/staff/estimates/", "billing", "what patients were given, kept with its receipt"),
    Place(
        "Remittances",
        "/staff/remittances/",
        "billing",
        "post what payers paid to cases; what falls short of the contract, and what payers allow",
    ),
    Place("Reports", "/staff/reports/", "billing", "what payers approved and denied, how long it took, what it cost"),
    Place("Plans", "/staff/plans/", "viewer", "read plans and their history; correct one and publish it"),
    Place(
        "Rules", "/staff/rules/", "viewer", "what many plans follow: change it once, see what that does to all of them"
    ),
    Place("Proposals", "/staff/proposals/", "viewer", "confirm or reject what insurers’ free text proposes"),
    Place("Prices", "/staff/prices/", "viewer", "the clinic’s contracts, self-pay list and factors; what has no price"),
    Place("Clinic", "/staff/clinic/", "viewer", "the clinic’s locations, and the register of its therapists"),
    Place("Watch", "/staff/watch/", "viewer", "what has grown old, ended, failed or would change"),
    Place("Accounts", "/staff/accounts/", "admin", "who may sign in, and with which role"),
    Place("API tokens", "/staff/tokens/", "admin", "by which other programs call"),
    Place("Log", "/staff/log/", "admin", "who did what, and when"),
)


def entries_for(role: str) -> tuple[Place, ...]:
    """Return the entries that a role may open."""
    return tuple(place for place in NAVIGATION if may(role, place.role))


# ----------------------------------------------------------------------------
# Which plan somebody at the desk means, who writes its id or words of its name.
#
# One plan that fits is taken; of several the page offers the first, to be chosen.
# ----------------------------------------------------------------------------

NOT_FOUND = "No plan has this id, and none holds all of these words. Try fewer words."
SEVERAL = "Choose one of the plans below, or enter more words."
_MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Named:
    """The plan that was meant, or those that may be; `total` counts all of them."""

    plan: Plan | None
    found: Sequence[PlanRow] = ()
    total: int = 0


def plan_meant(typed: str, day: str, state: str | None = None) -> Named:
    """Find the plan by its id, or by words of its name among those of a state."""
    if not typed:
        return Named(None)
    exact = plan_named(typed, day)
    if exact is not None:
        return Named(exact)
    wanted = Wanted(text=typed, state=state)
    found, total = search(wanted, _MOST_FOUND), count(wanted)
    one = plan_named(found[0].plan_id, day) if total == 1 else None
    return Named(one, () if one else found, total)


# ----------------------------------------------------------------------------
# One line that leads to an entry of the call log, for pages about something else.
#
# It says when the plan was asked and under which reference, and names no answer.
# ----------------------------------------------------------------------------


def told_line(entry: CallEntry, today: date) -> str:
    """Say when a plan was asked, and whether that is too long ago to rely on."""
    reference = f", reference {entry.reference}" if entry.reference else ""
    old = " (more than 90 days ago: ask again)" if is_old(entry, today) else ""
    return f"Told on {short_day(entry.told_on)}{reference}{old}"


# ----------------------------------------------------------------------------
# What somebody typed into a form whose session had ended goes through the sign-in with them, to be sent once more.
#
# It travels in hidden fields and is kept nowhere. Passwords and files never travel so.
# ----------------------------------------------------------------------------

# As much as the largest form without a file may hold, the text of a plan, and the sign-in beside it.
MOST_BYTES = 1_100_000
_PREFIX = "typed."
_SECRETS = frozenset({"password", "again", "current", "off-current", "app_code"})
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
    fields = along(typed)
    return render_template("staff/sign-in.html", then=then, typed=fields, name=name, is_wrong=is_wrong, clinic=clinic)


def along(typed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what was typed under the names that it has in a form of the sign-in."""
    return [(_PREFIX + field, words) for field, words in typed]


# ----------------------------------------------------------------------------
# The clinic's identity provider, where one is set up: its address, what we are to it, and what we read of its answer.
#
# Authlib speaks OpenID Connect, with the code flow, PKCE, a nonce and a state; it is loaded only where it is needed.
# ----------------------------------------------------------------------------

_KEPT = "provider"
_TIMEOUT_SECONDS = 10
_VERIFIED_BY_FLAG = OIDC_NAME_CLAIM.default
# Of several roles the one that allows most.
_STRONGEST_FIRST = (Role.ADMIN, Role.RULES, Role.BILLING, Role.VIEWER)


class ProviderRefused(EstimatorError):
    """What the provider answered lets nobody in."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The settings of a provider, and the client that speaks with it."""

    issuer: str
    client_id: str
    name_claim: str
    role_claim: str
    new_role: Role | None
    client: Any


def keep_provider(app: Flask) -> None:
    """Set up the provider that the environment names, if any."""
    issuer = OIDC_ISSUER.value()
    app.extensions[_KEPT] = _provider(app, issuer) if issuer else None


def provider() -> Provider | None:
    """Return the provider of the app at hand; None where there is none."""
    kept: Provider | None = current_app.extensions[_KEPT]
    return kept


def vouched_by(known: Provider) -> Vouched:
    """Exchange the code that came for what the provider says of a person, or raise ProviderRefused."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    required = {"iss": [known.issuer], "aud": [known.client_id]}
    options = {claim: {"essential": True, "values": values} for claim, values in required.items()}
    try:
        answer = known.client.authorize_access_token(claims_options=options)
    except (AuthlibBaseError, JoseError, RequestException, ValueError) as error:
        raise ProviderRefused from error
    return _vouched(known, answer.get("userinfo") or {})


def _vouched(known: Provider, claims: Mapping[str, Any]) -> Vouched:
    subject, name = claims.get("sub"), claims.get(known.name_claim)
    is_sure = known.name_claim != _VERIFIED_BY_FLAG or claims.get("email_verified") is True
    if not (isinstance(subject, str) and subject and isinstance(name, str) and name and is_sure):
        raise ProviderRefused
    roles = tuple(_roles(claims.get(known.role_claim))) if known.role_claim else ()
    if known.role_claim and not roles:
        raise ProviderRefused
    return Vouched(f"{known.issuer} {subject}", name, roles[0] if roles else None)


def _roles(claimed: object) -> Iterator[Role]:
    given = claimed if isinstance(claimed, list) else [claimed]
    yield from (role for role in _STRONGEST_FIRST if role in given or f"estimator-{role}" in given)


def _provider(app: Flask, issuer: str) -> Provider:
    if problems := tuple(_problems()):
        raise SettingsRefused(problems)
    from authlib.integrations.flask_client import OAuth

    client = OAuth(app).register(
        "clinic",
        client_id=OIDC_CLIENT_ID.value(),
        client_secret=OIDC_CLIENT_SECRET.value(),
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT_SECONDS,
        },
    )
    new = OIDC_NEW_ROLE.value()
    name_claim, role_claim = OIDC_NAME_CLAIM.value(), OIDC_ROLE_CLAIM.value()
    return Provider(issuer, OIDC_CLIENT_ID.value(), name_claim, role_claim, Role(new) if new else None, client)


def _problems() -> Iterator[Problem]:
    for one in (OIDC_CLIENT_ID, OIDC_CLIENT_SECRET):
        if not one.written:
            yield Problem(one.name, f"Enter what the provider gave you, or leave {OIDC_ISSUER.name} out.")
    if wrong := OIDC_NEW_ROLE.problem():
        yield wrong
    if find_spec("authlib") is None:
        yield Problem(OIDC_ISSUER.name, "Install the extra for it: pip install 'therapy-cost-estimator[oidc]'.")
