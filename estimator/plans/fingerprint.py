"""The identity of what a plan says: equal fingerprints give equal estimates.

Taken over the plan without its examples, the policies that it names and the codes of the classes that they
name. Comments, layout, quotes and the order of keys do not count; the order of benefits and lists does.
The standard library's encoder does the work, because an import asks for tens of thousands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from estimator.engine.values import Source

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
