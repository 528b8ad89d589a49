"""Values that name something else: a source, services, and names of the same plan."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError

from estimator.engine.values import Citation
from estimator.plans.schema_names import listed, names, shown, suggestion
from estimator.plans.schema_shapes import Many
from estimator.plans.schema_values import Described, OfWords
from estimator.plans.tree import Words

_EXAMPLES = {
    "tiers": "in-network",
    "limits": "therapy-visits",
    "benefits": "physical-therapy",
    "policies": "acme-dry-needling",
}
_CALLED = {"tiers": "networks", "limits": "limits", "benefits": "benefits", "policies": "policies"}
CODE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")


class Cite(OfWords):
    """A source and a place in it."""

    example = "eoc p. 41"

    def read(self, words: Words) -> Citation | None:
        """Return the citation; nothing where the source itself has mistakes, which are told there."""
        key, _, place = " ".join(words.split()).partition(" ")
        known = names()
        if key not in known.sources:
            near = suggestion(key, known.sources) or " Write it as a key of `sources`."
            raise ValidationError(f"There is no source '{shown(key)}'.{near}")
        source = known.sources[key]
        return None if source is None else Citation(source, place, known.file, words.line or 0)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": r"^\S+( .+)?$"}


def citation(loaded: dict[str, Any]) -> Citation | None:
    """Return the citation of a block, or that of the request where it has none."""
    own: Citation | None = loaded.get("cite") or names().given
    return own


class ServiceNames(Many):
    """A list of classes and codes, read as the set of codes that they hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_ServiceName(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return frozenset[str]().union(*super()._deserialize(value, attr, data))


class _ServiceName(OfWords):
    example = "pt-timed"

    def read(self, words: Words) -> frozenset[str]:
        classes = names().classes
        if words in classes:
            return classes[words]
        if not CODE.fullmatch(words):
            near = suggestion(words, classes) or f" Known classes: {', '.join(sorted(classes))}."
            raise ValidationError(f"There is no class or code '{shown(words)}'.{near}")
        return frozenset([str(words)])

    def described(self) -> Described:
        return {"type": ["string", "integer"]}


class Known(OfWords):
    """The name of a tier, limit, benefit or policy that exists, or one of a few other words."""

    def __init__(self, kind: str, *others: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.others = others
        self.example = _EXAMPLES[kind]

    def read(self, words: Words) -> str:
        """Return the name."""
        named = getattr(names(), self.kind)
        if named is None:
            return str(words)
        known = (*named, *self.others)
        if words not in known:
            near = suggestion(words, known) or (f" Known: {listed(known)}." if known else " The plan has none.")
            raise ValidationError(f"There is no '{shown(words)}' among the {_CALLED[self.kind]}.{near}")
        return str(words)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string"}
