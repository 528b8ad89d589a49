"""Rules that plans inherit: those of a payer, by product line and state, and what is usual in a market.

A layer is a dated file in `_layers/` of the plans folder. It is laid under a plan when an estimate is made, so that a
changed layer moves every plan that inherits it at once, and no plan file changes. Field by field: what the plan
itself says of the code, then its payer's layers, the more specific scope first, then the market's usual rules.

Layers that somebody published go before the folder's; `rule_revisions.py` keeps them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.answer import Assumption, AssumptionKind
from estimator.engine.coding import MARKETS, SETTINGS
from estimator.engine.plan import (
    ANYTIME,
    Allowed,
    Authorization,
    Benefit,
    IfMissing,
    Limit,
    Network,
    Plan,
    Policy,
    Position,
)
from estimator.engine.usual import TEMPLATE, is_of_template
from estimator.engine.values import ALWAYS, UNKNOWN, Citation, Source, Span, Unknown
from estimator.errors import Problem
from estimator.insurers.registry import Insurer, registry
from estimator.plans.common_rules import CommonRule
from estimator.plans.schema import PolicyNamed, SourceSchema
from estimator.plans.schema_rules import AuthorizationSchema, LimitSchema, PlanSpanSchema, state
from estimator.plans.schema_values import (
    BlockSchema,
    Choice,
    Cite,
    Day,
    Described,
    Inner,
    Many,
    Named,
    Names,
    OfWords,
    Percent,
    ServiceNames,
    Text,
    Word,
    citation,
    load,
    name,
    yes_no,
)
from estimator.plans.shared import Shared, shown, sources_of
from estimator.plans.text import Block, Tree, Words, below, documents, problem

FOLDER = "_layers"
_NOT_IN_REGISTRY = "There is no insurer of this id. Run `estimator insurers find` to see its id."
_NEEDS_SERVICES = "Enter `services` too: the services that the rule on authorization or referral, or the limit, is for."
_SAME_SCOPE = "Both this layer and '{other}' would hold for the same plan. Give one of them a narrower scope."
# Plan ids of our catalogues say where a plan is sold: h1045-057-0-fl, 12345tx0010001.
_SOLD_IN = re.compile(r"[hrse]\d{4}-\d{3}-\d+-([a-z]{2})|\d{5}([a-z]{2})\d{7}.*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says of a rule on authorization that is contested: needed from a day on, or not."""

    is_needed: bool
    first_day: date
    citation: Citation | None


class Minutes(NamedTuple):
    """How minutes become units, and where that was read."""

    rule: str
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Layer:
    """Rules of a payer, or of a market where `insurers` is empty; an empty scope holds everywhere.

    `readings` are those of a contested rule on authorization; `authorization` is the one that estimates count with.
    """

    id: str
    title: str
    insurers: frozenset[str]
    markets: frozenset[str]
    states: frozenset[str]
    in_force: Span
    policies: tuple[Policy, ...] = ()
    services: frozenset[str] = frozenset()
    authorization: Authorization | Unknown | None = UNKNOWN
    referral: Authorization | Unknown | None = UNKNOWN
    limits: Mapping[str, Limit] = field(default_factory=dict)
    billing: Allowed | None = None
    minutes: Minutes | None = None
    readings: tuple[Reading, ...] = ()
    sources: Mapping[str, Source] | None = None
    fingerprint: str = ""

    def holds(self, insurer: str | None, market: str, place: str | None, day: date) -> bool:
        """Say whether the layer is for plans of this insurer and market, here and on this day."""
        return day in self.in_force and self.is_for(insurer, market, place)

    def is_for(self, insurer: str | None, market: str, place: str | None) -> bool:
        """Say the same for some day or other."""
        return (
            (not self.insurers or insurer in self.insurers)
            and (not self.markets or market in self.markets)
            and (not self.states or place in self.states)
        )

    @property
    def rank(self) -> tuple[bool, int]:
        """Sort a payer's layers before the market's, and the more specific before the general."""
        return not self.insurers, -bool(self.markets) - bool(self.states)


