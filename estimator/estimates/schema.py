"""The request of `docs/json-contract.md` as one schema: which keys there are, and what they turn into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from estimator.engine.codes import EXPERIENCES, METHODS, PRICE_BASES, PROVIDERS, PURPOSES, SETTINGS, STATES
from estimator.engine.prices import PriceEntry
from estimator.engine.request import Grant, Person, Provider, Used
from estimator.estimates.asked import SecondPlan
from estimator.estimates.care import (
    MOST_VISITS,
    CoursePart,
    VisitPart,
    problems_of_order,
    with_shared_services,
)
from estimator.estimates.contract_codes import ANY_SERVICE, DiagnosisField, PricedCodeField, ServiceCodeField
from estimator.estimates.contract_parts import ByName, Part, Several, SpannedPart, span
from estimator.estimates.contract_told import Calls
from estimator.estimates.contract_values import (
    ChoiceField,
    CountField,
    CountOrMoneyField,
    DayField,
    MoneyField,
    PatternField,
    PercentField,
    PlanField,
    WordField,
    YesField,
)
from estimator.language import N_, _

_MOST_PRICES = 500
_MOST_CODES = 50
_MOST_DIAGNOSES = 12


class ProviderPart(Part):
    """Who treats, and where."""

    type = ChoiceField(PROVIDERS)
    network = WordField()
    setting = ChoiceField(SETTINGS)
    experience = ChoiceField(EXPERIENCES)
    experience_factor = PercentField("10%", "500%")

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Provider:
        return Provider(**read)


class PersonPart(Part):
    """What rules may ask of the patient."""

    age = CountField(0, 130)
    family = YesField()
    symptom_weeks = CountField(0, 5200)
    purpose = ChoiceField(PURPOSES)
    improving = YesField()
    justified = YesField()

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Person:
        return Person(**read)


class SumsPart(Part):
    """What was paid so far within one network."""

    deductible_paid = MoneyField()
    out_of_pocket_paid = MoneyField()
    family_deductible_paid = MoneyField()
    family_out_of_pocket_paid = MoneyField()


class UsedPart(SumsPart):
    """Balances before the first visit, in the provider's network and, by name, in others."""

    limits = ByName(CountOrMoneyField())
    limit_days = ByName(Several(DayField(), 0, MOST_VISITS, N_("days")))
    networks = ByName(fields.Nested(SumsPart))


class GrantPart(SpannedPart):
    """An authorization or referral on file."""

    on_file = YesField()
    visits = CountField(0, 9999)
    units = CountField(0, 9999)
    codes = Several(ServiceCodeField(), 0, _MOST_CODES, N_("codes"))

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> Grant:
        valid = span(read)
        return Grant(**{**read, "codes": frozenset(read.get("codes", ())), "valid": valid})


class PricePart(SpannedPart):
    """One amount of the clinic's contract or of its self-pay list."""

    code = PricedCodeField(required=True)
    amount = MoneyField(required=True)
    basis = ChoiceField(PRICE_BASES)

    @validates_schema
    def _any_service_is_a_visit(self, read: dict[str, Any], **kwargs: Any) -> None:
        if read["code"] == ANY_SERVICE and read.get("basis") != "per-visit":
            raise ValidationError({"basis": [_('Write "per-visit" beside the code "*", or name the code.')]})

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> PriceEntry:
        valid = span(read)
        return PriceEntry(**read, span=valid)


class SecondPlanPart(Part):
    """A second plan and how it counts what the first one paid."""

    plan = PlanField(required=True)
    method = ChoiceField(METHODS)
    used = fields.Nested(UsedPart(exclude=("networks",)))

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> SecondPlan:
        return SecondPlan(**{**read, "used": used(read.get("used", {}))})


class RequestPart(Part):
    """A whole request."""

    plan = PlanField(required=True)
    as_of = DayField()
    zip = PatternField("[0-9]{5}", N_('Write five digits such as "98101"'))
    locality = PatternField("[0-9]{5}-[0-9]{2}", N_('Write carrier and number such as "02102-01"'))
    state = ChoiceField(STATES)
    provider = fields.Nested(ProviderPart)
    diagnoses = Several(DiagnosisField(), 0, _MOST_DIAGNOSES, N_("diagnoses"))
    person = fields.Nested(PersonPart)
    used = fields.Nested(UsedPart)
    authorization = fields.Nested(GrantPart)
    referral = fields.Nested(GrantPart)
    signed_consent = YesField()
    visits = Several(fields.Nested(VisitPart), 1, MOST_VISITS, N_("visits"))
    course = fields.Nested(CoursePart)
    contract = Several(fields.Nested(PricePart), 0, _MOST_PRICES, N_("prices"))
    self_pay_prices = Several(fields.Nested(PricePart), 0, _MOST_PRICES, N_("prices"))
    secondary = fields.Nested(SecondPlanPart)
    told = Calls()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _care_is_said_once(self, read: Any, written: Any, **kwargs: Any) -> None:
        if not isinstance(written, Mapping):
            return
        visits, course = written.get("visits"), written.get("course")
        if visits is None and course is None:
            raise ValidationError({"visits": [_("Add visits or a course; one of the two is needed.")]})
        if visits is not None and course is not None:
            raise ValidationError({"course": [_("Write either visits or a course, not both.")]})
        short = isinstance(visits, list | tuple) and len(visits) <= MOST_VISITS
        if short and (problems := problems_of_order(visits)):
            raise ValidationError({"visits": problems})

    @post_load
    def _made(self, read: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        visits = read.pop("course", None) or tuple(read["visits"])
        return {**read, "visits": with_shared_services(visits)}


def used(read: Mapping[str, Any]) -> Used:
    """Return the balances of one network."""
    days = {name: tuple(sorted(days)) for name, days in read.get("limit_days", {}).items()}
    return Used(**{**read, "limit_days": days})
