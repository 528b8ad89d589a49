"""An estimate that a person asks to keep: shown again to the cent, deleted for good, and nothing else is kept."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser
from sqlalchemy import delete, insert, inspect, select, text, update
from werkzeug.test import TestResponse

from estimator.billing.watch import purge
from estimator.db.connection import reading, writing
from estimator.db.tables import saved_estimates
from estimator.engine.values import Money
from estimator.estimates.saved import MOST_KEPT, count_saved
from estimator.plans.shelf import Draft, Shelf
from estimator.web import create_app
from estimator.wording.words import dollars, page_usd
from tests.db.sample import definition, published
from tests.web.conftest import Pages
from tests.web.kept_plans import shelf_like
from tests.web.reading import Element, page_of
from tests.web.seen import measured

COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "6"}
NOBODY = "/saved/nobody-ever-made-this-link"


@pytest.fixture(scope="module")
def own(kept_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Return a database that these tests alone change."""
    return shelf_like(kept_file, tmp_path_factory.mktemp("saved"))


@pytest.fixture(scope="module")
def saving(own: Shelf) -> Pages:
    """Return a reader of the pages of an app with that database."""
    return Pages(create_app(own).test_client())


def saved_links(pages: Pages, **answers: str) -> tuple[str, str]:
    """Save an estimate, and return the link that shows it and the one that deletes it."""
    page = pages.send(to="/save", **{**COURSE, **answers}, days="30", status=201)
    link, removal = (each.attributes["href"] for each in page.all("a", class_="address"))
    return link, removal


def figures_of(page: Element) -> list[str]:
    """Return every amount of the answer below its note on what was saved."""
    return page.one("section", class_="answer").amounts


def rows(shelf: Shelf) -> Iterator[str]:
    """Yield every row of every table, as text."""
    with reading(shelf.engine) as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                yield f"{table}: {list(row)}"


def test_a_saved_estimate_is_shown_as_it_was(saving: Pages) -> None:
    """With the day, the end of its time, and what it rests on."""
    before = saving.send(**COURSE)
    link, _ = saved_links(saving)
    page = saving.get(link)

    assert "Would paying cash be cheaper?" not in page.text
    assert figures_of(before) == figures_of(page)
    assert "They say yes" in before.text
    assert "They say yes" not in page.text
    assert "Saved on Mon, Nov 23, 2026. It is kept until Wed, Dec 23, 2026." in page.text
    assert "Plan: template-employer-ppo. Price lists: " in page.text
    assert "With today’s rules, the cost is the same." in page.text


def test_saving_asks_first_and_says_what_is_kept(saving: Pages, own: Shelf) -> None:
    """Nothing is kept until the choice of days is sent."""
    before = sum(row.startswith("saved_estimates") for row in rows(own))
    page = saving.send(to="/save", **COURSE)

    assert "We don’t keep a name" in page.text
    assert "30" == page.typed()["days"]
    assert before == sum(row.startswith("saved_estimates") for row in rows(own))


def test_neither_link_is_kept(saving: Pages, own: Shelf) -> None:
    """Anyone who reads the database cannot open what is in it."""
    link, removal = saved_links(saving)
    secrets = link.rpartition("/")[2], removal.rpartition("/")[2]

    assert not [row for row in rows(own) if any(secret in row for secret in secrets)]
    assert all(len(secret) >= 40 for secret in secrets)


def test_the_reference_of_a_call_is_not_kept(saving: Pages, own: Shelf) -> None:
    """Nor a name; the answer is, with its day."""
    call = {"on": "2026-11-20", "reference": "MARKER-REF", "representative": "MARKER-NAME"}
    answer = {"asks": "payable", "subject": "20561", "answer": "covered"}
    told = json.dumps({"plan": COURSE["plan"], "calls": [{**call, "answers": [answer]}]})
    link, _ = saved_links(saving, told=told)

    assert "said on the telephone on November 20, 2026" in saving.get(link).text
    assert not [row for row in rows(own) if "MARKER" in row]