@dataclass(frozen=True, slots=True)
class Layered:
    """A plan with what it inherits, the layers that it inherits from, and where they contradict the plan."""

    plan: Plan
    layers: tuple[Layer, ...] = ()
    conflicts: tuple[Assumption, ...] = ()


# ----------------------------------------------------------------------------
# Reading layers from the folder of plans.
# ----------------------------------------------------------------------------


class _InsurerId(OfWords):
    """The id of an insurer of the registry."""

    example = "aetna"

    def read(self, words: Words) -> str:
        """Return the id."""
        if words not in registry().insurers:
            raise ValidationError(_NOT_IN_REGISTRY)
        return str(words)

    def described(self) -> Described:
        """Return the JSON Schema."""
        return {"type": "string"}


class ReadingSchema(BlockSchema):
    """One reading of a contested rule on authorization."""

    cited = True

    authorization = Word(("needed", "not-needed"), required=True)
    first_day = Day(required=True, metadata={"description": "The day from which this source says so."})
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Reading:
        """Return the reading."""
        return Reading(loaded["authorization"] == "needed", loaded["first_day"], loaded["cite"])


class BillingSchema(BlockSchema):
    """How a payer counts units and several therapy services of a day, where the plan does not say."""

    cited = True

    multiple_procedure_reduction = yes_no(unknown=True, required=True)
    reduction = Percent(metadata={"description": "Part of the practice expense taken off every further unit."})
    settings = Many(Word(SETTINGS), least=1, metadata={"description": "Where it is reduced; left out: everywhere."})
    minutes_rule = Word(("eight-minute", "midpoint"))
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Allowed:
        """Return the rule as that of a price by contract."""
        plain = {key: loaded[key] for key in ("reduction", "minutes_rule") if key in loaded}
        return Allowed(
            reduces_multiple_procedures=loaded["multiple_procedure_reduction"],
            reduced_in=frozenset(loaded.get("settings", ())),
            citation=citation(loaded),
            **plain,
        )


class MinutesSchema(BlockSchema):
    """How minutes become units."""

    cited = True

    rule = Word(("eight-minute", "midpoint"), required=True)
    cite = Cite(required=True)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Minutes:
        """Return the rule."""
        return Minutes(loaded["rule"], citation(loaded))


class LayerSchema(BlockSchema):
    """A payer's or a market's rules, with their scope and days."""

    layer = name(required=True, metadata={"description": "The layer's own name; its revisions share it."})
    title = Text(required=True)
    insurers = Many(_InsurerId(), least=1, metadata={"description": "Whose rules; left out: usual in the market."})
    markets = Many(Word(MARKETS), least=1, metadata={"description": "Product lines; left out: all."})
    states = Many(state(), least=1, metadata={"description": "Where they hold; left out: everywhere."})
    in_force = Inner(PlanSpanSchema, required=True)
    sources = Named(Inner(SourceSchema))
    policies = Many(PolicyNamed(), metadata={"description": "Positions on needling, the first that applies decides."})
    services = ServiceNames(least=1, metadata={"description": "What authorization, referral and limits are for."})
    authorization = Choice({"none": None, "unknown": UNKNOWN}, Inner(AuthorizationSchema))
    referral = Choice({"none": None, "unknown": UNKNOWN}, Inner(AuthorizationSchema))
    limits = Named(
        Inner(LimitSchema),
        metadata={"description": "Limits of visits that are the payer's, for plans that state none."},
    )
    billing = Inner(BillingSchema, metadata={"description": "Units, and several therapy services of a day."})
    minutes = Inner(MinutesSchema, metadata={"description": "How minutes become units, where `billing` does not say."})
    contested = Many(
        Inner(ReadingSchema),
        least=2,
        metadata={"description": "Readings of a contested rule on authorization; `authorization` is the one counted."},
    )

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a permission or a limit for no services, and a layer that would hold for every plan there is."""
        if {"authorization", "referral", "limits"} & loaded.keys() and "services" not in loaded:
            raise ValidationError({"services": [_NEEDS_SERVICES]})
        if "contested" in loaded and "authorization" not in loaded:
            raise ValidationError({"authorization": ["Enter the reading of the contested rule to count with."]})
        if "insurers" not in loaded and "markets" not in loaded:
            raise ValidationError({"markets": ["Enter the insurers or the markets that these rules are for."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Return what was read; the policies that it names are looked up afterwards."""
        return loaded


