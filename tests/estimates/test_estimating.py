"""What a request meets between its schema and the engine: plans, places, limits and prices that are not there."""

from datetime import date

import pytest

from estimator.engine import estimate as engine
from estimator.engine.findings import DeductibleTaken
from estimator.engine.values import Money
from estimator.errors import PlanNotInForce, Problem, RequestRefused, UnknownPlan, UnknownZip
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked, second_laid
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json

TODAY = date(2026, 11, 23)
VISIT = {"day": "2026-03-02", "services": [{"code": "97110", "minutes": 30}]}


def answer(**changed):
    """Estimate one Medicare visit in Seattle, with some keys changed."""
    request = {"plan": "original-medicare-2026", "zip": "98101", "visits": [VISIT], **changed}
    estimate, _ = estimate_asked(read_request(request, TODAY))
    return estimate


def problems(**changed):
    """Return the problems of a refused request as text."""
    with pytest.raises(RequestRefused) as refused:
        answer(**changed)
    return [str(problem) for problem in refused.value.problems]


def test_a_course_of_which_too_much_is_open_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each open point is run by itself: a plan that somebody sends could have hundreds."""
    course = {"first_day": "2026-03-02", "visits": 10, "each_visit": [{"code": "97110"}, {"code": "20561"}]}
    asked = read_request({"plan": "template-employer-ppo", "zip": "98101", "course": course}, date(2026, 3, 2))
    monkeypatch.setattr(engine, "MOST_WORK", 399)
    estimate_asked(asked)
    monkeypatch.setattr(engine, "MOST_WORK", 100)

    with pytest.raises(RequestRefused) as refused:
        estimate_asked(asked)
    says = "Enter fewer visits: under this plan 20 services take too long to estimate."
    assert [Problem("visits", says)] == list(refused.value.problems)


def test_an_unknown_plan_is_named():
    """The exception carries what was asked for."""
    with pytest.raises(UnknownPlan) as unknown:
        answer(plan="no-such-plan")

    assert "no-such-plan" == unknown.value.plan


def test_a_plan_that_is_not_in_force_on_the_first_visit_says_when_it_is():
    """The day of service decides, not today."""
    with pytest.raises(PlanNotInForce) as out:
        answer(visits=[{**VISIT, "day": "2031-03-02"}])

    assert (date(2031, 3, 2), date(2027, 12, 31)) == (out.value.day, out.value.last_day)


def test_an_unknown_zip_is_named():
    """A ZIP that CMS does not list has no locality."""
    with pytest.raises(UnknownZip) as unknown:
        answer(zip="00000")

    assert "00000" == unknown.value.zip


def test_a_zip_on_a_border_of_price_areas_becomes_a_question_with_its_candidates():
    """The first candidate prices the estimate until the reader chooses."""
    straddling = next(
        question for question in answer(zip=_straddling_zip()).questions if question.asks == "zip-straddles"
    )

    assert 2 <= len(straddling.subject.split(", "))


def test_a_chosen_candidate_answers_the_question():
    """`locality` picks among the candidates."""
    straddling = _straddling_zip()
    chosen = answer(zip=straddling).questions[-1].subject.split(", ")[1]

    settled = answer(zip=straddling, locality=chosen)

    assert chosen == settled.inputs["locality"]
    assert "zip-straddles" not in [question.asks for question in settled.questions]


def test_a_locality_that_is_no_candidate_is_refused_with_the_candidates():
    """A typing error must not price another region."""
    assert ["locality: Choose one of these: 02402-02."] == problems(locality="01112-05")


def test_a_code_without_a_price_is_refused_at_its_line():
    """No price is ever taken as zero."""
    [problem] = problems(visits=[{"day": "2026-03-02", "services": [{"code": "97799"}]}])

    assert problem.startswith("visits.0.services.0: We don’t know a price for 97799")


def test_a_network_that_the_plan_does_not_have_is_refused_with_its_networks():
    """The choice stands in the sentence."""
    [problem] = problems(provider={"network": "gold"})

    assert problem.startswith("provider.network: Choose one of the plan’s networks: in-network")


def test_a_limit_that_the_plan_does_not_have_is_refused_with_its_limits():
    """A misspelt limit would otherwise count for nothing."""
    [problem] = problems(used={"limits": {"visits": 4}})

    assert problem.startswith("used.limits.visits: Choose one of the plan’s limits: kx-threshold")


def test_dollars_of_a_dollar_limit_may_be_written_whole_or_with_cents():
    """Both fill the limit alike."""
    whole = answer(used={"limits": {"kx-threshold": 2400}})
    cents = answer(used={"limits": {"kx-threshold": "2400.00"}})

    assert whole.typical.visits[0].balances == cents.typical.visits[0].balances


def test_an_inline_plan_with_mistakes_names_each_by_its_path():
    """The paths start at the request's own key."""
    found = problems(plan={"plan": "mine", "benefit": {}})

    assert all(problem.startswith("plan.") for problem in found)


