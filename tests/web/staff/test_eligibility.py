"""A payer's answer on the page: what it says with its segments, and from there to an estimate with nothing kept."""

import io
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from playwright.sync_api import Browser

from estimator.billing.case_answers import carried_to_case
from estimator.estimates.eligibility import answer_in, reading_of
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.web.staff.eligibility import check_fields, fields_from
from tests.eligibility.answers import PLAIN, answer
from tests.eligibility.test_nobody_is_shown import FILES, TALKATIVE, shown
from tests.eligibility.test_several_answers import BATCH
from tests.web.reading import Element, page_of
from tests.web.seen import heard, measured
from tests.web.staff.conftest import StaffClient

PATH = "/staff/eligibility"
TODAY = date(2026, 3, 2)
Staff = Callable[[str], StaffClient]


@pytest.fixture
def billing(staff: Staff) -> StaffClient:
    """Somebody of the billing desk."""
    return staff("billing")


def read(client: StaffClient, written: str = PLAIN, status: int = 200, **typed: str) -> Element:
    """Paste an answer, and return the page that comes back."""
    response = client.post(PATH, data={"answer": written, **typed})
    assert status == response.status_code, page_of(response.text).summary()
    return page_of(response.text)


def fields(page: Element) -> dict[str, str]:
    """Return what goes along to the estimate."""
    (form,) = [each for each in page.all("form") if each.attributes.get("action") == "/"]
    return form.typed()


def test_only_those_who_bill_read_answers(staff: Staff, nobody: StaffClient) -> None:
    """A reader and a keeper of rules are refused, anyone who is not signed in is led to the sign-in."""
    statuses = [staff(role).get(PATH).status_code for role in ("viewer", "rules", "billing", "admin")]

    assert [403, 403, 200, 200] == statuses
    assert 302 == nobody.get(PATH).status_code


def test_each_figure_stands_beside_its_segment(billing: StaffClient) -> None:
    """What, how much, which network, for whom, how long, and where it stood."""
    page = read(billing)
    (copay,) = [row.text for row in page.all("tr") if row.text.startswith("Copay physical")]

    assert copay.startswith("Copay physical therapy (PT) $40.00 in network one person per visit segment 24 (EB)")
    assert "EB*B*IND*PT***27*40*****Y" in copay
    assert "COPAY - DEDUCTIBLE WAIVED" in copay


def test_a_shared_limit_stands_once_with_the_reasoning(billing: StaffClient) -> None:
    """Among the buckets."""
    table = next(each for each in read(billing).all("table") if "what is left" in each.text)
    limits = [row.text for row in table.all("tr") if row.text.startswith("Limit")]

    assert 1 == len(limits)
    assert "30 visits in all, 8 visits used, 22 visits left" in limits[0]
    assert "one bucket, counted once" in limits[0]


def test_contradictions_stand_in_a_warning_with_both_segments(billing: StaffClient) -> None:
    """And neither goes along."""
    page = read(billing, answer("EB*B*IND*PT***27*40*****Y", "EB*B*IND*PT***27*50*****Y"))
    warning = page.one("div", class_="usa-alert--warning").text

    assert "EB*B*IND*PT***27*40*****Y" in warning
    assert "EB*B*IND*PT***27*50*****Y" in warning
    assert "my_copay" not in fields(page)


def test_an_answer_goes_along_to_the_estimate(billing: StaffClient) -> None:
    """Into the fields of its form, and only into them."""
    going = fields(read(billing))

    assert {
        "deductible_paid": "310.55",
        "out_of_pocket_paid": "499.45",
        "family_deductible_paid": "400.00",
        "visits_used": "8",
        "plan": "my-plan",
        "reader": "biller",
        "my_deductible": "1500.00",
        "my_maximum": "6000.00",
        "my_copay": "40.00",
        "my_order": "waived",
        "my_limit": "number",
        "my_visits": "30",
        "my_authorization": "first",
        "my_needling": "no",
    } == going


