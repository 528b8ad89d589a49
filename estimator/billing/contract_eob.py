"""The lines of an EOB as somebody types them; all mistakes at once, each with its line and what to write instead.

Only staff read these sentences, so they are in English alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from estimator.billing.eob import NO_DENIALS, EobLine
from estimator.engine.values import ZERO, total
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import CountField, MoneyField, Part, ServiceCodeField

_REASON = re.compile(r"(?:(?:CO|PR|OA|PI)[- ]?)?([A-Z]?[0-9]{1,3})")
_SHARES = ("deductible", "copay", "coinsurance")


class _ReasonField(fields.Field[str]):
    """A claim adjustment reason code that denies a line, with or without its group."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        found = _REASON.fullmatch(str(value).strip().upper())
        if found is None:
            raise ValidationError("Write the reason code of the denial, such as 97 or CO-97.")
        if found[1] in NO_DENIALS:
            raise ValidationError(
                f"CARC {found[1]} says how a line was paid, not that it was denied: leave this empty."
            )
        return found[1]


class EobLinePart(Part):
    """One line."""

    example = '{"code": "97110", "units": 2, "allowed": "60.00", "copay": "40.00", "patient_owes": "40.00"}'
    line = CountField(1, 99)
    code = ServiceCodeField(required=True)
    units = CountField(1, 99, required=True)
    allowed = MoneyField()
    deductible = MoneyField()
    copay = MoneyField()
    coinsurance = MoneyField()
    plan_paid = MoneyField()
    patient_owes = MoneyField(required=True)
    denied = _ReasonField()

    @validates_schema
    def _comes_to_the_same(self, read: dict[str, Any], **kwargs: Any) -> None:
        if read.get("denied"):
            return
        if "allowed" not in read:
            raise ValidationError(
                {"allowed": ["Write what the payer allows for the line; 0.00 only where it says so."]}
            )
        shares = total(read.get(name, ZERO) for name in _SHARES)
        if shares != read["patient_owes"]:
            raise ValidationError(
                {"patient_owes": [f"Deductible, copay and coinsurance come to ${shares}: correct one."]}
            )

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> EobLine:
        return EobLine(**read)


def read_eob(lines: Sequence[Mapping[str, Any]]) -> tuple[EobLine, ...]:
    """Read the lines of an EOB; raise RequestRefused with all problems, each with its path `lines.0.allowed`."""
    if not lines:
        raise RequestRefused((Problem("lines", "Write at least one line of the EOB."),))
    try:
        found: list[EobLine] = EobLinePart(many=True).load(list(lines))
    except ValidationError as error:
        raise RequestRefused(tuple(_problems(error.messages))) from error
    return tuple(found)


def _problems(messages: Any) -> Iterator[Problem]:
    for place, fields_of_line in messages.items():
        for name, sentences in fields_of_line.items():
            yield from (Problem(f"lines.{place}.{name}", str(words)) for words in sentences)
