"""Authorizations and referrals: from which visit, and who bears a missing one."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.plan import ANYTIME, Authorization, Consequence, IfMissing
from estimator.engine.values import WHOLE
from estimator.plans.schema_figures import Count, Dollars, Percent
from estimator.plans.schema_references import Cite, Known, ServiceNames, citation
from estimator.plans.schema_shapes import BlockSchema, Choice, Inner, Many
from estimator.plans.schema_values import Text, yes_no
from estimator.plans.schema_when import WhenSchema

_WORDS = {str(kind): Consequence(kind) for kind in IfMissing if kind not in (IfMissing.REDUCED, IfMissing.PENALTY)}

# Keys that the domain calls the same.
_SAME_NAME = (
    "exempt",
    "only_for",
    "waiver_visits",
    "waiver_days",
    "restart_gap_days",
    "administrator",
    "how_to_ask",
    "turnaround_days",
    "grant_days",
)


class ConsequenceSchema(BlockSchema):
    """A reduced payment or a flat penalty."""

    pays = Percent(metadata={"description": "The plan pays only so much of its payment."})
    penalty = Dollars(metadata={"description": "A flat amount, once a course."})
    counts_toward_maximum = yes_no(metadata={"description": "Does the penalty fill the maximum?"})

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse none and both, and a payment above the whole."""
        if ("pays" in loaded) == ("penalty" in loaded):
            raise ValidationError("Write either {pays: 50%} or {penalty: 250.00}.")
        if "pays" in loaded and "counts_toward_maximum" in loaded:
            raise ValidationError({"counts_toward_maximum": ["Only a penalty has this: remove it."]})
        if loaded.get("pays", WHOLE) > WHOLE:
            raise ValidationError({"pays": ["Write a percentage up to 100%."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Consequence:
        """Return the consequence."""
        if "pays" in loaded:
            return Consequence(IfMissing.REDUCED, percent=loaded["pays"])
        credits_maximum = loaded.get("counts_toward_maximum", False)
        return Consequence(IfMissing.PENALTY, penalty=loaded["penalty"], credits=credits_maximum)


class AuthorizationSchema(BlockSchema):
    """From which visit an authorization or a referral is needed."""

    cited = True

    from_visit = Choice({"never": None}, Count(least=1), required=True)
    exempt = ServiceNames(least=1, metadata={"description": "Classes or codes that never need it."})
    only_for = ServiceNames(least=1, metadata={"description": "Only these classes or codes need it."})
    networks = Many(Known("tiers"), least=1, metadata={"description": "Only in these tiers."})
    when = Inner(WhenSchema)
    waiver_visits = Count(least=1, metadata={"description": "First visits that need a request, but no review."})
    waiver_days = Count(least=1, metadata={"description": "Days from the first visit that the waiver lasts."})
    counts = Known("limits", "course", metadata={"description": "The limit whose visits are counted, or course."})
    restart_gap_days = Count(least=1, metadata={"description": "A gap after which the count starts again."})
    administrator = Text()
    how_to_ask = Text()
    turnaround_days = Count(metadata={"description": "Business days within which the payer answers."})
    grant_days = Count(least=1)
    if_missing = Choice(_WORDS, Inner(ConsequenceSchema))
    if_missing_out_of_network = Choice(_WORDS, Inner(ConsequenceSchema))
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a waiver of days that has no visits."""
        if "waiver_days" in loaded and "waiver_visits" not in loaded:
            raise ValidationError({"waiver_days": ["Write `waiver_visits` too: how many visits the waiver gives."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Authorization:
        """Return the rule."""
        missing = loaded.get("if_missing", _WORDS["provider-absorbs"])
        elsewhere = loaded.get("if_missing_out_of_network", _WORDS["patient-pays"])
        return Authorization(
            from_visit=loaded["from_visit"],
            if_missing=missing,
            if_missing_out_of_network=elsewhere,
            networks=frozenset(loaded.get("networks", ())),
            when=loaded.get("when", ANYTIME),
            counter=loaded.get("counts", ""),
            citation=citation(loaded),
            **{key: loaded[key] for key in _SAME_NAME if key in loaded},
        )
