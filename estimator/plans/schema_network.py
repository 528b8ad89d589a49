"""Tiers of a plan: deductibles, maximums and what the allowed amount rests on."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.plan import Allowed, Basis, Ceiling, FamilyRule
from estimator.engine.values import UNKNOWN, WHOLE
from estimator.plans.schema_figures import Amount, Count, Dollars, Percent
from estimator.plans.schema_references import CODE, Cite, Known, citation
from estimator.plans.schema_shapes import BlockSchema, Choice, Inner, Many, Named
from estimator.plans.schema_values import Pattern, Word, enum_words, yes_no

# What each basis of the allowed amount needs beside it, and what alone it may have.
_BESIDE = {
    Basis.MEDICARE: "percent",
    Basis.CHARGES: "percent",
    Basis.PER_VISIT: "amount",
    Basis.CASE_RATE: "amount",
    Basis.FEE_SCHEDULE: "fees",
}
_EXAMPLES = {"percent": "`percent: 140%`", "amount": "`amount: 95.00`", "fees": "`fees: {97110: 31.50}`"}


class CeilingSchema(BlockSchema):
    """A deductible or an out-of-pocket maximum."""

    cited = True

    person = Amount(required=True, metadata={"description": "The amount for one person."})
    family = Amount(metadata={"description": "The amount for the family together."})
    family_member = Amount(metadata={"description": "The person's amount within family cover, where it differs."})
    family_rule = Word(enum_words(FamilyRule, unknown=True), metadata={"description": "How the two go together."})
    combined_with = Known("tiers", metadata={"description": "Another tier that fills the same ceiling."})
    also_credits = Many(Known("tiers"), metadata={"description": "Tiers whose ceiling a dollar fills too."})
    carry_over_months = Count(metadata={"description": "Last months of a benefit year that count in the next."})
    includes_deductible = yes_no(metadata={"description": "Does the deductible count toward the maximum?"})
    includes_drugs = yes_no(metadata={"description": "Does drug spending fill it too?"})
    per = Word({"benefit-year": False, "condition": True}, metadata={"description": "When it starts again."})
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse months that no year has."""
        if loaded.get("carry_over_months", 0) > 12:
            raise ValidationError({"carry_over_months": ["Write a number of months from 0 to 12."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> tuple[Ceiling, dict[str, Any]]:
        """Return the ceiling without its name, and the tiers that it goes together with."""
        ceiling = Ceiling(
            name="",
            person=loaded["person"],
            family=loaded.get("family"),
            family_member=loaded.get("family_member"),
            family_rule=loaded.get("family_rule", FamilyRule.EMBEDDED),
            carry_over_months=loaded.get("carry_over_months", 0),
            per_condition=loaded.get("per", False),
            includes_deductible=loaded.get("includes_deductible", True),
            includes_drugs=loaded.get("includes_drugs", False),
            citation=citation(loaded),
        )
        together = {"with": loaded.get("combined_with"), "credits": loaded.get("also_credits", ())}
        return ceiling, together


class AllowedSchema(BlockSchema):
    """What the allowed amount rests on where no contract is at hand."""

    basis = Word(enum_words(Basis), required=True)
    percent = Percent(metadata={"description": "Of Medicare's amount (100% where left out) or of the charges."})
    amount = Dollars(metadata={"description": "One amount for the whole visit or the whole course."})
    fees = Named(Dollars(), key=Pattern(CODE.pattern, "97110", "a code"), least=1)
    multiple_procedure_reduction = yes_no(unknown=True)
    reduction = Percent(metadata={"description": "Part of the practice expense taken off every further unit."})
    lesser_of_billed = yes_no()
    minutes_rule = Word(("eight-minute", "midpoint"))
    cite = Cite()

    @validates_schema(pass_original=True)
    def check(self, loaded: dict[str, Any], original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a basis without its figure, figures of another basis, and a basis without a source."""
        basis = loaded["basis"]
        own = _BESIDE.get(basis)
        mistakes = {}
        if own and own not in loaded and basis is not Basis.MEDICARE:
            mistakes[own] = [f"`basis: {basis}` needs {_EXAMPLES[own]}."]
        for key in sorted(set(_BESIDE.values()) & set(loaded) - {own}):
            mistakes[key] = [f"`basis: {basis}` has no `{key}`: remove it."]
        if basis is not Basis.CONTRACT and "cite" not in original and citation({}) is None:
            mistakes["cite"] = ["Say where this stands, such as `cite: eoc p. 41`."]
        if mistakes:
            raise ValidationError(mistakes)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Allowed:
        """Return the basis."""
        basis = loaded["basis"]
        plain = ("amount", "lesser_of_billed", "minutes_rule", "reduction", "fees")
        return Allowed(
            basis=basis,
            percent=loaded.get("percent", WHOLE if basis is Basis.MEDICARE else None),
            reduces_multiple_procedures=loaded.get("multiple_procedure_reduction", False),
            citation=citation(loaded),
            **{key: loaded[key] for key in plain if key in loaded},
        )


class NetworkSchema(BlockSchema):
    """One tier of the plan."""

    contracted = yes_no(metadata={"description": "Has the clinic promised not to bill beyond the contract?"})
    deductible = Choice({"none": None, "unknown": UNKNOWN}, Inner(CeilingSchema))
    out_of_pocket_max = Choice({"none": None, "unknown": UNKNOWN}, Inner(CeilingSchema))
    allowed = Inner(AllowedSchema)
    balance_bill = yes_no(unknown=True, metadata={"description": "May the clinic bill the rest of its charge?"})
    cite = Cite()
