"""The language of a page is part of its address, is chosen by the browser or a link, and changes without retyping."""

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Pages
from tests.web.reading import Element, page_of

ENOUGH = {"zip": "98101", "plan": "original-medicare-2026", "visits": "8", "age": "66"}
SPANISH_FIRST = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.8"}
ADDRESSES = ["/about-dry-needling", "/how-it-works", "/plans", "/plans/original-medicare-2026", "/my-plan"]


def link_to(page: Element, language: str) -> str:
    """Return where the link in the header to another language leads."""
    return page.one("nav").one("a", lang=language).attributes["href"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_leads_to_itself_in_the_other_language_and_back(pages: Pages, address: str) -> None:
    """The link, the alternates and the language of the page say the same."""
    english = pages.get(address)
    spanish = pages.get(link_to(english, "es"))

    assert f"/es{address}" == english.one("link", hreflang="es").attributes["href"]
    assert address == link_to(spanish, "en") == spanish.one("link", hreflang="en").attributes["href"]
    assert ("en", "es") == tuple(page.one("html").attributes["lang"] for page in (english, spanish))


def test_a_search_is_the_same_search_in_the_other_language(kept: Pages) -> None:
    """What is looked for stands in the address, and stays there."""
    page = kept.get("/choose-plan?kind=marketplace&state=NC")

    assert "/es/choose-plan?kind=marketplace&state=NC" == link_to(page, "es")


def test_every_link_and_form_of_a_spanish_page_stays_in_spanish(pages: Pages) -> None:
    """Only the documents of others lead out."""
    for page in (pages.get("/es/"), pages.send(to="/es/estimate", **ENOUGH), pages.send(to="/es/compare", **ENOUGH)):
        ways = [
            each.attributes[name]
            for each in page.one("main").all()
            for name in ("href", "action", "formaction")
            if name in each.attributes
        ]
        ours = [way for way in ways if not way.startswith(("#", "http"))]

        assert ours
        assert [] == [way for way in ours if not way.startswith("/es/")]


@pytest.mark.parametrize("path", ["/estimate", "/what-matters", "/compare", "/my-plan", "/"])
def test_what_was_sent_is_shown_in_the_other_language_without_typing(pages: Pages, path: str) -> None:
    """A page that came from a form carries what the form held to the same page in the other language."""
    sent = {**ENOUGH, "diagnosis": "M54.50"}
    english = pages.send(to=path, **sent)
    switch = english.one("nav").one("form")
    spanish = pages.send(to=switch.attributes["action"], **switch.typed())

    assert sent == switch.typed()
    assert "es" == spanish.one("html").attributes["lang"]
    assert english.one("main").amounts == spanish.one("main").amounts
    assert path == spanish.one("nav").one("form").attributes["action"]


def test_a_browser_that_prefers_spanish_is_led_to_it(client: FlaskClient) -> None:
    """Only from the first page, only where nobody chose; caches are told that it depends."""
    first = client.get("/", headers=SPANISH_FIRST)

    assert (302, "/es/") == (first.status_code, first.headers["Location"])
    assert "Accept-Language" in first.headers["Vary"]
    assert 200 == client.get("/plans", headers=SPANISH_FIRST).status_code
    assert 200 == client.post("/", data=ENOUGH, headers=SPANISH_FIRST).status_code


@pytest.mark.parametrize("prefers", ["en-US,en;q=0.9,es;q=0.8", "fr", "*", ""])
def test_every_other_browser_begins_in_english(client: FlaskClient, prefers: str) -> None:
    """A language that we do not speak is no wish for Spanish."""
    assert 200 == client.get("/", headers={"Accept-Language": prefers}).status_code


def test_who_chose_english_stays_in_english(client: FlaskClient) -> None:
    """The way back to the first page carries the choice, where the browser would undo it."""
    chosen = link_to(page_of(client.get("/es/").text), "en")
    first = client.get(chosen, headers=SPANISH_FIRST)
    home = page_of(first.text).one("a", class_="site-header__name").attributes["href"]

    assert ("/?in=en", 200, "en") == (chosen, first.status_code, first.headers["Content-Language"])
    assert chosen == home
    assert "/es/" == link_to(page_of(first.text), "es")
    assert chosen == client.get("/estimate", headers=SPANISH_FIRST).headers["Location"]


def test_a_spanish_page_says_that_it_is(client: FlaskClient) -> None:
    """A screen reader speaks it as such, and a search engine finds both."""
    assert ("es", "en") == tuple(client.get(path).headers["Content-Language"] for path in ("/es/", "/"))
    assert "/es/" == client.get("/es/estimate").headers["Location"]


@pytest.mark.parametrize("address", ["/es/staff/", "/es/staff", "/es/assets/site.css", "/estimates", "/es/es/"])
def test_nothing_else_is_in_spanish(client: FlaskClient, address: str) -> None:
    """Staff pages and assets have one address each."""
    assert 404 == client.get(address).status_code


def test_a_page_that_is_not_there_leads_to_the_first_in_both_languages(client: FlaskClient) -> None:
    """The address that led nowhere is not said again."""
    response = client.get("/es/nowhere")

    assert 404 == response.status_code
    assert "/?in=en" == link_to(page_of(response.text), "en")
    assert "nowhere" not in response.text
