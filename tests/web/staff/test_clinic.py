"""A clinic of two locations and five therapists, on the pages: each document carries the right numbers and prices."""

import json
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import Engine

from estimator.billing.schedule import answer_row, books_now
from estimator.billing.schedule_file import NAMES
from estimator.plans.shelf import Shelf
from estimator.prices.store import Kind, active_prices
from estimator.publishing.clinic_lists import publish_list, read_new_list
from estimator.publishing.drafts import Signed
from estimator.web.staff.clinic import register
from tests.papers.papers import words_of
from tests.web.conftest import TODAY
from tests.web.reading import Element, page_of
from tests.web.staff.conftest import StaffClient

Staff = Callable[[str], StaffClient]
UPTOWN = {
    "name": "Uptown", "npi": "1234567893", "tin": "12-3456789", "street": "1 High Street", "city": "Seattle",
    "state": "WA", "zip": "98101", "consent_version": "3",
}  # fmt: skip
LAKE = {
    "name": "Lake", "npi": "1003000126", "tin": "98-7654321", "street": "2 Lake Road", "city": "Phoenix",
    "state": "AZ", "zip": "85004", "time_zone": "America/Phoenix",
}  # fmt: skip
THERAPISTS = (
    {"code": "AA", "state": "AZ", "trained": "yes", "training": "24 hours"},
    {"code": "BB", "state": "AZ", "trained": "no"},
    {"code": "CC", "state": "AZ", "trained": "unknown"},
    {"code": "DD", "state": "AZ", "trained": "yes", "provider": "physical-therapist-assistant"},
    {"code": "EE", "state": "AZ", "trained": "yes", "training_ends_on": "2026-12-01"},
)
COURSE = {
    "plan": "cash",
    "first_day": "2026-11-30",
    "visits": "6",
    "code_1": "97110",
    "minutes_1": "30",
    "code_2": "20561",
}


@pytest.fixture
def desk(staff: Staff, engine: Engine) -> StaffClient:
    """The billing desk of a clinic whose administrator has entered everything; Lake has a self-pay list of its own."""
    signed = Signed("Ana", "2026")
    own = publish_list(
        engine, read_new_list(Kind.SELF_PAY, b"code,amount,basis\n20561,90.00,per-line\n", "a.csv"), None, signed
    )
    publish_list(
        engine, read_new_list(Kind.SELF_PAY, b"code,amount,basis\n20561,75.00,per-line\n", "b.csv"), own, signed
    )
    admin = staff("admin")
    for location in (UPTOWN, {**LAKE, "self_pay_id": str(own)}):
        assert 303 == admin.post("/staff/clinic/locations/new", data=location).status_code
    for therapist in THERAPISTS:
        sent = {"provider": "physical-therapist", **therapist}
        assert 303 == admin.post("/staff/clinic/therapists/new", data=sent).status_code
    return staff("billing")


def checked(desk: StaffClient, **answers: str) -> Element:
    """Return the page of a check."""
    response = desk.post("/staff/authorization", data={**COURSE, **answers})
    assert 200 == response.status_code, page_of(response.text).summary()
    return page_of(response.text)


