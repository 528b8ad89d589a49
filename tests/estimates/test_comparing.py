"""A comparison is the same request run again: every number of it is an estimate that anybody can ask for."""

from datetime import date
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.engine.answer import Estimate
from estimator.engine.values import Money
from estimator.errors import PlanNotInForce, RequestRefused, UnknownPlan
from estimator.estimates.compare import (
    Change,
    Comparison,
    Kind,
    Note,
    break_even,
    change_named,
    compare,
    is_about_the_same,
    is_never_dearer,
    ranges_overlap,
)
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked

TODAY = date(2026, 11, 23)
EXERCISE = {"code": "97110", "minutes": 30}
NEEDLING = {"code": "20561"}
COURSE = {"first_day": "2026-03-02", "visits": 6, "per_week": 2, "each_visit": [EXERCISE, NEEDLING]}
REQUEST = {"plan": "template-employer-ppo", "zip": "98101", "course": COURSE}
DEDUCTIBLE_FIRST = {
    "benefit_year": "calendar",
    "networks": {
        "in-network": {"deductible": {"person": "1500.00"}, "out_of_pocket_max": {"person": "5000.00"}},
        "out-of-network": {
            "deductible": {"person": "1500.00", "combined_with": "in-network"},
            "out_of_pocket_max": {"person": "9000.00"},
            "allowed": {"basis": "medicare", "percent": "140%"},
            "balance_bill": "yes",
        },
    },
    "benefits": {
        "physical-therapy": {
            "services": ["pt-evaluation", "pt-timed", "dry-needling"],
            "cost_share": {
                "in-network": {"coinsurance": "10%", "deductible": "applies"},
                "out-of-network": {"coinsurance": "40%", "deductible": "applies"},
            },
        }
    },
}


def test_another_plan_goes_on_into_the_year_after_its_last_one() -> None:
    """Its rules of 2027 are not known yet, as those of the plan that is asked about may not be."""
    later = {**COURSE, "first_day": "2027-01-11"}
    [side] = compared("fep-blue-basic-2026", course=later).others

    assert None is side.refused
    assert ["rules-not-known"] == [note.says for note in side.notes if note.says == "rules-not-known"]


def compared(*words: str, **changed: Any) -> Comparison:
    """Compare the request, with some keys changed, with these changes of it."""
    return compare({**REQUEST, **changed}, [change_named(word) for word in words], TODAY)


def by_hand(request: Any) -> Estimate:
    """Estimate a request as any other."""
    return estimate_asked(read_request(request, TODAY))[0]


def totals(estimate: Estimate | None) -> tuple[Money, ...]:
    """Return the three settled totals: a comparison pairs like with like."""
    assert estimate is not None
    low, typical, high = estimate.settled
    return low.owes, typical.owes, high.owes


@pytest.mark.parametrize(
    "word", ["out-of-network", "in-network", "self-pay", "without-needling", "original-medicare-2026"]
)
def test_every_side_is_the_estimate_of_its_own_request(word: str) -> None:
    """A reader can take a side's request and get the same three totals."""
    found = compared(word, used={"deductible_paid": "600.00"})

    for side in found.sides:
        assert totals(by_hand(side.request)) == totals(side.estimate)


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        ("in-network", {}),
        ("out-of-network", {"provider": {"network": "out-of-network"}, "used": {"deductible_paid": "600.00"}}),
        ("template-employer-ppo", {"used": {"deductible_paid": "600.00", "limits": {"therapy-visits": 3}}}),
        ("self-pay", {"plan": "self-pay"}),
        ("without-needling", {"course": {**COURSE, "each_visit": [EXERCISE]}}),
    ],
)
def test_a_request_compared_with_itself_is_the_same(word: str, changed: dict[str, Any]) -> None:
    """A change that changes nothing costs nothing."""
    found = compared(word, **changed)
    other = found.others[0]

    assert found.asked.owed == other.owed
    assert totals(found.asked.estimate) == totals(other.estimate)
    assert found.asked.estimate is not None
    assert other.estimate is not None
    assert ranges_overlap(found.asked.estimate, other.estimate)
    assert is_never_dearer(found.asked.estimate, other.estimate)
    assert is_about_the_same(found.asked.estimate.typical.owes, other.estimate.typical.owes)


