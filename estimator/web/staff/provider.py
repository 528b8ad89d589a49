"""The clinic's identity provider, where one is set up: its address, what we are to it, and what we read of its answer.

Authlib speaks OpenID Connect, with the code flow, PKCE, a nonce and a state; it is loaded only where it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from flask import Flask, current_app

from estimator.accounts.accounts import Role
from estimator.accounts.sign_in import Vouched
from estimator.errors import EstimatorError, Problem, SettingsRefused

_KEPT = "provider"
_ISSUER = "ESTIMATOR_OIDC_ISSUER"
_CLIENT_ID = "ESTIMATOR_OIDC_CLIENT_ID"
_CLIENT_SECRET = "ESTIMATOR_OIDC_CLIENT_SECRET"
_NEW_ROLE = "ESTIMATOR_OIDC_NEW_ROLE"
_TIMEOUT_SECONDS = 10
_VERIFIED_BY_FLAG = "email"
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
    issuer = os.environ.get(_ISSUER, "")
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
    client_id, secret = os.environ.get(_CLIENT_ID, ""), os.environ.get(_CLIENT_SECRET, "")
    new = os.environ.get(_NEW_ROLE, "")
    if problems := tuple(_problems(client_id, secret, new)):
        raise SettingsRefused(problems)
    from authlib.integrations.flask_client import OAuth

    client = OAuth(app).register(
        "clinic",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT_SECONDS,
        },
    )
    name_claim = os.environ.get("ESTIMATOR_OIDC_NAME_CLAIM", _VERIFIED_BY_FLAG)
    role_claim = os.environ.get("ESTIMATOR_OIDC_ROLE_CLAIM", "")
    return Provider(issuer, client_id, name_claim, role_claim, Role(new) if new else None, client)


def _problems(client_id: str, secret: str, new_role: str) -> Iterator[Problem]:
    for name, value in ((_CLIENT_ID, client_id), (_CLIENT_SECRET, secret)):
        if not value:
            yield Problem(name, f"Set it to what the provider gave you, or take {_ISSUER} away.")
    if new_role and new_role not in list(Role):
        yield Problem(_NEW_ROLE, f"Set it to one of {', '.join(Role)}, or take it away to refuse strangers.")
    if find_spec("authlib") is None:
        yield Problem(_ISSUER, "Install the extra for it: pip install 'therapy-cost-estimator[oidc]'.")
