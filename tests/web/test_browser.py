"""The pages in a real Chromium, on a phone and on a desk: journeys without JavaScript, and what axe finds."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pypdf import PdfReader

from tests.web.seen import heard, measured

pytestmark = pytest.mark.browser

PHONE, DESK = 360, 1280
# What a person does is alike on both, and a phone is the harder one; `make test-slow` does it again at a desk.
on_phone_and_desk = pytest.mark.parametrize("width", [PHONE, pytest.param(DESK, marks=pytest.mark.slow)])

FIRST_DAY = "2026-11-30"
Journey = Callable[[Page, str], Any]


def asks(zip_code: str, plan: str, visits: str) -> Journey:
    """Fill in the three answers and send them."""

    def journey(page: Page, address: str) -> None:
        page.goto(address)
        page.get_by_label("ZIP code of the clinic").fill(zip_code)
        page.get_by_label("I’m not sure").check()
        page.get_by_label("Your health plan").select_option(plan)
        page.get_by_label("Number of visits").fill(visits)
        with page.expect_navigation():
            page.get_by_role("button", name="See my cost").first.click()

    return journey


def sends(page: Page, to: str, **fields: str) -> None:
    """Send these fields to an address as a form would."""
    boxes = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    page.set_content(f'<form method="post" action="{to}">{boxes}<button>Send</button></form>')
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()


def goes_to(path: str) -> Journey:
    """Open one page."""
    return lambda page, address: page.goto(address + path)


def goes_on(to: str, *, sends: str = "") -> Journey:
    """Ask for the answer, go on from it by one of its buttons, and there send the form that leads further."""

    def journey(page: Page, address: str) -> None:
        asks("98101", "template-employer-hdhp-hsa", "24")(page, address)
        page.locator(f"button[formaction='{to}']").first.click()
        page.wait_for_url(f"**{to}")
        if sends:
            page.locator(f"form[action='{sends}'] button:not([formaction])").click()
            page.locator("a.address").first.wait_for()

    return journey


EVERY_PAGE: dict[str, Journey] = {
    "form": goes_to("/"),
    "needling": goes_to("/about-dry-needling"),
    "method": goes_to("/how-it-works"),
    "plans": goes_to("/plans"),
    "plan": goes_to("/plans/original-medicare-2026"),
    "failure": goes_to("/nowhere"),
    "answer": asks("98101", "template-employer-hdhp-hsa", "24"),
    "forbidden": asks("10001", "original-medicare-2026", "12"),
    "several-areas": asks("02339", "template-employer-hmo", "30"),
    "mistakes": asks("9810x", "", "1e9"),
    "choose-plan": goes_to("/choose-plan?state=NC"),
    "save": goes_on("/save"),
    "saved-links": goes_on("/save", sends="/save"),
    "call-answers": goes_on("/call-answers"),
}
every_page = pytest.mark.parametrize("name", EVERY_PAGE)
# Axe takes three times as long for 24 visits as for 8, of which each has a table like those of the others.
SHORT: dict[str, Journey] = {
    "short-answer": asks("98101", "template-employer-hdhp-hsa", "8"),
    "short-forbidden": asks("10001", "original-medicare-2026", "3"),
    "short-several-areas": asks("02339", "template-employer-hmo", "4"),
}
DIFFERENT_AT_A_DESK = ("form", "short-answer")


def _is_slow(name: str, width: int) -> bool:
    return f"short-{name}" in SHORT or (width == DESK and name not in DIFFERENT_AT_A_DESK)


AXE_LOOKS_AT = [
    pytest.param(name, width, marks=[pytest.mark.slow] if _is_slow(name, width) else [])
    for name in (*EVERY_PAGE, *SHORT)
    for width in (PHONE, DESK)
]


@pytest.fixture
def without_script(browser: Browser, width: int) -> Iterator[Page]:
    """Return a page of a browser that runs no script."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def scriptless(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser that runs no script, for pages that are only looked at."""
    context = browser.new_context(viewport={"width": DESK, "height": 800}, java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture(scope="module")
def looked_at(scriptless: BrowserContext) -> Page:
    """Return its one page: a new one for each test takes longer than what is shown there."""
    return scriptless.new_page()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[dict[int, BrowserContext]]:
    """Return browsers in which axe may run, one a width."""
    made = {
        width: browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True) for width in (PHONE, DESK)
    }
    yield made
    for context in made.values():
        context.close()


