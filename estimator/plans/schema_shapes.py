"""Shapes of a plan file: blocks with known keys, named blocks, lists, and a word in place of a block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, validates_schema

from estimator.plans.schema_names import listed, names, shown, suggestion
from estimator.plans.schema_values import Described, Written, name
from estimator.plans.tree import Block, Listing, Tree, Words, plain


class BlockSchema(Schema):
    """A block of known keys; unknown ones are refused with the nearest that is known.

    `cited` blocks say where they come from, except in a request. `also` is what the JSON Schema says of the
    block beyond its keys.
    """

    class Meta:
        """Unknown keys are found by `refuse_unknown_keys`, which can suggest."""

        unknown = EXCLUDE

    cited: ClassVar[bool] = False
    also: ClassVar[Described] = {}

    def keys(self) -> list[str]:
        """Return the keys as they are written."""
        return [written_key(key, field) for key, field in self.fields.items()]

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_unknown_keys(self, loaded: Any, original: Block, **kwargs: Any) -> None:
        """Refuse keys that mean nothing here, and a rule that does not say where it comes from."""
        known = self.keys()
        mistakes = {}
        for key in original:
            if key not in known:
                near = suggestion(key, known) or f" Known keys: {', '.join(known)}."
                mistakes[key] = [f"Nothing is called '{shown(key)}' here.{near}"]
        if self.cited and "cite" not in original and names().given is None:
            mistakes["cite"] = ["Say where this stands, such as `cite: eoc p. 41`."]
        if mistakes:
            raise ValidationError(mistakes)


def written_key(key: str, field: Any) -> str:
    """Return the key under which a field is written."""
    return field.data_key or key


@cache
def schema_of(kind: type[BlockSchema]) -> BlockSchema:
    """Return the one instance of a schema; building it costs more than using it."""
    return kind()


class Inner(Written):
    """A block with a schema of its own."""

    takes_words = False
    example = "{…}"

    def __init__(self, kind: type[BlockSchema], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Block):
            raise ValidationError(f"Write a block here, with keys such as {self._some_keys()}.")
        return schema_of(self.kind).load(value)

    def _some_keys(self) -> str:
        return listed(f"`{key}`" for key in schema_of(self.kind).keys()[:3])

    def described(self) -> Described:
        """Return a reference to the schema of the block."""
        return {"$ref": f"#/$defs/{self.kind.__name__.removesuffix('Schema')}"}


class Choice(Written):
    """A word of a list, or else what another field reads."""

    def __init__(self, words: Mapping[str, Any], other: Written, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = dict(words)
        self.other = other
        self.example = other.example if other.takes_words or not words else next(iter(words))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Words):
            if value in self.words:
                return self.words[value]
            if not self.other.takes_words:
                near = suggestion(value, self.words)
                raise ValidationError(f"Write {listed([*self.words, 'a block'])}, not '{shown(value)}'.{near}")
        return self.other.deserialize(value, attr, data)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"anyOf": [{"enum": list(self.words)}, self.other.described()]}


class Many(Written):
    """A list."""

    takes_words = False
    example = "[…]"

    def __init__(self, member: Written, least: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.member = member
        self.least = least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[Any, ...]:
        if not isinstance(value, Listing):
            raise ValidationError(f"Write a list such as [{self.member.example}].")
        if len(value) < self.least:
            raise ValidationError(f"Write at least {self.least} here.")
        members, mistakes = _collected(self.member, enumerate(value))
        if mistakes:
            raise ValidationError(mistakes)
        return tuple(members.values())

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "array", "items": self.member.described(), "minItems": self.least}


class Named(Written):
    """A block whose keys are names and whose values are alike."""

    takes_words = False
    example = "{…}"

    def __init__(self, value: Written, key: Written | None = None, least: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value = value
        self.key = key or name()
        self.least = least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Block):
            raise ValidationError("Write a block of names here, each with its own keys.")
        if len(value) < self.least:
            raise ValidationError(f"Write at least {self.least} here.")
        values, mistakes = _collected(self.value, value.items())
        mistakes |= _collected(self.key, ((key, Words(key)) for key in value))[1]
        if mistakes:
            raise ValidationError(mistakes)
        return values

    def described(self) -> Described:
        """Return the JSON Schema."""
        names_alike = {"propertyNames": {"pattern": self.key.described().get("pattern", "")}}
        values_alike = {"type": "object", "additionalProperties": self.value.described()}
        return values_alike | names_alike | {"minProperties": self.least}


class Anything(Written):
    """What is only passed on, such as an example's request: plain dicts, lists and text."""

    example = "{…}"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Block):
            raise ValidationError("Write a block here.")
        return plain(value)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "object"}


def _collected(field: Written, written: Iterable[tuple[Any, Tree]]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    read, mistakes = {}, {}
    for key, value in written:
        try:
            read[key] = field.deserialize(value)
        except ValidationError as error:
            mistakes[key] = error.messages
    return read, mistakes
