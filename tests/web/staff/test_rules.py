"""The pages of rules that many plans follow: changed once, tried on all of their plans, published and taken back."""

from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import Engine

from estimator.accounts.audit import Sought, read_log
from estimator.accounts.sign_in import Person
from estimator.billing.cases import open_case
from estimator.billing.schedule_file import NAMES
from estimator.clock import now_utc
from estimator.db.connection import reading
from estimator.errors import ConflictingRule
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.saved import made_again, save_estimate, saved_estimate
from estimator.plans.rule_revisions import LAYER, RuleRevision, rule_history
from estimator.plans.shelf import Shelf
from estimator.publishing.drafts import Signed
from estimator.publishing.rule_files import exported_rule, import_rule
from estimator.publishing.rules import (
    publish_rule_draft,
    publish_rule_text,
    rebase_rule_draft,
    rule_draft,
    rules_now,
    save_rule_draft,
    start_rule_draft,
    text_of_rule,
)
from estimator.web.common import kept_plans
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient, hidden

Staff = Callable[[str], StaffClient]
RULE = "usual-employer"
ADDRESS = f"/staff/rules/layer/{RULE}"
PLAN = "template-employer-ppo"
SERVICES = [{"code": "97110", "allowed": "60.00"}, {"code": "20561", "allowed": "45.00", "billed": "60.00"}]
REQUEST = {"plan": PLAN, "zip": "60601", "visits": [{"day": "2026-12-01", "services": SERVICES}]}
NEW_POLICY = {
    "needling": "covered",
    "source_title": "Medical policy MP-214",
    "source_place": "page 3",
    "source_read_on": "2026-11-29",
    "source_confidence": "high",
}


def started(client: StaffClient) -> str:
    """Start a draft of the rule and return its address."""
    mark = hidden(client.get(ADDRESS).text, "fingerprint")
    answer = client.post(f"{ADDRESS}/drafts", data={"fingerprint": mark})
    assert 303 == answer.status_code
    return answer.location


def filled_in(client: StaffClient, address: str, **typed: str) -> Any:
    """Fill in the form of a draft."""
    version = hidden(client.get(f"{address}/form").text, "version")
    return client.post(f"{address}/form", data={"version": version, **NEW_POLICY, **typed})


def published(client: StaffClient, address: str, note: str = "New policy MP-214") -> Any:
    """Publish a draft as its preview offers it."""
    version = hidden(client.get(f"{address}/preview").text, "version")
    return client.post(f"{address}/publish", data={"version": version, "note": note})


def answered(engine: Engine) -> Mapping[str, Any]:
    """Answer a visit with dry needling as the rules are now."""
    asked = read_request(REQUEST, date(2026, 11, 30))
    return answer_json(answer_of(*estimate_asked(asked, Shelf(engine)), {}))


def log(engine: Engine) -> list[str]:
    return [entry.did for entry in read_log(engine, Sought()).entries]


def test_a_needling_policy_is_changed_for_every_plan_and_taken_back(rules: StaffClient, engine: Engine) -> None:
    """With what it does to plans, a saved estimate and an open case before it is published; the log keeps each step."""
    before = answered(engine)
    save_estimate(Shelf(engine), {}, REQUEST, before, 30, now_utc())
    care = {"plan": PLAN, "zip": "60601", "services": "97110; 20561", "first_day": "2026-12-01"}
    open_case(
        engine, "MK-1", {**dict.fromkeys(NAMES, ""), **care}, Person(1, "some-admin", "admin"), date(2026, 11, 20)
    )
    address = started(rules)
    filled_in(rules, address)
    preview = " ".join(page_of(rules.get(f"{address}/preview").text).text.split())
    done = published(rules, address)
    moved, page = answered(engine), page_of(rules.get(ADDRESS).text).text
    back = {"seen": hidden(rules.get(ADDRESS).text, "seen"), "note": "Misread"}
    rolled = rules.post(f"{ADDRESS}/roll-back", data=back)

    assert "Dry needling (20560, 20561) is covered." in preview
    assert "1 of 1 saved estimates change" in preview
    assert "1 of 1 open cases change" in preview
    assert "Six visits with dry needling" in preview
    assert (303, ADDRESS) == (done.status_code, done.location)
    assert before != moved
    assert "Medical policy MP-214 (read 2026-11-29)" in page
    assert "New policy MP-214" in page
    assert 303 == rolled.status_code
    assert before == answered(engine)
    assert {"rule-draft-started", "rule-draft-saved", "rule-published", "rule-rolled-back"} <= {*log(engine)}


