"""Each call of the API: what it answers, and how it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.explanationofbenefit import ExplanationOfBenefit
from flask import Flask
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing.jobs import answer_schedule
from estimator.billing.register import keep_location, keep_therapist
from tests.eligibility.test_several_answers import BATCH
from tests.web.api.conftest import Call

REQUEST = Path(__file__).parents[3] / "docs" / "request.json"
PLAN = "evergreen-ppo-silver"
ROW = {"label": "A-1", "plan": PLAN, "zip": "98101", "first_day": "2026-11-30", "services": "97110:30"}
ANSWER_271 = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1200*^*00501*000000001*0*P*:~"
    "GS*HB*PAYER*CLINIC*20261120*1200*1*X*005010X279A1~ST*271*0001*005010X279A1~BHT*0022*11*1*20261120*1200~"
    "HL*1**20*1~NM1*PR*2*EXAMPLE PAYER*****PI*1~HL*2*1*21*1~NM1*1P*2*CLINIC*****XX*1234567893~"
    "HL*3*2*22*0~NM1*IL*1*DOE*JANE****MI*ABC123~EB*1**30**EXAMPLE PPO~"
    "EB*C*IND*30***23*1500****Y~EB*C*IND*30***29*900****Y~SE*12*0001~GE*1*1~IEA*1*000000001~"
)


@pytest.fixture
def request_() -> dict[str, Any]:
    """The request of the documentation."""
    read: dict[str, Any] = json.loads(REQUEST.read_text("utf-8"))
    return read


def problems(answer: Any, status: int) -> list[tuple[str, str]]:
    """Return the problems of a refusal."""
    assert status == answer.status_code
    return [(each["path"], each["message"]) for each in answer.json["problems"]]


def test_an_estimate_is_that_of_the_contract(call: Call, request_: dict[str, Any]) -> None:
    """Its lines sum to its visits, and its visits to its total."""
    answer = call("POST", "/estimates", json=request_).json
    cents = [round(100 * float(line["patient_owes"])) for visit in answer["visits"] for line in visit["lines"]]

    assert ("480.00", "1020.00") == (answer["settled"]["typical"], answer["patient_owes"]["typical"])
    assert 102_000 == sum(cents)


def test_an_estimate_is_worded_for_whom_it_is_asked(call: Call, request_: dict[str, Any]) -> None:
    """In a language, and for billing staff."""
    spanish = call("POST", "/estimates?language=es", json=request_).json
    biller = call("POST", "/estimates?reader=biller", json=request_).json

    assert spanish["summary"].startswith("Pagaría alrededor de $480")
    assert "biller" == biller["reader"]
    assert spanish["patient_owes"] == biller["patient_owes"]


@pytest.mark.parametrize("query", ["reader=nurse", "language=fr", "language=es&language=en", "reader="])
def test_a_word_that_is_none_is_refused(call: Call, request_: dict[str, Any], query: str) -> None:
    """With the words that there are."""
    name = query.partition("=")[0]

    assert [name] == [path for path, _ in problems(call("POST", f"/estimates?{query}", json=request_), 422)]


def test_every_problem_of_a_request_is_told_at_once(call: Call, request_: dict[str, Any]) -> None:
    """Each with its path."""
    wrong = {**request_, "zip": "9810", "provider": {"type": "barber"}, "extra": 1}

    assert {"zip", "provider.type", "extra"} == {
        path for path, _ in problems(call("POST", "/estimates", json=wrong), 422)
    }


@pytest.mark.parametrize("body", ["", "[]", "{", '{"plan": "a", "plan": "b"}', "NaN"])
def test_what_is_no_request_is_refused(call: Call, body: str) -> None:
    """And never a failure of the server."""
    assert problems(call("POST", "/estimates", data=body), 422)


def test_what_is_no_text_or_too_long_is_refused(call: Call) -> None:
    """Before it is read."""
    assert [("", "Send text in UTF-8; byte 1 is none.")] == problems(call("POST", "/estimates", data=b"\xff"), 422)
    assert [("", "Send at most 1 MB.")] == problems(call("POST", "/estimates", data=b"x" * 1_000_001), 413)


def test_an_address_that_is_none_is_refused_in_the_same_form(call: Call) -> None:
    """Also one that cannot be used in that way."""
    assert problems(call("GET", "/nothing"), 404)
    wrong = call("GET", "/estimates")

    assert problems(wrong, 405)
    assert "POST" in wrong.headers["Allow"]


def test_an_estimate_as_fhir_is_whole_and_sums_up(call: Call, request_: dict[str, Any]) -> None:
    """The standard's own check takes it, and the items sum to the member's liability."""
    answer = call("POST", "/estimates/advanced-eob", json=request_)
    read = ExplanationOfBenefit.model_validate(answer.json)
    owed = [
        round(100 * float(part.amount.value))
        for item in read.item
        for part in item.adjudication
        if part.category.coding[0].code == "memberliability"
    ]
    totals = {total.category.coding[0].code: float(total.amount.value) for total in read.total}

    assert "application/fhir+json" == answer.mimetype
    assert ("predetermination", "partial") == (read.use, read.outcome)
    assert (102_000, 1020.0) == (sum(owed), totals["memberliability"])
    assert {"deductible", "out-of-pocket maximum", "therapy-visits"} == {
        each.category.text for each in read.benefitBalance
    }


def test_a_line_that_needs_authorization_says_so_in_fhir(call: Call, request_: dict[str, Any]) -> None:
    """As subject to medical management, by prior authorization."""
    asked = {**request_, "plan": "example-authorization-first-visit"}
    items = call("POST", "/estimates/advanced-eob", json=asked).json["item"]
    reviews = {
        item["productOrService"]["coding"][0]["code"]: part["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
        for item in items
        for part in item["adjudication"]
        if part["category"]["coding"][0]["code"] == "medicalmanagement"
    }

    assert {"97110": "prior-auth"} == reviews


def test_plans_are_found_page_by_page(call: Call) -> None:
    """By words, by state, by market; a page beyond the last is empty."""
    found = call("GET", "/plans?words=alder&state=NC&market=marketplace").json
    beyond = call("GET", "/plans?words=alder&state=NC&market=marketplace&page=99").json

    assert (75, 50, 0) == (found["count"], len(found["plans"]), len(beyond["plans"]))
    assert {"NC"} == {state for plan in found["plans"] for state in plan["states"]}


@pytest.mark.parametrize("page", ["0", "-1", "1.0", "²", "9" * 5_000])
def test_a_page_that_is_no_number_is_refused(call: Call, page: str) -> None:
    """However long it is."""
    assert ["page"] == [path for path, _ in problems(call("GET", f"/plans?words=alder&page={page}"), 422)]


@pytest.mark.parametrize("number", ["2147483648", "6898301138847", "9" * 5_000])
def test_a_number_beyond_those_of_the_database_leads_nowhere(call: Call, number: str) -> None:
    """Whatever is done with it; another method than those of the address would say that there is such a batch."""
    assert [404, 404] == [call(method, f"/batches/{number}").status_code for method in ("GET", "DELETE")]


def test_a_plan_comes_with_the_text_that_an_estimate_rests_on(call: Call) -> None:
    """As a plan file, whatever form it is kept in."""
    revision = call("GET", f"/plans/{PLAN}").json["revisions"][0]

    assert f"plan: {PLAN}" in revision["definition"]
    assert ["plan"] == [path for path, _ in problems(call("GET", "/plans/nowhere"), 404)]


def test_the_history_of_a_plan_needs_a_token(call: Call) -> None:
    """It names who published."""
    assert problems(call("GET", f"/plans/{PLAN}/revisions"), 401)
    assert 1 == len(call("GET", f"/plans/{PLAN}/revisions", Role.VIEWER).json["revisions"])
    assert problems(call("GET", "/plans/nowhere/revisions", Role.VIEWER), 404)


def test_prices_are_those_of_the_place(call: Call) -> None:
    """Seattle, by the price book of the year; in Minneapolis also by what payers' own lists say."""
    answer = call("GET", "/prices/98101?code=97110&code=20561").json
    [near] = call("GET", "/prices/55414?code=20561").json["prices"]

    assert ["97110", "20561"] == [row["code"] for row in answer["prices"]]
    assert "32.86" == answer["prices"][0]["medicare"]
    assert ([], []) == (answer["prices"][0]["clinics_paid"], answer["prices"][0]["hospitals_paid"])
    assert [("BCBS Minnesota", 195, "56.69"), ("HealthPartners", 128, "52.97")] == [
        (one["payer"], one["clinics"], one["median"]) for one in near["clinics_paid"]
    ]
    assert problems(call("GET", "/prices/00000"), 404)
    assert [("code", "We carry no price for 'x'.")] == problems(call("GET", "/prices/98101?code=x"), 422)


