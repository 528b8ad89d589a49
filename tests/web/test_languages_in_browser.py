"""Spanish in a real Chromium, and what holds in both languages: the keyboard alone, zoom, paper, weight, the policy."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from estimator.web.app import CONTENT_SECURITY_POLICY
from tests.clinic import MOST_MS
from tests.web.seen import heard, measured
from tests.web.test_browser import sends

pytestmark = pytest.mark.browser

PHONE, ZOOMED = 360, 640  # 1280 pixels at 200 percent are 640.
PLAN = "template-employer-hdhp-hsa"
WORDS = {
    "": ("ZIP code of the clinic", "Your health plan", "Number of visits", "See my cost"),
    "/es": ("Código ZIP de la clínica", "Su plan de salud", "Número de visitas", "Ver mi costo"),
}
OPENED = (
    "/",
    "/about-dry-needling",
    "/how-it-works",
    "/plans",
    "/plans/original-medicare-2026",
    "/my-plan",
    "/choose-plan?state=NC",
    "/nowhere",
)
ONWARD = (
    "/what-matters",
    "/compare",
    "/open-enrollment",
    "/my-plan",
    "/call-answers",
    "/save",
    "/paper/good-faith-estimate",
)
in_both = pytest.mark.parametrize("language", WORDS)
# The pages are built alike in both languages: in Spanish axe listens to the words, and `make test-slow` looks at all.
EVERY_RULE = {"resultTypes": ["violations"]}
OF_WORDS = ["cat.language", "cat.name-role-value", "cat.text-alternatives", "cat.forms"]
RULES_OF_WORDS = {**EVERY_RULE, "runOnly": {"type": "tag", "values": OF_WORDS}}


def asks(page: Page, address: str, language: str, zip_code: str = "98101") -> None:
    """Fill in the three answers and send them."""
    zip_field, plan, visits, send = WORDS[language]
    page.goto(f"{address}{language}/")
    page.get_by_label(zip_field).fill(zip_code)
    page.locator("[name=pay][value=other]").check()
    page.get_by_label(plan).select_option(PLAN)
    page.get_by_label(visits).fill("24")
    page.get_by_role("button", name=send).first.click()
    page.wait_for_url("**/estimate")


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser that runs no script of a page and speaks English."""
    made = browser.new_context(viewport={"width": PHONE, "height": 800}, java_script_enabled=False, locale="en-US")
    made.set_default_timeout(MOST_MS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Return a page of it."""
    opened = context.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("rules", [RULES_OF_WORDS, pytest.param(EVERY_RULE, marks=pytest.mark.slow)], ids=len)
def test_axe_finds_nothing_wrong_in_spanish(browser: Browser, kept_address: str, rules: dict[str, Any]) -> None:
    """Every page on a phone, with every part open: names, languages of parts, and no sideways scrolling."""
    made = browser.new_context(viewport={"width": PHONE, "height": 800}, bypass_csp=True)
    page = made.new_page()
    found: dict[str, str] = {}
    for path in OPENED:
        page.goto(f"{kept_address}/es{path}")
        found[path] = _faults(page, rules)
    for path in ("/estimate", *ONWARD):
        sends(page, f"{kept_address}/es{path}", zip="98101", plan=PLAN, visits="24")
        found[path] = _faults(page, rules)
    sends(page, f"{kept_address}/es/estimate", zip="9810x", plan=PLAN, visits="24")
    found["mistakes"] = _faults(page, rules)
    made.close()

    assert dict.fromkeys(found, "") == found


def _faults(page: Page, rules: dict[str, Any]) -> str:
    page.wait_for_load_state()
    measured(page, "document.querySelectorAll('details').forEach(part => part.open = true)")
    widest = measured(page, "document.documentElement.scrollWidth")
    return str(heard(page, options=rules).generate_snapshot()) + ("" if widest == PHONE else f"{widest} wide")


def test_an_answer_is_read_in_spanish_and_leads_on(page: Page, address: str) -> None:
    """Ask in English, change the language, look at what matters, change an answer, go back to English."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    asks(page, address, "")
    page.get_by_role("button", name="Español").click()
    assert "Pagaría alrededor de $2,901 por 24 visitas" in page.get_by_role("heading", level=1).inner_text().replace(
        "\n", " "
    )

    page.get_by_role("button", name="¿Qué podría cambiar este costo?").click()
    page.get_by_role("button", name="Responder esto (Deducible pagado hasta ahora)").click()
    page.get_by_label("Deducible pagado hasta ahora").fill("2000")
    page.get_by_role("button", name="Ver mi costo").first.click()
    page.get_by_role("button", name="Compare sus opciones").click()
    in_spanish = page.locator("table").inner_text()
    page.get_by_role("button", name="English").click()

    assert page.url.endswith("/compare")
    assert "Compare your options" == page.get_by_role("heading", level=1).inner_text()
    assert in_spanish.count("$") == page.locator("table").inner_text().count("$")
    assert [] == complaints


def test_a_browser_that_prefers_spanish_begins_in_spanish_and_may_choose_english(
    browser: Browser, address: str
) -> None:
    """No cookie is set on the way."""
    made = browser.new_context(java_script_enabled=False, locale="es-MX")
    page = made.new_page()
    page.goto(address)
    assert page.url.endswith("/es/")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Plans").click()
    page.get_by_role("link", name="Estimate", exact=True).click()

    assert "What will dry needling" in page.get_by_role("heading", level=1).inner_text()
    assert [] == made.cookies()
    made.close()


@in_both
def test_the_form_is_filled_in_with_the_keyboard_alone(browser: Browser, address: str, language: str) -> None:
    """At 200 percent: skip the header, tab from field to field, send with Enter, be led to the mistake, mend it."""
    made = browser.new_context(viewport={"width": ZOOMED, "height": 400}, locale="en-US")
    page = made.new_page()
    page.goto(f"{address}{language}/")
    assert ZOOMED == measured(page, "document.documentElement.scrollWidth")
    page.keyboard.press("Tab")
    assert _focused(page, "className") == "usa-skipnav"
    page.keyboard.press("Enter")
    for name, typed in (("pay", " "), ("insurer", "Aetna"), ("zip", "98101"), ("visits", "many")):
        for _ in range(6):
            page.keyboard.press("Tab")
            assert _is_seen(page)
            if name == _focused(page, "name"):
                break
        page.keyboard.type(typed)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if "#visits" in (_focused(page, "href") or ""):
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    made_it = measured(page, "document.activeElement.form !== null")
    assert "many" == page.locator("#visits").input_value()
    page.locator("#visits").fill("8")
    with page.expect_navigation():
        page.locator("#visits").press("Enter")

    assert made_it
    assert "$" in page.get_by_role("heading", level=1).inner_text()
    made.close()


def _focused(page: Page, name: str) -> str:
    return str(measured(page, f"document.activeElement.{name}"))


def _is_seen(page: Page) -> bool:
    """Say whether the focus shows, and lies within the window."""
    return bool(
        measured(
            page,
            "(() => { const at = document.activeElement, box = at.getBoundingClientRect();"
            " const style = getComputedStyle(at);"
            " return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0"
            " && box.top >= 0 && box.bottom <= innerHeight })()",
        )
    )


@in_both
def test_a_first_visit_keeps_its_budget(browser: Browser, address: str, language: str) -> None:
    """The form, and an answer of 24 visits: 60 kB with 4 to spare, few requests, none elsewhere, no script."""
    made = browser.new_context(locale="en-US")
    page = made.new_page()
    asked: dict[str, Request] = {}
    complaints: list[str] = []
    page.on("requestfinished", lambda request: asked.setdefault(request.url, request))
    page.on("console", lambda message: complaints.append(message.text))
    asks(page, address, language)
    page.wait_for_load_state("networkidle")
    weights = {url: request.sizes()["responseBodySize"] for url, request in asked.items()}
    pages = [weights.pop(url) for url, request in asked.items() if request.resource_type == "document"]
    response = asked[page.url].response()
    policy = response.headers["content-security-policy"] if response else ""
    kinds = {request.resource_type for request in asked.values()}
    made.close()

    assert CONTENT_SECURITY_POLICY == policy
    assert 2 == len(pages)
    assert max(pages) + sum(weights.values()) <= 56 * 1024
    assert len(weights) <= 7
    assert "script" not in kinds
    assert all(url.startswith(address) for url in asked)
    assert [] == complaints


@in_both
def test_nothing_moves_while_the_form_loads(browser: Browser, address: str, language: str) -> None:
    """Words that change their font as one reads move what stands below; and the form is light: 45 kB with its fonts."""
    made = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-US")
    made.add_init_script(
        "window.moved = [];"
        "new PerformanceObserver(list => window.moved.push(...list.getEntries().map(each => each.value)))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    page = made.new_page()
    weights: list[int] = []
    page.on("requestfinished", lambda request: weights.append(request.sizes()["responseBodySize"]))
    page.goto(f"{address}{language}/")
    page.wait_for_load_state("networkidle")
    moved = measured(page, "window.moved")
    made.close()

    assert [] == moved
    assert sum(weights) <= 45_000


@in_both
def test_paper_shows_no_way_to_elsewhere(page: Page, address: str, language: str) -> None:
    """A printed answer has neither the navigation nor the language link."""
    asks(page, address, language)
    page.emulate_media(media="print")

    assert page.locator("nav:visible").count() == 0
    assert page.get_by_role("heading", level=1).is_visible()