def test_what_changes_without_a_source_is_asked_for_and_kept(rules: StaffClient) -> None:
    """The form comes back as it was filled in, with what to enter."""
    address = started(rules)
    answer = filled_in(rules, address, source_title="", source_read_on="", title="Employer plans, changed")
    said = page_of(answer.text).errors()

    assert 422 == answer.status_code
    assert said["source_title"].startswith("Enter the document that says so")
    assert "Enter the day you read it." == said["source_read_on"]
    assert "Employer plans, changed" in answer.text


def test_every_mistake_of_a_rule_is_shown_at_its_line(rules: StaffClient) -> None:
    """The draft is kept all the same, and can't be published."""
    address = started(rules)
    page = rules.get(address).text
    text = "layer: usual-employer\ntitle: Employer\nmarkets: [employers]\nin_force: {first_day: soon}\npolicies: []\n"
    rules.post(address, data={"version": hidden(page, "version"), "text": text})
    shown = page_of(rules.get(address).text)
    refused = rules.post(
        f"{address}/publish", data={"version": hidden(rules.get(address).text, "version"), "note": "x"}
    )

    assert "2 problems to correct" in shown.text
    assert "Line 3" in shown.text
    assert "markets: [employers]" in shown.text
    assert 422 == refused.status_code


def test_a_draft_is_for_its_own_rule_alone(rules: StaffClient) -> None:
    """Another name would publish what nobody looked at."""
    address = started(rules)
    page = rules.get(address).text
    text = "layer: other\ntitle: Other\nmarkets: [employer]\nstates: [TX]\nin_force: {first_day: 2026-01-01}\n"
    rules.post(address, data={"version": hidden(page, "version"), "text": text})

    assert "Start another draft for" in page_of(rules.get(address).text).text


def test_two_who_save_and_two_who_publish_lose_nothing(rules: StaffClient, staff: Staff) -> None:
    """The second is told each time what the first did, and goes on from there."""
    other, address = staff("admin"), started(rules)
    seen = hidden(rules.get(address).text, "version")
    text = "layer: usual-employer\ntitle: MINE\nmarkets: [employer, fehb]\nin_force: {first_day: 2025-01-01}\n"
    other.post(address, data={"version": seen, "text": text.replace("MINE", "THEIRS")})
    second = rules.post(address, data={"version": seen, "text": text})
    one, two = started(rules), started(other)
    filled_in(rules, one)
    filled_in(other, two, title="Employer plans, renamed")
    published(rules, one)
    refused = published(other, two)
    rebased = other.post(f"{two}/rebase", data={"version": hidden(refused.text, "version")})

    assert 409 == second.status_code
    assert "MINE" in second.text
    assert "THEIRS" in second.text
    assert 409 == refused.status_code
    assert "some-rules published this rule in the meantime" in page_of(refused.text).text
    assert 303 == rebased.status_code
    assert "Employer plans, renamed" in other.get(two).text


