"""The identity of what a plan says: equal fingerprints give equal estimates.

Taken over the plan without its examples, the policies that it names and the codes of the classes that they
name. Comments, layout, quotes and the order of keys do not count; the order of benefits and lists does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from estimator.domain.citation import Source
from estimator.planfiles.written.tree import Block, Listing, Tree

_NO_RULES = frozenset({"examples"})
_ORDERED = frozenset({"benefits", "networks"})


def fingerprint(
    plan: Block, policies: list[Block], classes: Mapping[str, frozenset[str]], sources: Mapping[str, Source | None]
) -> str:
    """Return the SHA-256 of a plan with everything that it rests on."""
    words = set(_words(plan)).union(*(_words(policy) for policy in policies))
    said = {
        "plan": _canonical(Block() | {key: value for key, value in plan.items() if key not in _NO_RULES}),
        "policies": [_canonical(policy) for policy in policies],
        "classes": {name: sorted(classes[name]) for name in sorted(words & set(classes))},
        "sources": {key: repr(sources[key]) for key in sorted(words & set(sources))},
    }
    return sha256(json.dumps(said, sort_keys=True).encode("ascii")).hexdigest()


def _canonical(tree: Tree | dict[str, Tree], key: str = "") -> Any:
    if isinstance(tree, dict):
        pairs = [[name, _canonical(value, name)] for name, value in tree.items()]
        return pairs if key in _ORDERED else sorted(pairs, key=lambda pair: str(pair[0]))
    if isinstance(tree, Listing):
        return [_canonical(member) for member in tree]
    return " ".join(tree.split())


def _words(tree: Tree) -> list[str]:
    """Return the first word of every scalar: names of classes, and keys of sources where something is cited."""
    if isinstance(tree, Block):
        return [word for value in tree.values() for word in _words(value)]
    if isinstance(tree, Listing):
        return [word for member in tree for word in _words(member)]
    return tree.split()[:1]
