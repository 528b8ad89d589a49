"""What the plans of a folder share: services, sources, and payers' policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from estimator.engine.plan import Policy
from estimator.engine.values import Source
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.from_yaml import document, documents
from estimator.plans.schema_loading import load
from estimator.plans.schema_names import Names
from estimator.plans.schema_policy import PolicySchema, SourceSchema
from estimator.plans.services import FILE as SERVICES
from estimator.plans.services import Services, read_services
from estimator.plans.tree import Block, Tree, below, problem

SOURCES = "_sources.yaml"
POLICIES = "_policies"


@dataclass(frozen=True, slots=True)
class SharedPolicy:
    """A policy of the folder with what was written; None where it has mistakes, which `problems` tells."""

    policy: Policy | None
    written: Block
    sources: Mapping[str, Source | None]
    problems: tuple[Problem, ...] = ()
    line: int | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """What every plan of a folder may name; `problems` are those that no single policy has."""

    services: Services = field(default_factory=Services)
    sources: Mapping[str, Source | None] = field(default_factory=dict)
    policies: Mapping[str, SharedPolicy] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    written_sources: Block = field(default_factory=Block)
    sources_file: str = ""


def shown(folder: Path, path: Path) -> str:
    """Return a path the way that problems and citations show it: from the plans folder on."""
    if path.is_relative_to(folder):
        return f"{folder.name.lstrip('_')}/{path.relative_to(folder).as_posix()}"
    return path.as_posix()


def is_shared(path: Path, folder: Path) -> bool:
    """Tell whether a file of the folder is no plan: its name, or a folder above it, starts with a dash below."""
    return any(part.startswith("_") for part in path.relative_to(folder).parts)


def read_shared(folder: Path) -> Shared:
    """Read everything that the plans of a folder share; mistakes are kept, so that a check can tell them all."""
    services, problems = _services(folder / SERVICES, folder)
    sources, written_sources, found = _sources(folder / SOURCES, folder)
    problems += found
    policies: dict[str, SharedPolicy] = {}
    for path in sorted((folder / POLICIES).rglob("*.yaml")):
        written, found = documents(path.read_bytes(), shown(folder, path))
        problems += found
        for block in written:
            problems += _add(policies, _policy(block, shown(folder, path), services, sources))
    return Shared(services, sources, policies, tuple(problems), written_sources, shown(folder, folder / SOURCES))


def sources_of(written: object, file: str) -> tuple[dict[str, Source | None], list[Problem]]:
    """Return the sources of a block by key, None for those with mistakes, and the mistakes."""
    sources: dict[str, Source | None] = {}
    mistakes: list[Problem] = []
    for key, source in written.items() if isinstance(written, Block) else ():
        loaded, found = load(SourceSchema, source, Names(file), [])
        sources[key] = loaded if isinstance(loaded, Source) else None
        mistakes += [replace(one, path=f"{key}.{one.path}".rstrip(".")) for one in found]
    return sources, mistakes


def _services(path: Path, folder: Path) -> tuple[Services, list[Problem]]:
    if not path.is_file():
        return Services(), []
    try:
        return read_services(path.read_bytes(), shown(folder, path))
    except PlanFileRefused as refusal:
        return Services(), list(refusal.problems)


def _sources(path: Path, folder: Path) -> tuple[dict[str, Source | None], Block, list[Problem]]:
    if not path.is_file():
        return {}, Block(), []
    file = shown(folder, path)
    try:
        written, mistakes = document(path.read_bytes(), file)
    except PlanFileRefused as refusal:
        return {}, Block(), list(refusal.problems)
    sources, found = sources_of(written, file)
    return sources, written, mistakes + found


def _policy(written: Tree, file: str, services: Services, shared: Mapping[str, Source | None]) -> SharedPolicy:
    sources = {**shared, **sources_of(below(written, "sources"), file)[0]}
    known = Names(file, sources, services.classes, benefits=None)
    loaded, mistakes = load(PolicySchema, written, known, [])
    block = written if isinstance(written, Block) else Block(written.line)
    policy = loaded if isinstance(loaded, Policy) else None
    return SharedPolicy(policy, block, sources, tuple(mistakes), block.line, file)


def _add(policies: dict[str, SharedPolicy], policy: SharedPolicy) -> Iterator[Problem]:
    """Add a policy under its name; yield the mistakes that have no name to go with."""
    name = policy.written.get("policy")
    if not isinstance(name, str):
        yield from policy.problems
    elif name in policies:
        first = policies[name]
        message = f"This policy stands in {first.file}:{first.line} already: choose another name."
        yield problem(policy.written, ("policy",), message, policy.file)
    else:
        policies[name] = policy
