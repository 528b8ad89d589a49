"""Whether a line is payable: state law, coding, the payer's policy, the benefits and the networks."""

from datetime import date

import pytest

from estimator.engine.coverage import May, Permission, Scope
from estimator.engine.plan import Allowed, Basis, Liable, Position, Tier, When
from estimator.engine.request import Person, Provider
from estimator.engine.values import UNKNOWN, Span
from estimator.errors import NoPrice
from tests.build import (
    benefit,
    course,
    estimate_of,
    findings,
    kinds,
    line,
    lines_of,
    network,
    on,
    owes,
    plan,
    policy,
    ranged,
    share,
    statuses,
    tables,
    usd,
)

PAID, BILLED, ABSORBED, BUNDLED = (
    "payable", "not-covered-patient-may-be-billed", "not-covered-provider-absorbs", "bundled"
)  # fmt: skip
NEEDLE = line("20561", "38.08", "60.00")
BESIDE = (line(), NEEDLE)


def needling(position, services=BESIDE, signed=None, network_of=None, **more):
    """Run one visit under a policy on needling; return the status of its needling line and what is owed for it."""
    stated = plan(
        benefit(outside=share("40.00")), policies=[policy(position, **more)],
        networks=[network(), network("out-of-network")],
    )  # fmt: skip
    answer = estimate_of(stated, [on("2026-03-02", *services, network=network_of)], signed_consent=signed)
    found = next(each for each in lines_of(answer.typical) if each.code == "20561")
    return str(found.status), str(found.owes)


@pytest.mark.parametrize(
    ("position", "beside", "alone"),
    [
        (Position.COVERED, (PAID, "0.00"), ("unknown", "60.00")),  # alone, no benefit lists it
        (Position.COVERED_IN_THERAPY, (PAID, "0.00"), (ABSORBED, "0.00")),
        (Position.BUNDLED, (BUNDLED, "0.00"), (BUNDLED, "0.00")),
        (Position.INVESTIGATIONAL, (ABSORBED, "0.00"), (ABSORBED, "0.00")),
        (Position.NOT_MEDICALLY_NECESSARY, (ABSORBED, "0.00"), (ABSORBED, "0.00")),
        (Position.EXCLUDED, (BILLED, "60.00"), (BILLED, "60.00")),
        (Position.UNKNOWN, ("unknown", "60.00"), ("unknown", "60.00")),
    ],
)
def test_a_policy_decides_beside_therapy_and_alone(position, beside, alone):
    """In network, nothing signed: the copay of the visit is on the exercise line."""
    assert beside == needling(position)
    assert alone == needling(position, (NEEDLE,))


@pytest.mark.parametrize("position", [Position.INVESTIGATIONAL, Position.NOT_MEDICALLY_NECESSARY])
@pytest.mark.parametrize(
    ("signed", "expected"), [(True, (BILLED, "60.00")), (False, (ABSORBED, "0.00")), (None, (ABSORBED, "0.00"))]
)
def test_a_line_that_is_not_necessary_needs_a_signed_consent(position, signed, expected):
    """Made before the visit and naming the service; without it the clinic absorbs."""
    assert expected == needling(position, signed=signed)


def test_what_a_consent_would_change_is_an_open_point():
    """Up to 60.00 a visit, and usually nothing: nobody said whether it is signed."""
    answer = estimate_of(plan(policies=[policy(Position.INVESTIGATIONAL)]), course(2, *BESIDE))
    point = answer.open_points[0]

    assert ("consent", "0.00", "120.00") == (point.about, str(point.adds.usual), str(point.adds.most))
    assert ("clinic", "patient") == point.outcomes
    assert [] == list(answer.conditions)


@pytest.mark.parametrize("position", [Position.BUNDLED, Position.INVESTIGATIONAL, Position.EXCLUDED])
def test_out_of_network_the_patient_bears_what_is_not_covered(position):
    """The clinic has promised nothing."""
    assert (BILLED, "60.00") == needling(position, network_of="out-of-network")


@pytest.mark.parametrize(
    ("liable", "expected"),
    [
        (Liable.PATIENT, (BILLED, "60.00")),
        (Liable.PROVIDER, (ABSORBED, "0.00")),
        (Liable.UNKNOWN, (ABSORBED, "0.00")),  # an open point of 60.00
    ],
)
def test_a_policy_may_say_who_bears_the_line(liable, expected):
    """Against the default of its position."""
    position = Position.INVESTIGATIONAL if liable is Liable.PATIENT else Position.EXCLUDED

    assert expected == needling(position, liable=liable)


