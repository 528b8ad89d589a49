"""What an open answer is worth is the difference of estimates that anybody can ask for."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.engine.answer import AssumptionKind, Estimate, QuestionKind
from estimator.engine.estimate import estimate
from estimator.engine.prices import ClinicPrices, ExperienceFactor
from estimator.engine.values import Money, Rate, Span
from estimator.errors import UnknownPlan
from estimator.estimates import run
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import Asked
from estimator.estimates.open_ends import Course, plan_inputs
from estimator.estimates.run import estimate_asked
from estimator.estimates.sensitivity import ASKED_FIRST, MOST_RUNS, Matter, Matters, what_matters
from estimator.estimates.totals import totals_alone
from tests.build import benefit, days, estimate_of, limit, plan, request, share, under

TODAY = date(2026, 11, 23)
EXERCISE = {"code": "97110", "minutes": 30}
NEEDLING = {"code": "20561"}
COURSE = {"first_day": "2026-03-02", "visits": 12, "per_week": 2, "each_visit": [EXERCISE, NEEDLING]}
REQUEST = {"plan": "template-employer-ppo", "zip": "98101", "course": COURSE}
NOTHING_OPEN: dict[str, Any] = {
    "plan": "template-employer-ppo",
    "provider": {"network": "in-network", "experience_factor": "100%"},
    "person": {"family": False, "age": 41},
    "used": {"deductible_paid": "600.00", "limits": {"therapy-visits": 2}},
    "course": {**COURSE, "each_visit": [{**EXERCISE, "allowed": "100.00"}]},
    "told": {"on": "2026-11-20", "answers": [{"asks": "cost-share", "subject": "copay", "answer": "40.00"}]},
}
# Every setting that a booklet may leave out, around one benefit of which each test opens one part.
PLAN: dict[str, Any] = {
    "benefit_year": "calendar",
    "networks": {"in-network": {"deductible": {"person": "300.00"}, "out_of_pocket_max": {"person": "5000.00"}}},
    "limits": {"visits": {"visits": 10, "per": "benefit-year"}},
    "benefits": {
        "therapy": {
            "services": ["pt-timed"],
            "limits": ["visits"],
            "cost_share": {"in-network": {"coinsurance": "20%", "deductible": "applies"}},
        }
    },
}
VISITS = PLAN["limits"]["visits"]
NEEDLED = {**COURSE, "each_visit": [{**NEEDLING, "allowed": "50.00"}]}
BILLED = {**COURSE, "each_visit": [{**EXERCISE, "allowed": "100.00", "billed": "150.00"}]}
PRICED = {**COURSE, "each_visit": [{**EXERCISE, "allowed": "100.00"}]}
TOLD = {
    "provider": {"network": "in-network"},
    "used": {"deductible_paid": "0.00", "limits": {"visits": 0}},
    "course": PRICED,
}


def found(**changed: Any) -> Matters:
    """Ask what matters about the request with some keys changed."""
    return what_matters({**REQUEST, **changed}, TODAY)


def by_hand(**changed: Any) -> Estimate:
    """Estimate the request with some keys changed."""
    return estimate_asked(read_request({**REQUEST, **changed}, TODAY))[0]


def matter(matters: Matters, kind: str) -> Matter:
    """Return the one matter of a kind."""
    [one] = [each for each in matters.matters if each.kind == kind]
    return one


def with_benefit(**parts: Any) -> dict[str, Any]:
    """Return the plan with parts of its benefit changed."""
    return {**PLAN, "benefits": {"therapy": {**PLAN["benefits"]["therapy"], **parts}}}


def with_share(**share: Any) -> dict[str, Any]:
    """Return the plan with another share in network."""
    return with_benefit(cost_share={"in-network": share})


def with_policy(**policy: Any) -> dict[str, Any]:
    """Return the template's course under a plan with one policy on needling."""
    return {**with_benefit(), "policies": [{"policy": "on-needling", "services": ["dry-needling"], **policy}]}


def outside(**network: Any) -> dict[str, Any]:
    """Return the plan with a tier outside its network."""
    shares = {**PLAN["benefits"]["therapy"]["cost_share"], "out-of-network": {"coinsurance": "40%"}}
    tier = {"allowed": {"basis": "medicare"}, **network}
    return {**with_benefit(cost_share=shares), "networks": {**PLAN["networks"], "out-of-network": tier}}


