"""Every route is asked as every role: patient pages answer all alike, and staff pages only those who may."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from estimator.accounts.roles import Role, may
from estimator.web import create_app
from estimator.web.staff.common import OPEN
from tests.web.conftest import address_of
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient

NOBODY = "nobody"
Staff = Callable[[str], StaffClient]


@pytest.fixture
def rules(app: Flask) -> list[Rule]:
    """Every route of the product."""
    return list(app.url_map.iter_rules())


def is_staff(rule: Rule) -> bool:
    """Tell whether a route is one of the staff pages."""
    return rule.rule.startswith("/staff")


def needs(app: Flask, rule: Rule) -> str:
    """Return what a route asks for; an empty word where nobody decided."""
    return str(getattr(app.view_functions[rule.endpoint], "needs", ""))


def asked(rules: list[Rule]) -> Iterator[tuple[Rule, str, str]]:
    """Yield each route with an address on it and each method."""
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, address_of(rule), method


def test_every_staff_page_says_who_may_see_it(app: Flask, rules: list[Rule]) -> None:
    """A view without the decorator would be open to all."""
    undecided = [rule.rule for rule in rules if is_staff(rule) and not needs(app, rule)]

    assert [] == undecided


def test_no_other_page_says_that_it_is_for_staff(app: Flask, rules: list[Rule]) -> None:
    """All that staff alone may see stands below /staff/, where the guard is."""
    assert [] == [rule.rule for rule in rules if not is_staff(rule) and needs(app, rule)]


@pytest.mark.parametrize("role", [NOBODY, *Role])
def test_every_staff_page_is_shown_only_to_those_who_may(
    app: Flask, rules: list[Rule], staff: Staff, nobody: StaffClient, role: str
) -> None:
    """Nobody is led to the sign-in, the wrong role is refused, the right one is answered."""
    client = nobody if role == NOBODY else staff(role)
    for rule, path, method in asked([each for each in rules if is_staff(each)]):
        needed = needs(app, rule)
        status = client.open(path, method=method).status_code if method == "GET" else client.post(path).status_code
        if path == "/staff/sign-out" and role != NOBODY:
            client = staff(role)
        if needed == OPEN:
            assert status not in (401, 403), (path, method)
        elif role == NOBODY:
            assert 302 == status, (path, method)
        elif not may(role, needed):
            assert 403 == status, (path, method)
        else:
            assert status in (
                (200,) if method == "GET" and not rule.arguments else (200, 302, 303, 400, 404, 409, 422)
            ), (
                path,
                method,
                status,
            )


def test_a_number_that_no_database_holds_leads_nowhere(rules: list[Rule], staff: Staff) -> None:
    """In an address of whatever page, for those who may do everything."""
    client = staff(Role.ADMIN)
    huge = {
        (method, rule.rule, client.open(re.sub("<[^>]+>", "9" * 30, rule.rule), method=method).status_code)
        for rule in rules
        if "<int:" in rule.rule
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    }

    assert huge
    assert {status for _, _, status in huge} <= {404, 405}


def test_every_form_of_staff_needs_our_mark(rules: list[Rule], staff: Staff) -> None:
    """A page of somebody else that sends a form in an administrator's name is refused."""
    client = staff(Role.ADMIN)
    statuses = {
        (path, client.post_without_mark(path).status_code)
        for rule, path, method in asked(rules)
        if is_staff(rule) and method == "POST"
    }

    assert {400} == {status for _, status in statuses}


def test_patient_pages_are_the_same_for_everybody(rules: list[Rule], staff: Staff, nobody: StaffClient) -> None:
    """No staff material, no cookie, no difference."""
    stranger = create_app(nobody.application.extensions["plans"]).test_client()
    clients = {NOBODY: nobody} | {role: staff(role) for role in Role}
    for rule, path, method in asked([each for each in rules if not is_staff(each)]):
        usual = stranger.open(path, method=method)
        for role, client in clients.items():
            seen = client.open(path, method=method)
            assert (usual.status_code, usual.data) == (seen.status_code, seen.data), (rule.rule, role)
            assert "Set-Cookie" not in seen.headers


def test_patient_pages_lead_to_the_sign_in_alone(rules: list[Rule], nobody: StaffClient) -> None:
    """By the link for clinics in the footer; nothing behind it is named."""
    pages = [nobody.get(path).text for rule, path, method in asked(rules) if method == "GET" and not is_staff(rule)]

    assert [] == [page for page in pages if "/staff" in page.replace('href="/staff/sign-in"', "")]


def test_staff_pages_are_kept_by_no_browser(staff: Staff) -> None:
    """The way back after signing out shows nothing, and no compressed length tells of the mark in the form."""
    answer = staff(Role.VIEWER).get("/staff/", headers={"Accept-Encoding": "gzip"})

    assert ("no-store", None) == (answer.headers["Cache-Control"], answer.headers.get("Content-Encoding"))


def test_no_address_of_staff_names_a_case(rules: list[Rule], staff: Staff) -> None:
    """Addresses are kept in histories and logs: pages lead to a case by number, and ask for labels in what is sent."""
    client, label = staff(Role.ADMIN), "ZZLABEL-7"
    address = client.post("/staff/cases/new", data={"label": label, "plan": "template-employer-ppo"}).location
    number = int(address.rpartition("/")[2])
    call = {"plan": "template-employer-ppo", "case_label": label, "call.day": "2026-11-20", "ask.0": "yes", "note": "x"}
    client.post("/staff/calls/new", data=call)
    found = client.post("/staff/cases/", data={"text": label[:4]})
    gets = [rule for rule in rules if is_staff(rule) and "GET" in (rule.methods or ())]
    pages = [found, *(client.get(address_of(rule, number)) for rule in gets)]
    seen = [page_of(page.text) for page in pages if page.mimetype == "text/html"]
    links = {each.attributes.get(name, "") for page in seen for name in ("href", "action") for each in page.all()}
    asked = {
        each.attributes.get("name")
        for page in seen
        for form in page.all("form")
        if form.attributes.get("method", "get") == "get"
        for each in form.all("input")
    }

    assert sum(label in page.text for page in pages) >= 2
    assert [] == [link for link in links if label in link]
    assert asked.isdisjoint({"text", "case", "label", "case_label"})
    for asks in ("/staff/cases/?text=", "/staff/calls/?case=", "/staff/eligibility?case=", "/staff/calls/new?label="):
        assert label[:4] not in client.get(asks + "ZZLAzz").text.replace(label, "")
