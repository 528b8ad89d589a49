"""Answering an open point's question takes the point away, or leaves one that was nested in it, and never widens."""

import pytest

from estimator.engine.prices import ClinicPrices
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from tests.estimates.test_truth_examples import EXERCISE, NEEDLING, SEATTLE, TODAY, limited, plan, weekly

BILLED = weekly(12, {**EXERCISE, "billed": "150.00"}, NEEDLING)

CASES = {
    "employer, unread": plan(),
    "employer, investigational": plan(position="investigational"),
    "employer, excluded": plan(position="excluded"),
    "marketplace, unread": plan("marketplace"),
    "medicare advantage, unread": plan("medicare-advantage", copay="20.00"),
    "original medicare, excluded": plan("medicare", "excluded"),
    "medicaid template": "template-medicaid",
    "tricare": "tricare-prime-2026",
    "federal employees": "fep-blue-basic-2026",
}


def elsewhere(**network):
    """Write a plan under which the clinic has no contract."""
    stated = plan(position="bundled")
    stated["networks"] = {"in-network": {"contracted": "no", "allowed": {"basis": "medicare"}, **network}}
    return stated


CASES |= {
    "an unread limit": limited(visits="unknown"),
    "a limit of free text": limited(visits=6, confirmed="no"),
    "whose visits count": limited(visits=14),
    "what lies past a limit": limited(visits=6, past="unknown"),
    "bills beyond the allowed amount": elsewhere(balance_bill="unknown"),
}
# What may be answered to the question of a point; whether a paper is signed is a key of the request.
ANSWERS = {
    "needling-cover": ("covered", "bundled", "investigational", "not-medically-necessary", "excluded", "not-paid"),
    "cost-share": ("35.00", "50.00"),
    "limit": (6, 8, "none"),
    "limit-shared": (True, False),
    "past-limit": (True, False),
    "balance-bill": (True, False),
    "authorization": (True, False),
    "referral": (True, False),
}
NESTED = {"needling-cover": {"consent", "liability"}, "consent": {"liability"}}


def estimated(stated, **more):
    """Return the estimate of twelve visits with needling."""
    used = {"limits": {"therapy-visits": 0}, "other_therapy": 4} if stated == CASES["whose visits count"] else {}
    written = {"plan": stated, "as_of": "2026-01-02", "visits": BILLED, "zip": SEATTLE, "used": used, **more}
    return estimate_asked(read_request(written, TODAY), clinic=ClinicPrices())[0]


def answers_to(point):
    """Yield the keys of a request that answer a point's question, one way each."""
    if point.about in ("consent", "liability"):
        yield from ({"signed_consent": signed} for signed in (True, False))
        return
    for answer in ANSWERS[str(point.question.asks) if point.about == "limit" else point.about]:
        said = {"asks": str(point.question.asks), "subject": point.question.subject, "answer": answer}
        yield {"told": [{"on": "2026-01-02", "answers": [said]}]}


@pytest.mark.parametrize("stated", CASES.values(), ids=CASES)
def test_an_answer_takes_its_point_away_or_leaves_one_nested_in_it(stated):
    """And the new range lies within the old one."""
    before = estimated(stated)
    known = {point.about for point in before.open_points}

    assert before.open_points
    for point in before.open_points:
        for answer in answers_to(point):
            after = estimated(stated, **answer)
            left = {each.about for each in after.open_points}

            assert point.about not in left
            assert left <= known | NESTED.get(point.about, set())
            assert before.low.owes <= after.low.owes <= after.high.owes <= before.high.owes


@pytest.mark.parametrize("stated", CASES.values(), ids=CASES)
def test_settled_comes_first_and_the_dearest_last(stated):
    """Low, settled, typical and high rise, and the points say how far."""
    answer = estimated(stated)
    low, middle, _ = (run.owes for run in answer.settled)

    assert low <= middle <= answer.typical.owes <= answer.high.owes
    assert answer.typical.owes - middle == answer.open_total.usual
    assert all(0 <= point.adds.usual <= point.adds.most <= answer.open_total.most for point in answer.open_points)


@pytest.mark.parametrize("name", ["employer, unread", "marketplace, unread", "medicare advantage, unread"])
def test_what_a_yes_would_cost_is_what_is_settled_after_it(name):
    """The point has the price of the answer before anybody called."""
    [point] = (each for each in estimated(CASES[name]).open_points if each.about == "needling-cover")
    said = {"asks": "payable", "answer": "covered"}
    after = estimated(CASES[name], told=[{"on": "2026-01-02", "answers": [said]}])

    assert point.if_covered == after.settled[1].owes
