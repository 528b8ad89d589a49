"""Where an answer leads: papers, what matters most, comparisons; every figure is the use case's."""

from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from estimator.engine.values import Money
from estimator.estimates.compare import change_named, compare
from estimator.estimates.sensitivity import what_matters
from estimator.web import common, create_app
from estimator.web.patient.answer import TITLES
from estimator.web.patient.form import answers_of
from estimator.web.patient.reply import request_asked
from estimator.wording.comparisons import comparison_of
from estimator.wording.sensitivity import matters_of
from estimator.wording.words import page_usd, whole_usd
from tests.web.conftest import TODAY, Pages
from tests.web.kept_plans import folder_plans
from tests.web.reading import Element
from tests.web.test_answer_page import replied

COURSE = {"zip": "98101", "plan": "template-employer-hdhp-hsa", "visits": "12"}
MEDICARE = {"zip": "98101", "plan": "original-medicare-2026", "visits": "8", "family": "no"}
SELF_PAY = {"zip": "98101", "plan": "self-pay", "visits": "6"}
HOSTILE = '"><script>alert(1)</script>'
PAGES = ["/what-matters", "/compare"]
TO_DAY = date.fromisoformat(TODAY)


def request_of(course: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the request that the pages ask; within an app."""
    return request_asked(answers_of(course, TO_DAY), TO_DAY)


def offered(page: Element) -> list[str]:
    """Return the papers that an answer offers, by address."""
    addresses = (button.attributes.get("formaction", "") for button in page.all("button"))
    return [address for address in addresses if address.startswith("/paper/")]


def rows(page: Element) -> Iterator[list[str]]:
    """Yield the words of each row of the comparison."""
    for row in page.one("table", class_="ledger").one("tbody").all("tr"):
        yield [part.text for part in row.parts if isinstance(part, Element)]


@pytest.mark.parametrize(
    ("course", "kinds"),
    [
        (COURSE, {"estimate", "call-script", "notice"}),
        (MEDICARE, {"estimate", "call-script", "notice"}),
        (SELF_PAY, {"estimate", "good-faith-estimate"}),
    ],
    ids=lambda value: value["plan"] if isinstance(value, dict) else "",
)
def test_an_answer_offers_the_papers_that_fit_and_no_other(
    client: FlaskClient, pages: Pages, course: dict[str, str], kinds: set[str]
) -> None:
    """Every button gives a PDF; what has no button is refused with a sentence."""
    assert {f"/paper/{kind}" for kind in kinds} == set(offered(pages.send(**course)))
    for kind in TITLES:
        response = client.post(f"/paper/{kind}", data=course)
        assert (200 if kind in kinds else 422) == response.status_code
        assert response.data.startswith(b"%PDF") is (kind in kinds)


def test_a_paper_says_the_number_of_the_page(client: FlaskClient, pages: Pages) -> None:
    """Page and PDF are one answer, also for billing staff."""
    owes = replied(pages, COURSE).answer.settled
    sent = client.post("/paper/estimate", data={**COURSE, "reader": "biller"})
    told = " ".join(page.extract_text() for page in PdfReader(BytesIO(sent.data)).pages)

    assert all(whole_usd(amount) in told for amount in owes[:2])
    assert "application/pdf" == sent.content_type
    assert 'attachment; filename="therapy-estimate.pdf"' == sent.headers["Content-Disposition"]
    assert "no-store" == sent.headers["Cache-Control"]
    assert "nosniff" == sent.headers["X-Content-Type-Options"]


def test_a_paper_names_the_clinic_of_the_settings(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A clinic that serves the pages need not write its name by hand."""
    settings = tmp_path / "clinic.json"
    settings.write_text('{"name": "Harbor Therapy", "npi": "1234567893"}')
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(settings))
    sent = client.post("/paper/call-script", data=COURSE)

    assert "Harbor Therapy" in " ".join(page.extract_text() for page in PdfReader(BytesIO(sent.data)).pages)


