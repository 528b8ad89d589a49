"""What the patient pays of a visit: copay, percentage, the place of the deductible, and what a copay may not exceed."""

from __future__ import annotations

from dataclasses import replace

from estimator.engine.plan import Benefit, CostShare, DeductibleOrder, Plan, Tier
from estimator.engine.request import COULD_NOT_SAY, NONE, Said, Told
from estimator.engine.values import UNKNOWN, Amount, Between, Money, Rate, Unknown
from estimator.estimates.told_hearing import Hearing, each_in_use

COPAY, COINSURANCE, DEDUCTIBLE = "copay", "coinsurance", "deductible"

Share = CostShare | Tier


def cost_share(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State one part of what a visit costs; a share of which nothing was read is made of all that the call told."""

    def stated(benefit: Benefit) -> Benefit:
        shares = dict(benefit.cost_share)
        for name in hearing.course.networks:
            read = shares.get(name, Tier.UNKNOWN)
            whole = _whole(hearing) if read is Tier.UNKNOWN else read
            if isinstance(whole, CostShare):
                shares[name] = whole if read is Tier.UNKNOWN else _with_part(whole, told, hearing)
        return replace(benefit, cost_share=shares)

    return each_in_use(plan, hearing.course.codes, stated)


def fair_copay(plan: Plan, told: Told, hearing: Hearing) -> Plan:
    """State an amount that a copay of therapy may not exceed; never open, since a plan that is silent has none."""
    assert isinstance(told.answer, Money)
    most = told.answer

    def capped(share: Share) -> Share:
        if not isinstance(share, CostShare):
            return share
        stated = None if share.not_above is None else share.not_above.copay
        if not hearing.takes(stated, most, is_open=False):
            return share
        return replace(share, not_above=CostShare(copay=most, deductible=share.deductible, citation=hearing.cited))

    def stated(benefit: Benefit) -> Benefit:
        shares = {
            name: capped(share) if name in hearing.course.networks else share
            for name, share in benefit.cost_share.items()
        }
        return replace(benefit, cost_share=shares)

    return each_in_use(plan, hearing.course.codes, stated)


def _whole(hearing: Hearing) -> Share:
    """Return a share of nothing but what the call told of it."""
    parts = {told.subject: told.answer for told in hearing.call.answers if told.asks == "cost-share"}
    known = {name: said for name, said in parts.items() if said != COULD_NOT_SAY}
    order = known.get(DEDUCTIBLE)
    is_silent = COPAY not in known and COINSURANCE not in known
    return CostShare(
        copay=UNKNOWN if is_silent else _money(known.get(COPAY, NONE)),
        coinsurance=_rate(known.get(COINSURANCE, NONE)),
        deductible=UNKNOWN if order is None else _order(order),
        citation=hearing.cited,
    )


def _with_part(share: CostShare, told: Told, hearing: Hearing) -> CostShare:
    steps = tuple((last, _with_part(step, told, hearing)) for last, step in share.by_visit)
    share = share if steps == share.by_visit else replace(share, by_visit=steps)
    match told.subject:
        case "copay":
            copay = _money(told.answer)
            if hearing.takes(share.copay, copay, _is_open(share.copay, copay)):
                return replace(share, copay=copay, citation=hearing.cited)
        case "coinsurance":
            rate = _rate(told.answer)
            if hearing.takes(share.coinsurance, rate, isinstance(share.coinsurance, Unknown)):
                return replace(share, coinsurance=rate, citation=hearing.cited)
        case _:
            is_open = isinstance(share.deductible, Unknown)
            is_first = share.deductible is not DeductibleOrder.WAIVED
            if is_open or hearing.takes(is_first, told.answer, False):
                return replace(share, deductible=_order(told.answer), citation=hearing.cited)
    return share


def _is_open(stated: Amount | None, said: Money | None) -> bool:
    if isinstance(stated, Between):
        return said is not None and stated.low <= said <= stated.high
    return isinstance(stated, Unknown)


def _money(said: Said) -> Money | None:
    return said if isinstance(said, Money) else None


def _rate(said: Said) -> Rate | None:
    return said if isinstance(said, Rate) else None


def _order(said: Said) -> DeductibleOrder:
    return DeductibleOrder.APPLIES if said else DeductibleOrder.WAIVED
