"""The way in through the clinic's identity provider: for whom it vouches, to the account that is meant."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from estimator.accounts.accounts import add_account, disable
from estimator.accounts.store import Account, find_account
from estimator.db.connection import reading
from estimator.errors import SettingsRefused
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient
from tests.web.staff.provider import CLIENT, SECRET, FakeProvider, served_provider

DORA = {"sub": "d-17", "email": "Dora@clinic.example", "email_verified": True}
NAME = "dora@clinic.example"


@pytest.fixture(scope="module")
def served() -> Iterator[FakeProvider]:
    """One provider for all tests."""
    with served_provider() as made:
        yield made


@pytest.fixture
def clinic(served: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """The provider that vouches for Dora, set up in the environment."""
    served.claims, served.signs_with = dict(DORA), None
    for name, value in (("ISSUER", served.issuer), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"ESTIMATOR_OIDC_{name}", value)
    return served


@pytest.fixture
def app(clinic: FakeProvider, engine: Engine) -> Flask:
    """The app beside that provider."""
    made = create_app(Shelf(engine))
    made.test_client_class = StaffClient
    return made


def goes(client: StaffClient, clinic: FakeProvider, then: str = "/staff/me") -> TestResponse:
    """Go to the provider, agree there and come back."""
    there = client.get(f"/staff/sign-in/clinic/?then={then}")
    return client.get(clinic.agrees(there.headers["Location"]))


def account(engine: Engine, name: str = NAME) -> Account | None:
    """Return the account of this name."""
    with reading(engine) as connection:
        return find_account(connection, name=name)


def test_an_account_is_found_by_its_verified_name_and_then_by_the_provider(
    nobody: StaffClient, clinic: FakeProvider, engine: Engine
) -> None:
    """A new email address later changes nothing."""
    add_account(engine, NAME, "billing", None)
    first = goes(nobody, clinic)
    shown = page_of(nobody.get("/staff/me").text).one("dl", class_="facts").text
    nobody.post("/staff/sign-out")
    clinic.claims["email"] = "dora.married@clinic.example"
    second = goes(nobody, clinic)
    found = account(engine)

    assert "/staff/me" == first.headers["Location"] == second.headers["Location"]
    assert f"Name {NAME} Role billing" == shown
    assert found
    assert f"{clinic.issuer} d-17" == found.person


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"sub": ""},
        {"nonce": "of another sign-in"},
        {"aud": "another client"},
        {"aud": "another client", "azp": CLIENT},
        {"iss": "https://evil.example"},
        {"exp": 1},
    ],
)
def test_what_the_provider_does_not_vouch_for_lets_nobody_in(
    nobody: StaffClient, clinic: FakeProvider, engine: Engine, changed: dict[str, object]
) -> None:
    """Each part of what it signs is looked at."""
    add_account(engine, NAME, "billing", None)
    clinic.claims |= changed

    assert 403 == goes(nobody, clinic).status_code
    assert 302 == nobody.get("/staff/me").status_code


def test_a_name_that_another_key_signed_lets_nobody_in(
    nobody: StaffClient, clinic: FakeProvider, engine: Engine
) -> None:
    """Only the provider's own signature counts."""
    add_account(engine, NAME, "billing", None)
    clinic.signs_with = RSAKey.generate_key(2048, {"kid": "one"})

    assert 403 == goes(nobody, clinic).status_code


def test_an_answer_that_this_browser_did_not_ask_for_lets_nobody_in(
    app: Flask, nobody: StaffClient, clinic: FakeProvider, engine: Engine
) -> None:
    """Neither in another browser, nor twice, nor without a state."""
    add_account(engine, NAME, "billing", None)
    back = clinic.agrees(nobody.get("/staff/sign-in/clinic/").headers["Location"])
    elsewhere = app.test_client().get(back).status_code
    here = nobody.get(back).status_code
    again = nobody.get(back).status_code
    without = nobody.get("/staff/sign-in/clinic/back?code=code-0").status_code
    refused = nobody.get("/staff/sign-in/clinic/back?error=access_denied").status_code

    assert [403, 302, 403, 403, 403] == [elsewhere, here, again, without, refused]


