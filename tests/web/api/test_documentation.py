"""The page that describes the API to people: it can be read on a phone, and what it says to try can be tried."""

import html
import json
import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from tests.web.reading import page_of
from tests.web.seen import heard, measured
from tests.web.test_browser import on_phone_and_desk

DOCS = "/api/v1/docs"


def test_the_example_is_answered(client: FlaskClient) -> None:
    """As it stands on the page."""
    found = re.search(r"(?s)--data '(.+?)'", html.unescape(client.get(DOCS).text))
    assert found
    answer = client.post("/api/v1/estimates", json=json.loads(found[1]))

    assert 200 == answer.status_code


def test_every_link_of_the_page_leads_to_a_part_of_it(client: FlaskClient) -> None:
    """To each call and to each shape."""
    page = page_of(client.get(DOCS).text)
    led = {link.attributes["href"][1:] for link in page.all("a") if link.attributes["href"].startswith("#")}
    parts = {part.attributes["id"] for part in page.all() if "id" in part.attributes}

    assert 20 < len(led)
    assert set() == led - parts


@pytest.mark.browser
@on_phone_and_desk
def test_the_page_is_for_everybody(browser: Browser, address: str, width: int) -> None:
    """Nothing that axe complains of, and no sideways scrolling."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(address + DOCS)
    for part in page.locator("summary").all()[:3]:
        part.click()
    found = [violation["id"] for violation in heard(page).response["violations"]]
    widest = measured(page, "document.documentElement.scrollWidth")
    context.close()

    assert ([], width) == (found, widest)
