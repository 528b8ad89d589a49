"""The clinic's lists on pages: tried, published on what was seen, taken back, searched, and what has no price."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from estimator.prices.store import COLUMNS, Kind
from estimator.publishing.clinic_lists import active_list, history_of, publish_list, read_new_list
from estimator.publishing.drafts import Signed
from tests.prices.cms.official import workbook
from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD, StaffClient

Staff = Callable[[str], StaffClient]
PAYER = "Evergreen Health Plan"
HEADER = "plan,code,amount,basis,first_day,last_day\n"
CONTRACT = f"{HEADER}{PAYER},97110,40.00,per-unit,2026-01-01,\n{PAYER},97140,30.00,per-unit,2026-01-01,\n"
RISE = CONTRACT.replace("40.00", "42.10")


@pytest.fixture
def keeper(staff: Staff) -> StaffClient:
    """A browser in which somebody who keeps the prices is signed in."""
    return staff("rules")


def previewed(client: StaffClient, text: str, kind: str = "contract") -> TestResponse:
    """Paste rows."""
    return client.post(f"/staff/prices/{kind}/preview", data={"text": text})


def publish(client: StaffClient, text: str, based_on: str = "", note: str = "contract of 2026", kind: str = "contract"):
    """Send the form of a preview."""
    form = {"text": text, "file": "list.csv", "based_on": based_on, "note": note}
    return client.post(f"/staff/prices/{kind}/publish", data=form)


def amounts(engine: Engine) -> list[str]:
    """Return the amounts of the contract that prices."""
    found = active_list(engine, Kind.CONTRACT)
    return [str(entry.amount) for entry in found.entries] if found else []


def test_a_list_is_tried_published_and_told_of(keeper: StaffClient, engine: Engine) -> None:
    """The preview publishes nothing; the page names who and why."""
    tried = previewed(keeper, CONTRACT).text
    assert [] == amounts(engine)
    assert "2 rows new, 0 rows gone" in tried
    assert 303 == publish(keeper, CONTRACT).status_code
    page = keeper.get("/staff/prices/contract").text

    assert ["40.00", "30.00"] == amounts(engine)
    assert all(words in page for words in ("some-rules", "contract of 2026", "$40.00 a unit", "Jan 1, 2026"))


def test_the_preview_tells_old_and_new_with_percent(keeper: StaffClient) -> None:
    """40.00 to 42.10 is 5.25 %, rounded half-up."""
    publish(keeper, CONTRACT)
    page = previewed(keeper, RISE).text

    assert all(words in page for words in ("$40.00 a unit", "$42.10 a unit", "+5.3%", "1 row changed, 1 row the same"))
    assert "Nothing differs" in previewed(keeper, CONTRACT).text


def test_the_preview_tells_what_people_would_owe(keeper: StaffClient) -> None:
    """Eight visits of one unit each: 45.00 and 40.00, then 50.00 and 40.00."""
    list_ = "code,amount,basis\n97110,45.00,per-unit\n97140,40.00,per-unit\n"
    publish(keeper, list_, kind="self-pay")
    page = previewed(keeper, list_.replace("45.00", "50.00"), "self-pay").text
    course = page.partition("Eight visits of exercise and manual therapy</th>")[2].partition("</tr>")[0]

    assert "What people would owe" in page
    assert ["$680.00", "$720.00", "+$40.00"] == re.findall(r"[+-]?\$[0-9.]+", course)


def test_a_contract_is_shown_against_the_market_where_the_clinic_is(
    keeper: StaffClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With whose list and of which day; nothing where the clinic does not say where it is."""
    blue = CONTRACT.replace(PAYER, "BCBS Minnesota")
    publish(keeper, blue)
    assert "Against the market" not in keeper.get("/staff/prices/contract").text

    clinic = tmp_path / "clinic.json"
    clinic.write_text(json.dumps({"name": "Clinic", "zip": "55414"}), "utf-8")
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(clinic))
    page = keeper.get("/staff/prices/contract").text

    assert "BCBS Minnesota: below the median on 2 of 2 codes (97110, 97140)." in page
    assert "195 clinics in Twin Cities, Aware Network, price list of Jul 27, 2026." in page


