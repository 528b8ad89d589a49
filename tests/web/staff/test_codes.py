"""A procedure code that somebody adds on a page: it counts like another one everywhere, until it is taken back."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from estimator.billing.authorization import check_authorization
from estimator.billing.authorization_answer import Habits
from estimator.billing.schedule import Books, Looked, answer_row
from estimator.billing.schedule_file import NAMES
from estimator.engine.prices import ClinicPrices, PriceEntry
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.rule_revisions import CODE
from estimator.plans.shelf import Shelf
from estimator.prices.store import Kind
from estimator.publishing.clinic_lists import read_named_list
from estimator.publishing.drafts import Signed
from estimator.publishing.rule_files import exported_rule, import_rule
from estimator.publishing.rules import (
    check_rule,
    newest_row,
    publish_rule_text,
    roll_back_rule,
    rules_now,
    text_of_rule,
)
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient, hidden

Staff = Callable[[str], StaffClient]
CUPPING = "97799"
ADDRESS = f"/staff/rules/code/{CUPPING}"
SOURCE = "source: {title: Letter of the payer, url: none, read_on: 2026-11-20, confidence: high}\n"
TEXT = f"code: {CUPPING}\nwords: Cupping\ntimed: no\nlike: 97110\n{SOURCE}"
ME = Signed("Ana", "Asked for by the desk")
TODAY = date(2026, 11, 30)
TYPED = {
    "kind": "code",
    "code": CUPPING,
    "own_words": "Cupping",
    "timed": "no",
    "like": "97110",
    "source_title": "Letter of the payer",
    "source_read_on": "2026-11-20",
}


def published(shelf: Shelf, text: str = TEXT, code: str = CUPPING) -> None:
    """Publish a text of a code."""
    publish_rule_text(shelf, CODE, code, text, newest_row(shelf.engine, CODE, code), ME)


def request_of(code: str, plan: str = "template-employer-ppo", **more: Any) -> dict[str, Any]:
    """Return a request for three visits with one service."""
    service = {"code": code, "allowed": "60.00", "billed": "90.00", **more}
    visits = [{"day": f"2026-12-0{day}", "services": [service]} for day in (1, 3, 7)]
    return {"plan": plan, "zip": "60601", "visits": visits}


def answered(shelf: Shelf, request: Mapping[str, Any], as_of: date = TODAY) -> Mapping[str, Any]:
    """Return the answer to a request."""
    return answer_json(answer_of(*estimate_asked(read_request(request, as_of), shelf), {}))


def told(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what an answer says of the money, of its lines and of what is open."""
    lines = [
        (line["status"], line["units"], line.get("benefit")) for visit in answer["visits"] for line in visit["lines"]
    ]
    return answer["patient_owes"], answer["settled"], lines, [one["about"] for one in answer["open_points"]]


def test_a_code_is_added_on_the_page_counted_everywhere_and_taken_back(rules: StaffClient, engine: Engine) -> None:
    """Its estimate is that of the code it counts like, and afterward what it was before, to the cent."""
    shelf = Shelf(engine)
    before, like = answered(shelf, request_of(CUPPING)), answered(shelf, request_of("97110"))
    started = rules.post("/staff/rules/", data=TYPED)
    preview = rules.get(started.location).text
    draft = started.location.removesuffix("/preview")
    done = rules.post(f"{draft}/publish", data={"version": hidden(preview, "version"), "note": "Letter of the payer"})
    added, named = answered(shelf, request_of(CUPPING)), shelf.shared.services.codes
    page = rules.get(ADDRESS).text
    back = {"seen": hidden(page, "seen"), "note": "Misread"}
    rolled = rules.post(f"{ADDRESS}/roll-back", data=back)

    shown = " ".join(page_of(preview).text.split())
    assert "Now: Cupping." in shown
    assert "It counts like 97110." in shown
    assert "One visit, an evaluation, with 97799 instead of 97161" in shown
    assert re.search(r"[1-9]\d* of \d+ plans tried change", shown)
    assert (303, ADDRESS) == (done.status_code, done.location)
    assert told(before) != told(added) == told(like)
    assert "Cupping" == named[CUPPING].name
    assert "Letter of the payer" in page_of(page).text
    assert 303 == rolled.status_code
    assert told(before) == told(answered(shelf, request_of(CUPPING)))
    assert CUPPING not in shelf.shared.services.codes