def test_the_estimate_counts_with_what_the_payer_answered(billing: StaffClient, nobody: StaffClient) -> None:
    """Its form opens with the fields filled, and with a ZIP code and visits it answers."""
    going = fields(read(billing))
    opened = page_of(nobody.post_without_mark("/", data=going).text).typed()
    estimated = nobody.post_without_mark("/estimate", data={**going, "zip": "98101", "visits": "4", "needling": "none"})

    assert going == {name: opened[name] for name in going}
    assert "$160.00" in page_of(estimated.text).amounts


def test_a_plan_that_is_named_is_matched(billing: StaffClient) -> None:
    """By the names of its limits; nothing of it is described anew."""
    page = read(billing, plan="evergreen-ppo-silver")

    assert ("evergreen-ppo-silver", "8") == (fields(page)["plan"], fields(page)["visits_used"])
    assert "both are 30 visits" in page.text
    assert "my_copay" not in fields(page)


def test_a_plan_is_found_by_words_of_its_name(billing: StaffClient) -> None:
    """One that fits is taken; of several one is chosen, and the form then holds its id."""
    one = read(billing, plan="evergreen silver")
    several = read(billing, "", plan="silver", **{"look-up": "yes"})
    plan = several.one("button", name="chosen").attributes["value"]
    chosen = read(billing, "", plan="silver", chosen=plan)

    assert "evergreen-ppo-silver" == fields(one)["plan"]
    assert {} == several.errors() | chosen.errors()
    assert plan == chosen.typed()["plan"]


def test_words_that_no_plan_holds_are_told_beside_the_field(billing: StaffClient) -> None:
    """Anyone who only looks a plan up is not asked for an answer."""
    page = read(billing, "", status=422, plan="no plan at all", **{"look-up": "yes"})

    assert ["plan"] == list(page.errors())


def test_what_the_payer_says_of_a_plan_goes_along_as_told(billing: StaffClient, nobody: StaffClient) -> None:
    """A copay other than the plan's widens the range of the estimate, which names the day."""
    page = read(billing, answer("EB*B*IND*PT***27*55*****Y"), plan="evergreen-ppo-silver")
    course = {"zip": "98101", "visits": "1", "needling": "none", "evaluation": "no"}
    estimated = page_of(nobody.post_without_mark("/estimate", data={**fields(page), **course}).text)

    assert "Share of a visit, copay: 55.00 segment 16 (EB)" in page.text
    assert {"$40.00", "$55.00"} <= set(estimated.amounts)
    assert "March 1, 2026" in estimated.text


def test_a_file_is_read_as_what_is_pasted(billing: StaffClient) -> None:
    """And goes before it."""
    response = billing.post(PATH, data={"answer": "junk", "file": (io.BytesIO(PLAIN.encode()), "answer.271")})

    assert "EVERGREEN MUTUAL: Coverage is active." in page_of(response.text).text


def test_what_is_wrong_stands_beside_the_field(billing: StaffClient) -> None:
    """All of it at once; the plan stays, what was pasted does not."""
    page = read(billing, TALKATIVE.replace("ST*271", "ST*270"), status=422, plan="no-such-plan")

    assert {"plan", "answer"} == set(page.errors())
    assert "This is a question to a payer (270)" in page.errors()["answer"]
    assert "no-such-plan" == page.typed()["plan"]
    assert [] == shown(page.text)


def test_a_refusal_of_the_payer_is_told_in_words(billing: StaffClient) -> None:
    """With nothing to take along."""
    page = read(billing, answer("AAA*N**75*C"))

    assert "The payer does not find the subscriber. Correct it and ask again." in page.text
    assert [] == [each for each in page.all("form") if each.attributes.get("action") == "/"]


def test_too_large_an_answer_is_refused_before_it_is_read(billing: StaffClient) -> None:
    """More than a megabyte."""
    assert 413 == billing.post(PATH, data={"answer": "E" * 1_200_000}).status_code


