"""What stands in for what nobody said: usual amounts of a market, and who usually bears an unpaid service.

Two kinds of not knowing meet here. An amount that is missing is *assumed*, at a low, a usual and a high figure. A
question of yes or no is a *fork*: it has outcomes, and one of them is the usual one. Figures and outcomes are data
(`plans/_usual.yaml`), each with the document it was read in.

A plan may leave a copay, a percentage, a deductible or a maximum open, or be a template whose figures are nobody's.
Each becomes an assumed figure: the low run of a course takes its low end, the typical run the usual figure of the
market, the high run its high end. What the person or the payer told is never replaced. An amount that a document gives
as a range is no guess but a fork: one of its ends holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from estimator.engine.accumulators import NO_END
from estimator.engine.plan import Benefit, Ceiling, CostShare, Liable, Network, Plan, Position, Tier
from estimator.engine.request import TOLD
from estimator.engine.values import UNKNOWN, WHOLE, ZERO, Citation, Money, Rate, Unknown


class Bearer(StrEnum):
    """Who bears a service that the plan does not pay."""

    CLINIC = "clinic"
    PATIENT = "patient"


class Borne(StrEnum):
    """Who a rule says bears an unpaid service; `OPEN` where sources disagree or none was found."""

    CLINIC = "clinic"
    PATIENT = "patient"
    OPEN = "open"


class UsualAmount(NamedTuple):
    """An amount at its low, its usual and its high figure (cents); `high` None has no end but the plan's maximum.

    `by_law`: no plan of the market asks more than `high`, not even one that states nothing.
    """

    low: Money
    usual: Money
    high: Money | None
    citation: Citation | None = None
    by_law: bool = False


class UsualRate(NamedTuple):
    """A percentage at its low, its usual and its high figure."""

    low: Rate
    usual: Rate
    high: Rate
    citation: Citation | None = None


class Rung(NamedTuple):
    """Who bears a service with this position, without the market's paper and with it, at a contracted clinic.

    `binds_in` are the states in which the paper makes the patient pay, whatever holds elsewhere.
    """

    unsigned: Borne
    signed: Borne
    citation: Citation | None = None
    binds_in: frozenset[str] = frozenset()


class LegalMaximum(NamedTuple):
    """The most that a plan of this market may ask in a benefit year that begins in `year` (cents)."""

    year: int
    person: Money
    family: Money
    citation: Citation | None = None


class HighDeductible(NamedTuple):
    """What a plan with a health savings account must keep to in a benefit year that begins in `year` (cents)."""

    year: int
    deductible: Money
    family_deductible: Money
    maximum: Money
    family_maximum: Money
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class UsualRules:
    """The usual rules of one market.

    `ladder` has a rung for each position that is not paid. `signs` tells whether a clinic usually has the market's
    paper signed where nobody said. `unread` is the position that usually holds for needling whose policy nobody
    has read; None where there is no evidence.
    """

    market: str
    copay: UsualAmount | None = None
    coinsurance: UsualRate | None = None
    deductible: UsualAmount | None = None
    maximums: tuple[LegalMaximum, ...] = ()
    high_deductible: tuple[HighDeductible, ...] = ()
    ladder: Mapping[Position, Rung] = field(default_factory=dict)
    signs: bool = False
    unread: Position | None = None
    unread_citation: Citation | None = None

    def maximum_of(self, year: int) -> LegalMaximum | None:
        """Return the legal maximum of a year; that of the last year known before it where it is not yet known."""
        known = [each for each in self.maximums if each.year <= year]
        return max(known, default=None, key=lambda each: each.year)


NO_RULES = UsualRules("")

_MARKETPLACE = "marketplace"
# No insurer sells such a plan without saying so in its name.
_HAS_ACCOUNT = re.compile(r"\bHSA\b|\bHDHP\b|high[- ]deductible", re.IGNORECASE)


def as_lawful_in(plan: Plan, rules: UsualRules, year: int) -> Plan:
    """Return a plan that goes on into a year with only those figures changed that its law no longer lets stand."""
    most = next((each for each in rules.maximums if each.year == year), None)
    networks = {}
    for name, network in plan.networks.items():
        account = _account_of(plan, network, rules, year)
        deductible, maximum = network.deductible, network.out_of_pocket_max
        if network.contracted and isinstance(deductible, Ceiling) and account:
            deductible = _kept_to(deductible, _raised, account.deductible, account.family_deductible, account.citation)
        if network.contracted and isinstance(maximum, Ceiling) and most:
            maximum = _kept_to(maximum, min, most.person, most.family, most.citation)
        if network.contracted and isinstance(maximum, Ceiling) and account:
            maximum = _kept_to(maximum, min, account.maximum, account.family_maximum, account.citation)
        networks[name] = replace(network, deductible=deductible, out_of_pocket_max=maximum)
    return plan if networks == plan.networks else replace(plan, networks=networks)


def _account_of(plan: Plan, network: Network, rules: UsualRules, year: int) -> HighDeductible | None:
    """Return what the law of a year asks of a plan with a health savings account; None for any other plan.

    The Marketplace's files say which those are: its bronze plans may have an account whatever their amounts (IRS Notice
    2026-05). Of any other plan that doesn't say it, the title does.
    """
    says_nothing = network.high_deductible is None
    if says_nothing and (plan.market == _MARKETPLACE or not _HAS_ACCOUNT.search(plan.title)):
        return None
    return next((each for each in rules.high_deductible if each.year == year), None)


def _raised(own: Money, least: Money) -> Money:
    """Raise a deductible; one of nothing is none, and stays so."""
    return max(own, least) if own else own


def _kept_to(
    ceiling: Ceiling, bounded: Callable[[Money, Money], Money], person: Money, family: Money, cited: Citation | None
) -> Ceiling:
    """Return a ceiling whose known amounts are bounded; by the law, where that changes one."""
    own, shared = ceiling.person, ceiling.family
    kept = replace(
        ceiling,
        person=bounded(own, person) if isinstance(own, Money) else own,
        family=bounded(shared, family) if isinstance(shared, Money) else shared,
    )
    return ceiling if kept == ceiling else replace(kept, citation=cited)


_EITHER = Rung(Borne.OPEN, Borne.PATIENT)


class Bearers(NamedTuple):
    """Who may bear a line, the cheapest for the patient first; one alone where it is settled, and the usual one.

    `rests_on_paper`: nobody said whether the market's paper is signed, and it would change who bears the line;
    `is_open_without`: where it isn't signed, either of them may.
    """

    outcomes: tuple[Bearer, ...]
    usual: Bearer
    citation: Citation | None = None
    rests_on_paper: bool = False
    is_open_without: bool = False

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to ask."""
        return len(self.outcomes) == 1


