"""A working day at the front desk: the work list, and the cases behind its rows."""

import io
from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from estimator.accounts.sign_in import Person
from estimator.billing.case_search import SoughtCases, cases_of
from estimator.billing.cases import PAID, NewEntry, add_entries, case_now, case_of_id
from estimator.billing.jobs import answer_schedule
from tests.billing.test_case_payments import DENIED
from tests.billing.test_remittance import remittance
from tests.web.reading import page_of
from tests.web.seen import heard, measured
from tests.web.staff.conftest import PASSWORD, StaffClient
from tests.web.staff.test_schedule import sent
from tests.web.test_browser import on_phone_and_desk

Staff = Callable[[str], StaffClient]
TODAY = "2026-11-23"
OF_CASES = ("", "1", "new")
PAGES = ("/staff/today/", "/staff/reports/", "/staff/remittances/", *(f"/staff/cases/{name}" for name in OF_CASES))
HEADER = "Chart No,Date of Service,Appt Time,Primary Insurance,Clinic Zip,Clinician,CPT"
EXPORT = f"""{HEADER},Auth Visits,Auth Used,Visits Used,Referral
Knee B-03,{TODAY},8:45 AM,template-employer-hmo,98101,Therapist 1,97110:30,12,12,12,yes
Neck A-12,{TODAY},8:00 AM,template-employer-hmo,98101,Therapist 2,97110:30,12,11,11,yes
Hip E-22,{TODAY},11:00 AM,Nowhere Health,98101,Therapist 1,97110:30,,,,
Back C-41,{TODAY},1:30 PM,template-employer-hmo,98101,Therapist 2,97110:30,12,2,2,yes
Later,2026-11-24,8:00,template-employer-hmo,98101,Therapist 2,97110:30,12,2,2,yes
"""


@pytest.fixture
def desk(staff: Staff, engine: Engine) -> StaffClient:
    """A browser of the billing desk, with the schedule of today answered."""
    client = staff("billing")
    answer_schedule(engine, int(sent(client, EXPORT).rpartition("/")[2]))
    return client


def labels(text: str) -> list[str]:
    """Return the visits that need action, in order."""
    rows = list(page_of(text).all("ul", class_="desk-rows"))
    return [row.one("div", class_="desk-row__who").one("strong").text for row in rows[0].all("li", class_="desk-row")]


def test_the_work_list_says_what_to_do_before_each_patient_arrives(desk: StaffClient) -> None:
    """By time, with what to collect and what is at risk; what is ready is folded."""
    text = desk.get("/staff/today/").text

    assert ["Neck A-12", "Knee B-03", "Hip E-22"] == labels(text)
    for words in ("Not authorized: 12 of 12 visits are used.", "12 of 12. Renew now", "1 visit ready", "11 of 12"):
        assert words in text
    assert "4 visits" in text
    assert "3 need action" in text


def test_it_is_narrowed_and_sorted_by_what_is_at_risk(desk: StaffClient) -> None:
    """Also tomorrow and the week."""
    assert ["Knee B-03", "Neck A-12", "Hip E-22"] == labels(desk.get("/staff/today/?sort=risk").text)
    assert ["Neck A-12"] == labels(desk.get("/staff/today/?therapist=Therapist+2").text)
    assert ["Hip E-22"] == labels(desk.get("/staff/today/?group=correct").text)
    week = desk.get("/staff/today/?span=week").text
    assert "5 visits" in week
    assert "8:00 AM Nov 23, 2026" in " ".join(page_of(week).one("ul", class_="desk-rows").text.split())
    assert "Later" in desk.get("/staff/today/?span=tomorrow").text


