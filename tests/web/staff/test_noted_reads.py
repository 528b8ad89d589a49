"""Reading what is about a patient, or taking a list away, is in the log: who, what and when, not the content."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from estimator.accounts.audit import Sought, read_log
from estimator.accounts.roles import Role
from estimator.db.connection import writing
from tests.web.api.conftest import token_of
from tests.web.staff.conftest import StaffClient
from tests.web.staff.test_calls import entered
from tests.web.staff.test_estimates import given
from tests.web.staff.test_every_route import needs
from tests.web.staff.test_schedule import DAY, sent

Staff = Callable[[str], StaffClient]
FILES = (".csv", "/file")
NOTHING_TO_TAKE = ("template.csv",)


def noted(engine: Engine, ending: tuple[str, ...] = ("-read", "-downloaded")) -> list[tuple[str | None, str, str]]:
    """Return what was read and taken away, the first first."""
    entries = read_log(engine, Sought()).entries
    return [(one.by, one.did, one.subject) for one in reversed(entries) if one.did.endswith(ending)]


def test_reading_and_downloading_are_noted(staff: Staff, engine: Engine) -> None:
    """With the number of what was read; looked at again within ten minutes it is noted once."""
    desk = staff("billing")
    addresses = [given(desk), entered(desk), sent(desk, DAY).partition("?")[0]]
    for address in (*addresses, addresses[0], "/staff/calls/calls.csv", f"{addresses[2]}.csv"):
        assert 200 == desk.get(address).status_code
    staff("admin").get("/staff/log/log.csv")
    numbers = [address.rpartition("/")[2] for address in addresses]

    assert [
        ("some-billing", "estimate-read", numbers[0]),
        ("some-billing", "call-read", numbers[1]),
        ("some-billing", "schedule-read", numbers[2]),
        ("some-billing", "calls-downloaded", ""),
        ("some-billing", "schedule-downloaded", numbers[2]),
        ("some-admin", "log-downloaded", ""),
    ] == noted(engine)


def test_every_page_about_a_patient_and_every_file_is_noted(app: Flask) -> None:
    """A new one has to say what is noted."""
    silent = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/staff")
        and "GET" in (rule.methods or ())
        and (rule.rule.endswith(FILES) or (needs(app, rule) == Role.BILLING and rule.arguments))
        and not rule.rule.endswith(NOTHING_TO_TAKE)
        and not getattr(app.view_functions[rule.endpoint], "notes", "")
    ]

    assert [] == silent


def test_what_another_program_reads_is_noted_too(app: Flask, engine: Engine) -> None:
    """In the name of the account whose token it calls with."""
    client = app.test_client()

    def called(method: str, path: str, role: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token_of(engine, role)}"}
        answer = client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        assert answer.status_code < 300, answer.text
        return answer.json

    row = {"plan": "template-employer-ppo", "zip": "98101", "first_day": "2026-12-01", "services": "97110"}
    number = called("POST", "/batches", "billing", json={"rows": [row]})["number"]
    called("GET", f"/batches/{number}", "billing")
    called("GET", "/rules?kind=layer&name=aetna", "rules")

    assert [("schedule-read", f"{number}"), ("rule-downloaded", "layer aetna")] == [
        (did, subject) for _, did, subject in noted(engine)
    ]


def test_what_cannot_be_noted_is_not_shown(staff: Staff, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page says that the database is busy, rather than show a patient's estimate to nobody knows whom."""
    monkeypatch.setattr("estimator.web.app._MOST_WAIT_MS", 50)
    desk = staff("billing")
    address = given(desk)
    with writing(engine) as connection:
        connection.execute(text("SELECT 1"))
        refused = desk.get(address).status_code

    assert (503, 200) == (refused, desk.get(address).status_code)