def test_out_of_network_asks_the_same_course_of_the_other_tier() -> None:
    """The same keys, with the network changed, by hand."""
    found = compared("out-of-network")

    expected = by_hand({**REQUEST, "provider": {"network": "out-of-network"}})
    assert totals(expected) == totals(found.others[0].estimate)


def test_a_balance_that_two_networks_share_is_kept_and_another_is_not() -> None:
    """The deductible is one for both networks here; the maximum is not."""
    used = {"deductible_paid": "1500.00", "out_of_pocket_paid": "1500.00"}
    found = compared("out-of-network", plan=DEDUCTIBLE_FIRST, used=used)

    moved = found.others[0].request["used"]
    assert "1500.00" == moved["deductible_paid"]
    assert "out_of_pocket_paid" not in moved
    assert used == moved["networks"]["in-network"]


def test_balances_told_of_the_other_network_are_used() -> None:
    """What the person said of that tier goes before anything else."""
    used = {"deductible_paid": "100.00", "networks": {"out-of-network": {"deductible_paid": "2900.00"}}}
    found = compared("out-of-network", used=used)

    by_tier = {**REQUEST, "provider": {"network": "out-of-network"}, "used": {"deductible_paid": "2900.00"}}
    assert totals(by_hand(by_tier)) == totals(found.others[0].estimate)
    assert () == found.others[0].notes


def test_self_pay_leaves_the_plan_behind_and_says_what_it_does_not_fill() -> None:
    """Allowed amounts are the plan's: without insurance the clinic's own price holds."""
    priced = {**COURSE, "each_visit": [{**EXERCISE, "allowed": "58.00"}, NEEDLING]}
    found = compared("self-pay", course=priced, used={"deductible_paid": "600.00"})

    side = found.others[0]
    assert totals(by_hand({"plan": "self-pay", "zip": "98101", "course": COURSE})) == totals(side.estimate)
    assert ["amounts-left-out", "does-not-fill"] == [note.says for note in side.notes]
    assert "deductible,out-of-pocket-max" == side.notes[1].subject


@given(
    visits=st.integers(1, 16),
    allowed=st.integers(2_000, 30_000),
    billed=st.integers(2_000, 30_000),
    paid=st.integers(0, 1_500),
)
@settings(max_examples=40, deadline=None)
def test_the_break_even_visit_agrees_with_the_sums_to_date(visits: int, allowed: int, billed: int, paid: int) -> None:
    """From that visit on the plan is cheaper to date, and at the visit before it was not."""
    contract = [{"code": "97110", "amount": str(Money(allowed)), "basis": "per-line"}]
    own = [{"code": "97110", "amount": str(Money(billed)), "basis": "per-line"}]
    course = {**COURSE, "visits": visits, "each_visit": [EXERCISE]}
    found = compared(
        "self-pay", plan=DEDUCTIBLE_FIRST, course=course, contract=contract, self_pay_prices=own,
        used={"deductible_paid": f"{paid}.00"},
    )  # fmt: skip
    plan, self_pay = found.asked, found.others[0]

    first = break_even(plan, self_pay)
    is_cheaper = [mine < yours for mine, yours in zip(plan.to_date, self_pay.to_date, strict=True)]
    after = is_cheaper if first is None else is_cheaper[first - 1 :]
    assert list(accumulate(plan.owed)) == list(plan.to_date)
    assert all(after) if first is not None else not is_cheaper[-1]
    assert first in (None, 1) or not is_cheaper[first - 2]


def test_a_plan_with_a_deductible_becomes_cheaper_at_a_visit_that_can_be_counted() -> None:
    """200 a visit until 1,500 are paid, then a tenth, against 150 a visit."""
    contract = [{"code": "97110", "amount": "200.00", "basis": "per-line"}]
    own = [{"code": "97110", "amount": "150.00", "basis": "per-line"}]
    course = {**COURSE, "visits": 14, "each_visit": [EXERCISE]}
    found = compared("self-pay", plan=DEDUCTIBLE_FIRST, course=course, contract=contract, self_pay_prices=own, used={})

    # 7 × 200 + 110 = 1,510 at visit 8, then 20 each: 1,570 at visit 11 against 1,650; 1,550 at visit 10 against 1,500.
    assert 11 == break_even(found.asked, found.others[0])
    assert None is break_even(found.others[0], found.asked)


