"""Numbers that are changed on the answer page: each counts at once, and stays where it was typed."""

import pytest

from tests.web.conftest import Pages

TYPICAL = {"zip": "98101", "plan": "template-employer-ppo", "visits": "12", "first_day": "2026-01-12"}
EXACT = {"zip": "98101", "plan": "original-medicare-2026", "visits": "4", "needling": "none"}
COPAY = {"now_copay": "60", "was_copay": "40"}


def test_a_copay_that_is_told_takes_the_place_of_a_typical_one(pages: Pages) -> None:
    """By hand: 12 visits at a copay of $60 are $720, and the box still holds it."""
    page = pages.send(**TYPICAL, **COPAY)

    assert ["$720"] == page.one("h1").amounts
    assert "60" == page.one("form", class_="mini").typed()["now_copay"]


def test_a_number_that_was_not_changed_is_not_told(pages: Pages) -> None:
    """Pressing the button alone turns no assumption into a fact."""
    same = pages.send(**TYPICAL, now_copay="40", was_copay="40")

    assert pages.send(**TYPICAL).one("h1").text == same.one("h1").text


def test_what_is_told_of_needling_stays_when_the_copay_changes(pages: Pages) -> None:
    """Two changes, one after the other, both count."""
    first = pages.send(**TYPICAL, now_covered="yes", was_covered="unknown").one("form", class_="mini").typed()
    page = pages.send(**{**first, **COPAY})

    assert "yes" == page.one("form", class_="mini").typed()["now_covered"]
    assert ["$720"] == page.one("h1").amounts


def test_what_is_left_of_a_published_deductible_is_counted_as_paid(pages: Pages) -> None:
    """Medicare's deductible of $283, with $83 left: $200 is paid."""
    page = pages.send(**EXACT, now_left="83", was_left="283", whole="283", is_exact="yes")

    assert "83" == page.one("form", class_="mini").typed()["now_left"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"now_copay": "many", "was_copay": "40"}, "Enter your copay in dollars, like 40."),
        ({"now_left": "300", "was_left": "283", "whole": "283", "is_exact": "yes"}, "Your plan's deductible is $283."),
    ],
)
def test_what_is_no_amount_is_asked_again(pages: Pages, sent: dict[str, str], words: str) -> None:
    """The form comes back with what to enter."""
    assert words in pages.send(422, **EXACT, **sent).text


def test_a_number_that_was_emptied_is_not_told_any_more(pages: Pages) -> None:
    """The typical copay counts again."""
    first = pages.send(**TYPICAL, **COPAY).one("form", class_="mini").typed()
    page = pages.send(**{**first, "now_copay": "", "was_copay": "60"})

    assert "40" == page.one("form", class_="mini").typed()["now_copay"]
    assert pages.send(**TYPICAL).one("h1").text == page.one("h1").text


def test_what_was_left_of_a_published_deductible_is_taken_back(pages: Pages) -> None:
    """Emptying its box leaves nothing counted as paid."""
    first = pages.send(**EXACT, now_left="83", was_left="283", whole="283", is_exact="yes")
    page = pages.send(**{**first.one("form", class_="mini").typed(), "now_left": "", "was_left": "83"})

    assert "283" == page.one("form", class_="mini").typed()["now_left"]
    assert pages.send(**EXACT).one("h1").text == page.one("h1").text


def test_a_call_that_no_page_of_ours_wrote_makes_no_page_fail(pages: Pages) -> None:
    """An answer of which nobody says what it answers."""
    told = '{"plan": "template-employer-ppo", "calls": [{"source": "member-site", "answers": [{}]}]}'

    sent = {**TYPICAL, "told": told, "now_covered": "unknown", "was_covered": "yes"}
    response = pages.client.post("/estimate", data=sent)

    assert response.status_code in (200, 422)


def test_a_copay_that_was_assumed_and_is_right_can_be_said_so(pages: Pages) -> None:
    """Somebody whose copay is the one of the typical plan sees a number without its range."""
    asked = {"zip": "60614", "plan": "template-employer-ppo", "visits": "8", "needling": "none"}
    before = pages.send(**asked)
    after = pages.send(**asked, now_copay="40", was_copay="40", same="copay")

    assert "My copay is $40" in before.one("main").text
    assert "You'd pay about $320" in before.one("h1").text
    assert "You'd pay $320" in after.one("h1").text
    assert "My copay is" not in after.one("main").text
