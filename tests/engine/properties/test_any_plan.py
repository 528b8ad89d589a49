"""What holds for every plan, every course and every balance, those past their limits included."""

from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import assume

from estimator.engine.answer import Status
from estimator.engine.estimate import Course, estimate
from estimator.engine.findings import (
    CoinsuranceCharged,
    CopayCharged,
    DeductibleTaken,
    MaximumReached,
    ShareCapped,
    UnknownShare,
)
from estimator.engine.prices import PriceSheet
from estimator.engine.request import Grant, Secondary
from estimator.engine.values import Money
from tests.build import TABLES, kinds, lines_of
from tests.engine.strategies import plans, repeating_courses, requests, steady_plans
from tests.properties import holds_for

SHEET = PriceSheet()
SHARES = (DeductibleTaken, CopayCharged, CoinsuranceCharged, UnknownShare, MaximumReached, ShareCapped)


def run(request, plan):
    """Run the engine on what the strategies chose."""
    return estimate(request, plan, SHEET, TABLES, {})


def three(answer):
    """Return the three runs of an estimate."""
    return answer.low, answer.typical, answer.high


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_steps_sum_to_lines_lines_to_visits_and_visits_to_the_total(request, plan):
    """There is no second place where a total could be kept."""
    for each in three(run(request, plan)):
        by_step = [[sum(step.owes for step in line.steps) for line in visit.lines] for visit in each.visits]

        assert [sum(lines) for lines in by_step] == [visit.owes for visit in each.visits]
        assert sum(map(sum, by_step)) == each.owes


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_nobody_owes_less_than_nothing_or_more_than_the_price(request, plan):
    """The price is the allowed amount or, where the clinic may bill the rest, its charge."""
    for each in three(run(request, plan)):
        for line in lines_of(each):
            assert 0 <= line.owes <= max(line.allowed, line.charge)
            assert line.plan_pays >= 0
            assert line.provider_absorbs >= 0


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_in_network_a_paid_line_is_shared_out_to_the_cent(request, plan):
    """Patient, plan and clinic bear the allowed amount of a covered line between them."""
    paid = (Status.PAYABLE, Status.NEEDS_AUTHORIZATION)
    for each in three(run(request, plan)):
        inside = [visit for visit in each.visits if plan.networks[visit.network].contracted]
        for line in [line for visit in inside for line in visit.lines if line.status in paid]:
            assert line.allowed == line.owes + line.plan_pays + line.provider_absorbs


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_low_is_at_most_typical_and_typical_at_most_high(request, plan):
    """A range is never turned round."""
    answer = run(request, plan)

    assert answer.low.owes <= answer.typical.owes <= answer.high.owes


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans(unknown=False))
def test_where_nothing_is_unknown_and_prices_are_given_there_is_no_range(request, plan):
    """Only what is not known widens the range: questions go with it, or the order in which a plan takes services."""
    known = replace(request, diagnoses=("M54.50",), authorization=Grant(False), referral=Grant(False))
    answer = run(known, plan)

    is_ordered = "line-order" in kinds(answer.assumptions)
    assert answer.low.owes == answer.high.owes or answer.questions or is_ordered


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_what_is_settled_comes_before_what_is_open_and_the_dearest_last(request, plan):
    """Low ≤ settled ≤ typical ≤ high, and no open point is a relief."""
    answer = run(request, plan)
    low, middle, high = (each.owes for each in answer.settled)

    assert answer.low.owes == low <= middle <= high <= answer.high.owes
    assert middle <= answer.typical.owes <= answer.high.owes
    assert all(0 <= point.adds.usual <= point.adds.most for point in answer.open_points)


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_the_same_arguments_give_the_same_answer(request, plan):
    """An estimate can be reproduced."""
    assert run(request, plan) == run(request, plan)


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_what_is_not_run_again_would_have_come_out_the_same(request, plan):
    """A run that another one answers for, or that cannot change anything, gives the same answer when it is made."""
    answer = run(request, plan)
    with mock.patch.multiple(
        "estimator.engine.estimate",
        run_beside=lambda *_: None,
        owes_by_copays=lambda *_: None,
        _hangs_on_nothing=lambda *_: False,
        _is_idle=lambda *_: False,
    ):
        all_run = run(request, plan)

    assert answer.work <= all_run.work
    assert replace(answer, work=0) == replace(all_run, work=0)


