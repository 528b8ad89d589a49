"""A difference between an estimate and its EOB falls into parts, each with one cause, that come to the whole of it."""

from typing import Any

import pytest
from hypothesis import strategies as st

from estimator.billing.reconcile import Cause, EobLine, Reconciled, read_eob, reconcile
from estimator.engine.answer import LineEstimate
from estimator.engine.findings import DeductibleTaken
from estimator.engine.values import ZERO, Money, Rate
from estimator.errors import RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.saved import Rerun
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from tests.db.sample import definition
from tests.estimates.test_saved import DAY
from tests.properties import holds_for

PLANS = folder_shelf(plans_folder())
NONE = dict.fromkeys(Cause, ZERO)
TWENTY = Rate.parse("20%")


def plan() -> dict[str, Any]:
    """Return a plan with a deductible of 500.00 and 20% after it."""
    share = {"coinsurance": "20%", "deductible": "applies", "cite": "eoc p. 12"}
    return definition(
        networks={"in-network": {"deductible": {"person": "500.00"}, "out_of_pocket_max": {"person": "3000.00"}}},
        benefits={"physical-therapy": {"services": ["pt-timed"], "cost_share": {"in-network": share}}},
    )


def rerun(used: str = "500.00", visits: int = 1) -> Rerun:
    """Return a course of two lines a visit, with so much of the deductible paid before."""
    lines = [
        {"code": "97110", "minutes": 30, "allowed": "100.00"},
        {"code": "97140", "minutes": 15, "allowed": "50.00"},
    ]
    days = [{"day": f"2026-11-{24 + number}", "services": lines} for number in range(visits)]
    request = {"plan": plan(), "visits": days, "used": {"deductible_paid": used}}
    return Rerun(read_request(request, DAY), PLANS, None)


def one_visit(*services: dict[str, Any], used: str = "500.00", **changed: Any) -> Rerun:
    """Return a visit with these lines."""
    visit = {"day": "2026-11-24", "services": list(services)}
    request = {"plan": plan(), "visits": [visit], "used": {"deductible_paid": used}, **changed}
    return Rerun(read_request(request, DAY), PLANS, None)


def taken(estimated: LineEstimate) -> int:
    """Return what a line takes of the deductible."""
    return sum(step.owes for step in estimated.steps if isinstance(step.finding, DeductibleTaken))


def set_beside(again: Rerun, *eob: EobLine, visit: int = 1) -> Reconciled:
    """Set a visit beside an EOB."""
    estimate, found = again.estimate(again.asked)
    return reconcile(again, answer_json(answer_of(estimate, found, {})), visit, eob)


def line(number: int, allowed: int, deductible: int = 0, coinsurance: int = 0, **more: Any) -> EobLine:
    """Return a line of the EOB that was paid."""
    code, units = (("97110", 2), ("97140", 1))[number - 1]
    owes = Money(deductible + coinsurance)
    said = {"deductible": Money(deductible), "coinsurance": Money(coinsurance), "patient_owes": owes, "units": units}
    return EobLine(code, line=number, allowed=Money(allowed), **{**said, **more})


def parts(found: Reconciled) -> dict[Cause, int]:
    """Return every part that is not zero, over all lines."""
    return {cause: found.part(cause) for cause in Cause if found.part(cause)}


def test_an_eob_that_says_the_same_has_no_difference() -> None:
    """Nothing was changed to find that out."""
    found = set_beside(rerun(), line(1, 10000, 0, 2000), line(2, 5000, 0, 1000))

    assert (3000, 3000, {}, ()) == (found.estimated, found.paid, parts(found), found.changes)


def test_another_allowed_amount_is_a_matter_of_price() -> None:
    """20% of 80.00 in the place of 20% of 100.00."""
    found = set_beside(rerun(), line(1, 8000, 0, 1600), line(2, 5000, 0, 1000))

    assert {**NONE, Cause.PRICE: -400} == found.lines[0].parts
    assert [("allowed", "97110", "100.00", "80.00")] == [change[1:] for change in found.changes]


def test_a_deductible_that_was_not_yet_met_is_a_matter_of_accumulators() -> None:
    """The EOB takes 60.00 of it, so that 440.00 had been paid: 20% only of what is left of the visit."""
    found = set_beside(rerun(), line(1, 10000, 6000, 800), line(2, 5000, 0, 1000))

    assert {Cause.ACCUMULATOR: 4800} == parts(found)
    assert [("deductible", "", "500.00", "440.00")] == [change[1:] for change in found.changes]


