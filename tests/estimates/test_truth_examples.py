"""The worked examples of what the number means: settled, open and typical, asked as a request and answered as JSON.

Twelve visits of exercise, a copay each, and dry needling at the published range of clinics' fees: 27, 45 and 85.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from unittest import mock

import pytest

from estimator.engine.prices import ClinicPrices
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.catalogue_file import catalogues, read_catalogue
from estimator.prices.books import service_codes
from estimator.settings import plans_folder
from estimator.wording.answer import answer_of
from estimator.wording.answer_schema import answer_json
from estimator.wording.text import text_of

TODAY = date(2026, 11, 29)
NAMES = {code: service.words for code, service in service_codes().items()}
EXERCISE = {"code": "97110", "allowed": "100.00"}
NEEDLING = {"code": "20561"}
SEATTLE, LOS_ANGELES, CHICAGO = "98101", "90001", "60614"


def weekly(count, *lines, first=date(2026, 3, 2)):
    """Write so many visits of these services, a week apart."""
    return [{"day": str(first + timedelta(days=7 * at)), "services": list(lines)} for at in range(count)]


TWELVE = weekly(12, EXERCISE, NEEDLING)
TWELVE_WITHOUT = weekly(12, EXERCISE)


def plan(market="employer", position="unknown", copay="40.00"):
    """Write a plan with one copay and what its payer says of needling."""
    share = {"copay": copay, "deductible": "waived"}
    return {
        "market": market,
        "networks": {"in-network": {}},
        "benefits": {"therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": share}}},
        "policies": [{"policy": "needling", "services": ["dry-needling"], "position": position}],
    }


def answered(plan, visits=TWELVE, zip=SEATTLE, **more):
    """Return the JSON answer of a request."""
    written = {"plan": plan, "as_of": "2026-01-02", "visits": visits, "zip": zip, **more}
    estimate, read = estimate_asked(read_request(written, TODAY), clinic=ClinicPrices())
    return answer_json(answer_of(estimate, read, NAMES))


def told(asks, answer, subject=""):
    """Write a call with one answer."""
    return [{"on": "2026-01-02", "answers": [{"asks": asks, "subject": subject, "answer": answer}]}]


def whole(amount):
    """Return whole dollars; the examples have no cents."""
    assert amount.endswith(".00"), amount
    return int(amount[:-3])


def figures(answer):
    """Return settled, the points that can cost something, typical and high, in dollars."""
    settled, owes = answer["settled"], answer["patient_owes"]
    points = [
        (each["about"], *(whole(each["adds"][key]) for key in ("least", "usual", "most")))
        for each in answer["open_points"]
        if each["adds"]["most"] != "0.00"
    ]
    assert settled["low"] == owes["low"]
    return whole(settled["typical"]), points, whole(owes["typical"]), whole(owes["high"])


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (plan(position="investigational"), (480, [("consent", 0, 540, 1020)], 1020, 1500)),
        (plan(), (480, [("needling-cover", 0, 540, 1020)], 1020, 1500)),
        (plan("medicare", "excluded"), (480, [("consent", 0, 540, 1020)], 1020, 1500)),
        (plan("medicare-advantage", copay="20.00"), (240, [("needling-cover", 0, 0, 1020)], 240, 1260)),
    ],
    ids=["investigational", "unknown", "original-medicare", "medicare-advantage"],
)
def test_twelve_visits_with_needling_and_consent_not_answered(case, expected):
    """The table: settled, what the point adds, typical and high."""
    assert expected == figures(answered(case))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (plan(position="investigational"), (480, [], 480, 480)),
        (plan(), (480, [("needling-cover", 0, 0, 1020)], 480, 1500)),
        (plan("medicare", "excluded"), (480, [("liability", 0, 0, 1020)], 480, 1500)),
        (plan("medicare-advantage", copay="20.00"), (240, [], 240, 240)),
    ],
    ids=["investigational", "unknown", "original-medicare", "medicare-advantage"],
)
def test_twelve_visits_with_needling_and_nothing_signed(case, expected):
    """Saying no closes the point, or leaves the one that was nested in it."""
    assert expected == figures(answered(case, signed_consent=False))


def test_where_the_state_prohibits_needling_nothing_is_open():
    """California: the law ends the matter before any fee."""
    answer = answered(plan(), zip=LOS_ANGELES)

    assert (480, [], 480, 480) == figures(answer)
    assert "not-in-scope" not in {each["about"] for each in answer["open_points"]}


PAID = "You'd pay $480 for 12 visits with your plan. Dry needling:"


@pytest.mark.parametrize(
    ("case", "zip", "starts"),
    [
        (plan(), SEATTLE, "You'd pay $480 for 12 visits with your plan. Dry needling: $0 to $1,020 more – your"),
        (plan(position="investigational"), SEATTLE, "You'd pay $480 for 12 visits with your plan. Dry needling: $0 to"),
        (plan("medicare-advantage", copay="20.00"), SEATTLE,
         "You'd pay $240 for 12 visits with your plan. Dry needling: $0; up to $1,020 only if your plan refuses in"),
        (plan("medicare", "excluded"), SEATTLE,
         f"{PAID} $0 to $1,020 more – Medicare doesn't pay for it; the clinic may charge you if you sign its"),
        (plan("tricare"), SEATTLE, f"{PAID} $0; up to $1,020 only if you sign a waiver beforehand that names"),
        (plan("medicaid"), SEATTLE, f"{PAID} $0; up to $1,020 only if you agree in writing beforehand and your state"),
        (plan("va", "excluded"), SEATTLE, f"{PAID} $0 to $1,020 more – your plan doesn't pay for it, and it isn't"),
        (plan(), LOS_ANGELES, "You'd pay $480 for 12 visits with your plan."),
    ],
)  # fmt: skip
def test_the_headline_says_what_is_settled_and_then_what_is_open(case, zip, starts):
    """All known: one number, said exactly."""
    assert answered(case, zip=zip)["summary"].startswith(starts)


def test_a_deductible_and_a_percentage_settle_at_the_reading_that_costs_least():
    """Covered 624, bundled 560, not paid with consent 560 + 8 × 45: settled 560, the point adds 0, 360 or 680."""
    stated = plan()
    stated["networks"]["in-network"] = {"deductible": {"person": "500.00"}, "out_of_pocket_max": {"person": "9000.00"}}
    stated["benefits"]["therapy"]["cost_share"]["in-network"] = {"coinsurance": "20%", "deductible": "applies"}
    prices = [{"code": "20561", "amount": "40.00"}]
    visits = weekly(8, EXERCISE, NEEDLING)

    answer = answered(stated, visits, contract=prices)
    covered = answered(stated, visits, contract=prices, told=told("payable", "covered", "20561"))

    assert (560, [("needling-cover", 0, 360, 680)], 920, 1240) == figures(answer)
    assert 624 == figures(covered)[2]


def test_a_plan_of_tricare_asks_nothing_for_what_is_not_signed():
    """Nothing is owed beyond the share of 0; needling costs its fee only after a waiver."""
    assert (0, [("consent", 0, 0, 1020)], 0, 1020) == figures(answered("tricare-prime-2026"))


def test_a_plan_of_the_federal_employees_adds_a_specialists_bill():
    """12 × 35, and 15 more a visit where a specialist bills."""
    assert (420, [("cost-share", 0, 0, 180)], 420, 600) == figures(answered("fep-blue-basic-2026", TWELVE_WITHOUT))


@pytest.fixture(scope="module")
def imported():
    """A plan of the official file of Medicare Advantage: a copay of $20, and nothing said of needling."""
    definitions = (each.definition for path in catalogues(plans_folder()) for each in read_catalogue(path)[1])
    return next(each for each in definitions if each["plan"] == "h5521-329-0-az")


def test_a_medicare_advantage_plan_charges_needling_only_after_a_determination(imported):
    """12 × 20, and nothing for needling unless the plan said no in writing before the visit."""
    settled, points, typical, _ = figures(answered(imported, zip="85001"))

    assert (240, 240) == (settled, typical)
    assert ("needling-cover", 0, 0, 1020) in points


def test_a_template_rests_on_an_assumed_copay_with_its_range():
    """Settled 480, from 240 to 900, and the template's copay is an assumption with what it is worth."""
    answer = answered("template-employer-ppo")
    assumed = {each["assumes"]: each["worth"] for each in answer["assumptions"]}

    assert {"low": "240.00", "typical": "480.00", "high": "900.00"} == answer["settled"]
    assert [("needling-cover", 0, 540, 1020)] == figures(answer)[1]
    assert {"less": "240.00", "more": "420.00"} == assumed["assumed-copay"]


