"""Estimates as patients were given them: kept with a receipt, shown again to the cent, and deleted."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine, text

from estimator.accounts.audit import Sought, read_log
from estimator.db.connection import reading
from estimator.plans.shelf import Draft
from tests.db.sample import definition, published
from tests.web.reading import Element, page_of
from tests.web.staff.conftest import StaffClient

Staff = Callable[[str], StaffClient]
REQUEST = {
    "plan": "template-employer-ppo",
    "zip": "98101",
    "course": {"first_day": "2026-11-30", "visits": 3, "each_visit": [{"code": "97110", "minutes": 30}]},
}
NEW = "/staff/estimates/new"


@pytest.fixture
def desk(staff: Staff) -> StaffClient:
    """A browser in which somebody of the billing desk is signed in."""
    return staff("billing")


def given(client: StaffClient, case: str = "A-118", **changed: object) -> str:
    """Keep an estimate and return its address."""
    form = {"request": json.dumps({**REQUEST, **changed}), "case_label": case, "keep": "yes"}
    answer = client.post(NEW, data=form)
    assert 303 == answer.status_code, page_of(answer.text).summary()
    return str(answer.location)


def receipt(page: Element) -> str:
    """Return the receipt that a page shows."""
    return page.one("dl").one("code").text


def test_an_estimate_is_shown_as_it_was_given_with_its_receipt(desk: StaffClient) -> None:
    """Who gave it, when, what it rests on; made again it is the same."""
    page = page_of(desk.get(given(desk)).text)

    for words in (
        "Estimate for A-118",
        "by some-billing, Nov 23, 2026",
        "template-employer-ppo@",
        "the same to the cent",
    ):
        assert words in page.text
    assert 12 == len(receipt(page))
    assert "Nov 23, 2027" in page.text


def test_a_plan_that_is_published_anew_leaves_it_as_it_was(desk: StaffClient, engine: Engine) -> None:
    """To the cent, and under the same receipt."""
    published(engine, [Draft(definition("kept-plan", "40.00"))])
    address = given(desk, plan="kept-plan")
    before = page_of(desk.get(address).text)
    published(engine, [Draft(definition("kept-plan", "55.00"))])
    after = page_of(desk.get(address).text)

    assert "The patient owes $120.00 for 3 visits" in before.text
    assert before.amounts == after.amounts
    assert receipt(before) == receipt(after)
    assert "the same to the cent" in after.text


def test_what_was_changed_outside_no_longer_fits_its_receipt(desk: StaffClient, engine: Engine) -> None:
    """The database refuses to change a row; where somebody takes that away, the receipt still tells."""
    address = given(desk)
    with engine.connect() as connection:
        connection.execute(text("DROP TRIGGER given_estimates_refuses_update"))
        connection.execute(
            text('UPDATE given_estimates SET answer = replace(answer, \'"typical": "\', \'"typical": "9\')')
        )
        connection.commit()

    assert "no longer fits its receipt" in desk.get(address).text


def test_it_is_shown_before_it_is_kept(desk: StaffClient) -> None:
    """And only the second step keeps it; the same from a file."""
    shown = page_of(desk.post(NEW, data={"request": json.dumps(REQUEST)}).text)
    file = {"file": (io.BytesIO(json.dumps(REQUEST).encode()), "request.json")}
    from_file = page_of(desk.post(NEW, data=file).text)

    assert "It comes to $" in shown.text
    assert shown.one("section", class_="answer").text == from_file.one("section", class_="answer").text
    assert "None is kept yet." in desk.get("/staff/estimates/").text


def test_mistakes_are_told_all_at_once_and_what_was_typed_stays(desk: StaffClient) -> None:
    """In the request, in the label, and where there is nothing at all."""
    wrong = {**REQUEST, "zip": "9810", "color": "red"}
    page = page_of(desk.post(NEW, data={"request": json.dumps(wrong), "keep": "yes"}).text)
    unlabelled = page_of(desk.post(NEW, data={"request": json.dumps(REQUEST), "keep": "yes"}).text)
    nothing = page_of(desk.post(NEW, data={"keep": "yes"}).text)
    binary = page_of(desk.post(NEW, data={"file": (io.BytesIO(b"\xff\xfe\x00"), "a.json")}).text)

    assert "zip:" in page.text
    assert "color:" in page.text
    assert '"9810"' in page.one("textarea").text
    assert {"case_label"} == set(unlabelled.errors())
    assert "Paste the JSON of a request" in nothing.text
    assert "UTF-8" in binary.text


def test_an_authorization_check_leads_to_its_estimate(desk: StaffClient) -> None:
    """With the course in the field, and what it comes to."""
    course = {
        "zip": "98101",
        "plan": "template-employer-ppo",
        "first_day": "2026-11-30",
        "visits": "6",
        "code_1": "97110",
    }
    check = page_of(desk.post("/staff/authorization", data=course).text)
    form = next(each for each in check.all("form") if each.attributes["action"] == NEW)
    page = page_of(desk.post(NEW, data={"request": form.typed()["request"]}).text)

    assert "for 6 visits under" in page.text
    assert 6 == int(json.loads(page.one("textarea").text)["course"]["visits"])


def test_the_list_finds_a_case(desk: StaffClient) -> None:
    """By its label, the newest first."""
    given(desk)
    given(desk, "B-2")
    labels = [each.one("a").text for each in page_of(desk.get("/staff/estimates/").text).all("th", scope="row")]

    assert ["B-2 , estimate 2", "A-118 , estimate 1"] == labels
    assert "1 estimate" in page_of(desk.post("/staff/estimates/", data={"case": "B-2"}).text).text


def test_no_address_names_a_case(desk: StaffClient) -> None:
    """Addresses are kept by browsers and proxies: a call is entered from an estimate by its number."""
    page = page_of(desk.get(given(desk)).text)
    [link] = [each.attributes["href"] for each in page.all("a") if "/calls/new?" in each.attributes["href"]]
    methods = {
        form.attributes["method"]
        for address in ("/staff/estimates/", "/staff/calls/")
        for form in page_of(desk.get(address).text).all("form")
        if any(box.attributes.get("name") == "case" for box in form.all("input"))
    }

    assert "A-118" not in link
    assert "A-118" == page_of(desk.get(link).text).typed()["case_label"]
    assert {"post"} == methods


def test_it_is_deleted_by_the_desk_and_that_is_noted(desk: StaffClient, engine: Engine) -> None:
    """The row is gone; the log says who and which, without its label."""
    address = given(desk)
    desk.post(f"{address}/delete")
    done = [(entry.did, entry.by, entry.subject) for entry in read_log(engine, Sought()).entries]

    assert 404 == desk.get(address).status_code == desk.post(f"{address}/delete").status_code
    assert ("estimate-deleted", "some-billing", "1") == done[0]
    assert ("estimate-given", "some-billing", "1 template-employer-ppo") == done[1]


def test_the_clinic_says_for_how_long(desk: StaffClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After that it shows nothing."""
    settings = tmp_path / "clinic.json"
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(settings))
    settings.write_text('{"estimates_kept_days": 30}', "utf-8")
    address = given(desk)

    assert "Dec 23, 2026" in desk.get(address).text
    with time_machine.travel("2026-11-23T12:30:00Z"):
        assert 200 == desk.get(address).status_code


def test_no_name_of_a_representative_and_no_typed_text_goes_anywhere_else(
    desk: StaffClient, engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first name of somebody at the payer's is left out, and logs hold nothing of it all."""
    answers = [{"asks": "payable", "subject": "20561", "answer": "covered"}]
    given(desk, "zzmarkerzz", told={"on": "2026-11-20", "representative": "zznamezz", "answers": answers})
    with reading(engine) as connection:
        rows = str(connection.execute(text("SELECT * FROM given_estimates")).all())
    logged = capfd.readouterr()

    assert "zznamezz" not in rows
    assert "zzmarkerzz" in rows
    assert "zzmarkerzz" not in logged.out + logged.err
