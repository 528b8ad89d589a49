"""Better cover never costs more, as far as that holds by nature.

It does not hold for every plan, and these exceptions are the plans' own, not ours:

- Where the deductible or a copay stays outside the out-of-pocket maximum, a lower copay can mean that
  more goes to the part that no maximum stops. The same holds beyond the most that a plan pays a visit:
  there a dollar less of coinsurance is a dollar more that fills no deductible.
- Where a visit that the deductible took whole is not counted, a lower deductible uses the limit up sooner.
- Where the clinic bears what lies past a limit, more visits inside it are more copays. A visit inside a
  larger limit also fills the other limits above it, moves an authorization's count on, and reaches later
  steps of a share that changes by visit.
- Where a share may not exceed another one that fills the deductible, the cheaper line of today can leave
  a deductible open that the dearer one would have met.

`tame` takes exactly these out of a plan. One thing remains: a payment that is cut by a percent is rounded line
by line, so that a dollar that the maximum takes from one line and not from another can come out a cent dearer.
`costs_no_more` allows a cent for each such line, and nothing where there is none.
"""

from dataclasses import replace

import pytest

from estimator.engine.findings import PaymentReduced
from estimator.engine.plan import Authorization, Ceiling, Past
from estimator.engine.values import Money, Rate
from tests.build import lines_of
from tests.engine.properties.test_any_plan import run
from tests.engine.strategies import plans, requests
from tests.properties import holds_for


def tame(plan):
    """Return the plan without what makes better cover dearer by nature."""
    networks = {name: _changed_ceilings(tier, _whole) for name, tier in plan.networks.items()}
    limits = {name: replace(each, counts_deductible_visits=True) for name, each in plan.limits.items()}
    return _changed_shares(replace(plan, networks=networks, limits=limits), _plain)


def _whole(ceiling):
    return replace(ceiling, includes_deductible=True)


def _plain(share):
    return replace(share, by_visit=(), counter="", not_above=None, plan_pays_at_most=None, credits_out_of_pocket=True)


def _changed_ceilings(tier, change, kinds=("deductible", "out_of_pocket_max")):
    """Return a tier whose ceilings are changed."""
    ceilings = {kind: getattr(tier, kind) for kind in kinds}
    return replace(tier, **{kind: change(each) for kind, each in ceilings.items() if isinstance(each, Ceiling)})


def _changed_shares(plan, change):
    """Return a plan whose cost shares are changed, and whose penalties fill no maximum."""
    benefits = []
    for benefit in plan.benefits:
        shares = {name: change(each) if hasattr(each, "copay") else each for name, each in benefit.cost_share.items()}
        without = benefit.without_authorization and change(benefit.without_authorization)
        rules = {kind: _uncredited(getattr(benefit, kind)) for kind in ("authorization", "referral")}
        benefits.append(replace(benefit, cost_share=shares, without_authorization=without, **rules))
    return replace(plan, benefits=tuple(benefits))


def _uncredited(rule):
    if not isinstance(rule, Authorization):
        return rule
    kinds = ("if_missing", "if_missing_out_of_network")
    return replace(rule, **{kind: replace(getattr(rule, kind), credits=False) for kind in kinds})


def halved(ceiling):
    """Return a ceiling of half the amounts."""
    amounts = {name: getattr(ceiling, name) for name in ("person", "family", "family_member")}
    return replace(ceiling, **{name: each and Money(each // 2) for name, each in amounts.items()})


def _half_copay(plan):
    return _changed_shares(plan, lambda share: replace(share, copay=share.copay and Money(share.copay // 2)))


def _half_coinsurance(plan):
    def change(share):
        rate = share.coinsurance
        return replace(share, coinsurance=rate and Rate(rate.per_million // 2))

    return _changed_shares(plan, change)


def _half_deductible(plan):
    networks = {name: _changed_ceilings(tier, halved, ("deductible",)) for name, tier in plan.networks.items()}
    benefits = [replace(each, deductible=each.deductible and halved(each.deductible)) for each in plan.benefits]
    return replace(plan, networks=networks, benefits=tuple(benefits))


def _half_maximum(plan):
    networks = {name: _changed_ceilings(tier, halved, ("out_of_pocket_max",)) for name, tier in plan.networks.items()}
    return replace(plan, networks=networks)


def costs_no_more(better, other):
    """Whether a typical run owes no more than another, but for the cents to which cut payments are rounded."""
    lines = lines_of(better.typical)
    cut = sum(any(isinstance(step.finding, PaymentReduced) for step in line.steps) for line in lines)
    return better.typical.owes <= other.typical.owes + cut


BETTER = [_half_copay, _half_coinsurance, _half_deductible, _half_maximum]


@pytest.mark.parametrize("better", BETTER)
@holds_for(30, 300, is_drawn_at_length=True, asked=requests(), plan=plans(unknown=False))
def test_a_lower_share_never_costs_more(better, asked, plan):
    """Half the copay, the coinsurance, the deductible or the maximum."""
    stated = tame(plan)

    assert costs_no_more(run(asked, better(stated)), run(asked, stated))


@pytest.mark.parametrize("what", ["deductible_paid", "out_of_pocket_paid"])
@holds_for(30, 300, is_drawn_at_length=True, asked=requests(), plan=plans(unknown=False))
def test_a_higher_opening_balance_never_costs_more(what, asked, plan):
    """What was paid before, by the person and in the family, is not paid again; whose the cover is has been said."""
    stated = tame(plan)
    asked = replace(asked, person=replace(asked.person, family=asked.is_family))
    names = (what, f"family_{what}")
    more = replace(asked.used, **{name: Money(getattr(asked.used, name) + 50_00) for name in names})

    assert costs_no_more(run(replace(asked, used=more), stated), run(asked, stated))


@holds_for(30, 300, is_drawn_at_length=True, asked=requests(), plan=plans(unknown=False))
def test_more_room_in_a_limit_never_costs_more(asked, plan):
    """One limit, past which the patient pays, and no rule that counts by it."""
    tight = replace(plan.limits["first"], past=Past.PATIENT_PAYS, extension=None, amount=2)
    wide = replace(tight, amount=4)
    only = replace(tame(plan), benefits=tuple(_under_one_limit(each) for each in tame(plan).benefits))
    narrow, roomy = (replace(only, limits={"first": each, "second": plan.limits["second"]}) for each in (tight, wide))

    assert costs_no_more(run(asked, roomy), run(asked, narrow))


def _under_one_limit(benefit):
    return replace(benefit, limits=("first",), authorization=None, referral=None)
