"""The values, names and shapes that blocks of a plan file are made of, and what to write instead of a wrong one."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from estimator.engine.values import UNKNOWN, BenefitYear, Between, Citation, Money, Rate, Source
from estimator.errors import Problem
from estimator.language import _
from estimator.plans.text import Block, Listing, Path, Tree, Words, dotted, plain, problem

_OF_THE_BLOCK = "_schema"


def load(kind: type[BlockSchema], written: Tree, known: Names, already: list[Problem]) -> tuple[Any, list[Problem]]:
    """Return what a schema makes of a block ({} where it has mistakes), and all mistakes, old and new.

    A place that was refused already is not refused twice.
    """
    if not isinstance(written, Block):
        return {}, [*already, problem(written, (), "Enter a block of keys here.", known.file)]
    try:
        with knowing(known):
            return schema_of(kind).load(written), list(already)
    except ValidationError as error:
        refused = {mistake.path for mistake in already}
        found = [
            problem(written, path, message, known.file)
            for path, message in _messages(error.messages, ())
            if dotted(path) not in refused
        ]
        return {}, [*already, *found]


def _messages(messages: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for step, inner in messages.items():
            yield from _messages(inner, path if step == _OF_THE_BLOCK else (*path, step))
    elif isinstance(messages, list):
        for message in messages:
            yield from _messages(message, path)
    else:
        yield path, str(messages)


# ----------------------------------------------------------------------------
# The names that a block may use: sources, classes of services, tiers, limits, benefits and policies.
#
# They are gathered before a file is checked, so that every name that does not exist is found at once.
# ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """What can be named while one file is checked.

    A source with mistakes of its own is None: it exists all the same. `benefits` None: of whatever plan
    names this policy. `given` is the citation of rules
    in a request, which need not say where they come from.
    """

    file: str = ""
    sources: Mapping[str, Source | None] = field(default_factory=dict)
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    benefits: tuple[str, ...] | None = ()
    policies: tuple[str, ...] = ()
    given: Citation | None = None


_NAMES: ContextVar[Names] = ContextVar("names")


def names() -> Names:
    """Return the names of the file at hand."""
    return _NAMES.get()


@contextmanager
def knowing(known: Names) -> Iterator[None]:
    """Check a file with these names."""
    token = _NAMES.set(known)
    try:
        yield
    finally:
        _NAMES.reset(token)


def listed(words: Iterable[str]) -> str:
    """Write words as a choice.

    >>> listed(["yes", "no", "unknown"])
    'yes, no or unknown'
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def suggestion(word: str, words: Iterable[str]) -> str:
    """Return a question that names the nearest word, with a space before it, or nothing.

    >>> suggestion("wavied", ["waived", "applies"])
    " Did you mean 'waived'?"
    """
    near = get_close_matches(word.lower()[:80], list(words), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def shown(text: str) -> str:
    """Return what was written on one line, cut where it is long, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


# ----------------------------------------------------------------------------
# Single values of a plan file: text, names and words of a list (amounts, days and counts are in `figures`).
#
# Each field says in one sentence what to write instead, and describes itself for the JSON Schema.
# ----------------------------------------------------------------------------

Described = dict[str, Any]


class Written(fields.Field[Any], ABC):
    """What every field of ours shares: an example to copy, and its own JSON Schema."""

    example: str = "…"
    takes_words: ClassVar[bool] = True

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """Say what to write where a key is missing."""
        if key == "required":
            return ValidationError(f"This key is missing: enter `{self.data_key or self.name}: {self.example}`.")
        return ValidationError("Enter a value here, or remove the key.")

    @abstractmethod
    def described(self) -> Described:
        """Return the JSON Schema of this value."""


class OfWords(Written):
    """A field that is written as words, not as a list or a block."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Words):
            raise ValidationError(f"Enter one value such as {self.example}, not a list or a block.")
        return self.read(value)

    @abstractmethod
    def read(self, words: Words) -> Any:
        """Return the value of these words; raise ValidationError with what to write instead."""


class Text(OfWords):
    """Words for a reader."""

    longest: ClassVar[int] = 2_000

    def read(self, words: Words) -> str:
        """Return the text without its outer spaces."""
        text = " ".join(words.split())
        if not text or len(text) > self.longest:
            raise ValidationError(f"Enter between 1 and {self.longest} characters.")
        return text

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": ["string", "number"], "minLength": 1, "maxLength": self.longest}


class Address(OfWords):
    """A web address, or `none` for a document without one."""

    example = "https://example.org/booklet.pdf"

    def read(self, words: Words) -> str:
        """Return the address, or nothing."""
        if words in ("none", ""):
            return ""
        if not re.fullmatch(r"https?://[^\s<>\"]{3,1000}", words):
            raise ValidationError(f"Enter an address such as {self.example}, or none, not '{shown(words)}'.")
        return str(words)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": r"^(none|https?://[^\s<>\"]{3,1000})?$"}


class Pattern(OfWords):
    """Words of a fixed form, such as a name or a code."""

    def __init__(self, pattern: str, example: str, what: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern = pattern
        self.example = example
        self.what = what

    def read(self, words: Words) -> str:
        """Return the text."""
        if not re.fullmatch(self.pattern, words):
            raise ValidationError(f"Enter {self.what} such as {self.example}, not '{shown(words)}'.")
        return str(words)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": ["string", "number"], "pattern": f"^(?:{self.pattern})$"}


def name(**kwargs: Any) -> Pattern:
    """Return a field for a name: lower-case words joined by dashes."""
    return Pattern(r"[a-z0-9][a-z0-9._-]{0,79}", "evergreen-ppo", "lower-case words joined by '-',", **kwargs)


class Word(OfWords):
    """One of a few words, each with its value."""

    def __init__(self, words: Mapping[str, Any] | Iterable[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = dict(words) if isinstance(words, Mapping) else {word: word for word in words}
        self.example = next(iter(self.words))

    def read(self, words: Words) -> Any:
        """Return the word's value."""
        if words not in self.words:
            near = suggestion(words, self.words)
            raise ValidationError(f"Enter {listed(self.words)}, not '{shown(words)}'.{near}")
        return self.words[words]

    def described(self) -> Described:
        """Return the JSON Schema."""
        booleans = [{"yes": True, "no": False}[word] for word in self.words if word in ("yes", "no")]
        return {"enum": [*self.words, *booleans]}


def enum_words(kind: type[StrEnum], *, unknown: bool = False) -> dict[str, Any]:
    """Return the words of an enumeration with their members, and `unknown` where it may stand."""
    words: dict[str, Any] = {str(member): member for member in kind}
    return words | {"unknown": UNKNOWN} if unknown else words


def yes_no(*, unknown: bool = False, **kwargs: Any) -> Word:
    """Return a field for yes or no."""
    words: dict[str, Any] = {"yes": True, "no": False}
    return Word(words | {"unknown": UNKNOWN} if unknown else words, **kwargs)


# ----------------------------------------------------------------------------
# Figures of a plan file: money, percentages, days and counts.
# ----------------------------------------------------------------------------

_MONEY = r"^\$?[0-9][0-9,]*(\.[0-9]{1,2})?$"


class Dollars(OfWords):
    """One amount of money, not below zero."""

    example = "40.00"

    def read(self, words: Words) -> Money:
        """Return the amount."""
        try:
            amount = Money.parse(words)
        except ValueError:
            amount = Money(-1)
        if amount < 0:
            raise ValidationError(_("Enter an amount, like 40.00."))
        return amount

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": ["string", "number"], "pattern": _MONEY, "minimum": 0}


class Amount(Dollars):
    """An amount of money that may be a range or unknown."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Block) and set(value) == {"from", "to"}:
            low, high = (super(Amount, self)._deserialize(value[key], key, data) for key in ("from", "to"))
            if low > high:
                raise ValidationError("Enter the smaller amount under `from`.")
            return Between(low, high)
        if isinstance(value, Block):
            raise ValidationError("Enter a range as {from: 10.00, to: 40.00}.")
        return UNKNOWN if value == "unknown" else super()._deserialize(value, attr, data)

    def described(self) -> Described:
        """Return the JSON Schema."""
        one = super().described()
        span = {"type": "object", "properties": {"from": one, "to": one}, "required": ["from", "to"]}
        return {"anyOf": [one, {"const": "unknown"}, span | {"additionalProperties": False}]}


class Percent(OfWords):
    """A percentage with its sign."""

    example = "20%"
    most: ClassVar[Rate] = Rate.parse("1000%")

    def read(self, words: Words) -> Rate:
        """Return the rate."""
        try:
            rate = Rate.parse(words)
        except ValueError:
            rate = None
        if rate is None or rate > self.most:
            raise ValidationError(_("Enter a percentage, like 20%."))
        return rate

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,4})?%$"}


class Day(OfWords):
    """A day."""

    example = "2026-01-01"

    def read(self, words: Words) -> date:
        """Return the day."""
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words):
            try:
                return date.fromisoformat(words)
            except ValueError:
                pass  # Such as 2026-02-30, which the sentence below names.
        raise ValidationError(f"Enter a day such as 2026-01-01, not '{shown(words)}'.")

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class YearStart(OfWords):
    """The month and the day on which a benefit year starts."""

    example = "07-01"

    def read(self, words: Words) -> BenefitYear:
        """Return the benefit year."""
        if re.fullmatch(r"[0-9]{2}-[0-9]{2}", words):
            try:
                start = date.fromisoformat(f"2026-{words}")  # no leap year: 02-29 comes only every fourth
            except ValueError:
                pass
            else:
                return BenefitYear(start.month, start.day)
        raise ValidationError(f"Enter a month and a day such as 07-01, not '{shown(words)}'.")

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"}


class Count(OfWords):
    """A whole number."""

    example = "13"

    def __init__(self, least: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least = least

    def read(self, words: Words) -> int:
        """Return the number."""
        if not re.fullmatch("[0-9]{1,6}", words):
            raise ValidationError(_("Enter a whole number, like 13."))
        if int(words) < self.least:
            more = _("Enter a whole number of {least} or more.")
            raise ValidationError(more.format(least=self.least))
        return int(words)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": ["string", "integer"], "pattern": "^[0-9]{1,6}$", "minimum": self.least}


class Hours(OfWords):
    """Hours, whole or halves and quarters of one, kept as minutes."""

    example = "20"

    def read(self, words: Words) -> int:
        """Return the minutes."""
        written = re.fullmatch(r"([0-9]{1,4})(?:\.(0|25|5|50|75))?", words)
        if not written:
            raise ValidationError(f"Enter hours such as 20 or 1.5, not '{shown(words)}'.")
        quarters = {None: 0, "0": 0, "25": 1, "5": 2, "50": 2, "75": 3}[written[2]]
        return int(written[1]) * 60 + quarters * 15

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": ["string", "number"], "pattern": r"^[0-9]{1,4}(\.(0|25|5|50|75))?$"}


# ----------------------------------------------------------------------------
# Shapes of a plan file: blocks with known keys, named blocks, lists, and a word in place of a block.
# ----------------------------------------------------------------------------


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
            raise ValidationError(f"Enter a block here, with keys such as {self._some_keys()}.")
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
                raise ValidationError(f"Enter {listed([*self.words, 'a block'])}, not '{shown(value)}'.{near}")
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
            raise ValidationError(f"Enter a list such as [{self.member.example}].")
        if len(value) < self.least:
            raise ValidationError(f"Enter at least {self.least} here.")
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
            raise ValidationError("Enter a block of names here, each with its own keys.")
        if len(value) < self.least:
            raise ValidationError(f"Enter at least {self.least} here.")
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
            raise ValidationError("Enter a block here.")
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


# ----------------------------------------------------------------------------
# Values that name something else: a source, services, and names of the same plan.
# ----------------------------------------------------------------------------

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
            near = suggestion(key, known.sources) or " Enter it as a key of `sources`."
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
