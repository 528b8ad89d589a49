"""Which lines stand under a limit, and what a visit under the deductible uses up."""

import pytest

from estimator.engine.plan import Counting, When
from estimator.engine.values import UNKNOWN
from tests.build import (
    CITED,
    benefit,
    ceiling,
    course,
    days,
    estimate_of,
    findings,
    kinds,
    limit,
    line,
    network,
    on,
    owes,
    plan,
    share,
    under,
    used,
)

FREE = benefit(share("0.00"), limits=("therapy-visits",))


def test_every_limit_above_a_line_must_have_room():
    """Two inside four: the inner limit stops the third visit, and what it stops does not fill the outer one."""
    inner, outer = limit(2, "inner"), limit(4, "outer")
    spine = benefit(share("0.00"), name="chiropractic", services=["98940"], limits=("outer",))
    stated = plan(benefit(share("0.00"), limits=("inner", "outer")), spine, limits=[inner, outer])
    visits = [*course(3), *days("2026-04-01"), *[on(f"2026-04-0{day}", line("98940")) for day in (2, 3, 4)]]

    assert ["0.00", "0.00", "100.00", "100.00", "0.00", "0.00", "100.00"] == owes(stated, visits)


def test_one_benefit_may_be_split_between_two_limits():
    """Evaluations fill one bucket, exercise the other."""
    split = [
        limit(1, "exercise", services=frozenset({"97110"})),
        limit(1, "evaluations", services=frozenset({"97161"})),
    ]
    visits = [
        on("2026-03-02", line()),
        on("2026-03-03", line("97161")),
        on("2026-03-04", line()),
        on("2026-03-05", line("97140")),
    ]

    assert ["0.00", "0.00", "100.00", "0.00"] == owes(under(*split), visits)


def test_two_benefits_may_share_a_limit():
    """One therapy and one chiropractic visit are two."""
    spine = benefit(share("0.00"), name="chiropractic", services=["98940"], limits=("therapy-visits",))
    visits = [on("2026-03-02"), on("2026-03-03", line("98940")), on("2026-03-04")]

    assert ["0.00", "0.00", "100.00"] == owes(plan(FREE, spine, limits=[limit(2)]), visits)


def test_an_evaluation_may_use_nothing_up():
    """Not counted: a visit that is only an evaluation leaves the one visit for the next."""
    stated = under(limit(1, not_counted=frozenset({"97161"})))

    assert ["0.00", "0.00", "100.00"] == owes(
        stated, [on("2026-03-02", line("97161")), *days("2026-03-03", "2026-03-04")]
    )


def test_a_limit_may_hold_in_one_network_only():
    """Two visits out of network do not touch it."""
    inside = limit(1, networks=frozenset({"in-network"}))
    stated = plan(
        benefit(share("0.00"), outside=share("0.00"), limits=("therapy-visits",)),
        networks=[network(), network("out-of-network")], limits=[inside],
    )  # fmt: skip
    visits = [
        on("2026-03-02", network="out-of-network"),
        on("2026-03-03", network="out-of-network"),
        *days("2026-03-04", "2026-03-05"),
    ]

    assert ["0.00", "0.00", "0.00", "100.00"] == owes(stated, visits)


@pytest.mark.parametrize(
    ("diagnoses", "expected"),
    [
        (("G80.9",), ("0.00", "0.00", "0.00")),
        (("M54.50",), ("100.00", "100.00", "100.00")),
        (None, ("0.00", "0.00", "100.00")),
    ],
)
def test_a_condition_may_exempt_from_a_limit(diagnoses, expected):
    """Cerebral palsy has no limit here; where nobody says what the care is for the estimate is a range."""
    answer = estimate_of(under(limit(1, exempt=When(diagnoses=("G80*",)))), course(2), diagnoses=diagnoses)

    assert expected == tuple(str(run.owes) for run in (answer.low, answer.typical, answer.high))
    assert (diagnoses is None) == ("limit-exemption" in kinds(answer.questions))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [(None, ["100.00", "0.00", "100.00"]), (True, ["100.00", "0.00", "100.00"]), (False, ["100.00", "0.00", "0.00"])],
)
def test_a_visit_that_the_deductible_took_whole_counts_unless_the_plan_says_no(counts, expected):
    """A deductible of 100 takes the first of three visits; two are covered a year."""
    two = limit(2, counts_deductible_visits=counts)
    stated = under(two, cost=share("0.00", deductible="applies"), networks=[network(deductible=ceiling("100.00"))])
    answer = estimate_of(stated, course(3))

    assert expected == [str(visit.owes) for visit in answer.typical.visits]
    assert (counts is None) == ("deductible-visits-count" in kinds(answer.assumptions))