@every_page
def test_a_page_fits_its_window_and_breaks_no_rule_of_its_own(looked_at: Page, kept_address: str, name: str) -> None:
    """No sideways scrolling on a desk or a phone, and nothing that the Content-Security-Policy has to forbid."""
    complaints: list[str] = []
    looked_at.on("console", lambda message: complaints.append(message.text))
    EVERY_PAGE[name](looked_at, kept_address)

    for wide in (DESK, PHONE):
        looked_at.set_viewport_size({"width": wide, "height": 800})
        assert wide == measured(looked_at, "document.documentElement.scrollWidth")
    assert [] == [words for words in complaints if "404" not in words and "422" not in words]


@pytest.mark.parametrize(("name", "width"), AXE_LOOKS_AT)
def test_axe_finds_nothing_wrong(contexts: dict[int, BrowserContext], kept_address: str, name: str, width: int) -> None:
    """Names, contrast, order and landmarks, with every part of the page open."""
    page = contexts[width].new_page()
    (EVERY_PAGE | SHORT)[name](page, kept_address)
    measured(page, "document.querySelectorAll('details').forEach(part => part.open = true)")
    found = heard(page)
    page.close()

    assert "" == found.generate_snapshot()


@on_phone_and_desk
def test_three_answers_lead_to_a_number_and_back(without_script: Page, address: str, width: int) -> None:
    """Ask, read, open a visit, change one answer, ask again; nothing is typed twice."""
    page = without_script
    asks("98101", "template-employer-ppo", "12")(page, address)
    first = page.get_by_role("heading", level=1).inner_text()
    assert "for 12 visits" in first

    page.locator("summary", has_text="Each visit in detail").click()
    page.locator("summary", has_text="Visits 2 to").click()
    assert page.get_by_text("Services of visits 2 to").is_visible()

    page.get_by_role("button", name="Change an answer").click()
    assert "12" == page.get_by_label("Number of visits").input_value()
    page.get_by_label("Number of visits").fill("4")
    page.get_by_role("button", name="See my cost").first.click()
    assert "for 4 visits" in page.get_by_role("heading", level=1).inner_text()

    page.get_by_role("button", name="For billing staff").click()
    assert "provider write-off" in page.locator(".answer").inner_text()


@on_phone_and_desk
def test_a_mistake_is_found_from_the_summary(without_script: Page, address: str, width: int) -> None:
    """The line of the summary leads to the field, which still holds what was typed."""
    page = without_script
    page.goto(address)
    page.get_by_label("ZIP code of the clinic").fill("98101")
    page.get_by_label("Number of visits").fill("many")
    page.get_by_role("button", name="See my cost").first.click()
    page.get_by_role("alert").get_by_role("link").last.click()

    assert page.url.endswith("#visits")
    assert "many" == page.get_by_label("Number of visits").input_value()


ANSWERS = [
    ("98101", "template-employer-ppo", "8"),
    ("98101", "template-employer-hdhp-hsa", "20"),
    ("28202", "original-medicare-2026", "8"),
    ("10001", "original-medicare-2026", "12"),
    ("98101", "self-pay", "6"),
]
some_answers = pytest.mark.parametrize("asked", ANSWERS, ids=lambda asked: f"{asked[1]}-{asked[0]}")
# What is read before anything is unfolded; anyone who hears the page is told the chart besides.
_WORDS = """() => {
  const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("details, form, svg, .unseen").forEach(part => part.remove());
  return main.textContent.split(/\\s+/).filter(Boolean).length;
}"""


@some_answers
@pytest.mark.parametrize("language", ["", "/es"])
def test_an_answer_is_read_in_a_minute_and_prints_on_one_page(
    looked_at: Page, address: str, asked: tuple[str, str, str], language: str
) -> None:
    """At most 300 words before the folded parts, three screens at a desk and six on a phone.

    Paper has the number, the call and the visits; what is folded on the screen stays off it, and so do buttons.
    """
    page = looked_at
    page.emulate_media(media="null")
    # What the page before it forbids would hold for the form that sends.
    page.goto("about:blank")
    sends(page, f"{address}{language}/estimate", **dict(zip(("zip", "plan", "visits"), asked, strict=True)))

    assert measured(page, _WORDS) <= (375 if language else 300)
    for wide, height, most in ((DESK, 800, 3), (PHONE, 740, 6)):
        page.set_viewport_size({"width": wide, "height": height})
        assert measured(page, "document.documentElement.scrollHeight") <= most * height

    assert 1 == len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages)
    page.emulate_media(media="print")
    assert not page.locator(".fold").first.is_visible()
    assert not page.get_by_role("button").first.is_visible()
