"""Lines that have no price of their own: those a visit or case rate swallows, and those Medicare does not pay."""

from __future__ import annotations

from collections.abc import Sequence

from estimator.engine.citation import Citation
from estimator.engine.decide import Decision, Kind
from estimator.engine.decisions import Bundled, BundledInRate, NotCovered
from estimator.engine.fees import Unpaid, why_unpaid
from estimator.engine.money import ZERO
from estimator.engine.network import Basis
from estimator.engine.plan import Liable
from estimator.engine.price import Price, Pricing, swallowed, visit_rate
from estimator.engine.request import Service


def lay_rate(
    services: Sequence[Service], decisions: list[Decision], prices: list[Price | None], pricing: Pricing,
    rate_carried: bool,
) -> bool:  # fmt: skip
    """Lay a visit or case rate on the first covered line of a visit, and bundle the others into it, in place.

    `rate_carried`: an earlier visit bears the case rate. Returns whether a line of this one does.
    """
    covered = [i for i, decision in enumerate(decisions) if decision.kind is Kind.COVERED]
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
