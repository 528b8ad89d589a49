"""The authorization check as billing staff use it: by the form alone, and in a real Chromium."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.papers.papers import words_of
from tests.web.reading import Element, page_of
from tests.web.seen import heard, measured
from tests.web.staff.conftest import StaffClient
from tests.web.test_browser import on_phone_and_desk

PATH = "/staff/authorization"
Staff = Callable[[str], StaffClient]
COURSE = {
    "zip": "98101",
    "plan": "original-medicare-2026",
    "diagnoses": "m54.50, M54.2",
    "first_day": "2026-11-30",
    "visits": "6",
    "code_1": "97161",
    "when_1": "first",
    "code_2": "97110",
    "minutes_2": "30",
    "code_3": "20561",
}


@pytest.fixture
def billing(staff: Staff) -> StaffClient:
    """Somebody of the billing desk."""
    return staff("billing")


def send(client: StaffClient, status: int = 200, **changed: str) -> Element:
    """Send the form with some answers changed, and return the page that comes back."""
    response = client.post(PATH, data={**COURSE, **changed})
    assert status == response.status_code, page_of(response.text).summary()
    return page_of(response.text)


def fact(page: Element, code: str, label: str) -> str:
    """Return the first answer to a question about a line."""
    section = next(each for each in page.all("section") if each.text.startswith(code))
    return next(each.text for each in section.all("li") if each.text.startswith(label)).removeprefix(f"{label}: ")


def test_only_those_who_bill_see_the_check(staff: Staff, nobody: StaffClient) -> None:
    """A reader and a keeper of rules are refused, anyone who is not signed in is led to the sign-in."""
    statuses = [staff(role).get(PATH).status_code for role in ("viewer", "rules", "billing", "admin")]

    assert [403, 403, 200, 200] == statuses
    assert 302 == nobody.get(PATH).status_code


def test_a_course_is_answered_line_by_line_with_three_facts(billing: StaffClient) -> None:
    """Each with its own answer and source; the needling of a therapist is valid and not paid."""
    page = send(billing)

    assert fact(page, "20561", "Code valid").startswith("yes.")
    assert fact(page, "20561", "Payable").startswith("no.")
    assert fact(page, "97110", "Payable").startswith("yes.")
    assert fact(page, "97110", "Authorization needed").startswith("unknown.")
    assert "1 yes unknown yes" in page.one("table").text
    assert "read Nov" in fact(page, "97110", "Payable")
    assert "Modifier GP (required)" in page.text
    assert "Modifier GA / GX / GY / GZ (clinic setting)" in page.text


def test_the_law_of_the_clinics_state_is_told_where_there_is_needling(billing: StaffClient) -> None:
    """Training, years of practice, what is on file with the state, direct access, and the other professions."""
    arizona, delaware = send(billing, zip="85004").text, send(billing, zip="19801").text
    without = send(billing, code_3="").text

    assert "State law: Arizona Can a physical therapist do dry needling in Arizona?" in arizona
    assert "On file with the state The therapist sends the state board proof of the course." in arizona
    assert "Can you start therapy without a referral? Yes. But your health plan may still want one." in arizona
    assert "We don’t know the rule on" in arizona
    assert "Years of practice At least 2 years." in delaware
    assert "State law" not in without


def test_the_insurer_and_the_second_plan_count_by_what_they_are_called(billing: StaffClient) -> None:
    """By id or by words, and the request that the page carries on has both; what is in doubt is said and left out."""
    typical, cigna = (send(billing, plan="template-employer-ppo", insurer=name) for name in ("", "Cigna"))
    medigap = asked_by(send(billing, second_plan="Med Supp G", age="70", out_of_pocket_paid="12.50"))
    doubt = send(billing, second_plan="Something else")

    assert "American Specialty Health" in cigna.text
    assert "American Specialty Health" not in typical.text
    assert ({"plan": "medigap-g"}, "70", "12.50") == (
        medigap["secondary"],
        medigap["person"]["age"],
        medigap["used"]["out_of_pocket_paid"],
    )
    assert "Something else”: enter the letter of the Medigap plan" in doubt.text
    assert "secondary" not in asked_by(doubt)


def asked_by(page: Element) -> dict[str, Any]:
    """Return the request that a check carries on to an estimate."""
    [found] = [each for each in page.all("input") if each.attributes.get("name") == "request"]
    asked: dict[str, Any] = json.loads(found.attributes["value"] or "")
    return asked


def test_the_day_to_send_and_what_is_left_stand_on_the_page(billing: StaffClient) -> None:
    """Under a plan that wants authorization from visit 13, with twelve used."""
    page = send(billing, plan="template-employer-ppo", **{"used-therapy-visits": "12"})

    assert "Send the request for authorization by" in page.text
    assert "Turnaround not known: ask; until then we count 10 business days (clinic setting)" in page.text
    assert "Left before the course: 18 visits." in page.text


def test_the_clinics_settings_decide_modifier_and_turnaround(
    billing: StaffClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a mistake in them is told, with what was typed kept."""
    settings = tmp_path / "clinic.json"
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(settings))
    settings.write_text('{"modifier_excluded": "GY", "turnaround_days": 3}', "utf-8")
    page = send(billing)
    settings.write_text('{"turnaround_days": "soon"}', "utf-8")
    refused = send(billing, status=422)

    assert "Modifier GY (clinic setting)" in page.text
    assert "The clinic’s settings have a mistake at turnaround_days" in refused.text
    assert "97110" == refused.typed()["code_2"]


