"""FHIR InsurancePlan (R4B, in the shape of CARIN's digital insurance card): a plan in as statements, and a plan out.

What a plan file leaves unknown is left out of the resource, and what the resource doesn't say is never made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from estimator.eligibility.fhir_parts import (
    Part,
    Reader,
    codes,
    level_of,
    network_of,
    part,
    parts,
    services_of,
    span_of,
    term_of,
    text,
)
from estimator.eligibility.filters import carved_out
from estimator.eligibility.messages import ages_in, setting_in
from estimator.eligibility.messages import network as network_in
from estimator.eligibility.statements import (
    Aspect,
    Benefit,
    Block,
    Kind,
    Level,
    Network,
    Note,
    Origin,
    money_of,
    read_count,
    read_money,
    read_share,
)
from estimator.engine.plan import Authorization, Ceiling, CostShare, DeductibleOrder, Limit, Measure, Plan
from estimator.engine.plan import Benefit as PlanBenefit
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money, Rate, Unknown

_MOST = 500
_MOST_VARIANTS = 20
_SEVERAL = "It holds several variants of the plan. What they state differently is left open: find out which one it is."
_UNITS = {"visit": "visits", "visits": "visits", "day": "days", "days": "days"}
_PERIODS = ("calendar year", "plan year", "lifetime", "month", "week", "episode")
_DOLLARS = ("", "USD")
_OTHER_MONEY = "The currency is not USD. Not read."


def insurance_plan_statements(resource: Part, path: str, reader: Reader) -> Iterator[Benefit]:
    """Return what a plan states: its ceilings, what a visit costs, and its limits."""
    name = reader.hidden.without(text(resource, "name"))
    block = Block(1, name, "", carved_out(name, ()))
    said = Benefit(
        Kind.OTHER,
        Origin(0, "", ""),
        block=block,
        plan=name,
        dates=span_of(resource, "period"),
    )
    for at, cover in enumerate(parts(resource, "coverage")[:_MOST]):
        for number, benefit in enumerate(parts(cover, "benefit")[:_MOST]):
            yield from _limits(said, benefit, f"{path}coverage.{at}.benefit.{number}", reader)
    status = text(resource, "status")
    if status == "retired":
        # A plan that is offered no more fills nothing.
        origin = reader.origin(f"{path}status", f"status: {status}")
        yield replace(said, kind=Kind.INACTIVE, origin=origin, services=("30",))
    variants = parts(resource, "plan")[:_MOST_VARIANTS]
    if len(variants) > 1:
        reader.notes.append(Note(f"{path}plan", _SEVERAL))
    for at, plan in enumerate(variants):
        for number, cost in enumerate(parts(plan, "generalCost")[:_MOST]):
            yield from _general(said, cost, f"{path}plan.{at}.generalCost.{number}", reader)
        for number, cost in enumerate(parts(plan, "specificCost")[:_MOST]):
            yield from _specific(said, cost, f"{path}plan.{at}.specificCost.{number}", reader)


def _limits(said: Benefit, benefit: Part, place: str, reader: Reader) -> Iterator[Benefit]:
    named = codes(part(benefit, "type"))
    services = services_of(named) or tuple(reader.shortly(each) for each in named[-1:])
    requirement = text(benefit, "requirement")
    if requirement:
        told = reader.origin(f"{place}.requirement", requirement)
        yield replace(said, services=services, origin=told, messages=(told,))
    for at, limit in enumerate(parts(benefit, "limit")[:_MOST]):
        value, words = part(limit, "value"), " ".join(codes(part(limit, "code")))
        counted = " ".join(filter(None, (text(value, "unit"), text(value, "code"))))
        first, _, _ = counted.lower().partition(" ")
        unit, rhythm = _UNITS.get(first, ""), f"{counted} {words}".lower()
        here = f"{place}.limit.{at}"
        try:
            count = read_count(text(value, "value"))
        except ValueError as error:
            reader.notes.append(Note(here, f"What stands here {error}."))
            continue
        origin = reader.origin(here, f"limit: {text(value, 'value')} {text(value, 'unit')} {words}".strip())
        yield replace(
            said,
            kind=Kind.LIMIT,
            origin=origin,
            services=services,
            quantity=count.value,
            is_unlimited=count.is_unlimited,
            unit=unit,
            period=next((period for period in _PERIODS if re.search(rf"\b{period}\b", rhythm)), ""),
            unclear="" if unit else f"unit “{reader.shortly(counted)}”",
            messages=(reader.origin(f"{here}.code", words),) if words else (),
            level=Level.PERSON,
        )


def _general(said: Benefit, cost: Part, place: str, reader: Reader) -> Iterator[Benefit]:
    named = codes(part(cost, "type"))
    # What a comment excepts, such as drugs, is no name of the amount.
    words, kind = " ".join((*named, text(cost, "comment"))), _ceiling_kind(" ".join(named))
    if kind is None:
        reader.notes.append(Note(place, "Its type is none that an estimate uses, such as a deductible. Not read."))
        return
    amount = part(cost, "cost")
    if text(amount, "currency") not in _DOLLARS:
        reader.notes.append(Note(place, _OTHER_MONEY))
        return
    try:
        figure = read_money(text(amount, "value"))
    except ValueError as error:
        reader.notes.append(Note(place, f"What stands here {error}."))
        return
    level = level_of(named)
    is_family = level is Level.FAMILY or (level is None and text(cost, "groupSize") not in ("", "1"))
    yield replace(
        said,
        kind=kind,
        origin=reader.origin(place, f"{kind}: {words} {text(amount, 'value')}"),
        services=("30",),
        level=Level.FAMILY if is_family else Level.PERSON,
        network=network_of(named) or network_in([words]),
        amount=money_of(figure),
        is_unlimited=figure.is_unlimited,
    )


def _ceiling_kind(words: str) -> Kind | None:
    lower = words.lower().replace("-", " ")
    if any(other in lower for other in ("drug", "rx", "dental", "vision", "pharmacy")):
        return None
    if "out of pocket" in lower or "moop" in lower:
        return Kind.OUT_OF_POCKET_MAX
    return Kind.DEDUCTIBLE if "deductible" in lower else None


def _specific(said: Benefit, cost: Part, place: str, reader: Reader) -> Iterator[Benefit]:
    category = codes(part(cost, "category"))
    for at, benefit in enumerate(parts(cost, "benefit")[:_MOST]):
        named = codes(part(benefit, "type"))
        services = services_of(named) or services_of(category)
        services = services or tuple(reader.shortly(each) for each in named[-1:])
        # Under an office visit its own name tells a specialist from primary care.
        own = named[-1:] if not services_of(named) else []
        for number, share in enumerate(parts(benefit, "cost")[:_MOST]):
            here = f"{place}.benefit.{at}.cost.{number}"
            qualifiers = [word for each in parts(share, "qualifiers") for word in codes(each)]
            words = (*(("type", word) for word in own), *((f"cost.{number}.qualifiers", word) for word in qualifiers))
            messages = tuple(reader.origin(f"{place}.benefit.{at}.{key}", word) for key, word in words)
            yield from _cost(replace(said, services=services, messages=messages), share, qualifiers, here, reader)


def _cost(said: Benefit, share: Part, qualifiers: list[str], here: str, reader: Reader) -> Iterator[Benefit]:
    value, kinds = part(share, "value"), codes(part(share, "type"))
    written, unit, kind = text(value, "value"), text(value, "unit"), _share_kind(" ".join(kinds))
    where = codes(part(share, "applicability"))
    network = network_of(where)
    unknown = f"type “{kinds[-1]}”" if kinds and kind is None else ""
    unknown = unknown or (f"network “{where[-1]}”" if where and network is None else "")
    rhythm = next((each for word in qualifiers if (each := term_of([word])) is not None), ("visit", Aspect.TOTAL))
    shown = f"{kind or (kinds or ['no type'])[-1]}: {written} {unit}; {'; '.join(qualifiers)}"
    stated = replace(
        said,
        kind=kind or Kind.OTHER,
        origin=reader.origin(here, shown),
        network=network or Network.UNSAID,
        period=rhythm[0],
        unclear=reader.shortly(unknown),
        ages=ages_in(qualifiers),
        setting=setting_in(qualifiers),
    )
    is_percent = unit.lower().startswith(("%", "percent")) or written.endswith("%")
    try:
        if kind is None:
            yield stated
        elif kind is Kind.COPAY and not is_percent:
            yield replace(stated, amount=money_of(read_money(written)))
        elif kind is Kind.COINSURANCE and unit.upper() in ("$", "USD"):
            reader.notes.append(Note(here, "It says coinsurance and holds dollars. Not read: ask the payer."))
        else:
            # A decimal without a unit is a part of one.
            is_part = not is_percent and written.startswith(("0.", "."))
            rate = read_share(written if is_part else f"{written.removesuffix('%')}%")
            yield replace(stated, kind=Kind.COINSURANCE, rate=rate)
    except ValueError as error:
        reader.notes.append(Note(here, f"What stands here {error}."))


def _share_kind(words: str) -> Kind | None:
    lower = re.sub(r"[- ]", "", words.lower())
    return Kind.COPAY if "copay" in lower else Kind.COINSURANCE if "coinsurance" in lower else None


# ----------------------------------------------------------------------------
# A plan out: what its file states, in the elements of the resource; shared limits and authorization as text.
# ----------------------------------------------------------------------------

_X12 = "https://x12.org/codes/service-type-codes"
_APPLICABILITY = "http://terminology.hl7.org/CodeSystem/applicability"
_THERAPY = "97110"
_ORDERS = {
    DeductibleOrder.WAIVED: "deductible waived",
    DeductibleOrder.APPLIES: "after deductible",
    DeductibleOrder.AFTER_COPAY: "before deductible",
    DeductibleOrder.WITH_COPAY: "before deductible",
}
_WORDS = {Measure.VISITS: "visit", Measure.DAYS: "day", Measure.SESSIONS: "visit"}


def insurance_plan_of(plan: Plan) -> dict[str, Any]:
    """Return a plan as a resource that R4B validates; what the plan leaves unknown is left out."""
    span = {"start": plan.in_force.first_day, "end": plan.in_force.last_day}
    period = {key: day.isoformat() for key, day in span.items() if day is not None}
    covered = [_covered(plan, benefit) for benefit in plan.benefits]
    general = [cost for name, tier in plan.networks.items() for cost in _ceilings(name, tier)]
    specific = [cost for benefit in plan.benefits if (cost := _shares(benefit))]
    return {
        "resourceType": "InsurancePlan",
        "status": "active",
        "name": plan.title,
        "ownedBy": {"display": plan.payer},
        **({"period": period} if period else {}),
        "coverage": [{"type": {"text": "medical"}, "benefit": covered}],
        "plan": [{**({"generalCost": general} if general else {}), **({"specificCost": specific} if specific else {})}],
    }


def _type_of(benefit: PlanBenefit) -> dict[str, Any]:
    coding = [{"system": _X12, "code": "PT"}] if _THERAPY in benefit.services else []
    return {**({"coding": coding} if coding else {}), "text": benefit.name.replace("-", " ")}


def _covered(plan: Plan, benefit: PlanBenefit) -> dict[str, Any]:
    limits = [found for name in benefit.limits if (found := _limit(plan.limits[name], _sharing(plan, name)))]
    needs = "; ".join(filter(None, (_needed("Prior authorization", benefit.authorization),
                                    _needed("Referral", benefit.referral))))  # fmt: skip
    return {
        "type": _type_of(benefit),
        **({"requirement": needs} if needs else {}),
        **({"limit": limits} if limits else {}),
    }


def _sharing(plan: Plan, name: str) -> int:
    return sum(name in benefit.limits for benefit in plan.benefits)


def _limit(limit: Limit, sharing: int) -> dict[str, Any] | None:
    if isinstance(limit.amount, Unknown) or limit.measure not in _WORDS:
        return None
    words = f"{'combined, ' if sharing > 1 else ''}per {str(limit.every.value).replace('-', ' ')}"
    return {"value": {"value": limit.amount, "unit": _WORDS[limit.measure]}, "code": {"text": words}}


def _needed(what: str, rule: Authorization | Unknown | None) -> str:
    if isinstance(rule, Unknown):
        return f"{what}: not known"
    if rule is None or rule.from_visit is None:
        return ""
    return f"{what} from visit {rule.from_visit}"


def _ceilings(name: str, tier: Any) -> Iterator[dict[str, Any]]:
    where = {IN_NETWORK: "in network", OUT_OF_NETWORK: "out of network"}.get(name, name)
    for what, ceiling in (("deductible", tier.deductible), ("out-of-pocket maximum", tier.out_of_pocket_max)):
        amounts = {"individual": ceiling.person, "family": ceiling.family} if isinstance(ceiling, Ceiling) else {}
        if ceiling is None and what == "deductible" and tier.covered is True:
            amounts = {"individual": Money(0)}
        for who, amount in amounts.items():
            if isinstance(amount, Money):
                words = f"{who.capitalize()} {what}, {where}"
                yield {"type": {"text": words}, "cost": {"value": _number(amount), "currency": "USD"}}


def _shares(benefit: PlanBenefit) -> dict[str, Any] | None:
    costs = [
        cost
        for name, share in benefit.cost_share.items()
        if isinstance(share, CostShare) and not share.by_visit
        for cost in _costs(name, share)
    ]
    if not costs:
        return None
    return {
        "category": {"text": benefit.name.replace("-", " ")},
        "benefit": [{"type": _type_of(benefit), "cost": costs}],
    }


def _costs(name: str, share: CostShare) -> Iterator[dict[str, Any]]:
    order = "" if isinstance(share.deductible, Unknown) else _ORDERS[share.deductible]
    qualifiers = [{"text": words} for words in (f"per {share.per.value}".replace("-", " "), order) if words]
    code = name if name in (IN_NETWORK, OUT_OF_NETWORK) else "other"
    around = {
        "applicability": {"coding": [{"system": _APPLICABILITY, "code": code}], "text": name},
        "qualifiers": qualifiers,
    }
    if isinstance(share.copay, Money):
        value: Mapping[str, Any] = {"value": _number(share.copay), "unit": "USD"}
        yield {"type": {"coding": [{"code": "copay"}]}, **around, "value": value}
    if isinstance(share.coinsurance, Rate):
        percent = share.coinsurance.per_million / 10_000
        yield {
            "type": {"coding": [{"code": "coinsurance"}]},
            **around,
            "value": {"value": int(percent) if percent == int(percent) else percent, "unit": "%"},
        }


def _number(amount: Money) -> float | int:
    """Return an amount as a JSON number, whole where it is whole."""
    dollars, cents = divmod(int(amount), 100)
    return dollars if not cents else float(f"{dollars}.{cents:02}")