STAFF_CALLS = [
    ("POST", "/authorization-checks"),
    ("POST", "/eligibility"),
    ("POST", "/batches"),
    ("GET", "/batches/1"),
    ("DELETE", "/batches/1"),
]


@pytest.mark.parametrize(("method", "path"), STAFF_CALLS)
def test_what_staff_do_needs_a_token_of_the_right_role(call: Call, app: Flask, method: str, path: str) -> None:
    """Without one 401 with what to send, with another role 403."""
    nobody = call(method, path)
    forged = app.test_client().open(f"/api/v1{path}", method=method, headers={"Authorization": "Bearer tce_a_b"})

    assert "Bearer" == nobody.headers["WWW-Authenticate"]
    assert problems(nobody, 401) == problems(forged, 401)
    assert problems(call(method, path, Role.VIEWER), 403)
    assert problems(call(method, path, Role.RULES), 403)


def test_a_check_answers_three_facts_for_each_line(call: Call, request_: dict[str, Any]) -> None:
    """As on the command line."""
    lines = call("POST", "/authorization-checks", Role.BILLING, json=request_).json["lines"]

    assert {"code_valid", "spells"} <= lines[0].keys()


def test_a_check_at_a_location_by_a_therapist(call: Call, engine: Engine, request_: dict[str, Any]) -> None:
    """Its ZIP code and the license fill what is left out, and what speaks against needling is flagged."""
    person = Person(1, "ana", "admin")
    add_account(engine, "ana", Role.ADMIN, "four blue herons")
    keep_location(engine, {"name": "Lake", "zip": "85004", "state": "AZ"}, person)
    keep_therapist(engine, {"code": "BB", "provider": "physical-therapist", "state": "AZ", "trained": "no"}, person)
    path = "/authorization-checks?location=lake&therapist=bb"
    sent = {key: each for key, each in request_.items() if key != "zip"} | {"provider": {"network": "in-network"}}
    flagged = call("POST", path, Role.BILLING, json=sent).json
    plain = call("POST", "/authorization-checks", Role.BILLING, json={**sent, "zip": "85004"}).json
    nobody = call("POST", "/authorization-checks?location=Sea&therapist=ZZ", Role.BILLING, json=request_)

    assert [True] == [each["stops"] for each in flagged["flags"]]
    assert "AZ" in flagged["flags"][0]["says"] or "Arizona" in flagged["flags"][0]["says"]
    assert ([], plain["lines"]) == (plain["flags"], flagged["lines"])
    assert ["location", "therapist"] == [where for where, _ in problems(nobody, 422)]


