"""A working day at the front desk in Chromium, on a phone and at a desk, without JavaScript: every click is counted."""

from collections import Counter
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from estimator.billing.alerts import look_at
from estimator.billing.authorization_answer import Habits
from estimator.billing.case_search import SoughtCases, cases_of
from estimator.billing.cases import case_now, case_of_id
from estimator.billing.jobs import answer_schedule
from estimator.billing.needs import Thresholds
from estimator.plans.shelf import Shelf
from tests.web.seen import measured
from tests.web.staff.conftest import PASSWORD
from tests.web.staff.test_today import EXPORT, TODAY
from tests.web.test_browser import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Hand:
    """Somebody at the page of the desk: what they click and what they type, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.did = page, Counter[str]()

    def press(self, name: str, within: str = "body", role: str = "button") -> None:
        self.did["clicks"] += 1
        self.page.locator(within).get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]
        self._looks()

    def opens(self, words: str, within: str = "body") -> None:
        self.did["clicks"] += 1
        self.page.locator(f"{within} summary", has_text=words).first.click()

    def acts_on(self, label: str) -> None:
        """Open what can be done with a visit, unfolding the ready ones where it is among them."""
        button = self.page.locator(f"{row(label)} .desk-row__act summary").first
        if not button.is_visible():
            self.opens("ready")
        self.did["clicks"] += 1
        button.click()

    def types(self, label: str, words: str, within: str = "body") -> None:
        self.did["fields"] += 1
        self.page.locator(within).get_by_label(label).first.fill(words)

    def goes(self, address: str) -> None:
        self.did["clicks"] += 1
        self.page.goto(address)
        self._looks()

    def _looks(self) -> None:
        self.page.wait_for_load_state()
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        assert measured(self.page, "document.documentElement.scrollWidth") <= width, self.page.url


def row(label: str) -> str:
    """Return where a visit stands on the work list."""
    return f'li.desk-row:has(strong:text-is("{label}"))'


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_whole_day_is_worked_with_few_clicks(browser: Browser, served: str, engine: Engine, width: int) -> None:
    """Import, correct, request and renew, call, estimate, done, missed, and a look at tomorrow."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    ana, today = Hand(page), f"{served}/staff/today/"
    page.goto(today)
    ana.types("Name", "some-billing")
    ana.types("Password", PASSWORD)
    ana.press("Sign in")
    ana.press("Import schedule", role="link")
    file = {"name": "day.csv", "mimeType": "text/csv", "buffer": EXPORT.encode()}
    page.locator("input[type=file]").first.set_input_files(file)  # type: ignore[arg-type]
    ana.did["clicks"] += 1
    page.locator("form:has(input[type=file]) button").first.click()
    answer_schedule(engine, 1)

    ana.goes(today)
    ana.acts_on("Hip E-22")
    ana.types("Plan", "template-employer-ppo", row("Hip E-22"))
    ana.press("Correct this row", row("Hip E-22"))
    ana.acts_on("Knee B-03")
    ana.press("Start a case", row("Knee B-03"))
    ana.opens("Add or renew an authorization")
    ana.types("Authorization number", "B-77")
    ana.types("Visits", "8", "#renew")
    ana.press("Add the authorization")
    ana.goes(today)
    ana.acts_on("Neck A-12")
    ana.press("Check, estimate, papers", row("Neck A-12"))
    ana.press("Keep this estimate")
    ana.types("Case label of your own", "Neck A-12")
    ana.press("Keep it")
    ana.goes(today)
    ana.acts_on("Hip E-22")
    ana.press("Log a call", row("Hip E-22"))
    ana.types("Reference number", "REF-9")
    ana.types("Therapy visits: used so far", "4")
    ana.press("Keep this entry")
    ana.goes(today)
    ana.acts_on("Neck A-12")
    ana.types("Note", "Progress note faxed", row("Neck A-12"))
    ana.press("Add note", row("Neck A-12"))
    ana.acts_on("Neck A-12")
    ana.press("Visit done", row("Neck A-12"))
    ana.acts_on("Knee B-03")
    ana.press("Visit done", row("Knee B-03"))
    ana.acts_on("Hip E-22")
    ana.press("Canceled or missed", row("Hip E-22"))
    ana.press("Tomorrow", role="link")
    expect(page.locator("h1")).to_contain_text("Nov 24")
    context.close()
    cases = [case_of_id(engine, case.id) for case in cases_of(engine, SoughtCases())]
    day = date.fromisoformat(TODAY)
    found = [look_at(case_now(*case, day), Shelf(engine), Habits(), Thresholds()) for case in cases]

    assert [] == said
    assert {"Hip E-22": 0, "Knee B-03": 1, "Neck A-12": 1} == {each.case.label: len(each.now.visits) for each in found}
    assert ["B-77"] == [each.number for each in found[1].now.grants if each.number]
    assert {"clicks": 30, "fields": 9} == dict(ana.did)