def test_whether_deductible_visits_count_may_be_unknown():
    """A range with a question: the third visit is covered, or it is not."""
    two = limit(2, counts_deductible_visits=UNKNOWN)
    stated = under(two, cost=share("0.00", deductible="applies"), networks=[network(deductible=ceiling("100.00"))])
    answer = estimate_of(stated, course(3))

    assert ("100.00", "200.00") == (str(answer.low.owes), str(answer.high.owes))
    assert "deductible-visits-count" in kinds(answer.questions)


def test_a_visit_paid_by_the_plan_still_counts_beside_one_that_the_deductible_took_on_the_same_day():
    """Giving back the morning's visit must not give back what another benefit's paid line used up that day."""
    twice = limit(1, counts_deductible_visits=False, counting=Counting.ONE_PER_DATE)
    free = benefit(share("0.00"), limits=("therapy-visits",))
    dear = benefit(
        share("0.00", deductible="applies"), name="chiropractic", services=["98940"], limits=("therapy-visits",)
    )
    stated = plan(free, dear, limits=[twice], networks=[network(deductible=ceiling("100.00"))])
    visits = [on("2026-03-02"), on("2026-03-02", line("98940")), on("2026-03-03")]

    assert ["0.00", "100.00", "100.00"] == owes(stated, visits)


def test_a_copay_as_high_as_the_price_is_not_a_visit_under_the_deductible():
    """The plan pays nothing of it, but not because of a deductible: it counts."""
    stated = under(limit(1, counts_deductible_visits=False), cost=share("100.00"))

    assert ["100.00", "LimitPassed 100.00"] == [
        owes(stated, course(1))[0],
        findings(estimate_of(stated, course(2)).typical)[1],
    ]


def test_a_visit_half_under_the_deductible_counts():
    """50 of deductible and a plan that pays the rest."""
    stated = under(
        limit(1, counts_deductible_visits=False), cost=share("0.00", deductible="applies"),
        networks=[network(deductible=ceiling("50.00"))],
    )  # fmt: skip

    assert ["50.00", "100.00"] == owes(stated, course(2))


def test_a_step_of_the_share_may_follow_a_limits_count():
    """Two visits used of the counter: the third and later ones cost 40, whatever the day's order of lines."""
    steps = ((3, share("10.00")), (None, share("40.00")))
    counted = limit(20, counting=Counting.ONE_PER_VISIT)
    stated = under(counted, cost=share(by_visit=steps, counter="therapy-visits"))
    two_lines = course(2, line(), line("97140"))

    assert ["10.00", "40.00"] == owes(stated, two_lines, used=used(limits={"therapy-visits": 2}))


def test_visits_of_the_benefit_before_the_course_move_its_steps_on():
    """Without a counter the benefit's own visits count, those of the year before the course included."""
    steps = ((3, share("10.00")), (None, share("40.00")))
    dollars = limit(1000_00, "dollars", measure="dollars")
    stated = under(dollars, limit(20), cost=share(by_visit=steps))
    brought = used(limits={"therapy-visits": 2, "dollars": 900_00})

    assert ["10.00", "40.00"] == owes(stated, course(2, line(allowed="50.00")), used=brought)


def test_the_citation_of_a_limit_stands_with_its_step():
    """A reader can look the rule up."""
    step = estimate_of(under(limit(0)), course(1)).typical.visits[0].lines[0].steps[0]

    assert CITED == step.citation