@pytest.mark.parametrize("path", ["/estimates", "/estimates/advanced-eob"])
def test_an_estimate_at_a_location_by_a_therapist(
    call: Call, engine: Engine, request_: dict[str, Any], path: str
) -> None:
    """Its ZIP code and the license fill what is left out; what a clinic agreed there is for those who bill."""
    person = Person(1, "ana", "admin")
    add_account(engine, "ana", Role.ADMIN, "four blue herons")
    keep_location(engine, {"name": "Lake", "zip": "85004", "state": "AZ"}, person)
    who = {"code": "AS", "provider": "physical-therapist-assistant", "state": "AZ", "trained": "no"}
    keep_therapist(engine, who, person)
    sent = {key: each for key, each in request_.items() if key != "zip"} | {"provider": {"network": "in-network"}}
    license_ = {"network": "in-network", "type": "physical-therapist-assistant"}
    at = f"{path}?location=lake&therapist=as"
    there = call("POST", at, Role.BILLING, json=sent).json
    written = call("POST", path, Role.BILLING, json={**sent, "zip": "85004", "provider": license_}).json
    nobody = call("POST", f"{path}?location=Sea&therapist=ZZ", Role.BILLING, json=request_)

    assert [401, 403] == [call("POST", at, *role, json=sent).status_code for role in ((), (Role.VIEWER,))]
    assert {**written, "created": ""} == {**there, "created": ""}
    assert ["location", "therapist"] == [where for where, _ in problems(nobody, 422)]


def test_an_answer_of_a_payer_is_read_and_keeps_nobody(call: Call) -> None:
    """What was used of the deductible, and no name."""
    answer = call("POST", "/eligibility", Role.BILLING, data=ANSWER_271)

    assert "600.00" == answer.json["request"]["used"]["deductible_paid"]
    assert [] == [word for word in ("DOE", "JANE", "ABC123") if word in answer.text]
    assert problems(call("POST", "/eligibility", Role.BILLING, data="hello"), 422)


