"""What the plan answered fills what nobody has read, and stands beside what a document says."""

from datetime import date
from typing import Any

import pytest

from estimator.engine.answer import Estimate, Status
from estimator.engine.request import Effect
from estimator.errors import RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from tests.estimates.told_plans import CEILING, EXERCISE, NEEDLING, SHARE, call, estimated, plan, policy, range_of, says

UNREAD = policy("unknown")
BOTH = [EXERCISE, NEEDLING]
LIMIT = {"visits": "unknown", "per": "benefit-year", "cite": "booklet p. 4"}
READ_LIMIT = {**LIMIT, "visits": "10"}
ORDER_UNKNOWN = {**SHARE, "deductible": "unknown"}

# The plan, the answer, what is owed before it and after it. Four visits: copay 4 × 40.00, exercise 4 × 100.00,
# needling 4 × 60.00 where the plan doesn't pay it.
FILLS: list[tuple[str, dict[str, Any], dict[str, Any], Any, tuple[str, str, str], tuple[str, str, str]]] = [
    (
        "covered needling falls under the copay of the visit",
        plan(policies=[UNREAD]), says("payable", "covered", "20561"), BOTH,
        ("160.00", "400.00", "400.00"), ("160.00", "160.00", "160.00"),
    ),
    (
        "an exclusion leaves open whether the clinic has the fee agreed to",
        plan(policies=[UNREAD]), says("payable", "excluded", "20561"), BOTH,
        ("160.00", "400.00", "400.00"), ("160.00", "400.00", "400.00"),
    ),
    (
        "investigational is usually paid by the patient, who is asked to agree first",
        plan(policies=[UNREAD]), says("payable", "investigational", "20561"), BOTH,
        ("160.00", "400.00", "400.00"), ("160.00", "400.00", "400.00"),
    ),
    (
        "not paid, for no reason given, leaves open who bears it",
        plan(policies=[UNREAD]), says("payable", "not-paid", "20561"), BOTH,
        ("160.00", "400.00", "400.00"), ("160.00", "400.00", "400.00"),
    ),
    (
        "a code that is not valid is not paid",
        plan(policies=[UNREAD]), says("code-valid", "no", "20561"), BOTH,
        ("160.00", "400.00", "400.00"), ("160.00", "400.00", "400.00"),
    ),
    (
        "a copay that was not read",
        plan({**SHARE, "copay": "unknown"}), says("cost-share", "25.00", "copay"), None,
        ("0.00", "160.00", "400.00"), ("100.00", "100.00", "100.00"),
    ),
    (
        "a copay between two amounts",
        plan({**SHARE, "copay": {"from": "20.00", "to": "50.00"}}), says("cost-share", "30.00", "copay"), None,
        ("80.00", "80.00", "200.00"), ("120.00", "120.00", "120.00"),
    ),
    (
        "a percentage that was not read",
        plan({"coinsurance": "unknown", "deductible": "waived", "cite": "booklet p. 2"}),
        says("cost-share", "20%", "coinsurance"), None,
        ("0.00", "80.00", "400.00"), ("80.00", "80.00", "80.00"),
    ),
    (
        "a share of which nothing was read",
        plan("unknown"), says("cost-share", "25.00", "copay"), None,
        ("0.00", "160.00", "400.00"), ("100.00", "100.00", "100.00"),
    ),
    (
        "whether the deductible comes first",
        plan(ORDER_UNKNOWN, deductible=CEILING), says("cost-share", "no", "deductible"), None,
        ("160.00", "160.00", "400.00"), ("160.00", "160.00", "160.00"),
    ),
    (
        "a deductible that was not read",
        plan({**SHARE, "deductible": "applies"}, deductible="unknown"), says("deductible", "100.00"), None,
        ("160.00", "400.00", "400.00"), ("220.00", "220.00", "220.00"),
    ),
    (
        "a yearly maximum that was not read",
        plan(out_of_pocket_max="unknown"), says("out-of-pocket-max", "90.00"), None,
        ("160.00", "160.00", "160.00"), ("90.00", "90.00", "90.00"),
    ),
    (
        "a limit that was not read",
        plan(limit=LIMIT), says("limit", 3, "therapy-visits"), None,
        ("160.00", "160.00", "400.00"), ("220.00", "220.00", "220.00"),
    ),
    (
        "no limit at all",
        plan(limit=LIMIT), says("limit", "none", "therapy-visits"), None,
        ("160.00", "160.00", "400.00"), ("160.00", "160.00", "160.00"),
    ),
    (
        "who bears a visit past the limit",
        plan(limit={**LIMIT, "visits": "3", "past": "unknown"}), says("past-limit", "no", "therapy-visits"), None,
        ("120.00", "120.00", "220.00"), ("120.00", "120.00", "120.00"),
    ),
]  # fmt: skip


