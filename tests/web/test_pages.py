"""Every page, its headers, and what is said when something went wrong."""

import gzip
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from estimator.plans.folder import library
from estimator.settings import assets_folder, plans_folder
from estimator.web import create_app
from tests.web.conftest import Pages
from tests.web.kept_plans import folder_plans

PAGES = ["/", "/about-dry-needling", "/how-it-works", "/plans", "/prices-near-you"]
ENOUGH = {"zip": "98101", "plan": "original-medicare-2026", "visits": "8"}


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_heading_and_a_title(pages: Pages, address: str) -> None:
    """A reader, seeing or not, knows at once where they are."""
    page = pages.get(address)

    assert 1 == len(list(page.all("h1")))
    assert page.one("title").text.endswith("Therapy Cost Estimator")


@pytest.mark.parametrize("heading", library(plans_folder()).catalogue(), ids=lambda heading: heading.id)
def test_every_plan_has_a_page_that_cites_its_rules(pages: Pages, heading: Any) -> None:
    """Anyone who doubts a figure finds the rule and where it was read."""
    page = pages.get(f"/plans/{heading.id}")
    rules = page.one("main").text

    assert heading.title == page.one("h1").text
    assert "confidence" in rules
    assert not {"None", "Unknown.UNKNOWN"} & set(rules.replace("None (", "").split())


def test_the_list_of_plans_leads_to_each_plan(pages: Pages) -> None:
    """No plan is carried that nobody can find, but fictional ones and those of a past year or without any cost."""
    links = {link.attributes.get("href") for link in pages.get("/plans").all("a")}
    carried = library(plans_folder()).catalogue()
    left_out = {"original-medicare-2025", "humana-ma-2026-authorization", "uhc-ma-2026-authorization"}
    left_out |= {heading.id for heading in carried if heading.kind == "example"}

    assert {f"/plans/{heading.id}" for heading in carried if heading.id not in left_out} <= links
    assert links.isdisjoint(f"/plans/{plan}" for plan in left_out)


def test_every_link_within_the_pages_leads_somewhere(client: FlaskClient, pages: Pages) -> None:
    """A link to a page or a place in it is a promise."""
    for address in PAGES:
        for link in pages.get(address).all("a"):
            path, _, place = link.attributes["href"].partition("#")
            if path.startswith("http"):
                continue
            target = pages.get(path or address)
            assert not place or list(target.all(id=place)), link.attributes["href"]


