"""One value of a request at a time: money, days, whole numbers, codes and words from a list.

Each field says in a sentence what to write instead. Numbers may also come as text, since plan files and
forms know nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from marshmallow import ValidationError, fields

from estimator.engine.values import Money, Rate
from estimator.estimates.asked import PlanNamed
from estimator.estimates.echo import MOST_ECHOED, not_that
from estimator.language import _

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
            raise ValidationError(not_that(_('Write an amount such as "40.00"'), value))
        if amount < 0:
            raise ValidationError(not_that(_("Write an amount of 0.00 or more"), value))
        if amount > MOST_MONEY:
            raise ValidationError(not_that(_("Write an amount of at most {most}").format(most=MOST_MONEY), value))
        return amount


class CountField(fields.Field[int]):
    """A whole number between two ends; `words` say what it counts where the key alone does not."""

    def __init__(self, least: int, most: int, words: str = "", **kwargs: Any):
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.words = words

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number = whole(value)
        if number is None or not self.least <= number <= self.most:
            words = _("Write a whole number from {least} to {most}").format(least=self.least, most=self.most)
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
            words = _('Write a count such as 4, or, for a limit in dollars, an amount such as "900.00"')
            raise ValidationError(not_that(words, value))
        return used


class DayField(fields.Field[date]):
    """A day of the years 2000 to 2100."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        day = day_of(value)
        if day is None:
            raise ValidationError(not_that(_('Write a day such as "2026-03-02"'), value))
        if not FIRST_DAY <= day <= LAST_DAY:
            words = _("Write a day between {first} and {last}, not {day}.")
            raise ValidationError(words.format(first=FIRST_DAY, last=LAST_DAY, day=day))
        return day


class YesField(fields.Field[bool]):
    """True or false; plan files write `yes` and `no`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in _YES or value in _NO:
            return value in _YES
        raise ValidationError(not_that(_("Write true or false"), value))


class PercentField(fields.Field[Rate]):
    """A percentage between two ends."""

    def __init__(self, least: str, most: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.least, self.most = Rate.parse(least), Rate.parse(most)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Rate:
        rate = percent(value)
        if rate is None or not self.least <= rate <= self.most:
            words = _('Write a percentage from {least} to {most} such as "110%"')
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
            raise ValidationError(not_that(_("Write a name"), value))
        if len(value) > MOST_TEXT:
            words = _("Write at most {most} characters, not {number}.")
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
            _("Write {meant}").format(meant=near[0])
            if near
            else _("Write one of {choices}").format(choices=", ".join(self.choices))
        )
        raise ValidationError(not_that(words, value))


class PlanField(fields.Field[PlanNamed]):
    """The id of a plan, or a whole definition, which the plan files' own reader checks."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> PlanNamed:
        if isinstance(value, str) and 0 < len(value.strip()) <= MOST_TEXT:
            return value.strip()
        if isinstance(value, Mapping) and value:
            return value
        words = _("Write the id of a plan, as `estimator plans list` prints them, or a plan definition")
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