def test_an_inline_plan_may_have_benefits_over_any_codes_when_the_request_brings_the_amounts():
    """Nothing of the shipped tables is needed."""
    plan = {
        "plan": "mine",
        "networks": {"in-network": {}},
        "benefits": {"care": {"services": ["99999"], "cost_share": {"in-network": {"copay": "15.00"}}}},
    }

    estimate = answer(plan=plan, visits=[{"day": "2026-03-02", "services": [{"code": "99999", "allowed": "80.00"}]}])

    assert 1500 == estimate.typical.owes


def test_a_copay_above_the_price_is_told_as_a_default():
    """The patient pays the lesser of copay and allowed amount, and the estimate says that it took this for granted."""
    plan = {
        "plan": "mine",
        "networks": {"in-network": {}},
        "benefits": {"care": {"services": ["97110", "97140"], "cost_share": {"in-network": {"copay": "40.00"}}}},
    }
    assumed = {}
    for allowed in ("30.00", "40.00", "50.00"):
        services = [{"code": "97110", "allowed": allowed}]
        estimate = answer(plan=plan, visits=[{"day": "2026-03-02", "services": services}])
        assumed[allowed] = "never-above-allowed" in [one.assumes for one in estimate.assumptions]
    two = [{"code": "97110", "allowed": "30.00"}, {"code": "97140", "allowed": "20.00"}]
    together = answer(plan=plan, visits=[{"day": "2026-03-02", "services": two}])

    assert {"30.00": True, "40.00": False, "50.00": False} == assumed
    assert "never-above-allowed" not in [one.assumes for one in together.assumptions]


def test_who_bears_an_exclusion_is_open_where_the_policy_does_not_say_it():
    """In network, and only where nobody wrote who is liable."""
    assumed = {}
    for liable in (None, "patient"):
        policy = {
            "policy": "p",
            "services": ["20561"],
            "position": "excluded",
            **({"liable": liable} if liable else {}),
        }
        plan = {
            "plan": "mine",
            "networks": {"in-network": {}},
            "benefits": {"care": {"services": ["97110"], "cost_share": {"in-network": {"copay": "40.00"}}}},
            "policies": [policy],
        }
        visit = {"day": "2026-03-02", "services": [{"code": "20561", "allowed": "38.08"}]}
        points = answer(plan=plan, visits=[visit]).open_points
        assumed[liable] = ["consent"] == [point.about for point in points]

    assert {None: True, "patient": False} == assumed


def test_the_inputs_name_what_an_estimate_can_be_made_again_from():
    """Plan fingerprint, price book, place, day and engine."""
    inputs = answer().inputs

    assert {"plan", "price_books", "locality", "as_of", "engine"} == set(inputs)
    assert "medicare-2026-RVU26C" == inputs["price_books"]


def test_visits_in_a_year_that_is_not_published_go_on_under_the_rules_of_this_one():
    """Next year's rules are not known; the estimate says so in one open point with one question."""
    estimate = answer(
        plan="tricare-prime-2026", visits=[{**VISIT, "day": "2026-12-28"}, {**VISIT, "day": "2027-01-04"}]
    )
    [point] = [point for point in estimate.open_points if point.about == "next-year"]

    assert ("2027", 0, 0) == (point.subject, point.adds.usual, point.adds.most)
    assert [("next-year", "2027")] == [
        (each.asks, each.subject) for each in estimate.questions if each.asks == "next-year"
    ]


