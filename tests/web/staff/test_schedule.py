"""The schedule of a day, sent as a file by a billing desk."""

import csv
import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from estimator.billing.jobs import answer_schedule
from estimator.billing.schedule_file import NAMES
from estimator.billing.sent_schedules import STATES
from estimator.web.common import safe_cell
from estimator.wording.worklist import LABELS
from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD, StaffClient
from tests.web.test_browser import on_phone_and_desk

Staff = Callable[[str], StaffClient]
HEADER = "label,plan,zip,first_day,visits,services"
DAY = f"""{HEADER}
A-1,evergreen-ppo-silver,98101,2026-11-30,8,97110:30
A-2,example-authorization-first-visit,98101,2026-11-30,4,97110:30
A-3,nowhere,98101,2026-11-30,4,97110:30
=1+1,evergreen-ppo-silver,98101,2026-12-01,1,97110:30
<b>A-5</b>,evergreen-ppo-silver,10001,2026-12-01,1,20561
"""


def sent(client: StaffClient, content: str | bytes, status: int = 303) -> str:
    """Send a file; return the address that the answer leads to, or its text."""
    file = content if isinstance(content, bytes) else content.encode()
    answer = client.post("/staff/schedule/", data={"file": (io.BytesIO(file), "day.csv")})
    assert status == answer.status_code
    return answer.location.partition("?")[0] if status == 303 else answer.text


@pytest.fixture
def desk(staff: Staff) -> StaffClient:
    """A browser in which somebody of the billing desk is signed in."""
    return staff("billing")


@pytest.fixture
def answered(desk: StaffClient, engine: Engine) -> str:
    """The address of a schedule of which every row is answered."""
    address = sent(desk, DAY)
    answer_schedule(engine, int(address.rpartition("/")[2]))
    return address


def test_what_needs_action_comes_first(desk: StaffClient, answered: str) -> None:
    """The row to correct, then state law, then the missing authorization, then those with nothing to do."""
    page = desk.get(answered).text
    places = [page.index(words) for words in ("A-3", "A-5", "A-2", "A-1")]

    assert sorted(places) == places
    assert "No plan is called “nowhere”." in page
    assert "Authorization needed from visit 1 on; not told whether one is on file." in page
    assert "$320.00" in page


def test_a_list_can_be_narrowed_to_one_need(desk: StaffClient, answered: str) -> None:
    """A need that there is not is passed over."""
    narrow, unknown = desk.get(f"{answered}?need=authorization-missing").text, desk.get(f"{answered}?need=x").text

    assert ("A-2" in narrow, "A-1" in narrow) == (True, False)
    assert "A-1" in unknown


def test_what_was_written_shows_as_text(desk: StaffClient, answered: str) -> None:
    """A label with marks of HTML is no markup."""
    assert "&lt;b&gt;A-5&lt;/b&gt;" in desk.get(answered).text


def test_a_spreadsheet_takes_no_cell_for_a_formula(desk: StaffClient, answered: str) -> None:
    """Every column that came in goes out again, with what was found beside it."""
    text = desk.get(f"{answered}.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = {row["line"]: row for row in csv.DictReader(io.StringIO(text))}

    assert ["'=1+1", "40.00", "Not told: ask"] == [rows["5"][name] for name in ("label", "typical", "needs")]
    assert ["Row to correct", ""] == [rows["4"][name] for name in ("needs", "typical")]


# Full-width signs, and what nobody sees before a sign.
HIDDEN = ["\uff1dA1", "\uff0b1", "\uff20x", "\u200b=A1", "\ufeff=A1", "\xa0=A1", "\xad\u2060=A1", "\x00=A1"]


@pytest.mark.parametrize("cell", ["=A1", "+1+2", "-A1", "@x", "\tx", "\rx", " =A1", "|cmd", "%x", *HIDDEN])
def test_a_cell_that_could_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    """Behind blanks too."""
    assert f"'{cell}" == safe_cell(cell)


def test_a_formula_behind_another_separator_gets_an_apostrophe_there() -> None:
    """Where a comma is the decimal mark, a spreadsheet parts cells by semicolons."""
    assert "x;'=A1;' +1" == safe_cell("x;=A1; +1")


@pytest.mark.parametrize("cell", ["A-1", "12.50", "-12.50", "2026-12-01", "97110:30 20561", ""])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    """A sum below zero is a number."""
    assert cell == safe_cell(cell)


def test_a_file_that_cannot_be_read_is_refused_with_every_reason(desk: StaffClient) -> None:
    """And nothing is kept of it."""
    page = sent(desk, "one,patient name\na,b\n", status=422)

    assert "Your file:1: Enter a header that names plan, zip, first_day, services" in page
    assert "There is none yet." in page


def test_no_file_and_a_file_that_is_too_large_are_refused(desk: StaffClient) -> None:
    """With what to do."""
    assert "Enter a header that names" in sent(desk, b"", status=422)
    large = desk.open("/staff/schedule/", method="POST", data=b"x" * 6_000_000, content_type="multipart/form-data")
    assert (413, True) == (large.status_code, "Send less at once" in large.text)


def test_the_template_has_every_column_and_is_taken(desk: StaffClient) -> None:
    """As it is downloaded."""
    template = desk.get("/staff/schedule/template.csv")

    assert ",".join(NAMES) == template.get_data(as_text=True).removeprefix("\ufeff").splitlines()[0]
    assert sent(desk, template.data).startswith("/staff/schedule/")


def test_a_schedule_is_stopped_gone_on_with_and_deleted(desk: StaffClient) -> None:
    """Each by a button; once it is deleted its page is gone."""
    address = sent(desk, DAY)
    desk.post(f"{address}/stop")
    stopped = desk.get(address).text
    desk.post(f"{address}/go-on")
    running = desk.get(f"{address}?watch=yes")
    desk.post(f"{address}/delete")

    assert "0 of 5 rows answered: stopped." in stopped
    assert "3" == running.headers["Refresh"]
    assert "Refresh" not in desk.get("/staff/schedule/").headers
    assert 404 == desk.get(address).status_code


def test_every_state_has_its_words() -> None:
    """No row shows a name of the code."""
    assert set(STATES) == set(LABELS)


@pytest.mark.browser
@on_phone_and_desk
def test_a_day_in_the_browser(browser: Browser, served: str, engine: Engine, width: int) -> None:
    """Sign in, send a day, see what to do: without a script, and axe finds nothing wrong."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{served}/staff/schedule/")
    page.get_by_label("Name").fill("some-billing")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("CSV file or Excel workbook").set_input_files(
        {"name": "day.csv", "mimeType": "text/csv", "buffer": DAY.encode()}
    )
    page.get_by_role("button", name="Send the schedule").click()
    answer_schedule(engine, 1)
    page.goto(f"{served}/staff/schedule/1")

    assert "5 of 5 rows answered." == page.locator(".lead").inner_text()
    assert width == measured(page, "document.documentElement.scrollWidth")
    with browser.new_context(storage_state=context.storage_state(), bypass_csp=True) as scripted:
        for path in ("/staff/schedule/", "/staff/schedule/1"):
            seen = scripted.new_page()
            seen.set_viewport_size({"width": width, "height": 800})
            seen.goto(served + path)
            assert [] == heard(seen).response["violations"]
    context.close()
