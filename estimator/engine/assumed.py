"""Figures that stand in for amounts nobody gave: low, usual and high, each with what it is worth.

A plan may leave a copay, a percentage, a deductible or a maximum open, or be a template whose figures are nobody's.
Each becomes an assumed figure: the low run of a course takes its low end, the typical run the usual figure of the
market, the high run its high end. What the person or the payer told is never replaced. An amount that a document gives
as a range is no guess but a fork: one of its ends holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from estimator.engine.ledger import NO_END
from estimator.engine.plan import Benefit, Ceiling, CostShare, Network, Plan, Tier
from estimator.engine.request import TOLD
from estimator.engine.usual import NOTHING, LegalMaximum, UsualAmount, UsualRate, UsualRules
from estimator.engine.values import UNKNOWN, WHOLE, ZERO, Citation, Money, Rate, Unknown

LOW, USUAL, HIGH = range(3)

TEMPLATE = "template"
COPAY, COINSURANCE, DEDUCTIBLE, MAXIMUM = "copay", "coinsurance", "deductible", "out-of-pocket-max"

Figure = Money | Rate
Placing = Callable[[Plan, Figure], Plan]


@dataclass(frozen=True)
class AssumedFigure:
    """One amount that stands in for what nobody gave; `figures` are low, usual and high, for the patient.

    `what` is copay, coinsurance, deductible or out-of-pocket-max, `subject` the benefit or the network it belongs to,
    `asks_about` what the question is about that would replace it.
    """

    what: str
    subject: str
    figures: tuple[Figure, Figure, Figure]
    citation: Citation | None
    put: Placing
    asks_about: str

    def at(self, plan: Plan, level: int) -> Plan:
        """Return the plan with this figure at a level."""
        return self.put(plan, self.figures[level])

    def of_later(self, place: int) -> AssumedFigure:
        """Return the figure as one of the revision that follows the plan at this place."""

        def put(plan: Plan, figure: Figure) -> Plan:
            later = list(plan.later)
            later[place] = self.put(later[place], figure)
            return replace(plan, later=tuple(later))

        return replace(self, put=put)

    def together_with(self, other: AssumedFigure) -> AssumedFigure:
        """Return one figure that stands in for the same amount in two years."""
        return replace(self, put=lambda plan, figure: other.put(self.put(plan, figure), figure))

    @property
    def says(self) -> tuple[object, ...]:
        """Return what two figures have in common that one assumption tells."""
        return self.what, self.subject, self.figures


def plan_at(plan: Plan, figures: tuple[AssumedFigure, ...], level: int) -> Plan:
    """Return the plan with every assumed figure at a level; the plan itself where there is none."""
    for figure in figures:
        plan = figure.at(plan, level)
    return plan


def assumed_figures(
    plan: Plan, rules: UsualRules, networks: frozenset[str], codes: frozenset[str], year: int
) -> tuple[AssumedFigure, ...]:
    """Return the figures that a course under this plan rests on without anybody having given them.

    `networks` and `codes` are those of the course, `year` the one in which its benefit year begins.
    """
    found: list[AssumedFigure] = []
    for name in sorted(networks & plan.networks.keys()):
        found += _of_network(plan, plan.networks[name], rules, year)
    used = {policy.under for policy in plan.policies if policy.services & codes}
    for benefit in plan.benefits:
        if benefit.services & codes or benefit.name in used or not any(each.services & codes for each in plan.benefits):
            for name in sorted(networks & benefit.cost_share.keys()):
                found += _of_share(plan, benefit, name, rules)
    return tuple(found)


# ----------------------------------------------------------------------------
# Deductibles and maximums of a network.
# ----------------------------------------------------------------------------


def _of_network(plan: Plan, network: Network, rules: UsualRules, year: int) -> Iterator[AssumedFigure]:
    limit = rules.maximum_of(year)
    bounds = ((DEDUCTIBLE, network.deductible), (MAXIMUM, network.out_of_pocket_max))
    for what, ceiling in bounds:
        if ceiling is None or (what == MAXIMUM and limit is None):
            continue
        usual = _usual_deductible(rules, limit) if what == DEDUCTIBLE else _usual_maximum(limit)
        if isinstance(ceiling, Unknown):
            made = Ceiling(f"{network.name} {what}", ZERO, citation=usual.citation)
            yield _ceiling_figure(plan, network.name, what, made, usual)
        elif isinstance(ceiling.person, Unknown):
            yield _ceiling_figure(plan, network.name, what, ceiling, usual)
        elif (
            what == DEDUCTIBLE
            and rules.deductible is not None
            and isinstance(ceiling.person, Money)
            and _is_template(plan, ceiling.citation)
        ):
            yield _ceiling_figure(plan, network.name, what, ceiling, _around(ceiling.person, rules.deductible))


def _usual_deductible(rules: UsualRules, limit: LegalMaximum | None) -> UsualAmount:
    low, usual, high, cited, _ = rules.deductible or NOTHING
    return UsualAmount(low, usual, high if high is not None else (limit.person if limit else NO_END), cited)


def _usual_maximum(limit: LegalMaximum | None) -> UsualAmount:
    """Return the law's maximum at every level: nobody pays more, and no usual figure below it was found."""
    most = limit.person if limit else NO_END
    return UsualAmount(most, most, most, limit.citation if limit else None)