def test_the_point_for_next_year_names_the_figures_that_go_on():
    """Each is the same at every price; what they add is not known. Proposed fees of January are told."""
    visits = [{**VISIT, "day": "2026-12-28"}, {**VISIT, "day": "2027-01-04"}]
    request = {"plan": "evergreen-ppo-silver", "zip": "98101", "visits": visits}
    estimate, plan = estimate_asked(read_request(request, TODAY))
    [point] = answer_json(answer_of(estimate, plan, {}))["open_points"]

    assert point["unpriced"]
    assert ["a copay of $40", "a deductible of $2,500", "a yearly maximum of $8,000"] == [
        each["says"] for each in point["carried"]
    ][:3]
    assert "a limit of 30 visits a benefit year" in point["says"]
    assert all(each["low"] == each["usual"] == each["high"] for each in point["carried"])
    assert ["2027-01-01"] == [each.subject for each in estimate.assumptions if each.assumes == "proposed-prices"]


@pytest.mark.parametrize(
    ("title", "deductible", "maximum", "december", "january"),
    [
        ("Gold 1700 HSA", "1700.00", "9000.00", "1700.00", "1750.00"),
        ("Own gold 1700", "1700.00", "9000.00", "1700.00", "1750.00"),
        ("Gold 1700", "1700.00", "9000.00", "1700.00", "1700.00"),
        ("Bronze HDHP", "8800.00", "8800.00", "8800.00", "8700.00"),
        ("Bronze", "13000.00", "13000.00", "13000.00", "12000.00"),
    ],
)
def test_a_year_without_rules_of_its_own_keeps_to_its_law(title, deductible, maximum, december, january):
    """The least deductible with a savings account is $1,750 in 2027, the most anyone pays $8,700, else $12,000.

    A plan that says it has one in its rules needs no title that does.
    """
    ceilings = {"deductible": {"person": deductible}, "out_of_pocket_max": {"person": maximum}}
    if title.startswith("Own"):
        ceilings["high_deductible"] = {"cite": "booklet p. 1"}
    share = {"coinsurance": "0%", "deductible": "applies"}
    plan = {
        "title": title,
        "market": "employer",
        "in_force": {"first_day": "2026-01-01", "last_day": "2026-12-31"},
        "sources": {"booklet": {"title": "B", "url": "none", "read_on": "2026-11-23", "confidence": "high"}},
        "networks": {"in-network": ceilings},
        "benefits": {"physical-therapy": {"services": ["pt-timed"], "cost_share": {"in-network": share}}},
    }
    service = {"code": "97110", "minutes": 15, "allowed": "20000.00"}
    visits = [{"day": day, "services": [service]} for day in ("2026-12-28", "2027-01-04")]
    course = answer(plan=plan, visits=visits)
    alone = answer(plan=plan, visits=visits[1:])

    assert [december, january] == [str(visit.owes) for visit in course.typical.visits]
    assert [january] == [str(visit.owes) for visit in alone.typical.visits]
    assert ["next-year"] == [point.about for point in alone.open_points]


@pytest.mark.parametrize("plan", ["original-medicare-2026", "template-employer-ppo", "evergreen-ppo-silver"])
def test_a_course_over_new_year_costs_at_each_visit_what_asking_it_alone_does(plan):
    """By a 2027 revision of another id, of the same id, and by the rules of 2026; at the prices of each day."""
    course = {"first_day": "2026-12-14", "visits": 8, "per_week": 2, "each_visit": [{"code": "97110", "minutes": 30}]}
    request = {"plan": plan, "as_of": "2026-11-23", "zip": "60614", "course": course}
    whole, _ = estimate_asked(read_request(request, TODAY))
    reached: dict[int, int] = {}
    for visit in whole.typical.visits:
        paid = str(Money(reached.get(visit.day.year, 0)))
        alone = {
            **request,
            "as_of": visit.day.isoformat(),
            "used": {"deductible_paid": paid, "out_of_pocket_paid": paid},
        }
        alone["course"] = {**course, "first_day": visit.day.isoformat(), "visits": 1}
        found, _ = estimate_asked(read_request(alone, TODAY))
        steps = [step for line in visit.lines for step in line.steps if isinstance(step.finding, DeductibleTaken)]
        reached[visit.day.year] = reached.get(visit.day.year, 0) + sum(int(step.owes) for step in steps)

        assert visit.owes == found.typical.visits[0].owes
        assert visit.lines[0].allowed == found.typical.visits[0].lines[0].allowed
    assert {2026, 2027} == {visit.day.year for visit in whole.typical.visits}


