"""The shipped catalogue has as many plans of each kind as the official files have rows of it.

The numbers were counted in the files of plan year 2026 by other means, before there was an importer.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from estimator.plans.catalogue_file import read_catalogue
from estimator.settings import plans_folder


def traits(definition: dict[str, Any]) -> Iterator[str]:
    """Yield what is counted of a plan."""
    benefits, tiers = definition["benefits"], definition["networks"]
    shares = benefits["physical-therapy"]["cost_share"]
    yield "the deductible is waived" if shares["in-network"]["deductible"] == "waived" else "the deductible applies"
    if shares["out-of-network"] == "not-covered":
        yield "not covered out of network"
    if isinstance(shares.get("tier-2"), dict):
        yield "a second tier is stated"
    if "tier-2" in tiers:
        yield "several in-network tiers"
    limits = [definition["limits"][name] for name in benefits["physical-therapy"].get("limits", ())]
    if any(limit.get("confirmed") != "no" for limit in limits):
        yield "a numeric limit"
    for name in ("acupuncture", "chiropractic"):
        if benefits[name]["cost_share"]["in-network"] != "not-covered":
            yield f"{name} is covered"
    deductible = tiers["in-network"]["deductible"]
    if deductible == "none":
        yield "no deductible"
    elif deductible.get("family_rule") == "aggregate":
        yield "an aggregate deductible"
    if definition["plan"][-2:] in ("02", "03"):
        yield "for members of tribes"
    if definition["benefit_year"] == "unknown":
        yield "small employers"


@cache
def counts() -> Counter[str]:
    """Return how many plans of the catalogue have each trait."""
    _, plans = read_catalogue(plans_folder() / "_catalogue" / "marketplace-2026.jsonl.xz")
    return Counter(trait for listed in plans for trait in traits(listed.definition))


@pytest.mark.parametrize(
    ("trait", "plans"),
    [
        ("the deductible is waived", 13_674),
        ("the deductible applies", 6_996),
        ("a numeric limit", 16_973),
        ("not covered out of network", 16_371),
        ("a second tier is stated", 1_018),
        ("several in-network tiers", 5_409),
        ("acupuncture is covered", 1_219),
        ("chiropractic is covered", 19_921),
        ("no deductible", 6_306),
        ("an aggregate deductible", 12),
        ("for members of tribes", 7_938),
    ],
)
def test_as_many_plans_as_the_official_files_have(trait: str, plans: int) -> None:
    """None is lost, and none is read as another kind."""
    assert plans == counts()[trait]