def test_the_papers_of_each_location_carry_its_numbers_address_and_prices(desk: StaffClient) -> None:
    """The Good Faith Estimate of Lake is no paper of Uptown; its ZIP code is filled in."""
    said = {}
    for place in ("Uptown", "Lake"):
        sent = desk.post("/staff/authorization/paper/good-faith-estimate", data={**COURSE, "location": place})
        assert (200, "application/pdf") == (sent.status_code, sent.mimetype)
        said[place] = words_of(sent.data)

    for own, other in ((UPTOWN, LAKE), (LAKE, UPTOWN)):
        text = said[own["name"]]
        assert [] == [own[key] for key in ("npi", "tin", "street", "city") if own[key] not in text]
        assert [] == [other[key] for key in ("npi", "tin", "street") if other[key] in text]
    assert ("$75.00" in said["Uptown"], "$90.00" in said["Uptown"]) == (True, False)
    assert ("$90.00" in said["Lake"], "$75.00" in said["Lake"]) == (True, False)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AA", []),
        ("BB", ["Stop. BB has no training in needling, and Arizona asks for it: 24 hours in an approved course."]),
        (
            "CC",
            ["The register does not show CC as trained in needling; Arizona asks for it: 24 hours in an approved"],
        ),
        ("DD", ["DD"]),
        ("EE", ["Stop. EE’s needling training ends on Dec 1, 2026, before the last visit. Renew it first."]),
    ],
)
def test_a_therapist_who_may_not_needle_is_flagged(desk: StaffClient, code: str, says: list[str]) -> None:
    """By name of the clinic's own; a course without needling flags nobody."""
    page = checked(desk, location="Lake", therapist=code)
    notes = [note.text for note in page.all("div") if note.text.startswith(("Stop.", "The register", f"{code} "))]
    without = checked(desk, location="Lake", therapist=code, code_2="")

    assert len(says) == len(notes)
    assert all(told in note for told, note in zip(says, notes, strict=True))
    assert "Stop." not in without.text


def test_the_register_says_at_a_glance_who_may_needle(desk: StaffClient, staff: Staff) -> None:
    """To everybody who works here; only an administrator changes it."""
    page = page_of(staff("viewer").get("/staff/clinic/").text)
    rows = {row.text.split()[0]: row.text for row in page.all("tr")}

    assert "nothing against it" in rows["AA"]
    assert "has no training in needling" in rows["BB"]
    assert 403 == desk.get("/staff/clinic/therapists/new").status_code
    assert 403 == desk.post("/staff/clinic/locations/1", data=UPTOWN).status_code


def test_a_mistake_is_told_beside_its_field_and_what_was_typed_stays(staff: Staff) -> None:
    """Of a location and of a therapist."""
    admin = staff("admin")
    location = admin.post("/staff/clinic/locations/new", data={**UPTOWN, "npi": "12"})
    therapist = admin.post("/staff/clinic/therapists/new", data={"code": "AA", "state": "Arizona", "trained": "yes"})

    assert (422, 422) == (location.status_code, therapist.status_code)
    assert "Enter a 10-digit NPI" in page_of(location.text).one("main").text
    assert "Uptown" == page_of(location.text).typed()["name"]
    assert "Enter the two letters of the state of the license, such as WA." in page_of(therapist.text).one("main").text


def test_a_location_and_a_therapist_are_changed_and_ended(desk: StaffClient, staff: Staff) -> None:
    """What is over can't be chosen in the check any more."""
    admin = staff("admin")
    shown = page_of(admin.get("/staff/clinic/locations/2").text).typed()
    changed = admin.post("/staff/clinic/locations/2", data={**shown, "name": "Lakeside"}).status_code
    admin.post("/staff/clinic/locations/1/state")
    admin.post("/staff/clinic/therapists/1/state")
    form = page_of(desk.get("/staff/authorization").text)
    offered = [option.text for option in form.all("option")]

    assert ("America/Phoenix", 303) == (shown["time_zone"], changed)
    assert ("Lakeside" in offered, "Uptown" in offered, "AA" in offered, "BB" in offered) == (True, False, False, True)
    assert 404 == admin.get("/staff/clinic/therapists/99").status_code


def test_a_case_goes_by_its_location_and_flags_its_therapist(desk: StaffClient) -> None:
    """By the prices of the location; the check that it leads to is filled with both."""
    care = {"plan": "cash", "zip": "85004", "services": "97110:30 20561", "per_week": "2", "visits": "6"}
    sent = {"label": "A-1", **care, "therapist": "dd", "location": "lake"}
    opened = desk.post("/staff/cases/new", data=sent)
    page = page_of(desk.get(opened.headers["Location"]).text)
    [check] = [each for each in page.all("form") if each.attributes.get("action") == "/staff/authorization"]
    filled = check.typed()

    assert 303 == opened.status_code
    assert "DD" in page.one("main").text
    assert "$90.00" in page.one("main").text
    assert ("lake", "dd") == (filled["location"], filled["therapist"])


