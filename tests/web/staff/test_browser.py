"""The staff pages in a real Chromium: in, to an account and out again without JavaScript, and what axe finds."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP
from sqlalchemy import URL

from estimator.db.connection import engine_at
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests import serving
from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD
from tests.web.test_browser import on_phone_and_desk

pytestmark = pytest.mark.browser

PAGES = ("/staff/", "/staff/me", "/staff/accounts/", "/staff/accounts/4", "/staff/tokens/", "/staff/log/")


@pytest.fixture(scope="module")
def served(staffed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app with accounts, on a database of its own."""
    file = tmp_path_factory.mktemp("served") / "estimator.db"
    shutil.copy(staffed, file)
    app = create_app(Shelf(engine_at(URL.create("sqlite", database=str(file)))))
    with serving.served(app) as address:
        yield address


@pytest.fixture
def without_script(browser: Browser, width: int) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def signs_in(page: Page, address: str) -> None:
    """Open the staff pages and send the form that comes."""
    page.goto(f"{address}/staff/")
    enters(page, "some-admin")


def enters(page: Page, name: str) -> None:
    """Fill in the form of the sign-in."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@on_phone_and_desk
def test_an_administrator_signs_in_adds_an_account_and_leaves(without_script: Page, served: str, width: int) -> None:
    """As a clinic does it on its first day; nothing has to be forbidden on the way."""
    page, complaints = without_script, list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    signs_in(page, served)
    page.get_by_role("navigation", name="Staff").get_by_role("link", name="Accounts").click()
    page.get_by_label("Name").fill(f"dora-{width}")
    page.get_by_text("billing: reads").click()
    page.get_by_role("button", name="Add the account").click()
    link = page.locator("p.source").inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.goto(link)
    page.get_by_label("New password").fill("nine red foxes run")
    page.get_by_label("The same once more").fill("nine red foxes run")
    page.get_by_role("button", name="Set my password").click()
    page.get_by_label("Name").fill(f"dora-{width}")
    page.get_by_label("Password").fill("nine red foxes run")
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("p.lead")).to_contain_text(f"You are signed in as dora-{width}. Your role billing reads")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert [] == complaints


@on_phone_and_desk
def test_every_staff_page_is_for_everybody_who_works_here(browser: Browser, served: str, width: int) -> None:
    """Nothing that axe complains of, and no sideways scrolling."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page, found = context.new_page(), dict[str, list[str]]()
    page.goto(f"{served}/staff/sign-in")
    found["/staff/sign-in"] = _faults(page, width)
    signs_in(page, served)
    for path in PAGES:
        page.goto(served + path)
        found[path] = _faults(page, width)
    page.goto(f"{served}/staff/tokens/")
    page.get_by_label("What it is for").fill("nightly schedule")
    page.get_by_role("button", name="Make a token").click()
    found["token"] = _faults(page, width)
    context.close()

    assert {} == {path: faults for path, faults in found.items() if faults}
    assert 8 == len(found)


def _faults(page: Page, width: int) -> list[str]:
    violations = [violation["id"] for violation in heard(page).response["violations"]]
    return violations + ["scrolls"] * (measured(page, "document.documentElement.scrollWidth") > width)


@on_phone_and_desk
def test_a_second_step_is_set_up_and_used_without_javascript(without_script: Page, served: str, width: int) -> None:
    """The picture shows in the page, a recovery code is kept, and the next sign-in asks for a code."""
    page, name = without_script, "some-viewer" if width < 600 else "some-rules"
    page.goto(f"{served}/staff/me")
    enters(page, name)
    page.get_by_role("button", name="Set up the second step").click()
    picture = page.get_by_role("img", name="QR code with the key").bounding_box()
    secret = page.locator("strong.source").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(TOTP(secret).now())
    page.get_by_role("button", name="Turn on the second step").click()
    code = page.locator("ul.source li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    enters(page, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code from your phone")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("p.lead")).to_contain_text(f"You are signed in as {name}.")
    assert picture
    assert 150 < picture["height"] < width
