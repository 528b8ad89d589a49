"""The front of the answer page says why it could cost more, and advises nothing that cannot help."""

from dataclasses import replace
from datetime import date

from estimator.engine.answer import Adds, Condition, ConditionKind, Fork, OpenPoint
from estimator.engine.plan import Plan
from estimator.engine.usual import Bearer, Leaf
from estimator.engine.values import Money
from estimator.web.patient.answer_parts import by_service
from estimator.web.patient.form import fresh_answers
from estimator.web.patient.front import Front, front_of
from estimator.web.patient.pictures import course_bars, visit_chart
from estimator.wording.answer import Amounts, AnswerBalance, AnswerCrossing, Spread, answer_of
from tests.web.conftest import TODAY, Pages
from tests.wording.estimates import ESTIMATE, NAMES, PLAN

ADVANTAGE = replace(PLAN, market="medicare-advantage")
NEEDLING = OpenPoint("needling-cover", "needling", Adds(Money(0), Money(9000)), Leaf.CLINIC, "x", ("x",))
CONSENT = replace(NEEDLING, about="consent", usual=Bearer.PATIENT)
UNSIGNED = Fork("liability", "needling")
LIMIT = OpenPoint("limit", "therapy-visits", Adds(Money(0), Money(6000)), "x", "x", ("x",))


def front(*points: OpenPoint, plan: Plan = PLAN, **answers: str) -> Front:
    """Return the front of a small estimate with these open points."""
    adds = Adds(Money(0), Money(sum(point.adds.most for point in points)))
    opened = replace(ESTIMATE, open_points=points, open_total=adds)
    asked = {**fresh_answers(date.fromisoformat(TODAY)), **answers}
    answer = answer_of(opened, plan, NAMES)
    return front_of(answer, asked, by_service(answer), None, None)


def test_a_point_that_only_a_refusal_opens_says_so() -> None:
    """Medicare Advantage lets a clinic charge for needling only after a refusal in writing."""
    assert "for dry needling: only if your plan refuses in writing beforehand and you agree" == (
        front(NEEDLING, plan=ADVANTAGE).more_says
    )


def test_where_a_clinic_may_charge_without_a_signature_no_amount_is_promised() -> None:
    """Who does not sign may still pay where sources disagree; where nothing is signed, the plan is asked."""
    settled, unsure, asked = (
        front(point).first
        for point in (CONSENT, replace(CONSENT, holds=(UNSIGNED,)), replace(CONSENT, about="liability"))
    )

    assert [f"{settled.outcomes[0].amount}, perhaps more"] == [unsure.outcomes[0].amount]
    assert ("“If you don't pay for dry needling, can my clinic bill me?”", "They say no") == (
        asked.script,
        asked.outcomes[0].says,
    )


def test_a_point_that_no_refusal_opens_keeps_its_own_reason() -> None:
    """How a plan counts visits has nothing to do with a refusal in writing."""
    assert "for visit limit: how your plan counts these visits isn't known" == front(LIMIT, plan=ADVANTAGE).more_says


def test_several_points_are_added_up_without_naming_one_of_them() -> None:
    """The amount is that of all of them, so its words are too."""
    shown = front(NEEDLING, LIMIT)

    assert ("+ $0–$150", "for what isn't known") == (shown.more, shown.more_says)


def test_a_clinic_in_the_network_is_no_way_to_pay_less_without_a_plan() -> None:
    """Someone who pays cash has no network, even if the form still says one."""
    alone = replace(PLAN, market="self-pay")
    titles = [[way.title for way in front(plan=plan, network="out-of-network").ways] for plan in (PLAN, alone)]

    assert [True, False] == ["Use a clinic in your network" in each for each in titles]


def test_what_an_answer_costs_is_left_out_where_it_was_not_counted() -> None:
    """A saved estimate is not run again as if the plan had said yes."""
    assert () == front(NEEDLING).first.outcomes


