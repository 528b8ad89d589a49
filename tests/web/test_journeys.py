"""Choosing and describing a plan in a real Chromium without JavaScript, on a phone and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.seen import heard, measured
from tests.web.test_browser import contexts as contexts  # A fixture that both share.
from tests.web.test_browser import on_phone_and_desk

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, width: int) -> Iterator[Page]:
    """Return a page of a browser that runs no script."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def begins(page: Page, address: str, plan: str) -> None:
    """Answer the three questions; the plan is only a kind of plan."""
    page.goto(address)
    page.get_by_label("ZIP code of the clinic").fill("27601")
    page.get_by_label("I’m not sure").check()
    page.get_by_label("Your health plan").select_option(label=plan)
    page.get_by_label("Number of visits").fill("8")
    page.get_by_role("button", name="See my cost").first.click()


def says(page: Page) -> str:
    """Return the heading of a page, which is no wider than its window."""
    page.wait_for_load_state()
    size = page.viewport_size
    assert size is not None
    assert size["width"] == measured(page, "document.documentElement.scrollWidth")
    return page.get_by_role("heading", level=1).inner_text()


@on_phone_and_desk
def test_a_marketplace_plan_is_found_by_zip_code_and_name(page: Page, kept_address: str, width: int) -> None:
    """Turn a page, search, open the variants, choose one, and read the answer."""
    page.goto(kept_address)
    page.locator("summary", has_text="About your pain").click()
    page.get_by_label("Age").fill("41")
    page.get_by_label("ZIP code of the clinic").fill("27601")
    page.get_by_label("I’m not sure").check()
    page.get_by_label("Your health plan").select_option("find-marketplace")
    page.get_by_label("Number of visits").fill("8")
    page.get_by_role("button", name="See my cost").first.click()
    expect(page.locator("main")).to_contain_text("30 plans match. Page 1 of 2.")

    page.get_by_role("button", name="More plans").click()
    page.get_by_label("Plan name or ID").fill("alder silver 07")
    page.get_by_label("Plan name or ID").press("Enter")
    expect(page.locator("main")).to_contain_text("1 plan matches.")

    page.locator("summary", has_text="4 other variants").click()
    assert "Find your Marketplace (HealthCare.gov) plan" == says(page)
    page.get_by_role("button", name="Extra savings").click()
    assert page.url.endswith("/#plan")
    assert "What will dry needling and physical therapy cost you?" == says(page)
    assert "41" == page.get_by_label("Age").input_value()
    assert page.get_by_text("You chose Alder Silver 07").is_visible()

    page.get_by_role("button", name="See my cost").first.click()
    assert "for 8 visits with Alder Silver 07." in says(page)
    assert "?" not in page.url


@on_phone_and_desk
def test_a_plan_of_which_nothing_is_known_is_estimated(page: Page, kept_address: str, width: int) -> None:
    """Two presses after the three answers, and a wide range."""
    begins(page, kept_address, "Describe my plan from my card")
    assert "Describe your plan" == says(page)
    page.get_by_role("button", name="See my cost").click()

    assert "with your plan, as you described it" in says(page)
    assert page.locator(".bar__words").get_by_text("$0 to").is_visible()


@on_phone_and_desk
def test_a_plan_of_which_all_is_known_is_estimated(page: Page, kept_address: str, width: int) -> None:
    """Every answer counts though the boxes stay ticked; a mistake is found from the summary; an answer is changed."""
    begins(page, kept_address, "Describe my plan from my card")
    page.get_by_label("Deductible for one person, for a year", exact=True).fill("a lot")
    page.get_by_label("Out-of-pocket maximum for one person, for a year", exact=True).fill("6000")
    page.get_by_label("Copay for a visit of physical therapy").fill("40")
    for answer in ("No: from the first visit", "None: it is for", "Yes, a number of visits"):
        page.get_by_text(answer).click()
    page.get_by_label("How many visits a year").fill("30")
    for question, answer in (("approve", "No"), ("referral", "No"), ("dry needling", "Yes")):
        page.get_by_role("group", name=question).get_by_text(answer, exact=True).click()
    page.get_by_role("button", name="See my cost").click()

    page.get_by_role("alert").get_by_role("link").click()
    assert "a lot" == page.get_by_label("Deductible for one person, for a year", exact=True).input_value()
    page.get_by_label("Deductible for one person, for a year", exact=True).fill("$1,500")
    page.get_by_role("button", name="See my cost").click()
    assert "$320" in says(page)

    page.get_by_role("button", name="Change your plan’s details").click()
    page.get_by_label("Copay for a visit of physical therapy").fill("25")
    page.get_by_role("button", name="See my cost").click()
    assert "$200" in says(page)


@pytest.mark.parametrize("path", ["/choose-plan?kind=marketplace&state=NC", "/my-plan", "wrong"])
@on_phone_and_desk
def test_axe_finds_nothing_wrong(contexts: dict[int, BrowserContext], kept_address: str, path: str, width: int) -> None:
    """Names, contrast, order and landmarks, with every part of the page open, and no sideways scrolling."""
    page = contexts[width].new_page()
    page.goto(kept_address + ("/my-plan" if path == "wrong" else path))
    if path == "wrong":
        page.get_by_label("Copay for a visit of physical therapy").fill("forty")
        page.get_by_label("How many visits a year").fill("many")
        page.get_by_role("button", name="Use this plan").click()
    measured(page, "document.querySelectorAll('details').forEach(part => part.open = true)")
    found = heard(page)
    widest = measured(page, "document.documentElement.scrollWidth")
    page.close()

    assert "" == found.generate_snapshot()
    assert width == widest


@pytest.mark.parametrize("width", [1280])
def test_back_keeps_what_was_typed(page: Page, kept_address: str) -> None:
    """By the browser's own button, without a script and without the page that it may have kept whole."""
    typed = {"ZIP code of the clinic": "27601", "Number of visits": "9", "Age": "41", "Who is your insurer?": "Aetna"}
    page.goto(kept_address)
    for summary in page.locator("form summary").all():
        summary.click()
    page.get_by_label("Insurance from a job").check()
    for label, value in typed.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="See my cost").first.click()
    assert "for 9 visits" in says(page)
    page.go_back()

    assert typed == {label: page.get_by_label(label).input_value() for label in typed}
    assert page.get_by_label("Insurance from a job").is_checked()
