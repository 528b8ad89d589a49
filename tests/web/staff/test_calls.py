"""The call log as the billing desk keeps it: entered, found, used, corrected, and never changed."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine

from estimator.accounts.audit import Sought, read_log
from estimator.billing.calls import DESK_ASKS, SoughtCalls, calls_of
from estimator.billing.cases import case_now, case_of_id
from tests.web.conftest import TODAY
from tests.web.reading import Element, page_of
from tests.web.staff.conftest import StaffClient

Staff = Callable[[str], StaffClient]
PLAN = "template-employer-ppo"
CALL = {
    "plan": PLAN,
    "call.day": "2026-11-20",
    "call.source": "telephone",
    "call.reference": "REF-77",
    "call.representative": "Dana",
    "case_label": "A-118",
    "note": "Asked twice.",
    "call.payable.20561": "covered",
    "call.authorization-needed.20561": "yes",
    "call.authorization-needed.20561.from": "13",
    "call.cost-share.copay": "35",
}


@pytest.fixture
def desk(staff: Staff) -> StaffClient:
    """A browser in which somebody of the billing desk is signed in."""
    return staff("billing")


def entered(client: StaffClient, **changed: str) -> str:
    """Enter a call and return its address."""
    answer = client.post("/staff/calls/new", data={**CALL, **changed})
    assert 303 == answer.status_code, page_of(answer.text).summary()
    return str(answer.location)


def refused(client: StaffClient, **changed: str) -> Element:
    """Send a form that cannot be kept, and return the page that comes back."""
    answer = client.post("/staff/calls/new", data={**CALL, **changed})
    assert 422 == answer.status_code
    return page_of(answer.text)


def test_a_call_is_kept_with_who_when_and_what_was_said(desk: StaffClient) -> None:
    """In the words of the call script."""
    page = page_of(desk.get(entered(desk)).text)

    for words in ("Call of Fri, Nov 20, 2026", "REF-77", "Dana", "A-118", "Asked twice.", "by some-billing"):
        assert words in page.text
    assert "Your copay for a visit of physical therapy $35.00" in page.text
    assert "need approval in advance? Yes, from visit 13 on" in page.text


def test_the_list_is_narrowed_by_plan_payer_case_and_day(desk: StaffClient) -> None:
    """Each alone, and the same in the file."""
    entered(desk)
    entered(desk, plan="original-medicare-2026", case_label="B-2", **{"call.day": "2026-10-01"})

    def days(asked: str, **sent: str) -> list[str]:
        there = "/staff/calls/calls.csv"
        answer = desk.post(there, data=sent) if sent else desk.get(f"{there}?{asked}")
        rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
        return sorted({row[1] for row in list(rows)[1:]})

    assert ["2026-10-01", "2026-11-20"] == days("")
    assert ["2026-11-20"] == days(f"plan={PLAN}") == days("since=2026-11-01") == days("", case="A-118")
    assert ["2026-10-01"] == days("until=2026-11-01") == days("payer=Medicare")
    assert "1 call" in page_of(desk.post("/staff/calls/", data={"case": "B-2"}).text).text
    assert "2 calls" in page_of(desk.get("/staff/calls/?case=B-2").text).text
    assert {"since": "Enter a day such as 2026-03-02."} == page_of(desk.get("/staff/calls/?since=soon").text).errors()


def test_an_estimate_counts_with_an_entry(desk: StaffClient) -> None:
    """The form opens with the plan and the answers; the estimate names the day."""
    page = page_of(desk.get(entered(desk)).text)
    form = next(each for each in page.all("form") if each.attributes["action"] == "/")
    fields = page_of(desk.application.test_client().post("/", data=form.typed()).text).typed()
    answer = desk.application.test_client().post("/estimate", data={**fields, "zip": "98101", "visits": "6"})

    assert (PLAN, "biller") == (fields["plan"], fields["reader"])
    assert "REF-77" == json.loads(fields["told"])["calls"][0]["reference"]
    assert "2026-11-20 (telephone, reference REF-77)" in page_of(answer.text).text


def test_a_correction_stands_in_the_place_of_what_it_names(desk: StaffClient) -> None:
    """Both are kept; the first says that it was corrected, and is corrected once."""
    first = entered(desk)
    number = first.rpartition("/")[2]
    form = page_of(desk.get(f"/staff/calls/new?corrects={number}").text).typed()
    second = entered(desk, **{**form, "call.cost-share.copay": "30"})
    again = refused(desk, corrects=number)

    assert ("35.00", "13", "A-118") == (
        form["call.cost-share.copay"], form["call.authorization-needed.20561.from"], form["case_label"]
    )  # fmt: skip
    assert f"entry {second.rpartition('/')[2]} stands in its place" in page_of(desk.get(first).text).text
    assert "Use in an estimate" not in desk.get(first).text
    assert "was corrected already" in again.text


def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(desk: StaffClient) -> None:
    """All that the contract finds at once; then what is too long."""
    page = refused(desk, **{"call.day": "2026-12-24x", "call.cost-share.copay": "much"})
    late = refused(desk, **{"call.day": "2026-12-24"})
    empty = refused(desk, **dict.fromkeys([name for name in CALL if name.startswith("call.")], ""))
    long = refused(desk, note="x" * 501, case_label="y" * 61)

    assert {"call-day", "call-cost-share-copay"} == set(page.errors())
    assert ("much", "REF-77") == (page.typed()["call.cost-share.copay"], page.typed()["call.reference"])
    assert {"call-day"} == set(late.errors())
    assert "Answer at least one question." in empty.text
    assert {"note", "case_label"} == set(long.errors())


def test_the_plan_comes_first(desk: StaffClient) -> None:
    """By its id, or chosen among those that hold the words."""
    several = page_of(desk.get("/staff/calls/new?plan=original+medicare&given=1").text)
    none = page_of(desk.get("/staff/calls/new?plan=no+such+words").text)
    links = [each.attributes["href"] for each in several.all("a") if "plan=" in each.attributes["href"]]

    assert "/staff/calls/new?plan=original-medicare-2026&given=1" in links
    assert {"plan"} == set(none.errors())
    assert page_of(desk.get(links[0]).text).typed()["plan"] in links[0]


def test_the_authorization_check_leads_to_what_the_plan_said(desk: StaffClient) -> None:
    """With its day and reference; what is older than 90 days is marked."""
    course = {"zip": "98101", "plan": PLAN, "first_day": "2026-11-30", "visits": "6", "code_1": "97110"}
    before = page_of(desk.post("/staff/authorization", data=course).text).text
    entered(desk)
    entered(desk, **{"call.day": "2026-08-24", "call.reference": "OLD-1"})
    text = page_of(desk.post("/staff/authorization", data=course).text).text

    assert "No call about this plan is kept." in before
    assert "Told on Nov 20, 2026, reference REF-77 Told on Aug 24, 2026, reference OLD-1 (more than 90 days" in text


@pytest.mark.parametrize(("day", "is_old"), [("2026-08-25", False), ("2026-08-24", True)])
def test_an_entry_is_old_after_ninety_days(desk: StaffClient, day: str, is_old: bool) -> None:
    """Then its page asks to call again."""
    text = desk.get(entered(desk, **{"call.day": day})).text

    assert is_old == ("more than 90 days old" in text)


def test_what_was_done_is_noted_without_what_was_typed(
    desk: StaffClient, engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the log of who did what, and in no other log."""
    number = entered(desk, note="zzmarkerzz", case_label="zzmarkerzz").rpartition("/")[2]
    done = read_log(engine, Sought(did="call-entered")).entries
    logged = capfd.readouterr()

    assert [("some-billing", f"{number} {PLAN}")] == [(entry.by, entry.subject) for entry in done]
    assert "staff/calls" in logged.out + logged.err
    assert "zzmarkerzz" not in logged.out + logged.err


