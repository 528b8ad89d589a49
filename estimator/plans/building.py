"""Makes the domain's plan of what the schema read; nothing can be refused any more here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from estimator.engine.plan import (
    ANYTIME,
    Allowed,
    Benefit,
    Ceiling,
    CostShare,
    DeductibleOrder,
    Network,
    Per,
    Plan,
    Policy,
    Tier,
)
from estimator.engine.request import OUT_OF_NETWORK
from estimator.engine.values import ALWAYS, UNKNOWN, Citation, Source
from estimator.language import N_
from estimator.plans.crossings import CEILINGS
from estimator.plans.schema_references import citation

Loaded = Mapping[str, Any]
UNTITLED = N_("Plan given in the request")


def built_plan(loaded: Loaded, policies: tuple[Policy, ...], sources: Mapping[str, Source], fingerprint: str) -> Plan:
    """Return the plan."""
    networks = _networks(loaded["networks"])
    return Plan(
        id=loaded.get("plan", "given"),
        title=loaded.get("title", UNTITLED),
        payer=loaded.get("payer", ""),
        kind=loaded.get("kind", "given"),
        market=loaded.get("market", ""),
        in_force=loaded.get("in_force", ALWAYS),
        benefit_year=loaded.get("benefit_year", UNKNOWN),
        networks=networks,
        limits={name: replace(limit, name=name) for name, limit in loaded.get("limits", {}).items()},
        benefits=_Benefits(loaded["benefits"], networks).all(),
        policies=policies,
        sources=dict(sources),
        notes=loaded.get("notes", ()),
        fingerprint=fingerprint,
    )


def _networks(tiers: Mapping[str, Tier | Loaded]) -> dict[str, Network]:
    ceilings = {kind: _ceilings(tiers, kind) for kind in CEILINGS}
    return {tier: _network(tier, written, ceilings) for tier, written in tiers.items()}


def _network(tier: str, written: Tier | Loaded, ceilings: Mapping[str, Mapping[str, Any]]) -> Network:
    if isinstance(written, Tier):
        contracted = tier != OUT_OF_NETWORK
        covered = False if written is Tier.NOT_COVERED else UNKNOWN
        return Network(tier, covered, contracted, balance_bill=False if contracted else UNKNOWN)
    contracted = written.get("contracted", tier != OUT_OF_NETWORK)
    return Network(
        name=tier,
        contracted=contracted,
        deductible=ceilings["deductible"].get(tier),
        out_of_pocket_max=ceilings["out_of_pocket_max"].get(tier),
        allowed=written.get("allowed", Allowed()),
        balance_bill=written.get("balance_bill", False if contracted else UNKNOWN),
        citation=citation(dict(written)),
    )


def _ceilings(tiers: Mapping[str, Tier | Loaded], kind: str) -> dict[str, Any]:
    """Return the ceilings of one kind; tiers that fill one together share the name of the first of them."""
    written = {tier: block.get(kind) for tier, block in tiers.items() if not isinstance(block, Tier)}
    first = {tier: tier for tier in tiers}
    for tier, value in written.items():
        partner = value[1]["with"] if isinstance(value, tuple) else None
        if partner:
            old, new = first[tier], first[partner]
            first = {name: new if group == old else group for name, group in first.items()}
    order = list(tiers)
    heads = {group: min((t for t in order if first[t] == group), key=order.index) for group in set(first.values())}
    names = {tier: f"{heads[first[tier]]} {kind}" for tier in tiers}
    return {
        tier: replace(value[0], name=names[tier], also_credits=tuple(names[t] for t in value[1]["credits"]))
        if isinstance(value, tuple)
        else value
        for tier, value in written.items()
    }


class _Benefits:
    """The benefits of a plan, whose shares may follow each other; crossings has refused circles."""

    def __init__(self, written: Mapping[str, Loaded], networks: Mapping[str, Network]) -> None:
        self.written = written
        self.networks = networks

    def all(self) -> tuple[Benefit, ...]:
        """Return the benefits in the order of the file."""
        return tuple(self._benefit(name, block) for name, block in self.written.items())

    def _benefit(self, name: str, block: Loaded) -> Benefit:
        without = block.get("without_authorization")
        return Benefit(
            name=name,
            services=block["services"],
            cost_share={tier: self.share(name, tier) for tier in self.networks},
            limits=block.get("limits", ()),
            when=block.get("when", ANYTIME),
            authorization=block.get("authorization"),
            referral=block.get("referral"),
            without_authorization=None if without is None else self._charged(without, ""),
            deductible=self._deductible(name, block.get("deductible")),
            citation=citation(dict(block)),
        )

    def _deductible(self, benefit: str, written: tuple[Ceiling, Loaded] | None) -> Ceiling | None:
        if written is None:
            return None
        ceiling, together = written
        credited = [self.networks[tier].deductible for tier in together["credits"]]
        names = tuple(other.name for other in credited if isinstance(other, Ceiling))
        return replace(ceiling, name=f"{benefit} deductible", also_credits=names)

    def share(self, benefit: str, tier: str) -> CostShare | Tier:
        """Return what a benefit says of a tier; a tier that it leaves out is unknown, or what the plan says."""
        default = Tier.NOT_COVERED if self.networks[tier].covered is False else Tier.UNKNOWN
        written: Tier | Loaded = self.written[benefit]["cost_share"].get(tier, default)
        if isinstance(written, Tier):
            return written
        if "same_as" in written:
            other = self.share(written["same_as"], tier)
            return other if isinstance(other, Tier) else replace(other, citation=citation(dict(written)))
        return self._charged(written, tier)

    def _charged(self, written: Loaded, tier: str) -> CostShare:
        ceiling = self.share(written["not_above"], tier) if "not_above" in written else None
        steps = tuple(
            (step.get("through_visit"), _charge({**written, **step}, step)) for step in written.get("by_visit", ())
        )
        return replace(
            _charge(written, written),
            by_visit=steps,
            counter=written.get("counter", ""),
            not_above=ceiling if isinstance(ceiling, CostShare) else None,
        )


def _charge(written: Loaded, own: Loaded) -> CostShare:
    cited: Citation | None = own.get("cite") or citation(dict(written))
    return CostShare(
        copay=own.get("copay"),
        coinsurance=own.get("coinsurance"),
        per=written.get("per", Per.VISIT),
        deductible=written.get("deductible", DeductibleOrder.WAIVED),
        coinsurance_of_allowed=written.get("coinsurance_of", False),
        never_above_allowed=written.get("never_above_allowed", True),
        credits_deductible=written.get("counts_toward_deductible", False),
        credits_out_of_pocket=written.get("counts_toward_maximum", True),
        copay_group=written.get("copay_group", ""),
        max_per_visit=written.get("max_per_visit"),
        plan_pays_at_most=written.get("plan_pays_at_most"),
        citation=cited,
    )
