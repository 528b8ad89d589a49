"""The price of each line of a visit: what the plan allows, and what a patient without cover is asked.

Precedence of the allowed amount: given in the request, the clinic's contract, the plan's stated basis, an
estimate from the region. Of the charge: billed, given, the clinic's list, a cited range of cash prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from estimator.engine.citation import Citation
from estimator.engine.finding import Finding
from estimator.engine.money import WHOLE, ZERO, Money, Rate
from estimator.engine.network import Allowed, Basis
from estimator.engine.price_findings import (
    PriceCash,
    PriceContracted,
    PriceGiven,
    PriceList,
    PriceMedicare,
    PriceRate,
    PriceRegional,
)
from estimator.engine.prices import PriceEntry, PriceSheet, Ratios, Region
from estimator.engine.reduction import day_amounts
from estimator.engine.request import Service
from estimator.engine.unknown import Unknown

Three = tuple[Money, Money, Money]
"""An amount at the low, the typical and the high level, in cents."""


class Price(NamedTuple):
    """An amount at three levels, and where it comes from."""

    amount: Three
    finding: Finding
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Pricing:
    """What the prices of one visit depend on.

    `parties` are the plan's id and its payer; `experienced` is a word, its factor, and the day on which the clinic
    set it; `is_medicare` plans pay only what Medicare pays separately.
    """

    sheet: PriceSheet
    allowed: Allowed
    contracted: bool
    parties: tuple[str, str]
    setting: str
    experienced: tuple[str, Rate, date | None, int | None]
    day: date
    is_medicare: bool

    @property
    def region(self) -> Region | None:
        """Return the price book that prices the day: the one in force, else the latest before it, else the first."""
        before = [region for region in self.sheet.regions if region.book.first_day <= self.day]
        candidates = before or self.sheet.regions[:1]
        return candidates[-1] if candidates else None


def allowed_amounts(lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    """Return the allowed amount of each line (service, units), None where nothing names one."""
    prices = [_given(service) or _contracted(service, units, pricing) for service, units in lines]
    open_places = [place for place, price in enumerate(prices) if price is None]
    wanted = [lines[place] for place in open_places]
    for place, price in zip(open_places, _by_basis(wanted, pricing), strict=True):
        prices[place] = price
    if pricing.allowed.lesser_of_billed:
        return [_lesser(price, service) for price, (service, _) in zip(prices, lines, strict=True)]
    return prices


def visit_rate(codes: Sequence[str], pricing: Pricing) -> Price | None:
    """Return the one amount that the clinic's contract or the plan pays for a whole visit, if it does so.

    A contract that names a code for this very plan goes before a rate per visit with its payer or anybody.
    """
    for entry in _entries(pricing.sheet.contract, pricing) if pricing.contracted else ():
        if entry.basis != "per-visit" and entry.code in codes and entry.party == pricing.parties[0]:
            break
        if entry.basis == "per-visit" and entry.code in ("*", *codes):
            return Price(_flat(entry.amount), PriceContracted(entry.party or pricing.parties[1]), entry.citation)
    rate = pricing.allowed
    if rate.basis in (Basis.PER_VISIT, Basis.CASE_RATE) and rate.amount is not None:
        return Price(_flat(rate.amount), PriceRate(rate.basis), rate.citation)
    return None


def swallowed(pricing: Pricing) -> Price | None:
    """Return the nothing that a line costs beside a visit or case rate, None where the plan pays no such rate."""
    rate = pricing.allowed
    is_rate = rate.basis is Basis.PER_VISIT or rate.basis is Basis.CASE_RATE
    return Price(_flat(ZERO), PriceRate(rate.basis), rate.citation) if is_rate else None


def charge(service: Service, units: int, pricing: Pricing, allowed: Price | None) -> Price | None:
    """Return what the clinic asks for a line that nobody else pays, None where nothing names an amount."""
    if service.billed is not None:
        return Price(_flat(service.billed), PriceGiven(), None)
    if service.allowed is not None:
        return Price(_flat(service.allowed), PriceGiven(), None)
    for entry in _entries(pricing.sheet.self_pay, pricing):
        if entry.code == service.code and entry.basis != "per-visit":
            times = units if entry.basis == "per-unit" else 1
            return Price(_flat(Money(entry.amount * times)), PriceList(), entry.citation)
    cash = pricing.sheet.cash.get(service.code)
    if cash is None:
        return allowed
    times, factor = units if cash.per_unit else 1, pricing.experienced[1]
    low, typical, high = (Money(amount * times).share(factor) for amount in (cash.low, cash.typical, cash.high))
    return Price((low, typical, high), PriceCash(*pricing.experienced), cash.citation)


def _given(service: Service) -> Price | None:
    return None if service.allowed is None else Price(_flat(service.allowed), PriceGiven(), None)


def _contracted(service: Service, units: int, pricing: Pricing) -> Price | None:
    if not pricing.contracted or not pricing.sheet.contract:
        return None
    for entry in _entries(pricing.sheet.contract, pricing):
        if entry.code == service.code and entry.basis != "per-visit":
            times = units if entry.basis == "per-unit" else 1
            found = PriceContracted(entry.party or pricing.parties[1])
            return Price(_flat(Money(entry.amount * times)), found, entry.citation)
    return None


def _entries(entries: Sequence[PriceEntry], pricing: Pricing) -> list[PriceEntry]:
    """Return the entries in force on the day for this plan, its payer or anybody, in that order."""
    order = {pricing.parties[0]: 0, pricing.parties[1]: 1, "": 2}
    fitting = [entry for entry in entries if entry.party in order and pricing.day in entry.span]
    return sorted(fitting, key=lambda entry: order[entry.party])


def _by_basis(lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    rule = pricing.allowed
    match rule.basis:
        case Basis.MEDICARE:
            return _medicare(lines, pricing)
        case Basis.CHARGES:
            return [_of_charge(service, units, pricing) for service, units in lines]
        case Basis.FEE_SCHEDULE:
            return [_of_schedule(service, units, rule) for service, units in lines]
        case Basis.PER_VISIT | Basis.CASE_RATE:
            return [None] * len(lines)
        case Basis.CONTRACT:
            return _regional(lines, pricing)


def _of_charge(service: Service, units: int, pricing: Pricing) -> Price | None:
    asked = charge(service, units, pricing, None)
    if asked is None:
        return None
    percent = pricing.allowed.percent or WHOLE
    low, typical, high = (amount.share(percent) for amount in asked.amount)
    return Price((low, typical, high), PriceRate("charges"), pricing.allowed.citation)


def _of_schedule(service: Service, units: int, rule: Allowed) -> Price | None:
    fee = rule.fees.get(service.code)
    if fee is None:
        return None
    return Price(_flat(Money(fee * units)), PriceRate(rule.basis), rule.citation)


def _medicare(lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    percent = pricing.allowed.percent or WHOLE
    region = pricing.region
    if region is None:
        return [None] * len(lines)
    prices: list[Price | None] = []
    for less, more, full in zip(*_reduced_and_full(lines, pricing, region), strict=True):
        if less is None or more is None:
            prices.append(None)
            continue
        found = PriceMedicare(percent, region.locality.name, region.book.id, less != full)
        low, typical, high = less.share(percent), more.share(percent), more.share(percent)
        prices.append(Price((low, typical, high), found, pricing.allowed.citation))
    return prices


def _regional(lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    region = pricing.region
    ratios = pricing.sheet.ratios.get(pricing.setting) or pricing.sheet.ratios.get("office")
    if region is None or ratios is None:
        return [None] * len(lines)
    levels = ratios.low, ratios.typical, ratios.high
    low, typical, high = levels
    found = PriceRegional(low, typical, high, region.locality.name, region.book.id, *pricing.experienced)
    reduced, dearer, _ = _reduced_and_full(lines, pricing, region)
    return [
        None
        if less is None or more is None
        else Price(_times(less, more, ratios, pricing.experienced[1]), found, ratios.citation)
        for less, more in zip(reduced, dearer, strict=True)
    ]


def _times(less: Money, more: Money, ratios: Ratios, factor: Rate) -> Three:
    return (
        less.share(_both(ratios.low, factor)),
        more.share(_both(ratios.typical, factor)),
        more.share(_both(ratios.high, factor)),
    )


def _both(rate: Rate, factor: Rate) -> Rate:
    return rate if factor == WHOLE else Rate(rate.per_million * factor.per_million // 1_000_000)


def _reduced_and_full(
    lines: Sequence[tuple[Service, int]], pricing: Pricing, region: Region
) -> tuple[Sequence[Money | None], Sequence[Money | None], Sequence[Money | None]]:
    """Return the amounts at the low level, at the others, and before any therapy reduction.

    The first two are alike where the plan's rule on the reduction is known.
    """
    asked = tuple((service.code, units) for service, units in lines)
    rule = pricing.allowed.reduces_multiple_procedures

    def amounts(reduction: Rate | None) -> Sequence[Money | None]:
        where, unpaid_too = (region.locality, region.book), not pricing.is_medicare
        return day_amounts(asked, *where, setting=pricing.setting, reduction=reduction, unpaid_too=unpaid_too)

    full = amounts(None)
    if rule is False:
        return full, full, full
    reduced = amounts(pricing.allowed.reduction)
    return reduced, full if isinstance(rule, Unknown) else reduced, full


def _flat(amount: Money) -> Three:
    return amount, amount, amount


def _lesser(price: Price | None, service: Service) -> Price | None:
    if price is None or service.billed is None:
        return price
    low, typical, high = (min(amount, service.billed) for amount in price.amount)
    return price._replace(amount=(low, typical, high))
