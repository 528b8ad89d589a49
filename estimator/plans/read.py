"""Reads one plan, from a file or from a request: what was written, then the schema, then the engine's plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from estimator.engine.plan import (
    ANYTIME,
    Allowed,
    Benefit,
    Ceiling,
    CostShare,
    DeductibleOrder,
    Network,
    Per,
    Plan,
    Policy,
    Tier,
)
from estimator.engine.request import OUT_OF_NETWORK
from estimator.engine.values import ALWAYS, UNKNOWN, Citation, Source
from estimator.errors import PlanFileRefused, Problem
from estimator.language import N_
from estimator.plans.schema import PlanSchema
from estimator.plans.schema_values import Names, citation, knowing, listed, load
from estimator.plans.shared import Shared, resolved, sources_of
from estimator.plans.text import Block, Listing, Path, Tree, Words, below, block_of, document, line_of, problem

GIVEN = N_("The plan as given in the request")
_POLICY = "Put a policy into _policies/ of the plans folder, and name it under `policies` of a plan."


@dataclass(frozen=True, slots=True)
class Example:
    """A question of a plan file, its answer worked by hand, and the line that it starts on."""

    name: str
    given: Mapping[str, Any]
    expect: Mapping[str, Any]
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan with its examples and with what was written."""

    plan: Plan
    examples: tuple[Example, ...]
    written: Block
    file: str


def read_plan(content: str | bytes, file: str, shared: Shared) -> PlanFile:
    """Read a plan file; raise PlanFileRefused with every mistake in it."""
    written, mistakes = document(content, file)
    if "policy" in written and "plan" not in written:
        raise PlanFileRefused((Problem("policy", _POLICY, file, line_of(written, ("policy",))),))
    return _read(written, mistakes, shared, _names(written, shared, file, None))


def plan_from_mapping(definition: Mapping[str, Any], shared: Shared, as_of: date) -> Plan:
    """Read a plan that a request defines; raise PlanFileRefused with every mistake in it."""
    written = block_of(definition)
    given = Citation(Source(GIVEN, "", as_of, "given"))
    return _read(written, [], shared, _names(written, shared, "", given)).plan


def read_definition(definition: Mapping[str, Any], file: str, shared: Shared) -> PlanFile:
    """Read a plan that is kept as JSON and must say all that a file does; raise PlanFileRefused as for a file."""
    written = block_of(definition)
    return _read(written, [], shared, _names(written, shared, file, None))


def fingerprint_of(written: Mapping[str, Any], shared: Shared) -> str:
    """Return the fingerprint that a plan of these words has, without reading it.

    Raises KeyError where it names a policy that there is not.
    """
    return fingerprint(written, _written_policies(written, shared), shared.services.filed, shared.sources)


def _names(plan: Block, shared: Shared, file: str, given: Citation | None) -> Names:
    sources = dict(shared.sources)
    policies = plan.get("policies")
    for block in [*(policies if isinstance(policies, Listing) else ()), plan]:
        sources |= sources_of(below(block, "sources"), file)[0]
    return Names(
        file=file,
        sources=sources,
        classes={**resolved(plan.get("services"), shared.services.classes), **shared.services.classes},
        tiers=tuple(below(plan, "networks")),
        limits=tuple(below(plan, "limits")),
        benefits=tuple(below(plan, "benefits")),
        policies=tuple(shared.policies),
        given=given,
    )


def _read(written: Block, already: list[Problem], shared: Shared, known: Names) -> PlanFile:
    loaded, mistakes = load(PlanSchema, written, known, already)
    for path, message in crossings(written, known, frozenset(shared.services.classes)):
        mistakes.append(problem(written, path, message, known.file))
    policies, found = _policies(written, loaded, shared, known)
    mistakes += [*shared.problems, *found]
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    sources = _cited_sources(written, _written_policies(written, shared), shared, known)
    with knowing(known):
        plan = built_plan(loaded, policies, sources, fingerprint_of(written, shared))
    if shared.services.rules:
        plan = replace(plan, codes=shared.services.rules)
    return PlanFile(plan, _examples(loaded, written, known.file), written, known.file)


