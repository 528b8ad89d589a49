"""A visit made ready: units, coding edits, decisions and prices, everything that earlier visits do not change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from estimator.domain.citation import Citation
from estimator.domain.decisions import Bundled, BundledInRate, NotCovered, UnitsCorrected
from estimator.domain.epochs import edges
from estimator.domain.estimate import Step
from estimator.domain.fees import Unpaid, why_unpaid
from estimator.domain.finding import Finding
from estimator.domain.log import Log
from estimator.domain.money import WHOLE, ZERO
from estimator.domain.network import Basis, Network
from estimator.domain.plan import Liable
from estimator.domain.price_findings import PriceMedicare, PriceRegional
from estimator.domain.request import Service, Visit
from estimator.domain.rules.coding import BundledLine, SecondNeedlingLine, UnitsCut, check_lines
from estimator.domain.rules.decide import Deciding, Decision, Kind, decide, network_of
from estimator.domain.rules.price import Price, Pricing, allowed_amounts, charge, swallowed, visit_rate
from estimator.domain.rules.reach import discipline_of, limits_over, permissions_over
from estimator.domain.running import Given, ReadyLine, ReadyVisit
from estimator.domain.service_units import units_of
from estimator.domain.unknown import Unknown
from estimator.domain.when import Circumstances
from estimator.errors import NoPrice

_MEDICARE = {"medicare", "medicare-advantage"}
_A_UNIT = 15


@dataclass(slots=True)
class Desk:
    """Makes visits ready and keeps them: equal visits under equal rules are made ready once.

    There is one log for each of the two readings of what is unknown; `notices` gather coding corrections,
    `priced_beyond` the ends of price books that priced visits beyond them. `is_flat`: no price is a range.
    """

    given: Given
    logs: dict[bool, Log] = field(default_factory=lambda: {True: Log(cheap=True), False: Log()})
    notices: dict[tuple[str, Finding], Step] = field(default_factory=dict)
    priced_beyond: dict[tuple[str, date], Citation] = field(default_factory=dict)
    is_flat: bool = True
    _same: dict[tuple[Service, ...], tuple[Service, ...]] = field(default_factory=dict)
    _kept: dict[tuple[int, str | None, int, bool, bool], ReadyVisit] = field(default_factory=dict)
    _edges: list[date] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note the days on which a rule or a price changes."""
        self._edges = sorted(set(edges(self.given)))

    def ready(self, number: int, visit: Visit, cheap: bool, rate_carried: bool) -> ReadyVisit:
        """Return the visit made ready in one reading; `rate_carried`: an earlier visit bears the case rate.

        Where the reading against the patient met nothing unknown, the other one is the same.
        """
        epoch = bisect_right(self._edges, visit.day)
        if cheap:
            dear = self._ready(number, visit, epoch, False, rate_carried)
            if not self.logs[False].is_unsure:
                return dear
        return self._ready(number, visit, epoch, cheap, rate_carried)

    def _ready(self, number: int, visit: Visit, epoch: int, cheap: bool, rate_carried: bool) -> ReadyVisit:
        rest = (visit.network, epoch, cheap, rate_carried)
        kept = self._kept.get((id(visit.services), *rest))
        if kept is None:
            services = self._same.setdefault(visit.services, visit.services)
            kept = self._kept.get((id(services), *rest)) or self._make(number, visit, cheap, rate_carried)
            self._kept[(id(services), *rest)] = self._kept[(id(visit.services), *rest)] = kept
        return kept

    def _make(self, number: int, visit: Visit, cheap: bool, rate_carried: bool) -> ReadyVisit:
        given, request = self.given, self.given.request
        network = network_of(given.plan, visit.network or request.provider.network)
        units = units_of(visit.services, network, given.tables.codes)
        bundles = self._coding(visit.services, units)
        codes = tuple(dict.fromkeys(service.code for service in visit.services))
        deciding = Deciding(given.plan, network, given.tables.state, codes, self.logs[cheap])
        cases = [self._case(service, visit.day) for service in visit.services]
        decisions = [
            bundles.get(index) or decide(service.code, cases[index], deciding)
            for index, service in enumerate(visit.services)
        ]
        pricing = self._pricing(network, visit.day)
        prices, carries = self._priced(number, visit.services, units, decisions, pricing, rate_carried)
        lines = [
            self._line(number, index, service, units[index], decisions[index], cases[index], prices[index], pricing)
            for index, service in enumerate(visit.services)
        ]
        placed = tuple([self._under(line, network, cheap) for line in lines])
        return ReadyVisit(network, placed, carries)

    def _coding(self, services: Sequence[Service], units: list[int]) -> dict[int, Decision]:
        """Return the lines that coding rules bundle, and cut the units of untimed codes in place."""
        tables = self.given.tables
        coded = [(service.code, units[i], service.modifiers) for i, service in enumerate(services)]
        bundles: dict[int, Decision] = {}
        for found in check_lines(coded, tables.codes, tables.edits):
            if isinstance(found, UnitsCut):
                units[found.line] = found.allowed_units
                finding = UnitsCorrected(found.code, found.units)
                self.notices[found.code, finding] = Step(finding, ZERO, found.citation)
            elif isinstance(found, SecondNeedlingLine):
                bundled = Bundled(found.kept, "one-needling-code")
                bundles[found.line] = Decision(Kind.BUNDLED, bundled, found.citation)
            elif isinstance(found, BundledLine):
                bundled = Bundled(found.into, "ncci", found.modifier_allowed)
                bundles[found.line] = Decision(Kind.BUNDLED, bundled, found.citation)
        for index, each in enumerate(units):
            if each == 0:
                bundles.setdefault(index, Decision(Kind.BUNDLED, Bundled("", "too-few-minutes"), None))
        return bundles

    def _case(self, service: Service, day: date) -> Circumstances:
        request = self.given.request
        person, provider = request.person, request.provider
        return Circumstances(
            day, provider.type, provider.setting, request.state, request.diagnoses,
            person.symptom_weeks, person.age, person.purpose, service.modifiers,
        )  # fmt: skip

    def _pricing(self, network: Network, day: date) -> Pricing:
        given, provider = self.given, self.given.request.provider
        factor = provider.experience_factor or given.sheet.experience.get(provider.experience, WHOLE)
        allowed = network.allowed
        if allowed.basis is Basis.MEDICARE and allowed.percent is None:
            allowed = replace(allowed, percent=WHOLE)
        plan = given.plan
        return Pricing(
            given.sheet, allowed, network.contracted, (plan.id, plan.payer), provider.setting,
            provider.experience, factor, day, plan.market in _MEDICARE,
        )  # fmt: skip

    def _priced(
        self, number: int, services: Sequence[Service], units: list[int], decisions: list[Decision],
        pricing: Pricing, rate_carried: bool,
    ) -> tuple[list[Price | None], bool]:  # fmt: skip
        """Return the allowed amount of each line, and whether one of them bears the rate of a whole case."""
        live = [i for i, decision in enumerate(decisions) if decision.kind is not Kind.BUNDLED]
        found = allowed_amounts([(services[i], units[i]) for i in live], pricing)
        prices: list[Price | None] = [None] * len(services)
        for index, price in zip(live, found, strict=True):
            prices[index] = price
        carries = self._lay_rate(services, decisions, prices, pricing, rate_carried)
        return prices, carries

    def _line(
        self, number: int, index: int, service: Service, units: int, decision: Decision, case: Circumstances,
        allowed: Price | None, pricing: Pricing,
    ) -> ReadyLine:  # fmt: skip
        if decision.kind is Kind.COVERED and allowed is None:
            decision = self._unpriced(number, index, service, pricing)
        asked = charge(service, max(1, units), pricing, allowed)
        may_be_asked = decision.kind is Kind.UNKNOWN or (
            decision.kind is Kind.DENIED and decision.liable is not Liable.PROVIDER
        )
        if may_be_asked and asked is None:
            raise NoPrice(service.code, number - 1, index)
        self._note_prices(allowed, asked, pricing)
        minutes = _A_UNIT * units if service.minutes is None else service.minutes
        modifiers = tuple(sorted(service.modifiers))
        return ReadyLine(index, service, units, minutes, modifiers, case, decision, allowed, asked)

    def _note_prices(self, allowed: Price | None, asked: Price | None, pricing: Pricing) -> None:
        for price in (allowed, asked):
            if price is not None and price.amount[0] != price.amount[2]:
                self.is_flat = False
        region = pricing.region
        if region is None or allowed is None or not isinstance(allowed.finding, PriceMedicare | PriceRegional):
            return
        book = region.book
        if pricing.day > book.last_day:
            self.priced_beyond["latest-price-book", book.last_day] = Citation(book.source, book.id)
        elif pricing.day < book.first_day:
            self.priced_beyond["earliest-price-book", book.first_day] = Citation(book.source, book.id)
        if isinstance(pricing.allowed.reduces_multiple_procedures, Unknown):
            self.logs[False].ask("multiple-procedure-reduction", "", pricing.allowed.citation)

    def _under(self, line: ReadyLine, network: Network, cheap: bool) -> ReadyLine:
        """Return a covered line with the limits and the permissions that it stands under."""
        benefit = line.decision.benefit
        if line.decision.kind is not Kind.COVERED or benefit is None:
            return line
        code, log = line.service.code, self.logs[cheap]
        known = self.given.tables.codes.get(code)
        return line._replace(
            discipline=discipline_of(line.service.modifiers, known, benefit),
            limits=limits_over(benefit, self.given.plan, code, network.name, line.case, log),
            permissions=permissions_over(benefit, code, network.name, line.case, log),
        )

    def _lay_rate(
        self, services: Sequence[Service], decisions: list[Decision], prices: list[Price | None],
        pricing: Pricing, rate_carried: bool,
    ) -> bool:  # fmt: skip
        """Lay a visit or case rate on the first covered line, and bundle the others into it."""
        covered = [i for i, decision in enumerate(decisions) if decision.kind is Kind.COVERED]
        if any(services[i].allowed is not None for i in covered):
            for index in covered:
                prices[index] = prices[index] or swallowed(pricing)
            return False
        if not covered:
            return False
        rate = visit_rate([services[i].code for i in covered], pricing)
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

    def _unpriced(self, number: int, index: int, service: Service, pricing: Pricing) -> Decision:
        """Return why Medicare pays nothing for a covered line; raise NoPrice where that is not the reason."""
        region = pricing.region
        fee = region.book.fees.get(service.code) if region is not None else None
        reason = why_unpaid(fee, pricing.setting) if fee is not None and pricing.is_medicare else None
        if region is None or reason is None:
            raise NoPrice(service.code, number - 1, index)
        cited = Citation(region.book.source, f"status of {service.code}")
        if reason is Unpaid.BUNDLED:
            return Decision(Kind.BUNDLED, Bundled("", "medicare-status"), cited)
        finding = NotCovered(reason, "medicare-fee-schedule")
        return Decision(Kind.DENIED, finding, cited, Liable.PROVIDER)