def _ceiling_figure(plan: Plan, network: str, what: str, ceiling: Ceiling, usual: UsualAmount) -> AssumedFigure:
    def put(plan: Plan, amount: Figure) -> Plan:
        own = plan.networks[network]
        known = own.deductible if what == DEDUCTIBLE else own.out_of_pocket_max
        placed = replace(known if isinstance(known, Ceiling) else ceiling, person=Money(int(_cents(amount))))
        changed = replace(own, deductible=placed) if what == DEDUCTIBLE else replace(own, out_of_pocket_max=placed)
        return replace(plan, networks={**plan.networks, network: changed})

    high = NO_END if usual.high is None else usual.high
    figures = usual.low, usual.usual, high
    return AssumedFigure(what, network, figures, usual.citation or ceiling.citation, put, "")


# ----------------------------------------------------------------------------
# Copays and percentages of a benefit in a network.
# ----------------------------------------------------------------------------


def _of_share(plan: Plan, benefit: Benefit, network: str, rules: UsualRules) -> Iterator[AssumedFigure]:
    share = benefit.cost_share[network]
    if share is Tier.NOT_COVERED:
        return
    copay = rules.copay or NOTHING
    if isinstance(share, Tier):
        yield _share_figure(benefit, network, COPAY, _open_ended(copay), benefit.citation)
        return
    if isinstance(share.copay, Unknown):
        yield _share_figure(benefit, network, COPAY, _open_ended(copay), share.citation)
    elif isinstance(share.copay, Money) and _is_template(plan, share.citation):
        yield _share_figure(benefit, network, COPAY, _around(share.copay, copay), copay.citation)
    if isinstance(share.coinsurance, Unknown):
        rate = rules.coinsurance or UsualRate(Rate(0), Rate(0), WHOLE)
        yield _share_figure(benefit, network, COINSURANCE, UsualRate(Rate(0), rate.usual, WHOLE, rate.citation), None)
    elif isinstance(share.coinsurance, Rate) and _is_template(plan, share.citation) and rules.coinsurance is not None:
        low, _, high, cited = rules.coinsurance
        rates = UsualRate(min(low, share.coinsurance), share.coinsurance, max(high, share.coinsurance), cited)
        yield _share_figure(benefit, network, COINSURANCE, rates, share.citation)


def _share_figure(
    benefit: Benefit, network: str, what: str, usual: UsualAmount | UsualRate, citation: Citation | None
) -> AssumedFigure:
    def put(plan: Plan, figure: Figure) -> Plan:
        return replace(plan, benefits=tuple(_with_figure(each, figure) for each in plan.benefits))

    def _with_figure(each: Benefit, figure: Figure) -> Benefit:
        if each.name != benefit.name:
            return each
        share = each.cost_share[network]
        if not isinstance(share, CostShare):
            share = CostShare(deductible=UNKNOWN, citation=each.citation)
        placed = replace(share, copay=figure) if isinstance(figure, Money) else replace(share, coinsurance=figure)
        return replace(each, cost_share={**each.cost_share, network: placed})

    high = NO_END if usual.high is None else usual.high
    figures = usual.low, usual.usual, high
    asks_about = benefit.name if isinstance(benefit.cost_share[network], Tier) else what
    return AssumedFigure(what, f"{benefit.name} {network}", figures, usual.citation or citation, put, asks_about)


def _open_ended(usual: UsualAmount) -> UsualAmount:
    """Return an amount of a plan that states nothing: from nothing owed to the whole price."""
    return UsualAmount(ZERO, usual.usual, usual.high if usual.by_law else None, usual.citation)


def _around(stated: Money, usual: UsualAmount) -> UsualAmount:
    """Return a template's figure with the range of its market around it."""
    high = None if usual.high is None else Money(max(usual.high, stated))
    return UsualAmount(Money(min(usual.low, stated)), stated, high, usual.citation)


def _is_template(plan: Plan, citation: Citation | None) -> bool:
    """Tell whether a figure is a template's own: what was told stands in it with a source of that confidence."""
    return plan.kind == TEMPLATE and (citation is None or citation.source.confidence != TOLD)


def _cents(figure: Figure) -> int:
    assert isinstance(figure, Money)
    return int(figure)