def test_lists_of_rows_flag_a_therapist_who_may_not_needle(desk: StaffClient, staff: Staff) -> None:
    """The work list, the schedule and its download, before the patient arrives, whatever the row itself comes to.

    Needling at the first visit alone counts; who left, or was never in the register, is said to be unknown.
    """
    staff("admin").post("/staff/clinic/therapists/4/state")
    rows = (
        "label,first_day,plan,services,first_visit,therapist,location\n"
        f"A-1,{TODAY},cash,97110:30,20561,BB,Lake\nA-2,{TODAY},cash,97110:30,,BB,Lake\n"
        f"A-3,{TODAY},cash,20561,,AA,uptown\nA-4,{TODAY},cash,20561,,DD,Lake\nA-5,{TODAY},cash,20561,,,Lake\n"
    )
    sent = {"file": (BytesIO(rows.encode()), "day.csv")}
    taken = desk.post("/staff/schedule/", data=sent, content_type="multipart/form-data")
    schedule = taken.headers["Location"].partition("?")[0]
    listed = [desk.get(path).text for path in ("/staff/today/", schedule, f"{schedule}.csv")]

    assert 303 == taken.status_code
    for said in (*(page_of(text).one("main").text for text in listed[:2]), listed[2]):
        assert 1 == said.count("BB has no training in needling")
        assert 1 == said.count("AA is licensed in AZ, but this care is in Washington.")
        assert 1 == said.count("DD is not in the register of those who work here")


def test_the_law_is_that_of_the_license_where_nobody_knows_the_place(desk: StaffClient, staff: Staff) -> None:
    """A location without a ZIP code has a state; with neither, who isn't trained is flagged all the same."""
    staff("admin").post("/staff/clinic/locations/new", data={"name": "Home", "state": "MT"})
    with desk.application.test_request_context():
        known = register()
        care = {"services": "20561", "therapist": "BB"}
        states = [
            " ".join(says for _, says in known.flags({**care, **place}, date(2026, 12, 1)))
            for place in ({"zip": "99999"}, {"location": "Home"}, {"location": "Home", "zip": "98101"}, {})
        ]

    assert ["Arizona", "Montana", "Washington", "Arizona"] == [
        next(name for name in ("Arizona", "Montana", "Washington") if name in says) for says in states
    ]


def test_a_row_of_an_assistant_is_answered_as_an_assistants(desk: StaffClient, engine: Engine) -> None:
    """Montana lets physical therapists needle and no assistants; what the row says of who treats goes first."""
    books = books_now(Shelf(engine), active_prices(engine))
    row = {**dict.fromkeys(NAMES, ""), "plan": "cash", "zip": "59601", "services": "20561", "first_day": TODAY}
    ways = ({"therapist": "dd"}, {"provider": "PTA"}, {"therapist": "dd", "provider": "PT"}, {"therapist": "AA"})
    needs = [[need["kind"] for need in answer_row({**row, **way}, books)["needs"]] for way in ways]

    assert [True, True, False, False] == ["not-allowed-by-state" in kinds for kinds in needs]


def test_an_estimate_that_is_kept_rests_on_the_prices_of_its_location(desk: StaffClient) -> None:
    """The check carries the location along; made again later, it comes out the same."""
    carried = checked(desk, location="Lake").typed()
    sent = {name: carried[name] for name in ("request", "location")}
    kept = desk.post("/staff/estimates/new", data={**sent, "case_label": "A-1", "keep": "yes"})
    page = page_of(desk.get(kept.headers["Location"]).text).one("main").text

    assert (303, "Lake") == (kept.status_code, sent["location"])
    assert "$90.00" in page
    assert "$75.00" not in page
    assert "the same to the cent" in page