@pytest.mark.parametrize("plan", ["template-employer-ppo", "original-medicare-2026", "self-pay", "tricare-prime-2026"])
@pytest.mark.parametrize("network", ["in-network", "out-of-network"])
def test_without_needling_never_costs_more_where_needling_is_charged(plan: str, network: str) -> None:
    """Taking a line away takes its price away."""
    found = compared("without-needling", plan=plan, provider={"network": network})

    asked, without = (side.estimate for side in found.sides)
    assert asked is not None
    assert without is not None
    assert is_never_dearer(without, asked)


def test_a_service_that_needling_swallowed_is_charged_without_it_and_that_is_said() -> None:
    """Coding rules bundle acupuncture into needling; alone it has its own price."""
    course = {**COURSE, "each_visit": [{"code": "97810"}, NEEDLING]}
    side = compared("without-needling", plan="example-counting", course=course).others[0]

    assert [("no-longer-bundled", "97810")] == [(note.says, note.subject) for note in side.notes]


def test_a_visit_for_needling_alone_disappears_and_the_others_keep_their_days() -> None:
    """The chart then stands still at that visit."""
    course = {**COURSE, "visits": 3, "first_visit": [NEEDLING]}
    side = (found := compared("without-needling", course=course)).others[0]

    assert (1, 2) == side.places
    assert [date(2026, 3, 5), date(2026, 3, 9)] == [visit.day for visit in _visits(side.estimate)]
    assert (None, side.owed[0], side.owed[1]) == tuple(row.owes[1] for row in found.rows)
    assert (0, side.owed[0], side.owed[0] + side.owed[1]) == tuple(row.to_date[1] for row in found.rows)
    assert ["visits-dropped"] == [note.says for note in side.notes]


def test_dated_visits_lose_their_needling_too() -> None:
    """The same holds where visits are written one by one."""
    visits = [{"day": "2026-03-02", "services": [EXERCISE, NEEDLING]}, {"day": "2026-03-09", "services": [NEEDLING]}]
    side = compare({**REQUEST, "course": None, "visits": visits}, [Change(Kind.WITHOUT_NEEDLING)], TODAY).others[0]

    assert [{"day": "2026-03-02", "services": [EXERCISE]}] == side.request["visits"]


def test_a_course_of_nothing_but_needling_has_no_side_without_it() -> None:
    """An empty course is a problem of that side, not a price of nothing."""
    found = compared("without-needling", "self-pay", course={**COURSE, "each_visit": [NEEDLING]})

    assert isinstance(found.others[0].refused, RequestRefused)
    assert found.others[1].estimate is not None
    assert {None} == {row.to_date[1] for row in found.rows}


def test_after_the_reset_balances_lapse_and_the_rules_of_this_year_are_assumed() -> None:
    """The plan is not in force next year: this year's rules are taken, and both are said."""
    plan = {**DEDUCTIBLE_FIRST, "in_force": {"first_day": "2026-01-01", "last_day": "2026-12-31"}}
    found = compared("next-year", plan=plan, used={"deductible_paid": "1500.00"}, as_of="2026-03-01")
    side = found.others[0]

    assert date(2027, 1, 1) == _visits(side.estimate)[0].day
    assert ["year-starts-again", "rules-not-known"] == [note.says for note in side.notes]
    free_of_balances = by_hand({**REQUEST, "plan": DEDUCTIBLE_FIRST, "course": {**COURSE, "first_day": "2027-01-01"}})
    assert totals(free_of_balances) == totals(side.estimate)
    assert found.asked.to_date[-1] < side.to_date[-1]