def test_a_copay_that_was_told_replaces_that_of_a_template():
    """Settled 60 × visits, and the template's 40 appears nowhere."""
    answer = answered("template-employer-ppo", TWELVE_WITHOUT, told=told("cost-share", "60.00", "copay"))

    assert (720, [], 720, 720) == figures(answer)
    assert "$40" not in str(answer["visits"]) + str(answer["assumptions"]) + answer["summary"]


def test_a_yes_for_a_therapists_needling_is_not_put_under_a_benefit_of_physicians():
    """UnitedHealthcare's Medicare Advantage: one copay of $20 a visit, and no approval of that benefit is asked."""
    answer = answered("uhc-ma-2026-authorization", told=told("needling-policy", "covered", "20561"))

    assert "240.00" == answer["settled"]["typical"]
    assert "acupuncture-clbp" not in {each["subject"] for each in answer["open_points"]}


def test_of_two_calls_that_disagree_one_point_holds_what_the_older_one_leaves_open():
    """The newer says it is paid; by the older the fee may be asked, from $0 to $1,020: no second point adds to it."""
    older = told("needling-policy", "excluded", "20561")[0] | {"on": "2026-01-01"}
    answer = answered("template-employer-ppo", told=[*told("needling-policy", "covered", "20561"), older])

    assert (480, [("told-otherwise", 0, 0, 1020)], 480) == figures(answer)[:3]


