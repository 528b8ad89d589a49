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

from estimator.domain.citation import Source

_NO_RULES = frozenset({"examples"})
_ORDERED = ("benefits", "networks")
_SPACE = re.compile(r"(?:\\[nrt]| )+")
_LAID_OUT = re.compile(r"  |\\[nrt]")
_FIRST_WORD = re.compile(r'" ?([^" ]+)')

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
    written = json.dumps([rules, order, policies], sort_keys=True)
    if _LAID_OUT.search(written):
        written = _SPACE.sub(" ", written)
    # The first word of a scalar may name a class or, where something is cited, a source.
    words = set(_FIRST_WORD.findall(written))
    rests_on = {
        "classes": {name: sorted(classes[name]) for name in words & classes.keys()},
        "sources": {key: repr(sources[key]) for key in words & sources.keys()},
    }
    return sha256(f"{written}{json.dumps(rests_on, sort_keys=True)}".encode("ascii")).hexdigest()
