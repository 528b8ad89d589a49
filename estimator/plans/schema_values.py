"""Single values of a plan file: text, names and words of a list (amounts, days and counts are in `figures`).

Each field says in one sentence what to write instead, and describes itself for the JSON Schema.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from estimator.engine.values import UNKNOWN
from estimator.plans.schema_names import listed, shown, suggestion
from estimator.plans.tree import Words

Described = dict[str, Any]


class Written(fields.Field[Any], ABC):
    """What every field of ours shares: an example to copy, and its own JSON Schema."""

    example: str = "…"
    takes_words: ClassVar[bool] = True

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """Say what to write where a key is missing."""
        if key == "required":
            return ValidationError(f"This key is missing: write `{self.data_key or self.name}: {self.example}`.")
        return ValidationError("Write a value here, or remove the key.")

    @abstractmethod
    def described(self) -> Described:
        """Return the JSON Schema of this value."""


class OfWords(Written):
    """A field that is written as words, not as a list or a block."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Words):
            raise ValidationError(f"Write one value such as {self.example}, not a list or a block.")
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
            raise ValidationError(f"Write between 1 and {self.longest} characters.")
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
            raise ValidationError(f"Write an address such as {self.example}, or none, not '{shown(words)}'.")
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
            raise ValidationError(f"Write {self.what} such as {self.example}, not '{shown(words)}'.")
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
            raise ValidationError(f"Write {listed(self.words)}, not '{shown(words)}'.{near}")
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
