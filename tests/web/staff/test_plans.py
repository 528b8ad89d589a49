"""The pages of the people who keep the plans: a rule corrected, seen by patients, and taken back."""

import re
from collections.abc import Callable

from sqlalchemy import Engine

from estimator.plans.shelf import Shelf
from estimator.publishing.drafts import draft_of, drafts_of
from estimator.publishing.roll import to_confirm
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient

Staff = Callable[[str], StaffClient]
PLAN = "evergreen-ppo-silver"
ADDRESS = f"/staff/plans/{PLAN}"


def active(engine: Engine) -> int:
    """Return the revision from which the plan was filled in, or the newest."""
    return Shelf(engine).history(PLAN)[0].id


def started(client: StaffClient, engine: Engine) -> str:
    """Start a draft and return its address."""
    answer = client.post(f"{ADDRESS}/drafts", data={"revision": str(active(engine))})
    assert 303 == answer.status_code
    return answer.location


def version(page: str) -> str:
    """Return the version that a form of a page was filled in from."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def saved(client: StaffClient, engine: Engine, address: str, *changes: tuple[str, str]) -> str:
    """Save a draft with some words changed, and return its version."""
    text = draft_of(engine, int(address.rpartition("/")[2])).text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    answer = client.post(address, data={"text": text, "version": version(client.get(address).text)})
    assert 303 == answer.status_code
    return version(client.get(address).text)


COPAY = ("{copay: 40.00, per: visit", "{copay: 45.00, per: visit")
# The plan's own examples say what the new copay makes of them.
EXAMPLES = (
    ("expect: {patient_owes: 480.00}", "expect: {patient_owes: 540.00}"),
    ("{patient_owes: 520.00, conditions", "{patient_owes: 585.00, conditions"),
    ("patient_owes: 140.00   #", "patient_owes: 145.00   #"),
    ("visits: [40.00, 100.00]", "visits: [45.00, 100.00]"),
    ("{low: 40.00, typical: 100.00, high: 100.00}, statuses", "{low: 45.00, typical: 105.00, high: 105.00}, statuses"),
)


def owed(client: StaffClient) -> str:
    """Return what a patient reads on the plan's own page of their copay."""
    page = page_of(client.get(f"/plans/{PLAN}").text)
    return next(one.text for one in page.all("li") if "in network: you pay" in one.text)


def test_a_rule_is_corrected_seen_by_patients_and_taken_back(rules: StaffClient, engine: Engine) -> None:
    """From the plan to a draft, its preview, the publication and the way back."""
    first, before = active(engine), owed(rules)
    address = started(rules, engine)
    seen = saved(rules, engine, address, COPAY, *EXAMPLES)
    preview = page_of(rules.get(f"{address}/preview").text).text
    published = rules.post(f"{address}/publish", data={"version": seen, "note": "Booklet p. 12"})
    now = owed(rules)
    page = page_of(rules.get(ADDRESS).text).text
    back = {"revision": str(first), "note": "Misread", "seen": f"2026-01-01:{active(engine)}"}
    rolled = rules.post(f"{ADDRESS}/roll-back", data=back)

    assert "$45.00 a visit" in preview
    assert "Eight visits after the deductible is met $320.00 $360.00 +$40.00" in " ".join(preview.split())
    assert (303, ADDRESS) == (published.status_code, published.location)
    assert ("$40.00" in before, "$45.00" in now) == (True, True)
    assert "some-rules: published" in page
    assert "Booklet p. 12" in page
    assert 303 == rolled.status_code
    assert before == owed(rules)
    assert "Misread" in page_of(rules.get(ADDRESS).text).text