def test_one_of_several_answers_is_read_by_its_number(call: Call) -> None:
    """Without a number, and by one that none has, they are listed without a name."""
    path, batch = "/eligibility?answer=", BATCH.replace("QUILLFEATHER", "DOE")
    asked = {each: call("POST", f"{path}{each}", Role.BILLING, data=batch) for each in ("2", "3", "0", "-1", "x", "")}
    unsaid = call("POST", "/eligibility", Role.BILLING, data=batch)
    copay = asked["2"].json["request"]["plan"]["benefits"]["physical-therapy"]["cost_share"]["in-network"]["copay"]

    assert (200, "55.00") == (asked["2"].status_code, copay)
    assert [422] * 6 == [each.status_code for each in (unsaid, *(asked[at] for at in ("3", "0", "-1", "x", "")))]
    assert [] == [word for word in ("TRACE55", "TRACE56") if word not in unsaid.text or word not in asked["3"].text]
    assert "DOE" not in unsaid.text + asked["2"].text + asked["3"].text


def test_a_batch_is_sent_answered_read_and_deleted(call: Call, engine: Engine) -> None:
    """Rows as a schedule has them; one that cannot be answered says why."""
    sent = call("POST", "/batches", Role.BILLING, json={"rows": [ROW, {**ROW, "label": "A-2", "plan": "nowhere"}]})
    number = sent.json["number"]
    answer_schedule(engine, number)
    read = call("GET", f"/batches/{number}", Role.BILLING).json
    gone = call("DELETE", f"/batches/{number}", Role.BILLING)

    assert (202, "running") == (sent.status_code, sent.json["state"])
    assert ("done", 2) == (read["state"], read["answered"])
    assert [("A-2", "refused"), ("A-1", "ask")] == [(each["label"], each["state"]) for each in read["outcomes"]]
    assert 4000 == read["outcomes"][1]["outcome"]["typical"]
    assert 204 == gone.status_code
    assert problems(call("GET", f"/batches/{number}", Role.BILLING), 404)


def test_every_mistake_of_a_batch_is_told_at_once(call: Call) -> None:
    """Each with the place of its row, and nothing is kept."""
    rows = [{**ROW, "name": "Jane"}, {"plan": PLAN}, "x", {**ROW, "zip": 98101}]
    told = problems(call("POST", "/batches", Role.BILLING, json={"rows": rows, "more": 1}), 422)

    assert ["more", "rows.0.name", "rows.1.zip", "rows.1.first_day", "rows.1.services", "rows.2", "rows.3.zip"] == [
        path for path, _ in told
    ]
    assert problems(call("GET", "/batches/1", Role.BILLING), 404)


def test_the_documentation_is_a_page_without_a_script(call: Call) -> None:
    """With every call, and nothing loaded from elsewhere."""
    page = call("GET", "/docs").text

    assert [] == [mark for mark in ("<script", "src=", "@import", "<iframe") if mark in page]
    assert [] == [path for _, path in STAFF_CALLS if path.partition("/1")[0] not in page]


def test_an_insurer_is_found_or_its_choices_are(call: Call) -> None:
    """A name that may mean several chooses nobody; without a text, and for a state that is none, it is refused."""
    one = call("GET", "/insurers?text=UHC+Choice+Plus").json
    several = call("GET", "/insurers?text=BCBS&state=CA").json

    assert {"insurer": {"id": "unitedhealthcare", "name": "UnitedHealthcare"}, "choices": []} == one
    assert several["insurer"] is None
    assert ["anthem-ca", "blue-shield-ca"] == [choice["id"] for choice in several["choices"]]
    assert ["text"] == [path for path, _ in problems(call("GET", "/insurers"), 422)]
    assert ["state"] == [path for path, _ in problems(call("GET", "/insurers?text=Aetna&state=ZZ"), 422)]


def test_plans_are_ranked_for_a_course_by_token(call: Call, request_: dict[str, Any]) -> None:
    """The plans sold in the state of the care; without a state or a token it is refused."""
    needs_state = {key: value for key, value in request_.items() if key not in ("zip", "state")}
    asked = "/estimates/ranking?market=medicare-advantage&next_year=yes"
    found = call("POST", asked, role="viewer", json={**request_, "zip": "85001"}).json

    assert {"plans", "of", "left_out", "for_some", "premiums_counted"} == set(found)
    assert [] != found["left_out"]
    assert ["state"] == [path for path, _ in problems(call("POST", asked, role="viewer", json=needs_state), 422)]
    assert 401 == call("POST", asked, json=request_).status_code
