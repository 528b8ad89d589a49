"""What is old says so in words, and where a plan has ended the one in force is offered."""

from pathlib import Path

import time_machine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing.register import keep_location
from estimator.web import create_app
from estimator.web.common import kept_plans
from tests.web.conftest import Pages
from tests.web.kept_plans import plan_id, shelf_like

CARE = {"zip": "98101", "visits": "4"}
A_YEAR_LATER = time_machine.travel("2027-12-01T12:00:00Z", tick=False)
OLD = ", more than a year ago"


def test_a_source_is_old_a_year_after_it_was_read(pages: Pages) -> None:
    """On the pages of plans, on the answer and among the sources of prices, not a day too early."""
    answer = {**CARE, "plan": "wa-lni", "first_day": "2026-12-07"}
    for page in (pages.get("/plans/fep-blue-basic-2026"), pages.get("/how-it-works"), pages.send(**answer)):
        assert OLD not in page.text

    with A_YEAR_LATER:
        for page in (pages.get("/plans/fep-blue-basic-2026"), pages.get("/how-it-works"), pages.send(**answer)):
            assert OLD in page.text


def test_a_plan_whose_year_has_ended_says_so(pages: Pages) -> None:
    """On its page and on its answers; lists offer the year that goes on."""
    ended = "this plan’s year ended on Dec 31, 2025"
    answer = pages.send(**CARE, plan="original-medicare-2025", first_day="2025-03-03")

    for page in (pages.get("/plans/original-medicare-2025"), answer):
        assert ended in page.text
    for page in (pages.get("/"), pages.get("/plans")):
        assert "Original Medicare Part B 2025" not in page.text
        assert "Original Medicare Part B 2026" in page.text
    assert ended not in pages.send(**CARE, plan="original-medicare-2026").text


def test_a_form_that_is_kept_is_the_one_that_would_be_made(kept_file: Path, tmp_path: Path) -> None:
    """By language, day and address, and anew as soon as something in it changes, by whichever process."""
    client = create_app(shelf_like(kept_file, tmp_path)).test_client()
    engine = kept_plans(client.application).engine
    asked = ("/", ""), ("/?in=en", "es"), ("/?in=en", ""), ("/es/", ""), ("/", "en")
    first, again = ([client.get(path, headers=[("Accept-Language", to)]).text for path, to in asked] for _ in range(2))
    sent = client.post("/").text

    assert first == again
    assert 3 == len(set(first))
    assert first[0].count("<option") == sent.count("<option")
    assert "Lakeside" not in first[0]
    ann = add_account(engine, "ann", Role.ADMIN, None)
    by = Person(ann.id, ann.name, ann.role)
    for name in ("Lakeside", "Riverside"):
        keep_location(engine, {"name": name, "zip": "85004", "state": "AZ"}, by)
    assert "Lakeside" in client.get("/").text
    with A_YEAR_LATER:
        assert client.post("/").text.count("2027") == client.get("/").text.count("2027") > first[0].count("2027")


def test_a_plan_that_another_follows_is_answered_by_the_one_of_the_day(pages: Pages) -> None:
    """Original Medicare of 2025 names its successor: a visit in 2026 has the rules of 2026."""
    page = pages.send(**CARE, age="66", plan="original-medicare-2025")

    assert "with Original Medicare Part B 2026." in page.one("h1").text


def test_the_plan_in_force_is_offered_in_place_of_one_that_is_not(pages: Pages) -> None:
    """One press leads to the answer, and nothing is typed again."""
    page = pages.send(status=422, **CARE, age="66", plan="original-medicare-2026", first_day="2025-03-03")
    offer = next(form for form in page.all("form") if "Estimate with that plan" in form.text)
    answer = pages.send(**{**offer.typed(), "plan": offer.one("button").attributes["value"]})

    assert "Original Medicare Part B 2025 is in force on Mar 3, 2025." in offer.text
    assert "66" == offer.typed()["age"]
    assert "with Original Medicare Part B 2025." in answer.one("h1").text


def test_nothing_is_offered_where_no_year_of_the_plan_is_in_force(pages: Pages) -> None:
    """We do not make up a plan."""
    page = pages.send(status=422, **CARE, plan="tricare-prime-2026", first_day="2031-03-03")

    assert "Estimate with that plan" not in page.text


def test_the_day_of_the_first_visit_chooses_among_revisions(kept: Pages) -> None:
    """A plan keeps its name from year to year; its rules are those of the day."""
    this_year = kept.send(**CARE, plan="dogwood")
    last_year = kept.send(**CARE, plan="dogwood", first_day="2025-03-03")
    page = kept.get("/plans/dogwood")

    assert "with Dogwood 2026." in this_year.one("h1").text
    assert "with Dogwood 2025." in last_year.one("h1").text
    assert "this plan’s year ended" in last_year.text
    assert "Dogwood 2026" == page.one("h1").text


def test_a_search_shows_what_has_ended_only_where_nothing_else_is_left(kept: Pages) -> None:
    """And says so beside each plan."""
    ended = "this plan’s year ended on Dec 31,"
    assert "Plan id" not in kept.get("/choose-plan?kind=marketplace&state=NC").text
    assert ended not in kept.get("/choose-plan?kind=marketplace&state=NC").text
    assert ended in kept.get("/choose-plan?kind=medicare-advantage&state=NV&words=elm").text

    with A_YEAR_LATER:
        page = kept.get("/choose-plan?kind=marketplace&state=NC").text
        assert ended in page
        assert plan_id("NC", 0, 0, "01")[:-3].upper() in page


def test_a_plan_page_shows_the_last_year_where_none_is_in_force(kept: Pages) -> None:
    """A plan that ended is still explained."""
    page = kept.get("/plans/h0999-001-0-nv")

    assert "this plan’s year ended on Dec 31, 2025" in page.text
    assert "H0999-001-0" in page.text
