"""The form of common fields writes into the text and leaves the rest of it alone."""

import pytest

from estimator.plans.edit_text import common_fields, needling_policies, needling_policy, with_typed
from estimator.plans.folder import library
from estimator.settings import plans_folder

PLANS = library(plans_folder())
TEXT = (plans_folder() / "examples" / "evergreen-ppo-silver.yaml").read_text("utf-8")
CHANGES = [
    ("title", "Evergreen Gold", "title: Evergreen PPO Silver 2500", "title: Evergreen Gold"),
    ("last_day", "", "{first_day: 2026-01-01, last_day: 2026-12-31}", "{first_day: 2026-01-01}"),
    ("deductible", "none", "{person: 2500.00, family: 5000.00, family_rule: embedded, cite: eoc p. 9}", "none"),
    ("out_of_pocket_max_family", "15000.00", "family: 16000.00", "family: 15000.00"),
    ("copay", "45.00", "{copay: 40.00, per: visit", "{copay: 45.00, per: visit"),
    ("visits_therapy-visits", "25", "{visits: 30, per: benefit-year, counts", "{visits: 25, per: benefit-year, counts"),
    ("authorization", "7", "{from_visit: 13, exempt", "{from_visit: 7, exempt"),
    ("policy", "commercial-needling-unknown", "[evergreen-dry-needling]", "[commercial-needling-unknown]"),
]


@pytest.mark.parametrize(("name", "typed", "old", "new"), CHANGES, ids=[change[0] for change in CHANGES])
def test_one_value_changes_and_every_comment_stays(name: str, typed: str, old: str, new: str) -> None:
    """Byte for byte."""
    assert 1 == TEXT.count(old)
    assert TEXT.replace(old, new) == with_typed(TEXT, {name: typed}, "", PLANS.shared)


def test_a_rule_that_was_not_there_brings_its_source() -> None:
    """And a rule that is no longer there is said to be none."""
    none = with_typed(TEXT, {"authorization": "none"}, "", PLANS.shared)
    again = with_typed(none, {"authorization": "13"}, "eoc p. 42", PLANS.shared)

    assert "    authorization: none\n" in none
    assert "    authorization: {from_visit: 13, cite: eoc p. 42}\n" in again
    assert PLANS.read(again, "a.yaml").plan.benefits[0].authorization


def test_what_is_sent_back_as_it_was_changes_nothing() -> None:
    """In every plan that ships."""
    for path in PLANS.files():
        text = path.read_text("utf-8")
        same = {field.name: field.value for field in common_fields(text)}

        assert text == with_typed(text, {**same, "policy": needling_policy(text, PLANS.shared)}, "", PLANS.shared)


def test_policies_are_offered_with_their_position() -> None:
    """The one that the plan names is chosen."""
    assert "evergreen-dry-needling: excluded" in dict(needling_policies(PLANS.shared)).values()
    assert "evergreen-dry-needling" == needling_policy(TEXT, PLANS.shared)
