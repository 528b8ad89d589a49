"""What the plans of a folder share: services and their words, sources, payers' policies and state law."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from marshmallow import post_load

from estimator.engine.coverage import NEEDLERS, Access, May, Permission, Scope, StateRule
from estimator.engine.plan import CodeRule, Policy
from estimator.engine.values import Source
from estimator.errors import PlanFileRefused, Problem
from estimator.plans.schema import PolicySchema, SourceSchema
from estimator.plans.schema_rules import PlanSpanSchema, state
from estimator.plans.schema_values import (
    CODE,
    Address,
    BlockSchema,
    Count,
    Described,
    Inner,
    Many,
    Named,
    Names,
    OfWords,
    Pattern,
    Text,
    Word,
    enum_words,
    load,
    yes_no,
)
from estimator.plans.text import Block, Listing, Tree, Words, below, document, documents, problem

CARRIED_OVER = re.compile(r"-to-confirm-(20[0-9]{2})$")
"""How a plan that was rolled into another year names a source that nobody has read for it yet."""

# ----------------------------------------------------------------------------
# The services that plans speak of: classes that plan files name, and our own words for each code.
#
# Read from `_services.yaml` of the plans folder; the names of codes on pages come from here.
# ----------------------------------------------------------------------------

FILE = "_services.yaml"
DISCIPLINES = ("physical-therapy", "needling", "acupuncture", "chiropractic", "medical")


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A code in our own words; `timed` ones are billed by 15 minutes."""

    code: str
    name: str
    discipline: str
    timed: bool


@dataclass(frozen=True, slots=True)
class Services:
    """Classes of codes by name, and the names of codes.

    `rules` are codes that somebody published over the file's; `filed` are the classes as the file alone has them.
    """

    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    codes: Mapping[str, ServiceName] = field(default_factory=dict)
    filed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rules: tuple[CodeRule, ...] = ()