@pytest.mark.parametrize("written", FILES)
def test_nobody_is_shown_or_logged(billing: StaffClient, written: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither on the page nor in what the program writes down, whether it is read or refused."""
    pages = [billing.post(PATH, data={"answer": content.decode()}).text for content in (written, written[1:])]
    logged = capfd.readouterr()

    assert [] == shown(" ".join((*pages, logged.out, logged.err)))


def test_a_message_is_text_and_never_markup(billing: StaffClient) -> None:
    """A script in a message appears as it was sent."""
    hostile = "<script>alert(1)</script>"
    response = billing.post(PATH, data={"answer": answer("EB*B*IND*PT***27*40*****Y", f"MSG*{hostile}")})

    assert hostile not in response.text
    assert "&lt;script&gt;" in response.text


@pytest.mark.browser
def test_a_biller_takes_an_answer_to_an_estimate_in_a_browser(served: str, browser: Browser) -> None:
    """On a telephone, without script: signs in, pastes, sees the figures, and opens the form with them."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{served}{PATH}")
    page.get_by_label("Name").fill("some-billing")
    page.get_by_label("Password").fill("four blue herons")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Paste the answer").fill(PLAIN)
    form_found = heard(page).response["violations"]
    page.get_by_role("button", name="Read the answer").click()
    answer_found = heard(page).response["violations"]
    fits = measured(page, "document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Use in an estimate").click()

    assert [] == [(each["id"], each["nodes"][0]["html"]) for each in (*form_found, *answer_found)]
    assert fits
    assert "310.55" == page.locator("#deductible_paid").input_value()
    context.close()


def test_the_answer_stands_by_benefit_with_a_place_beside_each_value(billing: StaffClient) -> None:
    """Person, family, used, left, and when it starts again."""
    page = read(billing)
    table = next(each for each in page.all("table") if "each value with its place" in each.text)
    (deductible,) = [row.text for row in table.all("tr") if row.text.startswith("Deductible")]

    assert [] == [
        words
        for words in ("$1,500.00 segment 18 (EB)", "$3,000.00 segment 20 (EB)", "$310.55", "$1,189.45", "2027-01-01")
        if words not in deductible
    ]
    assert "Copay a visit in network $40.00 segment 24 (EB)" in table.text


def test_exactly_what_goes_along_is_listed(billing: StaffClient) -> None:
    """A line for each field that the button carries."""
    page = read(billing)
    going = fields(page)
    (listed,) = [each for each in page.all("dl") if "Deductible paid this year" in each.text]

    assert len(going) - 1 == len(list(listed.all("dt")))
    assert "310.55" in listed.text


_LIMITS = {
    "dollars": ("EB*F*IND*PT***23*2000*****Y", "EB*F*IND*PT***29*1500*****Y"),
    "visits": ("EB*F*IND*PT***23***VS*30**Y", "EB*F*IND*PT***29***VS*12**Y"),
    "a week": ("EB*F*IND*PT***35***VS*3**Y",),
    "for life": ("EB*F*IND*PT***32***VS*200**Y", "EB*F*IND*PT***33***VS*180**Y"),
    "without end": ("EB*H*IND*PT*********Y",),
}


@pytest.mark.parametrize(
    ("said", "going"),
    [
        (("dollars",), {}),
        (("dollars", "visits"), {"visits_used": "18", "my_limit": "number", "my_visits": "30"}),
        (("a week",), {}),
        (("for life",), {}),
        (("without end",), {"my_limit": "none"}),
    ],
)
def test_only_visits_a_year_go_along_as_such(said: Sequence[str], going: dict[str, str]) -> None:
    """The form has no field for dollars, a week or life: dollars had been visits, and three a week three a year."""
    told = answer_in(answer("EB*1**30**PPO", *(line for each in said for line in _LIMITS[each])).encode(), TODAY)
    fill = reading_of(told, None, TODAY).fill
    sent = fields_from(told, fill, None, TODAY)

    assert going.get("visits_used") == next((each.value for each in carried_to_case(fill, None)), None)
    assert going == {name: sent[name] for name in ("visits_used", "my_limit", "my_visits") if name in sent}


def test_what_limits_a_statement_stands_beside_it(billing: StaffClient) -> None:
    """A diagnosis that it holds for alone, and a code of nobody's."""
    said = ("EB*F*IND*PT***23***VS*90**Y", "III*ABK*F840", "EB*C*XXX*30***23*1500*****Y")
    rows = " ".join(row.text for row in read(billing, answer("EB*1**30**PPO", *said)).all("tr"))

    assert "diagnosis F840" in rows
    assert "level XXX, which isn’t understood" in rows