def paying_medicare(reduced: str) -> dict[str, Any]:
    """Return the plan paying Medicare's amounts, with or without the reduction of a second service."""
    allowed = {"basis": "medicare", "multiple_procedure_reduction": reduced}
    return {**PLAN, "networks": {"in-network": {"deductible": {"person": "300.00"}, "allowed": allowed}}}


def for_a_family(rule: str) -> dict[str, Any]:
    """Return the plan with a family's deductible."""
    deductible = {"person": "300.00", "family": "600.00", "family_rule": rule}
    return {**PLAN, "networks": {"in-network": {"deductible": deductible}}}


def owed(one: Matter) -> dict[str, str]:
    """Return what the course costs at each end."""
    return {end.end: str(end.owes) for end in one.ends}


def test_where_everything_is_told_nothing_matters() -> None:
    """An answered question is worth nothing, and so is the sum of nothing."""
    matters = what_matters(NOTHING_OPEN, TODAY)

    assert [] == [each for each in matters.matters if each.worth]
    assert () == matters.first
    assert Money(0) == matters.worth("network")


def test_an_answered_unknown_is_worth_nothing_and_the_rest_is_worth_what_it_was() -> None:
    """Each answer takes its own line away."""
    answers = {
        "deductible-paid": {"used": {"deductible_paid": "0.00"}},
        "limit-used": {"used": {"limits": {"therapy-visits": 0}}},
        "network": {"provider": {"network": "in-network"}},
        "family-cover": {"person": {"family": False}},
        "experience-factor": {"provider": {"experience": "standard"}},
    }
    before = found()

    for kind, answer in answers.items():
        after = found(**answer)
        assert [] == [each for each in after.matters if each.kind == kind]
        assert Money(0) == after.worth(kind)
        assert [(each.kind, each.worth) for each in before.matters if each.kind not in answers] == [
            (each.kind, each.worth) for each in after.matters if each.kind not in answers
        ]


def test_what_a_person_did_not_tell_is_worth_the_difference_of_two_estimates() -> None:
    """Every end is an estimate of the request that says so."""
    matters = found()

    ends = {
        "network": [{"provider": {"network": "in-network"}}, {"provider": {"network": "out-of-network"}}],
        "limit-used": [{"used": {"limits": {"therapy-visits": each}}} for each in (0, 30)],
        "deductible-paid": [
            {"used": {"deductible_paid": each, "out_of_pocket_paid": each}} for each in ("0.00", "1500.00")
        ],
        "family-cover": [{"person": {"family": each}} for each in (False, True)],
        "experience-factor": [{"provider": {"experience_factor": each}} for each in ("90%", "115%")],
    }
    for kind, requests in ends.items():
        estimates, one = [by_hand(**request) for request in requests], matter(matters, kind)
        assert [each.typical.owes for each in estimates] == [end.owes for end in one.ends]
        settled = [each.settled[1].owes for each in estimates]
        most = [least + each.open_total.most for least, each in zip(settled, estimates, strict=True)]
        told = most if max(most) - min(most) > max(settled) - min(settled) else settled
        assert (tuple(told), max(told) - min(told)) == (one.amounts, matters.worth(kind))


def test_an_open_point_is_worth_what_the_answer_says_that_it_adds() -> None:
    """Needling that nobody has read: nothing more if it is covered, the highest fee if it is not."""
    matters = found()
    one, estimate = matter(matters, "needling-policy"), matters.estimate
    least, point = estimate.settled[1].owes, estimate.open_points[0]

    assert ("needling-cover", point.adds.most) == (point.about, one.worth)
    assert (least, least, least + point.adds.most) == one.amounts


def test_an_unread_policy_on_needling_is_worth_what_needling_costs() -> None:
    """Covered like the exercise beside it, swallowed by it, or the patient's."""
    needling = {**NEEDLING, "allowed": "50.00"}
    course = {**COURSE, "visits": 2, "each_visit": [{**EXERCISE, "allowed": "100.00"}, needling]}
    told = {**TOLD, "course": course, "used": {"deductible_paid": "300.00", "limits": {"visits": 0}}}
    matters = found(plan=with_policy(position="unknown"), **told)

    # 2 × 20% × 150; 2 × 20% × 100; 2 × (20 + 50).
    assert {"covered": "60.00", "bundled": "40.00", "not-covered": "140.00"} == owed(matter(matters, "needling-policy"))
    for position, owes in (("covered", 6000), ("bundled", 4000), ("excluded", 14000)):
        more = {"covered": {"under": "therapy"}, "excluded": {"liable": "patient"}}.get(position, {})
        policy = {"position": position, **more}
        assert owes == by_hand(plan=with_policy(**policy), **told).typical.owes