def test_a_way_back_from_nothing_that_was_seen_is_refused(rules: StaffClient, engine: Engine) -> None:
    """What is sent in the place of the active revision's number is no failure of ours."""
    older = active(engine)
    address = started(rules, engine)
    seen = saved(rules, engine, address, COPAY, *EXAMPLES)
    rules.post(f"{address}/publish", data={"version": seen, "note": "Booklet p. 12"})
    back = {"revision": str(older), "note": "Misread", "seen": "2026-01-01:x"}

    assert 409 == rules.post(f"{ADDRESS}/roll-back", data=back).status_code


def test_every_mistake_is_shown_with_a_link_to_its_line(rules: StaffClient, engine: Engine) -> None:
    """The draft is kept all the same, and cannot be published."""
    address = started(rules, engine)
    seen = saved(rules, engine, address, COPAY, ("benefit_year: calendar", "benefit_year: sometimes"))
    page = page_of(rules.get(address).text)
    links = [link.attributes["href"] for link in page.one("ul", class_="steps").all("a")]
    preview = rules.get(f"{address}/preview").text
    refused = rules.post(f"{address}/publish", data={"version": seen, "note": "x"})

    assert ["#line-8"] == links
    assert "benefit_year: sometimes" in page.one("code", id="line-8").text
    assert "Publish</button>" not in preview
    assert 422 == refused.status_code


def test_examples_that_fail_are_problems_with_their_lines(rules: StaffClient, engine: Engine) -> None:
    """The engine's answer stands beside what the example says."""
    address = started(rules, engine)
    saved(rules, engine, address, COPAY)
    page = page_of(rules.get(address).text)

    assert "problems to correct" in page.one("h2", class_="usa-alert__heading").text
    assert "540.00" in page.one("ul", class_="steps").text


def test_of_two_who_save_one_draft_the_second_sees_both_texts(staff: Staff, engine: Engine) -> None:
    """And saves again where that is meant; nothing is lost."""
    ana, ben = staff("rules"), staff("admin")
    address = started(ana, engine)
    seen, text = version(ben.get(address).text), draft_of(engine, int(address.rpartition("/")[2])).text
    saved(ana, engine, address, COPAY)
    mine = text.replace(COPAY[0], "{copay: 50.00, per: visit")
    refused = ben.post(address, data={"text": mine, "version": seen})
    page = page_of(refused.text)
    again = ben.post(address, data={"text": mine, "version": version(refused.text)})

    assert 409 == refused.status_code
    assert "some-rules saved this draft" in page.one("h1").text
    assert ["copay: 50.00", "copay: 45.00"] == [
        found[0] for area in page.all("textarea") if (found := re.findall(r"copay: (?:45|50)\.00", area.text))
    ]
    assert 303 == again.status_code


def test_a_draft_whose_plan_was_published_meanwhile_is_put_on_the_newer_revision(staff: Staff, engine: Engine) -> None:
    """Refused first, with what the other changed; then both changes stand."""
    ana, ben = staff("rules"), staff("admin")
    one, other = started(ana, engine), started(ben, engine)
    ana.post(f"{one}/publish", data={"version": saved(ana, engine, one, COPAY, *EXAMPLES), "note": "Copay"})
    mine = saved(ben, engine, other, ("Evergreen PPO Silver 2500", "Evergreen PPO Silver 2500 Plus"))
    refused = ben.post(f"{other}/publish", data={"version": mine, "note": "Name"})
    ben.post(f"{other}/rebase", data={"version": mine})
    published = ben.post(f"{other}/publish", data={"version": version(ben.get(other).text), "note": "Name"})

    assert 409 == refused.status_code
    assert "$45.00 a visit" in page_of(refused.text).text
    assert 303 == published.status_code
    assert "$45.00" in owed(ben)
    assert "2500 Plus" in Shelf(engine).history(PLAN)[0].title


def test_what_was_saved_by_another_is_not_published_unseen(staff: Staff, engine: Engine) -> None:
    """The page is shown again with what the draft now says."""
    ana, ben = staff("rules"), staff("admin")
    address = started(ana, engine)
    seen = version(ana.get(address).text)
    saved(ben, engine, address, COPAY, *EXAMPLES)
    refused = ana.post(f"{address}/publish", data={"version": seen, "note": "x"})

    assert (409, True) == (refused.status_code, "some-admin saved this draft" in refused.text)