def test_what_is_published_while_a_text_is_read_is_never_overwritten(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by a draft that starts then, nor by one that takes in what was published, nor by a file."""
    shelf, ana, ben = Shelf(engine), Signed("Ana", "Theirs"), Signed("Ben", "Mine")
    (now,) = rules_now(shelf, LAYER, RULE)
    text, file = text_of_rule(shelf, now), exported_rule(shelf, LAYER, RULE)

    def publish_next(module: str, title: str) -> None:
        def meanwhile(*given: Any) -> str:
            monkeypatch.undo()
            read = text_of_rule(*given)
            newest = max((one.id for one in rule_history_of(engine)), default=None)
            publish_rule_text(shelf, LAYER, RULE, text.replace(now.rule.title, title), newest, ana)
            return read

        monkeypatch.setattr(f"estimator.publishing.{module}.text_of_rule", meanwhile)

    publish_next("rule_files", "Theirs")
    with pytest.raises(ConflictingRule):
        import_rule(shelf, file.replace(now.rule.title, "Mine"), ben)
    (theirs,) = rules_now(shelf, LAYER, RULE)
    publish_next("rules", "Theirs again")
    draft = start_rule_draft(shelf, LAYER, RULE, theirs.rule.fingerprint, "Ben")
    draft = save_rule_draft(engine, draft.id, draft.version, draft.text.replace("title: Theirs", "title: Mine"), "Ben")
    with pytest.raises(ConflictingRule):
        publish_rule_draft(shelf, draft, ben)
    publish_next("rules", "Theirs at last")
    rebased, _ = rebase_rule_draft(shelf, draft.id, draft.version, "Ben")
    with pytest.raises(ConflictingRule):
        publish_rule_draft(shelf, save_rule_draft(engine, rebased.id, rebased.version, draft.text, "Ben"), ben)


def test_what_somebody_published_meanwhile_is_shown_not_what_is_for_later_days(
    rules: StaffClient, engine: Engine
) -> None:
    """What they changed is what putting the draft on the newer text would take in."""
    shelf, ana = Shelf(engine), Signed("Ana", "Two texts")
    (now,) = rules_now(shelf, LAYER, RULE)
    text, span = text_of_rule(shelf, now), "in_force: {first_day: 2025-01-01}"
    assert span in text

    def publish_next(title: str, days: str) -> None:
        newest = max((one.id for one in rule_history_of(engine)), default=None)
        changed = text.replace(now.rule.title, title).replace(span, f"in_force: {{{days}}}")
        publish_rule_text(shelf, LAYER, RULE, changed, newest, ana)

    publish_next("Zones, later", "first_day: 2027-01-01")
    address = started(rules)
    filled_in(rules, address)
    publish_next("Earlier", "first_day: 2025-01-01, last_day: 2026-12-31")
    refused = published(rules, address)

    assert 409 == refused.status_code
    assert "+title: Earlier" in refused.text
    assert "+title: Zones, later" not in refused.text


def test_a_new_rule_starts_from_its_scope(rules: StaffClient) -> None:
    """A name in use is refused, and what was typed stays."""
    typed = {"name": RULE, "title": "Mine", "market": "employer"}
    refused = rules.post("/staff/rules/", data=typed)
    begun = rules.post("/staff/rules/", data={**typed, "name": "aetna-texas", "insurer": "aetna"})

    assert 422 == refused.status_code
    assert 'value="Mine"' in refused.text
    assert "insurers: [aetna]" in rules.get(begun.location).text


def test_the_list_is_narrowed_by_insurer_and_kind(rules: StaffClient) -> None:
    """By what a person knows of a rule."""
    aetna = page_of(rules.get("/staff/rules/?insurer=aetna").text).text
    words = page_of(rules.get("/staff/rules/?words=employer+plans").text).text

    assert ("Aetna" in aetna, "Employer plans in general" in aetna) == (True, False)
    assert "1 rule in force" in words


def test_a_states_law_is_corrected_from_a_day_and_taken_back(rules: StaffClient, engine: Engine) -> None:
    """Visits before that day, and estimates that were kept before, follow the law as it was."""
    law = "/staff/rules/state-law/IL"
    before = answered(engine)
    kept = save_estimate(Shelf(engine), {}, REQUEST, before, 30, now_utc())
    address = _changed(rules, law, ("status: permitted", "in_force: {first_day: 2026-12-01}\n  status: prohibited"))
    preview = " ".join(page_of(rules.get(f"{address}/preview").text).text.split())
    published(rules, address, "Public Act 1")
    shelf = Shelf(engine)
    status = [shelf.rules_on(day).states["IL"].status for day in (date(2026, 11, 30), date(2026, 12, 1))]
    moved = answered(engine)
    saved = saved_estimate(engine, kept.link, now_utc())
    assert saved
    again = made_again(Shelf(engine), saved).estimate
    rules.post(f"{law}/roll-back", data={"seen": hidden(rules.get(law).text, "seen"), "note": "Misread"})

    assert "Prohibited: " in preview
    assert "plans tried change" in preview
    assert ["permitted", "prohibited"] == status
    assert before != moved
    assert again
    assert str(again.typical.owes) == before["patient_owes"]["typical"]
    assert before == answered(engine)


def test_what_is_usual_in_a_market_is_changed_in_the_same_way(rules: StaffClient, engine: Engine) -> None:
    """With its mistakes told by line, and figures that stand in for unknown ones moved from then on."""
    usual = "/staff/rules/usual/employer"
    wrong = _changed(rules, usual, ("usual: 40.00", "usual: 4000.00"))
    told = page_of(rules.get(wrong).text).text
    address = _changed(rules, usual, ("usual: 40.00", "usual: 50.00"))
    done = published(rules, address, "Survey of 2026")

    assert "Enter figures that rise: low, then usual, then high." in told
    assert 303 == done.status_code
    assert "Copay: 20.00 to 75.00, usually 50.00." in page_of(rules.get(usual).text).text
    assert 5000 == Shelf(engine).rules_on(date(2026, 12, 1)).usual["employer"].copay.usual


def _changed(client: StaffClient, rule: str, change: tuple[str, str]) -> str:
    """Start a draft of a rule, change its text, and return its address."""
    mark = hidden(client.get(rule).text, "fingerprint")
    address = client.post(f"{rule}/drafts", data={"fingerprint": mark}).location
    page = client.get(address).text
    text = rule_draft(client_engine(client), int(address.rpartition("/")[2])).text
    assert change[0] in text
    client.post(address, data={"version": hidden(page, "version"), "text": text.replace(*change, 1)})
    return str(address)


def client_engine(client: StaffClient) -> Engine:
    """Return the database of the app that a browser speaks with."""
    return kept_plans(client.application).engine


def test_a_rule_travels_as_a_file_and_a_conflict_publishes_nothing(rules: StaffClient, engine: Engine) -> None:
    """By the page and by the function that the command and the API call; what both sides changed is shown."""
    address = started(rules)
    filled_in(rules, address)
    published(rules, address)
    file = rules.get(f"{ADDRESS}/file").text
    same = rules.post("/staff/rules/import", data={"text": file})
    rules.post(f"{ADDRESS}/roll-back", data={"seen": hidden(rules.get(ADDRESS).text, "seen"), "note": "Misread"})
    taken = import_rule(Shelf(engine), file, Signed("Ana", "Tried in test"))
    other = started(rules)
    filled_in(rules, other, needling="bundled", title="Ours")
    published(rules, other, "Said otherwise here")
    refused = import_rule(Shelf(engine), file, Signed("Ana", "Tried in test"))
    shown = rules.post("/staff/rules/import", data={"text": file})
    drafted = rules.post("/staff/rules/import", data={"text": file, "anyway": "yes"})

    assert file.startswith("# A rule of the therapy cost estimator.")
    assert "in force here already" in page_of(same.text).text
    assert (taken.is_published, taken.is_conflict) == (True, False)
    assert (refused.is_published, refused.is_conflict) == (False, True)
    assert 409 == shown.status_code
    assert "title: Ours" in shown.text
    assert "Medical policy MP-214" in shown.text
    assert 303 == drafted.status_code
    assert "bundled" in Shelf(engine).layers_after(rule_history_of(engine))[0].policies[0].position


def test_a_file_that_is_no_rule_is_refused_in_words(rules: StaffClient) -> None:
    """With what to enter instead."""
    answer = rules.post("/staff/rules/import", data={"file": (BytesIO(b"plan: x\n"), "x.yaml")})

    assert 422 == answer.status_code
    assert "Enter a file with one rule" in page_of(answer.text).text


def rule_history_of(engine: Engine) -> tuple[RuleRevision, ...]:
    with reading(engine) as connection:
        return rule_history(connection, "layer", RULE)


def test_a_text_that_is_too_long_comes_back_as_it_was_typed(rules: StaffClient) -> None:
    """With what to do about it; the draft is as it was."""
    address = started(rules)
    page = rules.get(address).text
    typed = page_of(page).one("textarea").text + "# One more remark.\n" * 12_000
    answer = rules.post(address, data={"text": typed, "version": hidden(page, "version")})

    assert 422 == answer.status_code
    assert "below 200,000 characters" in answer.text
    assert 12_000 == page_of(answer.text).one("textarea").text.count("# One more remark.")
    assert "# One more remark." not in rules.get(address).text