@pytest.mark.parametrize(
    ("kind", "open_plan", "ends"),
    [
        (
            "cost-share",
            with_share(copay="unknown", deductible="waived"),
            {
                "low": with_share(copay="20.00", deductible="waived"),
                "high": with_share(copay="75.00", deductible="waived"),
            },
        ),
        (
            "cost-share",
            with_share(copay={"from": "10.00", "to": "40.00"}, deductible="waived"),
            {
                "low": with_share(copay="10.00", deductible="waived"),
                "high": with_share(copay="40.00", deductible="waived"),
            },
        ),
        (
            "cost-share",
            with_share(coinsurance="unknown", deductible="waived"),
            {
                "low": with_share(coinsurance="10%", deductible="waived"),
                "high": with_share(coinsurance="50%", deductible="waived"),
            },
        ),
        (
            "cost-share",
            with_share(copay="20.00", deductible="unknown"),
            {
                "low": with_share(copay="20.00", deductible="waived"),
                "high": with_share(copay="20.00", deductible="applies"),
            },
        ),
        (
            "deductible",
            {**PLAN, "networks": {"in-network": {"deductible": "unknown"}}},
            {
                "low": {**PLAN, "networks": {"in-network": {"deductible": {"person": "0.00"}}}},
                "high": {**PLAN, "networks": {"in-network": {"deductible": {"person": "3000.00"}}}},
            },
        ),
        (
            "deductible",
            {**PLAN, "networks": {"in-network": {"deductible": {"person": {"from": "100.00", "to": "500.00"}}}}},
            {
                "low": {**PLAN, "networks": {"in-network": {"deductible": {"person": "100.00"}}}},
                "high": {**PLAN, "networks": {"in-network": {"deductible": {"person": "500.00"}}}},
            },
        ),
        (
            "past-limit",
            {**PLAN, "limits": {"visits": {"visits": 10, "per": "benefit-year", "past": "unknown"}}},
            {
                "clinic-absorbs": {
                    **PLAN,
                    "limits": {"visits": {"visits": 10, "per": "benefit-year", "past": "provider-absorbs"}},
                },
                "patient-pays": PLAN,
            },
        ),
        (
            "limit",
            {**PLAN, "limits": {"visits": {"visits": 10, "per": "benefit-year", "confirmed": "no"}}},
            {"not-reached": {**PLAN, "limits": {"visits": {"visits": 99, "per": "benefit-year"}}}, "as-read": PLAN},
        ),
        (
            "deductible-visits-count",
            PLAN,
            {
                "no": {
                    **PLAN,
                    "limits": {"visits": {"visits": 10, "per": "benefit-year", "deductible_visits_count": "no"}},
                },
                "yes": {
                    **PLAN,
                    "limits": {"visits": {"visits": 10, "per": "benefit-year", "deductible_visits_count": "yes"}},
                },
            },
        ),
        (
            "benefit-year",
            {**PLAN, "benefit_year": "unknown"},
            {"calendar": PLAN, "mid-year": {**PLAN, "benefit_year": {"starts": "07-01"}}},
        ),
    ],
)  # fmt: skip
def test_an_unread_setting_is_worth_the_difference_of_the_plans_that_say_it(
    kind: str, open_plan: dict[str, Any], ends: dict[str, Any]
) -> None:
    """The ends that docs/comparing.md states, each written into the plan by hand."""
    told = {**TOLD, "course": {**PRICED, "first_day": "2026-06-08"}}
    one = matter(found(plan=open_plan, **told), kind)

    by_end = {end: str(by_hand(plan=plan, **told).typical.owes) for end, plan in ends.items()}
    assert by_end == owed(one)
    spread = [Money.parse(each) for each in by_end.values()]
    assert max(spread) - min(spread) == one.worth


def test_an_unread_share_is_worth_a_low_copay_against_half_after_the_deductible() -> None:
    """12 × 20, against 300 and half of the other 900; a network that is not stated asks for cover as well."""
    plan = {**with_benefit(limits=[], cost_share={"in-network": "unknown"}), "limits": {}}
    told = {**TOLD, "used": {"deductible_paid": "0.00"}}

    assert {"low": "240.00", "high": "750.00"} == owed(matter(found(plan=plan, **told), "cost-share"))


