"""Answers of the plan itself in a request: one call or several, each with its day.

What a question takes for an answer is a table here. Whether the plan has the limit or the network that a subject
names is for the use case to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from estimator.engine.codes import is_service_code
from estimator.engine.request import COULD_NOT_SAY, NONE, Call, Told
from estimator.errors import Problem
from estimator.estimates.contract_parts import Part, Several
from estimator.estimates.contract_values import (
    ChoiceField,
    CountField,
    CountOrMoneyField,
    DayField,
    MoneyField,
    PercentField,
    WordField,
    YesField,
)
from estimator.language import N_, _

SOURCES = ("telephone", "letter", "member-site", "eligibility")
PAYABLE = ("covered", "bundled", "investigational", "not-medically-necessary", "excluded", "not-paid")
BEARERS = ("clinic", "patient")
FAMILIES = ("each-their-own", "together")
_MOST_CALLS = 20
_MOST_ANSWERS = 60

_YES, _MONEY, _PERCENT, _PAYABLE = YesField(), MoneyField(), PercentField("0%", "100%"), ChoiceField(PAYABLE)
_ANSWERS: Mapping[str, fields.Field[Any]] = {
    "payable": _PAYABLE,
    "needling-policy": _PAYABLE,
    "benefit-lists-service": _PAYABLE,
    "code-valid": _YES,
    "liability": _YES,
    "authorization-needed": _YES,
    "referral-needed": _YES,
    "authorization-consequence": ChoiceField(BEARERS),
    "network-cover": _YES,
    "cost-share": _YES,
    "fair-copay": _MONEY,
    "deductible": _MONEY,
    "out-of-pocket-max": _MONEY,
    "family-rule": ChoiceField(FAMILIES),
    "balance-bill": _YES,
    "multiple-procedure-reduction": _YES,
    "limit": CountOrMoneyField(),
    "limit-exemption": _YES,
    "past-limit": _YES,
    "deductible-visits-count": _YES,
}
# The parts of a share, each with what it takes; whether the deductible comes first is a yes or a no.
_SHARES: Mapping[str, fields.Field[Any]] = {"copay": _MONEY, "coinsurance": _PERCENT, "deductible": _YES}
_MAY_BE_NONE = {"deductible", "out-of-pocket-max", "limit"}
_NEEDS_SUBJECT = {"code-valid", "network-cover", "balance-bill", "limit-exemption", "past-limit"}
_OF_CODES = {"code-valid", "liability"}


class AnswerPart(Part):
    """One answer of a call."""

    example = '{"asks": "payable", "subject": "20561", "answer": "covered"}'
    asks = ChoiceField(_ANSWERS, required=True)
    subject = WordField()
    answer = fields.Raw(required=True)
    from_visit = CountField(1, 999)
    family = MoneyField()

    @validates_schema
    def _subject_fits(self, read: dict[str, Any], **kwargs: Any) -> None:
        asks, subject = read["asks"], read.get("subject", "")
        if asks == "cost-share" and subject not in _SHARES:
            raise ValidationError({"subject": [_("Write one of {choices}.").format(choices=", ".join(_SHARES))]})
        if asks in _NEEDS_SUBJECT and not subject:
            raise ValidationError({"subject": [_("Add this key; it says what the answer is about.")]})
        if asks in _OF_CODES and subject and not is_service_code(subject):
            raise ValidationError({"subject": [_('Write a code of five characters such as "97110".')]})

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Told:
        asks, subject, answer = read["asks"], read.get("subject", ""), read["answer"]
        if answer != COULD_NOT_SAY and not (answer == NONE and _takes_none(asks, subject)):
            takes = _SHARES[subject] if asks == "cost-share" else _ANSWERS[asks]
            try:
                answer = takes.deserialize(answer)
            except ValidationError as error:
                raise ValidationError({"answer": error.messages}) from error
        return Told(asks, subject, answer, read.get("from_visit"), read.get("family"))


class CallPart(Part):
    """The answers of one day from one source."""

    example = '{"on": "2026-11-20", "reference": "…", "answers": […]}'
    on = DayField(required=True)
    source = ChoiceField(SOURCES)
    reference = WordField()
    representative = WordField()
    answers = Several(fields.Nested(AnswerPart), 1, _MOST_ANSWERS, N_("answers"), required=True)

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Call:
        answers = tuple(read.pop("answers"))
        seen: set[tuple[str, str]] = set()
        for place, told in enumerate(answers):
            if told.key in seen:
                words = _("Answer this question once; it stands here more than once.")
                raise ValidationError({"answers": {place: {"asks": [words]}}})
            seen.add(told.key)
        return Call(answers=answers, **read)


class Calls(Several):
    """One call, or a list of them."""

    def __init__(self, **kwargs: Any):
        super().__init__(fields.Nested(CallPart), 0, _MOST_CALLS, N_("calls"), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        calls = [value] if isinstance(value, Mapping) else value
        return super()._deserialize(calls, attr, data, **kwargs)


def problems_of_days(calls: tuple[Call, ...], today: date) -> Iterator[Problem]:
    """Find calls of a day that has not come yet."""
    for number, call in enumerate(calls):
        if call.on > today:
            words = _("Write a day up to {today}, not {day}: nobody has answered yet.")
            yield Problem(f"told.{number}.on", words.format(today=today, day=call.on))


def _takes_none(asks: str, subject: str) -> bool:
    return asks in _MAY_BE_NONE or (asks == "cost-share" and subject != "deductible")