def test_what_two_plans_leave_open_of_one_service_stays_two_points_beside_two_calls_that_disagree():
    """Out of network, both plans' needling is open, and what the newer call says changes neither."""
    newer, older = (told("network-cover", said, "out-of-network") for said in (True, False))
    answer = answered(
        "template-employer-ppo",
        weekly(4, {"code": "97110", "minutes": 30}, NEEDLING),
        provider={"network": "out-of-network"},
        secondary={"plan": "template-employer-ppo"},
        told=[*newer, older[0] | {"on": "2026-01-01"}],
    )

    about = [(each["about"], each.get("of_second", False)) for each in answer["open_points"]]
    assert [("needling-cover", False), ("needling-cover", True), ("told-otherwise", False)] == sorted(about)


@pytest.mark.parametrize(
    ("visits", "zip_code", "not_run"),
    [
        (TWELVE_WITHOUT, SEATTLE, 2),
        (TWELVE, SEATTLE, 2),
        (weekly(12, EXERCISE | {"allowed": "60.00"}), SEATTLE, 1),  # the copay of $75 is cut to the price
        (
            weekly(12, {"code": "97110", "minutes": 25}),
            CHICAGO,
            1,
        ),  # and here to the typical price, not to the high one
        (weekly(12, EXERCISE | {"allowed": "75.00"}), SEATTLE, 1),  # nothing of the price is left
        (weekly(12, EXERCISE | {"allowed": "15.00"}), SEATTLE, 0),
        (weekly(12, EXERCISE | {"allowed": "0.00"}), SEATTLE, 0),
        (weekly(31, EXERCISE), SEATTLE, 0),  # past the limit of 30 the price counts
    ],
)
def test_the_ends_of_an_assumed_copay_are_run_where_the_price_may_count(visits, zip_code, not_run):
    """Whole copays are the same at any price; everything else is worked out."""
    asked = read_request(
        {"plan": "template-employer-ppo", "as_of": "2026-01-02", "visits": visits, "zip": zip_code}, TODAY
    )
    answer, _ = estimate_asked(asked, clinic=ClinicPrices())
    with mock.patch("estimator.engine.estimate.owes_by_copays", return_value=None):
        all_run, _ = estimate_asked(asked, clinic=ClinicPrices())

    assert not_run * sum(len(visit["services"]) for visit in visits) == all_run.work - answer.work
    assert replace(answer, work=0) == replace(all_run, work=0)