def test_the_amounts_of_a_schedule_are_those_of_each_rows_location(desk: StaffClient, engine: Engine) -> None:
    """A location without lists of its own, and one that nobody knows, take the usual prices."""
    books = books_now(Shelf(engine), active_prices(engine))
    row = {**dict.fromkeys(NAMES, ""), "plan": "cash", "zip": "98101", "first_day": TODAY, "services": "20561"}
    places = ("lake", "Uptown", "", "elsewhere")

    assert [90_00, 75_00, 75_00, 75_00] == [
        answer_row({**row, "location": place}, books)["collect_today"] for place in places
    ]


ASKED = {
    "plan": "self-pay",
    "zip": "",
    "visits": "2",
    "first_day": "2026-12-01",
    "exercise": "0",
    "manual": "0",
    "evaluation": "no",
    "needling_visits": "",
}


def test_a_patient_chooses_the_location_where_the_clinic_has_several(desk: StaffClient, staff: Staff) -> None:
    """Its ZIP code, prices and numbers are those of what follows; one that is not there is refused."""
    patient = desk.application.test_client()
    form = page_of(patient.get("/").text)
    places = ({"location": "Lake"}, {"location": "Uptown"}, {"zip": "85004"}, {"location": "Sea", "zip": "85004"})
    said = [patient.post("/estimate", data={**ASKED, **place}) for place in places]
    sent = {**ASKED, "location": "Lake"}
    paper = words_of(patient.post("/paper/good-faith-estimate", data=sent).data)
    staff("admin").post("/staff/clinic/locations/1/state")
    alone = page_of(patient.get("/").text)
    offered = [each.attributes["value"] for each in form.one("select", name="location").all("option")]

    assert ["", "Lake", "Uptown"] == offered
    assert "Lake, Phoenix" in form.text
    assert "location" not in alone.typed()
    assert [200, 200, 200, 422] == [each.status_code for each in said]
    assert [True, False, False] == ["$180" in page_of(each.text).one("main").text for each in said[:3]]
    assert "Choose one of the clinics in the list." in said[3].text
    assert [] == [LAKE[key] for key in ("npi", "tin", "street") if LAKE[key] not in paper]
    assert "$90.00" in paper


def test_every_page_after_the_answer_goes_by_the_location(desk: StaffClient) -> None:
    """Comparisons, what matters, open enrollment, the calendar and a saved estimate."""
    patient = desk.application.test_client()
    sent = {**ASKED, "location": "Lake", "days": "7"}
    paths = ("/compare", "/what-matters", "/open-enrollment", "/calendar", "/save")
    said = {path: patient.post(path, data=sent) for path in paths}
    link = re.findall(r"/saved/[A-Za-z0-9_-]+(?=<|\s)", said["/save"].text)[0]
    saved = page_of(patient.get(link).text).one("main").text

    assert {"/save": 201} == {path: each.status_code for path, each in said.items() if each.status_code != 200}
    assert ["$180"] * 2 == [next(iter(re.findall(r"\$180", text)), "") for text in (said["/compare"].text, saved)]
    assert "Lake" in saved


def test_an_estimate_by_hand_takes_location_and_therapist(desk: StaffClient) -> None:
    """ZIP code, license and prices are theirs, and who may not needle there is flagged before it is kept."""
    course = {"first_day": "2026-12-01", "visits": "1", "each_visit": [{"code": "20561"}]}
    sent = {"request": json.dumps({"plan": "self-pay", "course": course}), "case_label": "A-2"}
    shown = desk.post("/staff/estimates/new", data={**sent, "location": "Lake", "therapist": "BB"})
    kept = desk.post("/staff/estimates/new", data={**sent, "location": "Lake", "therapist": "DD", "keep": "yes"})
    page, typed = page_of(shown.text).one("main").text, page_of(shown.text).typed()
    receipt = page_of(desk.get(kept.headers["Location"]).text).one("main").text

    assert ("Stop. BB has no training in needling" in page, "It comes to $90.00" in page) == (True, True)
    assert ("Lake", "BB") == (typed["location"], typed["therapist"])
    assert "$90.00" in receipt
