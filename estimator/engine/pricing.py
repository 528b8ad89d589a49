"""The price of each line of a visit: what the plan allows, and what a patient without cover is asked.

Precedence of the allowed amount: given in the request, the clinic's contract, the plan's stated basis, what the
payer's or hospitals' own files say that clinics or hospitals of the area are paid, an estimate from the region. Of the
charge: billed, given, the clinic's list, a cited range of cash prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from estimator.engine.coding import NEEDLING_CODES, OFFICE_VISITS, ServiceCode, who_gives
from estimator.engine.coverage import Decision, Kind
from estimator.engine.findings import (
    Bundled,
    BundledInRate,
    Finding,
    NotCovered,
    PriceCash,
    PriceContracted,
    PriceContractedPercent,
    PriceGiven,
    PriceList,
    PriceMarket,
    PriceMedicare,
    PriceRate,
    PriceRegional,
)
from estimator.engine.plan import Allowed, Basis, Liable
from estimator.engine.prices import (
    HOSPITAL_OUTPATIENT,
    OFFICE,
    Fee,
    Locality,
    MarketPrice,
    PriceBook,
    PriceEntry,
    PriceSheet,
    Ratios,
    Region,
    Unpaid,
    medicare_amount,
    schedule_amount,
    why_unpaid,
)
from estimator.engine.request import Service
from estimator.engine.values import WHOLE, ZERO, Citation, Money, Rate, Unknown

SHORT_SESSION, LONG_SESSION = "needling-alone-short", "needling-alone-long"
"""Rows of cash prices for needling with nothing beside it: the long one is what a whole visit costs."""

_A_LONG_SESSION = 45
_MEDICARE = {"medicare", "medicare-advantage"}

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

    `parties` are the plan's id, its payer, and what its insurer is called; `experienced` is a word, its factor, and the
    day on which the clinic set it. Plans of Medicare's own markets pay only what Medicare pays separately.
    """

    sheet: PriceSheet
    allowed: Allowed
    contracted: bool
    parties: tuple[str, str, str]
    setting: str
    experienced: tuple[str, Rate, date | None, int | None]
    day: date
    market: str
    is_alone: bool = False
    minutes: int = 0
    network: str = ""
    therapist: str = ""
    codes: Mapping[str, ServiceCode] = field(default_factory=dict)

    @property
    def is_medicare(self) -> bool:
        """Tell whether only what Medicare pays separately is paid separately here."""
        return self.market in _MEDICARE

    @property
    def region(self) -> Region | None:
        """Return the price book that prices the day: the one in force, else the latest before it, else the first."""
        before = [region for region in self.sheet.regions if region.book.first_day <= self.day]
        candidates = before or self.sheet.regions[:1]
        return candidates[-1] if candidates else None

    def at_rate(self, rate: Money) -> Pricing:
        """Return the same at one amount for the whole visit, or for the course where the plan pays a case rate."""
        basis = Basis.CASE_RATE if self.allowed.basis is Basis.CASE_RATE else Basis.PER_VISIT
        allowed = replace(self.allowed, basis=basis, amount=rate)
        return replace(self, allowed=allowed, sheet=replace(self.sheet, contract=()))