def test_dollars_of_medicare_are_no_visits() -> None:
    """They go to the authorization check, whose fields are those of the plan's limits."""
    plan = folder_shelf(plans_folder()).find("original-medicare-2026", TODAY)
    told = answer_in(answer("EB*1**30*MB", "EB*D**AE*MB**24*1234.5", "MSG*USED AMOUNT").encode(), TODAY)
    fill = reading_of(told, plan, TODAY).fill

    assert "visits_used" not in fields_from(told, fill, plan, TODAY)
    assert "1234.50" == check_fields(fill, plan)["used-kx-threshold"]


def test_an_answer_goes_along_to_the_authorization_check(billing: StaffClient) -> None:
    """The plan, and what is used of its limits."""
    page = read(billing, plan="evergreen-ppo-silver")
    (form,) = [each for each in page.all("form") if each.attributes.get("action") == "/staff/authorization"]
    sent = {name: value for name, value in form.typed().items() if name != "csrf_token"}
    opened = page_of(billing.post("/staff/authorization", data={**sent, "look-up": "yes"}).text).typed()

    assert {"plan": "evergreen-ppo-silver", "deductible_paid": "310.55", "used-therapy-visits": "8"} == sent
    assert ("evergreen-ppo-silver", "8") == (opened["plan"], opened["used-therapy-visits"])


def to_case(page: Element) -> dict[str, str]:
    """Return what goes along to a case."""
    (form,) = [each for each in page.all("form") if each.attributes.get("action") == "/staff/cases/answer"]
    return form.typed()


def test_an_answer_goes_to_a_case_with_one_button(billing: StaffClient) -> None:
    """Each count with its place; a case that there is not is started under the plan."""
    page = read(billing, plan="template-employer-ppo")
    sent = to_case(page)
    address = billing.post("/staff/cases/answer", data={**sent, "label": "Neck A-12"}).location
    case = billing.get(address).text

    assert {"deductible_paid", "visits_used"} <= sent.keys()
    assert "by the answer of" in case
    assert f"visits used {sent['visits_used']}" in case
    assert "The answer said" not in case


def test_a_value_that_somebody_corrects_stands_beside_the_one_that_was_read(billing: StaffClient) -> None:
    """With who and why; without a reason it is refused."""
    sent = {**to_case(read(billing, plan="template-employer-ppo")), "label": "A-1", "visits_used": "9"}
    refused = billing.post("/staff/cases/answer", data=sent)
    again = to_case(page_of(refused.text))
    address = billing.post("/staff/cases/answer", data={**sent, "why": "Told on the phone"}).location
    case = billing.get(address).text

    assert (422, True) == (refused.status_code, "Say why you changed a value." in refused.text)
    assert {**sent, "csrf_token": ""} == {**again, "csrf_token": ""}
    assert f"The answer said: visits used {sent['read_visits_used']}. Changed because: Told on the phone." in case
    assert "visits used 9" in case
    assert "some-billing" in case


def test_a_case_leads_to_its_answer_and_back(billing: StaffClient) -> None:
    """Its plan and its label need no typing."""
    address = billing.post("/staff/cases/new", data={"label": "Q-1", "plan": "template-employer-ppo"}).location
    number = address.rpartition("/")[2]
    form = billing.get(f"/staff/eligibility?of={number}").text
    sent = to_case(read(billing, plan="template-employer-ppo", case="Q-1"))

    assert f"/staff/eligibility?of={number}" in billing.get(address).text
    assert 'value="template-employer-ppo"' in form
    assert "Q-1" == sent["label"]
    assert address == billing.post("/staff/cases/answer", data=sent).location


def test_of_several_answers_one_is_chosen(billing: StaffClient) -> None:
    """They are listed by their traces; the file, which is not kept, is given again."""
    asked = billing.post("/staff/eligibility", data={"answer": BATCH})
    chosen = billing.post("/staff/eligibility", data={"answer": BATCH, "which": "2"})

    assert (422, True) == (asked.status_code, "Answer 2: trace TRACE56" in asked.text)
    assert "QUILLFEATHER" not in asked.text
    assert (200, True, False) == (chosen.status_code, "55.00" in chosen.text, "40.00" in chosen.text)
