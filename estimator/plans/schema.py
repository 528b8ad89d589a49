"""A whole plan file: sources, policies, networks, benefits and examples; and its JSON Schema for editors."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.coding import MARKETS
from estimator.engine.plan import (
    ANYTIME,
    Allowed,
    Basis,
    Ceiling,
    FamilyRule,
    ForAssistants,
    IfMissing,
    Liable,
    Policy,
    Position,
    Supplement,
    Tier,
)
from estimator.engine.values import ALWAYS, UNKNOWN, WHOLE, BenefitYear, Citation, Source
from estimator.plans.schema_rules import (
    AuthorizationSchema,
    LimitSchema,
    PlanSpanSchema,
    ShareSchema,
    SpanSchema,
    WhenSchema,
    state,
)
from estimator.plans.schema_values import (
    CODE,
    Address,
    Amount,
    Anything,
    BlockSchema,
    Choice,
    Cite,
    Count,
    Day,
    Described,
    Dollars,
    Inner,
    Known,
    Many,
    Named,
    Pattern,
    Percent,
    ServiceNames,
    Text,
    Word,
    YearStart,
    citation,
    enum_words,
    name,
    names,
    schema_of,
    written_key,
    yes_no,
)
from estimator.plans.text import Block

# ----------------------------------------------------------------------------
# Tiers of a plan: deductibles, maximums and what the allowed amount rests on.
# ----------------------------------------------------------------------------

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
            raise ValidationError({"carry_over_months": ["Enter a number of months from 0 to 12."]})

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


class AssistantsSchema(BlockSchema):
    """What the plan pays where an assistant treats."""

    cited = True

    plan_pays = Percent(required=True, metadata={"description": "Part of its own payment; the patient's share stays."})
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> ForAssistants:
        """Return the part."""
        return ForAssistants(loaded["plan_pays"], citation(loaded))


class SaidSchema(BlockSchema):
    """What a document says of a tier, with nothing more to it than where it says so."""

    cited = True

    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Citation | None:
        """Return what says so."""
        return citation(loaded)


class NetworkSchema(BlockSchema):
    """One tier of the plan."""

    contracted = yes_no(metadata={"description": "Has the clinic promised not to bill beyond the contract?"})
    deductible = Choice({"none": None, "unknown": UNKNOWN}, Inner(CeilingSchema))
    out_of_pocket_max = Choice({"none": None, "unknown": UNKNOWN}, Inner(CeilingSchema))
    allowed = Inner(AllowedSchema)
    balance_bill = yes_no(unknown=True, metadata={"description": "May the clinic bill the rest of its charge?"})
    limiting_charge = Percent(
        metadata={"description": "The most it may ask for a covered service, of what is allowed."}
    )
    assistants = Inner(AssistantsSchema)
    free_by_indian_health = Inner(
        SaidSchema, metadata={"description": "No share of what an Indian health care provider gives or refers."}
    )
    high_deductible = Inner(SaidSchema, metadata={"description": "It goes with a savings account (HSA), by tax law."})
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a limit below the allowed amount."""
        limit = loaded.get("limiting_charge")
        if limit is not None and limit < WHOLE:
            raise ValidationError({"limiting_charge": ["Enter a percentage above 100%, such as 115%."]})


# ----------------------------------------------------------------------------
# Sources, and payers' policies on a procedure.
# ----------------------------------------------------------------------------


