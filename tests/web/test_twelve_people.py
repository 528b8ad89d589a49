"""Twelve people on the pages in a real Chromium: what they enter, how much they read, what they print.

Three of them go in every run, on the page that most people see; the others with `make test-slow`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pypdf import PdfReader

from tests.web.seen import heard, measured
from tests.web.test_browser import _WORDS as WORDS_BEFORE_THE_FOLDS
from tests.web.test_browser import DESK, PHONE

pytestmark = pytest.mark.browser

MOST_INPUTS = 8
HEIGHTS = {DESK: (800, 3), PHONE: (740, 6)}


@dataclass(frozen=True)
class Person:
    """Who asks: the tile, what is chosen below it, the place, the visits, and what is entered in a part that opens.

    `sees` are words of the answer that this person came for.
    """

    tile: str
    zip: str
    visits: str
    sees: str
    plan: str = ""
    insurer: str = ""
    part: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    width: int = DESK


PEOPLE = {
    "employer card": Person("job", "60614", "8", "You'd pay about", insurer="Aetna", width=PHONE),
    "spanish on a phone": Person("job", "78701", "8", "Pagaría", language="/es", width=PHONE),
    "medicare and plan G": Person(
        "medicare", "28202", "8", "Your second plan pays the rest", part="second", details={"second": "medigap-g"}
    ),
    "tricare": Person("military", "23510", "8", "TRICARE", plan="tricare-prime-2026"),
    "one cash session": Person("cash", "98101", "1", "Good Faith Estimate"),
    "california": Person("job", "90012", "8", "State law in California"),
    "new york": Person("job", "10001", "8", "State law in New York"),
    "hawaii": Person("job", "96813", "8", "State law in Hawaii"),
    "oregon": Person("job", "97201", "8", "State law in Oregon"),
    "washington": Person("job", "98101", "8", "Can a physical therapist do dry needling in Washington?"),
    "L&I": Person("injury", "98101", "8", "Plan ahead", plan="wa-lni"),
    "high deductible over new year": Person(
        "job", "98101", "12", "new year", plan="template-employer-hdhp-hsa", width=PHONE
    ),
    "family with a teenager": Person(
        "job", "60614", "8", "You pay", part="used", details={"family": "yes", "family_deductible_paid": "900"}
    ),
    "medicaid": Person("medicaid", "28202", "8", "Medicaid"),
}
EVERY_TIME = ("employer card", "spanish on a phone")
people = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EVERY_TIME else pytest.mark.slow) for name in PEOPLE]
)


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[dict[int, BrowserContext]]:
    """Return browsers in which axe may run, one a width."""
    made = {
        width: browser.new_context(viewport={"width": width, "height": HEIGHTS[width][0]}, bypass_csp=True)
        for width in (PHONE, DESK)
    }
    yield made
    for context in made.values():
        context.close()


def answers(page: Page, person: Person) -> int:
    """Fill in the form as this person does, send it, and return how many inputs that took."""
    page.locator(f"[name=pay][value={person.tile}]").check()
    page.get_by_label("ZIP").first.fill(person.zip)
    page.locator("[name=visits]").fill(person.visits)
    if person.insurer:
        page.locator("[name=insurer]").fill(person.insurer)
    if person.plan:
        page.locator(f"[name='plan.{person.tile}']").select_option(person.plan)
    for name, value in person.details.items():
        enter(page, name, value)
    page.locator(".form__send button").first.click()
    page.wait_for_load_state()
    return 3 + bool(person.insurer) + bool(person.plan) + bool(person.part) + len(person.details)


def enter(page: Page, name: str, value: str) -> None:
    """Open the part of the form that holds a field, if it is shut, and answer it."""
    box = page.locator(f"[name={name}]").first
    if not box.is_visible():
        page.locator("details.more", has=page.locator(f"[name={name}]")).locator("summary").click()
    match box.evaluate("each => each.type"):
        case "radio":
            page.locator(f"[name={name}][value={value}]").evaluate("each => each.click()")
        case "select-one":
            box.select_option(value)
        case _:
            box.fill(value)


@people
def test_a_person_gets_an_answer_that_they_can_finish(
    contexts: dict[int, BrowserContext], address: str, name: str
) -> None:
    """At most eight inputs, 300 words and three or six screens; one printed page; nothing that axe finds."""
    person = PEOPLE[name]
    page = contexts[person.width].new_page()
    page.goto(f"{address}{person.language}/" + ("" if person.language else "?in=en"))
    inputs = answers(page, person)
    words, tall = measured(page, WORDS_BEFORE_THE_FOLDS), measured(page, "document.documentElement.scrollHeight")
    wide, said = measured(page, "document.documentElement.scrollWidth"), page.locator("main").inner_text()
    faults = heard(page).generate_snapshot()
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    height, screens = HEIGHTS[person.width]

    assert person.sees in said
    assert inputs <= MOST_INPUTS
    assert words <= (375 if person.language else 300)
    assert tall <= screens * height
    assert person.width == wide
    assert "" == faults
    assert 1 == len(paper.pages)


@pytest.mark.slow
def test_a_plan_with_extra_savings_is_found_in_texas(contexts: dict[int, BrowserContext], kept_address: str) -> None:
    """The eighth person has a Marketplace plan at 94 percent, and finds it by its name."""
    page = contexts[DESK].new_page()
    page.goto(f"{kept_address}/?in=en")
    page.locator("[name=pay][value=marketplace]").check()
    page.locator("[name='plan.marketplace']").select_option("find-marketplace")
    page.locator("[name=zip]").fill("78701")
    page.locator("[name=visits]").fill("8")
    page.locator(".form__send button").first.click()
    page.get_by_label("Plan name or ID").fill("alder silver 07")
    page.get_by_label("Plan name or ID").press("Enter")
    page.locator("summary", has_text="other variants").click()
    page.get_by_role("button", name="94").click()
    page.locator(".form__send button").first.click()
    page.wait_for_load_state()
    said = page.get_by_role("heading", level=1).inner_text()
    page.close()

    assert "for 8 visits with Alder Silver 07" in said


def test_a_keyboard_is_enough(contexts: dict[int, BrowserContext], address: str) -> None:
    """Arrows choose a tile, Enter sends, and the folded parts are at most twenty stops away."""
    page = contexts[DESK].new_page()
    page.goto(f"{address}/?in=en")
    page.locator("[name=pay]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    assert "other" == measured(page, "document.activeElement.value")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    assert "injury" == measured(page, "document.querySelector('[name=pay]:checked').value")
    page.keyboard.press("ArrowRight")
    page.locator("[name=zip]").focus()
    page.keyboard.type("98101")
    page.locator("[name=visits]").focus()
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.wait_for_url("**/estimate")
    said = page.get_by_role("heading", level=1).inner_text()
    stops = measured(
        page,
        """() => [...document.querySelectorAll("main a[href], main button, main input:not([type=hidden]), main select")]
          .filter(each => !each.closest("details") && each.tabIndex >= 0).length""",
    )
    page.close()

    assert "for 6 visits without insurance" in said
    assert stops <= 20
