"""Reads one plan, from a file or from a request: what was written, then the schema, then the domain's plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from estimator.engine.plan import Plan, Policy
from estimator.engine.values import Citation, Source
from estimator.errors import PlanFileRefused, Problem
from estimator.language import N_
from estimator.plans.building import built_plan
from estimator.plans.crossings import crossings
from estimator.plans.fingerprint import fingerprint
from estimator.plans.from_json import block_of
from estimator.plans.from_yaml import document
from estimator.plans.schema_loading import load
from estimator.plans.schema_names import Names, knowing
from estimator.plans.schema_plan import PlanSchema
from estimator.plans.services import resolved
from estimator.plans.shared import Shared, sources_of
from estimator.plans.tree import Block, Listing, Path, Words, below, line_of, problem

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
    return fingerprint(written, _written_policies(written, shared), shared.services.classes, shared.sources)


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
            message = f"This policy puts covered lines under '{under}': write a benefit of that name."
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