def effects(estimate: Estimate) -> list[str]:
    """Return what each answer did."""
    return [heard.effect.value for heard in estimate.told]


def asked(estimate: Estimate) -> set[str]:
    """Return what is still asked."""
    return {question.asks for question in estimate.questions}


@pytest.mark.parametrize(("definition", "answer", "services", "before", "after"), [case[1:] for case in FILLS],
                         ids=[case[0] for case in FILLS])  # fmt: skip
def test_an_answer_fills_what_nobody_has_read(definition, answer, services, before, after):
    """Each kind of answer moves the estimate to what the plan with that rule would cost."""
    untold = estimated(definition, services=services)
    told = estimated(definition, call(answer), services=services)

    assert (before, after, ["counted"]) == (range_of(untold), range_of(told), effects(told))


def test_an_answer_that_the_plan_does_not_stand_by_has_its_price():
    """The condition says what is owed more if the telephone was wrong, and at which visits."""
    told = estimated(plan(policies=[UNREAD]), call(says("payable", "covered", "20561")), services=BOTH)
    [kept] = [condition for condition in told.conditions if condition.needs == "told"]

    assert ("240.00", 1, 4) == (str(kept.difference), kept.from_visit, kept.visits)


def test_an_answered_question_is_not_asked_again():
    """It is listed as told, with its day."""
    definition = plan(policies=[UNREAD], therapy={"authorization": "unknown", "referral": "unknown"})
    told = estimated(
        definition,
        call(
            says("payable", "covered", "20561"),
            says("authorization-needed", "no", "physical-therapy"),
            says("referral-needed", "no", "physical-therapy"),
        ),
        services=BOTH,
    )

    assert {"needling-policy", "authorization-needed", "referral-needed"} <= asked(estimated(definition, services=BOTH))
    assert set() == asked(told)


def test_an_authorization_of_one_code_leaves_the_others_unread():
    """Told for needling from visit 3 on, exercise is asked about as before."""
    definition = plan(policies=[policy("covered", under="physical-therapy")], therapy={"authorization": "unknown"})
    told = estimated(definition, call(says("authorization-needed", "yes", "20561", from_visit=3)), services=BOTH)
    statuses = [[line.status for line in visit.lines] for visit in told.typical.visits]

    assert [Status.PAYABLE, Status.PAYABLE] == statuses[1]
    assert [Status.PAYABLE, Status.NEEDS_AUTHORIZATION] == statuses[2]
    assert "authorization-needed" in asked(told)


def test_who_bears_a_missing_authorization_is_told():
    """Not read, it is an open point: nothing, or 4 × 100.00. Told that the clinic bears it, nothing is open."""
    needed = {"from_visit": "1", "if_missing": "unknown", "cite": "booklet p. 5"}
    definition = plan(therapy={"authorization": needed})
    told = estimated(
        definition, call(says("authorization-consequence", "clinic", "authorization")), authorization={"on_file": False}
    )

    assert ("0.00", "0.00", "400.00") == range_of(estimated(definition, authorization={"on_file": False}))
    assert ("0.00", "0.00", "0.00") == range_of(told)


