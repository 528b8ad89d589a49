"""Sources, and payers' policies on a procedure."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load

from estimator.engine.plan import ANYTIME, Liable, Policy, Position
from estimator.engine.values import ALWAYS, Source
from estimator.plans.schema_figures import Day
from estimator.plans.schema_references import Cite, Known, ServiceNames, citation
from estimator.plans.schema_shapes import BlockSchema, Inner, Named
from estimator.plans.schema_values import Address, Text, Word, enum_words, name
from estimator.plans.schema_when import SpanSchema, WhenSchema


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