def test_a_deductible_that_was_met_already_is_too() -> None:
    """The other way round: the EOB takes nothing of it."""
    found = set_beside(rerun(used="400.00"), line(1, 10000, 0, 2000), line(2, 5000, 0, 1000))

    assert (11000, {Cause.ACCUMULATOR: -8000}) == (found.estimated, parts(found))


def test_a_maximum_that_was_reached_is_too() -> None:
    """Nothing is owed on any line that was paid."""
    found = set_beside(rerun(), line(1, 10000), line(2, 5000))

    assert {Cause.ACCUMULATOR: -3000} == parts(found)


def test_price_and_deductible_are_told_apart() -> None:
    """Both differ: first the price, then what is left."""
    found = set_beside(rerun(), line(1, 8000, 6000, 400), line(2, 5000, 0, 1000))

    assert {Cause.PRICE: -400, Cause.ACCUMULATOR: 4800} == parts(found)


@pytest.mark.parametrize(
    ("denied", "cause"), [("97", Cause.CODING), ("4", Cause.CODING), ("197", Cause.RULE), ("96", Cause.RULE)]
)
def test_a_denial_is_coding_or_rule_by_its_reason(denied: str, cause: Cause) -> None:
    """The whole line is, whatever was estimated for it."""
    gone = line(1, 0, denied=denied)
    found = set_beside(rerun(), gone, line(2, 5000, 0, 1000))

    assert {**NONE, cause: -2000} == found.lines[0].parts


def test_lines_that_were_left_out_or_added_are_coding() -> None:
    """With what that does to the deductible of the others."""
    added = EobLine("97112", 1, Money(900), allowed=Money(4500), coinsurance=Money(900))
    found = set_beside(rerun(), line(1, 10000, 0, 2000), added)

    assert [0, -1000, 900] == [one.parts[Cause.CODING] for one in found.lines]
    assert {Cause.CODING: -100} == parts(found)