@pytest.mark.parametrize("network", ["in-network", "out-of-network"])
@pytest.mark.parametrize(("basis", "amount"), [("per-visit", "85.00"), ("case-rate", "600.00")])
def test_what_is_read_as_covered_lies_in_a_rate_as_what_is_told_to_be_covered_does(basis, amount, network):
    """One rate for a visit or a course pays for all that is covered, needling that nobody has read about with it."""
    definition = plan()
    definition["networks"] = {"in-network": {}, "out-of-network": {"balance_bill": True}}
    definition["networks"][network] |= {"allowed": {"basis": basis, "amount": amount}}
    definition["benefits"]["therapy"]["cost_share"]["out-of-network"] = {"coinsurance": "40%", "deductible": "waived"}
    care = {"visits": weekly(3, {"code": "97110", "minutes": 30}, NEEDLING), "provider": {"network": network}}
    written = {"plan": definition, "as_of": "2026-01-02", "zip": SEATTLE, **care}
    asked = [read_request(written | more, TODAY) for more in ({}, {"told": told("payable", "covered", "20561")})]
    unread, covered = (estimate_asked(one, clinic=ClinicPrices())[0] for one in asked)
    [point] = [each for each in unread.open_points if each.about == "needling-cover"]

    assert covered.typical.owes == point.if_covered
    assert unread.low.owes <= covered.low.owes <= covered.high.owes <= unread.high.owes


def test_a_question_without_a_subject_is_answered_as_it_was_asked():
    """What a program reads in `questions` it may send back in `told`: the deductible of a plan that states none."""
    definition = plan()
    definition["networks"] = {"in-network": {"deductible": "unknown"}}
    definition["benefits"]["therapy"]["cost_share"]["in-network"]["deductible"] = "applies"
    [asked] = [each for each in answered(definition)["questions"] if each["asks"] == "deductible"]
    before, after = (answered(definition, told=told("deductible", "0.00", subject)) for subject in ("in-network", ""))

    assert "" == asked["subject"]
    assert before["patient_owes"] == after["patient_owes"]


@pytest.mark.parametrize("order", ["after-copay", "with-copay"])
def test_a_copay_that_is_the_whole_of_a_low_price_leaves_the_rest_of_a_higher_one_to_the_deductible(order):
    """At $20 the copay of $20 leaves nothing; at the usual price the deductible takes the rest, whatever the copay."""
    share = {"copay": "30.00", "deductible": order}
    definition = plan() | {
        "kind": "template",
        "networks": {"in-network": {"deductible": {"person": "500.00"}}},
        "benefits": {"therapy": {"services": ["physical-therapy"], "cost_share": {"in-network": share}}},
    }
    visits = weekly(3, {"code": "97110", "minutes": 15})
    written = {"plan": definition, "as_of": "2026-01-02", "visits": visits, "zip": SEATTLE}
    written |= {"provider": {"experience_factor": "75.13%"}, "told": told("deductible", "500.00", "in-network")}
    answer, _ = estimate_asked(read_request(written, TODAY), clinic=ClinicPrices())

    assert "20.00" == str(answer.low.visits[0].lines[0].allowed)
    assert "assumed-copay" not in {assumption.assumes for assumption in answer.assumptions}


def test_no_deductible_below_the_laws_least_stands_for_a_plan_with_a_health_savings_account():
    """$1,700 in 2026 (IRS Rev. Proc. 2025-19): twelve visits at $100 are due in full, whichever deductible it is."""
    answer = answered("template-employer-hdhp-hsa", TWELVE_WITHOUT)

    assert {"low": "1200.00", "typical": "1200.00", "high": "1200.00"} == answer["settled"]
    assert "assumed-deductible" not in {each["assumes"] for each in answer["assumptions"]}


def test_what_was_told_of_a_template_holds_for_its_next_year_too():
    """Four visits in December and four in January: 60 each, and nothing of a call asked again."""
    calls = told("cost-share", "60.00", "copay") + told("payable", "covered", "20561")
    visits = weekly(8, EXERCISE, NEEDLING, first=date(2026, 12, 7))

    answer = answered("template-employer-ppo", visits, told=calls, as_of="2026-11-29")

    assert (480, [], 480, 480) == figures(answer)
    assert "assumed-copay" not in {each["assumes"] for each in answer["assumptions"]}