def test_who_bears_a_line_may_be_unknown():
    """Nothing at best."""
    answer = estimate_of(plan(policies=[policy(Position.EXCLUDED, liable=Liable.UNKNOWN)]), course(1, *BESIDE))

    assert ("40.00", "40.00", "100.00") == ranged(answer)
    assert "liability" in kinds(answer.questions)


@pytest.mark.parametrize("position", [Position.EXCLUDED, Position.COVERED])
def test_needling_as_the_only_service_may_deny_the_visit(position):
    """The finding says that the whole visit is meant; beside exercise it is not."""
    rule = policy(position, sole_service_denied=True, under="physical-therapy")
    alone, beside = (estimate_of(plan(policies=[rule]), course(1, *lines)) for lines in ((NEEDLE,), BESIDE))

    assert lines_of(alone.typical)[0].steps[0].finding.whole_visit
    assert (BILLED if position is Position.EXCLUDED else PAID) == statuses(beside.typical)[1]
    assert PAID == statuses(beside.typical)[0]


def test_a_covered_line_may_fall_under_a_benefit_that_does_not_list_it():
    """The policy names it: a copay of 40 for a visit of needling alone."""
    stated = plan(policies=[policy(Position.COVERED, under="physical-therapy")])

    assert ["38.08"] == owes(stated, course(1, NEEDLE))


def test_a_policy_goes_before_the_plans_list_and_the_answer_says_so():
    """The plan lists needling; the policy excludes it."""
    stated = plan(benefit(services=["97110", "20561"]), policies=[policy(Position.EXCLUDED)])
    answer = estimate_of(stated, course(1, NEEDLE))

    assert "60.00" == str(answer.typical.owes)
    assert "policy-over-plan" in kinds(answer.assumptions)


def test_where_no_policy_speaks_the_plans_list_decides():
    """And where neither does, needling is unknown: part of the visit at best, usually the patient's charge."""
    listed = plan(benefit(services=["97110", "20561"]))
    answer = estimate_of(plan(), course(1, NEEDLE))

    assert [PAID] == statuses(estimate_of(listed, course(1, NEEDLE)).typical)
    assert ("0.00", "60.00", "60.00") == ranged(answer)
    assert ({"needling-policy"}, set()) == (kinds(answer.questions), kinds(answer.assumptions))


def test_another_code_in_no_benefit_is_asked_about_too():
    """By its own name."""
    answer = estimate_of(plan(), course(1, line("98940", "50.00")))

    assert [("benefit-lists-service", "98940")] == [(each.asks, each.subject) for each in answer.questions]


def test_a_policy_speaks_from_its_first_day_to_its_last():
    """In March it excludes, before and after it the plan's list decides: the same services on all three days."""
    rule = policy(Position.EXCLUDED, in_force=Span(date(2026, 3, 1), date(2026, 3, 31)))
    stated = plan(benefit(services=["20561"]), policies=[rule])
    visits = [
        on(day, *course(1, NEEDLE)[0].services) for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")
    ]

    assert ["38.08", "60.00", "60.00", "38.08"] == owes(stated, visits)


@pytest.mark.parametrize(
    ("weeks", "diagnoses", "age", "expected"),
    [
        (12, ("M54.50",), 40, ("0.00", "0.00", "0.00")),
        (11, ("M54.50",), 40, ("60.00", "60.00", "60.00")),
        (12, ("S33.5XXA",), 40, ("60.00", "60.00", "60.00")),
        (None, None, None, ("0.00", "0.00", "60.00")),
    ],
)
def test_a_policy_may_hang_on_facts_of_the_person(weeks, diagnoses, age, expected):
    """What nobody has said is read for the patient once and against once, with a question for each fact."""
    when = When(diagnoses=("M54*",), symptom_weeks=12, from_age=18)
    rules = [policy(Position.COVERED, when=when, under="physical-therapy"), policy(Position.EXCLUDED, "else")]
    stated = plan(benefit(share("0.00")), policies=rules)
    answer = estimate_of(stated, course(1, NEEDLE), diagnoses=diagnoses, person=Person(age, symptom_weeks=weeks))

    assert expected == ranged(answer)
    assert (weeks is None) == ({"diagnosis", "symptom-weeks", "age"} <= kinds(answer.questions))