def test_other_units_are_coding() -> None:
    """Where the price is for a unit: half the units, half the price."""
    again = one_visit({"code": "97110", "minutes": 30}, zip="98101")
    estimated = again.estimate(again.asked)[0].typical.visits[0].lines[0]
    half = Money(estimated.allowed // 2)
    found = set_beside(again, EobLine("97110", 1, half.share(TWENTY), 1, half, coinsurance=half.share(TWENTY)))

    assert found.part(Cause.CODING) < 0
    assert 0 == found.part(Cause.UNEXPLAINED)


def test_a_line_that_was_paid_against_the_estimate_is_a_rule() -> None:
    """Needling that no plan was known to pay for."""
    needling, exercise = {"code": "20561", "allowed": "40.00"}, {"code": "97110", "minutes": 30, "allowed": "100.00"}
    again = one_visit(needling, exercise)
    paid = EobLine("20561", 1, Money(800), 1, Money(4000), coinsurance=Money(800))
    other = EobLine("97110", 2, Money(2000), 2, Money(10000), coinsurance=Money(2000))
    found = set_beside(again, paid, other)

    assert found.lines[0].paid - found.lines[0].estimated == found.lines[0].parts[Cause.RULE] != 0


def test_what_nothing_explains_is_said_so() -> None:
    """A share that no price and no deductible gives."""
    found = set_beside(rerun(), line(1, 10000, 0, 2500), line(2, 5000, 0, 1000))

    assert {Cause.UNEXPLAINED: 500} == parts(found)


def test_a_later_visit_is_set_beside_its_own_eob() -> None:
    """Visits before it stay as they were estimated."""
    found = set_beside(rerun(used="200.00", visits=3), line(1, 10000, 0, 2000), line(2, 5000, 0, 1000), visit=2)

    assert (15000, {Cause.ACCUMULATOR: -12000}) == (found.estimated, parts(found))


amounts = st.integers(0, 20000).map(Money)
eobs = st.lists(
    st.builds(
        line, number=st.sampled_from([1, 2]), allowed=amounts, deductible=amounts, coinsurance=amounts,
        units=st.integers(1, 4), denied=st.sampled_from(["", "", "97", "197", "96"]),
    ),
    max_size=2, unique_by=lambda one: one.line,
)  # fmt: skip
added_lines = st.lists(
    st.builds(EobLine, st.sampled_from(["97112", "97530", "20561"]), st.integers(1, 3), amounts, allowed=amounts),
    max_size=1,
)


@holds_for(
    15,
    300,
    eob=eobs,
    added=added_lines,
    used=st.sampled_from(["0.00", "430.00", "500.00"]),
    visit=st.sampled_from([1, 2]),
)
def test_the_parts_come_to_the_whole_difference(
    eob: list[EobLine], added: list[EobLine], used: str, visit: int
) -> None:
    """To the cent, for each line and for the visit, whatever the payer did."""
    found = set_beside(rerun(used=used, visits=2), *eob, *added, visit=visit)

    for one in found.lines:
        assert one.paid - one.estimated == sum(one.parts.values())
    assert found.paid - found.estimated == sum(found.part(cause) for cause in Cause)
    assert found.paid == sum(one.patient_owes for one in (*eob, *added))


@holds_for(10, 200, allowed=st.integers(0, 30000), paid=st.integers(0, 50000))
def test_what_the_plan_itself_would_do_is_explained_whole(allowed: int, paid: int) -> None:
    """An EOB of the same rules with another price and another deductible leaves nothing unexplained."""
    exercise = {"code": "97110", "minutes": 30, "allowed": str(Money(allowed))}
    manual = {"code": "97140", "minutes": 15, "allowed": "50.00"}
    truth = one_visit(exercise, manual, used=str(Money(paid)))
    ran = truth.estimate(truth.asked)[0].typical.visits[0]
    eob = [line(number, one.allowed, taken(one), one.owes - taken(one)) for number, one in enumerate(ran.lines, 1)]
    found = set_beside(rerun(), *eob)

    assert 0 == found.part(Cause.UNEXPLAINED) == found.part(Cause.CODING) == found.part(Cause.RULE)


def test_what_cannot_be_set_beside_the_estimate_is_refused() -> None:
    """A visit that there is not, and a line of another code."""
    with pytest.raises(RequestRefused, match="from 1 to 1"):
        set_beside(rerun(), line(1, 10000), visit=2)
    with pytest.raises(RequestRefused, match="another code"):
        set_beside(rerun(), EobLine("97112", 1, ZERO, 1))


def test_an_estimate_that_comes_out_otherwise_today_is_refused() -> None:
    """Its figures could not be told apart from the payer's."""
    again = rerun()
    estimate, found = again.estimate(again.asked)
    answer = answer_json(answer_of(estimate, found, {}))
    answer["visits"][0]["lines"][0]["patient_owes"] = "1.00"

    with pytest.raises(RequestRefused, match="comes out otherwise"):
        reconcile(again, answer, 1, [line(1, 10000)])


@pytest.mark.parametrize(
    ("changed", "path", "words"),
    [
        ({"copay": "30.00"}, "patient_owes", "come to $30.00"),
        ({"allowed": "many"}, "allowed", "Enter an amount"),
        ({"allowed": None}, "allowed", "Enter the allowed amount"),
        ({"denied": "CO-45"}, "denied", "not that it was denied"),
        ({"denied": "because"}, "denied", "such as 97"),
        ({"code": "9711"}, "code", "5-character code"),
        ({"patient_owes": None}, "patient_owes", "Enter what the patient owes"),
        ({"code": None}, "code", "Enter the service code"),
        ({"units": None}, "units", "Enter the number of units"),
    ],
)
def test_mistakes_in_an_eob_are_told_with_their_line(changed: dict[str, Any], path: str, words: str) -> None:
    """And what to enter instead."""
    good = {"code": "97110", "units": "2", "allowed": "60.00", "copay": "40.00", "patient_owes": "40.00"}
    with pytest.raises(RequestRefused) as refusal:
        read_eob([good, {**good, **changed}])

    assert [f"lines.1.{path}"] == [problem.path for problem in refusal.value.problems]
    assert words in refusal.value.problems[0].message


def test_an_eob_is_read_with_its_groups_and_empty_shares() -> None:
    """A denial needs no allowed amount."""
    [read] = read_eob([{"line": 1, "code": "97110", "units": 2, "patient_owes": "0.00", "denied": "co 97"}])

    assert EobLine("97110", 2, ZERO, 1, denied="97") == read
