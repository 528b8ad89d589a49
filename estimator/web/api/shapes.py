"""What requests and answers look like to a program, in JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from marshmallow import fields

from estimator.estimates.contract_values import (
    FIRST_DAY,
    LAST_DAY,
    MOST_TEXT,
    ByName,
    ChoiceField,
    CountField,
    CountOrMoneyField,
    DayField,
    DiagnosisField,
    ModifierField,
    MoneyField,
    PatternField,
    PercentField,
    PlanField,
    PricedCodeField,
    ServiceCodeField,
    Several,
    WordField,
    YesField,
)

Described = dict[str, Any]

_MONEY: Described = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{2})?$", "examples": ["40.00"]}
_COUNT: Described = {"type": "integer", "minimum": 0, "maximum": 9999}


def described(self: Any, field: fields.Field[Any], **_: Any) -> Described:
    """Return the JSON Schema of one field, for the library that gathers the description; `self` is its converter."""
    if isinstance(field, Several):
        return {"minItems": field.least, "maxItems": field.most}
    if isinstance(field, ByName):
        # Only a name that the plan itself gave fits, so that no general schema can list them.
        return {"type": "object", "additionalProperties": self.field2property(field.inner)}
    return described_field(field)


@singledispatch
def described_field(field: fields.Field[Any]) -> Described:
    """Return the JSON Schema of a field; nothing where it is no field of the contract."""
    return {}


@described_field.register
def _(field: MoneyField) -> Described:
    return {**_MONEY, "description": "An amount of 0.00 to 1,000,000.00."}


@described_field.register
def _(field: CountField) -> Described:
    return {"type": "integer", "minimum": field.least, "maximum": field.most}


@described_field.register
def _(field: CountOrMoneyField) -> Described:
    return {"oneOf": [_COUNT, _MONEY], "description": "A count, or an amount for a limit in dollars."}


@described_field.register
def _(field: DayField) -> Described:
    return {"type": "string", "format": "date", "description": f"A day from {FIRST_DAY} to {LAST_DAY}."}


@described_field.register
def _(field: YesField) -> Described:
    return {"type": "boolean"}


@described_field.register
def _(field: PercentField) -> Described:
    ends = f"From {field.least} to {field.most}."
    return {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?%$", "examples": ["110%"], "description": ends}


@described_field.register
def _(field: PatternField) -> Described:
    return {"type": "string", "pattern": f"^{field.pattern.pattern}$", "description": f"{field.words}."}


@described_field.register
def _(field: WordField) -> Described:
    return {"type": "string", "minLength": 1, "maxLength": MOST_TEXT, "pattern": r"\S"}


@described_field.register
def _(field: ChoiceField) -> Described:
    return {"type": "string", "enum": list(field.choices)}


@described_field.register
def _(field: PlanField) -> Described:
    named: Described = {"type": "string", "minLength": 1, "maxLength": MOST_TEXT, "pattern": r"\S"}
    whole: Described = {
        "type": "object",
        "minProperties": 1,
        "description": "A definition with the keys of a plan file.",
    }
    return {"oneOf": [named, whole], "description": "The id of a plan, or a whole definition."}


@described_field.register
def _(field: ServiceCodeField) -> Described:
    return {"type": "string", "pattern": "^[0-9A-Z]{5}$", "examples": ["97110"]}


@described_field.register
def _(field: PricedCodeField) -> Described:
    return {"type": "string", "pattern": r"^([0-9A-Z]{5}|\*)$", "examples": ["97110", "*"]}


@described_field.register
def _(field: ModifierField) -> Described:
    return {"type": "string", "pattern": "^[0-9A-Z]{2}$", "examples": ["59"]}


@described_field.register
def _(field: DiagnosisField) -> Described:
    return {"type": "string", "examples": ["M54.50"], "description": "An ICD-10-CM code."}


# ----------------------------------------------------------------------------
# What answers look like, in JSON Schema: the answer of the JSON contract and the smaller answers around it.
# ----------------------------------------------------------------------------

Shape = Mapping[str, Any]

_TEXT: Shape = {"type": "string"}
_MONEY_SHAPE: Shape = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"}
_COUNT_SHAPE: Shape = {"type": "integer"}
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


_RANGE = _object({"low": _MONEY_SHAPE, "high": _MONEY_SHAPE})
_THREE = _object({"low": _MONEY_SHAPE, "typical": _MONEY_SHAPE, "high": _MONEY_SHAPE})
_CITED = _or_null(_ref("Citation"))
_NUMBERS: Shape = {"type": "object", "additionalProperties": _TEXT}
_OPEN: Shape = {"type": "object"}
_SAID: Mapping[str, Shape] = {"says": _TEXT, "citation": _CITED}

_LINE: Mapping[str, Shape] = {
    "code": _TEXT,
    "name": _TEXT,
    "units": _COUNT_SHAPE,
    "minutes": _or_null(_COUNT_SHAPE),
    "modifiers": _list(_TEXT),
    "status": {"type": "string", "enum": list(_STATUSES)},
    "status_says": _TEXT,
    "allowed": _MONEY_SHAPE,
    "allowed_range": _RANGE,
    "charge": _MONEY_SHAPE,
    "patient_owes": _MONEY_SHAPE,
    "plan_pays": _MONEY_SHAPE,
    "provider_absorbs": _MONEY_SHAPE,
    "price": _object({"finding": _TEXT, **_SAID, "numbers": _NUMBERS}),
    "steps": _list(_ref("Step")),
}
_VISIT: Mapping[str, Shape] = {
    "number": _COUNT_SHAPE,
    "day": _DAY,
    "network": _TEXT,
    "patient_owes": _MONEY_SHAPE,
    "range": _RANGE,
    "cumulative": _THREE,
    "lines": _list(_ref("Line")),
    "accumulators": _OPEN,
}
_CONDITION: Mapping[str, Shape] = {
    "needs": _TEXT,
    "from_visit": _COUNT_SHAPE,
    "visits": _COUNT_SHAPE,
    "administrator": _TEXT,
    "if_not": _MONEY_SHAPE,
    "clinic_if_not": _MONEY_SHAPE,
    "is_known": {"type": "boolean"},
    **_SAID,
}
_ANSWER: Mapping[str, Shape] = {
    "notices": _list(_object({"finding": _TEXT, **_SAID, "numbers": _NUMBERS})),
    "patient_owes": _THREE,
    "plan_pays": _MONEY_SHAPE,
    "provider_absorbs": _MONEY_SHAPE,
    "plan": _OPEN,
    "visits": _list(_ref("Visit")),
    "conditions": _list(_ref("Condition")),
    "questions": _list(_object({"asks": _TEXT, "subject": _TEXT, **_SAID})),
    "assumptions": _list(_object({"assumes": _TEXT, "subject": _TEXT, **_SAID})),
    "crossing_points": _list(
        _object({"kind": _TEXT, "visit": _COUNT_SHAPE, "day": _DAY, "subject": _TEXT, "says": _TEXT})
    ),
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
    "line": _or_null(_COUNT_SHAPE),
}
_REVISION: Mapping[str, Shape] = {
    "revision": _COUNT_SHAPE,
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
    "revision": _COUNT_SHAPE,
}
_PUBLISHED: Mapping[str, Shape] = {
    **_REVISION,
    "based_on": _or_null(_COUNT_SHAPE),
    "published_at": {"type": "string", "format": "date-time"},
    "published_by": _TEXT,
    "note": _TEXT,
}

SHAPES: Mapping[str, Shape] = {
    "Problems": _object({"problems": _list(_object({"path": _TEXT, "message": _TEXT}))}),
    "Citation": _object(_CITATION),
    "Step": _object({"finding": _TEXT, "amount": _MONEY_SHAPE, **_SAID, "numbers": _NUMBERS}),
    "Line": _object(_LINE),
    "Visit": _object(_VISIT),
    "Condition": _object(_CONDITION),
    "Answer": _object(_ANSWER, description="The answer of the JSON contract; its steps sum to every total."),
    "ExplanationOfBenefit": {
        "type": "object",
        "required": ["resourceType", "status", "use", "item", "total"],
        "properties": {"resourceType": {"const": "ExplanationOfBenefit"}, "use": {"const": "predetermination"}},
    },
    "Plans": _object({"plans": _list(_object(_FOUND)), "count": _COUNT_SHAPE, "page": _COUNT_SHAPE}),
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
                _object({"code": _TEXT, "name": _TEXT, "medicare": _or_null(_MONEY_SHAPE), "others": _or_null(_THREE)})
            ),
        }
    ),
    "Check": {"type": "object", "required": ["as_of", "plan", "lines", "timeline", "buckets", "questions"]},
    "Eligibility": _object({"answer": _OPEN, "request": _OPEN}),
    "Batch": _object(
        {
            "number": _COUNT_SHAPE,
            "state": {"type": "string", "enum": ["running", "stopped", "done"]},
            "rows": _COUNT_SHAPE,
            "answered": _COUNT_SHAPE,
            "deleted_at": {"type": "string", "format": "date-time"},
            "outcomes": _list(
                _object({"row": _COUNT_SHAPE, "label": _TEXT, "state": _TEXT, "outcome": _or_null(_OPEN)})
            ),
        }
    ),
}