def test_a_page_has_one_most_and_boxes_name_no_total_below_it() -> None:
    """Where prices or another point raise the most, a box adds to the number what its own point adds."""
    alone, beside = front(CONSENT), front(CONSENT, LIMIT)

    assert alone.first.outcomes[1].amount == f"{alone.first.outcomes[0].amount} + $0–$90"
    assert beside.first.outcomes[1].amount == alone.first.outcomes[1].amount
    answer = answer_of(replace(ESTIMATE, open_points=(CONSENT,)), PLAN, NAMES)
    sure = Money(9000)
    exact = replace(answer, settled=Amounts(sure, sure, sure), patient_owes=Amounts(sure, sure, Money(18000)))
    shown = front_of(exact, fresh_answers(date.fromisoformat(TODAY)), by_service(exact), None, None)
    assert ("$90 to $180", Money(18000)) == (shown.first.outcomes[1].amount, shown.range.high)


def test_labels_at_the_edges_of_the_visits_stay_within_the_picture() -> None:
    """On a phone a bar of twelve is narrower than the amount on top of it."""
    answer = answer_of(ESTIMATE, PLAN, NAMES)
    course = replace(answer, settled_visits=answer.settled_visits[:1] * 12)
    chart = visit_chart(course, [(5, "Deductible met")], [(0, "$0"), (20000, "$200")])
    labels = [bar.most for bar in chart.bars if bar.most.words]

    assert [("0%", "start"), ("45.83%", "middle"), ("100%", "end")] == [(each.x, each.anchor) for each in labels]
    assert ["4.17%", "45.83%", "95.83%"] == [bar.number.x for bar in chart.bars if bar.number.words]


def test_visits_with_needling_are_told_apart_in_one_sentence(pages: Pages) -> None:
    """Who reads only the sentence sees what needling adds."""
    asked = {"zip": "98101", "plan": "template-employer-ppo", "visits": "12"}
    said = pages.send(**asked).one("main").text

    assert "$40 (up to $75) a visit; $40 (up to $160) with dry needling." in said


def test_where_state_law_bars_needling_nobody_asks_whether_the_plan_pays(pages: Pages) -> None:
    """In California the row says why, and the box that could change nothing is gone."""
    page = pages.send(zip="90012", plan="template-employer-ppo", visits="8")

    assert "Not allowed in this state now" in page.one("table", class_="covered").text
    assert "for visits without dry needling" in page.one("section", class_="answer").text
    assert "now_covered" not in page.one("form", class_="mini").typed()


def test_the_box_on_needling_begins_with_what_the_answer_counts_with(pages: Pages) -> None:
    """A rule that is known is no “I don't know”, and leaving it as it is tells nothing new."""
    asked = {"zip": "60614", "plan": "template-employer-ppo", "visits": "8"}
    known = pages.send(**asked, insurer="Aetna").one("form", class_="mini").typed()

    assert ("no", "no") == (known["now_covered"], known["was_covered"])
    assert "unknown" == pages.send(**asked).one("form", class_="mini").typed()["now_covered"]


def test_finishing_before_the_new_year_is_advised_only_where_it_saves() -> None:
    """A deductible that was met starts over; one that was never met costs the same in any year."""
    answer = answer_of(ESTIMATE, PLAN, NAMES)
    first, second = answer.settled_visits[0], answer.settled_visits[-1]
    restarts = AnswerCrossing("benefit-year-restarts", second.number, second.day, "", "")
    took = replace(first.lines[0].steps[0], finding="deductible-taken", amount=Money(4000))
    later = replace(second, lines=(replace(second.lines[0], steps=(took,)),))
    titles = []
    for left in (0, 9000):
        balances = replace(first.accumulators, deductible=AnswerBalance(Money(0), Money(9000), Money(left)))
        course = (replace(first, accumulators=balances), later)
        shown = replace(answer, settled_visits=course, crossing_points=(restarts,), open_points=(), conditions=())
        ways = front_of(shown, fresh_answers(date.fromisoformat(TODAY)), by_service(shown), None, None).ways
        titles.append([(way.title, way.saves) for way in ways if "new year" in way.title])

    assert [[("Finish before your plan's new year", "Avoid up to $40")], []] == titles
    limits = front_of(shown, fresh_answers(date.fromisoformat(TODAY)), by_service(shown), None, None).limits
    assert f"Your deductible starts over at visit {second.number}: a new year." == limits


