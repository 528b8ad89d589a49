"""Answers from the call, typed back in: they change the estimate, travel on, and go away again."""

import json

import pytest
from playwright.sync_api import Browser

from tests.papers.papers import words_of
from tests.web.conftest import Pages
from tests.web.reading import Element

COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "6"}
PAID = "call.payable.20561"
CALL = {"call.day": "2026-11-20", "call.reference": "R-77"}
HOSTILE = '"><script>alert(1)</script>'


def sentence_of(page: Element) -> str:
    """Return the sentence with the number."""
    return page.one("h1", id="answer").text


def told_of(page: Element) -> str:
    """Return what travels on of what was told."""
    return page.typed()["told"]


def test_the_page_asks_three_facts_of_needling_and_what_else_is_open(pages: Pages) -> None:
    """Valid, approval and paid are asked one by one; so is what the estimate's questions leave open."""
    page = pages.send(to="/call-answers", **COURSE)
    asked = [legend.text for legend in page.all("legend")]

    assert [
        "Can your provider bill 20561 (dry needling, 3 or more muscles) under your plan?",
        "Does 20561 (dry needling, 3 or more muscles) need approval in advance?",
        "Does your plan pay for 20561 (dry needling, 3 or more muscles)?",
    ] == asked[:3]
    assert "call.limit.therapy-visits" in page.typed()


def test_an_answer_that_is_typed_in_changes_the_estimate(pages: Pages) -> None:
    """Covered needling falls under the copay; the answer says who said so and when, and that it isn't a guarantee."""
    before = pages.send(**COURSE)
    after = pages.send(to="/call-answers", **COURSE, **CALL, **{PAID: "covered"})

    assert "Dry needling: $0 to" in before.text
    assert "Dry needling: $0 to" not in after.text
    assert "Your insurer said on the telephone on November 20, 2026: 20561" in after.text
    assert "A phone answer isn’t a guarantee of payment." in after.text
    assert "If your plan doesn't stand by what it told you" in after.text


@pytest.mark.parametrize("address", ["/estimate", "/", "/compare", "/what-matters", "/call-answers"])
def test_what_was_told_travels_on(address: str, pages: Pages) -> None:
    """Every page carries it to the next one, within the form and never in an address."""
    told = told_of(pages.send(to="/call-answers", **COURSE, **CALL, **{PAID: "covered"}))

    assert told == told_of(pages.send(to=address, **COURSE, told=told))


def test_the_call_script_lists_what_was_answered_and_asks_the_rest(pages: Pages) -> None:
    """Paid was answered; valid and approval are still asked."""
    told = told_of(pages.send(to="/call-answers", **COURSE, **CALL, **{PAID: "covered"}))

    written = words_of(pages.client.post("/paper/call-script", data={**COURSE, "told": told}).data)

    assert "What has been answered" in written
    assert "is covered. We used that here." in written
    assert "1. Can a physical therapist bill 20561" in written
    assert "3. Do you pay for 20561" not in written


def test_another_plan_takes_none_of_it(pages: Pages) -> None:
    """What one plan told is of no use to another, and comes back with the plan."""
    told = told_of(pages.send(to="/call-answers", **COURSE, **CALL, **{PAID: "covered"}))
    other = {**COURSE, "plan": "template-marketplace-silver"}

    assert sentence_of(pages.send(**other)) == sentence_of(pages.send(**other, told=told))


def test_a_second_call_adds_to_the_first(pages: Pages) -> None:
    """Both are listed."""
    told = told_of(pages.send(to="/call-answers", **COURSE, **CALL, **{PAID: "covered"}))
    second = {"call.day": "2026-11-21", "call.cost-share.copay": "25"}
    calls = json.loads(told_of(pages.send(to="/call-answers", **COURSE, told=told, **second)))["calls"]

    assert ["2026-11-20", "2026-11-21"] == [call["on"] for call in calls]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({**CALL, "call.day": "2026-11-24", PAID: "covered"}, "call-day", "Enter a date up to 2026-11-23"),
        ({**CALL, "call.day": "", PAID: "covered"}, "call-day", "Enter the date of your call"),
        ({**CALL, "call.cost-share.copay": "forty"}, "call-cost-share-copay", "Enter an amount, like"),
        ({**CALL, "call.limit.therapy-visits": HOSTILE}, "call-limit-therapy-visits", "Enter a count, like 4"),
        ({**CALL, "call.authorization-needed.20561": "yes", "call.authorization-needed.20561.from": "x"},
         "call-authorization-needed-20561-from", "Enter a whole number"),
    ],
)  # fmt: skip
def test_a_mistake_stands_beside_its_field(typed: dict[str, str], field: str, words: str, pages: Pages) -> None:
    """What was typed is kept."""
    page = pages.send(422, to="/call-answers", **COURSE, **typed)

    assert words in page.errors()[field]
    assert typed.items() <= page.typed().items()


def test_a_page_without_an_answer_asks_for_one(pages: Pages) -> None:
    """The day alone tells nothing."""
    page = pages.send(422, to="/call-answers", **COURSE, **CALL)

    assert "Answer at least one question" in page.text


@pytest.mark.parametrize("told", [HOSTILE, "{", "[]", '{"plan": "template-employer-ppo", "calls": 7}', "{}"])
def test_text_that_nobody_typed_on_the_page_is_refused_or_of_no_plan(told: str, client) -> None:
    """A changed field never breaks a page, and is shown as text."""
    response = client.post("/estimate", data={**COURSE, "told": told})

    assert response.status_code in (200, 422)
    assert HOSTILE not in response.text


def test_hostile_reference_is_shown_as_text(pages: Pages) -> None:
    """On the answer and wherever it travels."""
    response = pages.client.post("/call-answers", data={**COURSE, **CALL, "call.reference": HOSTILE, PAID: "covered"})

    assert 200 == response.status_code
    assert HOSTILE not in response.text
    assert "<script" not in response.text


@pytest.mark.parametrize("path", ["", "/es"])
def test_a_call_is_typed_in_without_javascript(path: str, address: str, browser: Browser) -> None:
    """From the answer to the page, back to an answer with other figures, and out again."""
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}{path}/?in=en" if not path else f"{address}{path}/")
    page.fill("[name=zip]", COURSE["zip"])
    page.locator("[name=pay][value=other]").check()
    page.select_option("[name=plan]", COURSE["plan"])
    page.fill("[name=visits]", COURSE["visits"])
    page.locator("form button[type=submit].usa-button").last.click()
    before = page.locator("section.answer").inner_text()
    page.locator(f"button[formaction='{path}/call-answers']").click()
    page.fill("[name='call.day']", "2026-11-20")
    box = page.locator(f"[name='{PAID}'][value=covered]").get_attribute("id")
    page.locator(f"label[for='{box}']").click()
    page.locator(f"form[action='{path}/call-answers'] button:not([formaction])").last.click()

    page.locator("#told").wait_for()
    assert before != page.locator("section.answer").inner_text()
    page.locator(f"button[formaction='{path}/call-answers']").click()
    page.locator(f"form[action='{path}/estimate'] button").first.click()
    page.locator("#told").wait_for(state="detached")
    page.locator("#answer").wait_for()
    assert before == page.locator("section.answer").inner_text()
