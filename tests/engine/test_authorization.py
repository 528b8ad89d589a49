"""Authorization and referral: from which visit, what a grant covers, and what a missing one brings."""

from datetime import date

import pytest

from estimator.engine.plan import When
from estimator.engine.request import Grant, Provider, Visit
from estimator.engine.values import UNKNOWN, Span
from tests.build import (
    authorization,
    benefit,
    consequence,
    course,
    days,
    estimate_of,
    findings,
    kinds,
    limit,
    line,
    maximum,
    network,
    on,
    owes,
    percent,
    plan,
    ranged,
    share,
    statuses,
    usd,
    used,
)

NEEDS, PAID, LOST = "needs-authorization", "payable", "not-covered-provider-absorbs"
NONE = Grant(on_file=False)


def wanting(rule, cost=None, **more):
    """Build a plan of one benefit at a copay of 40.00 with this rule."""
    return plan(
        benefit(cost, authorization=rule, outside=share("40.00"), **more),
        networks=[network(), network("out-of-network")],
    )


@pytest.mark.parametrize(
    ("from_visit", "expected"), [(None, [PAID, PAID, PAID]), (1, [NEEDS, NEEDS, NEEDS]), (3, [PAID, PAID, NEEDS])]
)
def test_an_authorization_is_needed_never_or_from_a_visit_on(from_visit, expected):
    """Counted by the course where the benefit has no limit."""
    assert expected == statuses(estimate_of(wanting(authorization(from_visit)), course(3)).typical)


def test_visits_before_the_course_bring_the_threshold_nearer():
    """Counted by the benefit's limit: one visit used, and the second of the course is the third."""
    stated = plan(benefit(authorization=authorization(3), limits=("therapy-visits",)), limits=[limit(20)])

    assert [PAID, NEEDS] == statuses(estimate_of(stated, course(2), used=used(limits={"therapy-visits": 1})).typical)


def test_a_rule_may_count_by_another_limit_or_by_the_course():
    """The limit of all therapy counts a chiropractic visit; the course of the benefit does not."""
    limits = [limit(20, "all")]
    spine = benefit(name="chiropractic", services=["98940"], limits=("all",))
    visits = [on("2026-03-02", line("98940")), *days("2026-03-03")]
    for counter, expected in (("all", NEEDS), ("course", PAID)):
        rule = authorization(2, counter=counter)
        stated = plan(benefit(authorization=rule, limits=("all",)), spine, limits=limits)

        assert expected == statuses(estimate_of(stated, visits).typical)[1]


def test_evaluations_may_be_exempt_and_a_rule_may_be_for_some_codes_only():
    """Neither an exempt code nor one that is not named needs anything."""
    visit = course(1, line("97161"), line("97110"), line("97140"))
    exempt = wanting(authorization(exempt=frozenset({"97161"})))
    only = wanting(authorization(only_for=frozenset({"97140"})))

    assert [PAID, NEEDS, NEEDS] == statuses(estimate_of(exempt, visit).typical)
    assert [PAID, PAID, NEEDS] == statuses(estimate_of(only, visit).typical)


def test_a_rule_may_hold_in_one_network_only():
    """Out of network nothing is asked."""
    stated = wanting(authorization(networks=frozenset({"in-network"})))
    visits = [on("2026-03-02"), on("2026-03-03", network="out-of-network")]

    assert [NEEDS, PAID] == statuses(estimate_of(stated, visits).typical)


@pytest.mark.parametrize(("diagnoses", "status"), [(("M54.50",), NEEDS), (("S33.5XXA",), PAID), (None, NEEDS)])
def test_a_rule_may_hang_on_the_diagnosis(diagnoses, status):
    """Where nobody says what the care is for it is taken as needed, with a question."""
    answer = estimate_of(wanting(authorization(when=When(diagnoses=("M54*",)))), diagnoses=diagnoses)

    assert status == statuses(answer.typical)[0]
    assert (diagnoses is None) == ("authorization-needed" in kinds(answer.questions))


def test_a_rule_that_ends_on_a_day_ends_inside_a_course_of_equal_visits():
    """The same services on both sides of the day."""
    stated = wanting(authorization(when=When(span=Span(None, date(2026, 3, 8)))))

    assert [NEEDS, PAID] == statuses(estimate_of(stated, course(2)).typical)