class SourceSchema(BlockSchema):
    """A document that rules cite."""

    title = Text(required=True)
    url = Address(required=True, metadata={"description": "Its address, or none."})
    read_on = Day(required=True, metadata={"description": "The day on which a person read it."})
    confidence = Word(("high", "medium", "low"), required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Source:
        """Return the source."""
        return Source(**loaded)


class PolicySchema(BlockSchema):
    """A payer's position on some services."""

    cited = True

    policy = name(required=True, metadata={"description": "The name by which plans call it."})
    payer = Text()
    services = ServiceNames(least=1, required=True)
    position = Word(enum_words(Position), required=True)
    as_sole_service = Word({"line-not-paid": False, "visit-not-paid": True})
    liable = Word(enum_words(Liable), metadata={"description": "Who bears the line, in network."})
    under = Known("benefits", metadata={"description": "Benefit that a covered line falls in."})
    ask = Text(metadata={"description": "What a patient asks the payer or the clinic, as the patient would say it."})
    ask_clinic = Text(metadata={"description": "What billing staff check; patients are not shown it."})
    when = Inner(WhenSchema)
    in_force = Inner(SpanSchema)
    sources = Named(Inner(SourceSchema))
    cite = Cite()

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Policy:
        """Return the policy."""
        return Policy(
            name=loaded["policy"],
            services=loaded["services"],
            position=loaded["position"],
            in_force=loaded.get("in_force", ALWAYS),
            when=loaded.get("when", ANYTIME),
            sole_service_denied=loaded.get("as_sole_service", False),
            liable=loaded.get("liable"),
            under=loaded.get("under", ""),
            ask=loaded.get("ask", ""),
            ask_clinic=loaded.get("ask_clinic", ""),
            citation=citation(loaded),
        )


KINDS = ("published", "template", "example")
EXPECTED = (
    "patient_owes",
    "settled",
    "open_points",
    "plan_pays",
    "provider_absorbs",
    "conditions",
    "questions",
    "crossing_points",
    "statuses",
    "visits",
)
_TIER = {str(tier.value): tier for tier in Tier}
_ASKED = {"none": None, "unknown": UNKNOWN}
# What a request may leave out of a plan; a file must have it.
_FILE_NEEDS = {
    "plan": "`plan: evergreen-ppo`",
    "title": "`title: Evergreen PPO`",
    "payer": "`payer: Evergreen Health Plan`",
    "kind": "`kind: published`",
    "market": "`market: employer`",
    "in_force": "`in_force: {first_day: 2026-01-01, last_day: 2026-12-31}`",
    "benefit_year": "`benefit_year: calendar`",
}


class BenefitSchema(BlockSchema):
    """A group of services with one cost share per tier."""

    services = ServiceNames(required=True, metadata={"description": "Classes, or codes."})
    when = Inner(WhenSchema)
    limits = Many(Known("limits"))
    deductible = Inner(CeilingSchema, metadata={"description": "In place of the plan's, for this benefit."})
    authorization = Choice(_ASKED, Inner(AuthorizationSchema))
    referral = Choice(_ASKED, Inner(AuthorizationSchema))
    without_authorization = Inner(ShareSchema)
    cost_share = Named(Choice(_TIER, Inner(ShareSchema)), key=Known("tiers"), least=1, required=True)
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a missing authorization that leads to a cost share which nobody wrote."""
        for key in ("authorization", "referral"):
            rule = loaded.get(key)
            if rule in (None, UNKNOWN) or "without_authorization" in loaded:
                continue
            if IfMissing.OTHER_COST_SHARE in (rule.if_missing.kind, rule.if_missing_out_of_network.kind):
                message = "Enter the cost share that applies: `without_authorization: {coinsurance: 50%, …}`."
                raise ValidationError({"without_authorization": [message]})


class NoteSchema(BlockSchema):
    """A sentence that is shown with every estimate."""

    cited = True

    text = Text(required=True)
    cite = Cite()

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> tuple[str, Citation | None]:
        """Return the sentence and where it comes from."""
        return loaded["text"], citation(loaded)


class YearSchema(BlockSchema):
    """A benefit year that does not start in January."""

    starts = YearStart(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> BenefitYear:
        """Return the year."""
        year: BenefitYear = loaded["starts"]
        return year


class ExpectSchema(BlockSchema):
    """What an example comes to."""

    @validates_schema(pass_original=True)
    def check(self, loaded: Any, original: Block, **kwargs: Any) -> None:
        """Refuse an example that expects nothing."""
        if not original:
            raise ValidationError("Enter what the example comes to, such as `patient_owes: 520.00`.")

    def keys(self) -> list[str]:
        """Return the keys that may be expected."""
        return list(EXPECTED)


class _Expect(Anything):
    example = "{patient_owes: 520.00}"
    kind: ClassVar[type[BlockSchema]] = ExpectSchema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        expected = super()._deserialize(value, attr, data)
        ExpectSchema().load(value)
        return expected

    def described(self) -> Described:
        return {"type": "object", "propertyNames": {"enum": list(EXPECTED)}, "minProperties": 1}


class PolicyNamed(Choice):
    """The name of a policy, or a whole one."""

    def __init__(self) -> None:
        super().__init__({}, Inner(PolicySchema))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Block):
            return self.other.deserialize(value, attr, data)
        return Known("policies").deserialize(value, attr, data)

    def described(self) -> Described:
        return {"anyOf": [{"type": "string"}, self.other.described()]}


class ExampleSchema(BlockSchema):
    """A question and its answer, worked by hand."""

    name = Text(required=True)
    given = Anything(required=True)
    expect = _Expect(required=True)


class SupplementSchema(BlockSchema):
    """What a plan pays of the parts that Original Medicare leaves to the patient."""

    cited = True

    after = name(required=True, metadata={"description": "The plan that pays first, such as original-medicare-2025."})
    deductible = Percent(required=True, metadata={"description": "Part of the first plan's deductible that it pays."})
    coinsurance = Percent(required=True, metadata={"description": "Part of the first plan's coinsurance."})
    excess = Choice({"unknown": UNKNOWN}, Percent(), required=True)
    copay = Dollars(metadata={"description": "What stays with the patient at each visit, up to the coinsurance."})
    copay_applies = yes_no(unknown=True, metadata={"description": "Do therapy visits have that copay?"})
    limit = Dollars(metadata={"description": "What the patient pays in a year before coinsurance is paid whole."})
    may_bill = yes_no(metadata={"description": "May the clinic bill the patient for what it pays of these parts?"})
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Supplement:
        """Return the supplement."""
        return Supplement(**{key: each for key, each in loaded.items() if key != "cite"}, citation=citation(loaded))


_NEEDS = {"networks": "enter `networks: {in-network: {…}}`", "benefits": "enter `benefits: {physical-therapy: {…}}`"}
_PAYS_AFTER = "A plan with `supplement` pays after another one: remove `{key}`."


class PlanSchema(BlockSchema):
    """A whole plan."""

    also: ClassVar[Described] = {
        "required": [*_FILE_NEEDS],
        "anyOf": [{"required": ["networks", "benefits"]}, {"required": ["supplement"]}],
    }

    plan = name(metadata={"description": "The plan's own name; the revisions of a plan share it."})
    title = Text(metadata={"description": "The plan's name for readers."})
    payer = Text()
    kind = Word(KINDS, metadata={"description": "A real plan, a shape to fill in, or a fictional one."})
    market = Word(MARKETS)
    states = Many(state(), least=1, metadata={"description": "Where it is sold; left out: everywhere."})
    in_force = Inner(PlanSpanSchema)
    benefit_year = Choice({"calendar": BenefitYear(), "unknown": UNKNOWN}, Inner(YearSchema))
    successor = name(metadata={"description": "The plan that follows it; left out: the one of the same name."})
    sources = Named(Inner(SourceSchema), metadata={"description": "Documents that the rules cite."})
    services = Named(ServiceNames(), metadata={"description": "Classes of the plan's own."})
    networks = Named(
        Choice({"not-covered": Tier.NOT_COVERED, "unknown": Tier.UNKNOWN}, Inner(NetworkSchema)),
        least=1,
        metadata={"description": "The tiers of the plan."},
    )
    limits = Named(Inner(LimitSchema), metadata={"description": "Buckets that benefits may share."})
    benefits = Named(Inner(BenefitSchema), least=1)
    supplement = Inner(SupplementSchema, metadata={"description": "In place of networks and benefits: it pays second."})
    policies = Many(PolicyNamed(), metadata={"description": "Payers' policies, the first that applies decides."})
    notes = Many(Inner(NoteSchema))
    examples = Many(Inner(ExampleSchema))

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_head(self, loaded: Any, original: Block, **kwargs: Any) -> None:
        """Refuse a file without its head."""
        if names().given is None:
            mistakes = {key: [f"This key is missing: enter {example}."] for key, example in _FILE_NEEDS.items()}
            missing = {key: mistake for key, mistake in mistakes.items() if key not in original}
            if missing:
                raise ValidationError(missing)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_parts(self, loaded: Any, original: Block, **kwargs: Any) -> None:
        """Refuse a plan without networks and benefits, and a supplement with its own."""
        if "supplement" in original:
            mistakes = {key: [_PAYS_AFTER.format(key=key)] for key in (*_NEEDS, "limits") if key in original}
        else:
            mistakes = {key: [f"This key is missing: {what}."] for key, what in _NEEDS.items() if key not in original}
        if mistakes:
            raise ValidationError(mistakes)


# ----------------------------------------------------------------------------
# The JSON Schema of a plan file, made from the same schemas that check it; an editor completes keys from it.
# ----------------------------------------------------------------------------

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: type[BlockSchema] = PlanSchema) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a plan file, or of a policy for PolicySchema.

    It knows shapes and words; that names exist, and that steps and days are in order, only the reader checks.
    """
    definitions: dict[str, Any] = {}
    waiting = [kind]
    while waiting:
        schema = waiting.pop()
        if _name(schema) not in definitions:
            definitions[_name(schema)] = _block(schema)
            waiting += _inner_kinds(definitions[_name(schema)])
    root = definitions.pop(_name(kind))
    return {"$schema": _DIALECT, "title": _name(kind), **root, "$defs": dict(sorted(definitions.items()))}


def _block(kind: type[BlockSchema]) -> dict[str, Any]:
    properties, required = {}, []
    for key, field in schema_of(kind).fields.items():
        described = field.described()  # type: ignore[attr-defined]
        if description := field.metadata.get("description"):
            described = {"description": description, **described}
        properties[written_key(key, field)] = described
        if field.required or (key == "cite" and kind.cited):
            required.append(written_key(key, field))
    block = {"type": "object", "description": " ".join((kind.__doc__ or "").split()), "properties": properties}
    return {**block, "required": required, "additionalProperties": False, **kind.also}


def _inner_kinds(described: Any) -> list[type[BlockSchema]]:
    """Return the schemas that a description refers to."""
    if isinstance(described, list):
        return [kind for part in described for kind in _inner_kinds(part)]
    if not isinstance(described, dict):
        return []
    found = [kind for part in described.values() for kind in _inner_kinds(part)]
    reference = described.get("$ref")
    return [*found, _KINDS[reference.rpartition("/")[2]]] if isinstance(reference, str) else found


def _name(kind: type[BlockSchema]) -> str:
    return kind.__name__.removesuffix("Schema")


def _all_kinds(kind: type[BlockSchema]) -> dict[str, type[BlockSchema]]:
    return {_name(kind): kind} | {
        name: one for below in kind.__subclasses__() for name, one in _all_kinds(below).items()
    }


_KINDS = _all_kinds(BlockSchema)