def bearers(
    rules: UsualRules,
    position: Position,
    liable: Liable | None,
    is_contracted: bool,
    signed: bool | None,
    state: str | None = None,
) -> Bearers:
    """Return who bears a line that is not paid for this reason.

    What the payer's rule says (`liable`) goes before the market's ladder. `signed` is this market's own paper, agreed
    to before the visit; None where nobody said. `state` is that of the clinic. Outside a contract the patient owes.
    """
    if liable is Liable.PROVIDER:
        return _settled(Bearer.CLINIC)
    if not is_contracted or liable is Liable.PATIENT:
        return _settled(Bearer.PATIENT)
    rung = _rung(rules, position, liable)
    without = _either_of(rung.unsigned)
    with_paper = (Bearer.PATIENT,) if state in rung.binds_in else _either_of(rung.signed)
    if signed is not None:
        found = with_paper if signed else without
        return Bearers(found, found[0], rung.citation)
    outcomes = without if without == with_paper else _BOTH
    usual = with_paper[0] if rules.signs else without[0]
    return Bearers(outcomes, usual, rung.citation, without != with_paper, len(without) > 1)


def _rung(rules: UsualRules, position: Position, liable: Liable | None) -> Rung:
    rung = rules.ladder.get(position, _EITHER)
    if liable is Liable.PATIENT_WITH_CONSENT:
        return Rung(Borne.CLINIC, Borne.PATIENT, rung.citation)
    return rung._replace(unsigned=Borne.OPEN) if liable is Liable.UNKNOWN else rung