def test_what_a_published_plan_told_of_a_years_amount_leaves_the_next_year_open():
    """The deductible of 2026 is not that of 2027, which is not published."""
    visits = weekly(12, EXERCISE, first=date(2026, 12, 21))
    calls = [{"on": "2026-01-02", "answers": [{"asks": "deductible", "answer": "283.00"}]}]

    answer = answered("original-medicare-2026", visits, told=calls, as_of="2026-11-29")

    assert "assumed-deductible" in {each["assumes"] for each in answer["assumptions"]}


def test_what_was_used_of_a_limit_reaches_its_unconfirmed_twin():
    """Both speak of the same visits: with 19 used, the second visit lies past the 20 that only the text says."""
    stated = plan(position="bundled")
    limits = {
        "therapy-visits": {"visits": 40, "per": "benefit-year"},
        "therapy-visits-unconfirmed": {"visits": 20, "per": "benefit-year", "confirmed": "no"},
    }
    stated["limits"] = limits
    stated["benefits"]["therapy"]["limits"] = list(limits)

    answer = answered(stated, weekly(2, EXERCISE), used={"limits": {"therapy-visits": 19}})

    assert (80, [("limit", 0, 0, 60)], 80, 140) == figures(answer)


@pytest.mark.parametrize(
    ("used", "worth"), [({}, [{"less": "256.00", "more": "0.00"}]), ({"deductible_paid": "0.00"}, [])]
)
def test_what_is_paid_of_a_deductible_counts_as_nothing_until_it_is_told(used, worth):
    """320 of the deductible and a fifth of 480; with the deductible met it would be a fifth of 800."""
    stated = plan(position="bundled")
    stated["networks"]["in-network"] = {"deductible": {"person": "320.00"}}
    stated["benefits"]["therapy"]["cost_share"]["in-network"] = {"coinsurance": "20%", "deductible": "applies"}

    answer = answered(stated, weekly(8, EXERCISE), used=used)

    assert "416.00" == answer["settled"]["typical"]
    assert worth == [each["worth"] for each in answer["assumptions"] if each["assumes"] == "deductible-not-started"]


@pytest.mark.parametrize(
    ("used", "worth"),
    [
        ({}, [{"less": "0.00", "more": "240.00"}]),
        ({"limits": {"therapy-visits": 0}}, []),
        ({"limit_days": {"therapy-visits": ["2026-01-05"]}}, []),
    ],
)
def test_what_is_used_of_a_limit_counts_as_nothing_until_it_is_told(used, worth):
    """Four visits at 40; with the 20 used up they'd be 100 each."""
    answer = answered(limited(), weekly(4, EXERCISE), used=used)

    assert (160, [], 160, 160) == figures(answer)
    assert worth == [each["worth"] for each in answer["assumptions"] if each["assumes"] == "limit-not-started"]


@pytest.mark.parametrize(
    ("setting", "day", "needs"),
    [
        ("hospital-outpatient", "2026-03-02", ["authorization"]),
        ("hospital-outpatient", "2025-09-29", []),
        ("office", "2026-03-02", []),
    ],
)
def test_cigna_wants_an_authorization_in_hospitals_since_october_2025(setting, day, needs):
    """After the evaluation; offices are not affected."""
    visits = [{"day": day, "services": [EXERCISE]}]
    answer = answered(plan(), visits, insurer="Cigna", provider={"setting": setting}, as_of=day)

    assert needs == [each["needs"] for each in answer["conditions"]]


def limited(**more):
    """Write a plan with 20 visits for 40 each, and what is said of other therapies."""
    stated = plan(position="bundled")
    stated["limits"] = {"therapy-visits": {"visits": 20, "per": "benefit-year", **more}}
    stated["benefits"]["therapy"]["limits"] = ["therapy-visits"]
    return stated