def test_what_was_typed_is_text_and_never_markup(desk: StaffClient) -> None:
    """On the page of the entry, in the list, and in a file that a spreadsheet opens."""
    hostile = "<script>alert(1)</script>"
    address = entered(desk, note=hostile, case_label="=1+1", **{"call.reference": hostile})
    pages = [desk.get(path).text for path in (address, "/staff/calls/")]

    assert not any(hostile in page for page in pages)
    assert "'=1+1" in desk.get("/staff/calls/calls.csv").text


def test_a_call_about_a_case_asks_what_its_check_asks_and_lands_there(desk: StaffClient, engine: Engine) -> None:
    """What is used, a grant and the answers on rules move the case's next visit, and the check asks them no more."""
    care = {"plan": "template-employer-ppo", "zip": "98101", "services": "97110:30 20561", "visits": "12"}
    address = desk.post("/staff/cases/new", data={"label": "A-118", **care}).location
    number = int(address.rpartition("/")[2])
    before = desk.get(address).text
    page = page_of(desk.get(f"/staff/calls/new?plan=template-employer-ppo&of={number}").text)
    form = page.one("form", action="/staff/calls/new").typed()
    sent = form | {
        "call.day": TODAY,
        "call.reference": "REF-9",
        "call.payable.20561": "not-paid",
        "call.liability.20561": "yes",
        "call.authorization-needed.97110": "no",
        "call.authorization-needed.20561": "no",
        "call.used-so-far.therapy-visits": "14",
        "grant.number": "G-5",
        "grant.visits": "6",
    }
    kept = desk.post("/staff/calls/new", data=sent)
    after = desk.get(address).text
    checked = page_of(after).one("form", id="check").typed()
    again = desk.post("/staff/authorization", data=checked).text
    now = case_now(*case_of_id(engine, number), date.fromisoformat(TODAY))
    [call] = calls_of(engine, SoughtCalls(case_label="A-118"))

    assert "20561 (dry needling, 3 or more muscles): if it is denied, may the patient be billed?" in page.text
    assert (
        "your plan" not in page.one("form", action="/staff/calls/new").text.casefold().partition("other questions")[0]
    )
    assert address == kept.location
    assert {"14"} == {told.cells["visits_used"] for told in now.stated.values()}
    assert [("G-5", 6)] == [(grant.number, grant.grant.visits) for grant in now.grants]
    assert "Coverage of 20561" in before
    assert "Coverage of 20561" not in after
    assert "20561 is not paid from visit 1 on" in after
    assert "reference REF-9" in after
    assert "20561 (dry needling, 3 or more muscles): is it paid" not in again
    assert {"used-so-far"} == {told["asks"] for told in call.answers} & set(DESK_ASKS)


