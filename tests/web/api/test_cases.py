"""Cases and alerts by token, for the clinic's own programs."""

from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing.alerts import raise_alerts
from estimator.billing.authorization_answer import Habits
from estimator.billing.needs import Thresholds
from estimator.billing.register import keep_location, keep_therapist
from estimator.clock import today
from estimator.plans.shelf import Shelf
from tests.web.api.conftest import Call

CASE = {
    "label": "A-1",
    "plan": "template-employer-hmo",
    "services": "97110:30",
    "therapist": "TP",
    "location": "Lake",
    "visits_used": "11",
    "authorization": "yes",
    "authorization_visits": "12",
    "authorization_used": "11",
}


def test_a_case_is_opened_added_to_and_read(call: Call) -> None:
    """Its counters move with each visit."""
    opened = call("POST", "/cases", Role.BILLING, json=CASE)
    visit = {"kind": "visit", "day": "2026-01-05", "content": {"services": "97110:30", "allowed": [6000]}}
    number = opened.json["number"]
    added = call("POST", f"/cases/{number}/entries", Role.BILLING, json={**visit, "day": today().isoformat()})
    listed = call("POST", "/cases/search", Role.BILLING, json={"label": "a-", "plan": CASE["plan"]})
    others = call("POST", "/cases/search", Role.BILLING, json={"label": "b-"})
    wrong = call("POST", "/cases/search", Role.BILLING, json={"label": "", "name": "x", "plan": 1})

    assert (201, 201) == (opened.status_code, added.status_code)
    # The last is the maximum of the year, of which nobody has told.
    assert [12, 12, None] == [counter["used"] for counter in added.json["counters"]]
    assert ["A-1"] == [case["label"] for case in listed.json["cases"]]
    assert ([], 422) == (others.json["cases"], wrong.status_code)
    assert ["label", "name", "plan"] == [problem["path"] for problem in wrong.json["problems"]]
    # An address is kept in the logs of proxies: no label stands in one.
    for path, methods in call("GET", "/openapi.json").json["paths"].items():
        asked = [each["name"] for each in methods.get("get", {}).get("parameters", []) if each["in"] == "query"]
        assert {"label", "case"}.isdisjoint(asked), path
    for of, there in (("therapist=TP&location=Lake&plan=", 1), ("therapist=MK&plan=", 0), ("location=lake&plan=", 0)):
        narrowed = call("GET", f"/cases?{of}{CASE['plan']}", Role.BILLING).json["cases"]
        assert ([("TP", "Lake")] * there) == [(case["therapist"], case["location"]) for case in narrowed]
    assert added.json == call("GET", f"/cases/{number}", Role.BILLING).json


def test_a_request_is_answered_and_a_visit_taken_back_by_the_entry_that_each_stands_for(call: Call) -> None:
    """Sent twice, or for an entry of another kind, it is refused."""
    number = call("POST", "/cases", Role.BILLING, json=CASE).json["number"]

    def add(kind: str, corrects: object = None, **content: object) -> tuple[int, dict[str, object]]:
        sent = {"kind": kind, "day": today().isoformat(), "content": content}
        sent |= {} if corrects is None else {"corrects": corrects}
        added = call("POST", f"/cases/{number}/entries", Role.BILLING, json=sent)
        return added.status_code, added.json

    asked = add("grant", status="requested", visits=8)[1]["entries"][-1]["number"]
    given = add("visit", services="97110:30")[1]["entries"][-1]["number"]
    twice = add("visit", services="97110:30")
    answered = add("grant", asked, status="denied", reason="Not urgent")[1]["entries"][-1]
    void = add("visit", given, void=True)
    wrong = [add("visit", corrects, void=True)[0] for corrects in (given, asked, 0, True, "3", 10**12)]

    assert (422, 201) == (twice[0], void[0])
    assert {"requested_visits": 8, "requested_on": today().isoformat()}.items() <= answered["content"].items()
    assert [11, 11] == [counter["used"] for counter in void[1]["counters"][:2]]
    assert {422} == set(wrong)


def test_what_cannot_be_kept_is_refused_key_by_key(call: Call) -> None:
    """And a case that there is not is not found."""
    wrong = call("POST", "/cases", Role.BILLING, json={**CASE, "authorization_units": "x", "shade": "red"})
    units = call("POST", "/cases", Role.BILLING, json={**CASE, "authorization_units": "x"})
    call("POST", "/cases", Role.BILLING, json=CASE)
    entry = {"kind": "grant", "day": "2026-01-05", "content": {"status": "approved", "visits": "8", "x": 1}}
    refused = call("POST", "/cases/1/entries", Role.BILLING, json=entry)

    assert ["shade"] == [problem["path"] for problem in wrong.json["problems"]]
    assert ["authorization_units"] == [problem["path"] for problem in units.json["problems"]]
    assert ["content.visits", "content.x"] == [problem["path"] for problem in refused.json["problems"]]
    assert 404 == call("GET", "/cases/9", Role.BILLING).status_code


def test_a_case_says_who_may_not_needle(call: Call, engine: Engine) -> None:
    """By the register, for its therapist at its location."""
    add_account(engine, "ana", Role.ADMIN, None)
    person = Person(1, "ana", "admin")
    keep_location(engine, {"name": "Lake", "zip": "85004", "state": "AZ"}, person)
    keep_therapist(engine, {"code": "TP", "provider": "physical-therapist", "state": "AZ", "trained": "no"}, person)
    sent = {**CASE, "services": "97110:30 20561"}
    flagged = call("POST", "/cases", Role.BILLING, json=sent).json["flags"]
    without = call("POST", "/cases", Role.BILLING, json={**CASE, "label": "A-2"}).json["flags"]

    assert ([True], []) == ([flag["stops"] for flag in flagged], without)
    assert flagged[0]["says"].startswith("TP has no training in needling, and Arizona asks for it")


def test_alerts_are_polled_by_number(call: Call, engine: Engine) -> None:
    """After the last one there is nothing until the watch finds more."""
    call("POST", "/cases", Role.BILLING, json=CASE)
    raise_alerts(Shelf(engine), today(), Habits(), Thresholds())
    first = call("GET", "/alerts", Role.BILLING).json["alerts"]

    assert [("A-1", "authorization-near")] == [(alert["label"], alert["kind"]) for alert in first]
    assert [] == call("GET", f"/alerts?after={first[-1]['number']}", Role.BILLING).json["alerts"]
    assert 422 == call("GET", "/alerts?after=x", Role.BILLING).status_code


def test_only_the_billing_desk_may_ask(call: Call) -> None:
    """Neither nobody nor a reader."""
    assert [401, 403] == [call("GET", "/cases", role).status_code for role in ("", Role.VIEWER)]