def test_a_benefit_may_hang_on_facts_too():
    """A free benefit for children before the one for everybody; the age is not said."""
    young = benefit(share("0.00"), name="children", when=When(to_age=17))
    answer = estimate_of(plan(young, benefit()))

    assert ("0.00", "0.00", "40.00") == ranged(answer)


def test_what_a_policy_says_to_ask_is_asked():
    """Of the patient and of the clinic, whether it decides or not."""
    for position in (Position.EXCLUDED, Position.UNKNOWN):
        rule = policy(position, ask="Is it covered?", ask_clinic="Check the contract.")
        asked = estimate_of(plan(policies=[rule]), course(1, NEEDLE)).questions

        assert {("policy-ask", "Is it covered?"), ("policy-ask-clinic", "Check the contract.")} <= {
            each[:2] for each in map(_told, asked)
        }


def _told(question):
    return question.asks, question.subject


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (Scope.PROHIBITED, ABSORBED),
        (Scope.AWAITING_RULES, ABSORBED),
        (Scope.SILENT, PAID),
        (Scope.PERMITTED, PAID),
        (None, PAID),
    ],
)
def test_where_the_state_forbids_needling_nobody_is_charged_for_it(scope, status):
    """And the answer says so before any price; where it is silent it says that and goes on."""
    answer = estimate_of(plan(policies=[policy(Position.COVERED)]), course(1, *BESIDE), known=tables(scope))

    assert [PAID, status] == statuses(answer.typical)
    assert "0.00" == str(lines_of(answer.typical)[1].owes)
    assert "0.00" == str(answer.typical.provider_absorbs)
    assert ([] if scope is None else [str(scope)]) == [str(step.finding.status) for step in answer.notices]


@pytest.mark.parametrize(
    ("provider", "may", "status", "said"),
    [
        ("chiropractor", May.NO, ABSORBED, "prohibited"),
        ("occupational-therapist", May.NOT_YET, ABSORBED, "awaiting-rules"),
        ("physical-therapist-assistant", May.NO, ABSORBED, "prohibited"),
        ("physical-therapist-assistant", May.YES, PAID, "permitted"),
        ("chiropractor", May.UNKNOWN, PAID, None),
        ("acupuncturist", May.YES, PAID, None),
    ],
)
def test_each_profession_is_bound_by_what_the_state_says_of_it(provider, may, status, said):
    """An assistant, a chiropractor or an acupuncturist is no physical therapist with another name."""
    known = tables(Scope.PERMITTED, {provider: Permission(may)})
    stated = plan(policies=[policy(Position.COVERED)])
    answer = estimate_of(stated, course(1, *BESIDE), known=known, provider=Provider(provider))

    assert [PAID, status] == statuses(answer.typical)
    assert ([] if said is None else [said]) == [str(step.finding.status) for step in answer.notices]


def test_an_assistant_may_do_no_more_than_the_physical_therapist():
    """Where therapists may not needle, assistants may not, whatever their row says."""
    known = tables(Scope.PROHIBITED, {"physical-therapist-assistant": Permission(May.UNKNOWN)})
    stated = plan(policies=[policy(Position.COVERED)])
    assistant = Provider("physical-therapist-assistant")

    assert [PAID, ABSORBED] == statuses(
        estimate_of(stated, course(1, *BESIDE), known=known, provider=assistant).typical
    )


def test_a_physician_is_not_bound_by_the_therapists_scope():
    """Nor is a visit without needling told of it."""
    forbidden = tables(Scope.PROHIBITED)
    stated = plan(policies=[policy(Position.COVERED)])
    answer = estimate_of(stated, course(1, *BESIDE), known=forbidden, provider=Provider("physician"))

    assert [PAID, PAID] == statuses(answer.typical)
    assert () == answer.notices
    assert () == estimate_of(plan(), known=forbidden).notices


def test_a_forbidden_line_needs_no_price():
    """Nobody is going to be charged for it."""
    needle = line("20561", None)

    assert ["0.00"] == owes(plan(), course(1, needle), known=tables(Scope.PROHIBITED))


def test_one_needling_code_a_day_is_paid():
    """20561 over 20560, whichever comes first; the other is bundled and costs nothing."""
    visit = course(1, line("20560", "20.00"), NEEDLE)
    answer = estimate_of(plan(policies=[policy(Position.COVERED, under="physical-therapy")]), visit)

    assert [BUNDLED, PAID] == statuses(answer.typical)
    assert ["Bundled 0.00", "CopayCharged 38.08"] == findings(answer.typical)