class _CodeSchema(BlockSchema):
    name = Text(required=True)
    discipline = Word(DISCIPLINES, required=True)
    timed = yes_no(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Return the keys."""
        return dict(loaded)


class _ServicesSchema(BlockSchema):
    classes = Named(Many(Pattern(r"[A-Za-z0-9-]{2,60}", "97110", "a class or a code"), least=1), required=True)
    codes = Named(Inner(_CodeSchema), key=Pattern(CODE.pattern, "97110", "a code"), required=True)


def read_services(content: str | bytes, file: str, rules: tuple[CodeRule, ...] = ()) -> tuple[Services, list[Problem]]:
    """Return the classes and codes, those that somebody published over the file's, and every mistake in the file."""
    written, problems = document(content, file)
    loaded, mistakes = load(_ServicesSchema, written, Names(file), problems)
    if mistakes:
        return Services(), mistakes
    codes = {code: ServiceName(code, **keys) for code, keys in loaded["codes"].items()}
    classes = resolved(written["classes"], {})
    for name, members in loaded["classes"].items():
        for place, word in enumerate(members):
            if word not in classes and word not in codes:
                message = f"There is no class '{word}', and no code of this name under `codes`."
                mistakes.append(problem(written, ("classes", name, place), message, file))
    kept = [rule for rule in rules if rule.like in codes]
    named = {rule.code: ServiceName(rule.code, rule.words, codes[rule.like].discipline, rule.timed) for rule in kept}
    now = resolved(_with_codes(written["classes"], kept), {}) if kept else classes
    return Services(now, codes | named, classes, tuple(kept)), mistakes


def _with_codes(table: Tree, rules: Sequence[CodeRule]) -> Block:
    """Return a table of classes in which each of these codes is where its rule puts it, and nowhere else."""
    moved = Block()
    for name, members in table.items() if isinstance(table, Block) else ():
        listed = [str(word) for word in members] if isinstance(members, Listing) else []
        holds = {rule.code: name in rule.classes if rule.classes else rule.like in listed for rule in rules}
        codes = [word for word in listed if word not in holds] + [code for code, is_in in holds.items() if is_in]
        moved.write(name, Listing([Words(code) for code in codes]))
    return moved


def resolved(table: object, known: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return the codes of each class of a table, whose classes may hold each other and those already known.

    >>> from estimator.plans.text import Words
    >>> table = Block()
    >>> table.write("needling", Listing([Words("20560")]))
    >>> table.write("all", Listing([Words("needling"), Words("97110")]))
    >>> sorted(resolved(table, {})["all"])
    ['20560', '97110']
    """
    written = table if isinstance(table, Block) else Block()
    members = {name: {str(word) for word in listed} for name, listed in written.items() if isinstance(listed, Listing)}
    classes = {name: frozenset(word for word in words if CODE.fullmatch(word)) for name, words in members.items()}
    while True:
        larger = {
            name: classes[name].union(*(classes.get(word) or known.get(word, frozenset()) for word in words))
            for name, words in members.items()
        }
        if larger == classes:
            return classes
        classes = larger


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


def shown(folder: Path, path: Path) -> str:
    """Return a path the way that problems and citations show it: from the plans folder on."""
    if path.is_relative_to(folder):
        return f"{folder.name.lstrip('_')}/{path.relative_to(folder).as_posix()}"
    return path.as_posix()


def plan_files(folder: Path) -> list[Path]:
    """Return the plan files of a folder in order of their paths."""
    return [path for path, is_shared in _files(folder) if not is_shared]


def shared_files(folder: Path) -> list[Path]:
    """Return the files of a folder that are no plans: their name, or a folder above it, starts with `_`."""
    return [path for path, is_shared in _files(folder) if is_shared]


def _files(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield every YAML file in order of its path, and whether it is shared; asked for each estimate of a folder."""
    found: list[tuple[str, ...]] = []
    for place, _, names in os.walk(folder):
        above = Path(place).relative_to(folder).parts
        found += [(*above, name) for name in names if name.endswith(".yaml")]
    for parts in sorted(found):
        yield folder.joinpath(*parts), any(part.startswith("_") for part in parts)


def read_shared(folder: Path, rules: tuple[CodeRule, ...] = ()) -> Shared:
    """Read everything that the plans of a folder share; mistakes are kept, so that a check can tell them all.

    `rules` are codes that somebody published, which go before the file's.
    """
    paths = [path for path in (folder / FILE, folder / SOURCES) if path.is_file()]
    paths += (folder / POLICIES).rglob("*.yaml")
    return shared_from(tuple((shown(folder, path), path.read_bytes()) for path in paths), rules)


@lru_cache(4)
def shared_from(texts: tuple[tuple[str, bytes], ...], rules: tuple[CodeRule, ...] = ()) -> Shared:
    """Read what such files say to plans, each under its path from the plans folder on.

    Equal files are read once: publishing, old revisions and the folder mostly ask for the same ones.
    """
    written = {name.partition("/")[2]: (content, name) for name, content in texts}
    services, problems = _services(*written[FILE], rules) if FILE in written else (Services(), [])
    sources, found = _sources(*written[SOURCES]) if SOURCES in written else ({}, [])
    problems += found
    policies: dict[str, SharedPolicy] = {}
    for place in sorted((one for one in written if one.startswith(f"{POLICIES}/")), key=lambda one: one.split("/")):
        content, file = written[place]
        blocks, found = documents(content, file)
        problems += found
        for block in blocks:
            problems += _add(policies, _policy(block, file, services, sources))
    return Shared(services, sources, policies, tuple(problems))


def sources_of(written: object, file: str) -> tuple[dict[str, Source | None], list[Problem]]:
    """Return the sources of a block by key, None for those with mistakes, and the mistakes."""
    sources: dict[str, Source | None] = {}
    mistakes: list[Problem] = []
    for key, source in written.items() if isinstance(written, Block) else ():
        loaded, found = load(SourceSchema, source, Names(file), [])
        sources[key] = loaded if isinstance(loaded, Source) else None
        mistakes += [replace(one, path=f"{key}.{one.path}".rstrip(".")) for one in found]
    return sources, mistakes


def _services(content: bytes, file: str, rules: tuple[CodeRule, ...]) -> tuple[Services, list[Problem]]:
    try:
        return read_services(content, file, rules)
    except PlanFileRefused as refusal:
        return Services(), list(refusal.problems)


def _sources(content: bytes, file: str) -> tuple[dict[str, Source | None], list[Problem]]:
    try:
        written, mistakes = document(content, file)
    except PlanFileRefused as refusal:
        return {}, list(refusal.problems)
    sources, found = sources_of(written, file)
    return sources, mistakes + found


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


# ----------------------------------------------------------------------------
# Reads what each state says of dry needling from `_states.yaml` of the plans folder.
# ----------------------------------------------------------------------------

STATES_FILE = "_states.yaml"
_UNREAD = "unknown"


class _Remark(OfWords):
    """Words for a reader, which may be empty; `unknown` is empty too."""

    def read(self, words: Words) -> str:
        said = " ".join(words.split())
        return "" if said == _UNREAD else said

    def described(self) -> Described:
        return {"type": "string"}


class _Years(Count):
    """Whole years, or `unknown`."""

    def read(self, words: Words) -> int | None:  # type: ignore[override]  # a count that may be unknown
        return None if words == _UNREAD else super().read(words)


class _PermissionSchema(BlockSchema):
    may = Word(enum_words(May), required=True)
    terms = _Remark(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Permission:
        """Return what one profession may do."""
        return Permission(**loaded)


class _EditorSchema(BlockSchema):
    """What the people who keep the table note for each other: checked, and then left out."""

    board_url_seen = yes_no(required=True)
    dated = _Remark(required=True)
    others = _Remark(required=True)
    changes = _Remark(required=True)
    notes = _Remark(required=True)
    sources = _Remark(required=True)


class _StateSchema(BlockSchema):
    abbreviation = state(required=True, data_key="state")
    name = Text(required=True)
    status = Word(enum_words(Scope), required=True)
    says = Text(required=True)
    law = _Remark(required=True)
    training = _Remark(required=True)
    experience_years = _Years(required=True)
    written_consent = Word({"yes": True, "no": False, "unknown": None}, required=True)
    referral = _Remark(required=True)
    registration = _Remark(required=True)
    direct_access = Word(enum_words(Access), required=True)
    direct_access_limit = _Remark(required=True)
    others = Named(Inner(_PermissionSchema), key=Word(NEEDLERS), required=True, least=len(NEEDLERS))
    board = Text(required=True)
    board_url = Address(required=True)
    confidence = Word(("high", "medium", "low"), required=True)
    editor = Inner(_EditorSchema, required=True)
    in_force = Inner(PlanSpanSchema)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> StateRule:
        """Return the state without its editors' notes, so that no page can show them; its days are read elsewhere."""
        return StateRule(**{key: said for key, said in loaded.items() if key not in ("editor", "in_force")})


def read_states(content: str | bytes, file: str) -> Mapping[str, StateRule]:
    """Return the states by their two letters; raise PlanFileRefused with every mistake in the file."""
    found, mistakes = documents(content, file)
    if not found or not isinstance(found[0], Listing):
        mistakes = mistakes or [Problem("", "Enter a list of states, each with `- state: AL`.", file, 1)]
        raise PlanFileRefused(tuple(mistakes))
    states: dict[str, StateRule] = {}
    for written in found[0]:
        rule, wrong = load(_StateSchema, written, Names(file), [])
        mistakes += wrong
        if isinstance(rule, StateRule):
            if rule.abbreviation in states:
                mistakes.append(problem(written, ("state",), "This state stands in the file already.", file))
            states[rule.abbreviation] = rule
    if mistakes:
        raise PlanFileRefused(tuple(mistakes))
    return states