def test_a_reason_is_asked_for_and_a_change_too(rules: StaffClient, engine: Engine) -> None:
    """What was typed is kept."""
    address = started(rules, engine)
    seen = version(rules.get(address).text)
    nothing = rules.post(f"{address}/publish", data={"version": seen, "note": "Just so"})
    unsigned = rules.post(f"{address}/publish", data={"version": seen, "note": " "})

    assert (422, True) == (nothing.status_code, "comments and examples make no revision" in nothing.text)
    assert 'value="Just so"' in nothing.text
    assert (422, True) == (unsigned.status_code, "Enter why" in unsigned.text)


def test_a_plan_is_made_from_a_template(rules: StaffClient, engine: Engine) -> None:
    """Under an id of its own; an id in use is told beside the field."""
    template = "/staff/plans/template-employer-ppo"
    revision = str(Shelf(engine).history("template-employer-ppo")[0].id)
    taken = rules.post(f"{template}/drafts", data={"revision": revision, "new_id": PLAN})
    made = rules.post(f"{template}/drafts", data={"revision": revision, "new_id": "alder-ppo"})
    empty = page_of(rules.get(template).text).typed()["new_id"]

    assert (422, True) == (taken.status_code, f"There is a plan {PLAN} already" in taken.text)
    assert "" == empty
    assert "plan: alder-ppo\n" in draft_of(engine, int(made.location.rpartition("/")[2])).text


def test_a_plan_of_a_catalogue_becomes_a_text_that_has_nothing_to_correct(rules: StaffClient, engine: Engine) -> None:
    """Its definition is written out as a plan file."""
    revision = str(Shelf(engine).history("dogwood")[0].id)
    made = rules.post("/staff/plans/dogwood/drafts", data={"revision": revision})
    page = page_of(rules.get(made.location).text)

    assert "Nothing to correct." in page.text
    assert page.one("textarea").text.strip().startswith("plan: dogwood")


def test_a_draft_can_be_thrown_away(rules: StaffClient, engine: Engine) -> None:
    """Its page is then gone."""
    address = started(rules, engine)
    thrown = rules.post(f"{address}/delete")

    assert (303, 404, []) == (thrown.status_code, rules.get(address).status_code, list(drafts_of(engine)))


def test_search_finds_plans_drafts_and_publications(rules: StaffClient, engine: Engine) -> None:
    """The three things that a rule keeper comes for."""
    started(rules, engine)
    page = page_of(rules.get("/staff/plans/?words=evergreen+silver").text)

    assert [ADDRESS] == [
        link.attributes["href"] for link in page.all("a") if (link.attributes.get("href", "")).endswith(PLAN)
    ]
    assert "saved by some-rules" in page.text
    assert "No plan holds all" in page_of(rules.get("/staff/plans/?words=nobodys").text).text


def test_two_revisions_are_compared(rules: StaffClient, engine: Engine) -> None:
    """Any two, in plain words."""
    first, address = active(engine), started(rules, engine)
    rules.post(f"{address}/publish", data={"version": saved(rules, engine, address, COPAY, *EXAMPLES), "note": "x"})
    page = rules.get(f"{ADDRESS}/compare?old={first}&new={active(engine)}").text

    assert "$45.00 a visit" in page_of(page).one("ins").text
    assert 404 == rules.get(f"{ADDRESS}/compare?old=1&new=x").status_code


