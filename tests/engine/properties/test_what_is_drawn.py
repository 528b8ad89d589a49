"""A rule that no strategy draws is tried by no property, and by no comparison of the engine with the kernel."""

from dataclasses import fields

import pytest

from estimator.engine.plan import Benefit, CostShare, Limit
from tests.engine.strategies import COVERED, LIMITS, pool

BENEFITS = [benefit for name in COVERED for benefit in pool("benefit", True, name)]
DRAWN = {
    CostShare: [share for each in BENEFITS for share in each.cost_share.values() if isinstance(share, CostShare)],
    Benefit: BENEFITS,
    Limit: [limit for name in LIMITS for limit in pool("limit", True, name)],
}
NO_AMOUNT = "a source moves no amount"
NOT_DRAWN = {
    CostShare: {
        "never_above_allowed": "a whole copay may be above the price, which properties share out to the cent",
        "citation": NO_AMOUNT,
    },
    Benefit: {"citation": NO_AMOUNT},
    Limit: {"citation": NO_AMOUNT},
}


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.__name__)
def test_every_field_of_a_rule_is_drawn_or_says_why_not(kind):
    """A new key of the plan language is drawn in `strategies`, or stands in the list above with its reason."""
    first, *others = DRAWN[kind]
    alike = {
        each.name
        for each in fields(kind)
        if all(getattr(other, each.name) == getattr(first, each.name) for other in others)
    }

    assert set(NOT_DRAWN[kind]) == alike