def test_another_site_that_leads_to_the_way_back_signs_nobody_out(
    staff: Callable[[str], StaffClient], clinic: FakeProvider
) -> None:
    """A picture on any page could ask for that address."""
    client = staff("billing")
    forged = client.get("/staff/sign-in/clinic/back?code=x&state=y").status_code

    assert (403, 200) == (forged, client.get("/staff/me").status_code)


def test_strangers_are_refused_until_a_role_is_named_for_them(
    nobody: StaffClient, clinic: FakeProvider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then they get an account with that role."""
    before = goes(nobody, clinic).status_code, account(engine)
    monkeypatch.setenv("ESTIMATOR_OIDC_NEW_ROLE", "viewer")
    opened = create_app(Shelf(engine))
    opened.test_client_class = StaffClient
    client = opened.test_client()
    assert isinstance(client, StaffClient)
    after, found = goes(client, clinic).status_code, account(engine)

    assert (403, None) == before
    assert 302 == after
    assert found
    assert ("viewer", None) == (found.role, found.password)


def test_the_role_follows_the_provider_where_a_claim_says_it(
    engine: Engine, clinic: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that allows most of those given; anyone who has none stays out, and the last administrator stays one."""
    monkeypatch.setenv("ESTIMATOR_OIDC_ROLE_CLAIM", "groups")
    app = create_app(Shelf(engine))
    app.test_client_class = StaffClient
    add_account(engine, NAME, "viewer", None)
    roles = []
    for groups in (["staff", "estimator-billing", "viewer"], "rules", ["staff"], ["admin"], ["viewer"]):
        clinic.claims["groups"] = groups
        if groups == ["viewer"]:
            disable(engine, "some-admin")
        client = app.test_client()
        assert isinstance(client, StaffClient)
        status, found = goes(client, clinic).status_code, account(engine)
        roles.append((status, found.role if found else ""))

    assert [(302, "billing"), (302, "rules"), (403, "rules"), (302, "admin"), (302, "admin")] == roles


def test_a_disabled_account_stays_out(nobody: StaffClient, clinic: FakeProvider, engine: Engine) -> None:
    """Whatever the provider says."""
    add_account(engine, NAME, "billing", None)
    goes(nobody, clinic)
    disable(engine, NAME)

    assert 403 == goes(nobody, clinic).status_code


def test_somebody_who_was_given_an_old_name_is_somebody_else(
    nobody: StaffClient, clinic: FakeProvider, engine: Engine
) -> None:
    """An address that is used again leads to nobody's account."""
    add_account(engine, NAME, "billing", None)
    goes(nobody, clinic)
    clinic.claims["sub"] = "d-18"

    assert 403 == goes(nobody, clinic).status_code


def test_the_sign_in_offers_the_provider_only_where_there_is_one(nobody: StaffClient, engine: Engine) -> None:
    """Without one, its address is not there."""
    offered = nobody.get("/staff/sign-in").text
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("ESTIMATOR_OIDC_ISSUER")
        client = create_app(Shelf(engine)).test_client()

    assert "/staff/sign-in/clinic/?then=%2Fstaff%2F" in offered
    assert "/staff/sign-in/clinic/" not in client.get("/staff/sign-in").text
    assert [404, 404] == [client.get(f"/staff/sign-in/clinic/{end}").status_code for end in ("", "back")]


def test_a_provider_that_does_not_answer_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign-in with a password goes on."""
    for name, value in (("ISSUER", "http://127.0.0.1:9"), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"ESTIMATOR_OIDC_{name}", value)
    answer = create_app(Shelf(engine)).test_client().get("/staff/sign-in/clinic/")

    assert 502 == answer.status_code
    assert "does not answer" in page_of(answer.text).one("h1").text


def test_settings_that_cannot_be_used_are_told_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the name of each, when the pages start."""
    monkeypatch.setenv("ESTIMATOR_OIDC_ISSUER", "http://127.0.0.1:9")
    monkeypatch.setenv("ESTIMATOR_OIDC_NEW_ROLE", "owner")
    with pytest.raises(SettingsRefused) as refusal:
        create_app(Shelf(engine))

    named = ["ESTIMATOR_OIDC_CLIENT_ID", "ESTIMATOR_OIDC_CLIENT_SECRET", "ESTIMATOR_OIDC_NEW_ROLE"]
    assert named == [problem.path for problem in refusal.value.problems]