def test_after_the_reset_a_plan_that_goes_on_is_asked_as_it_is() -> None:
    """Nothing is assumed where the rules of that day are known; dated visits keep their distances."""
    visits = [{"day": "2026-03-02", "services": [EXERCISE]}, {"day": "2026-03-12", "services": [EXERCISE]}]
    request = {**REQUEST, "plan": "self-pay", "course": None, "visits": visits}
    side = compare(request, [Change(Kind.NEXT_YEAR)], TODAY).others[0]

    assert [date(2027, 1, 1), date(2027, 1, 11)] == [visit.day for visit in _visits(side.estimate)]
    assert ["year-starts-again"] == [note.says for note in side.notes]


def test_another_plan_starts_with_nothing_paid_and_nothing_authorized() -> None:
    """What belongs to one plan means nothing to the next."""
    found = compared(
        "original-medicare-2026", provider={"network": "out-of-network"},
        used={"deductible_paid": "100.00"}, authorization={"on_file": True},
    )  # fmt: skip

    side = found.others[0]
    fresh = {**REQUEST, "plan": "original-medicare-2026", "provider": {"network": "out-of-network"}}
    assert totals(by_hand(fresh)) == totals(side.estimate)
    assert ["balances-left-out", "authorization-left-out"] == [note.says for note in side.notes]


def test_a_tier_that_the_other_plan_lacks_becomes_in_network() -> None:
    """It is said, since it may not be so."""
    side = compared("template-employer-ppo", plan="example-tiers", provider={"network": "enhanced"}).others[0]

    assert "in-network" == side.request["provider"]["network"]
    assert "network-changed" in [note.says for note in side.notes]


def test_sides_that_cannot_be_estimated_leave_the_others_alone() -> None:
    """Even the request itself may be such a side."""
    found = compared("no-such-plan", "self-pay", "next-year", plan="gone")

    assert isinstance(found.asked.refused, UnknownPlan)
    assert isinstance(found.others[0].refused, UnknownPlan)
    assert found.others[1].estimate is not None
    assert isinstance(found.others[2].refused, UnknownPlan)


def test_a_plan_of_another_year_carries_its_problem() -> None:
    """One that has ended is answered by the plan that follows it; one that is not in force yet is refused."""
    ended, coming = compared("original-medicare-2025", "original-medicare-2027").others

    assert ("original-medicare-2026", None) == (ended.plan.id, ended.refused)
    assert isinstance(coming.refused, PlanNotInForce)


def test_a_request_that_cannot_be_read_is_refused_whole() -> None:
    """There is no side to speak of."""
    with pytest.raises(RequestRefused):
        compared("self-pay", zip="9")


def _visits(estimate: Estimate | None) -> tuple[Any, ...]:
    assert estimate is not None
    return estimate.typical.visits


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        ("needling-at-4", {**COURSE, "needling_visits": 4}),
        ("needling-at-all", COURSE),
        ("few-muscles", {**COURSE, "each_visit": [EXERCISE, {"code": "20560"}]}),
        ("many-muscles", COURSE),
        ("stop-after-6", COURSE),
    ],
)
def test_other_care_is_the_course_with_that_care(word: str, changed: dict[str, Any]) -> None:
    """The same number as when it is asked for by itself."""
    [side] = compared(word).others

    assert totals(by_hand({**REQUEST, "course": changed})) == totals(side.estimate)


def test_a_course_that_stops_keeps_its_needling_and_its_first_visits() -> None:
    """Six of ten visits, with needling from the second on as before."""
    longer = {**COURSE, "visits": 10, "needling_visits": 8}
    [side] = compared("stop-after-6", course=longer).others

    assert {**longer, "visits": 6, "needling_visits": 5} == side.request["course"]
    asked = by_hand({**REQUEST, "course": longer}).typical.visits[:6]
    assert [[line.code for line in each.lines] for each in asked] == [
        [line.code for line in each.lines] for each in side.visits
    ]
    assert tuple(range(6)) == side.places