@holds_for(60, 600, is_drawn_at_length=True, request=requests(repeating_courses()), plan=steady_plans())
def test_a_visit_that_comes_out_as_the_one_before_would_have_if_it_were_settled(request, plan):
    """Every amount, reason, balance, question and turning point is the one that settling each visit gives."""
    with mock.patch("estimator.engine.course.repeat", return_value=None):
        all_settled = run(request, plan)

    assert run(request, plan) == all_settled


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans(unknown=False))
def test_once_the_maximum_is_met_what_counts_toward_it_costs_nothing(request, plan):
    """45 CFR 156.130: the plan pays all of what it counts. Limits, penalties and balance bills lie outside."""
    spent = Money(10**9)
    full = replace(request.used, out_of_pocket_paid=spent, family_out_of_pocket_paid=spent)
    visits = tuple(replace(visit, day=request.visits[0].day, network=None) for visit in request.visits)
    asked = replace(request, used=full, visits=visits, as_of=visits[0].day)
    tier = plan.networks[request.provider.network]
    if tier.out_of_pocket_max is None or not tier.out_of_pocket_max.includes_deductible:
        return
    for line in lines_of(run(asked, _counting(plan)).typical):
        assert sum(step.owes for step in line.steps if isinstance(step.finding, SHARES)) == 0


def _counting(plan):
    """Return the plan with every share counted toward the maximum."""
    return replace(plan, benefits=tuple(_all_counted(benefit) for benefit in plan.benefits))


def _all_counted(benefit):
    shares = {name: _counted(share) for name, share in benefit.cost_share.items()}
    without = benefit.without_authorization
    return replace(benefit, cost_share=shares, without_authorization=without and _counted(without))


def _counted(share):
    if not hasattr(share, "credits_out_of_pocket"):
        return share
    steps = tuple((last, replace(step, credits_out_of_pocket=True)) for last, step in share.by_visit)
    other = share.not_above and replace(share.not_above, credits_out_of_pocket=True)
    return replace(share, credits_out_of_pocket=True, by_visit=steps, not_above=other)


@holds_for(30, 300, is_drawn_at_length=True, request=requests(), plan=plans())
def test_a_condition_is_the_difference_of_two_whole_estimates(request, plan):
    """The price of a condition is what a second request, with the condition unmet, would have said."""
    unmet = {
        "authorization": {"authorization": Grant(on_file=False)},
        "referral": {"referral": Grant(on_file=False)},
        "improvement": {"person": replace(request.person, improving=False)},
        "justification": {"person": replace(request.person, justified=False)},
    }
    answer = run(request, plan)
    for condition in answer.conditions:
        if condition.needs not in unmet or not _is_all_or_nothing(condition.needs, request, plan):
            continue
        other = run(replace(request, **unmet[condition.needs]), plan)
        if not condition.is_known or answer.open_points or other.open_points:
            continue  # Each estimate reads its own open points.

        assert condition.difference == other.typical.owes - answer.typical.owes
        assert condition.clinic_difference == other.typical.provider_absorbs - answer.typical.provider_absorbs


def _is_all_or_nothing(needs, request, plan):
    """Tell whether refusing is the same as having nothing: no grant stays on file, no visit is waived from review."""
    if needs not in ("authorization", "referral"):
        return True
    rules = [getattr(benefit, needs) for benefit in plan.benefits]
    waived = any(getattr(rule, "waiver_visits", 0) for rule in rules)
    return not waived and getattr(request, needs).on_file is None


def read_alike(request, plan):
    """Run the course once at typical prices, every open point read as its first outcome."""
    return Course(request, plan, SHEET, TABLES).run(1, {})[0]


@pytest.mark.parametrize("method", ["standard", "non-duplication", "maintenance-of-benefits"])
@holds_for(30, 300, is_drawn_at_length=True, asked=requests(), first=plans(), second=plans())
def test_a_second_plan_never_raises_what_is_owed_nor_pays_more_than_is_left(method, asked, first, second):
    """It takes over of what the patient still owes, by each method, line by line where open points are read alike."""
    asked = replace(asked, diagnoses=asked.diagnoses or ("M54.50",))
    alone = read_alike(asked, first)
    both = read_alike(replace(asked, secondary=Secondary(second, method)), first)
    for without, together in zip(lines_of(alone), lines_of(both), strict=True):
        taken = together.plan_pays - without.plan_pays

        assert 0 <= taken <= without.owes
        assert without.owes - taken == together.owes


@holds_for(30, 300, is_drawn_at_length=True, asked=requests(), first=plans(unknown=False), second=plans(unknown=False))
def test_a_second_plan_pays_most_by_the_standard_method(asked, first, second):
    """Non-duplication takes off what the first plan paid; nothing pays more than alone."""
    asked = replace(asked, diagnoses=asked.diagnoses or ("M54.50",))
    answers = {
        method: run(replace(asked, secondary=Secondary(second, method)), first)
        for method in ("standard", "non-duplication")
    }
    assume(not any(answer.open_points for answer in answers.values()))
    paid = {method: [line.plan_pays for line in lines_of(answer.typical)] for method, answer in answers.items()}

    assert all(one >= other for one, other in zip(paid["standard"], paid["non-duplication"], strict=True))
