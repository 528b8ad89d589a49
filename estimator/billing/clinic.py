"""The clinic: name, numbers and address for its papers, and what it has decided for its billing, from one JSON file.

What is absent becomes a blank line on a paper, and for billing a stated default or an open choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, post_load

from estimator.billing.authorization_answer import Habits
from estimator.billing.given_estimates import USUAL_DAYS
from estimator.engine.coding import CONTRACTORS_CHOICE, STATES, DenialPolicy
from estimator.errors import Problem, Refused, RequestRefused
from estimator.estimates.contract_values import (
    ChoiceField,
    CountField,
    Part,
    PatternField,
    WordField,
    not_that,
    read_json,
)
from estimator.settings import CLINIC

_DEFAULT = Habits()
_MOST_DAYS = 60
# Ten years; some states ask for as many.
_MOST_KEPT_DAYS = 3653
_MOST_BYTES = 100_000
_NPI = re.compile("[0-9]{10}")
# NPIs carry a check digit (ISO/IEC 7812) over the card issuer prefix 80840, 45 CFR 162.406.
_NPI_PREFIX = "80840"


class ClinicRefused(Refused):
    """The clinic's settings have problems."""


@dataclass(frozen=True)
class Clinic:
    """Who treats, and how it bills.

    `modifier` is what the clinic puts on Medicare claims after a signed notice: GA, GX, GY or GZ; `modifier_excluded`
    and `modifier_expected_denial` what it puts on without one. `turnaround_days` are the business days that it counts
    where a payer's are not known, `safety_days` those that it keeps between an answer and the visit. An estimate
    that it gave to a patient it keeps for `estimates_kept_days`.
    """

    name: str = ""
    npi: str = ""
    tin: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    email: str = ""
    contact: str = ""
    modifier: str = ""
    modifier_excluded: str = ""
    modifier_expected_denial: str = ""
    turnaround_days: int = _DEFAULT.turnaround_days
    safety_days: int = _DEFAULT.safety_days
    estimates_kept_days: int = USUAL_DAYS

    @property
    def habits(self) -> Habits:
        """Return what the clinic has decided for authorization checks."""
        denial = DenialPolicy(self.modifier, self.modifier_excluded, self.modifier_expected_denial)
        return Habits(denial, self.turnaround_days, self.safety_days)

    @property
    def place(self) -> str:
        """Return city, state and ZIP code on one line, without what is absent."""
        return ", ".join(filter(None, (self.city, f"{self.state} {self.zip}".strip())))


class _NpiField(fields.Field[str]):
    """A National Provider Identifier with a right check digit."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _NPI.fullmatch(value):
            raise ValidationError(not_that("Enter a 10-digit NPI, like 1234567893", value))
        if not has_check_digit(value):
            raise ValidationError(f"Check the digits of this NPI; the last one does not fit the others: {value}.")
        return value


class _ClinicPart(Part):
    """The settings file."""

    example = '{"name": "…", "npi": "…"}'

    name = WordField()
    npi = _NpiField()
    tin = PatternField("[0-9]{2}-?[0-9]{7}", "Enter a 9-digit TIN, like 12-3456789")
    street = WordField()
    city = WordField()
    state = ChoiceField(STATES)
    zip = PatternField("[0-9]{5}(-[0-9]{4})?", "Enter a ZIP code, like 98101")
    phone = WordField()
    email = WordField()
    contact = WordField()
    modifier = ChoiceField(CONTRACTORS_CHOICE)
    modifier_excluded = ChoiceField(CONTRACTORS_CHOICE)
    modifier_expected_denial = ChoiceField(CONTRACTORS_CHOICE)
    turnaround_days = CountField(0, _MOST_DAYS)
    safety_days = CountField(0, _MOST_DAYS)
    estimates_kept_days = CountField(1, _MOST_KEPT_DAYS)

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Clinic:
        return Clinic(**read)


def read_clinic(path: Path | None) -> Clinic:
    """Return the clinic of a file, a nameless one without a file; raise ClinicRefused with every problem."""
    if path is None:
        return Clinic()
    try:
        written = read_json(_text(path))
        found: Clinic = _ClinicPart().load(written)
    except RequestRefused as error:
        raise _refused(path, [(problem.path, problem.message) for problem in error.problems]) from error
    except ValidationError as error:
        raise _refused(path, _problems(error.messages)) from error
    return found


def clinic_of(written: Mapping[str, Any]) -> Clinic:
    """Return the clinic of some keys of the file; raise RequestRefused with every problem under its key."""
    try:
        found: Clinic = _ClinicPart().load(dict(written))
    except ValidationError as error:
        raise RequestRefused(tuple(Problem(key, words) for key, words in _problems(error.messages))) from error
    return found


def clinic_now() -> Clinic:
    """Return the clinic of the settings; raise ClinicRefused."""
    return read_clinic(CLINIC.value())


def has_check_digit(npi: str) -> bool:
    """Tell whether the last digit of an NPI fits the others, by the Luhn formula.

    >>> has_check_digit("1234567893"), has_check_digit("1234567890")
    (True, False)
    """
    digits = [int(digit) for digit in reversed(_NPI_PREFIX + npi)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _text(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as error:
        raise _refused(path, [("", f"Name a file that can be read ({error.strerror}).")]) from error
    except UnicodeDecodeError as error:
        raise _refused(path, [("", "Save the clinic's settings as text in UTF-8.")]) from error
    if len(content) > _MOST_BYTES:
        raise _refused(path, [("", "Keep the settings under 100 KB.")])
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        raise _refused(path, [("", f"Enter one object such as {_ClinicPart.example}.")])
    return text


def _problems(messages: Any) -> Iterator[tuple[str, str]]:
    for key, sentences in messages.items() if isinstance(messages, Mapping) else [("", messages)]:
        # `_schema` is marshmallow's name for the object itself.
        path = "" if key == "_schema" else str(key)
        for words in sentences:
            yield path, str(words)


def _refused(path: Path, problems: list[tuple[str, str]] | Iterator[tuple[str, str]]) -> ClinicRefused:
    return ClinicRefused(tuple(Problem(where, words, path.name) for where, words in problems))