def test_a_file_of_the_environment_is_told_of(keeper: StaffClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is published beside it would price nothing."""
    monkeypatch.setenv("ESTIMATOR_CONTRACT", "/etc/clinic/contract.csv")
    words = "The environment names the file contract.csv."

    assert words in keeper.get("/staff/prices/").text
    assert words in keeper.get("/staff/prices/contract").text
    assert words not in keeper.get("/staff/prices/self-pay").text


def test_every_mistake_is_shown_and_what_was_pasted_is_kept(keeper: StaffClient, engine: Engine) -> None:
    """What prices now stays as it is."""
    publish(keeper, CONTRACT)
    answer = previewed(keeper, f"{HEADER},9711,x,per-hour,,\n")

    assert 422 == answer.status_code
    for column, words in (("plan", "the plan"), ("code", "a code"), ("amount", "an amount"), ("basis", "per-unit")):
        assert f"pasted text:2: {column}: Enter {words}" in answer.text
    assert ",9711,x,per-hour,," in answer.text
    assert ["40.00", "30.00"] == amounts(engine)


def test_a_workbook_is_taken_and_its_rows_keep_their_lines(keeper: StaffClient, engine: Engine) -> None:
    """As the preview shows them, so are they published."""
    rows = [list(COLUMNS[Kind.CONTRACT]), [PAYER, "97110", "41.5", "per-unit"], [PAYER, "97112", "12", "per-unit"]]
    book = {"file": (io.BytesIO(workbook(rows, numbers=[1, 2], above=2)), "rates.xlsx")}
    page = keeper.post("/staff/prices/contract/preview", data=book).text
    text = page.partition('aria-label="The rows">')[2].partition("</textarea>")[0].removeprefix("\n")
    publish(keeper, text)
    found = active_list(engine, Kind.CONTRACT)

    assert "2 rows from rates.xlsx" in page
    assert found is not None
    assert [4, 5] == [entry.citation.line for entry in found.entries if entry.citation]


def test_anyone_who_saw_an_older_list_loses_nothing_and_decides(keeper: StaffClient, engine: Engine) -> None:
    """The page tells what the other one changed, and keeps rows and reason."""
    publish(keeper, CONTRACT)
    publish(keeper, RISE, "1", "exhibit B")
    answer = publish(keeper, CONTRACT.replace("30.00", "33.00"), "1", "my reason")

    assert 409 == answer.status_code
    assert ["42.10", "30.00"] == amounts(engine)
    for words in ("some-rules published list 2: exhibit B", "33.00", 'value="my reason"', 'name="based_on" value="2"'):
        assert words in answer.text


def test_a_reason_is_asked_for(keeper: StaffClient, engine: Engine) -> None:
    """And the rows are still there."""
    answer = publish(keeper, CONTRACT, note=" ")

    assert (422, True, []) == (answer.status_code, "97140,30.00" in answer.text, amounts(engine))


def test_an_older_list_is_brought_back(keeper: StaffClient, engine: Engine) -> None:
    """Not on a list that was not seen, nor without a reason; a list that never was is not found."""
    publish(keeper, CONTRACT)
    publish(keeper, RISE, "1")
    roll_back = "/staff/prices/contract/roll-back"
    statuses = [
        keeper.post(roll_back, data={"number": number, "based_on": seen, "note": note}).status_code
        for number, seen, note in (("1", "1", "x"), ("1", "2", ""), ("9", "2", "x"), ("1", "2", "typing mistake"))
    ]

    assert [409, 422, 404, 303] == statuses
    assert ["40.00", "30.00"] == amounts(engine)
    assert ["typing mistake", "contract of 2026", "contract of 2026"] == [
        one.note for one in history_of(engine, Kind.CONTRACT)
    ]


def test_names_in_other_words_are_shown_before_they_are_published(keeper: StaffClient, engine: Engine) -> None:
    """What each is read as, and codes that no estimate prices; one that means nothing is refused where it stands."""
    row = "UHC,*,110%,percent-of-medicare,1/1/2026,\nUHC,99999,9.00,per-line,,\n"
    tried = previewed(keeper, HEADER + row).text
    publish(keeper, HEADER + row)
    page = keeper.get("/staff/prices/contract").text
    refused = previewed(keeper, HEADER + "Nobody Insurance,97110,9.00,per-unit,,\n")

    assert "“UHC” is read as <strong>UnitedHealthcare</strong>" in tried
    assert "no estimate prices 99999" in tried
    assert all(words in page for words in ("UnitedHealthcare", "110% of Medicare", "from Jan 1, 2026"))
    assert (422, True) == (refused.status_code, "“Nobody Insurance”" in refused.text)


def test_a_list_is_searched_and_taken_along(keeper: StaffClient, staff: Staff) -> None:
    """By code and by payer; who may only read has no form that changes anything."""
    publish(keeper, f"{CONTRACT}Humana,97035,12.00,per-unit,,2025-12-31\n")
    viewer = staff("viewer")
    by_code, by_payer = (
        viewer.get(f"/staff/prices/contract?{asked}").text for asked in ("words=97140", "party=Humana")
    )
    rows = list(csv.reader(io.StringIO(viewer.get("/staff/prices/lists/1.csv").text.removeprefix("\ufeff"))))

    assert ("97140" in by_code, "97110" in by_code) == (True, False)
    assert ("97035" in by_payer, "over" in by_payer, "97110" in by_payer) == (True, True, False)
    assert [
        list(COLUMNS[Kind.CONTRACT]),
        ["Humana", "97035", "12.00", "per-unit", "", "2025-12-31", "", "", "", "", ""],
    ] == [
        rows[0],
        rows[3],
    ]
    assert "roll-back" not in by_code
    assert "Send a new list" not in by_code


def test_a_list_that_was_taken_along_comes_back_as_the_same(keeper: StaffClient) -> None:
    """What a spreadsheet is sent is what it may send."""
    publish(keeper, f"{CONTRACT}Humana,*,95.00,per-visit,,2025-12-31\n")
    kept = keeper.get("/staff/prices/lists/1.csv").text

    assert "Nothing differs" in previewed(keeper, kept).text


def test_gaps_of_a_plan_are_told_with_what_counts_instead(keeper: StaffClient, engine: Engine) -> None:
    """97110 has a price, 97140 no longer, and needling is excluded by the plan, so that it is no gap.

    A row with a name that means nothing may be in a list from before names were checked.
    """
    rows = f"{HEADER}{PAYER},97110,40.00,per-unit,,\nNobody,97110,1.00,per-unit,,\n"
    publish_list(engine, read_new_list(Kind.CONTRACT, rows.encode(), "old.csv"), None, Signed("Ana", "old"))
    page = keeper.get("/staff/prices/gaps/?plan=evergreen-ppo-silver&zip=98101&day=2026-11-25").text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]

    assert ("97140" in table, "97110" in table, "20561" in table) == (True, False, False)
    assert "regional estimate" in table
    assert "Nobody <span" in page


def test_gaps_of_the_self_pay_list(keeper: StaffClient) -> None:
    """A code of the list is none; without a ZIP code an estimate may have to ask."""
    publish(keeper, "code,amount,basis\n20561,75.00,per-line\n", kind="self-pay")
    page = keeper.get("/staff/prices/gaps/?plan=self-pay&day=2026-11-25").text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]

    assert ("20560" in table, "20561" in table) == (True, False)
    assert "cited range of cash prices" in table


def test_a_plan_that_is_not_there_is_a_sentence(keeper: StaffClient) -> None:
    """With the form as it was filled in."""
    answer = keeper.get("/staff/prices/gaps/?plan=nowhere&zip=98101")

    assert (422, True) == (answer.status_code, 'value="nowhere"' in answer.text)


@pytest.mark.browser
@pytest.mark.parametrize("heard_at", [(360,), pytest.param((360, 1280), marks=pytest.mark.slow)], ids=len)
def test_a_rule_keeper_publishes_a_list_without_a_script(
    browser: Browser, served: str, heard_at: tuple[int, ...]
) -> None:
    """From the sign-in to the list that prices, on a phone and on a desk, with nothing that axe complains of."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page, faults = context.new_page(), list[str]()

    def look() -> None:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found = heard(page).response["violations"] if width in heard_at else []
            faults.extend(f"{page.url} {width} {one['id']}" for one in found)
            if measured(page, "document.documentElement.scrollWidth") > width:
                faults.append(f"{page.url} {width} scrolls")

    page.goto(f"{served}/staff/prices/contract")
    page.get_by_label("Name").fill("some-rules")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for text, note in (
        (CONTRACT, "contract of 2026"),
        (RISE + "Humana,97035,1.00,per-unit,,2026-12-31\n", "exhibit B"),
    ):
        page.goto(f"{served}/staff/prices/contract")
        page.get_by_label("Or paste its rows").fill(text)
        page.get_by_role("button", name="Show what it changes").click()
        look()
        page.get_by_label("Why").fill(note)
        page.get_by_role("button", name="Publish").click()
    look()
    expect(page.get_by_role("heading", name="What prices now: list 2")).to_be_visible()
    page.get_by_label("Or paste its rows").fill(f"{HEADER},9711,x,y,,")
    page.get_by_role("button", name="Show what it changes").click()
    look()
    for path in ("/staff/prices/", "/staff/prices/gaps/?plan=evergreen-ppo-silver&zip=98101"):
        page.goto(served + path)
        look()
    context.close()

    assert [] == faults