@pytest.mark.parametrize(
    ("definition", "answer", "services", "after"),
    [
        (plan(policies=[policy("excluded")]), says("payable", "covered", "20561"), BOTH,
         ("160.00", "400.00", "400.00")),
        (plan(policies=[policy("covered", under="physical-therapy")]), says("payable", "excluded", "20561"), BOTH,
         ("160.00", "160.00", "400.00")),
        (plan(), says("cost-share", "25.00", "copay"), None, ("100.00", "160.00", "160.00")),
        (plan(), says("fair-copay", "15.00"), None, ("60.00", "160.00", "160.00")),
        (plan(), says("deductible", "100.00"), None, ("160.00", "160.00", "160.00")),
        (plan({**SHARE, "deductible": "applies"}, deductible=CEILING), says("deductible", "100.00"), None,
         ("220.00", "400.00", "400.00")),
        (plan(limit=READ_LIMIT), says("limit", 3, "therapy-visits"), None, ("160.00", "160.00", "220.00")),
        (plan(), says("limit", 3), None, ("160.00", "160.00", "220.00")),
    ],
    ids=["covered", "excluded", "copay", "fair copay", "a deductible of no use", "deductible", "limit", "a new limit"],
)  # fmt: skip
def test_a_contradiction_widens_the_range_and_never_replaces_what_was_read(definition, answer, services, after):
    """The document keeps the typical figure; the answer stands at one end, with a question to ask in writing."""
    untold = estimated(definition, services=services)
    told = estimated(definition, call(answer), services=services)

    assert (after, str(untold.typical.owes)) == (range_of(told), str(told.typical.owes))
    assert (["contradicts"], {"in-writing"}) == (effects(told), asked(told) - asked(untold))


def test_a_contradiction_is_an_open_point_with_both_readings():
    """If the answer holds and not the document, four visits cost 25.00 in place of 40.00: 100.00 is settled."""
    answer = estimated(plan(), call(says("cost-share", "25.00", "copay")))
    [point] = answer.open_points

    assert ("told-otherwise", "document", "document") == (point.about, point.usual, point.dearest)
    assert ("100.00", "60.00", "60.00") == (str(answer.settled[1].owes), str(point.adds.usual), str(point.adds.most))
    assert (point.adds, ()) == (answer.open_total, answer.conditions)


def test_an_answer_that_costs_more_than_the_document_adds_only_at_its_dearest():
    """The document's 160.00 is settled; a limit of three visits would add 60.00."""
    [point] = estimated(plan(limit=READ_LIMIT), call(says("limit", 3, "therapy-visits"))).open_points

    assert ("answer", "0.00", "60.00") == (point.dearest, str(point.adds.usual), str(point.adds.most))


TEMPLATE = {**plan(limit=READ_LIMIT), "kind": "template"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says("cost-share", "25.00", "copay"), ("100.00", "100.00", "100.00")),
        (says("limit", 3, "therapy-visits"), ("160.00", "220.00", "325.00")),
        (says("limit", "none", "therapy-visits"), ("80.00", "160.00", "300.00")),
    ],
    ids=["copay", "limit", "no limit"],
)
def test_what_is_told_of_a_template_replaces_its_figure(answer, expected):
    """Its figures are nobody's: no second reading beside the answer, and nothing to ask in writing."""
    told = estimated(TEMPLATE, call(answer))

    assert (expected, ["counted"], ()) == (range_of(told), effects(told), told.open_points)
    assert "in-writing" not in asked(told)


@pytest.mark.parametrize(
    ("answer", "expected", "effect"),
    [
        (says("cost-share", "40.00", "copay"), ("160.00", "160.00", "160.00"), "counted"),
        (says("cost-share", "none", "coinsurance"), ("80.00", "160.00", "300.00"), "agrees"),
    ],
    ids=["its copay", "no percentage"],
)
def test_what_a_template_assumed_is_known_once_it_is_told_and_nothing_else_is(answer, expected, effect):
    """Its copay of 40.00 is no guess then; that there is no percentage beside it says nothing of the copay."""
    told = estimated(TEMPLATE, call(answer))

    assert (expected, [effect]) == (range_of(told), effects(told))