def read_layers(folder: Path, shared: Shared) -> tuple[tuple[Layer, ...], tuple[Problem, ...]]:
    """Return the layers of a folder of plans and the mistakes in them."""
    layers: list[Layer] = []
    mistakes: list[Problem] = []
    for path in sorted((folder / FOLDER).rglob("*.yaml")):
        found, problems = layers_of(path.read_bytes(), shown(folder, path), shared)
        layers += found
        mistakes += problems
    return tuple(layers), (*mistakes, *same_scope(layers))


def layers_of(content: bytes, file: str, shared: Shared) -> tuple[list[Layer], list[Problem]]:
    """Return the layers of one file and the mistakes in it."""
    written, mistakes = documents(content, file)
    layers = []
    for block in written:
        layer, problems = _read(block, file, shared)
        mistakes += problems
        layers += [layer] if layer else []
    return layers, mistakes


def _read(written: Tree, file: str, shared: Shared) -> tuple[Layer | None, list[Problem]]:
    sources = {**shared.sources, **sources_of(below(written, "sources"), file)[0]}
    known = Names(file, sources, shared.services.classes, policies=tuple(shared.policies), benefits=None)
    loaded, mistakes = load(LayerSchema, written, known, [])
    if mistakes or not isinstance(written, Block):
        return None, mistakes
    policies = []
    for place, policy in enumerate(loaded.get("policies", ())):
        ours = policy if isinstance(policy, Policy) else shared.policies[policy].policy
        if ours is None:
            message = "This policy has mistakes of its own; correct them first."
            mistakes.append(problem(written, ("policies", place), message, file))
        else:
            policies.append(ours)
    rests_on = [shared.policies[each].written for each in loaded.get("policies", ()) if isinstance(each, str)]
    layer = Layer(
        id=loaded["layer"],
        title=loaded["title"],
        insurers=frozenset(loaded.get("insurers", ())),
        markets=frozenset(loaded.get("markets", ())),
        states=frozenset(loaded.get("states", ())),
        in_force=loaded["in_force"],
        policies=tuple(policies),
        services=loaded.get("services", frozenset()),
        authorization=loaded.get("authorization", UNKNOWN),
        referral=loaded.get("referral", UNKNOWN),
        limits={key: replace(limit, name=key) for key, limit in loaded.get("limits", {}).items()},
        billing=loaded.get("billing"),
        minutes=loaded.get("minutes"),
        readings=tuple(loaded.get("contested", ())),
        sources={key: source for key, source in sources.items() if source},
        fingerprint=sha256(json.dumps([written, rests_on], sort_keys=True).encode()).hexdigest(),
    )
    return layer, mistakes


def same_scope(layers: Sequence[Layer]) -> Iterator[Problem]:
    """Yield a mistake for layers that both hold for a plan, and of which neither is the more specific."""
    for one, other in combinations(layers, 2):
        if one.rank == other.rank and _may_meet(one, other):
            yield Problem(one.id, _SAME_SCOPE.format(other=other.id), FOLDER)


def _may_meet(one: Layer, other: Layer) -> bool:
    def overlap(mine: frozenset[str], others: frozenset[str]) -> bool:
        return not mine or not others or bool(mine & others)

    return (
        bool(one.insurers) == bool(other.insurers)
        and overlap(one.insurers, other.insurers)
        and overlap(one.markets, other.markets)
        and overlap(one.states, other.states)
        and one.in_force.meets(other.in_force)
    )


# ----------------------------------------------------------------------------
# Laying layers under a plan.
# ----------------------------------------------------------------------------


def insurer_of(plan: Plan, place: str | None) -> Insurer | None:
    """Return whose plan it is, by its payer's name in our catalogues and the state where it is sold."""
    return owner_of(plan.id, plan.payer, plan.market, place)


def owner_of(plan_id: str, payer: str, market: str, place: str | None) -> Insurer | None:
    """Return the same for what a list says of a plan."""
    found = _SOLD_IN.fullmatch(plan_id)
    return registry().of_plan(payer, market, (found[1] or found[2]).upper() if found else place)