def test_what_a_call_about_a_case_says_wrongly_stands_beside_its_field(desk: StaffClient, engine: Engine) -> None:
    """Nothing is kept of it, neither in the log nor in the case; what was typed stays."""
    care = {"plan": "template-employer-hmo", "zip": "98101", "services": "97110:30", "visits": "12"}
    number = desk.post("/staff/cases/new", data={"label": "A-119", **care}).location.rpartition("/")[2]
    form = page_of(desk.get(f"/staff/calls/new?plan=template-employer-hmo&of={number}").text)
    typed = form.one("form", action="/staff/calls/new").typed() | {"call.day": TODAY}
    asked = next(name for name in typed if name.startswith("call.turnaround."))
    wrong = desk.post("/staff/calls/new", data={**typed, asked: "soon", "grant.visits": "twelve"})
    empty = desk.post("/staff/calls/new", data=typed)

    assert (422, 422) == (wrong.status_code, empty.status_code)
    assert {asked.replace(".", "-"), "grant-visits"} <= page_of(wrong.text).errors().keys()
    assert 'value="soon"' in wrong.text
    assert not calls_of(engine, SoughtCalls(case_label="A-119"))
    assert 1 == len(case_of_id(engine, int(number))[1])
    assert 303 == desk.post("/staff/calls/new", data={**typed, asked: "3"}).status_code