def test_of_two_answers_on_a_template_the_newer_replaces_and_the_older_stands_beside_it():
    """An older call never takes the place of a newer one."""
    told = estimated(
        TEMPLATE,
        call(says("cost-share", "25.00", "copay"), on="2026-11-18"),
        call(says("cost-share", "30.00", "copay"), on="2026-11-20"),
    )

    assert (("100.00", "120.00", "120.00"), ["counted", "contradicts"]) == (range_of(told), effects(told))


def test_an_answer_that_says_what_was_read_changes_nothing():
    """It is listed as agreeing."""
    told = estimated(plan(), call(says("cost-share", "40.00", "copay")))

    assert (("160.00", "160.00", "160.00"), ["agrees"]) == (range_of(told), effects(told))


def test_could_not_say_changes_nothing():
    """The question stays, and the call is remembered."""
    untold = estimated(plan(policies=[UNREAD]), services=BOTH)
    told = estimated(plan(policies=[UNREAD]), call(says("payable", "could-not-say", "20561")), services=BOTH)

    assert (range_of(untold), asked(untold)) == (range_of(told), asked(told))
    assert [Effect.COULD_NOT_SAY] == [heard.effect for heard in told.told]


def test_of_two_calls_the_newer_fills_and_the_older_widens():
    """Two representatives said two things; neither is averaged away."""
    told = estimated(
        plan({**SHARE, "copay": "unknown"}),
        call(says("cost-share", "25.00", "copay"), on="2026-11-18"),
        call(says("cost-share", "30.00", "copay"), on="2026-11-20"),
    )

    assert (("100.00", "120.00", "120.00"), ["counted", "contradicts"]) == (range_of(told), effects(told))


def test_every_rule_that_was_told_cites_the_call():
    """A step shows by whom and on which day its rule was told."""
    definition = plan({**SHARE, "copay": "unknown"})
    told = estimated(definition, call(says("cost-share", "25.00", "copay"), reference="R-77"))
    cited = told.typical.visits[0].lines[0].steps[0].citation

    assert cited is not None
    assert ("Evergreen", "2026-11-20", "told", "R-77") == (
        cited.source.title, str(cited.source.read_on), cited.source.confidence, cited.place,
    )  # fmt: skip


def test_what_an_estimate_rests_on_names_what_was_told_without_reference_or_name():
    """The inputs are enough to make it again, and say nothing of who was on the telephone."""
    told = estimated(
        plan(policies=[UNREAD]),
        call(says("payable", "covered", "20561"), reference="R-77", representative="Dana"),
        services=BOTH,
    )

    assert "2026-11-20 telephone payable 20561 covered (counted)" == told.inputs["told"]


def test_a_limit_that_the_plan_does_not_have_is_refused():
    """A typing error must not pass for an answer."""
    with pytest.raises(RequestRefused) as refused:
        estimated(plan(limit=LIMIT), call(says("past-limit", "no", "visits")))

    assert ["told.0.answers.0.subject: Choose one of the plan’s limits: therapy-visits."] == [
        str(problem) for problem in refused.value.problems
    ]


MEDIGAP = {
    "plan": "original-medicare-2026",
    "used": {"deductible_paid": "283.00"},
    "zip": "98101",
    "course": {"first_day": "2026-12-01", "visits": 4, "each_visit": [{"code": "97110", "minutes": 30}]},
}