def test_a_viewer_reads_and_changes_nothing(staff: Staff, engine: Engine) -> None:
    """No button that would be refused, and a refusal of what is sent all the same."""
    viewer = staff("viewer")
    page = page_of(viewer.get(ADDRESS).text)

    assert ["/staff/sign-out"] == [
        form.attributes["action"] for form in page.all("form") if form.attributes["method"] == "post"
    ]
    assert 403 == viewer.post(f"{ADDRESS}/drafts", data={"revision": str(active(engine))}).status_code
    assert 403 == staff("billing").post(f"{ADDRESS}/roll-back", data={}).status_code


def test_the_form_writes_into_the_text_and_keeps_its_comments(rules: StaffClient, engine: Engine) -> None:
    """Examples are worked out anew; anyone who fills it in from an older version is shown both texts."""
    address = started(rules, engine)
    page = page_of(rules.get(f"{address}/form").text)
    typed = {**page.typed(), "copay": "45.00"}
    before = draft_of(engine, int(address.rpartition("/")[2])).text
    sent = rules.post(f"{address}/form", data=typed)
    stale = rules.post(f"{address}/form", data={**typed, "copay": "50.00"})
    after = draft_of(engine, int(address.rpartition("/")[2])).text

    assert ("40.00", "13", "30") == tuple(
        page.typed()[name] for name in ("copay", "authorization", "visits_therapy-visits")
    )
    assert (303, 409) == (sent.status_code, stale.status_code)
    rules_before, _, examples_before = before.partition("examples:")
    rules_after, _, examples_after = after.partition("examples:")
    assert rules_before.replace(*COPAY) == rules_after
    assert "{patient_owes: 480.00}   # 12 × 40" in examples_before
    assert "{patient_owes: 540.00}" in examples_after
    assert "# 40 % × 100, and 150 − 100" in examples_after


def test_a_plan_is_rolled_into_next_year_and_confirmed_figure_by_figure(rules: StaffClient, engine: Engine) -> None:
    """One button copies it; each figure then takes the new year's document, which is listed with its title."""
    began = rules.post(f"{ADDRESS}/roll", data={"year": "2027"})
    assert 303 == began.status_code
    address = began.location
    number = int(address.split("/")[-2])
    waiting = to_confirm(draft_of(engine, number).text)
    page = page_of(rules.get(address).text)

    assert len(waiting) == len([one for one in page.all("button") if one.attributes.get("name") == "number"]) > 3
    assert "Evergreen" in rules.get(f"/staff/plans/drafts/{number}").text
    typed = {"key": "sbc-2027", "place": "p. 2", "title": "Summary of Benefits and Coverage 2027", "number": "1"}
    seen = {"version": version(rules.get(address).text)}
    refused = rules.post(address, data={**typed, **seen, "place": ""})
    taken = rules.post(address, data={**typed, **seen})
    text = draft_of(engine, number).text

    assert (422, 303) == (refused.status_code, taken.status_code)
    assert "such as p. 3" in refused.text
    assert len(waiting) - 1 == len(to_confirm(text))
    assert "cite: sbc-2027 p. 2" in text
    assert "Summary of Benefits and Coverage 2027" in text


def test_a_year_with_rules_already_or_a_plan_without_an_end_is_not_rolled(rules: StaffClient) -> None:
    """The page says why."""
    already = rules.post("/staff/plans/template-employer-ppo/roll", data={"year": "2027"})

    assert 422 == already.status_code
    assert "has rules for 2027-01-01 already" in already.text


def test_a_text_that_is_too_long_comes_back_as_it_was_typed(rules: StaffClient, engine: Engine) -> None:
    """With what to do about it; the draft is as it was."""
    address = started(rules, engine)
    before = draft_of(engine, int(address.rpartition("/")[2])).text
    typed = before + "# One more remark.\n" * 12_000
    answer = rules.post(address, data={"text": typed, "version": version(rules.get(address).text)})

    assert 422 == answer.status_code
    assert "below 200,000 characters" in answer.text
    assert 12_000 == page_of(answer.text).one("textarea").text.count("# One more remark.")
    assert before == draft_of(engine, int(address.rpartition("/")[2])).text