def test_what_is_missing_or_cannot_be_is_said_by_its_box(rules: StaffClient) -> None:
    """And what was typed stays."""
    wrong = {
        "code": "9779",
        "own_words": "",
        "timed": "",
        "like": "",
        "source_title": "",
        "source_read_on": "yesterday",
    }
    refused = rules.post("/staff/rules/", data={**TYPED, **wrong})
    needling = rules.post("/staff/rules/", data={**TYPED, "like": "20560"})
    there = rules.post("/staff/rules/", data={**TYPED, "code": "97110"})
    address = rules.post("/staff/rules/", data={**TYPED, "source_url": "https://example.org/list #2"})

    assert [422] * 4 == [one.status_code for one in (refused, needling, there, address)]
    assert "Enter an address such as" in page_of(address.text).text
    words = page_of(refused.text).text
    for said in ("five characters", "your own words", "how it is billed", "counts like", "the document", "Enter a day"):
        assert said in words
    assert "Laws and plans speak of needling by its two codes alone" in page_of(needling.text).text
    assert "There is a code 97110 already" in page_of(there.text).text
    assert 'value="Cupping"' in there.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXT.replace("97110", "97998"), "Enter a code that ships with the program"),
        (TEXT + "classes: [pt-tmed]\n", "There is no class 'pt-tmed'"),
        (TEXT.replace(SOURCE, ""), "Enter `source:`"),
        (TEXT.replace("no\n", "sometimes\n", 1), "yes or no"),
        (TEXT.replace("words: Cupping", 'words: " "'), "Enter between 1 and"),
        (TEXT.replace("Cupping", "x" * 121), "your own words"),
        (TEXT.replace("97799", "97110").replace("like: 97110", "like: 20561"), "needling by its two codes"),
        (TEXT.replace(CUPPING, "G0283"), "Start another draft"),
        (TEXT.replace("2026-11-20", "2027-11-20"), "today at the latest"),
    ],
)
def test_a_text_that_cannot_be_is_refused_at_its_line(text: str, words: str, engine: Engine) -> None:
    """Each in words that say what to enter."""
    checked = check_rule(Shelf(engine), CODE, "97110" if "code: 97110" in text else CUPPING, text)

    assert words in " ".join(problem.message for problem in checked.problems)


def test_a_code_holds_from_its_day_and_in_the_classes_that_are_named(engine: Engine) -> None:
    """Timed, it is counted by minutes; before its first day nobody knows it."""
    shelf = Shelf(engine)
    request = request_of(CUPPING, minutes=38)
    published(shelf, TEXT.replace("timed: no", "timed: yes") + "in_force: {first_day: 2026-12-03}\n")
    units = [visit["lines"][0]["units"] for visit in answered(shelf, request)["visits"]]
    published(shelf, TEXT + "classes: [chiropractic]\n")
    classes = shelf.shared.services.classes
    moved = shelf.find("template-employer-ppo", TODAY)

    assert [1, 3, 3] == units
    assert CUPPING in classes["chiropractic"] & classes["every-service"]
    assert CUPPING not in classes["pt-timed"] | classes["all-therapy"]
    assert not any(CUPPING in each.services for each in moved.benefits if "97110" in each.services)


def test_a_code_that_ships_is_corrected_and_keeps_its_marks(engine: Engine) -> None:
    """Group therapy that counts like exercise is timed, in its classes alone; fingerprints of plans stay."""
    shelf = Shelf(engine)
    plan = shelf.find("template-employer-ppo", TODAY)
    (ships,) = rules_now(shelf, CODE, "97150")
    text = text_of_rule(shelf, ships)
    published(shelf, text.replace("timed: no\nlike: 97150", f"timed: yes\nlike: 97110\n{SOURCE}"), "97150")
    classes, after = shelf.shared.services.classes, shelf.find("template-employer-ppo", TODAY)

    assert ("97150" in classes["pt-timed"], "97150" in classes["pt-untimed"]) == (True, False)
    assert plan.fingerprint == after.fingerprint
    assert 3 == answered(shelf, request_of("97150", minutes=45))["visits"][0]["lines"][0]["units"]


