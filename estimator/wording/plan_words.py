"""Sentences on a plan's networks and cost shares, for the page of the plan."""

from collections.abc import Iterator, Sequence

from estimator.engine.plan import Allowed, Basis, Ceiling, CostShare, DeductibleOrder, Network, Per, Plan, Tier
from estimator.engine.values import Amount, Between, Citation, Unknown
from estimator.language import N_, _
from estimator.wording.figures import listed
from estimator.wording.web_figures import usd

Rule = tuple[str, Citation | None]

# Parts of names that are abbreviations elsewhere.
_SPELT_OUT = {"kx": "KX", "pt": "PT", "clbp": "for chronic low back pain", "snf": "SNF"}
_NOT_KNOWN = N_("not known to us; ask the plan")
_NOT_COVERED = N_("not covered")
_PER = {
    Per.VISIT: N_("a visit"),
    Per.DAY: N_("a day"),
    Per.PROVIDER_DAY: N_("a day with each provider"),
    Per.LINE: N_("a service"),
    Per.UNIT: N_("a unit of service"),
}
_DEDUCTIBLE = {
    DeductibleOrder.WAIVED: N_("the deductible does not apply"),
    DeductibleOrder.APPLIES: N_("after the deductible"),
    DeductibleOrder.AFTER_COPAY: N_("and the rest goes to the deductible first"),
    DeductibleOrder.WITH_COPAY: N_("and copay and rest both count toward the deductible"),
}
_BASIS = {
    Basis.CONTRACT: N_("a price that the clinic and the plan agreed on and that we estimate from the region"),
    Basis.CHARGES: N_("what the clinic charges"),
    Basis.PER_VISIT: N_("one price for a whole visit"),
    Basis.CASE_RATE: N_("one price for the whole course"),
    Basis.FEE_SCHEDULE: N_("the plan’s own price list"),
}
# Of a ceiling: none, one that is not known, one for a person, one for a family too.
_DEDUCTIBLES = (
    N_("no deductible"),
    N_("the deductible is not known to us; ask the plan"),
    N_("the deductible is {person} for a person"),
    N_("the deductible is {person} for a person; {family} for a family"),
)
_MAXIMUMS = (
    N_("no out-of-pocket maximum"),
    N_("the out-of-pocket maximum is not known to us; ask the plan"),
    N_("the out-of-pocket maximum is {person} for a person"),
    N_("the out-of-pocket maximum is {person} for a person; {family} for a family"),
)


def network_rules(plan: Plan) -> Iterator[Rule]:
    """Say what each network's deductible, maximum and prices are."""
    for network in plan.networks.values():
        where = heading(network.name)
        if network.covered is not True:
            words = _NOT_COVERED if network.covered is False else _NOT_KNOWN
            yield f"{where}: {_(words)}.", network.citation
            continue
        yield _ceiling_rule(where, _DEDUCTIBLES, network.deductible)
        yield _ceiling_rule(where, _MAXIMUMS, network.out_of_pocket_max)
        price = _("the price is {price}").format(price=_price(network))
        yield f"{where}: {price}.", network.allowed.citation
        if bill := _balance_bill(network):
            yield f"{where}: {bill}.", network.citation


def share_words(share: CostShare | Tier) -> str:
    """Say what a patient pays of a covered service."""
    if isinstance(share, Tier):
        return _(_NOT_COVERED if share is Tier.NOT_COVERED else _NOT_KNOWN)
    parts = [_copay(share), _coinsurance(share)]
    said = listed([part for part in parts if part])
    if isinstance(share.deductible, Unknown):
        words = _("you pay {share}; whether the deductible applies is not known to us; ask the plan")
        return words.format(share=said or _("nothing"))
    if not said and share.deductible is DeductibleOrder.WAIVED:
        return _("you pay nothing")
    pays = _("you pay {share}").format(share=said or _("nothing more"))
    return f"{pays}, {_(_DEDUCTIBLE[share.deductible])}{_caps(share)}"


def named(name: str) -> str:
    """Return a name of a plan file as words.

    >>> named("in-network"), named("kx-threshold"), named("acupuncture-clbp")
    ('in network', 'KX threshold', 'acupuncture for chronic low back pain')
    """
    words = " ".join(_SPELT_OUT.get(word, word) for word in name.split("-"))
    return _(words)


def heading(name: str) -> str:
    """Return a name of a plan file as the start of a sentence."""
    words = named(name)
    return words[:1].upper() + words[1:]


def amount_words(amount: Amount | None) -> str:
    """Say an amount that may be open.

    >>> from estimator.engine.values import Money
    >>> amount_words(Between(Money(1000), Money(4000)))
    'between $10.00 and $40.00'
    """
    match amount:
        case None:
            return _("nothing")
        case Unknown():
            return _(_NOT_KNOWN)
        case Between(low, high):
            return _("between {low} and {high}").format(low=usd(low), high=usd(high))
        case _:
            return usd(amount)


def _ceiling_rule(where: str, says: Sequence[str], ceiling: Ceiling | Unknown | None) -> Rule:
    none, not_known, for_one, for_all = says
    if ceiling is None:
        return f"{where}: {_(none)}.", None
    if isinstance(ceiling, Unknown):
        return f"{where}: {_(not_known)}.", None
    words = _(for_one if ceiling.family is None else for_all)
    amounts = words.format(person=amount_words(ceiling.person), family=amount_words(ceiling.family))
    return f"{where}: {amounts}.", ceiling.citation


def _price(network: Network) -> str:
    if network.allowed.basis is Basis.CONTRACT and not network.contracted:
        return _("not stated by the plan; we estimate it from the region")
    return _basis(network.allowed)


def _basis(allowed: Allowed) -> str:
    if allowed.basis is Basis.MEDICARE:
        return _("{percent} of Medicare’s price").format(percent=allowed.percent or "100%")
    words = _(_BASIS[allowed.basis])
    if allowed.percent is not None:
        return _("{percent} of {price}").format(percent=allowed.percent, price=words)
    return f"{words}, {usd(allowed.amount)}" if allowed.amount is not None else words


def _balance_bill(network: Network) -> str:
    if network.balance_bill is True:
        return _("the clinic may bill you for the rest of its charge")
    if isinstance(network.balance_bill, Unknown):
        return _("whether the clinic may bill you for the rest of its charge is not known to us; ask the plan")
    return ""


def _copay(share: CostShare) -> str:
    if share.copay is None:
        return ""
    if isinstance(share.copay, Unknown):
        return _("a copay that is not known to us; ask the plan")
    return f"{amount_words(share.copay)} {_(_PER[share.per])}"


def _coinsurance(share: CostShare) -> str:
    if share.coinsurance is None:
        return ""
    if isinstance(share.coinsurance, Unknown):
        return _("a percentage that is not known to us; ask the plan")
    is_of_the_rest = share.copay is not None and not share.coinsurance_of_allowed
    words = _("{percentage} of the rest") if is_of_the_rest else _("{percentage} of the price")
    return words.format(percentage=share.coinsurance)


def _caps(share: CostShare) -> str:
    said = ""
    if share.max_per_visit is not None:
        said += _(", at most {amount} a visit").format(amount=usd(share.max_per_visit))
    if share.plan_pays_at_most is not None:
        said += _("; the plan pays at most {amount} a visit").format(amount=usd(share.plan_pays_at_most))
    return said
