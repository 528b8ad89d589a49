"""Figures of a plan file: money, percentages, days and counts."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from marshmallow import ValidationError

from estimator.engine.values import UNKNOWN, BenefitYear, Between, Money, Rate
from estimator.language import _
from estimator.plans.schema_names import shown
from estimator.plans.schema_values import Described, OfWords
from estimator.plans.tree import Block, Words

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
            raise ValidationError(_("Write an amount such as 40.00, not '{written}'.").format(written=shown(words)))
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
                raise ValidationError("Write the smaller amount under `from`.")
            return Between(low, high)
        if isinstance(value, Block):
            raise ValidationError("Write a range as {from: 10.00, to: 40.00}.")
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
            raise ValidationError(_("Write a percentage such as 20%, not '{written}'.").format(written=shown(words)))
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
        raise ValidationError(f"Write a day such as 2026-01-01, not '{shown(words)}'.")

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
        raise ValidationError(f"Write a month and a day such as 07-01, not '{shown(words)}'.")

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
            raise ValidationError(_("Write a whole number such as 13, not '{written}'.").format(written=shown(words)))
        if int(words) < self.least:
            more = _("Write a whole number from {least} on, not '{written}'.")
            raise ValidationError(more.format(least=self.least, written=words))
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
            raise ValidationError(f"Write hours such as 20 or 1.5, not '{shown(words)}'.")
        quarters = {None: 0, "0": 0, "25": 1, "5": 2, "50": 2, "75": 3}[written[2]]
        return int(written[1]) * 60 + quarters * 15

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": ["string", "number"], "pattern": r"^[0-9]{1,4}(\.(0|25|5|50|75))?$"}