@pytest.mark.parametrize(
    ("said", "told_of", "expected"),
    [
        ({}, None, (80, [("limit", 0, 0, 60)], 80, 140)),
        ({"other_therapy_counts": "unknown"}, None, (80, [("limit", 0, 0, 60)], 80, 140)),
        ({"other_therapy_counts": "yes"}, None, (140, [], 140, 140)),
        ({"other_therapy_counts": "no"}, None, (80, [], 80, 80)),
        ({}, "yes", (140, [], 140, 140)),
        ({}, "no", (80, [], 80, 80)),
    ],
)
def test_visits_of_another_therapy_count_as_the_plan_says_and_are_open_where_it_does_not(said, told_of, expected):
    """Twenty for both together, or each: with nine visits of PT and ten of OT had, the second one may lie past it."""
    used = {"limits": {"therapy-visits": 9}, "other_therapy": 10}
    more = {} if told_of is None else {"told": told("limit-shared", told_of, "therapy-visits")}

    answer = answered(limited(**said), weekly(2, EXERCISE), used=used, **more)

    assert expected == figures(answer)
    assert (expected[1] != []) == ("limit-shared" in {each["asks"] for each in answer["questions"]})


def test_where_no_visit_of_another_therapy_was_had_nothing_is_asked_of_it():
    """A question that no answer of could move is none."""
    answer = answered(limited(), weekly(2, EXERCISE), used={"limits": {"therapy-visits": 9}})

    assert [] == [each for each in answer["questions"] if each["asks"] == "limit-shared"]


SHORT = weekly(2, {"code": "97110", "allowed": "31.00"}, {"code": "97140", "allowed": "28.00"})


def test_the_copay_of_a_visit_is_told_once_though_two_services_bear_it():
    """31 of it falls on the first service and 9 on the second, which bills need; a reader is told of 40."""
    written = {"plan": plan(position="bundled"), "as_of": "2026-01-02", "visits": SHORT, "zip": SEATTLE}
    told_to = answer_of(*estimate_asked(read_request(written, TODAY), clinic=ClinicPrices()), NAMES)
    first = answer_json(told_to)["visits"][0]
    text = text_of(told_to)

    assert [("40.00", "You pay your copay of $40.00 a visit.")] == [(e["amount"], e["says"]) for e in first["copays"]]
    assert ["31.00", "9.00"] == [line["patient_owes"] for line in first["lines"]]
    assert (1, 0) == (text.count("copay of $40.00 a visit"), text.count("falls on this service"))


def test_a_copay_above_all_prices_says_what_is_paid_of_it():
    """59 of 75."""
    copays = answered(plan(position="bundled", copay="75.00"), SHORT)["visits"][0]["copays"]

    says = "Your copay is $75.00 a visit. The services cost less, so you pay $59.00."
    assert [("59.00", says)] == [(each["amount"], each["says"]) for each in copays]


def test_a_copay_that_a_second_plan_takes_over_leaves_nothing_on_any_line():
    """The second plan pays the 40; no line is told as less than nothing."""
    second = {"plan": plan(position="bundled", copay="0.00")}
    written = {"plan": plan(position="bundled"), "as_of": "2026-01-02", "visits": SHORT, "secondary": second}
    told_to = answer_of(*estimate_asked(read_request(written, TODAY), clinic=ClinicPrices()), NAMES)

    lines = [line for visit in told_to.visits for line in visit.lines]
    assert {(0, 0)} == {(int(line.in_copay), int(line.own_owes)) for line in lines}
    assert "$-" not in text_of(told_to)


NEEDLED = {"diagnoses": ["M54.50"], "person": {"symptom_weeks": 20}}
MANIPULATED = {"code": "98940", "allowed": "30.00"}
CHIROPRACTOR, ACUPUNCTURIST, PHYSICIAN = ({"type": each} for each in ("chiropractor", "acupuncturist", "physician"))