def test_pages_set_no_cookie_and_allow_no_script(client: FlaskClient) -> None:
    """What is promised on the first page holds for every answer."""
    for response in (client.get("/"), client.post("/estimate", data=ENOUGH), client.get("/nowhere")):
        headers = response.headers

        assert "Set-Cookie" not in headers
        assert "Strict-Transport-Security" not in headers
        assert headers["Content-Security-Policy"].split("; ") == [
            "default-src 'none'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "no-referrer" == headers["Referrer-Policy"]
        assert "private, no-cache" == headers["Cache-Control"]
        assert "<script" not in response.text
        assert " style=" not in response.text


def test_assets_are_kept_for_good_under_an_address_of_their_own(client: FlaskClient, pages: Pages) -> None:
    """A browser loads the style sheet once; a changed one stands elsewhere."""
    sheets = [link.attributes["href"] for link in pages.get("/").all("link", rel="stylesheet")]

    assert 2 == len(sheets)
    for sheet in sheets:
        with client.get(sheet) as response:
            assert 200 == response.status_code
            assert "immutable" in response.headers["Cache-Control"]
    assert 404 == client.get("/assets/site.css").status_code


@pytest.mark.parametrize("sheet", ["uswds.css", "site.css", "staff.css"])
def test_a_compressed_sheet_is_the_sheet(sheet: str) -> None:
    """Anyone who changes a style sheet by hand and not by the build is told."""
    plain = assets_folder() / sheet

    assert plain.read_bytes() == gzip.decompress(plain.with_suffix(".css.gz").read_bytes())


def test_a_first_visit_weighs_no_more_than_sixty_kilobytes(client: FlaskClient, pages: Pages) -> None:
    """The answer, both sheets and both fonts, as they travel."""
    packed = {"Accept-Encoding": "gzip"}
    weight = len(client.post("/estimate", data=ENOUGH, headers=packed).data)
    for link in (*pages.get("/").all("link", rel="icon"), *pages.get("/").all("link", rel="stylesheet")):
        with client.get(link.attributes["href"], headers=packed) as response:
            weight += len(response.data)
    weight += sum(font.stat().st_size for font in (assets_folder() / "fonts").iterdir())

    assert weight <= 60 * 1024


def test_pages_travel_compressed_to_browsers_that_can_read_that(client: FlaskClient) -> None:
    """The answer is a tenth of its size on the way."""
    plain = client.post("/estimate", data=ENOUGH)
    packed = client.post("/estimate", data=ENOUGH, headers={"Accept-Encoding": "gzip"})

    assert "gzip" == packed.headers["Content-Encoding"]
    assert plain.data == gzip.decompress(packed.data)
    assert len(packed.data) < 15_000
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize(
    ("method", "address", "status", "words"),
    [
        ("GET", "/nowhere", 404, "There is no such page"),
        ("GET", "/plans/nobodys-plan", 404, "There is no such page"),
        ("DELETE", "/estimate", 405, "This page can’t be used in that way"),
    ],
)
def test_a_failure_is_said_in_plain_words(
    client: FlaskClient, method: str, address: str, status: int, words: str
) -> None:
    """Nobody is left with a number."""
    response = client.open(address, method=method)

    assert status == response.status_code
    assert words in response.text
    assert "/nowhere" not in response.text


def test_a_page_that_may_not_be_used_so_says_how_it_may(client: FlaskClient) -> None:
    """The header that belongs to a 405 is not lost with the words."""
    allowed = client.delete("/estimate").headers["Allow"]

    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(allowed.split(", "))


def test_far_too_much_text_is_refused_in_plain_words(client: FlaskClient) -> None:
    """A megabyte in a field is neither read nor echoed."""
    response = client.post("/estimate", data={**ENOUGH, "diagnosis": "M" * 1_000_000})

    assert 413 == response.status_code
    assert "That was too long to read" in response.text
    assert len(response.text) < 5_000


def test_a_mistake_of_ours_shows_nothing_of_its_inside() -> None:
    """The page says what to do; the stack stays in the log."""
    app = create_app(folder_plans())
    app.logger.disabled = True

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret of the inside")

    response = app.test_client().get("/broken")

    assert 500 == response.status_code
    assert "Something went wrong on our side" in response.text
    assert "secret" not in response.text


def test_the_address_of_an_answer_leads_back_to_the_form(client: FlaskClient) -> None:
    """A bookmark of an answer holds nothing, so it starts anew."""
    assert "/" == client.get("/estimate").headers["Location"]


def test_the_service_says_that_it_is_there(client: FlaskClient) -> None:
    """Anyone who watches the service asks this."""
    assert "ok\n" == client.get("/livez").text


def test_the_log_holds_no_word_that_was_typed(client: FlaskClient) -> None:
    """Method, route, status and duration, and nothing else."""
    with capture_logs() as lines:
        client.post("/estimate?zip=98101", data={**ENOUGH, "diagnosis": "M54.50", "age": "41"})
        client.get("/plans/my-secret-plan")
        client.get("/my-secret-page")

    assert [
        ("POST", "/estimate", 200),
        ("GET", "/plans/<plan_id>", 404),
        ("-", "none", 404),
    ] == [(line["method"], line["route"], line["status"]) for line in lines]
    assert {"event", "log_level", "method", "route", "status", "milliseconds"} == set(lines[0])
