"""The second step on the pages: set up with a picture, asked for after the password; what helps a locked-out person."""

import re
from collections.abc import Callable

import pytest
import time_machine
from pyotp import TOTP
from werkzeug.test import TestResponse

from estimator import clock
from estimator.accounts.roles import Role
from tests.web.conftest import TODAY
from tests.web.reading import page_of
from tests.web.staff.conftest import PASSWORD, StaffClient

Staff = Callable[[str], StaffClient]
NAME = "some-billing"
WRONG = "Enter the code that your app shows now, or a recovery code that you have not used yet."


def secret_on(page: str) -> str:
    """Return the key that the page of the picture also says in letters."""
    found = re.search(r'<strong class="source">([A-Z2-7 ]+)</strong>', page)
    assert found
    return found[1].replace(" ", "")


def code_of(secret: str) -> str:
    """Return what the phone shows now."""
    return TOTP(secret).at(clock.now_utc())


def turn_on(client: StaffClient) -> tuple[str, list[str]]:
    """Turn it on, and return the secret and the recovery codes."""
    secret = secret_on(client.post("/staff/me/second-step").text)
    page = client.post("/staff/me/second-step/confirm", data={"app_code": code_of(secret)}).text
    return secret, re.findall(r"<li>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</li>", page)


def gives_password(client: StaffClient, **more: str) -> TestResponse:
    """Send the form of the sign-in."""
    return client.post("/staff/sign-in", data={"name": NAME, "password": PASSWORD, **more})


def gives_code(client: StaffClient, code: str, **more: str) -> TestResponse:
    """Send the form of the code."""
    return client.post("/staff/sign-in/code", data={"app_code": code, **more})


def test_it_is_set_up_with_a_picture_and_then_asked_for(staff: Staff, nobody: StaffClient) -> None:
    """Password, code, and on to the page that was asked for; the password alone shows nothing."""
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=False) as time:
        client = staff(Role.BILLING)
        picture = client.post("/staff/me/second-step").text
        secret, codes = turn_on(client)
        time.shift(30)
        first = gives_password(nobody, then="/staff/calls/")
        before = nobody.get("/staff/calls/").status_code
        wrong = gives_code(nobody, "000000", then="/staff/calls/")
        entered = gives_code(nobody, code_of(secret), then="/staff/calls/")

        assert "<svg" in picture
        assert 10 == len(codes)
        assert "Enter the code from your phone" == page_of(first.text).one("h1").text
        assert "/staff/calls/" == page_of(first.text).typed()["then"]
        assert (302, 422) == (before, wrong.status_code)
        assert WRONG in page_of(wrong.text).one("main").text
        assert (303, "/staff/calls/") == (entered.status_code, entered.headers["Location"])
        assert 200 == nobody.get("/staff/calls/").status_code
        assert 200 == client.get("/staff/me").status_code


def test_a_recovery_code_lets_a_person_in_without_the_phone(staff: Staff, nobody: StaffClient) -> None:
    """And the page of the account says how many are left."""
    _, codes = turn_on(staff(Role.BILLING))
    gives_password(nobody)

    assert 303 == gives_code(nobody, codes[0]).status_code
    assert "You have 9 recovery codes left." in page_of(nobody.get("/staff/me").text).one("main").text


def test_what_was_typed_before_the_session_ended_goes_through_both_steps(staff: Staff, nobody: StaffClient) -> None:
    """It is sent once more after the code."""
    _, codes = turn_on(staff(Role.BILLING))
    asked = gives_password(nobody, **{"then": "/staff/calls/", "typed.note": "They said yes."})
    entered = gives_code(nobody, codes[0], **{"then": "/staff/calls/", "typed.note": "They said yes."})

    assert "They said yes." == page_of(asked.text).typed()["typed.note"]
    assert "They said yes." == page_of(entered.text).typed()["note"]


def test_codes_can_be_guessed_only_so_often(staff: Staff, nobody: StaffClient) -> None:
    """Ten times in a quarter of an hour, also by someone who knows the password."""
    turn_on(staff(Role.BILLING))
    gives_password(nobody)

    assert [422] * 10 + [429] == [gives_code(nobody, f"{number:06}").status_code for number in range(11)]


@pytest.mark.parametrize("path", ["/staff/sign-in/code", "/staff/sign-in/code?then=/staff/calls/"])
def test_a_code_without_a_password_leads_to_the_sign_in(nobody: StaffClient, path: str) -> None:
    """There is nobody to ask it of."""
    assert nobody.get(path).headers["Location"].startswith("/staff/sign-in?then=")
    assert "Sign in" == page_of(gives_code(nobody, "123456").text).one("h1").text


def test_it_is_turned_off_with_the_password(staff: Staff, nobody: StaffClient) -> None:
    """A wrong one is told beside its field."""
    client = staff(Role.BILLING)
    turn_on(client)
    wrong = client.post("/staff/me/second-step/off", data={"off-current": "wrong password"})
    ended = client.post("/staff/me/second-step/off", data={"off-current": PASSWORD})

    assert (422, 303) == (wrong.status_code, ended.status_code)
    assert "This is not the password that you sign in with now." in page_of(wrong.text).one("main").text
    assert "/staff/" == gives_password(nobody).headers["Location"]


def test_an_administrator_helps_a_person_who_lost_everything(staff: Staff, nobody: StaffClient) -> None:
    """The page of the account offers it only where there is a second step."""
    admin = staff(Role.ADMIN)
    path = next(
        f"/staff/accounts/{number}" for number in range(1, 9) if NAME in admin.get(f"/staff/accounts/{number}").text
    )
    before = admin.get(path).text
    turn_on(staff(Role.BILLING))
    offered = admin.get(path).text
    admin.post(f"{path}/second-step")

    assert (False, True) == tuple("Turn off the second step" in page for page in (before, offered))
    assert "/staff/" == gives_password(nobody).headers["Location"]


def test_the_sign_in_says_what_to_do_about_a_forgotten_password(nobody: StaffClient) -> None:
    """Whom to ask, and what they get."""
    said = page_of(nobody.get("/staff/sign-in").text).one("main").text

    assert "Forgot your password? Ask an administrator of your clinic for a link that sets a new one." in said