def with_layers(plan: Plan, layers: Iterable[Layer], insurer: Insurer | None, place: str | None, day: date) -> Layered:
    """Return a plan with what it inherits from the layers that hold for it on a day."""
    whose = insurer.id if insurer else None
    found = tuple(
        sorted((one for one in layers if one.holds(whose, plan.market, place, day)), key=lambda one: one.rank)
    )
    if not found or plan.market == "self-pay":
        return Layered(plan)
    limits, benefits = _limited(plan, found)
    benefits, conflicts = _permitted(replace(plan, benefits=benefits), found)
    sources = {**plan.sources, **{key: source for one in found for key, source in sources_cited(one).items()}}
    policies = _positions(plan, found)
    conflicts = (*conflicts, *_contradictions(plan, found))
    networks = _billed(plan, found)
    laid = replace(plan, networks=networks, limits=limits, benefits=benefits, policies=policies, sources=sources)
    return Layered(laid, found, conflicts)


def days_of_change(
    plan: Plan, layers: Iterable[Layer], insurer: Insurer | None, place: str | None, within: Span
) -> tuple[date, ...]:
    """Return the days after the first one of a span on which a plan begins to inherit from other layers."""
    whose, found = insurer.id if insurer else None, set[date]()
    for layer in layers:
        first_day, last_day = layer.in_force.first_day, layer.in_force.last_day
        if layer.is_for(whose, plan.market, place):
            found |= {day for day in (first_day, last_day and last_day + _DAY) if day}
    return tuple(sorted(day for day in found if day in within and day != within.first_day))


def _billed(plan: Plan, layers: Sequence[Layer]) -> Mapping[str, Network]:
    """Return the networks with the payer's rule on several services of a day, where the plan says nothing of prices.

    How minutes become units is a field of its own: it holds wherever the plan does not say it, and what is only usual
    in a market is marked so.
    """
    rule = next((layer.billing for layer in layers if layer.billing is not None), None)
    networks = dict(plan.networks)
    for tier, network in plan.networks.items():
        if not network.contracted:
            continue
        allowed = rule if rule is not None and network.allowed == Allowed() else network.allowed
        if not allowed.minutes_rule:
            allowed = _with_minutes(allowed, layers)
        networks[tier] = replace(network, allowed=allowed)
    return networks


def _with_minutes(allowed: Allowed, layers: Sequence[Layer]) -> Allowed:
    for layer in layers:
        if layer.billing is not None and layer.billing.minutes_rule:
            return replace(allowed, minutes_rule=layer.billing.minutes_rule)
        if layer.minutes is not None:
            usual = None if layer.insurers else layer.minutes.citation
            return replace(allowed, minutes_rule=layer.minutes.rule, minutes_usual=usual)
    return allowed


def _limited(plan: Plan, layers: Sequence[Layer]) -> tuple[Mapping[str, Limit], tuple[Benefit, ...]]:
    """Return the limits and the benefits with the payer's limits, where the plan states none of which it says how much.

    Where both have one, it keeps the plan's name for it, by which it is told what was used. A template states nothing
    of its own: its numbers stand in for those of the payer.
    """
    layer = next((one for one in layers if one.limits), None)
    limits, benefits = dict(plan.limits), list[Benefit]()
    for benefit in plan.benefits:
        stated = [plan.limits[name] for name in benefit.limits if not isinstance(plan.limits[name].amount, Unknown)]
        is_stated = any(not (layer and layer.insurers and is_of_template(plan, each.citation)) for each in stated)
        if layer is None or is_stated or not benefit.services & layer.services:
            benefits.append(benefit)
            continue
        theirs = [replace(each, services=each.services or layer.services) for each in layer.limits.values()]
        if len(theirs) == len(benefit.limits) == 1:
            theirs = [replace(theirs[0], name=benefit.limits[0])]
        limits |= {each.name: each for each in theirs if each.name in benefit.limits or each.name not in plan.limits}
        benefits.append(replace(benefit, limits=tuple(each.name for each in theirs)))
    return limits, tuple(benefits)