def _policies(
    written: Block, loaded: dict[str, Any], shared: Shared, known: Names
) -> tuple[tuple[Policy, ...], list[Problem]]:
    policies: list[Policy] = []
    mistakes: list[Problem] = []
    listed = written.get("policies")
    for place, policy in enumerate(listed if isinstance(listed, Listing) else ()):
        path: Path = ("policies", place)
        ours = shared.policies.get(policy) if isinstance(policy, Words) else None
        if ours is None:
            policies += [loaded["policies"][place]] if loaded.get("policies") else []
            continue
        mistakes += ours.problems
        under = ours.policy.under if ours.policy else ""
        if under and under not in (known.benefits or ()):
            message = f"This policy puts covered lines under '{under}': add a benefit of that name."
            mistakes.append(problem(written, path, message, known.file))
        policies += [ours.policy] if ours.policy else []
    return tuple(policies), mistakes


def _written_policies(written: Mapping[str, Any], shared: Shared) -> list[Mapping[str, Any]]:
    listed = written.get("policies", ())
    return [policy if isinstance(policy, dict) else shared.policies[policy].written for policy in listed]


def _cited_sources(
    written: Block, policies: list[Mapping[str, Any]], shared: Shared, known: Names
) -> dict[str, Source]:
    """Return the sources that the plan has, and those of the folder that it or its policies cite."""
    sources: dict[str, Source | None] = {}
    for policy in written.get("policies", ()):
        if isinstance(policy, Words):
            sources |= shared.policies[policy].sources
    sources |= {key: known.sources.get(key) for tree in (*policies, written) for key in cited(tree)} | {
        key: known.sources[key] for key in below(written, "sources")
    }
    return {key: source for key, source in sources.items() if source}


def cited(tree: object) -> set[str]:
    """Return the keys of the sources that stand under `cite` anywhere in what was written."""
    if isinstance(tree, Listing):
        return set[str]().union(*(cited(member) for member in tree))
    if not isinstance(tree, Block):
        return set()
    here = tree.get("cite")
    own = set(here.split()[:1]) if isinstance(here, Words) else set()
    return own.union(*(cited(value) for key, value in tree.items() if key != "examples"))


def _examples(loaded: dict[str, Any], written: Block, file: str) -> tuple[Example, ...]:
    return tuple(
        Example(one["name"], one["given"], one["expect"], file, line_of(written, ("examples", place)))
        for place, one in enumerate(loaded.get("examples", ()))
    )


# ----------------------------------------------------------------------------
# Makes the domain's plan of what the schema read; nothing can be refused any more here.
# ----------------------------------------------------------------------------

Loaded = Mapping[str, Any]
UNTITLED = N_("Plan given in the request")
# The id of a plan that a person described from their card.
DESCRIBED = "my-plan"


def built_plan(loaded: Loaded, policies: tuple[Policy, ...], sources: Mapping[str, Source], fingerprint: str) -> Plan:
    """Return the plan."""
    networks = _networks(loaded.get("networks", {}))
    return Plan(
        id=loaded.get("plan", "given"),
        title=loaded.get("title", UNTITLED),
        payer=loaded.get("payer", ""),
        kind=loaded.get("kind", "given"),
        market=loaded.get("market", ""),
        in_force=loaded.get("in_force", ALWAYS),
        benefit_year=loaded.get("benefit_year", UNKNOWN),
        networks=networks,
        limits={name: replace(limit, name=name) for name, limit in loaded.get("limits", {}).items()},
        benefits=_Benefits(loaded.get("benefits", {}), networks).all(),
        policies=policies,
        sources=dict(sources),
        notes=loaded.get("notes", ()),
        fingerprint=fingerprint,
        successor=loaded.get("successor", ""),
        supplement=loaded.get("supplement"),
    )


def _networks(tiers: Mapping[str, Tier | Loaded]) -> dict[str, Network]:
    ceilings = {kind: _ceilings(tiers, kind) for kind in CEILINGS}
    return {tier: _network(tier, written, ceilings) for tier, written in tiers.items()}