def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(billing: StaffClient) -> None:
    """All of them at once, by the line of the page."""
    page = send(
        billing, status=422, zip="9810x", visits="many", code_3="needle", minutes_2="half", minutes_5="15",
        authorization="yes", authorization_visits="some", plan="original-medicare-2026",
    )  # fmt: skip

    assert {"zip", "visits", "code_3", "minutes_2", "code_5", "authorization_visits"} == set(page.errors())
    assert set(page.errors()) == set(page.summary())
    assert ("9810x", "many", "needle", "half", "15") == tuple(
        page.typed()[name] for name in ("zip", "visits", "code_3", "minutes_2", "minutes_5")
    )


def test_nothing_filled_in_is_asked_for_by_name(billing: StaffClient) -> None:
    """ZIP, plan, visits and one line."""
    page = send(billing, status=422, zip="", plan="", visits="", code_1="", code_2="", minutes_2="", code_3="")

    assert {"zip", "plan", "visits", "code_1"} == set(page.errors())


def test_words_of_a_plan_lead_to_a_choice_and_from_there_to_its_limits(billing: StaffClient) -> None:
    """Several plans hold the words: each has a button, and everything else stays as it was typed."""
    page = send(billing, status=422, plan="original medicare")
    found = [each.attributes["value"] for each in page.all("button", name="chosen")]

    assert {"original-medicare-2025", "original-medicare-2026"} <= set(found)
    assert "Choose one of the plans below" in page.errors()["plan"]
    chosen = send(billing, plan="original medicare", chosen="original-medicare-2026").typed()
    assert ("original-medicare-2026", "97110") == (chosen["plan"], chosen["code_2"])
    assert "used-kx-threshold" in chosen
    assert "plan" in send(billing, status=422, plan="no such words at all").errors()


def test_looking_a_plan_up_asks_how_much_of_its_limits_is_used(billing: StaffClient) -> None:
    """Before that nothing about limits can be asked."""
    fresh = page_of(billing.get(PATH).text)
    known = page_of(billing.post(PATH, data={"plan": "original-medicare-2026", "look-up": "yes"}).text)
    several = page_of(billing.post(PATH, data={"plan": "original medicare", "look-up": "yes"}).text)
    none = page_of(billing.post(PATH, data={"plan": "no such words at all", "look-up": "yes"}).text)

    assert "used-kx-threshold" not in fresh.typed()
    assert "used-kx-threshold" in known.typed()
    assert {} == known.errors() == several.errors()
    assert list(several.all("button", name="chosen"))
    assert {"plan"} == set(none.errors())


