"""One value of a request at a time, and the JSON text it came in, with the traps of JSON refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, post_load, pre_load, validates_schema

from estimator.engine.coding import diagnosis_code
from estimator.engine.prices import ClinicPrices, ExperienceFactor, PriceEntry
from estimator.engine.request import Call, Request, Used
from estimator.engine.values import Money, Rate, Span
from estimator.errors import Problem, RequestRefused
from estimator.language import N_, _

OF_SECOND = "secondary.told"
"""Where the answers of a second plan stand in a request."""

# The id of a plan, or a whole definition with the keys of a plan file.
PlanNamed = str | Mapping[str, Any]


@dataclass(frozen=True)
class SecondPlan:
    """A second plan; `method` is standard, non-duplication or maintenance-of-benefits, `told` what it answered."""

    plan: PlanNamed
    method: str = "standard"
    used: Used = field(default_factory=Used)
    told: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request. `request.state` holds what the person wrote; a ZIP code's state is looked up later.

    In `request.used.limits` a value is `Money` where it was written with cents, and a plain count elsewhere:
    only the plan says which of the two a limit takes.
    """

    plan: PlanNamed
    request: Request
    zip: str | None = None
    locality: str | None = None
    contract: tuple[PriceEntry, ...] = ()
    self_pay_prices: tuple[PriceEntry, ...] = ()
    factors: tuple[ExperienceFactor, ...] = ()
    secondary: SecondPlan | None = None
    told: tuple[Call, ...] = ()
    insurer: str | None = None

    def priced_by(self, own: ClinicPrices) -> Asked:
        """Return the same with the clinic's prices behind those that the request itself gives."""
        return replace(
            self,
            contract=(*self.contract, *own.contract),
            self_pay_prices=(*self.self_pay_prices, *own.self_pay),
            factors=own.factors,
        )


# ----------------------------------------------------------------------------
# One value of a request at a time: money, days, whole numbers, codes and words from a list.
#
# Each field says in a sentence what to enter instead. Numbers may also come as text, since plan files and forms know
# nothing else.
# ----------------------------------------------------------------------------

MOST_MONEY = Money(100_000_000)
MOST_TEXT = 200
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
_MOST_DIGITS = 15
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YES, _NO = ("yes", "true"), ("no", "false")


class MoneyField(fields.Field[Money]):
    """An amount of 0.00 to 1,000,000.00."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Money:
        amount = money(value)
        if amount is None:
            raise ValidationError(not_that(_("Enter an amount, like 40.00"), value))
        if amount < 0:
            raise ValidationError(not_that(_("Enter an amount of 0.00 or more"), value))
        if amount > MOST_MONEY:
            raise ValidationError(not_that(_("Enter an amount up to {most}").format(most=MOST_MONEY), value))
        return amount


class CountField(fields.Field[int]):
    """A whole number between two ends.

    `words` come first where the key alone does not say why there is an end; `instead` where it does not say what to
    count.
    """

    def __init__(self, least: int, most: int, words: str = "", *, instead: str = "", **kwargs: Any):
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.words, self.instead = words, instead or N_("Enter a whole number from {least} to {most}")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number = whole(value)
        if number is None or not self.least <= number <= self.most:
            words = _(self.instead).format(least=self.least, most=self.most)
            counts = f"{_(self.words).format(most=self.most)} " if self.words else ""
            raise ValidationError(f"{counts}{not_that(words, value)}")
        return number


class CountOrMoneyField(fields.Field[int]):
    """What was used of a limit: a plain count, or `Money` where it is written with cents."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number, amount = whole(value), money(value)
        is_count = number is not None and not (isinstance(value, Decimal) and value.as_tuple().exponent != 0)
        used = number if is_count else amount
        if used is None or not 0 <= used <= MOST_MONEY:
            words = _("Enter a count, like 4, or an amount, like 900.00, if the limit is in dollars")
            raise ValidationError(not_that(words, value))
        return used


class DayField(fields.Field[date]):
    """A day of the years 2000 to 2100."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        day = day_of(value)
        if day is None:
            raise ValidationError(not_that(_("Enter a date, like 2026-03-02"), value))
        if not FIRST_DAY <= day <= LAST_DAY:
            words = _("Enter a date between {first} and {last}.")
            raise ValidationError(words.format(first=FIRST_DAY, last=LAST_DAY, day=day))
        return day


class YesField(fields.Field[bool]):
    """True or false; plan files write `yes` and `no`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in _YES or value in _NO:
            return value in _YES
        raise ValidationError(not_that(_("Enter true or false"), value))