def test_a_limit_of_which_nobody_has_read_the_amount_is_none_at_all_or_used_up() -> None:
    """12 visits at 100: 300 and a fifth of the other 900, or every visit."""
    plan = {**PLAN, "limits": {"visits": {"visits": "unknown", "per": "benefit-year"}}}
    told = {**TOLD, "used": {"deductible_paid": "0.00"}}

    assert {"not-reached": "480.00", "used-up": "1200.00"} == owed(matter(found(plan=plan, **told), "limit"))


def test_a_limit_that_only_the_next_year_has_is_worth_what_it_takes_there() -> None:
    """One visit in December at a copay of 40.00; of two in January, the second is beyond what may be a limit."""
    visits = days("2026-12-28", "2027-01-04", "2027-01-11")
    following = replace(under(limit(1, confirmed=False), cost=share("40.00")), in_force=Span(date(2027, 1, 1)))
    now = plan(benefit(share("40.00")), in_force=Span(None, date(2026, 12, 31)), later=(following,))
    estimate = estimate_of(now, visits)
    asked = Asked("a-plan", request(visits))
    [one] = [each for each in plan_inputs(Course(estimate, now, asked, estimate.questions)) if each.kind == "limit"]

    assert {"not-reached": "120.00", "as-read": "180.00"} == {
        option.end: str(estimate_of(option.plan, visits).typical.owes) for option in one.options
    }


def test_a_network_of_which_nothing_is_read_pays_as_in_network_or_nothing() -> None:
    """12 visits at 100: 300 and a fifth of the rest but two beyond the limit, against all of it."""
    plan = {**PLAN, "networks": {**PLAN["networks"], "out-of-network": "unknown"}}
    told = {**TOLD, "provider": {"network": "out-of-network"}}

    one = matter(found(plan=plan, **told), "network-cover")
    in_network = by_hand(plan=PLAN, **{**told, "provider": {"network": "in-network"}}).typical.owes
    assert {"not-covered": "1200.00", "like-in-network": str(in_network)} == owed(one)


def test_a_condition_that_the_clinic_would_bear_is_worth_nothing_to_the_patient() -> None:
    """A visit that is written off saves nothing to plan with; what the clinic loses is told beside it."""
    plan = with_benefit(authorization={"from_visit": 3, "if_missing": "provider-absorbs"})
    one = matter(found(plan=plan, **TOLD), "authorization")
    refused = by_hand(plan=plan, **TOLD, authorization={"on_file": False})

    assert Money(0) == one.worth
    assert refused.typical.owes == one.ends[1].owes
    assert refused.typical.provider_absorbs == one.clinic_worth


def test_a_condition_that_the_patient_would_bear_is_worth_its_price() -> None:
    """The same condition, where the plan lays a missing authorization on the patient."""
    plan = with_benefit(authorization={"from_visit": 3, "if_missing": "patient-pays"})
    one = matter(found(plan=plan, **TOLD), "authorization")
    granted, refused = (by_hand(plan=plan, **TOLD, authorization={"on_file": on_file}) for on_file in (True, False))

    assert refused.typical.owes - granted.typical.owes == one.worth
    assert "authorization.on_file" == one.path


def test_a_consent_is_worth_the_line_that_it_moves() -> None:
    """Signed before the visit, a line that is not medically necessary is the patient's."""
    plan = with_policy(position="not-medically-necessary")
    told = {**TOLD, "course": {**COURSE, "each_visit": [{**NEEDLING, "allowed": "50.00"}]}}
    one = matter(found(plan=plan, **told), "consent")

    assert by_hand(plan=plan, **told, signed_consent=True).typical.owes == one.worth == Money(60_000)