def sources_cited(layer: Layer) -> Mapping[str, Source]:
    """Return the documents that a layer's rules rest on."""
    permissions = [rule for rule in (layer.authorization, layer.referral) if isinstance(rule, Authorization)]
    cited = [
        *(policy.citation for policy in layer.policies),
        *(rule.citation for rule in permissions),
        *(limit.citation for limit in layer.limits.values()),
        *(reading.citation for reading in layer.readings),
        layer.billing.citation if layer.billing else None,
        layer.minutes.citation if layer.minutes else None,
    ]
    titles = {citation.source.title for citation in cited if citation}
    return {key: source for key, source in (layer.sources or {}).items() if source.title in titles}


def _own(plan: Plan, layers: Sequence[Layer]) -> list[Policy]:
    """Return the plan's own policies: one that a layer holds is the layer's, and is read there."""
    inherited = {policy.name for layer in layers for policy in layer.policies}
    return [policy for policy in plan.policies if policy.name not in inherited]


def _positions(plan: Plan, layers: Sequence[Layer]) -> tuple[Policy, ...]:
    """Return the policies in the order in which they decide: an unconditional "unknown" yields to whatever follows."""
    groups = [_own(plan, layers), *(list(layer.policies) for layer in layers)]
    deciding: list[Policy] = []
    yielding: list[Policy] = []
    for group in groups:
        for policy in group:
            if policy.under and policy.under not in {benefit.name for benefit in plan.benefits}:
                continue
            (yielding if _yields(policy) else deciding).append(policy)
    return tuple(_reached([*deciding, *yielding]))


def _reached(policies: Iterable[Policy]) -> Iterator[Policy]:
    """Leave out policies for services that an earlier one decides on every day and in every case."""
    decided: set[str] = set()
    for policy in policies:
        if not policy.services <= decided:
            yield policy
        if policy.when is ANYTIME and policy.in_force == ALWAYS:
            decided |= policy.services


def _yields(policy: Policy) -> bool:
    return policy.position is Position.UNKNOWN and policy.when is ANYTIME


def _contradictions(plan: Plan, layers: Sequence[Layer]) -> Iterator[Assumption]:
    """Find where the plan's own position and its payer's are known and differ."""
    theirs = {code: policy for layer in reversed(layers) for policy in layer.policies for code in policy.services}
    for policy in _own(plan, layers):
        others = {theirs[code].name: theirs[code] for code in policy.services if code in theirs}
        for other in others.values():
            known = Position.UNKNOWN not in (policy.position, other.position)
            if known and policy.position is not other.position:
                yield Assumption(AssumptionKind.PLAN_OVER_PAYER, other.name, other.citation)


def _permitted(plan: Plan, layers: Sequence[Layer]) -> tuple[tuple[Benefit, ...], tuple[Assumption, ...]]:
    """Return the benefits with the payer's rules on authorization and referral, and what contradicts them."""
    conflicts: dict[Assumption, None] = {}
    benefits = plan.benefits
    for kind in ("authorization", "referral"):
        layer = next((one for one in layers if not isinstance(getattr(one, kind), Unknown)), None)
        if layer is None:
            continue
        rule: Authorization | None = getattr(layer, kind)
        if rule is None:
            benefits = tuple(_free(benefit, kind, layer.services, conflicts) for benefit in benefits)
            continue
        rule = replace(rule, contested=next(_others(layer), None)) if kind == "authorization" else rule
        benefits = tuple(_under(plan, benefit, kind, layer, rule, conflicts) for benefit in benefits)
        if kind == "authorization" and any(benefit.services & layer.services for benefit in benefits):
            conflicts |= dict.fromkeys(_contested(layer))
    return benefits, tuple(conflicts)


def _contested(layer: Layer) -> Iterator[Assumption]:
    """Say that sources disagree on the rule, since the latest of them, and name those that say the other thing."""
    since = max((reading.first_day for reading in layer.readings), default=None)
    if since is not None:
        for cited in _others(layer):
            yield Assumption(AssumptionKind.PAYER_RULE_CONTESTED, since.isoformat(), cited)