def _straddling_zip():
    from estimator.prices.books import find_zip

    for number in range(94500, 95200):
        try:
            place = find_zip(f"{number}")
        except UnknownZip:
            continue
        if place.straddles:
            return place.zip
    raise AssertionError


MEDICARE_ADVANTAGE = {
    "plan": "a-second-plan",
    "title": "A second plan",
    "payer": "UnitedHealthcare",
    "kind": "example",
    "market": "medicare-advantage",
    "in_force": {"first_day": "2026-01-01"},
    "networks": {"in-network": {}},
    "benefits": {"physical-therapy": {"services": ["97110"], "cost_share": {"in-network": {"copay": "20.00"}}}},
}


def second(plan, **changed):
    """Return a second plan with what it inherits."""
    request = {"plan": "original-medicare-2026", "visits": [VISIT], "secondary": {"plan": plan}, **changed}
    return second_laid(read_request(request, TODAY), folder_shelf(plans_folder()), None)


def test_a_second_plan_inherits_the_rules_of_the_state_of_the_zip_code():
    """UnitedHealthcare's rule on approval came to Arizona in February 2026."""
    january = [{**VISIT, "day": "2026-01-20"}]
    phoenix, miami = (second(MEDICARE_ADVANTAGE, zip=each, visits=january) for each in ("85001", "33101"))

    assert "uhc-medicare-advantage-before-february" in [layer.id for layer in phoenix.layers]
    assert "uhc-medicare-advantage-before-february" not in [layer.id for layer in miami.layers]


def test_a_mistake_in_a_second_plan_names_its_own_key():
    """The first plan is not to be corrected."""
    with pytest.raises(RequestRefused) as refused:
        second({**MEDICARE_ADVANTAGE, "kind": "mine"})

    assert ["secondary.plan.kind"] == [problem.path for problem in refused.value.problems]


def test_each_revision_of_a_second_plan_inherits_too():
    """The typical employer plan goes on into 2027 with the position that is usual in its market."""
    days = ["2026-12-14", "2027-01-11"]
    laid = second("template-employer-ppo", visits=[{**VISIT, "day": day} for day in days])
    [later] = laid.plan.later

    assert [policy.name for policy in laid.plan.policies] == [policy.name for policy in later.policies]


def test_a_plan_that_pays_after_medicare_may_be_named_alone():
    """Medigap G alone is Original Medicare with Medigap G as the second plan."""
    alone = answer(plan="medigap-g")
    both = answer(secondary={"plan": "medigap-g"})

    assert both.typical == alone.typical
    assert both.inputs == alone.inputs


def test_a_supplement_goes_on_with_the_medicare_of_each_year():
    """It names the first of the revisions that it pays after."""
    found = answer(plan="medigap-g", visits=[{**VISIT, "day": "2027-02-01"}])

    assert str(found.inputs["plan"]).startswith("original-medicare-2027@")


def test_a_supplement_goes_after_medicare_alone():
    """Nobody has Medigap beside an employer's plan that pays first."""
    [problem] = problems(plan="template-employer-ppo", secondary={"plan": "medigap-g"})

    assert problem.startswith("secondary.plan: This plan pays only after Original Medicare.")


def test_a_supplement_takes_no_second_plan():
    """It is the second plan itself."""
    words = "secondary: Leave this out: the plan that you named pays after another one already."

    assert [words] == problems(plan="medigap-g", secondary={"plan": "wa-lni"})


def test_the_kx_threshold_and_the_review_threshold_count_the_same_dollars():
    """2,950 toward one of them is 2,950 toward both; one visit of 100 passes the 3,000 of the other."""
    used = {"limits": {"kx-threshold": "2950.00"}}
    found = answer(used=used, visits=[{**VISIT, "services": [{"code": "97110", "allowed": "100.00"}]}])

    assert [("kx-threshold", 305_000), ("medical-review", 305_000)] == [
        (balance.name, balance.used) for balance in found.typical.visits[0].balances if balance.measure == "dollars"
    ]
    assert ("modifier-from", "medical-review") in [(point.kind, point.subject) for point in found.crossing_points]