def test_an_age_a_number_of_weeks_and_a_diagnosis_are_tried_on_both_sides_of_the_rule() -> None:
    """A policy covers what the booklet's condition covers; the rest is the patient's."""
    told = {
        **TOLD,
        "course": {**COURSE, "each_visit": [{**EXERCISE, "allowed": "100.00"}, {**NEEDLING, "allowed": "50.00"}]},
    }
    facts = {
        "age": ({"age": {"from": 18}}, {"10": {"age": 10}, "40": {"age": 40}, "70": {"age": 70}}),
        "symptom-weeks": ({"symptom_weeks": 12}, {"2": {"symptom_weeks": 2}, "26": {"symptom_weeks": 26}}),
    }  # fmt: skip
    for kind, (when, ends) in facts.items():
        plan = with_policy(position="covered", under="therapy", when=when)
        rest = {"policy": "rest", "services": ["dry-needling"], "position": "excluded"}
        plan = {**plan, "policies": [*plan["policies"], rest]}
        one = matter(found(plan=plan, **told), kind)
        assert {end: str(by_hand(plan=plan, **told, person=person).typical.owes) for end, person in ends.items()} == (
            owed(one)
        )
        assert one.worth > 0


def test_a_diagnosis_is_tried_as_the_rules_name_it_and_as_none_does() -> None:
    """The first pattern of the rule, and the first common code beside it."""
    policies = [
        {
            "policy": "for-headache", "services": ["dry-needling"], "position": "covered", "under": "therapy",
            "when": {"diagnoses": ["G43*"]},
        },
        {"policy": "rest", "services": ["dry-needling"], "position": "excluded"},
    ]  # fmt: skip
    told = {**TOLD, "course": {**COURSE, "each_visit": [{**NEEDLING, "allowed": "50.00"}, PRICED["each_visit"][0]]}}
    one = matter(found(plan={**PLAN, "policies": policies}, **told), "diagnosis")

    assert ["G43", "M54.50"] == [end.end for end in one.ends]
    covered, not_covered = (
        by_hand(plan={**PLAN, "policies": policies}, **told, diagnoses=[code]) for code in ("G43.909", "M54.50")
    )
    assert [covered.typical.owes, not_covered.typical.owes] == [end.owes for end in one.ends]


def test_the_level_of_prices_is_worth_the_typical_reading_at_low_and_at_high_prices() -> None:
    """With nothing else open, those are the low and the high estimate."""
    told = {"course": {**COURSE, "each_visit": [EXERCISE]}, "plan": with_share(coinsurance="20%", deductible="waived")}
    estimate = by_hand(**told)
    one = matter(found(**told), "price-level")

    assert {"low": str(estimate.low.owes), "high": str(estimate.high.owes)} == owed(one)


def test_a_zip_code_in_several_price_areas_is_tried_in_each() -> None:
    """The choice is one of the candidates."""
    told = {"plan": "original-medicare-2026", "zip": _straddling_zip()}
    one = matter(found(**told), "zip-straddles")

    for end in one.ends:
        assert by_hand(**told, locality=end.end).typical.owes == end.owes