def _network(tier: str, written: Tier | Loaded, ceilings: Mapping[str, Mapping[str, Any]]) -> Network:
    if isinstance(written, Tier):
        contracted = tier != OUT_OF_NETWORK
        covered = False if written is Tier.NOT_COVERED else UNKNOWN
        return Network(tier, covered, contracted, balance_bill=False if contracted else UNKNOWN)
    contracted = written.get("contracted", tier != OUT_OF_NETWORK)
    return Network(
        name=tier,
        contracted=contracted,
        deductible=ceilings["deductible"].get(tier),
        out_of_pocket_max=ceilings["out_of_pocket_max"].get(tier),
        allowed=written.get("allowed", Allowed()),
        balance_bill=written.get("balance_bill", False if contracted else UNKNOWN),
        limiting_charge=written.get("limiting_charge"),
        for_assistants=written.get("assistants"),
        free_by_indian_health=written.get("free_by_indian_health"),
        high_deductible=written.get("high_deductible"),
        citation=citation(dict(written)),
    )


def _ceilings(tiers: Mapping[str, Tier | Loaded], kind: str) -> dict[str, Any]:
    """Return the ceilings of one kind; tiers that fill one together share the name of the first of them."""
    written = {tier: block.get(kind) for tier, block in tiers.items() if not isinstance(block, Tier)}
    first = {tier: tier for tier in tiers}
    for tier, value in written.items():
        partner = value[1]["with"] if isinstance(value, tuple) else None
        if partner:
            old, new = first[tier], first[partner]
            first = {name: new if group == old else group for name, group in first.items()}
    order = list(tiers)
    heads = {group: min((t for t in order if first[t] == group), key=order.index) for group in set(first.values())}
    names = {tier: f"{heads[first[tier]]} {kind}" for tier in tiers}
    return {
        tier: replace(value[0], name=names[tier], also_credits=tuple(names[t] for t in value[1]["credits"]))
        if isinstance(value, tuple)
        else value
        for tier, value in written.items()
    }


class _Benefits:
    """The benefits of a plan, whose shares may follow each other; crossings has refused circles."""

    def __init__(self, written: Mapping[str, Loaded], networks: Mapping[str, Network]) -> None:
        self.written = written
        self.networks = networks

    def all(self) -> tuple[Benefit, ...]:
        """Return the benefits in the order of the file."""
        return tuple(self._benefit(name, block) for name, block in self.written.items())

    def _benefit(self, name: str, block: Loaded) -> Benefit:
        without = block.get("without_authorization")
        return Benefit(
            name=name,
            services=block["services"],
            cost_share={tier: self.share(name, tier) for tier in self.networks},
            limits=block.get("limits", ()),
            when=block.get("when", ANYTIME),
            authorization=block.get("authorization"),
            referral=block.get("referral"),
            without_authorization=None if without is None else self._charged(without, ""),
            deductible=self._deductible(name, block.get("deductible")),
            citation=citation(dict(block)),
        )

    def _deductible(self, benefit: str, written: tuple[Ceiling, Loaded] | None) -> Ceiling | None:
        if written is None:
            return None
        ceiling, together = written
        credited = [self.networks[tier].deductible for tier in together["credits"]]
        names = tuple(other.name for other in credited if isinstance(other, Ceiling))
        return replace(ceiling, name=f"{benefit} deductible", also_credits=names)

    def share(self, benefit: str, tier: str) -> CostShare | Tier:
        """Return what a benefit says of a tier; a tier that it leaves out is unknown, or what the plan says."""
        default = Tier.NOT_COVERED if self.networks[tier].covered is False else Tier.UNKNOWN
        written: Tier | Loaded = self.written[benefit]["cost_share"].get(tier, default)
        if isinstance(written, Tier):
            return written
        if "same_as" in written:
            other = self.share(written["same_as"], tier)
            return other if isinstance(other, Tier) else replace(other, citation=citation(dict(written)))
        return self._charged(written, tier)

    def _charged(self, written: Loaded, tier: str) -> CostShare:
        ceiling = self.share(written["not_above"], tier) if "not_above" in written else None
        steps = tuple(
            (step.get("through_visit"), _charge({**written, **step}, step)) for step in written.get("by_visit", ())
        )
        return replace(
            _charge(written, written),
            by_visit=steps,
            counter=written.get("counter", ""),
            not_above=ceiling if isinstance(ceiling, CostShare) else None,
        )


