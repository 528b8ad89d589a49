"""What answers look like, in JSON Schema: the answer of the JSON contract and the smaller answers around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shape = Mapping[str, Any]

_TEXT: Shape = {"type": "string"}
_MONEY: Shape = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"}
_COUNT: Shape = {"type": "integer"}
_DAY: Shape = {"type": "string", "format": "date"}
_STATUSES = (
    "payable",
    "bundled",
    "not-covered-patient-may-be-billed",
    "not-covered-provider-absorbs",
    "needs-authorization",
    "unknown",
)


def _object(whole: Mapping[str, Shape], *maybe: str, **more: Any) -> dict[str, Any]:
    """Describe an object; the keys in `maybe` may be missing."""
    required = [name for name in whole if name not in maybe]
    return {"type": "object", "properties": dict(whole), "required": required, "additionalProperties": False, **more}


def _list(of: Shape) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _or_null(shape: Shape) -> dict[str, Any]:
    return {"oneOf": [shape, {"type": "null"}]}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_RANGE = _object({"low": _MONEY, "high": _MONEY})
_THREE = _object({"low": _MONEY, "typical": _MONEY, "high": _MONEY})
_CITED = _or_null(_ref("Citation"))
_NUMBERS: Shape = {"type": "object", "additionalProperties": _TEXT}
_OPEN: Shape = {"type": "object"}
_SAID: Mapping[str, Shape] = {"says": _TEXT, "citation": _CITED}

_LINE: Mapping[str, Shape] = {
    "code": _TEXT,
    "name": _TEXT,
    "units": _COUNT,
    "minutes": _or_null(_COUNT),
    "modifiers": _list(_TEXT),
    "status": {"type": "string", "enum": list(_STATUSES)},
    "status_says": _TEXT,
    "allowed": _MONEY,
    "allowed_range": _RANGE,
    "charge": _MONEY,
    "patient_owes": _MONEY,
    "plan_pays": _MONEY,
    "provider_absorbs": _MONEY,
    "price": _object({"finding": _TEXT, **_SAID, "numbers": _NUMBERS}),
    "steps": _list(_ref("Step")),
}
_VISIT: Mapping[str, Shape] = {
    "number": _COUNT,
    "day": _DAY,
    "network": _TEXT,
    "patient_owes": _MONEY,
    "range": _RANGE,
    "cumulative": _THREE,
    "lines": _list(_ref("Line")),
    "accumulators": _OPEN,
}
_CONDITION: Mapping[str, Shape] = {
    "needs": _TEXT,
    "from_visit": _COUNT,
    "visits": _COUNT,
    "administrator": _TEXT,
    "if_not": _MONEY,
    "clinic_if_not": _MONEY,
    "is_known": {"type": "boolean"},
    **_SAID,
}
_ANSWER: Mapping[str, Shape] = {
    "notices": _list(_object({"finding": _TEXT, **_SAID, "numbers": _NUMBERS})),
    "patient_owes": _THREE,
    "plan_pays": _MONEY,
    "provider_absorbs": _MONEY,
    "plan": _OPEN,
    "visits": _list(_ref("Visit")),
    "conditions": _list(_ref("Condition")),
    "questions": _list(_object({"asks": _TEXT, "subject": _TEXT, **_SAID})),
    "assumptions": _list(_object({"assumes": _TEXT, "subject": _TEXT, **_SAID})),
    "crossing_points": _list(_object({"kind": _TEXT, "visit": _COUNT, "day": _DAY, "subject": _TEXT, "says": _TEXT})),
    "summary": _TEXT,
    "reader": {"type": "string", "enum": ["patient", "biller"]},
    "inputs": _NUMBERS,
}
_CITATION: Mapping[str, Shape] = {
    "title": _TEXT,
    "url": _TEXT,
    "place": _TEXT,
    "read_on": _or_null(_DAY),
    "confidence": _TEXT,
    "file": _or_null(_TEXT),
    "line": _or_null(_COUNT),
}
_REVISION: Mapping[str, Shape] = {
    "revision": _COUNT,
    "fingerprint": _TEXT,
    "title": _TEXT,
    "first_day": _or_null(_DAY),
    "last_day": _or_null(_DAY),
}
_FOUND: Mapping[str, Shape] = {
    "id": _TEXT,
    "title": _TEXT,
    "payer": _TEXT,
    "kind": _TEXT,
    "market": _TEXT,
    "states": _list(_TEXT),
    "metal_level": _or_null(_TEXT),
    "first_day": _or_null(_DAY),
    "last_day": _or_null(_DAY),
    "revision": _COUNT,
}
_PUBLISHED: Mapping[str, Shape] = {
    **_REVISION,
    "based_on": _or_null(_COUNT),
    "published_at": {"type": "string", "format": "date-time"},
    "published_by": _TEXT,
    "note": _TEXT,
}

SHAPES: Mapping[str, Shape] = {
    "Problems": _object({"problems": _list(_object({"path": _TEXT, "message": _TEXT}))}),
    "Citation": _object(_CITATION),
    "Step": _object({"finding": _TEXT, "amount": _MONEY, **_SAID, "numbers": _NUMBERS}),
    "Line": _object(_LINE),
    "Visit": _object(_VISIT),
    "Condition": _object(_CONDITION),
    "Answer": _object(_ANSWER, description="The answer of the JSON contract; its steps sum to every total."),
    "ExplanationOfBenefit": {
        "type": "object",
        "required": ["resourceType", "status", "use", "item", "total"],
        "properties": {"resourceType": {"const": "ExplanationOfBenefit"}, "use": {"const": "predetermination"}},
    },
    "Plans": _object({"plans": _list(_object(_FOUND)), "count": _COUNT, "page": _COUNT}),
    "Plan": _object({"plan": _TEXT, "revisions": _list(_object({**_REVISION, "definition": _TEXT}))}),
    "Revisions": _object({"plan": _TEXT, "revisions": _list(_object(_PUBLISHED))}),
    "Prices": _object(
        {
            "zip": _TEXT,
            "state": _TEXT,
            "locality": _object({"key": _TEXT, "name": _TEXT}),
            "candidates": _list(_TEXT),
            "book": _object({"id": _TEXT, "title": _TEXT}),
            "prices": _list(
                _object({"code": _TEXT, "name": _TEXT, "medicare": _or_null(_MONEY), "others": _or_null(_THREE)})
            ),
        }
    ),
    "Check": {"type": "object", "required": ["as_of", "plan", "lines", "timeline", "buckets", "questions"]},
    "Eligibility": _object({"answer": _OPEN, "request": _OPEN}),
    "Batch": _object(
        {
            "number": _COUNT,
            "state": {"type": "string", "enum": ["running", "stopped", "done"]},
            "rows": _COUNT,
            "answered": _COUNT,
            "deleted_at": {"type": "string", "format": "date-time"},
            "outcomes": _list(_object({"row": _COUNT, "label": _TEXT, "state": _TEXT, "outcome": _or_null(_OPEN)})),
        }
    ),
}