def test_a_row_that_something_is_done_with_is_answered_once(desk: StaffClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the others of its case once each; those of other cases not at all."""
    sent_schedules, answered = import_module("estimator.billing.sent_schedules"), []
    answer_row = sent_schedules.answer_row

    def counted(cells: Mapping[str, str], *more: object) -> object:
        answered.append((cells["label"], cells["first_day"]))
        return answer_row(cells, *more)

    monkeypatch.setattr(sent_schedules, "answer_row", counted)
    assert 303 == desk.post("/staff/today/1/5", data={"do": "done"}).status_code

    assert 1 == len(answered) == len(set(answered))


def test_open_cases_are_narrowed_by_therapist(desk: StaffClient) -> None:
    """Where more than one has some; the other page keeps what was chosen."""
    for label, therapist in (("A-1", "TP"), ("B-2", "MK")):
        told = {"label": label, "plan": "template-employer-hmo", "services": "97110:30", "therapist": therapist}
        assert 303 == desk.post("/staff/cases/new", data=told).status_code
    page = page_of(desk.get("/staff/cases/?therapist=MK").text)

    assert ["B-2"] == [row.one("th").text for row in page.one("tbody").all("tr")]
    assert ["", "MK", "TP"] == [each.attributes.get("value", each.text) for each in page.one("select").all("option")]


def test_a_row_is_put_right_without_sending_the_file_again(desk: StaffClient) -> None:
    """The plan is chosen in its row, and the row is answered at once."""
    desk.post("/staff/today/1/4", data={"do": "fix", "plan": "template-employer-ppo"})
    text = desk.get("/staff/today/").text

    assert "No plan is called" not in text
    assert "$40.00" in text


def test_a_visit_done_moves_its_case_and_the_list(desk: StaffClient, engine: Engine) -> None:
    """A row without a case gets one."""
    desk.post("/staff/today/1/3", data={"do": "done"})
    [case] = cases_of(engine, SoughtCases())
    text = desk.get("/staff/today/").text
    page = desk.get(f"/staff/cases/{case.id}").text

    assert "Neck A-12" == case.label
    assert ["Knee B-03", "Hip E-22"] == labels(text)
    assert "1 visit done" in text
    assert "12 of 12" in page
    assert "Visit: 97110:30." in page


def test_a_case_is_checked_with_its_insurer_and_its_second_plan(desk: StaffClient) -> None:
    """Nothing is typed again, and the rules of the insurer are under the typical plan."""
    told = {
        "label": "A-9",
        "plan": "template-employer-ppo",
        "zip": "98101",
        "services": "97110:30 20561",
        "visits": "6",
    }
    beside = {"insurer": "Cigna", "second_plan": "evergreen-ppo-silver", "age": "52"}
    case = desk.post("/staff/cases/new", data={**told, **beside}).headers["Location"]
    form = page_of(desk.get(case).text).one("form", id="check").typed()
    check = desk.post_without_mark("/staff/authorization", data=form)

    assert beside == {name: form[name] for name in beside}
    assert (200, True) == (check.status_code, "American Specialty Health" in check.text)


def test_a_case_says_what_was_paid_and_its_history_is_narrowed(desk: StaffClient, engine: Engine) -> None:
    """Against what was estimated for as many visits; an unknown kind shows everything."""
    desk.post("/staff/today/1/5", data={"do": "done"})
    [case] = cases_of(engine, SoughtCases())
    adjustments = [["PR", "3", 30_00], ["CO", "45", 10_00]]
    paid = {"payer": "P", "charge": 110_00, "paid": 70_00, "patient": 30_00, "adjustments": adjustments, "part": "1"}
    add_entries(engine, case.id, [NewEntry(PAID, date(2026, 11, 23), paid)], Person(1, "some-billing", "billing"))
    pages = {
        show: page_of(desk.get(f"/staff/cases/{case.id}?show={show}").text)
        for show in ("", "visits", "calls", "money", "x")
    }
    happened = {show: len(list(page.one("ol", class_="timeline").all("li"))) for show, page in pages.items()}

    money = pages[""].one("section", **{"aria-labelledby": "money"}).text
    assert "Paid by plan $70.00 Left to the patient $30.00" in money
    assert {"visits": 1, "calls": 0, "money": 1} == {show: happened[show] for show in ("visits", "calls", "money")}
    assert happened[""] == happened["x"] > 2


def test_a_case_says_of_each_line_whether_it_can_be_billed(desk: StaffClient) -> None:
    """Three facts beside each other, with modifiers and what the patient pays; nothing of a case that is closed."""
    told = {"plan": "template-employer-ppo", "zip": "98101", "services": "97110:30 20561", "visits": "6"}
    grants = {
        "last": {"authorization": "yes", "authorization_visits": "1", "visits_used": "12"},
        "spent": {"authorization": "yes", "authorization_visits": "2", "authorization_used": "2", "visits_used": "12"},
        "open": {"visits_used": "12"},
    }
    shown = {}
    for label, grant in grants.items():
        case = desk.post("/staff/cases/new", data={"label": label, **told, **grant}).location
        table = page_of(desk.get(case).text).one("table", class_="bill")
        shown[label] = [" ".join(row.text.split()) for row in table.one("tbody").all("tr")]
    desk.post(case, data={"do": "close"})
    medicare = {"label": "M-1", "plan": "original-medicare-2026", "zip": "98101", "services": "97110:30 20561"}
    page = page_of(desk.get(desk.post("/staff/cases/new", data=medicare).location).text)
    of_medicare = [" ".join(row.text.split()) for row in page.one("table", class_="bill").one("tbody").all("tr")]

    unclear = "20561 Dry needling, 3 or more muscles Valid Authorization? Paid? GP (ask) $0.00 to $85.00"
    line = "97110 ×2 Therapeutic exercise Valid {} Paid GP (ask) $20.00 to $75.00"
    says = {"last": "1 visit left", "spent": "Not authorized", "open": "On file?"}
    assert {label: [line.format(words), unclear] for label, words in says.items()} == shown
    assert ("Paid GP $" in of_medicare[0], "Not paid GP, GA/GX/GY/GZ (clinic setting) $0.00" in of_medicare[1]) == (
        True,
        True,
    )
    assert "Can we bill it?" not in desk.get(case).text


def test_a_visit_that_two_people_mark_is_done_once(desk: StaffClient, engine: Engine) -> None:
    """Two people, or one who clicks twice."""
    answers = [desk.post("/staff/today/1/3", data={"do": "done"}).status_code for _ in range(2)]
    [case] = cases_of(engine, SoughtCases())

    assert [303, 303] == answers
    assert 1 == len(case_now(*case_of_id(engine, case.id), date(2026, 11, 23)).visits)


def test_past_visits_are_asked_about_until_each_is_done_or_missed(staff: Staff, engine: Engine) -> None:
    """One by one, or all at once."""
    client = staff("billing")
    answer_schedule(engine, int(sent(client, EXPORT.replace(TODAY, "2026-11-20")).rpartition("/")[2]))
    for line in (2, 3, 5):
        client.post(f"/staff/today/1/{line}", data={"do": "open"})
    first = client.get("/staff/today/").text
    listed = labels(client.get("/staff/today/?span=past").text)
    client.post("/staff/today/1/2", data={"do": "missed"})
    client.post("/staff/today/1/3", data={"do": "done"})
    left = labels(client.get("/staff/today/?span=past").text)
    client.post("/staff/today/past")
    after = client.get("/staff/today/").text
    found = [case_now(*case_of_id(engine, case.id), date(2026, 11, 23)) for case in cases_of(engine, SoughtCases())]

    assert "3 past visits</a> are marked neither done nor missed" in first
    assert (["Neck A-12", "Knee B-03", "Back C-41"], ["Back C-41"]) == (listed, left)
    assert "marked neither" not in after
    assert {"Back C-41": 1, "Knee B-03": 0, "Neck A-12": 1} == {now.case.label: len(now.visits) for now in found}


def test_a_visit_that_a_newer_schedule_moves_is_folded_or_asked_about(staff: Staff, engine: Engine) -> None:
    """The button for all leaves out those that somebody is asked about."""
    client = staff("billing")
    day, tail = "2026-11-20", "8:00 AM,template-employer-hmo,98101,Therapist 1,97110:30,12,2,2,yes"
    rows = [("A-1", day), ("B-2", day), ("C-3", day), ("D-4", TODAY), ("D-4", "2026-11-24")]
    later = [("A-1", TODAY), ("C-3", day), ("D-4", "2026-11-24"), ("D-4", "2026-11-25"), ("E-5", TODAY)]
    for number, each in enumerate((rows, later), 1):
        text = f"{HEADER},Auth Visits,Auth Used,Visits Used,Referral\n" + "".join(
            f"{label},{when},{tail}\n" for label, when in each
        )
        answer_schedule(engine, int(sent(client, text).rpartition("/")[2]))
        if number == 1:
            for line in (2, 3, 4):
                client.post(f"/staff/today/1/{line}", data={"do": "open"})
    listed = client.get("/staff/today/?span=past").text
    client.post("/staff/today/past")
    left = labels(client.get("/staff/today/?span=past").text)
    today = client.get("/staff/today/").text

    assert ["B-2"] == left
    assert "A newer schedule has no visit here. Was it moved or canceled?" in listed
    assert "1 visit may have been moved: say so in each row." in listed
    assert "A newer schedule has no visit here and has one on November 25, 2026. Was it moved?" in today


def test_a_row_whose_day_cannot_be_read_stays_until_it_is_corrected(desk: StaffClient) -> None:
    """A slip in a correction doesn't make it vanish, and nothing can be done with it before."""
    desk.post("/staff/today/1/2", data={"do": "fix", "first_day": "November 31"})
    text = desk.get("/staff/today/?span=tomorrow").text
    done = desk.post("/staff/today/1/2", data={"do": "done"})
    desk.post("/staff/today/1/2", data={"do": "fix", "first_day": "11/23/2026"})

    assert ["Knee B-03"] == labels(text)
    assert "No day" in text
    assert (422, True) == (done.status_code, "first_day: Enter a day, like 12/1/2026." in done.text)
    assert "Knee B-03" in labels(desk.get("/staff/today/").text)


def test_a_row_that_stands_twice_says_so_until_one_is_told_apart(staff: Staff, engine: Engine) -> None:
    """Also after something else was done with it."""
    client = staff("billing")
    row = f"{TODAY},,evergreen-ppo-silver,98101,,97110:30,,,3,yes"
    answer_schedule(
        engine,
        int(
            sent(client, f"{HEADER},Auth Visits,Auth Used,Visits Used,Referral\nA-1,{row}\nA-1,{row}\n").rpartition(
                "/"
            )[2]
        ),
    )
    client.post("/staff/today/1/3", data={"do": "note", "note": "called"})
    before = client.get("/staff/today/").text
    client.post("/staff/today/1/3", data={"do": "fix", "label": "A-2"})

    assert "The same label, plan and day as row 2." in before
    assert "The same label" not in client.get("/staff/today/").text


def test_a_merged_case_is_followed_from_its_row(desk: StaffClient, engine: Engine) -> None:
    """The visit done in the case that it was merged into is done in the list."""
    first = desk.post("/staff/today/1/3", data={"do": "open"}).location
    into = desk.post("/staff/cases/new", data={"label": "Q-1", "plan": "template-employer-hmo"}).location
    desk.post(first, data={"do": "merge", "into": "Q-1"})
    text = desk.get("/staff/today/").text
    desk.post("/staff/today/1/3", data={"do": "done"})

    assert f'href="{into}"' in text
    assert "Neck A-12" not in labels(desk.get("/staff/today/").text)


def test_the_case_page_takes_what_somebody_does(desk: StaffClient, engine: Engine) -> None:
    """A renewal, what a payer stated, a note, a visit taken back; a mistake is said and changes nothing."""
    address = desk.post("/staff/today/1/3", data={"do": "open"}).location
    desk.post(address, data={"do": "visit", "first_day": TODAY, "services": "97110:30"})
    visit = len(case_of_id(engine, 1)[1])
    renewed = {"status": "approved", "number": "B-2", "visits": "8", "last_day": "2027-02-28"}
    desk.post(address, data={"do": "grant", **renewed})
    desk.post(address, data={"do": "stated", "visits_used": "14", "day": TODAY})
    desk.post(address, data={"do": "note", "note": "Sent by fax"})
    desk.post(address, data={"do": "assign", "to": "Ana"})
    wrong = desk.post(address, data={"do": "grant", "status": "approved", "visits": "many"})
    page = " ".join(page_of(desk.get(address).text).text.split())
    desk.post(address, data={"do": "void", "entry": str(visit), "day": TODAY})

    assert (422, True) == (wrong.status_code, "visits: Enter a whole number, like 12." in wrong.text)
    for words in ("Authorization B-2", "14 of 20", "Sent by fax", "Assigned to Ana", "12 of 12"):
        assert words in page
    assert "11 of 12" in " ".join(page_of(desk.get(address).text).text.split())


def test_the_authorization_check_and_a_call_need_no_retyping(desk: StaffClient) -> None:
    """The case fills the check, and the call is kept under its label."""
    address = desk.post("/staff/today/1/3", data={"do": "open"}).location
    page = page_of(desk.get(address).text)
    form = next(each for each in page.all("form") if each.attributes.get("action") == "/staff/authorization")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    checked = desk.post("/staff/authorization", data=fields)
    number = address.rpartition("/")[2]
    call = desk.get(f"/staff/calls/new?plan=template-employer-hmo&of={number}").text

    assert ("97110", "30", "1", "11") == tuple(
        fields[name] for name in ("code_1", "minutes_1", "authorization_visits", "used-therapy-visits")
    )
    assert 200 == checked.status_code
    assert "therapeutic exercise" in checked.text.lower()
    assert 'value="Neck A-12"' in call


def test_the_case_goes_along_from_its_row_to_check_call_and_estimate(desk: StaffClient) -> None:
    """Nothing is typed again: the label and the course stand in each form, and no address has the label."""
    checked = page_of(desk.post("/staff/today/1/3", data={"do": "check"}).text)
    unopened = checked.one("form", id="answers").typed()
    call = desk.post("/staff/today/1/3", data={"do": "call"}).location
    number = call.rpartition("=")[2]
    row = page_of(desk.post("/staff/today/1/3", data={"do": "check"}).text)
    case = page_of(desk.get(f"/staff/cases/{number}").text)
    check = case.one("form", id="check").typed()
    estimate = page_of(desk.post("/staff/authorization/estimate", data=check).text)
    keep = estimate.one("form", action="/staff/estimates/new").typed()
    keep["request"] = estimate.one("textarea").text
    kept = desk.post("/staff/estimates/new", data={**keep, "keep": "yes"})
    paper = desk.post("/staff/authorization/paper/estimate", data=check)

    assert ("", number) == (unopened["of"], row.one("form", id="answers").typed()["of"])
    assert f"/staff/calls/new?plan=template-employer-hmo&of={number}" == call
    assert ("97110", "30", "11") == tuple(unopened[name] for name in ("code_1", "minutes_1", "used-therapy-visits"))
    assert "Neck A-12" == keep["case_label"]
    assert 303 == kept.status_code
    assert paper.data.startswith(b"%PDF")
    assert "Estimate given" in desk.get(f"/staff/cases/{number}").text


def test_a_case_is_started_found_and_closed(desk: StaffClient) -> None:
    """By its whole label it opens at once."""
    refused = desk.post("/staff/cases/new", data={"label": "206-555-0100", "plan": "template-employer-ppo"})
    address = desk.post("/staff/cases/new", data={"label": "Q-1", "plan": "template-employer-ppo"}).location
    found = desk.post("/staff/cases/", data={"text": "Q-1"})
    part = desk.post("/staff/cases/", data={"text": "Q-"}).text
    desk.post(address, data={"do": "close"})

    assert (422, True) == (refused.status_code, "this one holds a phone number" in refused.text)
    assert (address, True) == (found.location, "1 case" in part)
    assert "Q-1" not in desk.get("/staff/cases/").text
    assert "Q-1" in desk.get("/staff/cases/?state=closed").text
    assert 404 == desk.get("/staff/cases/99").status_code


def test_a_column_of_the_clinics_own_files_is_remembered(desk: StaffClient) -> None:
    """What was not read is said; a column that can tell who the patient is cannot be chosen."""
    content = f"Patient,When,Insurance,CPT,Clinic Zip\nJane,{TODAY},template-employer-ppo,97110:30,98101\n"
    unread = desk.post("/staff/schedule/", data={"file": (io.BytesIO(content.encode()), "day.csv")}).location
    refused = desk.post("/staff/schedule/columns", data={"header": "Patient", "column": "label"})
    desk.post("/staff/schedule/columns", data={"header": "When", "column": "first_day"})
    read = desk.post("/staff/schedule/", data={"file": (io.BytesIO(content.encode()), "day.csv")}).location

    assert "Not read: Patient, When." in desk.get(unread).text
    assert 422 == refused.status_code
    assert "unread=Patient" in read
    assert "unread=When" not in read
    assert "when is read as first_day" in desk.get("/staff/schedule/").text
    assert "need action" in desk.get("/staff/").text


def test_a_renewal_in_the_case_moves_its_row(desk: StaffClient) -> None:
    """What the row said of the authorization was written before; the same holds for what a payer stated."""
    address = desk.post("/staff/today/1/2", data={"do": "open"}).location
    before = labels(desk.get("/staff/today/").text)
    desk.post(address, data={"do": "grant", "status": "approved", "number": "B-2", "visits": "8"})
    after = desk.get("/staff/today/").text
    desk.post(address, data={"do": "stated", "visits_used": "20", "day": "2026-11-22"})

    assert ("Knee B-03" in before, "Knee B-03" in labels(after)) == (True, False)
    assert "2 visits ready" in after
    assert "Knee B-03" in labels(desk.get("/staff/today/").text)


def test_the_next_years_plan_is_entered_from_its_day_on(desk: StaffClient, engine: Engine) -> None:
    """Only what is entered changes; nothing entered, or what can't be read, is refused."""
    address = desk.post("/staff/today/1/3", data={"do": "open"}).location
    desk.post(address, data={"do": "care", "day": "2027-01-01", "plan": "template-employer-ppo"})
    wrong = desk.post(address, data={"do": "care", "day": TODAY, "visits": "a few"})
    nothing = desk.post(address, data={"do": "care", "day": TODAY})
    case, entries = case_of_id(engine, 1)

    assert ["template-employer-hmo", "template-employer-ppo"] == [
        case_now(case, entries, date(year, 1, 2) if year == 2027 else date(year, 12, 31)).care["plan"]
        for year in (2026, 2027)
    ]
    assert "97110:30" == case_now(case, entries, date(2027, 1, 2)).care["services"]
    assert [422, 422] == [wrong.status_code, nothing.status_code]


def test_reports_count_what_payers_answered_and_come_as_csv(desk: StaffClient) -> None:
    """A request and its answer make one row, with the days between them."""
    address = desk.post("/staff/today/1/3", data={"do": "open"}).location
    asked = {"do": "grant", "status": "requested", "visits": "12", "day": "2026-11-10"}
    desk.post(address, data=asked)
    desk.post(address, data={"do": "grant", "status": "denied", "reason": "Not urgent", "entry": "4", "day": TODAY})
    page = desk.get("/staff/reports/").text
    sent = [
        desk.get(f"/staff/reports/{name}.csv").text.splitlines() for name in ("authorizations", "answers", "denials")
    ]

    assert "Reason: Not urgent." in desk.get(address).text
    assert "Days from request to answer" in page
    assert "Not urgent" in page
    assert [["12", "12", "1", "0", "1", "0"], ["1", "13", "13"], ["authorization", "Not urgent", "1", "0.00"]] == [
        table[1].split(",")[1:] for table in sent
    ]
    assert 404 == desk.get("/staff/reports/other.csv").status_code


def test_a_remittance_goes_to_the_cases_that_the_desk_names(desk: StaffClient) -> None:
    """It shows what each claim pays first; what was changed on the way is not taken."""
    address = desk.post("/staff/today/1/3", data={"do": "open"}).location
    file = remittance("0", *DENIED).encode()
    shown = desk.post("/staff/remittances/", data={"file": (io.BytesIO(file), "a.835")}).text
    [form] = [each for each in page_of(shown).all("form") if "payments" in each.typed()]
    sent = {**form.typed(), "keep": "yes"}
    forged = desk.post("/staff/remittances/", data={**sent, "payments": sent["payments"] + "x"})
    kept = desk.post("/staff/remittances/", data={**sent, "label_0": "Neck A-12"}).text
    wrong = desk.post("/staff/remittances/", data={"file": (io.BytesIO(b"ISA"), "a.835")})

    assert "CO-197 $85.00" in shown
    assert 200 == desk.get("/staff/remittances/").status_code
    assert 400 == forged.status_code
    assert "Neck A-12</a>, 2026-09-14: added" in kept
    says = "EVERGREEN MUTUAL paid $0.00 of $85.00; the patient owes $0.00. Adjusted: CO-197 $85.00."
    assert says in desk.get(address).text
    assert 422 == wrong.status_code


def test_open_cases_are_imported(desk: StaffClient) -> None:
    """With the rows that are none."""
    content = b"Chart No,Insurance,CPT,Date\nR-1,template-employer-ppo,97110,11/1/2026\nR-2,,97110,11/1/2026\n"
    answer = desk.post("/staff/cases/import", data={"file": (io.BytesIO(content), "open.csv")})

    assert 422 == answer.status_code
    assert "Your file:3: plan: Enter the id of a plan." in answer.text
    assert "R-1" in answer.text


@pytest.mark.browser
@on_phone_and_desk
def test_the_desk_in_the_browser(browser: Browser, served: str, desk: StaffClient, engine: Engine, width: int) -> None:
    """No page is wider than the screen, and axe finds nothing wrong."""
    desk.post("/staff/today/1/3", data={"do": "open"})
    with browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"{served}/staff/today/")
        page.get_by_label("Name").fill("some-billing")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        for path in (
            "/staff/today/",
            "/staff/cases/",
            "/staff/cases/1",
            "/staff/cases/new",
            "/staff/reports/",
            "/staff/remittances/",
        ):
            page.goto(served + path)
            assert width == measured(page, "document.documentElement.scrollWidth"), path
            assert [] == heard(page).response["violations"], path


def test_a_remittance_past_what_a_page_holds_says_so(desk: StaffClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments of the clinic's cases come first."""
    monkeypatch.setattr(import_module("estimator.web.staff.remittances"), "MOST_PAYMENTS", 2)
    desk.post("/staff/today/1/3", data={"do": "open"})
    head, *lines = DENIED
    claims = [part for label in ("P-1", "P-2", "P-3", "Neck A-12") for part in (head.replace("A-2", label), *lines)]
    file = io.BytesIO(remittance("0", *claims).encode())
    page = desk.post("/staff/remittances/", data={"file": (file, "era")}).text

    assert "2 more payments aren’t shown" in page
    assert page.index('value="Neck A-12"') < page.index("P-1")
    assert "P-2" not in page
