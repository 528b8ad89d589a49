"""What was typed into a form whose session had ended is not lost, and nobody can have it sent elsewhere."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from estimator.accounts.sign_in import IDLE
from estimator.accounts.store import find_account
from estimator.db.connection import reading
from tests.web.conftest import TODAY
from tests.web.reading import page_of
from tests.web.staff.conftest import PASSWORD, StaffClient

Staff = Callable[[str], StaffClient]
TYPED = {"name": "<b>dora</b>", "role": "billing"}


@pytest.fixture
def ended(staff: Staff) -> Iterator[StaffClient]:
    """A browser of an administrator whose session ended over lunch."""
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=False) as clock:
        client = staff("admin")
        client.get("/staff/")
        clock.shift(IDLE + timedelta(minutes=1))
        yield client


def signs_in(client: StaffClient, page: TestResponse, password: str = PASSWORD) -> TestResponse:
    """Send the form of the sign-in as it stands on a page."""
    form = page_of(page.text).one("form", action="/staff/sign-in")
    return client.post_without_mark("/staff/sign-in", data={**form.typed(), "name": "some-admin", "password": password})


def sent_again(client: StaffClient, page: TestResponse, to: str) -> TestResponse:
    """Press the button of the page that comes after the sign-in."""
    return client.post_without_mark(to, data=page_of(page.text).one("form", action=to).typed())


def test_what_was_typed_waits_behind_the_sign_in(ended: StaffClient) -> None:
    """Even where the password is wrong at first; it is then sent as if nothing had happened."""
    first = ended.post("/staff/accounts/", data={"name": "dora", "role": "billing"})
    wrong = signs_in(ended, first, "not my password")
    right = signs_in(ended, wrong)
    done = sent_again(ended, right, "/staff/accounts/")

    assert [403, 422, 200] == [first.status_code, wrong.status_code, right.status_code]
    assert "dora" in ended.get(done.headers.get("Location", "/staff/accounts/")).text


def test_nothing_is_done_before_the_button_is_pressed(ended: StaffClient, engine: Engine) -> None:
    """Signing in alone changes nothing: anyone who signs in may be somebody else."""
    signs_in(ended, ended.post("/staff/accounts/", data={"name": "dora", "role": "billing"}))

    with reading(engine) as connection:
        assert find_account(connection, name="dora") is None


def test_what_is_carried_is_text_and_no_page(ended: StaffClient) -> None:
    """Neither page lets what was typed become a part of it."""
    first = ended.post("/staff/accounts/", data=TYPED)
    second = signs_in(ended, first)

    assert "<b>dora" not in first.text + second.text
    assert TYPED["name"] == page_of(second.text).one("form", action="/staff/accounts/").typed()["name"]


def test_a_plan_of_many_lines_comes_through_whole(ended: StaffClient) -> None:
    """The form of which the loss would cost most."""
    text = "id: x\r\n\r\n# \u201cquoted\u201d & <more>\r\n" * 8_000
    page = ended.post("/staff/plans/drafts/1", data={"text": text, "version": "1"})
    again = signs_in(ended, page)

    assert 200 == again.status_code
    assert text == page_of(again.text).one("form", action="/staff/plans/drafts/1").typed()["text"]


def test_a_password_and_a_payers_answer_go_nowhere(ended: StaffClient) -> None:
    """They are on no page; what they were sent to is asked for again."""
    own = ended.post("/staff/me", data={"current": PASSWORD, "password": "nine red foxes", "again": "nine red foxes"})
    pasted = ended.post("/staff/eligibility", data={"answer": "ISA*00*"}, content_type="multipart/form-data")

    assert [302, 302] == [own.status_code, pasted.status_code]


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example/staff/", "/staff/\\evil", "/"])
def test_what_was_typed_is_sent_to_no_other_site(nobody: StaffClient, then: str) -> None:
    """An address that is not ours becomes our start, which takes no form."""
    data = {"name": "some-admin", "password": PASSWORD, "then": then, "typed.name": "dora"}
    page = page_of(nobody.post("/staff/sign-in", data=data).text)

    assert ["/staff/sign-out", "/staff/"] == [form.attributes["action"] for form in page.all("form")]


def test_no_other_site_can_begin_it(ended: StaffClient) -> None:
    """Without the mark of our forms neither the form nor the sign-in is taken."""
    form = ended.post_without_mark("/staff/accounts/", data=TYPED)
    entered = ended.post_without_mark(
        "/staff/sign-in", data={"name": "some-admin", "password": PASSWORD, "typed.name": "dora"}
    )

    assert [400, 400] == [form.status_code, entered.status_code]