def test_broken_settings_of_the_clinic_are_our_failure_and_not_the_readers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The patient is told in plain words, and shown no name of a file."""
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(tmp_path / "missing.json"))
    app = create_app(folder_plans())
    app.logger.disabled = True
    response = app.test_client().post("/paper/estimate", data=COURSE)

    assert 500 == response.status_code
    assert "Something went wrong on our side" in response.text
    assert "missing.json" not in response.text


def test_a_paper_that_does_not_fit_says_why_and_keeps_the_answers(pages: Pages) -> None:
    """The way back is the answer again, or the form, with nothing to type twice."""
    page = pages.send(422, "/paper/call-script", **SELF_PAY, age="41")

    assert "Without insurance there is nobody to call." in page.one("main").text
    assert {**SELF_PAY, "age": "41"}.items() <= page.typed().items()
    assert "/estimate" == page.one("main").one("form").attributes["action"]


def test_a_paper_that_nobody_knows_is_no_page(client: FlaskClient) -> None:
    """A mistyped address is said to be one."""
    assert 404 == client.post("/paper/bill", data=COURSE).status_code
    assert 405 == client.get("/paper/estimate").status_code


@pytest.mark.parametrize("address", [*PAGES, "/paper/estimate"])
def test_answers_that_cannot_be_used_lead_to_the_form_with_the_rest_kept(pages: Pages, address: str) -> None:
    """A problem is said beside its field, as it is for the estimate."""
    page = pages.send(422, address, **{**COURSE, "zip": "9810x", "age": HOSTILE})

    assert {"zip", "age"} <= set(page.errors())
    assert {"plan": COURSE["plan"], "visits": "12", "age": HOSTILE}.items() <= page.typed().items()


@pytest.mark.parametrize("address", [*PAGES, "/paper/call-script"])
def test_hostile_words_come_back_as_words(client: FlaskClient, address: str) -> None:
    """Nothing that was typed becomes markup, in fields of ours and of the page itself."""
    hostile = {
        "find": HOSTILE,
        "other_plan": HOSTILE,
        "needling_price": HOSTILE,
        "reader": HOSTILE,
        "deductible_paid": "1",
    }
    for course in ({**SELF_PAY, **hostile}, {**COURSE, **hostile, "needling_price": ""}, hostile):
        response = client.post(address, data=course)
        assert b"<script" not in response.data
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("address", PAGES)
def test_the_address_of_a_page_of_an_answer_leads_to_the_form(client: FlaskClient, address: str) -> None:
    """A bookmark holds nothing, so it starts anew."""
    assert "/" == client.get(address).headers["Location"]


@pytest.mark.parametrize("course", [COURSE, {**MEDICARE, "reader": "biller"}, SELF_PAY], ids=lambda each: each["plan"])
def test_what_matters_is_told_as_the_use_case_has_it(pages: Pages, course: dict[str, str]) -> None:
    """The three dearest answers, with their worth and their ends."""
    with pages.client.application.app_context():
        found = what_matters(request_of(course), TO_DAY, common.shelf())
        told = matters_of(found, common.names(), "biller" if course.get("reader") == "biller" else "patient")
    page = pages.send(to="/what-matters", **course)
    first = [section.text for section in page.all("section", class_="matter")]

    assert told["sentence"] in page.one("main").text
    assert len(found.first) == len(first)
    for words, matter in zip(first, told["matters"], strict=False):
        assert f"Up to {whole_usd(Money.parse(matter['worth']))} difference" in words
        assert matter["asks"] in words
        assert matter["says"] in words


def test_an_answer_that_matters_is_one_button_away(pages: Pages) -> None:
    """The form comes back with everything that was said, open where the field is."""
    page = pages.send(to="/what-matters", **COURSE)
    (form,) = [each for each in page.all("form") if each.attributes["action"] == "/#deductible_paid"]
    again = pages.send(to="/", **form.typed())

    assert COURSE.items() <= again.typed().items()
    assert "open" in next(part for part in again.all("details") if "Deductible paid" in part.text).attributes


def test_what_matters_in_a_described_plan_is_asked_on_its_page(pages: Pages) -> None:
    """Who did not know the copay is led to where it is asked."""
    page = pages.send(to="/what-matters", zip="98101", plan="my-plan", visits="12")
    actions = {form.attributes["action"] for form in page.all("form")}

    assert actions & {"/my-plan#my_copay", "/my-plan#my_deductible", "/my-plan#my_needling"}


@pytest.mark.parametrize(
    ("words", "others"),
    [
        (
            (
                "without-needling",
                "needling-at-all",
                "few-muscles",
                "stop-after-6",
                "out-of-network",
                "self-pay",
                "in-a-hospital",
                "next-year",
            ),
            {},
        ),
        (("template-employer-ppo",), {"another_plan": "template-employer-ppo"}),
        (
            ("template-employer-ppo", "fep-blue-focus"),
            {"other_plan": "template-employer-ppo", "another_plan": "fep-blue-focus"},
        ),
    ],
)
def test_a_comparison_is_told_as_the_use_case_has_it(
    pages: Pages, words: tuple[str, ...], others: dict[str, str]
) -> None:
    """Every amount of the table, the sentence, the break-even, the notes; other plans stand beside this one alone."""
    with pages.client.application.app_context():
        found = compare(request_of(COURSE), [change_named(word) for word in words], TO_DAY, common.shelf())
        told = comparison_of(found, common.names())
    page = pages.send(to="/compare", **COURSE, **others)
    main = page.one("main").text

    assert told.sentence in main
    for row, side in zip(rows(page), told.sides, strict=True):
        if side.patient_owes is None:
            assert [side.title, "not known", "–", "–"] == row
            assert all(problem.message in main for problem in side.problems)
            continue
        low, typical, high = map(page_usd, side.patient_owes)
        most = side.open_total.most if side.open_total else 0
        open_part = f" open questions: up to {page_usd(Money(most))} more" if most else ""
        assert [f"{side.title}{open_part}", typical, f"{low} to {high}"] == row[:3]
        assert all(note.says in main for note in side.notes)
    assert all(side.break_even.says in main for side in told.sides if side.break_even)


@pytest.mark.parametrize(
    ("changed", "titles"),
    [
        (
            {"network": "out-of-network", "setting": "hospital-outpatient", "visits": "3"},
            [
                "As you asked",
                "Without needling",
                "With needling of 1 or 2 muscles",
                "In network",
                "Without insurance",
                "In a private clinic",
            ],
        ),
        (
            {"needling": "20560", "needling_visits": "", "visits": "5"},
            [
                "As you asked",
                "Without needling",
                "With dry needling at 4 visits",
                "With needling of 3 or more muscles",
                "Out of network",
                "Without insurance",
                "In a hospital department",
            ],
        ),
        (
            {"needling": "none", "visits": "3"},
            ["As you asked", "Out of network", "Without insurance", "In a hospital department"],
        ),
        ({"plan": "self-pay", "needling": "none", "visits": "3"}, ["As you asked", "In a hospital department"]),
    ],
)
def test_only_what_differs_is_compared(pages: Pages, changed: dict[str, str], titles: list[str]) -> None:
    """Nobody is shown the same choice twice."""
    told = [row[0].partition(" open questions")[0] for row in rows(pages.send(to="/compare", **{**COURSE, **changed}))]

    assert titles == [title for title in told if not title.startswith("Starting")]


def test_a_card_says_how_a_choice_differs_in_dollars_and_direction(pages: Pages) -> None:
    """Never a lone average where something is open on one side only."""
    page = pages.send(to="/compare", zip="60614", plan="template-employer-ppo", visits="8")
    cards = {
        card.one("h2").text: card.one("p", class_="option__differs").text for card in page.all("li", class_="option")
    }

    assert "Your starting point" == cards["Your current plan"]
    assert cards["No dry needling"].startswith("Save up to $")
    assert cards["No dry needling"].endswith("Costs least")
    assert " more" in cards["Paying cash"]
    assert "no dry needling" in page.one("p", class_="lead").text


def test_a_plan_that_is_not_listed_is_not_compared(pages: Pages) -> None:
    """What the list does not hold is said beside the list; the rest is compared."""
    page = pages.send(to="/compare", **COURSE, other_plan="nobodys-plan")

    assert "Choose a plan from the list." in page.one("main").text
    assert 9 == len(list(rows(page)))


def test_the_visits_of_an_answer_are_a_calendar_file(client: FlaskClient) -> None:
    """To be taken along, and kept nowhere."""
    sent = client.post("/calendar", data=COURSE)

    assert ("text/calendar; charset=utf-8", "no-store") == (sent.content_type, sent.headers["Cache-Control"])
    assert 12 == sent.text.count("BEGIN:VEVENT")
    assert "/" == client.get("/calendar").headers["Location"]


def test_billing_staff_get_the_clinics_copy_of_a_good_faith_estimate(client: FlaskClient) -> None:
    """It says by when the patient must have it; the patient's copy doesn't."""
    due = "business days"
    copies = []
    for reader in ({}, {"reader": "biller"}):
        sent = client.post("/paper/good-faith-estimate", data={**SELF_PAY, **reader})
        copies.append(" ".join(page.extract_text() for page in PdfReader(BytesIO(sent.data)).pages))

    assert [False, True] == [due in each for each in copies]


def test_billing_staff_compare_in_their_own_words(pages: Pages) -> None:
    """Nothing speaks to them as to the patient."""
    told = pages.send(to="/compare", **COURSE, reader="biller").text

    assert "As entered" in told
    for words in ("Your current plan", "in your network", "Ask your therapist"):
        assert words not in told
