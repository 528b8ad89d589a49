"""From an answer to its papers, to what matters most and to a comparison, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.clinic import MOST_MS
from tests.web.seen import heard, measured
from tests.web.test_browser import asks, on_phone_and_desk

pytestmark = pytest.mark.browser


def width_of(page: Page) -> int:
    """Return how wide a page is, which is no wider than its window."""
    width = measured(page, "document.documentElement.scrollWidth")
    assert isinstance(width, int)
    return width


@on_phone_and_desk
def test_an_answer_leads_on_and_back(browser: Browser, address: str, width: int) -> None:
    """Take a paper, answer what matters, compare with another plan; nothing is typed twice or forbidden."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(MOST_MS)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    asks("98101", "template-employer-hdhp-hsa", "12")(page, address)
    with page.expect_download() as download:
        page.get_by_role("button", name="The estimate").click()
    assert "therapy-estimate.pdf" == download.value.suggested_filename
    assert download.value.path().read_bytes().startswith(b"%PDF")

    page.get_by_role("button", name="What could change this cost?").click()
    page.get_by_role("button", name="Answer this (Deductible paid so far)").click()
    assert page.url.endswith("#deductible_paid")
    page.get_by_label("Deductible paid so far").fill("2000")
    page.get_by_role("button", name="See my cost").first.click()
    assert "$489" in page.get_by_role("heading", level=1).inner_text()

    page.get_by_role("button", name="Compare your options").click()
    page.get_by_label("First other plan").select_option("template-employer-ppo")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.locator("summary", has_text="The same as a table").click()
    assert re.search(r"\$48[89]\.\d\d", page.locator("table").inner_text())
    assert page.get_by_role("rowheader", name="With Employer PPO").is_visible()
    assert width == width_of(page)

    page.get_by_role("button", name="Back to the answer").click()
    assert "$489" in page.get_by_role("heading", level=1).inner_text()
    assert [] == complaints
    context.close()


@on_phone_and_desk
def test_axe_finds_nothing_wrong_with_pages_that_lead_on(browser: Browser, address: str, width: int) -> None:
    """Names, contrast, order and landmarks, with every part of the page open."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(MOST_MS)
    for button in ("What could change this cost?", "Compare your options", "The estimate"):
        asks("98101", "template-employer-hdhp-hsa", "12")(page, address)
        # No button leads to a paper that does not fit, so one is led astray.
        measured(
            page, "document.querySelector('[formaction$=estimate][form]').formAction = '/paper/good-faith-estimate'"
        )
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()
        measured(page, "document.querySelectorAll('details').forEach(part => part.open = true)")
        assert width == width_of(page)
        assert "" == heard(page).generate_snapshot()
    context.close()
