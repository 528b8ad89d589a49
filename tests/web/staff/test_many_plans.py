"""The pages that change one value of many plans: filter, look, publish, and take back together."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine

from estimator.plans.shelf import Shelf, Wanted
from estimator.publishing.bulk import MOST_PLANS
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient

ADDRESS = "/staff/plans/many/"
FILTER = {"words": "template-employer-hmo", "market": "employer"}
CHANGE = {**FILTER, "field": "copay", "value": "45.00", "examples": "yes"}


def marks(page: str) -> list[str]:
    """Return the plans that a page offers to publish, with what was active of them."""
    return re.findall(r'name="plan" value="([^"]+)" checked', page)


def test_many_plans_are_changed_looked_at_published_and_taken_back(rules: StaffClient, engine: Engine) -> None:
    """And every step says how many they are."""
    chosen = page_of(rules.get(ADDRESS, query_string=FILTER).text).text
    looked = rules.post(f"{ADDRESS}look", data=CHANGE)
    some = marks(looked.text)
    published = rules.post(f"{ADDRESS}publish", data={**CHANGE, "plan": some, "note": "Booklets of 2026"})
    now = copays(engine)
    together = page_of(rules.get(published.location).text).text
    lately = page_of(rules.get(f"{ADDRESS}published").text).text
    at = unquote(published.location.partition("at=")[2])
    back = rules.post(f"{ADDRESS}published", data={"at": at, "note": "The wrong page"})

    assert "fit" in chosen
    assert "Copay of therapy" in chosen
    assert (200, 303, 303) == (looked.status_code, published.status_code, back.status_code)
    assert ["45.00", "45.00"] == now
    assert (2, True) == (len(some), "2 plans, by some-rules" in together)
    assert "published by some-rules, Nov 23, 2026: Booklets of 2026" in lately
    assert "Taken back together" in rules.get(back.location).text
    assert "45.00" not in copays(engine)


def copays(engine: Engine) -> list[str]:
    """Return the copay of therapy of each of these plans."""
    shelf = Shelf(engine)
    found = [shelf.file_of(row.revision_id).plan for row in shelf.search(Wanted(text=FILTER["words"]))]
    shares = [plan.benefit("physical-therapy").cost_share["in-network"] for plan in found]
    return [str(getattr(share, "copay", None)) for share in shares]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({**CHANGE, "field": ""}, "Choose what to change."),
        ({"field": "copay", "value": "45.00"}, f"Narrow it down to at most {MOST_PLANS}"),
        ({**CHANGE, "value": "lots"}, "lots"),
    ],
)
def test_what_cannot_be_done_is_said_and_what_was_typed_is_kept(
    typed: dict[str, str], says: str, rules: StaffClient
) -> None:
    """Without a filter there are more plans than are changed at once."""
    answer = rules.post(f"{ADDRESS}look", data=typed)

    assert says in answer.text
    assert [] == marks(answer.text)


def test_without_a_reason_nothing_is_published(rules: StaffClient) -> None:
    """What was ticked stays ticked, and the reason is asked for beside its field."""
    some = marks(rules.post(f"{ADDRESS}look", data=CHANGE).text)
    answer = rules.post(f"{ADDRESS}publish", data={**CHANGE, "plan": some[:1], "note": ""})

    assert 422 == answer.status_code
    assert some[:1] == marks(answer.text)
    assert "Enter why" in answer.text


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00+00:00"])
def test_a_moment_at_which_nothing_was_published_is_not_found(at: str, rules: StaffClient) -> None:
    """Whatever the address says."""
    assert 404 == rules.get(f"{ADDRESS}published", query_string={"at": at}).status_code
