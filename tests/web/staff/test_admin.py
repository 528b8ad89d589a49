"""An administrator's pages: accounts, tokens and the log, as they are used."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from sqlalchemy import Engine

from estimator.accounts.audit import note_done
from estimator.accounts.sign_in import person_of_token
from estimator.clock import now_utc
from estimator.db.connection import writing
from estimator.web import create_app
from estimator.web.common import kept_plans
from estimator.web.staff.common import token_person
from tests.web.reading import page_of
from tests.web.staff.conftest import PASSWORD, StaffClient
from tests.web.staff.test_signing_in import enters

Staff = Callable[[str], StaffClient]


@pytest.fixture
def admin(staff: Staff) -> StaffClient:
    """A browser in which an administrator is signed in."""
    return staff("admin")


def rows(text: str) -> list[list[str]]:
    """Return the words of each row of the first table."""
    body = page_of(text).one("tbody")
    return [[cell.text for cell in row.parts if not isinstance(cell, str)] for row in body.all("tr")]


def shown(text: str) -> str:
    """Return what is shown only once."""
    return page_of(text).one("p", class_="source").text


def test_a_new_account_comes_with_a_link(admin: StaffClient, nobody: StaffClient) -> None:
    """Its owner sets the password, and nobody else knows it."""
    made = admin.post("/staff/accounts/", data={"name": "Dora", "role": "billing"})
    link = shown(made.text)
    waiting = rows(admin.get("/staff/accounts/").text)[0]
    refused = nobody.post(link, data={"password": "short", "again": "short"})
    differ = nobody.post(link, data={"password": PASSWORD, "again": "another password"})
    done = nobody.post(link, data={"password": PASSWORD, "again": PASSWORD})

    assert link.startswith("http://localhost/staff/set-password/")
    assert ["dora", "billing", "waits for a password"] == waiting
    assert ["password"] == list(page_of(refused.text).errors())
    assert ["again"] == list(page_of(differ.text).errors())
    assert "/staff/sign-in" == done.headers["Location"]
    assert 404 == nobody.get(link).status_code
    assert 303 == enters(nobody, "dora").status_code


def test_an_account_that_cannot_be_made_keeps_what_was_typed(admin: StaffClient) -> None:
    """With what is wrong beside each field."""
    page = page_of(admin.post("/staff/accounts/", data={"name": "some-admin", "role": "owner"}).text)

    assert ["name", "role"] == list(page.errors())
    assert "some-admin" == page.typed()["name"]


def test_an_account_is_given_a_role_and_disabled(admin: StaffClient, staff: Staff) -> None:
    """What it is signed in to is closed at once."""
    viewer = staff("viewer")
    admin.post("/staff/accounts/1/role", data={"role": "rules"})
    role = page_of(viewer.get("/staff/me").text).one("dl", class_="facts").text
    admin.post("/staff/accounts/1/state")

    assert "Name some-viewer Role rules" == role
    assert 302 == viewer.get("/staff/").status_code
    assert ["some-viewer", "rules", "disabled on Nov 23, 2026"] in rows(admin.get("/staff/accounts/").text)


@pytest.mark.parametrize(("path", "sent"), [("role", {"role": "viewer"}), ("state", {})])
def test_the_last_administrator_is_told_why_not(admin: StaffClient, path: str, sent: dict[str, str]) -> None:
    """Nothing was changed."""
    refused = admin.post(f"/staff/accounts/4/{path}", data=sent)

    assert 422 == refused.status_code
    assert "some-admin is the last administrator" in page_of(refused.text).one("div", class_="error-summary").text
    assert 200 == admin.get("/staff/accounts/").status_code


def test_an_account_that_is_not_there_has_no_page(admin: StaffClient) -> None:
    """Nor anything that could be done with it."""
    assert [404, 404] == [
        admin.get("/staff/accounts/99").status_code,
        admin.post("/staff/accounts/99/link").status_code,
    ]


def test_a_person_changes_their_own_password(staff: Staff, nobody: StaffClient) -> None:
    """And stays signed in where they did it."""
    client, new = staff("billing"), "nine red foxes run"
    wrong = client.post("/staff/me", data={"current": "no", "password": new, "again": new})
    right = client.post("/staff/me", data={"current": PASSWORD, "password": new, "again": new})

    assert ["current"] == list(page_of(wrong.text).errors())
    assert [303, 200] == [right.status_code, client.get("/staff/me").status_code]
    assert [422, 303] == [
        enters(nobody, "some-billing").status_code,
        enters(nobody, "some-billing", new).status_code,
    ]


def test_a_token_is_shown_once_and_revoked(admin: StaffClient, engine: Engine) -> None:
    """Afterwards the page says what it was for, and when it was revoked."""
    made = admin.post("/staff/tokens/", data={"purpose": "nightly", "role": "billing", "days": "90"})
    token = shown(made.text)
    app = create_app(kept_plans(admin.application))
    with app.test_request_context("/api", headers={"Authorization": f"Bearer {token}"}):
        before = token_person()
    name = token.split("_")[1]
    admin.post(f"/staff/tokens/{name}/revoke")

    assert before
    assert ("billing", None) == (before.role, person_of_token(engine, token))
    assert token not in admin.get("/staff/tokens/").text
    assert [
        [name, "nightly", "billing", "some-admin", "Feb 21, 2027", "Nov 23, 2026", "revoked on Nov 23, 2026"]
    ] == rows(admin.get("/staff/tokens/").text)
    assert 404 == admin.post("/staff/tokens/nothing/revoke").status_code


def test_anyone_who_sends_no_token_is_nobody(admin: StaffClient) -> None:
    """Neither a password nor another kind of proof is taken for one."""
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic dGNlOng="}):
        with admin.application.test_request_context("/api", headers=headers):
            assert token_person() is None


def test_a_token_that_cannot_be_made_keeps_what_was_typed(admin: StaffClient) -> None:
    """With what is wrong beside each field."""
    refused = admin.post("/staff/tokens/", data={"purpose": "", "role": "admin", "days": "30"})

    assert 422 == refused.status_code
    assert {"purpose", "role"} == page_of(refused.text).errors().keys()
    assert "30" == page_of(refused.text).typed()["days"]


def test_the_log_is_narrowed_and_paged(admin: StaffClient, engine: Engine) -> None:
    """By who, what and when; fifty lines a page."""
    with writing(engine) as connection:
        for number in range(60):
            note_done(connection, by=2, did="plan-published", subject=f"plan-{number}", now=now_utc())
        connection.commit()
    first = admin.get("/staff/log/?who=2&did=plan-published&since=2026-11-23&until=2026-11-23")
    second = admin.get("/staff/log/?who=2&did=plan-published&page=2")
    another_day = admin.get("/staff/log/?until=2026-11-22")

    assert ["some-billing", "plan published", "plan-59"] == rows(first.text)[0][1:]
    assert rows(first.text)[0][0].startswith("Nov 23, 2026 12:0")
    assert [50, 10] == [len(rows(first.text)), len(rows(second.text))]
    assert "0 lines" in page_of(another_day.text).text


def test_the_log_says_what_it_was_where_nobody_was_signed_in(admin: StaffClient, nobody: StaffClient) -> None:
    """A command of the machine's owner, or a try with a name that nobody has."""
    enters(nobody, "nobody-here", "wrong password")
    who = {row[1]: row[2] for row in rows(admin.get("/staff/log/").text)}

    assert ("sign in failed", "account added") == (who["unknown name"], who["command"])


def test_a_day_that_is_none_is_told_beside_its_field(admin: StaffClient) -> None:
    """What was typed stays."""
    huge = "9" * 30
    page = page_of(admin.get("/staff/log/?since=yesterday&page=x&who=x").text)
    last = page_of(admin.get(f"/staff/log/?until=9999-12-31&page={huge}&who={huge}").text)

    assert [["since"], ["until"]] == [list(page.errors()), list(last.errors())]
    assert "yesterday" == page.typed()["since"]


def test_the_log_as_a_file_holds_no_formula(admin: StaffClient, engine: Engine) -> None:
    """A spreadsheet that opens it calculates nothing."""
    with writing(engine) as connection:
        note_done(connection, by=1, did="plan-published", subject='=HYPERLINK("http://evil.example")', now=now_utc())
        connection.commit()
    sent = admin.get("/staff/log/log.csv?did=plan-published")
    lines = list(csv.reader(StringIO(sent.text.removeprefix("\ufeff"))))

    assert ["at (UTC)", "account", "did", "subject"] == lines[0]
    assert ["some-viewer", "plan-published", '\'=HYPERLINK("http://evil.example")'] == lines[1][1:]
    assert "attachment" in sent.headers["Content-Disposition"]