def test_a_hospital_is_another_place_with_prices_of_its_own() -> None:
    """What a clinic agreed with the plan does not hold there."""
    priced = {**COURSE, "each_visit": [{**EXERCISE, "allowed": "50.00"}]}
    [hospital] = compared("in-a-hospital", course=priced).others
    [office] = compared("in-an-office", course=priced).others

    assert "hospital-outpatient" == hospital.request["provider"]["setting"]
    assert [EXERCISE] == hospital.request["course"]["each_visit"]
    assert {**REQUEST, "course": priced} == office.request


def test_visits_listed_one_by_one_get_no_other_number_of_needlings() -> None:
    """Nobody can say which of them are meant."""
    visits = [{"day": "2026-03-02", "services": [EXERCISE, NEEDLING]}]
    listed = {"plan": "template-employer-ppo", "zip": "98101", "visits": visits}
    found = compare(listed, [change_named("needling-at-4"), change_named("few-muscles")], TODAY)

    assert [True, False] == [side.refused is not None for side in found.others]


MEDICARE = {"plan": "original-medicare-2026", "used": {"deductible_paid": "283.00"}}
THERAPY = {**COURSE, "each_visit": [EXERCISE]}


@pytest.mark.parametrize(
    ("changed", "may_choose"),
    [
        ({**MEDICARE, "course": THERAPY}, False),
        ({**MEDICARE, "course": {**COURSE, "each_visit": [NEEDLING]}}, True),  # Medicare covers none of it
        ({**MEDICARE, "course": THERAPY, "provider": {"type": "physician"}}, True),  # who can opt out
        ({"plan": "tricare-prime-2026", "course": THERAPY}, False),
        ({"course": THERAPY}, True),  # an employer's plan
        ({"plan": "template-medicaid", "zip": "33101", "course": THERAPY}, False),
        ({"plan": "template-medicaid", "zip": "98101", "course": THERAPY}, True),
    ],
)
def test_paying_without_the_plan_is_compared_only_where_the_law_lets_a_patient_choose_it(
    changed: dict[str, Any], may_choose: bool
) -> None:
    """A covered service of Medicare, TRICARE or Medicaid is not the patient's to pay; Washington lets people agree."""
    [side] = compared("self-pay", **changed).others

    assert may_choose == (side.refused is None)
    agreed = changed.get("zip") == "98101"
    assert agreed == ("by-agreement-only" in [note.says for note in side.notes])


def test_what_was_used_of_medicare_counts_whichever_plan_pays_after_it() -> None:
    """Part B's deductible is met: with a supplement, with another one and without one alike."""
    met = {**MEDICARE, "course": THERAPY}
    alone = compared("medigap-n", **met)
    after_g = compared("medigap-n", "original-medicare-2026", **{**met, "plan": "medigap-g"})
    beside_g = compared("medigap-n", **met, secondary={"plan": "medigap-g"})

    for found in (alone, after_g, beside_g):
        assert not any(Note("balances-left-out") in side.notes for side in found.others)
        assert all(side.request["used"] == met["used"] for side in found.sides)
    assert alone.asked.owed == after_g.others[1].owed
    assert alone.others[0].owed == after_g.others[0].owed == beside_g.others[0].owed
    assert (Note("second-plan-left-out"),) == beside_g.others[0].notes


def test_plans_of_next_year_are_compared_with_ones_own_plan_of_next_year() -> None:
    """Every side is in the new year with balances at zero, and says where its rules are provisional."""
    written = {**REQUEST, **MEDICARE, "course": THERAPY, "as_of": "2026-11-23"}
    changes = [change_named(word) for word in ("medigap-g", "fep-blue-basic-2026")]
    found = compare(written, changes, TODAY, is_next_year=True)
    own, medigap, federal = found.sides

    assert ["original-medicare-2027"] * 2 == [side.plan.id for side in (own, medigap)]
    assert {date(2027, 1, 1)} == {_visits(side.estimate)[0].day for side in found.sides}
    assert by_hand({**written, "used": {}, "course": {**THERAPY, "first_day": "2027-01-01"}}).settled[1].owes == sum(
        own.owed
    )
    assert [[], [], ["rules-not-known"]] == [
        [note.says for note in side.notes if note.says == "rules-not-known"] for side in (own, medigap, federal)
    ]
