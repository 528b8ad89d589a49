"""The way in and out: one answer for every mistake, few tries, a cookie that only staff pages are sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from estimator.accounts.accounts import disable
from estimator.accounts.sign_in import IDLE
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests.web.conftest import TODAY
from tests.web.reading import page_of
from tests.web.staff.conftest import PASSWORD, StaffClient

ADMIN = "some-admin"
Staff = Callable[[str], StaffClient]


def enters(client: StaffClient, name: str = ADMIN, password: str = PASSWORD, **more: str) -> TestResponse:
    """Send the form of the sign-in."""
    return client.post("/staff/sign-in", data={"name": name, "password": password, **more})


def test_the_right_password_leads_to_the_page_that_was_asked_for(nobody: StaffClient) -> None:
    """And to no other site, whatever the address says."""
    asked = nobody.get("/staff/")
    form = page_of(nobody.get(asked.headers["Location"]).text)

    assert "/staff/sign-in?then=%2Fstaff%2F" == asked.headers["Location"]
    assert "/staff/" == form.typed()["then"]
    assert "/staff/" == enters(nobody, then="/staff/").headers["Location"]


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example/staff/", "/staff/\\evil", "/", ""])
def test_no_other_address_is_gone_to_after_the_sign_in(nobody: StaffClient, then: str) -> None:
    """An address that somebody was sent leads back to our start."""
    assert "/staff/" == enters(nobody, then=then).headers["Location"]


def test_every_failure_is_answered_alike(nobody: StaffClient, engine: Engine) -> None:
    """Nobody learns which names there are."""
    disable(engine, "some-viewer")
    tried = [(ADMIN, "wrong password"), ("nobody-here", "wrong password"), ("some-viewer", PASSWORD)]
    pages = [enters(nobody, name, password) for name, password in tried]

    assert [422, 422, 422] == [page.status_code for page in pages]
    assert 1 == len({page_of(page.text).one("main").text for page in pages})
    assert ADMIN == page_of(pages[0].text).typed()["name"]
    assert "" == page_of(pages[0].text).typed()["password"]


def test_a_wrong_password_is_nowhere_on_the_page(nobody: StaffClient) -> None:
    """Nor does a staff page lead to another language, which would carry along what was typed."""
    page = enters(nobody, password="wrong password").text

    assert "wrong password" not in page
    assert "hreflang" not in page


def test_a_name_can_be_tried_only_so_often(nobody: StaffClient) -> None:
    """Even the right password has to wait then, for a quarter of an hour; another name has not."""
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=False) as clock:
        tried = [enters(nobody, "some-rules", "wrong password").status_code for _ in range(10)]
        refused = enters(nobody, "Some-Rules ")
        other = enters(nobody)
        clock.shift(timedelta(minutes=16))
        later = enters(nobody, "some-rules")

    assert {422} == set(tried)
    assert 429 == refused.status_code
    assert "Too many tries" == page_of(refused.text).one("h1").text
    assert [303, 303] == [other.status_code, later.status_code]


def test_an_address_can_try_only_so_many_names(nobody: StaffClient) -> None:
    """Anyone who tries one password with many names waits as well, and signing in rightly counts for nothing."""
    right = [enters(nobody).status_code for _ in range(2)]
    for number in range(20):
        enters(nobody, f"name-{number}", "wrong password")

    assert [303, 303] == right
    assert 429 == enters(nobody).status_code


def test_the_cookie_is_for_staff_pages_alone(nobody: StaffClient) -> None:
    """No script reads it, and no other site can send it along with a form."""
    cookie = enters(nobody).headers["Set-Cookie"]

    assert {"HttpOnly", "Path=/staff", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_cookie_needs_https_where_the_address_is_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone who serves others says so with ESTIMATOR_URL."""
    monkeypatch.setenv("ESTIMATOR_URL", "https://estimate.clinic.example")
    client = create_app(Shelf(engine)).test_client()

    assert "; Secure;" in client.get("/staff/sign-in", base_url="https://localhost").headers["Set-Cookie"]


def test_the_key_changes_at_the_sign_in(nobody: StaffClient) -> None:
    """Nobody can give another person a session that they know."""
    nobody.get("/staff/sign-in")
    with nobody.session_transaction(path="/staff/") as session:
        before = dict(session)
    enters(nobody)
    with nobody.session_transaction(path="/staff/") as session:
        after = dict(session)

    assert before.keys() == {"csrf_token"}
    assert before["csrf_token"] != after.get("csrf_token")
    assert "key" in after


def test_signing_out_closes_the_pages(staff: Staff) -> None:
    """The form of a page that stayed open is refused too."""
    client = staff("viewer")
    left = client.post("/staff/sign-out")

    assert [303, 302] == [left.status_code, client.get("/staff/").status_code]


def test_signing_out_everywhere_closes_other_browsers(staff: Staff) -> None:
    """As a person needs who has lost a phone."""
    here, there = staff("billing"), staff("billing")
    here.post("/staff/sign-out", data={"everywhere": "yes"})

    assert 302 == there.get("/staff/").status_code


def test_a_session_that_is_over_leads_to_the_sign_in(staff: Staff) -> None:
    """The page is asked for again after it."""
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=False) as clock:
        client = staff("viewer")
        before = client.get("/staff/").status_code
        clock.shift(IDLE)

        assert [200, 302] == [before, client.get("/staff/").status_code]


def test_anyone_who_is_signed_in_is_not_asked_again(staff: Staff) -> None:
    """The address of the sign-in leads on."""
    assert "/staff/" == staff("viewer").get("/staff/sign-in").headers["Location"]


def test_a_cookie_that_somebody_made_up_opens_nothing(nobody: StaffClient) -> None:
    """Neither one that we did not sign, nor a key that nobody was given."""
    nobody.set_cookie("staff", "eyJrZXkiOiJ4In0.x.x", path="/staff")
    forged = nobody.get("/staff/").status_code
    with nobody.session_transaction(path="/staff/") as session:
        session["key"] = "made up"

    assert [302, 302] == [forged, nobody.get("/staff/").status_code]