def _charge(written: Loaded, own: Loaded) -> CostShare:
    cited: Citation | None = own.get("cite") or citation(dict(written))
    return CostShare(
        copay=own.get("copay"),
        coinsurance=own.get("coinsurance"),
        per=written.get("per", Per.VISIT),
        deductible=written.get("deductible", DeductibleOrder.WAIVED),
        coinsurance_of_allowed=written.get("coinsurance_of", False),
        never_above_allowed=written.get("never_above_allowed", True),
        credits_deductible=written.get("counts_toward_deductible", False),
        credits_out_of_pocket=written.get("counts_toward_maximum", True),
        copay_group=written.get("copay_group", ""),
        max_per_visit=written.get("max_per_visit"),
        plan_pays_at_most=written.get("plan_pays_at_most"),
        citation=cited,
    )


# ----------------------------------------------------------------------------
# What must fit together across blocks of a plan: shares that follow shares, ceilings that fill together.
#
# The checks read what was written, so that they find their mistakes beside those of the schema.
# ----------------------------------------------------------------------------

CEILINGS = ("deductible", "out_of_pocket_max")
FOLLOWS = ("same_as", "not_above")
ORDERS = (*map(str, DeductibleOrder), "unknown")

Found = Iterator[tuple[Path, str]]


def crossings(plan: Block, known: Names, shared_classes: frozenset[str]) -> Found:
    """Find everything in a plan that does not fit together."""
    yield from _classes(plan, known, shared_classes)
    yield from _check_ceilings(plan)
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


def _check_ceilings(plan: Block) -> Found:
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
            yield place, "Enter the name of another tier."
        elif not below(plan, "networks", tier, kind):
            yield place, f"The tier '{tier}' has no `{kind}` as a block: enter one there, or remove this."


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
            yield (*path, "same_as"), "Enter the share itself: it holds for every tier."
        elif share and with_deductible:
            yield from _without_order(share, path)


def _without_order(share: Block, path: Path) -> Found:
    message = f"Enter `deductible: {listed(ORDERS)}`: how does this stand to the deductible of the tier?"
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
                yield (*path, key), f"This comes back to itself through '{other}': enter one in full."
            elif key == "not_above" and (other, tier) not in follows:
                yield (*path, key), f"The benefit '{other}' has no share in the tier '{tier}': enter one there."


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


# ----------------------------------------------------------------------------
# The identity of what a plan says: equal fingerprints give equal estimates.
#
# Taken over the plan without its examples, the policies that it names and the codes of the classes that they name.
# Comments, layout, quotes and the order of keys do not count; the order of benefits and lists does. The standard
# library's encoder does the work, because an import asks for tens of thousands.
# ----------------------------------------------------------------------------

_NO_RULES = frozenset({"examples"})
_ORDERED = ("benefits", "networks")
_SPACE = re.compile(r"(?:\\[nrt]| )+")
_LONG_SPACE = ("  ", r"\n", r"\r", r"\t")
_WRITER = json.JSONEncoder(sort_keys=True, check_circular=False)
_CITED = re.compile(r'"cite": " ?([^" ]+)')

Written = Mapping[str, Any]


def fingerprint(
    plan: Written,
    policies: Sequence[Written],
    classes: Mapping[str, frozenset[str]],
    sources: Mapping[str, Source | None],
) -> str:
    """Return the SHA-256 of a plan, whose scalars are all text, with everything that it rests on."""
    rules = {key: value for key, value in plan.items() if key not in _NO_RULES}
    order = [list(rules[key]) for key in _ORDERED if isinstance(rules.get(key), dict)]
    written = _WRITER.encode([rules, order, policies])
    if any(mark in written for mark in _LONG_SPACE):
        written = _SPACE.sub(" ", written)
    rests_on = {
        "classes": {name: sorted(classes[name]) for name in classes.keys() & written.split('"')},
        "sources": {key: repr(sources[key]) for key in sources.keys() & _CITED.findall(written)},
    }
    return sha256(f"{written}{_WRITER.encode(rests_on)}".encode("ascii")).hexdigest()
