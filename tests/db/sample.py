"""Definitions of plans for tests of the store."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine

from estimator.plans.folder import library
from estimator.plans.shelf import Draft
from estimator.publishing.publish import Occasion, Published, publish
from estimator.settings import plans_folder

BY_HAND = Occasion("clinic", by="Ana")
CATALOGUE = Occasion("marketplace 2026", leaves_others=True, withdraws_rest=True, is_checked=True)


def definition(plan: str = "evergreen", copay: str = "40.00", **changes: Any) -> dict[str, Any]:
    """Return a whole plan with one benefit."""
    share = {"copay": copay, "deductible": "waived", "cite": "eoc p. 12"}
    return {
        "plan": plan,
        "title": "Evergreen Silver",
        "payer": "Evergreen Health",
        "kind": "example",
        "market": "marketplace",
        "in_force": {"first_day": "2026-01-01", "last_day": "2026-12-31"},
        "benefit_year": "calendar",
        "sources": {"eoc": {"title": "Booklet", "url": "none", "read_on": "2026-01-02", "confidence": "high"}},
        "networks": {"in-network": {"deductible": "none", "out_of_pocket_max": "none"}},
        "benefits": {"physical-therapy": {"services": ["pt-timed"], "cost_share": {"in-network": share}}},
        "policies": ["marketplace-dry-needling"],
        **changes,
    }


def drafts(copay: str = "40.00", number: int = 3) -> list[Draft]:
    """Return some plans whose ids are `plan-0` and so on."""
    return [Draft(definition(f"plan-{place}", copay)) for place in range(number)]


def published(engine: Engine, some: Iterable[Draft], occasion: Occasion = BY_HAND, **more: Any) -> Published:
    """Publish with what the plans of our folder share."""
    return publish(engine, some, library(plans_folder()), occasion, **more)