def test_the_first_visits_are_waived_from_review_within_their_days():
    """Two visits in 14 days: the second is in time on day 13, and on day 14 it is not."""
    stated = wanting(authorization(waiver_visits=2, waiver_days=14))

    assert [PAID, PAID, NEEDS] == statuses(estimate_of(stated, days("2026-03-02", "2026-03-15", "2026-03-15")).typical)
    assert [PAID, NEEDS] == statuses(estimate_of(stated, days("2026-03-02", "2026-03-16")).typical)
    assert "RequestNeeded 0.00" in findings(estimate_of(stated).typical)


@pytest.mark.parametrize(("second", "status"), [("2026-05-30", NEEDS), ("2026-05-31", PAID)])
def test_a_gap_starts_the_count_again(second, status):
    """90 days without a visit: 89 are too few."""
    stated = wanting(authorization(waiver_visits=1, restart_gap_days=90))

    assert [PAID, status] == statuses(estimate_of(stated, days("2026-03-02", second)).typical)


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (Grant(True), [PAID, PAID, PAID]),
        (Grant(True, visits=2), [PAID, PAID, NEEDS]),
        (Grant(True, units=3), [PAID, NEEDS, NEEDS]),  # two units a visit: the second visit would make four
        (Grant(True, codes=frozenset({"97140"})), [NEEDS, NEEDS, NEEDS]),
        (Grant(True, valid=Span(date(2026, 3, 2), date(2026, 3, 9))), [PAID, PAID, NEEDS]),
        (Grant(True, valid=Span(date(2026, 3, 9))), [NEEDS, PAID, PAID]),
    ],
)
def test_a_grant_covers_its_visits_units_codes_and_days(grant, expected):
    """What it does not cover must be asked for, and is priced as a condition."""
    answer = estimate_of(wanting(authorization()), course(3, line(units=2)), authorization=grant)

    assert expected == statuses(answer.typical)
    assert [each.visits for each in answer.conditions] == ([expected.count(NEEDS)] if NEEDS in expected else [])


@pytest.mark.parametrize(
    ("grant", "turn"),
    [
        (Grant(True, visits=2), ("authorization-ends", 2)),
        (Grant(True, visits=0), ("authorization-from", 1)),
        (Grant(True, codes=frozenset({"97140"})), ("authorization-from", 1)),
        (Grant(True, valid=Span(None, date(2026, 3, 10))), ("authorization-ends", 2)),
        (Grant(True, valid=Span(date(2026, 3, 16))), ("authorization-from", 1)),
    ],
)
def test_an_authorization_ends_after_the_last_visit_that_it_covers(grant, turn):
    """One that covers no visit of the course, or has not begun, has not ended: it is needed from the first."""
    points = estimate_of(wanting(authorization()), course(3), authorization=grant).crossing_points

    assert [turn] == [(each.kind, each.visit) for each in points]


def test_a_grant_with_a_pause_ends_after_its_last_visit():
    """Four units: a line of three is covered, another is not, and the last one of one unit is again."""
    three, one = line(units=3), line(units=1)
    visits = [on("2026-03-02", three), on("2026-03-03", three), on("2026-03-04", one), on("2026-03-05", one)]
    points = estimate_of(wanting(authorization()), visits, authorization=Grant(True, units=4)).crossing_points

    assert [("authorization-ends", 3)] == [(each.kind, each.visit) for each in points]


@pytest.mark.parametrize(("from_visit", "visits", "is_assumed"), [(2, 3, True), (1, 3, False), (2, None, False)])
def test_a_grant_is_taken_as_spent_by_the_visits_that_need_it(from_visit, visits, is_assumed):
    """An assumption only where earlier visits could have spent it."""
    answer = estimate_of(wanting(authorization(from_visit)), course(3), authorization=Grant(True, visits=visits))

    assert is_assumed == ("grant-spent-by-needing-visits" in kinds(answer.assumptions))