@pytest.mark.parametrize(
    ("named", "subject", "answer", "effect", "is_open"),
    [
        ("medigap-n", "copay", "no", "counted", False),
        ("medigap-n", "copay", "yes", "counted", False),
        ("medigap-n", "copay", "could-not-say", "could-not-say", True),
        ("medigap-g", "copay", "yes", "contradicts", False),
        ("medigap-g", "copay", "no", "agrees", False),
    ],
)
def test_a_supplement_answers_for_itself(named: str, subject: str, answer: Any, effect: str, is_open: bool) -> None:
    """Whether Plan N asks its copay at a therapy visit is open until its insurer says so; a document holds."""
    told = [{"on": "2026-11-20", "answers": [{"asks": "supplement", "subject": subject, "answer": answer}]}]
    request = {**MEDIGAP, "secondary": {"plan": named}, "told": told}
    found, _ = estimate_asked(read_request(request, date(2026, 11, 23)))
    alone, _ = estimate_asked(read_request({**request, "plan": named, "secondary": None}, date(2026, 11, 23)))

    for each in (found, alone):
        assert [effect] == [heard.effect.value for heard in each.told]
        assert is_open == ("supplement" in [point.about for point in each.open_points])
    assert ("counted", "yes") != (effect, answer) or found.typical.owes > 0


def test_what_only_a_supplement_can_say_is_refused_without_one() -> None:
    """Medicare alone has no copay of a supplement."""
    told = [{"on": "2026-11-20", "answers": [{"asks": "supplement", "subject": "copay", "answer": "no"}]}]

    with pytest.raises(RequestRefused) as refused:
        estimate_asked(read_request({**MEDIGAP, "told": told}, date(2026, 11, 23)))
    assert ["told.0.answers.0.asks"] == [problem.path for problem in refused.value.problems]


SECOND = {
    "market": "employer",
    "networks": {"in-network": {"deductible": "unknown"}},
    "benefits": {
        "therapy": {
            "services": ["physical-therapy"],
            "limits": ["therapy-visits"],
            "cost_share": {"in-network": {"copay": "unknown", "deductible": "waived"}},
        }
    },
    "limits": {"therapy-visits": {"visits": "unknown", "per": "benefit-year"}},
}


def with_second(*answers: dict[str, Any], first: Any = None) -> Any:
    """Return the estimate of two visits at 40.00 under the first plan, with what the second one answered."""
    share = {"copay": "40.00", "deductible": "waived"}
    plan = {**SECOND, "limits": {}, "networks": {"in-network": {}}}
    plan["benefits"] = {"therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": share}}}
    told = [{"on": "2026-11-20", "reference": "R-2", "answers": list(answers)}] if answers else []
    services = [{"code": "97110", "allowed": "100.00"}]
    request = {
        "plan": first or plan,
        "visits": [{"day": day, "services": services} for day in ("2026-11-24", "2026-11-26")],
        "secondary": {"plan": SECOND, "method": "non-duplication", "told": told},
    }
    return estimate_asked(read_request(request, date(2026, 11, 23)))[0]


def test_a_second_plan_answers_for_itself() -> None:
    """Its copay is read as it told it: 15 of each 40 stay; its limit is then one visit, and the second visit's 40."""
    before, after = with_second(), with_second({"asks": "cost-share", "subject": "copay", "answer": "15.00"})
    limited = with_second(
        {"asks": "cost-share", "subject": "copay", "answer": "15.00"},
        {"asks": "limit", "subject": "therapy-visits", "answer": 1},
    )

    assert ("30.00", "55.00") == (str(after.settled[1].owes), str(limited.settled[1].owes))
    assert before.low.owes <= after.low.owes <= after.high.owes <= before.high.owes
    assert "limit" in {point.about for point in after.open_points} - {point.about for point in limited.open_points}
    assert [("counted", True)] == [(heard.effect.value, heard.of_second) for heard in after.told]
    assert "cost-share copay 15.00 (counted)" in str(after.inputs["told_by_second"])
    assert "told" not in after.inputs


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"asks": "limit", "subject": "visits", "answer": 3}, "secondary.told.0.answers.0.subject"),
        ({"asks": "supplement", "subject": "copay", "answer": "no"}, "secondary.told.0.answers.0.asks"),
    ],
)
def test_what_a_second_plan_cannot_have_told_is_refused(answer: dict[str, Any], path: str) -> None:
    """A limit that it doesn't have, and a rule that only a supplement has."""
    with pytest.raises(RequestRefused) as refused:
        with_second(answer)

    assert [path] == [problem.path for problem in refused.value.problems]