def test_an_earlier_answer_goes_by_what_was_published_then(engine: Engine) -> None:
    """A question asked as of a day before the code was published knows nothing of it."""
    shelf = Shelf(engine)
    before = answered(shelf, request_of(CUPPING, minutes=38), date(2026, 11, 2))
    published(shelf, TEXT.replace("timed: no", "timed: yes"))

    assert told(before) == told(answered(shelf, request_of(CUPPING, minutes=38), date(2026, 11, 2)))


def test_the_desk_the_lists_and_the_api_know_it(app: Flask, engine: Engine) -> None:
    """The schedule answers a row, the contract reads it without a warning, and a price is asked for by its code."""
    shelf = Shelf(engine)
    contract = b"plan,code,amount,basis\n" + b"".join(
        b"template-employer-ppo,%s,61.00,per-line\n" % code.encode() for code in (CUPPING, "97110")
    )
    unknown = read_named_list(shelf, Kind.CONTRACT, contract, "contract.csv").unknown_codes
    no_price = app.test_client().get(f"/api/v1/prices/60601?code={CUPPING}").status_code
    published(shelf)
    known = read_named_list(shelf, Kind.CONTRACT, contract, "contract.csv")
    asked = app.test_client().get(f"/api/v1/prices/60601?code={CUPPING}")
    row = {**dict.fromkeys(NAMES, ""), "plan": "template-employer-ppo", "first_day": "12/3/2026", "zip": "60601"}
    priced = tuple(entry for entry in known.entries if isinstance(entry, PriceEntry))
    desk = Books(TODAY, Looked(shelf), ClinicPrices(priced), None)
    answers = [answer_row({**row, "services": code}, desk) for code in (CUPPING, "97110")]
    client = app.test_client()
    assert isinstance(client, StaffClient)
    posted = client.post_without_mark("/api/v1/estimates", json=request_of(CUPPING))
    cash = answered(shelf, request_of(CUPPING, "self-pay"))
    check = check_authorization(read_request(request_of(CUPPING), TODAY), Habits(), shelf)

    assert ((CUPPING,), 422) == (unknown, no_price)
    assert ((), 200) == (known.unknown_codes, asked.status_code)
    assert "Cupping" == asked.json["prices"][0]["name"]
    assert "0.00" < cash["patient_owes"]["typical"]
    assert check.lines
    assert answers[0]["typical"] == answers[1]["typical"]
    assert "payable" == posted.json["visits"][0]["lines"][0]["status"]


def test_a_code_travels_as_a_file_and_a_conflict_publishes_nothing(engine: Engine) -> None:
    """What one installation exports another one takes, once; what both changed is shown side by side."""
    shelf = Shelf(engine)
    published(shelf)
    first = exported_rule(shelf, CODE, CUPPING)
    again = import_rule(shelf, first, ME)
    changed = import_rule(shelf, first.replace("words: Cupping", "words: Cupping of the back"), ME)
    conflict = import_rule(shelf, first.replace("words: Cupping", "words: Suction"), ME)
    ships = import_rule(shelf, exported_rule(shelf, CODE, "97110"), ME)

    assert (again.is_same, changed.is_published, ships.is_same) == (True, True, True)
    assert (conflict.is_conflict, conflict.is_published) == (True, False)
    assert "Cupping of the back" in conflict.ours
    roll_back_rule(engine, CODE, CUPPING, ME, newest_row(engine, CODE, CUPPING))
    assert "Cupping" == rules_now(shelf, CODE, CUPPING)[0].rule.title.split(maxsplit=1)[1]


def test_two_who_add_one_code_lose_nothing(rules: StaffClient, staff: Staff) -> None:
    """The second is refused, sees what the first published, and puts both together."""
    admin = staff("admin")
    first = rules.post("/staff/rules/", data=TYPED).location.removesuffix("/preview")
    second = admin.post("/staff/rules/", data={**TYPED, "own_words": "Suction"}).location.removesuffix("/preview")
    marks = [hidden(who.get(f"{draft}/preview").text, "version") for who, draft in ((rules, first), (admin, second))]
    done = rules.post(f"{first}/publish", data={"version": marks[0], "note": "Letter"})
    late = admin.post(f"{second}/publish", data={"version": marks[1], "note": "Letter"})
    joined = admin.post(f"{second}/rebase", data={"version": marks[1]})
    text = admin.get(second).text

    assert [303, 409, 303] == [one.status_code for one in (done, late, joined)]
    assert "words: Cupping" in text
    assert "words: Suction" in text
