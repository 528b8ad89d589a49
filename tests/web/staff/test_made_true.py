"""From a template and an SBC to a draft that can be published: what is typed, what is refused, and its examples."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from estimator.errors import EditRefused
from estimator.plans.edit_text import unread_rules, with_pages, with_typed
from estimator.plans.folder import Library, library
from estimator.plans.shelf import Shelf
from estimator.publishing.drafts import check_text
from estimator.publishing.made_true import begin, examples_again, with_examples
from estimator.settings import plans_folder
from tests import serving
from tests.web.reading import page_of
from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD, StaffClient
from tests.web.test_browser import on_phone_and_desk

SBC = {
    "payer": "UHC",
    "template": "template-employer-ppo",
    "title": "Choice Plus PPO 1500",
    "document": "Summary of Benefits and Coverage 2027",
    "first_day": "2027-01-01",
    "last_day": "2027-12-31",
    "read_on": "2026-11-20",
}
FIGURES = {"copay": "30.00", "visits_therapy-visits": "40", "allowed_out-of-network": ""}
PAGES = {"page.": "p. 2", "page.limits.therapy-visits": "p. 3"}


@pytest.fixture(scope="module")
def folder() -> Library:
    """Return the folder of plans."""
    return library(plans_folder())


def begun(engine: Engine, typed: Mapping[str, str] = SBC) -> str:
    """Return the text of a draft that was just started."""
    return begin(Shelf(engine), typed, "Ana").text


def test_a_plan_is_made_true_from_an_sbc(engine: Engine, folder: Library) -> None:
    """Typical figures can’t be published; read ones can, once the examples say what they come to: 12 × 30."""
    text = begun(engine)
    before = check_text(text, "", folder)
    text = with_pages(with_typed(text, FIGURES, "", folder.shared), PAGES, "sbc")
    wrong = check_text(text, "", folder)
    again = {one.name: one for one in examples_again(text, folder)}
    ready = check_text(with_examples(text, folder), "", folder)

    assert all(words in text for words in ("payer: UnitedHealthcare", "kind: published", "sbc: {title: Summary of"))
    assert "cite: sbc p. 3" in text
    assert "template" not in text
    assert {"sbc p. 2."} == {problem.message.partition("such as: ")[2] for problem in before.problems}
    assert "limits.therapy-visits.cite" in {problem.path for problem in before.problems}
    assert wrong.problems
    twelve = again["The twelfth visit needs no authorization"]
    assert ({"patient_owes": "480.00"}, {"patient_owes": "360.00"}) == (twelve.before, twelve.now)
    assert ready.is_ready


def test_each_rule_of_a_template_is_one_to_read(engine: Engine) -> None:
    """By its place, in words; one that has its page is no longer among them."""
    text = begun(engine)
    rules = unread_rules(text)
    left = unread_rules(with_pages(text, {"page.networks.in-network.deductible": "p. 1"}, "sbc"))

    assert "In network · deductible" == rules[0].label
    assert len(rules) - 1 == len(left)


@pytest.mark.parametrize(
    ("changed", "path", "words"),
    [
        ({"payer": "Point32"}, "payer", "Enter one of these if you mean it: "),
        ({"payer": "Zzyzx Mutual"}, "payer", "We don’t know an insurer by this name."),
        ({"payer": ""}, "payer", "Enter the insurer as the card has it."),
        ({"template": "template-employer-epo"}, "template", "Choose the type of plan"),
        ({"first_day": "1/1/27"}, "first_day", "Enter a day such as 2027-01-01."),
        ({"last_day": "2026-12-31"}, "last_day", "Enter a day that is not before the first day"),
        ({"title": " "}, "title", "Enter the name of the plan as its SBC has it"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(engine: Engine, changed: Mapping[str, str], path: str, words: str) -> None:
    """In words that say what to enter."""
    with pytest.raises(EditRefused) as refused:
        begun(engine, {**SBC, **changed})

    assert any(one.path == path and one.message.startswith(words) for one in refused.value.problems)


def test_a_payer_that_nobody_knows_may_be_kept_as_it_is(engine: Engine) -> None:
    """A small administrator is in no registry; the same plan twice is refused."""
    assert "payer: Zzyzx Mutual" in begun(engine, {**SBC, "payer": "Zzyzx Mutual", "own_name": "yes"})


def test_an_sbc_becomes_a_published_plan_in_three_forms(staff: Callable[[str], StaffClient], engine: Engine) -> None:
    """Begin, fill in the figures with their page and the examples by them, publish. What is wrong stays as typed."""
    keeper = staff("rules")
    asked = keeper.post("/staff/plans/new", data={**SBC, "payer": "Zzyzx Mutual"})
    begun_at = keeper.post("/staff/plans/new", data=SBC).location
    form = page_of(keeper.get(begun_at).text)
    typed = {**form.typed(), **FIGURES}
    looked = keeper.post(begun_at, data={**typed, "look": "yes"})
    wrong = keeper.post(begun_at, data={**typed, "copay": "thirty"})
    unread = keeper.post(begun_at, data={**page_of(wrong.text).typed(), **FIGURES})
    done = {**page_of(unread.text).typed(), **PAGES, "take": "yes", "preview": "yes"}
    preview = keeper.post(begun_at, data=done)
    page = page_of(keeper.get(preview.location).text).typed()
    published = keeper.post(preview.location.replace("preview", "publish"), data={**page, "note": "SBC of 2027, p. 2"})

    assert (422, True) == (asked.status_code, "Zzyzx Mutual" in page_of(asked.text).typed()["payer"])
    assert "40.00" == form.typed()["copay"]
    assert (200, True) == (looked.status_code, "<strong>patient owes: 360.00</strong>" in looked.text)
    assert "patient owes: 390.00; conditions: needs: authorization; from visit: 13" in looked.text
    assert (422, "thirty") == (wrong.status_code, page_of(wrong.text).typed()["copay"])
    assert (422, True) == (unread.status_code, "still a template’s figure" in unread.text)
    assert preview.location.endswith("/preview")
    assert "/staff/plans/unitedhealthcare-choice-plus-ppo-1500-2027" == published.location
    plan = Shelf(engine).find("unitedhealthcare-choice-plus-ppo-1500-2027", date(2027, 3, 1))
    assert "30.00" == str(plan.benefit("physical-therapy").cost_share["in-network"].copay)


@pytest.mark.browser
@pytest.mark.slow
@on_phone_and_desk
def test_a_rule_keeper_makes_a_plan_from_its_sbc(app: Flask, browser: Browser, width: int) -> None:
    """Four buttons after signing in, and nothing that axe complains of or that is wider than the screen."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page, faults = context.new_page(), list[str]()

    def look() -> None:
        faults.extend(f"{page.url} {one['id']}" for one in heard(page).response["violations"])
        if measured(page, "document.documentElement.scrollWidth") > width:
            faults.append(f"{page.url} scrolls")

    with serving.served(app) as address:
        page.goto(f"{address}/staff/plans/new")
        page.get_by_label("Name").fill("some-rules")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Insurer").fill("UHC")
        page.get_by_label("Type").select_option("template-employer-ppo")
        page.get_by_label("Name of the plan").fill("Choice Plus PPO 1500")
        look()
        page.get_by_role("button", name="Go on to the figures").click()
        page.get_by_label("Copay of therapy, in-network").fill("thirty")
        page.get_by_role("button", name="Save and see what changes").click()
        expect(page.get_by_label("Copay of therapy, in-network")).to_have_value("thirty")
        look()
        page.get_by_label("Copay of therapy, in-network").fill("30.00")
        page.get_by_label("Page for every rule below without its own").fill("p. 2")
        page.get_by_role("button", name="Answer the examples again").click()
        look()
        page.get_by_text("Put the amounts after into the examples").click()
        page.get_by_role("button", name="Save and see what changes").click()
        expect(page.get_by_role("heading", name="What this draft changes")).to_be_visible()
        look()
        page.get_by_label("Why").fill("SBC of 2027, p. 2")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("heading", name="Choice Plus PPO 1500")).to_be_visible()
    context.close()

    assert [] == faults
