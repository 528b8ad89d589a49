"""An identity provider on this machine: it hands out a code, and for the code, once, a signed name."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from estimator.clock import now_utc
from tests.serving import served

CLIENT, SECRET = "estimator", "not so secret"
_MINUTE = 60


@dataclass
class FakeProvider:
    """What it says of the person who signs in next, and what it was asked."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs_with: RSAKey | None = None

    def agrees(self, asked: str) -> str:
        """Let the person at the browser agree, and return the address that the browser is led back to."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
        assert ("code", "S256", CLIENT) == (sent["response_type"], sent["code_challenge_method"], sent["client_id"])
        code = f"code-{len(self.codes)}"
        self.codes[code] = sent
        return f"{urlsplit(sent['redirect_uri']).path}?code={code}&state={sent['state']}"

    def token(self) -> dict[str, Any] | tuple[dict[str, str], int]:
        """Exchange a code, where the one who brings it is the one who asked for it."""
        sent = self.codes.pop(request.form["code"], None)
        verifier = request.form.get("code_verifier", "")
        proof = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        is_client = request.authorization is not None and request.authorization.password == SECRET
        if sent is None or not is_client or proof != sent["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        now = int(now_utc().timestamp())
        always = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + _MINUTE, "nonce": sent["nonce"]}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, {**always, **self.claims}, self.signs_with or self.key)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": _MINUTE, "id_token": signed}

    def described(self) -> dict[str, Any]:
        """Say where everything stands."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }


@contextmanager
def served_provider() -> Iterator[FakeProvider]:
    """Serve a provider for as long as this lasts."""
    made, app = FakeProvider(), Flask("provider")
    app.add_url_rule("/.well-known/openid-configuration", "described", lambda: made.described())
    app.add_url_rule("/keys", "keys", lambda: KeySet([made.key]).as_dict(private=False))
    app.add_url_rule("/token", "token", lambda: made.token(), methods=["POST"])
    with served(app) as made.issuer:
        yield made
