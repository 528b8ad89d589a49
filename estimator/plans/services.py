"""The services that plans speak of: classes that plan files name, and our own words for each code.

Read from `_services.yaml` of the plans folder; the names of codes on pages come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import post_load

from estimator.errors import Problem
from estimator.plans.from_yaml import document
from estimator.plans.schema_loading import load
from estimator.plans.schema_names import Names
from estimator.plans.schema_references import CODE
from estimator.plans.schema_shapes import BlockSchema, Inner, Many, Named
from estimator.plans.schema_values import Pattern, Text, Word, yes_no
from estimator.plans.tree import Block, Listing, problem

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
    """Classes of codes by name, and the names of codes."""

    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    codes: Mapping[str, ServiceName] = field(default_factory=dict)


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


def read_services(content: str | bytes, file: str) -> tuple[Services, list[Problem]]:
    """Return the classes and codes, and every mistake in the file."""
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
    return Services(classes, codes), mistakes


def resolved(table: object, known: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return the codes of each class of a table, whose classes may hold each other and those already known.

    >>> from estimator.plans.tree import Words
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