def test_a_price_range_is_never_drawn_as_something_nobody_knows() -> None:
    """The band between the usual and the highest price is its own; only what is open beyond it is hatched."""
    answer = answer_of(ESTIMATE, PLAN, NAMES)
    priced = replace(
        answer.settled_visits[0],
        settled=Amounts(Money(4000), Money(5000), Money(8000)),
        range=Spread(Money(4000), Money(10000)),
    )
    (bar,) = visit_chart(replace(answer, settled_visits=(priced,)), [], [(0, "$0"), (10000, "$100")]).bars

    assert (85, 51, 34) == (bar.known_height, bar.price_height, bar.open_height)
    assert bar.open_y + bar.open_height == bar.price_y
    assert bar.price_y + bar.price_height == bar.known_y


def test_the_call_to_make_says_what_the_reasons_say() -> None:
    """Where the plan wants to approve first, there is something to do first."""
    needed = Condition(ConditionKind.AUTHORIZATION, 1, 2, Money(-9000), Money(9000))
    answer = answer_of(replace(ESTIMATE, open_points=(), conditions=(needed,)), PLAN, NAMES)
    shown = front_of(answer, fresh_answers(date.fromisoformat(TODAY)), by_service(answer), None, None)

    assert "Ask the clinic to get your plan's approval first." == shown.do
    assert "Get approval first" == shown.first.title


def test_a_referral_is_asked_for_beside_the_price() -> None:
    """A question of money is no reason to leave out what the plan wants before it pays anything."""
    needed = Condition(ConditionKind.REFERRAL, 1, 2, Money(-9000), Money(9000))
    answer = answer_of(replace(ESTIMATE, open_points=(CONSENT,), conditions=(needed,)), PLAN, NAMES)
    shown = front_of(answer, fresh_answers(date.fromisoformat(TODAY)), by_service(answer), None, None)

    assert shown.do.startswith("Get a referral. Ask the clinic for its price")


def test_who_pays_more_when_the_plan_says_yes_reads_why() -> None:
    """Covered needling costs a share, such as the full price until the deductible is met."""
    answer = answer_of(replace(ESTIMATE, open_points=(NEEDLING,)), PLAN, NAMES)
    asked, least = fresh_answers(date.fromisoformat(TODAY)), answer.settled.typical
    says = [
        front_of(answer, asked, by_service(answer), covered, None).first.outcomes[0].says
        for covered in (least, Money(least + 25700))
    ]

    assert ["They say yes", "They say yes (you pay your share)"] == says


def test_the_rules_of_a_typical_plan_are_not_said_to_be_ones_own(pages: Pages) -> None:
    """A copay and a count of visits that nobody told are called typical; a copay that was told is not."""
    asked = {"zip": "98101", "plan": "template-employer-ppo", "visits": "8"}
    said = pages.send(**asked).one("section", class_="answer").text

    assert "You pay $40 a visit (typical copay)." in said
    assert "A typical plan covers 30 visits; 22 left after these." in said


def test_what_a_visit_brings_about_is_drawn_after_it() -> None:
    """The visit that meets the deductible still pays toward it."""
    answer = answer_of(ESTIMATE, PLAN, NAMES)
    visit = answer.settled_visits[0]
    met, restarts = (
        AnswerCrossing(kind, visit.number, visit.day, "", "") for kind in ("deductible-met", "benefit-year-restarts")
    )
    turns = [course_bars(replace(answer, crossing_points=(point,))).turns[0].x for point in (met, restarts)]

    assert [f"{100 / len(answer.settled_visits):.2f}%", "0.00%"] == turns
