"""A whole plan file, and its benefits and examples."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.plan import IfMissing, Tier
from estimator.engine.values import UNKNOWN, BenefitYear, Citation
from estimator.plans.schema_authorization import AuthorizationSchema
from estimator.plans.schema_figures import YearStart
from estimator.plans.schema_limit import LimitSchema
from estimator.plans.schema_names import names
from estimator.plans.schema_network import CeilingSchema, NetworkSchema
from estimator.plans.schema_policy import PolicySchema, SourceSchema
from estimator.plans.schema_references import Cite, Known, ServiceNames, citation
from estimator.plans.schema_shapes import Anything, BlockSchema, Choice, Inner, Many, Named
from estimator.plans.schema_share import ShareSchema
from estimator.plans.schema_values import Described, Text, Word, name
from estimator.plans.schema_when import PlanSpanSchema, WhenSchema, state
from estimator.plans.tree import Block

KINDS = ("published", "template", "example")
MARKETS = (
    "marketplace",
    "employer",
    "medicare",
    "medicare-advantage",
    "medicaid",
    "tricare",
    "fehb",
    "workers-comp",
    "va",
    "auto",
    "self-pay",
)
EXPECTED = (
    "patient_owes",
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
                message = "Write the cost share that applies: `without_authorization: {coinsurance: 50%, …}`."
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
            raise ValidationError("Write what the example comes to, such as `patient_owes: 520.00`.")

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


class _PolicyNamed(Choice):
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


class PlanSchema(BlockSchema):
    """A whole plan."""

    also: ClassVar[Described] = {"required": [*_FILE_NEEDS, "networks", "benefits"]}

    plan = name(metadata={"description": "The plan's own name; the revisions of a plan share it."})
    title = Text(metadata={"description": "The plan's name for readers."})
    payer = Text()
    kind = Word(KINDS, metadata={"description": "A real plan, a shape to fill in, or a fictional one."})
    market = Word(MARKETS)
    states = Many(state(), least=1, metadata={"description": "Where it is sold; left out: everywhere."})
    in_force = Inner(PlanSpanSchema)
    benefit_year = Choice({"calendar": BenefitYear(), "unknown": UNKNOWN}, Inner(YearSchema))
    sources = Named(Inner(SourceSchema), metadata={"description": "Documents that the rules cite."})
    services = Named(ServiceNames(), metadata={"description": "Classes of the plan's own."})
    networks = Named(
        Choice({"not-covered": Tier.NOT_COVERED, "unknown": Tier.UNKNOWN}, Inner(NetworkSchema)),
        least=1,
        required=True,
        metadata={"description": "The tiers of the plan."},
    )
    limits = Named(Inner(LimitSchema), metadata={"description": "Buckets that benefits may share."})
    benefits = Named(Inner(BenefitSchema), least=1, required=True)
    policies = Many(_PolicyNamed(), metadata={"description": "Payers' policies, the first that applies decides."})
    notes = Many(Inner(NoteSchema))
    examples = Many(Inner(ExampleSchema))

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_head(self, loaded: Any, original: Block, **kwargs: Any) -> None:
        """Refuse a file without its head."""
        if names().given is None:
            mistakes = {key: [f"This key is missing: write {example}."] for key, example in _FILE_NEEDS.items()}
            missing = {key: mistake for key, mistake in mistakes.items() if key not in original}
            if missing:
                raise ValidationError(missing)