def _others(layer: Layer) -> Iterator[Citation | None]:
    """Yield where the opposite of the rule that estimates count with was read."""
    counted = isinstance(layer.authorization, Authorization) and layer.authorization.from_visit is not None
    return (reading.citation for reading in layer.readings if reading.is_needed is not counted)


def _free(benefit: Benefit, kind: str, services: frozenset[str], conflicts: dict[Assumption, None]) -> Benefit:
    """Return a benefit under a payer that asks for no permission: what nobody has read is answered, a yes stands."""
    own: Authorization | Unknown | None = getattr(benefit, kind)
    if not benefit.services & services or own is None:
        return benefit
    if not isinstance(own, Unknown):
        conflicts[Assumption(AssumptionKind.PLAN_OVER_PAYER, kind, own.citation)] = None
        return benefit
    return _ruled(benefit, kind, services, None)


def _under(
    plan: Plan, benefit: Benefit, kind: str, layer: Layer, rule: Authorization, conflicts: dict[Assumption, None]
) -> Benefit:
    own: Authorization | Unknown | None = getattr(benefit, kind)
    services = layer.services
    if layer.insurers and isinstance(own, Authorization) and is_of_template(plan, own.citation):
        own = UNKNOWN  # It stands in for what the payer says.
    if not benefit.services & services:
        return benefit
    if isinstance(own, Authorization) and not _says_only_needed(own):
        is_contested = rule.contested is not None and (own.from_visit is None) == (rule.from_visit is None)
        return replace(benefit, authorization=replace(own, contested=rule.contested)) if is_contested else benefit
    if own is None and rule.from_visit is not None and plan.kind != TEMPLATE:
        conflicts[Assumption(AssumptionKind.PAYER_ASKS_PERMISSION, kind, rule.citation)] = None
    if isinstance(own, Authorization) and rule.if_missing.kind is IfMissing.UNKNOWN:
        rule = replace(rule, if_missing=own.if_missing, if_missing_out_of_network=own.if_missing_out_of_network)
    return _ruled(benefit, kind, services, rule)


def _ruled(benefit: Benefit, kind: str, services: frozenset[str], rule: Authorization | None) -> Benefit:
    """Return a benefit with a payer's rule for some services; its own rules of single codes go before it."""
    if kind == "referral":
        return replace(benefit, referral=rule)
    if benefit.services <= services:
        return replace(benefit, authorization=rule)
    by_code = dict.fromkeys(benefit.services & services, rule)
    return replace(benefit, authorization_by_code={**by_code, **benefit.authorization_by_code})


def _says_only_needed(rule: Authorization) -> bool:
    """Say whether a plan's rule is a catalogue's yes: needed, with nothing of when, what for and how."""
    told = (rule.exempt, rule.only_for, rule.waiver_visits, rule.administrator, rule.how_to_ask, rule.networks)
    return rule.from_visit == 1 and not any(told) and rule.when is ANYTIME


_DAY = timedelta(days=1)
Dated = TypeVar("Dated", Layer, CommonRule)


def laid_over(newest_first: Iterable[Dated], older: Iterable[Dated]) -> tuple[Dated, ...]:
    """Return the rules that are in force: each on its days without those on which a newer one of its name holds."""
    found: list[Dated] = []
    taken: dict[str, list[Span]] = {}
    for layer in newest_first:
        found += _without(layer, taken.get(layer.id, []))
        taken.setdefault(layer.id, []).append(layer.in_force)
    for layer in older:
        found += _without(layer, taken.get(layer.id, []))
    return tuple(found)


def _without(layer: Dated, taken: Sequence[Span]) -> Iterator[Dated]:
    spans = [layer.in_force]
    for other in taken:
        spans = [left for span in spans for left in _left_of(span, other)]
    yield from (replace(layer, in_force=span) for span in spans)


def _left_of(span: Span, other: Span) -> Iterator[Span]:
    """Return the days of a span before and after those of another."""
    first, last = span.first_day or date.min, span.last_day or date.max
    from_day, to_day = other.first_day or date.min, other.last_day or date.max
    if not span.meets(other):
        yield span
        return
    if first < from_day:
        yield Span(span.first_day, from_day - _DAY)
    if to_day < last:
        yield Span(to_day + _DAY, span.last_day)