@pytest.mark.parametrize(("kind", "condition"), [("authorization", "authorization"), ("referral", "referral")])
def test_a_rule_that_nobody_has_read_is_not_told_as_needed(kind, condition):
    """No turning point, no need: a question, a condition with its price, and a line that stays payable."""
    answer = estimate_of(plan(benefit(**{kind: UNKNOWN})), course(2))

    assert ["AuthorizationUnread 0.00", "CopayCharged 40.00"] * 2 == findings(answer.typical)
    assert [PAID, PAID] == statuses(answer.typical)
    assert ((), {condition}, {f"{kind}-needed"}) == (
        answer.crossing_points, kinds(answer.conditions), kinds(answer.questions)
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "given"), [("authorization", "authorization"), ("referral", "referral")])
def test_what_nobody_has_read_and_is_not_on_file_is_open_where_the_patient_may_bear_it(kind, given):
    """Out of network its lack costs the price; in network the clinic bears it and will ask, so that nothing is open."""
    stated = plan(benefit(outside=share("40.00"), **{kind: UNKNOWN}), networks=[network(), network("out-of-network")])
    inside = estimate_of(stated, course(2), **{given: NONE})
    outside = estimate_of(stated, course(2), provider=Provider(network="out-of-network"), **{given: NONE})
    unsaid = estimate_of(stated, course(2), provider=Provider(network="out-of-network"))

    assert [80_00, 80_00] == [inside.typical.owes, inside.high.owes]
    assert 80_00 == outside.typical.owes == unsaid.high.owes < outside.high.owes == 200_00
    opened = {point.about: (point.outcomes, point.adds) for point in outside.open_points}
    assert (("not-needed", "needed-and-missing"), (0, 120_00)) == opened[kind]


def test_two_lines_of_a_visit_use_up_one_visit_of_a_grant():
    """One visit granted, two lines covered."""
    visits = course(2, line(), line("97140"))

    assert [PAID, PAID, NEEDS, NEEDS] == statuses(
        estimate_of(wanting(authorization()), visits, authorization=Grant(True, visits=1)).typical
    )


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ("provider-absorbs", "patient-pays", [("0.00", "0.00", "100.00"), ("150.00", "0.00", "0.00")]),
        ("patient-pays", "provider-absorbs", [("100.00", "0.00", "0.00"), ("0.00", "0.00", "100.00")]),
    ],
)
def test_a_missing_authorization_is_somebodys_loss(inside, outside, expected):
    """In network the allowed amount, out of network the charge: patient, plan, clinic."""
    stated = wanting(authorization(1, consequence(inside), consequence(outside)))
    visits = [Visit(date(2026, 3, 2), (line(billed="150.00"),), name) for name in (None, "out-of-network")]
    lines = [visit.lines[0] for visit in estimate_of(stated, visits, authorization=NONE).typical.visits]

    assert expected == [tuple(map(str, (each.owes, each.plan_pays, each.provider_absorbs))) for each in lines]


def test_the_plan_may_pay_only_a_percentage():
    """Half of the 60 that it would have paid: 40 and 30."""
    stated = wanting(authorization(1, consequence("reduced", percent=percent("50%"))))
    answer = estimate_of(stated, authorization=NONE)

    assert ("70.00", "30.00") == (str(answer.typical.owes), str(answer.typical.plan_pays))


def test_a_penalty_is_taken_once_from_as_many_payments_as_it_needs():
    """100 of the plan's 60 a visit: 60 at the first visit, 40 at the second, then nothing more."""
    stated = wanting(authorization(1, consequence("penalty", penalty=usd("100.00"))))

    assert ["100.00", "80.00", "40.00"] == owes(stated, course(3), authorization=NONE)


def test_a_penalty_is_not_lost_on_a_line_that_the_plan_pays_nothing_of():
    """The first line costs less than its copay; the penalty waits for the next."""
    stated = wanting(authorization(1, consequence("penalty", penalty=usd("50.00"))))

    assert ["30.00", "90.00"] == owes(
        stated, [on("2026-03-02", line(allowed="30.00")), *days("2026-03-03")], authorization=NONE
    )


@pytest.mark.parametrize(("credits", "second"), [(True, "0.00"), (False, "10.00")])
def test_a_penalty_may_fill_the_maximum(credits, second):
    """A maximum of 50, of which the copay takes 40: only a penalty that counts fills the last 10."""
    rule = authorization(1, consequence("penalty", penalty=usd("100.00"), credits=credits))
    stated = plan(benefit(authorization=rule), networks=[network(out_of_pocket_max=maximum("50.00"))])
    visits = course(2, line(allowed="200.00"))

    assert ["140.00", second] == owes(stated, visits, authorization=NONE)