class PercentField(fields.Field[Rate]):
    """A percentage between two ends."""

    def __init__(self, least: str, most: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.least, self.most = Rate.parse(least), Rate.parse(most)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Rate:
        rate = percent(value)
        if rate is None or not self.least <= rate <= self.most:
            words = _("Enter a percentage from {least} to {most}, like 110%")
            raise ValidationError(not_that(words.format(least=self.least, most=self.most), value))
        return rate


class PatternField(fields.Field[str]):
    """Text of a certain form; `words` say which one."""

    def __init__(self, pattern: str, words: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.pattern, self.words = re.compile(pattern), words

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and self.pattern.fullmatch(value):
            return value
        raise ValidationError(not_that(_(self.words), value))


class WordField(fields.Field[str]):
    """A short name that somebody else defines, such as a network of a plan."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError(not_that(_("Enter a name"), value))
        if len(value) > MOST_TEXT:
            words = _("Enter at most {most} characters; there are {number}.")
            raise ValidationError(words.format(most=MOST_TEXT, number=len(value)))
        return value.strip()


class ChoiceField(fields.Field[str]):
    """One of a few words."""

    def __init__(self, choices: Iterable[str], **kwargs: Any):
        super().__init__(**kwargs)
        self.choices = tuple(choices)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and value in self.choices:
            return value
        near = get_close_matches(value[:MOST_ECHOED], self.choices, 1) if isinstance(value, str) else []
        words = (
            _("Enter {meant}").format(meant=near[0])
            if near
            else _("Choose one of these: {choices}").format(choices=", ".join(self.choices))
        )
        raise ValidationError(not_that(words, value))


class PlanField(fields.Field[PlanNamed]):
    """The id of a plan, or a whole definition, which the plan files' own reader checks."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> PlanNamed:
        if isinstance(value, str) and 0 < len(value.strip()) <= MOST_TEXT:
            return value.strip()
        if isinstance(value, Mapping) and value:
            return value
        words = _("Enter a plan ID, as `estimator plans list` shows it, or a whole plan definition")
        raise ValidationError(not_that(words, value))


def money(value: Any) -> Money | None:
    """Return an amount written as text, int or Decimal, or None where it is none of them."""
    if isinstance(value, Decimal):
        value = f"{value:f}" if _is_short(value) else ""
    elif isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**_MOST_DIGITS else ""
    if not isinstance(value, str) or len(value) > MOST_ECHOED:
        return None
    try:
        return Money.parse(value)
    except ValueError:
        return None


def whole(value: Any) -> int | None:
    """Return a whole number written as int, Decimal or text, or None where it is none of them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value) if _is_short(value) and value == value.to_integral_value() else None
    is_number = isinstance(value, str) and len(value) <= _MOST_DIGITS and value.isascii() and value.isdigit()
    return int(value) if is_number else None


def percent(value: Any) -> Rate | None:
    """Return a percentage, or None where it is written otherwise."""
    if not isinstance(value, str) or len(value) > MOST_ECHOED:
        return None
    try:
        return Rate.parse(value)
    except ValueError:
        return None


def day_of(value: Any) -> date | None:
    """Return a day written as 2026-03-02, or None where it is written otherwise or does not exist."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _is_short(value: Decimal) -> bool:
    # Written out, 1e999999999 would fill the memory.
    exponent = value.as_tuple().exponent
    return (
        value.is_finite()
        and isinstance(exponent, int)
        and abs(exponent) < _MOST_DIGITS
        and value.adjusted() < _MOST_DIGITS
    )


# ----------------------------------------------------------------------------
# Codes in a request: services, modifiers and diagnoses. Whether a code is carried is for others to say.
# ----------------------------------------------------------------------------

_SERVICE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
ANY_SERVICE = "*"
_LONGEST = 20


_SERVICE_SAYS, _MODIFIER_SAYS = N_("Enter a 5-character code, like 97110"), N_("Enter a 2-character modifier, like 59")


class ServiceCodeField(fields.Field[str]):
    """Five digits or capital letters."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return _code(value, _SERVICE, _SERVICE_SAYS)


class PricedCodeField(ServiceCodeField):
    """A service code, or `*` for any service."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return ANY_SERVICE if value == ANY_SERVICE else super()._deserialize(value, attr, data, **kwargs)


class ModifierField(fields.Field[str]):
    """Two digits or capital letters."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return _code(value, _MODIFIER, _MODIFIER_SAYS)


class DiagnosisField(fields.Field[str]):
    """A code with the shape of ICD-10-CM, returned with its point."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        code = diagnosis_code(value) if isinstance(value, str) and len(value) <= _LONGEST else None
        if code is None:
            raise ValidationError(not_that(_("Enter an ICD-10 code, like M54.50"), value))
        return code


def _code(value: Any, pattern: re.Pattern[str], instead: str) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    meant = str(value).strip().upper() if isinstance(value, str) and len(value) <= _LONGEST else ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100_000:
        meant = str(value)
    says = _("Enter {meant}").format(meant=meant) if pattern.fullmatch(meant) else _(instead)
    raise ValidationError(not_that(says, value))


# ----------------------------------------------------------------------------
# What the parts of a request have in common: known keys, nulls that mean nothing, lists that end.
# ----------------------------------------------------------------------------

_OUR_WORDS = {
    "required": N_("This key is required."),
    "null": N_("Enter a value instead of null."),
}
_MOST_NAMES = 50
_MOST_SUGGESTIONS = 20
_MOST_KEY = 60


MAY_BE_WRONG = ""


def surely(kind: fields.Field[Any], written: Any) -> Any:
    """Read a value in which nothing is wrong; raise ValidationError where something may be."""
    match kind:
        case fields.Nested(schema=Part() as part):
            return part.surely(written)
        case Several():
            return kind.surely(written)
        case _ if kind.validators:
            return kind.deserialize(written)
        case _:
            return kind._deserialize(written, None, None)


class Part(Schema):
    """An object of a request. An unknown key is refused, with the nearest one that is known."""

    class Meta:
        """Unknown keys are found by `_keys_are_known`, which can say more than marshmallow."""

        unknown = EXCLUDE

    example = "{…}"

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        del field_name  # marshmallow hands it over; every field gets the same words.
        field_obj.error_messages.update(_OUR_WORDS)

    @pre_load
    def _without_nulls(self, written: Any, **kwargs: Any) -> Any:
        if not isinstance(written, Mapping):
            raise ValidationError(_("Enter an object, like {example}.").format(example=self.example))
        return {key: value for key, value in written.items() if value is not None}

    def check(self, read: dict[str, Any]) -> None:
        """Raise ValidationError where keys don't go together; `load` finds that without being told."""

    def made(self, read: dict[str, Any]) -> Any:
        """Return what the keys make."""
        return read

    def surely(self, written: Any) -> Any:
        """Read an object in which nothing is wrong, in a fraction of the time that `load` takes.

        Raises ValidationError where something may be wrong; `load` says what.
        """
        known = self.fields
        if not isinstance(written, Mapping) or not known.keys() >= written.keys():
            raise ValidationError(MAY_BE_WRONG)
        read = {key: surely(known[key], value) for key, value in written.items() if value is not None}
        for key, needed in self._needed:
            if key not in read:
                if needed.required:
                    raise ValidationError(MAY_BE_WRONG)
                read[key] = needed.load_default
        self.check(read)
        return self.made(read)

    @cached_property
    def _needed(self) -> list[tuple[str, fields.Field[Any]]]:
        """Return the keys that have to be there, and those that stand for something where they are left out."""
        return [(key, each) for key, each in self.fields.items() if each.required or each.load_default is not missing]

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Any:
        return self.made(read)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _keys_are_known(self, read: Any, written: Any, **kwargs: Any) -> None:
        if not isinstance(written, Mapping):
            return
        known = list(self.fields)
        strangers = [str(key) for key in written if key not in self.fields][:_MOST_STRANGERS]
        problems = {
            key[:_MOST_KEY]: [_unknown_key(key, known, at < _MOST_SUGGESTIONS)] for at, key in enumerate(strangers)
        }
        if problems:
            raise ValidationError(problems)


class SpannedPart(Part):
    """An object with a first and a last day, each of which may be left out."""

    first_day = DayField()
    last_day = DayField()

    def surely(self, written: Any) -> Any:
        """Read it as a whole: its days are looked at even where something else is wrong."""
        return self.load(written)

    @validates_schema(skip_on_field_errors=False)
    def _first_day_comes_first(self, read: Any, **kwargs: Any) -> None:
        first, last = (read or {}).get("first_day"), (read or {}).get("last_day")
        if first and last and last < first:
            words = _("Enter a date on or after the first day, {first}.").format(first=first, last=last)
            raise ValidationError({"last_day": [words]})


class Several(fields.List[Any]):
    """A list with a least and a most length, which is checked before anything in it is read."""

    def __init__(self, inner: fields.Field[Any], least: int, most: int, words: str, **kwargs: Any):
        inner.error_messages.update(_OUR_WORDS)
        super().__init__(inner, **kwargs)
        self.least, self.most, self.words = least, most, words

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        self.require_length(value)
        return super()._deserialize(value, attr, data, **kwargs)

    def surely(self, written: Any) -> list[Any]:
        """Read a list in which nothing is wrong; raise ValidationError where something may be."""
        self.require_length(written)
        read = [surely(self.inner, each) for each in written]
        self._validate(read)
        return read

    def require_length(self, value: Any) -> None:
        """Raise ValidationError for what is no list, and one that is too short or too long."""
        if not isinstance(value, list | tuple):
            raise ValidationError(
                not_that(_("Enter a list of {things} in brackets").format(things=_(self.words)), value)
            )
        if len(value) < self.least:
            words = _("This list is empty. Enter at least one of the {things}.")
            raise ValidationError(words.format(things=_(self.words)))
        if len(value) > self.most:
            words = _("Enter at most {most} {things}; there are {number}.")
            raise ValidationError(words.format(most=self.most, things=_(self.words), number=len(value)))


class ByName(fields.Field[dict[str, Any]]):
    """An object whose keys are names that a plan gave, all with values of one kind."""

    def __init__(self, inner: fields.Field[Any], **kwargs: Any):
        super().__init__(**kwargs)
        inner.error_messages.update(_OUR_WORDS)
        self.inner = inner

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError(not_that(_("Enter an object in braces, with the plan’s names as keys"), value))
        if len(value) > _MOST_NAMES:
            words = _("Enter at most {most} names; there are {number}.")
            raise ValidationError(words.format(most=_MOST_NAMES, number=len(value)))
        read, problems = {}, {}
        for key, one in value.items():
            name = str(key)
            try:
                read[name] = self.inner.deserialize(one)
            except ValidationError as error:
                problems[name[:_MOST_KEY]] = error.messages
            if len(name) > MOST_TEXT:
                problems[name[:_MOST_KEY]] = [_("Enter a name of at most {most} characters.").format(most=MOST_TEXT)]
        if problems:
            raise ValidationError(problems)
        return read


def span(read: dict[str, Any]) -> Span:
    """Take the two days of a spanned part out of it."""
    return Span(read.pop("first_day", None), read.pop("last_day", None))


def _unknown_key(key: str, known: list[str], suggests: bool) -> str:
    near = get_close_matches(key[:_MOST_KEY], known, 1) if suggests else []
    if near:
        return _("There’s no such key. Use {meant}.").format(meant=near[0])
    return _("There’s no such key. The keys here are {keys}.").format(keys=", ".join(known))


# ----------------------------------------------------------------------------
# What to enter instead. Text is not repeated: it stands in its field, and may say something about a person. Anything
# else is named, since in JSON its kind may be what is wrong.
# ----------------------------------------------------------------------------

MOST_ECHOED = 40


def not_that(instead: str, written: Any) -> str:
    """Say what to enter in place of what was sent; `instead` is translated already.

    >>> not_that("Enter an age", "forty"), not_that("Enter an age", [4, 0])
    ('Enter an age.', 'Enter an age, not a list.')
    """
    if isinstance(written, str):
        return f"{instead}."
    return _("{instead}, not {written}.").format(instead=instead, written=_kind_of(written))


def _kind_of(value: Any) -> str:
    """Name what was sent, or its kind where that is long."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case Mapping():
            return _("an object")
        case list() | tuple():
            return _("a list")
        case int() if abs(value) >= 10**MOST_ECHOED:
            return _("a number of many digits")
        case _:
            return str(value)[:MOST_ECHOED]


# ----------------------------------------------------------------------------
# JSON text becomes values, with the traps of JSON refused: repeated keys, NaN, endless depth and length.
#
# Numbers with a decimal point become `Decimal`, so that no amount passes through binary floating point.
# ----------------------------------------------------------------------------

MOST_CHARACTERS = 1_000_000
MOST_LEVELS = 32
_MOST_VALUES = 100_000
_MOST_TOLD = 100
_MOST_STRANGERS = 20_000
_MOST_DIGITS_OF_TEXT = 20
_BYTE_ORDER_MARK = "\ufeff"

_TOO_LONG = N_("Send a request of at most 1 MB.")
_TOO_MANY = N_("Send a request of at most {most} values.")
_NOT_AN_OBJECT = N_('Send one object: {"plan": …, "visits": […]}.')
_TOO_DEEP = N_("Send a request nested at most {most} levels deep.")
_NOT_A_NUMBER = N_("Enter a number; NaN and Infinity aren’t numbers.")
_NOT_TEXT = N_("Enter whole characters; half of a surrogate pair isn’t one.")
_HUGE = N_("Enter a smaller number; this one has too large an exponent.")


class _Repeating(dict[str, Any]):
    """An object in which these keys stand more than once."""

    repeated: tuple[str, ...] = ()


def read_json(text: str) -> Mapping[str, Any]:
    """Return the object that the text holds; raise RequestRefused where it holds none."""
    if len(text) > MOST_CHARACTERS:
        raise RequestRefused((Problem("", _(_TOO_LONG)),))
    parsed = _parsed(text.removeprefix(_BYTE_ORDER_MARK))
    if problems := tuple(islice(_problems(parsed), _MOST_TOLD)):
        raise RequestRefused(problems)
    if not isinstance(parsed, Mapping):
        raise RequestRefused((Problem("", _(_NOT_AN_OBJECT)),))
    return parsed


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS_OF_TEXT else Decimal(digits),
            parse_constant=lambda name: Decimal(name),
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        words = _("Line {line}, column {column} is not JSON: {reason}.")
        said = words.format(line=error.lineno, column=error.colno, reason=error.msg)
        raise RequestRefused((Problem("", said),)) from error
    except InvalidOperation as error:
        raise RequestRefused((Problem("", _(_HUGE)),)) from error
    except RecursionError as error:
        raise RequestRefused((Problem("", _(_TOO_DEEP).format(most=MOST_LEVELS)),)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    times = Counter(key for key, _ in pairs)
    repeating = _Repeating(made)
    repeating.repeated = tuple(key for key in made if times[key] > 1)
    return repeating


def _problems(parsed: Any) -> Iterator[Problem]:
    # A list of what is still to be looked at, in place of recursion, so that depth cannot hurt.
    waiting: list[tuple[str, int, Any]] = [("", 1, parsed)]
    looked_at = 0
    while waiting:
        path, level, value = waiting.pop()
        looked_at += 1
        if looked_at + len(waiting) > _MOST_VALUES:
            yield Problem(path[:200], _(_TOO_MANY).format(most=f"{_MOST_VALUES:,}"))
            return
        if isinstance(value, Decimal) and not value.is_finite():
            yield Problem(path, _(_NOT_A_NUMBER))
        elif isinstance(value, str) and not _is_whole_text(value):
            yield Problem(path, _(_NOT_TEXT))
        elif isinstance(value, dict | list) and level > MOST_LEVELS:
            yield Problem(path[:200], _(_TOO_DEEP).format(most=MOST_LEVELS))
        elif isinstance(value, dict):
            yield from _problems_of_keys(path, value)
            waiting += [(_below(path, key), level + 1, value[key]) for key in reversed(value)]
        elif isinstance(value, list):
            waiting += [(_below(path, at), level + 1, value[at]) for at in reversed(range(len(value)))]


def _problems_of_keys(path: str, keys: dict[str, Any]) -> Iterator[Problem]:
    if isinstance(keys, _Repeating):
        for key in keys.repeated:
            yield Problem(_below(path, key), _("Use this key only once; it appears more than once."))
    if not all(map(_is_whole_text, keys)):
        yield Problem(path, _(_NOT_TEXT))


def _is_whole_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _below(path: str, key: str | int) -> str:
    return f"{path}.{key}" if path else str(key)