@pytest.mark.parametrize(
    ("lines", "who", "more", "expected"),
    [
        ((MANIPULATED, EXERCISE), CHIROPRACTOR, {}, (12, [("consent", 0, 200, 200)], 212, 212)),
        ((NEEDLING,), ACUPUNCTURIST, NEEDLED, (0, [("needling-cover", 0, 110, 200)], 110, 200)),
        ((EXERCISE,), ACUPUNCTURIST, {}, (0, [("consent", 0, 200, 200)], 200, 200)),
        (({**NEEDLING, "allowed": "40.00"},), PHYSICIAN, NEEDLED, (16, [], 16, 16)),
        (
            ({**NEEDLING, "allowed": "40.00"},),
            PHYSICIAN,
            {},
            (0, [("diagnosis", 0, 80, 80), ("symptom-weeks", 0, 80, 80)], 16, 80),
        ),
    ],
    ids=["manipulation", "acupuncturist's needling", "acupuncturist's exercise", "physician", "no diagnosis"],
)
def test_under_medicare_who_treats_decides_what_is_paid(lines, who, more, expected):
    """Two visits, the deductible met: manipulation alone of a chiropractor, needling of those who may bill for it."""
    used = {"deductible_paid": "283.00"}

    assert expected == figures(
        answered("original-medicare-2026", weekly(2, *lines), provider=who, used=used, zip="85001", **more)
    )


def test_where_a_diagnosis_decides_whether_the_plan_pays_its_point_holds_what_is_not_paid():
    """Who bears it is a question of its own once the diagnosis is known."""
    asked = {"provider": PHYSICIAN, "used": {"deductible_paid": "283.00"}, "person": {"symptom_weeks": 20}}
    before = answered("original-medicare-2026", weekly(2, NEEDLING), **asked)
    after = answered("original-medicare-2026", weekly(2, NEEDLING), **asked, diagnoses=["M54.2"])
    [point] = (each for each in before["open_points"] if each["about"] == "diagnosis")

    says = "Your diagnosis: $0 to $200 more – it decides whether your plan pays for dry needling."
    assert (says, "as it costs you less") == (point["says"], point["usual_says"])
    assert "consent" not in {each["about"] for each in before["open_points"]}
    assert [("consent", 0, 110, 200)] == figures(after)[1]


@pytest.mark.parametrize(("who", "times"), [(CHIROPRACTOR, 1), ({"type": "physical-therapist"}, 0)])
def test_therapy_by_another_profession_is_counted_by_the_rules_of_therapists_and_says_so(who, times):
    """A plan that says nothing of chiropractors may have another copay and limit for them."""
    answer = answered(plan(), TWELVE_WITHOUT, provider=who)

    assert 480 == figures(answer)[0]
    assert times == [each["assumes"] for each in answer["assumptions"]].count("therapy-by-another")


def test_what_only_the_second_plan_knows_is_asked_of_it_and_settled_by_its_own_answer():
    """The first plan's answer on needling leaves the second one's open; each has its own point and its own question."""
    covers = plan(position="excluded", copay="0.00")
    beside = {"plan": {**plan(copay="30.00"), "payer": "Second Payer"}}

    before = answered(covers, secondary=beside, signed_consent=True)
    after = answered(covers, signed_consent=True, secondary=beside | {"told": told("payable", "covered", "20561")})

    assert [("needling-cover", True)] == [(e["about"], e["of_second"]) for e in before["open_points"]]
    [asked] = (each["says"] for each in before["questions"] if each["asks"] == "needling-policy")
    assert asked.startswith("Ask your second plan: “Can my provider bill 20561")
    assert "needling-cover" not in {each["about"] for each in after["open_points"]}


PERMITTED = (
    "template-employer-hmo",
    "fep-blue-basic-2026",
    "uhc-ma-2026-authorization",
    "tricare-prime-2026",
    "wa-lni",
)


@pytest.mark.parametrize("name", PERMITTED)
def test_leaving_out_a_referral_or_an_approval_is_never_told_as_a_saving(name):
    """Where a patient would owe less because the clinic isn't paid, the answer says not to count on it."""
    written = {"plan": name, "as_of": "2026-01-02", "visits": TWELVE, "zip": SEATTLE}
    told_to = answer_of(*estimate_asked(read_request(written, TODAY), clinic=ClinicPrices()), NAMES)
    conditions = answer_json(told_to)["conditions"]
    cheaper = [each["says"] for each in conditions if each["if_not"].startswith("-")]

    assert conditions
    assert all("don't count on paying less" in says for says in cheaper)
    assert re.search(r"owe \$[\d,.]+ less", text_of(told_to)) is None
