"""What the fields of a request look like to a program, in JSON Schema; answers are described by their own schemas."""

from __future__ import annotations

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
