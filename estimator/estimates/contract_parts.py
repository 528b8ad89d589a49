"""What the parts of a request have in common: known keys, nulls that mean nothing, lists that end."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates_schema

from estimator.engine.values import Span
from estimator.estimates.contract_values import MOST_TEXT, DayField
from estimator.estimates.echo import not_that
from estimator.language import N_, _

_OUR_WORDS = {
    "required": N_("Add this key; it is needed."),
    "null": N_("Write a value in place of null."),
}
_MOST_NAMES = 50
_MOST_SUGGESTIONS = 20
_MOST_KEY = 60


class Part(Schema):
    """An object of a request. An unknown key is refused, with the nearest one that is known."""

    class Meta:
        """Unknown keys are found by `_keys_are_known`, which can say more than marshmallow."""

        unknown = EXCLUDE

    example = "{…}"

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.error_messages.update(_OUR_WORDS)

    @pre_load
    def _without_nulls(self, written: Any, **kwargs: Any) -> Any:
        if not isinstance(written, Mapping):
            raise ValidationError(_("Write an object such as {example}.").format(example=self.example))
        return {key: value for key, value in written.items() if value is not None}

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _keys_are_known(self, read: Any, written: Any, **kwargs: Any) -> None:
        if not isinstance(written, Mapping):
            return
        known = list(self.fields)
        strangers = [str(key) for key in written if key not in self.fields]
        problems = {
            key[:_MOST_KEY]: [_unknown_key(key, known, at < _MOST_SUGGESTIONS)] for at, key in enumerate(strangers)
        }
        if problems:
            raise ValidationError(problems)


class SpannedPart(Part):
    """An object with a first and a last day, each of which may be left out."""

    first_day = DayField()
    last_day = DayField()

    @validates_schema(skip_on_field_errors=False)
    def _first_day_comes_first(self, read: Any, **kwargs: Any) -> None:
        first, last = (read or {}).get("first_day"), (read or {}).get("last_day")
        if first and last and last < first:
            words = _("Write a day on or after first_day, {first}, not {last}.").format(first=first, last=last)
            raise ValidationError({"last_day": [words]})


class Several(fields.List[Any]):
    """A list with a least and a most length, which is checked before anything in it is read."""

    def __init__(self, inner: fields.Field[Any], least: int, most: int, words: str, **kwargs: Any):
        inner.error_messages.update(_OUR_WORDS)
        super().__init__(inner, **kwargs)
        self.least, self.most, self.words = least, most, words

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise ValidationError(
                not_that(_("Write a list of {things} in brackets").format(things=_(self.words)), value)
            )
        if len(value) < self.least:
            words = _("This list is empty; write at least one of the {things}.")
            raise ValidationError(words.format(things=_(self.words)))
        if len(value) > self.most:
            words = _("Write at most {most} {things}, not {number}.")
            raise ValidationError(words.format(most=self.most, things=_(self.words), number=len(value)))
        return super()._deserialize(value, attr, data, **kwargs)


class ByName(fields.Field[dict[str, Any]]):
    """An object whose keys are names that a plan gave, all with values of one kind."""

    def __init__(self, inner: fields.Field[Any], **kwargs: Any):
        super().__init__(**kwargs)
        inner.error_messages.update(_OUR_WORDS)
        self.inner = inner

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError(not_that(_("Write an object in braces, with the plan's names as keys"), value))
        if len(value) > _MOST_NAMES:
            words = _("Write at most {most} names, not {number}.")
            raise ValidationError(words.format(most=_MOST_NAMES, number=len(value)))
        read, problems = {}, {}
        for key, one in value.items():
            name = str(key)
            try:
                read[name] = self.inner.deserialize(one)
            except ValidationError as error:
                problems[name[:_MOST_KEY]] = error.messages
            if len(name) > MOST_TEXT:
                problems[name[:_MOST_KEY]] = [_("Write a name of at most {most} characters.").format(most=MOST_TEXT)]
        if problems:
            raise ValidationError(problems)
        return read


def span(read: dict[str, Any]) -> Span:
    """Take the two days of a spanned part out of it."""
    return Span(read.pop("first_day", None), read.pop("last_day", None))


def _unknown_key(key: str, known: list[str], suggests: bool) -> str:
    near = get_close_matches(key[:_MOST_KEY], known, 1) if suggests else []
    if near:
        return _("There is no such key; write {meant}.").format(meant=near[0])
    return _("There is no such key; the keys here are {keys}.").format(keys=", ".join(known))
