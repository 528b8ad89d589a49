"""The head of a plan file, read without the rest of it: enough to choose a plan from a list."""

from __future__ import annotations

import re
from dataclasses import dataclass

from estimator.engine.values import Span
from estimator.plans.from_yaml import documents
from estimator.plans.schema_loading import load
from estimator.plans.schema_names import Names
from estimator.plans.schema_when import PlanSpanSchema
from estimator.plans.tree import Block, Listing

_KEYS = ("plan", "title", "payer", "kind", "market", "states", "in_force")
_TOP = re.compile(rf"^(?:{'|'.join(_KEYS)})[ ]*:.*\n(?:[ \t#].*\n|\n|[\]}}].*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heading:
    """One revision of a plan; `states` empty means that it is sold everywhere."""

    id: str
    title: str
    payer: str
    kind: str
    market: str
    states: tuple[str, ...]
    in_force: Span


def heading(content: bytes) -> Heading | None:
    """Return the head of a plan file, or None where it has none that can be read; a check says why."""
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
    found, _ = documents("".join(match.group() for match in _TOP.finditer(f"{text}\n")))
    if not found or not isinstance(found[0], Block):
        return None
    head = found[0]
    in_force = load(PlanSpanSchema, head.get("in_force", Block()), Names(), [])[0]
    if "plan" not in head or not isinstance(in_force, Span):
        return None
    words = {key: " ".join(str(head.get(key, "")).split()) for key in ("title", "payer", "kind", "market")}
    states = head.get("states")
    listed = tuple(str(state) for state in states) if isinstance(states, Listing) else ()
    return Heading(id=str(head["plan"]), states=listed, in_force=in_force, **words)