def allowed_amounts(lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    """Return the allowed amount of each line (service, units), None where nothing names one."""
    prices, claimed = _given_or_contracted(lines, pricing)
    open_places = [place for place, price in enumerate(prices) if price is None and place not in claimed]
    wanted = [lines[place] for place in open_places]
    for place, price in zip(open_places, _by_basis(wanted, pricing), strict=True):
        prices[place] = price
    return _lessened(prices, lines, pricing)


def visit_rate(codes: Sequence[str], pricing: Pricing) -> Price | None:
    """Return the one amount that the clinic's contract or the plan pays for a whole visit, if it does so.

    A contract that names a code for this very plan goes before a rate per visit with its payer or anybody.
    """
    for entry in _entries(pricing.sheet.contract, pricing) if pricing.contracted else ():
        if entry.party == pricing.parties[0] and any(entry.prices(code) for code in codes):
            break
        is_theirs = entry.therapist in ("", pricing.therapist)
        if entry.basis == "per-visit" and entry.code in ("*", *codes) and is_theirs:
            return Price(_flat(entry.amount), _contract_with(entry, pricing), entry.citation)
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
        if entry.prices(service.code):
            return Price(_flat(entry.amount_of(units)), PriceList(), entry.citation)
    cash = pricing.sheet.cash.get(_cash_row(service.code, pricing)) or pricing.sheet.cash.get(service.code)
    if cash is None:
        return allowed
    times, factor = units if cash.per_unit else 1, pricing.experienced[1]
    low, typical, high = (Money(amount * times).share(factor) for amount in (cash.low, cash.typical, cash.high))
    return Price((low, typical, high), PriceCash(*pricing.experienced), cash.citation)


def _cash_row(code: str, pricing: Pricing) -> str:
    """Return the row of cash prices: needling with nothing beside it is a session, short or long, no add-on."""
    if code not in NEEDLING_CODES or not pricing.is_alone:
        return code
    return LONG_SESSION if pricing.minutes >= _A_LONG_SESSION else SHORT_SESSION


def _given(service: Service) -> Price | None:
    return None if service.allowed is None else Price(_flat(service.allowed), PriceGiven(), None)


def contract_amounts(lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    """Return what the request or the clinic's contract says of each line, None where neither does."""
    prices, _ = _given_or_contracted(lines, pricing)
    return _lessened(prices, lines, pricing)


def _given_or_contracted(
    lines: Sequence[tuple[Service, int]], pricing: Pricing
) -> tuple[list[Price | None], frozenset[int]]:
    """Return what the request or the clinic's contract says of each line, and the places that nothing else may price.

    Those are lines that the contract pays at a percentage of Medicare's fee where no place is known to look it up.
    """
    prices = [_given(service) for service, _ in lines]
    entries = _entries(pricing.sheet.contract, pricing) if pricing.contracted and pricing.sheet.contract else ()
    of_medicare: dict[int, PriceEntry] = {}
    for place, (service, units) in enumerate(lines):
        gives = who_gives(service.code, pricing.therapist, pricing.codes)
        fitting = (each for each in entries if each.prices(service.code) and each.therapist in ("", gives))
        entry = None if prices[place] else next(fitting, None)
        if entry is not None and entry.percent is not None:
            of_medicare[place] = entry
        elif entry is not None:
            prices[place] = Price(_flat(entry.amount_of(units)), _contract_with(entry, pricing), entry.citation)
    if of_medicare and pricing.region is None:
        return prices, frozenset(of_medicare)
    for mppr in dict.fromkeys(entry.mppr for entry in of_medicare.values()):
        places = [place for place, entry in of_medicare.items() if entry.mppr is mppr]
        rates = [(of_medicare[place], of_medicare[place].percent or WHOLE) for place in places]
        rule = pricing.allowed if mppr is None else replace(pricing.allowed, reduces_multiple_procedures=mppr)
        found = _percentages([lines[place] for place in places], rates, replace(pricing, allowed=rule))
        for place, price in zip(places, found, strict=True):
            prices[place] = price
    return prices, frozenset()


def _percentages(
    lines: Sequence[tuple[Service, int]], rates: Sequence[tuple[PriceEntry, Rate]], pricing: Pricing
) -> Iterator[Price | None]:
    """Yield this part of Medicare's fee for each line, rounded half-up to the cent once; None where there is no fee."""
    region = pricing.region
    if region is None:
        return
    amounts = zip(*_reduced_and_full(lines, pricing, region), strict=True)
    is_asked = isinstance(pricing.allowed.reduces_multiple_procedures, Unknown)
    for (entry, rate), (less, more, full) in zip(rates, amounts, strict=True):
        if less is None or more is None:
            yield None
            continue
        party = _contract_with(entry, pricing).party
        found = PriceContractedPercent(party, rate, region.locality.name, region.book.id, less != full, is_asked)
        yield Price((less.share(rate), more.share(rate), more.share(rate)), found, entry.citation)


def _contract_with(entry: PriceEntry, pricing: Pricing) -> PriceContracted:
    return PriceContracted(entry.party or pricing.parties[1])


def _entries(entries: Sequence[PriceEntry], pricing: Pricing) -> list[PriceEntry]:
    """Return the entries in force on the day for this plan, its payer, its insurer or anybody, in that order.

    Of one party those that are narrowed go first: to a network, a location, a kind of therapist, a market.
    """
    plan, payer, insurer = pricing.parties
    order = {insurer: 2, payer: 1, plan: 0} | {"": 3}
    fitting = [
        entry
        for entry in entries
        if entry.party in order
        and pricing.day in entry.span
        and entry.market in ("", pricing.market)
        and entry.network in ("", pricing.network)
    ]
    return sorted(fitting, key=lambda entry: (order[entry.party], entry.breadth))


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
            return _of_market(lines, pricing, _regional(lines, pricing))


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
    if region is None:
        return [None] * len(lines)
    reduced, dearer, _ = _reduced_and_full(lines, pricing, region)
    prices: list[Price | None] = []
    for (service, _), less, more in zip(lines, reduced, dearer, strict=True):
        ratios = _ratios_of(service.code, pricing)
        if ratios is None or less is None or more is None:
            prices.append(None)
            continue
        low, typical, high = ratios.low, ratios.typical, ratios.high
        found = PriceRegional(low, typical, high, region.locality.name, region.book.id, *pricing.experienced)
        prices.append(Price(_times(less, more, ratios, pricing.experienced[1]), found, ratios.citation))
    return prices


def family_of(code: str) -> str:
    """Return what the names of ratios for a code's family end in: needling and office visits have their own."""
    return ":needling" if code in NEEDLING_CODES else ":office-visit" if code in OFFICE_VISITS else ""


def _ratios_of(code: str, pricing: Pricing) -> Ratios | None:
    """Return what plans of this market pay of Medicare's amount for this family of codes here.

    Where a market has no rows, commercial plans stand for it.
    """
    known, setting = pricing.sheet.ratios, pricing.setting
    family = family_of(code)
    for market in (f"{pricing.market}:", ""):
        for place in (setting, OFFICE):
            for name in (f"{market}{place}{family}", f"{market}{place}"):
                if name in known:
                    return known[name]
    return None


# A payer's file older than this, or one with fewer clinics, is a weaker guide: its range is widened by a tenth.
_FRESH = timedelta(days=365)
_FEWEST_CLINICS = 3
_WIDER = Rate.parse("90%"), Rate.parse("110%")


def _of_market(
    lines: Sequence[tuple[Service, int]], pricing: Pricing, otherwise: Sequence[Price | None]
) -> list[Price | None]:
    """Return what the payer's own file says that clinics here are paid, and `otherwise` where it does not.

    Such files hold what offices in the network, or hospitals, are paid for one unit. A therapy reduction lowers a line
    as it lowers Medicare's amount for it.
    """
    market = pricing.sheet.market
    if not market or not pricing.contracted or pricing.setting not in (OFFICE, HOSPITAL_OUTPATIENT):
        return list(otherwise)
    parts: Sequence[tuple[Money | None, ...]] = [(None, None, None)] * len(lines)
    if pricing.region is not None:
        parts = list(zip(*_reduced_and_full(lines, pricing, pricing.region), strict=True))
    in_hospital = pricing.setting == HOSPITAL_OUTPATIENT
    here = {code: price for code, price in market.items() if price.in_hospitals == in_hospital}
    return [
        _in_market(here[service.code], units, part, pricing) if service.code in here else price
        for (service, units), part, price in zip(lines, parts, otherwise, strict=True)
    ]


def _in_market(price: MarketPrice, units: int, part: tuple[Money | None, ...], pricing: Pricing) -> Price:
    is_wide = pricing.day - price.dated > _FRESH or (price.clinics < _FEWEST_CLINICS and not price.is_own)
    low, high = (price.low.share(_WIDER[0]), price.high.share(_WIDER[1])) if is_wide else (price.low, price.high)
    less, more, full = part

    def of(each: Money, reduced: Money | None) -> Money:
        amount = Money(each * units)
        return Money((2 * amount * reduced + full) // (2 * full)) if reduced is not None and full else amount

    whose = price.payer, price.network, price.area, price.dated, price.clinics
    found = PriceMarket(*whose, is_wide, price.in_hospitals, price.is_observed, price.is_own)
    return Price((of(low, less), of(price.typical, more), of(high, more)), found, price.citation)


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


def _lessened(prices: list[Price | None], lines: Sequence[tuple[Service, int]], pricing: Pricing) -> list[Price | None]:
    if not pricing.allowed.lesser_of_billed:
        return prices
    return [_lesser(price, service) for price, (service, _) in zip(prices, lines, strict=True)]


def _lesser(price: Price | None, service: Service) -> Price | None:
    if price is None or service.billed is None:
        return price
    low, typical, high = (min(amount, service.billed) for amount in price.amount)
    return price._replace(amount=(low, typical, high))


# The multiple procedure payment reduction for therapy: one full unit a day, half practice expense after it.
#
# Medicare applies it to every always-therapy unit of one patient on one day, across disciplines and settings (Claims
# Processing Manual, chapter 5, section 10.7); some commercial plans copy it.

HALF = Rate(500_000)


@lru_cache(maxsize=4096)
def day_amounts(
    lines: tuple[tuple[str, int], ...],
    locality: Locality,
    book: PriceBook,
    *,
    setting: str,
    reduction: Rate | None = HALF,
    unpaid_too: bool = False,
) -> tuple[Money | None, ...]:
    """Return the amount of each line (code, units) of one day; each unit is rounded to the cent.

    `reduction` is the part of practice expense taken off: 50% since April 2013, None where the plan does
    not reduce. A line is None where the code is not in the book or, unless `unpaid_too`, where Medicare
    does not pay it. The unit with the highest non-facility practice expense is paid in full; ties go to
    the higher full amount, then to the earlier line.
    """
    amount = schedule_amount if unpaid_too else medicare_amount
    fees = [book.fees.get(code) for code, _ in lines]
    full = [None if fee is None else amount(fee, locality, book, setting=setting) for fee in fees]
    top = _highest(lines, fees, full) if reduction is not None else None
    totals: list[Money | None] = []
    for place, (fee, each, (_, units)) in enumerate(zip(fees, full, lines, strict=True)):
        if fee is None or each is None or reduction is None or not fee.always_therapy or not units:
            totals.append(None if each is None else Money(each * units))
            continue
        paid = Rate(1_000_000 - reduction.per_million)
        later = amount(fee, locality, book, setting=setting, practice_expense=paid) or 0
        totals.append(Money(later * units + (each - later if place == top else 0)))
    return tuple(totals)


def _highest(lines: tuple[tuple[str, int], ...], fees: list[Fee | None], full: list[Money | None]) -> int | None:
    ranked = [
        (fee.pe_nonfacility, each, -place)
        for place, (fee, each, (_, units)) in enumerate(zip(fees, full, lines, strict=True))
        if fee is not None and each is not None and fee.always_therapy and units
    ]
    return -max(ranked)[2] if ranked else None


# Lines that have no price of their own: those a visit or case rate swallows, and those Medicare does not pay.


def lay_rate(
    services: Sequence[Service],
    decisions: list[Decision],
    prices: list[Price | None],
    pricing: Pricing,
    rate_carried: bool,
) -> bool:
    """Lay a visit or case rate on the first covered line of a visit, and bundle the others into it, in place.

    A line that is read as covered, for want of a rule, counts among them. `rate_carried`: an earlier visit bears the
    case rate. Returns whether a line of this one does.
    """
    covered = [i for i, decision in enumerate(decisions) if decision.benefit is not None]
    if any(services[i].allowed is not None for i in covered):
        for index in covered:
            prices[index] = prices[index] or swallowed(pricing)
        return False
    rate = visit_rate([services[i].code for i in covered], pricing) if covered else None
    if rate is None:
        return False
    basis = pricing.allowed.basis
    is_case = basis is Basis.CASE_RATE
    first, rest = (covered[0], covered[1:]) if not (is_case and rate_carried) else (None, covered)
    if first is not None:
        prices[first] = rate
    for index in rest:
        prices[index] = Price((ZERO, ZERO, ZERO), rate.finding, rate.citation)
        decisions[index] = Decision(Kind.BUNDLED, BundledInRate(basis), rate.citation)
    return is_case and first is not None


def why_unpriced(service: Service, pricing: Pricing) -> Decision | None:
    """Return why Medicare pays nothing for a covered line, None where that is not the reason."""
    region = pricing.region
    fee = region.book.fees.get(service.code) if region is not None else None
    reason = why_unpaid(fee, pricing.setting) if fee is not None and pricing.is_medicare else None
    if region is None or reason is None:
        return None
    cited = Citation(region.book.source, f"status of {service.code}")
    if reason is Unpaid.BUNDLED:
        return Decision(Kind.BUNDLED, Bundled("", "medicare-status"), cited)
    finding = NotCovered(reason, "medicare-fee-schedule")
    return Decision(Kind.DENIED, finding, cited, Liable.PROVIDER)
