"""What calls say otherwise than a plan is proposed with its evidence; accepting it shows the impact first."""

from collections.abc import Callable

from sqlalchemy import Engine

from estimator.billing.call_proposals import call_proposals
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.drafts import check_text, drafts_of
from tests.billing.test_accuracy import GIVEN_ON, give
from tests.billing.test_denial_proposals import post as post_line
from tests.db.sample import definition, published
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient

PLAN = "evergreen-ppo-silver"
CALL = {"plan": PLAN, "call.day": "2026-11-20", "call.source": "telephone", "call.reference": "REF-77"}


def test_what_a_call_says_otherwise_is_proposed_and_taken_into_a_draft(
    staff: Callable[[str], StaffClient], engine: Engine
) -> None:
    """A copay of 35 where the plan has 40; what agrees, and what a call about a template says, proposes nothing."""
    desk, keeper, shelf = staff("billing"), staff("rules"), Shelf(engine)
    answers = {
        "call.cost-share.copay": "35",
        "call.authorization-needed": "yes",
        "call.authorization-needed.from": "13",
    }
    for more in (answers, {"call.cost-share.copay": "40"}, {"plan": "template-employer-ppo", **answers}):
        sent = desk.post("/staff/calls/new", data={**CALL, **more})
        assert 303 == sent.status_code, page_of(sent.text).summary()
    [proposal] = call_proposals(shelf)["Evergreen Health Plan"]
    page = keeper.get("/staff/proposals/").text
    form = {"plan": PLAN, "key": proposal.key}
    refused = desk.post("/staff/proposals/calls", data=form)
    accepted = keeper.post("/staff/proposals/calls", data=form)
    gone = keeper.post("/staff/proposals/calls", data={**form, "key": "copay:36.00"})
    [draft] = drafts_of(engine, PLAN)
    checked = check_text(draft.text, "", shelf.folder)

    assert ("copay", "40.00", "35.00", 1, 1) == (
        proposal.field.name, proposal.field.value, proposal.said, len(proposal.calls), len(proposal.against),
    )  # fmt: skip
    assert all(words in page for words in ("Evergreen Health Plan", "40.00 here, <strong>35.00</strong>", "REF-77"))
    assert (403, 303, 422) == (refused.status_code, accepted.status_code, gone.status_code)
    assert f"/staff/plans/drafts/{draft.id}/preview" == accepted.location
    assert "What people would owe" in keeper.get(accepted.location).text
    assert "cite: call-2026-11-20 reference REF-77" in draft.text
    assert checked.plan
    assert "35.00" == str(checked.plan.plan.benefit("physical-therapy").cost_share["in-network"].copay)
    assert "40.00" == str(
        shelf.find(PLAN, proposal.calls[0].told_on).benefit("physical-therapy").cost_share["in-network"].copay
    )


def test_how_a_payer_takes_requests_is_proposed_from_a_call_about_a_case(
    staff: Callable[[str], StaffClient], engine: Engine
) -> None:
    """What only the desk asks: how many days an answer takes and where to send a request, in any signs."""
    desk, keeper, shelf = staff("billing"), staff("rules"), Shelf(engine)
    plan = "example-authorization-penalty"
    care = {"label": "A-7", "plan": plan, "zip": "98101", "services": "97110:30", "visits": "12"}
    number = desk.post("/staff/cases/new", data=care).location.rpartition("/")[2]
    page = page_of(desk.get(f"/staff/calls/new?plan={care['plan']}&of={number}").text)
    typed = page.one("form", action="/staff/calls/new").typed() | {"call.day": "2026-11-20"}
    asked = {name: name.split(".")[1] for name in typed if name.startswith(("call.turnaround.", "call.how-to-ask."))}
    said = {"turnaround": "4", "how-to-ask": "Portal: fax #2, 'with' \"notes\""}
    sent = desk.post("/staff/calls/new", data=typed | {name: said[asks] for name, asks in asked.items()})
    proposals = {one.field.name: one for one in call_proposals(shelf).get("Juniper Mutual", ())}
    for name in ("turnaround", "how_to_ask"):
        keeper.post("/staff/proposals/calls", data={"plan": care["plan"], "key": proposals[name].key})
    texts = [draft.text for draft in drafts_of(engine, care["plan"])]
    read = [check_text(text, "", shelf.folder).plan for text in texts]

    assert 303 == sent.status_code
    assert set(said) == set(asked.values())
    rules = [each.plan.benefit("physical-therapy").authorization for each in read if each]
    assert {("4", None)} | {(None, said["how-to-ask"])} == {
        (str(rule.turnaround_days) if rule.turnaround_days else None, rule.how_to_ask or None) for rule in rules
    }


def test_a_denial_is_proposed_with_its_example_and_taken_into_a_draft(
    staff: Callable[[str], StaffClient], engine: Engine
) -> None:
    """Only by who keeps the rules; who may not open cases is led to none."""
    desk, keeper = staff("billing"), staff("rules")
    care = {"label": "A-1", "plan": PLAN, "zip": "98101", "services": "97110:30", "visits": "12"}
    desk.post("/staff/cases/new", data=care)
    post_line(engine, "A-1", "97110", "CO-50")
    give(engine, "A-1", [("97110", 1, ("40.00", "40.00", "40.00"), "price-regional")], GIVEN_ON)
    published(engine, [Draft(definition("kept-plan"))])
    desk.post("/staff/cases/new", data={**care, "label": "B-2", "plan": "kept-plan"})
    post_line(engine, "B-2", "97140", "CO-197")
    none = keeper.post("/staff/proposals/denials", data={"plan": PLAN})
    pages = [client.get("/staff/proposals/").text for client in (desk, keeper)]

    accepted = keeper.post("/staff/proposals/denials", data={"plan": "kept-plan"})

    assert "97140, $85.00 charged, CO-197" in page_of(pages[0]).text
    assert "What people would owe" in keeper.get(str(accepted.location)).text
    assert "denied CO-50; the estimate said it is covered (1 line)" in pages[0]
    assert ["/staff/cases/1" in page for page in pages] == [True, False]
    assert (422, 403) == (none.status_code, desk.post("/staff/proposals/denials", data={"plan": PLAN}).status_code)
