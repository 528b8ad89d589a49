"""Sentences on a plan's networks and cost shares, for the page of the plan."""

from collections.abc import Iterator

from estimator.domain.amounts import Amount, Between
from estimator.domain.citation import Citation
from estimator.domain.costshare import CostShare, DeductibleOrder, Per, Tier
from estimator.domain.money import Rate
from estimator.domain.network import Allowed, Basis, Ceiling, Network
from estimator.domain.plan import Plan
from estimator.domain.unknown import Unknown
from estimator.web.figures import usd

Rule = tuple[str, Citation | None]

# Parts of names that are abbreviations elsewhere.
_SPELT_OUT = {"kx": "KX", "pt": "PT", "clbp": "for chronic low back pain", "snf": "SNF"}
_NOT_KNOWN = "not known to us; ask the plan"
_PER = {
    Per.VISIT: "a visit",
    Per.DAY: "a day",
    Per.PROVIDER_DAY: "a day with each provider",
    Per.LINE: "a service",
    Per.UNIT: "a unit of service",
}
_DEDUCTIBLE = {
    DeductibleOrder.WAIVED: "the deductible does not apply",
    DeductibleOrder.APPLIES: "after the deductible",
    DeductibleOrder.AFTER_COPAY: "and the rest goes to the deductible first",
    DeductibleOrder.WITH_COPAY: "and copay and rest both count toward the deductible",
}
_BASIS = {
    Basis.CONTRACT: "a price that the clinic and the plan agreed on and that we estimate from the region",
    Basis.CHARGES: "what the clinic charges",
    Basis.PER_VISIT: "one price for a whole visit",
    Basis.CASE_RATE: "one price for the whole course",
    Basis.FEE_SCHEDULE: "the plan’s own price list",
}


def network_rules(plan: Plan) -> Iterator[Rule]:
    """Say what each network's deductible, maximum and prices are."""
    for network in plan.networks.values():
        where = heading(network.name)
        if network.covered is not True:
            words = "not covered" if network.covered is False else _NOT_KNOWN
            yield f"{where}: {words}.", network.citation
            continue
        yield _ceiling_rule(where, "deductible", network.deductible)
        yield _ceiling_rule(where, "out-of-pocket maximum", network.out_of_pocket_max)
        yield f"{where}: the price is {_price(network)}.", network.allowed.citation
        if bill := _balance_bill(network):
            yield f"{where}: {bill}.", network.citation


def share_words(share: CostShare | Tier) -> str:
    """Say what a patient pays of a covered service."""
    if isinstance(share, Tier):
        return "not covered" if share is Tier.NOT_COVERED else _NOT_KNOWN
    parts = [_copay(share), _coinsurance(share)]
    said = " and ".join(part for part in parts if part)
    if isinstance(share.deductible, Unknown):
        return f"you pay {said or 'nothing'}; whether the deductible applies is {_NOT_KNOWN}"
    if not said and share.deductible is DeductibleOrder.WAIVED:
        return "you pay nothing"
    joined = f"you pay {said or 'nothing more'}, {_DEDUCTIBLE[share.deductible]}"
    return joined + _caps(share)


def named(name: str) -> str:
    """Return a name of a plan file as words.

    >>> named("in-network"), named("kx-threshold"), named("acupuncture-clbp")
    ('in network', 'KX threshold', 'acupuncture for chronic low back pain')
    """
    return " ".join(_SPELT_OUT.get(word, word) for word in name.split("-"))


def heading(name: str) -> str:
    """Return a name of a plan file as the start of a sentence."""
    words = named(name)
    return words[:1].upper() + words[1:]


def amount_words(amount: Amount | None) -> str:
    """Say an amount that may be open.

    >>> from estimator.domain.money import Money
    >>> amount_words(Between(Money(1000), Money(4000)))
    'between $10.00 and $40.00'
    """
    match amount:
        case None:
            return "nothing"
        case Unknown():
            return _NOT_KNOWN
        case Between(low, high):
            return f"between {usd(low)} and {usd(high)}"
        case _:
            return usd(amount)


def _ceiling_rule(where: str, what: str, ceiling: Ceiling | Unknown | None) -> Rule:
    if ceiling is None:
        return f"{where}: no {what}.", None
    if isinstance(ceiling, Unknown):
        return f"{where}: the {what} is {_NOT_KNOWN}.", None
    family = f"; {amount_words(ceiling.family)} for a family" if ceiling.family is not None else ""
    return f"{where}: the {what} is {amount_words(ceiling.person)} for a person{family}.", ceiling.citation


def _price(network: Network) -> str:
    if network.allowed.basis is Basis.CONTRACT and not network.contracted:
        return "not stated by the plan; we estimate it from the region"
    return _basis(network.allowed)


def _basis(allowed: Allowed) -> str:
    if allowed.basis is Basis.MEDICARE:
        return f"{allowed.percent or '100%'} of Medicare’s price"
    if allowed.percent is not None:
        return f"{allowed.percent} of {_BASIS[allowed.basis]}"
    amount = f", {usd(allowed.amount)}" if allowed.amount is not None else ""
    return f"{_BASIS[allowed.basis]}{amount}"


def _balance_bill(network: Network) -> str:
    if network.balance_bill is True:
        return "the clinic may bill you for the rest of its charge"
    if isinstance(network.balance_bill, Unknown):
        return f"whether the clinic may bill you for the rest of its charge is {_NOT_KNOWN}"
    return ""


def _copay(share: CostShare) -> str:
    if share.copay is None:
        return ""
    if isinstance(share.copay, Unknown):
        return f"a copay that is {_NOT_KNOWN}"
    return f"{amount_words(share.copay)} {_PER[share.per]}"


def _coinsurance(share: CostShare) -> str:
    if share.coinsurance is None:
        return ""
    if isinstance(share.coinsurance, Unknown):
        return f"a percentage that is {_NOT_KNOWN}"
    rest = " of the rest" if share.copay is not None and not share.coinsurance_of_allowed else " of the price"
    return f"{_rate(share.coinsurance)}{rest}"


def _rate(rate: Rate) -> str:
    return str(rate)


def _caps(share: CostShare) -> str:
    most = f", at most {usd(share.max_per_visit)} a visit" if share.max_per_visit is not None else ""
    pays = (
        f"; the plan pays at most {usd(share.plan_pays_at_most)} a visit" if share.plan_pays_at_most is not None else ""
    )
    return most + pays
