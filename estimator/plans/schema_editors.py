"""The JSON Schema of a plan file, made from the same schemas that check it; an editor completes keys from it."""

from __future__ import annotations

from typing import Any

from estimator.plans.schema_plan import PlanSchema
from estimator.plans.schema_shapes import BlockSchema, schema_of, written_key

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: type[BlockSchema] = PlanSchema) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a plan file, or of a policy for PolicySchema.

    It knows shapes and words; that names exist, and that steps and days are in order, only the reader checks.
    """
    definitions: dict[str, Any] = {}
    waiting = [kind]
    while waiting:
        schema = waiting.pop()
        if _name(schema) not in definitions:
            definitions[_name(schema)] = _block(schema)
            waiting += _inner_kinds(definitions[_name(schema)])
    root = definitions.pop(_name(kind))
    return {"$schema": _DIALECT, "title": _name(kind), **root, "$defs": dict(sorted(definitions.items()))}


def _block(kind: type[BlockSchema]) -> dict[str, Any]:
    properties, required = {}, []
    for key, field in schema_of(kind).fields.items():
        described = field.described()  # type: ignore[attr-defined]
        if description := field.metadata.get("description"):
            described = {"description": description, **described}
        properties[written_key(key, field)] = described
        if field.required or (key == "cite" and kind.cited):
            required.append(written_key(key, field))
    block = {"type": "object", "description": " ".join((kind.__doc__ or "").split()), "properties": properties}
    return {**block, "required": required, "additionalProperties": False, **kind.also}


def _inner_kinds(described: Any) -> list[type[BlockSchema]]:
    """Return the schemas that a description refers to."""
    if isinstance(described, list):
        return [kind for part in described for kind in _inner_kinds(part)]
    if not isinstance(described, dict):
        return []
    found = [kind for part in described.values() for kind in _inner_kinds(part)]
    reference = described.get("$ref")
    return [*found, _KINDS[reference.rpartition("/")[2]]] if isinstance(reference, str) else found


def _name(kind: type[BlockSchema]) -> str:
    return kind.__name__.removesuffix("Schema")


def _all_kinds(kind: type[BlockSchema]) -> dict[str, type[BlockSchema]]:
    return {_name(kind): kind} | {
        name: one for below in kind.__subclasses__() for name, one in _all_kinds(below).items()
    }


_KINDS = _all_kinds(BlockSchema)
