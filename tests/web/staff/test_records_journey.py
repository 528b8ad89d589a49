"""The billing desk's records in a real Chromium, without JavaScript, as axe and a narrow screen see them."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD
from tests.web.test_browser import on_phone_and_desk

pytestmark = pytest.mark.browser


@on_phone_and_desk
def test_a_biller_calls_keeps_what_was_given_and_sets_the_eob_beside_it(
    served: str, browser: Browser, width: int
) -> None:
    """A call, the check that leads to it, the estimate with its receipt, the EOB; axe finds nothing on the way."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page, faults = context.new_page(), list[str]()
    page.goto(f"{served}/staff/calls/new")
    page.get_by_label("Name").fill("some-billing")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("About which plan?").fill("template-employer-ppo")
    faults += _faults(page, width)
    page.get_by_role("button", name="Find the plan").click()
    page.get_by_label("Reference number").fill("REF-77")
    page.get_by_label("Case label of your own").fill("A-118")
    page.get_by_role("group", name="Does your plan pay for 20561").get_by_text("Yes", exact=True).click()
    faults += _faults(page, width)
    page.get_by_role("button", name="Keep this entry").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Call of")
    faults += _faults(page, width)
    page.goto(f"{served}/staff/authorization")
    for name, typed in {"zip": "98101", "plan": "template-employer-ppo", "visits": "3", "code_1": "20561"}.items():
        page.locator(f"[name={name}]").fill(typed)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("link", name="reference REF-77")).to_be_visible()
    page.get_by_role("button", name="Keep this estimate").click()
    faults += _faults(page, width)
    page.get_by_label("Case label of your own").fill("A-118")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("the same to the cent")).to_be_visible()
    expect(page.get_by_role("link", name="reference REF-77")).to_be_visible()
    faults += _faults(page, width)
    page.get_by_role("link", name="Visit 1", exact=True).click()
    page.get_by_label("Line 1, patient owes").fill("0.00")
    page.get_by_label("Line 1, denied with CARC").fill("CO-97")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.get_by_text("20561 was denied with CARC 97")).to_be_visible()
    faults += _faults(page, width)
    page.get_by_role("button", name="Keep this").click()
    for path in ("/staff/calls/", "/staff/estimates/", "/staff/estimates/accuracy"):
        page.goto(f"{served}{path}")
        faults += _faults(page, width)
    context.close()

    assert [] == faults


def _faults(page: Page, width: int) -> list[str]:
    violations = [f"{page.url}: {violation['id']}" for violation in heard(page).response["violations"]]
    return violations + [f"{page.url} scrolls"] * (measured(page, "document.documentElement.scrollWidth") > width)
