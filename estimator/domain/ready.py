"""A visit made ready: units, coding edits, decisions and prices, everything that earlier visits do not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from estimator.domain.citation import Citation
from estimator.domain.decisions import Bundled, BundledInRate, NotCovered, UnitsCorrected
from estimator.domain.estimate import Step
from estimator.domain.fees import Unpaid, why_unpaid
from estimator.domain.finding import Finding
from estimator.domain.log import Log
from estimator.domain.money import WHOLE, ZERO
from estimator.domain.network import Basis, Network
from estimator.domain.plan import Liable
from estimator.domain.request import Service, Visit
from estimator.domain.rules.coding import BundledLine, SecondNeedlingLine, UnitsCut, check_lines
from estimator.domain.rules.decide import Deciding, Decision, Kind, decide, network_of
from estimator.domain.rules.price import Price, Pricing, allowed_amounts, charge, visit_rate
from estimator.domain.rules.units import UnitRule, day_units
from estimator.domain.running import Given, ReadyLine, ReadyVisit
from estimator.domain.when import Circumstances
from estimator.errors import NoPrice

_MEDICARE = {"medicare", "medicare-advantage"}


@dataclass(slots=True)
class Desk:
    """Makes visits ready and keeps them: equal visits under equal rules are made ready once.

    There is one log for each of the two readings of what is unknown; `notices` gather coding corrections.
    """

    given: Given
    logs: dict[bool, Log] = field(default_factory=lambda: {True: Log(), False: Log()})
    notices: dict[tuple[str, Finding], Step] = field(default_factory=dict)
    _kept: dict[tuple[int, str | None, int, bool, bool], ReadyVisit] = field(default_factory=dict)
    _edges: list[date] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note the days on which a rule or a price changes."""
        given = self.given
        spans = [policy.in_force for policy in given.plan.policies]
        spans += [policy.when.span for policy in given.plan.policies]
        spans += [benefit.when.span for benefit in given.plan.benefits]
        spans += [entry.span for entry in (*given.sheet.contract, *given.sheet.self_pay)]
        edges = {span.first_day for span in spans if span.first_day}
        edges |= {date.fromordinal(span.last_day.toordinal() + 1) for span in spans if span.last_day}
        edges |= {region.book.first_day for region in given.sheet.regions}
        self._edges = sorted(edges)

    def ready(self, number: int, visit: Visit, cheap: bool, rate_carried: bool) -> ReadyVisit:
        """Return the visit made ready in one reading; `rate_carried`: an earlier visit bears the case rate."""
        epoch = sum(edge <= visit.day for edge in self._edges)
        key = (id(visit.services), visit.network, epoch, cheap, rate_carried)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = self._make(number, visit, cheap, rate_carried)
        return kept

    def _make(self, number: int, visit: Visit, cheap: bool, rate_carried: bool) -> ReadyVisit:
        given, request = self.given, self.given.request
        network = network_of(given.plan, visit.network or request.provider.network)
        units = self._units(visit.services, network)
        bundles = self._coding(visit.services, units)
        codes = tuple(dict.fromkeys(service.code for service in visit.services))
        deciding = Deciding(given.plan, network, given.tables.state, codes, cheap, self.logs[cheap])
        cases = [self._case(service, visit.day) for service in visit.services]
        decisions = [
            bundles.get(index) or decide(service.code, cases[index], deciding)
            for index, service in enumerate(visit.services)
        ]
        pricing = self._pricing(network, visit.day)
        lines, carries = self._priced(number, visit.services, units, decisions, cases, pricing, rate_carried)
        return ReadyVisit(network, lines, carries)

    def _units(self, services: Sequence[Service], network: Network) -> list[int]:
        codes = self.given.tables.codes
        timed = {code for code, known in codes.items() if known.timed}
        minutes: dict[str, int] = {}
        for service in services:
            if service.units is None and service.minutes is not None:
                minutes[service.code] = minutes.get(service.code, 0) + service.minutes
        rule: UnitRule = "midpoint" if network.allowed.minutes_rule == "midpoint" else "8-minute"
        counted = day_units(minutes, timed, rule)
        units = []
        for service in services:
            if service.units is not None:
                units.append(service.units)
            elif service.minutes is None or service.code not in counted:
                units.append(1)
            else:
                reckoned = counted[service.code]
                counted[service.code] = 0
                units.append(max(1, reckoned) if service.allowed is not None else reckoned)
        return units

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
        cases: list[Circumstances], pricing: Pricing, rate_carried: bool,
    ) -> tuple[tuple[ReadyLine, ...], bool]:  # fmt: skip
        live = [i for i, decision in enumerate(decisions) if decision.kind is not Kind.BUNDLED]
        found = allowed_amounts([(services[i], units[i]) for i in live], pricing)
        prices = dict(zip(live, found, strict=True))
        carries = self._lay_rate(services, decisions, prices, pricing, rate_carried)
        lines = []
        for index, service in enumerate(services):
            allowed = prices.get(index)
            decision = decisions[index]
            if decision.kind is Kind.COVERED and allowed is None:
                decision = self._unpriced(number, index, service, pricing)
            asked = charge(service, max(1, units[index]), pricing, allowed)
            may_be_asked = decision.kind in (Kind.DENIED, Kind.UNKNOWN) and decision.liable is not Liable.PROVIDER
            if may_be_asked and asked is None:
                raise NoPrice(service.code, number - 1, index)
            modifiers = tuple(sorted(service.modifiers))
            lines.append(ReadyLine(index, service, units[index], modifiers, cases[index], decision, allowed, asked))
        return tuple(lines), carries

    def _lay_rate(
        self, services: Sequence[Service], decisions: list[Decision], prices: dict[int, Price | None],
        pricing: Pricing, rate_carried: bool,
    ) -> bool:  # fmt: skip
        """Lay a visit or case rate on the first covered line, and bundle the others into it."""
        covered = [i for i, decision in enumerate(decisions) if decision.kind is Kind.COVERED]
        if not covered or any(services[i].allowed is not None for i in covered):
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