@pytest.mark.parametrize(("other", "owed"), [(share("70.00"), "70.00"), (None, "40.00")])
def test_another_cost_share_may_apply(other, owed):
    """Without one the stated share stays."""
    stated = wanting(authorization(1, consequence("other-cost-share")), without_authorization=other)

    assert [owed] == owes(stated, authorization=NONE)


def test_who_bears_a_missing_authorization_may_be_unknown():
    """The clinic at best, the patient at worst."""
    answer = estimate_of(wanting(authorization(1, consequence("unknown"))), authorization=NONE)

    assert ("0.00", "0.00", "100.00") == ranged(answer)
    assert "authorization-consequence" in kinds(answer.questions)


def test_what_is_needed_is_taken_as_granted_and_priced():
    """Thirteen visits, needed from the thirteenth: the copay of one is saved, and the clinic loses 100."""
    answer = estimate_of(wanting(authorization(13, administrator="A reviewer")), course(13))
    condition = answer.conditions[0]

    assert "520.00" == str(answer.typical.owes)
    assert ("authorization", 13, 1, "A reviewer") == (
        condition.needs,
        condition.from_visit,
        condition.visits,
        condition.administrator,
    )
    assert ("-40.00", "100.00") == (str(condition.difference), str(condition.clinic_difference))


def test_a_referral_and_an_authorization_are_two_needs():
    """Both are asked for, and each has a price of its own."""
    stated = plan(benefit(authorization=authorization(), referral=authorization(1, consequence("patient-pays"))))
    answer = estimate_of(stated)

    assert [("referral", "60.00"), ("authorization", "-40.00")] == [
        (each.needs, str(each.difference)) for each in answer.conditions
    ]
    assert [NEEDS] == statuses(answer.typical)


@pytest.mark.parametrize(("referral", "expected"), [(NONE, "0.00"), (Grant(True), "40.00")])
def test_a_missing_referral_has_the_consequence_of_its_rule(referral, expected):
    """And one on file has none."""
    assert [expected] == owes(plan(benefit(referral=authorization())), referral=referral)


def test_where_both_are_missing_the_one_that_denies_the_line_decides():
    """A reduction by the referral does not matter to a line that is not paid for want of an authorization."""
    reduced = authorization(1, consequence("reduced", percent=percent("50%")))
    stated = plan(benefit(referral=reduced, authorization=authorization()))
    typical = estimate_of(stated, authorization=NONE, referral=NONE).typical

    assert ([LOST], "0.00") == (statuses(typical), str(typical.owes))


def test_a_rule_that_nobody_has_read_is_a_question_and_a_condition():
    """It is taken as needed from the first visit and as granted, and the line stays payable."""
    stated = plan(benefit(authorization=UNKNOWN, referral=UNKNOWN))
    answer = estimate_of(stated)

    assert {"authorization-needed", "referral-needed"} == kinds(answer.questions)
    assert {"authorization", "referral"} == kinds(answer.conditions)
    assert [PAID] == statuses(answer.typical)


def test_the_step_of_a_penalty_cites_the_authorization_rule():
    """Whatever step came first on the line."""
    rule = authorization(1, consequence("penalty", penalty=usd("10.00")))
    steps = estimate_of(wanting(rule), authorization=NONE).typical.visits[0].lines[0].steps

    assert rule.citation == next(step.citation for step in steps if "Penalty" in type(step.finding).__name__)


def test_a_line_past_its_limit_needs_no_authorization():
    """The limit denies it first, and nothing of a grant is spent."""
    stated = plan(benefit(authorization=authorization(), limits=("therapy-visits",)), limits=[limit(0)])

    assert () == estimate_of(stated).conditions


def test_a_consequence_that_nobody_has_read_is_a_condition_that_is_not_known_and_a_question():
    """The dearer reading prices it; one that was read is known and asks nothing."""
    unread = estimate_of(wanting(authorization(1, consequence("unknown"))))
    read = estimate_of(wanting(authorization(1, consequence("patient-pays"))))

    assert [False] == [condition.is_known for condition in unread.conditions]
    assert "authorization-consequence" in kinds(unread.questions)
    assert [True] == [condition.is_known for condition in read.conditions]
    assert "authorization-consequence" not in kinds(read.questions)
    assert read.conditions[0].difference == unread.conditions[0].difference