def test_what_is_no_call_is_refused_and_not_kept(saving: Pages) -> None:
    """Somebody changed what the form carries along; that is told, and is no failure of ours."""
    told = json.dumps({"plan": COURSE["plan"], "calls": [1, None, []]})

    assert saving.send(to="/save", **COURSE, days="30", told=told, status=422)


def test_anyone_who_has_the_second_link_deletes_it_for_good(saving: Pages, own: Shelf) -> None:
    """It asks first; then the row is gone."""
    link, removal = saved_links(saving)
    before = sum(row.startswith("saved_estimates") for row in rows(own))
    asked = saving.get(removal)
    saving.get(link)
    gone = saving.client.post(removal)

    assert "Delete this saved estimate?" in asked.text
    assert "The link no longer works." in page_of(gone.text).text
    assert before - 1 == sum(row.startswith("saved_estimates") for row in rows(own))
    assert "There is no such page" in saving.get(link, 404).text


def test_anyone_who_has_the_first_link_alone_deletes_nothing(saving: Pages) -> None:
    """A shared estimate stays, no matter who it is shared with."""
    link, _ = saved_links(saving)

    assert 404 == saving.client.post(f"{link}/delete/guess").status_code
    assert 200 == saving.client.get(link).status_code


def test_unknown_expired_and_deleted_links_look_alike(saving: Pages, own: Shelf) -> None:
    """The same page, so that nobody learns which links there were."""
    link, _ = saved_links(saving)
    unknown = saving.client.get(NOBODY)
    with time_machine.travel("2026-12-23T12:00:01Z"):
        expired = saving.client.get(link)
        purge(own.engine, datetime(2026, 12, 24, tzinfo=UTC))

    assert (404, 404) == (unknown.status_code, expired.status_code)
    assert unknown.text == expired.text
    assert not [row for row in rows(own) if row.startswith("saved_estimates")]


def test_a_saved_page_is_for_anyone_who_has_the_link_alone(saving: Pages) -> None:
    """No search engine lists it, no cache keeps it, no address is passed on."""
    link, _ = saved_links(saving)
    headers = saving.client.get(link).headers

    assert ("noindex, nofollow", "no-store", "no-referrer") == (
        headers["X-Robots-Tag"], headers["Cache-Control"], headers["Referrer-Policy"],
    )  # fmt: skip


def test_a_plan_that_is_published_anew_leaves_a_saved_estimate_as_it_was(saving: Pages, own: Shelf) -> None:
    """To the cent; beside it stands what today's rules would give."""
    published(own.engine, [Draft(definition("kept-plan", "40.00"))])
    link, _ = saved_links(saving, plan="kept-plan")
    before = figures_of(saving.get(link))
    published(own.engine, [Draft(definition("kept-plan", "55.00"))])
    page, now = saving.get(link), saving.send(**{**COURSE, "plan": "kept-plan"})

    assert before == figures_of(page)
    (today,) = re.findall(r"With today’s rules, it would be (\$[\d,]+\.\d\d)\.", page.text)
    assert now.one("h1").amounts == [dollars(Money.parse(today))]


@pytest.mark.parametrize("is_old", [False, True], ids=["settled", "saved-before-it-was-told"])
def test_where_the_program_came_to_differ_the_saved_figures_are_shown(saving: Pages, own: Shelf, is_old: bool) -> None:
    """And said to be those: here the kept answer is other than what this program makes of the request."""
    link, _ = saved_links(saving)
    with writing(own.engine) as connection:
        kept = connection.execute(select(saved_estimates.c.id, saved_estimates.c.answer)).all()[-1]
        settled = {} if is_old else {"settled": {"typical": "12.34"}}
        owes = {"patient_owes": "12.34" if is_old else "99.99", "range": {}}
        visits = [_without_settled(visit) | owes | settled for visit in kept.answer["visits"]]
        whole = _without_settled(kept.answer) if is_old else kept.answer
        sums = {"patient_owes": kept.answer["settled"] if is_old else {"typical": "99.99"}}
        other = {**whole, **sums, "visits": visits}
        connection.execute(update(saved_estimates).where(saved_estimates.c.id == kept.id).values(answer=other))
        connection.commit()
    page = saving.get(link)

    assert "These are the saved numbers." in page.text
    assert ["$12.34"] * 6 == page.one("table").amounts
    assert page_usd(kept.answer["settled"]["typical"]) in page.one("title").text
    assert "en" == saving.get(f"/es{link}").one("h1").attributes["lang"]