@pytest.mark.parametrize(("modifiers", "status"), [((), BUNDLED), (("59",), PAID)])
def test_a_correct_coding_pair_is_bundled_unless_a_modifier_parts_it(modifiers, status):
    """Group therapy and exercise of one day."""
    visit = course(1, line("97150", "30.00"), line("97110", modifiers=modifiers))
    stated = plan(benefit(services=["97110", "97150"]))

    assert [PAID, status] == statuses(estimate_of(stated, visit).typical)


def test_an_untimed_code_is_one_unit_and_too_few_minutes_are_none():
    """Two units of an evaluation are cut with a notice; seven minutes of exercise cannot be billed."""
    visit = course(1, line("97161", units=2), line("97110", None, minutes=7))
    answer = estimate_of(plan(), visit)

    assert [1, 0] == [each.units for each in lines_of(answer.typical)]
    assert [PAID, BUNDLED] == statuses(answer.typical)
    assert [2] == [notice.finding.units for notice in answer.notices]


def test_minutes_become_units_by_the_day_or_code_by_code():
    """Seven minutes each of two codes: one unit by the eight-minute rule, for the code that comes first."""
    visit = course(1, line("97110", None, minutes=7), line("97140", None, minutes=7), line("97161"))

    assert [1, 0, 1] == [each.units for each in lines_of(estimate_of(_schedule("eight-minute"), visit).typical)]
    assert [0, 0, 1] == [each.units for each in lines_of(estimate_of(_schedule("midpoint"), visit).typical)]


@pytest.mark.parametrize(
    ("first", "second", "units"), [(15, 15, [1, 1]), (30, 15, [2, 1]), (10, 10, [1, 0]), (7, 8, [0, 1])]
)
def test_two_lines_of_one_code_share_the_units_of_their_minutes(first, second, units):
    """Neither takes what the other's minutes made."""
    visit = course(1, line("97110", None, minutes=first), line("97110", None, minutes=second))

    assert units == [each.units for each in lines_of(estimate_of(_schedule("eight-minute"), visit).typical)]


def _schedule(rule):

    fees = {"97110": usd("30.00"), "97140": usd("28.00"), "97161": usd("90.00")}
    return plan(networks=[network(allowed=Allowed(Basis.FEE_SCHEDULE, fees=fees, minutes_rule=rule))])


@pytest.mark.parametrize("covered", [False, UNKNOWN])
def test_a_network_may_cover_nothing_or_be_unread(covered):
    """Not covered is the patient's charge; unread is a range from the stated copay."""
    answer = estimate_of(plan(networks=[network(covered=covered)]), course(1, line(billed="120.00")))

    assert (("120.00",) * 3 if covered is False else ("40.00", "40.00", "120.00")) == ranged(answer)
    assert (covered is UNKNOWN) == ("network-cover" in kinds(answer.questions))


@pytest.mark.parametrize(
    ("tier", "expected"), [(Tier.NOT_COVERED, ("100.00",) * 3), (Tier.UNKNOWN, ("0.00", "0.00", "100.00"))]
)
def test_a_benefit_may_say_nothing_of_a_network_or_that_it_is_not_covered(tier, expected):
    """An unread share is anything from nothing to the allowed amount."""
    assert expected == ranged(estimate_of(plan(benefit(tier))))


def test_an_out_of_network_tier_that_the_plan_does_not_mention_is_unknown():
    """It is asked about."""
    answer = estimate_of(plan(), [on("2026-03-02", network="out-of-network")])

    assert ("0.00", "0.00", "100.00") == ranged(answer)
    assert "network-cover" in kinds(answer.questions)


def test_without_a_plan_the_patient_pays_the_charge():
    """Self-pay."""
    assert ["SelfPay 120.00"] == findings(
        estimate_of(plan(market="self-pay"), course(1, line(billed="120.00"))).typical
    )


def test_a_line_that_somebody_may_be_asked_for_must_have_a_price():
    """A denied line without any amount; the exception says where."""
    with pytest.raises(NoPrice) as missing:
        owes(plan(policies=[policy(Position.EXCLUDED)]), [*course(1), on("2026-03-09", line(), line("20561", None))])

    assert ("20561", 1, 1) == (missing.value.code, missing.value.visit, missing.value.line)


def test_a_diagnosis_that_claims_no_longer_take_is_a_notice():
    """With the code that replaces it."""
    answer = estimate_of(plan(), diagnoses=("M54.5",))

    assert [("M54.5", ("M54.50",))] == [(step.finding.code, step.finding.replacements) for step in answer.notices]
