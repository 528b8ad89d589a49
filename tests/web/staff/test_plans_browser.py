"""A rule keeper in a real Chromium, on a phone and on a desk, without JavaScript; and what axe finds on each page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests import serving
from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD
from tests.web.test_browser import on_phone_and_desk

pytestmark = pytest.mark.browser


@pytest.fixture
def served(engine: Engine) -> Iterator[str]:
    """Serve an app of this test alone."""
    app: Flask = create_app(Shelf(engine))
    with serving.served(app) as address:
        yield address


def enters(page: Page, address: str) -> None:
    """Sign in as somebody who keeps the plans."""
    page.goto(f"{address}/staff/sign-in?then=/staff/plans/")
    page.get_by_label("Name").fill("some-rules")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def publishes(page: Page, copay: str) -> None:
    """From the search to a published rule, by the form."""
    page.get_by_label("Name, payer or id").fill("dogwood 2026")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Dogwood 2026").first.click()
    page.get_by_role("button", name="Work on revision").last.click()
    page.get_by_role("link", name="common fields").click()
    page.get_by_label("Copay of therapy").fill(copay)
    page.get_by_role("button", name="Put into the text").click()
    page.get_by_role("button", name="Save and see what changes").click()


@on_phone_and_desk
def test_a_rule_is_corrected_published_and_taken_back_without_javascript(
    browser: Browser, served: str, width: int
) -> None:
    """Nothing but forms and links."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    enters(page, served)
    publishes(page, "45.00")
    preview = page.inner_text("main")
    page.get_by_label("Why").fill("Booklet p. 12")
    page.get_by_role("button", name="Publish").click()
    published = page.inner_text("main")
    page.get_by_label("Why").fill("Misread")
    page.get_by_role("button", name="Roll back").click()
    back = page.inner_text("main")
    context.close()

    assert "Eight visits of exercise and manual therapy" in preview
    assert "+$40.00" in preview
    assert "you pay $45.00 a visit" in published
    assert "you pay $45.00 a visit" not in back
    assert "Misread" in back


@pytest.mark.parametrize("width", [360])
def test_axe_finds_nothing_wrong_on_any_of_these_pages(browser: Browser, served: str, width: int) -> None:
    """Nor does a page scroll sideways."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    enters(page, served)
    publishes(page, "45.00")
    draft = page.url.removesuffix("/preview")
    wrong: dict[str, object] = {}
    pages = ("plans/dogwood", "plans/", "rules/?kind=code", "rules/code/97110", "rules/state-law/ME")
    for address in (page.url, draft, f"{draft}/form", *(f"{served}/staff/{each}" for each in pages)):
        page.goto(address)
        found = [each["id"] for each in heard(page).response["violations"]]
        wide = measured(page, "document.documentElement.scrollWidth")
        if found or wide > width:
            wrong[address] = (found, wide)
    context.close()

    assert {} == wrong


@pytest.mark.slow
def test_a_payers_needling_policy_is_changed_with_its_impact_shown_and_rolled_back(
    browser: Browser, served: str
) -> None:
    """On a phone, without JavaScript, by the form alone."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    enters(page, served)
    page.goto(f"{served}/staff/rules/?words=employer+plans")
    page.get_by_role("link", name="Employer plans in general").click()
    page.get_by_role("button", name="Change this rule").click()
    page.get_by_role("link", name="common fields").click()
    page.get_by_label("Dry needling").select_option("covered")
    page.locator("#source_title").fill("Medical policy MP-214")
    page.locator("#source_read_on").fill("2026-11-23")
    page.get_by_role("button", name="Save and see what changes").click()
    preview = page.inner_text("main")
    width = measured(page, "document.documentElement.scrollWidth")
    page.get_by_label("Why").fill("New policy MP-214")
    page.get_by_role("button", name="Publish to").click()
    published = page.inner_text("main")
    page.get_by_label("Why").fill("Misread")
    page.get_by_role("button", name="Roll back").click()
    back = page.inner_text("main")
    context.close()

    assert "Six visits with dry needling" in preview
    assert 360 == width
    assert "Dry needling (20560, 20561) is covered." in published
    assert "Dry needling (20560, 20561) is covered." not in back
    assert "Misread" in back