def test_one_address_saves_only_so_many_an_hour(saving: Pages) -> None:
    """Anyone who saved too many is told in a plain sentence; others go on."""
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    statuses = [_saves(saving, elsewhere).status_code for _ in range(30)]
    refused = _saves(saving, elsewhere)

    assert [201] * 30 == statuses
    assert 429 == refused.status_code
    assert "Many estimates were saved from here" in page_of(refused.text).text
    assert 201 == _saves(saving, {"REMOTE_ADDR": "192.0.2.8"}).status_code


def test_when_all_room_is_taken_the_one_unopened_the_longest_goes(saving: Pages, own: Shelf) -> None:
    """Nobody can close saving to everybody: one that its owner opens stays."""
    with writing(own.engine) as connection:
        connection.execute(delete(saved_estimates))
        connection.commit()
    opened, unopened = (link for link, _ in (saved_links(saving), saved_links(saving)))
    with writing(own.engine) as connection:
        row = dict(connection.execute(select(saved_estimates)).mappings().all()[-1])
        least = {**row, "answer": {}, "form": {}, "request": {}, "created_at": datetime(2026, 11, 24, tzinfo=UTC)}
        number = MOST_KEPT - count_saved(connection)
        copies = [{**least, "id": 100_000 + at, "link": f"copy-{at}"} for at in range(number)]
        connection.execute(insert(saved_estimates), copies)
        connection.commit()
    with time_machine.travel("2026-11-25T12:00:00Z"):
        saving.get(opened)
        later = _saves(saving, {"REMOTE_ADDR": "192.0.2.9"})
        statuses = [saving.client.get(link).status_code for link in (opened, unopened)]

    assert (201, [200, 404]) == (later.status_code, statuses)


def _without_settled(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "settled"}


def _saves(pages: Pages, environment: dict[str, str]) -> TestResponse:
    answers = {**COURSE, "visits": "1", "days": "7"}
    return pages.client.post("/save", data=answers, environ_overrides=environment)


def test_a_folder_alone_keeps_nothing(pages: Pages) -> None:
    """There is no button, and no page behind it."""
    buttons = [each.attributes.get("formaction") for each in pages.send(**COURSE).all("button")]

    assert "/save" not in buttons
    assert 404 == pages.client.post("/save", data=COURSE).status_code


@pytest.mark.parametrize("path", ["", "/es"])
def test_an_estimate_is_saved_shown_and_deleted_without_javascript(
    path: str, kept_address: str, browser: Browser
) -> None:
    """From the answer to its links, to the estimate for somebody else, to its end."""
    page = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800}).new_page()
    page.goto(f"{kept_address}{path}/" if path else f"{kept_address}/?in=en")
    page.fill("[name=zip]", COURSE["zip"])
    page.locator("[name=pay][value=other]").check()
    page.select_option("[name=plan]", COURSE["plan"])
    page.fill("[name=visits]", COURSE["visits"])
    page.locator("form button[type=submit].usa-button").last.click()
    page.locator("section.answer").wait_for()
    amounts = page.locator("section.answer strong").all_inner_texts()
    page.locator(f"button[formaction='{path}/save']").click()
    page.locator(f"form[action='{path}/save'] button:not([formaction])").click()
    page.locator("a.address").first.wait_for()
    link, removal = (each.get_attribute("href") for each in page.locator("a.address").all())
    assert measured(page, "document.documentElement.scrollWidth") <= 360

    other = browser.new_context(java_script_enabled=False).new_page()
    other.goto(f"{kept_address}{link}")
    assert amounts == other.locator("section.answer strong").all_inner_texts()

    page.goto(f"{kept_address}{removal}")
    page.locator("main form button").click()
    page.locator("main form button").wait_for(state="detached")
    response = other.reload()
    assert response is not None
    assert 404 == response.status
