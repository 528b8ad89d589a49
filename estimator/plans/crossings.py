"""What must fit together across blocks of a plan: shares that follow shares, ceilings that fill together.

The checks read what was written, so that they find their mistakes beside those of the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from estimator.engine.plan import DeductibleOrder
from estimator.plans.schema_names import Names, listed
from estimator.plans.tree import Block, Listing, Path, Tree, below

CEILINGS = ("deductible", "out_of_pocket_max")
FOLLOWS = ("same_as", "not_above")
ORDERS = (*map(str, DeductibleOrder), "unknown")

Found = Iterator[tuple[Path, str]]


def crossings(plan: Block, known: Names, shared_classes: frozenset[str]) -> Found:
    """Find everything in a plan that does not fit together."""
    yield from _classes(plan, known, shared_classes)
    yield from _ceilings(plan)
    yield from _benefit_ceilings(plan)
    yield from _shares_without_order(plan)
    yield from _shares_that_follow(plan)
    yield from _policies_twice(plan)


def shares(plan: Block) -> Iterator[tuple[Path, str, Block]]:
    """Yield every cost share that is written as a block, with its path and its tier."""
    for benefit in below(plan, "benefits"):
        by_tier = below(plan, "benefits", benefit, "cost_share")
        for tier, share in by_tier.items():
            if isinstance(share, Block):
                yield ("benefits", benefit, "cost_share", tier), tier, share


def _classes(plan: Block, known: Names, shared_classes: frozenset[str]) -> Found:
    for name in below(plan, "services"):
        if name in shared_classes:
            yield ("services", name), "Every plan has a class of this name: choose another."
        elif not known.classes.get(name):
            yield ("services", name), "This class comes to no codes."


def _ceilings(plan: Block) -> Found:
    networks = below(plan, "networks")
    for tier in networks:
        for kind in CEILINGS:
            yield from _partners(plan, ("networks", tier, kind), tier)


def _benefit_ceilings(plan: Block) -> Found:
    for benefit in below(plan, "benefits"):
        path = ("benefits", benefit, "deductible")
        if "combined_with" in below(plan, *path):
            yield (*path, "combined_with"), "A benefit's own deductible fills alone: remove this."
        yield from _partners(plan, path, "")


def _partners(plan: Block, path: tuple[str, ...], own: str) -> Found:
    ceiling, kind = below(plan, *path), path[-1]
    credited = ceiling.get("also_credits")
    partners: list[tuple[Path, Tree]] = [((*path, "combined_with"), ceiling.get("combined_with", Block()))]
    if isinstance(credited, Listing):
        partners += [((*path, "also_credits", place), tier) for place, tier in enumerate(credited)]
    for place, tier in partners:
        if not isinstance(tier, str) or tier not in below(plan, "networks"):
            continue
        if tier == own:
            yield place, "Write the name of another tier."
        elif not below(plan, "networks", tier, kind):
            yield place, f"The tier '{tier}' has no `{kind}` as a block: write one there, or remove this."


def _shares_without_order(plan: Block) -> Found:
    with_deductible = {tier for tier in below(plan, "networks") if _has_deductible(plan, tier)}
    for path, tier, share in shares(plan):
        own = isinstance(path[1], str) and below(plan, "benefits", path[1], "deductible")
        if tier in with_deductible or own:
            yield from _without_order(share, path)
    for benefit in below(plan, "benefits"):
        path = ("benefits", benefit, "without_authorization")
        share = below(plan, *path)
        if "same_as" in share:
            yield (*path, "same_as"), "Write the share out: it stands for every tier."
        elif share and with_deductible:
            yield from _without_order(share, path)


def _without_order(share: Block, path: Path) -> Found:
    message = f"Write `deductible: {listed(ORDERS)}`: how does this stand to the deductible of the tier?"
    if "deductible" in share or "same_as" in share:
        return
    steps = share.get("by_visit")
    if isinstance(steps, Listing):
        for place, step in enumerate(steps):
            if isinstance(step, Block) and "deductible" not in step:
                yield (*path, "by_visit", place, "deductible"), message
    elif share:
        yield (*path, "deductible"), message


def _has_deductible(plan: Block, tier: str) -> bool:
    network = below(plan, "networks").get(tier)
    return isinstance(network, Block) and network.get("deductible", "none") != "none"


def _shares_that_follow(plan: Block) -> Found:
    follows = {(str(path[1]), tier): share for path, tier, share in shares(plan)}
    benefits = below(plan, "benefits")
    for path, tier, share in shares(plan):
        for key in FOLLOWS:
            other = share.get(key)
            if not isinstance(other, str) or other not in benefits:
                continue
            if _comes_back((str(path[1]), tier), (str(other), tier), follows):
                yield (*path, key), f"This comes back to itself through '{other}': write one share out."
            elif key == "not_above" and (other, tier) not in follows:
                yield (*path, key), f"The benefit '{other}' has no share in the tier '{tier}': write one there."


def _comes_back(start: tuple[str, str], first: tuple[str, str], follows: Mapping[tuple[str, str], Block]) -> bool:
    waiting, seen = [first], set()
    while waiting:
        here = waiting.pop()
        if here == start:
            return True
        if here not in seen and here in follows:
            seen.add(here)
            waiting += [(str(follows[here][key]), here[1]) for key in FOLLOWS if key in follows[here]]
    return False


def _policies_twice(plan: Block) -> Found:
    named = plan.get("policies")
    seen = set()
    for place, policy in enumerate(named if isinstance(named, Listing) else ()):
        name = policy.get("policy") if isinstance(policy, Block) else policy
        if isinstance(name, str) and name in seen:
            yield ("policies", place), f"'{name}' stands in the list already."
        seen.add(str(name))