@pytest.mark.parametrize(
    "plan", ["template-employer-ppo", "example-unknowns", "original-medicare-2026", "self-pay", "tricare-prime-2026"]
)
def test_a_course_takes_few_estimates_and_no_others(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 25 estimates, whatever the plan leaves open; the engine is asked for none that is not counted."""
    asked: list[str] = []

    def counted(*given: Any) -> Estimate:
        asked.append("once")
        return estimate(*given)

    def ends_counted(*given: Any) -> Estimate:
        asked.append("once")
        return totals_alone(*given)

    monkeypatch.setattr("estimator.estimates.sensitivity.totals_alone", ends_counted)
    for each in (run.estimate_asked, run.estimate_with):
        assert each.__defaults__
        assert each.__defaults__[-1] is estimate
        monkeypatch.setattr(each, "__defaults__", (*each.__defaults__[:-1], counted))
    matters = found(plan=plan)

    assert () == matters.left_out
    assert len(asked) == matters.runs <= MOST_RUNS


@pytest.mark.parametrize(
    ("kind", "open_plan", "told", "ends"),
    [
        (
            "limit-exemption",
            {**PLAN, "limits": {"visits": {**VISITS, "exempt_when": {"symptom_weeks": 12}}}},
            {},
            {"exempt": {**PLAN, "limits": {"visits": {**VISITS, "visits": 99}}}, "holds": PLAN},
        ),
        (
            "authorization-consequence",
            with_benefit(authorization={"from_visit": 3, "if_missing": "unknown"}),
            {"authorization": {"on_file": False}},
            {
                "clinic-absorbs": with_benefit(authorization={"from_visit": 3, "if_missing": "provider-absorbs"}),
                "patient-pays": with_benefit(authorization={"from_visit": 3, "if_missing": "patient-pays"}),
            },
        ),
        (
            "liability",
            with_policy(position="excluded", liable="unknown"),
            {"course": NEEDLED},
            {
                "clinic-absorbs": with_policy(position="excluded", liable="provider"),
                "patient-pays": with_policy(position="excluded", liable="patient"),
            },
        ),
        (
            "balance-bill",
            outside(balance_bill="unknown"),
            {"provider": {"network": "out-of-network"}, "course": BILLED},
            {"no": outside(balance_bill="no"), "yes": outside(balance_bill="yes")},
        ),
        (
            "multiple-procedure-reduction",
            paying_medicare("unknown"),
            {"course": {**COURSE, "each_visit": [EXERCISE, {"code": "97140", "minutes": 30}]}},
            {"yes": paying_medicare("yes"), "no": paying_medicare("no")},
        ),
        (
            "family-rule",
            for_a_family("unknown"),
            {"person": {"family": True}},
            {"embedded": for_a_family("embedded"), "aggregate": for_a_family("aggregate")},
        ),
        (
            "out-of-pocket-max",
            {**PLAN, "networks": {"in-network": {"out_of_pocket_max": {"person": {"from": "50.00", "to": "90.00"}}}}},
            {},
            {
                "low": {**PLAN, "networks": {"in-network": {"out_of_pocket_max": {"person": "50.00"}}}},
                "high": {**PLAN, "networks": {"in-network": {"out_of_pocket_max": {"person": "90.00"}}}},
            },
        ),
    ],
)
def test_a_rule_that_is_not_read_is_worth_the_difference_of_the_plans_that_say_it(
    kind: str, open_plan: dict[str, Any], told: dict[str, Any], ends: dict[str, Any]
) -> None:
    """Rules on who bears what, each written into the plan by hand."""
    request = {**TOLD, **told}
    one = matter(found(plan=open_plan, **request), kind)

    assert {end: str(by_hand(plan=plan, **request).typical.owes) for end, plan in ends.items()} == owed(one)
    assert one.worth > 0


@pytest.mark.parametrize("rule", ["embedded", "aggregate"])
def test_a_family_may_have_paid_its_whole_deductible(rule: str) -> None:
    """One amount of the family is paid whole; elsewhere each person's own."""
    told = {**TOLD, "person": {"family": True}, "used": {"limits": {"visits": 0}}}
    one = matter(found(plan=for_a_family(rule), **told), "deductible-paid")

    whole = "600.00" if rule == "aggregate" else "300.00"
    paid = dict.fromkeys(
        ("deductible_paid", "out_of_pocket_paid", "family_deductible_paid", "family_out_of_pocket_paid"), whole
    )
    assert whole == one.subject
    assert str(by_hand(plan=for_a_family(rule), **{**told, "used": paid}).typical.owes) == owed(one)["all"]


@pytest.mark.parametrize(("limit", "all_of_it"), [({"dollars": "500.00"}, "500.00"), ({"hours": 3}, "3")])
def test_a_limit_of_dollars_or_hours_may_be_used_up_in_its_own_measure(limit: dict[str, Any], all_of_it: str) -> None:
    """As the request writes it: money, or whole hours."""
    plan = {**PLAN, "limits": {"visits": {**limit, "per": "benefit-year"}}}
    told = {**TOLD, "used": {"deductible_paid": "300.00"}}
    one = matter(found(plan=plan, **told), "limit-used")

    used = {"deductible_paid": "300.00", "limits": {"visits": all_of_it}}
    assert str(by_hand(plan=plan, **{**told, "used": used}).typical.owes) == owed(one)["all"]
    assert one.worth > 0


def test_the_same_question_gives_the_same_answer_the_dearest_first() -> None:
    """Deterministic, and sorted by what it is worth."""
    once, again = found(), found()

    assert once.matters == again.matters
    worths = [each.worth for each in once.matters]
    assert sorted(worths, reverse=True) == worths
    assert once.matters[:ASKED_FIRST] == once.first


@given(allowed=st.integers(1, 40_000), visits=st.integers(1, 14), paid=st.one_of(st.none(), st.integers(0, 400)))
@settings(max_examples=25, deadline=None)
def test_no_worth_is_below_zero_and_an_end_of_what_was_assumed_is_the_estimate(
    allowed: int, visits: int, paid: int | None
) -> None:
    """The end that the estimate already takes is the estimate itself."""
    course = {**COURSE, "visits": visits, "each_visit": [{**EXERCISE, "allowed": str(Money(allowed))}]}
    used = {} if paid is None else {"deductible_paid": f"{paid}.00"}
    matters = found(plan=PLAN, course=course, used=used, provider={"network": "in-network"})

    assert all(each.worth >= 0 and each.clinic_worth >= 0 for each in matters.matters)
    for kind in ("limit-used", "deductible-paid"):
        ends = [each.ends[0].owes for each in matters.matters if each.kind == kind]
        assert all(matters.estimate.typical.owes == owes for owes in ends)
    assert (paid is None) == any(each.kind == "deductible-paid" for each in matters.matters)


def test_what_a_second_plan_leaves_open_is_not_tried_on_the_first() -> None:
    """The first plan's own limits and networks are the only ones that can be read otherwise."""
    second = {"plan": "example-unknowns", "method": "standard"}
    chiropractic = {**COURSE, "each_visit": [{"code": "98940", "allowed": "40.00"}]}
    plan = with_benefit(services=["chiropractic"])
    matters = found(plan=plan, **{**TOLD, "course": chiropractic}, secondary=second)

    assert {"limit"} <= {question.asks for question in matters.estimate.questions}
    assert not {"limit", "cost-share", "deductible"} & {each.kind for each in matters.matters}


def test_where_there_is_no_estimate_nothing_can_matter() -> None:
    """The caller learns why."""
    with pytest.raises(UnknownPlan):
        found(plan="no-such-plan")


def test_the_worth_leaves_an_end_out_that_is_written_off() -> None:
    """Only ends that the patient can plan with count."""
    one = matter(found(), "network")
    cheap = replace(one.ends[0], owes=Money(0), is_written_off=True)

    assert one.worth == replace(one, ends=(*one.ends, cheap)).worth


def _straddling_zip() -> str:
    """Return a ZIP code whose carrier area prices differ."""
    return next(
        code
        for code in ("98604", "30102", "60047", "94503", "19320", "20601", "63005")
        if any(question.asks == "zip-straddles" for question in by_hand(zip=code).questions)
    )


def test_a_clinics_own_factor_is_an_end_in_the_place_of_ours() -> None:
    """120% in place of 115%; and where the provider is known to be senior nothing is open."""
    own = ClinicPrices(factors=(ExperienceFactor("senior", Rate.parse("120%"), TODAY),))
    senior = {**REQUEST, "provider": {"experience": "senior"}}
    asked = matter(what_matters(REQUEST, TODAY, clinic=own), "experience-factor")

    assert ["90%", "120%"] == [end.end for end in asked.ends]
    assert [] == [one for one in what_matters(senior, TODAY, clinic=own).matters if one.kind == "experience-factor"]


def test_a_figure_that_a_typical_plan_assumes_is_worth_what_the_answer_says() -> None:
    """The copay of a template is nobody's own: its ends are those of the answer's assumption."""
    matters = what_matters(REQUEST, TODAY)
    copay = next(matter for matter in matters.matters if matter.kind == QuestionKind.COST_SHARE)
    assumed = next(each for each in matters.estimate.assumptions if each.assumes == AssumptionKind.ASSUMED_COPAY)

    assert assumed.worth is not None
    assert sum(assumed.worth) == copay.worth
    assert matters.estimate.settled[1].owes - assumed.worth.less == min(copay.amounts)


def test_a_figure_stands_with_the_question_for_it_where_another_part_of_a_share_is_asked_too() -> None:
    """In network a copay is assumed, out of it a percentage: what hangs on the copay isn't said of the percentage."""
    visits = [
        {"day": day, "network": network, "services": [EXERCISE]}
        for day, network in (("2026-12-01", "in-network"), ("2026-12-08", "out-of-network"))
    ]
    matters = what_matters({"plan": "template-employer-ppo", "zip": "98101", "visits": visits}, TODAY)
    [share] = [matter for matter in matters.matters if matter.kind == QuestionKind.COST_SHARE]
    assumed = {each.assumes: each.worth for each in matters.estimate.assumptions}

    assert AssumptionKind.ASSUMED_COINSURANCE not in assumed
    assert ("copay", sum(assumed[AssumptionKind.ASSUMED_COPAY] or ())) == (share.subject, share.worth)
