"""Cost shares: copay, coinsurance and how they stand to the deductible."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from estimator.engine.plan import DeductibleOrder, Per
from estimator.engine.values import UNKNOWN
from estimator.plans.schema_figures import Amount, Count, Dollars, Percent
from estimator.plans.schema_references import Cite, Known
from estimator.plans.schema_shapes import BlockSchema, Choice, Inner, Many
from estimator.plans.schema_values import Described, Word, enum_words, name, yes_no

_OWES = ("copay", "coinsurance")


class ChargeSchema(BlockSchema):
    """What a cost share and each of its steps may say."""

    copay = Amount(metadata={"description": "A fixed amount, a range or unknown."})
    coinsurance = Choice({"unknown": UNKNOWN}, Percent(), metadata={"description": "The patient's percentage."})
    deductible = Word(
        enum_words(DeductibleOrder, unknown=True),
        metadata={"description": "Whether, and before or after the copay, the charge goes to the deductible."},
    )
    per = Word(enum_words(Per), metadata={"description": "What one copay covers."})
    copay_group = name(metadata={"description": "Benefits of the same group share one copay a visit or day."})
    coinsurance_of = Word({"rest": False, "allowed": True})
    never_above_allowed = yes_no(metadata={"description": "no: the copay is owed even if the service costs less."})
    counts_toward_deductible = yes_no()
    counts_toward_maximum = yes_no()
    max_per_visit = Dollars(metadata={"description": "The patient's share of a visit at most."})
    plan_pays_at_most = Dollars(metadata={"description": "The plan's payment for a visit at most."})
    cite = Cite()


class StepSchema(ChargeSchema):
    """One step of a share that changes with the number of the visit."""

    through_visit = Count(least=1, metadata={"description": "The last visit of the step."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check(self, loaded: Any, original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a step that charges nothing."""
        if not any(key in original for key in _OWES):
            raise ValidationError("Write what the step costs: `copay: 0.00` where nothing is owed.")


class ShareSchema(ChargeSchema):
    """What the patient pays for a covered line in one tier."""

    cited = True
    also: ClassVar[Described] = {"anyOf": [{"required": [key]} for key in (*_OWES, "by_visit", "same_as")]}

    by_visit = Many(Inner(StepSchema), least=2, metadata={"description": "Steps by the number of the visit."})
    counter = Known("limits", metadata={"description": "Limit whose count the steps follow."})
    same_as = Known("benefits", metadata={"description": "Benefit whose share applies."})
    not_above = Known("benefits", metadata={"description": "Benefit whose share this one may not exceed."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_charges(self, loaded: Any, original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a share that charges nothing, or twice."""
        written = [key for key in (*_OWES, "by_visit", "same_as") if key in original]
        if not written:
            raise ValidationError("Write a `copay`, a `coinsurance` or both: `copay: 0.00` where nothing is owed.")
        mistakes = {}
        if "same_as" in original:
            for key in sorted(set(original) & set(self.keys()) - {"same_as", "cite"}):
                mistakes[key] = ["`same_as` takes the whole share of the other benefit: remove this."]
        elif "by_visit" in original:
            for key in written[:-1]:
                mistakes[key] = ["`by_visit` says what each visit costs: write this in its steps."]
        elif "counter" in original:
            mistakes["counter"] = ["Only `by_visit` follows a counter: remove this."]
        if mistakes:
            raise ValidationError(mistakes)

    @validates_schema
    def check_steps(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse steps out of order, and a last step that ends."""
        steps = loaded.get("by_visit", ())
        before = 0
        for place, step in enumerate(steps):
            last = step.get("through_visit")
            is_final = place == len(steps) - 1
            if is_final and last is not None:
                raise _at(place, "The last step has no end: remove `through_visit`, or add a step after it.")
            if not is_final and (last is None or last <= before):
                raise _at(place, f"Write the last visit of the step, from {before + 1} on.")
            before = last or before


def _at(place: int, message: str) -> ValidationError:
    return ValidationError({"by_visit": {place: {"through_visit": [message]}}})