def test_an_answer_can_be_changed_with_everything_else_kept(billing: StaffClient) -> None:
    """The check carries the answers in what is sent, never in an address."""
    page = send(billing, **{"used-kx-threshold": "2480.00"})
    kept = {name: value for name, value in page.typed().items() if name not in ("csrf_token", "request")}
    again = page_of(billing.post(PATH, data={**kept, "change": "yes"}).text)

    assert "Modifier KX (required)" in page.text
    assert {**kept} == {name: again.typed()[name] for name in kept}


def test_a_wrong_amount_of_a_limit_is_told_beside_it(billing: StaffClient) -> None:
    """By the name of the limit."""
    page = send(billing, status=422, plan="template-employer-ppo", **{"used-therapy-visits": "4.50"})

    assert {"used-therapy-visits"} == set(page.errors())


def test_the_papers_that_fit_are_made_of_the_same_course(billing: StaffClient) -> None:
    """Medicare's notice for the needling; a paper that does not fit is refused in words, one that is none not found."""
    offered = {each.attributes.get("formaction") for each in send(billing).all("button")}
    notice = billing.post(f"{PATH}/paper/notice", data=COURSE)
    tricare = billing.post(f"{PATH}/paper/notice", data={**COURSE, "plan": "tricare-prime-2026"})
    mistaken = billing.post(f"{PATH}/paper/notice", data={**COURSE, "visits": "many"})

    assert f"{PATH}/paper/notice" in offered
    assert (200, "application/pdf") == (notice.status_code, notice.mimetype)
    assert "20561" in words_of(notice.data)
    assert (422, 422) == (tricare.status_code, mistaken.status_code)
    assert page_of(tricare.text).summary()
    assert {"visits"} == set(page_of(mistaken.text).errors())
    assert 404 == billing.post(f"{PATH}/paper/none", data=COURSE).status_code


def test_a_line_at_no_known_visits_is_not_lost_in_silence(billing: StaffClient) -> None:
    """A forged choice is told at its line."""
    assert "code_3" in send(billing, status=422, when_3="sometimes").errors()


def test_what_is_typed_stands_in_no_log(billing: StaffClient, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever the answer."""
    marker = "zzmarkerzz"
    billing.post(PATH, data={**dict.fromkeys(COURSE, marker), "plan": "original-medicare-2026"})
    billing.post(PATH, data={**COURSE, "diagnoses": marker})
    told = capfd.readouterr()

    assert "staff/authorization" in told.out + told.err
    assert marker not in told.out + told.err


def test_what_was_typed_is_text_and_never_markup(billing: StaffClient) -> None:
    """A script in every field appears as it was typed."""
    hostile = "<script>alert(1)</script>"
    text = billing.post(PATH, data=dict.fromkeys(COURSE, hostile)).text

    assert hostile not in text
    assert "&lt;script&gt;" in text


@pytest.mark.browser
@on_phone_and_desk
def test_a_biller_checks_a_course_in_a_browser_without_script(served: str, browser: Browser, width: int) -> None:
    """Signs in, types, sees the check; nothing scrolls sideways and axe finds nothing on either page."""
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{served}{PATH}")
    page.get_by_label("Name").fill("some-billing")
    page.get_by_label("Password").fill("four blue herons")
    page.get_by_role("button", name="Sign in").click()
    for name in ("zip", "plan", "visits", "code_1", "minutes_1", "code_2"):
        typed = {**COURSE, "code_1": "97110", "minutes_1": "30", "code_2": "20561"}[name]
        page.locator(f"[name={name}]").fill(typed)
    form_found = heard(page).response["violations"]
    form_fits = measured(page, "document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Check", exact=True).click()
    check_found = heard(page).response["violations"]

    assert [] == [(each["id"], each["nodes"][0]["html"]) for each in (*form_found, *check_found)]
    assert form_fits
    assert measured(page, "document.documentElement.scrollWidth <= window.innerWidth")
    assert page.get_by_role("heading", name="97110").is_visible()
    context.close()
