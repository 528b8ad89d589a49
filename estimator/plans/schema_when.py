"""Spans of days and conditions: when a rule holds."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.codes import PROVIDERS, PURPOSES, SETTINGS, STATES
from estimator.engine.plan import When
from estimator.engine.values import ALWAYS, Span
from estimator.plans.schema_figures import Count, Day
from estimator.plans.schema_shapes import BlockSchema, Inner, Many
from estimator.plans.schema_values import Pattern, Word, yes_no


def state(**kwargs: Any) -> Word:
    """Return a field for the two letters of a state."""
    return Word(STATES, **kwargs)


def diagnosis() -> Pattern:
    """Return a field for a diagnosis code, or its beginning and `*`."""
    return Pattern(r"[A-Z][0-9][0-9A-Z]?(?:\.[0-9A-Z]{0,4})?\*?", "M54.50 or M54*", "a diagnosis code")


def modifier(**kwargs: Any) -> Pattern:
    """Return a field for a modifier."""
    return Pattern(r"[A-Z0-9]{2}", "KX", "a modifier of two characters", **kwargs)


def refuse_backwards(loaded: dict[str, Any]) -> None:
    """Refuse a span that ends before it starts."""
    first, last = loaded.get("first_day"), loaded.get("last_day")
    if first and last and last < first:
        raise ValidationError({"last_day": [f"Write a day from {first} on: the last day is included."]})


class SpanSchema(BlockSchema):
    """Days on which something is in force, both ends included."""

    first_day = Day(metadata={"description": "The first day of service that it holds for."})
    last_day = Day(metadata={"description": "The last day of service; left out, there is no end."})

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a span that ends before it starts."""
        refuse_backwards(loaded)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Span:
        """Return the span."""
        return Span(loaded.get("first_day"), loaded.get("last_day"))


class PlanSpanSchema(SpanSchema):
    """The days of a plan, which have a beginning."""

    first_day = Day(required=True, metadata={"description": "The first day of service that the file holds for."})


class AgeSchema(BlockSchema):
    """Ages in years, both ends included."""

    from_age = Count(data_key="from")
    to_age = Count(data_key="to")


class WhenSchema(BlockSchema):
    """Conditions that must all hold."""

    diagnoses = Many(diagnosis(), least=1, metadata={"description": "One of these, or beginnings such as M54*."})
    not_diagnoses = Many(diagnosis(), least=1)
    primary = yes_no(metadata={"description": "Ask the first diagnosis only."})
    symptom_weeks = Count(least=1, metadata={"description": "Weeks since the complaint began, at least."})
    age = Inner(AgeSchema)
    providers = Many(Word(PROVIDERS), least=1)
    settings = Many(Word(SETTINGS), least=1)
    states = Many(state(), least=1, metadata={"description": "States of the clinic."})
    purposes = Many(Word(PURPOSES), least=1)
    modifiers = Many(modifier(), least=1)
    first_day = Day()
    last_day = Day()

    @validates_schema(pass_original=True)
    def check(self, loaded: dict[str, Any], original: Any, **kwargs: Any) -> None:
        """Refuse a span that ends before it starts, and a condition that asks nothing."""
        refuse_backwards(loaded)
        if not original:
            raise ValidationError("Write at least one condition, or remove the key.")

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> When:
        """Return the condition."""
        age = loaded.get("age", {})
        sets = ("providers", "settings", "states", "purposes", "modifiers")
        return When(
            diagnoses=loaded.get("diagnoses", ()),
            not_diagnoses=loaded.get("not_diagnoses", ()),
            primary=loaded.get("primary", False),
            symptom_weeks=loaded.get("symptom_weeks", 0),
            from_age=age.get("from_age"),
            to_age=age.get("to_age"),
            span=Span(loaded.get("first_day"), loaded.get("last_day"))
            if {"first_day", "last_day"} & set(loaded)
            else ALWAYS,
            **{key: frozenset(loaded.get(key, ())) for key in sets},
        )