_BOTH = (Bearer.CLINIC, Bearer.PATIENT)


def _either_of(who: Borne) -> tuple[Bearer, ...]:
    match who:
        case Borne.OPEN:
            return _BOTH
        case Borne.CLINIC:
            return (Bearer.CLINIC,)
        case Borne.PATIENT:
            return (Bearer.PATIENT,)


def _settled(bearer: Bearer) -> Bearers:
    return Bearers((bearer,), bearer)


class Leaf(StrEnum):
    """How a service whose policy nobody has read may turn out, in the order in which readings are declared."""

    BUNDLED = "bundled"
    CLINIC = "not-paid-clinic-bears"
    COVERED = "covered"
    PATIENT = "not-paid-patient-pays"


_LEAF_OF = {Bearer.CLINIC: Leaf.CLINIC, Bearer.PATIENT: Leaf.PATIENT}
NOT_PAID = (Position.INVESTIGATIONAL, Position.NOT_MEDICALLY_NECESSARY, Position.EXCLUDED)


class Unread(NamedTuple):
    """The leaves of a service that nobody has read, and the usual one; None where there is no evidence."""

    outcomes: tuple[Leaf, ...]
    usual: Leaf | None
    citation: Citation | None


def unread(rules: UsualRules, is_contracted: bool, signed: bool | None, state: str | None = None) -> Unread:
    """Return what may come of a service whose position nobody has read: covered, bundled, or unpaid by either side.

    Only a contract holds a clinic to a service's being bundled.
    """
    reached = {Leaf.COVERED, Leaf.BUNDLED} if is_contracted else {Leaf.COVERED}
    for position in NOT_PAID:
        found = bearers(rules, position, None, is_contracted, signed, state)
        reached |= {_LEAF_OF[each] for each in found.outcomes}
    usual = None
    if rules.unread in NOT_PAID:
        usual = _LEAF_OF[bearers(rules, rules.unread, None, is_contracted, signed, state).usual]
    elif rules.unread is Position.BUNDLED:
        usual = Leaf.BUNDLED
    elif rules.unread is not None and rules.unread is not Position.UNKNOWN:
        usual = Leaf.COVERED
    return Unread(tuple(leaf for leaf in Leaf if leaf in reached), usual, rules.unread_citation)


NOTHING = UsualAmount(ZERO, ZERO, None)
"""An amount of a published plan that nobody has read, in a market without a usual figure."""


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
    limit, account = rules.maximum_of(year), _account_of(plan, network, rules, year)
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
            and is_of_template(plan, ceiling.citation)
        ):
            usual = _around(ceiling.person, rules.deductible)
            if account is not None:
                usual = usual._replace(low=max(usual.low, min(account.deductible, ceiling.person)))
            yield _ceiling_figure(plan, network.name, what, ceiling, usual)


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
    elif isinstance(share.copay, Money) and is_of_template(plan, share.citation):
        yield _share_figure(benefit, network, COPAY, _around(share.copay, copay), copay.citation)
    if isinstance(share.coinsurance, Unknown):
        rate = rules.coinsurance or UsualRate(Rate(0), Rate(0), WHOLE)
        yield _share_figure(benefit, network, COINSURANCE, UsualRate(Rate(0), rate.usual, WHOLE, rate.citation), None)
    elif isinstance(share.coinsurance, Rate) and is_of_template(plan, share.citation) and rules.coinsurance is not None:
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


def is_of_template(plan: Plan, citation: Citation | None) -> bool:
    """Tell whether a figure is a template's own: what was told stands in it with a source of that confidence."""
    return plan.kind == TEMPLATE and (citation is None or citation.source.confidence != TOLD)


def _cents(figure: Figure) -> int:
    assert isinstance(figure, Money)
    return int(figure)
